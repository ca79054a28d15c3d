#include "tests/unit/node/fake_net.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct instance_spec fake_spec(void)
{
    struct instance_spec s = {
        .seed = 5,
        .mvpns = 2,
        .c_interfaces = 2,
        .remote_pes = 2,
        .groups = 4,
        .ingress_groups = 2,
        .sources = 2,
        .receiver_c_ifs = 2,
        .receiver_pes = 1,
        .period_ns = NS_PER_S,
        .packet_bytes = 100,
        .mtu = 1500,
        .igmp_spacing_ns = 100 * NS_PER_MS,
        .trunk = true,
    };
    topology_default_addressing(&s.addr);
    return s;
}

static void keep(struct fake_net *f, uint32_t link, const struct eth *eth, const uint8_t *data,
                 size_t len, struct instant at)
{
    struct fake_packet *p = &f->log[f->count++];
    struct rd r = rd_init(p->bytes, len);
    if (f->count == FAKE_PACKETS || len > FAKE_BYTES)
        fatal("more than the test keeps");
    memcpy(p->bytes, data, len);
    p->at = at;
    p->link = link;
    p->eth = *eth;
    if (ipv4_decode(&r, &p->ip) != WIRE_OK)
        fatal("an IP packet that does not decode");
    p->len = r.pos;
}

static void on_frame(struct fake_net *f, bool p_side, const uint8_t *frame, size_t len,
                     struct instant at)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    if (eth_decode(&r, &eth) != WIRE_OK)
        fatal("a frame that does not decode");
    struct vlan_tags tags = {eth.outer_vid, eth.inner_vid};
    uint32_t link = p_side ? NET_P_LINK : topology_c_link_of(&f->net.spec, tags);
    if (eth.ethertype == ETHERTYPE_IPV4)
        keep(f, link, &eth, frame + r.pos, rd_left(&r), at);
}

static void on_c(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    on_frame(arg, false, frame, len, at);
}

static void on_p(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    on_frame(arg, true, frame, len, at);
}

struct fake_net *fake_net_new(const struct instance_spec *spec)
{
    struct fake_net *f = mem_zalloc(1, sizeof(*f));
    struct link_params ideal = {0};
    struct net *n = &f->net;
    n->loop = loop_new_virtual((struct instant){0});
    n->spec = *spec;
    memlink_new(n->loop, &ideal, 1, "a1", "dut-c", spec->mtu, f->a1);
    memlink_new(n->loop, &ideal, 2, "a3", "dut-p", spec->mtu, f->a3);
    n->a1 = &f->a1[0];
    n->a1_count = 1;
    n->a3 = f->a3[0];
    plan_init(&n->plan, spec);
    pim_ds_init(&n->routes, n->loop, (size_t)spec->mvpns * n->plan.routes_per_vpn, NULL, NULL);
    net_mdts_init(n);
    f->log = mem_zalloc(FAKE_PACKETS, sizeof(*f->log));
    port_on_rx(f->a1[1], on_c, f);
    port_on_rx(f->a3[1], on_p, f);
    return f;
}

void fake_net_free(struct fake_net *f)
{
    for (unsigned end = 0; end < 2; end++) {
        port_free(f->a1[end]);
        port_free(f->a3[end]);
    }
    pim_ds_fini(&f->net.routes);
    net_mdts_fini(&f->net);
    plan_fini(&f->net.plan, &f->net.spec);
    loop_free(f->net.loop);
    free(f->log);
    free(f);
}

void fake_net_run(struct fake_net *f, double seconds)
{
    (void)loop_run(f->net.loop, instant_add(net_now(&f->net), (int64_t)(seconds * 1e9)));
}

void fake_net_mdt_join(struct fake_net *f, uint32_t v)
{
    (void)pim_ds_join(&f->net.mdts, v - 1, PIM_JP_HOLDTIME_S, net_now(&f->net));
}
