/*
 * The record of signalling between PEs (key "signalling" of an instance): messages and states that
 * were counted on the MI-PMSIs (emul_signal.h), beside what RFC 6517 predicts for the instance's
 * trees over the time that was observed, with the reasons of the differences.
 */
#ifndef MVPN_RUN_SIGNALLING_H
#define MVPN_RUN_SIGNALLING_H

#include "harness/run/procedure.h"

/* signalling_record gives the object; view is the DUT's at the end of the window. from and to are
 * what was counted when the window of step 7 opened and closed; NULL: there was none. New
 * reference. */
json_t *signalling_record(struct procedure *p, const struct dut_view *view,
                          const struct emul_signal *from, const struct emul_signal *to);

#endif
