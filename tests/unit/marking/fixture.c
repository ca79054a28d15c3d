#include "tests/unit/marking/fixture.h"

#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX 1024

struct marking_config *config_of(const char *text, struct err *err)
{
    char path[] = "/tmp/mvpn-marking-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    (void)close(fd);
    struct marking_config *c = marking_load(path, err);
    (void)unlink(path);
    return c;
}

static size_t ip_of(const struct ipv4 *ip, uint8_t out[BYTES_MAX])
{
    struct wr w = wr_init(out, BYTES_MAX);
    (void)ipv4_encode(&w, ip);
    return w.pos;
}

static size_t udp_of(const struct packet *p, uint8_t out[BYTES_MAX])
{
    uint8_t payload[64] = {0};
    struct wr w = wr_init(payload, sizeof(payload));
    if (p->flags >= 0)
        (void)probe_encode(&w, &(struct probe){.flags = (uint8_t)p->flags});
    struct udp udp = {
        .sport = 5000, .dport = PROBE_PORT, .payload = payload, .payload_bytes = sizeof(payload)};
    w = wr_init(out, BYTES_MAX);
    (void)udp_encode(&w, p->src, p->dst, &udp);
    if (p->bad_checksum)
        out[6] ^= 0x55;
    return w.pos;
}

static size_t wrap(const uint8_t *inner, size_t len, uint8_t out[BYTES_MAX])
{
    uint8_t body[BYTES_MAX];
    struct wr w = wr_init(body, sizeof(body));
    (void)gre_encode(
        &w, &(struct gre){.protocol = ETHERTYPE_IPV4, .payload = inner, .payload_bytes = len});
    return ip_of(&(struct ipv4){.ttl = 64,
                                .protocol = IPPROTO_NUM_GRE,
                                .src = IP4(192, 0, 2, 1),
                                .dst = IP4(239, 192, 0, 1),
                                .payload = body,
                                .payload_bytes = w.pos},
                 out);
}

size_t count_packet(struct point_blocks *p, const struct packet *packet, double at_s)
{
    uint8_t a[BYTES_MAX], b[BYTES_MAX], frame[BYTES_MAX] = {1, 0, 0x5e, 1, 1, 1, 2};
    size_t len = udp_of(packet, a);
    len = ip_of(&(struct ipv4){.tos = (uint8_t)(packet->dscp << 2),
                               .ttl = 10,
                               .protocol = IPPROTO_NUM_UDP,
                               .src = packet->src,
                               .dst = packet->dst,
                               .fragment_offset = packet->fragment_offset,
                               .payload = a,
                               .payload_bytes = len},
                b);
    for (unsigned i = 0; i < packet->tunnels; i++) {
        memcpy(a, b, len);
        len = wrap(a, len, b);
    }
    size_t header = 12;
    if (packet->vlan) {
        static const uint8_t tag[] = {0x81, 0, 0, 7};
        memcpy(frame + header, tag, sizeof(tag));
        header += sizeof(tag);
    }
    frame[header] = 8;
    frame[header + 1] = 0;
    memcpy(frame + header + 2, b, len);
    uint8_t *exact = malloc(header + 2 + len);
    memcpy(exact, frame, header + 2 + len);
    size_t flow =
        blocks_frame(p, exact, header + 2 + len, (struct instant){(int64_t)llround(at_s * 1e9)});
    free(exact);
    return flow;
}
