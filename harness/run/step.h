/*
 * Which step of the draft's procedure an instance is in, for those who watch (progress.h): said by
 * the procedures as they go, with the figures of the network beside it while one waits.
 */
#ifndef MVPN_RUN_STEP_H
#define MVPN_RUN_STEP_H

#include "harness/run/procedure.h"

struct step {
    const char *number;   /* "7", "2-3"; NULL: no step of the draft */
    const char *stimulus; /* NULL: draft 7.1; else 7.2 under it */
    struct instant until; /* when the wait ends; 0: there is none */
    bool at_most;         /* or is given up */
};

/* step_enter says the step; the text says what is done in it ("waiting 600 s"). */
void step_enter(struct procedure *p, struct step s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* step_watch shows the instance's network from now on, step_unwatch no longer: before it goes. */
void step_watch(struct procedure *p);
void step_unwatch(void);

#endif
