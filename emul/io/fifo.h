/*
 * A queue of frames: bytes in chunks that never move, so a frame that was lent out stays where it
 * is while more are pushed. A frame is copied once, on the way in; chunks are recycled, so nothing
 * is allocated per frame.
 *
 * The head stays queued while it is lent: fifo_pop it when the borrower is done. fifo_clear may be
 * called in between; it leaves the bytes of the head readable until that fifo_pop.
 */
#ifndef MVPN_IO_FIFO_H
#define MVPN_IO_FIFO_H

#include "emul/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fifo_chunk;

struct fifo_frame {
    struct instant at;
    uint32_t len;
    uint32_t unused;
    uint8_t bytes[];
};

struct fifo {
    struct fifo_chunk *first; /* holds the head */
    struct fifo_chunk *last;  /* is written to */
    struct fifo_chunk *spare;
    size_t head; /* offset of the head in first */
    size_t count;
};

/* fifo_init prepares an empty queue; fifo_fini frees what it holds. */
void fifo_init(struct fifo *q);
void fifo_fini(struct fifo *q);

/* fifo_push copies a frame to the end. */
void fifo_push(struct fifo *q, const uint8_t *frame, size_t len, struct instant at);

/* fifo_head lends the oldest frame; the queue must not be empty. */
const struct fifo_frame *fifo_head(const struct fifo *q);

/* fifo_pop drops the oldest frame. */
void fifo_pop(struct fifo *q);

/* fifo_clear drops everything, or everything behind the head when keep_head. */
void fifo_clear(struct fifo *q, bool keep_head);

#endif
