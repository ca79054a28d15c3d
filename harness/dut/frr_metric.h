/*
 * What FRR's JSON says, as numbers of the MVPN Metric: pure functions, one call an FRR instance,
 * adding up. They return -1 if the JSON is not of the shape that FRR 8.4 prints.
 */
#ifndef MVPN_DUT_FRR_METRIC_H
#define MVPN_DUT_FRR_METRIC_H

#include "emul/base/addr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Neighbours and interfaces of one VRF. */
struct frr_vrf_state {
    int64_t c_neighbours, mti_neighbours;
    int64_t c_interfaces; /* up and with PIM */
    bool mti_up;
};

/* Multicast routes that can forward: installed, with at least one outgoing interface. */
struct frr_routes {
    int64_t starg, sg, oifs;
};

/* frr_count_neighbours reads `show ip pim neighbor json`. */
int frr_count_neighbours(const json_t *json, struct frr_vrf_state *out);

/* frr_count_interfaces reads `show ip pim interface json`. */
int frr_count_interfaces(const json_t *json, struct frr_vrf_state *out);

/*
 * frr_count_routes reads `show ip mroute json`. Outgoing interfaces are those that FRR lists per
 * mroute, inherited ones included, but the register interface (pimreg) is none.
 */
int frr_count_routes(const json_t *json, struct frr_routes *out);

/* frr_has_starg tells whether (*,group) is there and forwards; frr_has_sg tells it of (source,
 * group). */
bool frr_has_starg(const json_t *mroutes, ip4_t group);
bool frr_has_sg(const json_t *mroutes, ip4_t source, ip4_t group);

/* frr_count_sg_within counts the (S,G) that forward with a group in the prefix. */
int64_t frr_count_sg_within(const json_t *mroutes, struct ip4_prefix groups);

#endif
