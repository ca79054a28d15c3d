#include "harness/case/ids.h"

#include "harness/case/case.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every case of the draft, in its order; those with a file are the ones that exist. */
static const char *const draft_ids[] = {"9.1",  "9.2",  "9.3",  "9.4",  "9.5",  "9.6",
                                        "9.7",  "9.8",  "9.9",  "9.10", "9.11", "9.12",
                                        "9.13", "10.1", "10.2", "11.1"};
#define DRAFT_IDS (sizeof(draft_ids) / sizeof(draft_ids[0]))

#define CASE_ID_MAX 11
#define ADDED_MAX   48

static bool one_of(const char *id, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0)
            return true;
    }
    return false;
}

/* installed_data returns PREFIX/share/mvpnbench of a program that was installed as
 * PREFIX/bin/mvpnbench, wherever PREFIX is now; "" if there is none. */
static const char *installed_data(void)
{
    static char dir[4096];
    static bool asked;
    if (asked)
        return dir;
    asked = true;
    char program[3900], cases[4200];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL)
        return dir;
    *slash = '\0';
    (void)snprintf(dir, sizeof(dir), "%s/../share/mvpnbench", program);
    (void)snprintf(cases, sizeof(cases), "%s/testcases", dir);
    if (access(cases, R_OK) != 0)
        dir[0] = '\0';
    return dir;
}

static const char *data_directory(void)
{
    const char *dir = getenv("MVPNBENCH_DATA");
    if (dir != NULL && dir[0] != '\0')
        return dir;
    dir = installed_data();
    return dir[0] != '\0' ? dir : MVPN_DATA_DIR;
}

bool data_path(char *out, size_t cap, const char *name, struct err *err)
{
    const char *dir = data_directory();
    int n = snprintf(out, cap, "%s/%s", dir, name);
    if (n > 0 && (size_t)n < cap && access(out, R_OK) == 0)
        return true;
    err_set(err, ERR_USE,
            "%.300s has no %s; set MVPNBENCH_DATA to the directory that holds testcases/", dir,
            name);
    return false;
}

static bool name_form(const char *name, size_t longest)
{
    size_t len = strlen(name);
    return len > 0 && len <= longest && isalnum((unsigned char)name[0]) &&
           strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_") == len;
}

bool case_id_form(const char *id)
{
    return name_form(id, CASE_ID_MAX);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

size_t data_names(const char *directory, char names[][DATA_NAME_MAX + 1], size_t cap)
{
    char path[4096];
    size_t count = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", data_directory(), directory);
    DIR *dir = opendir(path);
    const struct dirent *e;
    while (dir != NULL && count < cap && (e = readdir(dir)) != NULL) {
        size_t len = strlen(e->d_name);
        if (len < 6 || len - 5 > DATA_NAME_MAX || strcmp(e->d_name + len - 5, ".yaml") != 0)
            continue;
        (void)snprintf(names[count], DATA_NAME_MAX + 1, "%.*s", (int)(len - 5), e->d_name);
        count += name_form(names[count], DATA_NAME_MAX);
    }
    if (dir != NULL)
        (void)closedir(dir);
    qsort(names, count, sizeof(names[0]), compare_ids);
    return count;
}

/* added_ids lists the user's own cases (any other NAME.yaml beside the draft's), sorted. */
static size_t added_ids(char ids[ADDED_MAX][CASE_ID_MAX + 1])
{
    char all[ADDED_MAX + DRAFT_IDS][DATA_NAME_MAX + 1];
    size_t found = data_names("testcases", all, ADDED_MAX + DRAFT_IDS), count = 0;
    for (size_t i = 0; i < found && count < ADDED_MAX; i++) {
        if (case_id_form(all[i]) && !one_of(all[i], draft_ids, DRAFT_IDS))
            (void)snprintf(ids[count++], CASE_ID_MAX + 1, "%.*s", CASE_ID_MAX, all[i]);
    }
    return count;
}

const char *const *case_ids(size_t *count)
{
    static const char *shipped[DRAFT_IDS + ADDED_MAX];
    static char added[ADDED_MAX][CASE_ID_MAX + 1];
    *count = 0;
    for (size_t i = 0; i < DRAFT_IDS; i++) {
        char name[64], path[4096];
        (void)snprintf(name, sizeof(name), "testcases/%s.yaml", draft_ids[i]);
        if (data_path(path, sizeof(path), name, NULL))
            shipped[(*count)++] = draft_ids[i];
    }
    size_t own = added_ids(added);
    for (size_t i = 0; i < own; i++)
        shipped[(*count)++] = added[i];
    return shipped;
}

bool case_id_known(const char *id)
{
    size_t count;
    const char *const *ids = case_ids(&count);
    return one_of(id, draft_ids, DRAFT_IDS) || one_of(id, ids, count);
}

bool case_id_check(const char *id, const char *what, struct err *err)
{
    size_t count;
    const char *const *ids = case_ids(&count);
    if (one_of(id, ids, count))
        return true;
    char list[160] = "", path[4096], prefix[80] = "";
    for (size_t i = 0, n = 0; i < count && n < sizeof(list); i++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i == 0 ? "" : ", ", ids[i]);
    if (what != NULL)
        (void)snprintf(prefix, sizeof(prefix), "%.70s: ", what);
    if (count == 0)
        (void)data_path(path, sizeof(path), "testcases/9.1.yaml", err);
    else if (one_of(id, draft_ids, DRAFT_IDS))
        err_set(err, ERR_USE, "%scase %s does not exist yet in this version (there are: %s)",
                prefix, id, list);
    else
        err_set(err, ERR_USE, "%sthere is no case '%.40s'; did you mean '%s'? (there are: %s)",
                prefix, id, text_nearest(id, ids, count), list);
    return false;
}
