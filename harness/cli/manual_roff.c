/* The manual as pages for man(1), in the macros of man(7). */
#include "harness/cli/manual.h"

#include <ctype.h>
#include <string.h>

#define WIDTH 78u

/* put writes n bytes so that they stand on the page as they are, wherever they stand in the
 * source: nothing is left that roff would read as a request, an escape or another glyph. */
static void put(FILE *f, const char *text, size_t n)
{
    static const char *const glyphs[128] = {
        ['\\'] = "\\e",  ['-'] = "\\-",   ['"'] = "\\(dq", ['\''] = "\\(aq",
        ['`'] = "\\(ga", ['^'] = "\\(ha", ['~'] = "\\(ti", ['.'] = "\\&."};
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 128 && glyphs[c] != NULL)
            (void)fputs(glyphs[c], f);
        else if (c >= 0x20 && c != 0x7f)
            (void)fputc(c, f);
    }
}

static void put_text(FILE *f, const char *text)
{
    put(f, text, strlen(text));
}

/* fill writes words into lines that roff fills again. */
static void fill(FILE *f, const char *text)
{
    size_t at = 0;
    for (;;) {
        text += strspn(text, " \n");
        size_t len = strcspn(text, " \n");
        if (len == 0)
            break;
        if (at > 0)
            (void)fputc(at + 1 + len > WIDTH ? '\n' : ' ', f);
        at = at + 1 + len > WIDTH ? len : at + 1 + len;
        put(f, text, len);
        text += len;
    }
    (void)fputc('\n', f);
}

static void put_upper(FILE *f, const char *text)
{
    for (; *text != '\0'; text++) {
        char c = (char)toupper((unsigned char)*text);
        put(f, &c, 1);
    }
}

static void page_name(FILE *f, const char *command)
{
    (void)fputs("mvpnbench", f);
    if (command[0] != '\0') {
        (void)fputs("\\-", f);
        put_text(f, command);
    }
}

/* The title alone is written with a plain hyphen: it is a name, not text. */
static void roff_begin(FILE *f, const char *command, const char *purpose)
{
    (void)fputs(".TH MVPNBENCH", f);
    if (command[0] != '\0')
        (void)fputc('-', f);
    for (const char *c = command; *c != '\0'; c++)
        (void)fputc(toupper((unsigned char)*c), f);
    (void)fputs(" 1 " MVPN_DATE " \"mvpnbench " MVPN_VERSION "\"\n.nh\n.ad l\n.SH NAME\n", f);
    page_name(f, command);
    (void)fputs(" \\- ", f);
    fill(f, purpose);
}

static void roff_usage(FILE *f, const char *command, const char *form, bool first)
{
    (void)fputs(first ? ".SH SYNOPSIS\n" : ".br\n", f);
    (void)fputs("\\fBmvpnbench", f);
    if (command[0] != '\0') {
        (void)fputc(' ', f);
        put_text(f, command);
    }
    (void)fputs("\\fR", f);
    if (form[0] != '\0')
        (void)fputc(' ', f);
    fill(f, form);
}

static void roff_heading(FILE *f, const char *title)
{
    (void)fputs(".SH ", f);
    put_upper(f, strcmp(title, "exit codes") == 0 ? "exit status" : title);
    (void)fputc('\n', f);
}

static void roff_group(FILE *f, const char *title)
{
    (void)fputs(".SS ", f);
    put_text(f, title);
    (void)fputc('\n', f);
}

/* A heading begins a paragraph by itself. */
static void roff_paragraph(FILE *f, const char *text, bool first)
{
    (void)fputs(first ? "" : ".PP\n", f);
    fill(f, text);
}

static void literal_lines(FILE *f, const char *lines)
{
    (void)fputs(".nf\n", f);
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        (void)fputs("\\&", f);
        put(f, lines, len);
        (void)fputc('\n', f);
        lines += len;
        lines += *lines == '\n';
    }
    (void)fputs(".fi\n", f);
}

static void roff_literal(FILE *f, const char *lines, bool first)
{
    (void)fputs(first ? "" : ".PP\n", f);
    literal_lines(f, lines);
}

static void roff_items(FILE *f, const struct manual_row *rows)
{
    for (; rows->term != NULL; rows++) {
        size_t word = strcspn(rows->term, " ");
        (void)fputs(".TP\n\\fB", f);
        put(f, rows->term, word);
        (void)fputs("\\fR", f);
        if (rows->term[word] != '\0') {
            (void)fputs(" \\fI", f);
            put_text(f, rows->term + word + 1);
            (void)fputs("\\fR", f);
        }
        (void)fputc('\n', f);
        fill(f, rows->text);
    }
}

static void roff_example(FILE *f, const char *line, const char *what, bool first)
{
    (void)fputs(first ? "" : ".PP\n", f);
    fill(f, what);
    (void)fputs(".RS 4\n", f);
    literal_lines(f, line);
    (void)fputs(".RE\n", f);
}

static void roff_see(FILE *f, const char *commands)
{
    const char *at = commands;
    (void)fputs(".BR mvpnbench (1)", f);
    while (*(at += strspn(at, " ")) != '\0') {
        size_t len = strcspn(at, " ");
        (void)fprintf(f, ",\n.BR mvpnbench\\-%.*s (1)", (int)len, at);
        at += len;
    }
    (void)fputc('\n', f);
}

const struct manual_style manual_roff = {
    .begin = roff_begin,
    .usage = roff_usage,
    .heading = roff_heading,
    .group = roff_group,
    .paragraph = roff_paragraph,
    .literal = roff_literal,
    .items = roff_items,
    .example = roff_example,
    .see = roff_see,
};
