#include "tests/fuzz/fuzz.h"

FUZZ_CODEC(codec_bgp_refresh)
