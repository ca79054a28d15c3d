/* What a steady world must show, and what others think of its frames. */
#ifndef MVPN_TESTS_WORLD_CHECK_H
#define MVPN_TESTS_WORLD_CHECK_H

#include "tests/sim/lab/world.h"

/* check_metric asserts that the PE's view and the apparatus's are what PROTOCOLS 13 computes;
 * variables whose bit is set in unseen are unknown to the apparatus (Num_OIF_C always is). */
void check_metric(struct world *w, unsigned unseen);

/* check_window asserts that nothing is lost or duplicated in 30 s. */
void check_window(struct world *w);

/* check_judges has tshark and tcpdump read what world_capture recorded, ended before: nothing may
 * be malformed. Where they are not installed nothing is checked. */
void check_judges(const struct world *w);

/* check_left asserts that the PE has neither mroutes nor neighbours left. */
void check_left(struct world *w);

#endif
