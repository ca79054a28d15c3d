/* Tunnels and VPNs: names, life. */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

static uint32_t end_named(const struct monitor *m, const char *name)
{
    for (size_t i = 0; i < m->end_count; i++) {
        if (!m->ends[i].dropped && strcmp(m->ends[i].name, name) == 0)
            return (uint32_t)i;
    }
    return NONE;
}

static uint32_t vpn_named(const struct monitor *m, const char *name)
{
    for (size_t i = 0; i < m->vpn_count; i++) {
        if (strcmp(m->vpns[i].name, name) == 0)
            return (uint32_t)i;
    }
    return NONE;
}

uint32_t end_find(const struct monitor *m, const char *name, struct err *err)
{
    uint32_t n = end_named(m, name);
    if (n == NONE)
        err_set(err, ERR_USE, "there is no tunnel '%.64s'; `tunnels` lists them", name);
    return n;
}

uint32_t vpn_find(const struct monitor *m, const char *name, struct err *err)
{
    uint32_t n = vpn_named(m, name);
    if (n == NONE)
        err_set(err, ERR_USE, "there is no VPN '%.64s'; `show` lists them", name);
    return n;
}

int end_add(struct monitor *m, const struct tunnel_spec *spec, enum scope_role role,
            struct err *err)
{
    if (end_named(m, spec->name) != NONE) {
        err_set(err, ERR_USE, "there is a tunnel '%.64s' already", spec->name);
        return -1;
    }
    char *name = mem_strdup(spec->name);
    struct tunnel_spec named = *spec;
    named.name = name;
    int n = tunnels_add(m->tunnels, &named, err);
    if (n < 0) {
        free(name);
        return -1;
    }
    m->ends = array_grow(m->ends, m->end_count, &m->end_cap, sizeof(*m->ends));
    struct end *e = &m->ends[m->end_count++];
    *e = (struct end){.name = name,
                      .role = role,
                      .began_ns = now_ns(m),
                      .first_member = NONE,
                      .companion = NONE,
                      .companion_of = NONE,
                      .reflects_from = UINT64_MAX};
    double pps = m->file->legs_pps;
    pair_init(&e->rtt, 0, pps);
    if (pps > 0) {
        /* Spread over the interval by the golden ratio: no two tunnels together. */
        double turn = 0.6180339887 * n;
        e->ping_due_ns = e->began_ns + (int64_t)((turn - (double)(int64_t)turn) * 1e9 / pps);
        queue_put(&m->pinging, (uint32_t)n, e->ping_due_ns);
    }
    return n;
}

int end_drop(struct monitor *m, uint32_t tunnel, struct err *err)
{
    struct end *e = &m->ends[tunnel];
    if (e->used > 0) {
        err_set(err, ERR_USE, "%u running task(s) use tunnel %s; stop them first (`tasks`)",
                e->used, e->name);
        return -1;
    }
    for (uint32_t i = e->first_member; i != NONE; i = m->members[i].next) {
        struct member *b = &m->members[i];
        if (b->state == MEMBER_JOINED)
            (void)tunnels_leave(m->tunnels, tunnel, m->vpns[b->vpn].group, NULL);
        b->state = MEMBER_OFF;
        b->by_hand = false;
        b->due_ns = 0;
    }
    tunnels_drop(m->tunnels, tunnel);
    e->dropped = true;
    return 0;
}

void end_heard(struct monitor *m, uint32_t tunnel, int64_t at_ns)
{
    struct end *e = &m->ends[tunnel];
    e->heard_ns = at_ns;
    if (e->state == END_ANSWERS)
        return;
    if (e->state == END_NEVER)
        anomaly_say(m, "answers", NONE, tunnel, "%s answers now", e->name);
    if (e->state == END_SILENT) {
        anomaly_say(m, "answers", NONE, tunnel, "%s answers again", e->name);
        members_again(m, tunnel, 0, NS_PER_S);
    }
    e->state = END_ANSWERS;
}

int vpn_add(struct monitor *m, const char *name, ip4_t group, bool native, struct err *err)
{
    char text[IP4_TEXT];
    if (vpn_named(m, name) != NONE) {
        err_set(err, ERR_USE, "there is a VPN '%.64s' already", name);
        return -1;
    }
    uint32_t other = map_get(&m->by_group, group);
    if (other != MAP_NONE) {
        err_set(err, ERR_USE, "group %s is that of VPN %s", ip4_text(group, text),
                m->vpns[other].name);
        return -1;
    }
    m->vpns = array_grow(m->vpns, m->vpn_count, &m->vpn_cap, sizeof(*m->vpns));
    m->vpns[m->vpn_count] =
        (struct vpn){.name = mem_strdup(name), .group = group, .native = native};
    map_put(&m->by_group, group, (uint32_t)m->vpn_count);
    return (int)m->vpn_count++;
}

void monitor_arrays_free(struct monitor *m)
{
    for (size_t i = 0; i < m->end_count; i++) {
        free(m->ends[i].name);
        pair_fini(&m->ends[i].rtt);
    }
    for (size_t i = 0; i < m->vpn_count; i++)
        free(m->vpns[i].name);
    for (size_t i = 0; i < m->task_count; i++) {
        free(m->tasks[i].name);
        free(m->tasks[i].receivers);
    }
    for (size_t i = 0; i < m->pair_count; i++)
        pair_fini(&m->pairs[i]);
    for (size_t i = 0; i < m->passive_flow_count; i++)
        pair_fini(&m->passive_flows[i].pair);
    free(m->ends);
    free(m->vpns);
    free(m->members);
    free(m->tasks);
    free(m->streams);
    free(m->pairs);
    free(m->passives);
    free(m->passive_flows);
    free(m->anomalies);
    free(m->inference.order);
    free(m->inference.ring);
    map_fini(&m->by_group);
    map_fini(&m->by_member);
    map_fini(&m->by_pair);
    map_fini(&m->by_passive);
    map_fini(&m->by_passive_flow);
}
