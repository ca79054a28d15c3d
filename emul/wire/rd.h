/*
 * The reader: bytes of one message, read in network byte order. A short read returns 0, records the
 * first error and its offset and jumps to the end, so every loop over rd_left ends. Test once, at
 * the end. Readers never allocate, log or act.
 */
#ifndef MVPN_WIRE_RD_H
#define MVPN_WIRE_RD_H

#include "emul/base/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire_err {
    WIRE_OK = 0,
    WIRE_SHORT,    /* the message ends too early */
    WIRE_TRAILING, /* bytes left where none may be */
    WIRE_CHECKSUM,
    WIRE_VERSION,
    WIRE_LENGTH, /* a length field that cannot be */
    WIRE_VALUE,  /* a field with a value that is not allowed */
    WIRE_TYPE,   /* not the message that was asked for */
    WIRE_FULL,   /* writer: does not fit */
};

/* wire_err_name returns a short word for messages. */
const char *wire_err_name(enum wire_err e);

struct rd {
    const uint8_t *base;
    size_t pos, end;
    size_t err_pos;
    enum wire_err err;
};

static inline struct rd rd_init(const uint8_t *data, size_t len)
{
    return (struct rd){.base = data, .end = len};
}

static inline size_t rd_left(const struct rd *r)
{
    return r->end - r->pos;
}

/* rd_fail records the first error and jumps to the end. */
static inline void rd_fail(struct rd *r, enum wire_err err)
{
    if (r->err == WIRE_OK) {
        r->err = err;
        r->err_pos = r->pos;
    }
    r->pos = r->end;
}

/* rd_fail_at is rd_fail for a field read before, at offset at; it returns the first error. */
static inline enum wire_err rd_fail_at(struct rd *r, size_t at, enum wire_err err)
{
    if (r->err == WIRE_OK)
        r->pos = at;
    rd_fail(r, err);
    return r->err;
}

/* rd_bytes returns n bytes in place, or NULL after recording WIRE_SHORT. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
    if (rd_left(r) < n) {
        rd_fail(r, WIRE_SHORT);
        return NULL;
    }
    const uint8_t *p = r->base + r->pos;
    r->pos += n;
    return p;
}

static inline uint8_t rd_u8(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 1);
    return p == NULL ? 0 : p[0];
}

static inline uint16_t rd_u16(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 2);
    if (p == NULL)
        return 0;
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rd_u32(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 4);
    return p == NULL ? 0 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t rd_u64(struct rd *r)
{
    uint64_t high = rd_u32(r);
    return high << 32 | rd_u32(r);
}

/* rd_sub carves a reader of the next n bytes out of r (empty and failed when they are not there).
 */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
    const uint8_t *p = rd_bytes(r, n);
    return p == NULL ? (struct rd){.base = r->base, .err = r->err, .err_pos = r->err_pos}
                     : (struct rd){.base = p, .end = n};
}

/*
 * rd_join carries the error of a sub-reader of r up, with its offset; all_used also demands that
 * nothing is left in it.
 */
static inline void rd_join(struct rd *r, const struct rd *sub, bool all_used)
{
    size_t start = (size_t)(sub->base - r->base);
    if (sub->err != WIRE_OK)
        (void)rd_fail_at(r, start + sub->err_pos, sub->err);
    else if (all_used && rd_left(sub) > 0)
        (void)rd_fail_at(r, start + sub->pos, WIRE_TRAILING);
}

/* rd_done returns the first error, or WIRE_TRAILING if bytes are left. */
static inline enum wire_err rd_done(struct rd *r)
{
    if (r->err == WIRE_OK && rd_left(r) > 0)
        rd_fail(r, WIRE_TRAILING);
    return r->err;
}

#endif
