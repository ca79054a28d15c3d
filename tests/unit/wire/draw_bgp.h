/* Random routes and UPDATEs that are right, for tests. */
#ifndef MVPN_TESTS_DRAW_BGP_H
#define MVPN_TESTS_DRAW_BGP_H

#include "emul/base/rng.h"
#include "emul/wire/bgp_update.h"

/* draw_bgp_nlri draws a route of a family; a Leaf A-D route's key stays until the next one. */
void draw_bgp_nlri(struct rng *rng, enum bgp_family family, struct bgp_nlri *v);

/* draw_bgp_update draws attributes and routes; its slices stay until it has been called again. */
void draw_bgp_update(struct rng *rng, struct bgp_update *v);

#endif
