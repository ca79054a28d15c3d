/*
 * The scale of one axis of a picture: which values it spans, where its ticks are, how they are
 * labelled, and where a value lies between 0 and 1.
 */
#ifndef MVPN_REPORTS_SVG_SCALE_H
#define MVPN_REPORTS_SVG_SCALE_H

#include <stdbool.h>
#include <stddef.h>

/* What an axis has to show; range_init, then range_add for every value. */
struct value_range {
    double least, greatest; /* of the values that count */
    size_t count;
    bool whole; /* all are integers */
    bool logarithmic;
};

void range_init(struct value_range *r, bool logarithmic);
/* range_counts: finite, and above 0 on a logarithmic axis: what cannot be drawn is left out. */
bool range_counts(const struct value_range *r, double v);
void range_add(struct value_range *r, double v);

#define SCALE_TICKS_MAX 24u
#define TICK_TEXT_MAX   24u

struct scale {
    double from, to; /* from < to */
    bool logarithmic;
    double ticks[SCALE_TICKS_MAX];
    char labels[SCALE_TICKS_MAX][TICK_TEXT_MAX];
    size_t tick_count;
};

/* scale_init makes the scale for r with about tick_target ticks. rounded: it begins and ends at a
 * tick, and at 0 where no value is below; otherwise it ends where the values do. */
void scale_init(struct scale *s, const struct value_range *r, bool rounded, unsigned tick_target);

/* scale_at returns where v lies: 0 at from, 1 at to, never outside. */
double scale_at(const struct scale *s, double v);

/* scale_clamp keeps numbers apart from what double cannot subtract. */
double scale_clamp(double v);

/* number_print writes v with that many decimals, without "-0"; exponents where plain digits would
 * not be read. */
void number_print(char *buf, size_t cap, double v, unsigned decimals);

/* number_short writes v with up to four digits that count, as a sentence has it. */
void number_short(char *buf, size_t cap, double v);

#endif
