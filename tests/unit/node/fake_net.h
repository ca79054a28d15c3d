/* A struct net by itself on a virtual clock, its ports' other ends kept by the test: what the nodes
 * send is logged as decoded IP packets. */
#ifndef MVPN_TESTS_FAKE_NET_H
#define MVPN_TESTS_FAKE_NET_H

#include "emul/io/memlink.h"
#include "emul/node/net.h"

#define FAKE_PACKETS 4096
#define FAKE_BYTES   256

struct fake_packet {
    struct instant at;
    uint32_t link; /* C-link, or NET_P_LINK */
    struct eth eth;
    struct ipv4 ip; /* its payload and options point into bytes */
    size_t len;
    uint8_t bytes[FAKE_BYTES]; /* the IP packet */
};

struct fake_net {
    struct net net;
    struct port *a1[2], *a3[2]; /* [0] the net's, [1] ours */
    size_t count;
    struct fake_packet *log;
};

/* fake_spec is an instance of 2 mVPNs with 2 C-interfaces: 2 ingress and 2 egress groups of 2
 * sources. */
struct instance_spec fake_spec(void);
struct fake_net *fake_net_new(const struct instance_spec *spec);
void fake_net_free(struct fake_net *f);
void fake_net_run(struct fake_net *f, double seconds);

/* fake_net_mdt_join makes the DUT's join of VPN v's default MDT. */
void fake_net_mdt_join(struct fake_net *f, uint32_t v);

#endif
