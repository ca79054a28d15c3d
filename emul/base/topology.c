#include "mvpnbench/topology.h"

#include "emul/base/rng.h"

void topology_default_addressing(struct addressing *a)
{
    *a = (struct addressing){
        .dut_p_addr = IP4(192, 168, 255, 1),
        .p_router_addr = IP4(192, 168, 255, 2),
        .p_link_len = 30,
        .p_rp = IP4(198, 19, 0, 1),
        .dut_mdt_addr = IP4(198, 18, 0, 1),
        .remote_pe_base = IP4(198, 18, 0, 1),
        .remote_pe_len = 20,
        .mdt_base = IP4(239, 192, 0, 0),
        .c_link_base = IP4(172, 16, 0, 0),
        .c_group_base = IP4(225, 0, 0, 0),
        .c_source_base = IP4(10, 0, 0, 0),
        .dut_c_rp = IP4(10, 255, 255, 254),
        .data_mdt_src_base = IP4(232, 16, 0, 0),
        .data_mdt_rx_base = IP4(232, 64, 0, 0),
    };
}

uint32_t topology_c_link_index(const struct instance_spec *s, uint32_t v, uint32_t i)
{
    return (v - 1) * s->c_interfaces + (i - 1);
}

static bool single_tagged(const struct instance_spec *s)
{
    return (uint64_t)s->mvpns * s->c_interfaces <= 4094;
}

struct vlan_tags topology_vlan(const struct instance_spec *s, uint32_t link)
{
    if (!s->trunk)
        return (struct vlan_tags){0, 0};
    if (single_tagged(s))
        return (struct vlan_tags){(uint16_t)(link + 1), 0};
    return (struct vlan_tags){(uint16_t)(link / s->c_interfaces + 1),
                              (uint16_t)(link % s->c_interfaces + 1)};
}

uint32_t topology_c_link_of(const struct instance_spec *s, struct vlan_tags tags)
{
    if (tags.outer == 0)
        return UINT32_MAX;
    if (single_tagged(s)) {
        if (tags.inner != 0 || tags.outer > s->mvpns * s->c_interfaces)
            return UINT32_MAX;
        return tags.outer - 1u;
    }
    if (tags.outer > s->mvpns || tags.inner == 0 || tags.inner > s->c_interfaces)
        return UINT32_MAX;
    return topology_c_link_index(s, tags.outer, tags.inner);
}

ip4_t topology_dut_c_addr(const struct instance_spec *s, uint32_t link)
{
    return s->addr.c_link_base + link * 4 + 1;
}

ip4_t topology_c_router_addr(const struct instance_spec *s, uint32_t link)
{
    return s->addr.c_link_base + link * 4 + 2;
}

struct mac topology_c_router_mac(uint32_t link)
{
    return (struct mac){{0x02, 0x4d, 0x56, (uint8_t)(0x10 | (link >> 16 & 0x0f)),
                         (uint8_t)(link >> 8), (uint8_t)link}};
}

struct mac topology_p_router_mac(void)
{
    return (struct mac){{0x02, 0x4d, 0x56, 0x01, 0x00, 0x01}};
}

ip4_t topology_mdt_group(const struct instance_spec *s, uint32_t v)
{
    return s->addr.mdt_base + v;
}

uint32_t topology_vpn_of_mdt(const struct instance_spec *s, ip4_t group)
{
    uint32_t v = group - s->addr.mdt_base;
    return v >= 1 && v <= s->mvpns ? v : 0;
}

ip4_t topology_remote_pe_addr(const struct instance_spec *s, uint32_t r)
{
    return s->addr.remote_pe_base + r;
}

uint32_t topology_remote_pe_of(const struct instance_spec *s, ip4_t addr)
{
    uint32_t r = addr - s->addr.remote_pe_base;
    return r >= 1 && r <= s->remote_pes ? r : 0;
}

bool topology_is_ingress(const struct instance_spec *s, uint32_t j)
{
    return j <= s->ingress_groups;
}

uint32_t topology_remote_sites(const struct instance_spec *s)
{
    if (s->pe3_receives && s->remote_pes > 0)
        return 1;
    return s->remote_pes < SITE_REMOTE_MAX ? s->remote_pes : SITE_REMOTE_MAX;
}

/*
 * The groups of one direction that are dealt to its sites, in blocks: site b (0...) has those from
 * ceil(b * groups / sites) on. So groups in the order of their numbers are in the order of their
 * addresses too, and blocks differ by one group at most.
 */
struct dealing {
    uint32_t groups, sites; /* sites that have a group; 1 when there is none */
};

static struct dealing dealing_of(const struct instance_spec *s, bool ingress)
{
    struct dealing d = {s->ingress_groups, s->c_interfaces};
    if (ingress) {
        d.sites = d.sites > SITE_REMOTE ? SITE_REMOTE : d.sites;
    } else {
        d.groups = s->groups - s->ingress_groups;
        d.groups -= s->test_groups < d.groups ? s->test_groups : d.groups;
        d.sites = topology_remote_sites(s);
    }
    if (d.sites > d.groups)
        d.sites = d.groups;
    if (d.sites == 0)
        d.sites = 1;
    return d;
}

static uint32_t block_begin(struct dealing d, uint32_t site)
{
    return (uint32_t)(((uint64_t)site * d.groups + d.sites - 1) / d.sites);
}

static uint32_t block_of(struct dealing d, uint32_t ix)
{
    return (uint32_t)((uint64_t)ix * d.sites / d.groups);
}

/* Where a group lives: its site (0...) among those of its direction, its place (0...) there. */
struct place {
    uint32_t site, within;
};

/* Test groups are behind the first remote PE, after what was dealt to it. */
static struct place place_of(const struct instance_spec *s, uint32_t j)
{
    bool ingress = topology_is_ingress(s, j);
    struct dealing d = dealing_of(s, ingress);
    uint32_t ix = (ingress ? j : j - s->ingress_groups) - 1;
    if (ix >= d.groups)
        return (struct place){0, block_begin(d, 1) + ix - d.groups};
    uint32_t site = block_of(d, ix);
    return (struct place){site, ix - block_begin(d, site)};
}

uint32_t topology_site_of_group(const struct instance_spec *s, uint32_t j)
{
    return (topology_is_ingress(s, j) ? 1 : SITE_REMOTE + 1) + place_of(s, j).site;
}

ip4_t topology_group(const struct instance_spec *s, uint32_t j)
{
    struct place p = place_of(s, j);
    uint32_t site = (topology_is_ingress(s, j) ? 1 : SITE_REMOTE + 1) + p.site;
    return s->addr.c_group_base + (site << 16) + p.within + 1;
}

uint32_t topology_group_of(const struct instance_spec *s, ip4_t addr)
{
    uint32_t offset = addr - s->addr.c_group_base;
    uint32_t site = offset >> 16, within = offset & 0xffff;
    if (within == 0 || site == 0)
        return 0;
    bool ingress = site <= SITE_REMOTE;
    struct dealing d = dealing_of(s, ingress);
    uint32_t place = ingress ? site - 1 : site - SITE_REMOTE - 1;
    if (place >= d.sites)
        return 0;
    uint32_t block = block_begin(d, place + 1) - block_begin(d, place);
    uint32_t ix = block_begin(d, place) + within - 1;
    if (within > block) {
        uint32_t test = s->groups - s->ingress_groups - d.groups;
        if (ingress || place > 0 || within - block > test)
            return 0;
        ix = d.groups + within - block - 1;
    }
    return ix + 1 + (ingress ? 0 : s->ingress_groups);
}

bool topology_is_test(const struct instance_spec *s, uint32_t j)
{
    return j > s->ingress_groups && j + s->test_groups > s->groups;
}

ip4_t topology_source(const struct instance_spec *s, uint32_t site, uint32_t k)
{
    return s->addr.c_source_base + (site << 16) + k;
}

uint32_t topology_source_of(const struct instance_spec *s, uint32_t site, ip4_t addr)
{
    uint32_t k = addr - s->addr.c_source_base - (site << 16);
    return k >= 1 && k <= s->sources ? k : 0;
}

ip4_t topology_site_rp(const struct instance_spec *s, uint32_t site)
{
    return s->addr.c_source_base + (site << 16) + 0xfffe;
}

struct ip4_prefix topology_site_sources(const struct instance_spec *s, uint32_t site)
{
    return (struct ip4_prefix){s->addr.c_source_base + (site << 16), 16};
}

struct ip4_prefix topology_site_groups(const struct instance_spec *s, uint32_t site)
{
    return (struct ip4_prefix){s->addr.c_group_base + (site << 16), 16};
}

bool topology_site_in_use(const struct instance_spec *s, uint32_t site)
{
    bool ingress = site <= SITE_REMOTE;
    uint32_t there = ingress ? s->ingress_groups : s->groups - s->ingress_groups;
    uint32_t place = ingress ? site - 1 : site - SITE_REMOTE - 1;
    return site >= 1 && there > 0 && place < dealing_of(s, ingress).sites;
}

ip4_t topology_rp_of_group(const struct instance_spec *s, uint32_t j)
{
    return s->c_rp_on_dut ? s->addr.dut_c_rp : topology_site_rp(s, topology_site_of_group(s, j));
}

ip4_t topology_data_mdt(const struct instance_spec *s, uint32_t v, bool by_dut, uint32_t n)
{
    ip4_t base = by_dut ? s->addr.data_mdt_src_base : s->addr.data_mdt_rx_base;
    return base + (v - 1) * (DATA_MDTS_PER_VPN + 1) + n;
}

uint32_t topology_data_mdt_of(const struct instance_spec *s, ip4_t group, uint32_t *v, bool *by_dut)
{
    for (int i = 0; i < 2; i++) {
        *by_dut = i == 0;
        uint32_t offset = group - (*by_dut ? s->addr.data_mdt_src_base : s->addr.data_mdt_rx_base);
        uint32_t n = offset % (DATA_MDTS_PER_VPN + 1);
        *v = offset / (DATA_MDTS_PER_VPN + 1) + 1;
        if (*v <= s->mvpns && n >= 1 && n <= spec_spmsi(s, *by_dut, *v))
            return n;
    }
    return 0;
}

uint32_t topology_spmsi_flows_max(const struct instance_spec *s, bool by_dut)
{
    struct dealing d = dealing_of(s, by_dut);
    if (!by_dut && s->spmsi_rx_flows > s->spmsi_rx)
        return block_begin(d, 1) * s->sources;
    return d.groups * s->sources;
}

/* The egress groups in the order in which their flows are put on S-PMSIs: round robin over the
 * remote PEs, or (reuse) those of the first one. UINT32_MAX: not at all. */
static uint32_t spmsi_rank(const struct instance_spec *s, uint32_t j, bool reuse)
{
    struct dealing d = dealing_of(s, false);
    uint32_t ix = j - s->ingress_groups - 1;
    if (ix >= d.groups)
        return UINT32_MAX;
    uint32_t site = block_of(d, ix), within = ix - block_begin(d, site);
    if (reuse)
        return site == 0 ? within : UINT32_MAX;
    uint32_t small = d.groups / d.sites;
    if (within < small)
        return within * d.sites + site;
    return small * d.sites + block_begin(d, site) - site * small; /* larger blocks before it */
}

uint32_t topology_flow_spmsi(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t k)
{
    bool by_dut = topology_is_ingress(s, j);
    uint32_t mdts = by_dut ? s->spmsi_src : s->spmsi_rx;
    uint32_t flows = by_dut ? s->spmsi_src_flows : s->spmsi_rx_flows;
    if (mdts == 0)
        return 0;
    uint64_t ix = by_dut ? j - 1 : spmsi_rank(s, j, flows > mdts);
    ix = ix * s->sources + (k - 1);
    if (ix >= flows)
        return 0;
    uint32_t number = (uint32_t)ix % mdts + 1;
    return number <= spec_spmsi(s, by_dut, v) ? number : 0;
}

/* Flows of test groups come behind all others: these are numbered as if there were none. */
uint32_t topology_flow(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t k)
{
    uint32_t regular = s->groups - s->test_groups;
    if (j <= regular)
        return ((v - 1) * regular + (j - 1)) * s->sources + k;
    uint32_t test = (v - 1) * s->test_groups + (j - regular - 1);
    return (s->mvpns * regular + test) * s->sources + k;
}

void topology_flow_split(const struct instance_spec *s, uint32_t flow, uint32_t *v, uint32_t *j,
                         uint32_t *k)
{
    uint32_t ix = flow - 1, regular = s->groups - s->test_groups;
    *k = ix % s->sources + 1;
    ix /= s->sources;
    bool test = ix >= s->mvpns * regular;
    uint32_t per_vpn = test ? s->test_groups : regular;
    ix -= test ? s->mvpns * regular : 0;
    *j = ix % per_vpn + 1 + (test ? regular : 0);
    *v = ix / per_vpn + 1;
}

bool topology_pe_receives(const struct instance_spec *s, uint32_t v, uint32_t j, uint32_t r)
{
    /* k consecutive PEs on a ring that starts at a place drawn for (v, j). */
    uint64_t h = hash_mix(hash_mix(hash_text(s->seed, "receiver-pes"), v), j);
    uint32_t start = (uint32_t)hash_range(h, s->remote_pes);
    uint32_t place = (r - 1 + s->remote_pes - start) % s->remote_pes;
    return place < s->receiver_pes;
}
