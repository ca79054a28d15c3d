#include "monitor/marking/live.h"

#include "emul/base/mem.h"
#include "emul/io/command.h"
#include "emul/io/netns.h"
#include "emul/io/pktport.h"
#include "emul/loop/loop.h"
#include "monitor/marking/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_NS     (20 * NS_PER_MS)
#define QUIET_MAX_NS NS_PER_S /* begin and end: so long no packet may be seen */
#define RING_BYTES   (4u * 1024 * 1024)
#define OUTPUT_MAX   (1024 * 1024)
#define FILTER_FLOWS 32u /* more of them make the filter too long */
#define WORDS_MAX    2   /* nftables: family, table */
#define READ_MIN_S   1.0
#define TELL_NS      (5 * NS_PER_S)

/* A stretch of time in which a point could not count. */
struct gap {
    int64_t from_ns, to_ns;
    enum spoil why;
};

struct live_point {
    struct marking_live *live;
    const struct mark_point *point;
    struct point_blocks *blocks;
    struct port *port; /* interface */
    uint64_t dropped;
    struct gap *gaps;
    size_t gap_count, gap_cap;
    struct readings readings; /* counters */
    struct command_spec spec;
    const char *argv[8];
    char words[128];
    struct command *running;
    int64_t asked_ns;
};

struct marking_live {
    const struct marking_config *config;
    struct loop *loop;
    struct live_point *points;  /* as in the config; those that are not live stay empty */
    int64_t begin_ns, quiet_ns; /* measured from, and until when packets are in the way */
    int64_t last_ns, end_ns;    /* the same at the end */
    int64_t watched_ns, told_ns;
    monitor_step_fn *step;
    bool *moved_first, *moved_last; /* of each flow */
};

bool marking_is_live(const struct mark_point *point)
{
    return point->kind != POINT_CAPTURE;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct live_point *p = arg;
    struct marking_live *l = p->live;
    if (at.ns < l->begin_ns)
        return;
    size_t flow = blocks_frame(p->blocks, frame, len, at);
    if (flow == l->config->flow_count)
        return;
    if (at.ns < l->quiet_ns)
        l->moved_first[flow] = true;
    if (at.ns >= l->last_ns)
        l->moved_last[flow] = true;
}

static void add_gap(struct live_point *p, int64_t from_ns, int64_t to_ns, enum spoil why)
{
    p->gaps = array_grow(p->gaps, p->gap_count, &p->gap_cap, sizeof(*p->gaps));
    p->gaps[p->gap_count++] = (struct gap){from_ns, to_ns, why};
}

/* Notes what the kernel dropped, and interfaces that are down, since it looked last. */
static void watch(struct marking_live *l)
{
    int64_t now = loop_now(l->loop).ns;
    for (size_t i = 0; i < l->config->point_count; i++) {
        struct live_point *p = &l->points[i];
        struct port_stats s;
        if (p->port == NULL)
            continue;
        port_stats_get(p->port, &s);
        if (s.rx_dropped > p->dropped)
            add_gap(p, l->watched_ns, now, SPOIL_DROPPED);
        if (!p->port->up)
            add_gap(p, l->watched_ns, now, SPOIL_DOWN);
        p->dropped = s.rx_dropped;
    }
    l->watched_ns = now;
}

/* What the kernel lets through: the flows, and GRE, which may hold them. Tags are no part of it. */
static char *filter_of(const struct marking_config *c)
{
    char *text = mem_strdup("ip proto 47"), group[IP4_TEXT];
    if (c->flow_count > FILTER_FLOWS) {
        free(text);
        return mem_strdup("ip");
    }
    for (size_t i = 0; i < c->flow_count; i++) {
        char *more = mem_printf("%s or ip dst host %s", text, ip4_text(c->flows[i].group, group));
        free(text);
        text = more;
    }
    return text;
}

static int open_port(struct live_point *p, const char *filter, struct err *err)
{
    static const enum pktport_direction directions[] = {
        [POINT_BOTH] = PKTPORT_BOTH, [POINT_IN] = PKTPORT_IN, [POINT_OUT] = PKTPORT_OUT};
    struct pktport_params params = {.name = p->point->name,
                                    .ifname = p->point->what,
                                    .netns = p->point->netns,
                                    .ring_bytes = RING_BYTES,
                                    .force = true,
                                    .filter = filter,
                                    .direction = directions[p->point->direction]};
    p->port = pktport_open(p->live->loop, &params, err);
    if (p->port == NULL) {
        err_prefix(err, "%s: point %s", p->live->config->file, p->point->name);
        return -1;
    }
    port_on_rx(p->port, on_frame, p);
    return 0;
}

/* ---- counters -------------------------------------------------------------------------------- */

static void prepare_command(struct live_point *p)
{
    const struct marking_config *c = p->live->config;
    double half_s = (double)c->block_ns / 2e9;
    p->spec = (struct command_spec){.argv = p->argv,
                                    .directory = c->directory,
                                    .timeout_s = half_s > READ_MIN_S ? half_s : READ_MIN_S,
                                    .output_max = OUTPUT_MAX};
    if (p->point->kind == POINT_COMMAND) {
        p->argv[0] = "sh";
        p->argv[1] = "-c";
        p->argv[2] = p->point->what;
        return;
    }
    static const char *const list[] = {"nft", "-j", "list", "counters", "table"};
    memcpy(p->argv, list, sizeof(list));
    (void)snprintf(p->words, sizeof(p->words), "%s", p->point->what);
    char *at = p->words, *word;
    for (size_t n = 0; n < WORDS_MAX && (word = strsep(&at, " ")) != NULL;) {
        if (*word != '\0')
            p->argv[5 + n++] = word;
    }
}

static int start_one(struct live_point *p, struct err *err)
{
    const char *netns = p->point->netns;
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    p->asked_ns = loop_now(p->live->loop).ns;
    p->running = command_start(&p->spec);
    if (old >= 0)
        netns_leave(old);
    return 0;
}

static int finish_one(struct live_point *p, struct err *err)
{
    struct command_result r;
    char why[COMMAND_WHY_MAX];
    int rc = -1;
    command_finish(p->running, &r);
    p->running = NULL;
    if (r.end == COMMAND_DONE)
        rc = readings_parse(&p->readings, p->live->config, p->point, r.text, p->asked_ns,
                            loop_now(p->live->loop).ns, err);
    else
        err_set(err, ERR_TESTBED, "%s: point %s: %s: %s%s%s", p->live->config->file, p->point->name,
                p->point->what, command_why(&p->spec, &r, why), r.last[0] != '\0' ? ": " : "",
                r.last);
    command_result_free(&r);
    return rc;
}

/* Reads all counters at once while frames go on being counted. -1: one of them could not be read;
 * the others were. */
static int read_counters(struct marking_live *l, struct err *err)
{
    size_t count = l->config->point_count, running = 0;
    int rc = 0;
    for (size_t i = 0; i < count; i++) {
        struct live_point *p = &l->points[i];
        if (p->argv[0] == NULL)
            continue;
        if (start_one(p, err) == 0)
            running++;
        else
            rc = -1;
    }
    while (running > 0) {
        (void)loop_run(l->loop, instant_add(loop_now(l->loop), NS_PER_MS));
        for (size_t i = 0; i < count; i++) {
            struct live_point *p = &l->points[i];
            if (p->running == NULL || !command_step(p->running, 0))
                continue;
            running--;
            if (finish_one(p, err) != 0)
                rc = -1;
        }
    }
    return rc;
}

/* ---- the measurement ------------------------------------------------------------------------- */

static int64_t block_number(const struct marking_config *c, int64_t ns)
{
    int64_t since = ns - c->origin_ns, n = since / c->block_ns;
    return since % c->block_ns < 0 ? n - 1 : n;
}

/* The next middle of a block. */
static int64_t next_middle(const struct marking_config *c, int64_t ns)
{
    int64_t middle = c->origin_ns + block_number(c, ns) * c->block_ns + c->block_ns / 2;
    return middle > ns ? middle : middle + c->block_ns;
}

static void tell(struct marking_live *l)
{
    char text[128];
    int64_t now = loop_now(l->loop).ns;
    if (l->step == NULL || now - l->told_ns < TELL_NS)
        return;
    l->told_ns = now;
    (void)snprintf(text, sizeof(text), "measuring for %lld s, block %lld",
                   (long long)((now - l->begin_ns) / NS_PER_S),
                   (long long)block_number(l->config, now));
    l->step(text);
}

static void run_until(struct marking_live *l, int64_t ns, const volatile sig_atomic_t *stop)
{
    while ((stop == NULL || *stop == 0) && loop_now(l->loop).ns < ns) {
        int64_t slice = loop_now(l->loop).ns + SLICE_NS;
        (void)loop_run(l->loop, (struct instant){slice < ns ? slice : ns});
        if (loop_now(l->loop).ns - l->watched_ns > NS_PER_S)
            watch(l);
        tell(l);
    }
}

/* Everything after the points are open; -1 when the very first reading fails. */
static int measure(struct marking_live *l, volatile sig_atomic_t *stop, struct err *err)
{
    const struct marking_config *c = l->config;
    int64_t quiet = c->block_ns / 4 < QUIET_MAX_NS ? c->block_ns / 4 : QUIET_MAX_NS;
    l->last_ns = l->quiet_ns = INT64_MAX;
    l->begin_ns = l->watched_ns = loop_now(l->loop).ns;
    if (read_counters(l, err) != 0)
        return -1;
    run_until(l, loop_now(l->loop).ns + quiet, stop);
    l->quiet_ns = loop_now(l->loop).ns;
    (void)read_counters(l, NULL);
    int64_t end = c->seconds > 0 ? l->begin_ns + (int64_t)(c->seconds * 1e9) : INT64_MAX;
    int64_t middle = next_middle(c, loop_now(l->loop).ns);
    while (*stop == 0 && loop_now(l->loop).ns < end) {
        run_until(l, middle < end ? middle : end, stop);
        if (loop_now(l->loop).ns < middle)
            continue;
        (void)read_counters(l, NULL);
        middle = next_middle(c, loop_now(l->loop).ns);
    }
    l->last_ns = loop_now(l->loop).ns;
    (void)read_counters(l, NULL);
    run_until(l, loop_now(l->loop).ns + quiet, NULL);
    (void)read_counters(l, NULL);
    l->end_ns = loop_now(l->loop).ns;
    watch(l);
    return 0;
}

static int open_all(struct marking_live *l, struct err *err)
{
    const struct marking_config *c = l->config;
    char *filter = filter_of(c);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->point_count; i++) {
        struct live_point *p = &l->points[i];
        if (p->point->kind == POINT_INTERFACE)
            rc = open_port(p, filter, err);
        else if (p->point->kind != POINT_CAPTURE)
            prepare_command(p);
    }
    free(filter);
    return rc;
}

struct marking_live *marking_live_run(const struct marking_config *c, struct point_blocks *points,
                                      volatile sig_atomic_t *stop, monitor_step_fn *step,
                                      struct err *err)
{
    struct marking_live *l = mem_zalloc(1, sizeof(*l));
    l->config = c;
    l->step = step;
    l->loop = loop_new_real();
    l->points = mem_zalloc(c->point_count, sizeof(*l->points));
    l->moved_first = mem_zalloc(c->flow_count, sizeof(bool));
    l->moved_last = mem_zalloc(c->flow_count, sizeof(bool));
    l->begin_ns = INT64_MAX;
    for (size_t i = 0; i < c->point_count; i++) {
        l->points[i].live = l;
        l->points[i].point = &c->points[i];
        l->points[i].blocks = &points[i];
    }
    if (open_all(l, err) == 0 && measure(l, stop, err) == 0)
        return l;
    marking_live_free(l);
    return NULL;
}

void marking_live_free(struct marking_live *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->config->point_count; i++) {
        struct live_point *p = &l->points[i];
        struct command_result r;
        port_free(p->port);
        readings_free(&p->readings);
        free(p->gaps);
        if (p->running == NULL)
            continue;
        command_finish(p->running, &r);
        command_result_free(&r);
    }
    free(l->points);
    free(l->moved_first);
    free(l->moved_last);
    loop_free(l->loop);
    free(l);
}

/* ---- afterwards ------------------------------------------------------------------------------ */

/* Packets were under way while the points began or ended: no two of them counted the same. The
 * first readings of a counter may reach into the next block. */
static void spoil_edges(const struct marking_live *l, const struct live_point *at,
                        struct point_blocks *p, size_t flow)
{
    int64_t begun = at->readings.count > 0 ? l->quiet_ns : l->begin_ns;
    int64_t last = block_number(l->config, begun);
    for (int64_t n = p->first; l->moved_first[flow] && n <= last; n++)
        blocks_spoil(p, flow, n, SPOIL_EDGE);
    for (int64_t n = block_number(l->config, l->last_ns); l->moved_last[flow] && n <= p->last; n++)
        blocks_spoil(p, flow, n, SPOIL_EDGE);
}

static void spoil_gaps(const struct marking_live *l, const struct live_point *p,
                       struct point_blocks *blocks)
{
    for (size_t i = 0; i < p->gap_count; i++) {
        int64_t last = block_number(l->config, p->gaps[i].to_ns);
        for (int64_t n = block_number(l->config, p->gaps[i].from_ns); n <= last; n++) {
            for (size_t f = 0; f < l->config->flow_count; f++)
                blocks_spoil(blocks, f, n, p->gaps[i].why);
        }
    }
}

void marking_live_settle(struct marking_live *l, struct point_blocks *points, bool inverted)
{
    const struct marking_config *c = l->config;
    const struct measured m = {block_number(c, l->begin_ns), block_number(c, l->end_ns),
                               l->quiet_ns, l->last_ns};
    for (size_t i = 0; i < c->point_count; i++) {
        for (size_t f = 0; f < c->flow_count; f++) {
            l->moved_first[f] |= readings_moved(&l->points[i].readings, f, l->begin_ns);
            l->moved_last[f] |= readings_moved(&l->points[i].readings, f, l->last_ns);
        }
    }
    for (size_t i = 0; i < c->point_count; i++) {
        if (!marking_is_live(&c->points[i]))
            continue;
        points[i].bounded = true;
        points[i].first = m.first;
        points[i].last = m.last;
        readings_settle(&l->points[i].readings, &points[i], inverted, &m);
        for (size_t f = 0; f < c->flow_count; f++)
            spoil_edges(l, &l->points[i], &points[i], f);
        spoil_gaps(l, &l->points[i], &points[i]);
    }
}
