/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention. An item leaves with its text, topics and verdicts; its guid stays. What pointed to it
 * points to its heir from then on, another item of its story, so that a story doesn't fall apart
 * when the item in its middle grows old. Words that a person's ruling made void go with it, and so
 * does the ruling.
 */
#include <stdlib.h>

#include "status.h"
#include "store_db.h"

enum { DAY = 86400 };

/* Whom it pointed to; else the youngest of those that point to it or that a person joined with it,
 * so that the words of a large story are not moved again with each item that leaves. 0: none. */
static int heir_of(struct store *store, int64_t item, int64_t story, int64_t *heir)
{
    static const enum sql ways[] = {SQL_HEIR_OUT, SQL_HEIR_IN, SQL_HEIR_RULED};
    int status = E_ABSENT;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && status == E_ABSENT; i++)
        status = db_number(&store->db, ways[i], heir, "ii", item, story);
    if (status == E_ABSENT)
        *heir = 0;
    return status == E_ABSENT ? OK : status;
}

static int leave_to_heir(struct store *store, int64_t item, int64_t heir, int64_t story)
{
    int status = store_run(store, SQL_HEIR_MOVE, "iii", item, heir, story);
    if (status == OK)
        status = store_run(store, SQL_HEIR_HOLD, "iiii", item, heir, story, store->now);
    return status == OK ? store_run(store, SQL_HEIR_RULE, "iii", item, heir, story) : status;
}

static int remove_item(struct store *store, int64_t item, int64_t story)
{
    int64_t heir = 0, left = 0;
    int status = heir_of(store, item, story, &heir);
    if (status == OK && heir)
        status = leave_to_heir(store, item, heir, story);
    if (status == OK)
        status = store_run(store, SQL_HEIR_FREE, "i", item);
    if (status == OK)
        status = store_run(store, SQL_RULING_DELETE, "i", item);
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
