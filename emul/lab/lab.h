/* The insides of struct emul, shared by the files of this room. */
#ifndef MVPN_LAB_H
#define MVPN_LAB_H

#include "emul/lab/fast.h"
#include "emul/lab/frame_template.h"
#include "emul/lab/spmsi.h"
#include "emul/node/c_router.h"
#include "emul/node/igmp_host.h"
#include "emul/node/net.h"
#include "emul/node/p_router.h"
#include "emul/node/register_dr.h"
#include "emul/node/remote_announce.h"
#include "emul/node/remote_pe.h"
#include "emul/traffic/analyser.h"
#include "emul/traffic/generator.h"
#include "mvpnbench/emul_extra.h"

/* One A1 port; link is its C-link when there is no trunk. */
struct lab_port {
    struct emul *lab;
    struct port *port;
    uint32_t link;
};

/* Neighbours of one kind that were lost since a recovery began, and when they came back. */
struct lab_watch {
    uint8_t *flags; /* by C-link, or by VPN - 1 */
    struct instant *back;
    uint32_t count;
    uint32_t weight; /* neighbours that one record stands for: 1, or R */
};

enum series_line { SERIES_A1_TX, SERIES_A1_RX, SERIES_A3_TX, SERIES_A3_RX, SERIES_LINES };

struct lab_series {
    bool running;
    struct instant start;
    size_t bins, cap;
    uint32_t *line[SERIES_LINES];
};

enum withdraw_phase { WITHDRAW_NOT, WITHDRAW_PRUNES, WITHDRAW_GOODBYES, WITHDRAW_P, WITHDRAW_DONE };

struct lab_withdraw {
    enum withdraw_phase phase;
    struct instant limit; /* prunes are not waited for longer */
    uint64_t next, step;  /* neighbours that said goodbye; how many a tick */
    struct timer timer;
};

/* What was told by emul_live.h: groups that are off, by VPN and group; NULL until one was. */
struct lab_live {
    uint8_t *off;
    bool joined; /* emul_join was called */
};

struct emul {
    struct net net;
    struct lab_port *a1;
    struct lab_port a3;
    struct c_routers *c;
    struct igmp_receivers *igmp;
    struct register_drs *drs;
    struct p_router *p;
    struct remote_pes *pes;
    struct remote_announce *announce;
    struct analyser *analyser;
    struct generator *generator;
    struct frame_template frames;
    struct lab_spmsi spmsi;
    struct ipv4_reassembly *reassembly[3]; /* A1, A3 outer, inner */
    bool recovering;
    struct instant tf;
    struct lab_watch watch_c, watch_mi;
    struct lab_series series;
    struct lab_withdraw withdraw;
    struct lab_live live;
    struct lab_fast fast;
    struct lab_try try;
    struct emul_health health_base; /* counters at the last reset */
};

/* demux.c: a frame's way in. */
void lab_rx_a1(void *arg, const uint8_t *frame, size_t len, struct instant at);
void lab_rx_a3(void *arg, const uint8_t *frame, size_t len, struct instant at);

/* data.c: the generator's packets out, probes in. */
void lab_emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due);

/* lab_emit_fast sends one packet of a flow that is measured, where it has been joined. */
void lab_emit_fast(struct emul *e, uint32_t flow, uint64_t sequence);
void lab_probe_c(struct emul *e, uint32_t link, const struct ipv4 *packet, struct instant at);
void lab_probe_mi_pmsi(struct emul *e, uint32_t v, const struct ipv4 *packet, bool registered,
                       struct instant at);

/* lab_probe_died is told of one that the P router has no tree for (alternate marking only). */
void lab_probe_died(struct emul *e, uint32_t v, const struct ipv4 *packet, struct instant at);

/* lab_probe_data_mdt takes one off the data MDT with that slot (SPMSI_NONE: unknown). */
void lab_probe_data_mdt(struct emul *e, uint32_t slot, const struct ipv4 *packet,
                        struct instant at);

/* watch.c: neighbours lost and back. */
void lab_watch_init(struct lab_watch *w, uint32_t count, uint32_t weight);
void lab_watch_fini(struct lab_watch *w);
void lab_watch_event(struct emul *e, struct lab_watch *w, uint32_t ix, enum pim_nbr_change change);

/* series.c */
void lab_series_note(struct emul *e, enum series_line line, struct instant at);
void lab_series_fini(struct lab_series *s);

/* live.c: lab_live_rests tells whether the sources of group j of VPN v send nothing: it is off, or
 * they are behind a remote PE that is away. */
bool lab_live_rests(const struct emul *e, uint32_t v, uint32_t j);
void lab_live_fini(struct lab_live *l);

/* withdraw.c */
void lab_withdraw_init(struct emul *e);

/* bringup.c: what the nodes tell, which opens one gate after the other (PROTOCOLS 14). */
extern const struct net_events lab_events;

#endif
