/*
 * The probe that is the UDP payload of every C-packet (DESIGN B.6), UDP destination port 19300:
 *
 *   "MVPB"(4) version(1)=1 flags(1) header length(2)=32 VPN(4) flow(4) sequence(8) send time(8, ns)
 */
#ifndef MVPN_WIRE_PROBE_H
#define MVPN_WIRE_PROBE_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define PROBE_PORT       19300
#define PROBE_BYTES      32
#define PROBE_COLOUR     0x01 /* block colour */
#define PROBE_DELAY_MARK 0x02

struct probe {
    uint8_t flags;
    uint32_t vpn, flow;
    uint64_t sequence;
    int64_t sent_ns; /* time base of the capture */
};

/* probe_decode accepts longer header lengths (later versions) and ignores the filling behind. */
enum wire_err probe_decode(struct rd *r, struct probe *out);
enum wire_err probe_encode(struct wr *w, const struct probe *v);
void probe_print(FILE *f, const struct probe *v);

#endif
