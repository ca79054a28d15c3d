#include "harness/cli/completion.h"

#include "emul/proto/igmp/host.h"
#include "emul/proto/pim/fsm.h"
#include "emul/refpe/settings.h"
#include "harness/case/case.h"
#include "harness/case/ids.h"
#include "harness/case/settings.h"
#include "harness/cli/cmd_emulate.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/monitor.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define PROFILES_MAX 32

/* add makes a word; what has no room is left out. Words that the shells' scripts could not hold as
 * they are (nothing but a user's file could bring one) are left out as well. */
static void __attribute__((format(printf, 2, 3)))
add(struct completion *out, const char *format, ...)
{
    char word[128];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(word, sizeof(word), format, args);
    va_end(args);
    if (n <= 0 || (size_t)n >= sizeof(word) || out->count == COMPLETION_WORDS ||
        out->used + (size_t)n + 1 > sizeof(out->text))
        return;
    for (const char *c = word; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("._-=", *c) == NULL)
            return;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->words[i], word) == 0)
            return;
    }
    memcpy(out->text + out->used, word, (size_t)n + 1);
    out->words[out->count++] = out->text + out->used;
    out->used += (size_t)n + 1;
}

static void add_case_ids(struct completion *out)
{
    size_t count;
    const char *const *ids = case_ids(&count);
    for (size_t i = 0; i < count; i++)
        add(out, "%s", ids[i]);
}

static void add_cases(struct completion *out)
{
    add_case_ids(out);
    add(out, "all");
}

/* Drivers that need no profile, and shipped profiles. */
static void add_duts(struct completion *out)
{
    char profiles[PROFILES_MAX][DATA_NAME_MAX + 1];
    const char *at = dut_driver_names();
    while (*(at += strspn(at, ", ")) != '\0') {
        size_t len = strcspn(at, ", ");
        if (strncmp(at, "hook", len) != 0)
            add(out, "%.*s", (int)len, at);
        at += len;
    }
    size_t count = data_names("testcases/profiles", profiles, PROFILES_MAX);
    for (size_t i = 0; i < count; i++)
        add(out, "%s", profiles[i]);
}

static void add_stimuli(struct completion *out)
{
    for (int i = 0; i < STIM_COUNT; i++)
        add(out, "%s", stimulus_name((enum stimulus)i));
}

static void add_dut_keys(struct completion *out)
{
    const char *help, *key;
    for (size_t i = 0; (key = refpe_settings_key(i, &help)) != NULL; i++)
        add(out, "dut.%s=", key);
}

static void add_keys(struct completion *out)
{
    const char *help, *key;
    for (size_t i = 0; (key = run_settings_key(i, &help)) != NULL; i++) {
        if (strchr(key, '<') == NULL)
            add(out, "%s=", key);
    }
    for (int p = 0; p < PARAM_COUNT; p++) {
        add(out, "case.%s=", case_param_name((enum case_param)p));
        add(out, "sweep.%s=", case_param_name((enum case_param)p));
    }
    size_t count;
    const char *const *ids = case_ids(&count);
    for (size_t i = 0; i < count; i++)
        add(out, "search.%s.max=", ids[i]);
    add_dut_keys(out);
}

static void add_machines(struct completion *out)
{
    for (size_t i = 0; pim_fsm_at(i) != NULL; i++)
        add(out, "%s", pim_fsm_at(i)->name);
    for (size_t i = 0; igmp_fsm_at(i) != NULL; i++)
        add(out, "%s", igmp_fsm_at(i)->name);
}

static void add_commands(struct completion *out)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!c->hidden)
            add(out, "%s", c->name);
    }
}

static void add_controls(struct completion *out)
{
    size_t count;
    const struct control_command *of_emulate = emulate_commands(&count);
    const struct monitor_command_text *t;
    for (size_t i = 0; i < count; i++)
        add(out, "%s", of_emulate[i].name);
    for (size_t i = 0; (t = monitor_command_text(i)) != NULL; i++)
        add(out, "%s", t->name);
    add(out, "help");
}

/* ---- from the words of the tables -------------------------------------------------------------
 */

/* What a name in capitals means; for an option `o` that is called so, or for any. */
static bool take_name(const char *name, const char *o, struct completion *out)
{
    static const struct {
        const char *name, *option;
        void (*add)(struct completion *out);
    } names[] = {
        {"NAME", "dut", add_duts},       {"NAME", "stimulus", add_stimuli},
        {"S", "stimulus", add_stimuli},  {"C", "case", add_case_ids},
        {"CASE", NULL, add_cases},       {"COMMAND", NULL, add_commands},
        {"MACHINE", NULL, add_machines}, {"CONTROL", NULL, add_controls},
        {"KEY=VALUE", "set", add_keys},  {"dut.KEY=VALUE", NULL, add_dut_keys},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, name) != 0 ||
            (names[i].option != NULL && strcmp(names[i].option, o) != 0))
            continue;
        names[i].add(out);
        out->keys |= strstr(name, "KEY=") != NULL;
        return true;
    }
    bool file = strcmp(name, "FILE") == 0 || strcmp(name, "PATH") == 0 || strcmp(name, "CAP") == 0;
    out->files |= file;
    out->dirs |= strcmp(name, "DIR") == 0;
    return file || strcmp(name, "DIR") == 0;
}

/* A word that is to be typed as it stands: in lower case, or one capital of several words; N is a
 * number. */
static bool is_literal(const char *word, bool several)
{
    return islower((unsigned char)word[0]) ||
           (several && strlen(word) == 1 && strcmp(word, "N") != 0);
}

static void take_arg(const char *arg, const char *option, struct completion *out)
{
    bool several = strchr(arg, '|') != NULL;
    for (const char *at = arg; *at != '\0';) {
        char word[64];
        size_t len = strcspn(at, "|");
        (void)snprintf(word, sizeof(word), "%.*s", (int)len, at);
        char *more = strstr(word, "[,");
        if (more != NULL) {
            *more = '\0';
            out->list = true;
        }
        if (!take_name(word, option, out) && is_literal(word, several))
            add(out, "%s", word);
        at += len;
        at += *at == '|';
    }
}

void completion_value(const struct cli_option *option, struct completion *out)
{
    *out = (struct completion){0};
    if (option->arg != NULL)
        take_arg(option->arg, option->name, out);
}

void completion_operand(const struct command *c, struct completion *out)
{
    *out = (struct completion){0};
    if (c->operand != NULL)
        take_arg(c->operand, "", out);
}

const char *completion_key_words(size_t n, const char **words)
{
    static char name[80];
    const char *help, *key;
    for (size_t i = 0; (key = run_settings_key(i, &help)) != NULL; i++) {
        *words = run_settings_words(i);
        if (*words != NULL && n-- == 0)
            return key;
    }
    for (size_t i = 0; (key = refpe_settings_key(i, &help)) != NULL; i++) {
        *words = refpe_settings_words(i);
        if (*words == NULL || n-- > 0)
            continue;
        (void)snprintf(name, sizeof(name), "dut.%s", key);
        return name;
    }
    return NULL;
}
