#include "monitor/oneway/counters.h"

#include "emul/base/mem.h"
#include "emul/io/command.h"
#include "emul/io/netns.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX  (16 * 1024 * 1024)
#define WORDS_MAX 3 /* family, table, set */

uint16_t counters_port(uint64_t interval)
{
    return (uint16_t)(COUNTERS_PORT_FIRST + interval % COUNTERS_PORTS);
}

static void add(struct counters *c, uint64_t interval, uint64_t packets)
{
    c->list = array_grow(c->list, c->count, &c->cap, sizeof(*c->list));
    c->list[c->count++] = (struct counter){interval, packets};
}

static int by_interval(const void *left, const void *right)
{
    const struct counter *a = left, *b = right;
    return (a->interval > b->interval) - (a->interval < b->interval);
}

static bool read_line(struct counters *c, const char *line, size_t len)
{
    json_int_t interval, packets;
    json_t *o = json_loadb(line, len, 0, NULL);
    bool good = o != NULL &&
                json_unpack(o, "{s:I,s:I}", "interval", &interval, "packets", &packets) == 0 &&
                interval >= 0 && packets >= 0;
    if (good)
        add(c, (uint64_t)interval, (uint64_t)packets);
    json_decref(o);
    return good;
}

static int in_order(struct counters *c, const char *what, struct err *err)
{
    if (c->count > 0)
        qsort(c->list, c->count, sizeof(*c->list), by_interval);
    for (size_t i = 1; i < c->count; i++) {
        if (c->list[i].interval == c->list[i - 1].interval) {
            err_set(err, ERR_TESTBED, "%s: interval %llu stands twice", what,
                    (unsigned long long)c->list[i].interval);
            return -1;
        }
    }
    return 0;
}

int counters_parse(struct counters *c, const char *text, const char *what, struct err *err)
{
    size_t number = 0;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        number++;
        if (len > 0 && !read_line(c, at, len)) {
            err_set(err, ERR_TESTBED,
                    "%s: line %zu is no {\"interval\": n, \"packets\": n}; mend what prints it",
                    what, number);
            return -1;
        }
        at += len + (at[len] == '\n');
    }
    return in_order(c, what, err);
}

/* ---- nftables -------------------------------------------------------------------------------- */

/* Adds the elements of one set; false: one of them is no port with a counter. */
static bool add_elements(struct counters *c, const json_t *set)
{
    size_t i;
    json_t *e;
    json_array_foreach(json_object_get(set, "elem"), i, e)
    {
        const json_t *elem = json_object_get(e, "elem");
        const json_t *port = json_object_get(elem, "val");
        const json_t *packets = json_object_get(json_object_get(elem, "counter"), "packets");
        if (!json_is_integer(port) || !json_is_integer(packets) || json_integer_value(packets) < 0)
            return false;
        json_int_t n = json_integer_value(port) - COUNTERS_PORT_FIRST;
        if (n >= 0 && n < (json_int_t)COUNTERS_PORTS) /* others' packets pass the set too */
            add(c, (uint64_t)n, (uint64_t)json_integer_value(packets));
    }
    return true;
}

int counters_parse_set(struct counters *c, const char *text, const char *what, struct err *err)
{
    json_error_t wrong;
    json_t *root = json_loads(text, 0, &wrong);
    size_t i;
    json_t *entry, *set = NULL;
    json_array_foreach(json_object_get(root, "nftables"), i, entry)
    {
        if (set == NULL)
            set = json_object_get(entry, "set");
    }
    bool good = set != NULL && add_elements(c, set);
    if (root == NULL)
        err_set(err, ERR_TESTBED, "%s: what nft printed is no JSON: %.100s", what, wrong.text);
    else if (!good)
        err_set(err, ERR_TESTBED,
                "%s: no set of UDP ports with counters; make it with 'add set ... { type "
                "inet_service; flags dynamic; counter; size 65535; }'",
                what);
    json_decref(root);
    c->complete = true;
    return good ? in_order(c, what, err) : -1;
}

/* ---- where they come from -------------------------------------------------------------------- */

static int from_command(struct counters *c, const struct command_spec *spec, const char *what,
                        int (*parse)(struct counters *, const char *, const char *, struct err *),
                        struct err *err)
{
    struct command_result r;
    char why[COMMAND_WHY_MAX];
    command_run(spec, &r);
    int rc = -1;
    if (r.end == COMMAND_DONE)
        rc = parse(c, r.text, what, err);
    else
        err_set(err, ERR_TESTBED, "%s: %s%s%s", what, command_why(spec, &r, why),
                r.last[0] != '\0' ? ": " : "", r.last);
    command_result_free(&r);
    return rc;
}

static int read_command(struct counters *c, const struct oneway_file *f, const char *what,
                        struct err *err)
{
    const char *const argv[] = {"sh", "-c", f->counters_text, NULL};
    struct command_spec spec = {.argv = argv,
                                .directory = f->directory,
                                .timeout_s = COUNTERS_TIMEOUT_S,
                                .output_max = TEXT_MAX};
    return from_command(c, &spec, what, counters_parse, err);
}

static int read_set(struct counters *c, const struct oneway_file *f, const char *what,
                    struct err *err)
{
    char words[256], *at = words, *word;
    const char *argv[4 + WORDS_MAX + 1] = {"nft", "-j", "list", "set"};
    size_t n = 4;
    (void)snprintf(words, sizeof(words), "%s", f->counters_text);
    while ((word = strsep(&at, " ")) != NULL && n < 4 + WORDS_MAX) {
        if (*word != '\0')
            argv[n++] = word;
    }
    struct command_spec spec = {
        .argv = argv, .timeout_s = COUNTERS_TIMEOUT_S, .output_max = TEXT_MAX};
    int old = f->counters_netns != NULL ? netns_enter(f->counters_netns, err) : -1;
    if (f->counters_netns != NULL && old < 0)
        return -1;
    int rc = from_command(c, &spec, what, counters_parse_set, err);
    if (old >= 0)
        netns_leave(old);
    return rc;
}

static int read_file(struct counters *c, const struct oneway_file *f, const char *what,
                     struct err *err)
{
    bool absolute = f->counters_text[0] == '/';
    char *path =
        mem_printf("%s%s%s", absolute ? "" : f->directory, absolute ? "" : "/", f->counters_text);
    FILE *file = fopen(path, "r");
    char *text = mem_zalloc(TEXT_MAX + 1, 1);
    size_t len = file != NULL ? fread(text, 1, TEXT_MAX, file) : 0;
    int rc = -1;
    if (file == NULL || ferror(file) != 0)
        err_set(err, ERR_USE, "%s: %s: %s", what, path, strerror(errno));
    else if (len == TEXT_MAX)
        err_set(err, ERR_USE, "%s: %s has more than %d bytes", what, path, TEXT_MAX);
    else
        rc = counters_parse(c, text, path, err);
    if (file != NULL)
        (void)fclose(file);
    free(text);
    free(path);
    return rc;
}

int counters_read(struct counters *c, const struct oneway_file *f, struct err *err)
{
    char *what = mem_printf("%s: counters %s", f->path, f->counters_text);
    int rc = -1;
    if (f->counters == COUNTERS_FILE)
        rc = read_file(c, f, what, err);
    else if (f->counters == COUNTERS_NFTABLES)
        rc = read_set(c, f, what, err);
    else
        rc = read_command(c, f, what, err);
    if (rc != 0)
        counters_free(c);
    free(what);
    return rc;
}

bool counters_get(const struct counters *c, uint64_t interval, uint64_t *packets)
{
    struct counter key = {interval, 0};
    const struct counter *found =
        c->count == 0 ? NULL : bsearch(&key, c->list, c->count, sizeof(*c->list), by_interval);
    *packets = found != NULL ? found->packets : 0;
    return found != NULL || c->complete;
}

void counters_free(struct counters *c)
{
    free(c->list);
    *c = (struct counters){0};
}
