/*
 * The insides of one recovery (draft 7.2), shared by its three files: recovery.c goes through the
 * steps, recovery_judge.c has the verdict, recovery_record.c what the result says of it.
 */
#ifndef MVPN_RUN_RECOVERY_H
#define MVPN_RUN_RECOVERY_H

#include "harness/run/procedure.h"
#include "harness/stimulus/stimulus.h"

/* The graph of draft 8.2 begins this long before the failure action. */
#define SERIES_BEFORE_NS (60 * NS_PER_S)

/* Neighbours as the DUT sees them coming back, in ns from Tf; -1: not seen. */
struct dut_neighbours {
    int64_t low_c, low_mi; /* fewest seen since the begin; METRIC_UNKNOWN: cannot tell */
    int64_t first_c, all_c, first_mi, all_mi;
};

/* What the DUT said of its neighbours, from Tf on; only changes are kept. */
struct dut_sample {
    int64_t since_tf;
    struct neighbour_count seen;
};

/* What came back within 100 ms, by kind. */
struct regained_bin {
    uint64_t count[REGAINED_KINDS];
};

struct regained {
    struct dut_sample *samples;
    size_t sample_count, sample_cap;
    struct regained_bin *bins; /* from Tf on */
    size_t bin_count, bin_cap;
    char name[96]; /* of the file; "": there is none */
};

struct recovery {
    struct procedure *p;
    const struct stimulus_ops *ops;
    enum stimulus_way way;
    unsigned repeat;
    struct instant begin, tf;
    struct mvpn_metric before; /* as the apparatus saw it in the steady state */
    struct emul_recovery seen;
    struct dut_neighbours dut;
    struct regained regained;
    struct instant until; /* when steps 3 to 5 ended */
    struct dut_view *after;
    struct mvpn_metric after_apparatus;
    bool settled;  /* steps 3 to 5 came to their end */
    bool observed; /* step 6: window, after and after_apparatus are filled in */
    struct emul_window window;
    uint64_t flowing;      /* pairs, at the end of step 6 */
    char waiting_for[160]; /* not settled: for what */
    char series[96];
    char reason[256];
};

/* recovery_step tells whether step n of draft 7.2 is part of the case. */
bool recovery_step(const struct recovery *r, unsigned n);

/* recovery_traffic tells whether C-packets are to recover: there are flows, and steps for them. */
bool recovery_traffic(const struct recovery *r);

/* recovery_judge gives the verdict (DESIGN A.5), with r->reason and the procedure's failures. */
enum verdict recovery_judge(struct recovery *r);

/* recovery_record returns the object of DESIGN B.3; recovery_notes says why what is null is so. */
json_t *recovery_record(const struct recovery *r, enum verdict verdict);
void recovery_notes(const struct recovery *r);

/*
 * The curve of what came back (recovery_regained.c). recovery_sample notes what the DUT says of its
 * neighbours, recovery_regained_take what emul_recovery_get has just found; both together are
 * written by recovery_regained_write: 0, or -1 with *err.
 */
void recovery_sample(struct recovery *r, int64_t since_tf, const struct neighbour_count *seen);
void recovery_regained_take(struct recovery *r);
int recovery_regained_write(struct recovery *r, struct err *err);
void recovery_regained_fini(struct recovery *r);

/* recovery_series writes the graph of draft 8.2 as a table; -1 with *err. */
int recovery_series(struct recovery *r, struct err *err);

#endif
