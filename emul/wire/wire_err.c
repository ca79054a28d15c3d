#include "emul/wire/rd.h"

const char *wire_err_name(enum wire_err e)
{
    static const char *const names[] = {
        [WIRE_OK] = "ok",
        [WIRE_SHORT] = "too short",
        [WIRE_TRAILING] = "trailing bytes",
        [WIRE_CHECKSUM] = "bad checksum",
        [WIRE_VERSION] = "bad version",
        [WIRE_LENGTH] = "bad length",
        [WIRE_VALUE] = "bad value",
        [WIRE_TYPE] = "other type",
        [WIRE_FULL] = "does not fit",
    };
    return (size_t)e < sizeof(names) / sizeof(names[0]) ? names[e] : "unknown error";
}
