/* Draft 9.13: the C-RPs on the DUT hear of every source before it sends (PROTOCOLS 12 D27, D28). */
#include "emul/loop/loop.h"
#include "harness/run/extra.h"
#include "harness/run/record.h"
#include "harness/run/step.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/result.h"

static void record(struct procedure *p, const struct emul_register_joins *seen)
{
    bool any = seen->measured > 0;
    json_t *o = json_object();
    json_object_set_new(o, "min", result_time_or_null(any, seen->delay_min_ns));
    json_object_set_new(o, "avg", result_time_or_null(any, seen->delay_avg_ns));
    json_object_set_new(o, "max", result_time_or_null(any, seen->delay_max_ns));
    json_object_set_new(o, "count", json_integer((json_int_t)seen->measured));
    json_object_set_new(json_object_get(p->out->record, "extra"), "register_to_join_delay", o);
}

int extra_registers(struct procedure *p, struct err *err)
{
    struct instant limit =
        instant_add(loop_now(p->w->loop), seconds_ns(p->w->settings->timing.setup_limit_s));
    struct emul_register_joins seen;
    record_note(p->out->notes, "procedure",
                "before traffic the sources are registered by Null-Registers");
    emul_register_begin(p->emul);
    for (;;) {
        emul_register_get(p->emul, &seen);
        step_enter(p, (struct step){.until = limit, .at_most = true},
                   "Registers, %llu of %llu sources joined by the DUT",
                   (unsigned long long)seen.joined, (unsigned long long)seen.expected);
        if (seen.joined == seen.expected || loop_now(p->w->loop).ns >= limit.ns)
            break;
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    emul_register_end(p->emul);
    record(p, &seen);
    if (seen.joined == seen.expected)
        return 1;
    return procedure_fail_early(p, "the DUT does not join every source that was registered",
                                BOUND_DUT, err);
}
