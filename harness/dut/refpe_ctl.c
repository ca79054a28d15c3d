#include "harness/dut/refpe_ctl.h"

#include "emul/base/rng.h"
#include "mvpnbench/topology.h"

#include <stdio.h>
#include <string.h>

/* Routes and RPs of one VRF: one of each for every site in use (draft 6.2: as few as can be). */
static int add_site(struct refpe *pe, const struct instance_spec *s, uint32_t vrf, uint32_t site)
{
    bool remote = site > SITE_REMOTE;
    ip4_t next_hop = remote ? topology_remote_pe_addr(s, site - SITE_REMOTE)
                            : topology_c_router_addr(s, topology_c_link_index(s, vrf, site));
    if (refpe_route_add(pe, vrf, topology_site_sources(s, site), next_hop, remote) != 0)
        return -1;
    if (s->c_rp_on_dut)
        return 0;
    return refpe_rp_add(pe, vrf, topology_site_rp(s, site), topology_site_groups(s, site));
}

/* The data MDTs that the VRF sources, and the flows that go on them in the order of the plan. */
static int add_data_mdts(struct refpe *pe, const struct instance_spec *s, uint32_t vrf)
{
    uint32_t count = spec_spmsi(s, true, vrf);
    if (count == 0)
        return 0;
    if (refpe_data_mdt_pool(pe, vrf, topology_data_mdt(s, vrf, true, 1), count) != 0)
        return -1;
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        for (uint32_t k = 1; k <= s->sources; k++) {
            ip4_t source = topology_source(s, topology_site_of_group(s, j), k);
            if (topology_flow_spmsi(s, vrf, j, k) != 0 &&
                refpe_data_mdt_flow(pe, vrf, source, topology_group(s, j)) != 0)
                return -1;
        }
    }
    return 0;
}

static int add_peers(struct refpe *pe, const struct instance_spec *s, uint32_t vrf)
{
    for (uint32_t r = 1; r <= s->remote_pes; r++) {
        if (refpe_peer_add(pe, vrf, topology_remote_pe_addr(s, r)) != 0)
            return -1;
    }
    return 0;
}

static int add_cif(struct refpe *pe, const struct instance_spec *s, uint32_t vrf, uint32_t i)
{
    uint32_t link = topology_c_link_index(s, vrf, i);
    struct vlan_tags tags = topology_vlan(s, link);
    struct refpe_cif cif = {
        .vrf = vrf,
        .port = s->trunk ? 0 : link,
        .outer_vid = tags.outer,
        .inner_vid = tags.inner,
        .addr = topology_dut_c_addr(s, link),
        .len = 30,
        .igmp_version = s->igmp_version,
    };
    return refpe_cif_add(pe, &cif);
}

static int add_vrf(struct refpe *pe, const struct instance_spec *s, uint32_t vrf)
{
    if (refpe_vrf_add(pe, vrf, topology_mdt_group(s, vrf)) != 0)
        return -1;
    for (uint32_t i = 1; i <= s->c_interfaces; i++) {
        if (add_cif(pe, s, vrf, i) != 0)
            return -1;
    }
    uint32_t last = SITE_REMOTE + topology_remote_sites(s);
    for (uint32_t site = 1; site <= last; site++) {
        if (topology_site_in_use(s, site) && add_site(pe, s, vrf, site) != 0)
            return -1;
    }
    struct ip4_prefix all_groups = {IP4(224, 0, 0, 0), 4};
    if (s->c_rp_on_dut && refpe_c_rp_self(pe, vrf, s->addr.dut_c_rp, all_groups) != 0)
        return -1;
    if (s->mdt == MDT_SSM && add_peers(pe, s, vrf) != 0)
        return -1;
    return add_data_mdts(pe, s, vrf);
}

int refpe_ctl_configure(struct refpe *pe, const struct instance_spec *spec, struct err *err)
{
    refpe_down(pe);
    refpe_reseed(pe, hash_text(spec->seed, "reference-pe"));
    struct refpe_global global = {
        .p_addr = spec->addr.dut_p_addr,
        .p_len = spec->addr.p_link_len,
        .p_gateway = spec->addr.p_router_addr,
        .mdt_addr = spec->addr.dut_mdt_addr,
        .p_rp = spec->addr.p_rp,
        .mdt = spec->mdt,
        .mtu = spec->mtu,
    };
    refpe_set_global(pe, &global);
    for (uint32_t vrf = 1; vrf <= spec->mvpns; vrf++) {
        if (add_vrf(pe, spec, vrf) != 0) {
            err_set(err, ERR_TESTBED, "reference PE: VRF %u cannot be configured (too few ports?)",
                    vrf);
            return -1;
        }
    }
    refpe_up(pe);
    return 0;
}

_Static_assert((int)REFPE_POWER_CYCLE == (int)STIM_POWER_CYCLE &&
                   (int)REFPE_SWITCHOVER == (int)STIM_PROCESSOR_SWITCHOVER &&
                   (int)REFPE_P_CARD == (int)STIM_P_CARD_OIR &&
                   (int)REFPE_C_CARD == (int)STIM_C_CARD_OIR,
               "stimuli have one order");

int refpe_ctl_stimulus(struct refpe *pe, enum stimulus s, bool recovery_action, struct err *err)
{
    bool own = s <= STIM_C_CARD_OIR;
    enum refpe_stimulus which = (enum refpe_stimulus)s;
    if (own && (recovery_action ? refpe_recover(pe, which) : refpe_fail(pe, which)) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "reference PE: %s cannot %s now", stimulus_name(s),
            recovery_action ? "end" : "begin");
    return -1;
}

void refpe_ctl_view(const struct refpe *pe, struct dut_view *out)
{
    struct refpe_usage usage;
    out->utilisation_count = 1;
    refpe_metric(pe, &out->metric, &out->p);
    refpe_neighbours(pe, &out->neighbours);
    refpe_usage(pe, &usage);
    struct refpe_spmsi spmsi;
    refpe_spmsi_get(pe, &spmsi);
    out->spmsi_cached = (int64_t)(spmsi.joined + spmsi.cached);
    bool memory_modelled = usage.memory_bytes > 0 || usage.memory_percent > 0;
    struct utilisation *u = &out->utilisation[0];
    *u = (struct utilisation){
        .cpu_percent = usage.cpu_percent,
        .cpu_peak_1s = usage.cpu_peak_1s_percent,
        .memory_bytes = memory_modelled ? (double)usage.memory_bytes : -1,
        .memory_percent = memory_modelled ? usage.memory_percent : -1,
    };
    (void)snprintf(u->component, sizeof(u->component), "control processor");
    (void)snprintf(u->how, sizeof(u->how),
                   "model: cost of control messages; %llu dropped at a full queue",
                   (unsigned long long)usage.messages_dropped);
}

void refpe_ctl_deviations(void (*add)(void *arg, const char *text), void *arg)
{
    add(arg, "reference PE: no OSPF, LDP or BGP; static routes and static RPs in the VRFs and in "
             "the P instance; the remote PEs of an SSM default MDT are configured");
    add(arg, "reference PE: utilisation is that of its model, not of the host");
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

enum field_kind { FIELD_U8, FIELD_U16, FIELD_U32, FIELD_I64, FIELD_BOOL, FIELD_MDT };

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
};

#define SPEC(name, kind)                                                                           \
    {                                                                                              \
#name, kind, offsetof(struct instance_spec, name)                                          \
    }

static const struct field spec_fields[] = {
    SPEC(mvpns, FIELD_U32),
    SPEC(c_interfaces, FIELD_U32),
    SPEC(remote_pes, FIELD_U32),
    SPEC(groups, FIELD_U32),
    SPEC(ingress_groups, FIELD_U32),
    SPEC(sources, FIELD_U32),
    SPEC(receiver_c_ifs, FIELD_U32),
    SPEC(receiver_pes, FIELD_U32),
    SPEC(mdt, FIELD_MDT),
    SPEC(period_ns, FIELD_I64),
    SPEC(packet_bytes, FIELD_U32),
    SPEC(mtu, FIELD_U32),
    SPEC(jp_suppression, FIELD_BOOL),
    SPEC(spmsi_src, FIELD_U32),
    SPEC(spmsi_rx, FIELD_U32),
    SPEC(spmsi_src_flows, FIELD_U32),
    SPEC(spmsi_rx_flows, FIELD_U32),
    SPEC(spmsi_vpns, FIELD_U32),
    SPEC(spmsi_src_full, FIELD_U32),
    SPEC(spmsi_rx_full, FIELD_U32),
    SPEC(spmsi_delay_ns, FIELD_I64),
    SPEC(test_groups, FIELD_U32),
    SPEC(pe3_receives, FIELD_BOOL),
    SPEC(c_rp_on_dut, FIELD_BOOL),
    SPEC(igmp_version, FIELD_U8),
    SPEC(igmp_spacing_ns, FIELD_I64),
    SPEC(trunk, FIELD_BOOL),
    SPEC(addr.dut_p_addr, FIELD_U32),
    SPEC(addr.p_router_addr, FIELD_U32),
    SPEC(addr.p_link_len, FIELD_U8),
    SPEC(addr.p_rp, FIELD_U32),
    SPEC(addr.dut_mdt_addr, FIELD_U32),
    SPEC(addr.remote_pe_base, FIELD_U32),
    SPEC(addr.remote_pe_len, FIELD_U8),
    SPEC(addr.mdt_base, FIELD_U32),
    SPEC(addr.c_link_base, FIELD_U32),
    SPEC(addr.c_group_base, FIELD_U32),
    SPEC(addr.c_source_base, FIELD_U32),
    SPEC(addr.dut_c_rp, FIELD_U32),
    SPEC(addr.data_mdt_src_base, FIELD_U32),
    SPEC(addr.data_mdt_rx_base, FIELD_U32),
};

static int64_t field_get(const struct field *f, const void *base)
{
    const char *p = (const char *)base + f->offset;
    switch (f->kind) {
    case FIELD_U8:
        return *(const uint8_t *)p;
    case FIELD_U16:
        return *(const uint16_t *)p;
    case FIELD_U32:
        return *(const uint32_t *)p;
    case FIELD_I64:
        return *(const int64_t *)p;
    case FIELD_MDT:
        return *(const enum mdt_mode *)(const void *)p;
    case FIELD_BOOL:
        break;
    }
    return *(const bool *)p;
}

static bool field_set(const struct field *f, void *base, int64_t v)
{
    static const int64_t most[] = {UINT8_MAX, UINT16_MAX, UINT32_MAX, INT64_MAX, 1, MDT_BIDIR};
    char *p = (char *)base + f->offset;
    if (v < 0 || v > most[f->kind])
        return false;
    switch (f->kind) {
    case FIELD_U8:
        *(uint8_t *)p = (uint8_t)v;
        break;
    case FIELD_U16:
        *(uint16_t *)p = (uint16_t)v;
        break;
    case FIELD_U32:
        *(uint32_t *)p = (uint32_t)v;
        break;
    case FIELD_I64:
        *(int64_t *)p = v;
        break;
    case FIELD_BOOL:
        *(bool *)p = v != 0;
        break;
    case FIELD_MDT:
        *(enum mdt_mode *)(void *)p = (enum mdt_mode)v;
        break;
    }
    return true;
}

json_t *refpe_ctl_spec_json(const struct instance_spec *spec)
{
    json_t *o = json_object();
    /* JSON integers are signed: the seed goes as its bits. */
    json_object_set_new(o, "seed", json_integer((json_int_t)spec->seed));
    for (size_t i = 0; i < sizeof(spec_fields) / sizeof(spec_fields[0]); i++)
        json_object_set_new(o, spec_fields[i].name, json_integer(field_get(&spec_fields[i], spec)));
    return o;
}

bool refpe_ctl_spec_read(const json_t *json, struct instance_spec *out)
{
    *out = (struct instance_spec){0};
    const json_t *seed = json_object_get(json, "seed");
    if (!json_is_integer(seed))
        return false;
    out->seed = (uint64_t)json_integer_value(seed);
    for (size_t i = 0; i < sizeof(spec_fields) / sizeof(spec_fields[0]); i++) {
        const json_t *v = json_object_get(json, spec_fields[i].name);
        if (!json_is_integer(v) || !field_set(&spec_fields[i], out, json_integer_value(v)))
            return false;
    }
    /* What is divided by, or counted up to, in the plan of addresses. */
    return out->c_interfaces >= 1 && out->ingress_groups <= out->groups && out->mtu >= 576 &&
           out->spmsi_src <= DATA_MDTS_PER_VPN && out->spmsi_rx <= DATA_MDTS_PER_VPN &&
           (out->igmp_version == 0 || out->igmp_version == 2 || out->igmp_version == 3);
}

json_t *refpe_ctl_view_json(const struct dut_view *view)
{
    json_t *metric = json_array(), *p = json_array();
    for (int i = 0; i < METRIC_VARS; i++)
        json_array_append_new(metric, json_integer(view->metric.v[i]));
    for (int i = 0; i < P_METRIC_VARS; i++)
        json_array_append_new(p, json_integer(view->p.v[i]));
    const struct utilisation *u = &view->utilisation[0];
    json_t *o =
        json_pack("{s:o, s:o, s:I, s:I, s:I, s:{s:s, s:f, s:f, s:f, s:f, s:s}}", "metric", metric,
                  "p", p, "c_interface", (json_int_t)view->neighbours.c_interface, "mi_pmsi",
                  (json_int_t)view->neighbours.mi_pmsi, "spmsi_cached",
                  (json_int_t)view->spmsi_cached, "utilisation", "component", u->component,
                  "cpu_percent", u->cpu_percent, "cpu_peak_1s", u->cpu_peak_1s, "memory_bytes",
                  u->memory_bytes, "memory_percent", u->memory_percent, "how", u->how);
    return o;
}

static bool read_numbers(const json_t *array, int64_t *out, size_t count)
{
    if (json_array_size(array) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        out[i] = json_integer_value(json_array_get(array, i));
    return true;
}

bool refpe_ctl_view_read(const json_t *json, struct dut_view *out)
{
    const char *component, *how;
    struct utilisation *u = &out->utilisation[0];
    json_t *metric, *p;
    json_int_t c_interface, mi_pmsi, cached;
    out->utilisation_count = 1;
    if (json_unpack((json_t *)(uintptr_t)json,
                    "{s:o, s:o, s:I, s:I, s:I, s:{s:s, s:F, s:F, s:F, s:F, s:s}}", "metric",
                    &metric, "p", &p, "c_interface", &c_interface, "mi_pmsi", &mi_pmsi,
                    "spmsi_cached", &cached, "utilisation", "component", &component, "cpu_percent",
                    &u->cpu_percent, "cpu_peak_1s", &u->cpu_peak_1s, "memory_bytes",
                    &u->memory_bytes, "memory_percent", &u->memory_percent, "how", &how) != 0)
        return false;
    out->neighbours = (struct neighbour_count){c_interface, mi_pmsi};
    out->spmsi_cached = cached;
    (void)snprintf(u->component, sizeof(u->component), "%s", component);
    (void)snprintf(u->how, sizeof(u->how), "%s", how);
    return read_numbers(metric, out->metric.v, METRIC_VARS) &&
           read_numbers(p, out->p.v, P_METRIC_VARS);
}
