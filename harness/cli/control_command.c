/* Commands as lines of words, and their answers. */
#include "harness/case/settings.h"
#include "harness/cli/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a client typed comes back to it in JSON, which holds text only. */
static json_t *printable(const char *text)
{
    char out[sizeof(((struct err *)0)->text)];
    size_t n = 0;
    for (; text[n] != '\0' && n + 1 < sizeof(out); n++)
        out[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
    out[n] = '\0';
    return json_string(out);
}

void control_answer(struct control_call *call, json_t *answer)
{
    json_t *whole = json_pack("{s:b}", "ok", 1);
    (void)json_object_update(whole, answer);
    json_decref(answer);
    call->done(call, whole);
}

void control_refuse(struct control_call *call, const struct err *err)
{
    json_t *answer = json_object();
    json_object_set_new(answer, "ok", json_false());
    json_object_set_new(answer, "code",
                        json_integer(err->code == ERR_NONE ? ERR_TESTBED : err->code));
    json_object_set_new(answer, "error", printable(err->text));
    call->done(call, answer);
}

static json_t *help_of(const struct control_table *t)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < t->count; i++) {
        const struct control_command *c = &t->commands[i];
        json_array_append_new(rows, json_pack("{s:s,s:s,s:s}", "command", c->name, "arguments",
                                              c->args, "help", c->help));
    }
    return json_pack("{s:o}", "rows", rows);
}

static const struct control_command *find(const struct control_table *t, const char *word,
                                          struct err *err)
{
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->commands[i].name, word) == 0)
            return &t->commands[i];
        if (n < sizeof(names) / sizeof(names[0]))
            names[n++] = t->commands[i].name;
    }
    err_set(err, ERR_USE, "unknown command '%.40s'; did you mean '%s'? ('help' lists them)", word,
            text_nearest(word, names, n));
    return NULL;
}

static bool is_text(const char *line)
{
    for (const char *p = line; *p != '\0'; p++) {
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
            return false;
    }
    return true;
}

/* split cuts the line into words; -1 with *err. */
static int split(char *line, char *words[CONTROL_WORDS], struct err *err)
{
    int n = 0;
    char *save;
    if (!is_text(line)) {
        err_set(err, ERR_USE, "a command is one line of printable words");
        return -1;
    }
    for (char *w = strtok_r(line, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
        if (n == CONTROL_WORDS) {
            err_set(err, ERR_USE, "a command has at most %d words", CONTROL_WORDS);
            return -1;
        }
        words[n++] = w;
    }
    if (n == 0)
        err_set(err, ERR_USE, "an empty line is no command ('help' lists them)");
    return n == 0 ? -1 : n;
}

void control_execute(const struct control_table *t, char *line, struct control_call *call)
{
    char *words[CONTROL_WORDS];
    struct err err = {0};
    int count = split(line, words, &err);
    if (count > 0 && strcmp(words[0], "help") == 0) {
        control_answer(call, help_of(t));
        return;
    }
    const struct control_command *c = count < 0 ? NULL : find(t, words[0], &err);
    json_t *answer = c == NULL ? NULL : c->fn(t->arg, call, count, words, &err);
    if (answer != NULL)
        control_answer(call, answer);
    else if (err.code != ERR_NONE)
        control_refuse(call, &err);
}

int control_number(const char *what, const char *word, uint32_t *out, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long v = word[0] >= '0' && word[0] <= '9' ? strtoul(word, &end, 10) : 0;
    if (v == 0 || errno != 0 || *end != '\0' || v > UINT32_MAX) {
        err_set(err, ERR_USE, "%s '%.40s': give a whole number from 1 on", what, word);
        return -1;
    }
    *out = (uint32_t)v;
    return 0;
}

int control_choice(const char *word, const char *first, const char *second, struct err *err)
{
    if (strcmp(word, first) == 0)
        return 0;
    if (strcmp(word, second) == 0)
        return 1;
    err_set(err, ERR_USE, "'%.40s': say %s or %s", word, first, second);
    return -1;
}
