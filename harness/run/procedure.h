/*
 * What the two halves of the procedure share: the context of one instance under way. instance.c has
 * draft 7.1 (steady state), recovery.c has 7.2.
 */
#ifndef MVPN_RUN_PROCEDURE_H
#define MVPN_RUN_PROCEDURE_H

#include "harness/run/instance.h"
#include "mvpnbench/emul_signal.h"

struct procedure {
    struct world *w;
    const struct instance_request *q;
    struct instance_outcome *out;
    struct emul *emul;
    struct dut_ports ports;
    struct instant begin;   /* of the instance */
    struct instant traffic; /* step 5 */
    struct mvpn_metric expected;
    struct p_metric expected_p;
    struct dut_view *steady; /* view at the end of the steady window */
    struct emul_failure *failures;
    size_t failure_count, failure_cap;
    struct emul_signal signal[2]; /* when the window of step 7 opened and closed */
    bool failed_before_window;
    bool sending;   /* the sources were started */
    bool observing; /* a window is open */
};

/* seconds_ns turns a setting in seconds into nanoseconds. */
static inline int64_t seconds_ns(double s)
{
    return (int64_t)(s * 1e9);
}

/* procedure_window_ns is how long the window of step 7 is; noted when it had to be lengthened. */
int64_t procedure_window_ns(struct procedure *p);

/*
 * procedure_neighbours asks the DUT for its neighbours: 1 all expected are there (or the DUT cannot
 * tell), 0 some are missing, -1 with *err.
 */
int procedure_neighbours(struct procedure *p, struct neighbour_count *seen, struct err *err);

/* procedure_observe opens a window of step 7, closes it and reads both views: -1 with *err. */
int procedure_observe(struct procedure *p, struct emul_window *window, struct dut_view *view,
                      struct err *err);

/* procedure_wait lets the run go on; -1 with *err when it is interrupted. procedure_poll_ns is how
 * often one looks for something. */
int procedure_wait(struct procedure *p, int64_t ns, struct err *err);
int64_t procedure_poll_ns(const struct procedure *p);

/*
 * The steps of draft 7.1 from 4 on, for cases that have an order of their own. procedure_join is
 * step 4, procedure_traffic steps 5 and 6 (sources that send already go on): 1 done, 0 not within
 * the limit, -1 with *err. procedure_settle is the wait of step 7, procedure_conclude its window
 * and the verdict. procedure_fail_early ends an instance before step 7: 0, or -1 with *err.
 */
int procedure_join(struct procedure *p, struct err *err);
int procedure_traffic(struct procedure *p, struct err *err);
int procedure_settle(struct procedure *p, struct err *err);
int procedure_conclude(struct procedure *p, struct err *err);
int procedure_fail_early(struct procedure *p, const char *step, enum bound bound, struct err *err);

/* procedure_fail notes one failure that is not the analyser's. */
void procedure_fail(struct procedure *p, const struct emul_failure *f);

/* procedure_collect appends what the emulated network finds failing now; returns how many. */
size_t procedure_collect(struct procedure *p);

/*
 * procedure_judge compares both views with what is expected and appends failures: metric below,
 * neighbours missing, CPU or memory at 99.5 % (DESIGN A.5).
 */
void procedure_judge(struct procedure *p, const struct dut_view *view);

/* procedure_apparatus_late tells, with a reason, whether the apparatus was late, dropped or saw the
 * clock step since procedure_health_reset. */
bool procedure_apparatus_late(struct procedure *p, char *reason, size_t cap);
void procedure_health_reset(struct procedure *p);

/* procedure_interrupted fills *err when the run was interrupted. */
bool procedure_interrupted(struct procedure *p, struct err *err);

/* recovery_run does draft 7.2 steps 2-6 for one stimulus once; -1 with *err. */
int recovery_run(struct procedure *p, enum stimulus s, unsigned repeat,
                 struct recovery_outcome *outcome, struct err *err);

#endif
