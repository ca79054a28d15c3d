/* The generator's packets over a bare cable: no network, no DUT, everything else as in data.c. */
#include "emul/base/mem.h"
#include "emul/lab/frame_template.h"
#include "emul/traffic/analyser.h"
#include "emul/traffic/generator.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/udp.h"
#include "mvpnbench/emul_extra.h"

#include <stdlib.h>

#define GROUPS_MAX 50000u
#define MTU        9000u

struct rehearsal {
    struct loop *loop;
    struct port *from, *to;
    bool p_side;
    struct instance_spec spec;
    struct frame_template frames;
    struct generator *generator;
    struct analyser *analyser;
    int64_t *late, *delay;
    size_t late_count, delay_count;
    int64_t late_max;
};

static void emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due)
{
    struct rehearsal *r = arg;
    struct instant now = loop_now(r->loop);
    int64_t late = instant_diff(now, due);
    if (r->late_count < REHEARSAL_SAMPLES)
        r->late[r->late_count++] = late;
    r->late_max = late > r->late_max ? late : r->late_max;
    struct probe probe = {.vpn = 1, .flow = flow, .sequence = sequence, .sent_ns = now.ns};
    ip4_t group = topology_group(&r->spec, flow), source = r->spec.addr.c_source_base + flow;
    size_t len;
    const uint8_t *frame =
        r->p_side
            ? frame_template_p(&r->frames, topology_mdt_group(&r->spec, 1),
                               topology_remote_pe_addr(&r->spec, 1), source, group, &probe, &len)
            : frame_template_c(&r->frames, &r->spec, 0, source, group, &probe, &len);
    analyser_sent(r->analyser, flow, sequence, now, false);
    (void)port_send(r->from, frame, len, now);
}

/* Down to the probe, out of GRE if it is in one. */
static bool read_frame(const uint8_t *frame, size_t len, struct probe *out)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 ip;
    struct gre gre;
    struct udp udp;
    if (eth_decode(&r, &eth) != WIRE_OK || eth.ethertype != ETHERTYPE_IPV4 ||
        ipv4_decode(&r, &ip) != WIRE_OK)
        return false;
    if (ip.protocol == IPPROTO_NUM_GRE) {
        r = rd_init(ip.payload, ip.payload_bytes);
        if (gre_decode(&r, &gre) != WIRE_OK)
            return false;
        r = rd_init(gre.payload, gre.payload_bytes);
        if (ipv4_decode(&r, &ip) != WIRE_OK)
            return false;
    }
    if (ip.protocol != IPPROTO_NUM_UDP)
        return false;
    r = rd_init(ip.payload, ip.payload_bytes);
    if (udp_decode(&r, ip.src, ip.dst, &udp) != WIRE_OK || udp.dport != PROBE_PORT)
        return false;
    r = rd_init(udp.payload, udp.payload_bytes);
    return probe_decode(&r, out) == WIRE_OK;
}

static void receive(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct rehearsal *r = arg;
    struct probe probe;
    if (!read_frame(frame, len, &probe))
        return;
    analyser_received(r->analyser, 1, 1, &probe, at);
    if (r->delay_count < REHEARSAL_SAMPLES)
        r->delay[r->delay_count++] = at.ns - probe.sent_ns;
}

/* Flows of one mVPN towards its one C-interface: every packet is expected once. */
static void plain_spec(struct instance_spec *s, uint32_t flows, double pps, uint32_t packet_bytes)
{
    *s = (struct instance_spec){.seed = 1,
                                .mvpns = 1,
                                .c_interfaces = 1,
                                .remote_pes = 1,
                                .groups = flows,
                                .sources = 1,
                                .receiver_c_ifs = 1,
                                .period_ns = (int64_t)((double)NS_PER_S * flows / pps),
                                .packet_bytes = packet_bytes,
                                .mtu = MTU,
                                .trunk = true};
    topology_default_addressing(&s->addr);
}

struct rehearsal *rehearsal_new(struct loop *loop, struct port *from, struct port *to,
                                bool from_p_side, uint32_t flows, double pps, uint32_t packet_bytes,
                                struct err *err)
{
    uint32_t least = IPV4_HEADER + UDP_HEADER + PROBE_BYTES;
    if (flows == 0 || flows > GROUPS_MAX || packet_bytes < least || packet_bytes > MTU) {
        err_set(err, ERR_USE,
                "%u flows of %u-byte packets: 1 to %u flows and %u to %u bytes are possible", flows,
                packet_bytes, GROUPS_MAX, least, MTU);
        return NULL;
    }
    struct rehearsal *r = mem_zalloc(1, sizeof(*r));
    *r = (struct rehearsal){.loop = loop, .from = from, .to = to, .p_side = from_p_side};
    plain_spec(&r->spec, flows, pps, packet_bytes);
    frame_template_init(&r->frames, &r->spec);
    r->analyser = analyser_new(&r->spec);
    r->generator = generator_new(loop, &r->spec, emit, r);
    r->late = mem_zalloc(REHEARSAL_SAMPLES, sizeof(*r->late));
    r->delay = mem_zalloc(REHEARSAL_SAMPLES, sizeof(*r->delay));
    port_on_rx(to, receive, r);
    return r;
}

void rehearsal_start(struct rehearsal *r)
{
    struct instant now = loop_now(r->loop);
    analyser_start(r->analyser, now);
    analyser_window_open(r->analyser, now);
    generator_start(r->generator, now);
}

void rehearsal_stop(struct rehearsal *r)
{
    generator_stop(r->generator);
    analyser_window_close(r->analyser, loop_now(r->loop));
}

void rehearsal_get(struct rehearsal *r, struct rehearsal_result *out)
{
    struct emul_window w;
    analyser_window_get(r->analyser, &w);
    *out = (struct rehearsal_result){.sent = w.egress.sent,
                                     .received = w.egress.received,
                                     .lost = w.egress.lost,
                                     .duplicate = w.egress.duplicate,
                                     .late_max_ns = r->late_max,
                                     .late_ns = r->late,
                                     .late_count = r->late_count,
                                     .delay_ns = r->delay,
                                     .delay_count = r->delay_count};
}

void rehearsal_free(struct rehearsal *r)
{
    if (r == NULL)
        return;
    port_on_rx(r->to, NULL, NULL);
    generator_free(r->generator);
    analyser_free(r->analyser);
    free(r->late);
    free(r->delay);
    free(r);
}
