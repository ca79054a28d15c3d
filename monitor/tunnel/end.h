/*
 * The GRE program at a router's end of tunnels: for routers on hosts whose kernel has no GRE, and
 * for tests, which need tunnels of a known delay. One process serves the tunnels of one namespace:
 * each is a TUN device there; what the router sends into it goes out in GRE (RFC 2784, no key,
 * protocol 0x0800) to the tunnel's remote address, and back. Each direction has a delay that can be
 * set; packets keep their order.
 *
 *   gre-end [--netns NS] --interface IF TUNNEL...
 *   TUNNEL  name=IF,local=ADDR,remote=ADDR,inner=ADDR/LEN[,out=MS][,in=MS]
 *
 * local is the router's address outside, which IF has or is reached through; inner the address of
 * the TUN device, whose prefix covers the other end's. out is the delay from the router into the
 * tunnel, in the other way round. "ready" is printed when all devices are up. Lines on standard
 * input, `NAME OUT_MS IN_MS`, change delays; its end, or SIGTERM, ends the program, and with it the
 * devices.
 */
#ifndef MVPN_TUNNEL_END_H
#define MVPN_TUNNEL_END_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

#define END_NAME_MAX     16 /* of a device, its 0 included */
#define END_DELAY_MAX_MS 10000.0

struct end_spec {
    char name[END_NAME_MAX];
    ip4_t local, remote;
    struct ip4_prefix inner;
    double out_ms, in_ms;
};

/* end_spec_parse reads a TUNNEL word; -1 with *err. end_delay_parse reads a line of standard input
 * into name and delays; -1: it is none. */
int end_spec_parse(struct end_spec *s, const char *word, struct err *err);
int end_delay_parse(struct end_spec *s, const char *line);

#endif
