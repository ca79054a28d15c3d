#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/cli/run_args.h"
#include "harness/run/known.h"
#include "harness/run/output.h"
#include "harness/run/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* duration_text writes "12 s", "3 min 20 s", "5 h 10 min", "3 d 04 h". */
static char *duration_text(double seconds, char buf[32])
{
    unsigned long long s = (unsigned long long)ceil(seconds);
    if (s < 60)
        (void)snprintf(buf, 32, "%llu s", s);
    else if (s < 3600)
        (void)snprintf(buf, 32, "%llu min %02llu s", s / 60, s % 60);
    else if (s < 100 * 3600)
        (void)snprintf(buf, 32, "%llu h %02llu min", s / 3600, s % 3600 / 60);
    else
        (void)snprintf(buf, 32, "%llu d %02llu h", s / 86400, s % 86400 / 3600);
    return buf;
}

static void print_values(const struct plan_case *pc)
{
    size_t column = 0;
    (void)fputs(pc->grid ? "  grid:" : "  values while they pass:", stdout);
    for (size_t i = 0; i < pc->value_count; i++) {
        if (column > 60 && i + 1 < pc->value_count) {
            (void)fputs(" ...", stdout);
            i = pc->value_count - 1;
        }
        column += (size_t)printf(" %llu", (unsigned long long)pc->values[i]);
    }
    (void)puts(pc->grid ? ", then bisected" : "");
}

/* print_multicast says how trees are built and who joins, as far as a run can choose it. */
static void print_multicast(const struct run_settings *s, const struct test_case *tc)
{
    enum mdt_mode mode = case_mdt(tc, s);
    (void)printf("  MI-PMSIs %s%s, S-PMSIs %s, C-RPs %s, receivers on C-interfaces ",
                 mdt_mode_protocol(mode),
                 case_mdt_allowed(tc, mode) ? "" : " (a deviation: the draft has others)",
                 case_spmsi(tc, s) ? mdt_mode_protocol(MDT_SSM) : "none",
                 case_c_rp_on_dut(tc, s) ? "on the DUT" : "beside the sources");
    if (s->receivers_igmp == 0)
        (void)puts("PIM");
    else
        (void)printf("IGMPv%u, %g ms apart\n", s->receivers_igmp, s->igmp_spacing_ms);
}

static void print_point(const struct plan_case *pc, const struct plan_point *pp)
{
    char duration[32];
    const struct plan_estimate *e = &pp->e;
    if (pp->top == 0) {
        (void)printf("  %-22s apparatus: %s\n", pp->where, pp->limit);
        return;
    }
    (void)printf("  %-22s %6llu %8.0f %8.0f %8.0f %8.1f %8.0f %8.0f %6.0f %5zu %12s\n", pp->where,
                 (unsigned long long)pp->top, e->ingress_pps, e->egress_pps, e->received_pps,
                 e->hellos_per_s, e->entries_per_s, e->joins_per_s, e->memory_bytes / 1048576,
                 pp->most.instances, duration_text(pp->most.seconds, duration));
    if (e->registers_per_s > 0)
        (void)printf("  %-22s up to %.0f Registers/s\n", "", e->registers_per_s);
    if (pp->limit[0] != '\0')
        (void)printf("  %-22s beyond %s=%llu apparatus: %s\n", "",
                     case_param_symbol(case_searched(pc->tc)), (unsigned long long)pp->top,
                     pp->limit);
}

static void print_case(const struct run_plan *p, const struct plan_case *pc)
{
    bool searches = case_kind(pc->tc) == CASE_SEARCH;
    const char *symbol = searches ? case_param_symbol(case_searched(pc->tc)) : "N";
    (void)printf("%s %s: %s%s\n", case_id(pc->tc), case_title(pc->tc),
                 searches ? "maximum of " : "measures ", case_variable_name(pc->tc));
    for (size_t i = 0; i < pc->notes.count; i++)
        (void)printf("  note: %s\n", pc->notes.items[i]);
    if (pc->omitted[0] != '\0') {
        (void)printf("  omitted: %s\n\n", pc->omitted);
        return;
    }
    if (searches)
        (void)printf(
            "  searched: %s from %llu to %llu, resolution %llu; %zu point%s of the sweep\n", symbol,
            (unsigned long long)pc->bounds.min, (unsigned long long)pc->bounds.max,
            (unsigned long long)pc->bounds.resolution, pc->point_count,
            pc->point_count == 1 ? "" : "s");
    print_multicast(&p->setup->settings, pc->tc);
    if (searches && pc->value_count > 0)
        print_values(pc);
    (void)printf("  %-22s %6s %8s %8s %8s %8s %8s %8s %6s %5s %12s\n",
                 searches ? "at the largest value" : "measured at", symbol, "in pps", "out pps",
                 "back pps", "Hello/s", "J/P e/s", "join/s", "MiB", "tries", "duration");
    for (size_t i = 0; i < pc->point_count; i++)
        print_point(pc, &pc->points[i]);
    (void)putchar('\n');
}

static void print_head(const struct run_plan *p)
{
    const struct run_settings *s = &p->setup->settings;
    char rate[64];
    if (s->traffic_load > 0)
        (void)snprintf(rate, sizeof(rate), "%g of the idle throughput", s->traffic_load);
    else
        (void)snprintf(rate, sizeof(rate), "%g pps a flow", s->traffic_rate_pps);
    (void)printf("DUT %s, %s clock, timing %s, %s, %u-byte packets, MTU %u, %zu stimul%s\n",
                 p->setup->driver, p->setup->virtual_clock ? "virtual" : "real", s->timing.name,
                 rate, s->packet_bytes, p->setup->mtu, p->stimulus_count,
                 p->stimulus_count == 1 ? "us" : "i");
    for (int i = 0; i < STIM_COUNT; i++) {
        if (p->left_out[i] != NULL)
            (void)printf("stimulus %s omitted: %s\n", stimulus_name((enum stimulus)i),
                         p->left_out[i]);
    }
    if (s->traffic_load > 0)
        (void)puts("pps: at most; the idle throughput is measured first");
    (void)putchar('\n');
}

static void print_total(const struct run_plan *p)
{
    char most[32], least[32], work[32];
    const char *clock = p->setup->virtual_clock ? "virtual" : "real";
    (void)printf("in all at most %zu instances, %s on the %s clock; %zu and %s if every value "
                 "holds\n",
                 p->most.instances, duration_text(p->most.seconds, most), clock,
                 p->holding.instances, duration_text(p->holding.seconds, least));
    if (p->setup->virtual_clock)
        (void)printf("about %s of processor time\n", duration_text(p->most.work_s, work));
    (void)printf("at once at most: %.0f packets/s to the DUT, %.0f back, %.0f joins/s, %.1f "
                 "Hellos/s, %.0f Registers/s, %.0f MiB\n",
                 p->peak.ingress_pps + p->peak.egress_pps, p->peak.received_pps,
                 p->peak.joins_per_s, p->peak.hellos_per_s, p->peak.registers_per_s,
                 p->peak.memory_bytes / 1048576);
    double host = plan_host_memory();
    if (host > 0 && p->peak.memory_bytes > host)
        (void)printf("that is more memory than this host has (%.0f MiB): set search.max lower\n",
                     host / 1048576);
    (void)puts("in/out: data packets sent towards the DUT on A1/A3; back: received from it; "
               "J/P e/s: Join/Prune\nentries refreshed; join/s: entries while receivers join. "
               "Tries and durations are the costliest course\nof the search, each failing "
               "instance waiting for its limit; a recovery that fails adds a search below\nthe "
               "maximum.");
}

static int print_json(const struct run_plan *p, struct err *err)
{
    json_t *o = run_plan_json(p);
    int rc = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(o);
    (void)putchar('\n');
    if (rc != 0)
        err_set(err, ERR_TESTBED, "standard output: not everything could be written");
    return rc;
}

static void print_plan(const struct run_plan *p)
{
    print_head(p);
    for (size_t i = 0; i < p->case_count; i++)
        print_case(p, &p->cases[i]);
    print_total(p);
}

/* The earlier run of --from, if there is one, answers what cases ask. */
static int make(const struct run_setup *s, const struct run_options *o, struct run_plan *plan,
                struct err *err)
{
    struct known known;
    json_t *from = NULL;
    if (o->from != NULL && (from = output_read(o->from, err)) == NULL)
        return -1;
    known_init(&known, NULL, from);
    int rc = run_plan_make(s, o, from == NULL ? NULL : &known.answers, plan, err);
    json_decref(from);
    return rc;
}

int cmd_plan(int argc, char **argv)
{
    static struct run_args a;
    struct run_setup s;
    struct run_plan plan = {0};
    struct err err = {0};
    if (run_args_parse(&a, argc, argv, &err) != 0)
        return cli_fail(&err);
    if (a.o.resume != NULL) {
        err_set(&err, ERR_USE, "--resume goes with run; plan the cases by name");
        return cli_fail(&err);
    }
    int rc = run_setup_open(&s, &a.o, &err);
    if (rc == 0)
        rc = make(&s, &a.o, &plan, &err);
    if (rc == 0 && a.o.json)
        rc = print_json(&plan, &err);
    else if (rc == 0)
        print_plan(&plan);
    run_plan_fini(&plan);
    run_setup_close(&s);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
