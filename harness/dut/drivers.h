/* The drivers that exist; each is one object in its own file. */
#ifndef MVPN_DUT_DRIVERS_H
#define MVPN_DUT_DRIVERS_H

#include "mvpnbench/dut.h"

/* In process on the virtual clock; its open takes reference_real_driver on the real one. */
extern const struct dut_driver reference_driver;

/* As a process on real interfaces of its own namespaces. */
extern const struct dut_driver reference_real_driver;

extern const struct dut_driver frr_driver;

/* Any router outside: by the commands of a DUT profile, or by the operator's hands. */
extern const struct dut_driver hook_driver;
extern const struct dut_driver manual_driver;

#endif
