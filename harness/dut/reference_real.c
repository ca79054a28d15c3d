/*
 * The reference PE as a process of its own on real interfaces: the driver builds two namespaces
 * (apparatus and PE) joined by two veth pairs, a trunk and the P link, starts `mvpnbench refpe` and
 * talks to it over a local socket. All names begin with a prefix that holds our process id, by
 * which a later run finds and removes what a killed one left. With a testbed file the links are
 * there already, and so is the process: somebody started it at their far ends (dut.control).
 */
#include "harness/dut/reference.h"

#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/io/netns.h"
#include "emul/io/pktport.h"
#include "harness/dut/dut_settings.h"
#include "harness/dut/refpe_ctl.h"
#include "harness/dut/testbed_ports.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PREFIX        "mvr"
#define NETNS_DIR     "/run/netns"
#define START_TRIES   100 /* for the process to listen, 50 ms apart */
#define STOP_TRIES    60  /* for it to end by itself */
#define TRY_WAIT_NS   50000000L
#define NAME_MAX_HERE 32

extern char **environ;

struct reference_real {
    char apparatus[NAME_MAX_HERE], pe[NAME_MAX_HERE]; /* namespaces */
    char control[256];
    struct testbed_ports ports;
    bool ours; /* links and process are */
    uint32_t mtu;
    char name[128], version[128];
    pid_t child;
    int fd;
};

static void pause_briefly(void)
{
    struct timespec wait = {.tv_nsec = TRY_WAIT_NS};
    (void)nanosleep(&wait, NULL);
}

static void control_path(char *out, size_t cap, long pid)
{
    const char *dir = getenv("TMPDIR");
    (void)snprintf(out, cap, "%s/%s%ld.sock", dir == NULL ? P_tmpdir : dir, PREFIX, pid);
}

/* Namespaces mvr<pid>-... whose process is gone. */
static void remove_leftovers(void)
{
    DIR *dir = opendir(NETNS_DIR);
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        long pid;
        char dash, prefix[NAME_MAX_HERE], path[256];
        struct err ignored = {0};
        if (sscanf(e->d_name, PREFIX "%ld%c", &pid, &dash) != 2 || dash != '-' || pid <= 0 ||
            kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        (void)snprintf(prefix, sizeof(prefix), PREFIX "%ld-", pid);
        (void)netns_cleanup(prefix, &ignored);
        control_path(path, sizeof(path), pid);
        (void)unlink(path);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

static int quiet(const char *ns, struct err *err)
{
    /* The kernel must not speak on these links: the PE and the apparatus do. */
    if (netns_sysctl(ns, "net/ipv6/conf/all/disable_ipv6", "1", err) != 0)
        return -1;
    return netns_sysctl(ns, "net/ipv6/conf/default/disable_ipv6", "1", err);
}

static int build_links(struct reference_real *r, struct err *err)
{
    static const char *const ifnames[] = {"c0", "p0"};
    char lines[512];
    /* The ends of a pair must not have the same index: netns.h. */
    (void)snprintf(
        lines, sizeof(lines),
        "link add a1 index 1000 mtu %u type veth peer name c0 index 1001 mtu %u netns %s\n"
        "link add a3 index 1002 mtu %u type veth peer name p0 index 1003 mtu %u netns %s\n"
        "link set lo up\nlink set a1 up\nlink set a3 up\n",
        r->mtu + 8, r->mtu + 8, r->pe, r->mtu, r->mtu, r->pe);
    if (netns_add(r->apparatus, err) != 0 || netns_add(r->pe, err) != 0 ||
        quiet(r->apparatus, err) != 0 || quiet(r->pe, err) != 0 ||
        netns_ip_batch(r->apparatus, lines, err) != 0 ||
        netns_ip_batch(r->pe, "link set lo up\nlink set c0 up\nlink set p0 up\n", err) != 0)
        return -1;
    for (size_t i = 0; i < 2; i++) {
        if (netns_offload_off(r->pe, ifnames[i], err) != 0)
            return -1;
    }
    if (netns_offload_off(r->apparatus, "a1", err) != 0)
        return -1;
    return netns_offload_off(r->apparatus, "a3", err);
}

/* Ctrl-C at the terminal is for the harness: the child gets a process group of its own. */
static int spawn_refpe(struct reference_real *r, char **argv, struct err *err)
{
    posix_spawnattr_t attr;
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setpgroup(&attr, 0);
    int e = posix_spawn(&r->child, "/proc/self/exe", NULL, &attr, argv, environ);
    (void)posix_spawnattr_destroy(&attr);
    if (e == 0)
        return 0;
    r->child = 0;
    err_set(err, ERR_TESTBED, "reference PE: its process cannot be started: %s", strerror(e));
    return -1;
}

static int start_process(struct reference_real *r, const struct dut_settings *settings,
                         struct err *err)
{
    size_t count = settings == NULL ? 0 : settings->count, n = 0;
    const char *fixed[] = {"mvpnbench",     "refpe", "--netns",   r->pe,      "--interface-c", "c0",
                           "--interface-p", "p0",    "--control", r->control, "--once"};
    size_t fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    char **argv = mem_zalloc(fixed_count + 2 * count + 1, sizeof(*argv));
    for (; n < fixed_count; n++)
        argv[n] = mem_strdup(fixed[n]);
    for (size_t i = 0; i < count; i++) {
        argv[n++] = mem_strdup("--set");
        argv[n++] = mem_printf("dut.%s=%s", settings->items[i].key, settings->items[i].value);
    }
    int result = spawn_refpe(r, argv, err);
    while (n > 0)
        free(argv[--n]);
    free(argv);
    return result;
}

static bool child_ended(struct reference_real *r)
{
    if (r->child > 0 && waitpid(r->child, NULL, WNOHANG) == r->child)
        r->child = 0;
    return r->child <= 0;
}

static int connect_process(struct reference_real *r, struct err *err)
{
    for (unsigned i = 0; i < START_TRIES && !child_ended(r); i++) {
        r->fd = refpe_ctl_connect(r->control);
        if (r->fd >= 0)
            return 0;
        pause_briefly();
    }
    err_set(err, ERR_TESTBED, "reference PE: its process %s",
            r->child > 0 ? "does not answer" : "ended at once (its message is above)");
    return -1;
}

static int open_ports(struct reference_real *r, const struct dut_context *ctx, struct err *err)
{
    struct pktport_params a1 = {
        .name = "a1", .ifname = "a1", .netns = r->apparatus, .force = ctx->force};
    struct pktport_params a3 = {
        .name = "a3", .ifname = "a3", .netns = r->apparatus, .force = ctx->force};
    r->ports = (struct testbed_ports){
        .trunk = true, .a1 = mem_zalloc(1, sizeof(*r->ports.a1)), .a1_count = 1};
    r->ports.a1[0] = pktport_open(ctx->loop, &a1, err);
    r->ports.a3 = r->ports.a1[0] == NULL ? NULL : pktport_open(ctx->loop, &a3, err);
    return r->ports.a3 == NULL ? -1 : 0;
}

static void stop_process(struct reference_real *r)
{
    if (r->fd >= 0)
        (void)close(r->fd); /* it ends by itself when its owner goes */
    r->fd = -1;
    for (unsigned i = 0; i < STOP_TRIES && !child_ended(r); i++)
        pause_briefly();
    if (r->child > 0) {
        (void)kill(r->child, SIGKILL);
        (void)waitpid(r->child, NULL, 0);
        r->child = 0;
    }
    if (r->ours)
        (void)unlink(r->control);
}

static void reference_close(struct dut *d)
{
    struct reference_real *r = d->state;
    struct err err = {0};
    if (r == NULL)
        return;
    testbed_ports_close(&r->ports);
    stop_process(r);
    char prefix[NAME_MAX_HERE];
    (void)snprintf(prefix, sizeof(prefix), PREFIX "%ld-", (long)getpid());
    if (r->ours && netns_cleanup(prefix, &err) < 0)
        log_line(LOG_WARN, (struct instant){0}, "refpe", "%s", err.text);
    free(r);
    d->state = NULL;
}

/* Everything of the testbed is ours: links, namespaces, process. */
static int open_own(struct reference_real *r, const struct dut_context *ctx, struct err *err)
{
    long pid = (long)getpid();
    remove_leftovers();
    r->ours = true;
    (void)snprintf(r->apparatus, sizeof(r->apparatus), PREFIX "%ld-app", pid);
    (void)snprintf(r->pe, sizeof(r->pe), PREFIX "%ld-pe", pid);
    control_path(r->control, sizeof(r->control), pid);
    return build_links(r, err) != 0 || open_ports(r, ctx, err) != 0 ||
                   start_process(r, ctx->settings, err) != 0 || connect_process(r, err) != 0
               ? -1
               : 0;
}

/* The testbed file's links, and whoever listens at dut.control. */
static int open_given(struct reference_real *r, const struct dut_context *ctx, struct err *err)
{
    const char *control = dut_settings_control(ctx->settings);
    if (testbed_ports_open(&r->ports, ctx, err) != 0)
        return -1;
    if (control == NULL) {
        err_set(err, ERR_USE,
                "the testbed file names ports: start `mvpnbench refpe --control PATH` at their far "
                "ends and say --set dut.control=PATH");
        return -1;
    }
    r->fd = refpe_ctl_connect(control);
    if (r->fd >= 0)
        return 0;
    err_set(err, ERR_TESTBED, "reference PE: nobody listens at dut.control=%s: %s", control,
            strerror(errno));
    return -1;
}

static int check_use(const struct dut_context *ctx, struct err *err)
{
    struct refpe_settings checked;
    if (reference_settings(ctx, &checked, err) != 0)
        return -1;
    const char *control = dut_settings_control(ctx->settings);
    bool given = testbed_names_ports(ctx);
    if (control != NULL && !given) {
        err_set(err, ERR_USE, "dut.control needs a testbed file that names ports (--testbed FILE)");
        return -1;
    }
    for (size_t i = 0; given && ctx->settings != NULL && i < ctx->settings->count; i++) {
        const char *key = ctx->settings->items[i].key;
        if (strcmp(key, DUT_SETTING_CONTROL) == 0)
            continue;
        err_set(err, ERR_USE,
                "dut.%s is for the reference PE that is running already: give it to "
                "`mvpnbench refpe --set`",
                key);
        return -1;
    }
    return 0;
}

static int reference_open(struct dut *d, const struct dut_context *ctx, struct err *err)
{
    if (check_use(ctx, err) != 0)
        return -1;
    if (geteuid() != 0) {
        err_set(err, ERR_TESTBED,
                "reference PE on the real clock: needs root (network namespaces); use sudo, or "
                "--clock virtual");
        return -1;
    }
    struct reference_real *r = mem_zalloc(1, sizeof(*r));
    r->fd = -1;
    r->mtu = ctx->mtu == 0 ? REFERENCE_MTU_DEFAULT : ctx->mtu;
    reference_name(ctx, r->name, sizeof(r->name));
    reference_version(ctx, r->version, sizeof(r->version));
    d->state = r;
    int rc = testbed_names_ports(ctx) ? open_given(r, ctx, err) : open_own(r, ctx, err);
    if (rc != 0)
        reference_close(d);
    return rc;
}

static void ports(struct dut *d, struct dut_ports *out)
{
    struct reference_real *r = d->state;
    const struct testbed_ports *p = &r->ports;
    *out = (struct dut_ports){.trunk = p->trunk, .a1 = p->a1, .a1_count = p->a1_count, .a3 = p->a3};
}

static void describe(struct dut *d, struct instance_spec *spec)
{
    const struct reference_real *r = d->state;
    reference_describe(spec, r->mtu);
    spec->trunk = r->ports.trunk;
}

/* A testbed of single interfaces carries so many C-links. */
static bool fits(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    const struct reference_real *r = d->state;
    uint64_t links = (uint64_t)spec->mvpns * spec->c_interfaces;
    if (r->ports.trunk || links <= r->ports.a1_count)
        return reference_fits(d, spec, err);
    err_set(err, ERR_TESTBED, "%llu C-interfaces, but the testbed file names %zu",
            (unsigned long long)links, r->ports.a1_count);
    return false;
}

static void identity(struct dut *d, const char **name, const char **version)
{
    const struct reference_real *r = d->state;
    *name = r->name;
    *version = r->version;
}

/* Asks and wants no more than that it was done. */
static int command(struct dut *d, json_t *request, struct err *err)
{
    const struct reference_real *r = d->state;
    json_t *answer = refpe_ctl_ask(r->fd, request, err);
    json_decref(answer);
    return answer == NULL ? -1 : 0;
}

static int configure(struct dut *d, const struct instance_spec *spec, struct err *err)
{
    return command(d, json_pack("{s:s, s:o}", "do", "configure", "spec", refpe_ctl_spec_json(spec)),
                   err);
}

static int unconfigure(struct dut *d, struct err *err)
{
    return command(d, json_pack("{s:s}", "do", "unconfigure"), err);
}

static int window_begin(struct dut *d, struct err *err)
{
    return command(d, json_pack("{s:s}", "do", "window_begin"), err);
}

static int stimulus(struct dut *d, struct stimulus_call *call, struct err *err)
{
    return command(d,
                   json_pack("{s:s, s:s, s:b}", "do", "stimulus", "stimulus",
                             stimulus_name(call->stimulus), "recovery_action",
                             call->recovery_action),
                   err);
}

static int health(struct dut *d, struct err *err)
{
    return command(d, json_pack("{s:s}", "do", "health"), err);
}

static int neighbours(struct dut *d, struct neighbour_count *out, struct err *err)
{
    const struct reference_real *r = d->state;
    json_t *answer = refpe_ctl_ask(r->fd, json_pack("{s:s}", "do", "neighbours"), err);
    if (answer == NULL)
        return -1;
    out->c_interface = json_integer_value(json_object_get(answer, "c_interface"));
    out->mi_pmsi = json_integer_value(json_object_get(answer, "mi_pmsi"));
    json_decref(answer);
    return 0;
}

static int view(struct dut *d, struct dut_view *out, struct err *err)
{
    const struct reference_real *r = d->state;
    json_t *answer = refpe_ctl_ask(r->fd, json_pack("{s:s}", "do", "view"), err);
    if (answer == NULL)
        return -1;
    bool good = refpe_ctl_view_read(answer, out);
    json_decref(answer);
    if (!good)
        err_set(err, ERR_TESTBED, "reference PE: its view cannot be read");
    return good ? 0 : -1;
}

const struct dut_driver reference_real_driver = {
    .name = "reference",
    .blocking = true,
    .real_clock_only = true,
    .open = reference_open,
    .ports = ports,
    .describe = describe,
    .identity = identity,
    .can = reference_can,
    .supports = reference_supports,
    .spmsi = reference_spmsi,
    .fits = fits,
    .configure = configure,
    .unconfigure = unconfigure,
    .neighbours = neighbours,
    .window_begin = window_begin,
    .view = view,
    .stimulus = stimulus,
    .health = health,
    .deviations = reference_deviations,
    .close = reference_close,
};
