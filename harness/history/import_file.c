#include "harness/history/history.h"

#include "emul/base/mem.h"
#include "harness/history/sha256.h"
#include "reports/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LAST_LINE 64 /* {"done":true}, and what it could grow by */

/* A journal's last line is short when it says that the run is done, and only then. */
static bool says_done(FILE *journal)
{
    char tail[LAST_LINE + 1];
    if (fseek(journal, 0, SEEK_END) != 0)
        return false;
    long size = ftell(journal);
    if (size < 0 || fseek(journal, size > LAST_LINE ? -LAST_LINE : -size, SEEK_END) != 0)
        return false;
    size_t n = fread(tail, 1, LAST_LINE, journal);
    tail[n] = '\0';
    while (n > 0 && tail[n - 1] == '\n')
        tail[--n] = '\0';
    const char *line = strrchr(tail, '\n');
    json_t *o = line == NULL ? NULL : json_loads(line + 1, 0, NULL);
    bool done = json_is_true(json_object_get(o, "done"));
    json_decref(o);
    return done;
}

/* Without a journal a result stands for itself. */
static bool finished(const char *dir, struct err *err)
{
    char *path = mem_printf("%s/journal", dir);
    FILE *journal = fopen(path, "r");
    bool done = journal == NULL || says_done(journal);
    if (!done)
        err_set(err, ERR_USE,
                "%.300s: the run is not finished, a history takes whole ones; go on with it by "
                "`mvpnbench run --resume %.300s`",
                dir, dir);
    if (journal != NULL)
        (void)fclose(journal);
    free(path);
    return done;
}

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A run's own file, and not a copy under another name. */
static bool of_a_run(const char *file)
{
    const char *slash = strrchr(file, '/');
    return strcmp(slash == NULL ? file : slash + 1, "result.json") == 0;
}

static char *directory_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return slash == file ? mem_strdup("/") : mem_printf("%.*s", (int)(slash - file), file);
}

int64_t history_import_file(struct history *h, const char *path, bool *already, struct err *err)
{
    bool directory = is_directory(path);
    char *dir = directory ? mem_strdup(path) : directory_of(path);
    char *file = directory ? mem_printf("%s/result.json", path) : mem_strdup(path);
    char sum[SHA256_HEX];
    int64_t run = -1;
    *already = false;
    if ((!of_a_run(file) || finished(dir, err)) && sha256_file(file, sum, err) == 0) {
        run = history_known(h, sum, err);
        *already = run > 0;
    }
    if (run == 0) {
        json_t *result = result_load(file, err);
        run = result == NULL ? -1 : history_import(h, result, sum, dir, already, err);
        json_decref(result);
    }
    free(file);
    free(dir);
    return run;
}
