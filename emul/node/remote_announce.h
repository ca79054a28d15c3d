/*
 * S-PMSIs of the remote PEs (RFC 6037 section 7): when its sources start, a remote PE announces the
 * flows that are meant for data MDTs, by MDT Join TLVs on the default MDT, at once and every 60 s,
 * as many a datagram as fit; after MDT_DATA_DELAY it sends them on the data MDTs only. What of that
 * reaches the DUT is up to the DUT's joins.
 */
#ifndef MVPN_NODE_REMOTE_ANNOUNCE_H
#define MVPN_NODE_REMOTE_ANNOUNCE_H

#include "emul/node/net.h"

#define MDT_INTERVAL_NS (60 * NS_PER_S)
#define MDT_TIMEOUT_NS  (180 * NS_PER_S)

struct remote_announce;

struct remote_announce *remote_announce_new(struct net *net);
void remote_announce_free(struct remote_announce *a);

/* remote_announce_start is told that the sources start now, remote_announce_stop that they end. */
void remote_announce_start(struct remote_announce *a);
void remote_announce_stop(struct remote_announce *a);

/* remote_announce_since returns when data MDT number of VPN v was announced first, INSTANT_NEVER:
 * it is not announced. */
struct instant remote_announce_since(const struct remote_announce *a, uint32_t v, uint32_t number);

/* remote_announce_moved tells whether its flows are on it. */
bool remote_announce_moved(const struct remote_announce *a, uint32_t v, uint32_t number,
                           struct instant now);

/* remote_announce_count counts the data MDTs that are announced now. */
uint64_t remote_announce_count(const struct remote_announce *a);

/* remote_announce_bytes is the memory of all announcers. */
size_t remote_announce_bytes(const struct remote_announce *a);

#endif
