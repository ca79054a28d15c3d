/* The file of `mvpnbench oneway`: any bytes give a file or a complaint that names its place. */
#include "monitor/oneway/file.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    for (const char *config = "ABCR"; *config != '\0'; config++) {
        struct err err = {0};
        struct oneway_file *f = oneway_file_load(path, *config, &err);
        if (f == NULL)
            fuzz_check(fuzz_complaint(path, &err));
        else
            fuzz_check(f->group >> 28 != 14 || !(f->rate_pps > 0) ? "an empty file" : NULL);
        oneway_file_free(f);
    }
    return 0;
}
