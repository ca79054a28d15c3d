/*
 * DF election of BIDIR-PIM (RFC 5015 3.5) on the P link, which is the PE's only way to the RPA: on
 * its RPF interface a router offers an infinite metric, so it never becomes DF here, and of the
 * RFC's four states two are left. Nothing of the default MDTs is forwarded while no DF is known.
 */
#ifndef MVPN_REFPE_DF_H
#define MVPN_REFPE_DF_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"
#include "emul/wire/rd.h"

enum df_state { DF_OFFER, DF_LOSE, DF_STATES };
enum df_event {
    DF_BETTER_OFFER, /* of a router with a path to the RPA */
    DF_WORSE,        /* an Offer or Winner of one without */
    DF_WINNER,       /* a Winner, or a Pass to one, with a path */
    DF_BACKOFF,      /* the acting DF will hand over */
    DF_OFFER_AGAIN,  /* DFT expires, Offers are left */
    DF_SILENCE,      /* DFT expires after the last Offer */
    DF_RESTART,      /* the link or a candidate came, or the DF was lost */
    DF_LINK_DOWN,
    DF_EVENTS
};

extern const struct fsm_machine df_machine;

/* df_link starts the election when the P link works, and forgets the DF when it does not. */
void df_link(struct refpe *pe, bool works);

/* df_input acts on a DF election message of src (flag octet and body). */
void df_input(struct refpe *pe, ip4_t src, uint8_t flags, struct rd *body);

/* df_neighbour tells of a neighbour that came to, or is lost from, the P link. */
void df_neighbour(struct refpe *pe, ip4_t addr, bool came);

/* df_timer is the agenda's call at the DF timer. */
void df_timer(struct refpe *pe, uint32_t unused);

#endif
