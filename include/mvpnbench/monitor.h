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

/* One-way loss live, configuration A, B or C by the file. */
int oneway_live(char config, const char *file, volatile sig_atomic_t *stop, json_t **out,
                struct err *err);

/* The reflector of configuration C; count_only: it only counts (A's M2) and gives its counts. */
int oneway_reflect(const char *file, bool count_only, volatile sig_atomic_t *stop, json_t **out,
                   struct err *err);

/* Alternate marking (RFC 9341): from captures, interfaces and routers' counters by the file. */
int marking_run(const char *file, volatile sig_atomic_t *stop, json_t **out, struct err *err);

/* monitor_print prints a result of any of these as tables of at most 100 columns. */
void monitor_print(FILE *f, const json_t *result);

#endif
