/*
 * A bench around one reference PE on the virtual clock: the test plays C-routers, the P router (and
 * P-RP) and one remote PE with hand-made frames, and looks at every frame that comes out.
 *
 *   C-router (VLAN 10v+i, 172.16.v.4i+2) === [C port] PE [P port] === P router 192.168.255.2,
 *                                                           behind it remote PEs 198.18.0.2, .3
 *
 * VRF v: sources 10.1.0.0/16 and RP 10.1.255.254 (groups 225.1.0.0/16) behind C-interface 1;
 * sources 10.65.0.0/16 and RP 10.65.255.254 (groups 225.65.0.0/16) behind remote PE 198.18.0.2.
 */
#ifndef MVPN_TEST_REFPE_BENCH_H
#define MVPN_TEST_REFPE_BENCH_H

#include "emul/refpe/refpe.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim_df.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_jp.h"

#define B_P_ROUTER   IP4(192, 168, 255, 2)
#define B_PE_P       IP4(192, 168, 255, 1)
#define B_PE_MDT     IP4(198, 18, 0, 1)
#define B_REMOTE     IP4(198, 18, 0, 2)
#define B_REMOTE2    IP4(198, 18, 0, 3)
#define B_P_RP       IP4(198, 19, 0, 1)
#define B_MDT(v)     (IP4(239, 192, 0, 0) + (v))
#define B_C_PE(v, i) (IP4(172, 16, (v), 0) + 4u * (i) + 1u)
#define B_C_CE(v, i) (IP4(172, 16, (v), 0) + 4u * (i) + 2u)
#define B_VID(v, i)  ((uint16_t)(10u * (v) + (i)))
#define B_RP_IN      IP4(10, 1, 255, 254)
#define B_RP_EG      IP4(10, 65, 255, 254)
#define B_G_IN(n)    (IP4(225, 1, 0, 0) + (n))
#define B_G_EG(n)    (IP4(225, 65, 0, 0) + (n))
#define B_S_IN(n)    (IP4(10, 1, 0, 0) + (n))
#define B_S_EG(n)    (IP4(10, 65, 0, 0) + (n))

#define B_RP_SELF IP4(10, 255, 255, 254)

/* Data MDT n of VRF v: sourced by the PE, and by remote PEs. */
#define B_DATA_SRC(v, n) (IP4(232, 16, 0, 0) + 256u * ((v)-1u) + (n))
#define B_DATA_RX(v, n)  (IP4(232, 64, 0, 0) + 256u * ((v)-1u) + (n))

#define SEEN_MAX   4096
#define SEEN_BYTES 1700

/* Where a packet came out of the PE. */
enum where { ON_C, ON_P, ON_MDT, IN_REGISTER };

struct seen {
    int64_t at_ns;
    enum where where;
    uint16_t vid;   /* ON_C */
    ip4_t mdt;      /* ON_MDT, IN_REGISTER: the group */
    struct ipv4 ip; /* the (inner) packet; payload points into bytes */
    size_t len;
    uint8_t bytes[SEEN_BYTES];
};

struct bench {
    struct loop *loop;
    struct port *c[2], *p[2]; /* [0]: the test's end */
    struct refpe *pe;
    unsigned cifs; /* per VRF */
    struct seen *seen;
    size_t count;
    uint64_t arp_replies, echo_replies;
};

/* What is configured beyond the figure above; a test sets it before bench_new and clears it. */
struct bench_plan {
    enum mdt_mode mdt;
    bool rp_self;         /* the PE is RP of every C-group */
    uint8_t igmp_version; /* on every C-interface; Hellos say a DR priority then: */
    uint32_t dr_priority;
    unsigned data_mdts, data_flows; /* per VRF: pool; flows (B_S_IN(1), B_G_IN(1...)) on it */
};
extern struct bench_plan bench_plan;

/* bench_new builds PE and links and configures vrfs x cifs; bench_start also brings up the P
 * neighbour, all MDTs natively, and one remote PE and all C-routers as neighbours. */
struct bench *bench_new(const struct refpe_settings *settings, unsigned vrfs, unsigned cifs);
struct bench *bench_start(const struct refpe_settings *settings, unsigned vrfs, unsigned cifs);
void bench_free(struct bench *b);

void bench_run(struct bench *b, double seconds);
void bench_forget(struct bench *b); /* what was seen */

/* A frame with a PIM message or any packet, from one of the stations. */
void bench_hello_c(struct bench *b, unsigned v, unsigned i, ip4_t src, uint32_t genid,
                   uint16_t holdtime_s);
void bench_hello_mti(struct bench *b, unsigned v, ip4_t src, uint32_t genid);
void bench_hello_p(struct bench *b, uint32_t genid);
void bench_hello_p_for(struct bench *b, uint32_t genid, uint16_t holdtime_s);
void bench_df_p(struct bench *b, ip4_t src, const struct pim_df *df);

struct pim_jp_entry bench_starg(bool join, ip4_t group, ip4_t rp);
struct pim_jp_entry bench_sg(bool join, ip4_t group, ip4_t source);
void bench_jp_c(struct bench *b, unsigned v, unsigned i, ip4_t src, struct pim_jp_entry e);
void bench_jp_mti(struct bench *b, unsigned v, ip4_t src, ip4_t upstream, struct pim_jp_entry e);
void bench_jp_p(struct bench *b, struct pim_jp_entry e);
void bench_register_stop(struct bench *b, ip4_t group);

void bench_data_c(struct bench *b, unsigned v, unsigned i, ip4_t src, ip4_t group);
void bench_data_mti(struct bench *b, unsigned v, ip4_t pe, ip4_t src, ip4_t group);
void bench_data_on(struct bench *b, ip4_t pe, ip4_t p_group, ip4_t src, ip4_t group);
void bench_gre(struct bench *b, ip4_t pe, ip4_t p_group, const struct ipv4 *inner);

/* bench_register_c and _mti send a Register of DR dr, with a packet (source, group) or as Null. */
void bench_register_c(struct bench *b, unsigned v, unsigned i, ip4_t dr, ip4_t rp, bool null,
                      ip4_t source, ip4_t group);
void bench_register_mti(struct bench *b, unsigned v, ip4_t pe, ip4_t dr, bool null, ip4_t source,
                        ip4_t group);
void bench_send_c(struct bench *b, unsigned v, unsigned i, const struct ipv4 *ip);
void bench_raw(struct bench *b, bool p_side, const uint8_t *frame, size_t len);
void bench_arp_c(struct bench *b, unsigned v, unsigned i, ip4_t target);
void bench_echo_c(struct bench *b, unsigned v, unsigned i);

/* Counting what came out since bench_forget. */
unsigned bench_data_seen(const struct bench *b, enum where where, unsigned v, unsigned i, ip4_t src,
                         ip4_t group);
unsigned bench_hellos_seen(const struct bench *b, enum where where, unsigned v, unsigned i);

/* bench_jp_seen counts entries that came out in Join/Prunes to that upstream; at_ns (may be NULL)
 * gets the instant of the last. */
unsigned bench_jp_seen(const struct bench *b, enum where where, unsigned v, unsigned i,
                       ip4_t upstream, struct pim_jp_entry e, int64_t *at_ns);

/* bench_stops_seen counts Register-Stops for (source, group) to DR dr. */
unsigned bench_stops_seen(const struct bench *b, enum where where, unsigned v, unsigned i, ip4_t dr,
                          ip4_t source, ip4_t group);

int64_t bench_metric(const struct bench *b, enum metric_var var);
int64_t bench_p_metric(const struct bench *b, enum p_metric_var var);

#endif
