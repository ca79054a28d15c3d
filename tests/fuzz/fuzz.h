/*
 * Fuzzing of decoders. With the preset `fuzz` each fuzz_*.c is a libFuzzer program; in every other
 * build driver.c runs the same function over the goldens and seeded mutations of them.
 */
#ifndef MVPN_TESTS_FUZZ_H
#define MVPN_TESTS_FUZZ_H

#include "tests/unit/wire/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_check ends the process when something is wrong: that is how a fuzzer is told. */
static inline void fuzz_check(const char *wrong)
{
    if (wrong == NULL)
        return;
    (void)fprintf(stderr, "%s\n", wrong);
    abort();
}

/* FUZZ_CODEC: what decodes must survive encoding, also behind a checksum that was put right. */
#define FUZZ_CODEC(codec)                                                                          \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                   \
    {                                                                                              \
        fuzz_check(codec_round_trip(&(codec), data, size, false));                                 \
        fuzz_check(codec_round_trip(&(codec), data, size, true));                                  \
        return 0;                                                                                  \
    }

#endif
