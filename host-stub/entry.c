/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries: what of the stories is on show. A story waits first, so that its editions can arrive;
 * then an entry is made, which keeps its id for ever. Each item belongs to the entry that it came
 * under, and an entry's face is chosen among its own items, so that two entries of one story (they
 * were shown before they turned out one) never show the same.
 */
#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "story_parts.h"

struct shown {
    int64_t id, face, updated;
};

struct view {
    struct store *store;
    const struct config *config;
    int64_t story;
    struct candidate *items;
    size_t n_items;
    struct shown *entries;
    size_t n_entries, cap_entries;
    int changed;
};

static void candidate_of_row(const struct config *config, sqlite3_stmt *stmt, struct candidate *c)
{
    memset(c, 0, sizeof *c);
    c->item = sqlite3_column_int64(stmt, 0);
    c->entry = sqlite3_column_int64(stmt, 1);
    c->dropped = sqlite3_column_int(stmt, 2);
    lang_canonical(db_text(stmt, 3), c->lang);
    c->length = sqlite3_column_int64(stmt, 4);
    wn_str url = db_text(stmt, 5);
    const struct source *source = config && url.ptr ? config_source(config, url.ptr) : NULL;
    c->priority = source ? source->priority : 0;
    c->order = config ? config_source_order(config, source) : 0;
    c->arrived = sqlite3_column_int64(stmt, 6);
    c->changed = sqlite3_column_int64(stmt, 7);
    c->story = sqlite3_column_int64(stmt, 8);
}

static int load_entries(struct view *v)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&v->store->db, SQL_ENTRY_OF_STORY, &status, "i", v->story);
    while (stmt && (status = db_step(stmt)) == 1) {
        if (v->n_entries == v->cap_entries) {
            size_t cap = v->cap_entries ? v->cap_entries * 2 : 4;
            struct shown *more = realloc(v->entries, cap * sizeof *more);
            if (!more) {
                sqlite3_reset(stmt);
                return E_NOMEM;
            }
            v->entries = more;
            v->cap_entries = cap;
        }
        v->entries[v->n_entries++] =
            (struct shown){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                           sqlite3_column_int64(stmt, 3)};
    }
    return status;
}

int candidates_load(struct db *db, const struct config *config, int64_t story,
                    struct candidate **list, size_t *n_out)
{
    struct candidate *items = NULL;
    size_t n = 0, cap = 0;
    int status = OK;
    sqlite3_stmt *stmt = db_query(db, SQL_STORY_ITEMS, &status, "i", story);
    while (stmt && (status = db_step(stmt)) == 1) {
        if (n == cap) {
            size_t grown = cap ? cap * 2 : 8;
            struct candidate *more = realloc(items, grown * sizeof *more);
            if (!more) {
                sqlite3_reset(stmt);
                status = E_NOMEM;
                break;
            }
            items = more;
            cap = grown;
        }
        candidate_of_row(config, stmt, &items[n++]);
    }
    if (status != OK) {
        free(items);
        return status;
    }
    *list = items;
    *n_out = n;
    return OK;
}

static int unwait(struct view *v)
{
    int64_t since;
    int waits = db_number(&v->store->db, SQL_WAITING_GET, &since, "i", v->story);
    if (waits == OK)
        return store_run(v->store, SQL_WAITING_DELETE, "i", v->story);
    return waits == E_ABSENT ? OK : waits;
}

static int wait_on(struct view *v)
{
    int64_t since = INT64_MAX, known;
    for (size_t i = 0; i < v->n_items; i++)
        if (!v->items[i].dropped && v->items[i].arrived < since)
            since = v->items[i].arrived;
    int waits = db_number(&v->store->db, SQL_WAITING_GET, &known, "i", v->story);
    if (waits == OK && known <= since)
        return OK;
    if (waits != OK && waits != E_ABSENT)
        return waits;
    return store_run(v->store, SQL_WAITING_PUT, "ii", v->story, since);
}

static int make_entry(struct view *v)
{
    struct store *store = v->store;
    int64_t id = store->counters.next_entry++;
    int status =
        store_run(store, SQL_ENTRY_NEW, "iiiii", id, v->story, (int64_t)0, store->now, store->now);
    if (status != OK)
        return status;
    v->entries = calloc(1, sizeof *v->entries);
    if (!v->entries)
        return E_NOMEM;
    v->n_entries = v->cap_entries = 1;
    v->entries[0] = (struct shown){id, 0, store->now};
    v->changed = 1;
    return OK;
}

/* Every item of a story on show belongs to one of its entries; a newcomer to the oldest. */
static int place_items(struct view *v)
{
    int status = OK;
    for (size_t i = 0; i < v->n_items && status == OK; i++) {
        struct candidate *c = &v->items[i];
        size_t k = 0;
        while (k < v->n_entries && v->entries[k].id != c->entry)
            k++;
        if (k < v->n_entries)
            continue;
        c->entry = v->entries[0].id;
        status = store_run(v->store, SQL_ITEM_ENTRY, "ii", c->item, c->entry);
        v->changed = 1;
    }
    return status;
}

/* All of the story was dropped, and it has no entry: it neither waits nor belongs anywhere. */
static int hide(struct view *v)
{
    int status = unwait(v);
    for (size_t i = 0; i < v->n_items && status == OK; i++)
        if (v->items[i].entry)
            status = store_run(v->store, SQL_ITEM_ENTRY, "ii", v->items[i].item, (int64_t)0);
    return status;
}

static int set_face(struct view *v, const struct shown *e, int64_t face)
{
    v->changed = 1;
    return store_run(v->store, SQL_ENTRY_FACE, "iii", e->id, face, v->store->now);
}

static int choose_face(struct view *v, const struct shown *e)
{
    const struct candidate *now = NULL;
    for (size_t i = 0; i < v->n_items && e->face; i++)
        if (v->items[i].item == e->face && v->items[i].entry == e->id && !v->items[i].dropped)
            now = &v->items[i];
    size_t best = candidate_choose(v->config, v->items, v->n_items, e->id);
    if (best == SIZE_MAX)
        return e->face ? set_face(v, e, 0) : OK;
    if (!now ||
        (v->items[best].item != e->face && candidate_replaces(v->config, &v->items[best], now)))
        return v->items[best].item == e->face ? OK : set_face(v, e, v->items[best].item);
    if (now->changed > e->updated) {
        v->changed = 1;
        return store_run(v->store, SQL_ENTRY_UPDATED, "ii", e->id, now->changed);
    }
    return OK;
}

int entry_refresh(struct store *store, const struct config *config, int64_t story, int show,
                  int *changed)
{
    struct view v = {.store = store, .config = config, .story = story};
    int live = 0, was_shown = 0;
    int status = store_readable(store);
    if (status == OK)
        status = candidates_load(&store->db, config, story, &v.items, &v.n_items);
    if (status == OK)
        status = load_entries(&v);
    for (size_t i = 0; i < v.n_items; i++)
        if (!v.items[i].dropped) {
            live = 1;
            was_shown |= v.items[i].entry != 0;
        }
    if (status != OK || !v.n_items)
        goto out;
    if (!v.n_entries && !live) {
        status = hide(&v);
        goto out;
    }
    if (!v.n_entries && !show && !was_shown) {
        status = wait_on(&v);
        goto out;
    }
    /* What was on show already, and now stands alone, is so again at once, dated now. */
    if (!v.n_entries)
        status = make_entry(&v);
    if (status == OK)
        status = unwait(&v);
    if (status == OK)
        status = place_items(&v);
    for (size_t i = 0; i < v.n_entries && status == OK; i++)
        status = choose_face(&v, &v.entries[i]);
    store->visible |= v.changed;
out:
    if (changed)
        *changed = v.changed;
    free(v.items);
    free(v.entries);
    return status;
}

/* 1: found. */
static int load_one(struct store *store, const struct config *config, int64_t item,
                    struct candidate *c)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_STORY_ITEM, &status, "i", item);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got == 1) {
        candidate_of_row(config, stmt, c);
        sqlite3_reset(stmt);
    }
    return got;
}

int entry_add(struct store *store, const struct config *config, int64_t item)
{
    struct candidate fresh, face;
    struct view v = {.store = store, .config = config};
    int got = load_one(store, config, item, &fresh);
    if (got != 1)
        return got;
    v.story = fresh.story;
    int status = load_entries(&v);
    if (status != OK)
        goto out;
    /* One that waits on needs only the newcomer's time; one with two entries, or an item that was
     * on show itself, needs a look at everything. */
    if (v.n_entries != 1 || fresh.entry || fresh.dropped) {
        status = entry_refresh(store, config, fresh.story, 0, NULL);
        goto out;
    }
    status = unwait(&v);
    if (status == OK)
        status = store_run(store, SQL_ITEM_ENTRY, "ii", item, v.entries[0].id);
    if (status != OK)
        goto out;
    got = v.entries[0].face ? load_one(store, config, v.entries[0].face, &face) : 0;
    if (got < 0)
        status = got;
    else if (!got || face.dropped || candidate_replaces(config, &fresh, &face))
        status = set_face(&v, &v.entries[0], item);
    store->visible = 1;
out:
    free(v.entries);
    return status;
}

int stories_settle(struct store *store, const struct config *config, int64_t now, int64_t settle,
                   size_t *changed, int64_t *next)
{
    struct ids due = {0};
    size_t n = 0, begin = store_mark(store);
    int64_t since = 0, first = INT64_MAX;
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_WAITING_DUE, &status, "i", now - settle);
    while (stmt && (status = db_step(stmt)) == 1)
        if ((status = ids_add(&due, sqlite3_column_int64(stmt, 0))) != OK)
            break;
    if (stmt)
        sqlite3_reset(stmt);
    for (size_t i = 0; i < due.n && status == OK; i++) {
        int one = 0;
        status = entry_refresh(store, config, due.list[i], 1, &one);
        n += one != 0;
    }
    ids_finish(&due);
    if (status == OK)
        status = store_readable(store);
    if (status == OK)
        status = db_number(&store->db, SQL_WAITING_NEXT, &since, "");
    if (status == OK)
        first = since + settle;
    else if (status != E_ABSENT)
        return store_rewind(store, begin, status);
    *changed = n;
    *next = first;
    return OK;
}
