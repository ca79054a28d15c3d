/*
 * Designated Forwarder election (RFC 5015 section 3.5.3): who forwards towards an RPA on a link. A
 * set holds any number of elections in an array of plain records, one timer serves all. The owner
 * sends messages and says what arrived; metrics compare as in Asserts (preference, metric,
 * address).
 */
#ifndef MVPN_PIM_DF_ELECTION_H
#define MVPN_PIM_DF_ELECTION_H

#include "emul/loop/loop.h"
#include "emul/proto/pim/fsm.h"
#include "emul/wire/pim_df.h"

#include <stdbool.h>

#define PIM_DFE_OFFER_PERIOD_NS   (100 * NS_PER_MS)
#define PIM_DFE_BACKOFF_PERIOD_NS NS_PER_S
#define PIM_DFE_ROBUSTNESS        3
#define PIM_DFE_INFINITE_PREF     0x7fffffffu
#define PIM_DFE_INFINITE_METRIC   0xffffffffu

enum pim_dfe_state {
    PIM_DFE_IDLE, /* the interface is down */
    PIM_DFE_OFFER,
    PIM_DFE_LOSE,
    PIM_DFE_WIN,
    PIM_DFE_BACKOFF,
    PIM_DFE_STATES
};

enum pim_dfe_event {
    PIM_DFE_IF_UP,
    PIM_DFE_IF_DOWN,
    PIM_DFE_BETTER_OFFER,
    PIM_DFE_BETTER_BACKOFF, /* the router that is backed off for is better than us */
    PIM_DFE_BETTER_WIN,
    PIM_DFE_BETTER_PASS,
    PIM_DFE_BACKOFF_FOR_US,
    PIM_DFE_PASS_FOR_US,
    PIM_DFE_WORSE_OFFER,
    PIM_DFE_WORSE_CLAIM, /* Winner, Backoff or Pass of somebody worse than us */
    PIM_DFE_TIMER,       /* DFT expires: there is more to send */
    PIM_DFE_TIMER_WINS,  /* ... in Offer, all Offers were sent, and we have a path to the RPA */
    PIM_DFE_TIMER_LOSES, /* ... and we have none */
    PIM_DFE_DF_FAILS,    /* the DF is no neighbour any more */
    PIM_DFE_ASKED,       /* a neighbour came that cannot know who won */
    PIM_DFE_EVENTS
};

struct pim_dfe_router {
    ip4_t addr;
    uint32_t preference, metric;
};

struct pim_dfe_ops {
    /* send sends one message of election ix; rpa is filled in. */
    void (*send)(void *arg, uint32_t ix, const struct pim_df *message);
};

struct pim_dfe_set;

/* pim_dfe_new makes count elections, all Idle; name is borrowed. pim_dfe_setup says for which RPA
 * election ix is and who we are there (infinite preference and metric: no path). */
struct pim_dfe_set *pim_dfe_new(struct loop *loop, const char *name, uint64_t seed, uint32_t count,
                                const struct pim_dfe_ops *ops, void *arg);
void pim_dfe_free(struct pim_dfe_set *d);
void pim_dfe_setup(struct pim_dfe_set *d, uint32_t ix, ip4_t rpa, const struct pim_dfe_router *us);

/* pim_dfe_event is for what is no message: IF_UP, IF_DOWN, DF_FAILS, ASKED. */
void pim_dfe_event(struct pim_dfe_set *d, uint32_t ix, enum pim_dfe_event event);

/* pim_dfe_receive takes a message of that election from another router of the link. */
void pim_dfe_receive(struct pim_dfe_set *d, uint32_t ix, ip4_t sender, const struct pim_df *m);

/* pim_dfe_acting tells whether we forward (Win, or Backoff until the Pass), pim_dfe_df who does,
 * 0: nobody known. */
bool pim_dfe_acting(const struct pim_dfe_set *d, uint32_t ix);
ip4_t pim_dfe_df(const struct pim_dfe_set *d, uint32_t ix);

/* pim_dfe_bytes is the memory in use. */
size_t pim_dfe_bytes(const struct pim_dfe_set *d);

#endif
