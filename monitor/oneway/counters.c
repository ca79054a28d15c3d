#include "monitor/oneway/counters.h"

#include "emul/base/mem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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

bool counters_get(const struct counters *c, uint64_t interval, uint64_t *packets)
{
    struct counter key = {interval, 0};
    const struct counter *found =
        c->count == 0 ? NULL : bsearch(&key, c->list, c->count, sizeof(*c->list), by_interval);
    if (found != NULL)
        *packets = found->packets;
    return found != NULL;
}

void counters_free(struct counters *c)
{
    free(c->list);
    *c = (struct counters){0};
}
