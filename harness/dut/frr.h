/*
 * Inside of the FRR driver: one struct shared by its files. A run's namespaces, pathspaces and
 * processes all carry its prefix ("mvb<pid>-"); state_dir holds the owner's pid, so that the next
 * run can tell what a killed one left and remove exactly that.
 *
 *   <prefix>a  apparatus: a1-<k> (C-link k), a3        <prefix>p   P instance: p0 (P link), m0
 *   <prefix>g  GRE program: g0 (the MDT address)       <prefix>v<v> VRF v: c<k>, mti
 *   <prefix>s  spare: DUT ends of C-links that the present instance does not use
 */
#ifndef MVPN_DUT_FRR_H
#define MVPN_DUT_FRR_H

#include "harness/dut/mti_program.h"
#include "mvpnbench/dut.h"

#include <stdio.h>
#include <sys/types.h>

#define FRR_BIN       "/usr/lib/frr"
#define FRR_VTYSH     "/usr/bin/vtysh"
#define FRR_RUN_DIR   "/var/run/frr"
#define FRR_STATE_DIR "/run/mvpnbench-frr-" /* + pid of the owner */
#define FRR_NAME_MAX  32                    /* namespace = pathspace */
#define FRR_PATH_MAX  192
#define FRR_VIFS_MAX  30   /* C-interfaces a VRF: kernel MAXVIFS 32, less MTI and pimreg */
#define FRR_LINKS_MAX 512u /* C-links the testbed builds at most */
#define FRR_MEM_VRF   (INT64_C(27) << 20) /* bytes that the daemons of one VRF need */

#define FRR_P_IF   "p0"                  /* towards the P router */
#define FRR_M_IF   "m0"                  /* towards the GRE program */
#define FRR_G_IF   "g0"                  /* the GRE program's end */
#define FRR_M_ADDR IP4(192, 168, 254, 1) /* of m0; its peer is the MDT address */

#define FRR_DATA_MDTS ((struct ip4_prefix){IP4(232, 0, 0, 0), 8})

enum frr_daemon { FRR_ZEBRA, FRR_STATICD, FRR_PIMD, FRR_DAEMONS };
extern const char *const frr_daemon_names[FRR_DAEMONS];

/* One process that is watched: a daemon or the GRE program. */
struct frr_process {
    char component[64];
    pid_t pid;
    uint64_t ticks_begin, ticks_last; /* CPU time at the window's begin, at the last sample */
    double peak_percent;              /* busiest sample */
};

struct frr_usage; /* sampling thread of the window, frr_usage.c */

/* The GRE program: our child, with a control pipe that ends it when we end. */
struct frr_mti {
    pid_t pid;
    int control, answers;
};

struct frr {
    char prefix[16];
    char state_dir[64];
    char version[64];
    uint32_t mtu;
    uint32_t links;     /* C-links with a port */
    uint32_t *link_vrf; /* where c<k> is: VRF, or 0: spare */
    bool p_card_out;    /* p0 is in the spare namespace */
    uint32_t vrfs;      /* VRF namespaces that exist: 1..vrfs */
    struct port **a1;
    struct port *a3;
    bool world; /* namespaces and links exist (or may, in part) */
    bool configured;
    bool out;            /* a stimulus has taken something away and not given it back yet */
    enum stimulus cause; /* which; only if out */
    struct instance_spec spec;
    struct frr_mti mti;
    struct frr_process *processes;
    size_t process_count;
    struct frr_usage *usage;
};

/* frr_ns writes the name of a namespace: kind 'a', 'p', 'g', 's', or 'v' with the VRF's number. */
char *frr_ns(const struct frr *f, char kind, uint32_t v, char buf[FRR_NAME_MAX]);

/* frr_instance_ns gives the namespaces that run daemons: 0 the P instance, v the VRF v. */
char *frr_instance_ns(const struct frr *f, uint32_t instance, char buf[FRR_NAME_MAX]);

/* frr_world.c: namespaces, links, ports. */
int frr_world_build(struct frr *f, struct loop *loop, struct err *err);
int frr_world_vrfs(struct frr *f, struct err *err);      /* c<k> of the spec to their VRFs */
int frr_world_tunnel(struct frr *f, struct err *err);    /* the GRE program's link: before it */
int frr_world_addresses(struct frr *f, struct err *err); /* after it made the TUNs */
void frr_world_clear(struct frr *f);                     /* unconfigure: addresses away */
void frr_world_remove(struct frr *f);
/* Cards: their interfaces go to the spare namespace, which FRR sees as a removal, and come back up
 * with the addresses of the spec. A card that is where it is asked to be is left alone. */
int frr_c_card_pull(struct frr *f, struct err *err);
int frr_c_card_insert(struct frr *f, struct err *err);
int frr_p_card_pull(struct frr *f, struct err *err);
int frr_p_card_insert(struct frr *f, struct err *err);

/* frr_config.c: what a daemon of VRF v (0: the P instance) reads at its start. */
void frr_config_write(FILE *out, const struct instance_spec *s, uint32_t v, enum frr_daemon d);

/* frr_daemon.c: processes. frr_processes_end works by pidfiles, from a directory's names alone. */
int frr_daemons_start(struct frr *f, struct err *err);
int frr_pimd_start(struct frr *f, struct err *err);             /* of every instance, alone */
int frr_daemons_kill(struct frr *f, bool all, struct err *err); /* all, or every pimd; SIGKILL */
void frr_processes_end(const char *prefix, const char *state_dir);
int frr_mti_start(struct frr *f, struct err *err);
void frr_mti_end(struct frr *f, int signal_number);
int frr_mti_counters(const struct frr *f, struct mti_counters *out);
int frr_processes_alive(const struct frr *f, struct err *err);

/* frr_leftover.c: removes what killed runs left; frr_state_claim marks state_dir as ours. */
int frr_state_claim(struct frr *f, struct err *err);
void frr_leftovers_remove(void);
void frr_run_remove(const struct frr *f); /* our own, at the end */
void frr_tree_remove(const char *path);

/* frr_read.c: asking vtysh. */
int frr_wait_ready(struct frr *f, struct err *err);
int frr_read_neighbours(struct frr *f, struct neighbour_count *out, struct err *err);
int frr_read_view(struct frr *f, struct dut_view *out, struct err *err);

/* frr_stimulus.c: draft section 7 on the PE itself; frr_outage_end gives back what is away. */
int frr_stimulus_begin(struct frr *f, enum stimulus s, struct err *err);
int frr_stimulus_recover(struct frr *f, struct err *err);
void frr_outage_end(struct frr *f);

/* frr_usage.c: CPU and memory from /proc. */
int frr_usage_begin(struct frr *f, struct err *err);
void frr_usage_read(struct frr *f, struct dut_view *out);
void frr_usage_end(struct frr *f);

#endif
