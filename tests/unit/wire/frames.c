#include "tests/unit/wire/frames.h"

#include "emul/base/err.h"
#include "emul/wire/arp.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/icmp.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"
#include "emul/wire/pim_assert.h"
#include "emul/wire/pim_df.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_jp.h"
#include "emul/wire/pim_register.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"

#define C_ROUTER IP4(10, 1, 1, 2)
#define DUT      IP4(10, 1, 1, 1)
#define SOURCE   IP4(10, 2, 2, 2)
#define GROUP    IP4(239, 1, 1, 1)
#define PE       IP4(192, 0, 2, 2)
#define P_RP     IP4(192, 0, 2, 100)
#define MDT      IP4(239, 232, 0, 1)
#define BYTES    1500
#define ENTRIES  80

struct bytes {
    size_t len;
    uint8_t b[BYTES];
};

struct builder {
    struct frame *list;
    size_t count;
};

static const struct mac own = {{2, 0x4d, 0x56, 0, 0, 1}}, dut = {{2, 0, 0, 0, 0, 1}};

static struct wr open_bytes(struct bytes *out)
{
    return wr_init(out->b, sizeof(out->b));
}

static void close_bytes(struct bytes *out, const struct wr *w)
{
    if (w->err != WIRE_OK)
        fatal("frames: %s", wire_err_name(w->err));
    out->len = w->pos;
}

/* add puts one frame around a payload. */
static void add(struct builder *b, const char *name, const char *protocols, const struct eth *head,
                const struct bytes *payload)
{
    struct frame *f = &b->list[b->count++];
    struct wr w = wr_init(f->bytes, sizeof(f->bytes));
    (void)eth_encode(&w, head);
    wr_bytes(&w, payload->b, payload->len);
    if (w.err != WIRE_OK || b->count == FRAMES_MAX)
        fatal("frames: %s does not fit", name);
    f->name = name;
    f->protocols = protocols;
    f->len = w.pos;
}

static struct eth eth_to(ip4_t dst, uint16_t outer, uint16_t inner)
{
    return (struct eth){.dst = ip4_is_multicast(dst) ? mac_of_group(dst) : dut,
                        .src = own,
                        .outer_vid = outer,
                        .inner_vid = inner,
                        .outer_pcp = outer != 0 ? 6 : 0,
                        .ethertype = ETHERTYPE_IPV4};
}

static struct bytes ip(ip4_t src, ip4_t dst, uint8_t protocol, uint8_t ttl, const struct bytes *pl)
{
    struct bytes out;
    struct wr w = open_bytes(&out);
    struct ipv4 v = {.tos = IPV4_TOS_CS6, .ttl = ttl, .protocol = protocol, .src = src, .dst = dst};
    v.id = 77;
    v.payload = pl->b;
    v.payload_bytes = pl->len;
    (void)ipv4_encode(&w, &v);
    close_bytes(&out, &w);
    return out;
}

static struct bytes gre(const struct bytes *inner, bool checksum)
{
    struct bytes out;
    struct wr w = open_bytes(&out);
    struct gre v = {.protocol = ETHERTYPE_IPV4, .checksum_present = checksum};
    v.payload = inner->b;
    v.payload_bytes = inner->len;
    (void)gre_encode(&w, &v);
    close_bytes(&out, &w);
    return ip(PE, MDT, IPPROTO_NUM_GRE, 255, &out);
}

static struct bytes probe_packet(size_t payload_bytes)
{
    struct bytes payload, datagram;
    struct wr w = open_bytes(&payload);
    struct probe p = {.vpn = 7, .flow = 42, .sequence = 1000, .sent_ns = 123456789};
    (void)probe_encode(&w, &p);
    uint8_t *filling = wr_room(&w, payload_bytes - PROBE_BYTES);
    if (filling != NULL)
        memset(filling, 0x55, payload_bytes - PROBE_BYTES);
    close_bytes(&payload, &w);
    w = open_bytes(&datagram);
    struct udp u = {PROBE_PORT, PROBE_PORT, payload.b, payload.len};
    (void)udp_encode(&w, SOURCE, GROUP, &u);
    close_bytes(&datagram, &w);
    return ip(SOURCE, GROUP, IPPROTO_NUM_UDP, 60, &datagram);
}

static struct bytes hello(bool all)
{
    struct bytes out;
    struct wr w = open_bytes(&out);
    struct pim_hello v = {.present = PIM_HAS_HOLDTIME | PIM_HAS_LAN_PRUNE_DELAY |
                                     PIM_HAS_DR_PRIORITY | PIM_HAS_GENID,
                          .holdtime_s = 105,
                          .propagation_delay_ms = 500,
                          .override_interval_ms = 2500,
                          .dr_priority = 1,
                          .genid = 0x1a2b3c4d,
                          .state_refresh_version = 1,
                          .address_count = 2,
                          .address = {IP4(10, 1, 1, 3), IP4(10, 1, 1, 4)}};
    if (all)
        v.present |=
            PIM_HAS_STATE_REFRESH | PIM_HAS_BIDIR | PIM_HAS_ADDRESS_LIST | PIM_HAS_JOIN_ATTRIBUTE;
    (void)pim_hello_encode(&w, &v);
    close_bytes(&out, &w);
    return out;
}

/* join_prune holds entries of every kind, count of them, several a group. */
static struct bytes join_prune(size_t count)
{
    struct bytes out;
    struct wr w = open_bytes(&out);
    struct pim_jp_entry e[ENTRIES];
    size_t taken;
    for (size_t i = 0; i < count; i++) {
        e[i] = (struct pim_jp_entry){.join = i % 4 != 1,
                                     .kind = i % 4 == 0   ? PIM_JP_STARG
                                             : i % 4 == 1 ? PIM_JP_SGRPT
                                                          : PIM_JP_SG,
                                     .group = GROUP + (ip4_t)i / 4,
                                     .source = SOURCE + (ip4_t)i};
    }
    (void)pim_jp_encode(&w, DUT, 210, e, count, ENTRIES, &taken);
    close_bytes(&out, &w);
    return out;
}

static void add_pim(struct builder *b)
{
    struct bytes m = hello(true), p = ip(C_ROUTER, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
    struct eth plain = eth_to(IPV4_ALL_PIM_ROUTERS, 0, 0), one = eth_to(IPV4_ALL_PIM_ROUTERS, 7, 0),
               two = eth_to(IPV4_ALL_PIM_ROUTERS, 7, 8);
    add(b, "hello", "eth:ethertype:ip:pim", &plain, &p);
    add(b, "hello, one tag", "eth:ethertype:vlan:ethertype:ip:pim", &one, &p);
    add(b, "hello, two tags", "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:pim", &two, &p);
    m = hello(false);
    p = ip(PE, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
    struct bytes g = gre(&p, false);
    struct eth mdt = eth_to(MDT, 0, 0);
    add(b, "hello in GRE", "eth:ethertype:ip:gre:ip:pim", &mdt, &g);
    g = gre(&p, true);
    add(b, "hello in GRE with checksum", "eth:ethertype:ip:gre:ip:pim", &mdt, &g);
    m = join_prune(4);
    p = ip(C_ROUTER, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
    add(b, "join/prune", "eth:ethertype:ip:pim", &plain, &p);
    m = join_prune(ENTRIES);
    p = ip(PE, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
    g = gre(&p, false);
    add(b, "full join/prune in GRE", "eth:ethertype:ip:gre:ip:pim", &mdt, &g);

    struct pim_assert a = {.group = {.mask_len = 32, .addr = GROUP}, .source = SOURCE};
    a.preference = 110;
    struct wr w = open_bytes(&m);
    (void)pim_assert_encode(&w, &a);
    close_bytes(&m, &w);
    p = ip(C_ROUTER, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
    add(b, "assert", "eth:ethertype:ip:pim", &plain, &p);
}

static void add_df(struct builder *b)
{
    struct eth plain = eth_to(IPV4_ALL_PIM_ROUTERS, 0, 0);
    struct pim_df v = {.rpa = P_RP, .preference = 110, .metric = 20, .other = DUT};
    v.other_preference = 110;
    v.other_metric = 10;
    v.interval_ms = 1000;
    for (unsigned type = PIM_DF_OFFER; type <= PIM_DF_PASS; type++) {
        struct bytes m, p;
        struct wr w = open_bytes(&m);
        v.type = (enum pim_df_type)type;
        (void)pim_df_encode(&w, &v);
        close_bytes(&m, &w);
        p = ip(C_ROUTER, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_PIM, 1, &m);
        add(b, "df election", "eth:ethertype:ip:pim", &plain, &p);
    }
}

static void add_mdt_join(struct builder *b)
{
    struct bytes m, datagram, p;
    struct mdt_join v = {SOURCE, GROUP, MDT + 1};
    struct wr w = open_bytes(&m);
    (void)mdt_join_encode(&w, &v);
    v.c_source++;
    (void)mdt_join_encode(&w, &v);
    close_bytes(&m, &w);
    struct udp u = {MDT_PORT, MDT_PORT, m.b, m.len};
    w = open_bytes(&datagram);
    (void)udp_encode(&w, PE, IPV4_ALL_PIM_ROUTERS, &u);
    close_bytes(&datagram, &w);
    p = ip(PE, IPV4_ALL_PIM_ROUTERS, IPPROTO_NUM_UDP, 1, &datagram);
    p = gre(&p, false);
    struct eth head = eth_to(MDT, 0, 0);
    add(b, "mdt join", "eth:ethertype:ip:gre:ip:udp:data", &head, &p);
}

static void add_register(struct builder *b)
{
    struct bytes inner = probe_packet(100), m, p;
    struct eth to_rp = eth_to(P_RP, 0, 0);
    struct pim_register v = {.packet = inner.b, .packet_bytes = inner.len};
    struct wr w = open_bytes(&m);
    (void)pim_register_encode(&w, &v);
    close_bytes(&m, &w);
    p = ip(PE, P_RP, IPPROTO_NUM_PIM, 64, &m);
    add(b, "register", "eth:ethertype:ip:pim:ip:udp:data", &to_rp, &p);
    v = (struct pim_register){.null = true, .source = SOURCE, .group = GROUP};
    w = open_bytes(&m);
    (void)pim_register_encode(&w, &v);
    close_bytes(&m, &w);
    p = ip(PE, P_RP, IPPROTO_NUM_PIM, 64, &m);
    add(b, "null-register", "eth:ethertype:ip:pim:ip", &to_rp, &p);
    struct pim_register_stop stop = {.group = {.mask_len = 32, .addr = GROUP}, .source = SOURCE};
    w = open_bytes(&m);
    (void)pim_register_stop_encode(&w, &stop);
    close_bytes(&m, &w);
    p = ip(P_RP, PE, IPPROTO_NUM_PIM, 64, &m);
    add(b, "register-stop", "eth:ethertype:ip:pim", &to_rp, &p);
}

static void add_igmp_message(struct builder *b, const char *name, const struct igmp *v)
{
    struct bytes m, p;
    struct wr w = open_bytes(&m);
    (void)igmp_encode(&w, v);
    close_bytes(&m, &w);
    p = ip(C_ROUTER, GROUP, IPPROTO_NUM_IGMP, 1, &m);
    struct eth head = eth_to(GROUP, 7, 0);
    add(b, name, "eth:ethertype:vlan:ethertype:ip:igmp:igmp", &head, &p);
}

static void add_igmp(struct builder *b)
{
    static const uint8_t sources[8] = {10, 2, 2, 2, 10, 2, 2, 3};
    uint8_t list[64];
    struct wr w = wr_init(list, sizeof(list));
    struct igmp_record r = {IGMP_TO_EXCLUDE, GROUP, 0, NULL},
                       s = {IGMP_ALLOW_NEW, GROUP, 2, sources};
    (void)igmp_record_encode(&w, &r);
    (void)igmp_record_encode(&w, &s);
    const struct igmp messages[] = {
        {.type = IGMP_QUERY, .version = 1},
        {.type = IGMP_QUERY, .version = 2, .max_resp_ms = 10000},
        {.type = IGMP_QUERY,
         .version = 3,
         .max_resp_ms = 25600,
         .group = GROUP,
         .robustness = 2,
         .query_interval_s = 125,
         .suppress = true,
         .count = 2,
         .list = sources,
         .list_bytes = 8},
        {.type = IGMP_V1_REPORT, .group = GROUP},
        {.type = IGMP_V2_REPORT, .group = GROUP},
        {.type = IGMP_V2_LEAVE, .group = GROUP},
        {.type = IGMP_V3_REPORT, .count = 2, .list = list, .list_bytes = w.pos},
    };
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        add_igmp_message(b, "igmp", &messages[i]);
}

static void add_data(struct builder *b)
{
    struct bytes p = probe_packet(100), g = gre(&p, false);
    struct eth c_side = eth_to(GROUP, 7, 8), mdt = eth_to(MDT, 0, 0);
    add(b, "probe", "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:udp:data", &c_side, &p);
    ipv4_decrement_ttl(p.b);
    add(b, "probe, one hop on", "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:udp:data",
        &c_side, &p);
    add(b, "probe in GRE", "eth:ethertype:ip:gre:ip:udp:data", &mdt, &g);

    p = probe_packet(1001);
    bool more = true;
    for (size_t offset = 0; more;) {
        struct bytes piece;
        struct wr w = open_bytes(&piece);
        more = ipv4_fragment(&w, p.b, p.len, 576, &offset);
        close_bytes(&piece, &w);
        struct eth head = eth_to(GROUP, 0, 0);
        add(b, "fragment", more ? "eth:ethertype:ip:data" : "eth:ethertype:ip:udp:data", &head,
            &piece);
    }
}

static void add_host(struct builder *b)
{
    struct bytes m, p;
    struct wr w = open_bytes(&m);
    struct icmp_echo echo = {.type = ICMP_ECHO_REQUEST, .id = 5, .sequence = 6};
    echo.data = own.b;
    echo.data_bytes = 5;
    (void)icmp_echo_encode(&w, &echo);
    close_bytes(&m, &w);
    p = ip(C_ROUTER, DUT, IPPROTO_NUM_ICMP, 64, &m);
    struct eth head = eth_to(DUT, 0, 0);
    add(b, "echo", "eth:ethertype:ip:icmp:data", &head, &p);
    struct arp arp = {ARP_REQUEST, own, {{0}}, C_ROUTER, DUT};
    for (arp.op = ARP_REQUEST; arp.op <= ARP_REPLY; arp.op++) {
        w = open_bytes(&m);
        (void)arp_encode(&w, &arp);
        close_bytes(&m, &w);
        head.ethertype = ETHERTYPE_ARP;
        head.outer_vid = 7;
        add(b, "arp", "eth:ethertype:vlan:ethertype:arp", &head, &m);
    }
}

size_t frames_build(struct frame *list)
{
    struct builder b = {.list = list};
    add_pim(&b);
    add_df(&b);
    add_mdt_join(&b);
    add_register(&b);
    add_igmp(&b);
    add_data(&b);
    add_host(&b);
    return b.count;
}
