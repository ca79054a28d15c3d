/* Namespaces, veths, addresses and ports of the FRR testbed. */
#include "emul/base/mem.h"
#include "emul/io/netns.h"
#include "emul/io/pktport.h"
#include "harness/dut/frr.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>
#include <string.h>

/* The two ends of a veth pair must have different indices (netns.h), also after one has moved to
 * another namespace, where it keeps its index if that is free: the apparatus's (and the GRE
 * program's) ends have even ones, the DUT's odd ones. */
#define INDEX_P_SIDE 1000u
#define INDEX_C_LINK 2000u /* + 2k */

#define RING_ALL   (256u << 20) /* receive rings of all C-links together */
#define RING_LEAST (1u << 20)
#define RING_MOST  (16u << 20)

/* Lines for `ip -batch`, collected and run in one namespace. */
struct batch {
    char *text;
    size_t len;
    FILE *out;
};

static void batch_begin(struct batch *b)
{
    *b = (struct batch){0};
    b->out = open_memstream(&b->text, &b->len);
    if (b->out == NULL)
        fatal("out of memory");
}

static int batch_run(struct batch *b, const char *netns, struct err *err)
{
    fclose(b->out);
    int rc = b->len == 0 ? 0 : netns_ip_batch(netns, b->text, err);
    free(b->text);
    return rc;
}

char *frr_ns(const struct frr *f, char kind, uint32_t v, char buf[FRR_NAME_MAX])
{
    if (kind == 'v')
        snprintf(buf, FRR_NAME_MAX, "%sv%u", f->prefix, v);
    else
        snprintf(buf, FRR_NAME_MAX, "%s%c", f->prefix, kind);
    return buf;
}

char *frr_instance_ns(const struct frr *f, uint32_t instance, char buf[FRR_NAME_MAX])
{
    return frr_ns(f, instance == 0 ? 'p' : 'v', instance, buf);
}

/* igmp_max_memberships: the GRE program joins one group a VRF, pimd one group an interface. IPv6
 * is off so that its neighbour discovery does not appear on the links. */
static const struct {
    const char *key, *value;
} sysctls[] = {
    {"net/ipv4/ip_forward", "1"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/ipv4/igmp_max_memberships", "20000"},
    {"net/ipv4/igmp_max_msf", "1000"},
    {"net/ipv6/conf/all/disable_ipv6", "1"},
    {"net/ipv6/conf/default/disable_ipv6", "1"},
};

static int namespace_make(const char *ns, struct err *err)
{
    if (netns_add(ns, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++) {
        struct err none = {0}; /* a kernel without IPv6 has no such key: nothing to turn off */
        if (netns_sysctl(ns, sysctls[i].key, sysctls[i].value, &none) < 0 &&
            strstr(sysctls[i].key, "ipv6") == NULL) {
            err_set(err, ERR_TESTBED, "%s", none.text);
            return -1;
        }
    }
    return netns_ip_batch(ns, "link set lo up\n", err);
}

static int offloads_off(const char *ns_a, const char *a, const char *ns_b, const char *b,
                        struct err *err)
{
    return netns_offload_off(ns_a, a, err) < 0 || netns_offload_off(ns_b, b, err) < 0 ? -1 : 0;
}

static int p_side_build(struct frr *f, struct err *err)
{
    char a[FRR_NAME_MAX], p[FRR_NAME_MAX], g[FRR_NAME_MAX];
    frr_ns(f, 'a', 0, a);
    frr_ns(f, 'p', 0, p);
    frr_ns(f, 'g', 0, g);
    struct batch b;
    batch_begin(&b);
    fprintf(b.out, "link add a3 index %u mtu %u type veth peer name %s index %u mtu %u netns %s\n",
            INDEX_P_SIDE, f->mtu, FRR_P_IF, INDEX_P_SIDE + 1, f->mtu, p);
    fprintf(b.out, "link set a3 up\n");
    if (batch_run(&b, a, err) < 0 || offloads_off(a, "a3", p, FRR_P_IF, err) < 0)
        return -1;
    batch_begin(&b);
    fprintf(b.out, "link add %s index %u mtu %u type veth peer name %s index %u mtu %u netns %s\n",
            FRR_G_IF, INDEX_P_SIDE + 2, f->mtu, FRR_M_IF, INDEX_P_SIDE + 3, f->mtu, p);
    return batch_run(&b, g, err) < 0 || offloads_off(g, FRR_G_IF, p, FRR_M_IF, err) < 0 ? -1 : 0;
}

static int c_links_build(struct frr *f, struct err *err)
{
    char a[FRR_NAME_MAX], spare[FRR_NAME_MAX];
    frr_ns(f, 'a', 0, a);
    frr_ns(f, 's', 0, spare);
    struct batch b;
    batch_begin(&b);
    for (uint32_t k = 0; k < f->links; k++) {
        uint32_t index = INDEX_C_LINK + 2 * k;
        fprintf(b.out,
                "link add a1-%u index %u mtu %u type veth peer name c%u index %u mtu %u netns %s\n",
                k, index, f->mtu, k, index + 1, f->mtu, spare);
        fprintf(b.out, "link set a1-%u up\n", k);
    }
    if (batch_run(&b, a, err) < 0)
        return -1;
    for (uint32_t k = 0; k < f->links; k++) {
        char ours[16], theirs[16];
        snprintf(ours, sizeof ours, "a1-%u", k);
        snprintf(theirs, sizeof theirs, "c%u", k);
        if (offloads_off(a, ours, spare, theirs, err) < 0)
            return -1;
    }
    return 0;
}

static int ports_open(struct frr *f, struct loop *loop, struct err *err)
{
    char a[FRR_NAME_MAX];
    frr_ns(f, 'a', 0, a);
    uint32_t ring = f->links == 0 ? RING_MOST : RING_ALL / f->links;
    ring = ring < RING_LEAST ? RING_LEAST : ring > RING_MOST ? RING_MOST : ring;
    f->a1 = mem_zalloc(f->links, sizeof *f->a1);
    for (uint32_t k = 0; k < f->links; k++) {
        char name[16];
        snprintf(name, sizeof name, "a1-%u", k);
        struct pktport_params params = {
            .name = "a1", .ifname = name, .netns = a, .ring_bytes = ring & ~0xfffffu};
        f->a1[k] = pktport_open(loop, &params, err);
        if (f->a1[k] == NULL)
            return -1;
    }
    struct pktport_params params = {.name = "a3", .ifname = "a3", .netns = a};
    f->a3 = pktport_open(loop, &params, err);
    return f->a3 == NULL ? -1 : 0;
}

int frr_world_build(struct frr *f, struct loop *loop, struct err *err)
{
    f->world = true;
    f->link_vrf = mem_zalloc(f->links, sizeof *f->link_vrf);
    static const char kinds[] = "apgs";
    for (const char *kind = kinds; *kind != '\0'; kind++) {
        char ns[FRR_NAME_MAX];
        if (namespace_make(frr_ns(f, *kind, 0, ns), err) < 0)
            return -1;
    }
    if (p_side_build(f, err) < 0 || c_links_build(f, err) < 0)
        return -1;
    return ports_open(f, loop, err);
}

/* The VRF that the spec gives C-link k to; 0: none. */
static uint32_t link_home(const struct frr *f, uint32_t k)
{
    const struct instance_spec *s = &f->spec;
    return k < s->mvpns * s->c_interfaces ? k / s->c_interfaces + 1 : 0;
}

/* The DUT's ends of C-links that are in VRF from (0: spare) go home, or all to the spare. */
static int links_leave(struct frr *f, uint32_t from, bool home, struct err *err)
{
    char ns[FRR_NAME_MAX], to[FRR_NAME_MAX];
    struct batch b;
    batch_begin(&b);
    for (uint32_t k = 0; k < f->links; k++) {
        uint32_t v = home ? link_home(f, k) : 0;
        if (f->link_vrf[k] != from || v == from)
            continue;
        fprintf(b.out, "link set c%u netns %s\n", k, frr_ns(f, v == 0 ? 's' : 'v', v, to));
        f->link_vrf[k] = v;
    }
    return batch_run(&b, frr_ns(f, from == 0 ? 's' : 'v', from, ns), err);
}

int frr_world_vrfs(struct frr *f, struct err *err)
{
    const struct instance_spec *s = &f->spec;
    for (; f->vrfs < s->mvpns; f->vrfs++) {
        char ns[FRR_NAME_MAX];
        if (namespace_make(frr_ns(f, 'v', f->vrfs + 1, ns), err) < 0)
            return -1;
    }
    for (uint32_t v = 0; v <= f->vrfs; v++) {
        if (links_leave(f, v, true, err) < 0)
            return -1;
    }
    return 0;
}

/* The cables of VRF v come up with their addresses. */
static void c_addresses(const struct frr *f, uint32_t v, FILE *out)
{
    const struct instance_spec *s = &f->spec;
    char addr[IP4_TEXT];
    for (uint32_t i = 1; i <= s->c_interfaces; i++) {
        uint32_t k = topology_c_link_index(s, v, i);
        fprintf(out, "addr add %s/30 dev c%u\nlink set c%u up\n",
                ip4_text(topology_dut_c_addr(s, k), addr), k, k);
    }
}

static int vrf_addresses(struct frr *f, uint32_t v, struct err *err)
{
    const struct instance_spec *s = &f->spec;
    char ns[FRR_NAME_MAX], addr[IP4_TEXT];
    struct batch b;
    batch_begin(&b);
    c_addresses(f, v, b.out);
    fprintf(b.out, "addr add %s/%u dev %s\n", ip4_text(s->addr.dut_mdt_addr, addr),
            s->addr.remote_pe_len, MTI_IFNAME);
    if (s->c_rp_on_dut)
        fprintf(b.out, "addr add %s/32 dev lo\n", ip4_text(s->addr.dut_c_rp, addr));
    return batch_run(&b, frr_ns(f, 'v', v, ns), err);
}

static int p_address(const struct frr *f, struct err *err)
{
    const struct addressing *a = &f->spec.addr;
    char p[FRR_NAME_MAX], dut[IP4_TEXT];
    struct batch b;
    batch_begin(&b);
    fprintf(b.out, "addr add %s/%u dev %s\nlink set %s up\n", ip4_text(a->dut_p_addr, dut),
            a->p_link_len, FRR_P_IF, FRR_P_IF);
    return batch_run(&b, frr_ns(f, 'p', 0, p), err);
}

/*
 * The MDT address is a peer address on m0: it lies in the prefix of the remote PEs, which are
 * reached through the P router, so m0 must not have that prefix, and pimd must see the address as
 * connected to register it.
 */
int frr_world_addresses(struct frr *f, struct err *err)
{
    if (p_address(f, err) < 0)
        return -1;
    for (uint32_t v = 1; v <= f->spec.mvpns; v++) {
        if (vrf_addresses(f, v, err) < 0)
            return -1;
    }
    return 0;
}

int frr_world_tunnel(struct frr *f, struct err *err)
{
    char p[FRR_NAME_MAX], g[FRR_NAME_MAX], near[IP4_TEXT], mdt[IP4_TEXT];
    ip4_text(FRR_M_ADDR, near);
    ip4_text(f->spec.addr.dut_mdt_addr, mdt);
    struct batch b;
    batch_begin(&b);
    fprintf(b.out, "addr add %s peer %s/32 dev %s\nlink set %s up\n", near, mdt, FRR_M_IF,
            FRR_M_IF);
    if (batch_run(&b, frr_ns(f, 'p', 0, p), err) < 0)
        return -1;
    batch_begin(&b);
    fprintf(b.out, "addr add %s peer %s/32 dev %s\nlink set %s up\nroute add 224.0.0.0/4 dev %s\n",
            mdt, near, FRR_G_IF, FRR_G_IF, FRR_G_IF);
    return batch_run(&b, frr_ns(f, 'g', 0, g), err);
}

void frr_world_clear(struct frr *f)
{
    char ns[FRR_NAME_MAX];
    struct err ignored = {0};
    for (uint32_t v = 1; v <= f->spec.mvpns && v <= f->vrfs; v++) {
        struct batch b;
        batch_begin(&b);
        for (uint32_t i = 1; i <= f->spec.c_interfaces; i++) {
            uint32_t k = topology_c_link_index(&f->spec, v, i);
            fprintf(b.out, "addr flush dev c%u\nlink set c%u down\n", k, k);
        }
        if (f->spec.c_rp_on_dut)
            fprintf(b.out, "addr flush dev lo scope global\n");
        (void)batch_run(&b, frr_ns(f, 'v', v, ns), &ignored);
    }
    (void)netns_ip_batch(frr_ns(f, 'p', 0, ns),
                         "addr flush dev " FRR_P_IF "\nlink set " FRR_P_IF " down\n"
                         "addr flush dev " FRR_M_IF "\nlink set " FRR_M_IF " down\n",
                         &ignored);
    (void)netns_ip_batch(frr_ns(f, 'g', 0, ns),
                         "addr flush dev " FRR_G_IF "\nlink set " FRR_G_IF " down\n", &ignored);
}

int frr_c_card_pull(struct frr *f, struct err *err)
{
    for (uint32_t v = 1; v <= f->vrfs; v++) {
        if (links_leave(f, v, false, err) < 0)
            return -1;
    }
    return 0;
}

int frr_c_card_insert(struct frr *f, struct err *err)
{
    if (frr_world_vrfs(f, err) < 0)
        return -1;
    for (uint32_t v = 1; v <= f->spec.mvpns; v++) {
        char ns[FRR_NAME_MAX];
        struct batch b;
        batch_begin(&b);
        c_addresses(f, v, b.out);
        if (batch_run(&b, frr_ns(f, 'v', v, ns), err) < 0)
            return -1;
    }
    return 0;
}

static int p_card_move(struct frr *f, bool out, struct err *err)
{
    char from[FRR_NAME_MAX], to[FRR_NAME_MAX], line[80];
    if (f->p_card_out == out)
        return 0;
    frr_ns(f, out ? 'p' : 's', 0, from);
    snprintf(line, sizeof line, "link set %s netns %s\n", FRR_P_IF,
             frr_ns(f, out ? 's' : 'p', 0, to));
    f->p_card_out = out;
    return netns_ip_batch(from, line, err);
}

int frr_p_card_pull(struct frr *f, struct err *err)
{
    return p_card_move(f, true, err);
}

int frr_p_card_insert(struct frr *f, struct err *err)
{
    if (!f->p_card_out)
        return 0;
    return p_card_move(f, false, err) < 0 ? -1 : p_address(f, err);
}

void frr_world_remove(struct frr *f)
{
    struct err err = {0};
    for (uint32_t k = 0; f->a1 != NULL && k < f->links; k++)
        port_free(f->a1[k]);
    port_free(f->a3);
    free(f->a1);
    free(f->link_vrf);
    f->a1 = NULL;
    f->a3 = NULL;
    f->link_vrf = NULL;
    if (f->world)
        (void)netns_cleanup(f->prefix, &err);
    f->world = false;
    f->vrfs = 0;
}
