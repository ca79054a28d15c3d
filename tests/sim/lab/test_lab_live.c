/* A network that is held: groups, remote PEs and GenIDs one by one, and counts since the start. */
#include "mvpnbench/emul_live.h"
#include "tests/sim/lab/check.h"
#include "tests/sim/lab/tap.h"
#include "tests/unit/cu.h"

#define FLOWS_MAX 32

static struct world *held(const struct instance_spec *spec)
{
    struct world *w = world_new(spec, NULL);
    emul_live_start(w->emul);
    CU_ASSERT_FATAL(world_steady(w));
    return w;
}

static struct emul_vpn_state vpn_of(struct world *w, uint32_t v)
{
    struct emul_vpn_state s = {0};
    struct err err = {0};
    CU_ASSERT_EQUAL(emul_vpn_get(w->emul, v, &s, &err), 0);
    return s;
}

/* The flows of a group, as one. */
static struct emul_flow_state group_of(struct world *w, uint32_t v, uint32_t group)
{
    struct emul_flow_state rows[FLOWS_MAX], sum = {.vpn = v, .group = group};
    size_t count = emul_flows_get(w->emul, v, 0, rows, FLOWS_MAX);
    CU_ASSERT_FATAL(count <= FLOWS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].group != group)
            continue;
        sum.running = rows[i].running;
        sum.sent += rows[i].sent;
        sum.received += rows[i].received;
        sum.lost += rows[i].lost;
        sum.duplicate += rows[i].duplicate + rows[i].misdelivered;
    }
    return sum;
}

static struct mvpn_metric metric_of(struct world *w)
{
    struct mvpn_metric m;
    struct p_metric p;
    refpe_metric(w->pe, &m, &p);
    return m;
}

static void test_counts(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = held(&spec);
    world_run(w, 60);
    struct emul_vpn_state s = vpn_of(w, 2);
    CU_ASSERT(s.mdt_joined && s.mdt_from_dut);
    CU_ASSERT_EQUAL(s.c_neighbours, 2);
    CU_ASSERT_EQUAL(s.mi_pmsi_neighbours, 3);
    CU_ASSERT_EQUAL(s.pes_away, 0);
    CU_ASSERT_EQUAL(s.c_routes_joined, 4 * 3);
    CU_ASSERT(s.sent >= 60 * (4 * 3 + 4 * 2) && s.received == s.sent);
    CU_ASSERT_EQUAL(s.lost + s.duplicate + s.misdelivered, 0);
    struct emul_flow_state rows[FLOWS_MAX];
    CU_ASSERT_EQUAL(emul_flows_get(w->emul, 2, 0, rows, FLOWS_MAX), 8);
    uint64_t sent = 0;
    for (uint32_t i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(rows[i].flow, 8 + i + 1);
        CU_ASSERT_EQUAL(rows[i].group, i / 2 + 1);
        CU_ASSERT_EQUAL(rows[i].source, i % 2 + 1);
        CU_ASSERT(rows[i].running && rows[i].ingress == (i < 4));
        CU_ASSERT(rows[i].latency_avg_ns >= 0);
        sent += rows[i].sent;
    }
    CU_ASSERT_EQUAL(sent, s.sent);
    struct emul_neighbour_state nbrs[2];
    CU_ASSERT_EQUAL(emul_neighbours_get(w->emul, 2, 1, nbrs, 2), 5);
    CU_ASSERT(nbrs[0].interface == 2 && nbrs[0].pe == 0 && nbrs[1].pe == 1);
    CU_ASSERT_EQUAL(nbrs[1].address, topology_remote_pe_addr(&spec, 1));
    for (unsigned i = 0; i < 2; i++)
        CU_ASSERT(nbrs[i].up && nbrs[i].dut_genid != 0 && nbrs[i].holdtime_left_ms > 0 &&
                  nbrs[i].holdtime_left_ms <= 105000);
    world_free(w);
}

static void test_refusals(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = held(&spec);
    struct err err = {0};
    struct emul_vpn_state s;
    CU_ASSERT_EQUAL(emul_vpn_get(w->emul, 3, &s, &err), -1);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 0, 1, false, &err), -1);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, 5, false, &err), -1);
    CU_ASSERT_EQUAL(emul_pe_set(w->emul, 1, 4, false, &err), -1);
    CU_ASSERT_EQUAL(emul_genid(w->emul, 1, 3, 0, &err), -1);
    CU_ASSERT_EQUAL(emul_genid(w->emul, 1, 0, 0, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_EQUAL(emul_neighbours_get(w->emul, 0, 0, NULL, 0), 0);
    CU_ASSERT_EQUAL(emul_flows_get(w->emul, 3, 0, NULL, 0), 0);
    world_free(w);
}

/* One group of VPN 1 off: its packets end, its mroutes go, the others feel nothing. */
static void check_group(struct world *w, uint32_t group)
{
    struct err err = {0};
    struct mvpn_metric before = metric_of(w);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, group, false, &err), 0);
    struct emul_flow_state off = group_of(w, 1, group);
    CU_ASSERT(!off.running);
    world_run(w, 240);
    struct mvpn_metric during = metric_of(w);
    CU_ASSERT_EQUAL(during.v[NUM_STARG_C], before.v[NUM_STARG_C] - 1);
    CU_ASSERT_EQUAL(during.v[NUM_SG_C], before.v[NUM_SG_C] - 2);
    CU_ASSERT_EQUAL(vpn_of(w, 1).c_routes_joined, 3 * 3);
    CU_ASSERT_EQUAL(group_of(w, 1, group).sent, off.sent);
    CU_ASSERT(group_of(w, 2, group).running);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, group, true, &err), 0);
    world_run(w, 20);
    struct emul_flow_state on = group_of(w, 1, group);
    CU_ASSERT(on.running && on.received > off.received);
    struct mvpn_metric after = metric_of(w);
    for (int i = 0; i < METRIC_VARS; i++)
        CU_ASSERT_EQUAL(after.v[i], before.v[i]);
    for (uint32_t j = 1; j <= 4; j++) {
        if (j != group)
            CU_ASSERT_EQUAL(group_of(w, 1, j).lost + group_of(w, 1, j).duplicate, 0);
        CU_ASSERT_EQUAL(group_of(w, 2, j).lost + group_of(w, 2, j).duplicate, 0);
    }
    /* Off for so short a time that no keepalive has run out: all that was joined is joined again.
     */
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, group, false, &err), 0);
    world_run(w, 10);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, group, true, &err), 0);
    world_run(w, 20);
    check_metric(w, 0);
    uint64_t lost = group_of(w, 1, group).lost;
    world_run(w, 60);
    CU_ASSERT_EQUAL(group_of(w, 1, group).lost, lost);
}

static void test_groups(void)
{
    struct instance_spec spec = world_spec();
    for (uint8_t igmp = 0; igmp <= 3; igmp = igmp == 0 ? 3 : igmp + 1) {
        spec.igmp_version = igmp;
        struct world *w = held(&spec);
        world_run(w, 60);
        check_group(w, 1); /* ingress */
        check_group(w, 3); /* egress */
        world_free(w);
    }
}

static int64_t mi_pmsi_of(struct world *w)
{
    struct neighbour_count n;
    refpe_neighbours(w->pe, &n);
    return n.mi_pmsi;
}

/* A remote PE that goes without a word stays a neighbour for its holdtime; what it sources rests.
 */
static void test_pe_away(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = held(&spec);
    struct err err = {0};
    world_run(w, 60);
    CU_ASSERT_EQUAL(mi_pmsi_of(w), 6);
    struct emul_facts before, after;
    emul_facts_get(w->emul, &before);
    CU_ASSERT_EQUAL(emul_pe_set(w->emul, 2, 1, false, &err), 0);
    world_run(w, 70);
    emul_facts_get(w->emul, &after); /* it pruned nothing that others would override */
    CU_ASSERT_EQUAL(after.prunes_overridden, before.prunes_overridden);
    CU_ASSERT_EQUAL(mi_pmsi_of(w), 6);
    world_run(w, 40);
    CU_ASSERT_EQUAL(mi_pmsi_of(w), 5);
    CU_ASSERT_EQUAL(vpn_of(w, 2).mi_pmsi_neighbours, 2);
    CU_ASSERT_EQUAL(vpn_of(w, 2).pes_away, 1);
    CU_ASSERT_EQUAL(vpn_of(w, 1).pes_away, 0);
    struct emul_neighbour_state nbr;
    CU_ASSERT_EQUAL(emul_neighbours_get(w->emul, 2, 2, &nbr, 1), 5);
    CU_ASSERT(nbr.pe == 1 && nbr.away && !nbr.up);
    CU_ASSERT_EQUAL(emul_genid(w->emul, 2, 0, 1, &err), -1);
    for (uint32_t j = 1; j <= 2; j++) { /* receivers behind it do not count */
        CU_ASSERT_EQUAL(emul_group_set(w->emul, 2, j, false, &err), 0);
        CU_ASSERT_EQUAL(emul_group_set(w->emul, 2, j, true, &err), 0);
    }
    world_run(w, 5);
    CU_ASSERT(emul_joined_once(w->emul));
    struct emul_flow_state rest = group_of(w, 2, 3); /* behind PE 1 */
    CU_ASSERT(!rest.running);
    world_run(w, 20);
    CU_ASSERT_EQUAL(group_of(w, 2, 3).sent, rest.sent);

    CU_ASSERT_EQUAL(emul_pe_set(w->emul, 2, 1, true, &err), 0);
    world_run(w, 1);
    CU_ASSERT_EQUAL(mi_pmsi_of(w), 6);
    world_run(w, 10);
    rest = group_of(w, 2, 3);
    world_run(w, 70);
    CU_ASSERT_EQUAL(group_of(w, 2, 3).lost, rest.lost);
    CU_ASSERT(group_of(w, 2, 3).received >= rest.received + 60 * 2 * 2);
    for (uint32_t j = 1; j <= 4; j++) {
        CU_ASSERT_EQUAL(group_of(w, 1, j).lost, 0);
        if (j != 3)
            CU_ASSERT_EQUAL(group_of(w, 2, j).lost, 0);
    }
    check_metric(w, 0);
    world_free(w);
}

/* Only receivers behind remote PEs: what is joined for them comes back whole, too. */
static void test_remote_group(void)
{
    struct instance_spec spec = world_spec();
    struct err err = {0};
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.ingress_groups = spec.groups;
    struct world *w = held(&spec);
    world_run(w, 60);
    check_metric(w, 0);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, 2, false, &err), 0);
    world_run(w, 10);
    CU_ASSERT_EQUAL(emul_group_set(w->emul, 1, 2, true, &err), 0);
    world_run(w, 10);
    check_metric(w, 0);
    for (uint32_t pe = 1; pe <= 3; pe++)
        CU_ASSERT_EQUAL(emul_pe_set(w->emul, 1, pe, false, &err), 0);
    world_run(w, 10);
    for (uint32_t pe = 1; pe <= 3; pe++)
        CU_ASSERT_EQUAL(emul_pe_set(w->emul, 1, pe, true, &err), 0);
    world_run(w, 10);
    check_metric(w, 0);
    world_free(w);
}

/* Join entries of the DUT to an emulated router within a stretch of time. */
static unsigned joins_to(const struct tap *t, ip4_t router, struct instant from, double seconds)
{
    unsigned joins = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct tap_pim *p = &t->items[i];
        if (p->type == PIM_JOIN_PRUNE && p->upstream == router && p->at.ns >= from.ns &&
            p->at.ns < from.ns + (int64_t)(seconds * 1e9))
            joins += p->joins;
    }
    return joins;
}

/* After a GenID changed the DUT sends its Joins again within its override interval. */
static void test_genid(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1;
    struct world *w = held(&spec);
    struct err err = {0};
    world_run(w, 61);
    world_capture(w);
    struct instant c_router = loop_now(w->loop);
    CU_ASSERT_EQUAL(emul_genid(w->emul, 1, 1, 0, &err), 0);
    world_run(w, 10);
    struct instant remote = loop_now(w->loop);
    CU_ASSERT_EQUAL(emul_genid(w->emul, 1, 0, 2, &err), 0);
    world_run(w, 10);
    struct instant behind = loop_now(w->loop);
    CU_ASSERT_EQUAL(vpn_of(w, 1).c_routes_joined, 4 * 3);
    world_capture_end(w);
    struct tap t = {0};
    tap_file(&t, w->capture_path[0]);
    tap_file(&t, w->capture_path[1]);
    ip4_t c = topology_c_router_addr(&spec, 0), pe = topology_remote_pe_addr(&spec, 2);
    /* Each is the upstream router of one group: (*,G) and two (S,G). */
    CU_ASSERT(joins_to(&t, c, c_router, 3) >= 3);
    CU_ASSERT(joins_to(&t, pe, remote, 3) >= 3);
    CU_ASSERT_EQUAL(joins_to(&t, topology_remote_pe_addr(&spec, 3), c_router, 20), 0);
    CU_ASSERT(instant_before(remote, behind));
    tap_fini(&t);
    world_free(w);
}

/* Sources that end and start anew count from nothing, and nothing counts as a duplicate. */
static void test_traffic(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = held(&spec);
    world_run(w, 30);
    CU_ASSERT(emul_live_sending(w->emul));
    emul_live_traffic(w->emul, false);
    struct emul_vpn_state s = vpn_of(w, 1);
    world_run(w, 5);
    CU_ASSERT(!emul_live_sending(w->emul));
    CU_ASSERT_EQUAL(vpn_of(w, 1).sent, s.sent);
    emul_live_traffic(w->emul, true);
    CU_ASSERT_EQUAL(vpn_of(w, 1).sent, 0);
    world_run(w, 20);
    s = vpn_of(w, 1);
    CU_ASSERT_EQUAL(s.sent, 20 * (4 * 3 + 4 * 2));
    CU_ASSERT_EQUAL(s.received, s.sent);
    CU_ASSERT_EQUAL(s.lost + s.duplicate + s.misdelivered, 0);
    CU_ASSERT(emul_all_flowing(w->emul));
    world_free(w);
}

static const struct cu_test tests[] = {
    {"counts per VPN, neighbour and flow", test_counts},
    {"numbers that are not there", test_refusals},
    {"a group off and on again, PIM and IGMP receivers", test_groups},
    {"receivers behind remote PEs only", test_remote_group},
    {"a remote PE goes away and comes back", test_pe_away},
    {"a new GenID makes the DUT join again", test_genid},
    {"traffic off and on counts from nothing", test_traffic},
};

CU_MAIN("lab live", tests)
