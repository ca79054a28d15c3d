/*
 * CPU and memory of the daemons from /proc. A thread samples once a second during a window, for the
 * busiest second; the average comes from the two ends of the window. The kernel counts CPU time in
 * ticks of 10 ms, and /proc/uptime has the same grain: figures far below saturation are rough.
 */
#include "emul/base/mem.h"
#include "harness/dut/frr.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SAMPLE_MS 1000

struct frr_usage {
    struct frr *frr;
    pthread_t thread;
    int stop; /* eventfd */
    double begin_s, last_s;
};

/* uptime_s reads the seconds since the host's start. */
static double uptime_s(void)
{
    double up = 0;
    FILE *in = fopen("/proc/uptime", "re");
    if (in != NULL) {
        if (fscanf(in, "%lf", &up) != 1)
            up = 0;
        fclose(in);
    }
    return up;
}

/* CPU ticks of a process (user + system: proc(5) fields 14 and 15); 0 when it is gone. */
static uint64_t process_ticks(pid_t pid)
{
    char path[64], text[1024];
    unsigned long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[n] = '\0';
    const char *p = strrchr(text, ')');
    if (p == NULL ||
        sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return 0;
    return (uint64_t)user + kernel;
}

static double process_memory(pid_t pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return 0;
    if (fscanf(in, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(in);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double percent(uint64_t ticks, double seconds)
{
    return seconds <= 0 ? 0 : 100.0 * (double)ticks / (double)sysconf(_SC_CLK_TCK) / seconds;
}

static void sample(struct frr_usage *u)
{
    double now = uptime_s();
    double span = now - u->last_s;
    u->last_s = now;
    for (size_t i = 0; i < u->frr->process_count; i++) {
        struct frr_process *p = &u->frr->processes[i];
        uint64_t ticks = process_ticks(p->pid);
        double busy = ticks < p->ticks_last ? 0 : percent(ticks - p->ticks_last, span);
        p->ticks_last = ticks;
        if (busy > p->peak_percent)
            p->peak_percent = busy;
    }
}

static void *sampler(void *arg)
{
    struct frr_usage *u = arg;
    struct pollfd p = {.fd = u->stop, .events = POLLIN};
    for (;;) {
        int n = poll(&p, 1, SAMPLE_MS);
        if (n > 0)
            return NULL;
        if (n == 0)
            sample(u);
    }
}

int frr_usage_begin(struct frr *f, struct err *err)
{
    frr_usage_end(f);
    struct frr_usage *u = mem_zalloc(1, sizeof *u);
    u->frr = f;
    u->begin_s = u->last_s = uptime_s();
    for (size_t i = 0; i < f->process_count; i++) {
        struct frr_process *p = &f->processes[i];
        p->ticks_begin = p->ticks_last = process_ticks(p->pid);
        p->peak_percent = 0;
    }
    u->stop = eventfd(0, EFD_CLOEXEC);
    if (u->stop < 0 || pthread_create(&u->thread, NULL, sampler, u) != 0) {
        err_set(err, ERR_TESTBED, "FRR PE: no thread for the utilisation: %s", strerror(errno));
        if (u->stop >= 0)
            close(u->stop);
        free(u);
        return -1;
    }
    f->usage = u;
    return 0;
}

void frr_usage_end(struct frr *f)
{
    struct frr_usage *u = f->usage;
    if (u == NULL)
        return;
    uint64_t one = 1;
    (void)!write(u->stop, &one, sizeof one);
    (void)pthread_join(u->thread, NULL);
    close(u->stop);
    free(u);
    f->usage = NULL;
}

static double memory_total(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

/* Rows: the sum first, then the processes, as many as fit. Components are single-threaded: 100 %
 * is one core. The sum is of all cores. */
void frr_usage_read(struct frr *f, struct dut_view *out)
{
    out->utilisation_count = 0;
    if (f->usage == NULL)
        return;
    double seconds = uptime_s() - f->usage->begin_s, total = memory_total();
    frr_usage_end(f);
    struct utilisation *sum = &out->utilisation[out->utilisation_count++];
    *sum =
        (struct utilisation){.component = "all FRR daemons and the GRE program", .cpu_peak_1s = -1};
    double cores = (double)sysconf(_SC_NPROCESSORS_ONLN);
    char drops[48] = "";
    struct mti_counters c;
    if (frr_mti_counters(f, &c) == 0) {
        out->spmsi_cached = (int64_t)c.data_mdts;
        snprintf(drops, sizeof drops, "; %llu packets dropped",
                 (unsigned long long)(c.tx_dropped + c.rx_dropped));
    }
    snprintf(sum->how, sizeof sum->how, "sum of the components, of all %.0f cores", cores);
    for (size_t i = 0; i < f->process_count; i++) {
        const struct frr_process *p = &f->processes[i];
        uint64_t ticks = process_ticks(p->pid);
        struct utilisation u = {.memory_bytes = process_memory(p->pid),
                                .cpu_peak_1s = p->peak_percent};
        u.cpu_percent = ticks < p->ticks_begin ? 0 : percent(ticks - p->ticks_begin, seconds);
        u.memory_percent = 100.0 * u.memory_bytes / total;
        if (u.cpu_peak_1s < u.cpu_percent)
            u.cpu_peak_1s = u.cpu_percent;
        snprintf(u.component, sizeof u.component, "%s", p->component);
        snprintf(u.how, sizeof u.how,
                 "/proc/PID/stat in ticks of 10 ms, of one core; memory: "
                 "resident set%s",
                 p->pid == f->mti.pid ? drops : "");
        sum->cpu_percent += u.cpu_percent / cores;
        sum->memory_bytes += u.memory_bytes;
        sum->memory_percent += u.memory_percent;
        if (out->utilisation_count < DUT_UTILISATION_MAX)
            out->utilisation[out->utilisation_count++] = u;
    }
}
