/* The file of `mvpnbench marking`: any bytes give a file or a complaint that names its place. */
#include "monitor/marking/config.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    struct err err = {0};
    struct marking_config *c = marking_load(path, &err);
    if (c == NULL)
        fuzz_check(fuzz_complaint(path, &err));
    else
        fuzz_check(c->flow_count == 0 || c->segment_count == 0 || c->block_ns < 2 ? "an empty file"
                                                                                  : NULL);
    marking_config_free(c);
    return 0;
}
