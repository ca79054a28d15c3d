/* The state directory of a run, and removing what runs that were killed have left. */
#include "emul/io/netns.h"
#include "harness/dut/frr.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER "owner" /* "pid start-time" of the process that runs the testbed */

/* A process is told from a later one with the same pid by its start time (proc(5), field 22). */
static unsigned long long start_time(long pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[n] = '\0';
    const char *p = strrchr(text, ')');
    for (int field = 2; p != NULL && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p == NULL ? 0 : strtoull(p, NULL, 10);
}

int frr_state_claim(struct frr *f, struct err *err)
{
    char path[FRR_PATH_MAX];
    snprintf(path, sizeof path, "%s/" OWNER, f->state_dir);
    FILE *out = NULL;
    if (mkdir(f->state_dir, 0755) == 0 || errno == EEXIST)
        out = fopen(path, "we");
    if (out == NULL || fprintf(out, "%ld %llu\n", (long)getpid(), start_time((long)getpid())) < 0 ||
        fclose(out) != 0) {
        err_set(err, ERR_TESTBED, "FRR PE: cannot write %s: %s", path, strerror(errno));
        return -1;
    }
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

void frr_tree_remove(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool owner_lives(const char *state_dir)
{
    char path[FRR_PATH_MAX];
    long pid = 0;
    unsigned long long started = 0;
    snprintf(path, sizeof path, "%s/" OWNER, state_dir);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return false;
    int n = fscanf(in, "%ld %llu", &pid, &started);
    fclose(in);
    return n == 2 && pid > 0 && pid != (long)getpid() && start_time(pid) == started;
}

/* Everything that carries the prefix, processes first: they hold interfaces and directories. */
static void remove_run(const char *prefix, const char *state_dir)
{
    struct err ignored = {0};
    frr_processes_end(prefix, state_dir);
    (void)netns_cleanup(prefix, &ignored);
    DIR *dir = opendir(FRR_RUN_DIR);
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        char path[FRR_PATH_MAX * 2];
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", FRR_RUN_DIR, e->d_name);
        frr_tree_remove(path);
    }
    if (dir != NULL)
        closedir(dir);
    frr_tree_remove(state_dir);
}

void frr_leftovers_remove(void)
{
    glob_t found = {0};
    if (glob(FRR_STATE_DIR "*", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            const char *dir = found.gl_pathv[i];
            char prefix[32];
            if (owner_lives(dir))
                continue;
            snprintf(prefix, sizeof prefix, "mvb%s-", dir + strlen(FRR_STATE_DIR));
            remove_run(prefix, dir);
        }
    }
    globfree(&found);
}

void frr_run_remove(const struct frr *f)
{
    remove_run(f->prefix, f->state_dir);
}
