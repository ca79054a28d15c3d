/*
 * Points in time. An instant is a struct so that it cannot be mixed with a duration, which is a
 * plain int64_t of nanoseconds named *_ns. Only emul/loop reads a clock; everybody else is handed
 * instants. On the virtual clock a run begins at 0; on the real one instants are nanoseconds since
 * the epoch on the time base of the capture (emul/loop/loop.h says how that base is kept).
 */
#ifndef MVPN_BASE_INSTANT_H
#define MVPN_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

struct instant {
    int64_t ns;
};

/* INSTANT_NEVER is later than every other instant. */
#define INSTANT_NEVER ((struct instant){INT64_MAX})

static inline struct instant instant_add(struct instant t, int64_t duration_ns)
{
    if (t.ns == INT64_MAX)
        return t;
    return (struct instant){t.ns + duration_ns};
}

/* instant_diff returns a - b in nanoseconds. */
static inline int64_t instant_diff(struct instant a, struct instant b)
{
    return a.ns - b.ns;
}

static inline bool instant_before(struct instant a, struct instant b)
{
    return a.ns < b.ns;
}

static inline struct instant instant_max(struct instant a, struct instant b)
{
    return a.ns > b.ns ? a : b;
}

static inline struct instant instant_min(struct instant a, struct instant b)
{
    return a.ns < b.ns ? a : b;
}

#endif
