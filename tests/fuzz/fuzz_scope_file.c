/* The monitor's file: any bytes give a file or a complaint that names its place. */
#include "monitor/scope/file.h"
#include "tests/fuzz/fuzz.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[] = "/tmp/fuzz_scope_file_XXXXXX";
    static int fd = -1;
    struct err err = {0};
    if (fd < 0)
        fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    struct scope_file *f = scope_file_load(path, &err);
    fuzz_check(f == NULL && (err.code != ERR_USE || strncmp(err.text, path, strlen(path)) != 0)
                   ? err.text
                   : NULL);
    fuzz_check(f != NULL && (f->tunnel_count == 0 || f->vpn_count == 0) ? "an empty file" : NULL);
    scope_file_free(f);
    return 0;
}
