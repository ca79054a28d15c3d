/* Every cell of both grids is decided and says where it is written. */
#include "emul/proto/igmp/host.h"
#include "tests/unit/cu.h"

#include <string.h>

static void check_grid(const struct fsm_table *t)
{
    for (unsigned s = 0; s < t->states; s++) {
        CU_ASSERT(strlen(t->state_names[s]) > 0);
        for (unsigned e = 0; e < t->events; e++) {
            const struct fsm_cell *cell = fsm_cell_at(t, s, e);
            CU_ASSERT_NOT_EQUAL(cell->kind, FSM_UNDECIDED);
            CU_ASSERT_PTR_NOT_NULL_FATAL(cell->rfc);
            CU_ASSERT(strlen(t->event_names[e]) > 0 && strlen(cell->rfc) > 0);
            CU_ASSERT(cell->next < t->states && cell->action < t->actions);
            CU_ASSERT_EQUAL(cell->action != FSM_NO_ACTION, cell->kind == FSM_GO);
            if (cell->kind == FSM_GO)
                CU_ASSERT_EQUAL(strncmp(cell->rfc, "RFC ", 4), 0);
        }
    }
    for (unsigned a = 0; a < t->actions; a++)
        CU_ASSERT(strlen(t->action_names[a]) > 0);
}

static void test_grids(void)
{
    size_t n = 0;
    for (; igmp_fsm_at(n) != NULL; n++)
        check_grid(igmp_fsm_at(n));
    CU_ASSERT_EQUAL(n, 2);
}

static const struct cu_test tests[] = {{"every cell is decided", test_grids}};

CU_MAIN("igmp fsm", tests)
