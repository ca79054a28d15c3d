/* Every cell of every state machine is decided, and leads to a state that exists. */
#include "emul/refpe/fsm.h"
#include "tests/unit/cu.h"

static void complete(void)
{
    size_t machines = 0;
    for (const struct fsm_machine *m; (m = refpe_fsm_machine(machines)) != NULL; machines++) {
        for (size_t s = 0; s < m->state_count; s++) {
            CU_ASSERT_PTR_NOT_NULL(m->states[s]);
            for (size_t e = 0; e < m->event_count; e++) {
                const struct fsm_cell *c = &m->grid[s * m->event_count + e];
                CU_ASSERT_NOT_EQUAL(c->verdict, FSM_UNDECIDED);
                CU_ASSERT_TRUE(c->next < m->state_count);
                CU_ASSERT_PTR_NOT_NULL(m->events[e]);
            }
        }
    }
    CU_ASSERT_EQUAL(machines, 6);
}

/* Every state can be reached from the first one. */
static void reachable(void)
{
    for (size_t n = 0; refpe_fsm_machine(n) != NULL; n++) {
        const struct fsm_machine *m = refpe_fsm_machine(n);
        unsigned reached = 1;
        for (size_t round = 0; round < m->state_count; round++) {
            for (size_t i = 0; i < m->state_count * m->event_count; i++) {
                bool from = (reached >> (i / m->event_count) & 1) != 0;
                if (from && m->grid[i].verdict == FSM_GO)
                    reached |= 1u << m->grid[i].next;
            }
        }
        CU_ASSERT_EQUAL(reached, (1u << m->state_count) - 1);
    }
}

static const struct cu_test tests[] = {{"complete", complete}, {"reachable", reachable}};
CU_MAIN("refpe state machines", tests)
