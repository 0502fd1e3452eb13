/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a transaction's changes: a statement's number and its parameters, one behind the
 * other. Repeating it in a fresh transaction gives the same rows, since every id is a parameter.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "status.h"
#include "store_db.h"

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Makes room without harm: a log that cannot grow must keep what it has, unlike a buffer that is
 * only thrown away then. */
static int make_room(struct buf *log, size_t n)
{
    if (n > log->max || log->n > log->max - n)
        return E_LIMIT;
    size_t need = log->n + n + 1, cap = log->cap ? log->cap : KIB(64);
    if (need <= log->cap)
        return OK;
    while (cap < need)
        cap += cap / 2;
    char *p = realloc(log->p, cap);
    if (!p)
        return E_NOMEM;
    log->p = p;
    log->cap = cap;
    return OK;
}

/* What a statement takes in the log: "id, type, parameter …, 0". */
static size_t size_of(const char *types, va_list ap)
{
    size_t n = sizeof(uint16_t) + 1;
    for (; *types; types++) {
        n += 1 + sizeof(int64_t);
        if (*types == 'i') {
            (void)va_arg(ap, int64_t);
        } else if (*types == 'd') {
            (void)va_arg(ap, double);
        } else {
            wn_str s = va_arg(ap, wn_str);
            n += s.ptr ? s.len : 0;
        }
    }
    return n;
}

static void append(struct buf *log, enum sql id, const char *types, va_list ap)
{
    uint16_t number = (uint16_t)id;
    buf_add(log, &number, sizeof number);
    for (; *types; types++) {
        int64_t i;
        double d;
        wn_str s;
        switch (*types) {
        case 'i':
            i = va_arg(ap, int64_t);
            buf_addc(log, 'i');
            buf_add(log, &i, sizeof i);
            break;
        case 'd':
            d = va_arg(ap, double);
            buf_addc(log, 'd');
            buf_add(log, &d, sizeof d);
            break;
        default:
            s = va_arg(ap, wn_str);
            buf_addc(log, s.ptr ? *types : 'n');
            if (s.ptr) {
                buf_add(log, &s.len, sizeof s.len);
                buf_add(log, s.ptr, s.len);
            }
        }
    }
    buf_addc(log, '\0');
}

/* Runs the statement that begins at *at and moves *at behind it. */
static int run_at(struct store *store, size_t *at)
{
    const char *p = store->log.bytes.p + *at;
    uint16_t number;
    memcpy(&number, p, sizeof number);
    p += sizeof number;
    int status = OK;
    sqlite3_stmt *stmt = db_stmt(&store->db, (enum sql)number, &status);
    for (int i = 1; *p; i++) {
        char type = *p++;
        int64_t n;
        double d;
        size_t len;
        int code = SQLITE_OK;
        switch (type) {
        case 'i':
            memcpy(&n, p, sizeof n);
            p += sizeof n;
            code = stmt ? sqlite3_bind_int64(stmt, i, n) : code;
            break;
        case 'd':
            memcpy(&d, p, sizeof d);
            p += sizeof d;
            code = stmt ? sqlite3_bind_double(stmt, i, d) : code;
            break;
        case 'n':
            code = stmt ? sqlite3_bind_null(stmt, i) : code;
            break;
        default:
            memcpy(&len, p, sizeof len);
            p += sizeof len;
            if (stmt && type == 's')
                code = sqlite3_bind_text64(stmt, i, p, len, SQLITE_STATIC, SQLITE_UTF8);
            else if (stmt)
                code = sqlite3_bind_blob64(stmt, i, p, len, SQLITE_STATIC);
            p += len;
        }
        if (code != SQLITE_OK && status == OK)
            status = db_status(code);
    }
    *at = (size_t)(p + 1 - store->log.bytes.p);
    if (status != OK)
        return status;
    status = db_step(stmt);
    /* The bound bytes are the log's own, which moves when it grows. */
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return status;
}

void store_fail(struct store *store, int status)
{
    if (!sqlite3_get_autocommit(store->db.handle))
        sqlite3_exec(store->db.handle, "ROLLBACK", NULL, NULL, NULL);
    store->tx = TX_FAILED;
    store->failure = status;
    store->last_attempt_ms = clock_ms();
}

/* SQLite rolls a transaction back by itself when some failures meet it, also while reading. */
static void notice_rollback(struct store *store)
{
    if (store->tx == TX_OPEN && sqlite3_get_autocommit(store->db.handle)) {
        store_fail(store, E_IO);
        store->last_attempt_ms = 0;
    }
}

/* Changes that readers may see: what was published is out of date. */
static int shows(enum sql id)
{
    switch (id) {
    case SQL_ENTRY_NEW:
    case SQL_ENTRY_FACE:
    case SQL_ENTRY_UPDATED:
    case SQL_ENTRY_MOVE:
    case SQL_ENTRY_TO:
    case SQL_ENTRY_DELETE:
    case SQL_ITEM_ENTRY:
    case SQL_ITEM_DROPPED:
        return 1;
    default:
        return 0;
    }
}

int store_run(struct store *store, enum sql id, const char *types, ...)
{
    if (store->tx == TX_NONE)
        return E_INVALID;
    struct buf *log = &store->log.bytes;
    size_t at = log->n;
    va_list ap;
    va_start(ap, types);
    int status = make_room(log, size_of(types, ap));
    va_end(ap);
    if (status != OK)
        return status;
    va_start(ap, types);
    append(log, id, types, ap);
    va_end(ap);
    store->visible |= shows(id);
    notice_rollback(store);
    if (store->tx == TX_FAILED)
        return OK;
    status = run_at(store, &at);
    if (status == OK)
        return OK;
    if (status == E_INVALID || status == E_LIMIT)
        return status; /* a mistake in the statement, or a value too large: not the disk's fault */
    store_fail(store, status);
    return OK;
}

size_t store_mark(const struct store *store)
{
    return store->log.bytes.n;
}

int store_rewind(struct store *store, size_t mark, int status)
{
    if (status >= 0 || store->tx == TX_NONE || store->log.bytes.n == mark)
        return status;
    store_fail(store, status);
    store->log.bytes.n = mark;
    store->last_attempt_ms = 0;
    free(store->last_source); /* its row may be among what is forgotten */
    store->last_source = NULL;
    return status;
}

int store_repeat(struct store *store)
{
    int status = db_status(sqlite3_exec(store->db.handle, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    for (size_t at = 0; status == OK && at < store->log.bytes.n;) {
        status = run_at(store, &at);
        if (status == E_INVALID || status == E_LIMIT)
            status = OK; /* it failed the first time too, and its caller knows */
    }
    if (status != OK) {
        store_fail(store, status);
        return status;
    }
    store->tx = TX_OPEN;
    return OK;
}

int store_readable(struct store *store)
{
    notice_rollback(store);
    if (store->tx != TX_FAILED)
        return OK;
    if (clock_ms() - store->last_attempt_ms < 200)
        return store->failure;
    return store_repeat(store);
}
