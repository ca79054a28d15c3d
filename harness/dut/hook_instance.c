#include "harness/dut/hook_instance.h"

#include "mvpnbench/topology.h"

#include <stdio.h>

#define AS_NUMBER   65000u /* of route targets; private use */
#define C_LINK_LEN  30
#define MDT_LEN     16 /* the default MDTs lie in this range */
#define TEXT_PREFIX (IP4_TEXT + 4)

static json_t *address(ip4_t a)
{
    char text[IP4_TEXT];
    return json_string(ip4_text(a, text));
}

static json_t *prefix(ip4_t a, unsigned len)
{
    char text[IP4_TEXT], out[TEXT_PREFIX];
    (void)snprintf(out, sizeof(out), "%s/%u", ip4_text(a & ip4_mask(len), text), len);
    return json_string(out);
}

static json_t *number_or_null(uint32_t n)
{
    return n == 0 ? json_null() : json_integer(n);
}

static json_t *c_interface(const struct instance_spec *s, uint32_t v, uint32_t i,
                           const json_t *interfaces)
{
    uint32_t k = topology_c_link_index(s, v, i);
    struct vlan_tags tags = topology_vlan(s, k);
    json_t *o = json_object();
    json_object_set_new(o, "number", json_integer(i));
    json_object_set_new(o, "link", json_integer(k));
    json_object_set_new(o, "vlan", number_or_null(tags.inner != 0 ? tags.inner : tags.outer));
    json_object_set_new(o, "outer_vlan", number_or_null(tags.inner != 0 ? tags.outer : 0));
    json_t *name = interfaces == NULL ? NULL : json_array_get(interfaces, k);
    json_object_set_new(o, "apparatus_interface", name == NULL ? json_null() : json_copy(name));
    json_object_set_new(o, "address", address(topology_dut_c_addr(s, k)));
    json_object_set_new(o, "prefix_length", json_integer(C_LINK_LEN));
    json_object_set_new(o, "c_router", address(topology_c_router_addr(s, k)));
    return o;
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

static json_t *routes(const struct instance_spec *s, uint32_t v)
{
    json_t *list = json_array();
    for (uint32_t b = next_site(s, 0); b != 0; b = next_site(s, b)) {
        bool local = b <= SITE_REMOTE;
        ip4_t hop = local ? topology_c_router_addr(s, topology_c_link_index(s, v, b))
                          : topology_remote_pe_addr(s, b - SITE_REMOTE);
        struct ip4_prefix p = topology_site_sources(s, b);
        json_t *o = json_object();
        json_object_set_new(o, "prefix", prefix(p.addr, p.len));
        json_object_set_new(o, "next_hop", address(hop));
        json_object_set_new(o, "via", json_string(local ? "c_interface" : "mti"));
        json_object_set_new(o, "c_interface", local ? json_integer(b) : json_null());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *rp_mapping(ip4_t rp, struct ip4_prefix groups)
{
    json_t *o = json_object();
    json_object_set_new(o, "address", address(rp));
    json_object_set_new(o, "groups", prefix(groups.addr, groups.len));
    return o;
}

static json_t *rps(const struct instance_spec *s)
{
    json_t *list = json_array();
    if (s->c_rp_on_dut)
        json_array_append_new(
            list, rp_mapping(s->addr.dut_c_rp, (struct ip4_prefix){IP4(224, 0, 0, 0), 4}));
    for (uint32_t b = next_site(s, 0); b != 0 && !s->c_rp_on_dut; b = next_site(s, b))
        json_array_append_new(list, rp_mapping(topology_site_rp(s, b), topology_site_groups(s, b)));
    return list;
}

/* The flows that the PE moves to data MDTs, and the pool of groups that it takes them from. */
static json_t *data_mdts(const struct instance_spec *s, uint32_t v)
{
    uint32_t pool = spec_spmsi(s, true, v);
    if (pool == 0)
        return json_null();
    json_t *o = json_object(), *flows = json_array();
    json_object_set_new(o, "first", address(topology_data_mdt(s, v, true, 1)));
    json_object_set_new(o, "count", json_integer(pool));
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        for (uint32_t k = 1; k <= s->sources; k++) {
            if (topology_flow_spmsi(s, v, j, k) == 0)
                continue;
            json_t *flow = json_object();
            json_object_set_new(flow, "source",
                                address(topology_source(s, topology_site_of_group(s, j), k)));
            json_object_set_new(flow, "group", address(topology_group(s, j)));
            json_array_append_new(flows, flow);
        }
    }
    json_object_set_new(o, "flows", flows);
    return o;
}

static json_t *vrf(const struct instance_spec *s, uint32_t v, const json_t *interfaces)
{
    char text[64], pe[IP4_TEXT];
    json_t *o = json_object(), *list = json_array();
    json_object_set_new(o, "number", json_integer(v));
    (void)snprintf(text, sizeof(text), "vpn%u", v);
    json_object_set_new(o, "name", json_string(text));
    (void)snprintf(text, sizeof(text), "%s:%u", ip4_text(s->addr.dut_mdt_addr, pe), v);
    json_object_set_new(o, "rd", json_string(text));
    (void)snprintf(text, sizeof(text), "%u:%u", AS_NUMBER, v);
    json_object_set_new(o, "rt", json_string(text));
    json_object_set_new(o, "default_mdt", address(topology_mdt_group(s, v)));
    for (uint32_t i = 1; i <= s->c_interfaces; i++)
        json_array_append_new(list, c_interface(s, v, i, interfaces));
    json_object_set_new(o, "c_interfaces", list);
    json_object_set_new(o, "routes", routes(s, v));
    json_object_set_new(o, "rps", rps(s));
    json_object_set_new(o, "data_mdts", data_mdts(s, v));
    return o;
}

static json_t *p_side(const struct instance_spec *s)
{
    const struct addressing *a = &s->addr;
    json_t *o = json_object();
    json_object_set_new(o, "address", address(a->dut_p_addr));
    json_object_set_new(o, "prefix_length", json_integer(a->p_link_len));
    json_object_set_new(o, "p_router", address(a->p_router_addr));
    return o;
}

static json_t *mdt(const struct instance_spec *s)
{
    const struct addressing *a = &s->addr;
    json_t *o = json_object();
    json_object_set_new(o, "mode", json_string(mdt_mode_name(s->mdt)));
    json_object_set_new(o, "groups", prefix(a->mdt_base, MDT_LEN));
    json_object_set_new(o, "rp", s->mdt == MDT_SSM ? json_null() : address(a->p_rp));
    json_object_set_new(o, "source", address(a->dut_mdt_addr));
    return o;
}

static json_t *remote_pes(const struct instance_spec *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "first", address(topology_remote_pe_addr(s, 1)));
    json_object_set_new(o, "count", json_integer(s->remote_pes));
    json_object_set_new(o, "prefix", prefix(s->addr.remote_pe_base, s->addr.remote_pe_len));
    return o;
}

json_t *hook_instance_json(const struct instance_spec *s, const json_t *interfaces)
{
    json_t *o = json_object(), *list = json_array();
    json_object_set_new(o, "schema", json_string("mvpnbench-instance/1"));
    json_object_set_new(o, "mvpns", json_integer(s->mvpns));
    json_object_set_new(o, "c_interfaces", json_integer(s->c_interfaces));
    json_object_set_new(o, "mode", json_string(s->trunk ? "trunk" : "ports"));
    json_object_set_new(o, "mtu", json_integer(s->mtu));
    json_object_set_new(o, "p_link", p_side(s));
    json_object_set_new(o, "mdt", mdt(s));
    json_object_set_new(o, "remote_pes", remote_pes(s));
    json_object_set_new(o, "c_rp", s->c_rp_on_dut ? address(s->addr.dut_c_rp) : json_null());
    json_object_set_new(o, "igmp_version", number_or_null(s->igmp_version));
    for (uint32_t v = 1; v <= s->mvpns; v++)
        json_array_append_new(list, vrf(s, v, interfaces));
    json_object_set_new(o, "vrfs", list);
    return o;
}
