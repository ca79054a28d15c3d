/* What routers' counters print: lines and nftables' JSON, of one-way loss and of marking. */
#include "monitor/marking/reading.h"
#include "monitor/oneway/counters.h"
#include "tests/fuzz/file.h"

static void oneway(const char *text)
{
    struct err err = {0};
    struct counters c = {0};
    int (*const parsers[])(struct counters *, const char *, const char *,
                           struct err *) = {counters_parse, counters_parse_set};
    for (int i = 0; i < 2; i++) {
        if (parsers[i](&c, text, "x", &err) == 0) {
            uint64_t packets;
            for (size_t k = 0; k < c.count; k++)
                fuzz_check(!counters_get(&c, c.list[k].interval, &packets) ||
                                   packets != c.list[k].packets
                               ? "an interval is not found"
                               : NULL);
        } else {
            fuzz_check(err.code != ERR_TESTBED ? "refused without a word" : NULL);
        }
        counters_free(&c);
    }
}

static void marking(const struct marking_config *config, const char *text)
{
    static const enum point_kind kinds[] = {POINT_COMMAND, POINT_NFTABLES};
    static char name[] = "r";
    for (int i = 0; i < 2; i++) {
        const struct mark_point point = {.name = name, .kind = kinds[i]};
        struct readings r = {0};
        struct err err = {0};
        int rc = readings_parse(&r, config, &point, text, 0, 1, &err);
        fuzz_check((rc == 0) != (r.count == 1) || (rc == 0) != (err.code == ERR_NONE)
                       ? "neither taken nor refused"
                       : NULL);
        readings_free(&r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char file[] =
        "flows: [{name: tv1, group: 239.1.1.1}]\nmark: {field: probe}\nblock: {seconds: 10}\n"
        "points: [{name: x, capture: x}, {name: y, capture: y}]\n";
    static struct marking_config *config;
    struct err err = {0};
    if (config == NULL)
        config = marking_load(fuzz_file((const uint8_t *)file, strlen(file)), &err);
    fuzz_check(config == NULL ? err.text : NULL);
    char *text = calloc(size + 1, 1);
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    oneway(text);
    marking(config, text);
    free(text);
    return 0;
}
