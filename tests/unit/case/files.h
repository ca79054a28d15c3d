/* Files that tests write and read back, in a directory of their own that goes with the process. */
#ifndef MVPN_TESTS_CASE_FILES_H
#define MVPN_TESTS_CASE_FILES_H

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* temp_file writes text into a fresh file; the caller unlinks path. */
static inline void temp_file(char path[64], const char *text, size_t len)
{
    (void)snprintf(path, 64, P_tmpdir "/mvpnbench-test-XXXXXX");
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT(write(fd, text, len) == (ssize_t)len);
    (void)close(fd);
}

/* read_file returns a whole file, NUL-terminated; the caller frees it. */
static inline char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    CU_ASSERT_FATAL(f != NULL);
    char *text = calloc(1, 65536);
    *len = fread(text, 1, 65535, f);
    (void)fclose(f);
    return text;
}

/* place_is tells whether an error text is "FILE:LINE:COL: ..." with what in it, on one line. */
static inline int place_is(const char *text, const char *path, unsigned line, unsigned col,
                           const char *what)
{
    char head[128];
    (void)snprintf(head, sizeof(head), "%s:%u:%u: ", path, line, col);
    int good = strncmp(text, head, strlen(head)) == 0 && strstr(text, what) != NULL &&
               strchr(text, '\n') == NULL;
    if (!good)
        (void)fprintf(stderr, "expected %s...%s..., got: %s\n", head, what, text);
    return good;
}

#endif
