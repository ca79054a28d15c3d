#include "monitor/oneway/seen.h"

#include "emul/base/mem.h"
#include "emul/wire/rd.h"
#include "emul/wire/wr.h"

#include <stdlib.h>
#include <string.h>

#define SEQUENCES_MAX UINT64_C(4000000000)
#define REQUEST_MAGIC 0x4d56514eu /* "MVQN" */
#define ANSWER_MAGIC  0x4d56414eu /* "MVAN" */

void seen_init(struct seen *s)
{
    *s = (struct seen){0};
}

void seen_fini(struct seen *s)
{
    free(s->bits);
    *s = (struct seen){0};
}

static void make_room(struct seen *s, uint64_t sequence)
{
    uint64_t count = s->count == 0 ? 65536 : s->count;
    while (count <= sequence)
        count *= 2;
    if (count == s->count)
        return;
    s->bits = mem_realloc(s->bits, count / 8, 1);
    memset(s->bits + s->count / 8, 0, (count - s->count) / 8);
    s->count = count;
}

bool seen_has(const struct seen *s, uint64_t sequence)
{
    return sequence < s->count && (s->bits[sequence / 8] >> (sequence % 8) & 1) != 0;
}

bool seen_mark(struct seen *s, uint64_t sequence)
{
    if (sequence >= SEQUENCES_MAX || seen_has(s, sequence))
        return false;
    make_room(s, sequence);
    s->bits[sequence / 8] |= (uint8_t)(1u << (sequence % 8));
    if (sequence >= s->end)
        s->end = sequence + 1;
    return true;
}

void seen_request(uint8_t out[SEEN_REQUEST_BYTES], uint32_t run, uint64_t base)
{
    struct wr w = wr_init(out, SEEN_REQUEST_BYTES);
    wr_u32(&w, REQUEST_MAGIC);
    wr_u32(&w, run);
    wr_u64(&w, base);
}

bool seen_request_read(const uint8_t *data, size_t len, uint32_t *run, uint64_t *base)
{
    struct rd r = rd_init(data, len);
    uint32_t magic = rd_u32(&r);
    *run = rd_u32(&r);
    *base = rd_u64(&r);
    return r.err == WIRE_OK && rd_left(&r) == 0 && magic == REQUEST_MAGIC &&
           *base % SEEN_CHUNK == 0;
}

void seen_answer(const struct seen *s, uint32_t run, uint64_t base, uint8_t out[SEEN_ANSWER_BYTES])
{
    struct wr w = wr_init(out, SEEN_ANSWER_BYTES);
    wr_u32(&w, ANSWER_MAGIC);
    wr_u32(&w, run);
    wr_u64(&w, base);
    wr_u64(&w, s->end);
    for (uint64_t i = base / 8; i < (base + SEEN_CHUNK) / 8; i++)
        wr_u8(&w, i < s->count / 8 ? s->bits[i] : 0);
}

bool seen_answer_read(struct seen *s, const uint8_t *data, size_t len, uint32_t run, uint64_t *base)
{
    struct rd r = rd_init(data, len);
    uint32_t magic = rd_u32(&r), answered = rd_u32(&r);
    *base = rd_u64(&r);
    (void)rd_u64(&r);
    if (r.err != WIRE_OK || len != SEEN_ANSWER_BYTES || magic != ANSWER_MAGIC || answered != run ||
        *base >= SEQUENCES_MAX)
        return false;
    for (uint64_t i = 0; i < SEEN_CHUNK; i += 8) {
        uint8_t bits = rd_u8(&r);
        for (unsigned b = 0; b < 8; b++) {
            if ((bits >> b & 1) != 0)
                (void)seen_mark(s, *base + i + b);
        }
    }
    return true;
}
