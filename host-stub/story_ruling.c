/* SPDX-License-Identifier: Apache-2.0 */
/* Persons' words about stories: split and join. */
#include <stdlib.h>

#include "status.h"
#include "story_parts.h"

struct ruling_run {
    struct applying applying;
    const struct ruling_listener *listener;
    struct { /* what was ruled, for the listener after the commit */
        int64_t a, b;
        uint32_t constraint;
    } * rulings;
    size_t n, cap;
};

static int rule(struct ruling_run *r, int64_t a, int64_t b, uint32_t constraint)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        void *more = realloc(r->rulings, cap * sizeof *r->rulings);
        if (!more)
            return E_NOMEM;
        r->rulings = more;
        r->cap = cap;
    }
    r->rulings[r->n].a = a;
    r->rulings[r->n].b = b;
    r->rulings[r->n++].constraint = constraint;
    int status = store_constrain(r->applying.store, a, b, constraint);
    return status == OK ? ids_add(&r->applying.seeds, a) : status;
}

static int members(struct store *store, int64_t story, struct ids *ids)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_STORY_IDS, &status, "i", story);
    while (stmt && (status = db_step(stmt)) == 1)
        if (ids->n < LIMIT_STORY && (status = ids_add(ids, sqlite3_column_int64(stmt, 0))) != OK)
            break;
    if (stmt)
        sqlite3_reset(stmt);
    return status;
}

int story_find(struct reader *reader, int64_t number, int64_t *story, int64_t *first)
{
    int64_t id = number, oldest = 0;
    int status = db_number(reader->db, SQL_STORY_FIRST, &oldest, "i", id);
    if (status == E_ABSENT) {
        status = db_number(reader->db, SQL_STORY_BECAME, &id, "i", number);
        if (status == OK)
            status = db_number(reader->db, SQL_STORY_FIRST, &oldest, "i", id);
    }
    if (status == OK) {
        *story = id;
        *first = oldest;
    }
    return status;
}

/* Without the item the others must still hang together: where its edges were all that held them, a
 * ruling takes their place. */
static int hold_together(struct ruling_run *r, int64_t item, const struct ids *all)
{
    struct graph g;
    int64_t anchor = 0;
    size_t anchor_group = SIZE_MAX;
    int status = graph_load(r->applying.store, all->list, all->n, &g);
    if (status != OK)
        return status;
    graph_part(&g, item);
    for (size_t i = 0; i < all->n && status == OK; i++) {
        size_t node = ids_find(&g.ids, all->list[i]);
        if (all->list[i] == item || node == SIZE_MAX)
            continue;
        size_t group = g.nodes[node].group;
        if (!anchor) {
            anchor = all->list[i];
            anchor_group = group;
        } else if (group != anchor_group && g.nodes[group].up != SIZE_MAX) {
            status = rule(r, anchor, all->list[i], WN_TOGETHER);
            g.nodes[group].up = SIZE_MAX; /* one ruling a group is enough */
        }
    }
    graph_finish(&g);
    return status;
}

static void begin(struct ruling_run *r, struct store *store, const struct config *config,
                  const struct ruling_listener *listener, topic_label_fn label, void *user)
{
    *r = (struct ruling_run){
        .listener = listener,
        .applying = {.store = store, .config = config, .label = label, .user = user}};
}

static int end(struct ruling_run *r, int status)
{
    struct store *store = r->applying.store;
    int64_t generation;
    if (status == OK)
        status = stories_repart(&r->applying);
    status = stories_finish(&r->applying, status);
    if (status == OK)
        status = store_commit(store, &generation);
    if (status != OK)
        store_abandon(store);
    for (size_t i = 0; i < r->n && status == OK && r->listener; i++)
        r->listener->ruled(r->listener->user, r->rulings[i].a, r->rulings[i].b,
                           r->rulings[i].constraint);
    free(r->rulings);
    return status;
}

int stories_split(struct store *store, const struct config *config, int64_t story, int64_t item,
                  const struct ruling_listener *listener, topic_label_fn label, void *user)
{
    struct ruling_run r;
    struct ids all = {0};
    int64_t now_in = 0, known = 0, first;
    begin(&r, store, config, listener, label, user);
    int status = store_begin(store);
    if (status != OK)
        return status;
    status = store_readable(store);
    if (status == OK)
        status = story_find(store_reader(store), story, &known, &first);
    if (status == OK)
        status = story_of(store, item, &now_in);
    if (status == OK && now_in != known)
        status = E_ABSENT;
    if (status == OK)
        status = members(store, known, &all);
    if (status == OK)
        status = ids_add(&all, item);
    if (status == OK && all.n < 2)
        status = E_INVALID;
    if (status == OK)
        status = hold_together(&r, item, &all);
    for (size_t i = 0; i < all.n && status == OK; i++)
        if (all.list[i] != item)
            status = rule(&r, all.list[i], item, WN_APART);
    if (status == OK)
        status = ids_add(&r.applying.seeds, item);
    r.applying.leaver = item;
    ids_finish(&all);
    return end(&r, status);
}

int stories_join(struct store *store, const struct config *config, int64_t a, int64_t b,
                 const struct ruling_listener *listener, topic_label_fn label, void *user)
{
    struct ruling_run r;
    struct ids ours = {0}, theirs = {0}, free_from = {0};
    int64_t story_a = 0, story_b = 0;
    begin(&r, store, config, listener, label, user);
    int status = store_begin(store);
    if (status != OK)
        return status;
    status = store_readable(store);
    if (status == OK)
        status = story_of(store, a, &story_a);
    if (status == OK)
        status = story_of(store, b, &story_b);
    if (status == OK && story_a != story_b && (status = members(store, story_a, &ours)) == OK)
        status = members(store, story_b, &theirs);
    /* The latest word counts: what was parted between the two is parted no more. */
    for (size_t i = 0; i < ours.n && status == OK; i++) {
        sqlite3_stmt *stmt = db_query(&store->db, SQL_RULING_OF, &status, "i", ours.list[i]);
        while (stmt && (status = db_step(stmt)) == 1) {
            int64_t x = sqlite3_column_int64(stmt, 0), y = sqlite3_column_int64(stmt, 1);
            int64_t other = x == ours.list[i] ? y : x;
            if (sqlite3_column_int(stmt, 2) == WN_APART && ids_find(&theirs, other) != SIZE_MAX &&
                (status = ids_add(&free_from, other)) != OK)
                break;
        }
        if (stmt)
            sqlite3_reset(stmt);
        for (size_t k = 0; k < free_from.n && status == OK; k++)
            status = rule(&r, ours.list[i], free_from.list[k], WN_FREE);
        ids_finish(&free_from);
    }
    if (status == OK && a != b)
        status = rule(&r, a, b, WN_TOGETHER);
    if (status == OK)
        status = ids_add(&r.applying.seeds, b);
    ids_finish(&ours);
    ids_finish(&theirs);
    return end(&r, status);
}
