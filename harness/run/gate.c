#include "harness/run/gate.h"

#include "emul/base/mem.h"
#include "harness/run/progress.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct gates *g, const char *text, const char *where, struct err *err)
{
    struct requirement *r = require_parse(text, where, err);
    if (r == NULL)
        return -1;
    g->items = array_grow(g->items, g->count, &g->cap, sizeof(struct requirement *));
    g->items[g->count++] = r;
    return 0;
}

static int add_file(struct gates *g, const char *path, FILE *f, struct err *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    unsigned number = 0;
    int result = 0;
    while (result == 0 && (n = getline(&line, &cap, f)) > 0) {
        number++;
        while (n > 0 && isspace((unsigned char)line[n - 1]))
            line[--n] = '\0';
        const char *text = line;
        while (isspace((unsigned char)*text))
            text++;
        if (*text == '\0' || *text == '#')
            continue;
        char *where = mem_printf("%s:%u", path, number);
        result = add(g, text, where, err);
        free(where);
    }
    if (result == 0 && ferror(f) != 0) {
        err_set(err, ERR_USE, "--require %.200s: %s; give a requirement, or a file of them", path,
                strerror(errno));
        result = -1;
    }
    free(line);
    return result;
}

int gates_load(struct gates *g, const char *const *options, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        FILE *f = strpbrk(options[i], "<>=") == NULL ? fopen(options[i], "r") : NULL;
        int result =
            f != NULL ? add_file(g, options[i], f, err) : add(g, options[i], "--require", err);
        if (f != NULL)
            (void)fclose(f);
        if (result != 0)
            return -1;
    }
    return 0;
}

static void verdicts_free(struct gates *g)
{
    for (size_t i = 0; g->verdicts != NULL && i < g->count; i++)
        free((void *)(uintptr_t)g->verdicts[i].said);
    free(g->verdicts);
    g->verdicts = NULL;
}

void gates_fini(struct gates *g)
{
    verdicts_free(g);
    for (size_t i = 0; i < g->count; i++)
        require_free(g->items[i]);
    free(g->items);
    *g = (struct gates){0};
}

size_t gates_judge(struct gates *g, const json_t *result)
{
    size_t failed = 0;
    verdicts_free(g);
    g->verdicts = mem_zalloc(g->count, sizeof(*g->verdicts));
    for (size_t i = 0; i < g->count; i++) {
        const struct requirement *r = g->items[i];
        char text[512];
        bool met = require_check(r, result, text, sizeof(text));
        g->verdicts[i] = (struct report_verdict){.case_id = require_case(r),
                                                 .requirement = require_text(r),
                                                 .said = mem_strdup(text),
                                                 .met = met};
        failed += met ? 0 : 1;
    }
    return failed;
}

void gates_say(const struct gates *g)
{
    for (size_t i = 0; g->verdicts != NULL && i < g->count; i++)
        progress_line("%s", g->verdicts[i].said);
}
