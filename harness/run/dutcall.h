/*
 * Calls of a DUT driver from the procedure. A driver that talks to something outside may take long:
 * it is called on a thread of its own while the loop goes on serving the apparatus. A driver in
 * process is called directly.
 */
#ifndef MVPN_RUN_DUTCALL_H
#define MVPN_RUN_DUTCALL_H

#include "emul/loop/loop.h"
#include "mvpnbench/dut.h"

typedef int dut_call_fn(struct dut *d, void *arg, struct err *err);

/* dut_call runs fn(d, arg, err) and returns what it returned; the loop ran meanwhile if d blocks.
 */
int dut_call(struct loop *loop, struct dut *d, dut_call_fn *fn, void *arg, struct err *err);

#endif
