#include "tests/sim/lab/world.h"

#include "emul/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct instance_spec world_spec(void)
{
    struct instance_spec s = {
        .seed = 42,
        .mvpns = 2,
        .c_interfaces = 2,
        .remote_pes = 3,
        .groups = 4,
        .ingress_groups = 2,
        .sources = 2,
        .receiver_c_ifs = 2,
        .receiver_pes = 2,
        .mdt = MDT_ASM,
        .period_ns = NS_PER_S,
        .packet_bytes = 100,
        .mtu = 1500,
        .jp_suppression = true,
        .igmp_spacing_ns = 100 * NS_PER_MS,
        .trunk = true,
    };
    topology_default_addressing(&s.addr);
    return s;
}

/* The C-RP of a site's groups: at the site, or the PE itself. */
static void add_rp(struct world *w, uint32_t v, uint32_t site)
{
    const struct instance_spec *s = &w->spec;
    if (s->c_rp_on_dut)
        refpe_c_rp_self(w->pe, v, s->addr.dut_c_rp, topology_site_groups(s, site));
    else
        refpe_rp_add(w->pe, v, topology_site_rp(s, site), topology_site_groups(s, site));
}

static void configure_vrf(struct world *w, uint32_t v)
{
    const struct instance_spec *s = &w->spec;
    refpe_vrf_add(w->pe, v, topology_mdt_group(s, v));
    for (uint32_t i = 1; i <= s->c_interfaces; i++) {
        uint32_t link = topology_c_link_index(s, v, i);
        struct vlan_tags tags = topology_vlan(s, link);
        struct refpe_cif cif = {.vrf = v,
                                .port = s->trunk ? 0 : link,
                                .outer_vid = tags.outer,
                                .inner_vid = tags.inner,
                                .addr = topology_dut_c_addr(s, link),
                                .len = 30,
                                .igmp_version = s->igmp_version};
        refpe_cif_add(w->pe, &cif);
        if (!topology_site_in_use(s, i))
            continue;
        refpe_route_add(w->pe, v, topology_site_sources(s, i), topology_c_router_addr(s, link),
                        false);
        add_rp(w, v, i);
    }
    for (uint32_t r = 1; r <= topology_remote_sites(s); r++) {
        uint32_t site = SITE_REMOTE + r;
        if (!topology_site_in_use(s, site))
            continue;
        refpe_route_add(w->pe, v, topology_site_sources(s, site), topology_remote_pe_addr(s, r),
                        true);
        add_rp(w, v, site);
    }
}

/* Remote PEs by configuration until BGP exists; and the S-PMSIs that the PE sources. */
static void configure_mdts(struct world *w, uint32_t v)
{
    const struct instance_spec *s = &w->spec;
    for (uint32_t r = 1; s->mdt == MDT_SSM && r <= s->remote_pes; r++)
        refpe_peer_add(w->pe, v, topology_remote_pe_addr(s, r));
    if (s->spmsi_src == 0)
        return;
    refpe_data_mdt_pool(w->pe, v, topology_data_mdt(s, v, true, 1), s->spmsi_src);
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        uint32_t site = topology_site_of_group(s, j);
        for (uint32_t k = 1; k <= s->sources; k++) {
            if (topology_flow_spmsi(s, v, j, k) != 0)
                refpe_data_mdt_flow(w->pe, v, topology_source(s, site, k), topology_group(s, j));
        }
    }
}

static void configure(struct world *w)
{
    const struct addressing *a = &w->spec.addr;
    for (size_t i = 0; i < w->a1_count; i++)
        refpe_port_c(w->pe, w->a1[i][1]);
    refpe_port_p(w->pe, w->a3[1]);
    struct refpe_global global = {.p_addr = a->dut_p_addr,
                                  .p_len = a->p_link_len,
                                  .p_gateway = a->p_router_addr,
                                  .mdt_addr = a->dut_mdt_addr,
                                  .p_rp = a->p_rp,
                                  .mdt = w->spec.mdt,
                                  .mtu = w->spec.mtu};
    refpe_set_global(w->pe, &global);
    for (uint32_t v = 1; v <= w->spec.mvpns; v++) {
        configure_vrf(w, v);
        configure_mdts(w, v);
    }
    refpe_up(w->pe);
}

static void make_links(struct world *w)
{
    uint32_t mtu = w->spec.mtu;
    w->a1_count = w->spec.trunk ? 1 : (size_t)w->spec.mvpns * w->spec.c_interfaces;
    w->a1 = mem_zalloc(w->a1_count, sizeof(*w->a1));
    for (size_t i = 0; i < w->a1_count; i++)
        memlink_new(w->loop, &w->settings.link_a1, 10 + i, "a1", "pe-c", mtu, w->a1[i]);
    memlink_new(w->loop, &w->settings.link_a3, 2, "a3", "pe-p", mtu, w->a3);
}

static struct world *world_make(struct loop *loop, const struct instance_spec *spec,
                                const struct instance_spec *pe_spec,
                                const struct refpe_settings *settings)
{
    struct world *w = mem_zalloc(1, sizeof(*w));
    struct err err = {0};
    w->loop = loop;
    w->spec = *spec;
    refpe_settings_default(&w->settings);
    if (settings != NULL)
        w->settings = *settings;
    make_links(w);
    w->pe = refpe_new(w->loop, &w->settings, spec->seed);
    w->spec = *pe_spec;
    configure(w);
    w->spec = *spec;
    struct port **ours = mem_zalloc(w->a1_count, sizeof(struct port *));
    for (size_t i = 0; i < w->a1_count; i++)
        ours[i] = w->a1[i][0];
    struct emul_ports ports = {.a1 = ours, .a1_count = w->a1_count, .a3 = w->a3[0]};
    w->emul = emul_new(w->loop, &ports, spec, &err);
    free(ours);
    if (w->emul == NULL)
        fatal("%s", err.text);
    emul_start(w->emul);
    return w;
}

struct world *world_new(const struct instance_spec *spec, const struct refpe_settings *settings)
{
    return world_make(loop_new_virtual((struct instant){0}), spec, spec, settings);
}

struct world *world_new_in(struct loop *loop, const struct instance_spec *spec,
                           const struct refpe_settings *settings)
{
    return world_make(loop, spec, spec, settings);
}

struct world *world_new_other(const struct instance_spec *spec, const struct instance_spec *pe_spec,
                              const struct refpe_settings *settings)
{
    return world_make(loop_new_virtual((struct instant){0}), spec, pe_spec, settings);
}

void world_capture(struct world *w)
{
    struct port *ports[2] = {w->a1[0][0], w->a3[0]};
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(w->capture_path[i], sizeof(w->capture_path[i]), P_tmpdir "/mvpn-lab-XXXXXX");
        int fd = mkstemp(w->capture_path[i]);
        if (fd < 0)
            fatal("no temporary file");
        (void)close(fd);
        w->capture[i] = capture_open(w->capture_path[i], 0, NULL);
        port_set_capture(ports[i], w->capture[i]);
    }
}

void world_capture_end(struct world *w)
{
    port_set_capture(w->a1[0][0], NULL);
    port_set_capture(w->a3[0], NULL);
    for (unsigned i = 0; i < 2; i++) {
        (void)capture_close(w->capture[i]);
        w->capture[i] = NULL;
    }
}

void world_free(struct world *w)
{
    if (w->capture[0] != NULL)
        world_capture_end(w);
    for (unsigned i = 0; i < 2; i++) {
        if (w->capture_path[i][0] != 0)
            (void)unlink(w->capture_path[i]);
    }
    emul_free(w->emul);
    refpe_free(w->pe);
    for (unsigned end = 0; end < 2; end++) {
        for (size_t i = 0; i < w->a1_count; i++)
            port_free(w->a1[i][end]);
        port_free(w->a3[end]);
    }
    free(w->a1);
    loop_free(w->loop);
    free(w);
}

void world_run(struct world *w, double seconds)
{
    (void)loop_run(w->loop, instant_add(loop_now(w->loop), (int64_t)(seconds * 1e9)));
}

bool world_until(struct world *w, bool (*done)(struct world *w), double limit_s)
{
    struct instant limit = instant_add(loop_now(w->loop), (int64_t)(limit_s * 1e9));
    while (!done(w)) {
        if (!instant_before(loop_now(w->loop), limit))
            return false;
        world_run(w, 1);
    }
    return true;
}

bool world_is_up(struct world *w)
{
    struct emul_bringup b;
    emul_bringup_get(w->emul, &b);
    return b.complete;
}

bool world_refreshed(struct world *w)
{
    return emul_joined_once(w->emul) && emul_refreshed_once(w->emul);
}

bool world_flowing(struct world *w)
{
    return emul_all_flowing(w->emul);
}

bool world_withdrawn(struct world *w)
{
    return emul_withdrawn(w->emul);
}

bool world_steady(struct world *w)
{
    struct emul_bringup b;
    if (!world_until(w, world_is_up, 120)) {
        emul_bringup_get(w->emul, &b);
        (void)fprintf(stderr, "waiting for %s\n", b.waiting_for);
        return false;
    }
    emul_join(w->emul);
    if (!world_until(w, world_refreshed, 300))
        return false;
    emul_traffic_start(w->emul);
    return world_until(w, world_flowing, 120);
}
