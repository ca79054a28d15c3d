#include "mvpnbench/instance.h"

static const struct {
    const char *name, *protocol;
} mdt_modes[] = {
    [MDT_ASM] = {"asm", "PIM-ASM"},
    [MDT_SSM] = {"ssm", "PIM-SSM"},
    [MDT_BIDIR] = {"bidir", "PIM-BIDIR"},
};

static const char *const metric_names[] = {
    [NUM_MVPN] = "Num_mVPN",           [NUM_PE] = "Num_PE",
    [NUM_MC_C_INTS] = "Num_MC_C_ints", [NUM_PIM_C_NEIGH] = "Num_PIM_C_neigh",
    [NUM_STARG_C] = "Num_*G_C",        [NUM_SG_C] = "Num_SG_C",
    [NUM_OIF_C] = "Num_OIF_C",         [NUM_SPMSI_SRC] = "Num_SPMSI_Src",
    [NUM_SPMSI_RX] = "Num_SPMSI_Rx",
};

static const char *const p_metric_names[] = {
    [NUM_STARG_P] = "Num_*G_P",
    [NUM_SG_P] = "Num_SG_P",
    [NUM_OIF_P] = "Num_OIF_P",
};

const char *mdt_mode_name(enum mdt_mode mode)
{
    return mdt_modes[mode].name;
}

const char *mdt_mode_protocol(enum mdt_mode mode)
{
    return mdt_modes[mode].protocol;
}

const char *metric_name(enum metric_var var)
{
    return metric_names[var];
}

const char *p_metric_name(enum p_metric_var var)
{
    return p_metric_names[var];
}

void metric_clear(struct mvpn_metric *m)
{
    for (int i = 0; i < METRIC_VARS; i++)
        m->v[i] = METRIC_UNKNOWN;
}

void p_metric_clear(struct p_metric *m)
{
    for (int i = 0; i < P_METRIC_VARS; i++)
        m->v[i] = METRIC_UNKNOWN;
}

uint32_t spec_spmsi(const struct instance_spec *spec, bool by_dut, uint32_t v)
{
    uint32_t each = by_dut ? spec->spmsi_src : spec->spmsi_rx;
    uint32_t full = by_dut ? spec->spmsi_src_full : spec->spmsi_rx_full;
    if (spec->spmsi_vpns != 0 && v > spec->spmsi_vpns)
        return 0;
    return full != 0 && v > full && each > 0 ? each - 1 : each;
}

uint64_t spec_spmsi_total(const struct instance_spec *spec, bool by_dut)
{
    uint64_t total = 0;
    for (uint32_t v = 1; v <= spec->mvpns; v++)
        total += spec_spmsi(spec, by_dut, v);
    return total;
}

uint64_t spec_spmsi_flows_total(const struct instance_spec *spec, bool by_dut)
{
    uint32_t each = by_dut ? spec->spmsi_src : spec->spmsi_rx;
    uint32_t flows = by_dut ? spec->spmsi_src_flows : spec->spmsi_rx_flows;
    if (flows == each) /* a flow each */
        return spec_spmsi_total(spec, by_dut);
    uint32_t vpns = spec->spmsi_vpns != 0 ? spec->spmsi_vpns : spec->mvpns;
    return (uint64_t)vpns * flows;
}

void spec_expected(const struct instance_spec *spec, struct mvpn_metric *out)
{
    int64_t n = spec->mvpns, c = spec->c_interfaces, r = spec->remote_pes;
    /* Nobody behind the DUT has joined a test group. */
    int64_t g = (int64_t)spec->groups - spec->test_groups, s = spec->sources;
    int64_t gi = spec->ingress_groups, ge = g - gi, d = spec->receiver_c_ifs;
    *out = (struct mvpn_metric){.v = {
                                    [NUM_MVPN] = n,
                                    [NUM_PE] = r + 1,
                                    [NUM_MC_C_INTS] = n * c,
                                    [NUM_PIM_C_NEIGH] = n * (c + r),
                                    [NUM_STARG_C] = n * g,
                                    [NUM_SG_C] = n * g * s,
                                    [NUM_OIF_C] = n * (1 + s) * (ge * d + gi * c),
                                    [NUM_SPMSI_SRC] = (int64_t)spec_spmsi_total(spec, true),
                                    [NUM_SPMSI_RX] = (int64_t)spec_spmsi_total(spec, false),
                                }};
}

uint64_t spec_flow_count(const struct instance_spec *spec)
{
    return (uint64_t)spec->mvpns * spec->groups * spec->sources;
}

void spec_expected_p(const struct instance_spec *spec, struct p_metric *out)
{
    int64_t n = spec->mvpns;
    int64_t data = (int64_t)(spec_spmsi_total(spec, true) + spec_spmsi_total(spec, false));
    p_metric_clear(out);
    out->v[NUM_STARG_P] = spec->mdt == MDT_SSM ? 0 : n;
    out->v[NUM_SG_P] = data;
    if (spec->mdt == MDT_ASM)
        out->v[NUM_SG_P] += n;
    if (spec->mdt == MDT_SSM)
        out->v[NUM_SG_P] += n * (spec->remote_pes + 1);
}
