#include "emul/refpe/igmp_query.h"

#include "emul/refpe/control.h"

#define QUERY_INTERVAL_S  125
#define QUERY_RESPONSE_MS 10000
#define STARTUP_INTERVAL  (QUERY_INTERVAL_S * NS_PER_S / 4)
#define STARTUP_COUNT     2
#define OTHER_QUERIER_S   255
#define ALL_SYSTEMS       IP4(224, 0, 0, 1)

static const uint8_t router_alert[] = {0x94, 4, 0, 0};

void igmp_send_query(struct refpe *pe, uint32_t iface, ip4_t group, ip4_t source)
{
    const struct iface *f = &pe->ifaces[iface];
    uint8_t list[4], message[32];
    struct wr l = wr_init(list, sizeof(list)), w = wr_init(message, sizeof(message));
    struct igmp query = {
        .type = IGMP_QUERY,
        .version = f->igmp_version,
        .max_resp_ms = group == 0 ? QUERY_RESPONSE_MS : IGMP_LAST_MEMBER_MS,
        .group = group,
        .robustness = IGMP_ROBUSTNESS,
        .query_interval_s = QUERY_INTERVAL_S,
    };
    if (source != 0 && f->igmp_version == 3) {
        wr_u32(&l, source);
        query.count = 1;
        query.list = list;
        query.list_bytes = l.pos;
    }
    if (igmp_encode(&w, &query) != WIRE_OK)
        return;
    struct ipv4 ip = {.protocol = IPPROTO_NUM_IGMP,
                      .dst = group == 0 ? ALL_SYSTEMS : group,
                      .options = router_alert,
                      .option_bytes = sizeof(router_alert),
                      .payload = message,
                      .payload_bytes = w.pos};
    control_send(pe, iface, (struct mac){{0}}, &ip);
}

static void query_in(struct refpe *pe, uint32_t iface, int64_t delay_ns)
{
    due_set(pe, &pe->ifaces[iface].query, AGENDA_IGMP_QUERY, iface, pe_now(pe) + delay_ns);
}

static void wait_for_other(struct refpe *pe, uint32_t iface, int64_t unused)
{
    (void)unused;
    struct iface *f = &pe->ifaces[iface];
    due_clear(&f->query);
    due_set(pe, &f->other_querier, AGENDA_IGMP_OTHER, iface,
            pe_now(pe) + OTHER_QUERIER_S * NS_PER_S);
}

static void take_over(struct refpe *pe, uint32_t iface, int64_t unused)
{
    (void)unused;
    pe->ifaces[iface].startup_queries = 0;
    query_in(pe, iface, 0);
}

static const char *const state_names[] = {"Querier", "NonQuerier"};
static const char *const event_names[] = {"LowerQuerier", "OtherGone"};

static const struct fsm_cell grid[QU_STATES][QU_EVENTS] = {
    [QU_QUERIER] =
        {[QU_LOWER_QUERIER] = GO(QU_NON_QUERIER, wait_for_other), [QU_OTHER_GONE] = CANNOT_BE},
    [QU_NON_QUERIER] = {[QU_LOWER_QUERIER] = GO(QU_NON_QUERIER, wait_for_other),
                        [QU_OTHER_GONE] = GO(QU_QUERIER, take_over)},
};

const struct fsm_machine querier_machine = {
    .name = "querier",
    .rfc = "RFC 2236 7, RFC 3376 6.6.2",
    .states = state_names,
    .events = event_names,
    .state_count = QU_STATES,
    .event_count = QU_EVENTS,
    .grid = &grid[0][0],
};

static void step(struct refpe *pe, uint32_t iface, enum querier_event event)
{
    (void)refpe_fsm_step(pe, &querier_machine, &pe->ifaces[iface].querier_state, event, iface, 0);
}

void igmp_querier_start(struct refpe *pe, uint32_t iface)
{
    pe->ifaces[iface].querier_state = QU_QUERIER;
    pe->ifaces[iface].startup_queries = STARTUP_COUNT;
    query_in(pe, iface, 0);
}

void igmp_querier_stop(struct refpe *pe, uint32_t iface)
{
    due_clear(&pe->ifaces[iface].query);
    due_clear(&pe->ifaces[iface].other_querier);
}

void igmp_query_timer(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    igmp_send_query(pe, iface, 0, 0);
    if (f->startup_queries > 0)
        f->startup_queries--;
    else
        igmp_dr_check(pe, iface); /* who came through a switchover without a word is gone */
    query_in(pe, iface, f->startup_queries > 0 ? STARTUP_INTERVAL : QUERY_INTERVAL_S * NS_PER_S);
}

void igmp_query_heard(struct refpe *pe, uint32_t iface, ip4_t src)
{
    if (src != 0 && src < pe->ifaces[iface].addr)
        step(pe, iface, QU_LOWER_QUERIER);
}

void igmp_other_querier_timer(struct refpe *pe, uint32_t iface)
{
    step(pe, iface, QU_OTHER_GONE);
}
