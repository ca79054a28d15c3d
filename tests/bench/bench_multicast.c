/*
 * Cost of what the default and data MDTs need, a unit, from 1,000 to 100,000: bytes and CPU of a
 * data MDT in both roles (announced, joined, refreshed), of an SSM join of the DUT, and of a DF
 * election. CPU is what the emulated side spends on each; flat is within 20 %.
 */
#include "emul/lab/lab.h"
#include "emul/node/p_router_in.h"
#include "emul/wire/gre.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"
#include "tests/sim/lab/world.h"

#include <stdio.h>
#include <time.h>

#define DATA_MDTS_A_VPN 100u
#define P_SLOT_BYTES    24      /* a join and a group in the P router */
#define WORK            500000u /* units measured, however many there are at a time */

static double cpu_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void line(const char *what, uint32_t units, double bytes, double ns)
{
    (void)printf("%-34s %7u  %7.1f bytes  %7.1f ns of CPU each\n", what, units,
                 bytes / (double)units, ns / (double)units);
}

/* One datagram with as many TLVs as fit, flows from (j, k) on; returns the place of the next. */
static uint32_t announce(struct emul *e, uint32_t v, uint32_t flow)
{
    const struct instance_spec *s = &e->net.spec;
    uint8_t tlvs[90 * MDT_JOIN_TLV_BYTES], message[2048];
    struct wr w = wr_init(tlvs, sizeof(tlvs));
    uint32_t end = flow + 90 < s->spmsi_src_flows ? flow + 90 : s->spmsi_src_flows;
    for (; flow < end; flow++) {
        uint32_t j = flow / s->sources + 1, k = flow % s->sources + 1;
        struct mdt_join tlv = {topology_source(s, topology_site_of_group(s, j), k),
                               topology_group(s, j),
                               topology_data_mdt(s, v, true, topology_flow_spmsi(s, v, j, k))};
        (void)mdt_join_encode(&w, &tlv);
    }
    struct udp udp = {
        .sport = MDT_PORT, .dport = MDT_PORT, .payload = tlvs, .payload_bytes = w.pos};
    w = wr_init(message, sizeof(message));
    (void)udp_encode(&w, s->addr.dut_mdt_addr, IPV4_ALL_PIM_ROUTERS, &udp);
    struct ipv4 packet = {.src = s->addr.dut_mdt_addr,
                          .dst = IPV4_ALL_PIM_ROUTERS,
                          .payload = message,
                          .payload_bytes = w.pos};
    lab_spmsi_tlvs(e, v, &packet, net_now(&e->net));
    return flow;
}

static void announce_all(struct emul *e)
{
    for (uint32_t v = 1; v <= e->net.spec.mvpns; v++) {
        for (uint32_t flow = 0; flow < e->net.spec.spmsi_src_flows;)
            flow = announce(e, v, flow);
    }
}

static struct emul *emul_alone(struct loop *loop, struct port *port, const struct instance_spec *s)
{
    struct err err = {0};
    struct emul_ports ports = {.a1 = &port, .a1_count = 1, .a3 = port};
    struct emul *e = emul_new(loop, &ports, s, &err);
    if (e == NULL)
        (void)printf("%s\n", err.text);
    return e;
}

static struct instance_spec many(uint32_t mdts, bool by_dut)
{
    struct instance_spec s = world_spec();
    s.mvpns = mdts / DATA_MDTS_A_VPN;
    s.c_interfaces = s.receiver_c_ifs = s.remote_pes = s.receiver_pes = 1;
    s.groups = DATA_MDTS_A_VPN;
    s.sources = 1;
    s.ingress_groups = by_dut ? s.groups : 0;
    if (by_dut)
        s.spmsi_src = s.spmsi_src_flows = DATA_MDTS_A_VPN;
    else
        s.spmsi_rx = s.spmsi_rx_flows = DATA_MDTS_A_VPN;
    return s;
}

/* The cost of a first TLV with its join, of a refresh, and the memory of one life. */
static void life(const struct instance_spec *s, uint32_t rounds, double *first, double *again,
                 double *bytes)
{
    struct loop *loop = loop_new_virtual((struct instant){0});
    struct link_params ideal = {0};
    struct port *ends[2];
    memlink_new(loop, &ideal, 1, "bench", "sink", s->mtu, ends);
    struct emul *e = emul_alone(loop, ends[0], s);
    remote_pes_join(e->pes);
    double begin = cpu_now();
    announce_all(e);
    *first += cpu_now() - begin;
    begin = cpu_now();
    for (uint32_t i = 0; i < rounds; i++)
        announce_all(e);
    *again += cpu_now() - begin;
    *bytes = (double)lab_spmsi_bytes(e) + (double)e->p->data_slots * P_SLOT_BYTES;
    emul_free(e);
    port_free(ends[0]);
    port_free(ends[1]);
    loop_free(loop);
}

static void bench_sourced(uint32_t mdts)
{
    struct instance_spec s = many(mdts, true);
    uint32_t lives = WORK / mdts < 50 ? WORK / mdts : 50, rounds = WORK / mdts / lives;
    double first = 0, again = 0, bytes = 0;
    for (uint32_t i = 0; i < lives; i++)
        life(&s, rounds, &first, &again, &bytes);
    line("data MDT of the DUT: first TLV", mdts, bytes, first / lives * 1e9);
    line("data MDT of the DUT: TLV repeated", mdts, bytes, again / (lives * rounds) * 1e9);
}

/* Joins of the DUT, eighty a message, as they come every minute. */
static void join_all(struct emul *e, bool data)
{
    struct net *n = &e->net;
    struct pim_jp_entry entries[PIM_PDU_ENTRIES];
    uint8_t message[2048];
    uint32_t per_vpn = data ? n->spec.spmsi_rx : n->spec.remote_pes;
    uint32_t total = n->spec.mvpns * per_vpn;
    for (uint32_t done = 0; done < total;) {
        size_t count = 0;
        for (; count < PIM_PDU_ENTRIES && done + count < total; count++) {
            uint32_t v = (done + (uint32_t)count) / per_vpn + 1;
            uint32_t i = (done + (uint32_t)count) % per_vpn + 1;
            uint32_t pe = data ? n->plan.spmsi_pe[i] : i;
            entries[count] =
                (struct pim_jp_entry){.kind = PIM_JP_SG,
                                      .join = true,
                                      .group = data ? topology_data_mdt(&n->spec, v, false, i)
                                                    : topology_mdt_group(&n->spec, v),
                                      .source = topology_remote_pe_addr(&n->spec, pe)};
        }
        struct wr w = wr_init(message, sizeof(message));
        size_t taken;
        (void)pim_jp_encode(&w, n->spec.addr.p_router_addr, PIM_JP_HOLDTIME_S, entries, count,
                            PIM_PDU_ENTRIES, &taken);
        struct ipv4 packet = net_pim_multicast(n->spec.addr.dut_p_addr, message, w.pos);
        const uint8_t *inner;
        size_t inner_bytes;
        p_router_pim(e->p, &packet, (struct mac){{2}}, &inner, &inner_bytes);
        done += (uint32_t)taken;
    }
}

static void say_hello(struct emul *e)
{
    uint8_t message[128];
    const uint8_t *inner;
    size_t inner_bytes, len = net_build_hello(message, sizeof(message), 1, 0xffff);
    struct ipv4 packet = net_pim_multicast(e->net.spec.addr.dut_p_addr, message, len);
    p_router_pim(e->p, &packet, (struct mac){{2}}, &inner, &inner_bytes);
}

static void bench_joins(const char *what, const struct instance_spec *s, uint32_t units)
{
    struct loop *loop = loop_new_virtual((struct instant){0});
    struct link_params ideal = {0};
    struct port *ends[2];
    memlink_new(loop, &ideal, 1, "bench", "sink", s->mtu, ends);
    struct emul *e = emul_alone(loop, ends[0], s);
    bool data = s->spmsi_rx > 0;
    say_hello(e);
    join_all(e, data);
    double begin = cpu_now();
    uint32_t rounds = WORK / units;
    for (uint32_t i = 0; i < rounds; i++)
        join_all(e, data);
    double bytes = (double)units * sizeof(struct pim_ds_entry);
    if (data)
        bytes += (double)remote_announce_bytes(e->announce);
    line(what, units, bytes, (cpu_now() - begin) / rounds * 1e9);
    emul_free(e);
    port_free(ends[0]);
    port_free(ends[1]);
    loop_free(loop);
}

static void drop(void *arg, uint32_t ix, const struct pim_df *message)
{
    (void)arg;
    (void)ix;
    (void)message;
}

/* From the first Offer to the last Winner, alone on the link. */
static void bench_elections(uint32_t count)
{
    static const struct pim_dfe_ops ops = {drop};
    struct pim_dfe_router us = {IP4(192, 0, 2, 1), 0, 1};
    double spent = 0, bytes = 0;
    for (uint32_t i = 0; i < WORK / count; i++) {
        struct loop *loop = loop_new_virtual((struct instant){0});
        struct pim_dfe_set *d = pim_dfe_new(loop, "bench", 1, count, &ops, NULL);
        double begin = cpu_now();
        for (uint32_t ix = 0; ix < count; ix++) {
            pim_dfe_setup(d, ix, IP4(198, 19, 0, 1), &us);
            pim_dfe_event(d, ix, PIM_DFE_IF_UP);
        }
        (void)loop_run(loop, (struct instant){2 * NS_PER_S});
        spent += cpu_now() - begin;
        bytes = (double)pim_dfe_bytes(d);
        pim_dfe_free(d);
        loop_free(loop);
    }
    line("DF election", count, bytes, spent / (WORK / count) * 1e9);
}

int main(void)
{
    static const uint32_t counts[] = {1000, 10000, 100000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        bench_sourced(counts[i]);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct instance_spec s = many(counts[i], false);
        bench_joins("data MDT of a remote PE: join", &s, counts[i]);
    }
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct instance_spec s = world_spec();
        s.mdt = MDT_SSM;
        s.mvpns = counts[i] / 500;
        s.remote_pes = 500;
        bench_joins("(PE, default MDT): join", &s, counts[i]);
    }
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        bench_elections(counts[i]);
    return 0;
}
