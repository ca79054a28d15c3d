#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/predict.h"
#include "reports/reports.h"

enum {
    OPT_PE,
    OPT_RECEIVERS,
    OPT_RR,
    OPT_CLUSTERS,
    OPT_LIFETIME,
    OPT_GROUPS,
    OPT_SOURCES,
    OPT_JSON,
};

const struct cli_option predict_option_table[] = {
    [OPT_PE] = {"pe", "P", "PEs of the mVPN, the upstream PE included (100)"},
    [OPT_RECEIVERS] = {"receivers", "R", "PEs that join a tree, at most P-1 (10)"},
    [OPT_RR] = {"rr", "N", "BGP: route reflectors (2)"},
    [OPT_CLUSTERS] = {"clusters", "N", "BGP: clusters of them (half as many)"},
    [OPT_LIFETIME] = {"lifetime", "S", "seconds that a tree lives (3600)"},
    [OPT_GROUPS] = {"groups", "G", "groups (1)"},
    [OPT_SOURCES] = {"sources", "S", "sources a group with a tree of their own (0)"},
    [OPT_JSON] = {"json", NULL, "print JSON"},
};
const size_t predict_option_count = sizeof(predict_option_table) / sizeof(predict_option_table[0]);

struct args {
    struct predict_input in;
    bool json;
};

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct args *a = ctx;
    struct predict_input *in = &a->in;
    double *const fields[] = {[OPT_PE] = &in->pes,
                              [OPT_RECEIVERS] = &in->receivers,
                              [OPT_RR] = &in->reflectors,
                              [OPT_CLUSTERS] = &in->clusters,
                              [OPT_LIFETIME] = &in->lifetime_s,
                              [OPT_GROUPS] = &in->groups,
                              [OPT_SOURCES] = &in->sources};
    static const double least[] = {
        [OPT_PE] = 2,       [OPT_RECEIVERS] = 1, [OPT_RR] = 0,     [OPT_CLUSTERS] = 0,
        [OPT_LIFETIME] = 0, [OPT_GROUPS] = 1,    [OPT_SOURCES] = 0};
    if (index == OPTION_POSITIONAL) {
        err_set(err, ERR_USE, "predict takes options only; leave '%.60s' out", value);
        return -1;
    }
    if (index == OPT_JSON) {
        a->json = true;
        return 0;
    }
    char key[32];
    (void)snprintf(key, sizeof(key), "--%s", predict_option_table[index].name);
    uint64_t whole = 0;
    if (index == OPT_LIFETIME)
        return value_number(key, value, 0, 1e12, fields[index], err) ? 0 : -1;
    if (!value_whole(key, value, least[index], 1e9, &whole, err))
        return -1;
    *fields[index] = (double)whole;
    return 0;
}

static void print_rows(const char *title, const struct prediction *p)
{
    static const char *const labels[] = {"first PE joins", "each further join", "refresh over T",
                                         "each leave (not last)", "last leave"};
    (void)printf("%s\n  %-24s %12s %12s %12s %12s\n", title, "messages x equipment", "upstream PE",
                 "other PEs", "RRs", "all");
    for (int e = 0; e < PREDICT_EVENTS; e++)
        (void)printf("  %-24s %12.10g %12.10g %12.10g %12.10g\n", labels[e], p->rows[e][0],
                     p->rows[e][1], p->rows[e][2], p->rows[e][3]);
    const struct {
        const char *label;
        const double *v;
    } totals[] = {{"sum of the events", p->sum},
                  {"total as printed", p->printed},
                  {"states x equipment", p->state}};
    for (size_t i = 0; i < 3; i++)
        (void)printf("  %-24s %12.10g %12.10g %12.10g %12.10g\n", totals[i].label, totals[i].v[0],
                     totals[i].v[1], totals[i].v[2], totals[i].v[3]);
}

static void print(const struct predict_input *in)
{
    struct prediction pim, most, best;
    predict_pim(in, &pim);
    predict_bgp(in, false, &most);
    predict_bgp(in, true, &best);
    (void)printf(
        "RFC 6517, Appendix A, for one tree: P=%.10g PEs, R=%.10g of them join, T=%.10g s\n\n",
        in->pes, in->receivers, in->lifetime_s);
    print_rows("PIM on the MI-PMSI (A.1.1.1)", &pim);
    print_rows("\nBGP, at most (A.1.1.2)", &most);
    print_rows("\nBGP, tending toward", &best);
    double trees = predict_trees(in);
    (void)printf(
        "\n%.10g tree%s in all: PIM %.10g, BGP at most %.10g, tending toward %.10g messages "
        "x equipment\n"
        "The RFC's printed PIM total exceeds the sum of its rows by P: the last PE to leave "
        "draws no override.\n",
        trees, trees == 1 ? "" : "s", pim.sum[PREDICT_ALL] * trees, most.sum[PREDICT_ALL] * trees,
        best.sum[PREDICT_ALL] * trees);
}

int cmd_predict(int argc, char **argv)
{
    struct err err = {0};
    struct args a = {.in = {.pes = 100,
                            .receivers = 10,
                            .reflectors = 2,
                            .clusters = -1,
                            .lifetime_s = 3600,
                            .refresh_s = 60,
                            .groups = 1}};
    if (options_parse(predict_option_table, predict_option_count, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    if (a.in.receivers > a.in.pes - 1) {
        err_set(&err, ERR_USE,
                "--receivers %.0f: at most P-1 = %.0f PEs can join the tree of another",
                a.in.receivers, a.in.pes - 1);
        return cli_fail(&err);
    }
    if (!a.json) {
        print(&a.in);
        return EXIT_DONE;
    }
    json_t *o = predict_json(&a.in);
    report_json_value(stdout, o);
    json_decref(o);
    return EXIT_DONE;
}
