#include "harness/run/step.h"

#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/run/progress.h"
#include "mvpnbench/emul_live.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 256
/* Going through all flows takes time that packets to be sent would wait for; while they are
 * measured on the real clock only so many are looked at. */
#define PAIRS_IN_WINDOW 20000
#define RATE_NS         NS_PER_S

/* Frames at an earlier time, to make rates of. */
static struct {
    struct instant at;
    uint64_t out, in;
} before;

void step_enter(struct procedure *p, struct step s, const char *format, ...)
{
    if (!progress_active())
        return;
    char text[TEXT_MAX], number[32] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct progress_task *t = progress_own();
    (void)snprintf(t->section, sizeof(t->section), "%s",
                   s.number == NULL     ? ""
                   : s.stimulus == NULL ? "7.1"
                                        : "7.2");
    (void)snprintf(t->step, sizeof(t->step), "%s", s.number == NULL ? "" : s.number);
    (void)snprintf(t->stimulus, sizeof(t->stimulus), "%s", s.stimulus == NULL ? "" : s.stimulus);
    (void)snprintf(t->name, sizeof(t->name), "%.*s", (int)sizeof(t->name) - 1, text);
    progress_wait(s.until.ns == 0 ? INSTANT_NEVER : s.until, s.at_most);
    if (s.number != NULL)
        (void)snprintf(number, sizeof(number), "step%s %s, ",
                       strchr(s.number, '-') == NULL ? "" : "s", s.number);
    progress_step("%s: %s%s%s%s", p->q->id, t->stimulus, t->stimulus[0] == '\0' ? "" : ", ", number,
                  text);
}

static void rates(const struct procedure *p, struct progress_task *t, struct instant now)
{
    uint64_t out = p->ports.a3->stats.tx_frames, in = p->ports.a3->stats.rx_frames;
    for (size_t i = 0; i < p->ports.a1_count; i++) {
        out += p->ports.a1[i]->stats.tx_frames;
        in += p->ports.a1[i]->stats.rx_frames;
    }
    int64_t span_ns = instant_diff(now, before.at);
    if (before.at.ns != 0 && span_ns < RATE_NS)
        return;
    if (before.at.ns != 0 && out >= before.out && in >= before.in) {
        t->out_pps = (double)(out - before.out) * 1e9 / (double)span_ns;
        t->in_pps = (double)(in - before.in) * 1e9 / (double)span_ns;
    }
    before.at = now;
    before.out = out;
    before.in = in;
}

static void neighbours(const struct procedure *p, struct progress_task *t)
{
    const struct instance_spec *s = &p->q->spec;
    struct neighbour_count seen;
    emul_neighbours(p->emul, &seen);
    t->neighbours_up = seen.c_interface + seen.mi_pmsi;
    t->neighbours_expected = (int64_t)s->mvpns * ((int64_t)s->c_interfaces + s->remote_pes);
}

static void figures(void *arg, struct progress_task *t, struct instant now)
{
    struct procedure *p = arg;
    if (p->emul == NULL)
        return;
    neighbours(p, t);
    rates(p, t, now);
    t->flows_all = (int64_t)emul_flows(p->emul);
    bool few = emul_pairs_total(p->emul) <= PAIRS_IN_WINDOW;
    if (p->sending && (few || p->w->virtual_clock || !p->observing))
        t->flows_delivered = (int64_t)emul_flows_delivered(p->emul);
}

void step_watch(struct procedure *p)
{
    struct progress_task *t = progress_own();
    before.at = (struct instant){0};
    t->neighbours_up = t->neighbours_expected = PROGRESS_UNKNOWN;
    t->flows_delivered = t->flows_all = PROGRESS_UNKNOWN;
    t->out_pps = t->in_pps = PROGRESS_UNKNOWN;
    progress_watch(figures, p);
}

void step_unwatch(void)
{
    progress_watch(NULL, NULL);
    progress_wait(INSTANT_NEVER, false);
}
