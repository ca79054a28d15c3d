/* Data packets per 100 ms and port. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define BIN_NS (100 * NS_PER_MS)

void lab_series_fini(struct lab_series *s)
{
    for (unsigned i = 0; i < SERIES_LINES; i++)
        free(s->line[i]);
    *s = (struct lab_series){0};
}

static void grow_to(struct lab_series *s, size_t bins)
{
    if (bins > s->cap) {
        size_t cap = bins > s->cap * 2 ? bins + 64 : s->cap * 2;
        for (unsigned i = 0; i < SERIES_LINES; i++) {
            s->line[i] = mem_realloc(s->line[i], cap, sizeof(uint32_t));
            memset(s->line[i] + s->cap, 0, (cap - s->cap) * sizeof(uint32_t));
        }
        s->cap = cap;
    }
    s->bins = bins;
}

void lab_series_note(struct emul *e, enum series_line line, struct instant at)
{
    struct lab_series *s = &e->series;
    int64_t since_ns = instant_diff(at, s->start);
    if (!s->running || since_ns < 0)
        return;
    size_t bin = (size_t)(since_ns / BIN_NS);
    if (bin >= s->bins)
        grow_to(s, bin + 1);
    s->line[line][bin]++;
}

void emul_series_start(struct emul *e)
{
    lab_series_fini(&e->series);
    e->series.running = true;
    e->series.start = net_now(&e->net);
    grow_to(&e->series, 1);
}

void emul_series_get(const struct emul *e, struct emul_series *out)
{
    const struct lab_series *s = &e->series;
    *out = (struct emul_series){
        .start = s->start,
        .bins = s->bins,
        .a1_tx = s->line[SERIES_A1_TX],
        .a1_rx = s->line[SERIES_A1_RX],
        .a3_tx = s->line[SERIES_A3_TX],
        .a3_rx = s->line[SERIES_A3_RX],
    };
}
