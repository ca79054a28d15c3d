/*
 * A run that was killed without a chance to clean up: its namespaces, daemons and directories are
 * there until the next open, and gone after it. The victim is this executable, started again.
 */
#include "emul/loop/loop.h"
#include "harness/dut/mti_program.h"
#include "mvpnbench/dut.h"
#include "tests/live/frr/watch.h"
#include "tests/unit/cu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct dut_driver frr_driver;

static int dut_up(struct dut *d, struct loop *loop, bool configure)
{
    struct err err = {0};
    struct dut_context ctx = {.loop = loop, .mtu = 1500, .max_c_links = 1};
    struct instance_spec spec = {.mvpns = 1,
                                 .c_interfaces = 1,
                                 .remote_pes = 1,
                                 .groups = 2,
                                 .ingress_groups = 1,
                                 .sources = 1};
    *d = (struct dut){.driver = &frr_driver};
    if (d->driver->open(d, &ctx, &err) == 0) {
        d->driver->describe(d, &spec);
        if (!configure || d->driver->configure(d, &spec, &err) == 0)
            return 0;
    }
    (void)fprintf(stderr, "%s\n", err.text);
    return -1;
}

/* The victim: builds everything, says so, and waits for its end. */
static int victim(void)
{
    struct dut d;
    if (dut_up(&d, loop_new_real(), true) != 0)
        return 1;
    (void)!write(STDOUT_FILENO, "up", 2);
    for (;;)
        (void)pause();
}

static pid_t victim_start(void)
{
    int pipe_fd[2];
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(pipe_fd[1], STDOUT_FILENO);
        (void)close(pipe_fd[0]);
        (void)close(pipe_fd[1]);
        (void)execl("/proc/self/exe", "test_frr_killed", "victim", (char *)NULL);
        _exit(1);
    }
    (void)close(pipe_fd[1]);
    char text[2];
    CU_ASSERT_EQUAL(read(pipe_fd[0], text, sizeof text), 2);
    (void)close(pipe_fd[0]);
    return pid;
}

static void test_killed(void)
{
    pid_t pid = victim_start();
    CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
    CU_ASSERT_TRUE(watch_leftover(pid));
    struct loop *loop = loop_new_real();
    struct dut d;
    CU_ASSERT_EQUAL(dut_up(&d, loop, false), 0);
    CU_ASSERT_FALSE(watch_leftover(pid));
    d.driver->close(&d);
    CU_ASSERT_FALSE(watch_leftover(getpid()));
    loop_free(loop);
}

/* Another run that lives must not be taken for a leftover. */
static void test_living_is_left_alone(void)
{
    pid_t pid = victim_start();
    struct loop *loop = loop_new_real();
    struct dut d;
    CU_ASSERT_EQUAL(dut_up(&d, loop, false), 0);
    CU_ASSERT_TRUE(watch_leftover(pid));
    d.driver->close(&d);
    CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
    CU_ASSERT_EQUAL(dut_up(&d, loop, false), 0);
    d.driver->close(&d);
    CU_ASSERT_FALSE(watch_leftover(pid));
    loop_free(loop);
}

static const struct cu_test tests[] = {
    {"what a killed run left", test_killed},
    {"a living run is left alone", test_living_is_left_alone},
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "mti") == 0)
        return mti_program_main(argc - 1, argv + 1);
    if (geteuid() != 0 || access("/usr/lib/frr/pimd", X_OK) != 0)
        return CU_SKIP;
    if (argc > 1 && strcmp(argv[1], "victim") == 0)
        return victim();
    return cu_run("live frr killed", tests, sizeof tests / sizeof tests[0]);
}
