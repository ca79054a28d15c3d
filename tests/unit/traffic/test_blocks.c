/* Block counters of alternate marking: which block a packet belongs to, and what branches lost. */
#include "emul/traffic/analyser.h"
#include "emul/traffic/blocks.h"
#include "tests/unit/cu.h"

#define S NS_PER_S

static void test_numbers(void)
{
    CU_ASSERT_EQUAL(blocks_number(0, 10 * S), 0);
    CU_ASSERT_EQUAL(blocks_number(10 * S - 1, 10 * S), 0);
    CU_ASSERT_EQUAL(blocks_number(10 * S, 10 * S), 1);
    CU_ASSERT_EQUAL(blocks_number(-1, 10 * S), -1);
}

/* A packet comes up to half a block early or late and is still put into its own block. */
static void test_colours(void)
{
    CU_ASSERT_EQUAL(blocks_of(25 * S, 10 * S, 0), 2);
    CU_ASSERT_EQUAL(blocks_of(31 * S, 10 * S, 0), 2); /* late */
    CU_ASSERT_EQUAL(blocks_of(35 * S - 1, 10 * S, 0), 2);
    CU_ASSERT_EQUAL(blocks_of(20 * S - 1, 10 * S, 0), 2); /* a clock that is behind */
    CU_ASSERT_EQUAL(blocks_of(15 * S, 10 * S, 0), 2);
    CU_ASSERT_EQUAL(blocks_of(15 * S - 1, 10 * S, 0), 0);
}

static void test_branches(void)
{
    struct instance_spec spec = {.seed = 1,
                                 .mvpns = 2,
                                 .c_interfaces = 2,
                                 .remote_pes = 2,
                                 .groups = 2,
                                 .ingress_groups = 1,
                                 .sources = 1,
                                 .receiver_c_ifs = 1,
                                 .receiver_pes = 2,
                                 .period_ns = S,
                                 .packet_bytes = 100,
                                 .mtu = 1500};
    struct flow_table t;
    struct blocks_sum sum;
    struct blocks_loss loss[2];
    flow_table_init(&t, &spec);
    struct blocks *b = blocks_new(&t, 10 * S);
    blocks_open(b, (struct instant){25 * S});
    for (int n = 0; n < 5; n++) { /* VPN 2: five from C-interface 2, four of them on the wire */
        blocks_count(b, BLOCKS_DUE, 2, 2, 3, 1);
        if (n < 4)
            blocks_count(b, BLOCKS_SENT, 2, 2, 3, 1);
        if (n < 3)
            blocks_count(b, BLOCKS_ARRIVED, 2, 1, 3, 1);
        if (n < 1)
            blocks_count(b, BLOCKS_ARRIVED, 2, 0, 3, 1);
    }
    blocks_count(b, BLOCKS_DIED, 2, 0, 3, 1);
    blocks_get(b, BRANCH_C_SOURCE, 0, &sum, loss, 2);
    CU_ASSERT(sum.sent == 5 && sum.received == 4 && sum.lost == 1 && sum.lossy == 1);
    CU_ASSERT(loss[0].vpn == 2 && loss[0].block == 3 && loss[0].sent == 5);
    blocks_get(b, BRANCH_P_SIDE, 0, &sum, NULL, 0);
    CU_ASSERT(sum.sent == 4 && sum.received == 2 && sum.lost == 2);
    blocks_get(b, BRANCH_REMOTE, 0, &sum, NULL, 0);
    CU_ASSERT(sum.sent == 2 && sum.received == 1 && sum.lost == 1);
    blocks_get(b, BRANCH_INTERFACE, 1, &sum, NULL, 0);
    CU_ASSERT(sum.sent == 4 && sum.received == 3 && sum.lost == 1);
    blocks_get(b, BRANCH_INTERFACE, 2, &sum, NULL, 0); /* the source's own */
    CU_ASSERT(sum.sent == 0 && sum.lost == 0);
    blocks_count(b, BLOCKS_SENT, 1, 0, 1, 1); /* before the window: into its first block */
    blocks_get(b, BRANCH_INTERFACE, 1, &sum, loss, 2);
    CU_ASSERT(sum.lost == 2 && sum.lossy == 2 && loss[0].vpn == 1 && loss[0].block == 2);
    blocks_open(b, (struct instant){0});
    blocks_get(b, BRANCH_C_SOURCE, 0, &sum, NULL, 0);
    CU_ASSERT_EQUAL(sum.sent, 0);
    blocks_free(b);
    flow_table_fini(&t);
}

/* Packets at the very edges of a window are put in and taken out with the analyser's. */
static void test_edges(void)
{
    struct instance_spec spec = {.seed = 1,
                                 .mvpns = 1,
                                 .c_interfaces = 1,
                                 .groups = 1,
                                 .sources = 1,
                                 .receiver_c_ifs = 1,
                                 .period_ns = S,
                                 .marking_ns = 10 * S,
                                 .packet_bytes = 100,
                                 .mtu = 1500};
    struct analyser *a = analyser_new(&spec);
    struct blocks_sum sum;
    analyser_start(a, (struct instant){0});
    for (int64_t n = 0; n < 20; n++) {
        struct instant at = {n * S};
        struct probe p = {
            .flags = analyser_flags(a, at), .vpn = 1, .flow = 1, .sequence = (uint64_t)n};
        p.sent_ns = at.ns;
        CU_ASSERT_EQUAL(p.flags, n >= 10 ? PROBE_COLOUR : 0);
        analyser_sent(a, 1, (uint64_t)n, at, false);
        analyser_left(a, 1, at);
        if (n == 5) /* sent before it was opened, at the same instant; it comes later */
            analyser_window_open(a, at);
        if (n != 12)
            analyser_received(a, 1, 1, &p, at);
        if (n == 15) /* has left and arrived at the instant of the end: outside */
            analyser_window_close(a, at);
    }
    blocks_get(analyser_blocks(a), BRANCH_INTERFACE, 1, &sum, NULL, 0);
    struct emul_window w;
    analyser_window_get(a, &w);
    CU_ASSERT_EQUAL(w.egress.sent, 10);
    CU_ASSERT_EQUAL(w.egress.lost, 1);
    CU_ASSERT_EQUAL(sum.sent, 10);
    CU_ASSERT_EQUAL(sum.received, 9);
    CU_ASSERT_EQUAL(sum.lost, 1);
    analyser_free(a);
}

static const struct cu_test tests[] = {
    {"block numbers", test_numbers},
    {"blocks by colour", test_colours},
    {"branches", test_branches},
    {"edges of a window", test_edges},
};

CU_MAIN("blocks", tests)
