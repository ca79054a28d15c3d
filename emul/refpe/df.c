#include "emul/refpe/df.h"

#include "emul/base/log.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/pim_io.h"
#include "emul/wire/pim_df.h"

#define OFFER_PERIOD_NS     (100 * NS_PER_MS)
#define ELECTION_ROBUSTNESS 3
#define INFINITE            UINT32_MAX

/* OPlow = rand(0.5, 1) * Offer_Period */
static int64_t low_ns(struct refpe *pe)
{
    uint64_t h = hash_mix(hash_text(pe->seed, "refpe-df"), ++pe->df.draws);
    return OFFER_PERIOD_NS / 2 + (int64_t)hash_range(h, OFFER_PERIOD_NS / 2);
}

static void set_dft(struct refpe *pe, int64_t delay_ns)
{
    due_set(pe, &pe->df.timer, AGENDA_DF, 0, pe_now(pe) + delay_ns);
}

static void set_winner(struct refpe *pe, ip4_t winner)
{
    if (winner == pe->df.winner)
        return;
    pe->df.winner = winner;
    p_df_changed(pe);
}

static void wait_low(struct refpe *pe, uint32_t unused, int64_t unused_arg)
{
    (void)unused;
    (void)unused_arg;
    pe->df.offers = 0;
    set_dft(pe, low_ns(pe));
}

static void wait_high(struct refpe *pe, uint32_t unused, int64_t unused_arg)
{
    (void)unused;
    (void)unused_arg;
    pe->df.offers = 0;
    set_dft(pe, ELECTION_ROBUSTNESS * OFFER_PERIOD_NS);
}

static void wait_handover(struct refpe *pe, uint32_t unused, int64_t interval_ms)
{
    (void)unused;
    pe->df.offers = 0;
    set_dft(pe, interval_ms * NS_PER_MS + low_ns(pe));
}

static void elect(struct refpe *pe, uint32_t unused, int64_t unused_arg)
{
    set_winner(pe, 0);
    wait_low(pe, unused, unused_arg);
}

static void offer(struct refpe *pe, uint32_t unused, int64_t unused_arg)
{
    (void)unused;
    (void)unused_arg;
    struct pim_df df = {
        .type = PIM_DF_OFFER, .rpa = pe->global.p_rp, .preference = INFINITE, .metric = INFINITE};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    pe->df.offers++;
    set_dft(pe, low_ns(pe));
    if (pim_df_encode(&w, &df) == WIRE_OK)
        pim_send_link(pe, IFACE_P, message, w.pos);
}

static void accept_winner(struct refpe *pe, uint32_t unused, int64_t winner)
{
    (void)unused;
    due_clear(&pe->df.timer);
    set_winner(pe, (ip4_t)winner);
}

static void nobody(struct refpe *pe, uint32_t unused, int64_t unused_arg)
{
    (void)unused;
    (void)unused_arg;
    due_clear(&pe->df.timer);
    set_winner(pe, 0);
}

static const char *const state_names[] = {"Offer", "Lose"};
static const char *const event_names[] = {"BetterOffer", "Worse",   "Winner",  "Backoff",
                                          "OfferAgain",  "Silence", "Restart", "LinkDown"};

static const struct fsm_cell grid[DF_STATES][DF_EVENTS] = {
    [DF_OFFER] = {[DF_BETTER_OFFER] = GO(DF_OFFER, wait_high),
                  [DF_WORSE] = GO(DF_OFFER, wait_low),
                  [DF_WINNER] = GO(DF_LOSE, accept_winner),
                  [DF_BACKOFF] = GO(DF_OFFER, wait_handover),
                  [DF_OFFER_AGAIN] = GO(DF_OFFER, offer),
                  [DF_SILENCE] = GO(DF_LOSE, nobody),
                  [DF_RESTART] = GO(DF_OFFER, elect),
                  [DF_LINK_DOWN] = GO(DF_OFFER, nobody)},
    [DF_LOSE] = {[DF_BETTER_OFFER] = STAY_OUT,
                 [DF_WORSE] = STAY_OUT,
                 [DF_WINNER] = GO(DF_LOSE, accept_winner),
                 [DF_BACKOFF] = STAY_OUT,
                 [DF_OFFER_AGAIN] = CANNOT_BE,
                 [DF_SILENCE] = CANNOT_BE,
                 [DF_RESTART] = GO(DF_OFFER, elect),
                 [DF_LINK_DOWN] = GO(DF_OFFER, nobody)},
};

const struct fsm_machine df_machine = {
    .name = "df",
    .rfc = "RFC 5015 3.5.3",
    .states = state_names,
    .events = event_names,
    .state_count = DF_STATES,
    .event_count = DF_EVENTS,
    .grid = &grid[0][0],
};

static void step(struct refpe *pe, enum df_event event, int64_t arg)
{
    (void)refpe_fsm_step(pe, &df_machine, &pe->df.state, event, 0, arg);
}

void df_link(struct refpe *pe, bool works)
{
    if (pe->global.mdt == MDT_BIDIR)
        step(pe, works ? DF_RESTART : DF_LINK_DOWN, 0);
}

void df_neighbour(struct refpe *pe, ip4_t addr, bool came)
{
    if (pe->global.mdt != MDT_BIDIR)
        return;
    /* A candidate came although nobody won, or the DF failed (RFC 5015 3.5.3.4). */
    if (came ? pe->df.state == DF_LOSE && pe->df.winner == 0 : addr == pe->df.winner)
        step(pe, DF_RESTART, 0);
}

static bool has_path(uint32_t preference, uint32_t metric)
{
    return preference != INFINITE && metric != INFINITE;
}

void df_input(struct refpe *pe, ip4_t src, uint8_t flags, struct rd *body)
{
    struct pim_df m;
    if (pe->global.mdt != MDT_BIDIR || pim_df_decode(flags, body, &m) != WIRE_OK ||
        m.rpa != pe->global.p_rp)
        return;
    bool sender_better = has_path(m.preference, m.metric);
    switch (m.type) {
    case PIM_DF_OFFER:
        step(pe, sender_better ? DF_BETTER_OFFER : DF_WORSE, 0);
        break;
    case PIM_DF_WINNER:
        step(pe, sender_better ? DF_WINNER : DF_WORSE, src);
        break;
    case PIM_DF_BACKOFF:
        step(pe, sender_better ? DF_BACKOFF : DF_WORSE, m.interval_ms);
        break;
    case PIM_DF_PASS:
        step(pe, has_path(m.other_preference, m.other_metric) ? DF_WINNER : DF_WORSE, m.other);
        break;
    }
}

void df_timer(struct refpe *pe, uint32_t unused)
{
    (void)unused;
    step(pe, pe->df.offers < ELECTION_ROBUSTNESS ? DF_OFFER_AGAIN : DF_SILENCE, 0);
}
