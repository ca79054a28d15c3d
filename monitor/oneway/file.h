/*
 * The file of `mvpnbench oneway A|B|C` and of its reflector (DESIGN B.8). Addresses of the two
 * hosts and of the router stand in the tunnels: r and s from M1, t from M2 (A, C).
 */
#ifndef MVPN_ONEWAY_FILE_H
#define MVPN_ONEWAY_FILE_H

#include "monitor/tunnel/tunnel.h"

#define ONEWAY_PORT 19301 /* where M2 is asked for what it saw */

/* B: interval n has UDP source port COUNTERS_PORT_FIRST + n; so many intervals at most. */
#define COUNTERS_PORT_FIRST 20000u
#define COUNTERS_PORTS      40000u

enum { TUNNEL_R, TUNNEL_S, TUNNEL_T, ONEWAY_TUNNELS };

enum counters_kind { COUNTERS_NONE, COUNTERS_COMMAND, COUNTERS_FILE, COUNTERS_NFTABLES };

struct oneway_file {
    char *path, *directory;
    struct tunnel_spec tunnel[ONEWAY_TUNNELS];
    bool present[ONEWAY_TUNNELS];
    char *interface, *netns; /* interface NULL: the one that has the tunnels' local address */
    ip4_t group;
    double rate_pps, seconds;
    double interval_s; /* B: probes of one interval share a UDP source port */
    uint32_t bytes;    /* of the inner packet */
    uint8_t dscp;
    double delay_ms; /* C: between a probe and its reflection; longer than a burst of losses */
    ip4_t second_host;
    uint16_t port;
    enum counters_kind counters;
    char *counters_text; /* command, path, or nftables set ("ip count probes") */
    char *counters_netns;
};

/* oneway_file_load reads a file for what is done with it: 'A', 'B', 'C', or 'R' the reflector. NULL
 * with *err (ERR_USE, FILE:LINE:COL). */
struct oneway_file *oneway_file_load(const char *path, char config, struct err *err);
void oneway_file_free(struct oneway_file *f);

#endif
