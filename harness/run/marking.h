/* The record of alternate marking (key "marking" of an instance, with traffic.marking only): losses
 * of the window by branch and block, see emul_marking.h. */
#ifndef MVPN_RUN_MARKING_H
#define MVPN_RUN_MARKING_H

#include "harness/run/procedure.h"

/* marking_record returns the object, NULL without marking. New reference. */
json_t *marking_record(const struct procedure *p);

#endif
