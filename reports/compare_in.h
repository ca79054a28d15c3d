/*
 * The parts of a comparison, private to this room: who stands beside whom (match), on what grounds
 * two values may not be compared (ground), how far apart they may lie (tolerance), and the rows.
 */
#ifndef MVPN_REPORTS_COMPARE_IN_H
#define MVPN_REPORTS_COMPARE_IN_H

#include "reports/compare.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a difference between two runs makes incomparable. */
enum compare_affects {
    ON_STEADY = 1,   /* maxima in the steady state */
    ON_STIMULUS = 2, /* maxima under a stimulus */
    ON_TIMES = 4,    /* recovery times */
    ON_HELD_OUT = 8, /* both of them, of stimuli that hold something out for a while */
    ON_LATENCY = 16,
    ON_UTILISATION = 32,
    ON_MEASURED = 64, /* what 9.11, 9.12, 9.13 and 10.2 measure */
    ON_NOTHING = 0,   /* it informs */
    ON_ALL = 127,
};

struct compare {
    const struct compare_run *runs;
    size_t count;
    const struct compare_tolerances *tolerances;
    json_t *rows;
    json_t *deviations; /* those that not all runs have */
};

/* compare_case returns that case of a result, or NULL. */
const json_t *compare_case(const json_t *result, const char *id);

/* ---- match ---- */

/* A case's maxima by stimulus and place, its instances by name and by place: results of thousands
 * of each are compared place by place. */
struct compare_index {
    const json_t *one_case; /* borrowed; NULL: the run has none */
    json_t *entries, *instances, *places, *moved;
    json_t *keys; /* of "where" */
};

void compare_index_init(struct compare_index *x, const json_t *one_case);
void compare_index_fini(struct compare_index *x);

/* One run's part in a comparison; whatever it does not have is NULL. */
struct compare_side {
    const struct compare_index *index;
    const json_t *entry;    /* of "maximum" */
    const json_t *instance; /* at the maximum, or another of that place */
};

/* compare_same tells whether two scalars are equal, numbers by value; NULL equals null. */
bool compare_same(const json_t *a, const json_t *b);

/* compare_number reads key of an object; NAN where it is no number. */
double compare_number(const json_t *object, const char *key);

/* compare_entry finds the maximum of that stimulus and place. */
const json_t *compare_entry(const struct compare_index *x, const char *stimulus,
                            const json_t *where);

/* compare_instance returns the instance of a maximum; where nothing passed another of its place. */
const json_t *compare_instance(const struct compare_index *x, const json_t *entry);

/* compare_at tells whether an instance lies at that place of the outer sweep. */
bool compare_at(const json_t *instance, const json_t *where);

/* compare_searched returns the parameter by which an instance is ordered in the search for a
 * maximum, by the name that "searched" has for it; NAN if it is not there. */
double compare_searched(const json_t *instance, const char *symbol);

/* compare_varying returns the set of those keys of "parameters" or "expected" that differ among the
 * instances of a place: what the search itself moves. Borrowed from the index; NULL: none. */
const json_t *compare_varying(const struct compare_index *x, const json_t *where,
                              const char *object);

/*
 * compare_common finds two instances with equal parameters, one of each side, that passed (and
 * recovered from the stimulus, if it is not NULL): those of the maxima if they are equal, otherwise
 * the largest searched value that both have. False if there are none.
 */
bool compare_common(const struct compare_side *a, const struct compare_side *b, const json_t *where,
                    const char *stimulus, const json_t *found[2]);

/* ---- ground ---- */

/* Grounds are arrays of [affects, text]. compare_ground adds one. */
void compare_ground(json_t *grounds, unsigned affects, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* compare_grounds_case returns what differs between run k's and the base's whole case. */
json_t *compare_grounds_case(const struct compare *c, size_t k, const json_t *base,
                             const json_t *other);

/* compare_grounds_place adds what differs at one place of the outer sweep: parameters, metric. */
void compare_grounds_place(json_t *grounds, size_t k, const json_t *where,
                           const struct compare_side *base, const struct compare_side *other);

/* compare_same_load tells whether both cases are run at the same share of the idle throughput:
 * their rates then differ by the draft's own rule (6.5). */
bool compare_same_load(const json_t *base, const json_t *other);

/* compare_reasons returns the texts of those grounds that affect something of affects. */
json_t *compare_reasons(const json_t *grounds, unsigned affects);

/* compare_hold_out adds to reasons why recoveries from a stimulus at two instances differ by what
 * had expired meanwhile (DESIGN A.5: state-not-expired). */
void compare_hold_out(json_t *reasons, size_t k, const char *stimulus, const json_t *base,
                      const json_t *other);

/* compare_deviations lists the deviations that not all runs of a case have, with what they
 * forbid, and adds to grounds[k] (of later runs, NULL for one without the case) what follows. */
void compare_deviations(struct compare *c, const char *case_id, json_t *const *grounds);

/* ---- tolerance ---- */

struct compare_tolerance {
    double v;
    char why[240];
};

/* tolerance_raise lifts t to v, for a reason; a smaller v leaves it. */
void tolerance_raise(struct compare_tolerance *t, double v, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* tolerance_asked raises t to what --tolerance says of a quantity whose base value is v: by its
 * name, else its family's, else the one of all. */
void tolerance_asked(struct compare_tolerance *t, const struct compare_tolerances *asked,
                     const char *name, const char *family, double v);

/* tolerance_unknown returns the first name that is none of a quantity or of a case's variable in
 * the runs; NULL if there is none. compare_quantity_names lists the names that always exist. */
const char *tolerance_unknown(const struct compare *c);
extern const char *const compare_quantity_names[];
extern const size_t compare_quantity_name_count;

/* ---- row ---- */

struct compare_quantity {
    const char *name;
    const char *family; /* "maximum", "times", "latency", "cpu", "memory", or the name */
    const char *unit;   /* NULL: a count */
    bool more_is_better;
    bool is_time; /* seconds, in the tree as times */
    unsigned affects;
};

/* One run's value: v is what is shown, NAN if there is none; the truth lies within lo ... hi. */
struct compare_value {
    double v, lo, hi;
    bool real;       /* printed with decimals */
    json_t *detail;  /* what else is known of it (owned), or NULL */
    char note[240];  /* why there is none, or what bounds it */
    const char *end; /* two values of equal v and end (not NULL) are the same */
};

/* compare_none is a value that does not exist, compare_exact one that is known. */
struct compare_value compare_none(void);
struct compare_value compare_exact(double v);

/* A row before it is judged. Per run: whether the row is about it, its value, what forbids to
 * compare it (array of texts, owned, NULL: nothing), and the tolerance. */
struct compare_row {
    const char *case_id, *stimulus;
    const json_t *where, *at; /* at: parameters of the instances compared, or NULL */
    const struct compare_quantity *q;
    bool takes[COMPARE_RUNS_MAX];
    struct compare_value values[COMPARE_RUNS_MAX];
    json_t *forbids[COMPARE_RUNS_MAX];
    struct compare_tolerance tolerance[COMPARE_RUNS_MAX];
};

/* compare_row_end judges a row, adds it to the comparison and frees what it holds. A row in which
 * no run has a value is left out. */
void compare_row_end(struct compare *c, struct compare_row *row);

/* ---- what is compared ---- */

/* One place of a case's outer sweep under one stimulus. */
struct compare_place {
    const char *case_id, *stimulus;
    const json_t *where;
    struct compare_side sides[COMPARE_RUNS_MAX];
    json_t *grounds[COMPARE_RUNS_MAX]; /* of later runs that have the place */
};

void compare_maximum(struct compare *c, const struct compare_place *p);
void compare_times(struct compare *c, const struct compare_place *p);
void compare_costs(struct compare *c, const struct compare_place *p);
/* indexes: of all runs */
void compare_measured(struct compare *c, const char *case_id, json_t *const *case_grounds,
                      const struct compare_index *indexes);

/* Points at which a later run meets the base: the places of instances that both have. Runs that
 * meet it at the same instance share a point. */
struct compare_point {
    bool takes[COMPARE_RUNS_MAX];
    const json_t *instance[COMPARE_RUNS_MAX];
    json_t *forbids[COMPARE_RUNS_MAX]; /* texts; owned */
};

/* compare_points fills points (as many as runs) and returns how many there are. A run that meets
 * the base nowhere has its own point, with the reason. stimulus as in compare_common. */
size_t compare_points(const struct compare *c, const struct compare_place *p, const char *stimulus,
                      struct compare_point points[COMPARE_RUNS_MAX]);

/* compare_at_object returns an object of what was searched in an instance: {"N": 58}. */
json_t *compare_at_object(const json_t *instance, const json_t *entry);

#endif
