/* Completion for fish 3 and newer. */
#include "harness/cli/completion.h"

/* put_quoted writes text in single quotes, where fish knows \\ and \'. */
static void put_quoted(FILE *f, const char *text)
{
    (void)fputc('\'', f);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            (void)fputc('\\', f);
        (void)fputc(*text, f);
    }
    (void)fputc('\'', f);
}

/* Words of keys come with every value that such a key can have. */
static void write_key_words(FILE *f)
{
    const char *key, *words;
    for (size_t i = 0; (key = completion_key_words(i, &words)) != NULL; i++) {
        (void)fprintf(f, " %s=", key);
        for (; *words != '\0'; words++) {
            if (*words == '|')
                (void)fprintf(f, " %s=", key);
            else
                (void)fputc(*words, f);
        }
    }
}

/* write_kinds writes -a and what may stand there; -F where files may. */
static void write_kinds(FILE *f, const struct completion *c)
{
    if (c->files)
        (void)fputs(" -F", f);
    if (c->count == 0 && !c->dirs)
        return;
    (void)fputs(" -a '", f);
    if (c->dirs)
        (void)fputs("(__fish_complete_directories) ", f);
    if (c->list)
        (void)fputs("(__fish_append ,", f);
    for (size_t i = 0; i < c->count; i++)
        (void)fprintf(f, "%s%s", i == 0 && !c->list ? "" : " ", c->words[i]);
    if (c->list)
        (void)fputc(')', f);
    if (c->keys)
        write_key_words(f);
    (void)fputc('\'', f);
}

static void write_option(FILE *f, const struct command *c, const struct cli_option *o,
                         struct completion *out)
{
    (void)fprintf(f, "complete -c mvpnbench -n '__mvpnbench_is %s' -l %s", c->name, o->name);
    if (o->arg != NULL) {
        completion_value(o, out);
        (void)fputs(out->files ? " -r" : " -x", f);
        write_kinds(f, out);
    }
    (void)fputs(" -d ", f);
    put_quoted(f, o->help);
    (void)fputc('\n', f);
}

static void write_command(FILE *f, const struct command *c, struct completion *out)
{
    (void)fprintf(f, "\ncomplete -c mvpnbench -n __fish_use_subcommand -a %s -d ", c->name);
    put_quoted(f, c->help);
    (void)fputc('\n', f);
    if (c->operand != NULL) {
        completion_operand(c, out);
        (void)fprintf(f, "complete -c mvpnbench -n '__mvpnbench_is %s'", c->name);
        write_kinds(f, out);
        (void)fputc('\n', f);
    }
    for (size_t k = 0; c->options != NULL && k < *c->option_count; k++)
        write_option(f, c, &c->options[k], out);
    (void)fprintf(f, "complete -c mvpnbench -n '__mvpnbench_is %s' -l help -d ", c->name);
    put_quoted(f, "options and examples");
    (void)fputc('\n', f);
}

void completion_fish(FILE *f)
{
    struct completion out;
    const struct command *c;
    (void)fputs("# fish completion for mvpnbench " MVPN_VERSION "; made by it.\n\n"
                "function __mvpnbench_is\n"
                "    set -l words (commandline -opc)\n"
                "    test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
                "end\n\n"
                "complete -c mvpnbench -f\n"
                "complete -c mvpnbench -n __fish_use_subcommand -l help -d 'the commands'\n"
                "complete -c mvpnbench -n __fish_use_subcommand -l version -d 'its version'\n",
                f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden)
            write_command(f, c, &out);
    }
}
