#include "emul/node/lan_count.h"

#include "emul/base/mem.h"

#include <stdlib.h>

#define PRUNED     0x01 /* nobody has joined since */
#define DUT_JOINED 0x02

static const char *const names[] = {"join",       "refresh", "override", "prune",
                                    "prune_echo", "other",   "hello"};

const char *signal_kind_name(enum signal_kind k)
{
    return names[k];
}

void lan_count_init(struct lan_count *c, size_t routes)
{
    *c = (struct lan_count){.routes = mem_zalloc(routes, 1), .first_ns = INT64_MAX};
}

void lan_count_fini(struct lan_count *c)
{
    free(c->routes);
}

void lan_count_add(struct lan_count *c, const struct lan_message *m, enum signal_kind kind)
{
    c->dut[kind] += m->at_dut;
    c->pes[kind] += m->at_pes;
}

void lan_count_entry(struct lan_count *c, const struct lan_message *m, uint32_t route,
                     enum pim_us_why why)
{
    static const enum signal_kind kinds[] = {[PIM_US_FIRST_JOIN] = SIGNAL_JOIN,
                                             [PIM_US_REFRESH] = SIGNAL_REFRESH,
                                             [PIM_US_OVERRIDE] = SIGNAL_OVERRIDE,
                                             [PIM_US_PRUNE] = SIGNAL_PRUNE};
    uint8_t *state = &c->routes[route];
    if (why == PIM_US_REFRESH && (*state & PRUNED) != 0)
        why = PIM_US_OVERRIDE;
    lan_count_add(c, m, kinds[why]);
    if (why == PIM_US_PRUNE)
        *state = (uint8_t)(m->from_dut ? PRUNED : *state | PRUNED);
    else
        *state = (uint8_t)(m->from_dut ? DUT_JOINED : *state & DUT_JOINED);
    if (why != PIM_US_PRUNE && c->first_ns == INT64_MAX)
        c->first_ns = m->now_ns;
}

bool lan_count_dut_joined(const struct lan_count *c, uint32_t route)
{
    return (c->routes[route] & DUT_JOINED) != 0;
}
