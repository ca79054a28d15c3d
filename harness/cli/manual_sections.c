/* Sections of a command's page that come from tables of other rooms. */
#include "harness/cli/manual.h"

#include "emul/refpe/settings.h"
#include "harness/case/settings.h"
#include "harness/cli/cmd_emulate.h"
#include "mvpnbench/monitor.h"

#include <string.h>

#define ROWS_MAX 128
#define TEXT_MAX 1000

/* ---- keys of --set ----------------------------------------------------------------------------
 */

/* One key of --set: its name, and the text that tells of it. Names of both kinds of keys come
 * through one of these; NULL behind the last. */
typedef const char *key_fn(size_t n, char text[TEXT_MAX]);

static const char *run_key(size_t n, char text[TEXT_MAX])
{
    const char *help = "", *key = run_settings_key(n, &help);
    (void)snprintf(text, TEXT_MAX, "%s", help);
    return key;
}

static const char *dut_key(size_t n, char text[TEXT_MAX])
{
    const char *help = "", *key = refpe_settings_key(n, &help);
    char standard[32];
    if (key != NULL)
        (void)snprintf(text, TEXT_MAX, "%s (%s)", help, refpe_settings_standard(n, standard));
    return key;
}

/* The part of a key before its first dot; keys without a dot stand together, under "". */
static size_t prefix_length(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot == NULL ? 0 : (size_t)(dot - key);
}

static bool same_prefix(const char *a, const char *b)
{
    size_t n = prefix_length(a);
    return n == prefix_length(b) && strncmp(a, b, n) == 0;
}

static bool prefix_seen(key_fn *key, size_t n, const char *name)
{
    char text[TEXT_MAX];
    for (size_t i = 0; i < n; i++) {
        if (same_prefix(key(i, text), name))
            return true;
    }
    return false;
}

/* write_group writes the keys that have the prefix of the n-th one. */
static void write_group(FILE *f, const struct manual_style *s, key_fn *key, size_t n,
                        const char *before)
{
    static char terms[ROWS_MAX][80], texts[ROWS_MAX][TEXT_MAX];
    struct manual_row rows[ROWS_MAX + 1];
    char text[TEXT_MAX], title[100];
    const char *first = key(n, text), *name;
    size_t count = 0;
    for (size_t i = n; count < ROWS_MAX && (name = key(i, text)) != NULL; i++) {
        if (!same_prefix(first, name))
            continue;
        (void)snprintf(terms[count], sizeof(terms[count]), "%s%s", before, name);
        memcpy(texts[count], text, sizeof(text));
        rows[count] = (struct manual_row){terms[count], texts[count]};
        count++;
    }
    rows[count] = (struct manual_row){0};
    if (prefix_length(first) > 0)
        (void)snprintf(title, sizeof(title), "%s%.*s", before, (int)prefix_length(first), first);
    else
        (void)snprintf(title, sizeof(title), "%s", before[0] == '\0' ? "others" : "dut, others");
    s->group(f, title);
    s->items(f, rows);
}

static void write_keys(FILE *f, const struct manual_style *s, key_fn *key, const char *before)
{
    char text[TEXT_MAX];
    const char *name;
    for (size_t n = 0; (name = key(n, text)) != NULL; n++) {
        if (!prefix_seen(key, n, name))
            write_group(f, s, key, n, before);
    }
}

void manual_run_keys(FILE *f, const struct manual_style *style)
{
    style->heading(f, "keys of --set");
    style->paragraph(f, "KEY=VALUE, with the default in parentheses. Later ones win.", true);
    write_keys(f, style, run_key, "");
}

void manual_dut_keys(FILE *f, const struct manual_style *style)
{
    style->heading(f, "keys of --set for the reference PE");
    style->paragraph(f,
                     "What the reference PE holds, what it costs, how long it takes to recover, "
                     "and faults on request. Other drivers have keys of their own: hook and "
                     "manual name and version, hook also timeout_s.",
                     true);
    write_keys(f, style, dut_key, "dut.");
}

/* ---- commands of ctl --------------------------------------------------------------------------
 */

static void write_commands(FILE *f, const struct manual_style *s, const char *title,
                           const struct control_command *commands, size_t count)
{
    static char terms[ROWS_MAX][80];
    struct manual_row rows[ROWS_MAX + 1];
    size_t n = 0;
    for (; n < count && n < ROWS_MAX; n++) {
        (void)snprintf(terms[n], sizeof(terms[n]), "%s%s%s", commands[n].name,
                       commands[n].args[0] == '\0' ? "" : " ", commands[n].args);
        rows[n] = (struct manual_row){terms[n], commands[n].help};
    }
    rows[n] = (struct manual_row){0};
    s->group(f, title);
    s->items(f, rows);
}

void manual_ctl_commands(FILE *f, const struct manual_style *style)
{
    struct control_command of_monitor[ROWS_MAX];
    const struct monitor_command_text *t;
    size_t count, n = 0;
    const struct control_command *of_emulate = emulate_commands(&count);
    for (; n < ROWS_MAX && (t = monitor_command_text(n)) != NULL; n++)
        of_monitor[n] = (struct control_command){.name = t->name, .args = t->args, .help = t->help};
    style->heading(f, "commands");
    write_commands(f, style, "to emulate", of_emulate, count);
    write_commands(f, style, "to monitor", of_monitor, n);
}
