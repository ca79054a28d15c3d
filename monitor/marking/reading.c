#include "monitor/marking/reading.h"

#include "emul/base/mem.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a command prints ------------------------------------------------------------------- */

/* One reading as it is put together. */
struct draft {
    const struct marking_config *config;
    uint64_t *packets;
    bool *known;
};

static void note(struct draft *d, const char *flow, size_t len, json_int_t colour,
                 json_int_t packets)
{
    for (size_t f = 0; f < d->config->flow_count; f++) {
        const char *name = d->config->flows[f].name;
        if (strlen(name) != len || memcmp(name, flow, len) != 0)
            continue;
        d->packets[2 * f + (size_t)colour] = (uint64_t)packets;
        d->known[2 * f + (size_t)colour] = true;
    }
}

static bool take_line(struct draft *d, const char *line, size_t len)
{
    const char *flow;
    json_int_t colour, packets;
    json_t *o = json_loadb(line, len, 0, NULL);
    bool good = o != NULL &&
                json_unpack(o, "{s:s,s:I,s:I}", "flow", &flow, "colour", &colour, "packets",
                            &packets) == 0 &&
                (colour == 0 || colour == 1) && packets >= 0;
    if (good)
        note(d, flow, strlen(flow), colour, packets);
    json_decref(o);
    return good;
}

static bool take_lines(struct draft *d, const char *text, const char *what, struct err *err)
{
    size_t number = 0;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        number++;
        if (len > 0 && !take_line(d, at, len)) {
            err_set(err, ERR_TESTBED,
                    "%s: line %zu is no {\"flow\": name, \"colour\": 0|1, \"packets\": n}; mend "
                    "what prints it",
                    what, number);
            return false;
        }
        at += len + (at[len] == '\n');
    }
    return true;
}

static bool take_nftables(struct draft *d, const char *text, const char *what, struct err *err)
{
    json_t *root = json_loads(text, 0, NULL), *entry;
    size_t i;
    json_array_foreach(json_object_get(root, "nftables"), i, entry)
    {
        const json_t *counter = json_object_get(entry, "counter");
        const char *name = json_string_value(json_object_get(counter, "name"));
        const char *line = name != NULL ? strrchr(name, '_') : NULL;
        json_int_t packets = json_integer_value(json_object_get(counter, "packets"));
        if (line != NULL && (line[1] == '0' || line[1] == '1') && line[2] == '\0' && packets >= 0)
            note(d, name, (size_t)(line - name), line[1] - '0', packets);
    }
    if (root == NULL)
        err_set(err, ERR_TESTBED, "%s: what nft printed is no JSON", what);
    json_decref(root);
    return root != NULL;
}

static bool complete(const struct draft *d, const char *what, struct err *err)
{
    for (size_t i = 0; i < 2 * d->config->flow_count; i++) {
        if (d->known[i])
            continue;
        err_set(err, ERR_TESTBED, "%s: no counter of flow %s, colour %zu; add it", what,
                d->config->flows[i / 2].name, i % 2);
        return false;
    }
    return true;
}

int readings_parse(struct readings *r, const struct marking_config *c,
                   const struct mark_point *point, const char *text, int64_t begin_ns,
                   int64_t end_ns, struct err *err)
{
    struct draft d = {c, mem_zalloc(2 * c->flow_count, sizeof(*d.packets)),
                      mem_zalloc(2 * c->flow_count, sizeof(*d.known))};
    char *what = mem_printf("%s: point %s", c->file, point->name);
    bool good = (point->kind == POINT_NFTABLES ? take_nftables(&d, text, what, err)
                                               : take_lines(&d, text, what, err)) &&
                complete(&d, what, err);
    free(d.known);
    free(what);
    if (!good) {
        free(d.packets);
        return -1;
    }
    r->list = array_grow(r->list, r->count, &r->cap, sizeof(*r->list));
    r->list[r->count++] = (struct reading){begin_ns, end_ns, d.packets};
    return 0;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

bool readings_moved(const struct readings *r, size_t flow, int64_t since_ns)
{
    size_t i = 0;
    while (i < r->count && r->list[i].begin_ns < since_ns)
        i++;
    if (i + 1 >= r->count)
        return false;
    return memcmp(&r->list[i].packets[2 * flow], &r->list[i + 1].packets[2 * flow],
                  2 * sizeof(uint64_t)) != 0;
}

/* The last reading within [from, to]; NULL: none. */
static const struct reading *at_rest(const struct readings *r, int64_t from, int64_t to)
{
    for (size_t i = r->count; i-- > 0;) {
        if (r->list[i].begin_ns >= from && r->list[i].end_ns <= to)
            return &r->list[i];
    }
    return NULL;
}

void readings_settle(const struct readings *r, struct point_blocks *p, bool inverted,
                     const struct measured *m)
{
    int64_t block = p->config->block_ns, origin = p->config->origin_ns;
    for (int64_t n = m->first; n <= m->last && r->count > 0; n++) {
        int64_t begin = origin + n * block, end = begin + block;
        const struct reading *before = at_rest(r, begin - block, begin);
        const struct reading *after = at_rest(r, end, end + block);
        if (before == NULL && begin <= m->begun_ns)
            before = &r->list[0];
        if (after == NULL && end >= m->ending_ns)
            after = &r->list[r->count - 1];
        for (size_t f = 0; f < p->config->flow_count; f++) {
            size_t at = 2 * f + (((n & 1) != 0) != inverted ? 1 : 0);
            if (before == NULL || after == NULL)
                blocks_spoil(p, f, n, SPOIL_UNREAD);
            else if (after->packets[at] < before->packets[at])
                blocks_spoil(p, f, n, SPOIL_BACK);
            else if (after->packets[at] > before->packets[at])
                blocks_add(p, f, n, after->packets[at] - before->packets[at]);
        }
    }
}

void readings_free(struct readings *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->list[i].packets);
    free(r->list);
    *r = (struct readings){0};
}
