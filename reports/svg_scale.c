#include "reports/svg_scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Beyond these, differences or parts of two numbers are none any more. */
#define LARGEST  1e300
#define SMALLEST 1e-200

double scale_clamp(double v)
{
    if (fabs(v) < SMALLEST)
        return 0;
    return v > LARGEST ? LARGEST : v < -LARGEST ? -LARGEST : v;
}

void range_init(struct value_range *r, bool logarithmic)
{
    *r = (struct value_range){.whole = true, .logarithmic = logarithmic};
}

bool range_counts(const struct value_range *r, double v)
{
    return isfinite(v) && (!r->logarithmic || v >= SMALLEST);
}

void range_add(struct value_range *r, double v)
{
    if (!range_counts(r, v))
        return;
    v = scale_clamp(v);
    r->least = r->count == 0 || v < r->least ? v : r->least;
    r->greatest = r->count == 0 || v > r->greatest ? v : r->greatest;
    r->whole = r->whole && v == floor(v);
    r->count++;
}

/* ---- numbers --------------------------------------------------------------------------------- */

void number_print(char *buf, size_t cap, double v, unsigned decimals)
{
    if (v != 0 && (fabs(v) >= 1e15 || fabs(v) < 1e-9))
        (void)snprintf(buf, cap, "%.3g", v);
    else
        (void)snprintf(buf, cap, "%.*f", (int)decimals, v);
    if (buf[0] == '-' && strspn(buf + 1, "0.") == strlen(buf + 1))
        memmove(buf, buf + 1, strlen(buf));
}

void number_short(char *buf, size_t cap, double v)
{
    if (fabs(v) < 1e15 && v == floor(v))
        number_print(buf, cap, v, 0);
    else
        (void)snprintf(buf, cap, "%.4g", v);
}

/* "1e+06" is "1e6", "2e-09" is "2e-9". */
static void exponent_short(char *text)
{
    char *e = strchr(text, 'e');
    if (e == NULL)
        return;
    char *digits = e + 1 + (e[1] == '-');
    size_t skip = strspn(digits, "+0");
    memmove(digits, digits + skip, strlen(digits + skip) + 1);
}

/* ---- linear ---------------------------------------------------------------------------------- */

/* The next of 1, 2, 5 times a power of ten that is not below raw. */
static double nice_step(double raw)
{
    double power = pow(10, floor(log10(raw))), part = raw / power;
    const double slack = 1 + 1e-9;
    return power * (part <= slack ? 1 : part <= 2 * slack ? 2 : part <= 5 * slack ? 5 : 10);
}

/* The greatest power of 1000 that the largest label holds, and its letter. */
static double thousands(double greatest, const char **suffix)
{
    static const char *const letters[] = {"", "k", "M", "G", "T"};
    double unit = 1;
    size_t i = 0;
    *suffix = letters[0];
    if (greatest < 10000 || greatest >= 1e15)
        return unit;
    for (; greatest / unit >= 1000 && i + 1 < sizeof(letters) / sizeof(letters[0]); i++)
        unit *= 1000;
    *suffix = letters[i];
    return unit;
}

static void label(char *text, double v, double step, double unit, const char *suffix)
{
    double exponent = floor(log10(step / unit) + 1e-9);
    char number[TICK_TEXT_MAX - 1];
    if (fabs(v) < step / 1e6)
        v = 0;
    if (exponent < -4 || fabs(v) >= 1e15)
        (void)snprintf(number, sizeof(number), "%.4g", v / unit);
    else
        number_print(number, sizeof(number), v / unit,
                     exponent < 0 && v != 0 ? (unsigned)-exponent : 0);
    exponent_short(number);
    (void)snprintf(text, TICK_TEXT_MAX, "%s%s", number, v == 0 ? "" : suffix);
}

static void linear_ticks(struct scale *s, double step)
{
    const char *suffix;
    double unit = thousands(fmax(fabs(s->from), fabs(s->to)), &suffix);
    double first = ceil(s->from / step - 1e-6);
    for (s->tick_count = 0; s->tick_count < SCALE_TICKS_MAX; s->tick_count++) {
        double v = (first + (double)s->tick_count) * step;
        if (v > s->to + step * 1e-6)
            break;
        s->ticks[s->tick_count] = v;
        label(s->labels[s->tick_count], v, step, unit, suffix);
    }
}

/* A range of one value, or of values that differ by rounding alone, is widened. */
static void widen(struct scale *s, const struct value_range *r)
{
    double size = fmax(fabs(s->from), fabs(s->to));
    if (s->to - s->from > size * 1e-9)
        return;
    double by = size == 0 ? 1 : r->whole && size < 1e6 ? 1 : size / 10;
    s->from -= by;
    s->to += by;
}

static void linear(struct scale *s, const struct value_range *r, bool rounded, unsigned target)
{
    s->from = r->count == 0 ? 0 : r->least;
    s->to = r->count == 0 ? 1 : r->greatest;
    if (rounded && s->from >= 0)
        s->from = 0;
    if (rounded && s->to <= 0 && s->from < 0)
        s->to = 0;
    if (rounded && s->from == 0 && s->to == 0)
        s->to = 1;
    widen(s, r);
    double step = nice_step((s->to - s->from) / (target == 0 ? 1 : target));
    if (r->whole && step < 1)
        step = 1;
    if (rounded) {
        s->from = floor(s->from / step + 1e-6) * step;
        s->to = ceil(s->to / step - 1e-6) * step;
    }
    linear_ticks(s, step);
}

/* ---- logarithmic ----------------------------------------------------------------------------- */

static void decade_label(char *text, double v)
{
    const char *suffix;
    double unit = thousands(v, &suffix), exponent = floor(log10(v / unit) + 1e-9);
    if (v >= 1e15 || v < 1e-4)
        (void)snprintf(text, TICK_TEXT_MAX, "%.3g", v);
    else
        label(text, v, pow(10, exponent) * unit, unit, suffix);
    exponent_short(text);
}

static void tick_add(struct scale *s, double v)
{
    const double slack = 1 + 1e-9;
    if (v < s->from / slack || v > s->to * slack || s->tick_count == SCALE_TICKS_MAX)
        return;
    s->ticks[s->tick_count] = v;
    decade_label(s->labels[s->tick_count], v);
    s->tick_count++;
}

/* Decades; 1-2-5 within them where there are few, only some of them where there are many. */
static void decades(struct scale *s, unsigned target)
{
    double first = floor(log10(s->from) + 1e-9), last = ceil(log10(s->to) - 1e-9);
    double count = last - first;
    double every = ceil(count / (target == 0 ? 1 : target));
    s->tick_count = 0;
    for (double e = first; e <= last; e += fmax(every, 1)) {
        tick_add(s, pow(10, e));
        if (count * 3 <= 1.5 * target) {
            tick_add(s, 2 * pow(10, e));
            tick_add(s, 5 * pow(10, e));
        }
    }
}

static void logarithmic(struct scale *s, const struct value_range *r, bool rounded, unsigned target)
{
    s->from = r->least;
    s->to = r->greatest;
    if (rounded) {
        s->from = pow(10, floor(log10(s->from) + 1e-9));
        s->to = pow(10, ceil(log10(s->to) - 1e-9));
    }
    if (s->to < s->from * 1.01) {
        s->from /= rounded ? 10 : 2;
        s->to *= rounded ? 10 : 2;
    }
    decades(s, target);
}

/* ---- both ------------------------------------------------------------------------------------ */

void scale_init(struct scale *s, const struct value_range *r, bool rounded, unsigned tick_target)
{
    *s = (struct scale){.logarithmic = r->logarithmic && r->count > 0};
    if (s->logarithmic)
        logarithmic(s, r, rounded, tick_target);
    else
        linear(s, r, rounded, tick_target);
}

double scale_at(const struct scale *s, double v)
{
    double at;
    v = scale_clamp(v);
    if (s->logarithmic)
        at = v <= 0 ? 0 : (log10(v) - log10(s->from)) / (log10(s->to) - log10(s->from));
    else
        at = (v - s->from) / (s->to - s->from);
    return at >= 1 ? 1 : at > 0 ? at : 0;
}
