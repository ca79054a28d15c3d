/*
 * Equal values of a tree as one value: the thousands of instances of a result repeat their metrics,
 * parameters and texts, and jansson spends hundreds of bytes on each object. What was shared stands
 * in several places of the tree: nobody may modify it.
 */
#ifndef MVPN_REPORTS_SHARE_H
#define MVPN_REPORTS_SHARE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct share_slot {
    uint64_t hash;
    json_t *value; /* NULL: free */
};

/* All values met so far; zeroed: none. It holds a reference to each. */
struct share {
    struct share_slot *slots;
    size_t capacity, count;
};

/*
 * share_value takes v and returns the value that stands for all equal ones (a reference that is the
 * caller's). The members of a container must have come from this share already. Objects whose
 * members stand in another order are not equal: they print differently.
 */
json_t *share_value(struct share *s, json_t *v);

/* share_time returns the time value of ns (a reference that is the caller's). */
json_t *share_time(struct share *s, int64_t ns);

/* share_tree takes a tree that nobody else holds and returns it with all its values shared. */
json_t *share_tree(struct share *s, json_t *v);

void share_fini(struct share *s);

#endif
