#include "harness/run/hunt.h"

#include "emul/base/mem.h"

#include <stdlib.h>

static bool same(struct case_try a, struct case_try b)
{
    return a.value == b.value && a.vpns == b.vpns;
}

void hunt_add(struct hunt *h, enum verdict verdict, const struct tried *t)
{
    search_db_add_try(&h->db, t->at, verdict);
    size_t i = 0;
    while (i < h->count && !same(h->tried[i].at, t->at))
        i++;
    if (i == h->count) {
        h->tried = array_grow(h->tried, h->count, &h->cap, sizeof(*h->tried));
        h->count++;
    }
    h->tried[i] = *t;
}

const struct tried *hunt_find(const struct hunt *h, struct case_try at)
{
    for (size_t i = 0; i < h->count; i++) {
        if (same(h->tried[i].at, at))
            return &h->tried[i];
    }
    return NULL;
}

void hunt_bound_by(struct hunt *under, const struct hunt *steady)
{
    const struct trial *fail = search_state_get(&steady->db).first_fail;
    if (under->count == 0 || search_state_get(&under->db).first_fail != NULL)
        return;
    under->out_of_time |= steady->out_of_time;
    if (fail == NULL)
        return;
    struct tried t = *hunt_find(steady, fail->at);
    if (steady->db.closed)
        search_grid_failed(&under->db, t.at);
    else
        t.at.vpns = under->db.line;
    hunt_add(under, fail->verdict, &t);
}

void hunt_fini(struct hunt *h)
{
    search_db_fini(&h->db);
    free(h->tried);
}
