#include "emul/io/fifo.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Small enough that a link at rest stays in the processor's cache, large enough for any frame. */
#define CHUNK_BYTES ((size_t)64 * 1024)

struct fifo_chunk {
    struct fifo_chunk *next;
    size_t used; /* end of the last frame */
    uint64_t bytes[CHUNK_BYTES / sizeof(uint64_t)];
};

static size_t record_size(size_t len)
{
    return (sizeof(struct fifo_frame) + len + 7) & ~(size_t)7;
}

static struct fifo_frame *frame_at(struct fifo_chunk *c, size_t offset)
{
    return (struct fifo_frame *)(c->bytes + offset / sizeof(uint64_t));
}

static struct fifo_chunk *chunk_take(struct fifo *q)
{
    struct fifo_chunk *c = q->spare;
    if (c != NULL)
        q->spare = c->next;
    else
        c = mem_realloc(NULL, 1, sizeof(*c));
    c->next = NULL;
    c->used = 0;
    return c;
}

static void chunk_drop(struct fifo *q, struct fifo_chunk *c)
{
    c->next = q->spare;
    q->spare = c;
}

static void chunks_free(struct fifo_chunk *c)
{
    while (c != NULL) {
        struct fifo_chunk *next = c->next;
        free(c);
        c = next;
    }
}

void fifo_init(struct fifo *q)
{
    *q = (struct fifo){0};
    q->first = q->last = chunk_take(q);
}

void fifo_fini(struct fifo *q)
{
    chunks_free(q->first);
    chunks_free(q->spare);
    *q = (struct fifo){0};
}

void fifo_push(struct fifo *q, const uint8_t *frame, size_t len, struct instant at)
{
    size_t size = record_size(len);
    if (q->last->used + size > CHUNK_BYTES) {
        q->last->next = chunk_take(q);
        q->last = q->last->next;
    }
    struct fifo_frame *f = frame_at(q->last, q->last->used);
    f->at = at;
    f->len = (uint32_t)len;
    memcpy(f->bytes, frame, len);
    q->last->used += size;
    q->count++;
}

const struct fifo_frame *fifo_head(const struct fifo *q)
{
    return frame_at(q->first, q->head);
}

void fifo_pop(struct fifo *q)
{
    q->head += record_size(fifo_head(q)->len);
    q->count--;
    if (q->head < q->first->used)
        return;
    q->head = 0;
    if (q->first == q->last) {
        q->first->used = 0;
        return;
    }
    struct fifo_chunk *done = q->first;
    q->first = done->next;
    chunk_drop(q, done);
}

void fifo_clear(struct fifo *q, bool keep_head)
{
    if (q->count == 0)
        return;
    while (q->first != q->last) {
        struct fifo_chunk *c = q->first->next;
        q->first->next = c->next;
        if (c == q->last)
            q->last = q->first;
        chunk_drop(q, c);
    }
    if (keep_head) {
        q->first->used = q->head + record_size(fifo_head(q)->len);
        q->count = 1;
        return;
    }
    q->first->used = 0;
    q->head = 0;
    q->count = 0;
}
