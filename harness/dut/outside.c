#include "harness/dut/outside.h"

#include "emul/base/mem.h"
#include "harness/dut/dut_settings.h"
#include "harness/dut/hook_instance.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>
#include <string.h>

#define VLANS_MAX 4094u

const char *outside_setting(const struct dut_context *ctx, const char *key)
{
    const char *text = NULL;
    for (size_t i = 0; ctx->settings != NULL && i < ctx->settings->count; i++) {
        if (strcmp(ctx->settings->items[i].key, key) == 0)
            text = ctx->settings->items[i].value;
    }
    return text;
}

/* The setting wins, then the profile. */
static char *text_of(const struct dut_context *ctx, const char *key, const char *otherwise)
{
    const char *text = outside_setting(ctx, key);
    if (text == NULL)
        text = json_string_value(json_object_get(ctx->profile, key));
    return mem_strdup(text == NULL ? otherwise : text);
}

static bool names(const json_t *list, const char *word)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        if (text != NULL && strcmp(text, word) == 0)
            return true;
    }
    return false;
}

/* Not said is: ASM and SSM, all of S-PMSIs. */
static void read_offers(struct outside *o, const json_t *offers)
{
    const json_t *mdt = json_object_get(offers, "mdt"), *spmsi = json_object_get(offers, "spmsi");
    for (int m = MDT_ASM; m <= MDT_BIDIR; m++)
        o->mdt[m] = mdt == NULL ? m != MDT_BIDIR : names(mdt, mdt_mode_name((enum mdt_mode)m));
    if (spmsi == NULL || names(spmsi, "sourced"))
        o->spmsi |= DUT_SPMSI_SOURCED;
    if (spmsi == NULL || names(spmsi, "received"))
        o->spmsi |= DUT_SPMSI_RECEIVED;
    if (spmsi == NULL || names(spmsi, "reuse"))
        o->spmsi |= DUT_SPMSI_REUSE;
}

int outside_open(struct outside *o, const struct dut_context *ctx, const char *driver,
                 struct err *err)
{
    *o = (struct outside){.mtu = ctx->mtu, .interrupted = ctx->interrupted};
    if (!testbed_names_ports(ctx)) {
        err_set(err, ERR_USE,
                "the driver '%s' is for a router outside: say which of this host's ports it is "
                "cabled to by --testbed FILE (ports: a1, a3; see testcases/testbeds)",
                driver);
        return -1;
    }
    o->name = text_of(ctx, "name", driver);
    o->version = text_of(ctx, "version", "unknown");
    read_offers(o, json_object_get(ctx->profile, "offers"));
    o->interfaces = json_object_get(json_object_get(json_object_get(ctx->testbed, "ports"), "a1"),
                                    "interfaces");
    return testbed_ports_open(&o->ports, ctx, err);
}

void outside_close(struct outside *o)
{
    testbed_ports_close(&o->ports);
    json_decref(o->instance);
    free(o->name);
    free(o->version);
    *o = (struct outside){0};
}

void outside_instance(struct outside *o, const struct instance_spec *spec)
{
    json_decref(o->instance);
    o->instance = spec == NULL ? NULL : hook_instance_json(spec, o->interfaces);
}

void outside_ports(const struct outside *o, struct dut_ports *out)
{
    const struct testbed_ports *p = &o->ports;
    *out = (struct dut_ports){.trunk = p->trunk, .a1 = p->a1, .a1_count = p->a1_count, .a3 = p->a3};
}

void outside_describe(const struct outside *o, struct instance_spec *spec)
{
    topology_default_addressing(&spec->addr);
    spec->trunk = o->ports.trunk;
    spec->mtu = o->mtu;
}

bool outside_supports(const struct outside *o, enum mdt_mode mode, const char **reason)
{
    *reason = "the DUT profile's offers.mdt does not name it";
    return o->mdt[mode];
}

bool outside_fits(const struct outside *o, const struct instance_spec *spec, struct err *err)
{
    uint64_t links = (uint64_t)spec->mvpns * spec->c_interfaces;
    if (!o->ports.trunk && links > o->ports.a1_count)
        err_set(err, ERR_TESTBED, "%llu C-interfaces, but the testbed file names %zu",
                (unsigned long long)links, o->ports.a1_count);
    else if (o->ports.trunk && links > VLANS_MAX &&
             (spec->mvpns > VLANS_MAX || spec->c_interfaces > VLANS_MAX))
        err_set(err, ERR_TESTBED, "%u mVPNs of %u C-interfaces are more than a trunk's tags tell",
                spec->mvpns, spec->c_interfaces);
    else
        return true;
    return false;
}
