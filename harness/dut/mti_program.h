/*
 * The GRE program of the FRR PE: one process that serves the MTIs (multicast tunnel interfaces) of
 * all VRFs. An MTI is a TUN device in the VRF's namespace; what the kernel sends into it goes out
 * in GRE (RFC 6037 4.7: no key, protocol 0x0800) from the PE's MDT address to the VRF's default MDT
 * group, on a raw socket in a namespace of its own, which has joined the groups as an ordinary host
 * does; what arrives there goes the other way. With `--peers` it joins (peer, group) for every
 * peer, by IGMPv3. Data MDTs that peers announce on a default MDT are joined and served too
 * (mti_data.h). It runs as `mvpnbench mti`, started by the driver.
 *
 * Life: it makes the TUN devices, joins the groups, prints "ready", then serves until SIGTERM or
 * until its standard input ends, so it does not outlive the driver. A byte on standard input is
 * answered by one line with the counters.
 */
#ifndef MVPN_DUT_MTI_PROGRAM_H
#define MVPN_DUT_MTI_PROGRAM_H

#include <stdint.h>

#define MTI_IFNAME    "mti"
#define MTI_OVERHEAD  24u /* outer IPv4 header and GRE */
#define MTI_MTU_LEAST 576u

/* Packets since the start, as the counters line gives them. */
struct mti_counters {
    uint64_t encapsulated, decapsulated;
    uint64_t tx_dropped;     /* the raw socket did not take them */
    uint64_t rx_dropped;     /* a TUN did not take them, or the raw socket overflowed */
    uint64_t not_understood; /* no GRE of this kind, no group of ours, no announcement to follow */
    uint64_t data_mdts;      /* joined now */
};

/*
 * mti_program_main runs `mti --netns NS --interface IF --source ADDR --mtu BYTES [--first-peer
 * ADDR --peers COUNT] NETNS=GROUP...`; BYTES is the MTU of the MTIs, IF carries ADDR; peers (SSM)
 * have consecutive addresses. Returns the exit code of the process.
 */
int mti_program_main(int argc, char **argv);

/* mti_counters_parse reads a counters line; 0, or -1 if it is none. */
int mti_counters_parse(const char *line, struct mti_counters *out);

#endif
