/*
 * The manual: help on the terminal and manual pages from the same tables (commands.c, the options
 * of each command, keys of --set) and texts. manual_program and manual_command walk them once; a
 * style decides how it looks. All texts are plain: a style escapes what it must.
 */
#ifndef MVPN_CLI_MANUAL_H
#define MVPN_CLI_MANUAL_H

#include "harness/cli/commands.h"

#include <stdio.h>

/* Rows of a list end with a row without a term. */
struct manual_row {
    const char *term, *text;
};

struct command_text {
    const char *name;
    const char *about; /* paragraphs, an empty line between; those that begin with a blank stand as
                          they are, line by line */
    const struct manual_row *exits, *files;
    const struct manual_row *examples; /* a command line, and what it shows */
    const char *see;                   /* commands, a blank between */
};

/* command_text_find never returns NULL: a command without a text has an empty one.
 * manual_texts_bench and _operator are the tables it looks in; they end with an entry without a
 * name. */
const struct command_text *command_text_find(const char *name);
extern const struct command_text manual_texts_bench[], manual_texts_operator[];

/* A page in the making. usage: one form of the command line, without the program's name. first:
 * nothing of the kind stands before it. items: one list. see: names of commands, a blank between;
 * "" is the program.
 */
struct manual_style {
    void (*begin)(FILE *f, const char *command, const char *purpose);
    void (*usage)(FILE *f, const char *command, const char *form, bool first);
    void (*heading)(FILE *f, const char *title);
    void (*group)(FILE *f, const char *title);
    void (*paragraph)(FILE *f, const char *text, bool first);
    void (*literal)(FILE *f, const char *lines, bool first);
    void (*items)(FILE *f, const struct manual_row *rows);
    void (*example)(FILE *f, const char *line, const char *what, bool first);
    void (*see)(FILE *f, const char *commands);
};

/* On a terminal, at most 100 columns; as a manual page, in the macros of man(7). */
extern const struct manual_style manual_plain, manual_roff;

/* manual_program writes the program's page, manual_command that of a command. */
void manual_program(FILE *f, const struct manual_style *style);
void manual_command(FILE *f, const struct manual_style *style, const struct command *c);

/* More sections of a command (struct command): the keys of --set, those of the reference PE, the
 * commands of ctl. */
manual_more_fn manual_run_keys, manual_dut_keys, manual_ctl_commands;

#endif
