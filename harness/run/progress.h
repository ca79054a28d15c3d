/*
 * Progress of long work, on stderr: a live view on a terminal, a bar on one that is dumb or tiny,
 * lines with a time stamp elsewhere, JSON lines with --json, nothing with --quiet. One process has
 * one progress. Nothing of it is on the packet path: whoever waits tells the time (progress_tick),
 * and figures are asked for when something is to be shown. docs/progress.md shows the forms.
 */
#ifndef MVPN_RUN_PROGRESS_H
#define MVPN_RUN_PROGRESS_H

#include "emul/base/instant.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* progress_open chooses the form by what stderr is; progress_open_json is for machines,
 * progress_open_worker sends what this process works on as lines into fd, which its parent reads:
 * what does not fit at once is dropped. progress_close takes a view or bar away; lines stay. */
void progress_open(bool quiet);
void progress_open_json(void);
void progress_open_worker(int fd);
void progress_close(void);

/* progress_rest takes a view or bar away until the next step: others write now. */
void progress_rest(void);

/* progress_active tells whether anybody looks; progress_detailed whether at more than lines. */
bool progress_active(void);
bool progress_detailed(void);

/* progress_step says what goes on now, as one line ("9.1 N=64: step 7 wait 600 s"). It is replaced
 * by the next; without a terminal it is printed at most once a second. */
void progress_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* progress_line says something that stays. */
void progress_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * progress_event says something that stays and is of a kind ("case", "instance", "recovery",
 * "maximum", "warning"); fields (an object, taken; NULL: none) go to machines beside the text.
 * progress_end is for machines alone: the last event of a run.
 */
void progress_event(const char *kind, json_t *fields, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void progress_end(int exit_code, const char *dir, const char *error);

/* What one process works on. Numbers are PROGRESS_UNKNOWN where they are not known. */
#define PROGRESS_UNKNOWN (-1)
struct progress_task {
    char case_id[16], title[96], where[96]; /* where: "N=6 sources_per_group=2" */
    char instance[32], value[48];           /* value: "g=64" */
    bool floor;                             /* the instance is run on the apparatus alone */
    char section[8], step[8];               /* of the draft: "7.1", "2-3"; "": none */
    char stimulus[32], name[160];           /* name: "waiting 600 s" */
    int64_t remaining_ms;                   /* of the step, on the run's clock */
    bool at_most;                           /* that is a limit, not a wait */
    int64_t neighbours_up, neighbours_expected, flows_delivered, flows_all;
    double out_pps, in_pps; /* frames to the DUT and from it, a second of the run's clock */
    char variable[32], symbol[16];
    int64_t best;                  /* of variable, at the last pass */
    int64_t last_pass, first_fail; /* of the search, in the parameter named by symbol */
};

/* progress_task_clear leaves nothing known. */
void progress_task_clear(struct progress_task *t);

/* progress_own is what this process works on: whoever knows something of it writes it there. */
struct progress_task *progress_own(void);

/* progress_wait says until when the step waits (INSTANT_NEVER: no wait), or may wait (at_most). */
void progress_wait(struct instant until, bool at_most);

/* progress_watch names who fills in figures of the task when they are to be shown (NULL: nobody).
 * It must change nothing that is measured. */
typedef void progress_watch_fn(void *arg, struct progress_task *t, struct instant now);
void progress_watch(progress_watch_fn *fn, void *arg);

/* progress_tick is called with the loop's time by everything that waits. It is cheap: on the
 * virtual clock the wall clock is read once a second of the former. */
void progress_tick(struct instant now, bool virtual_clock);

/* The whole run. */
struct progress_total {
    size_t instances, instances_total; /* ended; of about so many, 0: not known */
    double left_s;                     /* negative: not known */
    bool at_least;                     /* what hangs on results to come is not in it */
};
typedef void progress_total_fn(void *arg, int64_t steady_ns, struct progress_total *out);
void progress_campaign(progress_total_fn *fn, void *arg);

/* progress_worker shows what a process of slot (0...) works on; NULL: there is none any more. */
#define PROGRESS_WORKERS 64
void progress_worker(size_t slot, const struct progress_task *t);

/* progress_task_json and progress_task_read are the form in which a worker's task travels. read
 * leaves unknown what is not there. */
json_t *progress_task_json(const struct progress_task *t);
void progress_task_read(const json_t *o, struct progress_task *t);

#endif
