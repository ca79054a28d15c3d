/* Commands to a running monitor, one line of words each (`mvpnbench ctl`). */
#include "emul/base/mem.h"
#include "emul/conf/nearest.h"
#include "monitor/scope/scope.h"
#include "mvpnbench/monitor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAGE            500u /* rows of one answer */
#define RATE_DEFAULT    10.0
#define BYTES_DEFAULT   100.0
#define LISTED_MAX      1024u
#define SECONDS_MAX     1e9
#define RATE_LEAST      0.001
#define NAME_MAX_LENGTH 64

typedef json_t *command_fn(struct monitor *m, int argc, char **argv, struct err *err);

/* ---- words ----------------------------------------------------------------------------------- */

static bool number(const char *what, const char *word, double min, double max, double *out,
                   struct err *err)
{
    char *end;
    errno = 0;
    *out = strtod(word, &end);
    if (word[0] != '\0' && *end == '\0' && errno == 0 && isfinite(*out) && *out >= min &&
        *out <= max)
        return true;
    err_set(err, ERR_USE, "%s '%.40s': give a number within %.10g ... %.10g", what, word, min, max);
    return false;
}

static bool address(const char *word, ip4_t *out, struct err *err)
{
    if (ip4_parse(word, out) && *out != 0 && !ip4_is_multicast(*out))
        return true;
    err_set(err, ERR_USE, "'%.40s' is not the IPv4 address of a host", word);
    return false;
}

static bool name(const char *word, struct err *err)
{
    if (strlen(word) <= NAME_MAX_LENGTH && strchr(word, ',') == NULL)
        return true;
    err_set(err, ERR_USE, "'%.70s': a name has at most %d characters and no commas", word,
            NAME_MAX_LENGTH);
    return false;
}

/* Names of tunnels with commas between: numbers, owned by the caller. */
static uint32_t *tunnels_listed(const struct monitor *m, const char *word, size_t *count,
                                struct err *err)
{
    uint32_t *list = mem_zalloc(LISTED_MAX, sizeof(*list));
    char *copy = mem_strdup(word), *at = copy, *part;
    bool good = true;
    *count = 0;
    while (good && (part = strsep(&at, ",")) != NULL) {
        uint32_t n = end_find(m, part, err);
        good = n != NONE && *count < LISTED_MAX;
        for (size_t i = 0; good && i < *count; i++)
            good = list[i] != n;
        if (good)
            list[(*count)++] = n;
        else
            err_set(err, ERR_USE, "tunnel '%.64s' stands there twice", part);
    }
    free(copy);
    if (good)
        return list;
    free(list);
    return NULL;
}

/* ---- showing --------------------------------------------------------------------------------- */

static json_t *do_show(struct monitor *m, int argc, char **argv, struct err *err)
{
    size_t running = 0, ends = 0, shown = 0;
    (void)argc;
    (void)argv;
    (void)err;
    json_t *vpns = json_array();
    for (size_t i = 0; i < m->task_count; i++)
        running += m->tasks[i].on;
    for (size_t i = 0; i < m->end_count; i++)
        ends += !m->ends[i].dropped;
    for (size_t i = 0; i < m->pair_count; i++)
        shown += pair_shown(&m->pairs[i]);
    for (size_t i = 0; i < m->vpn_count; i++) {
        char text[IP4_TEXT];
        if (m->inference.on && i == m->inference.vpn)
            continue;
        json_array_append_new(vpns, json_pack("{s:s,s:s,s:b}", "vpn", m->vpns[i].name, "group",
                                              ip4_text(m->vpns[i].group, text), "native",
                                              m->vpns[i].native));
    }
    return json_pack("{s:f,s:I,s:I,s:I,s:I,s:I,s:o}", "seconds",
                     (double)(now_ns(m) - m->began_ns) / 1e9, "tunnels", (json_int_t)ends,
                     "tasks_running", (json_int_t)running, "tasks", (json_int_t)m->task_count,
                     "pairs", (json_int_t)shown, "anomalies", (json_int_t)m->anomaly_count, "rows",
                     vpns);
}

/* A pair as a row of a table: B.8's objects within it opened. */
static json_t *pair_row(const struct monitor *m, const struct pair *p)
{
    static const char *const keep[] = {"vpn",  "from", "to",        "task",      "sent", "received",
                                       "lost", "loss", "duplicate", "reordered", NULL};
    json_t *whole = pair_json(m, p), *row = json_object();
    for (size_t i = 0; keep[i] != NULL; i++)
        json_object_set(row, keep[i], json_object_get(whole, keep[i]));
    const json_t *delay = json_object_get(whole, "delay_ns");
    const json_t *backbone = json_object_get(whole, "backbone");
    json_object_set(row, "delay_p50_ns", json_object_get(delay, "p50"));
    json_object_set(row, "delay_p99_ns", json_object_get(delay, "p99"));
    json_object_set(row, "jitter_ns", json_object_get(whole, "jitter_ns"));
    json_object_set(row, "backbone_loss", json_object_get(backbone, "loss"));
    json_object_set(row, "backbone_delay_ns", json_object_get(backbone, "delay_ns"));
    json_decref(whole);
    return row;
}

/* `pairs [VPN]`; the longer form, `pairs VPN|* FIRST`, is what "next" of an answer asks for. */
static json_t *do_pairs(struct monitor *m, int argc, char **argv, struct err *err)
{
    bool all = argc < 2 || strcmp(argv[1], "*") == 0;
    uint32_t vpn = all ? NONE : vpn_find(m, argv[1], err);
    double first = 0;
    if ((!all && vpn == NONE) ||
        (argc > 2 && !number("first pair", argv[2], 0, (double)m->pair_count, &first, err)))
        return NULL;
    json_t *rows = json_array(), *answer = json_object();
    size_t i = (size_t)first;
    for (; i < m->pair_count && json_array_size(rows) < PAGE; i++) {
        const struct pair *p = &m->pairs[i];
        if (pair_shown(p) && (all || m->tasks[m->streams[p->stream].task].vpn == vpn))
            json_array_append_new(rows, pair_row(m, p));
    }
    if (i < m->pair_count) {
        char *next = mem_printf("pairs %s %zu", all ? "*" : argv[1], i);
        json_object_set_new(answer, "next", json_string(next));
        free(next);
    }
    json_object_set_new(answer, "rows", rows);
    return answer;
}

static json_t *do_tunnels(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    return json_pack("{s:o}", "rows", ends_json(m, true));
}

static json_t *do_anomalies(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    return json_pack("{s:o}", "rows", anomalies_json(m));
}

static json_t *do_passive(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    return json_pack("{s:o}", "rows", passive_json(m));
}

static json_t *do_tasks(struct monitor *m, int argc, char **argv, struct err *err)
{
    json_t *rows = json_array();
    (void)argc;
    (void)argv;
    (void)err;
    for (size_t i = 0; i < m->task_count; i++) {
        const struct task *t = &m->tasks[i];
        json_array_append_new(
            rows, json_pack("{s:s,s:s,s:s,s:I,s:I,s:f,s:I,s:I}", "task", t->name, "vpn",
                            m->vpns[t->vpn].name, "state", t->on ? "running" : "stopped", "senders",
                            (json_int_t)t->stream_count, "receivers", (json_int_t)t->receiver_count,
                            "rate_pps", t->passive ? 0 : t->rate_pps, "bytes", (json_int_t)t->bytes,
                            "dscp", (json_int_t)t->dscp));
    }
    return json_pack("{s:o}", "rows", rows);
}

/* ---- tunnels, VPNs, groups ------------------------------------------------------------------- */

static json_t *done_if(bool good)
{
    return good ? json_object() : NULL;
}

static json_t *tunnel_add(struct monitor *m, int argc, char **argv, struct err *err)
{
    struct tunnel_spec s = {.name = argv[2], .local = m->file->address};
    if (!name(argv[2], err) || !address(argv[3], &s.remote, err) ||
        (argc > 4 && !address(argv[4], &s.local, err)) ||
        (argc > 5 && !address(argv[5], &s.inner_local, err)) ||
        (argc > 6 && !address(argv[6], &s.inner_remote, err)))
        return NULL;
    if (m->end_count >= SCOPE_TUNNELS_MAX) {
        err_set(err, ERR_USE, "at most %u tunnels", SCOPE_TUNNELS_MAX);
        return NULL;
    }
    return done_if(end_add(m, &s, SCOPE_PE, err) >= 0);
}

static json_t *do_tunnel(struct monitor *m, int argc, char **argv, struct err *err)
{
    if (strcmp(argv[1], "add") == 0 && argc >= 4 && argc <= 7)
        return tunnel_add(m, argc, argv, err);
    if (strcmp(argv[1], "drop") == 0 && argc == 3) {
        uint32_t n = end_find(m, argv[2], err);
        return done_if(n != NONE && end_drop(m, n, err) == 0);
    }
    err_set(
        err, ERR_USE,
        "say: tunnel add NAME REMOTE [LOCAL [INNER_LOCAL [INNER_REMOTE]]], or tunnel drop NAME");
    return NULL;
}

static json_t *do_vpn(struct monitor *m, int argc, char **argv, struct err *err)
{
    ip4_t group;
    if (strcmp(argv[1], "add") != 0 || argc < 4 || (argc == 5 && strcmp(argv[4], "native") != 0)) {
        err_set(err, ERR_USE, "say: vpn add NAME GROUP [native]");
        return NULL;
    }
    if (!name(argv[2], err))
        return NULL;
    if (!ip4_parse(argv[3], &group) || !ip4_is_multicast(group)) {
        err_set(err, ERR_USE, "'%.40s' is no multicast group", argv[3]);
        return NULL;
    }
    return done_if(vpn_add(m, argv[2], group, argc == 5, err) >= 0);
}

static json_t *by_hand(struct monitor *m, char **argv, bool join, struct err *err)
{
    uint32_t vpn = vpn_find(m, argv[1], err);
    uint32_t tunnel = vpn == NONE ? NONE : end_find(m, argv[2], err);
    if (tunnel == NONE)
        return NULL;
    member_by_hand(m, vpn, tunnel, join);
    return json_object();
}

static json_t *do_join(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    return by_hand(m, argv, true, err);
}

static json_t *do_leave(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    return by_hand(m, argv, false, err);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Reads [RATE [BYTES [DSCP]]] from word first on; what is not said stays. */
static bool pace(struct task_order *o, int first, int argc, char **argv, struct err *err)
{
    double rate = o->rate_pps, bytes = o->bytes, dscp = o->dscp;
    if ((argc > first && !number("rate", argv[first], RATE_LEAST, SCOPE_RATE_MAX, &rate, err)) ||
        (argc > first + 1 &&
         !number("bytes", argv[first + 1], SCOPE_BYTES_MIN, SCOPE_BYTES_MAX, &bytes, err)) ||
        (argc > first + 2 && !number("DSCP", argv[first + 2], 0, 63, &dscp, err)))
        return false;
    o->rate_pps = rate;
    o->bytes = (uint32_t)bytes;
    o->dscp = (uint8_t)dscp;
    return true;
}

static json_t *started(const struct monitor *m, int task)
{
    return task < 0 ? NULL : json_pack("{s:s}", "task", m->tasks[task].name);
}

/* Probes by hand go to all that have joined: the tunnels that have when sending begins. */
static json_t *do_send(struct monitor *m, int argc, char **argv, struct err *err)
{
    struct task_order o = {.bytes = (uint32_t)BYTES_DEFAULT};
    uint32_t sender = NONE;
    o.vpn = vpn_find(m, argv[1], err);
    if (o.vpn == NONE || (sender = end_find(m, argv[2], err)) == NONE ||
        !number("rate", argv[3], RATE_LEAST, SCOPE_RATE_MAX, &o.rate_pps, err) ||
        (argc > 4 && !number("seconds", argv[4], RATE_LEAST, SECONDS_MAX, &o.seconds, err)))
        return NULL;
    uint32_t *receivers = mem_zalloc(m->end_count, sizeof(*receivers));
    for (uint32_t i = 0; i < m->end_count; i++) {
        const struct member *b = member_get(m, o.vpn, i, false);
        if (i != sender && b != NULL && b->state == MEMBER_JOINED)
            receivers[o.receiver_count++] = i;
    }
    o.senders = &sender;
    o.sender_count = 1;
    o.receivers = receivers;
    char *task = mem_printf("send%zu", m->task_count + 1);
    o.name = task;
    json_t *answer = NULL;
    if (o.receiver_count == 0)
        err_set(err, ERR_USE, "no other tunnel has joined VPN %.64s: `join %.64s TUNNEL` first",
                argv[1], argv[1]);
    else
        answer = started(m, task_add(m, &o, err));
    free(task);
    free(receivers);
    return answer;
}

/* task add NAME VPN SENDERS RECEIVERS [RATE [BYTES [DSCP]]]; SENDERS "-": passive */
static json_t *task_new(struct monitor *m, int argc, char **argv, struct err *err)
{
    struct task_order o = {
        .name = argv[2], .rate_pps = RATE_DEFAULT, .bytes = (uint32_t)BYTES_DEFAULT};
    uint32_t *senders = NULL, *receivers = NULL;
    json_t *answer = NULL;
    o.passive = strcmp(argv[4], "-") == 0;
    o.vpn = name(argv[2], err) ? vpn_find(m, argv[3], err) : NONE;
    if (o.vpn != NONE && pace(&o, 6, argc, argv, err) &&
        (o.passive || (senders = tunnels_listed(m, argv[4], &o.sender_count, err)) != NULL) &&
        (receivers = tunnels_listed(m, argv[5], &o.receiver_count, err)) != NULL) {
        o.senders = senders;
        o.receivers = receivers;
        answer = started(m, task_add(m, &o, err));
    }
    free(senders);
    free(receivers);
    return answer;
}

static json_t *do_task(struct monitor *m, int argc, char **argv, struct err *err)
{
    bool start = strcmp(argv[1], "start") == 0;
    if (strcmp(argv[1], "add") == 0 && argc >= 6)
        return task_new(m, argc, argv, err);
    if (argc != 3 || (!start && strcmp(argv[1], "stop") != 0)) {
        err_set(err, ERR_USE,
                "say: task add NAME VPN SENDERS RECEIVERS [RATE [BYTES [DSCP]]] (SENDERS -: "
                "passive), task start NAME, or task stop NAME");
        return NULL;
    }
    uint32_t n = task_find(m, argv[2], err);
    if (n == NONE)
        return NULL;
    if (start)
        task_start(m, n);
    else
        task_stop(m, n);
    return json_object();
}

static json_t *do_rate(struct monitor *m, int argc, char **argv, struct err *err)
{
    uint32_t n = task_find(m, argv[1], err);
    if (n == NONE)
        return NULL;
    const struct task *t = &m->tasks[n];
    struct task_order o = {.rate_pps = t->rate_pps, .bytes = t->bytes, .dscp = t->dscp};
    if (t->passive) {
        err_set(err, ERR_USE, "task %s is passive: it sends nothing", t->name);
        return NULL;
    }
    if (!pace(&o, 2, argc, argv, err))
        return NULL;
    task_rate(m, n, o.rate_pps, o.bytes, o.dscp);
    return json_object();
}

static json_t *do_stop(struct monitor *m, int argc, char **argv, struct err *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    monitor_finish(m);
    return json_pack("{s:b}", "stopping", 1);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct command {
    struct monitor_command_text text;
    int least, most; /* words behind the name */
    command_fn *fn;
} commands[] = {
    {{"show", "", "VPNs, and how many there are of everything"}, 0, 0, do_show},
    {{"pairs", "[VPN]", "loss and delay of each pair"}, 0, 2, do_pairs},
    {{"tunnels", "", "tunnels, their state and legs"}, 0, 0, do_tunnels},
    {{"tasks", "", "who probes whom"}, 0, 0, do_tasks},
    {{"anomalies", "", "what is not as it should be"}, 0, 0, do_anomalies},
    {{"passive", "", "customers' packets that came back"}, 0, 0, do_passive},
    {{"tunnel", "add NAME REMOTE [LOCAL [INNER_LOCAL [INNER_REMOTE]]] | drop NAME",
      "add or drop a tunnel"},
     2,
     6,
     do_tunnel},
    {{"vpn", "add NAME GROUP [native]", "add a VPN by its default-MDT group"}, 3, 4, do_vpn},
    {{"join", "VPN TUNNEL", "join the VPN's group through a tunnel"}, 2, 2, do_join},
    {{"leave", "VPN TUNNEL", "leave it, as far as no task needs it"}, 2, 2, do_leave},
    {{"send", "VPN TUNNEL RATE [SECONDS]", "probes through a tunnel, to all that have joined"},
     3,
     4,
     do_send},
    {{"task", "add NAME VPN SENDERS RECEIVERS [RATE [BYTES [DSCP]]] | start NAME | stop NAME",
      "N senders to M receivers as one; lists with commas"},
     2,
     8,
     do_task},
    {{"rate", "TASK RATE [BYTES [DSCP]]", "another pace, size, DSCP for a task"}, 2, 4, do_rate},
    {{"stop", "", "leave all groups and end"}, 0, 0, do_stop},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct monitor_command_text *monitor_command_text(size_t i)
{
    return i < COMMANDS ? &commands[i].text : NULL;
}

json_t *monitor_command(struct monitor *m, int argc, char **argv, struct err *err)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *c = &commands[i];
        names[i] = c->text.name;
        if (strcmp(c->text.name, argv[0]) != 0)
            continue;
        if (argc - 1 < c->least || argc - 1 > c->most)
            err_set(err, ERR_USE, "say: %s %s", c->text.name, c->text.args);
        else if (m->finishing && c->least > 0)
            err_set(err, ERR_USE, "the monitor is ending");
        else
            return c->fn(m, argc, argv, err);
        return NULL;
    }
    err_set(err, ERR_USE, "unknown command '%.40s'; did you mean '%s'?", argv[0],
            text_nearest(argv[0], names, COMMANDS));
    return NULL;
}
