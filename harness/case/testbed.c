#include "harness/case/testbed.h"

#include "emul/base/mem.h"
#include "emul/conf/fields.h"
#include "harness/case/settings.h"
#include "mvpnbench/topology.h"

#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of interfaces and namespaces: what Linux takes, and nothing that looks like a path. */
static bool read_word(char **out, const struct ynode *n, size_t max, const char *what,
                      struct err *err)
{
    bool good = n->kind == YNODE_SCALAR && n->text[0] != '\0' && strlen(n->text) <= max &&
                n->text[0] != '.';
    for (const char *p = good ? n->text : ""; good && *p != '\0'; p++)
        good = isgraph((unsigned char)*p) && *p != '/';
    if (!good) {
        yaml_error(err, n, "the name of a %s of at most %zu characters must stand here", what, max);
        return false;
    }
    free(*out);
    *out = mem_strdup(n->text);
    return true;
}

static bool add_interface(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    char *name = NULL;
    if (!read_word(&name, n, IFNAMSIZ - 1, "network interface", err))
        return false;
    for (size_t i = 0; i < t->a1_count; i++) {
        if (strcmp(t->a1[i], name) == 0) {
            yaml_error(err, n, "interface '%s' stands here a second time", name);
            free(name);
            return false;
        }
    }
    t->a1 = mem_realloc(t->a1, t->a1_count + 1, sizeof(*t->a1));
    t->a1[t->a1_count++] = name;
    return true;
}

static bool read_a1_interfaces(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    if (n->kind != YNODE_LIST || n->count == 0) {
        yaml_error(err, n, "a list [eth1, eth2, ...] must stand here, one a C-interface");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!add_interface(t, n->items[i], err))
            return false;
    }
    return true;
}

static bool read_a1_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    return read_word(&t->a1_namespace, n, 255, "network namespace", err);
}

static bool read_a1_mode(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    bool trunk = n->kind == YNODE_SCALAR && strcmp(n->text, "trunk") == 0;
    bool ports = n->kind == YNODE_SCALAR && strcmp(n->text, "ports") == 0;
    if (!trunk && !ports)
        yaml_error(err, n, "the mode is 'trunk' or 'ports'");
    t->trunk = trunk;
    return trunk || ports;
}

static bool read_a1(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    static const struct field keys[] = {
        {"interface", add_interface, false},
        {"namespace", read_a1_namespace, false},
        {"mode", read_a1_mode, false},
        {"interfaces", read_a1_interfaces, false},
    };
    t->trunk = yaml_get(n, "interfaces") == NULL;
    if (!fields_read(t, n, keys, sizeof(keys) / sizeof(keys[0]), err))
        return false;
    const struct ynode *one = yaml_get(n, "interface"), *many = yaml_get(n, "interfaces");
    if ((t->trunk && (one == NULL || many != NULL)) ||
        (!t->trunk && (many == NULL || one != NULL))) {
        yaml_error(err, n, "%s",
                   t->trunk ? "a trunk takes 'interface: NAME' and no 'interfaces'"
                            : "mode ports takes 'interfaces: [...]' alone");
        return false;
    }
    return true;
}

static bool read_a3_interface(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    return read_word(&t->a3, n, IFNAMSIZ - 1, "network interface", err);
}

static bool read_a3_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    return read_word(&t->a3_namespace, n, 255, "network namespace", err);
}

static bool read_a3(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    static const struct field keys[] = {
        {"interface", read_a3_interface, false},
        {"namespace", read_a3_namespace, false},
    };
    if (!fields_read(t, n, keys, sizeof(keys) / sizeof(keys[0]), err))
        return false;
    if (t->a3 == NULL)
        yaml_error(err, n, "'interface' is missing; add it");
    return t->a3 != NULL;
}

static bool same_namespace(const struct testbed *t)
{
    if (t->a1_namespace == NULL || t->a3_namespace == NULL)
        return t->a1_namespace == t->a3_namespace;
    return strcmp(t->a1_namespace, t->a3_namespace) == 0;
}

static bool read_ports(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    static const struct field keys[] = {{"a1", read_a1, false}, {"a3", read_a3, false}};
    if (!fields_read(t, n, keys, sizeof(keys) / sizeof(keys[0]), err))
        return false;
    if (t->a1_count == 0 || t->a3 == NULL) {
        yaml_error(err, n, "'%s' is missing; add it", t->a1_count == 0 ? "a1" : "a3");
        return false;
    }
    for (size_t i = 0; i < t->a1_count; i++) {
        if (same_namespace(t) && strcmp(t->a1[i], t->a3) == 0) {
            yaml_error(err, yaml_get(n, "a3"), "interface '%s' is a1's already", t->a3);
            return false;
        }
    }
    return true;
}

static bool read_mtu(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    double v;
    if (!yaml_number(n, &v, err))
        return false;
    if (!(v >= 576 && v <= 65535) || v != (uint32_t)v) {
        yaml_error(err, n, "the MTU is a whole number from 576 to 65535");
        return false;
    }
    t->mtu = (uint32_t)v;
    return true;
}

/* One kind of address: where it goes, and what it has to be. */
static const struct addressing_key {
    const char *key;
    size_t addr, len; /* offsets in struct addressing; len 0: none */
    bool multicast;
    ip4_t zero_bits; /* these must be 0 */
} addressing_keys[] = {
    {"dut_p", offsetof(struct addressing, dut_p_addr), offsetof(struct addressing, p_link_len),
     false, 0},
    {"p_router", offsetof(struct addressing, p_router_addr), 0, false, 0},
    {"p_rp", offsetof(struct addressing, p_rp), 0, false, 0},
    {"dut_mdt", offsetof(struct addressing, dut_mdt_addr), 0, false, 0},
    {"remote_pes", offsetof(struct addressing, remote_pe_base),
     offsetof(struct addressing, remote_pe_len), false, 0},
    {"mdt_groups", offsetof(struct addressing, mdt_base), 0, true, 0xffff},
    {"c_links", offsetof(struct addressing, c_link_base), 0, false, 3},
    {"c_groups", offsetof(struct addressing, c_group_base), 0, true, 0xffff},
    {"c_sources", offsetof(struct addressing, c_source_base), 0, false, 0xffff},
    {"dut_c_rp", offsetof(struct addressing, dut_c_rp), 0, false, 0},
    {"data_mdts_src", offsetof(struct addressing, data_mdt_src_base), 0, true, 0xffff},
    {"data_mdts_rx", offsetof(struct addressing, data_mdt_rx_base), 0, true, 0xffff},
};
#define ADDRESSING_KEYS (sizeof(addressing_keys) / sizeof(addressing_keys[0]))

static bool read_address(struct testbed *t, const struct addressing_key *k, const struct ynode *n,
                         struct err *err)
{
    struct ip4_prefix p;
    bool prefix = k->len != 0;
    bool good = n->kind == YNODE_SCALAR && ip4_prefix_parse(n->text, &p) &&
                (strchr(n->text, '/') != NULL) == prefix &&
                ip4_is_multicast(p.addr) == k->multicast && (p.addr & k->zero_bits) == 0 &&
                p.addr != 0 && (!prefix || (p.len >= 8 && p.len <= 30));
    if (!good) {
        yaml_error(err, n, "%s is a%s%s%s", k->key, k->multicast ? " group" : "n address",
                   k->zero_bits == 0xffff ? " that ends in .0.0"
                   : k->zero_bits == 3    ? " that begins a /30"
                                          : "",
                   prefix ? " with its prefix length, as 192.0.2.1/24" : ", as 1.2.0.0");
        return false;
    }
    memcpy((char *)&t->addr + k->addr, &p.addr, sizeof(p.addr));
    if (prefix)
        memcpy((char *)&t->addr + k->len, &p.len, sizeof(p.len));
    return true;
}

static bool read_addressing(void *ctx, const struct ynode *n, struct err *err)
{
    struct testbed *t = ctx;
    const char *names[ADDRESSING_KEYS];
    for (size_t k = 0; k < ADDRESSING_KEYS; k++)
        names[k] = addressing_keys[k].key;
    if (n->kind != YNODE_MAP) {
        yaml_error(err, n, "addresses must stand here, e.g. 'dut_p: 192.168.255.1/30'");
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        size_t k = 0;
        while (k < ADDRESSING_KEYS && strcmp(names[k], n->keys[i]->text) != 0)
            k++;
        if (k == ADDRESSING_KEYS) {
            yaml_error(err, n->keys[i], "unknown key '%.60s'; did you mean '%s'?", n->keys[i]->text,
                       text_nearest(n->keys[i]->text, names, ADDRESSING_KEYS));
            return false;
        }
        if (!read_address(t, &addressing_keys[k], n->items[i], err))
            return false;
    }
    struct ip4_prefix link = {t->addr.dut_p_addr, t->addr.p_link_len};
    if (!ip4_in(t->addr.p_router_addr, link) || t->addr.p_router_addr == t->addr.dut_p_addr) {
        yaml_error(err, n, "p_router must be another address of dut_p's prefix");
        return false;
    }
    return true;
}

static const struct field testbed_keys[] = {
    {"ports", read_ports, false},
    {"mtu", read_mtu, false},
    {"addressing", read_addressing, false},
};

struct testbed *testbed_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct testbed *t = mem_zalloc(1, sizeof(*t));
    t->mtu = TESTBED_MTU_DEFAULT;
    t->trunk = true;
    topology_default_addressing(&t->addr);
    bool good =
        fields_read(t, root, testbed_keys, sizeof(testbed_keys) / sizeof(testbed_keys[0]), err);
    if (good)
        t->tree = yaml_json(root);
    ynode_free(root);
    if (good)
        return t;
    testbed_free(t);
    return NULL;
}

void testbed_free(struct testbed *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->a1_count; i++)
        free(t->a1[i]);
    free(t->a1);
    free(t->a1_namespace);
    free(t->a3);
    free(t->a3_namespace);
    json_decref(t->tree);
    free(t);
}
