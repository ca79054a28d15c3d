#include "harness/history/fall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All points of one version. */
struct build {
    size_t first, last;
    double value, least, most, resolution;
    unsigned repeats;
    bool at_least, failed;
};

int history_tolerance_read(const char *text, struct history_tolerance *out, struct err *err)
{
    char *end;
    out->amount = strtod(text, &end);
    out->share = end != text && *end == '%';
    bool digits = text[0] == '.' || (text[0] >= '0' && text[0] <= '9');
    if (digits && isfinite(out->amount) && end[out->share] == '\0') {
        out->amount /= out->share ? 100 : 1;
        return 0;
    }
    err_set(err, ERR_USE,
            "--tolerance=%.60s: a share of the value (5%%) or an amount (0.5) must stand here",
            text);
    return -1;
}

/* Takes the points of one version from *at on. A bound among plain values is left out. */
static struct build next_build(const struct history_line *line, size_t *at)
{
    struct build b = {
        .first = *at, .value = NAN, .least = NAN, .most = NAN, .resolution = 0, .at_least = true};
    const char *version = line->points[*at].version;
    double sum = 0;
    for (; *at < line->count && strcmp(line->points[*at].version, version) == 0; ++*at) {
        const struct history_point *p = &line->points[*at];
        b.last = *at;
        b.failed |= p->failed;
        if (p->repeats == 0)
            continue;
        sum += p->value * p->repeats;
        b.repeats += p->repeats;
        b.least = fmin(b.least, p->least);
        b.most = fmax(b.most, p->most);
        b.resolution = fmax(b.resolution, p->resolution);
        b.at_least &= p->at_least;
    }
    b.value = b.repeats == 0 ? NAN : sum / b.repeats;
    b.at_least &= b.repeats > 0;
    return b;
}

static double spread(const struct build *b)
{
    return b->repeats == 0 ? 0 : b->most - b->least;
}

static double tolerance_of(const struct history_tolerance *t, const struct build *from,
                           const struct build *to)
{
    double given = t->share ? t->amount * fabs(from->value) : t->amount;
    given = isfinite(given) ? given : 0;
    double own = fmax(fmax(spread(from), spread(to)), fmax(from->resolution, to->resolution));
    return fmax(given, own);
}

/* Below its predecessor, but only a bound: nobody knows. */
static bool passed_over(const struct history_line *line, const struct build *from,
                        const struct build *to)
{
    bool gap = to->repeats == 0 && !to->failed;
    return gap || (to->at_least && line->better * (from->value - to->value) > 0);
}

bool history_fall(const struct history_line *line, const struct history_tolerance *t,
                  struct history_fall *out)
{
    struct build from = {0};
    bool have = false;
    for (size_t at = 0; at < line->count && line->better != 0;) {
        struct build to = next_build(line, &at);
        if (!have) {
            have = to.repeats > 0;
            from = to;
            continue;
        }
        if (passed_over(line, &from, &to))
            continue;
        double tolerance = tolerance_of(t, &from, &to);
        bool failed = to.failed && !from.failed;
        double worse = line->better * (from.value - to.value);
        /* Values from decimal texts: a last digit is no fall. */
        if (failed || worse > tolerance * (1 + 1e-9) + 1e-12) {
            *out = (struct history_fall){.from = from.last,
                                         .to = to.first,
                                         .before = from.value,
                                         .after = failed && to.repeats == 0 ? NAN : to.value,
                                         .tolerance = tolerance};
            return true;
        }
        if (to.repeats > 0)
            from = to;
    }
    return false;
}
