#include "tests/sim/lab/check.h"

#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_TEXT 4096

static void equal(const char *what, int64_t value, int64_t expected)
{
    if (value != expected)
        (void)fprintf(stderr, "\n  %s: %lld, expected %lld", what, (long long)value,
                      (long long)expected);
    CU_ASSERT_EQUAL(value, expected);
}

void check_metric(struct world *w, unsigned unseen)
{
    struct mvpn_metric expected, show, seen;
    struct p_metric p_expected, p_show, p_seen;
    spec_expected(&w->spec, &expected);
    spec_expected_p(&w->spec, &p_expected);
    refpe_metric(w->pe, &show, &p_show);
    emul_metric(w->emul, &seen);
    emul_p_metric(w->emul, &p_seen);
    for (int i = 0; i < METRIC_VARS; i++) {
        bool unknown = i == NUM_OIF_C || (unseen >> i & 1) != 0;
        equal(metric_name((enum metric_var)i), show.v[i], expected.v[i]);
        equal(metric_name((enum metric_var)i), seen.v[i], unknown ? METRIC_UNKNOWN : expected.v[i]);
    }
    for (int i = NUM_STARG_P; i <= NUM_SG_P; i++) {
        equal(p_metric_name((enum p_metric_var)i), p_show.v[i], p_expected.v[i]);
        equal(p_metric_name((enum p_metric_var)i), p_seen.v[i], p_expected.v[i]);
    }
    equal(p_metric_name(NUM_OIF_P), p_seen.v[NUM_OIF_P], METRIC_UNKNOWN);
}

void check_window(struct world *w)
{
    struct emul_window win;
    struct emul_failure failures[8];
    emul_window_open(w->emul);
    world_run(w, 30);
    emul_window_close(w->emul);
    world_run(w, 1);
    emul_window_get(w->emul, &win);
    CU_ASSERT(win.ingress.sent + win.egress.sent > 0);
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    CU_ASSERT_EQUAL(win.egress.received, win.egress.sent);
    CU_ASSERT_EQUAL(win.ingress.duplicate + win.egress.duplicate, 0);
    CU_ASSERT_EQUAL(emul_failures(w->emul, failures, 8), 0);
}

static size_t complaints(const char *command, const char *path, const char *const *words)
{
    char line[LINE_TEXT];
    size_t n = 0;
    (void)snprintf(line, sizeof(line), command, path);
    FILE *f = popen(line, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        /* An empty PIM packet is what a Null-Register holds (RFC 7761 4.9.3). */
        size_t len = strlen(line);
        if (len > 7 && strcmp(line + len - 7, "[|pim]\n") == 0 && strstr(line, "PIM") == NULL)
            continue;
        for (const char *const *w = words; *w != NULL; w++) {
            if (strcasestr(line, *w) == NULL)
                continue;
            (void)fprintf(stderr, "\n%s", line);
            n++;
            break;
        }
    }
    CU_ASSERT_EQUAL(pclose(f), 0);
    return n;
}

void check_judges(const struct world *w)
{
    static const char *const tshark[] = {"malformed", "incorrect", "expert info (error",
                                         "[bad",      "truncated", NULL};
    static const char *const tcpdump[] = {"bad ", "incorrect", "malformed", "invalid", "[|", NULL};
    if (system("tshark -v >/dev/null 2>&1") != 0 ||
        system("tcpdump --version >/dev/null 2>&1") != 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(complaints("tshark -n -o ip.check_checksum:TRUE -V -r %s 2>/dev/null",
                                   w->capture_path[i], tshark),
                        0);
        CU_ASSERT_EQUAL(complaints("tcpdump -vvn -r %s 2>/dev/null", w->capture_path[i], tcpdump),
                        0);
    }
}

void check_left(struct world *w)
{
    struct mvpn_metric m;
    struct p_metric p;
    struct neighbour_count n;
    refpe_metric(w->pe, &m, &p);
    refpe_neighbours(w->pe, &n);
    CU_ASSERT_EQUAL(n.c_interface + n.mi_pmsi, 0);
    CU_ASSERT_EQUAL(m.v[NUM_STARG_C], 0);
    CU_ASSERT_EQUAL(m.v[NUM_SG_C], 0);
}
