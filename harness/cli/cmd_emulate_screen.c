/* What the operator sees: a table that refreshes on a terminal, a line now and then elsewhere. */
#include "harness/cli/cmd_emulate.h"
#include "harness/cli/table.h"
#include "harness/run/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HEAD_LINES 6u
#define ROWS_LEAST 2u

static bool on_terminal(const struct emulate *e)
{
    return !e->args->run.o.quiet && !e->args->run.o.json && isatty(STDOUT_FILENO) == 1;
}

void emulate_say(struct emulate *e, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    progress_line("%9.1f s  %s", (double)instant_diff(loop_now(e->world.loop), e->held) / 1e9,
                  text);
}

static unsigned long long number(const json_t *o, const char *key)
{
    return (unsigned long long)json_integer_value(json_object_get(o, key));
}

static void one_line(struct emulate *e, const json_t *s)
{
    const char *state = json_string_value(json_object_get(s, "state"));
    const char *missing = json_string_value(json_object_get(s, "waiting_for"));
    emulate_say(e,
                "%s: MDTs %llu, C-neighbours %llu, MI-PMSI neighbours %llu, C-routes %llu, "
                "sent %llu, lost %llu, duplicate %llu, misdelivered %llu%s%s",
                state, number(s, "mdt_joined"), number(s, "c_neighbours"),
                number(s, "mi_pmsi_neighbours"), number(s, "c_routes_joined"), number(s, "sent"),
                number(s, "lost"), number(s, "duplicate"), number(s, "misdelivered"),
                missing == NULL ? "" : "; waiting for ", missing == NULL ? "" : missing);
}

static size_t lines(void)
{
    struct winsize ws;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > HEAD_LINES + 6)
        return ws.ws_row;
    return 24;
}

static void section(const char *title, json_t *rows, unsigned long long total)
{
    (void)printf("\033[K\n\033[K%s (%zu of %llu)\n", title, json_array_size(rows), total);
    table_rows(stdout, rows);
    json_decref(rows);
}

/* The first VPNs, and neighbours and flows of the first one: who needs more asks with ctl. */
static void full_screen(struct emulate *e, const json_t *s)
{
    size_t each = (lines() - HEAD_LINES - 6) / 3;
    if (each < ROWS_LEAST)
        each = ROWS_LEAST;
    const char *missing = json_string_value(json_object_get(s, "waiting_for"));
    (void)printf("\033[H\033[J%s on %s: %s, %.0f s%s%s\n", case_id(e->setup.cases[0]),
                 e->setup.driver, emulate_phase_name(e->phase), emulate_held_s(e),
                 missing == NULL ? "" : "; waiting for ", missing == NULL ? "" : missing);
    (void)printf("traffic %s: sent %llu, received %llu, lost %llu, duplicate %llu, misdelivered "
                 "%llu\n",
                 json_is_true(json_object_get(s, "traffic")) ? "on" : "off", number(s, "sent"),
                 number(s, "received"), number(s, "lost"), number(s, "duplicate"),
                 number(s, "misdelivered"));
    json_t *vpns = json_array(), *neighbours = json_array(), *flows = json_array();
    emulate_vpns(e, 0, each, vpns);
    size_t neighbour_count = emulate_neighbours(e, 1, 0, each, neighbours);
    size_t flow_count = emulate_flows(e, 1, 0, each, flows);
    section("VPNs", vpns, e->spec.mvpns);
    section("neighbours of VPN 1", neighbours, neighbour_count);
    section("flows of VPN 1", flows, flow_count);
    (void)printf("Ctrl-C ends; `mvpnbench ctl help` lists commands");
    (void)fflush(stdout);
}

void emulate_screen(struct emulate *e)
{
    if (e->args->run.o.quiet)
        return;
    json_t *s = emulate_summary(e);
    if (on_terminal(e))
        full_screen(e, s);
    else
        one_line(e, s);
    json_decref(s);
}
