#include "emul/refpe/fsm.h"

#include "emul/base/log.h"
#include "emul/refpe/df.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/spmsi.h"
#include "emul/refpe/upstream.h"

static const struct fsm_machine *const machines[] = {
    &downstream_machine, &upstream_machine,  &register_machine,
    &df_machine,         &data_flow_machine, &querier_machine,
};

bool refpe_fsm_step(struct refpe *pe, const struct fsm_machine *m, uint8_t *state, unsigned event,
                    uint32_t index, int64_t arg)
{
    const struct fsm_cell *cell = &m->grid[*state * m->event_count + event];
    if (cell->verdict == FSM_IGNORE)
        return false;
    if (cell->verdict != FSM_GO) {
        log_line(LOG_BUG, loop_now(pe->loop), "refpe", "%s %u: %s in state %s cannot be", m->name,
                 index, m->events[event], m->states[*state]);
        return false;
    }
    if (log_enabled(LOG_DEBUG))
        log_line(LOG_DEBUG, loop_now(pe->loop), "refpe", "%s %u: %s --%s/%s--> %s", m->name, index,
                 m->states[*state], m->events[event], cell->action_name, m->states[cell->next]);
    *state = cell->next;
    if (cell->action != NULL)
        cell->action(pe, index, arg);
    return true;
}

const struct fsm_machine *refpe_fsm_machine(size_t n)
{
    return n < sizeof(machines) / sizeof(machines[0]) ? machines[n] : NULL;
}
