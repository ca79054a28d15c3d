/* The manual on a terminal: no line is longer than 100 columns, unless one word is. */
#include "harness/cli/manual.h"

#include <string.h>

#define WIDTH      100u
#define TERM_MAX   40u /* a longer term has its text on the next line */
#define PLAIN_WIDE 96u /* paragraphs, a bit narrower than lists may be */

/* wrap writes words from column at on, further lines from column indent; ends the line. */
static void wrap(FILE *f, const char *text, size_t at, size_t indent, size_t width)
{
    bool first = true;
    for (;;) {
        text += strspn(text, " \n");
        size_t len = strcspn(text, " \n");
        if (len == 0)
            break;
        if (!first && at + 1 + len > width) {
            (void)fprintf(f, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            (void)fputc(' ', f);
            at++;
        }
        (void)fprintf(f, "%.*s", (int)len, text);
        at += len;
        text += len;
        first = false;
    }
    (void)fputc('\n', f);
}

static void plain_begin(FILE *f, const char *command, const char *purpose)
{
    (void)fprintf(f, "mvpnbench%s%s: %s\n\n", command[0] == '\0' ? "" : " ", command, purpose);
}

static void plain_usage(FILE *f, const char *command, const char *form, bool first)
{
    (void)fprintf(f, "%s mvpnbench%s%s%s%s\n", first ? "usage:" : "      ",
                  command[0] == '\0' ? "" : " ", command, form[0] == '\0' ? "" : " ", form);
}

static void plain_heading(FILE *f, const char *title)
{
    (void)fprintf(f, "\n%s:\n", title);
}

static void plain_group(FILE *f, const char *title)
{
    (void)fprintf(f, " %s\n", title);
}

static void plain_paragraph(FILE *f, const char *text, bool first)
{
    (void)fputs(first ? "  " : "\n  ", f);
    wrap(f, text, 2, 2, PLAIN_WIDE);
}

static void plain_literal(FILE *f, const char *lines, bool first)
{
    (void)fprintf(f, "%s%s\n", first ? "" : "\n", lines);
}

static void plain_items(FILE *f, const struct manual_row *rows)
{
    size_t column = 0;
    for (const struct manual_row *r = rows; r->term != NULL; r++) {
        size_t len = strlen(r->term);
        if (len > column && len <= TERM_MAX)
            column = len;
    }
    for (const struct manual_row *r = rows; r->term != NULL; r++) {
        size_t len = strlen(r->term);
        (void)fprintf(f, "  %-*s", (int)column, r->term);
        if (len > column)
            (void)fprintf(f, "\n  %*s", (int)column, "");
        (void)fputs("  ", f);
        wrap(f, r->text, column + 4, column + 4, WIDTH);
    }
}

static void plain_example(FILE *f, const char *line, const char *what, bool first)
{
    (void)first;
    (void)fprintf(f, "  %s\n      ", line);
    wrap(f, what, 6, 6, PLAIN_WIDE);
}

static void plain_see(FILE *f, const char *commands)
{
    (void)fputs("  mvpnbench help", f);
    for (const char *c = commands; *c != '\0'; c++) {
        if (c == commands)
            (void)fputc(' ', f);
        (void)fputc(*c == ' ' ? '|' : *c, f);
    }
    (void)fputc('\n', f);
}

const struct manual_style manual_plain = {
    .begin = plain_begin,
    .usage = plain_usage,
    .heading = plain_heading,
    .group = plain_group,
    .paragraph = plain_paragraph,
    .literal = plain_literal,
    .items = plain_items,
    .example = plain_example,
    .see = plain_see,
};
