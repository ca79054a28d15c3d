#include "harness/run/plan.h"

#include <math.h>
#include <string.h>

static json_t *cost_json(const struct run_plan *p, const struct plan_cost *c)
{
    return json_pack("{s:I,s:f,s:o}", "instances", (json_int_t)c->instances, "seconds",
                     ceil(c->seconds), "cpu_seconds",
                     p->setup->virtual_clock ? json_real(c->work_s) : json_null());
}

static json_t *rates_json(const struct plan_estimate *e)
{
    json_t *o = json_object();
    const struct {
        const char *key;
        double value;
    } rows[] = {{"ingress_pps", e->ingress_pps},
                {"egress_pps", e->egress_pps},
                {"received_pps", e->received_pps},
                {"hellos_per_s", e->hellos_per_s},
                {"refreshed_entries_per_s", e->entries_per_s},
                {"joins_per_s", e->joins_per_s},
                {"registers_per_s", e->registers_per_s},
                {"memory_bytes", e->memory_bytes}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_object_set_new(o, rows[i].key, json_real(rows[i].value));
    return o;
}

static json_t *point_json(const struct run_plan *p, const struct plan_point *pp)
{
    json_t *o = json_object();
    json_object_set_new(o, "where", json_string(pp->where));
    json_object_set_new(o, "largest",
                        pp->top == 0 ? json_null() : json_integer((json_int_t)pp->top));
    json_object_set_new(o, "limit", pp->limit[0] == '\0' ? json_null() : json_string(pp->limit));
    json_object_set_new(o, "if_all_holds", cost_json(p, &pp->holding));
    json_object_set_new(o, "at_most", cost_json(p, &pp->most));
    json_object_set_new(o, "peak", rates_json(&pp->e));
    return o;
}

static json_t *values_json(const struct plan_case *pc)
{
    json_t *list = json_array();
    for (size_t i = 0; i < pc->value_count; i++)
        json_array_append_new(list, json_integer((json_int_t)pc->values[i]));
    return list;
}

static json_t *case_json(const struct run_plan *p, const struct plan_case *pc)
{
    json_t *o = json_object(), *notes = json_array(), *points = json_array();
    bool searches = case_kind(pc->tc) == CASE_SEARCH;
    json_object_set_new(o, "case", json_string(case_id(pc->tc)));
    json_object_set_new(o, "title", json_string(case_title(pc->tc)));
    json_object_set_new(o, "omitted",
                        pc->omitted[0] == '\0' ? json_null() : json_string(pc->omitted));
    for (size_t i = 0; i < pc->notes.count; i++)
        json_array_append_new(notes, json_string(pc->notes.items[i]));
    json_object_set_new(o, "notes", notes);
    json_object_set_new(o, "searched",
                        searches ? json_string(case_param_symbol(case_searched(pc->tc)))
                                 : json_null());
    json_object_set_new(o, "values_while_they_pass", values_json(pc));
    for (size_t i = 0; i < pc->point_count; i++)
        json_array_append_new(points, point_json(p, &pc->points[i]));
    json_object_set_new(o, "points", points);
    return o;
}

static json_t *stimuli_json(const struct run_plan *p)
{
    json_t *o = json_object(), *applied = json_array(), *left = json_object();
    for (size_t i = 0; i < p->stimulus_count; i++)
        json_array_append_new(applied, json_string(stimulus_name(p->stimuli[i])));
    for (int i = 0; i < STIM_COUNT; i++) {
        if (p->left_out[i] != NULL)
            json_object_set_new(left, stimulus_name((enum stimulus)i), json_string(p->left_out[i]));
    }
    json_object_set_new(o, "applied", applied);
    json_object_set_new(o, "omitted", left);
    return o;
}

json_t *run_plan_json(const struct run_plan *p)
{
    const struct run_settings *s = &p->setup->settings;
    json_t *o = json_object(), *cases = json_array();
    json_object_set_new(o, "dut", json_string(p->setup->driver));
    json_object_set_new(o, "clock", json_string(p->setup->virtual_clock ? "virtual" : "real"));
    json_object_set_new(o, "timing", json_string(s->timing.name));
    json_object_set_new(o, "rate_pps",
                        s->traffic_load > 0 ? json_null() : json_real(s->traffic_rate_pps));
    json_object_set_new(o, "load", s->traffic_load > 0 ? json_real(s->traffic_load) : json_null());
    json_object_set_new(o, "packet_bytes", json_integer((json_int_t)s->packet_bytes));
    json_object_set_new(o, "mtu", json_integer((json_int_t)p->setup->mtu));
    json_object_set_new(o, "stimuli", stimuli_json(p));
    for (size_t i = 0; i < p->case_count; i++)
        json_array_append_new(cases, case_json(p, &p->cases[i]));
    json_object_set_new(o, "cases", cases);
    json_object_set_new(o, "if_all_holds", cost_json(p, &p->holding));
    json_object_set_new(o, "at_most", cost_json(p, &p->most));
    json_object_set_new(o, "peak", rates_json(&p->peak));
    json_object_set_new(o, "host_memory_bytes", json_real(plan_host_memory()));
    return o;
}
