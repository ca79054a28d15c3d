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

static size_t place_of(const struct search_db *db, struct case_try at)
{
    size_t i = 0;
    while (i < db->count &&
           (db->trials[i].at.value < at.value ||
            (db->trials[i].at.value == at.value && db->trials[i].at.vpns < at.vpns)))
        i++;
    return i;
}

static bool is_at(const struct search_db *db, size_t i, struct case_try at)
{
    return i < db->count && db->trials[i].at.value == at.value && db->trials[i].at.vpns == at.vpns;
}

void search_db_add(struct search_db *db, uint64_t value, enum verdict verdict)
{
    search_db_add_try(db, (struct case_try){value, db->line}, verdict);
}

void search_db_add_try(struct search_db *db, struct case_try at, enum verdict verdict)
{
    size_t i = place_of(db, at);
    if (is_at(db, i, at)) {
        db->trials[i].verdict = verdict;
        db->trials[i].tries++;
        return;
    }
    db->trials = array_grow(db->trials, db->count, &db->cap, sizeof(*db->trials));
    memmove(db->trials + i + 1, db->trials + i, (db->count - i) * sizeof(*db->trials));
    db->trials[i] = (struct trial){.at = at, .verdict = verdict, .tries = 1};
    db->count++;
}

const struct trial *search_db_find(const struct search_db *db, struct case_try at)
{
    size_t i = place_of(db, at);
    return is_at(db, i, at) ? &db->trials[i] : NULL;
}

/* Whether the value was tried, spread in whatever way. */
static bool was_tried(const struct search_db *db, uint64_t value)
{
    size_t i = place_of(db, (struct case_try){value, 0});
    return i < db->count && db->trials[i].at.value == value;
}

size_t search_db_values(const struct search_db *db)
{
    size_t n = 0;
    for (size_t i = 0; i < db->count; i++)
        n += i == 0 || db->trials[i].at.value != db->trials[i - 1].at.value;
    return n;
}

static const struct trial *largest_pass(const struct search_db *db, uint64_t below)
{
    const struct trial *pass = NULL;
    for (size_t i = 0; i < db->count && db->trials[i].at.value < below; i++) {
        if (db->trials[i].verdict == VERDICT_PASS)
            pass = &db->trials[i];
    }
    return pass;
}

bool search_grid_failed(struct search_db *db, struct case_try fail)
{
    const struct trial *pass = largest_pass(db, UINT64_MAX);
    db->line = fail.vpns;
    db->closed = pass != NULL && fail.value <= pass->at.value;
    db->closed_by = fail;
    return db->closed;
}

/* A value that never got a valid verdict is no pass: the limit lies below it. */
struct search_state search_state_get(const struct search_db *db)
{
    struct search_state s = {0};
    if (db->closed) {
        s.last_pass = largest_pass(db, UINT64_MAX);
        s.first_fail = search_db_find(db, db->closed_by);
        return s;
    }
    for (size_t i = 0; i < db->count && s.first_fail == NULL; i++) {
        const struct trial *t = &db->trials[i];
        if (t->verdict != VERDICT_PASS && t->at.vpns == db->line)
            s.first_fail = t;
    }
    s.last_pass = largest_pass(db, s.first_fail == NULL ? UINT64_MAX : s.first_fail->at.value);
    return s;
}

bool search_contradiction(const struct search_db *db, struct case_try *fail, struct case_try *pass)
{
    for (size_t i = 0; i < db->count; i++) {
        const struct trial *low = &db->trials[i];
        if (low->verdict != VERDICT_FAIL)
            continue;
        for (size_t j = db->count; j-- > i + 1;) {
            const struct trial *high = &db->trials[j];
            if (high->verdict != VERDICT_PASS || high->at.vpns != low->at.vpns)
                continue;
            if (low->tries > 1 && high->tries > 1)
                break;
            *fail = low->at;
            *pass = high->at;
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
    if (db->closed)
        return 0;
    struct search_state s = search_state_get(db);
    uint64_t pass = s.last_pass == NULL ? 0 : s.last_pass->at.value;
    if (s.first_fail == NULL)
        return pass >= b->max ? 0 : pass == 0 ? b->start : grown(pass, b);
    uint64_t low = pass == 0 ? b->min - 1 : pass, fail = s.first_fail->at.value;
    if (fail <= low || fail - low <= (pass == 0 ? 1 : b->resolution))
        return 0;
    uint64_t mid = low + (fail - low) / 2;
    /* With nothing passed yet the minimum itself must be tried before giving up. */
    return mid == low ? low + 1 : mid;
}

/* Values spread over the range that was found, untried ones, until enough are reported. */
static uint64_t spread(const struct search_db *db, const struct search_bounds *b)
{
    if (search_db_values(db) >= b->instances)
        return 0;
    struct search_state s = search_state_get(db);
    /* Where not even the minimum holds, its neighbours say as much as values far away. */
    uint64_t high = s.last_pass != NULL ? s.last_pass->at.value : b->min;
    uint64_t steps = b->instances;
    for (uint64_t i = 1; i <= steps; i++) {
        uint64_t value = b->min + (uint64_t)((double)(high - b->min) * (double)i / (double)steps);
        if (!was_tried(db, value))
            return value;
    }
    /* The spread fell on values known: take any that is left, nearest the limit first. */
    for (uint64_t value = high; value >= b->min && value > 0; value--) {
        if (!was_tried(db, value))
            return value;
    }
    for (uint64_t value = high + 1; value <= b->max; value++) {
        if (!was_tried(db, value))
            return value;
    }
    return 0;
}

uint64_t search_next(const struct search_db *db, const struct search_bounds *bounds, bool fill)
{
    uint64_t value = hunt(db, bounds);
    return value == 0 && fill ? spread(db, bounds) : value;
}

uint64_t search_next_down(const struct search_db *db, const struct search_bounds *bounds)
{
    struct search_bounds down = *bounds;
    struct search_state s = search_state_get(db);
    if (s.first_fail == NULL)
        return 0;
    down.max = s.first_fail->at.value;
    return hunt(db, &down);
}
