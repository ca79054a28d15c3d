/*
 * What is due when, of things that exist by the ten thousand (streams, memberships, tunnels): a
 * heap of (time, number) in one array, so that one timer serves all. An entry whose time is no
 * longer its owner's is stale: the owner ignores it.
 */
#ifndef MVPN_SCOPE_CALENDAR_H
#define MVPN_SCOPE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct calendar_entry {
    int64_t at_ns;
    uint32_t number;
};

struct calendar {
    struct calendar_entry *heap;
    size_t count, cap;
};

void calendar_put(struct calendar *a, uint32_t number, int64_t at_ns);

/* calendar_due takes the earliest off if it is due; calendar_next says when the earliest is, or
 * INT64_MAX. */
bool calendar_due(struct calendar *a, int64_t now_ns, struct calendar_entry *out);
int64_t calendar_next(const struct calendar *a);
void calendar_fini(struct calendar *a);

#endif
