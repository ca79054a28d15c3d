/* Draft 9.12: how long the first join behind the DUT takes to bring traffic (PROTOCOLS 12 D25,
 * D26). */
#include "emul/base/rng.h"
#include "emul/loop/loop.h"
#include "harness/run/extra.h"
#include "harness/run/record.h"
#include "harness/run/step.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/result.h"

#define LIMIT_NS     (60 * NS_PER_S)
#define FORGOTTEN_NS (215 * NS_PER_S) /* a group is fresh again: KAT and ET are 210 s */
#define APART_NS     (7 * NS_PER_S)
#define PHASE_NS     (5 * NS_PER_S)

/* Which group the n-th try (0...) joins: each of a VPN's in turn, VPNs chosen by the seed. */
static void choose(const struct instance_spec *s, unsigned n, uint32_t *v, uint32_t *j)
{
    uint64_t first = hash_range(hash_text(s->seed, "join-vpn"), s->mvpns);
    *v = (uint32_t)((first + n) % s->mvpns) + 1;
    *j = s->groups - s->test_groups + 1 + n % s->test_groups;
}

/* Tries until all pairs of VPN and group have been joined: lcm(N, test groups). */
static uint64_t fresh_tries(const struct instance_spec *s)
{
    uint64_t a = s->mvpns, b = s->test_groups;
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return (uint64_t)s->mvpns * s->test_groups / a;
}

static int one_try(struct procedure *p, unsigned n, struct extra_sums *delays, uint64_t *missing,
                   struct err *err)
{
    struct emul_join_try seen;
    uint32_t v, j;
    choose(&p->q->spec, n, &v, &j);
    if (emul_try_join(p->emul, v, j, err) != 0)
        return -1;
    struct instant limit = instant_add(loop_now(p->w->loop), LIMIT_NS);
    do {
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
        emul_try_get(p->emul, &seen);
    } while (seen.t1.ns == INT64_MAX && loop_now(p->w->loop).ns < limit.ns);
    emul_try_leave(p->emul);
    if (seen.t1.ns == INT64_MAX)
        ++*missing;
    else
        extra_sums_add(delays, instant_diff(seen.t1, seen.t0));
    return 0;
}

static int tries(struct procedure *p, struct extra_sums *delays, uint64_t *missing, struct err *err)
{
    const struct instance_spec *s = &p->q->spec;
    unsigned times = case_repetitions(p->q->tc);
    uint64_t fresh = fresh_tries(s), seed = hash_text(s->seed, "join-repetition");
    for (unsigned n = 0; n < times; n++) {
        int64_t wait_ns = APART_NS + (int64_t)hash_range(hash_mix(seed, n), PHASE_NS);
        if (n >= fresh && n % fresh == 0)
            wait_ns += FORGOTTEN_NS;
        step_enter(p, (struct step){0}, "join %u of %u", n + 1, times);
        if (procedure_wait(p, wait_ns, err) != 0 || one_try(p, n, delays, missing, err) != 0)
            return -1;
    }
    return 0;
}

int extra_tries(struct procedure *p, struct err *err)
{
    const struct instance_spec *s = &p->q->spec;
    struct extra_sums delays = {0};
    uint64_t missing = 0;
    bool possible = s->test_groups > 0 && s->igmp_version == 0 && s->receiver_c_ifs > 0;
    if (possible && tries(p, &delays, &missing, err) != 0)
        return -1;
    json_t *o = extra_sums_record(&delays, s->probe_period_ns);
    json_object_set_new(o, "missing", json_integer((json_int_t)missing));
    json_object_set_new(json_object_get(p->out->record, "extra"), "join_convergence", o);
    if (!possible)
        record_notef(p->out->notes, "procedure", "%s: no join was timed: %s", p->q->id,
                     s->test_groups == 0 ? "the instance has no test groups"
                                         : "receivers on C-interfaces are not behind PIM routers");
    if (missing > 0)
        record_notef(p->out->notes, "procedure", "%s: %llu joins brought no packet within %lld s",
                     p->q->id, (unsigned long long)missing, (long long)(LIMIT_NS / NS_PER_S));
    return 0;
}
