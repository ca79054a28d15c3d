/* Which packets belong to a flow, and to which block. */
#include "tests/unit/cu.h"
#include "tests/unit/marking/fixture.h"

#include <stdio.h>
#include <string.h>

#define REST                                                                                       \
    "block: {seconds: 10, origin: 0}\nclock: {max_offset_ms: 1}\n"                                 \
    "points: [{name: a, capture: a.pcap}, {name: b, capture: b.pcap}]\n"
#define DSCP                                                                                       \
    "flows: [{name: tv1, group: 239.1.1.1, source: 10.0.0.1}, {name: tv2, group: 239.1.1.2}]\n"    \
    "mark: {field: dscp, mask: 4, double: {field: dscp, mask: 8}}\n" REST

static uint64_t packets(const struct point_blocks *p, int64_t n)
{
    const struct block *b = blocks_find(p, 0, n);
    return b != NULL ? b->packets : 0;
}

static struct marking_config *config;
static struct point_blocks point;

static void open_point(const char *text)
{
    struct err err = {0};
    config = config_of(text, &err);
    if (config == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    blocks_init(&point, config);
}

static void close_point(void)
{
    blocks_fini(&point);
    marking_config_free(config);
}

static void whose_packet(void)
{
    open_point(DSCP);
    struct packet p = packet_of(0);
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 0);
    p.vlan = true;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 0);
    for (p.tunnels = 1; p.tunnels <= 3; p.tunnels++)
        CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 0);
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 2); /* GRE four times over */
    p = packet_of(0);
    p.src++;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 2); /* another source */
    p.dst++;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 1); /* a flow of any source */
    p.dst++;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 2);
    p = packet_of(0);
    p.fragment_offset = 64;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 2); /* counted by its first fragment */
    p = packet_of(0);
    p.bad_checksum = true;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 5), 0); /* not yet written by the card */
    close_point();
}

/* Packets that come late, or early by the clocks, count where their colour says. */
static void edges(void)
{
    static const struct {
        double at_s;
        uint8_t dscp;
        int64_t n;
    } rows[] = {
        {0, 0, 0},      {9.999, 0, 0},  {10, 4, 1},       {10.3, 0, 0},     {14.9, 0, 0},
        {19.9, 4, 1},   {19.9, 0, 2},   {15.1, 0, 2},     {20.0001, 4, 1},  {-0.001, 4, -1},
        {0.001, 4, -1}, {-0.001, 0, 0}, {-10.001, 0, -2}, {1e6, 0, 100000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        open_point(DSCP);
        struct packet p = packet_of(rows[i].dscp);
        (void)count_packet(&point, &p, rows[i].at_s);
        blocks_settle(&point, false);
        CU_ASSERT_EQUAL(point.flows[0].count, 1);
        if (packets(&point, rows[i].n) != 1)
            (void)fprintf(stderr, "at %g s: not in block %ld\n", rows[i].at_s, (long)rows[i].n);
        CU_ASSERT_EQUAL(packets(&point, rows[i].n), 1);
        close_point();
    }
}

/* Markers of the other parity are found out by most of their packets. */
static void inverted(void)
{
    uint64_t with = 0, against = 0;
    open_point(DSCP);
    for (int i = 0; i < 400; i++) {
        double at = 0.1 * i;
        struct packet p = packet_of((int)(at / 10) % 2 == 0 ? 4 : 0);
        (void)count_packet(&point, &p, at + 0.05 + 1e-6);
    }
    blocks_votes(&point, &with, &against);
    CU_ASSERT_TRUE(against > with);
    blocks_settle(&point, true);
    for (int64_t n = 0; n < 4; n++)
        CU_ASSERT_EQUAL(packets(&point, n), 100);
    CU_ASSERT_EQUAL(point.flows[0].count, 4);
    close_point();
}

/* Out of order at the edge: each to its own colour; times are those of arrival. */
static void out_of_order(void)
{
    open_point(DSCP);
    static const struct {
        double at_s;
        uint8_t dscp;
    } rows[] = {{9.9, 0}, {10.01, 4}, {10.02, 0}, {10.03, 4}, {10.001, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct packet p = packet_of(rows[i].dscp);
        (void)count_packet(&point, &p, rows[i].at_s);
    }
    blocks_settle(&point, false);
    CU_ASSERT_EQUAL(packets(&point, 0), 3);
    CU_ASSERT_EQUAL(packets(&point, 1), 2);
    const struct block *b = blocks_find(&point, 0, 0);
    CU_ASSERT_EQUAL(b->first_ns, 9900000000);
    CU_ASSERT_EQUAL((int64_t)b->sum_ns, 9900000000 + 10020000000 + 10001000000);
    CU_ASSERT_EQUAL(blocks_find(&point, 0, 1)->first_ns, 10000000);
    close_point();
}

static void delay_marks(void)
{
    open_point(DSCP);
    for (int i = 0; i < 12; i++) {
        struct packet p = packet_of(8);
        (void)count_packet(&point, &p, 1 + 0.5 * i);
    }
    blocks_settle(&point, false);
    const struct block *b = blocks_find(&point, 0, 0);
    CU_ASSERT_EQUAL(b->delay_marks, 12);
    for (int i = 0; i < DELAY_MARKS_MAX; i++)
        CU_ASSERT_EQUAL(b->mark_ns[i], 1000000000 + i * 500000000LL);
    close_point();
}

static void probe_flags(void)
{
    open_point("flows: [{name: tv1, group: 239.1.1.1}]\nmark: {field: probe}\n" REST);
    struct packet p = packet_of(4);
    CU_ASSERT_EQUAL(count_packet(&point, &p, 3), 1); /* no probe: no colour */
    p.flags = 0;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 3), 0);
    p.flags = 3;
    p.bad_checksum = true;
    CU_ASSERT_EQUAL(count_packet(&point, &p, 13), 0);
    blocks_settle(&point, false);
    CU_ASSERT_EQUAL(packets(&point, 0), 1);
    CU_ASSERT_EQUAL(packets(&point, 1), 1);
    CU_ASSERT_EQUAL(blocks_find(&point, 0, 1)->delay_marks, 1);
    close_point();
}

static void spoiled(void)
{
    open_point(DSCP);
    blocks_spoil(&point, 0, 3, SPOIL_BACK);
    blocks_spoil(&point, 0, 3, SPOIL_EDGE);
    point.bounded = true;
    point.first = 2;
    point.last = 4;
    CU_ASSERT_EQUAL(blocks_spoiled(&point, 0, 3), SPOIL_BACK);
    CU_ASSERT_EQUAL(blocks_spoiled(&point, 0, 2), SPOIL_NOT);
    CU_ASSERT_EQUAL(blocks_spoiled(&point, 0, 1), SPOIL_OUTSIDE);
    CU_ASSERT_EQUAL(blocks_spoiled(&point, 0, 5), SPOIL_OUTSIDE);
    for (enum spoil why = SPOIL_NOT; why <= SPOIL_OUTSIDE; why++)
        CU_ASSERT_TRUE(strlen(spoil_text(why)) > 5);
    close_point();
}

/* Blocks of an odd number of nanoseconds do not drift over many of them. */
static void odd_blocks(void)
{
    open_point("flows: [{name: tv1, group: 239.1.1.1}]\nmark: {field: dscp, mask: 4}\n"
               "block: {seconds: 0.100000001, origin: 0}\n"
               "points: [{name: a, capture: a.pcap}, {name: b, capture: b.pcap}]\n");
    CU_ASSERT_EQUAL(config->block_ns, 100000001);
    struct packet p = packet_of(4);
    (void)count_packet(&point, &p, 100000000.001 + 1.001);
    blocks_settle(&point, false);
    CU_ASSERT_EQUAL(point.flows[0].count, 1);
    const struct block *b = &point.flows[0].list[0];
    CU_ASSERT_TRUE((b->n & 1) != 0);
    CU_ASSERT_TRUE(b->first_ns > -50000001 && b->first_ns < 150000001);
    CU_ASSERT_EQUAL(b->n * 100000001 + b->first_ns, 100000001002000000);
    close_point();
}

static const struct cu_test tests[] = {
    {"odd blocks", odd_blocks},       {"whose packet it is", whose_packet},
    {"edges of blocks", edges},       {"inverted colours", inverted},
    {"out of order", out_of_order},   {"delay marks", delay_marks},
    {"flags of probes", probe_flags}, {"spoiled blocks", spoiled},
};

CU_MAIN("marking blocks", tests)
