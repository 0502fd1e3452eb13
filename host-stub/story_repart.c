/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slow way: the partition around some items made anew. A story's id stays with the group that
 * holds most of its items, an entry with the group that holds most of the entry's; where two halves
 * are equal, with the one that has the lowest item. A group that gets no id is a new story.
 */
#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "story_parts.h"

struct group {
    size_t top;    /* node that names it */
    int64_t story; /* what it will be; 0: not yet said */
    int leaves;    /* has the item that a person split off */
};

struct repart {
    struct applying *a;
    struct graph graph;
    struct group *groups;
    size_t n_groups;
};

static struct group *group_of(struct repart *r, size_t node)
{
    for (size_t i = 0; i < r->n_groups; i++)
        if (r->groups[i].top == r->graph.nodes[node].group)
            return &r->groups[i];
    return NULL;
}

static int make_groups(struct repart *r)
{
    struct graph *g = &r->graph;
    r->groups = calloc(g->ids.n ? g->ids.n : 1, sizeof *r->groups);
    if (!r->groups)
        return E_NOMEM;
    for (size_t i = 0; i < g->ids.n; i++)
        if (g->nodes[i].group == i)
            r->groups[r->n_groups++].top = i;
    for (size_t i = 0; r->a->leaver && i < g->ids.n; i++)
        if (g->nodes[i].item == r->a->leaver)
            group_of(r, i)->leaves = 1;
    return OK;
}

/* The group that holds most nodes for which pick() gives `key`. */
static struct group *heir(struct repart *r, int64_t (*pick)(const struct graph_node *), int64_t key)
{
    struct group *best = NULL;
    size_t best_n = 0;
    /* The leaver's group only if no other has any. */
    for (int pass = 0; pass < 2 && !best; pass++)
        for (size_t i = 0; i < r->n_groups; i++) {
            struct group *group = &r->groups[i];
            size_t n = 0;
            for (size_t k = 0; k < r->graph.ids.n; k++)
                n += r->graph.nodes[k].group == group->top && pick(&r->graph.nodes[k]) == key;
            if (pass == 0 && group->leaves)
                continue;
            int lower = best && r->graph.nodes[group->top].item < r->graph.nodes[best->top].item;
            if (n > best_n || (n && n == best_n && lower)) {
                best = group;
                best_n = n;
            }
        }
    return best;
}

static int64_t pick_story(const struct graph_node *node)
{
    return node->story;
}

static int64_t pick_entry(const struct graph_node *node)
{
    return node->entry;
}

/* Which story each group is. */
static int name_groups(struct repart *r, struct ids *stories)
{
    struct store *store = r->a->store;
    int status = OK;
    for (size_t i = 0; i < r->graph.ids.n && status == OK; i++)
        status = ids_add(stories, r->graph.nodes[i].story);
    for (size_t i = 0; i < stories->n && status == OK; i++) {
        int64_t id = stories->list[i];
        struct group *group = heir(r, pick_story, id);
        if (group && (!group->story || id < group->story))
            group->story = id;
    }
    for (size_t i = 0; i < r->n_groups && status == OK; i++)
        if (!r->groups[i].story)
            r->groups[i].story = store->counters.next_story++;
    /* Ids that nobody carries on live on as names of the story that swallowed them. */
    for (size_t i = 0; i < stories->n && status == OK; i++) {
        int64_t id = stories->list[i], since = 0;
        struct group *group = heir(r, pick_story, id);
        if (!group || group->story == id)
            continue;
        status = store_run(store, SQL_STORY_WAS_MOVE, "ii", id, group->story);
        if (status == OK)
            status = store_run(store, SQL_STORY_WAS, "ii", id, group->story);
        int waits =
            status == OK ? db_number(&store->db, SQL_WAITING_GET, &since, "i", id) : E_ABSENT;
        if (waits == OK) {
            status = store_run(store, SQL_WAITING_DELETE, "i", id);
            if (status == OK)
                status = store_run(store, SQL_WAITING_PUT, "ii", group->story, since);
        }
    }
    return status;
}

static int move_entries(struct repart *r)
{
    struct ids entries = {0};
    int status = OK;
    for (size_t i = 0; i < r->graph.ids.n && status == OK; i++)
        if (r->graph.nodes[i].entry)
            status = ids_add(&entries, r->graph.nodes[i].entry);
    for (size_t i = 0; i < entries.n && status == OK; i++) {
        struct group *group = heir(r, pick_entry, entries.list[i]);
        if (group)
            status = store_run(r->a->store, SQL_ENTRY_TO, "ii", entries.list[i], group->story);
    }
    ids_finish(&entries);
    return status;
}

static int move_items(struct repart *r)
{
    int status = OK;
    for (size_t i = 0; i < r->graph.ids.n && status == OK; i++) {
        const struct graph_node *node = &r->graph.nodes[i];
        int64_t story = group_of(r, i)->story;
        if (node->story == story)
            continue;
        status = store_run(r->a->store, SQL_ITEM_STORY, "ii", node->item, story);
        if (status == OK)
            status = ids_add(&r->a->changed, node->item);
        if (status == OK)
            status = ids_add(&r->a->stories, node->story);
    }
    for (size_t i = 0; i < r->n_groups && status == OK; i++)
        status = ids_add(&r->a->stories, r->groups[i].story);
    return status;
}

int stories_repart(struct applying *a)
{
    if (!a->seeds.n)
        return OK;
    struct repart r = {.a = a};
    struct ids stories = {0};
    int status = graph_load(a->store, a->seeds.list, a->seeds.n, &r.graph);
    if (status != OK)
        return status;
    graph_part(&r.graph, 0);
    status = make_groups(&r);
    if (status == OK)
        status = name_groups(&r, &stories);
    if (status == OK)
        status = move_entries(&r);
    if (status == OK)
        status = move_items(&r);
    a->store->visible = 1;
    ids_finish(&stories);
    free(r.groups);
    graph_finish(&r.graph);
    return status;
}
