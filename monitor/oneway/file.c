#include "monitor/oneway/file.h"

#include "emul/base/mem.h"
#include "emul/conf/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX  1e6
#define BYTES_MIN 60.0 /* IPv4, UDP, probe */

static const char *const tunnel_names[] = {"r", "s", "t"};

#define ADDRESS_FIELD(name, member)                                                                \
    static bool name(void *ctx, const struct ynode *n, struct err *err)                            \
    {                                                                                              \
        return fields_address(&((struct tunnel_spec *)ctx)->member, n, err);                       \
    }
ADDRESS_FIELD(tunnel_local, local)
ADDRESS_FIELD(tunnel_remote, remote)
ADDRESS_FIELD(tunnel_inner_local, inner_local)
ADDRESS_FIELD(tunnel_inner_remote, inner_remote)

static bool read_tunnel(struct oneway_file *f, int i, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"local", tunnel_local, true},
                                         {"remote", tunnel_remote, true},
                                         {"inner_local", tunnel_inner_local, false},
                                         {"inner_remote", tunnel_inner_remote, false}};
    f->present[i] = true;
    f->tunnel[i].name = tunnel_names[i];
    return fields_read(&f->tunnel[i], n, table, sizeof(table) / sizeof(table[0]), err);
}

static bool tunnel_r(void *ctx, const struct ynode *n, struct err *err)
{
    return read_tunnel(ctx, TUNNEL_R, n, err);
}

static bool tunnel_s(void *ctx, const struct ynode *n, struct err *err)
{
    return read_tunnel(ctx, TUNNEL_S, n, err);
}

static bool tunnel_t(void *ctx, const struct ynode *n, struct err *err)
{
    return read_tunnel(ctx, TUNNEL_T, n, err);
}

static bool read_tunnels(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {
        {"r", tunnel_r, false}, {"s", tunnel_s, false}, {"t", tunnel_t, false}};
    return fields_read(ctx, n, table, sizeof(table) / sizeof(table[0]), err);
}

static bool read_group(void *ctx, const struct ynode *n, struct err *err)
{
    struct oneway_file *f = ctx;
    if (!fields_address(&f->group, n, err))
        return false;
    if (f->group >> 28 == 0xe)
        return true;
    yaml_error(err, n, "a multicast group must stand here");
    return false;
}

static bool read_second_host(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_address(&((struct oneway_file *)ctx)->second_host, n, err);
}

static bool read_rate(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct oneway_file *)ctx)->rate_pps, n, 0.1, RATE_MAX, err);
}

static bool read_seconds(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct oneway_file *)ctx)->seconds, n, 0.1, 1e6, err);
}

static bool read_interval(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct oneway_file *)ctx)->interval_s, n, 0.001, 3600, err);
}

static bool read_delay(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct oneway_file *)ctx)->delay_ms, n, 0, 10000, err);
}

static bool read_bytes(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, BYTES_MIN, 9000, err))
        return false;
    ((struct oneway_file *)ctx)->bytes = (uint32_t)v;
    return true;
}

static bool read_dscp(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, 0, 63, err))
        return false;
    ((struct oneway_file *)ctx)->dscp = (uint8_t)v;
    return true;
}

static bool read_port(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, 1, 65535, err))
        return false;
    ((struct oneway_file *)ctx)->port = (uint16_t)v;
    return true;
}

static bool read_interface(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct oneway_file *)ctx)->interface, n, "an interface", err);
}

static bool read_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct oneway_file *)ctx)->netns, n, "a network namespace", err);
}

/* ---- B's counters ---------------------------------------------------------------------------- */

static bool counters_are(struct oneway_file *f, enum counters_kind kind, const struct ynode *n,
                         const char *what, struct err *err)
{
    if (f->counters != COUNTERS_NONE) {
        yaml_error(err, n, "counters have one of command, file, nftables");
        return false;
    }
    f->counters = kind;
    return fields_text(&f->counters_text, n, what, err);
}

static bool counters_command(void *ctx, const struct ynode *n, struct err *err)
{
    return counters_are(ctx, COUNTERS_COMMAND, n, "a command", err);
}

static bool counters_file(void *ctx, const struct ynode *n, struct err *err)
{
    return counters_are(ctx, COUNTERS_FILE, n, "a path", err);
}

static bool counters_nftables(void *ctx, const struct ynode *n, struct err *err)
{
    static const char *const what = "an nftables set, e.g. 'ip count probes',";
    char family[16], rest[2][64];
    int end = 0;
    if (!counters_are(ctx, COUNTERS_NFTABLES, n, what, err))
        return false;
    if (sscanf(n->text, "%15[a-z0-9] %63[A-Za-z0-9_./\\-] %63[A-Za-z0-9_./\\-]%n", family, rest[0],
               rest[1], &end) == 3 &&
        n->text[end] == '\0' && rest[0][0] != '-' && rest[1][0] != '-')
        return true;
    yaml_error(err, n, "%s must stand here", what);
    return false;
}

static bool counters_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct oneway_file *)ctx)->counters_netns, n, "a network namespace", err);
}

static bool read_counters(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"command", counters_command, false},
                                         {"file", counters_file, false},
                                         {"nftables", counters_nftables, false},
                                         {"namespace", counters_namespace, false}};
    if (n->kind == YNODE_SCALAR)
        return counters_command(ctx, n, err);
    return fields_read(ctx, n, table, sizeof(table) / sizeof(table[0]), err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Which tunnels what is done with the file needs. */
static const char *needed(char config)
{
    return config == 'R' ? "t" : "rs";
}

static bool complete(struct oneway_file *f, char config, const struct ynode *root, struct err *err)
{
    const struct ynode *at = yaml_get(root, "tunnels");
    for (int i = 0; i < ONEWAY_TUNNELS; i++) {
        if (strchr(needed(config), tunnel_names[i][0]) != NULL && !f->present[i]) {
            yaml_error(err, at, "tunnel %s is missing: '%s: {local: ADDRESS, remote: ADDRESS}'",
                       tunnel_names[i], tunnel_names[i]);
            return false;
        }
    }
    if (f->second_host == 0)
        f->second_host = f->tunnel[TUNNEL_T].local;
    if (config == 'A' && f->second_host == 0)
        yaml_error(err, at, "tunnel t is missing, from whose local end M2 tells what it saw");
    else if (config == 'B' && f->counters == COUNTERS_NONE)
        yaml_error(err, root, "configuration B needs 'counters: COMMAND', what the router counted");
    else if (config == 'B' && f->seconds / f->interval_s > COUNTERS_PORTS)
        yaml_error(err, root,
                   "%g s in intervals of %g s are more than %u intervals; take longer ones",
                   f->seconds, f->interval_s, COUNTERS_PORTS);
    else
        return true;
    return false;
}

struct oneway_file *oneway_file_load(const char *path, char config, struct err *err)
{
    static const struct field table[] = {{"tunnels", read_tunnels, true},
                                         {"group", read_group, true},
                                         {"rate_pps", read_rate, false},
                                         {"seconds", read_seconds, false},
                                         {"interface", read_interface, false},
                                         {"namespace", read_namespace, false},
                                         {"interval", read_interval, false},
                                         {"bytes", read_bytes, false},
                                         {"dscp", read_dscp, false},
                                         {"delay_ms", read_delay, false},
                                         {"second_host", read_second_host, false},
                                         {"port", read_port, false},
                                         {"counters", read_counters, false}};
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct oneway_file *f = mem_zalloc(1, sizeof(*f));
    f->path = mem_strdup(path);
    f->directory = fields_directory(path);
    f->rate_pps = 1000;
    f->seconds = 60;
    f->interval_s = 0.1;
    f->bytes = 100;
    f->delay_ms = 200;
    f->port = ONEWAY_PORT;
    bool good = fields_read(f, root, table, sizeof(table) / sizeof(table[0]), err) &&
                complete(f, config, root, err);
    ynode_free(root);
    if (good)
        return f;
    oneway_file_free(f);
    return NULL;
}

void oneway_file_free(struct oneway_file *f)
{
    if (f == NULL)
        return;
    free(f->path);
    free(f->directory);
    free(f->interface);
    free(f->netns);
    free(f->counters_text);
    free(f->counters_netns);
    free(f);
}
