/*
 * Golden messages: tests/golden/<folder>/<name>.hex, hexadecimal, lines that begin with '#' say
 * where the bytes come from. Paths are relative to the repository, where the tests run.
 */
#ifndef MVPN_TESTS_GOLDEN_H
#define MVPN_TESTS_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

#define GOLDEN_NAME 80

struct golden {
    char name[GOLDEN_NAME];
    uint8_t *bytes; /* of exactly len bytes, so that a sanitizer sees a read behind them */
    size_t len;
};

/* golden_load reads one message, "pim_hello/ce"; ends the process if it cannot. */
struct golden golden_load(const char *name);
void golden_free(struct golden *g);

/* golden_load_all reads a folder in the order of names and returns the count (0: none there). */
size_t golden_load_all(const char *folder, struct golden **out);
void golden_free_all(struct golden *list, size_t count);

#endif
