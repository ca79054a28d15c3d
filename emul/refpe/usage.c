/* The PE's own view: show commands. */
#include "emul/refpe/cif.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/pe.h"

/* PEs that the largest VPN sees, itself included. */
static int64_t count_pes(const struct refpe *pe)
{
    uint32_t most = 0;
    for (uint32_t v = 1; v < pe->vrf_count; v++) {
        const struct vrf *vrf = pe_vrf(pe, v);
        if (vrf != NULL && !vrf->refused && pe->ifaces[vrf->mti].nbr_count > most)
            most = pe->ifaces[vrf->mti].nbr_count;
    }
    return (int64_t)most + 1;
}

void refpe_metric(const struct refpe *pe, struct mvpn_metric *m, struct p_metric *p)
{
    const struct counts *c = &pe->counts;
    *m = (struct mvpn_metric){.v = {
                                  [NUM_MVPN] = (int64_t)c->mvpns,
                                  [NUM_PE] = count_pes(pe),
                                  [NUM_MC_C_INTS] = (int64_t)c->c_interfaces,
                                  [NUM_PIM_C_NEIGH] = (int64_t)(c->nbr_c + c->nbr_mti),
                                  [NUM_STARG_C] = (int64_t)c->starg_c,
                                  [NUM_SG_C] = (int64_t)c->sg_c,
                                  [NUM_OIF_C] = (int64_t)c->oif_c,
                                  [NUM_SPMSI_SRC] = (int64_t)c->spmsi_src,
                                  [NUM_SPMSI_RX] = (int64_t)c->spmsi_rx,
                              }};
    *p = (struct p_metric){.v = {
                               [NUM_STARG_P] = (int64_t)c->starg_p,
                               [NUM_SG_P] = (int64_t)c->sg_p,
                               [NUM_OIF_P] = (int64_t)c->oif_p,
                           }};
}

void refpe_neighbours(const struct refpe *pe, struct neighbour_count *out)
{
    *out = (struct neighbour_count){
        .c_interface = (int64_t)pe->counts.nbr_c,
        .mi_pmsi = (int64_t)pe->counts.nbr_mti,
    };
}

void refpe_usage_begin(struct refpe *pe)
{
    cpu_begin(pe);
}

void refpe_usage(const struct refpe *pe, struct refpe_usage *out)
{
    struct cpu_figures cpu;
    cpu_figures(pe, &cpu);
    uint64_t memory = limits_memory(pe), there_is = pe->settings.memory_bytes;
    *out = (struct refpe_usage){
        .cpu_percent = cpu.percent,
        .cpu_peak_1s_percent = cpu.peak_percent,
        .memory_bytes = memory,
        .memory_percent = there_is == 0 ? 0 : 100.0 * (double)memory / (double)there_is,
        .messages_dropped = cpu.dropped,
    };
}

static bool port_healthy(const struct refpe *pe, const struct pe_port *p)
{
    return p->port->up && (!pe->up || p->working);
}

bool refpe_healthy(const struct refpe *pe)
{
    bool ok = pe->p_port != NULL && !pe->outage.active && port_healthy(pe, pe->p_port);
    for (size_t i = 0; i < pe->c_port_count; i++)
        ok = ok && port_healthy(pe, pe->c_ports[i]);
    return ok;
}
