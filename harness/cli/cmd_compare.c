/* mvpnbench compare: runs side by side, the first being what the others are measured by. */
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "reports/compare.h"
#include "reports/reports.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMPARE_TOLERANCE,
    COMPARE_STRICT,
    COMPARE_FORMAT,
    COMPARE_STYLE,
    COMPARE_OUT,
    COMPARE_OPTIONS
};

const struct cli_option compare_option_table[] = {
    [COMPARE_TOLERANCE] =
        {"tolerance", "SPEC",
         "5%, NAME=5% or NAME=0.5: how much worse is still the same (repeatable)"},
    [COMPARE_STRICT] = {"strict", NULL, "exit 1 where anything could not be compared"},
    [COMPARE_FORMAT] = {"format", "text|html|json", "rendering (text)"},
    [COMPARE_STYLE] = {"style", "FILE", "XSLT style sheet for html instead of the built-in one"},
    [COMPARE_OUT] = {"out", "FILE", "write to this file, not to standard output"},
};
const size_t compare_option_count = COMPARE_OPTIONS;

enum format { FORMAT_TEXT, FORMAT_HTML, FORMAT_JSON };

struct compare_args {
    struct compare_run runs[COMPARE_RUNS_MAX];
    size_t count;
    struct compare_tolerances tolerances;
    enum format format;
    bool strict;
    const char *style, *out;
};

static int take_format(struct compare_args *a, const char *value, struct err *err)
{
    static const char *const names[] = {"text", "html", "json"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], value) == 0) {
            a->format = (enum format)i;
            return 0;
        }
    }
    err_set(err, ERR_USE, "--format %.60s: no such rendering (there are: text, html, json)", value);
    return -1;
}

static int take_run(struct compare_args *a, const char *dir, struct err *err)
{
    if (a->count == COMPARE_RUNS_MAX) {
        err_set(err, ERR_USE, "compare takes at most %u runs; leave '%.200s' out", COMPARE_RUNS_MAX,
                dir);
        return -1;
    }
    a->runs[a->count++].dir = dir;
    return 0;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct compare_args *a = ctx;
    switch (index) {
    case COMPARE_TOLERANCE:
        return compare_tolerance_add(&a->tolerances, value, err);
    case COMPARE_STRICT:
        a->strict = true;
        return 0;
    case COMPARE_FORMAT:
        return take_format(a, value, err);
    case COMPARE_STYLE:
        a->style = value;
        return 0;
    case COMPARE_OUT:
        a->out = value;
        return 0;
    default:
        return take_run(a, value, err);
    }
}

static int check(const struct compare_args *a, struct err *err)
{
    if (a->count < 2)
        err_set(err, ERR_USE,
                "compare needs the directories of two or more runs: mvpnbench compare DIR DIR");
    else if (a->style != NULL && a->format != FORMAT_HTML)
        err_set(err, ERR_USE, "--style is for --format html; leave it out or add that");
    else
        return 0;
    return -1;
}

static int load(struct compare_args *a, struct err *err)
{
    for (size_t k = 0; k < a->count; k++) {
        json_t *result = compare_load(a->runs[k].dir, err);
        if (result == NULL)
            return -1;
        a->runs[k].result = result;
    }
    return 0;
}

/* ---- output ---------------------------------------------------------------------------------- */

static int render(FILE *f, const struct compare_args *a, const json_t *comparison, struct err *err)
{
    if (a->format == FORMAT_HTML)
        return compare_html(f, a->style, comparison, err);
    if (a->format == FORMAT_JSON)
        report_json_value(f, comparison);
    else
        compare_text(f, comparison);
    if (a->format == FORMAT_JSON)
        (void)fputc('\n', f);
    return 0;
}

/* Nobody finds half a comparison under the name he asked for. */
static int write_file(const struct compare_args *a, const json_t *comparison, struct err *err)
{
    char *temporary = mem_printf("%s.tmp", a->out);
    FILE *f = fopen(temporary, "we");
    int rc = f == NULL ? -1 : render(f, a, comparison, err);
    bool written = f != NULL && fflush(f) == 0 && !ferror(f);
    int saved = errno;
    if (f != NULL && fclose(f) != 0)
        written = false;
    if (rc == 0 && written && rename(temporary, a->out) == 0) {
        free(temporary);
        return 0;
    }
    err_set(err, ERR_TESTBED, "%.300s: cannot write: %s", a->out,
            strerror(rc == 0 && written ? errno : saved));
    if (f != NULL)
        (void)remove(temporary);
    free(temporary);
    return -1;
}

static int judge(const struct compare_args *a, const json_t *comparison, struct err *err)
{
    struct compare_counts n = compare_counts_get(comparison);
    size_t compared = n.same + n.better + n.worse;
    if (n.worse > 0)
        err_set(err, ERR_REQUIREMENT,
                "%zu of %zu values are worse than in the first run by more than their tolerance",
                n.worse, compared);
    else if (compared == 0)
        err_set(err, ERR_REQUIREMENT,
                "nothing could be compared: %zu values, each with its reason in the comparison",
                n.incomparable);
    else if (a->strict && n.incomparable > 0)
        err_set(err, ERR_REQUIREMENT, "%zu values could not be compared (--strict)",
                n.incomparable);
    else
        return 0;
    return -1;
}

int cmd_compare(int argc, char **argv)
{
    struct compare_args a = {0};
    struct err err = {0};
    json_t *comparison = NULL;
    int rc = options_parse(compare_option_table, COMPARE_OPTIONS, argc, argv, take, &a, &err);
    if (rc == 0)
        rc = check(&a, &err);
    if (rc == 0)
        rc = load(&a, &err);
    if (rc == 0)
        rc = (comparison = compare_runs(a.runs, a.count, &a.tolerances, &err)) == NULL ? -1 : 0;
    if (rc == 0)
        rc =
            a.out != NULL ? write_file(&a, comparison, &err) : render(stdout, &a, comparison, &err);
    if (rc == 0)
        rc = judge(&a, comparison, &err);
    json_decref(comparison);
    for (size_t k = 0; k < a.count; k++)
        json_decref((json_t *)(uintptr_t)a.runs[k].result);
    compare_tolerances_fini(&a.tolerances);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
