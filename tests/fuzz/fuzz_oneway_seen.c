/* Requests to M2 and its answers: what is read takes bounded memory and comes out as it went in. */
#include "monitor/oneway/seen.h"
#include "tests/fuzz/fuzz.h"

#define RUN 0x01020304u

static void request(const uint8_t *data, size_t size)
{
    uint8_t again[SEEN_REQUEST_BYTES];
    uint32_t run;
    uint64_t base;
    if (!seen_request_read(data, size, &run, &base))
        return;
    seen_request(again, run, base);
    fuzz_check(memcmp(again, data, sizeof(again)) != 0 ? "a request changed" : NULL);
}

static void answer(const uint8_t *data, size_t size)
{
    struct seen s;
    uint8_t again[SEEN_ANSWER_BYTES];
    uint64_t base;
    seen_init(&s);
    if (seen_answer_read(&s, data, size, RUN, &base)) {
        fuzz_check(s.count > UINT64_C(8000000000) ? "an answer took too much" : NULL);
        if (base < 1000000 && base % SEEN_CHUNK == 0) {
            seen_answer(&s, RUN, base, again);
            /* All but the highest number seen, which only these bits tell here. */
            fuzz_check(memcmp(again + 24, data + 24, SEEN_CHUNK / 8) != 0 ? "an answer changed"
                                                                          : NULL);
        }
    }
    seen_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request(data, size);
    answer(data, size);
    return 0;
}
