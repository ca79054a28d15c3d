/*
 * The file of `mvpnbench monitor` (DESIGN B.8): the host's tunnels to PEs (or P routers), the VPNs
 * by the group of their default MDT, and the tasks: who sends probes and who gets them.
 */
#ifndef MVPN_SCOPE_FILE_H
#define MVPN_SCOPE_FILE_H

#include "monitor/tunnel/tunnel.h"

#define SCOPE_PAIRS_MAX   100000u
#define SCOPE_TUNNELS_MAX 10000u
#define SCOPE_RATE_MAX    100000.0
#define SCOPE_BYTES_MIN   60u /* IPv4, UDP, probe */
#define SCOPE_BYTES_MAX   8900u

/* Alternate marking of probes (RFC 9341): colour of the block by the time of sending, as `mvpnbench
 * marking` reads it; one probe a block, behind its middle, has the delay mark. */
struct scope_mark {
    double seconds; /* of a block; 0: not marked */
    uint8_t dscp;   /* bits of the DSCP that tell the colour too; 0: none */
};

enum legs_method { LEGS_PING, LEGS_INFERENCE };
enum scope_role { SCOPE_PE, SCOPE_P };

struct scope_tunnel {
    char *name;
    enum scope_role role; /* a label: a P router measures and is measured as a PE is */
    struct tunnel_spec spec;
};

struct scope_vpn {
    char *name;
    ip4_t group;
    bool native; /* plain multicast: no customers' GRE is expected on the group */
};

struct scope_task {
    char *name;                    /* task1... if the file gives none */
    size_t vpn;                    /* index */
    size_t *senders, sender_count; /* indices of tunnels */
    size_t *receivers, receiver_count;
    double rate_pps; /* of each sender; passive: nothing is sent */
    uint32_t bytes;  /* of the packet inside the tunnel */
    uint8_t dscp;
    bool passive;
    struct scope_mark mark;
};

struct scope_file {
    char *path;
    ip4_t address;
    char *interface, *netns; /* interface NULL: the one that has the address */
    enum legs_method legs;
    double legs_pps;  /* pings a second and tunnel; 0: none */
    double infer_pps; /* probes of the inference, likewise */
    ip4_t legs_group; /* of the inference */
    ip4_t reflector;  /* 0: none */
    size_t tunnel_count, vpn_count, task_count;
    struct scope_tunnel *tunnels;
    struct scope_vpn *vpns;
    struct scope_task *tasks;
};

/* scope_file_load reads a file; NULL with *err (ERR_USE, FILE:LINE:COL). */
struct scope_file *scope_file_load(const char *path, struct err *err);
void scope_file_free(struct scope_file *f);

#endif
