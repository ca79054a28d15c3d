/* Whole frames through all decoders. */
#include "emul/wire/frame_print.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *f;
    if (f == NULL)
        f = fopen("/dev/null", "w");
    if (f == NULL)
        abort();
    frame_print(f, data, size, (struct instant){0});
    return 0;
}
