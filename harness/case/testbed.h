/*
 * Testbed files (DESIGN B.7): which interfaces are A1 (C side) and A3 (P side), in which network
 * namespaces, whether C-interfaces are VLANs of one trunk or interfaces of their own, MTU and
 * addresses; each part may be left out. Commented examples: testcases/testbeds/.
 */
#ifndef MVPN_CASE_TESTBED_H
#define MVPN_CASE_TESTBED_H

#include "emul/base/err.h"
#include "mvpnbench/instance.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TESTBED_MTU_DEFAULT 1500

struct testbed {
    bool trunk; /* a1.mode */
    char **a1;  /* interfaces of A1: one trunk, or one a C-interface; none: built by the driver */
    size_t a1_count;
    char *a1_namespace; /* NULL: the program's own */
    char *a3, *a3_namespace;
    uint32_t mtu;
    struct addressing addr; /* the built-in plan with the file's changes */
    json_t *tree;           /* the whole file */
};

/* testbed_load reads a file; NULL with *err (ERR_USE, FILE:LINE:COL). Whether the interfaces exist
 * is found out when they are opened. */
struct testbed *testbed_load(const char *path, struct err *err);
void testbed_free(struct testbed *t);

#endif
