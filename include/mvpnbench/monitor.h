/*
 * The door to the operator's side (DESIGN B.8): each function does one command and gives its result
 * as a tree of JSON values in B.8's shape (a new reference); the command prints it as JSON or, by
 * monitor_print, as tables. Files of users are YAML; complaints name FILE:LINE:COL. Live ones run
 * on the real clock until they are done or *stop is set (then with what there is). Calls return 0,
 * or -1 with *err.
 */
#ifndef MVPNBENCH_MONITOR_H
#define MVPNBENCH_MONITOR_H

#include "emul/base/err.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One-way loss (MINC) simulated: the estimates of the first run, and over all of them the mean
 * relative error and how often the interval held the truth. */
struct oneway_simulation {
    char config;    /* 'A', 'B', 'C' */
    double loss[3]; /* of the links, in the order of DESIGN B.8 */
    double burst;   /* mean length of a loss burst; 1: independent losses */
    uint64_t pps, seconds, repeat, seed;
    uint64_t aggregate; /* probes an interval; 0: individual probes (B: the default) */
};
int oneway_simulate(const struct oneway_simulation *s, json_t **out, struct err *err);

/* One-way loss from captures: what was sent, and what each leaf received. */
struct oneway_captures {
    const char *root;
    size_t leaf_count;
    const char *const *leaf_names, *const *leaf_files;
    const char *tree;  /* notation of monitor/minc/tree.h; NULL: all leaves below one branch */
    double interval_s; /* the aggregate estimator (two leaves); 0: individual probes */
};
int oneway_captures(const struct oneway_captures *c, json_t **out, struct err *err);

/* monitor_step_fn is told now and then what goes on, one line for people; NULL: nobody is. */
typedef void monitor_step_fn(const char *text);

/* One-way loss live, configuration A, B or C by the file. */
int oneway_live(char config, const char *file, volatile sig_atomic_t *stop, monitor_step_fn *step,
                json_t **out, struct err *err);

/* The reflector of configuration C; count_only: it only counts (A's M2) and gives its counts. */
int oneway_reflect(const char *file, bool count_only, volatile sig_atomic_t *stop, json_t **out,
                   struct err *err);

/* Alternate marking (RFC 9341): from captures, interfaces and routers' counters by the file. */
int marking_run(const char *file, volatile sig_atomic_t *stop, monitor_step_fn *step, json_t **out,
                struct err *err);

/*
 * The MVPN monitor (VMScope) is an object on a loop of the real clock that its owner runs.
 * monitor_open reads the file, opens the tunnels and begins. Ending takes a while: monitor_finish
 * stops the probes; those under way are waited for, then groups are left, then monitor_done. NULL
 * or -1 with *err.
 */
struct loop;
struct monitor;
struct monitor *monitor_open(struct loop *loop, const char *file, struct err *err);
void monitor_finish(struct monitor *m);
bool monitor_done(const struct monitor *m);
void monitor_close(struct monitor *m);

/* monitor_result gives the matrix as it stands (no more than so many pairs of it), tunnels and
 * anomalies: a new reference. monitor_totals counts all pairs and their probes; monitor_anomalies
 * gives how many there were, and the text of number i (NULL: no such). */
json_t *monitor_result(const struct monitor *m, size_t pairs);
struct monitor_totals {
    uint64_t pairs, sent, received, lost;
};
void monitor_totals_get(const struct monitor *m, struct monitor_totals *out);
size_t monitor_anomalies(const struct monitor *m);
const char *monitor_anomaly_text(const struct monitor *m, size_t i);

/* monitor_command carries out one command (argv[0]: its name) and returns its answer, an object, or
 * NULL with *err. monitor_command_text lists them; NULL behind the last. */
struct monitor_command_text {
    const char *name, *args, *help;
};
const struct monitor_command_text *monitor_command_text(size_t i);
json_t *monitor_command(struct monitor *m, int argc, char **argv, struct err *err);

/*
 * The GRE program at a router's end of tunnels, for routers without GRE of their own: TUN devices
 * in a namespace, one a tunnel, each with delays that can be set. gre_end_run serves until *stop is
 * set or its standard input ends; words as monitor/tunnel/end.h says.
 */
int gre_end_run(int argc, char **argv, volatile sig_atomic_t *stop, struct err *err);

/* monitor_print prints a result of any of these as tables of at most 100 columns. */
void monitor_print(FILE *f, const json_t *result);

#endif
