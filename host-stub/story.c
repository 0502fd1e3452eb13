/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts become stories. Nearly always a newcomer joins one story or none: its story is simply
 * merged with that of whom it points to. Only where something is taken back, or a person's ruling
 * lies near, the partition around it is made anew from the graph.
 */
#include "story.h"

#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "status.h"
#include "story_parts.h"

static int joins(uint32_t kind)
{
    return kind == WN_EDITION || kind == WN_DUPLICATE;
}

int story_of(struct store *store, int64_t item, int64_t *story)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_ITEM_GET, &status, "i", item);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got ? got : E_ABSENT;
    *story = sqlite3_column_int64(stmt, 2);
    sqlite3_reset(stmt);
    return OK;
}

/* ---- the quick way: two stories become one ---- */

static int note_items(struct applying *a, int64_t story, size_t *n, int64_t *last)
{
    *n = 0;
    int status = OK, failed = OK;
    sqlite3_stmt *stmt = db_query(&a->store->db, SQL_STORY_IDS, &status, "i", story);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        *last = sqlite3_column_int64(stmt, 0);
        ++*n;
        if (failed == OK)
            failed = ids_add(&a->changed, *last);
    }
    return status ? status : failed;
}

int stories_merge(struct applying *a, int64_t one, int64_t other, int64_t *story)
{
    struct store *store = a->store;
    int64_t to = one < other ? one : other, from = one < other ? other : one, since = 0;
    *story = to;
    if (one == other)
        return OK;
    size_t n = 0;
    int64_t last = 0;
    int status = note_items(a, from, &n, &last);
    int waits = OK;
    if (status == OK) {
        waits = db_number(&store->db, SQL_WAITING_GET, &since, "i", from);
        status = waits == E_ABSENT ? OK : waits;
    }
    if (status == OK)
        status = store_run(store, SQL_STORY_MOVE, "ii", from, to);
    if (status == OK)
        status = store_run(store, SQL_ENTRY_MOVE, "ii", from, to);
    if (status == OK)
        status = store_run(store, SQL_WAITING_DELETE, "i", from);
    if (status == OK && waits == OK) /* entry_refresh takes it away again if the story is on show */
        status = store_run(store, SQL_WAITING_PUT, "ii", to, since);
    if (status == OK)
        status = store_run(store, SQL_STORY_WAS_MOVE, "ii", from, to);
    if (status == OK)
        status = store_run(store, SQL_STORY_WAS, "ii", from, to);
    store->visible = 1;
    /* The common case, one item more, needs no look at all the others. */
    if (status == OK && n == 1)
        return ids_add(&a->added, last);
    return status == OK ? ids_add(&a->stories, to) : status;
}

/* Joins the stories of two items, or leaves it to the slow way where a person has parted things. */
static int join_items(struct applying *a, int64_t item, int64_t of)
{
    int64_t one, other, story, apart;
    int status = story_of(a->store, item, &one);
    if (status == OK)
        status = story_of(a->store, of, &other);
    if (status == E_ABSENT)
        return OK; /* retention took it, or it never was: nothing to join */
    if (status != OK || one == other)
        return status;
    int parted = db_number(&a->store->db, SQL_RULING_APART, &apart, "i", one);
    if (parted == E_ABSENT)
        parted = db_number(&a->store->db, SQL_RULING_APART, &apart, "i", other);
    if (parted == OK)
        return ids_add(&a->seeds, item);
    return parted == E_ABSENT ? stories_merge(a, one, other, &story) : parted;
}

/* ---- words ---- */

static int seed_if_joined(struct applying *a, int64_t item, int64_t of)
{
    int status = ids_add(&a->seeds, item);
    return status == OK ? ids_add(&a->seeds, of) : status;
}

/* An updated item was judged anew: its old words go, and those that joined it to a story must be
 * said again to hold. */
static int clear_words(struct applying *a, int64_t item)
{
    int status = OK, failed = OK;
    sqlite3_stmt *stmt = db_query(&a->store->db, SQL_VERDICT_OF, &status, "i", item);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1)
        if (failed == OK && joins((uint32_t)sqlite3_column_int(stmt, 1)))
            failed = seed_if_joined(a, item, sqlite3_column_int64(stmt, 2));
    if (status == OK)
        status = failed;
    return status == OK ? store_run(a->store, SQL_VERDICT_CLEAR, "i", item) : status;
}

/* A later word about an item: what it takes back parts, what it adds joins. */
static int take_revision(struct applying *a, const struct verdict *v)
{
    struct store *store = a->store;
    int64_t story, worst = 0;
    int status = story_of(store, v->item, &story);
    if (status != OK)
        return status == E_ABSENT ? OK : status;
    sqlite3_stmt *stmt =
        db_query(&store->db, SQL_VERDICT_ONE, &status, "is", v->item, str_z(v->filter_name));
    if (!stmt)
        return status;
    if ((status = db_step(stmt)) == 1) {
        uint32_t kind = (uint32_t)sqlite3_column_int(stmt, 0);
        int64_t of = sqlite3_column_int64(stmt, 1);
        sqlite3_reset(stmt);
        status =
            joins(kind) && (!joins(v->kind) || of != v->of) ? seed_if_joined(a, v->item, of) : OK;
    }
    if (status == OK)
        status = store_put_verdict(store, v);
    if (status == OK)
        status = ids_add(&a->changed, v->item);
    if (status == OK)
        status = ids_add(&a->stories, story);
    store->visible = 1;
    if (status == OK)
        status = db_number(&store->db, SQL_VERDICT_DROP, &worst, "i", v->item);
    if (status == OK)
        status = store_run(store, SQL_ITEM_DROPPED, "ii", v->item, (int64_t)(worst == WN_DROP));
    if (status == OK && joins(v->kind))
        status = join_items(a, v->item, v->of);
    return status;
}

int stories_apply(struct store *store, const struct config *config, struct epoch *epoch,
                  topic_label_fn label, void *user)
{
    struct applying a = {.store = store, .config = config, .label = label, .user = user};
    size_t begin = store_mark(store);
    a.live = calloc(epoch->n_items + 1, sizeof *a.live);
    int status = a.live ? store_readable(store) : E_NOMEM;
    for (size_t i = 0; i < epoch->n_items && status == OK; i++) {
        const struct epoch_item *e = &epoch->items[i];
        if (e->identity == ITEM_SAME)
            continue;
        if (!e->item->story) { /* retention had taken it; it is back */
            e->item->story = store->counters.next_story++;
            status = store_run(store, SQL_ITEM_STORY, "ii", e->item->id, e->item->story);
        }
        if (status == OK)
            status = ids_add(&a.changed, e->item->id);
        if (status == OK) {
            size_t at = ids_find(&a.changed, e->item->id);
            a.live[at] = e->item;
            a.n_live = at >= a.n_live ? at + 1 : a.n_live;
        }
        if (status == OK)
            status = ids_add(&a.stories, e->item->story);
        if (status == OK && e->identity == ITEM_UPDATED)
            status = clear_words(&a, e->item->id);
    }
    for (size_t i = 0; i < epoch->n_verdicts && status == OK; i++)
        status = store_put_verdict(store, &epoch->verdicts[i]);
    for (size_t i = 0; i < epoch->n_verdicts && status == OK; i++)
        if (joins(epoch->verdicts[i].kind))
            status = join_items(&a, epoch->verdicts[i].item, epoch->verdicts[i].of);
    for (size_t i = 0; i < epoch->n_revisions && status == OK; i++)
        status = take_revision(&a, &epoch->revisions[i]);
    if (status == OK)
        status = stories_repart(&a);
    for (size_t i = 0; i < epoch->n_items && status == OK; i++) {
        struct item *item = epoch->items[i].item;
        status = story_of(store, item->id, &item->story);
        if (status == E_ABSENT)
            status = OK; /* known by its guid alone */
    }
    status = stories_finish(&a, status);
    return store_rewind(store, begin, status);
}

/* ---- the end of every application ---- */

static int write_line(struct applying *a, size_t index)
{
    struct reader *reader = store_reader(a->store);
    int64_t id = a->changed.list[index];
    struct item *read = NULL, *item = index < a->n_live ? a->live[index] : NULL;
    struct arena arena;
    struct verdict final;
    struct buf line;
    arena_init(&arena, 0);
    buf_init(&line, LIMIT_EVENT);
    int status = item ? OK : reader_item(reader, id, &read);
    if (status == OK) {
        status = reader_final(reader, id, &arena, &final);
        if (status == OK || status == E_ABSENT)
            status = event_item(&line, item ? item : read, status == OK ? &final : NULL,
                                a->store->now, a->label, a->user);
    }
    if (status == OK)
        status = store_event(a->store, line.p, line.n);
    if (status == E_ABSENT || status == E_CORRUPT || status == E_VERSION || status == E_LIMIT)
        status = OK; /* one damaged item must not stop the others */
    item_destroy(read);
    buf_finish(&line);
    arena_finish(&arena);
    return status;
}

int stories_finish(struct applying *a, int status)
{
    if (status == OK)
        status = store_readable(a->store);
    for (size_t i = 0; i < a->stories.n && status == OK; i++)
        status = entry_refresh(a->store, a->config, a->stories.list[i], 0, NULL);
    for (size_t i = 0; i < a->added.n && status == OK; i++)
        status = entry_add(a->store, a->config, a->added.list[i]);
    for (size_t i = 0; i < a->changed.n && status == OK; i++)
        status = write_line(a, i);
    ids_finish(&a->changed);
    ids_finish(&a->added);
    ids_finish(&a->stories);
    ids_finish(&a->seeds);
    free(a->live);
    a->live = NULL;
    return status;
}
