/* What the scripts of bash and zsh have in common: functions that print what may stand where. */
#include "harness/cli/completion.h"

/* Words to choose from, and marks for the rest: :f files, :d directories, :l a list, :k keys. */
static void write_kinds(FILE *f, const struct completion *c)
{
    (void)fputc('\'', f);
    for (size_t i = 0; i < c->count; i++)
        (void)fprintf(f, "%s%s", i == 0 ? "" : " ", c->words[i]);
    (void)fprintf(f, "%s%s%s%s'", c->files ? " :f" : "", c->dirs ? " :d" : "", c->list ? " :l" : "",
                  c->keys ? " :k" : "");
}

/* Fails for options that take no value. */
static void write_values(FILE *f, struct completion *out)
{
    const struct command *c;
    (void)fputs("_mvpnbench_values() {\n    case $1 in\n", f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        for (size_t k = 0; !c->hidden && c->options != NULL && k < *c->option_count; k++) {
            if (c->options[k].arg == NULL)
                continue;
            completion_value(&c->options[k], out);
            (void)fprintf(f, "    '%s --%s') echo ", c->name, c->options[k].name);
            write_kinds(f, out);
            (void)fputs(" ;;\n", f);
        }
    }
    (void)fputs("    *) return 1 ;;\n    esac\n}\n\n", f);
}

static void write_operands(FILE *f, struct completion *out)
{
    static const struct command program = {.operand = "COMMAND"};
    const struct command *c;
    (void)fputs("_mvpnbench_operands() {\n    case $1 in\n    '') echo ", f);
    completion_operand(&program, out);
    write_kinds(f, out);
    (void)fputs(" ;;\n", f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        completion_operand(c, out);
        if (c->hidden || c->operand == NULL)
            continue;
        (void)fprintf(f, "    %s) echo ", c->name);
        write_kinds(f, out);
        (void)fputs(" ;;\n", f);
    }
    (void)fputs("    esac\n}\n\n", f);
}

static void write_keys(FILE *f)
{
    const char *key, *words;
    (void)fputs("_mvpnbench_key() {\n    case $1 in\n", f);
    for (size_t i = 0; (key = completion_key_words(i, &words)) != NULL; i++) {
        (void)fprintf(f, "    %s) echo '", key);
        for (; *words != '\0'; words++)
            (void)fputc(*words == '|' ? ' ' : *words, f);
        (void)fputs("' ;;\n", f);
    }
    (void)fputs("    esac\n}\n\n", f);
}

void completion_functions(FILE *f)
{
    struct completion out;
    write_values(f, &out);
    write_operands(f, &out);
    write_keys(f);
}
