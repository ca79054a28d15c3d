/* What came back when, after a recovery action: a curve for the report (docs/side-files.md). */
#include "harness/run/recovery.h"

#include "emul/base/mem.h"
#include "harness/run/side_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BIN_NS (100 * NS_PER_MS)

void recovery_sample(struct recovery *r, int64_t since_tf, const struct neighbour_count *seen)
{
    struct regained *g = &r->regained;
    const struct dut_sample *last = g->sample_count == 0 ? NULL : &g->samples[g->sample_count - 1];
    if (since_tf < 0 || (last != NULL && last->seen.c_interface == seen->c_interface &&
                         last->seen.mi_pmsi == seen->mi_pmsi))
        return;
    g->samples = array_grow(g->samples, g->sample_count, &g->sample_cap, sizeof(*g->samples));
    g->samples[g->sample_count++] = (struct dut_sample){since_tf, *seen};
}

static struct regained_bin *bin_at(struct regained *g, int64_t since_tf)
{
    size_t ix = since_tf < 0 ? 0 : (size_t)(since_tf / BIN_NS);
    while (g->bin_count <= ix) {
        g->bins = array_grow(g->bins, g->bin_count, &g->bin_cap, sizeof(*g->bins));
        g->bins[g->bin_count++] = (struct regained_bin){0};
    }
    return &g->bins[ix];
}

static void came_back(void *arg, enum emul_regained what, struct instant at, uint32_t count)
{
    struct recovery *r = arg;
    bin_at(&r->regained, instant_diff(at, r->tf))->count[what] += count;
}

void recovery_regained_take(struct recovery *r)
{
    r->regained.bin_count = 0;
    emul_regained_each(r->p->emul, came_back, r);
}

void recovery_regained_fini(struct recovery *r)
{
    free(r->regained.bins);
    free(r->regained.samples);
}

/* A column of the DUT's own view while the rows are written. */
struct dut_column {
    int64_t low, want;
    size_t offset;  /* of the kind in struct neighbour_count */
    size_t counted; /* samples from here on are after it had fewest */
    size_t next;    /* sample that has not come yet */
    int64_t back;
};

static int64_t sample_of(const struct regained *g, const struct dut_column *c, size_t ix)
{
    int64_t seen;
    memcpy(&seen, (const char *)&g->samples[ix].seen + c->offset, sizeof(seen));
    return seen;
}

static struct dut_column column(const struct regained *g, int64_t low, int64_t want, size_t offset)
{
    struct dut_column c = {.low = low, .want = want, .offset = offset};
    for (size_t i = 0; i < g->sample_count; i++) {
        if (sample_of(g, &c, i) == low)
            c.counted = i;
    }
    return c;
}

/* advance takes in the samples up to the end of a bin; true: the column changed. */
static bool advance(const struct regained *g, struct dut_column *c, size_t bin)
{
    int64_t before = c->back;
    for (; c->next < g->sample_count && g->samples[c->next].since_tf / BIN_NS <= (int64_t)bin;
         c->next++) {
        int64_t seen = sample_of(g, c, c->next);
        if (c->next < c->counted || seen == METRIC_UNKNOWN)
            continue;
        seen = seen < c->want ? seen : c->want;
        c->back = seen > c->low ? seen - c->low : 0;
    }
    return c->back != before;
}

static void put_dut(FILE *f, const struct dut_column *c)
{
    if (c->low == METRIC_UNKNOWN)
        (void)fputc(',', f);
    else
        (void)fprintf(f, ",%" PRId64, c->back);
}

static void put_rows(struct recovery *r, FILE *f, size_t last)
{
    const struct regained *g = &r->regained;
    const struct instance_spec *s = &r->p->q->spec;
    struct dut_column mi = column(g, r->dut.low_mi, (int64_t)s->mvpns * s->remote_pes,
                                  offsetof(struct neighbour_count, mi_pmsi));
    struct dut_column ci = column(g, r->dut.low_c, (int64_t)s->mvpns * s->c_interfaces,
                                  offsetof(struct neighbour_count, c_interface));
    uint64_t sum[REGAINED_KINDS] = {0};
    for (size_t bin = 0; bin <= last; bin++) {
        bool changed = bin == 0 || bin == last;
        for (int i = 0; bin < g->bin_count && i < REGAINED_KINDS; i++) {
            sum[i] += g->bins[bin].count[i];
            changed = changed || g->bins[bin].count[i] > 0;
        }
        changed = advance(g, &mi, bin) || changed;
        changed = advance(g, &ci, bin) || changed;
        if (!changed)
            continue;
        (void)fprintf(f, "%zu.%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu64, bin / 10, bin % 10,
                      sum[REGAINED_INGRESS], sum[REGAINED_EGRESS], sum[REGAINED_MI_PMSI]);
        put_dut(f, &mi);
        (void)fprintf(f, ",%" PRIu64, sum[REGAINED_C_INTERFACE]);
        put_dut(f, &ci);
        (void)fputc('\n', f);
    }
}

int recovery_regained_write(struct recovery *r, struct err *err)
{
    const char *dir = r->p->w->dir;
    if (dir == NULL)
        return 0;
    (void)snprintf(r->regained.name, sizeof(r->regained.name), "regained-%s-%s-%u.csv", r->p->q->id,
                   stimulus_name(r->ops->id), r->repeat);
    FILE *f = side_file_open(dir, r->regained.name, err);
    if (f == NULL)
        return -1;
    int64_t until = instant_diff(r->until, r->tf);
    size_t last = until < 0 ? 0 : (size_t)(until / BIN_NS);
    if (r->regained.bin_count > last + 1)
        last = r->regained.bin_count - 1;
    (void)fprintf(f, "seconds_from_Tf,ingress_pairs,egress_pairs,mi_pmsi_apparatus,mi_pmsi_dut,"
                     "c_interface_apparatus,c_interface_dut\n");
    put_rows(r, f, last);
    return side_file_close(f, dir, r->regained.name, err);
}
