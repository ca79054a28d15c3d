/* The search against DUTs whose limit is known: every limit of a range, every way to begin. */
#include "harness/run/search.h"
#include "tests/unit/cu.h"

static const struct search_bounds plain = {
    .min = 1, .max = 300, .start = 1, .resolution = 1, .instances = 5, .growth = 2};

static uint64_t value_of(const struct trial *t)
{
    return t == NULL ? 0 : t->at.value;
}

/* Drives a search on a DUT that holds values up to limit; returns the number of tries. */
static unsigned drive(struct search_db *db, const struct search_bounds *b, uint64_t limit,
                      bool fill)
{
    unsigned tries = 0;
    uint64_t value;
    while ((value = search_next(db, b, fill)) != 0 && tries < 1000) {
        CU_ASSERT_PTR_NULL(search_db_find(db, (struct case_try){value, 0}));
        CU_ASSERT(value >= b->min && value <= b->max);
        search_db_add(db, value, value <= limit ? VERDICT_PASS : VERDICT_FAIL);
        tries++;
    }
    return tries;
}

static void finds_every_limit(void)
{
    for (uint64_t limit = 0; limit <= 310; limit++) {
        for (uint64_t start = 1; start <= 300; start += 23) {
            struct search_bounds b = plain;
            b.start = start;
            struct search_db db;
            search_db_init(&db);
            unsigned tries = drive(&db, &b, limit, true);
            struct search_state s = search_state_get(&db);
            CU_ASSERT_EQUAL(value_of(s.last_pass), limit > 300 ? 300 : limit);
            CU_ASSERT_EQUAL(value_of(s.first_fail), limit >= 300 ? 0 : limit + 1);
            CU_ASSERT(db.count >= 5);
            CU_ASSERT(tries <= 24);
            search_db_fini(&db);
        }
    }
}

static void a_short_range_is_tried_whole(void)
{
    struct search_bounds b = plain;
    b.max = 3;
    struct search_db db;
    search_db_init(&db);
    drive(&db, &b, 300, true);
    CU_ASSERT_EQUAL(db.count, 3);
    CU_ASSERT_EQUAL(value_of(search_state_get(&db).last_pass), 3);
    CU_ASSERT_EQUAL(value_of(search_state_get(&db).first_fail), 0);
    search_db_fini(&db);
}

static void one_value_only(void)
{
    struct search_bounds b = plain;
    b.min = b.max = b.start = 7;
    for (uint64_t limit = 6; limit <= 7; limit++) {
        struct search_db db;
        search_db_init(&db);
        CU_ASSERT_EQUAL(drive(&db, &b, limit, true), 1);
        CU_ASSERT_EQUAL(value_of(search_state_get(&db).last_pass), limit == 7 ? 7 : 0);
        search_db_fini(&db);
    }
}

static void resolution_stops_the_bisection(void)
{
    struct search_bounds b = plain;
    b.resolution = 10;
    for (uint64_t limit = 1; limit < 290; limit += 3) {
        struct search_db db;
        search_db_init(&db);
        drive(&db, &b, limit, false);
        struct search_state s = search_state_get(&db);
        CU_ASSERT(value_of(s.last_pass) <= limit && value_of(s.first_fail) > limit);
        CU_ASSERT(value_of(s.first_fail) - value_of(s.last_pass) <= 10);
        search_db_fini(&db);
    }
}

static void goes_down_from_a_fail(void)
{
    for (uint64_t limit = 0; limit < 137; limit++) {
        struct search_db db;
        search_db_init(&db);
        search_db_add(&db, 137, VERDICT_FAIL);
        uint64_t value;
        unsigned tries = 0;
        while ((value = search_next_down(&db, &plain)) != 0 && tries++ < 100)
            search_db_add(&db, value, value <= limit ? VERDICT_PASS : VERDICT_FAIL);
        CU_ASSERT_EQUAL(value_of(search_state_get(&db).last_pass), limit);
        CU_ASSERT(tries <= 9);
        search_db_fini(&db);
    }
}

static void contradictions_are_tried_once_more(void)
{
    struct search_db db;
    struct case_try fail, pass;
    search_db_init(&db);
    search_db_add(&db, 4, VERDICT_PASS);
    search_db_add(&db, 8, VERDICT_FAIL);
    CU_ASSERT_FALSE(search_contradiction(&db, &fail, &pass));
    search_db_add(&db, 12, VERDICT_PASS);
    CU_ASSERT_TRUE(search_contradiction(&db, &fail, &pass));
    CU_ASSERT_EQUAL(fail.value, 8);
    CU_ASSERT_EQUAL(pass.value, 12);
    search_db_add(&db, 8, VERDICT_FAIL);
    search_db_add(&db, 12, VERDICT_PASS);
    CU_ASSERT_FALSE(search_contradiction(&db, &fail, &pass));
    CU_ASSERT_EQUAL(value_of(search_state_get(&db).last_pass), 4);
    search_db_add(&db, 8, VERDICT_PASS);
    CU_ASSERT_EQUAL(value_of(search_state_get(&db).last_pass), 12);
    search_db_fini(&db);
}

static void an_invalid_value_is_no_pass(void)
{
    struct search_db db;
    search_db_init(&db);
    search_db_add(&db, 4, VERDICT_PASS);
    search_db_add(&db, 5, VERDICT_INVALID);
    struct search_state s = search_state_get(&db);
    CU_ASSERT_EQUAL(value_of(s.last_pass), 4);
    CU_ASSERT_EQUAL(value_of(s.first_fail), 5);
    CU_ASSERT_EQUAL(search_next(&db, &plain, false), 0);
    search_db_fini(&db);
}

/* The grid of 9.5: totals U * D over U mVPNs, D doubled behind the last U. */
static const struct case_try grid[] = {{2, 1},  {4, 2},  {8, 4}, {16, 8}, {4, 1},  {8, 2},
                                       {16, 4}, {32, 8}, {8, 1}, {16, 2}, {32, 4}, {64, 8}};
#define GRID (sizeof(grid) / sizeof(grid[0]))

/* A DUT that holds totals up to limit and per_vpn S-PMSIs in one mVPN. */
static bool holds(struct case_try t, uint64_t limit, uint64_t per_vpn)
{
    return t.value <= limit && (t.value + t.vpns - 1) / t.vpns <= per_vpn;
}

static void run_grid(struct search_db *db, uint64_t limit, uint64_t per_vpn, bool *closed)
{
    *closed = false;
    for (size_t i = 0; i < GRID; i++) {
        bool passed = holds(grid[i], limit, per_vpn);
        db->line = grid[i].vpns;
        search_db_add_try(db, grid[i], passed ? VERDICT_PASS : VERDICT_FAIL);
        if (!passed) {
            *closed = search_grid_failed(db, grid[i]);
            return;
        }
    }
}

static void a_grid_is_bisected_behind_its_first_fail(void)
{
    const struct search_bounds b = {
        .min = 1, .max = 64, .start = 1, .resolution = 1, .instances = 5, .growth = 2};
    for (uint64_t limit = 0; limit <= 70; limit++) {
        struct search_db db;
        bool closed;
        uint64_t value;
        unsigned tries = 0;
        search_db_init(&db);
        run_grid(&db, limit, 100, &closed);
        while ((value = search_next(&db, &b, true)) != 0 && tries++ < 100) {
            struct case_try t = {value, db.line};
            CU_ASSERT_PTR_NULL(search_db_find(&db, t));
            search_db_add(&db, value, holds(t, limit, 100) ? VERDICT_PASS : VERDICT_FAIL);
        }
        struct search_state s = search_state_get(&db);
        CU_ASSERT_FALSE(closed);
        CU_ASSERT_EQUAL(value_of(s.last_pass), limit > 64 ? 64 : limit);
        CU_ASSERT_EQUAL(value_of(s.first_fail), limit >= 64 ? 0 : limit + 1);
        CU_ASSERT(search_db_values(&db) >= 5);
        search_db_fini(&db);
    }
}

static void a_limit_of_each_vpn_closes_the_grid(void)
{
    const struct search_bounds b = {
        .min = 1, .max = 64, .start = 1, .resolution = 1, .instances = 5, .growth = 2};
    struct search_db db;
    bool closed;
    search_db_init(&db);
    run_grid(&db, 1000, 2, &closed);
    struct search_state s = search_state_get(&db);
    CU_ASSERT_TRUE(closed);
    CU_ASSERT_EQUAL(value_of(s.last_pass), 16);
    CU_ASSERT_EQUAL(value_of(s.first_fail), 4);
    CU_ASSERT_EQUAL(search_next(&db, &b, false), 0);
    CU_ASSERT(search_next(&db, &b, true) != 0); /* more values for the report, all the same */
    struct case_try fail, pass;
    CU_ASSERT_FALSE(search_contradiction(&db, &fail, &pass)); /* the spread differs */
    search_db_fini(&db);
}

static const struct cu_test tests[] = {
    {"finds every limit from every start", finds_every_limit},
    {"a short range is tried whole", a_short_range_is_tried_whole},
    {"one value only", one_value_only},
    {"resolution stops the bisection", resolution_stops_the_bisection},
    {"goes down from a fail under a stimulus", goes_down_from_a_fail},
    {"contradictions are tried once more", contradictions_are_tried_once_more},
    {"an invalid value is no pass", an_invalid_value_is_no_pass},
    {"a grid is bisected behind its first fail", a_grid_is_bisected_behind_its_first_fail},
    {"a limit of each VPN closes the grid", a_limit_of_each_vpn_closes_the_grid},
};

CU_MAIN("search", tests)
