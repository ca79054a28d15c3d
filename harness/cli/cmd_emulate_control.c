/* The commands of a network that is held. */
#include "emul/base/mem.h"
#include "harness/cli/cmd_emulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_MAX_S 86400u
/* Packets that were sent within a window may still be on their way when it closes. */
#define DRAIN_NS     (2 * NS_PER_S)
#define FAILURES_MAX 100

static int words(int argc, int least, int most, const char *usage, struct err *err)
{
    if (argc - 1 >= least && argc - 1 <= most)
        return 0;
    err_set(err, ERR_USE, "write: %s", usage);
    return -1;
}

/* ---- looking --------------------------------------------------------------------------------- */

static json_t *rows_and_next(json_t *rows, const char *next)
{
    json_t *answer = json_pack("{s:o}", "rows", rows);
    if (next[0] != '\0')
        json_object_set_new(answer, "next", json_string(next));
    return answer;
}

static int read_first(const char *word, size_t *first, struct err *err)
{
    uint32_t n = 0;
    if (strcmp(word, "0") != 0 && control_number("row", word, &n, err) != 0)
        return -1;
    *first = n;
    return 0;
}

/* show neighbours|flows [VPN [FIRST]], or with the word all before VPN: this one and those behind
 * it. The longer forms are what "next" of an answer asks for. */
static json_t *show_list(struct emulate *e, int argc, char **argv, emulate_list_fn *get,
                         struct err *err)
{
    bool all = argc == 2 || strcmp(argv[2], "all") == 0;
    int at = all ? 3 : 2;
    uint32_t v = 1, last = e->spec.mvpns;
    size_t first = 0, room = EMULATE_PAGE;
    if ((argc > at && control_number("VPN", argv[at], &v, err) != 0) ||
        (argc > at + 1 && read_first(argv[at + 1], &first, err) != 0))
        return NULL;
    if (v > last) {
        err_set(err, ERR_USE, "VPN %u: there are 1 to %u", v, last);
        return NULL;
    }
    last = all ? last : v;
    json_t *rows = json_array();
    while (v <= last && room > 0) {
        size_t total = get(e, v, first, room, rows);
        size_t left = total > first ? total - first : 0;
        size_t got = left < room ? left : room;
        room -= got;
        first = got == left ? 0 : first + got;
        v += got == left;
    }
    char next[96] = "";
    if (v <= last)
        (void)snprintf(next, sizeof(next), "show %s %s%u %zu", argv[1], all ? "all " : "", v,
                       first);
    return rows_and_next(rows, next);
}

static json_t *show_vpns(struct emulate *e, int argc, char **argv, struct err *err)
{
    size_t first = 0;
    char next[64] = "";
    if (argc > 2 && read_first(argv[2], &first, err) != 0)
        return NULL;
    json_t *rows = json_array();
    emulate_vpns(e, first, EMULATE_PAGE, rows);
    if (first + json_array_size(rows) < e->spec.mvpns)
        (void)snprintf(next, sizeof(next), "show vpns %zu", first + json_array_size(rows));
    return rows_and_next(rows, next);
}

static json_t *do_show(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    struct emulate *e = arg;
    (void)call;
    static const char usage[] = "show [vpns | neighbours [VPN] | flows [VPN]]";
    if (e->emul == NULL) {
        err_set(err, ERR_USE, "the network is not built yet");
        return NULL;
    }
    if (words(argc, 0, 4, usage, err) != 0)
        return NULL;
    if (argc == 1)
        return emulate_summary(e);
    if (strcmp(argv[1], "vpns") == 0 && argc <= 3)
        return show_vpns(e, argc, argv, err);
    if (strcmp(argv[1], "neighbours") == 0)
        return show_list(e, argc, argv, emulate_neighbours, err);
    if (strcmp(argv[1], "flows") == 0)
        return show_list(e, argc, argv, emulate_flows, err);
    (void)words(argc, 99, 99, usage, err);
    return NULL;
}

/* ---- acting ---------------------------------------------------------------------------------- */

/* What changes the network is done when it is up: before, it would get in the way of bring-up. */
static int must_be_up(const struct emulate *e, struct err *err)
{
    if (e->phase == EMULATE_UP)
        return 0;
    err_set(err, ERR_USE, "the network is not up (%s)", emulate_phase_name(e->phase));
    return -1;
}

static json_t *done_or(int result)
{
    return result == 0 ? json_object() : NULL;
}

static json_t *do_group(void *arg, struct control_call *call, int argc, char **argv,
                        struct err *err)
{
    struct emulate *e = arg;
    uint32_t vpn, group;
    (void)call;
    if (words(argc, 3, 3, "group VPN GROUP on|off", err) != 0 || must_be_up(e, err) != 0 ||
        control_number("VPN", argv[1], &vpn, err) != 0 ||
        control_number("group", argv[2], &group, err) != 0)
        return NULL;
    int which = control_choice(argv[3], "on", "off", err);
    return which < 0 ? NULL : done_or(emul_group_set(e->emul, vpn, group, which == 0, err));
}

static json_t *do_pe(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    struct emulate *e = arg;
    uint32_t vpn, pe;
    (void)call;
    if (words(argc, 3, 3, "pe VPN PE up|down", err) != 0 || must_be_up(e, err) != 0 ||
        control_number("VPN", argv[1], &vpn, err) != 0 ||
        control_number("remote PE", argv[2], &pe, err) != 0)
        return NULL;
    int which = control_choice(argv[3], "up", "down", err);
    return which < 0 ? NULL : done_or(emul_pe_set(e->emul, vpn, pe, which == 0, err));
}

static json_t *do_genid(void *arg, struct control_call *call, int argc, char **argv,
                        struct err *err)
{
    struct emulate *e = arg;
    uint32_t vpn, number;
    (void)call;
    if (words(argc, 3, 3, "genid VPN c INTERFACE, or genid VPN pe PE", err) != 0 ||
        must_be_up(e, err) != 0 || control_number("VPN", argv[1], &vpn, err) != 0)
        return NULL;
    int which = control_choice(argv[2], "c", "pe", err);
    if (which < 0 ||
        control_number(which == 0 ? "C-interface" : "remote PE", argv[3], &number, err) != 0)
        return NULL;
    return done_or(emul_genid(e->emul, vpn, which == 0 ? number : 0, which == 0 ? 0 : number, err));
}

static json_t *do_link(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    struct emulate *e = arg;
    (void)call;
    if (words(argc, 2, 2, "link a1|a3 up|down", err) != 0 || must_be_up(e, err) != 0)
        return NULL;
    int side = control_choice(argv[1], "a1", "a3", err);
    int way = side < 0 ? -1 : control_choice(argv[2], "up", "down", err);
    if (way < 0)
        return NULL;
    return done_or(emul_link(e->emul, side == 0 ? SIDE_C : SIDE_P, way == 0, err));
}

static json_t *do_traffic(void *arg, struct control_call *call, int argc, char **argv,
                          struct err *err)
{
    struct emulate *e = arg;
    (void)call;
    if (words(argc, 1, 1, "traffic on|off", err) != 0 || must_be_up(e, err) != 0)
        return NULL;
    int which = control_choice(argv[1], "on", "off", err);
    if (which < 0)
        return NULL;
    if (e->window.call != NULL) {
        err_set(err, ERR_USE, "a window is being counted; wait for its end");
        return NULL;
    }
    if ((which == 0) != emul_live_sending(e->emul))
        emul_live_traffic(e->emul, which == 0);
    return json_object();
}

static json_t *do_stop(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    struct emulate *e = arg;
    (void)call;
    (void)argv;
    if (words(argc, 0, 0, "stop", err) != 0)
        return NULL;
    e->stop = true;
    loop_stop(e->world.loop);
    return json_pack("{s:b}", "stopping", 1);
}

/* ---- a counting window ----------------------------------------------------------------------- */

static json_t *direction_row(const char *name, const struct emul_direction *d)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "direction", name,
                     "flows", (json_int_t)d->flows, "sent", (json_int_t)d->sent, "received",
                     (json_int_t)d->received, "lost", (json_int_t)d->lost, "not_joined",
                     (json_int_t)d->not_joined, "duplicate", (json_int_t)d->duplicate, "reordered",
                     (json_int_t)d->reordered, "misdelivered", (json_int_t)d->misdelivered,
                     "latency_min_ns", (json_int_t)d->latency_min_ns, "latency_avg_ns",
                     (json_int_t)d->latency_avg_ns, "latency_max_ns",
                     (json_int_t)d->latency_max_ns);
}

static json_t *failure_rows(struct emulate *e)
{
    struct emul_failure *found = mem_zalloc(FAILURES_MAX, sizeof(*found));
    size_t count = emul_failures(e->emul, found, FAILURES_MAX);
    json_t *rows = json_array();
    for (size_t i = 0; i < count && i < FAILURES_MAX; i++) {
        const struct emul_failure *f = &found[i];
        json_array_append_new(rows, json_pack("{s:s,s:I,s:I,s:s,s:s,s:I}", "criterion",
                                              emul_criterion_name(f->criterion), "vpn",
                                              (json_int_t)f->vpn, "flow", (json_int_t)f->flow,
                                              "neighbour", f->neighbour, "interface", f->interface,
                                              "count", (json_int_t)f->count));
    }
    free(found);
    return rows;
}

static void window_due(void *arg)
{
    struct emulate *e = arg;
    struct emulate_window *w = &e->window;
    if (!w->closed) {
        w->closed = true;
        emul_window_close(e->emul);
        timer_set_in(e->world.loop, &w->timer, DRAIN_NS);
        return;
    }
    struct emul_window counts;
    struct control_call *call = w->call;
    emul_window_get(e->emul, &counts);
    json_t *rows = json_array();
    json_array_append_new(rows, direction_row("ingress", &counts.ingress));
    json_array_append_new(rows, direction_row("egress", &counts.egress));
    w->call = NULL;
    control_answer(call, json_pack("{s:f,s:o,s:o}", "seconds",
                                   (double)instant_diff(counts.to, counts.from) / 1e9, "rows", rows,
                                   "failures", failure_rows(e)));
}

static json_t *do_window(void *arg, struct control_call *call, int argc, char **argv,
                         struct err *err)
{
    struct emulate *e = arg;
    uint32_t seconds;
    if (words(argc, 1, 1, "window SECONDS", err) != 0 || must_be_up(e, err) != 0 ||
        control_number("seconds", argv[1], &seconds, err) != 0)
        return NULL;
    if (seconds > WINDOW_MAX_S)
        err_set(err, ERR_USE, "a window has at most %u seconds", WINDOW_MAX_S);
    else if (e->window.call != NULL)
        err_set(err, ERR_USE, "a window is being counted already; wait for its end");
    else if (!emul_live_sending(e->emul))
        err_set(err, ERR_USE, "there is no traffic to count; say `traffic on`");
    if (err->code != ERR_NONE)
        return NULL;
    e->window = (struct emulate_window){.call = call};
    timer_init(&e->window.timer, "window", window_due, e);
    emul_window_open(e->emul);
    timer_set_in(e->world.loop, &e->window.timer, seconds * NS_PER_S);
    return NULL;
}

void emulate_window_cancel(struct emulate *e)
{
    struct control_call *call = e->window.call;
    struct err err = {0};
    if (call == NULL)
        return;
    timer_cancel(e->world.loop, &e->window.timer);
    e->window.call = NULL;
    err_set(&err, ERR_TESTBED, "the program ended before the window did");
    control_refuse(call, &err);
}

static const struct control_command commands[] = {
    {"show", "[vpns | neighbours [VPN] | flows [VPN]]", "what is up, and counts since the start",
     do_show},
    {"group", "VPN GROUP on|off", "receivers join and sources send, or not", do_group},
    {"pe", "VPN PE up|down", "a remote PE of a VPN comes back or crashes", do_pe},
    {"genid", "VPN c INTERFACE | VPN pe PE", "a C-router or remote PE restarts: new GenID",
     do_genid},
    {"link", "a1|a3 up|down", "plug or pull a cable", do_link},
    {"traffic", "on|off", "start all sources anew, or stop them", do_traffic},
    {"window", "SECONDS", "count what is sent from now on, answer at the end", do_window},
    {"stop", "", "withdraw everything and end", do_stop},
};

const struct control_command *emulate_commands(size_t *count)
{
    *count = sizeof(commands) / sizeof(commands[0]);
    return commands;
}

void emulate_commands_init(struct emulate *e)
{
    size_t count;
    const struct control_command *all = emulate_commands(&count);
    e->table = (struct control_table){all, count, e};
}
