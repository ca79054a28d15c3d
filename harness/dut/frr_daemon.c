/* Starting and ending FRR's daemons, always by pid. */
#include "emul/base/mem.h"
#include "harness/dut/frr.h"
#include "harness/dut/frr_jobs.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARALLEL       4
#define START_LIMIT_MS 30000
#define END_STEP_MS    20
#define END_STEPS      200 /* 4 s until what does not end is killed */
#define KILL_STEP_MS   2

const char *const frr_daemon_names[FRR_DAEMONS] = {"zebra", "staticd", "pimd"};

static int directory_make(const char *path, const struct passwd *owner, struct err *err)
{
    if ((mkdir(path, 0755) < 0 && errno != EEXIST) ||
        chown(path, owner->pw_uid, owner->pw_gid) < 0) {
        err_set(err, ERR_TESTBED, "FRR PE: cannot make %s: %s", path, strerror(errno));
        return -1;
    }
    return 0;
}

static int file_write(const char *path, const struct instance_spec *s, uint32_t v,
                      enum frr_daemon d, struct err *err)
{
    FILE *out = fopen(path, "we");
    if (out != NULL)
        frr_config_write(out, s, v, d);
    if (out == NULL || fclose(out) != 0) {
        err_set(err, ERR_TESTBED, "FRR PE: cannot write %s: %s", path, strerror(errno));
        return -1;
    }
    return chmod(path, 0644);
}

/* Directories and configuration of one instance of FRR; vtysh wants its own (empty) file too. */
static int instance_prepare(const struct frr *f, uint32_t v, struct err *err)
{
    char ns[FRR_NAME_MAX], path[FRR_PATH_MAX];
    const struct passwd *owner = getpwnam("frr");
    if (owner == NULL) {
        err_set(err, ERR_TESTBED, "FRR PE: there is no user frr; install the package frr");
        return -1;
    }
    frr_instance_ns(f, v, ns);
    snprintf(path, sizeof path, "%s/%s", FRR_RUN_DIR, ns);
    if (directory_make(FRR_RUN_DIR, owner, err) < 0 || directory_make(path, owner, err) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/%s", f->state_dir, ns);
    if (directory_make(path, owner, err) < 0)
        return -1;
    for (enum frr_daemon d = 0; d < FRR_DAEMONS; d++) {
        snprintf(path, sizeof path, "%s/%s/%s.conf", f->state_dir, ns, frr_daemon_names[d]);
        if (file_write(path, &f->spec, v, d, err) < 0)
            return -1;
    }
    snprintf(path, sizeof path, "%s/%s/vtysh.conf", f->state_dir, ns);
    return file_write(path, &f->spec, v, FRR_DAEMONS, err);
}

static void daemon_job(const struct frr *f, uint32_t v, enum frr_daemon d, struct frr_job *job)
{
    char ns[FRR_NAME_MAX];
    frr_instance_ns(f, v, ns);
    const char *name = frr_daemon_names[d];
    char *args[] = {mem_printf("%s/%s", FRR_BIN, name),
                    mem_strdup("-d"),
                    mem_strdup("-N"),
                    mem_strdup(ns),
                    mem_strdup("-f"),
                    mem_printf("%s/%s/%s.conf", f->state_dir, ns, name),
                    mem_strdup("-i"),
                    mem_printf("%s/%s/%s.pid", FRR_RUN_DIR, ns, name),
                    mem_strdup("--log"),
                    mem_printf("file:%s/%s/%s.log", f->state_dir, ns, name),
                    mem_strdup("-P"),
                    mem_strdup("0"),
                    NULL};
    memcpy(job->argv, args, sizeof args);
    job->netns = mem_strdup(ns);
}

static void daemon_jobs_free(struct frr_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t a = 0; jobs[i].argv[a] != NULL; a++)
            free((char *)jobs[i].argv[a]);
        free((char *)jobs[i].netns);
    }
    frr_jobs_free(jobs, count);
    free(jobs);
}

/* Daemons detach themselves once they are set up, so a job's end means that one is ready. */
static int stage_start(const struct frr *f, const enum frr_daemon *which, size_t kinds,
                       struct err *err)
{
    size_t count = 0;
    struct frr_job *jobs = mem_zalloc((f->spec.mvpns + 1) * kinds, sizeof *jobs);
    for (uint32_t v = 0; v <= f->spec.mvpns; v++) {
        for (size_t i = 0; i < kinds; i++)
            daemon_job(f, v, which[i], &jobs[count++]);
    }
    int rc = frr_jobs_run(jobs, count, PARALLEL, START_LIMIT_MS, err);
    daemon_jobs_free(jobs, count);
    return rc;
}

/* pid_file_read returns the process in a pidfile, or -1. */
static pid_t pid_file_read(const char *path)
{
    FILE *in = fopen(path, "re");
    long pid = -1;
    if (in != NULL) {
        if (fscanf(in, "%ld", &pid) != 1)
            pid = -1;
        fclose(in);
    }
    return (pid_t)pid;
}

static void process_add(struct frr *f, pid_t pid, const char *component)
{
    struct frr_process *p = &f->processes[f->process_count++];
    *p = (struct frr_process){.pid = pid};
    snprintf(p->component, sizeof p->component, "%s", component);
}

static int processes_collect(struct frr *f, struct err *err)
{
    free(f->processes);
    f->process_count = 0;
    f->processes = mem_zalloc((f->spec.mvpns + 1) * FRR_DAEMONS + 1, sizeof *f->processes);
    process_add(f, f->mti.pid, "GRE program");
    for (uint32_t v = 0; v <= f->spec.mvpns; v++) {
        char ns[FRR_NAME_MAX], path[FRR_PATH_MAX], component[64];
        frr_instance_ns(f, v, ns);
        for (enum frr_daemon d = 0; d < FRR_DAEMONS; d++) {
            snprintf(path, sizeof path, "%s/%s/%s.pid", FRR_RUN_DIR, ns, frr_daemon_names[d]);
            if (v == 0)
                snprintf(component, sizeof component, "%s of the P instance", frr_daemon_names[d]);
            else
                snprintf(component, sizeof component, "%s of VRF %u", frr_daemon_names[d], v);
            pid_t pid = pid_file_read(path);
            if (pid <= 0) {
                err_set(err, ERR_TESTBED, "FRR PE: %s left no pidfile %s", component, path);
                return -1;
            }
            process_add(f, pid, component);
        }
    }
    return 0;
}

int frr_daemons_start(struct frr *f, struct err *err)
{
    static const enum frr_daemon first[] = {FRR_ZEBRA}, second[] = {FRR_STATICD, FRR_PIMD};
    for (uint32_t v = 0; v <= f->spec.mvpns; v++) {
        if (instance_prepare(f, v, err) < 0)
            return -1;
    }
    if (stage_start(f, first, 1, err) < 0 || stage_start(f, second, 2, err) < 0)
        return -1;
    return processes_collect(f, err);
}

int frr_pimd_start(struct frr *f, struct err *err)
{
    static const enum frr_daemon pimd[] = {FRR_PIMD};
    return stage_start(f, pimd, 1, err) < 0 ? -1 : processes_collect(f, err);
}

/* A pid may have been given to somebody else: only a process whose command line names the prefix
 * is one of ours. A zombie has no command line. */
static bool is_ours(pid_t pid, const char *prefix)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text, in);
    fclose(in);
    return memmem(text, n, prefix, strlen(prefix)) != NULL;
}

struct pids {
    pid_t *pid;
    size_t count, cap;
};

static void pids_add(struct pids *list, pid_t pid)
{
    list->pid = array_grow(list->pid, list->count, &list->cap, sizeof *list->pid);
    list->pid[list->count++] = pid;
}

static void pids_collect(struct pids *list, const char *prefix, const char *state_dir)
{
    char path[FRR_PATH_MAX * 2];
    snprintf(path, sizeof path, "%s/mti.pid", state_dir);
    pids_add(list, pid_file_read(path));
    DIR *dir = opendir(FRR_RUN_DIR);
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        for (enum frr_daemon d = 0; d < FRR_DAEMONS; d++) {
            snprintf(path, sizeof path, "%s/%s/%s.pid", FRR_RUN_DIR, e->d_name,
                     frr_daemon_names[d]);
            pids_add(list, pid_file_read(path));
        }
    }
    if (dir != NULL)
        closedir(dir);
}

static size_t pids_signal(const struct pids *list, const char *prefix, int signal_number)
{
    size_t alive = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->pid[i] <= 0 || !is_ours(list->pid[i], prefix))
            continue;
        alive++;
        if (signal_number != 0)
            (void)kill(list->pid[i], signal_number);
    }
    return alive;
}

void frr_processes_end(const char *prefix, const char *state_dir)
{
    struct pids list = {0};
    pids_collect(&list, prefix, state_dir);
    (void)pids_signal(&list, prefix, SIGTERM);
    for (int i = 0; i < END_STEPS && pids_signal(&list, prefix, 0) > 0; i++)
        (void)poll(NULL, 0, END_STEP_MS);
    (void)pids_signal(&list, prefix, SIGKILL);
    free(list.pid);
}

/* The pidfiles go too: those of the daemons' successors must not be taken for written yet. */
static void daemon_pids_take(const struct frr *f, enum frr_daemon d, struct pids *list)
{
    for (uint32_t v = 0; v <= f->spec.mvpns; v++) {
        char ns[FRR_NAME_MAX], path[FRR_PATH_MAX];
        frr_instance_ns(f, v, ns);
        snprintf(path, sizeof path, "%s/%s/%s.pid", FRR_RUN_DIR, ns, frr_daemon_names[d]);
        pids_add(list, pid_file_read(path));
        (void)unlink(path);
    }
}

int frr_daemons_kill(struct frr *f, bool all, struct err *err)
{
    struct pids list = {0};
    for (enum frr_daemon d = all ? 0 : FRR_PIMD; d < FRR_DAEMONS; d++)
        daemon_pids_take(f, d, &list);
    (void)pids_signal(&list, f->prefix, SIGKILL);
    size_t alive = 1;
    for (int i = 0; i < END_STEPS && (alive = pids_signal(&list, f->prefix, 0)) > 0; i++)
        (void)poll(NULL, 0, KILL_STEP_MS);
    free(list.pid);
    if (alive > 0)
        err_set(err, ERR_TESTBED, "FRR PE: %zu daemons outlive SIGKILL", alive);
    return alive > 0 ? -1 : 0;
}

int frr_processes_alive(const struct frr *f, struct err *err)
{
    for (size_t i = 0; i < f->process_count; i++) {
        if (is_ours(f->processes[i].pid, f->prefix))
            continue;
        err_set(err, ERR_TESTBED, "FRR PE: the %s has ended by itself", f->processes[i].component);
        return -1;
    }
    return 0;
}
