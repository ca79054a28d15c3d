/* The insides of the set of remote PEs, shared by remote_pe.c, remote_join.c and remote_build.c. */
#ifndef MVPN_NODE_REMOTE_SET_H
#define MVPN_NODE_REMOTE_SET_H

#include "emul/node/hello_ring.h"
#include "emul/node/lan_count.h"
#include "emul/node/remote_pe.h"

#define SAID_HELLO 0x01
#define CLOSED     0x02
#define AWAY       0x04 /* taken off the network (live.h) */
#define EPOCH_ONE  0x08 /* the bits from here on count restarts: part of the GenID */

struct remote_vpn {
    struct pim_nbr dut; /* as every remote PE of the VPN sees it */
    struct hello_ring ring;
    uint32_t present; /* remote PEs that are not away */
};

/* A receiver of (v, j): its session and the place of group j in that session. */
struct remote_receiver {
    uint32_t session, place;
};

/* A session's owner and its groups. */
struct remote_session {
    uint32_t v, pe, first_group;
};

/* PruneEchos of one PE that wait to share a PDU. */
struct remote_echo {
    uint32_t v, pe;
    size_t count;
    struct pim_jp_entry entries[PIM_PDU_ENTRIES];
    struct timer timer;
};

struct remote_pe3; /* remote_pe3.c; NULL: nobody receives egress groups behind a remote PE */

struct remote_pes {
    struct net *net;
    struct remote_vpn *vpns; /* by VPN - 1 */
    uint8_t *flags;          /* by endpoint: (v - 1) * R + r - 1 */
    uint32_t *session_of;    /* by endpoint, or PLAN_NONE */
    struct remote_session *sessions;
    uint32_t session_count;
    uint32_t *groups;                  /* groups of each session, ascending */
    struct remote_receiver *receivers; /* k for each (v, ingress j) */
    struct pim_us_set *joins;
    uint32_t *seen_s; /* last packet, by (VPN, ingress flow); 0: never */
    struct remote_echo echo;
    struct remote_pe3 *pe3;
    struct lan_count lan;
};

static inline size_t remote_endpoint(const struct remote_pes *r, uint32_t v, uint32_t pe)
{
    return (size_t)(v - 1) * r->net->spec.remote_pes + (pe - 1);
}

static inline const struct remote_receiver *remote_receivers(const struct remote_pes *r, uint32_t v,
                                                             uint32_t j)
{
    const struct instance_spec *s = &r->net->spec;
    return &r->receivers[((size_t)(v - 1) * s->ingress_groups + (j - 1)) * s->receiver_pes];
}

static inline uint32_t *remote_seen(const struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k)
{
    const struct instance_spec *s = &r->net->spec;
    return &r->seen_s[(size_t)(v - 1) * s->ingress_groups * s->sources + plan_flow(s, j, k)];
}

/* remote_build_sessions deals the receivers to sessions and fills in the arrays above. */
void remote_build_sessions(struct remote_pes *r);

/* remote_say_hello sends one PE's Hello if the P router forwards it to the DUT. */
void remote_say_hello(struct remote_pes *r, uint32_t v, uint32_t pe, uint16_t holdtime_s);

/* remote_send_message sends a C-PIM message of a PE to the DUT, if the DUT joined the MDT; returns
 * whether it did. */
bool remote_send_message(struct remote_pes *r, uint32_t v, uint32_t pe, const uint8_t *message,
                         size_t len);

/* remote_lan_from_pe and remote_lan_from_dut are a message on the MI-PMSI of VPN v, to be counted;
 * sent: it went to the DUT. */
struct lan_message remote_lan_from_pe(const struct remote_pes *r, uint32_t v, bool sent);
struct lan_message remote_lan_from_dut(const struct remote_pes *r, uint32_t v);

/* remote_overhear shows one entry for VPN v towards the DUT to all receivers but session except. */
void remote_overhear(struct remote_pes *r, uint32_t v, const struct pim_jp_entry *entry,
                     uint16_t holdtime_s, uint32_t except);

/* remote_pe3.c: the receivers of draft 10.2. remote_pe3_heard is told of each entry that the DUT
 * sent to remote PE 1, remote_pe3_pruned of each Prune or PruneEcho on the MI-PMSI. */
struct remote_pe3 *remote_pe3_new(struct remote_pes *r);
void remote_pe3_free(struct remote_pe3 *p);
void remote_pe3_heard(struct remote_pe3 *p, const struct pim_jp_entry *entry);
void remote_pe3_heard_pdu(struct remote_pe3 *p);
void remote_pe3_pruned(struct remote_pes *r, uint32_t v, const struct pim_jp_entry *entry);
size_t remote_pe3_bytes(const struct remote_pes *r);

extern const struct pim_us_ops remote_join_ops;

#endif
