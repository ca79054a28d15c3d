#include "harness/dut/hook_run.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/io/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BYTES_MAX 65536u

struct logged {
    const char *name;
    size_t bytes;
};

int hook_fail(const struct hook_command *c, const struct hook_output *out, struct err *err,
              const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    bool said = out != NULL && out->last[0] != '\0';
    err_set(err, ERR_TESTBED,
            "%s: hook %s: %s%s%s%s; put the command right (run it by hand with the instance's JSON "
            "on its stdin)",
            c->where, c->name, what, said ? " (its last line on stderr: " : "",
            said ? out->last : "", said ? ")" : "");
    return -1;
}

static void log_stderr(void *arg, const char *line)
{
    struct logged *l = arg;
    if (l->bytes < LOG_BYTES_MAX)
        log_line(LOG_INFO, (struct instant){0}, "hook", "%s: %s", l->name, line);
    l->bytes += strlen(line);
}

static int judge(const struct hook_command *c, const struct command_spec *spec,
                 const struct command_result *r, const struct hook_output *out, struct err *err)
{
    char why[COMMAND_WHY_MAX];
    if (r->end == COMMAND_DONE)
        return 0;
    if (r->end != COMMAND_INTERRUPTED)
        return hook_fail(c, out, err, "%s", command_why(spec, r, why));
    err_set(err, ERR_INTERRUPTED, "interrupted while the hook %s was running", c->name);
    return -1;
}

int hook_run(const struct hook_command *c, const json_t *input, struct hook_output *out,
             struct err *err)
{
    const char *const argv[] = {"sh", "-c", c->command, NULL};
    char *json = json_dumps(input, JSON_COMPACT), *text = mem_printf("%s\n", json);
    struct logged logged = {c->name, 0};
    struct command_spec spec = {.argv = argv,
                                .input = text,
                                .directory = c->directory,
                                .timeout_s = c->timeout_s,
                                .output_max = HOOK_OUTPUT_MAX,
                                .interrupted = c->interrupted,
                                .line = log_stderr,
                                .arg = &logged};
    struct command_result r;
    command_run(&spec, &r);
    free(json);
    free(text);
    *out = (struct hook_output){.text = r.text,
                                .len = r.len,
                                .begin_wall_ns = r.begin_wall_ns,
                                .end_wall_ns = r.end_wall_ns};
    memcpy(out->last, r.last, sizeof(out->last));
    return judge(c, &spec, &r, out, err);
}

void hook_output_free(struct hook_output *out)
{
    free(out->text);
    out->text = NULL;
}
