/* Every cell of every grid is decided, named and reachable in print. */
#include "emul/proto/pim/fsm.h"
#include "tests/unit/cu.h"

#include <stdbool.h>
#include <string.h>

static void check_grid(const struct fsm_table *t)
{
    for (unsigned s = 0; s < t->states; s++) {
        CU_ASSERT(strlen(t->state_names[s]) > 0);
        for (unsigned e = 0; e < t->events; e++) {
            const struct fsm_cell *cell = fsm_cell_at(t, s, e);
            CU_ASSERT(strlen(t->event_names[e]) > 0);
            CU_ASSERT_NOT_EQUAL(cell->kind, FSM_UNDECIDED);
            CU_ASSERT_PTR_NOT_NULL_FATAL(cell->rfc);
            CU_ASSERT(strlen(cell->rfc) > 0);
            CU_ASSERT(cell->next < t->states);
            CU_ASSERT(cell->action < t->actions);
            if (cell->kind == FSM_GO) {
                CU_ASSERT_NOT_EQUAL(cell->action, FSM_NO_ACTION);
                CU_ASSERT_EQUAL(strncmp(cell->rfc, "RFC ", 4), 0);
            } else {
                CU_ASSERT_EQUAL(cell->action, FSM_NO_ACTION);
            }
        }
    }
}

static void test_grids(void)
{
    size_t n = 0;
    for (; pim_fsm_at(n) != NULL; n++)
        check_grid(pim_fsm_at(n));
    CU_ASSERT_EQUAL(n, 5);
}

static void test_names(void)
{
    static const char *const names[] = {"pim-downstream", "pim-upstream", "pim-neighbour", "pim-df",
                                        "pim-register"};
    for (size_t i = 0; i < 5; i++) {
        const struct fsm_table *t = pim_fsm_find(names[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        CU_ASSERT_STRING_EQUAL(t->name, names[i]);
    }
    CU_ASSERT_PTR_NULL(pim_fsm_find("pim-nothing"));
}

/* A step does what its cell says; what cannot happen changes nothing. */
static void test_steps(void)
{
    for (size_t n = 0; pim_fsm_at(n) != NULL; n++) {
        const struct fsm_table *t = pim_fsm_at(n);
        for (unsigned s = 0; s < t->states; s++) {
            for (unsigned e = 0; e < t->events; e++) {
                const struct fsm_cell *cell = fsm_cell_at(t, s, e);
                uint8_t state = (uint8_t)s;
                unsigned action = pim_fsm_step(t, &state, e, NULL);
                bool goes = cell->kind == FSM_GO;
                CU_ASSERT_EQUAL(action, goes ? cell->action : FSM_NO_ACTION);
                CU_ASSERT_EQUAL(state, goes ? cell->next : s);
            }
        }
    }
}

static const struct cu_test tests[] = {
    {"every cell is decided", test_grids},
    {"machines are found by name", test_names},
    {"steps follow the grid", test_steps},
};

CU_MAIN("pim fsm", tests)
