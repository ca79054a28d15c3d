/*
 * An instance as JSON for whoever configures a PE that the program does not know: what the PE needs
 * to be told, by the address plan of topology.h, and nothing of what the run expects it to count.
 * testcases/duts/README.md has the schema.
 */
#ifndef MVPN_DUT_HOOK_INSTANCE_H
#define MVPN_DUT_HOOK_INSTANCE_H

#include "mvpnbench/instance.h"

#include <jansson.h>

/*
 * hook_instance_json returns a fresh object. interfaces is the testbed's list of A1's interfaces
 * (one a C-interface), or NULL for a trunk.
 */
json_t *hook_instance_json(const struct instance_spec *spec, const json_t *interfaces);

#endif
