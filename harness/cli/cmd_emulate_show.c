/* Views of a network that is held, as JSON. */
#include "harness/case/values.h"
#include "harness/cli/cmd_emulate.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

static json_t *count(uint64_t v)
{
    return json_integer((json_int_t)v);
}

void emulate_vpns(struct emulate *e, size_t first, size_t cap, json_t *rows)
{
    struct err err = {0};
    for (size_t n = 0; n < cap && first + n < e->spec.mvpns; n++) {
        struct emul_vpn_state s;
        if (emul_vpn_get(e->emul, (uint32_t)(first + n) + 1, &s, &err) != 0)
            return;
        json_array_append_new(
            rows,
            json_pack("{s:I,s:b,s:b,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o}", "vpn", (json_int_t)s.vpn,
                      "mdt_joined", s.mdt_joined, "mdt_from_dut", s.mdt_from_dut, "c_nbrs",
                      (json_int_t)s.c_neighbours, "pe_nbrs", (json_int_t)s.mi_pmsi_neighbours,
                      "pes_away", (json_int_t)s.pes_away, "routes", (json_int_t)s.c_routes_joined,
                      "sent", count(s.sent), "received", count(s.received), "lost", count(s.lost),
                      "duplicate", count(s.duplicate), "misdelivered", count(s.misdelivered)));
    }
}

size_t emulate_neighbours(struct emulate *e, uint32_t vpn, size_t first, size_t cap, json_t *rows)
{
    struct emul_neighbour_state found[EMULATE_PAGE];
    size_t most = cap < EMULATE_PAGE ? cap : EMULATE_PAGE;
    size_t total = emul_neighbours_get(e->emul, vpn, first, found, most);
    for (size_t n = 0; n < most && first + n < total; n++) {
        const struct emul_neighbour_state *s = &found[n];
        char name[32], address[IP4_TEXT], genid[16];
        (void)snprintf(name, sizeof(name), s->pe == 0 ? "c %u" : "pe %u",
                       s->pe == 0 ? s->interface : s->pe);
        (void)snprintf(genid, sizeof(genid), "%08x", s->dut_genid);
        json_t *left = s->up && s->holdtime_left_ms >= 0
                           ? json_real((double)s->holdtime_left_ms / 1e3)
                           : json_null();
        json_array_append_new(
            rows, json_pack("{s:I,s:s,s:s,s:s,s:o,s:s?}", "vpn", (json_int_t)s->vpn, "router", name,
                            "address", ip4_text(s->address, address), "dut",
                            s->away ? "away" : (s->up ? "up" : "down"), "holdtime_left_s", left,
                            "dut_genid", s->up ? genid : NULL));
    }
    return total;
}

size_t emulate_flows(struct emulate *e, uint32_t vpn, size_t first, size_t cap, json_t *rows)
{
    struct emul_flow_state found[EMULATE_PAGE];
    size_t most = cap < EMULATE_PAGE ? cap : EMULATE_PAGE;
    size_t total = emul_flows_get(e->emul, vpn, first, found, most);
    for (size_t n = 0; n < most && first + n < total; n++) {
        const struct emul_flow_state *s = &found[n];
        json_t *latency = s->latency_avg_ns < 0 ? json_null() : json_integer(s->latency_avg_ns);
        json_array_append_new(rows,
                              json_pack("{s:I,s:I,s:I,s:I,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "flow",
                                        (json_int_t)s->flow, "vpn", (json_int_t)s->vpn, "group",
                                        (json_int_t)s->group, "source", (json_int_t)s->source,
                                        "direction", s->ingress ? "ingress" : "egress", "state",
                                        s->running ? "sends" : "rests", "sent", count(s->sent),
                                        "received", count(s->received), "lost", count(s->lost),
                                        "duplicate", count(s->duplicate), "misdelivered",
                                        count(s->misdelivered), "latency_avg_ns", latency));
    }
    return total;
}

/* Sums over all VPNs. */
static void add_totals(struct emulate *e, json_t *o)
{
    struct emul_vpn_state sum = {0}, s;
    struct err err = {0};
    uint64_t joined = 0, from_dut = 0;
    for (uint32_t v = 1; v <= e->spec.mvpns && emul_vpn_get(e->emul, v, &s, &err) == 0; v++) {
        joined += s.mdt_joined;
        from_dut += s.mdt_from_dut;
        sum.c_neighbours += s.c_neighbours;
        sum.mi_pmsi_neighbours += s.mi_pmsi_neighbours;
        sum.pes_away += s.pes_away;
        sum.c_routes_joined += s.c_routes_joined;
        sum.sent += s.sent;
        sum.received += s.received;
        sum.lost += s.lost;
        sum.duplicate += s.duplicate;
        sum.misdelivered += s.misdelivered;
    }
    json_object_set_new(o, "mdt_joined", count(joined));
    json_object_set_new(o, "mdt_from_dut", count(from_dut));
    json_object_set_new(o, "c_neighbours", count(sum.c_neighbours));
    json_object_set_new(o, "mi_pmsi_neighbours", count(sum.mi_pmsi_neighbours));
    json_object_set_new(o, "pes_away", count(sum.pes_away));
    json_object_set_new(o, "c_routes_joined", count(sum.c_routes_joined));
    json_object_set_new(o, "pairs", count(emul_pairs_total(e->emul)));
    json_object_set_new(o, "pairs_flowing", count(emul_pairs_flowing(e->emul)));
    json_object_set_new(o, "sent", count(sum.sent));
    json_object_set_new(o, "received", count(sum.received));
    json_object_set_new(o, "lost", count(sum.lost));
    json_object_set_new(o, "duplicate", count(sum.duplicate));
    json_object_set_new(o, "misdelivered", count(sum.misdelivered));
}

static json_t *parameters(const struct emulate *e)
{
    json_t *o = json_object();
    for (int i = 0; i < PARAM_COUNT; i++) {
        enum case_param p = (enum case_param)i;
        double v = e->values.v[i];
        if (param_optional(p) && !(v > 0))
            continue;
        json_object_set_new(o, case_param_name(p),
                            p == PARAM_INGRESS_SHARE ? json_real(v) : json_integer((json_int_t)v));
    }
    return o;
}

static json_t *health(struct emulate *e)
{
    struct emul_health h;
    emul_health_get(e->emul, &h);
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "pacing_error_max_ns",
                     (json_int_t)h.pacing_error_max_ns, "rx_dropped", (json_int_t)h.rx_dropped,
                     "tx_errors", (json_int_t)h.tx_errors, "refresh_overrun",
                     (json_int_t)h.refresh_overrun, "asserts", (json_int_t)h.asserts, "undecodable",
                     (json_int_t)h.undecodable);
}

json_t *emulate_summary(struct emulate *e)
{
    struct emul_bringup up;
    emul_bringup_get(e->emul, &up);
    json_t *o =
        json_pack("{s:s,s:s,s:s,s:s?,s:f,s:b,s:o}", "case", case_id(e->setup.cases[0]), "dut",
                  e->setup.driver, "state", emulate_phase_name(e->phase), "waiting_for",
                  up.complete ? NULL : up.waiting_for, "held_s", emulate_held_s(e), "traffic",
                  emul_live_sending(e->emul), "parameters", parameters(e));
    add_totals(e, o);
    json_object_set_new(o, "apparatus", health(e));
    return o;
}

json_t *emulate_result(struct emulate *e)
{
    json_t *o = emulate_summary(e), *rows = json_array();
    emulate_vpns(e, 0, e->spec.mvpns, rows);
    json_object_set_new(o, "vpns", rows);
    json_t *answers = emulate_script_answers(e->script);
    if (answers != NULL)
        json_object_set(o, "commands", answers);
    return o;
}
