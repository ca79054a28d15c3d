#include "emul/proto/pim/df_election.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"

#include <stdlib.h>

enum action {
    A_NONE,
    A_OFFER_SOON,   /* DFT = OPlow, MC = 0 */
    A_OFFER_LATER,  /* DFT = OPhigh, MC = 0 */
    A_OFFER_BACKED, /* DFT = Backoff_Period + OPlow, MC = 0 */
    A_SEND_OFFER,   /* Offer goes out, DFT = OPlow, MC + 1 */
    A_WIN,          /* first of Election_Robustness Winners goes out */
    A_SEND_WINNER,  /* the next of them */
    A_TAKE_OVER,    /* we were made DF: nothing to send */
    A_LOSE,         /* DF is the one that the message names; DFT stops */
    A_GIVE_UP,      /* no DF is known; DFT stops */
    A_SEND_BACKOFF, /* Backoff for the best Offer, DFT = Backoff_Period */
    A_SEND_PASS,    /* the best Offer's router is DF now */
    A_STOP,
    ACTIONS
};

#define NONE UINT32_MAX

/* Timers are rounded up to milliseconds and kept in a ring of lists, one a millisecond, that is
 * longer than the longest of them (Backoff_Period + OPlow): setting and firing cost the same for
 * any number of elections. */
#define RING    2048u
#define TICK_NS NS_PER_MS

#define TOGETHER 64u /* elections that share their random delays */

struct election {
    uint32_t dft;        /* tick at which DFT expires; 0: it does not run */
    uint32_t next, prev; /* in the list of that tick */
    uint8_t state, sent;
    uint16_t draws; /* how many random delays were drawn */
    ip4_t rpa;
    struct pim_dfe_router us;
    struct pim_dfe_router other; /* Lose: the DF; Backoff: the best Offer */
};

struct pim_dfe_set {
    struct loop *loop;
    const struct pim_dfe_ops *ops;
    void *arg;
    uint64_t seed;
    struct instant origin; /* tick 0 */
    struct election *elections;
    uint32_t count, armed;
    uint32_t done;       /* newest tick that was served */
    uint32_t ring[RING]; /* first election of each tick's list */
    struct timer timer;
};

static const char *const state_names[] = {"Idle", "Offer", "Lose", "Win", "Backoff"};
static const char *const event_names[] = {
    "InterfaceUp",          "InterfaceDown", "RcvBetterOffer",  "RcvBetterBackoff",
    "RcvBetterWin",         "RcvBetterPass", "RcvBackoffForUs", "RcvPassForUs",
    "RcvWorseOffer",        "RcvWorseClaim", "DFTExpires",      "DFTExpiresLastPath",
    "DFTExpiresLastNoPath", "DFFails",       "NewNeighbour"};
static const char *const action_names[] = {
    "none",       "offer_soon", "offer_later",  "offer_after_backoff",
    "send_offer", "win",        "send_winner",  "take_over",
    "lose",       "give_up",    "send_backoff", "send_pass",
    "stop"};

#define RFC_STATES "RFC 5015 3.5.3.5"
#define IDLE_STAY  FSM_STAY("the interface is down")
#define NO_TIMER   FSM_NEVER("the timer does not run")
#define NOT_OFFER  FSM_NEVER("only Offers are counted to their end")

static const struct fsm_cell grid[PIM_DFE_STATES][PIM_DFE_EVENTS] =
    {
        [PIM_DFE_IDLE] =
            {
                [PIM_DFE_IF_UP] = FSM_TO(A_OFFER_SOON, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_IF_DOWN] = IDLE_STAY,
                [PIM_DFE_BETTER_OFFER] = IDLE_STAY,
                [PIM_DFE_BETTER_BACKOFF] = IDLE_STAY,
                [PIM_DFE_BETTER_WIN] = IDLE_STAY,
                [PIM_DFE_BETTER_PASS] = IDLE_STAY,
                [PIM_DFE_BACKOFF_FOR_US] = IDLE_STAY,
                [PIM_DFE_PASS_FOR_US] = IDLE_STAY,
                [PIM_DFE_WORSE_OFFER] = IDLE_STAY,
                [PIM_DFE_WORSE_CLAIM] = IDLE_STAY,
                [PIM_DFE_TIMER] = NO_TIMER,
                [PIM_DFE_TIMER_WINS] = NO_TIMER,
                [PIM_DFE_TIMER_LOSES] = NO_TIMER,
                [PIM_DFE_DF_FAILS] = IDLE_STAY,
                [PIM_DFE_ASKED] = IDLE_STAY,
            },
        [PIM_DFE_OFFER] =
            {
                [PIM_DFE_IF_UP] = FSM_STAY("already so"),
                [PIM_DFE_IF_DOWN] = FSM_TO(A_STOP, PIM_DFE_IDLE, "RFC 5015 3.5.3.1"),
                [PIM_DFE_BETTER_OFFER] = FSM_TO(A_OFFER_LATER, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_BETTER_BACKOFF] = FSM_TO(A_OFFER_BACKED, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_BETTER_WIN] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_PASS] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BACKOFF_FOR_US] = FSM_TO(A_OFFER_BACKED, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_PASS_FOR_US] = FSM_TO(A_TAKE_OVER, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_WORSE_OFFER] = FSM_STAY(RFC_STATES),
                [PIM_DFE_WORSE_CLAIM] = FSM_TO(A_OFFER_SOON, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_TIMER] = FSM_TO(A_SEND_OFFER, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_TIMER_WINS] = FSM_TO(A_WIN, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_TIMER_LOSES] = FSM_TO(A_GIVE_UP, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_DF_FAILS] = FSM_STAY("no DF is known"),
                [PIM_DFE_ASKED] = FSM_STAY("the Offers go on"),
            },
        [PIM_DFE_LOSE] =
            {
                [PIM_DFE_IF_UP] = FSM_STAY("already so"),
                [PIM_DFE_IF_DOWN] = FSM_TO(A_STOP, PIM_DFE_IDLE, "RFC 5015 3.5.3.1"),
                [PIM_DFE_BETTER_OFFER] = FSM_STAY("the DF answers"),
                [PIM_DFE_BETTER_BACKOFF] = FSM_STAY("a Pass follows"),
                [PIM_DFE_BETTER_WIN] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_PASS] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BACKOFF_FOR_US] = FSM_TO(A_OFFER_BACKED, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_PASS_FOR_US] = FSM_TO(A_TAKE_OVER, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_WORSE_OFFER] = FSM_STAY("the DF answers"),
                [PIM_DFE_WORSE_CLAIM] = FSM_TO(A_OFFER_SOON, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_TIMER] = NO_TIMER,
                [PIM_DFE_TIMER_WINS] = NO_TIMER,
                [PIM_DFE_TIMER_LOSES] = NO_TIMER,
                [PIM_DFE_DF_FAILS] = FSM_TO(A_OFFER_SOON, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_ASKED] = FSM_STAY("the DF answers"),
            },
        [PIM_DFE_WIN] =
            {
                [PIM_DFE_IF_UP] = FSM_STAY("already so"),
                [PIM_DFE_IF_DOWN] = FSM_TO(A_STOP, PIM_DFE_IDLE, "RFC 5015 3.5.3.1"),
                [PIM_DFE_BETTER_OFFER] = FSM_TO(A_SEND_BACKOFF, PIM_DFE_BACKOFF, RFC_STATES),
                [PIM_DFE_BETTER_BACKOFF] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_WIN] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_PASS] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BACKOFF_FOR_US] = FSM_TO(A_OFFER_BACKED, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_PASS_FOR_US] = FSM_STAY("already so"),
                [PIM_DFE_WORSE_OFFER] = FSM_TO(A_WIN, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_WORSE_CLAIM] = FSM_TO(A_WIN, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_TIMER] = FSM_TO(A_SEND_WINNER, PIM_DFE_WIN, "RFC 5015 3.5.3.3"),
                [PIM_DFE_TIMER_WINS] = NOT_OFFER,
                [PIM_DFE_TIMER_LOSES] = NOT_OFFER,
                [PIM_DFE_DF_FAILS] = FSM_STAY("we are the DF"),
                [PIM_DFE_ASKED] = FSM_TO(A_WIN, PIM_DFE_WIN, "RFC 5015 3.5.3.3"),
            },
        [PIM_DFE_BACKOFF] =
            {
                [PIM_DFE_IF_UP] = FSM_STAY("already so"),
                [PIM_DFE_IF_DOWN] = FSM_TO(A_STOP, PIM_DFE_IDLE, "RFC 5015 3.5.3.1"),
                [PIM_DFE_BETTER_OFFER] = FSM_TO(A_SEND_BACKOFF, PIM_DFE_BACKOFF, RFC_STATES),
                [PIM_DFE_BETTER_BACKOFF] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_WIN] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BETTER_PASS] = FSM_TO(A_LOSE, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_BACKOFF_FOR_US] = FSM_TO(A_OFFER_BACKED, PIM_DFE_OFFER, RFC_STATES),
                [PIM_DFE_PASS_FOR_US] = FSM_TO(A_TAKE_OVER, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_WORSE_OFFER] = FSM_STAY("the Backoff stands"),
                [PIM_DFE_WORSE_CLAIM] = FSM_TO(A_WIN, PIM_DFE_WIN, RFC_STATES),
                [PIM_DFE_TIMER] = FSM_TO(A_SEND_PASS, PIM_DFE_LOSE, RFC_STATES),
                [PIM_DFE_TIMER_WINS] = NOT_OFFER,
                [PIM_DFE_TIMER_LOSES] = NOT_OFFER,
                [PIM_DFE_DF_FAILS] = FSM_STAY("we are the DF"),
                [PIM_DFE_ASKED] = FSM_STAY("a Pass follows"),
            },
};

const struct fsm_table pim_fsm_df = {
    .name = "pim-df",
    .title = "Election of the Designated Forwarder on the P link (RFC 5015 3.5.3)",
    .states = PIM_DFE_STATES,
    .events = PIM_DFE_EVENTS,
    .actions = ACTIONS,
    .state_names = state_names,
    .event_names = event_names,
    .action_names = action_names,
    .cells = &grid[0][0],
};

static struct instant tick_at(const struct pim_dfe_set *d, uint32_t tick)
{
    return instant_add(d->origin, tick * TICK_NS);
}

static uint32_t ticks_to(const struct pim_dfe_set *d, struct instant at)
{
    return (uint32_t)(instant_diff(at, d->origin) / TICK_NS);
}

static void dft_stop(struct pim_dfe_set *d, uint32_t ix)
{
    struct election *e = &d->elections[ix];
    if (e->dft == 0)
        return;
    if (e->prev != NONE)
        d->elections[e->prev].next = e->next;
    else
        d->ring[e->dft % RING] = e->next;
    if (e->next != NONE)
        d->elections[e->next].prev = e->prev;
    e->dft = 0;
    d->armed--;
}

static void dft_set(struct pim_dfe_set *d, uint32_t ix, int64_t delay_ns)
{
    struct election *e = &d->elections[ix];
    dft_stop(d, ix);
    e->dft = ticks_to(d, instant_add(loop_now(d->loop), delay_ns)) + 1;
    uint32_t *head = &d->ring[e->dft % RING];
    e->prev = NONE;
    e->next = *head;
    if (*head != NONE)
        d->elections[*head].prev = ix;
    *head = ix;
    d->armed++;
    struct instant at = tick_at(d, e->dft);
    if (!timer_armed(&d->timer) || instant_before(at, d->timer.at))
        timer_set(d->loop, &d->timer, at);
}

/* OPlow: rand(0.5, 1) * Offer_Period. It keeps the routers of a link apart, not a router's own
 * elections: those that are neighbours in memory have the same, and are served together. */
static int64_t offer_low_ns(struct pim_dfe_set *d, uint32_t ix)
{
    uint64_t h = hash_mix(hash_mix(d->seed, ix / TOGETHER), d->elections[ix].draws++);
    int64_t half_ns = PIM_DFE_OFFER_PERIOD_NS / 2;
    return half_ns + (int64_t)hash_range(h, (uint64_t)half_ns);
}

static void send_message(struct pim_dfe_set *d, uint32_t ix, enum pim_df_type type)
{
    const struct election *e = &d->elections[ix];
    struct pim_df m = {
        .type = type, .rpa = e->rpa, .preference = e->us.preference, .metric = e->us.metric};
    if (type == PIM_DF_BACKOFF || type == PIM_DF_PASS) {
        m.other = e->other.addr;
        m.other_preference = e->other.preference;
        m.other_metric = e->other.metric;
    }
    if (type == PIM_DF_BACKOFF)
        m.interval_ms = PIM_DFE_BACKOFF_PERIOD_NS / NS_PER_MS;
    d->ops->send(d->arg, ix, &m);
}

/* A restart of the Offers: nothing was sent yet, the first is due in delay_ns. */
static void offer_in(struct pim_dfe_set *d, uint32_t ix, int64_t delay_ns)
{
    d->elections[ix].sent = 0;
    d->elections[ix].other = (struct pim_dfe_router){0};
    dft_set(d, ix, delay_ns);
}

static void send_winner(struct pim_dfe_set *d, uint32_t ix)
{
    struct election *e = &d->elections[ix];
    if (++e->sent < PIM_DFE_ROBUSTNESS)
        dft_set(d, ix, offer_low_ns(d, ix));
    else
        dft_stop(d, ix);
    send_message(d, ix, PIM_DF_WINNER);
}

/* better tells whether a wins against b. */
static bool better(const struct pim_dfe_router *a, const struct pim_dfe_router *b)
{
    if (a->preference != b->preference)
        return a->preference < b->preference;
    if (a->metric != b->metric)
        return a->metric < b->metric;
    return a->addr > b->addr;
}

static void act(struct pim_dfe_set *d, uint32_t ix, enum action action,
                const struct pim_dfe_router *other)
{
    struct election *e = &d->elections[ix];
    switch (action) {
    case A_OFFER_SOON:
        offer_in(d, ix, offer_low_ns(d, ix));
        break;
    case A_OFFER_LATER:
        offer_in(d, ix, PIM_DFE_ROBUSTNESS * PIM_DFE_OFFER_PERIOD_NS);
        break;
    case A_OFFER_BACKED:
        offer_in(d, ix, PIM_DFE_BACKOFF_PERIOD_NS + offer_low_ns(d, ix));
        break;
    case A_SEND_OFFER:
        e->sent++;
        dft_set(d, ix, offer_low_ns(d, ix));
        send_message(d, ix, PIM_DF_OFFER);
        break;
    case A_WIN:
        e->sent = 0;
        send_winner(d, ix);
        break;
    case A_SEND_WINNER:
        send_winner(d, ix);
        break;
    case A_LOSE:
        e->other = *other;
        dft_stop(d, ix);
        break;
    case A_GIVE_UP:
    case A_STOP:
        e->other = (struct pim_dfe_router){0};
        dft_stop(d, ix);
        break;
    case A_TAKE_OVER:
        dft_stop(d, ix);
        break;
    case A_SEND_BACKOFF:
        if (e->other.addr == 0 || better(other, &e->other))
            e->other = *other;
        dft_set(d, ix, PIM_DFE_BACKOFF_PERIOD_NS);
        send_message(d, ix, PIM_DF_BACKOFF);
        break;
    case A_SEND_PASS:
        dft_stop(d, ix);
        send_message(d, ix, PIM_DF_PASS);
        break;
    case A_NONE:
    case ACTIONS:
        break;
    }
}

static void step(struct pim_dfe_set *d, uint32_t ix, enum pim_dfe_event event,
                 const struct pim_dfe_router *other)
{
    struct election *e = &d->elections[ix];
    struct fsm_who who = {.now = loop_now(d->loop), .subsystem = "pim/df"};
    enum action action = (enum action)pim_fsm_step(&pim_fsm_df, &e->state, event, &who);
    if (e->state == PIM_DFE_WIN)
        e->other = (struct pim_dfe_router){0};
    act(d, ix, action, other);
}

static void expire(struct pim_dfe_set *d, uint32_t ix)
{
    struct election *e = &d->elections[ix];
    enum pim_dfe_event event = PIM_DFE_TIMER;
    if (e->state == PIM_DFE_OFFER && e->sent >= PIM_DFE_ROBUSTNESS)
        event =
            e->us.preference == PIM_DFE_INFINITE_PREF ? PIM_DFE_TIMER_LOSES : PIM_DFE_TIMER_WINS;
    dft_stop(d, ix);
    step(d, ix, event, NULL);
}

static void serve(struct pim_dfe_set *d, uint32_t tick)
{
    uint32_t ix = d->ring[tick % RING];
    while (ix != NONE) {
        uint32_t next = d->elections[ix].next;
        if (next != NONE)
            __builtin_prefetch(&d->elections[next]);
        /* After a long sleep of the host the list may hold timers of the ring's next round. */
        if (d->elections[ix].dft <= tick)
            expire(d, ix);
        ix = next;
    }
}

static void fire(void *arg)
{
    struct pim_dfe_set *d = arg;
    uint32_t now = ticks_to(d, loop_now(d->loop));
    uint32_t from = now - d->done > RING ? now - RING + 1 : d->done + 1;
    for (uint32_t tick = from; tick <= now; tick++)
        serve(d, tick);
    d->done = now;
    for (uint32_t tick = now + 1; d->armed > 0 && tick <= now + RING; tick++) {
        if (d->ring[tick % RING] == NONE)
            continue;
        timer_set(d->loop, &d->timer, tick_at(d, tick));
        break;
    }
}

struct pim_dfe_set *pim_dfe_new(struct loop *loop, const char *name, uint64_t seed, uint32_t count,
                                const struct pim_dfe_ops *ops, void *arg)
{
    struct pim_dfe_set *d = mem_zalloc(1, sizeof(*d));
    d->loop = loop;
    d->ops = ops;
    d->arg = arg;
    d->seed = hash_text(seed, name);
    d->count = count;
    d->origin = loop_now(loop);
    d->elections = mem_zalloc(count, sizeof(*d->elections));
    for (uint32_t tick = 0; tick < RING; tick++)
        d->ring[tick] = NONE;
    timer_init(&d->timer, name, fire, d);
    return d;
}

void pim_dfe_free(struct pim_dfe_set *d)
{
    if (d == NULL)
        return;
    timer_cancel(d->loop, &d->timer);
    free(d->elections);
    free(d);
}

void pim_dfe_setup(struct pim_dfe_set *d, uint32_t ix, ip4_t rpa, const struct pim_dfe_router *us)
{
    d->elections[ix].rpa = rpa;
    d->elections[ix].us = *us;
}

void pim_dfe_event(struct pim_dfe_set *d, uint32_t ix, enum pim_dfe_event event)
{
    step(d, ix, event, NULL);
}

void pim_dfe_receive(struct pim_dfe_set *d, uint32_t ix, ip4_t sender, const struct pim_df *m)
{
    const struct election *e = &d->elections[ix];
    bool named = m->type == PIM_DF_BACKOFF || m->type == PIM_DF_PASS;
    struct pim_dfe_router other = {sender, m->preference, m->metric};
    if (named)
        other = (struct pim_dfe_router){m->other, m->other_preference, m->other_metric};
    bool wins = better(&other, &e->us);
    if (named && m->other == e->us.addr)
        step(d, ix, m->type == PIM_DF_PASS ? PIM_DFE_PASS_FOR_US : PIM_DFE_BACKOFF_FOR_US, &other);
    else if (m->type == PIM_DF_OFFER)
        step(d, ix, wins ? PIM_DFE_BETTER_OFFER : PIM_DFE_WORSE_OFFER, &other);
    else if (!wins)
        step(d, ix, PIM_DFE_WORSE_CLAIM, &other);
    else if (m->type == PIM_DF_WINNER)
        step(d, ix, PIM_DFE_BETTER_WIN, &other);
    else
        step(d, ix, m->type == PIM_DF_PASS ? PIM_DFE_BETTER_PASS : PIM_DFE_BETTER_BACKOFF, &other);
}

bool pim_dfe_acting(const struct pim_dfe_set *d, uint32_t ix)
{
    uint8_t state = d->elections[ix].state;
    return state == PIM_DFE_WIN || state == PIM_DFE_BACKOFF;
}

ip4_t pim_dfe_df(const struct pim_dfe_set *d, uint32_t ix)
{
    const struct election *e = &d->elections[ix];
    if (pim_dfe_acting(d, ix))
        return e->us.addr;
    return e->state == PIM_DFE_LOSE ? e->other.addr : 0;
}

size_t pim_dfe_bytes(const struct pim_dfe_set *d)
{
    return sizeof(*d) + d->count * sizeof(*d->elections);
}
