/*
 * Reading a result.json with little memory: the file is read once, front to back, and equal parts
 * of it become one value (share.h). A number written with exactly nine decimals is a time and
 * comes back as {"$ns": n} with every digit (mvpnbench/result.h), so that a report of the file is
 * the report that the run itself wrote.
 */
#ifndef MVPN_REPORTS_LOAD_H
#define MVPN_REPORTS_LOAD_H

#include "emul/base/err.h"
#include "reports/share.h"

#include <jansson.h>

/*
 * result_load reads the result in the file path. Returns a new reference, or NULL with *err
 * (ERR_USE), which names FILE:LINE:COL. The tree is shared: nobody may modify what is in it
 * (the top object itself is the caller's own).
 */
json_t *result_load(const char *path, struct err *err);

/* result_load_shared is result_load with the caller's share, for what he adds to the tree. */
json_t *result_load_shared(const char *path, struct share *share, struct err *err);

#endif
