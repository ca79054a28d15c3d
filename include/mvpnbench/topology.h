/*
 * The plan of addresses: pure functions from (instance, numbers) to addresses and back. VPNs v,
 * C-interfaces i, remote PEs r, groups j and sources k count from 1. C-group and C-source addresses
 * are the same in every VPN on purpose: VPNs overlap in real networks, and a DUT that mixes them up
 * is caught by the VPN number in each packet.
 *
 * Sites: an ingress group's sources and its C-RP sit behind one C-interface (site b = i), an egress
 * group's behind one remote PE (site b = SITE_REMOTE + e). Groups are dealt to the sites of their
 * direction in blocks of equal size, so that the order of their addresses is that of their numbers.
 * Each site has one /16 of sources, an RP in it, and one /16 of groups, so a DUT needs one static
 * route and one static RP a site in use (draft 6.2: minimum number of routes). Test groups (9.12)
 * are behind the first remote PE; with spec.pe3_receives (10.2) everything egress is.
 */
#ifndef MVPNBENCH_TOPOLOGY_H
#define MVPNBENCH_TOPOLOGY_H

#include "mvpnbench/instance.h"

#define SITE_REMOTE     64u /* sites 1..64 are C-interfaces, 65... are remote PEs */
#define SITE_REMOTE_MAX 50u /* at most this many remote PEs have sources behind them */

/* topology_default_addressing fills in the built-in plan. */
void topology_default_addressing(struct addressing *a);

struct vlan_tags {
    uint16_t outer; /* 0: untagged */
    uint16_t inner; /* 0: single tag */
};

/* topology_c_link_index returns k (0...) of C-interface i of VPN v. */
uint32_t topology_c_link_index(const struct instance_spec *s, uint32_t v, uint32_t i);

/* topology_vlan returns the tags of C-link k on a trunk: single tagged k+1 while N*c <= 4094, else
 * outer = VPN (0x88a8), inner = C-interface (0x8100). Untagged when not a trunk. */
struct vlan_tags topology_vlan(const struct instance_spec *s, uint32_t link);

/* topology_c_link_of is the inverse of topology_vlan; UINT32_MAX if no such link. */
uint32_t topology_c_link_of(const struct instance_spec *s, struct vlan_tags tags);

ip4_t topology_dut_c_addr(const struct instance_spec *s, uint32_t link);
ip4_t topology_c_router_addr(const struct instance_spec *s, uint32_t link);
struct mac topology_c_router_mac(uint32_t link);
struct mac topology_p_router_mac(void);
ip4_t topology_mdt_group(const struct instance_spec *s, uint32_t v);

/* topology_vpn_of_mdt returns v, or 0 if group is no default MDT of this instance. */
uint32_t topology_vpn_of_mdt(const struct instance_spec *s, ip4_t group);
ip4_t topology_remote_pe_addr(const struct instance_spec *s, uint32_t r);

/* topology_remote_pe_of returns r, or 0 if addr is no remote PE of this instance. */
uint32_t topology_remote_pe_of(const struct instance_spec *s, ip4_t addr);

/* Group j of a VPN: 1..gi are ingress, gi+1..g are egress. */
bool topology_is_ingress(const struct instance_spec *s, uint32_t j);

/* topology_is_test tells whether group j is one of the test groups (9.12), the last of all. */
bool topology_is_test(const struct instance_spec *s, uint32_t j);

/* topology_site_of_group returns the site b of group j. */
uint32_t topology_site_of_group(const struct instance_spec *s, uint32_t j);
ip4_t topology_group(const struct instance_spec *s, uint32_t j);

/* topology_group_of returns j, or 0 if addr is no C-group of this instance. */
uint32_t topology_group_of(const struct instance_spec *s, ip4_t addr);
ip4_t topology_source(const struct instance_spec *s, uint32_t site, uint32_t k);

/* topology_source_of returns k if addr is a source of that site, else 0. */
uint32_t topology_source_of(const struct instance_spec *s, uint32_t site, ip4_t addr);
ip4_t topology_site_rp(const struct instance_spec *s, uint32_t site);
struct ip4_prefix topology_site_sources(const struct instance_spec *s, uint32_t site);
struct ip4_prefix topology_site_groups(const struct instance_spec *s, uint32_t site);

/* topology_site_in_use tells whether any group of the instance lives at site b. Sites that can be
 * in use: 1..c and SITE_REMOTE + 1 .. SITE_REMOTE + topology_remote_sites. */
bool topology_site_in_use(const struct instance_spec *s, uint32_t site);
uint32_t topology_remote_sites(const struct instance_spec *s);

/* topology_rp_of_group returns the C-RP of group j: its site's, or the DUT's own. */
ip4_t topology_rp_of_group(const struct instance_spec *s, uint32_t j);

/*
 * Data MDTs (S-PMSIs) of a VPN are numbered 1...spmsi_src (sourced by the DUT, for ingress flows)
 * and 1...spmsi_rx (sourced by remote PEs, for egress flows). The first spmsi_src_flows ingress and
 * the first spmsi_rx_flows egress flows of a VPN are on them, dealt round robin; ingress flows in
 * the order of their numbers, egress groups in turn from each remote site (PROTOCOLS 12 D20). With
 * reuse (more flows than S-PMSIs) only egress flows of the first remote site take part, since an
 * S-PMSI belongs to one PE. Groups are SSM; a remote PE's is used with its address.
 */
#define DATA_MDTS_PER_VPN 1023u

ip4_t topology_data_mdt(const struct instance_spec *s, uint32_t v, bool by_dut, uint32_t n);

/* topology_data_mdt_of returns n and gives v and direction, or 0 if group is no data MDT. */
uint32_t topology_data_mdt_of(const struct instance_spec *s, ip4_t group, uint32_t *v,
                              bool *by_dut);

/* topology_flow_spmsi returns the data MDT number of flow (j, k) of VPN v, 0: on the default MDT.
 */
uint32_t topology_flow_spmsi(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t k);

/* topology_spmsi_flows_max returns how many flows of a VPN could be put on S-PMSIs. */
uint32_t topology_spmsi_flows_max(const struct instance_spec *s, bool by_dut);

/* Flow numbers (1...) from and to (v, j, k): in the order VPN, group, source, flows of test groups
 * behind all others. */
uint32_t topology_flow(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t k);
void topology_flow_split(const struct instance_spec *s, uint32_t flow, uint32_t *v, uint32_t *j,
                         uint32_t *k);

/*
 * topology_pe_receives tells whether remote PE r has a receiver of ingress group j in VPN v: k of
 * R, chosen by hash(seed, v, j) (PROTOCOLS 12 A8).
 */
bool topology_pe_receives(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t r);

#endif
