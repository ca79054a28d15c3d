#include "tests/live/io/sandbox.h"

#include "emul/io/netns.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

char sandbox_near[64];
char sandbox_far[64];

static char prefix[32];

/* In a child: whether this host lets us make namespaces is found out by making one. */
static bool namespaces_work(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int build(struct err *err)
{
    char lines[512];
    (void)snprintf(lines, sizeof(lines),
                   "link add near0 index 100 type veth peer name far0 netns %s\n"
                   "link set lo up\n"
                   "link set near0 up\n",
                   sandbox_far);
    if (netns_add(sandbox_near, err) != 0 || netns_add(sandbox_far, err) != 0)
        return -1;
    /* Without IPv6 the kernel sends nothing by itself. */
    if (netns_sysctl(sandbox_near, "net/ipv6/conf/default/disable_ipv6", "1", err) != 0 ||
        netns_sysctl(sandbox_far, "net/ipv6/conf/default/disable_ipv6", "1", err) != 0)
        return -1;
    if (netns_ip_batch(sandbox_near, lines, err) != 0)
        return -1;
    return netns_ip_batch(sandbox_far, "link set lo up\nlink set far0 up\n", err);
}

/* Namespaces of an earlier run that was killed together with its parent. */
static void remove_leftovers(void)
{
    DIR *dir = opendir("/run/netns");
    if (dir == NULL)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        int pid;
        if (sscanf(e->d_name, "mvio%d-", &pid) == 1 && kill(pid, 0) != 0)
            (void)netns_del(e->d_name, NULL);
    }
    (void)closedir(dir);
}

/* Waits for the child, which a signal to us ends. */
static int wait_child(pid_t child, const sigset_t *signals)
{
    int status, number = SIGCHLD;
    while (waitpid(child, &status, WNOHANG) == 0) {
        (void)sigwait(signals, &number);
        if (number != SIGCHLD)
            (void)kill(child, SIGKILL);
    }
    return status;
}

static int run_child(const char *suite, const struct cu_test *tests, size_t count)
{
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        _exit(cu_run(suite, tests, count));
    }
    return child > 0 ? wait_child(child, &signals) : 1;
}

int sandbox_run(const char *suite, const struct cu_test *tests, size_t count)
{
    struct err err = {0};
    if (geteuid() != 0 || !namespaces_work()) {
        (void)fprintf(stderr, "skipped: needs root and network namespaces\n");
        return CU_SKIP;
    }
    remove_leftovers();
    (void)snprintf(prefix, sizeof(prefix), "mvio%d-", (int)getpid());
    (void)snprintf(sandbox_near, sizeof(sandbox_near), "%snear", prefix);
    (void)snprintf(sandbox_far, sizeof(sandbox_far), "%sfar", prefix);
    int status = 1;
    if (build(&err) == 0)
        status = run_child(suite, tests, count);
    else
        (void)fprintf(stderr, "%s\n", err.text);
    (void)netns_cleanup(prefix, &err);
    return status == 0 ? 0 : 1;
}
