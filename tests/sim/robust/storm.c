#include "tests/sim/robust/storm.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/wire/checksum.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim.h"
#include "emul/wire/udp.h"

#include <stdlib.h>
#include <string.h>

#define CORPUS_MAX 3000
#define TAIL_BYTES 300 /* room that nesting leaves */

const char *storm_kind_name(enum storm_kind kind)
{
    static const char *const names[STORM_KINDS] = {
        "random bytes", "flipped bits", "extreme fields", "truncated", "huge",
        "VLAN tags",    "nested",       "fragments",      "spliced",   "nonsense of a peer"};
    return names[kind];
}

void storm_init(struct storm *s, uint64_t seed, const struct instance_spec *spec, bool to_dut,
                bool c_side)
{
    *s = (struct storm){.rng = {hash_mix(hash_mix(seed, to_dut), c_side)},
                        .spec = spec,
                        .to_dut = to_dut,
                        .c_side = c_side};
}

void storm_fini(struct storm *s)
{
    free(s->corpus);
    s->corpus = NULL;
}

/* Data packets are most of a capture and all alike: every 20th will do. */
static bool worth_keeping(size_t index, const uint8_t *frame, size_t len)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 ip;
    if (eth_decode(&r, &eth) != WIRE_OK || ipv4_decode(&r, &ip) != WIRE_OK)
        return true;
    return ip.protocol == IPPROTO_NUM_PIM || (ip.tos & 0xe0) != 0 || index % 20 == 0;
}

void storm_take(struct storm *s, const char *capture_path)
{
    struct err err = {0};
    struct capture_reader *reader = capture_reader_open(capture_path, &err);
    const uint8_t *frame;
    size_t len;
    struct instant at;
    if (reader == NULL)
        fatal("%s", err.text);
    for (size_t n = 0; capture_reader_next(reader, &frame, &len, &at, &err) == 1; n++) {
        bool apparatus = len > 8 && frame[6] == 0x02 && frame[7] == 0x4d && frame[8] == 0x56;
        if (apparatus != s->to_dut || len > sizeof(s->corpus->bytes) ||
            !worth_keeping(n, frame, len) || s->count == CORPUS_MAX)
            continue;
        s->corpus = array_grow(s->corpus, s->count, &s->cap, sizeof(*s->corpus));
        s->corpus[s->count].len = len;
        memcpy(s->corpus[s->count++].bytes, frame, len);
    }
    capture_reader_close(reader);
    if (s->count == 0)
        fatal("%s: no frame to spoil", capture_path);
}

/* ---- mending ---------------------------------------------------------------------------------
 */

static size_t l3_offset(const uint8_t *frame, size_t len)
{
    size_t at = 12;
    while (at + 4 <= len && ((frame[at] == 0x81 && frame[at + 1] == 0x00) ||
                             (frame[at] == 0x88 && frame[at + 1] == 0xa8)))
        at += 4;
    return at + 2;
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void mend_packet(struct storm *s, uint8_t *packet, size_t len, unsigned depth);

static void mend_payload(struct storm *s, uint8_t protocol, uint8_t *p, size_t len, unsigned depth)
{
    if (protocol == IPPROTO_NUM_GRE && len > GRE_HEADER) {
        mend_packet(s, p + GRE_HEADER, len - GRE_HEADER, depth + 1);
    } else if (protocol == IPPROTO_NUM_PIM && len >= 8) {
        bool reg = (p[0] & 15) == PIM_REGISTER;
        if (reg)
            mend_packet(s, p + 8, len - 8, depth + 1);
        put16(p + 2, 0);
        put16(p + 2, inet_checksum(p, reg ? 8 : len));
    } else if (protocol == IPPROTO_NUM_UDP && len >= 8) {
        put16(p + 4, (uint16_t)len);
        put16(p + 6, 0); /* none */
    } else if ((protocol == IPPROTO_NUM_IGMP || protocol == IPPROTO_NUM_ICMP) && len >= 4) {
        put16(p + 2, 0);
        put16(p + 2, inet_checksum(p, len));
    }
}

static void mend_packet(struct storm *s, uint8_t *packet, size_t len, unsigned depth)
{
    if (len < IPV4_HEADER || depth > 8)
        return;
    size_t head = (size_t)(packet[0] & 15) * 4;
    if (packet[0] >> 4 != 4 || head < IPV4_HEADER || head > len)
        return;
    if (storm_below(s, 2) == 0 && len <= UINT16_MAX)
        put16(packet + 2, (uint16_t)len);
    size_t total = (size_t)(packet[2] << 8 | packet[3]);
    if (total >= head && total <= len)
        mend_payload(s, packet[9], packet + head, total - head, depth);
    put16(packet + 10, 0);
    put16(packet + 10, inet_checksum(packet, head));
}

void storm_mend(struct storm *s, uint8_t *frame, size_t len)
{
    size_t at = l3_offset(frame, len);
    if (at < len)
        mend_packet(s, frame + at, len - at, 0);
}

/* ---- spoiling --------------------------------------------------------------------------------
 */

static size_t take_any(struct storm *s, uint8_t *out)
{
    const struct storm_frame *f = &s->corpus[storm_below(s, (uint32_t)s->count)];
    memcpy(out, f->bytes, f->len);
    return f->len;
}

static void random_bytes(struct storm *s, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)rng_next(&s->rng);
}

/* A frame of any length, now and then with heads that look right. */
static size_t make_random(struct storm *s, uint8_t *out)
{
    static const uint8_t types[6][2] = {{0x08, 0x00}, {0x08, 0x06}, {0x81, 0x00},
                                        {0x88, 0xa8}, {0x86, 0xdd}, {0x00, 0x2e}};
    size_t len = storm_below(s, storm_below(s, 50) == 0 ? PORT_FRAME_MAX : 200);
    random_bytes(s, out, len);
    if (len >= 14 && storm_below(s, 4) != 0)
        memcpy(out + 12, types[storm_below(s, 6)], 2);
    if (len >= 20 && storm_below(s, 2) == 0)
        out[14] = out[18] = 0x45;
    return len;
}

static size_t make_flip(struct storm *s, uint8_t *out)
{
    size_t len = take_any(s, out);
    for (uint32_t n = 1 + storm_below(s, 8); n > 0; n--)
        out[storm_below(s, (uint32_t)len)] ^= (uint8_t)(1u << storm_below(s, 8));
    return len;
}

static size_t make_field(struct storm *s, uint8_t *out)
{
    static const uint8_t extremes[6] = {0x00, 0xff, 0x7f, 0x80, 0x01, 0xfe};
    size_t len = take_any(s, out);
    for (uint32_t n = 1 + storm_below(s, 3); n > 0; n--) {
        size_t width = (size_t)1 << storm_below(s, 4);
        size_t at = storm_below(s, (uint32_t)len);
        uint8_t first = extremes[storm_below(s, 6)];
        uint8_t rest = first == 0x7f || first == 0xff || first == 0xfe ? 0xff : 0;
        for (size_t i = 0; i < width && at + i < len; i++)
            out[at + i] = i == 0 ? first : rest;
    }
    return len;
}

static size_t make_truncated(struct storm *s, uint8_t *out)
{
    return storm_below(s, (uint32_t)take_any(s, out) + 1);
}

static size_t make_huge(struct storm *s, uint8_t *out)
{
    size_t len = take_any(s, out), want = PORT_FRAME_MAX - storm_below(s, 300);
    if (storm_below(s, 2) == 0)
        memset(out + len, (int)storm_below(s, 256), want - len);
    else
        random_bytes(s, out + len, want - len);
    return want;
}

static size_t make_vlan(struct storm *s, uint8_t *out)
{
    static const uint8_t tpids[4][2] = {{0x81, 0x00}, {0x88, 0xa8}, {0x91, 0x00}, {0x81, 0x00}};
    uint8_t frame[1600];
    size_t len = take_any(s, frame), at = l3_offset(frame, len) - 2, n = 12;
    if (at > len)
        at = len < 12 ? len : 12;
    memcpy(out, frame, at < 12 ? at : 12);
    for (uint32_t tags = storm_below(s, 4); tags > 0; tags--) {
        memcpy(out + n, tpids[storm_below(s, 4)], 2);
        put16(out + n + 2, (uint16_t)storm_below(s, storm_below(s, 2) == 0 ? 8 : 65536));
        n += 4;
    }
    memcpy(out + n, frame + at, len - at);
    return n + len - at;
}

/* Puts the packet of a real frame into GRE or a Register, again and again. */
static size_t make_nested(struct storm *s, uint8_t *out)
{
    uint8_t inner[PORT_FRAME_MAX], outer[PORT_FRAME_MAX];
    size_t len = take_any(s, out), at = l3_offset(out, len);
    if (at >= len)
        return len;
    size_t n = len - at;
    memcpy(inner, out + at, n);
    for (uint32_t depth = 1 + storm_below(s, 60); depth > 0 && n < 8000; depth--) {
        struct wr w = wr_init(outer, sizeof(outer));
        bool reg = storm_below(s, 3) == 0;
        struct ipv4 ip = {
            .ttl = (uint8_t)storm_below(s, 256),
            .protocol = reg ? IPPROTO_NUM_PIM : IPPROTO_NUM_GRE,
            .src = s->to_dut ? s->spec->addr.p_router_addr : s->spec->addr.dut_mdt_addr,
            .dst = reg ? s->spec->addr.p_rp : topology_mdt_group(s->spec, 1 + storm_below(s, 3))};
        size_t mark = ipv4_begin(&w, &ip);
        if (reg) {
            wr_u32(&w, 0x21000000);
            wr_u32(&w, 0);
        } else {
            wr_u32(&w, ETHERTYPE_IPV4);
        }
        wr_bytes(&w, inner, n);
        if (ipv4_end(&w, mark) != WIRE_OK)
            break;
        memcpy(inner, outer, w.pos);
        n = w.pos;
    }
    memcpy(out + at, inner, n);
    return at + n;
}

/* Pieces of few datagrams, so that some come together, overlap, or end twice. */
static size_t make_fragment(struct storm *s, uint8_t *out)
{
    size_t len = take_any(s, out), at = l3_offset(out, len);
    if (at + IPV4_HEADER > len)
        return len;
    uint8_t *p = out + at;
    uint32_t offset = storm_below(s, storm_below(s, 4) == 0 ? 8192 : 16);
    put16(p + 4, (uint16_t)storm_below(s, 4));
    put16(p + 6, (uint16_t)(offset | (storm_below(s, 3) == 0 ? 0 : 0x2000)));
    if (storm_below(s, 8) == 0)
        len = at + IPV4_HEADER + storm_below(s, 24);
    if (storm_below(s, 16) == 0) {
        random_bytes(s, out + len, PORT_FRAME_MAX - len);
        len = PORT_FRAME_MAX - storm_below(s, 8);
    }
    put16(p + 2, (uint16_t)(len - at));
    put16(p + 10, 0);
    put16(p + 10, inet_checksum(p, IPV4_HEADER));
    return len;
}

static size_t make_spliced(struct storm *s, uint8_t *out)
{
    uint8_t other[1600];
    size_t len = take_any(s, out), more = take_any(s, other);
    size_t head = storm_below(s, (uint32_t)len + 1), tail = storm_below(s, (uint32_t)more + 1);
    memcpy(out + head, other + more - tail, tail);
    return head + tail;
}

size_t storm_make(struct storm *s, enum storm_kind kind, uint8_t out[PORT_FRAME_MAX])
{
    static size_t (*const makers[STORM_KINDS])(struct storm * s, uint8_t * out) = {
        make_random, make_flip,   make_field,    make_truncated, make_huge,
        make_vlan,   make_nested, make_fragment, make_spliced,   storm_peer};
    size_t len = makers[kind](s, out);
    if (kind != STORM_FRAGMENT && kind != STORM_PEER && storm_below(s, 4) != 0)
        storm_mend(s, out, len);
    return len;
}
