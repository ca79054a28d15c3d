/*
 * What an instance has beside the MI-PMSIs' C-multicast: the P instance, S-PMSIs, a C-RP on the DUT
 * and IGMP receivers; waiting for them, judging them, and their part of the record.
 */
#ifndef MVPN_RUN_MULTICAST_H
#define MVPN_RUN_MULTICAST_H

#include "harness/run/procedure.h"

/* multicast_settled tells whether every S-PMSI is signalled, joined and carries its flows. */
bool multicast_settled(struct procedure *p);

/* multicast_judge compares the P instance with what is expected (below: a failure, above: a
 * deviation), and adds what of the S-PMSIs is not there and is not named by the failures yet. */
void multicast_judge(struct procedure *p, const struct dut_view *view);

/* multicast_record writes p_instance, p_instance_apparatus, p_instance_expected and extra. */
void multicast_record(struct procedure *p, const struct dut_view *view);

/* multicast_notes declares in what the configuration is not the draft's. */
void multicast_notes(struct procedure *p);

#endif
