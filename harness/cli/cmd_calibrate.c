/* calibrate: over the testbed's ports, or over a veth pair between two namespaces of its own. */
#include "emul/io/netns.h"
#include "emul/io/pktport.h"
#include "emul/loop/loop.h"
#include "harness/case/testbed.h"
#include "harness/case/values.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/run/calibrate.h"
#include "harness/run/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CAL_TESTBED, CAL_SECONDS, CAL_BYTES, CAL_OUT, CAL_JSON, CAL_QUIET, CAL_FORCE, CAL_OPTIONS };

const struct cli_option calibrate_option_table[] = {
    [CAL_TESTBED] = {"testbed", "FILE",
                     "use its A1 and A3, joined by a cable (a veth pair made here)"},
    [CAL_SECONDS] = {"seconds", "N",
                     "length of each of about thirty trials, seconds, 0.1 to 600 (1)"},
    [CAL_BYTES] = {"bytes", "N", "length of a C-flow's IP packet, bytes, 60 to 8976 (100)"},
    [CAL_OUT] = {"out", "FILE", "write the figures for --set run.calibration=FILE"},
    [CAL_JSON] = {"json", NULL, "print JSON instead of the table"},
    [CAL_QUIET] = {"quiet", NULL, "no progress"},
    [CAL_FORCE] = {"force", NULL, "also use an interface that carries the default route"},
};
const size_t calibrate_option_count = CAL_OPTIONS;

struct calibrate_args {
    const char *testbed, *out;
    double seconds, bytes;
    bool json, quiet, force;
};

/* What a veth pair of our own needs; the prefix is empty without one. */
struct cable {
    struct loop *loop;
    struct port *a1, *a3;
    uint32_t mtu;
    char prefix[32], text[128];
};

static volatile sig_atomic_t interrupted;
static struct loop *volatile running;

static void on_signal(int signal)
{
    (void)signal;
    interrupted = 1;
    struct loop *l = running;
    if (l != NULL)
        loop_stop(l);
}

static int take_number(const char *option, const char *value, double low, double high, double *out,
                       struct err *err)
{
    char *end;
    *out = strtod(value, &end);
    if (end != value && *end == '\0' && *out >= low && *out <= high)
        return 0;
    err_set(err, ERR_USE, "--%s=%.40s cannot be; give a number from %g to %g", option, value, low,
            high);
    return -1;
}

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    struct calibrate_args *a = ctx;
    switch (index) {
    case CAL_TESTBED:
        a->testbed = value;
        return 0;
    case CAL_SECONDS:
        return take_number("seconds", value, 0.1, 600, &a->seconds, err);
    case CAL_BYTES:
        return take_number("bytes", value, 60, 8976, &a->bytes, err);
    case CAL_OUT:
        a->out = value;
        return 0;
    case CAL_JSON:
        a->json = true;
        return 0;
    case CAL_QUIET:
        a->quiet = true;
        return 0;
    case CAL_FORCE:
        a->force = true;
        return 0;
    default:
        err_set(err, ERR_USE, "calibrate takes options only; leave '%.60s' out", value);
        return -1;
    }
}

/* ---- the cable --------------------------------------------------------------------------------
 */

static int open_port(struct cable *c, const char *name, const char *netns, const char *ifname,
                     bool force, struct port **out, struct err *err)
{
    *out = pktport_open(
        c->loop,
        &(struct pktport_params){.name = name, .ifname = ifname, .netns = netns, .force = force},
        err);
    return *out == NULL ? -1 : 0;
}

/* Two namespaces, so that nothing of the host talks on the pair. */
static int make_veth(struct cable *c, struct err *err)
{
    char near[64], far[64], lines[256];
    if (geteuid() != 0) {
        err_set(err, ERR_TESTBED,
                "calibrate makes a veth pair and opens packet sockets: it needs root");
        return -1;
    }
    (void)snprintf(c->prefix, sizeof(c->prefix), "mvcal%d-", (int)getpid());
    (void)snprintf(near, sizeof(near), "%sa1", c->prefix);
    (void)snprintf(far, sizeof(far), "%sa3", c->prefix);
    (void)snprintf(lines, sizeof(lines),
                   "link add a1 mtu 9000 index 1001 type veth peer name a3 mtu 9000 index 1002 "
                   "netns %s\nlink set a1 up\n",
                   far);
    if (netns_add(near, err) != 0 || netns_add(far, err) != 0 ||
        netns_sysctl(near, "net/ipv6/conf/default/disable_ipv6", "1", err) != 0 ||
        netns_sysctl(far, "net/ipv6/conf/default/disable_ipv6", "1", err) != 0 ||
        netns_ip_batch(near, lines, err) != 0 || netns_ip_batch(far, "link set a3 up\n", err) != 0)
        return -1;
    c->mtu = 9000;
    (void)snprintf(c->text, sizeof(c->text), "a veth pair");
    if (open_port(c, "a1", near, "a1", false, &c->a1, err) != 0)
        return -1;
    return open_port(c, "a3", far, "a3", false, &c->a3, err);
}

static int take_testbed(struct cable *c, const struct calibrate_args *a, struct err *err)
{
    struct testbed *t = testbed_load(a->testbed, err);
    int rc = -1;
    if (t == NULL)
        return -1;
    if (t->a1_count == 0 || t->a3 == NULL) {
        err_set(err, ERR_USE, "%s: names no interfaces for A1 and A3; add ports", a->testbed);
    } else if (open_port(c, "a1", t->a1_namespace, t->a1[0], a->force, &c->a1, err) == 0) {
        rc = open_port(c, "a3", t->a3_namespace, t->a3, a->force, &c->a3, err);
        (void)snprintf(c->text, sizeof(c->text), "%.48s to %.48s", t->a1[0], t->a3);
    }
    c->mtu = t->mtu;
    testbed_free(t);
    return rc;
}

static void cable_close(struct cable *c)
{
    running = NULL;
    port_free(c->a1);
    port_free(c->a3);
    loop_free(c->loop);
    if (c->prefix[0] != '\0')
        (void)netns_cleanup(c->prefix, NULL);
}

/* ---- what was found ---------------------------------------------------------------------------
 */

static void print_spread(const char *what, const struct spread_ns *s)
{
    if (s->max < 0)
        (void)printf("  %-34s not measured\n", what);
    else
        (void)printf("  %-34s median %.1f us, 99 %% %.1f us, max %.1f us\n", what,
                     (double)s->median / 1e3, (double)s->p99 / 1e3, (double)s->max / 1e3);
}

static void print_table(const struct calibration *c)
{
    (void)printf("apparatus over %s, %u-byte packets, %u flows, trials of %g s\n", c->cable,
                 c->packet_bytes, c->flows, c->trial_s);
    (void)printf("  %-34s %.0f packets/s\n", "A1 to A3 without loss", c->a1_to_a3_pps);
    (void)printf("  %-34s %.0f packets/s\n", "A3 to A1 without loss", c->a3_to_a1_pps);
    (void)printf("  %-34s %.0f packets/s each way\n", "both at once", c->both_pps);
    (void)printf("at %.0f packets/s each way\n", c->paced_pps);
    print_spread("sent after it was due", &c->pacing);
    print_spread("receive stamp after send stamp", &c->stamp);
    (void)printf("  %-34s %.1f us\n", "latest timer", (double)c->loop_lag_ns / 1e3);
    (void)printf("flows: %llu at 1 packet/s each, %llu at 10\n",
                 (unsigned long long)calibration_flows(c, 1),
                 (unsigned long long)calibration_flows(c, 10));
    (void)printf("FIFO scheduling: %s; memory could be locked: %s; time stamps: kernel, software\n",
                 c->fifo ? "yes" : "no", c->locked_memory ? "yes" : "no");
}

static int write_file(const char *path, const json_t *o, struct err *err)
{
    FILE *f = fopen(path, "w");
    bool bad = f == NULL || json_dumpf(o, f, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0 ||
               fputc('\n', f) == EOF;
    if (f != NULL && fclose(f) != 0)
        bad = true;
    if (bad)
        err_set(err, ERR_USE, "--out %s: %s", path, strerror(errno));
    return bad ? -1 : 0;
}

static int report(const struct calibrate_args *a, const struct calibration *c, struct err *err)
{
    json_t *o = calibration_json(c);
    int rc = a->out == NULL ? 0 : write_file(a->out, o, err);
    if (a->json) {
        (void)json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
        (void)putchar('\n');
    } else {
        print_table(c);
    }
    json_decref(o);
    return rc;
}

static int calibrate(const struct calibrate_args *a, struct err *err)
{
    struct cable c = {.loop = loop_new_real()};
    struct calibration found;
    running = c.loop;
    int rc = a->testbed == NULL ? make_veth(&c, err) : take_testbed(&c, a, err);
    if (rc == 0 && a->bytes + 24 > c.mtu) {
        err_set(err, ERR_USE, "--bytes %g: with GRE more than the MTU of %u", a->bytes, c.mtu);
        rc = -1;
    }
    struct calibrate_params params = {.loop = c.loop,
                                      .a1 = c.a1,
                                      .a3 = c.a3,
                                      .cable = c.text,
                                      .trial_s = a->seconds,
                                      .packet_bytes = (uint32_t)a->bytes,
                                      .mtu = c.mtu,
                                      .interrupted = &interrupted};
    progress_open(a->quiet);
    if (rc == 0)
        rc = calibrate_run(&params, &found, err);
    progress_close();
    cable_close(&c);
    return rc == 0 ? report(a, &found, err) : rc;
}

int cmd_calibrate(int argc, char **argv)
{
    struct calibrate_args a = {.seconds = 1, .bytes = 100};
    struct err err = {0};
    if (options_parse(calibrate_option_table, CAL_OPTIONS, argc, argv, take, &a, &err) != 0)
        return cli_fail(&err);
    struct sigaction act = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    return calibrate(&a, &err) == 0 ? EXIT_DONE : cli_fail(&err);
}
