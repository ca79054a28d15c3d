#include "monitor/scope/file.h"

#include "emul/base/mem.h"
#include "emul/conf/fields.h"

#include <stdlib.h>
#include <string.h>

#define RATE_DEFAULT    10.0
#define RATE_MIN        0.001
#define BYTES_DEFAULT   100u
#define LEGS_DEFAULT    5.0
#define INFER_DEFAULT   100.0
#define MARK_MAX_S      3600.0
#define LEGS_MAX        10000.0
#define GROUP_DEFAULT   IP4(239, 9, 9, 9)
#define FIRST_ROUTED    IP4(224, 0, 1, 0) /* what is below never leaves a link */
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool read_address(ip4_t *out, const struct ynode *n, struct err *err)
{
    if (n->kind == YNODE_SCALAR && ip4_parse(n->text, out) && *out != 0 && !ip4_is_multicast(*out))
        return true;
    yaml_error(err, n, "the IPv4 address of a host must stand here, e.g. 192.0.2.1");
    return false;
}

static bool read_group(ip4_t *out, const struct ynode *n, struct err *err)
{
    if (n->kind == YNODE_SCALAR && ip4_parse(n->text, out) && ip4_is_multicast(*out) &&
        *out >= FIRST_ROUTED)
        return true;
    yaml_error(err, n, "a multicast group that routers forward must stand here, e.g. 239.192.0.1");
    return false;
}

/* Names are words of `mvpnbench ctl` and items of its lists. */
static bool read_name(char **out, const struct ynode *n, struct err *err)
{
    if (!fields_text(out, n, "a name", err))
        return false;
    size_t len = strlen(*out);
    bool good = len <= 64;
    for (size_t i = 0; good && i < len; i++)
        good = (*out)[i] > 0x20 && (*out)[i] < 0x7f && (*out)[i] != ',';
    if (!good)
        yaml_error(err, n, "a name is one word of at most 64 printable characters without commas");
    return good;
}

static bool read_whole(uint32_t *out, const struct ynode *n, uint32_t min, uint32_t max,
                       struct err *err)
{
    double v;
    if (!fields_number(&v, n, min, max, err))
        return false;
    *out = (uint32_t)v;
    if ((double)*out == v)
        return true;
    yaml_error(err, n, "a whole number must stand here");
    return false;
}

/* ---- tunnels --------------------------------------------------------------------------------- */

static bool tunnel_name(void *ctx, const struct ynode *n, struct err *err)
{
    return read_name(&((struct scope_tunnel *)ctx)->name, n, err);
}

static bool tunnel_role(void *ctx, const struct ynode *n, struct err *err)
{
    static const char *const roles[] = {"PE", "P"};
    int role = fields_word(n, roles, COUNT_OF(roles), err);
    ((struct scope_tunnel *)ctx)->role = role == 1 ? SCOPE_P : SCOPE_PE;
    return role >= 0;
}

#define ADDRESS_FIELD(function, member)                                                            \
    static bool function(void *ctx, const struct ynode *n, struct err *err)                        \
    {                                                                                              \
        return read_address(&((struct scope_tunnel *)ctx)->spec.member, n, err);                   \
    }
ADDRESS_FIELD(tunnel_remote, remote)
ADDRESS_FIELD(tunnel_local, local)
ADDRESS_FIELD(tunnel_inner_local, inner_local)
ADDRESS_FIELD(tunnel_inner_remote, inner_remote)

static bool read_tunnel(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"name", tunnel_name, true},
                                         {"remote", tunnel_remote, true},
                                         {"local", tunnel_local, false},
                                         {"inner_local", tunnel_inner_local, false},
                                         {"inner_remote", tunnel_inner_remote, false},
                                         {"role", tunnel_role, false}};
    struct scope_file *f = ctx;
    struct scope_tunnel *t = &f->tunnels[f->tunnel_count++];
    if (!fields_read(t, n, table, COUNT_OF(table), err))
        return false;
    t->spec.name = t->name;
    for (size_t i = 0; i + 1 < f->tunnel_count; i++) {
        if (strcmp(f->tunnels[i].name, t->name) == 0) {
            yaml_error(err, n, "there is a tunnel '%s' already", t->name);
            return false;
        }
    }
    return true;
}

static bool read_tunnels(void *ctx, const struct ynode *n, struct err *err)
{
    struct scope_file *f = ctx;
    if (n->kind == YNODE_LIST && n->count > SCOPE_TUNNELS_MAX) {
        yaml_error(err, n, "%zu tunnels; at most %u", n->count, SCOPE_TUNNELS_MAX);
        return false;
    }
    f->tunnels = mem_zalloc(n->count, sizeof(*f->tunnels));
    return fields_list(f, n, "tunnels", read_tunnel, err);
}

/* Once the host's address is known: which it is from where they begin, and no two are the same. */
static bool complete_tunnels(struct scope_file *f, const struct ynode *list, struct err *err)
{
    for (size_t i = 0; i < f->tunnel_count; i++) {
        struct tunnel_spec *s = &f->tunnels[i].spec;
        if (s->local == 0)
            s->local = f->address;
        for (size_t k = 0; k < i; k++) {
            const struct tunnel_spec *o = &f->tunnels[k].spec;
            if (o->remote == s->remote && o->local == s->local) {
                yaml_error(err, list->items[i],
                           "tunnel %s has the ends of tunnel %s; give it another 'local' address",
                           s->name, o->name);
                return false;
            }
        }
    }
    return true;
}

/* ---- VPNs ------------------------------------------------------------------------------------ */

static bool vpn_name(void *ctx, const struct ynode *n, struct err *err)
{
    return read_name(&((struct scope_vpn *)ctx)->name, n, err);
}

static bool vpn_group(void *ctx, const struct ynode *n, struct err *err)
{
    return read_group(&((struct scope_vpn *)ctx)->group, n, err);
}

static bool vpn_native(void *ctx, const struct ynode *n, struct err *err)
{
    return yaml_bool(n, &((struct scope_vpn *)ctx)->native, err);
}

static bool read_vpn(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {
        {"name", vpn_name, true}, {"group", vpn_group, true}, {"native", vpn_native, false}};
    struct scope_file *f = ctx;
    struct scope_vpn *v = &f->vpns[f->vpn_count++];
    if (!fields_read(v, n, table, COUNT_OF(table), err))
        return false;
    for (size_t i = 0; i + 1 < f->vpn_count; i++) {
        bool same_name = strcmp(f->vpns[i].name, v->name) == 0;
        if (!same_name && f->vpns[i].group != v->group)
            continue;
        yaml_error(err, n, same_name ? "there is a VPN '%s' already" : "VPN %s has this group too",
                   f->vpns[i].name);
        return false;
    }
    return true;
}

static bool read_vpns(void *ctx, const struct ynode *n, struct err *err)
{
    struct scope_file *f = ctx;
    f->vpns = mem_zalloc(n->count, sizeof(*f->vpns));
    return fields_list(f, n, "VPNs", read_vpn, err);
}

/* ---- tasks: read when tunnels and VPNs are known, wherever they stand in the file ------------ */

struct task_reader {
    struct scope_file *file;
    struct scope_task *task;
    size_t **list, *count; /* being filled */
};

static bool no_such(const struct ynode *n, const char *what, struct err *err)
{
    yaml_error(err, n, "there is no %s '%.60s' in this file", what,
               n->kind == YNODE_SCALAR ? n->text : "");
    return false;
}

static bool task_vpn(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    for (size_t i = 0; i < r->file->vpn_count && n->kind == YNODE_SCALAR; i++) {
        if (strcmp(r->file->vpns[i].name, n->text) == 0) {
            r->task->vpn = i;
            return true;
        }
    }
    return no_such(n, "VPN", err);
}

static bool task_tunnel(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    size_t i = 0;
    while (i < r->file->tunnel_count &&
           (n->kind != YNODE_SCALAR || strcmp(r->file->tunnels[i].name, n->text) != 0))
        i++;
    if (i == r->file->tunnel_count)
        return no_such(n, "tunnel", err);
    for (size_t k = 0; k < *r->count; k++) {
        if ((*r->list)[k] == i) {
            yaml_error(err, n, "tunnel %s is in this list already", n->text);
            return false;
        }
    }
    (*r->list)[(*r->count)++] = i;
    return true;
}

static bool task_tunnels(struct task_reader *r, size_t **list, size_t *count, const struct ynode *n,
                         struct err *err)
{
    r->list = list;
    r->count = count;
    *list = mem_zalloc(n->count, sizeof(**list));
    return fields_list(r, n, "names of tunnels", task_tunnel, err);
}

static bool task_senders(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    return task_tunnels(r, &r->task->senders, &r->task->sender_count, n, err);
}

static bool task_receivers(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    return task_tunnels(r, &r->task->receivers, &r->task->receiver_count, n, err);
}

static bool task_name(void *ctx, const struct ynode *n, struct err *err)
{
    return read_name(&((struct task_reader *)ctx)->task->name, n, err);
}

static bool task_rate(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    return fields_number(&r->task->rate_pps, n, RATE_MIN, SCOPE_RATE_MAX, err);
}

static bool task_bytes(void *ctx, const struct ynode *n, struct err *err)
{
    struct task_reader *r = ctx;
    return read_whole(&r->task->bytes, n, SCOPE_BYTES_MIN, SCOPE_BYTES_MAX, err);
}

static bool task_dscp(void *ctx, const struct ynode *n, struct err *err)
{
    uint32_t v = 0;
    if (!read_whole(&v, n, 0, 63, err))
        return false;
    ((struct task_reader *)ctx)->task->dscp = (uint8_t)v;
    return true;
}

static bool mark_seconds(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct scope_mark *)ctx)->seconds, n, 0.1, MARK_MAX_S, err);
}

static bool mark_dscp(void *ctx, const struct ynode *n, struct err *err)
{
    uint32_t v = 0;
    if (!read_whole(&v, n, 1, 63, err))
        return false;
    ((struct scope_mark *)ctx)->dscp = (uint8_t)v;
    return true;
}

static bool task_mark(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"seconds", mark_seconds, true},
                                         {"dscp", mark_dscp, false}};
    return fields_read(&((struct task_reader *)ctx)->task->mark, n, table, COUNT_OF(table), err);
}

static bool task_passive(void *ctx, const struct ynode *n, struct err *err)
{
    return yaml_bool(n, &((struct task_reader *)ctx)->task->passive, err);
}

static bool check_task(struct scope_file *f, struct scope_task *t, const struct ynode *n,
                       struct err *err)
{
    if (t->name == NULL)
        t->name = mem_printf("task%zu", f->task_count);
    for (size_t i = 0; i + 1 < f->task_count; i++) {
        if (strcmp(f->tasks[i].name, t->name) == 0) {
            yaml_error(err, n, "there is a task '%s' already; give this one another name", t->name);
            return false;
        }
    }
    if (t->sender_count == 0 && !t->passive)
        yaml_error(err, n, "the key 'senders' is missing; add it, or say 'passive: true'");
    else if (t->sender_count > 0 && t->passive)
        yaml_error(err, n, "a passive task sends nothing; leave 'senders' out");
    else
        return true;
    return false;
}

static bool read_task(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"vpn", task_vpn, true},
                                         {"senders", task_senders, false},
                                         {"receivers", task_receivers, true},
                                         {"rate_pps", task_rate, false},
                                         {"bytes", task_bytes, false},
                                         {"dscp", task_dscp, false},
                                         {"name", task_name, false},
                                         {"passive", task_passive, false},
                                         {"mark", task_mark, false}};
    struct scope_file *f = ctx;
    struct scope_task *t = &f->tasks[f->task_count++];
    *t = (struct scope_task){.rate_pps = RATE_DEFAULT, .bytes = BYTES_DEFAULT};
    struct task_reader r = {.file = f, .task = t};
    return fields_read(&r, n, table, COUNT_OF(table), err) && check_task(f, t, n, err);
}

static bool read_tasks(struct scope_file *f, const struct ynode *n, struct err *err)
{
    f->tasks = mem_zalloc(n->count, sizeof(*f->tasks));
    if (!fields_list(f, n, "tasks", read_task, err))
        return false;
    uint64_t pairs = 0;
    for (size_t i = 0; i < f->task_count; i++) {
        pairs += (uint64_t)f->tasks[i].sender_count * f->tasks[i].receiver_count;
        if (pairs > SCOPE_PAIRS_MAX) {
            yaml_error(err, n->items[i],
                       "with this task there are %llu pairs of sender and receiver; at most %u",
                       (unsigned long long)pairs, SCOPE_PAIRS_MAX);
            return false;
        }
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool file_address(void *ctx, const struct ynode *n, struct err *err)
{
    return read_address(&((struct scope_file *)ctx)->address, n, err);
}

static bool file_interface(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct scope_file *)ctx)->interface, n, "an interface", err);
}

static bool file_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct scope_file *)ctx)->netns, n, "a network namespace", err);
}

static bool file_legs(void *ctx, const struct ynode *n, struct err *err)
{
    static const char *const methods[] = {"ping", "inference"};
    int method = fields_word(n, methods, COUNT_OF(methods), err);
    ((struct scope_file *)ctx)->legs = method == 1 ? LEGS_INFERENCE : LEGS_PING;
    return method >= 0;
}

static bool file_reflector(void *ctx, const struct ynode *n, struct err *err)
{
    return read_address(&((struct scope_file *)ctx)->reflector, n, err);
}

static bool file_legs_group(void *ctx, const struct ynode *n, struct err *err)
{
    return read_group(&((struct scope_file *)ctx)->legs_group, n, err);
}

static bool file_ping_pps(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct scope_file *)ctx)->legs_pps, n, 0, LEGS_MAX, err);
}

static bool file_infer_pps(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct scope_file *)ctx)->infer_pps, n, RATE_MIN, LEGS_MAX, err);
}

static bool file_tasks(void *ctx, const struct ynode *n, struct err *err)
{
    (void)ctx;
    if (n->kind == YNODE_LIST && n->count > 0)
        return true;
    yaml_error(err, n, "a list of tasks must stand here");
    return false;
}

static bool read_all(struct scope_file *f, const struct ynode *root, struct err *err)
{
    static const struct field table[] = {{"address", file_address, true},
                                         {"interface", file_interface, false},
                                         {"namespace", file_namespace, false},
                                         {"tunnels", read_tunnels, true},
                                         {"vpns", read_vpns, true},
                                         {"tasks", file_tasks, false},
                                         {"legs", file_legs, false},
                                         {"reflector", file_reflector, false},
                                         {"legs_group", file_legs_group, false},
                                         {"ping_pps", file_ping_pps, false},
                                         {"inference_pps", file_infer_pps, false}};
    if (!fields_read(f, root, table, COUNT_OF(table), err) ||
        !complete_tunnels(f, yaml_get(root, "tunnels"), err))
        return false;
    for (size_t i = 0; i < f->vpn_count; i++) {
        if (f->legs == LEGS_INFERENCE && f->vpns[i].group == f->legs_group) {
            yaml_error(err, yaml_get(root, "vpns")->items[i],
                       "this is the group of the inference; give 'legs_group' another one");
            return false;
        }
    }
    const struct ynode *tasks = yaml_get(root, "tasks");
    return tasks == NULL || read_tasks(f, tasks, err);
}

struct scope_file *scope_file_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct scope_file *f = mem_zalloc(1, sizeof(*f));
    f->path = mem_strdup(path);
    f->legs_pps = LEGS_DEFAULT;
    f->infer_pps = INFER_DEFAULT;
    f->legs_group = GROUP_DEFAULT;
    bool good = read_all(f, root, err);
    ynode_free(root);
    if (good)
        return f;
    scope_file_free(f);
    return NULL;
}

void scope_file_free(struct scope_file *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->tunnel_count; i++)
        free(f->tunnels[i].name);
    for (size_t i = 0; i < f->vpn_count; i++)
        free(f->vpns[i].name);
    for (size_t i = 0; i < f->task_count; i++) {
        free(f->tasks[i].name);
        free(f->tasks[i].senders);
        free(f->tasks[i].receivers);
    }
    free(f->tunnels);
    free(f->vpns);
    free(f->tasks);
    free(f->path);
    free(f->interface);
    free(f->netns);
    free(f);
}
