#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"

CODEC_TESTS(codec_bgp_notification)

static const struct cu_test tests[] = {
    CODEC_ROWS,
};

CU_MAIN("wire bgp_notification", tests)
