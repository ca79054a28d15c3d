#include "harness/run/search.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail", [VERDICT_INVALID] = "invalid"};
    return names[v];
}

void search_db_init(struct search_db *db)
{
    *db = (struct search_db){0};
}

void search_db_fini(struct search_db *db)
{
    free(db->trials);
    *db = (struct search_db){0};
}

static size_t place_of(const struct search_db *db, uint64_t value)
{
    size_t i = 0;
    while (i < db->count && db->trials[i].value < value)
        i++;
    return i;
}

void search_db_add(struct search_db *db, uint64_t value, enum verdict verdict)
{
    size_t i = place_of(db, value);
    if (i < db->count && db->trials[i].value == value) {
        db->trials[i].verdict = verdict;
        db->trials[i].tries++;
        return;
    }
    db->trials = array_grow(db->trials, db->count, &db->cap, sizeof(*db->trials));
    memmove(db->trials + i + 1, db->trials + i, (db->count - i) * sizeof(*db->trials));
    db->trials[i] = (struct trial){.value = value, .verdict = verdict, .tries = 1};
    db->count++;
}

const struct trial *search_db_find(const struct search_db *db, uint64_t value)
{
    size_t i = place_of(db, value);
    return i < db->count && db->trials[i].value == value ? &db->trials[i] : NULL;
}

/* A value that never got a valid verdict is no pass: the limit lies below it. */
struct search_state search_state_get(const struct search_db *db)
{
    struct search_state s = {0};
    for (size_t i = 0; i < db->count; i++) {
        if (db->trials[i].verdict != VERDICT_PASS) {
            s.first_fail = db->trials[i].value;
            break;
        }
        s.last_pass = db->trials[i].value;
    }
    return s;
}

bool search_contradiction(const struct search_db *db, uint64_t *fail, uint64_t *pass)
{
    for (size_t i = 0; i < db->count; i++) {
        if (db->trials[i].verdict != VERDICT_FAIL)
            continue;
        for (size_t j = db->count; j-- > i + 1;) {
            if (db->trials[j].verdict != VERDICT_PASS)
                continue;
            if (db->trials[i].tries > 1 && db->trials[j].tries > 1)
                break;
            *fail = db->trials[i].value;
            *pass = db->trials[j].value;
            return true;
        }
    }
    return false;
}

static uint64_t grown(uint64_t value, const struct search_bounds *b)
{
    double g = (double)value * b->growth;
    uint64_t next = g >= (double)b->max ? b->max : (uint64_t)g;
    if (next <= value)
        next = value + 1;
    return next < b->max ? next : b->max;
}

/* The next value of the hunt itself; 0 when the limit is known to the resolution. */
static uint64_t hunt(const struct search_db *db, const struct search_bounds *b)
{
    if (db->count == 0)
        return b->start;
    struct search_state s = search_state_get(db);
    if (s.first_fail == 0)
        return s.last_pass >= b->max ? 0 : grown(s.last_pass, b);
    uint64_t low = s.last_pass == 0 ? b->min - 1 : s.last_pass;
    if (s.first_fail - low <= (s.last_pass == 0 ? 1 : b->resolution))
        return 0;
    uint64_t mid = low + (s.first_fail - low) / 2;
    /* With nothing passed yet the minimum itself must be tried before giving up. */
    if (mid == low)
        mid = low + 1;
    return mid;
}

/* Values spread over the range that was found, untried ones, until enough are reported. */
static uint64_t spread(const struct search_db *db, const struct search_bounds *b)
{
    if (db->count >= b->instances)
        return 0;
    struct search_state s = search_state_get(db);
    /* Where not even the minimum holds, its neighbours say as much as values far away. */
    uint64_t high = s.last_pass != 0 ? s.last_pass : b->min;
    uint64_t steps = b->instances;
    for (uint64_t i = 1; i <= steps; i++) {
        uint64_t value = b->min + (uint64_t)((double)(high - b->min) * (double)i / (double)steps);
        if (search_db_find(db, value) == NULL)
            return value;
    }
    /* The spread fell on values known: take any that is left, nearest the limit first. */
    for (uint64_t value = high; value >= b->min && value > 0; value--) {
        if (search_db_find(db, value) == NULL)
            return value;
    }
    for (uint64_t value = high + 1; value <= b->max; value++) {
        if (search_db_find(db, value) == NULL)
            return value;
    }
    return 0;
}

uint64_t search_next(const struct search_db *db, const struct search_bounds *bounds, bool fill)
{
    uint64_t value = hunt(db, bounds);
    if (value != 0 || !fill)
        return value;
    return spread(db, bounds);
}

uint64_t search_next_down(const struct search_db *db, const struct search_bounds *bounds)
{
    struct search_bounds down = *bounds;
    struct search_state s = search_state_get(db);
    if (s.first_fail == 0)
        return 0;
    down.max = s.first_fail;
    return hunt(db, &down);
}
