/* SHA-256 (FIPS 180-4) of a file: the name under which a result is known in the database. */
#ifndef MVPN_HISTORY_SHA256_H
#define MVPN_HISTORY_SHA256_H

#include "emul/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65u /* 64 digits and the end */

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);

/* sha256_hex ends the sum and writes it as lower-case digits, as sha256sum prints it. */
void sha256_hex(struct sha256 *s, char out[SHA256_HEX]);

/* sha256_file sums a file's bytes; -1 with *err (ERR_USE). */
int sha256_file(const char *path, char out[SHA256_HEX], struct err *err);

#endif
