/* Cutting packets into fragments and putting fragments together again. */
#include "emul/base/mem.h"
#include "emul/wire/be.h"
#include "emul/wire/ipv4.h"

#include <stdlib.h>

#define FRAGMENT_BYTES_MIN 8
#define PAYLOAD_MAX        (UINT16_MAX - IPV4_HEADER)
#define OPTION_END         0
#define OPTION_NOP         1
#define OPTION_COPIED      0x80

/*
 * copied_options keeps of the options those that go into every fragment (RFC 791 section 3.1,
 * copied flag) and returns their bytes.
 */
static uint8_t copied_options(const uint8_t *options, size_t len, uint8_t out[IPV4_OPT_MAX])
{
    uint8_t kept = 0;
    for (size_t at = 0; at < len && options[at] != OPTION_END;) {
        size_t n = options[at] == OPTION_NOP ? 1 : at + 1 < len ? options[at + 1] : 0;
        if (n == 0 || (n == 1 && options[at] != OPTION_NOP) || n > len - at)
            break;
        if ((options[at] & OPTION_COPIED) != 0) {
            memcpy(out + kept, options + at, n);
            kept = (uint8_t)(kept + n);
        }
        at += n;
    }
    return kept;
}

bool ipv4_fragment(struct wr *w, const uint8_t *packet, size_t len, size_t mtu, size_t *offset)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 v;
    if (ipv4_decode(&r, &v) != WIRE_OK || *offset > v.payload_bytes) {
        (void)wr_fail(w, WIRE_LENGTH);
        return false;
    }
    uint8_t options[IPV4_OPT_MAX];
    if (*offset > 0) {
        v.option_bytes = copied_options(v.options, v.option_bytes, options);
        v.options = options;
    }
    size_t header = IPV4_HEADER + ((v.option_bytes + 3u) & ~3u);
    if (mtu < header + FRAGMENT_BYTES_MIN) {
        (void)wr_fail(w, WIRE_LENGTH);
        return false;
    }
    size_t bytes = v.payload_bytes - *offset;
    bool last = bytes <= mtu - header;
    if (!last)
        bytes = (mtu - header) & ~(size_t)7;
    v.payload += *offset;
    v.payload_bytes = bytes;
    v.fragment_offset = (uint16_t)(v.fragment_offset + *offset);
    v.more_fragments = v.more_fragments || !last;
    v.dont_fragment = v.dont_fragment && last && *offset == 0;
    *offset += bytes;
    return ipv4_encode(w, &v) == WIRE_OK && !last;
}

#define SLOTS      64
#define TIMEOUT_NS (30 * NS_PER_S)
#define HEADER_MAX (IPV4_HEADER + IPV4_OPT_MAX)
#define BLOCKS     ((PAYLOAD_MAX + 7) / 8)

/* One datagram under way. The payload lies behind room for the longest header. */
struct slot {
    bool used, first_seen, last_seen;
    struct instant begin;
    uint64_t serial; /* order of arrival of the first fragment */
    ip4_t src, dst;
    uint16_t id;
    uint8_t protocol;
    uint8_t options[IPV4_OPT_MAX];
    struct ipv4 head;      /* of the fragment with offset 0 */
    size_t total, highest; /* payload bytes: whole (with last_seen), highest end so far */
    size_t blocks_seen;
    uint8_t seen[(BLOCKS + 7) / 8]; /* a bit for each 8 bytes of payload */
    uint8_t bytes[HEADER_MAX + PAYLOAD_MAX + 1];
};

struct ipv4_reassembly {
    uint64_t serial;
    struct slot slot[SLOTS];
};

struct ipv4_reassembly *ipv4_reassembly_new(void)
{
    return mem_zalloc(1, sizeof(struct ipv4_reassembly));
}

void ipv4_reassembly_free(struct ipv4_reassembly *a)
{
    free(a);
}

static bool slot_matches(const struct slot *s, const struct ipv4 *v)
{
    return s->used && s->src == v->src && s->dst == v->dst && s->id == v->id &&
           s->protocol == v->protocol;
}

static void slot_begin(struct slot *s, const struct ipv4 *v, struct instant now, uint64_t serial)
{
    s->used = true;
    s->first_seen = s->last_seen = false;
    s->begin = now;
    s->serial = serial;
    s->src = v->src;
    s->dst = v->dst;
    s->id = v->id;
    s->protocol = v->protocol;
    s->total = s->highest = s->blocks_seen = 0;
    memset(s->seen, 0, sizeof(s->seen));
}

/* slot_of finds the datagram of v, or a free place for it, or takes that of the oldest. */
static struct slot *slot_of(struct ipv4_reassembly *a, const struct ipv4 *v, struct instant now)
{
    struct slot *match = NULL, *spare = NULL, *oldest = &a->slot[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &a->slot[i];
        if (s->used && instant_diff(now, s->begin) >= TIMEOUT_NS)
            s->used = false;
        if (slot_matches(s, v))
            match = s;
        if (!s->used && spare == NULL)
            spare = s;
        if (s->serial < oldest->serial)
            oldest = s;
    }
    if (match == NULL) {
        match = spare != NULL ? spare : oldest;
        slot_begin(match, v, now, ++a->serial);
    }
    return match;
}

/*
 * slot_fits refuses what contradicts the fragments seen so far: data behind the end of the
 * datagram, two ends, more than an IPv4 packet can hold.
 */
static bool slot_fits(struct slot *s, const struct ipv4 *v)
{
    size_t end = (size_t)v->fragment_offset + v->payload_bytes;
    if (end > PAYLOAD_MAX || (s->last_seen && end > s->total))
        return false;
    if (!v->more_fragments) {
        if (end < s->highest || (s->last_seen && end != s->total))
            return false;
        s->last_seen = true;
        s->total = end;
    }
    if (end > s->highest)
        s->highest = end;
    return true;
}

/* slot_fill copies the new blocks; false if a block came before with other bytes. */
static bool slot_fill(struct slot *s, const struct ipv4 *v)
{
    uint8_t *base = s->bytes + HEADER_MAX;
    for (size_t at = 0; at < v->payload_bytes; at += 8) {
        size_t to = v->fragment_offset + at,
               n = v->payload_bytes - at < 8 ? v->payload_bytes - at : 8;
        size_t block = to / 8;
        uint8_t bit = (uint8_t)(1u << block % 8);
        if ((s->seen[block / 8] & bit) != 0) {
            if (memcmp(base + to, v->payload + at, n) != 0)
                return false;
            continue;
        }
        memcpy(base + to, v->payload + at, n);
        s->seen[block / 8] |= bit;
        s->blocks_seen++;
    }
    return true;
}

/* slot_finish puts the header before the payload; false if the packet would be too long. */
static bool slot_finish(struct slot *s, const uint8_t **packet, size_t *len)
{
    struct ipv4 head = s->head;
    head.more_fragments = false;
    head.options = s->options;
    size_t header = IPV4_HEADER + ((head.option_bytes + 3u) & ~3u);
    struct wr w = wr_init(s->bytes + HEADER_MAX - header, header + s->total);
    size_t mark = ipv4_begin(&w, &head);
    (void)wr_room(&w, s->total);
    s->used = false;
    if (ipv4_end(&w, mark) != WIRE_OK)
        return false;
    *packet = w.base;
    *len = w.pos;
    return true;
}

bool ipv4_reassemble(struct ipv4_reassembly *a, const struct ipv4 *v, struct instant now,
                     const uint8_t **packet, size_t *len)
{
    if (!v->more_fragments && v->fragment_offset == 0)
        return false;
    if (v->payload_bytes == 0 || (v->more_fragments && v->payload_bytes % 8 != 0))
        return false;
    struct slot *s = slot_of(a, v, now);
    if (!slot_fits(s, v) || !slot_fill(s, v)) {
        s->used = false;
        return false;
    }
    if (v->fragment_offset == 0) {
        s->first_seen = true;
        s->head = *v;
        if (v->option_bytes > 0)
            memcpy(s->options, v->options, v->option_bytes);
    }
    if (!s->first_seen || !s->last_seen || s->blocks_seen * 8 < s->total)
        return false;
    return slot_finish(s, packet, len);
}
