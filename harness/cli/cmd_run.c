#include "emul/base/mem.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/cli/run_args.h"
#include "harness/history/history.h"
#include "harness/run/journal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void on_signal(int signo)
{
    (void)signo;
    campaign_interrupt();
}

/* The first signal asks the campaign to end in good order, a second one ends the process. */
static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
}

static bool in_journal(const json_t *argv, const char *word)
{
    size_t i;
    const json_t *item;
    json_array_foreach(argv, i, item)
    {
        if (strcmp(json_string_value(item), word) == 0)
            return true;
    }
    return false;
}

/* A finished run into its history. What the run measured is on disk whatever comes of this. */
static int import_run(void *arg, const char *dir, struct err *err)
{
    const struct run_args *a = arg;
    bool already = false;
    struct history *h = history_open(a->db, HISTORY_WRITE, err);
    int64_t run = h == NULL ? -1 : history_import_file(h, dir, &already, err);
    history_close(h);
    if (run < 0) {
        err_prefix(err, "the run in %.200s is whole, but is not in its history", dir);
        return -1;
    }
    if (!a->o.quiet && !a->o.json)
        (void)printf("history: %s, run %lld%s\n", a->db, (long long)run,
                     already ? " (already there)" : "");
    return 0;
}

/* On --resume the journal's command line rules; what stands beside may only repeat it. */
static int check_beside_resume(const json_t *argv, int argc, char **words, struct err *err)
{
    static const char *const free_words[] = {"--quiet", "--json", "--force"};
    for (int i = 1; i < argc; i++) {
        bool known = strncmp(words[i], "--resume=", 9) == 0 ||
                     strncmp(words[i], "--jobs=", 7) == 0 || strncmp(words[i], "--db=", 5) == 0 ||
                     in_journal(argv, words[i]);
        for (size_t k = 0; k < 3; k++)
            known |= strcmp(words[i], free_words[k]) == 0;
        if (strcmp(words[i], "--resume") == 0 || strcmp(words[i], "--jobs") == 0 ||
            strcmp(words[i], "--db") == 0) {
            i++;
            continue;
        }
        if (!known) {
            err_set(err, ERR_USE,
                    "--resume goes on with the command line in the journal, where '%.60s' does not "
                    "stand; leave it out",
                    words[i]);
            return -1;
        }
    }
    return 0;
}

/* restore replaces *a by the journal's command line; *keep owns its words. */
static int restore(struct run_args *a, int argc, char **argv, json_t **keep, char ***words,
                   struct err *err)
{
    struct run_options given = a->o;
    const char *db = a->db;
    json_t *entries = NULL;
    if (journal_read(given.resume, keep, &entries, err) != 0)
        return -1;
    json_decref(entries);
    const json_t *list = json_object_get(*keep, "argv");
    size_t count = json_array_size(list);
    *words = mem_zalloc(count + 1, sizeof(**words));
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (word == NULL) {
            err_set(err, ERR_USE, "%.300s/journal:1:1: the command line is damaged", given.resume);
            return -1;
        }
        (*words)[i] = (char *)(uintptr_t)word;
    }
    if (check_beside_resume(list, argc, argv, err) != 0 ||
        run_args_parse(a, (int)count, *words, err) != 0)
        return -1;
    if (count == 0 || a->o.resume != NULL) {
        err_set(err, ERR_USE, "%.300s/journal:1:1: the command line is damaged", given.resume);
        return -1;
    }
    a->o.resume = given.resume;
    a->db = db != NULL ? db : a->db;
    a->o.quiet |= given.quiet;
    a->o.json |= given.json;
    a->o.force |= given.force;
    a->o.jobs = given.jobs != 0 ? given.jobs : a->o.jobs;
    return 0;
}

int cmd_run(int argc, char **argv)
{
    static struct run_args a;
    struct err err = {0};
    json_t *journal = NULL;
    char **words = NULL;
    int rc = run_args_parse(&a, argc, argv, &err);
    if (rc == 0 && a.o.resume != NULL)
        rc = restore(&a, argc, argv, &journal, &words, &err);
    if (rc == 0 && a.db != NULL) {
        rc = history_check(a.db, &err);
        a.o.complete = import_run;
        a.o.complete_arg = &a;
    }
    if (rc == 0) {
        catch_signals();
        rc = campaign_run(&a.o, &err);
    }
    free(words);
    json_decref(journal);
    return rc == 0 ? EXIT_DONE : cli_fail(&err);
}
