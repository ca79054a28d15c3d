/* The reference PE in process on the virtual clock, and what both faces of its driver share. */
#include "harness/dut/reference.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/io/memlink.h"
#include "harness/dut/dut_settings.h"
#include "harness/dut/refpe_ctl.h"
#include "mvpnbench/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reference {
    struct refpe *pe;
    struct port *a1[2], *a3[2]; /* [0]: the apparatus's end, [1]: the PE's */
    uint32_t mtu;
    char name[128], version[128];
};

/* Two tags carry at most this many VPNs, and C-interfaces of one VPN, on a trunk. */
#define VLAN_MAX 4094

int reference_settings(const struct dut_context *ctx, struct refpe_settings *out, struct err *err)
{
    refpe_settings_default(out);
    for (size_t i = 0; ctx->settings != NULL && i < ctx->settings->count; i++) {
        const struct dut_setting *s = &ctx->settings->items[i];
        if (strcmp(s->key, DUT_SETTING_CONTROL) != 0 &&
            refpe_settings_set(out, s->key, s->value, err) != 0)
            return -1;
    }
    return 0;
}

void reference_name(const struct dut_context *ctx, char *out, size_t cap)
{
    const char *name = json_string_value(json_object_get(ctx->profile, "name"));
    (void)snprintf(out, cap, "%s", name == NULL ? "reference PE" : name);
}

void reference_version(const struct dut_context *ctx, char *out, size_t cap)
{
    const char *version = json_string_value(json_object_get(ctx->profile, "version"));
    (void)snprintf(out, cap, "%s", version == NULL ? MVPN_VERSION : version);
}

void reference_describe(struct instance_spec *spec, uint32_t mtu)
{
    topology_default_addressing(&spec->addr);
    spec->trunk = true;
    spec->mtu = mtu;
}

enum stimulus_way reference_can(struct dut *d, enum stimulus s, const char **reason)
{
    (void)d;
    (void)reason;
    return s == STIM_P_LINK_FLAP || s == STIM_C_LINK_FLAP ? STIMULUS_BY_APPARATUS : STIMULUS_HALVES;
}

bool reference_supports(struct dut *d, enum mdt_mode mode, const char **reason)
{
    (void)d;
    (void)mode;
    (void)reason;
    return true;
}

unsigned reference_spmsi(struct dut *d, const char **reason)
{
    (void)d;
    (void)reason;
    return DUT_SPMSI_SOURCED | DUT_SPMSI_RECEIVED | DUT_SPMSI_REUSE;
}

bool reference_fits(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    (void)d;
    if (spec->mvpns > VLAN_MAX || spec->c_interfaces > VLAN_MAX)
        err_set(err, ERR_TESTBED,
                "reference PE: VLAN tags tell at most %d mVPNs and C-interfaces of each apart",
                VLAN_MAX);
    else
        return true;
    return false;
}

void reference_deviations(struct dut *d, void (*add)(void *arg, const char *text), void *arg)
{
    (void)d;
    refpe_ctl_deviations(add, arg);
}

static int reference_open(struct dut *d, const struct dut_context *ctx, struct err *err)
{
    if (!loop_is_virtual(ctx->loop)) {
        d->driver = &reference_real_driver;
        return d->driver->open(d, ctx, err);
    }
    struct refpe_settings settings;
    if (reference_settings(ctx, &settings, err) != 0)
        return -1;
    if (dut_settings_control(ctx->settings) != NULL) {
        err_set(err, ERR_USE, "dut.control: a reference PE of its own needs --clock real");
        return -1;
    }
    struct reference *r = mem_zalloc(1, sizeof(*r));
    r->mtu = ctx->mtu == 0 ? REFERENCE_MTU_DEFAULT : ctx->mtu;
    reference_name(ctx, r->name, sizeof(r->name));
    reference_version(ctx, r->version, sizeof(r->version));
    memlink_new(ctx->loop, &settings.link_a1, hash_text(ctx->seed, "link-a1"), "a1", "pe-c", r->mtu,
                r->a1);
    memlink_new(ctx->loop, &settings.link_a3, hash_text(ctx->seed, "link-a3"), "a3", "pe-p", r->mtu,
                r->a3);
    r->pe = refpe_new(ctx->loop, &settings, ctx->seed);
    refpe_port_c(r->pe, r->a1[1]);
    refpe_port_p(r->pe, r->a3[1]);
    d->state = r;
    return 0;
}

static void reference_ports(struct dut *d, struct dut_ports *out)
{
    struct reference *r = d->state;
    *out = (struct dut_ports){.trunk = true, .a1 = &r->a1[0], .a1_count = 1, .a3 = r->a3[0]};
}

static void describe(struct dut *d, struct instance_spec *spec)
{
    const struct reference *r = d->state;
    reference_describe(spec, r->mtu);
}

static void identity(struct dut *d, const char **name, const char **version)
{
    const struct reference *r = d->state;
    *name = r->name;
    *version = r->version;
}

static int configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    struct reference *r = d->state;
    memlink_restart(r->a1[0], hash_text(spec->seed, "link-a1"));
    memlink_restart(r->a3[0], hash_text(spec->seed, "link-a3"));
    return refpe_ctl_configure(r->pe, spec, err);
}

static int unconfigure(struct dut *d, struct err *err)
{
    (void)err;
    struct reference *r = d->state;
    refpe_down(r->pe);
    return 0;
}

static int neighbours(struct dut *d, struct neighbour_count *out, struct err *err)
{
    (void)err;
    const struct reference *r = d->state;
    refpe_neighbours(r->pe, out);
    return 0;
}

static int window_begin(struct dut *d, struct err *err)
{
    (void)err;
    struct reference *r = d->state;
    refpe_usage_begin(r->pe);
    return 0;
}

static int view(struct dut *d, struct dut_view *out, struct err *err)
{
    (void)err;
    const struct reference *r = d->state;
    refpe_ctl_view(r->pe, out);
    return 0;
}

static int stimulus(struct dut *d, struct stimulus_call *call, struct err *err)
{
    struct reference *r = d->state;
    return refpe_ctl_stimulus(r->pe, call->stimulus, call->recovery_action, err);
}

static int health(struct dut *d, struct err *err)
{
    const struct reference *r = d->state;
    if (refpe_healthy(r->pe))
        return 0;
    err_set(err, ERR_TESTBED, "reference PE: something is down or recovering");
    return -1;
}

static void reference_close(struct dut *d)
{
    struct reference *r = d->state;
    if (r == NULL)
        return;
    refpe_free(r->pe);
    for (unsigned i = 0; i < 2; i++) {
        port_free(r->a1[i]);
        port_free(r->a3[i]);
    }
    free(r);
    d->state = NULL;
}

const struct dut_driver reference_driver = {
    .name = "reference",
    .open = reference_open,
    .ports = reference_ports,
    .describe = describe,
    .identity = identity,
    .can = reference_can,
    .supports = reference_supports,
    .spmsi = reference_spmsi,
    .fits = reference_fits,
    .configure = configure,
    .unconfigure = unconfigure,
    .neighbours = neighbours,
    .window_begin = window_begin,
    .view = view,
    .stimulus = stimulus,
    .health = health,
    .deviations = reference_deviations,
    .close = reference_close,
};
