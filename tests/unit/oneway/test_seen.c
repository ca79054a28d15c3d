/* Which probes were seen, and how M2 tells M1. */
#include "monitor/oneway/seen.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

static void marks(void)
{
    struct seen s;
    seen_init(&s);
    CU_ASSERT_FALSE(seen_has(&s, 0));
    CU_ASSERT_TRUE(seen_mark(&s, 5));
    CU_ASSERT_FALSE(seen_mark(&s, 5));
    CU_ASSERT_TRUE(seen_mark(&s, 0));
    CU_ASSERT_TRUE(seen_mark(&s, 1000000));
    CU_ASSERT_TRUE(seen_has(&s, 0) && seen_has(&s, 5) && seen_has(&s, 1000000));
    CU_ASSERT_FALSE(seen_has(&s, 4));
    CU_ASSERT_FALSE(seen_has(&s, 999999));
    CU_ASSERT_FALSE(seen_has(&s, UINT64_MAX));
    CU_ASSERT_EQUAL(s.end, 1000001);
    /* A number out of nowhere takes no memory. */
    CU_ASSERT_FALSE(seen_mark(&s, UINT64_MAX));
    CU_ASSERT_FALSE(seen_mark(&s, UINT64_C(4000000000)));
    CU_ASSERT_TRUE(s.count <= 2097152);
    seen_fini(&s);
}

static void over_the_wire(void)
{
    struct seen there, here;
    uint8_t request[SEEN_REQUEST_BYTES], answer[SEEN_ANSWER_BYTES];
    uint32_t run;
    uint64_t base;
    seen_init(&there);
    seen_init(&here);
    for (uint64_t i = 0; i < 30000; i++) {
        if (i % 7 != 3)
            (void)seen_mark(&there, i);
    }
    for (uint64_t at = 0; at < 30000; at += SEEN_CHUNK) {
        seen_request(request, 99, at);
        CU_ASSERT_TRUE(seen_request_read(request, sizeof(request), &run, &base));
        CU_ASSERT_TRUE(run == 99 && base == at);
        seen_answer(&there, run, base, answer);
        CU_ASSERT_TRUE(seen_answer_read(&here, answer, sizeof(answer), 99, &base));
        CU_ASSERT_EQUAL(base, at);
    }
    for (uint64_t i = 0; i < 33000; i++)
        CU_ASSERT_EQUAL(seen_has(&here, i), seen_has(&there, i));
    /* What lies beyond is answered too: nothing seen. */
    seen_answer(&there, 99, 10 * SEEN_CHUNK, answer);
    CU_ASSERT_TRUE(seen_answer_read(&here, answer, sizeof(answer), 99, &base));
    CU_ASSERT_EQUAL(here.end, 30000);
    seen_fini(&there);
    seen_fini(&here);
}

static void rubbish(void)
{
    struct seen s;
    uint8_t request[SEEN_REQUEST_BYTES], answer[SEEN_ANSWER_BYTES];
    uint32_t run;
    uint64_t base;
    seen_init(&s);
    seen_request(request, 1, SEEN_CHUNK);
    for (size_t len = 0; len < sizeof(request); len++)
        CU_ASSERT_FALSE(seen_request_read(request, len, &run, &base));
    request[15]++; /* no chunk begins there */
    CU_ASSERT_FALSE(seen_request_read(request, sizeof(request), &run, &base));
    seen_answer(&s, 1, 0, answer);
    CU_ASSERT_FALSE(seen_answer_read(&s, answer, sizeof(answer) - 1, 1, &base));
    CU_ASSERT_FALSE(seen_answer_read(&s, answer, sizeof(answer), 2, &base)); /* another run */
    answer[0] ^= 1;
    CU_ASSERT_FALSE(seen_answer_read(&s, answer, sizeof(answer), 1, &base));
    answer[0] ^= 1;
    memset(answer + 8, 0xff, 8); /* a base beyond all bounds */
    CU_ASSERT_FALSE(seen_answer_read(&s, answer, sizeof(answer), 1, &base));
    CU_ASSERT_EQUAL(s.count, 0);
    seen_fini(&s);
}

static const struct cu_test tests[] = {
    {"marks", marks}, {"over the wire", over_the_wire}, {"rubbish", rubbish}};

CU_MAIN("oneway seen", tests)
