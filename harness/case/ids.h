/*
 * The draft's case numbers, those of cases that a user adds, and where the shipped data lies:
 * MVPNBENCH_DATA from the environment, else the directory that was compiled in.
 */
#ifndef MVPN_CASE_IDS_H
#define MVPN_CASE_IDS_H

#include "emul/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* data_path writes the path of a shipped file ("testcases/9.1.yaml") into out; false (with *err,
 * ERR_USE) if there is no such file. */
bool data_path(char *out, size_t cap, const char *name, struct err *err);

/* case_id_form tells whether id can be a case's number: up to 11 letters, digits, '.', '-', '_'. */
bool case_id_form(const char *id);

/* case_id_known tells whether id is a case of the draft, or one that has a file. */
bool case_id_known(const char *id);

/* case_id_check tells whether id is a case that can be run; what names the place for the error
 * ("search.9.2.max"), or is NULL. */
bool case_id_check(const char *id, const char *what, struct err *err);

#endif
