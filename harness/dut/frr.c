/* The FRR PE as a DUT driver: DESIGN A.6. */
#include "harness/dut/frr.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "harness/dut/frr_jobs.h"
#include "mvpnbench/topology.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION_LIMIT_MS 10000

static int installed(struct err *err)
{
    if (geteuid() != 0) {
        err_set(err, ERR_TESTBED,
                "--dut frr needs root (namespaces, TUN devices); run it with sudo");
        return -1;
    }
    for (enum frr_daemon d = 0; d < FRR_DAEMONS; d++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", FRR_BIN, frr_daemon_names[d]);
        if (access(path, X_OK) == 0)
            continue;
        err_set(err, ERR_TESTBED, "FRR PE: %s is missing; install the package frr", path);
        return -1;
    }
    if (access(FRR_VTYSH, X_OK) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "FRR PE: %s is missing; install the package frr", FRR_VTYSH);
    return -1;
}

/* "pimd version 8.4.4" in the first line. */
static int version_read(struct frr *f, struct err *err)
{
    struct frr_job job = {.argv = {FRR_BIN "/pimd", "--version", NULL}};
    int rc = frr_jobs_run(&job, 1, 1, VERSION_LIMIT_MS, err);
    const char *p = strstr(job.out, "version ");
    if (p != NULL) {
        p += strlen("version ");
        snprintf(f->version, sizeof f->version, "%.*s", (int)strcspn(p, " \n"), p);
    }
    frr_jobs_free(&job, 1);
    return rc;
}

static int unconfigure(struct frr *f)
{
    frr_usage_end(f);
    frr_outage_end(f);
    frr_processes_end(f->prefix, f->state_dir);
    frr_mti_end(f, SIGTERM);
    free(f->processes);
    f->processes = NULL;
    f->process_count = 0;
    if (f->configured)
        frr_world_clear(f);
    f->configured = false;
    return 0;
}

static void frr_free(struct frr *f)
{
    (void)unconfigure(f);
    frr_world_remove(f);
    frr_run_remove(f);
    free(f);
}

static int frr_open(struct dut *d, const struct dut_context *ctx, struct err *err)
{
    if (installed(err) < 0)
        return -1;
    if (ctx->testbed != NULL && json_object_get(ctx->testbed, "ports") != NULL) {
        err_set(err, ERR_USE,
                "--dut frr builds its own testbed; leave 'ports' out of the testbed "
                "file");
        return -1;
    }
    frr_leftovers_remove();
    struct frr *f = mem_zalloc(1, sizeof *f);
    snprintf(f->prefix, sizeof f->prefix, "mvb%ld-", (long)getpid());
    snprintf(f->state_dir, sizeof f->state_dir, FRR_STATE_DIR "%ld", (long)getpid());
    f->mtu = ctx->mtu != 0 ? ctx->mtu : 1500;
    f->links = ctx->max_c_links < FRR_LINKS_MAX ? ctx->max_c_links : FRR_LINKS_MAX;
    if (version_read(f, err) < 0 || frr_state_claim(f, err) < 0 ||
        frr_world_build(f, ctx->loop, err) < 0) {
        frr_free(f);
        return -1;
    }
    d->state = f;
    return 0;
}

static void frr_ports(struct dut *d, struct dut_ports *out)
{
    const struct frr *f = d->state;
    *out = (struct dut_ports){.trunk = false, .a1 = f->a1, .a1_count = f->links, .a3 = f->a3};
}

static void frr_describe(struct dut *d, struct instance_spec *spec)
{
    const struct frr *f = d->state;
    topology_default_addressing(&spec->addr);
    spec->trunk = false;
    spec->mtu = f->mtu;
}

static void frr_identity(struct dut *d, const char **name, const char **version)
{
    const struct frr *f = d->state;
    *name = "FRR PE (zebra, staticd, pimd)";
    *version = f->version;
}

static enum stimulus_way frr_can(struct dut *d, enum stimulus s, const char **reason)
{
    (void)d;
    (void)reason;
    return s == STIM_P_LINK_FLAP || s == STIM_C_LINK_FLAP ? STIMULUS_BY_APPARATUS : STIMULUS_HALVES;
}

static bool frr_supports(struct dut *d, enum mdt_mode mode, const char **reason)
{
    (void)d;
    *reason = "FRR's pimd has no BIDIR-PIM";
    return mode != MDT_BIDIR;
}

static unsigned frr_spmsi(struct dut *d, const char **reason)
{
    (void)d;
    *reason = "FRR sources no data MDTs";
    return DUT_SPMSI_RECEIVED | DUT_SPMSI_REUSE;
}

/* memory_available reads what can be had without swapping; 0 if /proc does not tell. */
static int64_t memory_available(void)
{
    char line[128];
    long long kilobytes = 0;
    FILE *in = fopen("/proc/meminfo", "re");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        if (sscanf(line, "MemAvailable: %lld kB", &kilobytes) == 1)
            break;
    }
    if (in != NULL)
        fclose(in);
    return (int64_t)kilobytes * 1024;
}

static bool frr_fits(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    const struct frr *f = d->state;
    uint64_t links = (uint64_t)spec->mvpns * spec->c_interfaces;
    int64_t memory = memory_available();
    uint32_t vifs = FRR_VIFS_MAX - (spec->c_rp_on_dut ? 1u : 0u); /* the loopback with the RP */
    if (spec->mdt == MDT_BIDIR)
        err_set(err, ERR_TESTBED, "FRR PE: its pimd has no BIDIR-PIM for default MDTs");
    else if (spec->spmsi_src > 0)
        err_set(err, ERR_TESTBED, "FRR PE: it sources no data MDTs; it only receives them");
    else if (spec->c_interfaces > vifs)
        err_set(err, ERR_TESTBED,
                "FRR PE: %u C-interfaces a VRF, but the kernel has %u multicast interfaces left "
                "in a namespace",
                spec->c_interfaces, vifs);
    else if (links > f->links)
        err_set(err, ERR_TESTBED, "FRR PE: %llu C-links, but the testbed has %u",
                (unsigned long long)links, f->links);
    else if (memory > 0 && !f->configured && (int64_t)spec->mvpns * FRR_MEM_VRF > memory)
        err_set(err, ERR_TESTBED, "FRR PE: %u VRFs need about %lld MB, %lld MB are free",
                spec->mvpns, (long long)((int64_t)spec->mvpns * FRR_MEM_VRF >> 20),
                (long long)(memory >> 20));
    else
        return true;
    return false;
}

static int frr_unconfigure(struct dut *d, struct err *err)
{
    (void)err;
    return unconfigure(d->state);
}

static int frr_configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    struct frr *f = d->state;
    (void)unconfigure(f);
    if (!frr_fits(d, spec, err))
        return -1;
    f->spec = *spec;
    f->configured = true;
    if (frr_world_vrfs(f, err) == 0 && frr_world_tunnel(f, err) == 0 &&
        frr_mti_start(f, err) == 0 && frr_world_addresses(f, err) == 0 &&
        frr_daemons_start(f, err) == 0 && frr_wait_ready(f, err) == 0)
        return 0;
    (void)unconfigure(f);
    return -1;
}

static bool is_configured(const struct frr *f, struct err *err)
{
    if (!f->configured)
        err_set(err, ERR_TESTBED, "FRR PE: nothing is configured");
    return f->configured;
}

/* Without its pimd the PE has no neighbours: that is no failure to tell them. */
static bool is_without_pimd(const struct frr *f)
{
    return f->out && (f->cause == STIM_POWER_CYCLE || f->cause == STIM_PROCESSOR_SWITCHOVER);
}

static int frr_neighbours(struct dut *d, struct neighbour_count *out, struct err *err)
{
    struct frr *f = d->state;
    if (!is_configured(f, err))
        return -1;
    *out = (struct neighbour_count){0};
    return is_without_pimd(f) ? 0 : frr_read_neighbours(f, out, err);
}

static int frr_window_begin(struct dut *d, struct err *err)
{
    return is_configured(d->state, err) ? frr_usage_begin(d->state, err) : -1;
}

static int frr_view(struct dut *d, struct dut_view *out, struct err *err)
{
    struct frr *f = d->state;
    if (!is_configured(f, err))
        return -1;
    metric_clear(&out->metric);
    p_metric_clear(&out->p);
    frr_usage_read(f, out); /* before vtysh costs time of its own */
    out->neighbours = (struct neighbour_count){0};
    return is_without_pimd(f) ? 0 : frr_read_view(f, out, err);
}

static int frr_stimulus(struct dut *d, struct stimulus_call *call, struct err *err)
{
    struct frr *f = d->state;
    if (!is_configured(f, err))
        return -1;
    return call->recovery_action ? frr_stimulus_recover(f, err)
                                 : frr_stimulus_begin(f, call->stimulus, err);
}

static int frr_health(struct dut *d, struct err *err)
{
    const struct frr *f = d->state;
    return f->configured && !is_without_pimd(f) ? frr_processes_alive(f, err) : 0;
}

static const char *const deviations[] = {
    "FRR PE: no OSPF on the P link; the P instance has static routes to the P-RP and the remote "
    "PEs",
    "FRR PE: no iBGP and no MDT SAFI; the routes to C-sources and C-RPs behind remote PEs are "
    "static, over the MTI",
    "FRR PE: no LDP and no unicast VPN traffic",
    "FRR PE: each VRF is a network namespace with a zebra, staticd and pimd of its own, not a VRF "
    "of "
    "one set of daemons; the P instance is one more",
    "FRR PE: the MTI is a TUN device; GRE is done in user space by a program of the apparatus, in "
    "a "
    "namespace behind the P instance (source = the MDT address), which joins the default MDTs by "
    "IGMP",
    "FRR PE: C-interfaces are interfaces (veth), not VLANs of one trunk",
    "FRR PE: C-RPs and the P-RP are configured statically",
    "FRR PE: its Null-Registers carry a dummy header whose checksum is 0 (RFC 7761 4.9.3 has the "
    "standard one)",
    "FRR PE: it sources no S-PMSI; MDT Join TLVs that it receives are read by the GRE program, "
    "which joins every data MDT announced, since it cannot know what the VRF has receivers of",
    "FRR PE: with MDTs by PIM-SSM the GRE program joins each (remote PE, MDT) by IGMPv3; the "
    "remote "
    "PEs' addresses are from the testbed",
    "FRR PE: the DUT has no hardware of its own; its daemons, the kernel's forwarding and the "
    "apparatus share the host's cores",
    "FRR PE: a power cycle is the end and the start of all its daemons and of the GRE program with "
    "its links down in between, a processor switchover that of every pimd (there is no second "
    "processor), a card's removal that of its interfaces from their namespaces",
    "FRR PE: CPU utilisation is counted in ticks of 10 ms, without the kernel's forwarding",
};

static void frr_deviations(struct dut *d, void (*add)(void *arg, const char *text), void *arg)
{
    (void)d;
    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++)
        add(arg, deviations[i]);
}

static void frr_close(struct dut *d)
{
    if (d->state != NULL)
        frr_free(d->state);
    d->state = NULL;
}

const struct dut_driver frr_driver = {
    .name = "frr",
    .blocking = true,
    .real_clock_only = true,
    .open = frr_open,
    .ports = frr_ports,
    .describe = frr_describe,
    .identity = frr_identity,
    .can = frr_can,
    .supports = frr_supports,
    .spmsi = frr_spmsi,
    .fits = frr_fits,
    .configure = frr_configure,
    .unconfigure = frr_unconfigure,
    .neighbours = frr_neighbours,
    .window_begin = frr_window_begin,
    .view = frr_view,
    .stimulus = frr_stimulus,
    .health = frr_health,
    .deviations = frr_deviations,
    .close = frr_close,
};
