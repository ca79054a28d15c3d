/* A packet that is cut and put together again is the same packet. */
#include "emul/wire/be.h"
#include "emul/wire/ipv4.h"
#include "tests/fuzz/fuzz.h"

#define PACKET_MAX 4096
#define MTU_MIN    68 /* RFC 791: the longest header and 8 bytes */

static const char *cut_and_join(const uint8_t *packet, size_t len, size_t mtu)
{
    static struct ipv4_reassembly *a;
    static uint8_t out[PACKET_MAX];
    const uint8_t *whole = NULL;
    size_t whole_len = 0, offset = 0, pieces = 0;
    if (a == NULL)
        a = ipv4_reassembly_new();
    for (bool more = true; more; pieces++) {
        struct wr w = wr_init(out, sizeof(out));
        struct ipv4 v;
        more = ipv4_fragment(&w, packet, len, mtu, &offset);
        struct rd r = rd_init(out, w.pos);
        if (w.err != WIRE_OK || w.pos > mtu || ipv4_decode(&r, &v) != WIRE_OK)
            return "bad piece";
        if (pieces == 0 && !more)
            return memcmp(out, packet, len) == 0 ? NULL : "changed though it fitted";
        bool done = ipv4_reassemble(a, &v, (struct instant){0}, &whole, &whole_len);
        if (done == more)
            return "whole too early or never";
    }
    return codec_slices_equal(whole, whole_len, packet, len) ? NULL : "put together differently";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t packet[PACKET_MAX];
    if (size < 1 + IPV4_HEADER || size > PACKET_MAX)
        return 0;
    size_t mtu = MTU_MIN + data[0], len = size - 1;
    memcpy(packet, data + 1, len);
    be_put16(packet + 2, (uint16_t)len);
    be_put16(packet + 6, 0); /* flags and offset: not itself a fragment */
    codec_ipv4.repair(packet, len);
    struct rd r = rd_init(packet, len);
    struct ipv4 v;
    if (ipv4_decode(&r, &v) == WIRE_OK)
        fuzz_check(cut_and_join(packet, len, mtu));
    return 0;
}
