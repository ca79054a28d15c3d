/*
 * PIM DF election (RFC 5015 section 3.7.1): type 10, subtype in the top nibble of the flag octet.
 *
 *   header(4) | RPA(6) | sender preference(4) | sender metric(4)            Offer 1, Winner 2
 *   + offering router(6) | its preference(4) | its metric(4) | interval ms(2)   Backoff 3
 *   + new winner(6) | its preference(4) | its metric(4)                         Pass 4
 */
#ifndef MVPN_WIRE_PIM_DF_H
#define MVPN_WIRE_PIM_DF_H

#include "emul/wire/pim.h"

#include <stdio.h>

enum pim_df_type { PIM_DF_OFFER = 1, PIM_DF_WINNER = 2, PIM_DF_BACKOFF = 3, PIM_DF_PASS = 4 };

struct pim_df {
    enum pim_df_type type;
    ip4_t rpa;
    uint32_t preference, metric; /* of the sender */
    ip4_t other;                 /* Backoff: offering router; Pass: new winner */
    uint32_t other_preference, other_metric;
    uint16_t interval_ms; /* Backoff */
};

/* pim_df_decode takes the flag octet's subtype (pim_open_flags) and the body. */
enum wire_err pim_df_decode(uint8_t flags, struct rd *body, struct pim_df *out);
enum wire_err pim_df_encode(struct wr *w, const struct pim_df *v);
void pim_df_print(FILE *f, const struct pim_df *v);

/* pim_open_flags is pim_open that also gives the second octet of the header. */
enum wire_err pim_open_flags(const uint8_t *message, size_t len, enum pim_type *type,
                             uint8_t *flags, struct rd *body);

#endif
