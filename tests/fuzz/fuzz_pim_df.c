#include "tests/fuzz/fuzz.h"

FUZZ_CODEC(codec_pim_df)
