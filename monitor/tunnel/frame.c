#include "monitor/tunnel/frame.h"

#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"

enum tunnel_frame_kind tunnel_frame_read(const uint8_t *frame, size_t len, struct tunnel_frame *out)
{
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 outer;
    struct gre gre;
    if (eth_decode(&r, &eth) != WIRE_OK || eth.ethertype != ETHERTYPE_IPV4)
        return TUNNEL_FRAME_NONE;
    r = rd_init(frame + r.pos, r.end - r.pos);
    if (ipv4_decode(&r, &outer) != WIRE_OK || outer.more_fragments || outer.fragment_offset != 0)
        return TUNNEL_FRAME_STRANGE;
    *out =
        (struct tunnel_frame){.src = outer.src, .dst = outer.dst, .packet = r.base, .len = r.pos};
    if (outer.protocol != IPPROTO_NUM_GRE)
        return TUNNEL_FRAME_PLAIN;
    r = rd_init(outer.payload, outer.payload_bytes);
    if (gre_decode(&r, &gre) != WIRE_OK || gre.protocol != ETHERTYPE_IPV4)
        return TUNNEL_FRAME_STRANGE;
    out->packet = gre.payload;
    out->len = gre.payload_bytes;
    return TUNNEL_FRAME_GRE;
}
