#include "harness/run/extra.h"

#include "mvpnbench/result.h"

bool extra_own_procedure(const struct test_case *tc)
{
    return case_extra(tc, "jp_suppression");
}

int extra_procedure(struct procedure *p, struct err *err)
{
    return extra_suppression(p, err);
}

int extra_before_traffic(struct procedure *p, struct err *err)
{
    bool registers = p->q->spec.c_rp_on_dut && case_extra(p->q->tc, "register_to_join_delay");
    return registers ? extra_registers(p, err) : 1;
}

/* What was counted until the end of step 7. */
static void register_stops(struct procedure *p)
{
    struct emul_spmsi seen;
    emul_spmsi_get(p->emul, &seen);
    json_object_set_new(json_object_get(p->out->record, "extra"), "register_stop_count",
                        json_integer((json_int_t)seen.register_stops_received));
}

int extra_measure(struct procedure *p, struct err *err)
{
    const struct test_case *tc = p->q->tc;
    if (p->q->spec.c_rp_on_dut && case_extra(tc, "register_stop_count"))
        register_stops(p);
    if (case_extra(tc, "spmsi_switch_delay") && extra_switches(p, err) != 0)
        return -1;
    if (case_extra(tc, "join_convergence") && extra_tries(p, err) != 0)
        return -1;
    return 0;
}

void extra_sums_add(struct extra_sums *s, int64_t ns)
{
    if (s->count == 0 || ns < s->min_ns)
        s->min_ns = ns;
    if (s->count == 0 || ns > s->max_ns)
        s->max_ns = ns;
    s->sum_ns += ns;
    s->count++;
}

json_t *extra_sums_record(const struct extra_sums *s, int64_t resolution_ns)
{
    json_t *o = json_object();
    bool any = s->count > 0;
    int64_t avg_ns = any ? s->sum_ns / (int64_t)s->count : 0;
    json_object_set_new(o, "min", result_time_or_null(any, s->min_ns));
    json_object_set_new(o, "avg", result_time_or_null(any, avg_ns));
    json_object_set_new(o, "max", result_time_or_null(any, s->max_ns));
    json_object_set_new(o, "count", json_integer((json_int_t)s->count));
    if (resolution_ns >= 0)
        json_object_set_new(o, "resolution_s", result_time(resolution_ns));
    return o;
}
