/*
 * The writer: bytes of one message into a buffer of a given capacity, in network byte order. What
 * does not fit is not written and the error stays: test once. wire/ never writes past cap.
 */
#ifndef MVPN_WIRE_WR_H
#define MVPN_WIRE_WR_H

#include "emul/wire/rd.h"

struct wr {
    uint8_t *base;
    size_t pos, cap;
    enum wire_err err;
};

static inline struct wr wr_init(uint8_t *buf, size_t cap)
{
    return (struct wr){.base = buf, .cap = cap};
}

/* wr_fail records the first error (a value that cannot be encoded) and returns it. */
static inline enum wire_err wr_fail(struct wr *w, enum wire_err err)
{
    if (w->err == WIRE_OK)
        w->err = err;
    return w->err;
}

/* wr_room returns n bytes to fill in, or NULL after recording WIRE_FULL. */
static inline uint8_t *wr_room(struct wr *w, size_t n)
{
    if (w->err != WIRE_OK || w->cap - w->pos < n) {
        w->err = w->err == WIRE_OK ? WIRE_FULL : w->err;
        return NULL;
    }
    uint8_t *p = w->base + w->pos;
    w->pos += n;
    return p;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
    uint8_t *p = wr_room(w, 1);
    if (p != NULL)
        p[0] = v;
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
    uint8_t *p = wr_room(w, 2);
    if (p != NULL) {
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
    }
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
    wr_u16(w, (uint16_t)(v >> 16));
    wr_u16(w, (uint16_t)v);
}

static inline void wr_u64(struct wr *w, uint64_t v)
{
    wr_u32(w, (uint32_t)(v >> 32));
    wr_u32(w, (uint32_t)v);
}

static inline void wr_bytes(struct wr *w, const void *data, size_t n)
{
    uint8_t *p = wr_room(w, n);
    if (p != NULL && n > 0)
        memcpy(p, data, n);
}

/* wr_len16_open leaves room for a 16-bit length; wr_len16_close fills in the bytes since then. */
static inline size_t wr_len16_open(struct wr *w)
{
    size_t mark = w->pos;
    wr_u16(w, 0);
    return mark;
}

static inline void wr_len16_close(struct wr *w, size_t mark)
{
    if (w->err != WIRE_OK)
        return;
    size_t n = w->pos - mark - 2;
    w->base[mark] = (uint8_t)(n >> 8);
    w->base[mark + 1] = (uint8_t)n;
}

/* wr_set_u16 overwrites two bytes already written (checksums). */
static inline void wr_set_u16(struct wr *w, size_t at, uint16_t v)
{
    if (w->err != WIRE_OK || at + 2 > w->pos)
        return;
    w->base[at] = (uint8_t)(v >> 8);
    w->base[at + 1] = (uint8_t)v;
}

#endif
