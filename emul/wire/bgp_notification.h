/*
 * BGP NOTIFICATION (RFC 4271 4.5).
 *
 *   code(1) | subcode(1) | data
 */
#ifndef MVPN_WIRE_BGP_NOTIFICATION_H
#define MVPN_WIRE_BGP_NOTIFICATION_H

#include "emul/wire/bgp.h"

struct bgp_notification {
    uint8_t code, subcode;
    struct bgp_slice data;
};

/* bgp_notification_of returns the message that tells the peer about a fault. */
struct bgp_notification bgp_notification_of(const struct bgp_fault *fault);

/* bgp_notification_decode reads a body; WIRE_SHORT without a code (nothing answers that). */
enum wire_err bgp_notification_decode(struct bgp_slice body, struct bgp_notification *out);

/* bgp_notification_encode writes a whole message. */
enum wire_err bgp_notification_encode(struct wr *w, const struct bgp_notification *v);
void bgp_notification_print(FILE *f, const struct bgp_notification *v);

#endif
