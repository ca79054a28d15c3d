#include "harness/dut/frr.h"

#include "mvpnbench/topology.h"

static void route(FILE *out, struct ip4_prefix p, ip4_t via)
{
    char net[IP4_TEXT], gw[IP4_TEXT];
    fprintf(out, "ip route %s/%u %s\n", ip4_text(p.addr & ip4_mask(p.len), net), p.len,
            ip4_text(via, gw));
}

static void rp(FILE *out, ip4_t addr, struct ip4_prefix groups)
{
    char text[IP4_TEXT], net[IP4_TEXT];
    fprintf(out, "ip pim rp %s %s/%u\n", ip4_text(addr, text), ip4_text(groups.addr, net),
            groups.len);
}

static void pim_interface(FILE *out, const char *name, const char *extra)
{
    fprintf(out, "interface %s\n ip pim\n%sexit\n", name, extra);
}

/* Sites in use count through C-interfaces, then remote PEs; returns the next one, or 0. */
static uint32_t next_site(const struct instance_spec *s, uint32_t site)
{
    for (site++; site <= SITE_REMOTE + SITE_REMOTE_MAX; site++) {
        if (topology_site_in_use(s, site))
            return site;
    }
    return 0;
}

static void vrf_staticd(FILE *out, const struct instance_spec *s, uint32_t v)
{
    for (uint32_t b = next_site(s, 0); b != 0; b = next_site(s, b)) {
        ip4_t via = b <= SITE_REMOTE ? topology_c_router_addr(s, topology_c_link_index(s, v, b))
                                     : topology_remote_pe_addr(s, b - SITE_REMOTE);
        route(out, topology_site_sources(s, b), via);
    }
}

static void vrf_pimd(FILE *out, const struct instance_spec *s, uint32_t v)
{
    for (uint32_t b = next_site(s, 0); b != 0 && !s->c_rp_on_dut; b = next_site(s, b))
        rp(out, topology_site_rp(s, b), topology_site_groups(s, b));
    if (s->c_rp_on_dut) {
        rp(out, s->addr.dut_c_rp, (struct ip4_prefix){IP4(224, 0, 0, 0), 4});
        pim_interface(out, "lo", "");
    }
    char igmp[48] = "";
    if (s->igmp_version != 0)
        snprintf(igmp, sizeof igmp, " ip igmp\n ip igmp version %u\n", s->igmp_version);
    for (uint32_t i = 1; i <= s->c_interfaces; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%u", topology_c_link_index(s, v, i));
        pim_interface(out, name, igmp);
    }
    pim_interface(out, MTI_IFNAME, "");
}

static void p_staticd(FILE *out, const struct instance_spec *s)
{
    route(out, (struct ip4_prefix){s->addr.p_rp, 32}, s->addr.p_router_addr);
    route(out, (struct ip4_prefix){s->addr.remote_pe_base, s->addr.remote_pe_len},
          s->addr.p_router_addr);
}

/* SSM: the range of the default MDTs has no RP; a list of one's own takes the place of 232/8, which
 * the data MDTs need. Else draft 6.3: the threshold of the P instance is infinity. */
static void p_pimd(FILE *out, const struct instance_spec *s)
{
    struct ip4_prefix mdts = {s->addr.mdt_base & ip4_mask(16), 16};
    if (s->mdt == MDT_SSM) {
        char net[IP4_TEXT];
        fprintf(out,
                "ip prefix-list mdt seq 5 permit %s/%u le 32\n"
                "ip prefix-list mdt seq 10 permit 232.0.0.0/8 le 32\nip pim ssm prefix-list mdt\n",
                ip4_text(mdts.addr, net), mdts.len);
    } else {
        fprintf(out, "ip pim spt-switchover infinity-and-beyond\n");
        rp(out, s->addr.p_rp, mdts);
    }
    pim_interface(out, FRR_P_IF, "");
    pim_interface(out, FRR_M_IF, " ip igmp\n");
}

void frr_config_write(FILE *out, const struct instance_spec *s, uint32_t v, enum frr_daemon d)
{
    fprintf(out, "hostname %s%u\n", v == 0 ? "p" : "v", v);
    if (d == FRR_STATICD && v == 0)
        p_staticd(out, s);
    else if (d == FRR_STATICD)
        vrf_staticd(out, s, v);
    else if (d == FRR_PIMD && v == 0)
        p_pimd(out, s);
    else if (d == FRR_PIMD)
        vrf_pimd(out, s, v);
}
