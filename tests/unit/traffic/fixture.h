/*
 * A small instance for hand-made packet sequences: two VPNs with two C-interfaces each, one ingress
 * group (flows 1 and 3, source at C-interface 1) and one egress group (flows 2 and 4); five of ten
 * remote PEs receive. So flow 1 is expected on the MI-PMSI (weight 5) and C-interface 2, flow 2 on
 * C-interfaces 1 and 2.
 */
#ifndef MVPN_TESTS_TRAFFIC_FIXTURE_H
#define MVPN_TESTS_TRAFFIC_FIXTURE_H

#include "emul/traffic/analyser.h"

#define INGRESS 1u
#define EGRESS  2u
#define WEIGHT  5u

/* fixture_spec is that instance at one packet a second. */
struct instance_spec fixture_spec(void);

struct fixture {
    struct instance_spec spec;
    struct analyser *a;
    int64_t phase[8]; /* by flow */
};

/* fixture_new starts the sources at 0. */
struct fixture fixture_new(struct instance_spec spec);
void fixture_free(struct fixture *f);

/* fixture_due is when packet sequence of flow is due. */
struct instant fixture_due(const struct fixture *f, uint32_t flow, uint64_t sequence);

/* fixture_send sends packet sequence at its due instant; fixture_arrive lets it arrive delay_ns
 * later. The VPN of arrival is the flow's own. */
void fixture_send(struct fixture *f, uint32_t flow, uint64_t sequence);
void fixture_arrive(struct fixture *f, uint32_t flow, uint32_t branch, uint64_t sequence,
                    int64_t delay_ns);

/* fixture_pass sends packets from...to of the flow, and each arrives 1 ms later on every branch
 * that expects it; fixture_lose sends them and none arrives. */
void fixture_pass(struct fixture *f, uint32_t flow, uint64_t from, uint64_t to);
void fixture_lose(struct fixture *f, uint32_t flow, uint64_t from, uint64_t to);

#endif
