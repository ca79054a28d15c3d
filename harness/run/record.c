#include "harness/run/record.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_LISTED 100

json_t *record_new(const char *id)
{
    static const char *const keys[] = {"begin",
                                       "end",
                                       "window",
                                       "verdict",
                                       "reason",
                                       "failures",
                                       "parameters",
                                       "expected",
                                       "metric",
                                       "metric_apparatus",
                                       "p_instance",
                                       "p_instance_apparatus",
                                       "p_instance_expected",
                                       "signalling",
                                       "neighbours",
                                       "forwarding",
                                       "flows",
                                       "utilisation",
                                       "relations",
                                       "extra",
                                       "recovery"};
    json_t *record = json_object();
    json_object_set_new(record, "id", json_string(id));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_set_new(record, keys[i], json_null());
    json_object_set_new(record, "failures", json_array());
    json_object_set_new(record, "extra", json_object());
    json_object_set_new(record, "recovery", json_array());
    return record;
}

/* Whole numbers are printed as such: 0.5 groups do not exist, 0.5 of the groups do. */
static json_t *number(double v)
{
    return v == (double)(json_int_t)v ? json_integer((json_int_t)v) : json_real(v);
}

static const char *igmp_name(uint8_t version)
{
    return version == 0 ? "none" : version == 2 ? "v2" : "v3";
}

json_t *record_parameters(const struct instance_request *q)
{
    json_t *p = json_object();
    for (int i = 0; i < PARAM_COUNT; i++) {
        enum case_param param = (enum case_param)i;
        json_t *v =
            param == PARAM_INGRESS_SHARE ? json_real(q->values.v[i]) : number(q->values.v[i]);
        json_object_set_new(p, case_param_name(param), v);
    }
    const struct instance_spec *s = &q->spec;
    json_object_set_new(p, "ingress_groups", json_integer(s->ingress_groups));
    json_object_set_new(p, "egress_groups",
                        json_integer(s->groups - s->ingress_groups - s->test_groups));
    if (s->test_groups > 0)
        json_object_set_new(p, "test_groups", json_integer(s->test_groups));
    if (s->pe3_receives)
        json_object_set_new(p, "receiver_behind_pe3", json_true());
    if (s->spmsi_vpns > 0)
        json_object_set_new(p, "spmsi_mvpns", json_integer(s->spmsi_vpns));
    json_object_set_new(p, "receiver_c_interfaces", json_integer(s->receiver_c_ifs));
    json_object_set_new(p, "receiver_pes", json_integer(s->receiver_pes));
    json_object_set_new(p, "mi_pmsi", json_string(mdt_mode_name(s->mdt)));
    json_object_set_new(p, "c_rp", json_string(s->c_rp_on_dut ? "dut" : "site"));
    json_object_set_new(p, "receivers_igmp", json_string(igmp_name(s->igmp_version)));
    if (s->igmp_version != 0)
        json_object_set_new(p, "igmp_spacing_ms", json_real((double)s->igmp_spacing_ns / 1e6));
    json_object_set_new(p, "rate_pps", json_real(1e9 / (double)s->period_ns));
    json_object_set_new(p, "packet_bytes", json_integer(s->packet_bytes));
    json_object_set_new(p, "mtu", json_integer(s->mtu));
    return p;
}

static json_t *text_or_null(const char *text)
{
    return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *nonzero_or_null(uint32_t v)
{
    return v == 0 ? json_null() : json_integer(v);
}

json_t *record_failures(const struct emul_failure *f, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < FAILURES_LISTED; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "criterion", json_string(emul_criterion_name(f[i].criterion)));
        json_object_set_new(item, "vpn", nonzero_or_null(f[i].vpn));
        json_object_set_new(item, "flow", nonzero_or_null(f[i].flow));
        json_object_set_new(item, "neighbour", text_or_null(f[i].neighbour));
        json_object_set_new(item, "interface", text_or_null(f[i].interface));
        json_object_set_new(item, "count", json_integer((json_int_t)f[i].count));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *direction(const struct emul_direction *d, const struct emul_window *w,
                         const struct instance_spec *spec)
{
    double seconds = (double)instant_diff(w->to, w->from) / 1e9;
    json_t *o = json_object();
    json_object_set_new(o, "flows", json_integer((json_int_t)d->flows));
    json_object_set_new(o, "rate_pps",
                        seconds > 0 ? json_real((double)d->received / seconds) : json_null());
    json_object_set_new(o, "packet_bytes", json_integer(spec->packet_bytes));
    json_object_set_new(o, "sent", json_integer((json_int_t)d->sent));
    json_object_set_new(o, "received", json_integer((json_int_t)d->received));
    json_object_set_new(o, "lost", json_integer((json_int_t)d->lost));
    json_object_set_new(o, "not_joined", json_integer((json_int_t)d->not_joined));
    json_object_set_new(o, "duplicate", json_integer((json_int_t)d->duplicate));
    json_object_set_new(o, "reordered", json_integer((json_int_t)d->reordered));
    json_object_set_new(o, "misdelivered", json_integer((json_int_t)d->misdelivered));
    json_t *latency = json_object();
    json_object_set_new(latency, "min", result_count(d->latency_min_ns));
    json_object_set_new(latency, "avg", result_count(d->latency_avg_ns));
    json_object_set_new(latency, "max", result_count(d->latency_max_ns));
    json_object_set_new(latency, "p50", result_count(d->latency_p50_ns));
    json_object_set_new(latency, "p90", result_count(d->latency_p90_ns));
    json_object_set_new(latency, "p99", result_count(d->latency_p99_ns));
    json_object_set_new(o, "latency_ns", latency);
    return o;
}

json_t *record_forwarding(const struct emul_window *w, const struct instance_spec *spec)
{
    json_t *o = json_object();
    json_object_set_new(o, "ingress", direction(&w->ingress, w, spec));
    json_object_set_new(o, "egress", direction(&w->egress, w, spec));
    return o;
}

json_t *record_latency(const struct emul *e, bool ingress)
{
    struct emul_latency *found = mem_zalloc(EMUL_LATENCY_MAX, sizeof(*found));
    size_t count = emul_latency_get(e, ingress, found, EMUL_LATENCY_MAX);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("[I,I,I]", (json_int_t)found[i].lower_ns,
                                        (json_int_t)found[i].upper_ns, (json_int_t)found[i].count));
    free(found);
    return list;
}

json_t *record_relations(const struct instance_request *q, const struct case_measure *m)
{
    json_t *list = json_array();
    struct case_relation r;
    for (size_t n = 0; case_relation_at(q->tc, n, &q->values, m, &r); n++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "%s %s %s", r.left, r.op, r.right);
        json_t *o = json_object();
        json_object_set_new(o, "relation", json_string(text));
        json_object_set_new(o, "at_end", json_boolean(r.at_end));
        json_object_set_new(o, "left",
                            isfinite(r.left_value) ? json_real(r.left_value) : json_null());
        json_object_set_new(o, "right",
                            isfinite(r.right_value) ? json_real(r.right_value) : json_null());
        json_object_set_new(o, "holds", r.holds < 0 ? json_null() : json_boolean(r.holds == 1));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *record_utilisation(const struct dut_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->utilisation_count; i++) {
        const struct utilisation *u = &view->utilisation[i];
        json_t *o = json_object();
        json_object_set_new(o, "component", json_string(u->component));
        json_object_set_new(o, "cpu_percent", result_real(u->cpu_percent));
        json_object_set_new(o, "cpu_peak_1s", result_real(u->cpu_peak_1s));
        json_object_set_new(o, "memory_bytes", result_count((int64_t)u->memory_bytes));
        json_object_set_new(o, "memory_percent", result_real(u->memory_percent));
        json_object_set_new(o, "how", json_string(u->how));
        json_array_append_new(list, o);
    }
    return list;
}

void record_note(json_t *notes, const char *kind, const char *text)
{
    json_t *list = json_object_get(notes, kind);
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(item), text) == 0)
            return;
    }
    json_array_append_new(list, json_string(text));
}

void record_notef(json_t *notes, const char *kind, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    record_note(notes, kind, text);
}
