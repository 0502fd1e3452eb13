/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters' keys. Within a transaction what a filter puts stays in memory, where the next get finds
 * it, and becomes rows at the commit: a counter that an epoch touches a thousand times is written
 * once, and rows go in the order of the table, which keeps few pages busy.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "log.h"
#include "status.h"
#include "store_db.h"

void kv_overlay_reset(struct kv_overlay *o)
{
    if (o->cap > 65536) {
        free(o->slots);
        o->slots = NULL;
        o->cap = 0;
    } else if (o->n) {
        memset(o->slots, 0, o->cap * sizeof *o->slots);
    }
    o->n = o->bytes = 0;
    if (o->arena.used > MIB(4))
        arena_finish(&o->arena);
    else
        arena_reset(&o->arena);
}

static uint64_t key_hash(int filter, wn_str key)
{
    return XXH3_64bits_withSeed(key.ptr ? key.ptr : "", key.len, (uint64_t)filter);
}

/* The entry of this key, or the free slot where it would go. cap is not 0. */
static struct kv_entry *find(struct kv_overlay *o, uint64_t hash, int filter, wn_str key)
{
    for (size_t i = hash & (o->cap - 1);; i = (i + 1) & (o->cap - 1)) {
        struct kv_entry *e = &o->slots[i];
        if (!e->state || (e->hash == hash && e->filter == filter && str_eq(e->key, key)))
            return e;
    }
}

static int make_room(struct kv_overlay *o)
{
    if (o->n * 4 < o->cap * 3)
        return OK;
    struct kv_overlay bigger = {.cap = o->cap ? o->cap * 2 : 256};
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return E_NOMEM;
    for (size_t i = 0; i < o->cap; i++)
        if (o->slots[i].state)
            *find(&bigger, o->slots[i].hash, o->slots[i].filter, o->slots[i].key) = o->slots[i];
    free(o->slots);
    o->slots = bigger.slots;
    o->cap = bigger.cap;
    return OK;
}

int store_load_filters(struct store *store)
{
    int status = OK;
    memset(store->filters, 0, sizeof store->filters);
    store->n_filters = 0;
    sqlite3_stmt *stmt = db_stmt(&store->db, SQL_FILTER_EACH, &status);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        int64_t id = sqlite3_column_int64(stmt, 0);
        wn_str name = db_text(stmt, 1);
        if (id <= 0 || id >= KV_FILTERS || name.len >= sizeof store->filters[0])
            continue;
        memcpy(store->filters[id], name.ptr, name.len);
        if (id > store->n_filters)
            store->n_filters = (int)id;
    }
    return status;
}

/* 0: not known yet. */
static int filter_number(const struct store *store, const char *filter)
{
    for (int i = 1; i <= store->n_filters; i++)
        if (strcmp(store->filters[i], filter) == 0)
            return i;
    return 0;
}

static int make_filter(struct store *store, const char *filter, int *number)
{
    size_t len = strlen(filter);
    if (store->n_filters + 1 >= KV_FILTERS)
        return E_LIMIT;
    if (len >= sizeof store->filters[0])
        return E_INVALID;
    int id = store->n_filters + 1;
    int status = store_run(store, SQL_FILTER_NEW, "is", (int64_t)id, str_z(filter));
    if (status != OK)
        return status;
    memcpy(store->filters[id], filter, len + 1);
    store->n_filters = id;
    *number = id;
    return OK;
}

/* Copies the first column out, since a statement left open would hold the old state of the file. */
static int fetch_value(sqlite3_stmt *stmt, struct buf *to, wn_str *value)
{
    int got = db_step(stmt);
    if (got != 1)
        return got ? got : E_ABSENT;
    wn_str v = db_blob(stmt, 0);
    buf_reset(to);
    int status = v.ptr ? buf_addstr(to, v) : E_NOMEM;
    if (status == OK)
        status = buf_add(to, "", 0); /* an empty value is there, too */
    sqlite3_reset(stmt);
    if (status == OK)
        *value = str_of(to->p, to->n);
    return status;
}

int store_kv_get(struct store *store, const char *filter, wn_str key, wn_str *value)
{
    int number = filter_number(store, filter);
    if (!number)
        return E_ABSENT;
    if (store->overlay.n) {
        struct kv_entry *e = find(&store->overlay, key_hash(number, key), number, key);
        if (e->state) {
            if (!e->value.ptr)
                return E_ABSENT;
            *value = e->value;
            return OK;
        }
    }
    int status = store_readable(store);
    if (status != OK)
        return status;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_KV_GET, &status, "ib", (int64_t)number, key);
    return stmt ? fetch_value(stmt, &store->reader.value, value) : status;
}

int store_kv_put(struct store *store, const char *filter, wn_str key, wn_str value, int64_t expires)
{
    if (store->tx == TX_NONE || !key.ptr)
        return E_INVALID;
    if (key.len > LIMIT_KV_KEY || (value.ptr && value.len > LIMIT_KV_VALUE))
        return E_LIMIT;
    int number = filter_number(store, filter);
    int status = number ? OK : make_filter(store, filter, &number);
    struct kv_overlay *o = &store->overlay;
    if (status == OK)
        status = make_room(o);
    if (status != OK)
        return status;
    uint64_t hash = key_hash(number, key);
    struct kv_entry *e = find(o, hash, number, key);
    wn_str kept_key = e->state ? e->key : arena_str(&o->arena, key.ptr, key.len);
    wn_str kept = {NULL, 0};
    if (value.ptr && e->state && e->value.ptr && value.len <= e->value.len) {
        /* In place: a counter written again and again takes no more room. The old value dies with
         * the next call, which this is; the new one may be a piece of it. */
        memmove((char *)e->value.ptr, value.ptr, value.len);
        kept = str_of(e->value.ptr, value.len);
    } else if (value.ptr) {
        kept = arena_str(&o->arena, value.ptr, value.len);
    }
    if (!kept_key.ptr || (value.ptr && !kept.ptr))
        return o->arena.used > LIMIT_EPOCH_LOG - 2 * LIMIT_KV_VALUE ? E_LIMIT : E_NOMEM;
    if (!e->state)
        o->n++;
    *e = (struct kv_entry){.hash = hash,
                           .filter = number,
                           .state = 1,
                           .expires = expires,
                           .key = kept_key,
                           .value = kept};
    return OK;
}

static int by_place(const void *a, const void *b)
{
    const struct kv_entry *x = *(struct kv_entry *const *)a, *y = *(struct kv_entry *const *)b;
    if (x->filter != y->filter)
        return x->filter < y->filter ? -1 : 1;
    size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = memcmp(x->key.ptr, y->key.ptr, n);
    return order ? order : x->key.len < y->key.len ? -1 : x->key.len > y->key.len;
}

int store_kv_flush(struct store *store)
{
    struct kv_overlay *o = &store->overlay;
    if (!o->n)
        return OK;
    struct kv_entry **order = malloc(o->n * sizeof(struct kv_entry *));
    if (!order)
        return E_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < o->cap; i++)
        if (o->slots[i].state == 1)
            order[n++] = &o->slots[i];
    if (n)
        qsort(order, n, sizeof(struct kv_entry *), by_place);
    int status = OK;
    for (size_t i = 0; i < n && status == OK; i++) {
        struct kv_entry *e = order[i];
        if (e->value.ptr)
            status = store_run(store, SQL_KV_PUT, "ibbi", (int64_t)e->filter, e->key, e->value,
                               e->expires);
        else
            status = store_run(store, SQL_KV_DELETE, "ib", (int64_t)e->filter, e->key);
        if (status == OK)
            e->state = 2; /* it stays for gets */
    }
    free(order);
    return status;
}

int store_kv_scan(struct store *store, const char *filter, wn_str prefix, wn_kv_fn fn, void *user)
{
    int number = filter_number(store, filter);
    if (!number)
        return OK;
    int status = store->tx == TX_NONE ? OK : store_kv_flush(store);
    if (status == OK)
        status = store_readable(store);
    if (status != OK)
        return status;
    /* A statement of its own: fn may scan, too. */
    sqlite3_stmt *stmt = NULL;
    status = db_status(sqlite3_prepare_v2(store->db.handle, db_sql(SQL_KV_SCAN), -1, &stmt, NULL));
    if (status != OK)
        return status;
    sqlite3_bind_int64(stmt, 1, number);
    sqlite3_bind_blob64(stmt, 2, prefix.ptr ? prefix.ptr : "", prefix.len, SQLITE_STATIC);
    while ((status = db_step(stmt)) == 1) {
        wn_str key = db_blob(stmt, 0), value = db_blob(stmt, 1);
        if (key.len < prefix.len || (prefix.len && memcmp(key.ptr, prefix.ptr, prefix.len) != 0)) {
            status = OK;
            break;
        }
        if (fn(user, key, value) != 0) {
            status = OK;
            break;
        }
    }
    sqlite3_finalize(stmt);
    return status;
}

int reader_kv_get(struct reader *reader, const char *filter, wn_str key, wn_str *value)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(reader->db, SQL_KV_GET_NAMED, &status, "sb", str_z(filter), key);
    return stmt ? fetch_value(stmt, &reader->value, value) : status;
}
