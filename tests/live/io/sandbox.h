/*
 * Two namespaces joined by a veth pair, for one test executable. The tests run in a child process,
 * and the parent removes the namespaces however the child ends.
 *
 *   namespace near [ near0 ]-------veth-------[ far0 ] namespace far
 */
#ifndef MVPN_TESTS_LIVE_IO_SANDBOX_H
#define MVPN_TESTS_LIVE_IO_SANDBOX_H

#include "emul/base/err.h"
#include "tests/unit/cu.h"

extern char sandbox_near[64];
extern char sandbox_far[64];

/* sandbox_run runs the suite and returns the exit code: 77 where namespaces cannot be made. */
int sandbox_run(const char *suite, const struct cu_test *tests, size_t count);

#define SANDBOX_MAIN(suite, table)                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        return sandbox_run(suite, table, sizeof(table) / sizeof((table)[0]));                      \
    }

#endif
