/* The driver's side of the GRE program: a child with a control pipe. */
#include "emul/base/mem.h"
#include "harness/dut/frr.h"
#include "harness/dut/frr_jobs.h"
#include "mvpnbench/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_LIMIT_MS  30000
#define ANSWER_LIMIT_MS 2000
#define ARGV_LEN        16 /* besides one a VRF */

static int mti_spawn(struct frr *f, char *const *argv, struct err *err)
{
    int control[2], answers[2];
    if (pipe2(control, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0) {
        err_set(err, ERR_TESTBED, "FRR PE: no pipe: %s", strerror(errno));
        return -1;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, control[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answers[1], STDOUT_FILENO);
    int rc = frr_spawn(&f->mti.pid, "/proc/self/exe", &actions, argv);
    posix_spawn_file_actions_destroy(&actions);
    close(control[0]);
    close(answers[1]);
    f->mti.control = control[1];
    f->mti.answers = answers[0];
    if (rc != 0) {
        close(f->mti.control);
        close(f->mti.answers);
        f->mti = (struct frr_mti){0};
        err_set(err, ERR_TESTBED, "FRR PE: cannot start the GRE program: %s", strerror(rc));
        return -1;
    }
    return 0;
}

/* One line of the program, at most len - 1 characters; lines are short enough to come in one piece.
 */
static int line_read(const struct frr *f, char *line, size_t len, int limit_ms)
{
    struct pollfd p = {.fd = f->mti.answers, .events = POLLIN};
    ssize_t n = poll(&p, 1, limit_ms) > 0 ? read(f->mti.answers, line, len - 1) : 0;
    line[n > 0 ? n : 0] = '\0';
    return n > 0 ? 0 : -1;
}

/* Waits for the line "ready", which stands for: all TUN devices are there, all groups joined. */
static int mti_wait(struct frr *f, struct err *err)
{
    char line[16];
    if (line_read(f, line, sizeof line, START_LIMIT_MS) < 0 || strncmp(line, "ready", 5) != 0) {
        err_set(err, ERR_TESTBED, "FRR PE: the GRE program did not start (its line is above)");
        return -1;
    }
    char path[FRR_PATH_MAX];
    snprintf(path, sizeof path, "%s/mti.pid", f->state_dir);
    FILE *out = fopen(path, "we");
    if (out == NULL || fprintf(out, "%ld\n", (long)f->mti.pid) < 0 || fclose(out) != 0) {
        err_set(err, ERR_TESTBED, "FRR PE: cannot write %s: %s", path, strerror(errno));
        return -1;
    }
    return 0;
}

int frr_mti_start(struct frr *f, struct err *err)
{
    const struct instance_spec *s = &f->spec;
    char ns[FRR_NAME_MAX], addr[IP4_TEXT];
    char **argv = mem_zalloc(s->mvpns + ARGV_LEN, sizeof *argv);
    size_t n = 0;
    argv[n++] = mem_strdup("mvpnbench");
    argv[n++] = mem_strdup("mti");
    argv[n++] = mem_strdup("--netns");
    argv[n++] = mem_strdup(frr_ns(f, 'g', 0, ns));
    argv[n++] = mem_strdup("--interface");
    argv[n++] = mem_strdup(FRR_G_IF);
    argv[n++] = mem_strdup("--source");
    argv[n++] = mem_strdup(ip4_text(s->addr.dut_mdt_addr, addr));
    argv[n++] = mem_strdup("--mtu");
    argv[n++] = mem_printf("%u", f->mtu - MTI_OVERHEAD);
    if (s->mdt == MDT_SSM) {
        argv[n++] = mem_strdup("--first-peer");
        argv[n++] = mem_strdup(ip4_text(topology_remote_pe_addr(s, 1), addr));
        argv[n++] = mem_strdup("--peers");
        argv[n++] = mem_printf("%u", s->remote_pes);
    }
    for (uint32_t v = 1; v <= s->mvpns; v++)
        argv[n++] =
            mem_printf("%s=%s", frr_ns(f, 'v', v, ns), ip4_text(topology_mdt_group(s, v), addr));
    int rc = mti_spawn(f, argv, err);
    while (n > 0)
        free(argv[--n]);
    free(argv);
    return rc < 0 ? rc : mti_wait(f, err);
}

void frr_mti_end(struct frr *f, int signal_number)
{
    if (f->mti.pid <= 0)
        return;
    close(f->mti.control);
    (void)kill(f->mti.pid, signal_number);
    while (waitpid(f->mti.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(f->mti.answers);
    f->mti = (struct frr_mti){0};
}

int frr_mti_counters(const struct frr *f, struct mti_counters *out)
{
    char line[160];
    if (f->mti.pid <= 0 || write(f->mti.control, "?", 1) != 1 ||
        line_read(f, line, sizeof line, ANSWER_LIMIT_MS) < 0)
        return -1;
    return mti_counters_parse(line, out);
}
