/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who an item is: source and guid (or what stands for it) → id. A guid is remembered while its
 * source lists it and for GUID_MEMORY_DAYS more; it outlives the item itself.
 *
 * Feeds exist that give all items one guid. Once two items of one document are seen under one
 * guid, that guid is marked, and from then on its items are known by guid, link and title together.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "status.h"
#include "store_db.h"

enum { DAY = 86400 };

void seen_reset(struct seen *seen)
{
    if (seen->cap > 65536) {
        free(seen->slots);
        seen->slots = NULL;
        seen->cap = 0;
    } else if (seen->n) {
        memset(seen->slots, 0, seen->cap * sizeof *seen->slots);
    }
    seen->n = 0;
    seen->document = seen->source = 0;
}

static struct seen_guid *seen_find(struct seen *seen, const uint64_t key[2])
{
    for (size_t i = key[0] & (seen->cap - 1);; i = (i + 1) & (seen->cap - 1)) {
        struct seen_guid *e = &seen->slots[i];
        if (!e->used || (e->key[0] == key[0] && e->key[1] == key[1]))
            return e;
    }
}

static int seen_make_room(struct seen *seen)
{
    if (seen->n * 4 < seen->cap * 3)
        return OK;
    struct seen bigger = {.cap = seen->cap ? seen->cap * 2 : 256};
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return E_NOMEM;
    for (size_t i = 0; i < seen->cap; i++)
        if (seen->slots[i].used)
            *seen_find(&bigger, seen->slots[i].key) = seen->slots[i];
    free(seen->slots);
    seen->slots = bigger.slots;
    seen->cap = bigger.cap;
    return OK;
}

static void hash_key(const struct item *item, uint64_t key[2], uint64_t mark[2])
{
    char buf[40];
    wn_str k = item_key(item, buf);
    XXH128_hash_t h = XXH3_128bits(k.ptr, k.len);
    key[0] = h.low64;
    key[1] = h.high64;
    wn_str more[] = {item->link, item->title};
    for (int i = 0; i < 2; i++) {
        uint64_t seed = h.low64 ^ (h.high64 * 31) ^ (uint64_t)(i + 1);
        h = XXH3_128bits_withSeed(more[i].ptr ? more[i].ptr : "", more[i].len, seed);
    }
    mark[0] = h.low64;
    mark[1] = h.high64;
}

struct guid_row {
    int64_t item, hash, revision, listed;
    int dropped, ambiguous;
};

/* 1: found, 0: not, or a failure. */
static int guid_get(struct store *store, int64_t source, const uint64_t key[2],
                    struct guid_row *row)
{
    int status = store_readable(store);
    if (status != OK)
        return status;
    sqlite3_stmt *stmt =
        db_query(&store->db, SQL_GUID_GET, &status, "ib", source, str_of((const char *)key, 16));
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got;
    row->item = sqlite3_column_int64(stmt, 0);
    row->hash = sqlite3_column_int64(stmt, 1);
    row->revision = sqlite3_column_int64(stmt, 2);
    row->listed = sqlite3_column_int64(stmt, 3);
    row->dropped = sqlite3_column_type(stmt, 4) != SQLITE_NULL;
    row->ambiguous = sqlite3_column_int(stmt, 5);
    sqlite3_reset(stmt);
    return 1;
}

static int guid_put(struct store *store, int64_t source, const uint64_t key[2],
                    struct guid_row *row)
{
    return store_run(store, SQL_GUID_PUT, "ibiiii", source, str_of((const char *)key, 16),
                     row->item, row->hash, row->revision, row->listed);
}

int store_source_id(struct store *store, wn_str url, int64_t *id)
{
    if (store->last_source && str_eqz(url, store->last_source)) {
        *id = store->last_source_id;
        return OK;
    }
    int status = store_readable(store);
    if (status != OK)
        return status;
    int64_t found = 0;
    status =
        db_number(&store->db, SQL_SOURCE_ID, &found, "s", str_of(url.ptr ? url.ptr : "", url.len));
    if (status == E_ABSENT) {
        found = store->last_source_row + 1;
        status =
            store_run(store, SQL_SOURCE_NEW, "is", found, str_of(url.ptr ? url.ptr : "", url.len));
        if (status == OK)
            store->last_source_row = found;
    }
    if (status != OK)
        return status;
    char *copy = strndup(url.ptr ? url.ptr : "", url.len);
    if (copy) {
        free(store->last_source);
        store->last_source = copy;
        store->last_source_id = found;
    }
    *id = found;
    return OK;
}

/* What the feed said of it, for explain; without memory, or too large: not kept. */
static void remember_original(struct store *store, const struct item *item)
{
    struct buf b;
    buf_init(&b, LIMIT_ORIGINAL);
    if (item_encode(item, &b) != OK)
        return;
    if (store->n_originals == store->cap_originals) {
        size_t cap = store->cap_originals ? store->cap_originals * 2 : 64;
        struct original *more = realloc(store->originals, cap * sizeof *more);
        if (!more) {
            buf_finish(&b);
            return;
        }
        store->originals = more;
        store->cap_originals = cap;
    }
    struct original *o = &store->originals[store->n_originals++];
    o->item = item->id;
    o->n = b.n;
    o->bytes = buf_take(&b, NULL);
}

/* Fills what the item row knows; *known 0: retention removed it. */
static int fill_known(struct store *store, struct item *item, int *known)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_ITEM_GET, &status, "i", item->id);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got < 0)
        return got;
    *known = got;
    item->story = 0;
    if (got) {
        item->arrived = sqlite3_column_int64(stmt, 1);
        item->story = sqlite3_column_int64(stmt, 2);
        sqlite3_reset(stmt);
    }
    return OK;
}

/* Which key to look under, and the row there. An item that this document has listed already gets
 * *again set. Nothing is noted yet, so that all of it can be repeated when reading fails. */
static int look_up(struct store *store, int64_t source, struct item *item, uint64_t key[2],
                   uint64_t mark[2], struct guid_row *row, int *again)
{
    struct seen *seen = &store->seen;
    hash_key(item, key, mark);
    if (seen->document != item->document || seen->source != source)
        seen_reset(seen);
    seen->document = item->document;
    seen->source = source;
    int status = seen_make_room(seen);
    int found = status == OK ? guid_get(store, source, key, row) : status;
    if (found < 0)
        return found;
    struct seen_guid *e = seen_find(seen, key);
    int same =
        e->used && ((e->mark[0] == mark[0] && e->mark[1] == mark[1]) || e->hash == item->hash);
    if (found && !row->ambiguous && e->used && !same) {
        status = guid_put(store, source, e->mark, row);
        if (status == OK)
            status =
                store_run(store, SQL_GUID_AMBIGUOUS, "ib", source, str_of((const char *)key, 16));
        if (status != OK)
            return status;
        row->ambiguous = 1;
    }
    if (found && row->ambiguous) {
        memcpy(key, mark, 2 * sizeof *key);
        found = guid_get(store, source, key, row);
        if (found < 0)
            return found;
        e = seen_find(seen, key);
        same = e->used;
    }
    *again = found && e->used && same;
    return found;
}

/* Room was made by look_up. */
static void seen_add(struct seen *seen, const uint64_t key[2], const uint64_t mark[2],
                     uint64_t hash)
{
    struct seen_guid *e = seen_find(seen, key);
    seen->n += !e->used;
    e->used = 1;
    memcpy(e->key, key, sizeof e->key);
    memcpy(e->mark, mark, sizeof e->mark);
    e->hash = hash;
}

static int new_item(struct store *store, int64_t source, const uint64_t key[2], struct item *item)
{
    struct guid_row row = {
        .item = store->counters.next_item, .hash = (int64_t)item->hash, .listed = item->arrived};
    int status = guid_put(store, source, key, &row);
    if (status != OK)
        return status;
    item->id = store->counters.next_item++;
    item->story = store->counters.next_story++;
    item->revision = 0;
    remember_original(store, item);
    return ITEM_NEW;
}

/* An item whose guid has been seen before, in this document (again) or an earlier one. */
static int known_item(struct store *store, int64_t source, const uint64_t key[2],
                      struct guid_row *row, int again, struct item *item)
{
    int64_t seen_at = item->arrived;
    int known = 0;
    item->id = row->item;
    item->revision = row->revision;
    int status = fill_known(store, item, &known);
    if (status != OK || again)
        return status == OK ? ITEM_SAME : status;
    int changed = row->hash != (int64_t)item->hash;
    /* Once the item itself is gone, a late correction of it is no news. */
    int updated = changed && known;
    if (changed || row->dropped || row->listed < seen_at - DAY) {
        row->hash = (int64_t)item->hash;
        row->revision += updated;
        row->listed = seen_at;
        status = guid_put(store, source, key, row);
        if (status != OK)
            return status;
    }
    item->revision = row->revision;
    if (updated)
        remember_original(store, item);
    return updated ? ITEM_UPDATED : ITEM_SAME;
}

int store_identify(struct store *store, struct item *item)
{
    if (store->tx == TX_NONE)
        return E_INVALID;
    if (!item->hash)
        item->hash = item_hash(item);
    if (item->arrived == TIME_ABSENT)
        item->arrived = store->now;
    int64_t source, arrived = item->arrived;
    uint64_t key[2], mark[2];
    struct guid_row row = {0};
    int again = 0;
    size_t begin = store_mark(store);
    int status = store_source_id(store, item->source_key, &source);
    if (status != OK)
        return status;
    int found = look_up(store, source, item, key, mark, &row, &again);
    if (found < 0)
        return store_rewind(store, begin, found);
    int identity = found ? known_item(store, source, key, &row, again, item)
                         : new_item(store, source, key, item);
    if (identity < 0) {
        item->arrived = arrived;
        return store_rewind(store, begin, identity);
    }
    seen_add(&store->seen, key, mark, item->hash);
    return identity;
}
