#include "emul/traffic/blocks.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A window of that many blocks does not occur; what lies beyond is not counted. */
#define BLOCKS_MAX 100000

struct blocks {
    const struct flow_table *table;
    int64_t length_ns, first; /* block 0 of the counts */
    size_t count, cap;
    size_t places;    /* 1 + c */
    size_t cells;     /* of one block */
    uint32_t *counts; /* [block][VPN][point][place] */
};

int64_t blocks_of(int64_t at_ns, int64_t length_ns, unsigned colour)
{
    int64_t n = blocks_number(at_ns, length_ns);
    if ((unsigned)(n & 1) == colour)
        return n;
    return at_ns - n * length_ns < length_ns / 2 ? n - 1 : n + 1;
}

struct blocks *blocks_new(const struct flow_table *t, int64_t length_ns)
{
    struct blocks *b = mem_zalloc(1, sizeof(*b));
    b->table = t;
    b->length_ns = length_ns;
    b->places = 1 + (size_t)t->c_interfaces;
    b->cells = t->mvpns * BLOCKS_POINTS * b->places;
    return b;
}

void blocks_free(struct blocks *b)
{
    if (b == NULL)
        return;
    free(b->counts);
    free(b);
}

void blocks_open(struct blocks *b, struct instant from)
{
    b->first = blocks_number(from.ns, b->length_ns);
    b->count = 0;
}

static void grow(struct blocks *b, size_t count)
{
    if (count > b->cap) {
        b->cap = count > 2 * b->cap ? count : 2 * b->cap;
        b->counts = mem_realloc(b->counts, b->cap * b->cells, sizeof(*b->counts));
    }
    memset(b->counts + b->count * b->cells, 0, (count - b->count) * b->cells * sizeof(*b->counts));
    b->count = count;
}

static size_t cell(const struct blocks *b, size_t block, uint32_t v, enum blocks_point point,
                   uint32_t place)
{
    return block * b->cells + ((size_t)(v - 1) * BLOCKS_POINTS + point) * b->places + place;
}

void blocks_count(struct blocks *b, enum blocks_point point, uint32_t v, uint32_t place,
                  int64_t block, int by)
{
    if (block < b->first)
        block = b->first; /* at an edge of the window the nearest block may lie outside */
    if (block - b->first >= BLOCKS_MAX)
        return;
    size_t ix = (size_t)(block - b->first);
    if (ix >= b->count)
        grow(b, ix + 1);
    b->counts[cell(b, ix, v, point, place)] += (uint32_t)by;
}

static uint64_t at(const struct blocks *b, size_t block, uint32_t v, enum blocks_point point,
                   uint32_t place)
{
    return b->counts[cell(b, block, v, point, place)];
}

/* What was sent from the C-interfaces, but for one (0: none). */
static uint64_t from_c(const struct blocks *b, size_t block, uint32_t v, enum blocks_point point,
                       uint32_t but)
{
    uint64_t sum = 0;
    for (uint32_t site = 1; site < b->places; site++)
        sum += site == but ? 0 : at(b, block, v, point, site);
    return sum;
}

/* The counters at both ends of a branch. */
static void ends(const struct blocks *b, enum blocks_branch branch, uint32_t i, size_t block,
                 uint32_t v, uint64_t *sent, uint64_t *received)
{
    const struct flow_table *t = b->table;
    uint64_t out = at(b, block, v, BLOCKS_ARRIVED, 0) + at(b, block, v, BLOCKS_DIED, 0);
    *sent = *received = 0;
    switch (branch) {
    case BRANCH_C_SOURCE:
        *sent = from_c(b, block, v, BLOCKS_DUE, 0);
        *received = from_c(b, block, v, BLOCKS_SENT, 0);
        break;
    case BRANCH_P_SOURCE:
        *sent = at(b, block, v, BLOCKS_DUE, 0);
        *received = at(b, block, v, BLOCKS_SENT, 0);
        break;
    case BRANCH_P_SIDE:
        *sent = t->mi_pmsi_slots == 0 ? 0 : from_c(b, block, v, BLOCKS_SENT, 0);
        *received = t->mi_pmsi_slots == 0 ? 0 : out;
        break;
    case BRANCH_REMOTE:
        *sent = t->mi_pmsi_slots == 0 ? 0 : out;
        *received = at(b, block, v, BLOCKS_ARRIVED, 0);
        break;
    case BRANCH_INTERFACE:
        *sent = from_c(b, block, v, BLOCKS_SENT, i) +
                (i <= t->receiver_c_ifs ? at(b, block, v, BLOCKS_SENT, 0) : 0);
        *received = at(b, block, v, BLOCKS_ARRIVED, i);
        break;
    }
}

void blocks_get(const struct blocks *b, enum blocks_branch branch, uint32_t interface,
                struct blocks_sum *sum, struct blocks_loss *out, size_t cap)
{
    *sum = (struct blocks_sum){0};
    for (size_t block = 0; block < b->count; block++) {
        for (uint32_t v = 1; v <= b->table->mvpns; v++) {
            uint64_t sent, received;
            ends(b, branch, interface, block, v, &sent, &received);
            sum->sent += sent;
            sum->received += received;
            if (received >= sent)
                continue;
            sum->lost += sent - received;
            if (sum->lossy++ < cap)
                out[sum->lossy - 1] =
                    (struct blocks_loss){v, b->first + (int64_t)block, sent, received};
        }
    }
}
