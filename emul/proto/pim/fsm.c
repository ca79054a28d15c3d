#include "emul/proto/pim/fsm.h"

#include "emul/base/log.h"

#include <string.h>

static const struct fsm_table *const tables[] = {
    &pim_fsm_neighbour, &pim_fsm_downstream, &pim_fsm_upstream, &pim_fsm_df, &pim_fsm_register,
};

const struct fsm_table *pim_fsm_at(size_t n)
{
    return n < sizeof(tables) / sizeof(tables[0]) ? tables[n] : NULL;
}

const struct fsm_table *pim_fsm_find(const char *name)
{
    for (size_t i = 0; pim_fsm_at(i) != NULL; i++) {
        if (strcmp(tables[i]->name, name) == 0)
            return tables[i];
    }
    return NULL;
}

static void log_step(const struct fsm_table *t, unsigned from, unsigned event,
                     const struct fsm_cell *cell, const struct fsm_who *who)
{
    enum log_level level = cell->kind == FSM_ILLEGAL ? LOG_BUG : LOG_DEBUG;
    if (who == NULL || !log_enabled(level))
        return;
    char text[96] = "";
    if (who->describe != NULL)
        who->describe(who->arg, text, sizeof(text));
    log_line(level, who->now, who->subsystem, "%s %s --%s/%s--> %s", text, t->state_names[from],
             t->event_names[event],
             cell->kind == FSM_ILLEGAL ? "illegal" : t->action_names[cell->action],
             t->state_names[cell->kind == FSM_GO ? cell->next : from]);
}

unsigned pim_fsm_step(const struct fsm_table *t, uint8_t *state, unsigned event,
                      const struct fsm_who *who)
{
    const struct fsm_cell *cell = fsm_cell_at(t, *state, event);
    if (cell->kind == FSM_IGNORE)
        return FSM_NO_ACTION;
    log_step(t, *state, event, cell, who);
    if (cell->kind != FSM_GO)
        return FSM_NO_ACTION;
    *state = cell->next;
    return cell->action;
}
