#include "harness/cli/manual.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 128

static const struct manual_row program_exits[] = {
    {"0", "done"},
    {"1", "a requirement or a comparison failed, or no case that seeks a maximum found one"},
    {"2", "wrong use or wrong configuration"},
    {"3", "the testbed or the DUT failed, or the output could not be written"},
    {"4", "interrupted; `run --resume DIR` goes on"},
    {0},
};

static const struct manual_row program_files[] = {
    {"testcases/CASE.yaml", "the test cases; testcases/README.md tells how they are written"},
    {"testcases/profiles/NAME.yaml", "DUT profiles for --dut NAME"},
    {"testcases/testbeds/", "examples of testbed files: a trunk, and single interfaces"},
    {"testcases/duts/", "examples of profiles for routers that are driven by commands or by hand"},
    {0},
};

static const struct manual_row program_environment[] = {
    {"MVPNBENCH_DATA", "directory that holds testcases/; default: share/mvpnbench beside the "
                       "program's directory, else the source tree it was built from"},
    {"XDG_RUNTIME_DIR", "where a program that takes commands makes its socket (see ctl)"},
    {"TMPDIR", "the same without XDG_RUNTIME_DIR, and temporary files of DUT drivers; /tmp"},
    {0},
};

static const struct manual_row program_examples[] = {
    {"mvpnbench run", "a first run: three cases on the reference PE, a minute or two"},
    {"mvpnbench run 9.1 --set dut.limits.mvpns=137", "a reference PE that holds 137 mVPNs"},
    {"mvpnbench plan 9.3", "what 9.3 would take"},
    {0},
};

static const char program_about[] =
    "Measures how far the multicast-VPN control plane of a provider-edge router scales, the way "
    "draft-sdry-bmwg-mvpnscale-03 prescribes. It plays everything around the PE (C-routers, "
    "sources and receivers, the P router, remote PEs), searches the largest values that the PE "
    "holds, and measures how it recovers from failures.\n\n"
    "The DUT is a reference PE on a virtual clock (no router, no privileges), the FRR daemons in "
    "network namespaces, or any router between two interfaces of this host.\n\n"
    "Options are taken as `--opt value` and `--opt=value`; `--` ends them. `--help` and `-h` "
    "stand with any command, and `--version` alone prints the version. An error is one line on "
    "stderr that says where it is, what is wrong and what to do.";

const struct command_text *command_text_find(const char *name)
{
    static const struct manual_row no_rows[] = {{0}};
    static const struct command_text empty = {"", "", no_rows, no_rows, no_rows, ""};
    const struct command_text *const tables[] = {manual_texts_bench, manual_texts_operator};
    for (size_t i = 0; i < 2; i++) {
        for (const struct command_text *t = tables[i]; t->name != NULL; t++) {
            if (strcmp(t->name, name) == 0)
                return t;
        }
    }
    return &empty;
}

/* One block of a text at a time: what stands between empty lines. */
static void write_blocks(FILE *f, const struct manual_style *s, const char *text)
{
    for (bool first = true; *text != '\0'; first = false) {
        const char *end = strstr(text, "\n\n");
        size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
        char *block = strndup(text, len);
        if (block == NULL)
            return;
        (block[0] == ' ' ? s->literal : s->paragraph)(f, block, first);
        free(block);
        text += len;
        text += strspn(text, "\n");
    }
}

static void write_list(FILE *f, const struct manual_style *s, const char *title,
                       const struct manual_row *rows)
{
    if (rows[0].term == NULL)
        return;
    s->heading(f, title);
    s->items(f, rows);
}

static void write_examples(FILE *f, const struct manual_style *s, const struct manual_row *rows)
{
    if (rows[0].term == NULL)
        return;
    s->heading(f, "examples");
    for (const struct manual_row *r = rows; r->term != NULL; r++)
        s->example(f, r->term, r->text, r == rows);
}

static void write_usage(FILE *f, const struct manual_style *s, const struct command *c)
{
    const char *at = c->synopsis;
    bool first = true;
    do {
        char form[200];
        size_t len = strcspn(at, "\n");
        (void)snprintf(form, sizeof(form), "%.*s", (int)len, at);
        s->usage(f, c->name, form, first);
        first = false;
        at += len;
        at += *at == '\n';
    } while (*at != '\0');
}

static void write_options(FILE *f, const struct manual_style *s, const struct command *c)
{
    static char terms[ROWS_MAX][80];
    struct manual_row rows[ROWS_MAX + 2];
    size_t n = 0;
    for (; c->options != NULL && n < *c->option_count && n < ROWS_MAX; n++) {
        const struct cli_option *o = &c->options[n];
        (void)snprintf(terms[n], sizeof(terms[n]), "--%s%s%s", o->name, o->arg != NULL ? " " : "",
                       o->arg != NULL ? o->arg : "");
        rows[n] = (struct manual_row){terms[n], o->help};
    }
    rows[n] = (struct manual_row){"--help", "this text"};
    rows[n + 1] = (struct manual_row){0};
    write_list(f, s, "options", rows);
}

void manual_command(FILE *f, const struct manual_style *style, const struct command *c)
{
    const struct command_text *t = command_text_find(c->name);
    style->begin(f, c->name, c->help);
    write_usage(f, style, c);
    if (t->about[0] != '\0') {
        style->heading(f, "description");
        write_blocks(f, style, t->about);
    }
    write_options(f, style, c);
    for (size_t i = 0; i < sizeof(c->more) / sizeof(c->more[0]) && c->more[i] != NULL; i++)
        c->more[i](f, style);
    write_list(f, style, "exit codes", t->exits);
    write_list(f, style, "files", t->files);
    write_examples(f, style, t->examples);
    style->heading(f, "see also");
    style->see(f, t->see);
}

void manual_program(FILE *f, const struct manual_style *style)
{
    struct manual_row rows[ROWS_MAX + 1];
    const struct command *c;
    size_t n = 0;
    for (size_t i = 0; (c = command_at(i)) != NULL && n < ROWS_MAX; i++) {
        if (!c->hidden)
            rows[n++] = (struct manual_row){c->name, c->help};
    }
    rows[n] = (struct manual_row){0};
    style->begin(f, "", "how far the multicast-VPN control plane of a PE router scales");
    style->usage(f, "", "COMMAND [arguments]", true);
    style->usage(f, "", "COMMAND --help", false);
    style->usage(f, "", "--version", false);
    style->heading(f, "description");
    write_blocks(f, style, program_about);
    write_list(f, style, "commands", rows);
    write_list(f, style, "exit codes", program_exits);
    write_list(f, style, "environment", program_environment);
    write_list(f, style, "files", program_files);
    write_examples(f, style, program_examples);
}
