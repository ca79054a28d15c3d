/* Every command has a manual that holds its tables, whole and as they are; examples are command
 * lines that the parser takes. */
#include "harness/case/settings.h"
#include "harness/cli/manual.h"
#include "harness/cli/run_args.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS   100
#define WORDS_MAX 64

static char *page(const struct manual_style *style, const struct command *c)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    if (c == NULL)
        manual_program(f, style);
    else
        manual_command(f, style, c);
    CU_ASSERT_EQUAL(fclose(f), 0);
    return text;
}

static void complain(bool good, const struct command *c, const char *what)
{
    CU_ASSERT(good);
    if (!good)
        (void)fprintf(stderr, "%s: %s\n", c == NULL ? "the program" : c->name, what);
}

static size_t rows(const struct manual_row *r)
{
    size_t n = 0;
    while (r[n].term != NULL)
        n++;
    return n;
}

static void test_texts(void)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        const struct command_text *t = command_text_find(c->name);
        complain(strcmp(t->name, c->name) == 0 && t->about[0] != '\0', c, "tells nothing of it");
        complain(rows(t->exits) >= 2, c, "which exit codes?");
        complain(c->hidden || rows(t->examples) >= 3, c, "three examples at least");
        for (const char *at = t->see; *(at += strspn(at, " ")) != '\0';) {
            char name[32];
            size_t len = strcspn(at, " ");
            (void)snprintf(name, sizeof(name), "%.*s", (int)len, at);
            complain(command_find(name) != NULL, c, "refers to what is not there");
            at += len;
        }
        for (size_t k = 0; c->options != NULL && k < *c->option_count; k++)
            complain(c->options[k].help[0] != '\0', c, "an option without a word");
    }
    CU_ASSERT(command_text_find("no such command")->about[0] == '\0');
}

static void check_columns(const struct command *c)
{
    char *text = page(&manual_plain, c), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strlen(line) > COLUMNS)
            complain(false, c, line);
        size_t len = strlen(line);
        complain(len == 0 || line[len - 1] != ' ', c, "a blank at a line's end");
    }
    free(text);
}

static void test_columns(void)
{
    const struct command *c;
    check_columns(NULL);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        check_columns(c);
}

/* holds tells whether every option and key is in a page; escaped: as roff spells it. */
static void check_options(const struct command *c, const char *text, bool escaped)
{
    for (size_t k = 0; c->options != NULL && k < *c->option_count; k++) {
        char term[100], *out = term;
        out += sprintf(out, "%s", escaped ? "\n\\fB\\-\\-" : "\n  --");
        for (const char *in = c->options[k].name; *in != '\0'; in++)
            out += sprintf(out, "%s%c", escaped && *in == '-' ? "\\" : "", *in);
        complain(strstr(text, term) != NULL, c, term);
    }
}

static void test_options(void)
{
    const struct command *c;
    const char *help, *key;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        char *plain = page(&manual_plain, c), *roff = page(&manual_roff, c);
        check_options(c, plain, false);
        check_options(c, roff, true);
        for (size_t n = 0; c->run == cmd_run && (key = run_settings_key(n, &help)) != NULL; n++)
            complain(strstr(plain, key) != NULL, c, key);
        free(plain);
        free(roff);
    }
}

/* ---- examples ---------------------------------------------------------------------------------
 */

static int take_any(void *ctx, size_t index, const char *value, struct err *err)
{
    (void)ctx;
    (void)index;
    (void)value;
    (void)err;
    return 0;
}

/* split takes the words of a line apart as a shell would, as far as examples need it: quotes,
 * settings of the environment before, and the end at a pipe or a redirection. */
static int split(char *line, char **words)
{
    int n = 0;
    char *in = line, *out = line;
    while (n < WORDS_MAX) {
        in += strspn(in, " ");
        if (*in == '\0' || *in == '|' || *in == '>')
            break;
        char quote = '\0';
        words[n++] = out;
        for (; *in != '\0' && (quote != '\0' || *in != ' '); in++) {
            if (quote == '\0' && (*in == '\'' || *in == '"'))
                quote = *in;
            else if (quote != '\0' && *in == quote)
                quote = '\0';
            else
                *out++ = *in;
        }
        in += *in == ' ';
        *out++ = '\0';
    }
    int skip = 0;
    while (skip < n && strchr(words[skip], '=') != NULL)
        skip++;
    memmove(words, words + skip, sizeof(*words) * (size_t)(n - skip));
    return n - skip;
}

static void check_example(const struct command *page_of, const char *example)
{
    char line[300], *words[WORDS_MAX], *at = line;
    struct err err = {0};
    (void)snprintf(line, sizeof(line), "%s", example);
    if (strncmp(line, "eval \"$(", 8) == 0) { /* completion of bash */
        at += 8;
        at[strcspn(at, ")")] = '\0';
    }
    int n = split(at, words);
    complain(n >= 2 && strcmp(words[0], "mvpnbench") == 0, page_of, example);
    const struct command *c = n < 2 ? NULL : command_find(words[1]);
    complain(c != NULL, page_of, example);
    if (c == NULL)
        return;
    int rc = options_parse(c->options, c->options == NULL ? 0 : *c->option_count, n - 1, words + 1,
                           take_any, NULL, &err);
    if (rc == 0 && (c->run == cmd_run || c->run == cmd_plan)) {
        static struct run_args args;
        rc = run_args_parse(&args, n - 1, words + 1, &err);
    }
    complain(rc == 0, page_of, example);
    if (rc != 0)
        (void)fprintf(stderr, "  %s\n", err.text);
}

static void test_examples(void)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        const struct command_text *t = command_text_find(c->name);
        for (const struct manual_row *r = t->examples; r->term != NULL; r++)
            check_example(c, r->term);
    }
}

/* ---- hostile words ----------------------------------------------------------------------------
 */

static char *styled(const struct manual_style *style,
                    void (*write)(FILE *, const struct manual_style *))
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    write(f, style);
    CU_ASSERT_EQUAL(fclose(f), 0);
    return text;
}

static const char hostile[] = ".so /etc/passwd 'TH \\fB\\*(xx \"q\" -x ^ ~ ` \\\n.de X\n..\n'br";

static void write_hostile(FILE *f, const struct manual_style *style)
{
    const struct manual_row list[] = {{".TP 'x\\", hostile}, {0}};
    style->begin(f, "x", hostile);
    style->usage(f, "x", hostile, true);
    style->heading(f, ".h \\n(xx");
    style->paragraph(f, hostile, true);
    style->paragraph(f, hostile, false);
    style->literal(f, hostile, false);
    style->items(f, list);
    style->example(f, hostile, hostile, false);
}

/* Requests are those of the style; the only escapes are those that it makes. */
static void test_hostile(void)
{
    static const char *const requests[] = {".TH ", ".nh", ".ad", ".SH", ".PP", ".nf",
                                           ".fi",  ".TP", ".RS", ".RE", ".br"};
    static const char *const escapes[] = {"\\e",   "\\-", "\\(dq", "\\(aq", "\\(ga", "\\(ha",
                                          "\\(ti", "\\&", "\\fB",  "\\fR",  "\\fI"};
    char *text = styled(&manual_roff, write_hostile), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        bool good = line[0] != '\'' && line[0] != '.';
        for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
            good |= strncmp(line, requests[i], strlen(requests[i])) == 0;
        for (const char *at = line; (at = strchr(at, '\\')) != NULL; at += 2) {
            bool known = false;
            for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
                known |= strncmp(at, escapes[i], strlen(escapes[i])) == 0;
            good &= known;
        }
        complain(good, NULL, line);
    }
    free(text);
    text = styled(&manual_plain, write_hostile);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\\fB\\*(xx \"q\""));
    free(text);
}

static const struct cu_test tests[] = {
    {"each command has its texts", test_texts},
    {"no line is too long", test_columns},
    {"each option and key is there", test_options},
    {"examples are command lines", test_examples},
    {"hostile words", test_hostile},
};

CU_MAIN("manual", tests)
