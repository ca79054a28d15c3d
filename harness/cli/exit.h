/*
 * Exit codes (DESIGN B.1) and the one way in which a command fails: one line on stderr. The codes
 * are those of enum err_code: 0 done, 1 requirement or comparison not met or no maximum found,
 * 2 wrong use or configuration, 3 testbed or DUT failure, 4 interrupted and resumable.
 */
#ifndef MVPN_CLI_EXIT_H
#define MVPN_CLI_EXIT_H

#include "emul/base/err.h"

#define EXIT_DONE        0
#define EXIT_REQUIREMENT ERR_REQUIREMENT
#define EXIT_USE         ERR_USE
#define EXIT_TESTBED     ERR_TESTBED
#define EXIT_INTERRUPTED ERR_INTERRUPTED

/* cli_fail prints "mvpnbench: <text>" as one line and returns the exit code. */
int cli_fail(const struct err *err);

#endif
