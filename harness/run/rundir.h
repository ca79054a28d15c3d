/*
 * The directory of a run, read from outside: a finished one, one that was cut off, or one that is
 * being written at this moment. Nothing is run and nothing is written.
 */
#ifndef MVPN_RUN_RUNDIR_H
#define MVPN_RUN_RUNDIR_H

#include "emul/base/err.h"

#include <jansson.h>

/*
 * rundir_read returns what there is as a result tree (a new reference; nobody may modify it): the
 * result.json, and where the run has not finished, with those instances of its journal that are not
 * in it yet. *unfinished gets a sentence for the reader then, which the caller frees, else NULL.
 * NULL with *err (ERR_USE) where there is nothing to read.
 */
json_t *rundir_read(const char *dir, char **unfinished, struct err *err);

#endif
