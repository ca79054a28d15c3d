#include "harness/history/store.h"

#include "emul/base/mem.h"
#include "harness/history/version.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long an import waits for another one. */
#define BUSY_MS 60000

int store_failed(const struct history *h, struct err *err)
{
    const char *said = sqlite3_errmsg(h->db);
    switch (sqlite3_errcode(h->db) & 0xff) {
    case SQLITE_NOTADB:
        err_set(err, ERR_USE, "%.300s: this is no SQLite database; name another file", h->path);
        break;
    case SQLITE_CORRUPT:
        err_set(err, ERR_USE,
                "%.300s: the database is damaged (%.200s); take a copy of it, or import the runs "
                "into a new file",
                h->path, said);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err_set(err, ERR_USE,
                "%.300s: another process has held the database for %d s; try again later", h->path,
                BUSY_MS / 1000);
        break;
    case SQLITE_READONLY:
        err_set(err, ERR_USE, "%.300s: the database may only be read; make it writable", h->path);
        break;
    case SQLITE_CANTOPEN:
        err_set(err, ERR_USE, "%.300s: the database cannot be opened (%.200s)", h->path, said);
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        err_set(err, ERR_TESTBED, "%.300s: %.200s", h->path, said);
        break;
    default:
        err_set(err, ERR_USE, "%.300s: %.300s", h->path, said);
    }
    return -1;
}

int store_run(struct history *h, const char *sql, struct err *err)
{
    return sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_failed(h, err);
}

sqlite3_stmt *store_prepare(struct history *h, const char *sql, struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(h->db, sql, -1, &s, NULL) != SQLITE_OK)
        (void)store_failed(h, err);
    return s;
}

int store_begin(struct history *h, struct err *err)
{
    return store_run(h, "BEGIN IMMEDIATE", err);
}

int store_end(struct history *h, int result, struct err *err)
{
    if (result == 0)
        result = store_run(h, "COMMIT", err);
    if (result != 0 && sqlite3_get_autocommit(h->db) == 0)
        (void)store_run(h, "ROLLBACK", NULL);
    return result;
}

void store_bind_text(sqlite3_stmt *s, int at, const char *text)
{
    if (text == NULL)
        (void)sqlite3_bind_null(s, at);
    else
        (void)sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

const char *store_text(sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    return text == NULL ? "" : (const char *)text;
}

/* Both lengths are those of the stored bytes, which may hold anything. */
static int collate(void *arg, int la, const void *a, int lb, const void *b)
{
    (void)arg;
    char *at = mem_printf("%.*s", la, (const char *)a),
         *bt = mem_printf("%.*s", lb, (const char *)b);
    int order = version_compare(at, bt);
    free(at);
    free(bt);
    return order;
}

/* A file from elsewhere must not run anything of its own, nor break what we rely on. */
static int settle(struct history *h, struct err *err)
{
    (void)sqlite3_busy_timeout(h->db, BUSY_MS);
    (void)sqlite3_extended_result_codes(h->db, 1);
    (void)sqlite3_db_config(h->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(h->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(h->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    if (sqlite3_create_collation(h->db, "version", SQLITE_UTF8, NULL, collate) != SQLITE_OK)
        return store_failed(h, err);
    return store_run(h, "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON", err);
}

static bool is_regular(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        err_set(err, ERR_USE, "%.300s: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_USE, "%.300s: this is no file; name one for the database", path);
        return false;
    }
    return true;
}

static int open_file(struct history *h, enum history_mode mode, struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | (mode == HISTORY_WRITE ? SQLITE_OPEN_CREATE : 0);
    bool there = access(h->path, F_OK) == 0;
    if (!there && mode == HISTORY_READ) {
        err_set(err, ERR_USE,
                "%.300s: there is no such database; `mvpnbench history import DIR --db FILE` makes "
                "one",
                h->path);
        return -1;
    }
    if (there && !is_regular(h->path, err))
        return -1;
    /* A name that begins like a URI, or with ':', is a file's name all the same. */
    bool plain = h->path[0] == '/' || h->path[0] == '.';
    char *name = mem_printf("%s%s", plain ? "" : "./", h->path);
    int opened = sqlite3_open_v2(name, &h->db, flags, NULL);
    free(name);
    if (opened != SQLITE_OK)
        return store_failed(h, err);
    if (settle(h, err) != 0)
        return -1;
    if (mode == HISTORY_WRITE && sqlite3_db_readonly(h->db, "main") == 1) {
        err_set(err, ERR_USE, "%.300s: the database may only be read; make it writable", h->path);
        return -1;
    }
    return schema_ready(h, err);
}

struct history *history_open(const char *path, enum history_mode mode, struct err *err)
{
    struct history *h = mem_zalloc(1, sizeof(*h));
    h->path = mem_strdup(path);
    if (open_file(h, mode, err) == 0)
        return h;
    history_close(h);
    return NULL;
}

void history_close(struct history *h)
{
    if (h == NULL)
        return;
    (void)sqlite3_close(h->db);
    free(h->path);
    free(h);
}

static int could_be_made(const char *path, struct err *err)
{
    char *copy = mem_strdup(path);
    const char *dir = dirname(copy);
    int rc = access(dir, W_OK | X_OK);
    if (rc != 0)
        err_set(err, ERR_USE, "%.300s: the database cannot be made in %.300s: %s", path, dir,
                strerror(errno));
    free(copy);
    return rc;
}

int history_check(const char *path, struct err *err)
{
    if (access(path, F_OK) != 0)
        return could_be_made(path, err);
    struct history *h = history_open(path, HISTORY_WRITE, err);
    sqlite3_stmt *s = h == NULL ? NULL : store_prepare(h, "PRAGMA quick_check(1)", err);
    int rc = s == NULL ? -1 : 0;
    if (rc == 0 && sqlite3_step(s) != SQLITE_ROW) {
        rc = store_failed(h, err);
    } else if (rc == 0 && strcmp(store_text(s, 0), "ok") != 0) {
        err_set(err, ERR_USE,
                "%.300s: the database is damaged (%.200s); take a copy of it, or import the runs "
                "into a new file",
                path, store_text(s, 0));
        rc = -1;
    }
    (void)sqlite3_finalize(s);
    history_close(h);
    return rc;
}
