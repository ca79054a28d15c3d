/* The runs as such: what `list` shows, and what can be asked for. */
#include "harness/history/store.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char list[] =
    "SELECT r.id, r.driver, r.dut, r.version, r.started, r.clock, r.tool, r.directory,\n"
    "  (SELECT count(*) FROM maximum m JOIN tested t ON t.id = m.tested WHERE t.run = r.id),\n"
    "  (SELECT count(m.value) FROM maximum m JOIN tested t ON t.id = m.tested\n"
    "   WHERE t.run = r.id),\n"
    "  (SELECT count(*) FROM maximum m JOIN tested t ON t.id = m.tested WHERE t.run = r.id\n"
    "   AND m.value IS NOT NULL AND m.bounded_by NOT IN ('dut', 'resource', '')),\n"
    "  (SELECT count(*) FROM recovery v JOIN instance i ON i.id = v.instance\n"
    "   JOIN tested t ON t.id = i.tested WHERE t.run = r.id),\n"
    "  (SELECT count(*) FROM recovery v JOIN instance i ON i.id = v.instance\n"
    "   JOIN tested t ON t.id = i.tested WHERE t.run = r.id AND v.verdict = 'pass')\n"
    "FROM run r WHERE ?1 IS NULL OR r.dut = ?1\n"
    "ORDER BY r.dut, r.version COLLATE version, r.started, r.id";

/* The cases of a run as one text; NULL with *err. Takes the statement back to its beginning. */
static char *cases_of(struct history *h, sqlite3_stmt *s, int64_t run, struct err *err)
{
    char *all = mem_strdup("");
    int rc;
    (void)sqlite3_bind_int64(s, 1, run);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        char *more = mem_printf("%s%s%s%s", all, all[0] == '\0' ? "" : " ", store_text(s, 0),
                                sqlite3_column_type(s, 1) == SQLITE_NULL ? "" : " (omitted)");
        free(all);
        all = more;
    }
    if (rc != SQLITE_DONE)
        (void)store_failed(h, err);
    (void)sqlite3_reset(s);
    if (rc == SQLITE_DONE)
        return all;
    free(all);
    return NULL;
}

static struct history_run run_of(sqlite3_stmt *s, const char *cases)
{
    return (struct history_run){.number = sqlite3_column_int64(s, 0),
                                .driver = store_text(s, 1),
                                .dut = store_text(s, 2),
                                .version = store_text(s, 3),
                                .started = store_text(s, 4),
                                .clock = store_text(s, 5),
                                .tool = store_text(s, 6),
                                .directory = store_text(s, 7),
                                .cases = cases,
                                .maxima = sqlite3_column_int64(s, 8),
                                .found = sqlite3_column_int64(s, 9),
                                .bounds = sqlite3_column_int64(s, 10),
                                .recoveries = sqlite3_column_int64(s, 11),
                                .recovered = sqlite3_column_int64(s, 12)};
}

int history_runs(struct history *h, const char *dut, history_run_fn *fn, void *arg, struct err *err)
{
    sqlite3_stmt *s = store_prepare(h, list, err);
    sqlite3_stmt *c =
        store_prepare(h, "SELECT case_id, omitted FROM tested WHERE run = ? ORDER BY id", err);
    int rc = s == NULL || c == NULL ? SQLITE_ERROR : SQLITE_ROW;
    int failed = rc == SQLITE_ROW ? 0 : -1;
    if (failed == 0)
        store_bind_text(s, 1, dut);
    while (failed == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        char *cases = cases_of(h, c, sqlite3_column_int64(s, 0), err);
        struct history_run run = run_of(s, cases);
        failed = cases == NULL ? -1 : 0;
        if (failed == 0)
            fn(arg, &run);
        free(cases);
    }
    if (failed == 0 && rc != SQLITE_DONE)
        failed = store_failed(h, err);
    (void)sqlite3_finalize(s);
    (void)sqlite3_finalize(c);
    return failed;
}

int history_omitted(struct history *h, const char *dut, const char *case_id, history_omitted_fn *fn,
                    void *arg, struct err *err)
{
    sqlite3_stmt *s =
        store_prepare(h,
                      "SELECT r.id, r.dut, r.version, t.case_id, t.omitted\n"
                      "FROM tested t JOIN run r ON r.id = t.run WHERE t.omitted IS NOT NULL\n"
                      "  AND (?1 IS NULL OR r.dut = ?1) AND (?2 IS NULL OR t.case_id = ?2)\n"
                      "ORDER BY r.dut, r.version COLLATE version, r.started, r.id, t.id",
                      err);
    int rc = SQLITE_ROW;
    if (s == NULL)
        return -1;
    store_bind_text(s, 1, dut);
    store_bind_text(s, 2, case_id);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        const struct history_run run = {.number = sqlite3_column_int64(s, 0),
                                        .dut = store_text(s, 1),
                                        .version = store_text(s, 2)};
        fn(arg, &run, store_text(s, 3), store_text(s, 4));
    }
    int failed = rc == SQLITE_DONE ? 0 : store_failed(h, err);
    (void)sqlite3_finalize(s);
    return failed;
}

char *history_quantities(struct history *h, const char *case_id, struct err *err)
{
    sqlite3_stmt *s = store_prepare(h,
                                    "SELECT DISTINCT quantity FROM measured\n"
                                    "WHERE ?1 IS NULL OR case_id = ?1 ORDER BY kind, quantity",
                                    err);
    if (s == NULL)
        return NULL;
    char *all = mem_strdup("");
    int rc;
    store_bind_text(s, 1, case_id);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        char *more = mem_printf("%s%s%s", all, all[0] == '\0' ? "" : ", ", store_text(s, 0));
        free(all);
        all = more;
    }
    if (rc != SQLITE_DONE) {
        (void)store_failed(h, err);
        free(all);
        all = NULL;
    }
    (void)sqlite3_finalize(s);
    return all;
}
