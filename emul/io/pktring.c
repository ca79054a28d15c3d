#include "emul/io/pktring.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Small blocks: a frame is seen when its block is full or RETIRE_MS old, and a stalled reader at a
 * low rate loses nothing for (blocks * RETIRE_MS). */
#define BLOCK_BYTES    ((size_t)32 * 1024)
#define FRAME_BYTES    2048u /* the kernel wants one; version 3 packs frames as they come */
#define RETIRE_MS      1u
#define BLOCKS_A_DRAIN 64u
#define RING_MIN       4u

/* The sender's address follows the header, aligned as TPACKET_ALIGN does. */
#define ADDRESS_AT                                                                                 \
    ((sizeof(struct tpacket3_hdr) + TPACKET_ALIGNMENT - 1) & ~(size_t)(TPACKET_ALIGNMENT - 1))
#define VLAN_TAG 4u
#define MAC_PAIR 12u

static struct tpacket_block_desc *block_at(const struct pktring *r, unsigned i)
{
    return (struct tpacket_block_desc *)(void *)(r->map + (size_t)i * BLOCK_BYTES);
}

int pktring_init(struct pktring *r, int fd, uint32_t bytes)
{
    int version = TPACKET_V3;
    unsigned reserve = VLAN_TAG; /* room in front of each frame for its stripped tag */
    size_t blocks = bytes / BLOCK_BYTES;
    struct tpacket_req3 req = {
        .tp_block_size = BLOCK_BYTES,
        .tp_block_nr = (unsigned)(blocks < RING_MIN ? RING_MIN : blocks),
        .tp_frame_size = FRAME_BYTES,
        .tp_retire_blk_tov = RETIRE_MS,
    };
    req.tp_frame_nr = req.tp_block_nr * (unsigned)(BLOCK_BYTES / FRAME_BYTES);
    *r = (struct pktring){.fd = fd, .blocks = req.tp_block_nr, .incoming = true};
    r->bytes = (size_t)r->blocks * BLOCK_BYTES;
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof(reserve)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) != 0)
        return -1;
    void *map = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        return -1;
    r->map = map;
    return 0;
}

void pktring_fini(struct pktring *r)
{
    if (r->map != NULL)
        (void)munmap(r->map, r->bytes);
    r->map = NULL;
}

/* Puts the tag that the kernel took out back in front of the type, in the room reserved for it. */
static uint8_t *tag_restore(const struct tpacket3_hdr *h, uint8_t *frame)
{
    uint16_t tpid = ETH_P_8021Q;
    if ((h->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0)
        tpid = h->hv1.tp_vlan_tpid;
    uint8_t *start = frame - VLAN_TAG;
    memmove(start, frame, MAC_PAIR);
    start[MAC_PAIR] = (uint8_t)(tpid >> 8);
    start[MAC_PAIR + 1] = (uint8_t)tpid;
    start[MAC_PAIR + 2] = (uint8_t)(h->hv1.tp_vlan_tci >> 8);
    start[MAC_PAIR + 3] = (uint8_t)h->hv1.tp_vlan_tci;
    return start;
}

static bool wanted(const struct pktring *r, const struct tpacket3_hdr *h)
{
    const struct sockaddr_ll *from = (const void *)((const uint8_t *)h + ADDRESS_AT);
    if (from->sll_pkttype == PACKET_OUTGOING)
        return r->outgoing;
    return r->incoming && from->sll_pkttype != PACKET_LOOPBACK;
}

static void deliver(struct tpacket3_hdr *h, const struct loop *loop, struct port *p)
{
    uint8_t *frame = (uint8_t *)h + h->tp_mac;
    size_t len = h->tp_snaplen;
    bool whole = h->tp_snaplen == h->tp_len;
    if ((h->tp_status & TP_STATUS_VLAN_VALID) != 0 && len >= MAC_PAIR) {
        frame = tag_restore(h, frame);
        len += VLAN_TAG;
    }
    if (!whole || len > PORT_FRAME_MAX) {
        p->stats.rx_dropped++;
        return;
    }
    int64_t wall_ns = (int64_t)h->tp_sec * NS_PER_S + h->tp_nsec;
    port_deliver(p, frame, len, loop_from_wall(loop, wall_ns));
}

void pktring_drain(struct pktring *r, const struct loop *loop, struct port *p)
{
    for (unsigned n = 0; n < BLOCKS_A_DRAIN; n++) {
        struct tpacket_block_desc *b = block_at(r, r->next);
        uint32_t *status = &b->hdr.bh1.block_status;
        if ((__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0)
            return;
        uint8_t *at = (uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
        for (uint32_t left = b->hdr.bh1.num_pkts; left > 0; left--) {
            struct tpacket3_hdr *h = (struct tpacket3_hdr *)(void *)at;
            at += h->tp_next_offset;
            if (wanted(r, h))
                deliver(h, loop, p);
        }
        __atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        r->next = (r->next + 1) % r->blocks;
    }
}
