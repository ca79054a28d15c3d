/* Fuzzed bytes as a file, for loaders that take a path. */
#ifndef MVPN_TESTS_FUZZ_FILE_H
#define MVPN_TESTS_FUZZ_FILE_H

#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

/* fuzz_file puts the bytes into one file in memory and returns its path, the same at each call. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    return path;
}

/* fuzz_complaint returns what is wrong with a refused file's error: it must name its place. */
static inline const char *fuzz_complaint(const char *path, const struct err *err)
{
    if (err->code == ERR_USE && strncmp(err->text, path, strlen(path)) == 0)
        return NULL;
    return err->text[0] != '\0' ? err->text : "refused without a word";
}

#endif
