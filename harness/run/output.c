#include "harness/run/output.h"

#include "emul/base/mem.h"
#include "emul/loop/loop.h"
#include "harness/run/progress.h"
#include "mvpnbench/result.h"
#include "reports/reports.h"

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

int output_write(const char *dir, const json_t *result, struct err *err)
{
    char *json = mem_printf("%s/result.json", dir);
    char *text = mem_printf("%s/report.txt", dir);
    const struct report_input in = {.result = result, .dir = dir};
    int failed = report_write(json, report_json, &in, err);
    if (failed == 0)
        failed = report_write(text, report_text, &in, err);
    free(json);
    free(text);
    return failed;
}

json_t *output_read(const char *dir, struct err *err)
{
    char *path = mem_printf("%s/result.json", dir);
    json_error_t at;
    json_t *result = json_load_file(path, 0, &at);
    const char *schema = json_string_value(json_object_get(result, "schema"));
    if (result == NULL) {
        err_set(err, ERR_USE, "%s:%d:%d: %s; name the directory of an earlier run", path,
                at.line < 1 ? 1 : at.line, at.column < 1 ? 1 : at.column, at.text);
    } else if (schema == NULL || strcmp(schema, RESULT_SCHEMA) != 0 ||
               !json_is_array(json_object_get(result, "cases"))) {
        err_set(err, ERR_USE, "%s:1:1: not of schema %s; name the directory of a run", path,
                RESULT_SCHEMA);
        json_decref(result);
        result = NULL;
    }
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
        progress_line("%s: maximum %s = %s (%s%s%s, bounded by %s)",
                      json_string_value(json_object_get(case_object, "case")),
                      json_string_value(json_object_get(entry, "variable")), number,
                      json_string_value(json_object_get(entry, "stimulus")),
                      strcmp(where, "{}") == 0 ? "" : ", ", strcmp(where, "{}") == 0 ? "" : where,
                      json_string_value(json_object_get(entry, "bounded_by")));
        free(where);
    }
}

void output_print(const char *dir, const json_t *result, bool json)
{
    const struct report_input in = {.result = result, .dir = dir};
    if (json) {
        (void)report_json(stdout, &in, NULL);
        return;
    }
    (void)report_text(stdout, &in, NULL);
    (void)printf("\nreport: %s/report.txt\nresult: %s/result.json\n", dir, dir);
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
