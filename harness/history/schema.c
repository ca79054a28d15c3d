/*
 * The tables. Times of a recovery are integer nanoseconds, everything else is what the result
 * says; `place` (the point of the sweep) and the texts of `conditions` are JSON objects with sorted
 * keys, so that equal ones are equal texts. The view `measured` has one row a value, for this
 * program and for whoever opens the file with other tools.
 */
#include "harness/history/store.h"

#include <stdlib.h>

static const char schema_1[] =
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  sha256 TEXT NOT NULL UNIQUE,\n" /* of result.json */
    "  started TEXT NOT NULL, clock TEXT NOT NULL, tool TEXT NOT NULL, seed INTEGER NOT NULL,\n"
    "  driver TEXT NOT NULL, dut TEXT NOT NULL, version TEXT NOT NULL,\n"
    "  directory TEXT NOT NULL);\n"
    "CREATE TABLE conditions (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);\n"
    "CREATE TABLE tested (\n" /* a case of a run */
    "  id INTEGER PRIMARY KEY,\n"
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  case_id TEXT NOT NULL, title TEXT NOT NULL, omitted TEXT,\n"
    "  mi_pmsi TEXT NOT NULL, s_pmsi TEXT NOT NULL, pe_pe TEXT NOT NULL,\n"
    "  timing TEXT NOT NULL, load REAL);\n"
    "CREATE INDEX tested_run ON tested (run);\n"
    "CREATE TABLE deviation (\n"
    "  tested INTEGER NOT NULL REFERENCES tested ON DELETE CASCADE,\n"
    "  kind TEXT NOT NULL, text TEXT NOT NULL);\n"
    "CREATE INDEX deviation_tested ON deviation (tested);\n"
    "CREATE TABLE instance (\n" /* those that a maximum names or that measured something */
    "  id INTEGER PRIMARY KEY,\n"
    "  tested INTEGER NOT NULL REFERENCES tested ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT,\n"
    "  place TEXT NOT NULL, conditions INTEGER NOT NULL REFERENCES conditions);\n"
    "CREATE INDEX instance_tested ON instance (tested);\n"
    "CREATE TABLE parameter (\n"
    "  instance INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL, value NOT NULL);\n"
    "CREATE INDEX parameter_instance ON parameter (instance);\n"
    "CREATE TABLE maximum (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  tested INTEGER NOT NULL REFERENCES tested ON DELETE CASCADE,\n"
    "  stimulus TEXT NOT NULL, place TEXT NOT NULL,\n"
    "  conditions INTEGER NOT NULL REFERENCES conditions,\n"
    "  searched TEXT NOT NULL, searched_value REAL, variable TEXT NOT NULL, value REAL,\n"
    "  resolution REAL,\n" /* of value: what lies between last_pass and first_fail */
    "  instance INTEGER REFERENCES instance,\n"
    "  last_pass REAL, first_fail REAL, bounded_by TEXT NOT NULL, verified INTEGER NOT NULL,\n"
    "  reason TEXT);\n"
    "CREATE INDEX maximum_tested ON maximum (tested);\n"
    "CREATE INDEX maximum_instance ON maximum (instance);\n"
    "CREATE TABLE metric (\n" /* the 9-tuple and the P instance at a maximum */
    "  maximum INTEGER NOT NULL REFERENCES maximum ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL, value REAL, reason TEXT);\n"
    "CREATE INDEX metric_maximum ON metric (maximum);\n"
    "CREATE TABLE recovery (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  instance INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,\n"
    "  stimulus TEXT NOT NULL, repeat INTEGER NOT NULL, verdict TEXT NOT NULL, reason TEXT,\n"
    "  marks TEXT NOT NULL, conditions INTEGER NOT NULL REFERENCES conditions,\n"
    "  resolution_ns INTEGER, floor_ns INTEGER);\n"
    "CREATE INDEX recovery_instance ON recovery (instance);\n"
    "CREATE TABLE recovery_time (\n"
    "  recovery INTEGER NOT NULL REFERENCES recovery ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL, ns INTEGER, reason TEXT);\n"
    "CREATE INDEX recovery_time_recovery ON recovery_time (recovery);\n"
    "CREATE TABLE extra (\n"
    "  instance INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL, value REAL, resolution REAL, reason TEXT);\n"
    "CREATE INDEX extra_instance ON extra (instance);\n"
    "CREATE VIEW measured AS\n"
    "SELECT t.run AS run, t.case_id AS case_id, 0 AS kind, m.variable AS quantity,\n"
    "  m.stimulus AS stimulus, m.place AS place, m.conditions AS conditions, m.value AS value,\n"
    "  m.reason AS reason, m.bounded_by AS bounded_by, m.verified AS verified,\n"
    "  CASE WHEN m.value IS NULL THEN 'fail' ELSE 'pass' END AS verdict,\n"
    "  m.resolution AS resolution, NULL AS floor_s\n"
    "FROM maximum m JOIN tested t ON t.id = m.tested\n"
    "UNION ALL\n"
    "SELECT t.run, t.case_id, 1, v.name, m.stimulus, m.place, m.conditions, v.value, v.reason,\n"
    "  m.bounded_by, m.verified, CASE WHEN m.value IS NULL THEN 'fail' ELSE 'pass' END, NULL,\n"
    "  NULL\n"
    "FROM metric v JOIN maximum m ON m.id = v.maximum JOIN tested t ON t.id = m.tested\n"
    "UNION ALL\n"
    "SELECT t.run, t.case_id, 2, x.name, r.stimulus, i.place, r.conditions, x.ns / 1e9,\n"
    "  coalesce(x.reason, r.reason), NULL, NULL, r.verdict, r.resolution_ns / 1e9,\n"
    "  r.floor_ns / 1e9\n"
    "FROM recovery_time x JOIN recovery r ON r.id = x.recovery\n"
    "  JOIN instance i ON i.id = r.instance JOIN tested t ON t.id = i.tested\n"
    "UNION ALL\n"
    "SELECT t.run, t.case_id, 3, e.name, 'steady', i.place, i.conditions, e.value,\n"
    "  coalesce(e.reason, i.reason), NULL, NULL, i.verdict, e.resolution, NULL\n"
    "FROM extra e JOIN instance i ON i.id = e.instance JOIN tested t ON t.id = i.tested;\n";

/* steps[n] leads from schema n to n + 1. */
static const char *const steps[SCHEMA_VERSION] = {schema_1};

static int read_number(struct history *h, const char *sql, int64_t *out, struct err *err)
{
    sqlite3_stmt *s = store_prepare(h, sql, err);
    int rc = s != NULL && sqlite3_step(s) == SQLITE_ROW ? 0 : store_failed(h, err);
    if (rc == 0)
        *out = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return rc;
}

/* Reads the version; refuses files that are somebody else's. */
static int version_of(struct history *h, int64_t *version, struct err *err)
{
    int64_t application, objects;
    if (read_number(h, "PRAGMA user_version", version, err) != 0 ||
        read_number(h, "PRAGMA application_id", &application, err) != 0 ||
        read_number(h, "SELECT count(*) FROM sqlite_schema", &objects, err) != 0)
        return -1;
    if (objects == 0 && application == 0 && *version == 0)
        return 0; /* a new file */
    if (application != SCHEMA_APPLICATION) {
        err_set(err, ERR_USE,
                "%.300s: this database is not one of mvpnbench history; name another file",
                h->path);
        return -1;
    }
    if (*version < 1 || *version > SCHEMA_VERSION) {
        err_set(err, ERR_USE,
                "%.300s: the database has schema %lld, this version of mvpnbench knows 1 to %d; "
                "use the newer program, or another file",
                h->path, (long long)*version, SCHEMA_VERSION);
        return -1;
    }
    return 0;
}

static int migrate(struct history *h, int64_t from, struct err *err)
{
    char mark[128];
    for (int64_t v = from; v < SCHEMA_VERSION; v++) {
        if (store_run(h, steps[v], err) != 0)
            return -1;
    }
    (void)snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   SCHEMA_APPLICATION, SCHEMA_VERSION);
    return store_run(h, mark, err);
}

int schema_ready(struct history *h, struct err *err)
{
    int64_t version;
    if (version_of(h, &version, err) != 0)
        return -1;
    if (version == SCHEMA_VERSION)
        return 0;
    /* Somebody else may have done it while this process waited for its turn. */
    if (store_begin(h, err) != 0)
        return -1;
    int rc = version_of(h, &version, err);
    if (rc == 0 && version < SCHEMA_VERSION)
        rc = migrate(h, version, err);
    return store_end(h, rc, err);
}
