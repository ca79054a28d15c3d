/* Completion for zsh: a function for $fpath, or to be sourced. */
#include "harness/cli/completion.h"

static const char engine[] =
    "_mvpnbench_offer() {\n"
    "    local kinds=$1 word list keys head\n"
    "    local -a all\n"
    "    for word in ${=kinds}; do\n"
    "        case $word in\n"
    "        :f) _files ;;\n"
    "        :d) _files -/ ;;\n"
    "        :l) list=1 ;;\n"
    "        :k) keys=1 ;;\n"
    "        *) all+=($word) ;;\n"
    "        esac\n"
    "    done\n"
    "    if [[ -n $keys && $PREFIX == *=* ]]; then\n"
    "        head=${PREFIX%%=*}\n"
    "        compset -P 1 '*='\n"
    "        all=(${=$(_mvpnbench_key $head)})\n"
    "        compadd -a all\n"
    "    elif [[ -n $keys ]]; then\n"
    "        compadd -S '' -a all\n"
    "    else\n"
    "        [[ -z $list ]] || compset -P '*,'\n"
    "        compadd -a all\n"
    "    fi\n"
    "}\n"
    "\n"
    "_mvpnbench() {\n"
    "    local command kinds\n"
    "    local -a reply\n"
    "    if (( CURRENT == 2 )); then\n"
    "        _mvpnbench_commands\n"
    "        _describe command reply\n"
    "        return\n"
    "    fi\n"
    "    command=$words[2]\n"
    "    if [[ $PREFIX == --*=* ]]; then\n"
    "        kinds=$(_mvpnbench_values \"$command ${PREFIX%%=*}\") || return 1\n"
    "        compset -P 1 '*='\n"
    "        _mvpnbench_offer \"$kinds\"\n"
    "    elif [[ $words[CURRENT-1] == --* ]] &&\n"
    "        kinds=$(_mvpnbench_values \"$command $words[CURRENT-1]\"); then\n"
    "        _mvpnbench_offer \"$kinds\"\n"
    "    elif [[ $PREFIX == -* ]]; then\n"
    "        _mvpnbench_options $command\n"
    "        _describe option reply\n"
    "    else\n"
    "        _mvpnbench_offer \"$(_mvpnbench_operands $command)\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _mvpnbench ]]; then\n"
    "    _mvpnbench \"$@\"\n"
    "else\n"
    "    compdef _mvpnbench mvpnbench\n"
    "fi\n";

/* write_entry writes one element of _describe, quoted for the shell: the word, and what it is. */
static void write_entry(FILE *f, const char *before, const char *word, const char *what)
{
    (void)fprintf(f, "        '%s%s:", before, word);
    for (; *what != '\0'; what++) {
        if (*what == '\'')
            (void)fputs("'\\''", f);
        else
            (void)fputc(*what, f);
    }
    (void)fputs("'\n", f);
}

static void write_commands(FILE *f)
{
    const struct command *c;
    (void)fputs("_mvpnbench_commands() {\n    reply=(\n", f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden)
            write_entry(f, "", c->name, c->help);
    }
    write_entry(f, "--", "help", "the commands");
    write_entry(f, "--", "version", "which version this is");
    (void)fputs("    )\n}\n\n", f);
}

static void write_options(FILE *f)
{
    const struct command *c;
    (void)fputs("_mvpnbench_options() {\n    case $1 in\n", f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (c->hidden || c->options == NULL)
            continue;
        (void)fprintf(f, "    %s) reply=(\n", c->name);
        for (size_t k = 0; k < *c->option_count; k++)
            write_entry(f, "--", c->options[k].name, c->options[k].help);
        write_entry(f, "--", "help", "options and examples");
        (void)fputs("    ) ;;\n", f);
    }
    (void)fputs("    *) reply=('--help:options and examples') ;;\n    esac\n}\n\n", f);
}

void completion_zsh(FILE *f)
{
    (void)fputs(
        "#compdef mvpnbench\n# zsh completion for mvpnbench " MVPN_VERSION "; made by it.\n\n", f);
    write_commands(f);
    write_options(f);
    completion_functions(f);
    (void)fputs(engine, f);
}
