/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as the store sees it: cached statements, parameters by a string of types, status codes. */
#include <errno.h>
#include <stdarg.h>

#include "status.h"
#include "store_db.h"

static const char *const texts[SQL_COUNT] = {
#define X(name, text) text,
    SQL_LIST(X)
#undef X
};

const char *db_sql(enum sql id)
{
    return texts[id];
}

int db_status(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_FULL:
        return E_FULL;
    case SQLITE_NOMEM:
        return E_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return E_CORRUPT;
    case SQLITE_TOOBIG:
        return E_LIMIT;
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return E_INVALID;
    default:
        return E_IO;
    }
}

sqlite3_stmt *db_stmt(struct db *db, enum sql id, int *status)
{
    sqlite3_stmt *stmt = db->stmts[id];
    if (stmt) {
        sqlite3_reset(stmt);
        return stmt;
    }
    int code =
        sqlite3_prepare_v3(db->handle, texts[id], -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (code != SQLITE_OK) {
        *status = db_status(code);
        return NULL;
    }
    return db->stmts[id] = stmt;
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list ap)
{
    int code = SQLITE_OK;
    for (int i = 1; *types && code == SQLITE_OK; types++, i++) {
        wn_str s;
        switch (*types) {
        case 'i':
            code = sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
            break;
        case 'd':
            code = sqlite3_bind_double(stmt, i, va_arg(ap, double));
            break;
        case 's':
            s = va_arg(ap, wn_str);
            code = sqlite3_bind_text64(stmt, i, s.ptr, s.len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        default:
            s = va_arg(ap, wn_str);
            code = sqlite3_bind_blob64(stmt, i, s.ptr, s.len, SQLITE_STATIC);
        }
    }
    return db_status(code);
}

static sqlite3_stmt *query(struct db *db, enum sql id, int *status, const char *types, va_list ap)
{
    int failed = db->owner ? store_readable(db->owner) : OK;
    sqlite3_stmt *stmt = failed == OK ? db_stmt(db, id, &failed) : NULL;
    if (stmt && (failed = bind(stmt, types, ap)) != OK)
        stmt = NULL;
    if (!stmt)
        *status = failed;
    return stmt;
}

sqlite3_stmt *db_query(struct db *db, enum sql id, int *status, const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    sqlite3_stmt *stmt = query(db, id, status, types, ap);
    va_end(ap);
    return stmt;
}

int db_step(sqlite3_stmt *stmt)
{
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        return 1;
    sqlite3_reset(stmt);
    return code == SQLITE_DONE ? 0 : db_status(code);
}

int db_done(sqlite3_stmt *stmt)
{
    return db_status(sqlite3_reset(stmt));
}

int db_number(struct db *db, enum sql id, int64_t *value, const char *types, ...)
{
    int status = OK;
    va_list ap;
    va_start(ap, types);
    sqlite3_stmt *stmt = query(db, id, &status, types, ap);
    va_end(ap);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got ? got : E_ABSENT;
    if (sqlite3_column_type(stmt, 0) == SQLITE_NULL)
        status = E_ABSENT;
    else
        *value = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return status;
}

wn_str db_text(sqlite3_stmt *stmt, int column)
{
    const char *p = (const char *)sqlite3_column_text(stmt, column);
    return str_of(p, p ? (size_t)sqlite3_column_bytes(stmt, column) : 0);
}

wn_str db_blob(sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
        return str_of(NULL, 0);
    const char *p = sqlite3_column_blob(stmt, column);
    int n = sqlite3_column_bytes(stmt, column);
    if (!p && n > 0) /* no memory: the statement's end says so */
        return str_of(NULL, 0);
    return str_of(p ? p : "", (size_t)n);
}

void db_close(struct db *db)
{
    for (int i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(db->stmts[i]);
        db->stmts[i] = NULL;
    }
    sqlite3_close(db->handle);
    db->handle = NULL;
}
