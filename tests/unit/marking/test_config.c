/* The file of `mvpnbench marking`: what is taken, and the place and words of each complaint. */
#include "tests/unit/cu.h"
#include "tests/unit/marking/fixture.h"

#include <stdio.h>
#include <string.h>

#define FLOWS  "flows: [{name: tv1, group: 239.1.1.1}]\n"
#define MARK   "mark: {field: dscp, mask: 4}\n"
#define BLOCK  "block: {seconds: 10, origin: 0}\n"
#define POINTS "points: [{name: a, capture: a.pcap}, {name: b, interface: eth0, namespace: r1}]\n"

static void taken(void)
{
    struct err err = {0};
    struct marking_config *c = config_of(
        "flows: [{name: tv1, group: 239.1.1.1, source: 10.0.0.1}, {name: tv2, group: 239.1.1.2}]\n"
        "mark: {field: dscp, mask: 4, double: {field: dscp, mask: 8}}\n"
        "block: {seconds: 2.5, origin: 100}\n"
        "clock: {max_offset_ms: 1.5}\n"
        "seconds: 60\n"
        "segments: [[a, b], [a, c]]\n"
        "points:\n"
        "  - {name: a, capture: /x/a.pcap}\n"
        "  - {name: b, interface: eth0, namespace: r1, direction: out}\n"
        "  - {name: c, command: './counters.sh r2'}\n"
        "  - {name: d, nftables: ip colours, namespace: r2}\n",
        &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(c->flow_count, 2);
    CU_ASSERT_EQUAL(c->flows[0].source, SOURCE);
    CU_ASSERT_EQUAL(c->mark.double_mask, 8);
    CU_ASSERT_EQUAL(c->block_ns, 2500000000);
    CU_ASSERT_EQUAL(c->clock_offset_ns, 1500000);
    CU_ASSERT_EQUAL(c->segment_count, 2);
    CU_ASSERT_EQUAL(c->segments[1].to, 2);
    CU_ASSERT_STRING_EQUAL(c->points[0].what, "/x/a.pcap");
    CU_ASSERT_EQUAL(c->points[1].direction, POINT_OUT);
    CU_ASSERT_EQUAL(c->points[3].kind, POINT_NFTABLES);
    marking_config_free(c);
    c = config_of(FLOWS "mark: {field: probe}\n" BLOCK "clock: unknown\n" POINTS, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_FALSE(c->clock_known);
    CU_ASSERT_EQUAL(c->segment_count, 1);
    CU_ASSERT_STRING_EQUAL(c->points[0].what, "/tmp/a.pcap"); /* beside the file */
    marking_config_free(c);
}

static void refused(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", ":"},
        {MARK BLOCK POINTS, "'flows' is missing"},
        {FLOWS BLOCK POINTS, "'mark' is missing"},
        {FLOWS MARK POINTS, "'block' is missing"},
        {FLOWS MARK BLOCK, "'points' is missing"},
        {FLOWS MARK BLOCK POINTS "sections: []\n", ":5:1: unknown key 'sections'"},
        {"flows: []\n" MARK BLOCK POINTS, ":1:8: a list of flows"},
        {"flows: [{name: x, group: 1.2}]\n" MARK BLOCK POINTS, ":1:26: an IPv4 address"},
        {FLOWS "mark: {field: dscp}\n" BLOCK POINTS, ":2:7: field dscp needs 'mask"},
        {FLOWS "mark: {field: dscp, mask: 5}\n" BLOCK POINTS, "one bit"},
        {FLOWS "mark: {field: dscp, mask: 64}\n" BLOCK POINTS, ":2:27: "},
        {FLOWS "mark: {field: dscp, mask: 4, double: {mask: 4}}\n" BLOCK POINTS, "a bit each"},
        {FLOWS "mark: {field: tos, mask: 4}\n" BLOCK POINTS, "dscp"},
        {FLOWS MARK "block: {seconds: 0}\n" POINTS, ":3:18: "},
        {FLOWS MARK BLOCK "clock: known\n" POINTS, "unknown"},
        {FLOWS MARK BLOCK "points: [{name: a, capture: x}]\n", "two points"},
        {FLOWS MARK BLOCK "points: [{name: a, capture: x}, {name: a, capture: y}]\n", "a second"},
        {FLOWS MARK BLOCK "points: [{name: a}, {name: b, capture: y}]\n", "one of capture"},
        {FLOWS MARK BLOCK "points: [{name: a, capture: x, command: y}]\n", "one of capture"},
        {FLOWS MARK BLOCK "points: [{name: a, capture: x, direction: in}]\n", "a direction is"},
        {FLOWS MARK BLOCK "points: [{name: a, capture: x, namespace: n}]\n", "no namespace"},
        {FLOWS MARK BLOCK "points: [{name: a, nftables: 'ip x y'}]\n", "a table of nftables"},
        {FLOWS MARK BLOCK "points: [{name: a, nftables: 'ip -f'}]\n", "a table of nftables"},
        {FLOWS MARK BLOCK "points: [{name: a, nftables: ip}]\n", "a table of nftables"},
        {FLOWS MARK BLOCK POINTS "segments: [[a, z]]\n", ":5:16: the name of one"},
        {FLOWS MARK BLOCK POINTS "segments: [[a]]\n", "two points"},
        {FLOWS MARK BLOCK POINTS "segments: [[a, b], [a, b]]\n", "by two segments"},
        {FLOWS MARK BLOCK POINTS "segments: [[a, b], [b, a]]\n", "a circle"},
        {FLOWS MARK BLOCK POINTS "segments: [[a, a]]\n", "a circle"},
        {FLOWS MARK BLOCK POINTS "seconds: -1\n", ":5:10: "},
        {"flows: [{name: a, group: 239.1.1.1}, {name: a, group: 239.1.1.2}]\n" MARK BLOCK POINTS,
         "a flow 'a' stands here a second time"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        struct marking_config *c = config_of(rows[i].text, &err);
        CU_ASSERT_PTR_NULL(c);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        if (strstr(err.text, rows[i].why) == NULL)
            (void)fprintf(stderr, "%zu: '%s' is not in: %s\n", i, rows[i].why, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
        marking_config_free(c);
    }
}

static const struct cu_test tests[] = {{"taken", taken}, {"refused", refused}};

CU_MAIN("marking config", tests)
