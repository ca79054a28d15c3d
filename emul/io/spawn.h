/*
 * Running a helper command of the system (ip) to its end.
 */
#ifndef MVPN_IO_SPAWN_H
#define MVPN_IO_SPAWN_H

#include "emul/base/err.h"

/*
 * spawn_wait runs argv (found through PATH) with input (may be NULL) on its standard input and
 * waits. The command is out of reach of the terminal's Ctrl-C, so that a clean-up is not cut short.
 * Returns 0 if it exited with 0, else -1 with the first line of what it said. Blocks.
 */
int spawn_wait(const char *const argv[], const char *input, struct err *err);

#endif
