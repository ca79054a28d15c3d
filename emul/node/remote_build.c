/* Receivers behind remote PEs, dealt to sessions once at the beginning. */
#include "emul/base/mem.h"
#include "emul/node/remote_set.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

/* list_vpn writes the receiving PEs of each ingress group of VPN v (k each) and counts groups a PE.
 */
static void list_vpn(const struct instance_spec *s, uint32_t v, uint32_t *pes, uint32_t *counts)
{
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        uint32_t n = 0;
        for (uint32_t pe = 1; pe <= s->remote_pes && n < s->receiver_pes; pe++) {
            if (!topology_pe_receives(s, v, j, pe))
                continue;
            pes[(size_t)(j - 1) * s->receiver_pes + n++] = pe;
            counts[pe]++;
        }
    }
}

static void add_sessions(struct remote_pes *r, uint32_t v, const uint32_t *counts, uint32_t *group)
{
    const struct instance_spec *s = &r->net->spec;
    for (uint32_t pe = 1; pe <= s->remote_pes; pe++) {
        size_t endpoint = remote_endpoint(r, v, pe);
        r->session_of[endpoint] = PLAN_NONE;
        if (counts[pe] == 0)
            continue;
        uint32_t session = pim_us_session_add(r->joins, counts[pe] * r->net->plan.routes_per_group);
        r->sessions[session] = (struct remote_session){v, pe, *group};
        r->session_of[endpoint] = session;
        r->session_count = session + 1;
        *group += counts[pe];
    }
}

static void fill_groups(struct remote_pes *r, uint32_t v, const uint32_t *pes, uint32_t *filled)
{
    const struct instance_spec *s = &r->net->spec;
    struct remote_receiver *out =
        &r->receivers[(size_t)(v - 1) * s->ingress_groups * s->receiver_pes];
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        for (uint32_t n = 0; n < s->receiver_pes; n++) {
            size_t at = (size_t)(j - 1) * s->receiver_pes + n;
            uint32_t pe = pes[at];
            uint32_t session = r->session_of[remote_endpoint(r, v, pe)];
            uint32_t place = filled[pe]++;
            r->groups[r->sessions[session].first_group + place] = j;
            out[at] = (struct remote_receiver){session, place};
        }
    }
}

void remote_build_sessions(struct remote_pes *r)
{
    const struct instance_spec *s = &r->net->spec;
    size_t per_vpn = (size_t)s->ingress_groups * s->receiver_pes;
    size_t most = per_vpn < s->remote_pes ? per_vpn : s->remote_pes;
    r->sessions = mem_zalloc(most * s->mvpns, sizeof(*r->sessions));
    r->groups = mem_zalloc(per_vpn * s->mvpns, sizeof(*r->groups));
    r->receivers = mem_zalloc(per_vpn * s->mvpns, sizeof(*r->receivers));
    r->session_of = mem_zalloc((size_t)s->mvpns * s->remote_pes, sizeof(*r->session_of));
    uint32_t *pes = mem_zalloc(per_vpn, sizeof(*pes));
    uint32_t group = 0;
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        uint32_t *counts = mem_zalloc(s->remote_pes + 1u, sizeof(*counts));
        list_vpn(s, v, pes, counts);
        add_sessions(r, v, counts, &group);
        free(counts);
        uint32_t *filled = mem_zalloc(s->remote_pes + 1u, sizeof(*filled));
        fill_groups(r, v, pes, filled);
        free(filled);
    }
    free(pes);
}
