/*
 * One test-case instance as numbers: what the emulated network and the DUT are set up for. The
 * symbols are those of PROTOCOLS section 13. Everything about addresses follows from here through
 * topology.h, for the emulation and for the DUT's configuration alike.
 */
#ifndef MVPNBENCH_INSTANCE_H
#define MVPNBENCH_INSTANCE_H

#include "emul/base/addr.h"
#include "mvpnbench/metric.h"

#include <stdbool.h>
#include <stdint.h>

enum mdt_mode { MDT_ASM, MDT_SSM, MDT_BIDIR };
enum jp_oversize { JP_FIT, JP_FRAGMENT };

/* mdt_mode_name returns "asm", "ssm", "bidir"; mdt_mode_protocol "PIM-ASM" ... for reports. */
const char *mdt_mode_name(enum mdt_mode mode);
const char *mdt_mode_protocol(enum mdt_mode mode);

/* Where things live; the defaults are topology_default_addressing's. */
struct addressing {
    ip4_t dut_p_addr;      /* the DUT's address on the P link */
    ip4_t p_router_addr;   /* the P router's address on the P link */
    uint8_t p_link_len;    /* prefix length of the P link */
    ip4_t p_rp;            /* RP of the default MDTs, on the P router */
    ip4_t dut_mdt_addr;    /* the DUT's MTI / BGP address */
    ip4_t remote_pe_base;  /* remote PE r (1...) has remote_pe_base + r */
    uint8_t remote_pe_len; /* prefix that covers all remote PEs (not the DUT's address's use) */
    ip4_t mdt_base;        /* default MDT of VPN v (1...) is mdt_base + v */
    ip4_t c_link_base;     /* C-link k (0...) is the /30 at c_link_base + 4k: DUT .1, C-router .2 */
    ip4_t c_group_base;    /* site b's groups: c_group_base + (b << 16) + 1... */
    ip4_t c_source_base;   /* site b's /16: c_source_base + (b << 16) */
    ip4_t dut_c_rp;        /* C-RP of every VRF when it is on the DUT */
    ip4_t data_mdt_src_base; /* data MDT n of VPN v, sourced by the DUT: base + (v-1)*1024 + n */
    ip4_t data_mdt_rx_base;  /* the same for those of remote PEs */
};

struct instance_spec {
    uint64_t seed;           /* hash(run seed, case, parameters) */
    uint32_t mvpns;          /* N */
    uint32_t c_interfaces;   /* c, per mVPN */
    uint32_t remote_pes;     /* R, per mVPN */
    uint32_t groups;         /* g, per mVPN */
    uint32_t ingress_groups; /* gi of them; the others are egress */
    uint32_t sources;        /* s, per group */
    uint32_t receiver_c_ifs; /* d: C-interfaces with a receiver per egress group (<= c) */
    uint32_t receiver_pes;   /* k: remote PEs with a receiver per ingress group (<= R) */
    enum mdt_mode mdt;
    int64_t period_ns;     /* between two packets of one flow */
    int64_t marking_ns;    /* length of a block of one colour in the probes; 0: no marking */
    uint32_t packet_bytes; /* IP packet of a C-flow (headers + probe), bytes */
    uint32_t mtu;          /* of the A1 and A3 links: largest IP packet */
    enum jp_oversize jp_oversize;
    bool jp_suppression;      /* of the emulated PEs */
    uint32_t spmsi_src;       /* S-PMSIs (data MDTs) per mVPN that the DUT sources; 0: none */
    uint32_t spmsi_rx;        /* ... that remote PEs source and the DUT must join */
    uint32_t spmsi_src_flows; /* flows per mVPN on them; more than S-PMSIs: they are reused */
    uint32_t spmsi_rx_flows;
    uint32_t spmsi_vpns;     /* mVPNs 1..this have S-PMSIs (9.5, 9.6: U); 0: all */
    uint32_t spmsi_src_full; /* of them the first have spmsi_src each, the others one less; 0: all
                                have it. Only without reuse (a flow each) */
    uint32_t spmsi_rx_full;
    int64_t spmsi_delay_ns;  /* MDT_DATA_DELAY of the emulated PEs (RFC 6037: 3 s) */
    int64_t probe_period_ns; /* 9.11, 9.12: between two packets of a flow while it is measured */
    uint32_t test_groups;    /* 9.12: the last of the egress groups of each mVPN have an active
                                source and a receiver behind remote PEs, and none across the core
                                until it is told to join (emul_extra.h) */
    bool pe3_receives;       /* 10.2: a receiver of every egress group sits behind remote PE 2,
                                which joins over the MI-PMSI and never suppresses */
    bool c_rp_on_dut;        /* the DUT is the RP of every C-group (9.13) */
    uint8_t igmp_version;    /* receivers on C-interfaces are IGMP hosts: 2 or 3; 0: PIM */
    int64_t igmp_spacing_ns; /* between two messages of one IGMP host */
    bool trunk;              /* C-interfaces are VLANs of one port; else port i carries C-link i */
    struct addressing addr;
};

/* spec_expected computes the metric of PROTOCOLS section 13, spec_expected_p the P-instance's
 * (*,G) and (S,G) (OIFs: METRIC_UNKNOWN, they depend on the implementation). */
void spec_expected(const struct instance_spec *spec, struct mvpn_metric *out);
void spec_expected_p(const struct instance_spec *spec, struct p_metric *out);

/* spec_spmsi returns how many S-PMSIs mVPN v has in a direction, spec_spmsi_total how many all
 * have; spec_spmsi_flows_total the flows on them. */
uint32_t spec_spmsi(const struct instance_spec *spec, bool by_dut, uint32_t v);
uint64_t spec_spmsi_total(const struct instance_spec *spec, bool by_dut);
uint64_t spec_spmsi_flows_total(const struct instance_spec *spec, bool by_dut);

/* Flows: one per (VPN, group, source), numbered 1... in that order (the order of DESIGN B.4), those
 * of test groups behind all others. */
uint64_t spec_flow_count(const struct instance_spec *spec);

#endif
