#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/cli/run_args.h"
#include "harness/run/plan_estimate.h"
#include "harness/run/setup.h"
#include "harness/stimulus/stimulus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_note(void *arg, const char *text)
{
    (void)arg;
    (void)printf("  note: %s\n", text);
}

/* duration_text writes "12 s", "3 min 20 s", "5 h 10 min". */
static char *duration_text(double seconds, char buf[32])
{
    unsigned long long s = (unsigned long long)ceil(seconds);
    if (s < 60)
        (void)snprintf(buf, 32, "%llu s", s);
    else if (s < 3600)
        (void)snprintf(buf, 32, "%llu min %02llu s", s / 60, s % 60);
    else
        (void)snprintf(buf, 32, "%llu h %02llu min", s / 3600, s % 3600 / 60);
    return buf;
}

/* next_value is what the search tries after value while everything passes. */
static uint64_t next_value(const struct search_bounds *b, uint64_t value)
{
    double grown = floor((double)value * b->growth);
    uint64_t next = grown > (double)value ? (uint64_t)fmin(grown, 1e18) : value + 1;
    return next < b->max ? next : b->max;
}

/* Values tried when everything passes, and how many more bisecting the last gap may take. */
static size_t count_tries(const struct search_bounds *b, size_t *bisecting)
{
    size_t growing = 1;
    uint64_t value = b->start, gap = 0;
    while (value < b->max) {
        uint64_t next = next_value(b, value);
        gap = next - value > gap ? next - value : gap;
        value = next;
        growing++;
    }
    *bisecting = 0;
    for (; gap > b->resolution; gap = (gap + 1) / 2)
        (*bisecting)++;
    return growing;
}

static void print_values(const struct search_bounds *b)
{
    uint64_t value = b->start;
    size_t column = 0;
    (void)fputs("  values while they pass:", stdout);
    for (;;) {
        column += (size_t)printf(" %llu", (unsigned long long)value);
        if (value >= b->max)
            break;
        if (column > 60) {
            (void)printf(" ... %llu", (unsigned long long)b->max);
            break;
        }
        value = next_value(b, value);
    }
    (void)putchar('\n');
}

/* instance_at fills in spec for one value; false when it cannot be. */
static bool instance_at(const struct run_setup *s, const struct test_case *tc,
                        const struct case_point *p, uint64_t value, struct instance_spec *spec)
{
    struct case_values values;
    *spec = (struct instance_spec){.mtu = s->mtu, .trunk = s->testbed == NULL || s->testbed->trunk};
    struct case_context c;
    case_context_default(&c, &s->settings);
    return case_instance(tc, &c, p, &(struct case_try){value, 0}, spec, &values, NULL) == 0;
}

static const char *limit_at(const struct run_setup *s, const struct test_case *tc,
                            const struct case_point *p, uint64_t value)
{
    struct instance_spec spec;
    if (!instance_at(s, tc, p, value, &spec))
        return "more flows than can be numbered";
    return plan_limit(&spec, s->testbed);
}

/* largest_possible bisects for the last value that apparatus and testbed can do; 0: none. */
static uint64_t largest_possible(const struct run_setup *s, const struct test_case *tc,
                                 const struct case_point *p, const struct search_bounds *b)
{
    if (limit_at(s, tc, p, b->min) != NULL)
        return 0;
    uint64_t good = b->min, bad = b->max + 1;
    while (bad - good > 1) {
        uint64_t middle = good + (bad - good) / 2;
        if (limit_at(s, tc, p, middle) == NULL)
            good = middle;
        else
            bad = middle;
    }
    return good;
}

static void where_text(const struct case_point *p, char *buf, size_t cap)
{
    size_t at = 0;
    (void)snprintf(buf, cap, "-");
    for (int i = 0; i < PARAM_COUNT && at < cap; i++) {
        if (p->swept[i])
            at += (size_t)snprintf(buf + at, cap - at, "%s%s=%.10g", at == 0 ? "" : " ",
                                   i == PARAM_INGRESS_SHARE ? "share"
                                                            : case_param_symbol((enum case_param)i),
                                   p->values.v[i]);
    }
}

struct plan_total {
    double seconds;
    size_t instances;
};

/* plan_point prints one row: the point of the sweep at its largest value. */
static void plan_point(const struct run_setup *s, const struct test_case *tc,
                       const struct case_point *p, const struct search_bounds *b, unsigned stimuli,
                       struct plan_total *total)
{
    char where[64], duration[32];
    uint64_t top = largest_possible(s, tc, p, b);
    where_text(p, where, sizeof(where));
    if (top == 0) {
        (void)printf("  %-22s apparatus: %s\n", where, limit_at(s, tc, p, b->min));
        return;
    }
    struct search_bounds reach = *b;
    reach.max = top;
    reach.start = b->start < top ? b->start : top;
    size_t bisecting, growing = count_tries(&reach, &bisecting);
    struct instance_spec spec;
    struct plan_estimate e;
    double seconds = 0;
    for (uint64_t value = reach.start;; value = next_value(&reach, value)) {
        (void)instance_at(s, tc, p, value, &spec);
        plan_estimate(&spec, &s->settings.timing, &e);
        seconds += e.steady_s;
        if (value >= top)
            break;
    }
    seconds += (double)bisecting * e.steady_s;
    /* The stimuli come at the maximum, after one more set-up. */
    if (stimuli > 0)
        seconds += e.steady_s + stimuli * s->settings.stimulus_repeat * e.stimulus_s;
    (void)printf("  %-22s %6llu %8.0f %8.0f %8.0f %8.1f %8.0f %6.0f %5zu %12s\n", where,
                 (unsigned long long)top, e.ingress_pps, e.egress_pps, e.received_pps,
                 e.hellos_per_s, e.entries_per_s, e.memory_bytes / 1048576, growing + bisecting,
                 duration_text(seconds, duration));
    if (top < b->max)
        (void)printf("  %-22s beyond %s=%llu apparatus: %s\n", "",
                     case_param_symbol(case_searched(tc)), (unsigned long long)top,
                     limit_at(s, tc, p, top + 1));
    total->seconds += seconds;
    total->instances += growing + bisecting + (stimuli > 0 ? 1 : 0);
}

/* print_multicast says how trees are built and who joins, as far as a run can choose it. */
static void print_multicast(const struct run_setup *s, const struct test_case *tc)
{
    enum mdt_mode mode = case_mdt(tc, &s->settings);
    (void)printf("  MI-PMSIs %s%s, S-PMSIs %s, C-RPs %s, receivers on C-interfaces ",
                 mdt_mode_protocol(mode),
                 case_mdt_allowed(tc, mode) ? "" : " (a deviation: the draft has others)",
                 case_spmsi(tc, &s->settings) ? mdt_mode_protocol(MDT_SSM) : "none",
                 s->settings.c_rp_on_dut ? "on the DUT" : "beside the sources");
    if (s->settings.receivers_igmp == 0)
        (void)puts("PIM");
    else
        (void)printf("IGMPv%u, %g ms apart\n", s->settings.receivers_igmp,
                     s->settings.igmp_spacing_ms);
}

static int plan_case(const struct run_setup *s, const struct test_case *tc, unsigned stimuli,
                     struct plan_total *total, struct err *err)
{
    struct case_point *points;
    struct search_bounds b;
    const char *symbol = case_param_symbol(case_searched(tc));
    (void)printf("%s %s: maximum of %s\n", case_id(tc), case_title(tc), case_variable_name(tc));
    struct case_context c;
    char why[CASE_WHY_MAX];
    size_t count = 0;
    case_context_default(&c, &s->settings);
    c.note = print_note;
    if (!case_points(tc, &c, &points, &count, why)) {
        (void)printf("  omitted: %s\n\n", why);
        return 0;
    }
    int rc = count == 0 ? 0 : case_bounds(tc, &c, &points[0], &b, err);
    if (rc == 0 && count > 0) {
        (void)printf(
            "  searched: %s from %llu to %llu, resolution %llu; %zu point%s of the sweep\n", symbol,
            (unsigned long long)b.min, (unsigned long long)b.max, (unsigned long long)b.resolution,
            count, count == 1 ? "" : "s");
        print_multicast(s, tc);
        print_values(&b);
        (void)printf("  %-22s %6s %8s %8s %8s %8s %8s %6s %5s %12s\n", "at the largest value",
                     symbol, "in pps", "out pps", "back pps", "Hello/s", "J/P e/s", "MiB", "tries",
                     "duration");
        for (size_t i = 0; i < count; i++)
            plan_point(s, tc, &points[i], &b, case_stimuli(tc) ? stimuli : 0, total);
        (void)putchar('\n');
    }
    free(points);
    return rc;
}

/* Stimuli that the run would apply, as far as can be told without the DUT. */
static unsigned count_stimuli(const struct run_options *o)
{
    unsigned count = 0;
    if (o->steady_only || o->stimuli_none)
        return 0;
    for (int i = 0; i < STIM_COUNT; i++) {
        bool asked = !o->stimuli_set || (o->stimuli & (1u << i)) != 0;
        if (asked && stimulus_ops_find((enum stimulus)i) != NULL)
            count++;
    }
    return count;
}

int cmd_plan(int argc, char **argv)
{
    static struct run_args a;
    struct run_setup s;
    struct err err = {0};
    struct plan_total total = {0};
    char duration[32];
    if (run_args_parse(&a, argc, argv, &err) != 0)
        return cli_fail(&err);
    int rc = run_setup_open(&s, &a.o, &err);
    if (rc == 0) {
        unsigned stimuli = count_stimuli(&a.o);
        (void)printf("DUT %s, %s clock, timing %s, %g pps a flow, %u-byte packets, MTU %u, "
                     "%u stimul%s\n\n",
                     s.driver, s.virtual_clock ? "virtual" : "real", s.settings.timing.name,
                     s.settings.traffic_rate_pps, s.settings.packet_bytes, s.mtu, stimuli,
                     stimuli == 1 ? "us" : "i");
        for (size_t i = 0; rc == 0 && i < s.case_count; i++)
            rc = plan_case(&s, s.cases[i], stimuli, &total, &err);
    }
    if (rc == 0)
        (void)printf(
            "in all at most %zu instances, %s on the %s clock\n"
            "in/out: data packets sent towards the DUT on A1/A3; back: received from it; "
            "J/P e/s: Join/Prune\nentries refreshed. Worst case: every value passes and the "
            "last gap is bisected; an instance that\nfails may wait for setup_limit_s or "
            "traffic_limit_s in addition.\n",
            total.instances, duration_text(total.seconds, duration),
            s.virtual_clock ? "virtual" : "real");
    run_setup_close(&s);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
