/*
 * A test case of the draft as typed data, loaded from testcases/<id>.yaml. The cases are data: the
 * harness knows no case by name except where one needs another's result. Mistakes in a file are
 * reported as FILE:LINE:COL. The schema is in testcases/README.md.
 */
#ifndef MVPN_CASE_CASE_H
#define MVPN_CASE_CASE_H

#include "harness/case/settings.h"

struct test_case;

/* case_load reads one file; case_find looks an id ("9.1") up among the shipped cases. */
struct test_case *case_load(const char *path, struct err *err);
struct test_case *case_find(const char *id, struct err *err);
void case_free(struct test_case *tc);

/* case_ids returns the ids of the shipped cases in the draft's order (static array of count). */
const char *const *case_ids(size_t *count);

const char *case_id(const struct test_case *tc);
const char *case_title(const struct test_case *tc);
const char *case_objective(const struct test_case *tc);
/* case_searched returns PARAM_COUNT for a case that only measures (case_kind). */
enum case_param case_searched(const struct test_case *tc);
/* case_variable_name: "Num_mVPN", "mroutes" ...; of a case that only measures: what it measures. */
const char *case_variable_name(const struct test_case *tc);
bool case_stimuli(const struct test_case *tc); /* failure stimuli apply */
enum mdt_mode case_mdt(const struct test_case *tc, const struct run_settings *s);

/* case_mdt_allowed tells whether the draft allows default MDTs of that mode in this case. */
bool case_mdt_allowed(const struct test_case *tc, enum mdt_mode mode);

/* case_spmsi tells whether any instance of the case has S-PMSIs under these settings. */
bool case_spmsi(const struct test_case *tc, const struct run_settings *s);

/* case_step tells whether step n (1...) of draft 7.1, or of 7.2 (failure), is part of the case. */
bool case_step(const struct test_case *tc, bool failure, unsigned n);

/* case_extra tells whether the case reports the additional item ("mipmsi_neighbor_recovery_all").
 */
bool case_extra(const struct test_case *tc, const char *item);

/* case_after returns the n-th case whose result this one takes, or NULL behind the last;
 * case_issue likewise the readings of the draft (PROTOCOLS 12) that the case follows ("D9");
 * case_reading says in a line what a reading is, NULL if there is none of that name. */
const char *case_after(const struct test_case *tc, size_t n);
const char *case_issue(const struct test_case *tc, size_t n);
const char *case_reading(const char *issue);

/* case_varies writes what the case fixes, sweeps and searches in one line. */
char *case_varies(const struct test_case *tc, char *buf, size_t cap);

/* case_sweeps tells whether p belongs to the outer sweep under these settings. */
bool case_sweeps(const struct test_case *tc, const struct run_settings *s, enum case_param p);

/* A case seeks a maximum, or measures something at given values (9.11, 9.12, 10.2). */
enum case_kind { CASE_SEARCH, CASE_MEASURE };
enum case_kind case_kind(const struct test_case *tc);

/* case_repetitions: how often a measurement is repeated in one instance (9.11: 20; else 1). */
unsigned case_repetitions(const struct test_case *tc);

/* case_own_step returns the n-th (from 0) step of a procedure of the case's own, as the draft has
 * it (9.13, 10.2), or NULL behind the last: text for the report. */
const char *case_own_step(const struct test_case *tc, size_t n);

/* case_c_rp_on_dut: the C-RPs are on the DUT, by the case (9.13) or by c_rp.location. */
bool case_c_rp_on_dut(const struct test_case *tc, const struct run_settings *s);

/* All parameters of one instance as numbers. */
struct case_values {
    double v[PARAM_COUNT];
};

/* case_note_fn is called for each deviation of procedure ("fixed 100 mVPNs became 61: ..."). */
typedef void case_note_fn(void *arg, const char *text);

/*
 * What other cases found, asked by the point of their sweep; where values that are NAN match any.
 * The run answers from its own result, from --from, in this order.
 */
struct case_where {
    double n, ingress_share, sources;
    enum mdt_mode mdt; /* meant only for cases that sweep it */
};

enum case_answer {
    KNOWN_NOT,     /* that case was not run, or not at this point */
    KNOWN_NOTHING, /* it was, and nothing passed */
    KNOWN_VALUE
};

struct case_known {
    /* searched: the steady maximum (searched parameter) of case id at a point. */
    enum case_answer (*searched)(void *arg, const char *id, const struct case_where *where,
                                 double *value);
    /* largest_n: the largest N of the case's sweep at which something passed (Vmax of 9.3). */
    enum case_answer (*largest_n)(void *arg, const char *id, double *n);
    /* suppresses: 10.2's answer: 1 the DUT suppresses Joins, 0 it does not, -1 not known. */
    int (*suppresses)(void *arg);
    void *arg;
};

/* What a case's instances depend on beside its file. */
struct case_context {
    const struct run_settings *settings;
    const struct case_known *known; /* NULL: nothing is known */
    bool mdt_offered[MDT_BIDIR + 1];
    unsigned spmsi;     /* enum dut_spmsi */
    case_note_fn *note; /* or NULL */
    void *note_arg;
};

/* case_context_default: a DUT that offers everything, nothing known, no notes. */
void case_context_default(struct case_context *c, const struct run_settings *s);

/* One point of the outer sweep: values of everything but the searched parameter. */
struct case_point {
    struct case_values values;
    bool swept[PARAM_COUNT]; /* stands in "where" */
    enum mdt_mode mdt;
    bool mdt_swept; /* where.mi_pmsi */
};

#define CASE_WHY_MAX 256

/*
 * case_points lists the outer sweep, the default-MDT variants outermost, then N, ingress_share,
 * sources, in the order of the YAML and after overrides; a case of CASE_MEASURE has one point for
 * each value to measure at. Returns false with why when the case must be omitted: it does not apply
 * to the DUT, or a result that it needs is not known (why names it and how to give it). The caller
 * frees *out.
 */
bool case_points(const struct test_case *tc, const struct case_context *c, struct case_point **out,
                 size_t *count, char why[CASE_WHY_MAX]);

struct search_bounds {
    uint64_t min, max, start, resolution, instances;
    double growth;
};

/* case_bounds gives the bounds of the searched parameter (B.5) at a point. -1 with *err: min > max
 * ... */
int case_bounds(const struct test_case *tc, const struct case_context *c,
                const struct case_point *p, struct search_bounds *out, struct err *err);

/* One value to try. vpns: mVPNs over which a total of S-PMSIs is spread (9.5, 9.6); 0: does not
 * matter, or all. */
struct case_try {
    uint64_t value;
    uint32_t vpns;
};

/*
 * case_grid lists the draft's coarse grid of a point in its order (9.4: d = 2, 4, ... c; 9.5, 9.6:
 * U*Dvpn); *count 0: the case has none. The grid is tried in that order up to the first fail, then
 * bisected. The caller frees *out.
 */
void case_grid(const struct test_case *tc, const struct case_context *c, const struct case_point *p,
               struct case_try **out, size_t *count);

/*
 * case_instance fills in the numbers of one instance (addressing, trunk, mtu and seed are the
 * caller's). values gets every parameter. -1 with *err (ERR_USE) when values are impossible.
 */
int case_instance(const struct test_case *tc, const struct case_context *c,
                  const struct case_point *p, const struct case_try *t, struct instance_spec *spec,
                  struct case_values *values, struct err *err);

/* case_variable evaluates the draft's quantity (e.g. N*g*(1+s)) for the values. */
int64_t case_variable(const struct test_case *tc, const struct case_values *values);

/*
 * case_relations checks the draft's metric relationships against a measured metric (unknown values
 * make a relation unverifiable, which is no violation); calls broken for each that does not hold,
 * with a text that names relation and numbers, and "overridden" where a parameter was overridden.
 */
void case_relations(const struct test_case *tc, const struct run_settings *s,
                    const struct case_values *values, const struct mvpn_metric *measured,
                    case_note_fn *broken, void *arg);

/* What relations can be checked against; NULL where it was not measured. */
struct case_measure {
    const struct mvpn_metric *metric;
    const struct neighbour_count *neighbours; /* C side and MI-PMSI apart (PROTOCOLS 12 A2) */
    const struct p_metric *p;
};

/* case_relations_measured is case_relations with everything that was measured. */
void case_relations_measured(const struct test_case *tc, const struct run_settings *s,
                             const struct case_values *values, const struct case_measure *m,
                             case_note_fn *broken, void *arg);

/*
 * case_relations_at_end is the same for the relations that hold at the end of the sweep only
 * (`at_end` in the YAML; the two above leave them out): for the instance of the steady maximum.
 */
void case_relations_at_end(const struct test_case *tc, const struct run_settings *s,
                           const struct case_values *values, const struct case_measure *m,
                           case_note_fn *broken, void *arg);

#endif
