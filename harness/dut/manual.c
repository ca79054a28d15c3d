/*
 * Any router, driven by the operator's hands: what hooks are asked for is asked at the terminal
 * (DESIGN B.7). Everything may be answered by nothing but Enter: not known.
 */
#include "harness/dut/manual_ask.h"
#include "harness/dut/outside.h"

#include "emul/base/mem.h"
#include "harness/dut/drivers.h"
#include "mvpnbench/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VRFS_SHOWN 4u
#define PATH_HERE  512
#define MEMORY_MAX 1e18

struct manual {
    struct outside out;
    struct manual_ask ask;
    char file[PATH_HERE]; /* of the instance; "": none */
};

static int manual_open(struct dut *d, const struct dut_context *ctx, struct err *err)
{
    struct manual *m = mem_zalloc(1, sizeof(*m));
    if (outside_open(&m->out, ctx, "manual", err) != 0) {
        outside_close(&m->out);
        free(m);
        return -1;
    }
    m->ask = (struct manual_ask){.fd = STDIN_FILENO, .interrupted = ctx->interrupted};
    d->state = m;
    return 0;
}

/* ---- configuration --------------------------------------------------------------------------- */

static int file_write(struct manual *m, struct err *err)
{
    const char *dir = getenv("TMPDIR");
    (void)snprintf(m->file, sizeof(m->file), "%s/mvpnbench-instance-XXXXXX.json",
                   dir == NULL ? P_tmpdir : dir);
    int fd = mkstemps(m->file, (int)strlen(".json"));
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = out != NULL && json_dumpf(m->out.instance, out, JSON_INDENT(2)) == 0;
    if (out != NULL && fclose(out) != 0)
        good = false;
    if (!good)
        err_set(err, ERR_TESTBED, "manual: cannot write the instance to %s: %s", m->file,
                strerror(errno));
    return good ? 0 : -1;
}

static void file_remove(struct manual *m)
{
    if (m->file[0] != '\0')
        (void)unlink(m->file);
    m->file[0] = '\0';
}

static void show_vrf(const struct instance_spec *s, uint32_t v)
{
    char mdt[IP4_TEXT], dut[IP4_TEXT], router[IP4_TEXT];
    manual_say("  VRF vpn%u: default MDT %s", v, ip4_text(topology_mdt_group(s, v), mdt));
    for (uint32_t i = 1; i <= s->c_interfaces && i <= VRFS_SHOWN; i++) {
        uint32_t k = topology_c_link_index(s, v, i);
        struct vlan_tags tags = topology_vlan(s, k);
        char where[48];
        if (tags.outer == 0)
            (void)snprintf(where, sizeof(where), "port %u", k + 1);
        else if (tags.inner == 0)
            (void)snprintf(where, sizeof(where), "VLAN %u", tags.outer);
        else
            (void)snprintf(where, sizeof(where), "VLANs %u, %u", tags.outer, tags.inner);
        manual_say("    C-interface %u, %s: %s/30, C-router %s", i, where,
                   ip4_text(topology_dut_c_addr(s, k), dut),
                   ip4_text(topology_c_router_addr(s, k), router));
    }
}

static void show(const struct manual *m, const struct instance_spec *s)
{
    char dut[IP4_TEXT], router[IP4_TEXT], mdt[IP4_TEXT], rp[IP4_TEXT];
    const struct addressing *a = &s->addr;
    manual_say("\nConfigure the DUT: %u mVPNs, %u C-interfaces each, %u remote PEs each", s->mvpns,
               s->c_interfaces, s->remote_pes);
    manual_say("  P link %s/%u, P router %s; MDT source %s; default MDTs by PIM %s, RP %s",
               ip4_text(a->dut_p_addr, dut), a->p_link_len, ip4_text(a->p_router_addr, router),
               ip4_text(a->dut_mdt_addr, mdt), mdt_mode_name(s->mdt),
               s->mdt == MDT_SSM ? "none" : ip4_text(a->p_rp, rp));
    for (uint32_t v = 1; v <= s->mvpns && v <= VRFS_SHOWN; v++)
        show_vrf(s, v);
    manual_say("  All of it, with routes, RPs and data MDTs: %s", m->file);
}

static int manual_configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    struct manual *m = d->state;
    bool done = false;
    if (!outside_fits(&m->out, spec, err))
        return -1;
    outside_instance(&m->out, spec);
    file_remove(m);
    if (file_write(m, err) != 0)
        return -1;
    show(m, spec);
    if (manual_yes(&m->ask, "Is the DUT configured (yes, or no: it cannot be)?", &done, err) != 0)
        return -1;
    if (!done)
        err_set(err, ERR_TESTBED,
                "manual: the operator says that the DUT cannot be configured for this instance; "
                "choose smaller bounds");
    return done ? 0 : -1;
}

static int manual_unconfigure(struct dut *d, struct err *err)
{
    struct manual *m = d->state;
    int rc = 0;
    if (m->out.instance != NULL) {
        bool stopped = m->out.interrupted != NULL && *m->out.interrupted != 0;
        manual_say("\nThe instance is over: remove its configuration from the DUT.");
        if (!stopped) /* who has interrupted the run wants no more questions */
            rc = manual_enter(&m->ask, "Press Enter when that is done.", err);
    }
    outside_instance(&m->out, NULL);
    file_remove(m);
    return rc;
}

static void manual_close(struct dut *d)
{
    struct manual *m = d->state;
    if (m == NULL)
        return;
    if (m->out.instance != NULL)
        manual_say("\nRemove the last instance's configuration from the DUT.");
    file_remove(m);
    outside_close(&m->out);
    free(m);
    d->state = NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int manual_neighbours(struct dut *d, struct neighbour_count *seen, struct err *err)
{
    (void)d;
    (void)err;
    *seen = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    return 0;
}

static int manual_window_begin(struct dut *d, struct err *err)
{
    (void)d;
    (void)err;
    return 0;
}

static int ask_metric(struct manual *m, struct dut_view *view, struct err *err)
{
    char text[64];
    manual_say("\nRead the DUT now, summed over all mVPNs; Enter alone: not known.");
    for (int i = 0; i < METRIC_VARS; i++) {
        (void)snprintf(text, sizeof(text), "  %s:", metric_name((enum metric_var)i));
        if (manual_count(&m->ask, text, &view->metric.v[i], err) != 0)
            return -1;
    }
    for (int i = 0; i < P_METRIC_VARS; i++) {
        (void)snprintf(text, sizeof(text), "  %s:", p_metric_name((enum p_metric_var)i));
        if (manual_count(&m->ask, text, &view->p.v[i], err) != 0)
            return -1;
    }
    if (manual_count(&m->ask, "  PIM neighbours on C-interfaces:", &view->neighbours.c_interface,
                     err) != 0)
        return -1;
    return manual_count(&m->ask, "  PIM neighbours on MI-PMSIs:", &view->neighbours.mi_pmsi, err);
}

static int ask_component(struct manual *m, struct utilisation *u, struct err *err)
{
    *u = (struct utilisation){"", -1, -1, -1, -1, "read by the operator"};
    if (manual_line(&m->ask, "  Processor or memory (its name; Enter: no more):", u->component,
                    sizeof(u->component), err) != 0)
        return -1;
    if (u->component[0] == '\0')
        return 0;
    if (manual_real(&m->ask, "    CPU, average in %:", 100, &u->cpu_percent, err) != 0 ||
        manual_real(&m->ask, "    CPU, busiest second in %:", 100, &u->cpu_peak_1s, err) != 0 ||
        manual_real(&m->ask, "    memory in use, bytes:", MEMORY_MAX, &u->memory_bytes, err) != 0)
        return -1;
    return manual_real(&m->ask, "    memory in use, %:", 100, &u->memory_percent, err);
}

static int manual_view(struct dut *d, struct dut_view *view, struct err *err)
{
    struct manual *m = d->state;
    view->spmsi_cached = METRIC_UNKNOWN;
    view->utilisation_count = 0;
    if (ask_metric(m, view, err) != 0)
        return -1;
    while (view->utilisation_count < DUT_UTILISATION_MAX) {
        struct utilisation *u = &view->utilisation[view->utilisation_count];
        if (ask_component(m, u, err) != 0)
            return -1;
        if (u->component[0] == '\0')
            break;
        view->utilisation_count++;
    }
    return 0;
}

static int manual_health(struct dut *d, struct err *err)
{
    struct manual *m = d->state;
    bool well = false;
    if (manual_yes(&m->ask, "\nIs the DUT well (yes; or no: not yet)?", &well, err) != 0) {
        d->broken = true; /* nobody is there */
        return -1;
    }
    if (!well)
        err_set(err, ERR_TESTBED, "manual: the operator says that the DUT is not well");
    return well ? 0 : -1;
}

/* ---- stimuli --------------------------------------------------------------------------------- */

/* A switchover's recovery action is the stimulus itself. */
static const struct {
    const char *begin, *recover;
} actions[STIM_COUNT] = {
    [STIM_POWER_CYCLE] = {"take the DUT's power away", "give the DUT its power back"},
    [STIM_PROCESSOR_SWITCHOVER] = {NULL, "make the DUT's standby processor take over"},
    [STIM_P_CARD_OIR] = {"pull the line card of the P link",
                         "put the line card of the P link back"},
    [STIM_C_CARD_OIR] = {"pull the line card of the C-interfaces",
                         "put the line card of the C-interfaces back"},
};

static enum stimulus_way manual_can(struct dut *d, enum stimulus s, const char **reason)
{
    (void)d;
    (void)reason;
    return s == STIM_P_LINK_FLAP || s == STIM_C_LINK_FLAP ? STIMULUS_BY_APPARATUS : STIMULUS_WHOLE;
}

static int manual_stimulus(struct dut *d, struct stimulus_call *s, struct err *err)
{
    struct manual *m = d->state;
    char text[160];
    const char *begin = actions[s->stimulus].begin;
    manual_say("\nStimulus %s.", stimulus_name(s->stimulus));
    if (begin != NULL) {
        (void)snprintf(text, sizeof(text), "Now %s, and press Enter.", begin);
        if (manual_enter(&m->ask, text, err) != 0)
            return -1;
        manual_say("Leave it so for %g s.", s->hold_out_s);
        if (manual_wait(&m->ask, s->hold_out_s, err) != 0)
            return -1;
    }
    (void)snprintf(text, sizeof(text), "Now %s, and press Enter at that instant.",
                   actions[s->stimulus].recover);
    s->tf_wall_ns = 0; /* the call's return, which follows Enter at once */
    return manual_enter(&m->ask, text, err);
}

/* ---- what it is ------------------------------------------------------------------------------ */

static void manual_ports(struct dut *d, struct dut_ports *out)
{
    const struct manual *m = d->state;
    outside_ports(&m->out, out);
}

static void manual_describe(struct dut *d, struct instance_spec *spec)
{
    const struct manual *m = d->state;
    outside_describe(&m->out, spec);
}

static void manual_identity(struct dut *d, const char **name, const char **version)
{
    const struct manual *m = d->state;
    *name = m->out.name;
    *version = m->out.version;
}

static bool manual_supports(struct dut *d, enum mdt_mode mode, const char **reason)
{
    const struct manual *m = d->state;
    return outside_supports(&m->out, mode, reason);
}

static unsigned manual_spmsi(struct dut *d, const char **reason)
{
    const struct manual *m = d->state;
    *reason = "the DUT profile's offers.spmsi does not name it";
    return m->out.spmsi;
}

static bool manual_fits(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    const struct manual *m = d->state;
    return outside_fits(&m->out, spec, err);
}

static void manual_deviations(struct dut *d, void (*add)(void *arg, const char *text), void *arg)
{
    (void)d;
    add(arg, "manual: what the DUT tells of itself was read and typed by the operator; figures "
             "left out are null");
    add(arg,
        "manual: neighbour times as the DUT sees them are null: nobody reads them fast enough");
}

const struct dut_driver manual_driver = {
    .name = "manual",
    .blocking = true,
    .real_clock_only = true,
    .open = manual_open,
    .ports = manual_ports,
    .describe = manual_describe,
    .identity = manual_identity,
    .can = manual_can,
    .supports = manual_supports,
    .spmsi = manual_spmsi,
    .fits = manual_fits,
    .configure = manual_configure,
    .unconfigure = manual_unconfigure,
    .neighbours = manual_neighbours,
    .window_begin = manual_window_begin,
    .view = manual_view,
    .stimulus = manual_stimulus,
    .health = manual_health,
    .deviations = manual_deviations,
    .close = manual_close,
};
