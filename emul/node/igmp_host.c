#include "emul/node/igmp_host.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/live.h"

#include <stdlib.h>

#define HEADER_BYTES (IPV4_HEADER + 4) /* with Router Alert */

/* RFC 2113: every router on the way looks at the packet. */
static const uint8_t router_alert[4] = {0x94, 0x04, 0x00, 0x00};

struct igmp_receivers {
    struct net *net;
    struct igmp_hosts *hosts; /* host = C-link; NULL: receivers speak PIM */
};

static uint32_t interface_of(const struct igmp_receivers *r, uint32_t link)
{
    return link % r->net->spec.c_interfaces;
}

static void member_of(void *arg, uint32_t link, uint32_t ix, struct igmp_member *out)
{
    const struct igmp_receivers *r = arg;
    const struct plan *plan = &r->net->plan;
    uint32_t j = plan->c_receives[interface_of(r, link)][ix];
    *out = (struct igmp_member){.group = plan->groups[j].group};
}

static uint32_t find_member(void *arg, uint32_t link, ip4_t group)
{
    const struct igmp_receivers *r = arg;
    const struct net *n = r->net;
    uint32_t j = topology_group_of(&n->spec, group);
    return j == 0 ? IGMP_NO_MEMBER : n->plan.c_place[interface_of(r, link)][j];
}

static bool send_message(void *arg, uint32_t link, ip4_t dst, const struct igmp *message)
{
    struct igmp_receivers *r = arg;
    struct net *n = r->net;
    if (!net_c_port(n, link)->up)
        return false;
    uint8_t bytes[PORT_FRAME_MAX];
    struct wr w = wr_init(bytes, sizeof(bytes));
    if (igmp_encode(&w, message) != WIRE_OK)
        return true;
    struct ipv4 packet = {.tos = message->type == IGMP_V3_REPORT ? IPV4_TOS_CS6 : 0,
                          .ttl = 1,
                          .protocol = IPPROTO_NUM_IGMP,
                          .src = topology_c_router_addr(&n->spec, link),
                          .dst = dst,
                          .options = router_alert,
                          .option_bytes = sizeof(router_alert),
                          .payload = bytes,
                          .payload_bytes = w.pos};
    (void)net_send_c(n, link, mac_of_group(dst), &packet);
    return true;
}

static const struct igmp_host_ops host_ops = {member_of, find_member, send_message};

struct igmp_receivers *igmp_receivers_new(struct net *net)
{
    struct igmp_receivers *r = mem_zalloc(1, sizeof(*r));
    const struct instance_spec *s = &net->spec;
    r->net = net;
    if (s->igmp_version == 0)
        return r;
    struct igmp_host_config config = {.version = s->igmp_version,
                                      .spacing_ns = s->igmp_spacing_ns,
                                      .room = s->mtu - HEADER_BYTES,
                                      .seed = s->seed};
    r->hosts = igmp_hosts_new(net->loop, "igmp receivers", &config, &host_ops, r);
    size_t memberships = 0;
    for (uint32_t i = 0; i < s->c_interfaces; i++)
        memberships += (size_t)s->mvpns * net->plan.c_receives_count[i];
    igmp_hosts_reserve(r->hosts, net_link_count(net), memberships);
    for (uint32_t link = 0; link < net_link_count(net); link++)
        (void)igmp_host_add(r->hosts, net->plan.c_receives_count[interface_of(r, link)]);
    return r;
}

void igmp_receivers_free(struct igmp_receivers *r)
{
    if (r == NULL)
        return;
    igmp_hosts_free(r->hosts);
    free(r);
}

void igmp_receivers_packet(struct igmp_receivers *r, uint32_t link, const struct ipv4 *packet)
{
    struct igmp message;
    struct rd body = rd_init(packet->payload, packet->payload_bytes);
    if (r->hosts == NULL)
        return;
    if (igmp_decode(&body, &message) != WIRE_OK) {
        r->net->undecodable += body.err != WIRE_TYPE; /* types of others are nobody's fault */
        return;
    }
    if (message.type == IGMP_QUERY) {
        ip4_t to = message.group == 0 ? IGMP_ALL_HOSTS : message.group;
        if (packet->src == topology_dut_c_addr(&r->net->spec, link) && packet->dst == to)
            igmp_host_query(r->hosts, link, &message);
    } else if (message.type == IGMP_V1_REPORT || message.type == IGMP_V2_REPORT) {
        if (packet->dst == message.group)
            igmp_host_report(r->hosts, link, message.group);
    }
}

void igmp_receivers_join(struct igmp_receivers *r)
{
    const struct net *n = r->net;
    if (r->hosts == NULL)
        return;
    int64_t spread_ns = net_join_spread_ns(net_link_count(n));
    for (uint32_t link = 0; link < net_link_count(n); link++) {
        uint64_t h = hash_mix(hash_text(n->spec.seed, "join-igmp"), link);
        int64_t delay_ns = (int64_t)hash_range(h, (uint64_t)spread_ns);
        uint32_t groups = n->plan.c_receives_count[interface_of(r, link)];
        for (uint32_t ix = 0; ix < groups; ix++)
            igmp_host_join(r->hosts, link, ix, delay_ns);
    }
}

void igmp_receivers_leave(struct igmp_receivers *r)
{
    const struct net *n = r->net;
    if (r->hosts == NULL)
        return;
    for (uint32_t link = 0; link < net_link_count(n); link++) {
        uint32_t groups = n->plan.c_receives_count[interface_of(r, link)];
        for (uint32_t ix = 0; ix < groups; ix++)
            igmp_host_leave(r->hosts, link, ix);
    }
}

void igmp_receivers_group_set(struct igmp_receivers *r, uint32_t v, uint32_t j, bool on)
{
    const struct net *n = r->net;
    for (uint32_t i = 1; r->hosts != NULL && i <= n->spec.c_interfaces; i++) {
        uint32_t link = topology_c_link_index(&n->spec, v, i);
        uint32_t place = n->plan.c_place[i - 1][j];
        if (place == PLAN_NONE)
            continue;
        if (on)
            igmp_host_join(r->hosts, link, place, 0);
        else
            igmp_host_leave(r->hosts, link, place);
    }
}

void igmp_receivers_carrier(struct igmp_receivers *r, uint32_t link, bool up)
{
    if (r->hosts == NULL)
        return;
    if (up)
        igmp_host_open(r->hosts, link);
    else
        igmp_host_close(r->hosts, link);
}

void igmp_receivers_counts(const struct igmp_receivers *r, struct igmp_counts *out)
{
    *out = (struct igmp_counts){0};
    if (r->hosts != NULL)
        igmp_counts_get(r->hosts, out);
}

uint64_t igmp_receivers_beyond_pace(const struct igmp_receivers *r)
{
    return r->hosts == NULL ? 0 : igmp_hosts_beyond_pace(r->hosts);
}

uint32_t igmp_receivers_interfaces(const struct igmp_receivers *r)
{
    const struct net *n = r->net;
    uint32_t count = 0;
    for (uint32_t link = 0; r->hosts != NULL && link < net_link_count(n); link++)
        count += n->plan.c_receives_count[interface_of(r, link)] > 0;
    return count;
}

size_t igmp_receivers_bytes(const struct igmp_receivers *r)
{
    return sizeof(*r) + (r->hosts == NULL ? 0 : igmp_hosts_bytes(r->hosts));
}
