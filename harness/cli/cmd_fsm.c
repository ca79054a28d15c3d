#include "emul/proto/igmp/host.h"
#include "emul/proto/pim/fsm.h"
#include "harness/case/settings.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MACHINES_MAX 16

const struct cli_option fsm_option_table[] = {
    {"format", "text|dot", "text, or Graphviz (text)"},
};
const size_t fsm_option_count = 1;

struct fsm_args {
    const char *name;
    bool dot;
};

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct fsm_args *a = ctx;
    if (index == OPTION_POSITIONAL && a->name == NULL) {
        a->name = value;
        return 0;
    }
    if (index == OPTION_POSITIONAL) {
        err_set(err, ERR_USE, "fsm takes one name; leave '%.60s' out", value);
        return -1;
    }
    a->dot = strcmp(value, "dot") == 0;
    if (!a->dot && strcmp(value, "text") != 0) {
        err_set(err, ERR_USE, "--format %.60s: no such rendering (there are: text, dot)", value);
        return -1;
    }
    return 0;
}

/* machine_at returns the n-th machine of all protocols, or NULL behind the last. */
static const struct fsm_table *machine_at(size_t n)
{
    size_t pim = 0;
    while (pim_fsm_at(pim) != NULL)
        pim++;
    return n < pim ? pim_fsm_at(n) : igmp_fsm_at(n - pim);
}

static const struct fsm_table *machine_find(const char *name)
{
    size_t n = 0;
    while (machine_at(n) != NULL && strcmp(machine_at(n)->name, name) != 0)
        n++;
    return machine_at(n);
}

static void print_text(const struct fsm_table *t)
{
    (void)printf("%s: %s\n", t->name, t->title);
    for (unsigned s = 0; s < t->states; s++) {
        (void)printf("\n%s\n", t->state_names[s]);
        for (unsigned e = 0; e < t->events; e++) {
            const struct fsm_cell *c = fsm_cell_at(t, s, e);
            const char *rfc = c->rfc == NULL ? "" : c->rfc;
            if (c->kind == FSM_GO)
                (void)printf("  %-32s -> %-20s %-28s %s\n", t->event_names[e],
                             t->state_names[c->next],
                             c->action == FSM_NO_ACTION ? "" : t->action_names[c->action], rfc);
            else
                (void)printf("  %-32s    %-20s %-28s %s\n", t->event_names[e],
                             c->kind == FSM_IGNORE ? "(nothing)" : "(cannot happen)", "", rfc);
        }
    }
}

static void print_dot(const struct fsm_table *t)
{
    (void)printf("digraph \"%s\" {\n  label=\"%s\";\n", t->name, t->title);
    for (unsigned s = 0; s < t->states; s++)
        (void)printf("  s%u [label=\"%s\"];\n", s, t->state_names[s]);
    for (unsigned s = 0; s < t->states; s++) {
        for (unsigned e = 0; e < t->events; e++) {
            const struct fsm_cell *c = fsm_cell_at(t, s, e);
            if (c->kind != FSM_GO)
                continue;
            bool act = c->action != FSM_NO_ACTION;
            (void)printf("  s%u -> s%u [label=\"%s%s%s\"];\n", s, c->next, t->event_names[e],
                         act ? " / " : "", act ? t->action_names[c->action] : "");
        }
    }
    (void)puts("}");
}

int cmd_fsm(int argc, char **argv)
{
    struct fsm_args a = {0};
    struct err err = {0};
    if (options_parse(fsm_option_table, fsm_option_count, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    const char *names[MACHINES_MAX];
    size_t n = 0;
    for (; n < MACHINES_MAX && machine_at(n) != NULL; n++) {
        names[n] = machine_at(n)->name;
        if (a.name == NULL)
            (void)printf("%-20s %s\n", names[n], machine_at(n)->title);
    }
    if (a.name == NULL)
        return EXIT_DONE;
    const struct fsm_table *t = machine_find(a.name);
    if (t == NULL) {
        err_set(&err, ERR_USE, "no state machine '%.60s'; did you mean '%s'?", a.name,
                text_nearest(a.name, names, n));
        return cli_fail(&err);
    }
    (a.dot ? print_dot : print_text)(t);
    return EXIT_DONE;
}
