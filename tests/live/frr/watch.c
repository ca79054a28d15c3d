#include "tests/live/frr/watch.h"

#include "emul/io/pktport.h"
#include "emul/wire/eth.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "mvpnbench/topology.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The default plan's MDT groups: mdt_base + v. */
static void note_group(struct watch *w, const struct igmp_record *record)
{
    struct addressing plan;
    topology_default_addressing(&plan);
    uint32_t v = record->group - plan.mdt_base;
    bool joins = record->type == IGMP_IS_EXCLUDE || record->type == IGMP_TO_EXCLUDE;
    if (v >= 1 && v <= WATCH_MDTS && joins && record->source_count == 0)
        w->joined[v] = true;
}

static void on_igmp(struct watch *w, const struct ipv4 *ip)
{
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct igmp igmp;
    if (igmp_decode(&r, &igmp) != WIRE_OK) {
        w->undecodable++;
        return;
    }
    if (igmp.type == IGMP_QUERY) {
        w->queries++;
        w->query_version = igmp.version;
        return;
    }
    w->reports++;
    w->report_version = igmp.type == IGMP_V3_REPORT ? 3 : 2;
    struct igmp_record record;
    size_t pos = 0;
    while (igmp.type == IGMP_V3_REPORT && igmp_record_next(&igmp, &pos, &record))
        note_group(w, &record);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct watch *w = arg;
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 ip;
    (void)at;
    if (eth_decode(&r, &eth) != WIRE_OK || eth.ethertype != ETHERTYPE_IPV4)
        return;
    if (ipv4_decode(&r, &ip) != WIRE_OK)
        w->undecodable++;
    else if (ip.protocol == IPPROTO_NUM_IGMP)
        on_igmp(w, &ip);
}

void watch_init(struct watch *w, struct loop *loop, char kind, const char *ifname)
{
    char ns[64];
    struct err err = {0};
    snprintf(ns, sizeof ns, "mvb%ld-%c", (long)getpid(), kind);
    *w = (struct watch){0};
    w->port = pktport_open(
        loop, &(struct pktport_params){.name = ifname, .ifname = ifname, .netns = ns}, &err);
    if (w->port == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    else
        port_on_rx(w->port, on_frame, w);
}

void watch_fini(struct watch *w)
{
    port_free(w->port);
    w->port = NULL;
}

static bool directory_has(const char *path, const char *prefix)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    bool found = false;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        (void)printf("of this run: %s/%s\n", path, e->d_name);
        found = true;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

static bool process_has(const char *prefix)
{
    DIR *dir = opendir("/proc");
    struct dirent *e;
    bool found = false;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        char path[300], text[512];
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
        FILE *in = fopen(path, "re");
        size_t n = in == NULL ? 0 : fread(text, 1, sizeof text, in);
        if (in != NULL)
            (void)fclose(in);
        if (memmem(text, n, prefix, strlen(prefix)) == NULL)
            continue;
        (void)printf("of this run: process %s\n", e->d_name);
        found = true;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

bool watch_leftover(pid_t pid)
{
    char prefix[64], state[64];
    snprintf(prefix, sizeof prefix, "mvb%ld-", (long)pid);
    snprintf(state, sizeof state, "mvpnbench-frr-%ld", (long)pid);
    bool namespaces = directory_has("/run/netns", prefix);
    bool runtime = directory_has("/var/run/frr", prefix);
    bool states = directory_has("/run", state);
    return process_has(prefix) || namespaces || runtime || states;
}
