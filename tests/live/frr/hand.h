/*
 * A network made by hand around the FRR PE, as little of one as can be: one C-router a C-link (one
 * a VRF), the P router with the P-RP, two remote PEs. It says what it is told to say and writes
 * down what it hears. For tests of the driver alone; the emulated network proper is emul/lab.
 *
 *   C-router v ===a1-(v-1)=== [VRF v]  FRR PE  [P instance] ===a3=== P router, P-RP ... PE 1, PE 2
 */
#ifndef MVPN_TESTS_LIVE_FRR_HAND_H
#define MVPN_TESTS_LIVE_FRR_HAND_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim_jp.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/topology.h"

#define HAND_VRFS 2
#define HAND_LOG  256

/* A Join/Prune entry of the DUT: on C-link (VRF) v, or v's MDT, or (P link) v = 0. */
struct hand_entry {
    uint32_t v;
    bool on_mdt;
    ip4_t upstream;
    struct pim_jp_entry entry;
};

struct hand {
    struct loop *loop;
    const struct instance_spec *spec;
    struct port *c[HAND_VRFS], *p;
    struct hand_link {
        struct hand *hand;
        uint32_t v; /* 0: the P link */
    } link[HAND_VRFS + 1];
    unsigned hello_c[HAND_VRFS + 1], hello_p, hello_mdt[HAND_VRFS + 1];
    unsigned registers, null_registers, undecodable, asserts;
    size_t entries;
    struct hand_entry entry[HAND_LOG];
    unsigned probes_c[HAND_VRFS + 1], probes_mdt[HAND_VRFS + 1]; /* with the right VPN in them */
    unsigned probes_wrong;
    uint64_t sequence;
};

/* hand_init takes the ports of an opened DUT; answers ARP and Registers from then on. */
void hand_init(struct hand *h, struct loop *loop, const struct dut_ports *ports,
               const struct instance_spec *spec);

/* Hellos: of every C-router and the P router; of remote PE r in VPN v. */
void hand_hello_links(struct hand *h);
void hand_hello_pe(struct hand *h, uint32_t v, uint32_t r);

/* Joins and prunes of one entry, from C-router v or remote PE r, to the DUT. */
void hand_c_jp(struct hand *h, uint32_t v, const struct pim_jp_entry *e);
void hand_pe_jp(struct hand *h, uint32_t v, uint32_t r, const struct pim_jp_entry *e);

/* One C-packet with a probe: from behind C-router v, or from behind remote PE r. */
void hand_c_data(struct hand *h, uint32_t v, ip4_t source, ip4_t group);
void hand_pe_data(struct hand *h, uint32_t v, uint32_t r, ip4_t source, ip4_t group);

/* hand_heard tells whether the DUT sent this entry there (v, on_mdt) to that upstream. */
bool hand_heard(const struct hand *h, uint32_t v, bool on_mdt, ip4_t upstream,
                const struct pim_jp_entry *e);

/* hand_wait lets the loop run until done(h) or for at most seconds; returns done(h). */
bool hand_wait(struct hand *h, bool (*done)(struct hand *h), int seconds);

#endif
