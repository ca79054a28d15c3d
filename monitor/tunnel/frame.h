/* A frame that came in on the tunnels' interface: whose tunnel, and the packet in it. */
#ifndef MVPN_TUNNEL_FRAME_H
#define MVPN_TUNNEL_FRAME_H

#include "emul/base/addr.h"

#include <stddef.h>
#include <stdint.h>

enum tunnel_frame_kind {
    TUNNEL_FRAME_NONE,    /* no IPv4 */
    TUNNEL_FRAME_STRANGE, /* IPv4 that is broken, a fragment, or GRE of another kind */
    TUNNEL_FRAME_GRE,
    TUNNEL_FRAME_PLAIN, /* IPv4 outside of any tunnel: the packet is the whole one */
};

struct tunnel_frame {
    ip4_t src, dst;        /* outer */
    const uint8_t *packet; /* in place */
    size_t len;
};

enum tunnel_frame_kind tunnel_frame_read(const uint8_t *frame, size_t len,
                                         struct tunnel_frame *out);

#endif
