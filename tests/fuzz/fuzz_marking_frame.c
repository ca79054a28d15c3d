/* Frames at a measurement point: whatever comes is counted once or not at all, and settles. */
#include "monitor/marking/segments.h"
#include "tests/fuzz/file.h"

static struct marking_config *config_of(const char *mark)
{
    char text[300];
    struct err err = {0};
    (void)snprintf(text, sizeof(text),
                   "flows: [{name: a, group: 239.1.1.1, source: 10.0.0.1}, {name: b, group: "
                   "239.1.1.2}]\nmark: {field: %s}\nblock: {seconds: 10}\nclock: {max_offset_ms: "
                   "1}\npoints: [{name: x, capture: x}, {name: y, capture: y}]\n",
                   mark);
    struct marking_config *c = marking_load(fuzz_file((const uint8_t *)text, strlen(text)), &err);
    fuzz_check(c == NULL ? err.text : NULL);
    return c;
}

/* The first byte tells when the frame comes. */
static void count(const struct marking_config *c, const uint8_t *data, size_t size)
{
    struct point_blocks points[2];
    struct instant at = {(int64_t)data[0] * NS_PER_S - 50 * NS_PER_S};
    for (int i = 0; i < 2; i++)
        blocks_init(&points[i], c);
    size_t flow = blocks_frame(&points[0], data + 1, size - 1, at);
    (void)blocks_frame(&points[0], data + 1, size - 1, (struct instant){at.ns + 3 * NS_PER_S});
    (void)blocks_frame(&points[1], data + 1, size - 1, (struct instant){at.ns + NS_PER_MS});
    uint64_t packets = 0;
    for (int i = 0; i < 2; i++)
        blocks_settle(&points[i], false);
    for (size_t f = 0; f < c->flow_count; f++) {
        for (size_t i = 0; i < points[0].flows[f].count; i++)
            packets += points[0].flows[f].list[i].packets;
    }
    fuzz_check(packets != (flow < c->flow_count ? 2 : 0) ? "packets were lost in the count" : NULL);
    json_decref(segments_json(c, points, false));
    for (int i = 0; i < 2; i++)
        blocks_fini(&points[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct marking_config *dscp, *probe;
    if (dscp == NULL) {
        dscp = config_of("dscp, mask: 4, double: {mask: 8}");
        probe = config_of("probe");
    }
    if (size == 0)
        return 0;
    count(dscp, data, size);
    count(probe, data, size);
    return 0;
}
