/* Join/Prune messages (RFC 7761 4.5, 4.9.5): received ones taken apart, entries to send collected
 * into as few messages as the MTU allows. */
#ifndef MVPN_REFPE_JOIN_PRUNE_H
#define MVPN_REFPE_JOIN_PRUNE_H

#include "emul/refpe/pe.h"

#define JP_HOLDTIME_S 210
#define JP_PERIOD_S   60

/* jp_input acts on a Join/Prune from src. */
void jp_input(struct refpe *pe, uint32_t iface, ip4_t src, const uint8_t *message, size_t len);

/* jp_send queues one entry towards upstream; delay_ns is how long it may wait for company. */
void jp_send(struct refpe *pe, uint32_t iface, ip4_t upstream, const struct pim_jp_entry *entry,
             int64_t delay_ns);

/* jp_entry_of fills in the entry that stands for an mroute. */
void jp_entry_of(const struct mroute *m, bool join, struct pim_jp_entry *out);

/* jp_flush is the agenda's call that sends what is queued. */
void jp_flush(struct refpe *pe, uint32_t unused);

#endif
