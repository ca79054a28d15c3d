/* Commands from a file, at their times. */
#include "emul/base/mem.h"
#include "harness/cli/cmd_emulate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX 10000

/* One line of the file. */
struct step {
    struct control_call call; /* first: the step is found from it */
    struct emulate *e;
    struct timer timer;
    double at_s;
    char *command;
};

struct emulate_script {
    struct step *steps;
    size_t count, cap;
    json_t *answers; /* [{"at", "command", "answer"}], in the order in which they ended */
};

/* take_line reads "at SECONDS COMMAND"; returns the column of what is wrong (from 1), 0: fine. */
static size_t take_line(struct emulate_script *s, const char *line, const char **why)
{
    const char *p = line + strspn(line, " \t");
    char *end;
    *why = "a line is `at SECONDS COMMAND`";
    if (*p == '\0' || *p == '#')
        return 0;
    if (strncmp(p, "at", 2) != 0 || (p[2] != ' ' && p[2] != '\t'))
        return (size_t)(p - line) + 1;
    p += 2;
    p += strspn(p, " \t");
    errno = 0;
    double at_s = strtod(p, &end);
    *why = "the time is a number of seconds from 0 on";
    if (end == p || (*end != ' ' && *end != '\t') || errno != 0 || !isfinite(at_s) || at_s < 0 ||
        at_s > 1e9)
        return (size_t)(p - line) + 1;
    p = end + strspn(end, " \t");
    *why = "a command is missing behind the time";
    if (*p == '\0')
        return (size_t)(p - line) + 1;
    *why = "the script is too long";
    if (s->count == SCRIPT_MAX || strlen(p) >= CONTROL_LINE_MAX)
        return 1;
    s->steps = array_grow(s->steps, s->count, &s->cap, sizeof(*s->steps));
    s->steps[s->count++] = (struct step){.at_s = at_s, .command = mem_strdup(p)};
    return 0;
}

struct emulate_script *emulate_script_load(const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        err_set(err, ERR_USE, "--script %s: %s; name a file of commands", path, strerror(errno));
        return NULL;
    }
    struct emulate_script *s = mem_zalloc(1, sizeof(*s));
    char *line = NULL;
    const char *why;
    size_t cap = 0, column = 0, number = 0;
    ssize_t len;
    s->answers = json_array();
    while (column == 0 && (len = getline(&line, &cap, f)) >= 0) {
        number++;
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            line[--len] = '\0';
        column = take_line(s, line, &why);
    }
    if (column > 0)
        err_set(err, ERR_USE, "%s:%zu:%zu: %s", path, number, column, why);
    else if (ferror(f) != 0)
        err_set(err, ERR_USE, "--script %s: %s; name a file of commands", path, strerror(errno));
    bool whole = column == 0 && ferror(f) == 0;
    free(line);
    (void)fclose(f);
    if (whole)
        return s;
    emulate_script_free(s);
    return NULL;
}

void emulate_script_free(struct emulate_script *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->steps[i].command);
    json_decref(s->answers);
    free(s->steps);
    free(s);
}

static void step_done(struct control_call *call, json_t *answer)
{
    struct step *step = (struct step *)call;
    const char *error = json_string_value(json_object_get(answer, "error"));
    emulate_say(step->e, "%s: %s", step->command, error == NULL ? "done" : error);
    json_array_append_new(
        step->e->script->answers,
        json_pack("{s:f,s:s,s:o}", "at", step->at_s, "command", step->command, "answer", answer));
}

static void step_due(void *arg)
{
    struct step *step = arg;
    char *line = mem_strdup(step->command);
    control_execute(&step->e->table, line, &step->call);
    free(line);
}

void emulate_script_start(struct emulate *e)
{
    for (size_t i = 0; e->script != NULL && i < e->script->count; i++) {
        struct step *step = &e->script->steps[i];
        step->e = e;
        step->call.done = step_done;
        timer_init(&step->timer, "script", step_due, step);
        timer_set(e->world.loop, &step->timer, instant_add(e->held, (int64_t)(step->at_s * 1e9)));
    }
}

void emulate_script_stop(struct emulate *e)
{
    for (size_t i = 0; e->script != NULL && i < e->script->count; i++)
        timer_cancel(e->world.loop, &e->script->steps[i].timer);
}

json_t *emulate_script_answers(const struct emulate_script *s)
{
    return s == NULL ? NULL : s->answers;
}
