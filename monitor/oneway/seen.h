/*
 * Which probes of a run were seen: two bits a sequence number, and the way M2 tells M1 (one
 * datagram for a request, 8,000 numbers each).
 */
#ifndef MVPN_ONEWAY_SEEN_H
#define MVPN_ONEWAY_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    uint8_t *bits;
    uint64_t count; /* sequence numbers that there is room for */
    uint64_t end;   /* behind the highest seen */
};

void seen_init(struct seen *s);
void seen_fini(struct seen *s);

/* seen_mark notes a sequence number; false if it was noted before, or is beyond all bounds. */
bool seen_mark(struct seen *s, uint64_t sequence);
bool seen_has(const struct seen *s, uint64_t sequence);

#define SEEN_CHUNK         8000u /* sequence numbers in one answer */
#define SEEN_REQUEST_BYTES 16u
#define SEEN_ANSWER_BYTES  (24u + SEEN_CHUNK / 8)

/* seen_request writes a request for the numbers from base on of a run; seen_request_read reads one.
 */
void seen_request(uint8_t out[SEEN_REQUEST_BYTES], uint32_t run, uint64_t base);
bool seen_request_read(const uint8_t *data, size_t len, uint32_t *run, uint64_t *base);

/* seen_answer answers a request; seen_answer_read takes an answer's bits into s and gives its base.
 * false: no answer for that run. */
void seen_answer(const struct seen *s, uint32_t run, uint64_t base, uint8_t out[SEEN_ANSWER_BYTES]);
bool seen_answer_read(struct seen *s, const uint8_t *data, size_t len, uint32_t run,
                      uint64_t *base);

#endif
