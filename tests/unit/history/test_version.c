#include "harness/history/sha256.h"
#include "harness/history/version.h"
#include "tests/unit/cu.h"

#include <stdbool.h>
#include <string.h>

/* Every name is before all that follow it. */
static const char *const ordered[] = {
    "beta",
    "",
    "v2",
    "v10",
    "1.2-rc1",
    "1.2-rc2",
    "1.2-RC10",
    "1.2~git5",
    "1.2",
    "1.2+build7",
    "1.2-S1",
    "1.2.0",
    "1.2.00",
    "1.2a",
    "1.2b",
    "1.9",
    "1.10-dev",
    "1.10",
    "7.5.2.beta.3",
    "7.5.2",
    "17.6.1a",
    "17.06.02",
    "21.4B1",
    "21.4R3",
    "21.4R3-S2",
    "21.4R3-S2.5",
    "21.4R3-S10",
    "99999999999999999999998",
    "99999999999999999999999",
};
#define ORDERED (sizeof(ordered) / sizeof(ordered[0]))

static void test_order(void)
{
    for (size_t i = 0; i < ORDERED; i++) {
        for (size_t k = 0; k < ORDERED; k++) {
            int order = version_compare(ordered[i], ordered[k]);
            bool good = i == k ? order == 0 : i < k ? order < 0 : order > 0;
            CU_ASSERT(good);
            if (!good)
                (void)fprintf(stderr, "'%s' and '%s': %d\n", ordered[i], ordered[k], order);
        }
    }
}

/* FIPS 180-4's examples, and lengths around the block. */
static void test_sha256(void)
{
    static const struct {
        const char *text, *sum;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sha256 s;
        char out[SHA256_HEX];
        sha256_init(&s);
        for (const char *p = rows[i].text; *p != '\0'; p++)
            sha256_add(&s, p, 1);
        sha256_hex(&s, out);
        CU_ASSERT_STRING_EQUAL(out, rows[i].sum);
    }
    struct sha256 s;
    char out[SHA256_HEX], million[1000];
    memset(million, 'a', sizeof(million));
    sha256_init(&s);
    for (int i = 0; i < 1000; i++)
        sha256_add(&s, million, sizeof(million));
    sha256_hex(&s, out);
    CU_ASSERT_STRING_EQUAL(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static const struct cu_test tests[] = {
    {"the order of versions", test_order},
    {"SHA-256", test_sha256},
};
CU_MAIN("history_version", tests)
