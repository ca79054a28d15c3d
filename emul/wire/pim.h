/*
 * PIM-SM version 2 (RFC 7761 section 4.9): what all messages share. One message a file:
 * pim_hello.h, pim_jp.h, pim_register.h, pim_assert.h.
 *
 *   ver(4)=2 type(4) | flag bits(8) | checksum(16)
 */
#ifndef MVPN_WIRE_PIM_H
#define MVPN_WIRE_PIM_H

#include "emul/wire/wr.h"

#include <stdbool.h>

enum pim_type {
    PIM_HELLO = 0,
    PIM_REGISTER = 1,
    PIM_REGISTER_STOP = 2,
    PIM_JOIN_PRUNE = 3,
    PIM_BOOTSTRAP = 4,
    PIM_ASSERT = 5,
    PIM_C_RP_ADV = 8,
    PIM_DF_ELECTION = 10,
};

const char *pim_type_name(enum pim_type type);

#define PIM_HEADER 4

/* Encoded group and source flags (RFC 7761 4.9.1). */
#define PIM_GROUP_BIDIR   0x80
#define PIM_GROUP_ZONE    0x01
#define PIM_SOURCE_SPARSE 0x04
#define PIM_SOURCE_WC     0x02
#define PIM_SOURCE_RPT    0x01

struct pim_group {
    uint8_t flags, mask_len;
    ip4_t addr;
};

struct pim_source {
    uint8_t flags, mask_len;
    ip4_t addr;
};

/*
 * pim_open checks version and checksum of a whole PIM message (a Register's may cover the first 8
 * bytes or everything) and returns a reader of what follows the header.
 */
enum wire_err pim_open(const uint8_t *message, size_t len, enum pim_type *type, struct rd *body);

/* pim_begin writes the header, pim_end fills in the checksum (8 bytes of a Register, else all). */
size_t pim_begin(struct wr *w, enum pim_type type);
enum wire_err pim_end(struct wr *w, size_t mark);

ip4_t pim_rd_unicast(struct rd *r);
struct pim_group pim_rd_group(struct rd *r);
struct pim_source pim_rd_source(struct rd *r);
void pim_wr_unicast(struct wr *w, ip4_t addr);
void pim_wr_group(struct wr *w, const struct pim_group *g);
void pim_wr_source(struct wr *w, const struct pim_source *s);

#endif
