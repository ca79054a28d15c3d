/* Completion for bash 4 and newer, without the package bash-completion. */
#include "harness/cli/completion.h"

/*
 * bash splits words at '=' and ':' as well; they are put together again. What is offered must not
 * hold what stands before the last '=' or ':' of the word then.
 */
static const char engine[] =
    "_mvpnbench_words() {\n"
    "    # The words up to the cursor, those that bash split at = and : put together: in words.\n"
    "    local i word glue=''\n"
    "    words=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ ${#words[@]} -gt 0 && ( -n $glue || $word == [=:]* ) ]]; then\n"
    "            words[${#words[@]}-1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "        fi\n"
    "        glue=''\n"
    "        [[ $word == *[=:] && $word == [=:]* ]] && glue=1\n"
    "    done\n"
    "}\n"
    "\n"
    "_mvpnbench_reply() {\n"
    "    # CUR WORD...: those that begin with CUR, without what bash has split off.\n"
    "    local cur=$1 cut='' word\n"
    "    shift\n"
    "    [[ $COMP_WORDBREAKS == *=* && $cur == *=* ]] && cut=${cur%\"${cur##*=}\"}\n"
    "    [[ $COMP_WORDBREAKS == *:* && ${cur#\"$cut\"} == *:* ]] && cut=${cur%\"${cur##*:}\"}\n"
    "    for word in \"$@\"; do\n"
    "        [[ $word == \"$cur\"* ]] && COMPREPLY+=(\"${word#\"$cut\"}\")\n"
    "    done\n"
    "    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then\n"
    "        compopt -o nospace 2>/dev/null\n"
    "    fi\n"
    "}\n"
    "\n"
    "_mvpnbench_paths() {\n"
    "    # f or d, CUR: files or directories.\n"
    "    local path\n"
    "    while IFS= read -r path; do\n"
    "        COMPREPLY+=(\"$path\")\n"
    "    done < <(compgen \"-$1\" -- \"$2\")\n"
    "    compopt -o filenames 2>/dev/null\n"
    "}\n"
    "\n"
    "_mvpnbench_offer() {\n"
    "    # KIND CUR: what may stand there. BEFORE is what is no part of the value: --opt=, or "
    "KEY=.\n"
    "    local kinds=$1 cur=$2 before=$3 value list keys word head\n"
    "    local -a all=()\n"
    "    value=${cur#\"$before\"}\n"
    "    for word in $kinds; do\n"
    "        case $word in\n"
    "        :f) _mvpnbench_paths f \"$value\" ;;\n"
    "        :d) _mvpnbench_paths d \"$value\" ;;\n"
    "        :l) list=1 ;;\n"
    "        :k) keys=1 ;;\n"
    "        *) all+=(\"$word\") ;;\n"
    "        esac\n"
    "    done\n"
    "    if [[ -n $keys && $value == *=* ]]; then\n"
    "        head=${value%%=*}\n"
    "        all=()\n"
    "        for word in $(_mvpnbench_key \"$head\"); do\n"
    "            all+=(\"$head=$word\")\n"
    "        done\n"
    "    elif [[ -n $list && $value == *,* ]]; then\n"
    "        head=${value%,*},\n"
    "        all=(\"${all[@]/#/$head}\")\n"
    "    fi\n"
    "    [[ ${#all[@]} -eq 0 ]] || _mvpnbench_reply \"$cur\" \"${all[@]/#/$before}\"\n"
    "}\n"
    "\n"
    "_mvpnbench() {\n"
    "    local -a words\n"
    "    local cur prev command kinds IFS=$' \\t\\n'\n"
    "    COMPREPLY=()\n"
    "    _mvpnbench_words\n"
    "    cur=${words[${#words[@]}-1]}\n"
    "    if [[ ${#words[@]} -le 2 ]]; then\n"
    "        _mvpnbench_reply \"$cur\" $(_mvpnbench_operands '') --help --version\n"
    "        return\n"
    "    fi\n"
    "    prev=${words[${#words[@]}-2]}\n"
    "    command=${words[1]}\n"
    "    if [[ $cur == --*=* ]]; then\n"
    "        kinds=$(_mvpnbench_values \"$command ${cur%%=*}\") &&\n"
    "            _mvpnbench_offer \"$kinds\" \"$cur\" \"${cur%%=*}=\"\n"
    "    elif [[ $prev == --* ]] && kinds=$(_mvpnbench_values \"$command $prev\"); then\n"
    "        _mvpnbench_offer \"$kinds\" \"$cur\" ''\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        _mvpnbench_reply \"$cur\" $(_mvpnbench_options \"$command\") --help\n"
    "    else\n"
    "        _mvpnbench_offer \"$(_mvpnbench_operands \"$command\")\" \"$cur\" ''\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _mvpnbench mvpnbench\n";

static void write_options(FILE *f)
{
    const struct command *c;
    (void)fputs("_mvpnbench_options() {\n    case $1 in\n", f);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (c->hidden || c->options == NULL)
            continue;
        (void)fprintf(f, "    %s) echo '", c->name);
        for (size_t k = 0; k < *c->option_count; k++)
            (void)fprintf(f, "%s--%s", k == 0 ? "" : " ", c->options[k].name);
        (void)fputs("' ;;\n", f);
    }
    (void)fputs("    esac\n}\n\n", f);
}

void completion_bash(FILE *f)
{
    (void)fputs("# bash completion for mvpnbench " MVPN_VERSION "; made by it.\n\n", f);
    write_options(f);
    completion_functions(f);
    (void)fputs(engine, f);
}
