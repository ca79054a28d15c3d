/* Any sequence of fragments: every four bytes are one (datagram, offset, length, more, fill). */
#include "emul/wire/be.h"
#include "emul/wire/ipv4.h"
#include "tests/fuzz/fuzz.h"

#define STEP   4
#define GAP_NS (60 * NS_PER_S) /* from input to input: whatever was under way is given up */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ipv4_reassembly *a;
    static uint8_t payload[2048];
    static struct instant now;
    if (a == NULL)
        a = ipv4_reassembly_new();
    now = instant_add(now, GAP_NS);
    for (size_t at = 0; at + STEP <= size; at += STEP) {
        uint32_t bits = be_get32(data + at);
        memset(payload, (int)(bits >> 31), sizeof(payload));
        struct ipv4 v = {.id = bits >> 28 & 3,
                         .more_fragments = (bits >> 30 & 1) != 0,
                         .fragment_offset = (uint16_t)((bits >> 15 & 0x1fff) << 3),
                         .payload = payload,
                         .payload_bytes = bits & 0x7ff};
        const uint8_t *whole;
        size_t len;
        if (!ipv4_reassemble(a, &v, instant_add(now, (int64_t)at * NS_PER_MS), &whole, &len))
            continue;
        struct rd r = rd_init(whole, len);
        struct ipv4 out;
        if (ipv4_decode(&r, &out) != WIRE_OK || rd_left(&r) != 0 || out.more_fragments)
            fuzz_check("completed, but no packet");
    }
    return 0;
}
