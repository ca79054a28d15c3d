#include "harness/run/output.h"

#include "emul/base/mem.h"
#include "emul/loop/loop.h"
#include "harness/run/progress.h"
#include "mvpnbench/result.h"
#include "reports/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

json_t *output_new(const json_t *journal_head, uint64_t seed, bool virtual_clock)
{
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string(RESULT_SCHEMA));
    json_object_set_new(o, "tool",
                        json_pack("{s:s,s:I}", "version", MVPN_VERSION, "seed", (json_int_t)seed));
    json_object_set(o, "started", json_object_get(journal_head, "started"));
    json_object_set_new(o, "clock", json_string(virtual_clock ? "virtual" : "real"));
    json_object_set_new(o, "cases", json_array());
    return o;
}

char *output_unfinished(const char *dir, size_t instances, const char *last)
{
    return mem_printf("This run has not finished: %zu instance%s so far%s%s; go on with: mvpnbench "
                      "run --resume %s",
                      instances, instances == 1 ? "" : "s", last == NULL ? "" : ", the last one ",
                      last == NULL ? "" : last, dir);
}

static int write_format(const struct report_format *format, const struct report_input *in,
                        struct err *err)
{
    char *path = mem_printf("%s/%s", in->dir, format->file);
    int result = report_write(path, format->render, in, err);
    free(path);
    return result;
}

/* While a run goes on its directory holds what people look at meanwhile, and what it is for. */
int output_write(const struct report_input *in, struct err *err)
{
    for (size_t i = 0; i < report_format_count; i++) {
        const struct report_format *format = &report_formats[i];
        bool meanwhile = format->render == report_json || format->render == report_text;
        if (meanwhile && write_format(format, in, err) != 0)
            return -1;
    }
    return 0;
}

int output_write_all(const struct report_input *in, struct err *err)
{
    for (size_t i = 0; i < report_format_count; i++) {
        if (write_format(&report_formats[i], in, err) != 0)
            return -1;
    }
    return 0;
}

json_t *output_read(const char *dir, struct err *err)
{
    char *path = mem_printf("%s/result.json", dir);
    json_t *result = result_load(path, err);
    free(path);
    return result;
}

void output_maxima(const json_t *case_object)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(case_object, "maximum"), i, entry)
    {
        const json_t *value = json_object_get(entry, "value");
        char *where =
            json_dumps(json_object_get(entry, "where"), JSON_COMPACT | JSON_REAL_PRECISION(6));
        char number[32] = "none";
        if (json_is_integer(value))
            (void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        json_t *fields = json_pack("{s:O}", "case", json_object_get(case_object, "case"));
        (void)json_object_update(fields, entry);
        progress_event("maximum", fields, "%s: maximum %s = %s (%s%s%s, bounded by %s)",
                       json_string_value(json_object_get(case_object, "case")),
                       json_string_value(json_object_get(entry, "variable")), number,
                       json_string_value(json_object_get(entry, "stimulus")),
                       strcmp(where, "{}") == 0 ? "" : ", ", strcmp(where, "{}") == 0 ? "" : where,
                       json_string_value(json_object_get(entry, "bounded_by")));
        free(where);
    }
}

void output_print(const struct report_input *in, bool json)
{
    if (json) {
        (void)report_json(stdout, in, NULL);
        return;
    }
    (void)report_text(stdout, in, NULL);
    (void)printf("\nreport: %s/report.txt\nresult: %s/result.json\n", in->dir, in->dir);
}

void output_log_host(FILE *log)
{
    if (log == NULL)
        return;
    struct utsname host;
    char cwd[PATH_MAX], stamp[LOOP_WALL_TEXT];
    if (uname(&host) != 0 || getcwd(cwd, sizeof(cwd)) == NULL)
        return;
    (void)fprintf(log, "%s host %s %s %s, pid %ld, in %s\n", loop_wall_text(stamp), host.nodename,
                  host.sysname, host.release, (long)getpid(), cwd);
}
