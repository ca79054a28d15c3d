#include "harness/cli/options.h"

#include "harness/case/settings.h"
#include "harness/cli/exit.h"

#include <string.h>

#define OPTIONS_MAX 32

int cli_fail(const struct err *err)
{
    char text[sizeof(err->text)];
    (void)snprintf(text, sizeof(text), "%s", err->text);
    for (char *p = text; *p != '\0'; p++) { /* one line, whatever the user typed */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    (void)fflush(stdout);
    (void)fprintf(stderr, "mvpnbench: %s\n", text);
    return err->code == ERR_NONE ? EXIT_TESTBED : (int)err->code;
}

static size_t find_option(const struct cli_option *table, size_t count, const char *name,
                          size_t len)
{
    size_t i = 0;
    while (i < count && (strlen(table[i].name) != len || strncmp(table[i].name, name, len) != 0))
        i++;
    return i;
}

static int unknown_option(const struct cli_option *table, size_t count, const char *word,
                          struct err *err)
{
    const char *names[OPTIONS_MAX];
    size_t n = 0;
    for (; n < count && n < OPTIONS_MAX; n++)
        names[n] = table[n].name;
    char name[64];
    const char *bare = word + strspn(word, "-");
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(bare, "="), bare);
    if (n == 0)
        err_set(err, ERR_USE, "unknown option '%.60s'; this command takes none", word);
    else
        err_set(err, ERR_USE, "unknown option '%.60s'; did you mean '--%s'?", word,
                text_nearest(name, names, n));
    return -1;
}

/* An empty value stands for nothing an option could mean: mostly an unset variable of the shell. */
static int take_value(const struct cli_option *table, size_t i, const char *value, option_fn *take,
                      void *ctx, struct err *err)
{
    if (value[0] != '\0')
        return take(ctx, i, value, err);
    err_set(err, ERR_USE, "--%s needs a value: --%s %s", table[i].name, table[i].name,
            table[i].arg);
    return -1;
}

static int take_operand(const char *word, option_fn *take, void *ctx, struct err *err)
{
    if (word[0] != '\0')
        return take(ctx, OPTION_POSITIONAL, word, err);
    err_set(err, ERR_USE, "an argument is empty; leave it out (a variable that is not set?)");
    return -1;
}

/* take_option handles argv[i], which begins with "--"; returns how many words it took, or -1. */
static int take_option(const struct cli_option *table, size_t count, int left, char **argv,
                       option_fn *take, void *ctx, struct err *err)
{
    const char *name = argv[0] + 2;
    const char *equal = strchr(name, '=');
    size_t i =
        find_option(table, count, name, equal == NULL ? strlen(name) : (size_t)(equal - name));
    if (i == count)
        return unknown_option(table, count, argv[0], err);
    if (table[i].arg == NULL) {
        if (equal != NULL) {
            err_set(err, ERR_USE, "--%s takes no value; leave '%.60s' out", table[i].name, equal);
            return -1;
        }
        return take(ctx, i, NULL, err) == 0 ? 1 : -1;
    }
    if (equal != NULL)
        return take_value(table, i, equal + 1, take, ctx, err) == 0 ? 1 : -1;
    return take_value(table, i, left < 2 ? "" : argv[1], take, ctx, err) == 0 ? 2 : -1;
}

int options_parse(const struct cli_option *table, size_t count, int argc, char **argv,
                  option_fn *take, void *ctx, struct err *err)
{
    bool options = true;
    for (int i = 1; i < argc;) {
        const char *word = argv[i];
        int took = 1;
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            took = take_option(table, count, argc - i, argv + i, take, ctx, err);
        else if (options && word[0] == '-' && word[1] != '\0')
            took = unknown_option(table, count, word, err);
        else if (take_operand(word, take, ctx, err) != 0)
            took = -1;
        if (took < 0)
            return -1;
        i += took;
    }
    return 0;
}
