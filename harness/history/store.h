/* The open database, and statements on it; private to this room. */
#ifndef MVPN_HISTORY_STORE_H
#define MVPN_HISTORY_STORE_H

#include "harness/history/history.h"

#include <sqlite3.h>

struct history {
    sqlite3 *db;
    char *path;
};

/* store_failed fills *err from the database's last error; always -1. */
int store_failed(const struct history *h, struct err *err);

/* store_run runs SQL without parameters that is part of this program; -1 with *err. */
int store_run(struct history *h, const char *sql, struct err *err);

/* store_prepare returns a statement that sqlite3_finalize frees; NULL with *err. */
sqlite3_stmt *store_prepare(struct history *h, const char *sql, struct err *err);

/* store_begin waits until this process may write and begins; store_end commits what result 0
 * says and takes back everything else. Both: -1 with *err. */
int store_begin(struct history *h, struct err *err);
int store_end(struct history *h, int result, struct err *err);

/* store_bind_text binds a copy, NULL as null. store_text reads a column, "" for null. */
void store_bind_text(sqlite3_stmt *s, int at, const char *text);
const char *store_text(sqlite3_stmt *s, int column);

/* ---- schema.c ---- */

#define SCHEMA_VERSION     1
#define SCHEMA_APPLICATION 0x4d56504e /* "MVPN", in the header of the file */

/* schema_ready tells that the file has our current schema, or makes it so; -1 with *err. */
int schema_ready(struct history *h, struct err *err);

#endif
