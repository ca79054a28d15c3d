/*
 * PIM Join/Prune (RFC 7761 4.9.5). Decoding is by iterator, without memory of its own; encoding
 * fills one PDU with as many entries as may be and says how many it took, so it is called again.
 *
 *   header(4) | upstream neighbour(6) | reserved(1) | groups(1) | holdtime(2)
 *   per group: group(8) | joined(2) | pruned(2) | joined sources (8 each) | pruned sources (8 each)
 */
#ifndef MVPN_WIRE_PIM_JP_H
#define MVPN_WIRE_PIM_JP_H

#include "emul/wire/pim.h"

#include <stdio.h>

#define PIM_JP_HEADER 14
#define PIM_JP_GROUP  12
#define PIM_JP_ENTRY  8

struct pim_jp {
    ip4_t upstream;
    uint8_t groups;
    uint16_t holdtime_s;
};

enum pim_jp_kind { PIM_JP_STARG, PIM_JP_SG, PIM_JP_SGRPT };

/* One entry. source is the RP of a (*,G), S otherwise. */
struct pim_jp_entry {
    bool join; /* else prune */
    enum pim_jp_kind kind;
    ip4_t group, source;
};

struct pim_jp_iter {
    struct rd rd;
    unsigned groups_left;
    unsigned joins_left, prunes_left;
    ip4_t group;
};

/* pim_jp_decode reads the head of the body and prepares the iterator. */
enum wire_err pim_jp_decode(struct rd *body, struct pim_jp *out, struct pim_jp_iter *it);

/*
 * pim_jp_next gives the next entry: true, or false at the end or on an error: it->rd.err tells (a
 * whole message that is good ends with WIRE_OK and nothing left). Walk a message once without
 * acting to know that it is good before acting on it: pim_jp_check does.
 */
bool pim_jp_next(struct pim_jp_iter *it, struct pim_jp_entry *out);
enum wire_err pim_jp_check(const uint8_t *message, size_t len);

/*
 * pim_jp_encode writes one PDU with the first *taken of the entries: at most max_entries, at most
 * what fits w. Consecutive entries of one group share a group set (joins before prunes are sorted
 * inside the set; entries of one group must be adjacent). A (*,G) join and its (S,G,rpt) prunes are
 * not separated, nor is what stands between them; if they do not fit any message, the prunes with
 * the numerically smallest sources are sent and the others dropped (4.9.5.2). On WIRE_FULL not
 * even one entry fits.
 */
enum wire_err pim_jp_encode(struct wr *w, ip4_t upstream, uint16_t holdtime_s,
                            const struct pim_jp_entry *entries, size_t count, size_t max_entries,
                            size_t *taken);
void pim_jp_print(FILE *f, const struct pim_jp *v, struct pim_jp_iter it);

#endif
