/*
 * The file of `mvpnbench monitor` (DESIGN B.8): the host's tunnels to PEs (or P routers), the VPNs
 * by the group of their default MDT, and the tasks: who sends probes and who gets them.
 */
#ifndef MVPN_SCOPE_FILE_H
#define MVPN_SCOPE_FILE_H

#include "monitor/tunnel/tunnel.h"

#define SCOPE_PAIRS_MAX 100000u
#define SCOPE_RATE_MAX  100000.0

enum legs_method { LEGS_PING, LEGS_INFERENCE };

struct scope_tunnel {
    char *name;
    struct tunnel_spec spec;
};

struct scope_vpn {
    char *name;
    ip4_t group;
    bool native; /* plain multicast: no customers' GRE is expected on the group */
};

struct scope_task {
    char *name; /* or NULL: numbered */
    size_t vpn;
    size_t *senders, sender_count; /* tunnels */
    size_t *receivers, receiver_count;
    double rate_pps; /* of each sender; passive: nothing is sent */
    uint32_t bytes;
    uint8_t dscp;
    bool passive;
};

struct scope_file {
    char *path;
    ip4_t address;
    char *interface, *netns; /* interface NULL: the one that has the address */
    enum legs_method legs;
    double legs_pps; /* pings, or probes of the inference, a second and tunnel */
    ip4_t reflector; /* 0: none */
    size_t tunnel_count, vpn_count, task_count;
    struct scope_tunnel *tunnels;
    struct scope_vpn *vpns;
    struct scope_task *tasks;
};

/* scope_file_load reads a file; NULL with *err (ERR_USE, FILE:LINE:COL). */
struct scope_file *scope_file_load(const char *path, struct err *err);
void scope_file_free(struct scope_file *f);

#endif
