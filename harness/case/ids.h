/*
 * The draft's case numbers, those of cases that a user adds, and where the shipped data lies:
 * MVPNBENCH_DATA from the environment, else share/mvpnbench of the prefix in which the program is
 * installed, else the source tree that it was built from.
 */
#ifndef MVPN_CASE_IDS_H
#define MVPN_CASE_IDS_H

#include "emul/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* data_path writes the path of a shipped file ("testcases/9.1.yaml") into out; false (with *err,
 * ERR_USE) if there is no such file. */
bool data_path(char *out, size_t cap, const char *name, struct err *err);

/* data_names lists the shipped files DIRECTORY/NAME.yaml whose NAME has the form of a case's
 * number, without ".yaml", sorted; at most cap. Returns how many. */
#define DATA_NAME_MAX 11
size_t data_names(const char *directory, char names[][DATA_NAME_MAX + 1], size_t cap);

/* case_id_form tells whether id can be a case's number: up to 11 letters, digits, '.', '-', '_'. */
bool case_id_form(const char *id);

/* case_id_known tells whether id is a case of the draft, or one that has a file. */
bool case_id_known(const char *id);

/* case_id_check tells whether id is a case that can be run; what names the place for the error
 * ("search.9.2.max"), or is NULL. */
bool case_id_check(const char *id, const char *what, struct err *err);

#endif
