/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention. An item leaves with its text, topics and verdicts; its guid stays. Other items'
 * verdicts that point to it are moved to a neighbour, so that a story doesn't fall apart when the
 * item in its middle grows old.
 */
#include <stdlib.h>

#include "status.h"
#include "store_db.h"

enum { DAY = 86400 };

/* The item that takes the place of a leaving one in its story: whom it pointed to, else the oldest
 * of those that point to it. 0: none. */
static int heir_of(struct store *store, int64_t item, int64_t *heir)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_VERDICT_OF, &status, "i", item);
    if (!stmt)
        return status;
    int64_t best = 0;
    while ((status = db_step(stmt)) == 1) {
        int kind = sqlite3_column_int(stmt, 1);
        if (!best && (kind == WN_EDITION || kind == WN_DUPLICATE))
            best = sqlite3_column_int64(stmt, 2);
    }
    if (status != OK)
        return status;
    stmt = best ? NULL : db_query(&store->db, SQL_VERDICT_TO, &status, "i", item);
    while (stmt && (status = db_step(stmt)) == 1) {
        int kind = sqlite3_column_int(stmt, 2);
        if (!best && (kind == WN_EDITION || kind == WN_DUPLICATE))
            best = sqlite3_column_int64(stmt, 0);
    }
    if (status == OK)
        *heir = best;
    return status;
}

/* Persons' "together" outlives the item that it was said of. */
static int move_rulings(struct store *store, int64_t item, int64_t heir)
{
    int64_t others[256], times[256];
    size_t n = 0;
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_RULING_OF, &status, "i", item);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        int64_t a = sqlite3_column_int64(stmt, 0), b = sqlite3_column_int64(stmt, 1);
        if (sqlite3_column_int(stmt, 2) == WN_TOGETHER && n < 256) {
            times[n] = sqlite3_column_int64(stmt, 3);
            others[n++] = a == item ? b : a;
        }
    }
    if (status == OK)
        status = store_run(store, SQL_RULING_DELETE, "i", item);
    int64_t to = heir ? heir : n ? others[0] : 0;
    for (size_t i = 0; i < n && status == OK; i++)
        if (others[i] != to)
            status = store_run(store, SQL_RULING_PUT, "iiii", to < others[i] ? to : others[i],
                               to < others[i] ? others[i] : to, (int64_t)WN_TOGETHER, times[i]);
    return status;
}

static int remove_item(struct store *store, int64_t item, int64_t story)
{
    int64_t heir = 0, left = 0;
    int status = heir_of(store, item, &heir);
    if (status == OK && heir)
        status = store_run(store, SQL_VERDICT_FREE, "ii", item, heir);
    if (status == OK && heir)
        status = store_run(store, SQL_VERDICT_MOVE, "ii", item, heir);
    if (status == OK)
        status = move_rulings(store, item, heir);
    if (status == OK)
        status = store_run(store, SQL_VERDICT_CLEAR, "i", item);
    if (status == OK)
        status = store_run(store, SQL_TOPICS_CLEAR, "i", item);
    if (status == OK)
        status = store_run(store, SQL_BODY_DELETE, "i", item);
    if (status == OK)
        status = store_run(store, SQL_ENTRY_FACE_GONE, "ii", story, item);
    if (status == OK)
        status = store_run(store, SQL_ITEM_DELETE, "i", item);
    if (status != OK || (status = store_readable(store)) != OK)
        return status;
    status = db_number(&store->db, SQL_STORY_COUNT, &left, "i", story);
    if (status != OK || left > 0)
        return status;
    status = store_run(store, SQL_ENTRY_DELETE, "i", story);
    if (status == OK)
        status = store_run(store, SQL_WAITING_DELETE, "i", story);
    return status == OK ? store_run(store, SQL_STORY_WAS_DELETE, "i", story) : status;
}

int store_retain(struct store *store, int64_t now, int64_t window, int64_t within, int64_t keep,
                 size_t most, void (*fn)(void *user, int64_t item), void *user, size_t *removed)
{
    struct old {
        int64_t item, story;
    } *old = NULL;
    size_t n = 0, begin = store_mark(store);
    int64_t nth = 0;
    int status = store_run(store, SQL_GUID_PURGE, "i", now - (int64_t)GUID_MEMORY_DAYS * DAY);
    /* Once a day: sources that nobody polls any more list nothing, either. */
    if (status == OK && now - store->orphans_at > DAY) {
        store->orphans_at = now;
        status =
            store_run(store, SQL_GUID_ORPHANS, "ii", now, now - (int64_t)GUID_MEMORY_DAYS * DAY);
    }
    if (status == OK)
        status = store_readable(store);
    if (status != OK)
        return status;
    if (most > 65536)
        most = 65536;
    /* Entries by number: those from the keep-th newest on are shown. Fewer: all of them (nth 0). */
    status = db_number(&store->db, SQL_ENTRY_NTH, &nth, "i", keep > 0 ? keep - 1 : 0);
    if (status != OK && status != E_ABSENT)
        return status;
    if (keep <= 0)
        nth = INT64_MAX;
    old = malloc((most ? most : 1) * sizeof *old);
    if (!old)
        return E_NOMEM;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_ITEM_OLD, &status, "iiii", now - window, nth,
                                  now - within, (int64_t)most);
    if (!stmt)
        goto out;
    while ((status = db_step(stmt)) == 1 && n < most) {
        old[n].item = sqlite3_column_int64(stmt, 0);
        old[n++].story = sqlite3_column_int64(stmt, 1);
    }
    if (status == 1) {
        sqlite3_reset(stmt);
        status = OK;
    }
    for (size_t i = 0; i < n && status == OK; i++) {
        status = remove_item(store, old[i].item, old[i].story);
        if (status == OK && fn)
            fn(user, old[i].item);
    }
    if (status == OK)
        *removed = n;
out:
    free(old);
    return store_rewind(store, begin, status);
}
