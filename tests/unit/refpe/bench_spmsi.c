#include "bench_spmsi.h"

#include "emul/wire/udp.h"
#include "tests/unit/cu.h"

void bench_tlvs(struct bench *b, unsigned v, ip4_t pe, const struct mdt_join *tlvs, size_t count)
{
    uint8_t payload[1400], datagram[1420];
    struct wr w = wr_init(payload, sizeof(payload)), u = wr_init(datagram, sizeof(datagram));
    for (size_t i = 0; i < count; i++)
        (void)mdt_join_encode(&w, &tlvs[i]);
    struct udp udp = {MDT_PORT, MDT_PORT, payload, w.pos};
    (void)udp_encode(&u, pe, IPV4_ALL_PIM_ROUTERS, &udp);
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_UDP,
                      .src = pe,
                      .dst = IPV4_ALL_PIM_ROUTERS,
                      .payload = datagram,
                      .payload_bytes = u.pos};
    bench_gre(b, pe, B_MDT(v), &ip);
}

void bench_tlv(struct bench *b, unsigned v, ip4_t pe, ip4_t source, ip4_t group, ip4_t p_group)
{
    struct mdt_join tlv = {source, group, p_group};
    bench_tlvs(b, v, pe, &tlv, 1);
}

static bool has_tlvs(const struct seen *s, unsigned v, struct rd *out)
{
    struct rd r = rd_init(s->ip.payload, s->ip.payload_bytes);
    struct udp u;
    if (s->where != ON_MDT || s->mdt != B_MDT(v) || s->ip.protocol != IPPROTO_NUM_UDP ||
        s->ip.dst != IPV4_ALL_PIM_ROUTERS)
        return false;
    CU_ASSERT_EQUAL(udp_decode(&r, s->ip.src, s->ip.dst, &u), WIRE_OK);
    CU_ASSERT_EQUAL(u.dport, MDT_PORT);
    CU_ASSERT_EQUAL(s->ip.src, B_PE_MDT);
    CU_ASSERT_EQUAL(s->ip.ttl, 1);
    CU_ASSERT_EQUAL(mdt_join_check(u.payload, u.payload_bytes), WIRE_OK);
    *out = rd_init(u.payload, u.payload_bytes);
    return true;
}

unsigned bench_tlvs_seen(const struct bench *b, unsigned v, ip4_t source, ip4_t group,
                         ip4_t p_group, int64_t *at_ns, unsigned *datagrams)
{
    unsigned n = 0, all = 0;
    for (size_t k = 0; k < b->count; k++) {
        struct rd r;
        struct mdt_join tlv;
        if (!has_tlvs(&b->seen[k], v, &r))
            continue;
        all++;
        while (mdt_join_next(&r, &tlv)) {
            if (tlv.c_source != source || tlv.c_group != group || tlv.p_group != p_group)
                continue;
            n++;
            if (at_ns != NULL)
                *at_ns = b->seen[k].at_ns;
        }
    }
    if (datagrams != NULL)
        *datagrams = all;
    return n;
}

unsigned bench_data_on_seen(const struct bench *b, ip4_t p_group, ip4_t source, ip4_t group)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        const struct seen *s = &b->seen[k];
        n += s->where == ON_MDT && s->mdt == p_group && s->ip.src == source && s->ip.dst == group &&
             s->ip.protocol == IPPROTO_NUM_UDP && s->ip.ttl == 15;
    }
    return n;
}

struct refpe_spmsi bench_spmsi(const struct bench *b)
{
    struct refpe_spmsi s;
    refpe_spmsi_get(b->pe, &s);
    return s;
}
