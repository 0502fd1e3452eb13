/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph that EDITION and DUPLICATE verdicts and persons' rulings span around some items, and
 * its partition: edges are taken strongest first (persons' TOGETHER before all scores) and joined
 * by union-find, but for those that would bring together what a person has parted. So a ruling
 * always holds, and what it blocks is the weakest link.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "status.h"
#include "story_parts.h"

/* Past this the rest of a component stays as it was: one story of so many items is spam. */
enum { MAX_NODES = 4096 };

/* What retention left of two scores: neither the strongest nor the weakest of links. */
#define HELD_WEIGHT 0.5

/* ---- sets of numbers ---- */

static size_t slot_of(const struct ids *ids, int64_t id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15ull;
    for (size_t i = (h >> 32) & (ids->n_slots - 1);; i = (i + 1) & (ids->n_slots - 1))
        if (!ids->slots[i] || ids->list[ids->slots[i] - 1] == id)
            return i;
}

size_t ids_find(const struct ids *ids, int64_t id)
{
    if (!ids->n)
        return SIZE_MAX;
    uint32_t at = ids->slots[slot_of(ids, id)];
    return at ? at - 1 : SIZE_MAX;
}

int ids_add(struct ids *ids, int64_t id)
{
    if (ids_find(ids, id) != SIZE_MAX)
        return OK;
    if (ids->n == ids->cap) {
        size_t cap = ids->cap ? ids->cap * 2 : 16;
        int64_t *list = realloc(ids->list, cap * sizeof *list);
        if (!list)
            return E_NOMEM;
        ids->list = list;
        uint32_t *slots = calloc(cap * 2, sizeof *slots);
        if (!slots)
            return E_NOMEM;
        free(ids->slots);
        ids->slots = slots;
        ids->n_slots = cap * 2;
        ids->cap = cap;
        for (size_t i = 0; i < ids->n; i++)
            slots[slot_of(ids, ids->list[i])] = (uint32_t)i + 1;
    }
    size_t slot = slot_of(ids, id);
    ids->list[ids->n++] = id;
    ids->slots[slot] = (uint32_t)ids->n;
    return OK;
}

void ids_finish(struct ids *ids)
{
    free(ids->list);
    free(ids->slots);
    memset(ids, 0, sizeof *ids);
}

/* ---- loading ---- */

static int push_edge(struct graph_edge **list, size_t *n, size_t *cap, struct graph_edge edge)
{
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 32;
        struct graph_edge *fresh = realloc(*list, more * sizeof *fresh);
        if (!fresh)
            return E_NOMEM;
        *list = fresh;
        *cap = more;
    }
    (*list)[(*n)++] = edge;
    return OK;
}

/* The node of an item, made if it is in the store; SIZE_MAX: it isn't, or the graph is full. */
static int node_of(struct store *store, struct graph *g, int64_t item, size_t *node)
{
    *node = ids_find(&g->ids, item);
    if (*node != SIZE_MAX || g->ids.n >= MAX_NODES)
        return OK;
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_ITEM_GET, &status, "i", item);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got;
    struct graph_node fresh = {.item = item,
                               .arrived = sqlite3_column_int64(stmt, 1),
                               .story = sqlite3_column_int64(stmt, 2),
                               .entry = sqlite3_column_int64(stmt, 3)};
    sqlite3_reset(stmt);
    if (g->ids.n == g->cap_nodes) {
        size_t cap = g->cap_nodes ? g->cap_nodes * 2 : 32;
        struct graph_node *nodes = realloc(g->nodes, cap * sizeof *nodes);
        if (!nodes)
            return E_NOMEM;
        g->nodes = nodes;
        g->cap_nodes = cap;
    }
    status = ids_add(&g->ids, item);
    if (status != OK)
        return status;
    *node = g->ids.n - 1;
    g->nodes[*node] = fresh;
    return OK;
}

static int joins(int kind)
{
    return kind == WN_EDITION || kind == WN_DUPLICATE;
}

struct found_edge {
    int64_t other;
    int ruled, apart;
    double weight;
};

/* The edges of one item, read in full before others are asked for. */
static int edges_of(struct store *store, int64_t item, struct found_edge *found, size_t most,
                    size_t *n)
{
    int status = OK;
    *n = 0;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_VERDICT_OF, &status, "i", item);
    while (stmt && (status = db_step(stmt)) == 1)
        if (joins(sqlite3_column_int(stmt, 1)) && *n < most)
            found[(*n)++] = (struct found_edge){.other = sqlite3_column_int64(stmt, 2),
                                                .weight = sqlite3_column_double(stmt, 3)};
    stmt = status == OK ? db_query(&store->db, SQL_VERDICT_TO, &status, "i", item) : NULL;
    while (stmt && (status = db_step(stmt)) == 1)
        if (joins(sqlite3_column_int(stmt, 2)) && *n < most)
            found[(*n)++] = (struct found_edge){.other = sqlite3_column_int64(stmt, 0),
                                                .weight = sqlite3_column_double(stmt, 3)};
    stmt = status == OK ? db_query(&store->db, SQL_RULING_OF, &status, "i", item) : NULL;
    while (stmt && (status = db_step(stmt)) == 1) {
        int64_t a = sqlite3_column_int64(stmt, 0), b = sqlite3_column_int64(stmt, 1);
        int kind = sqlite3_column_int(stmt, 2);
        if (*n < most)
            found[(*n)++] = (struct found_edge){
                .other = a == item ? b : a,
                .ruled = kind != RULING_HELD,
                .apart = kind == WN_APART,
                .weight =
                    kind == RULING_HELD ? HELD_WEIGHT : (double)sqlite3_column_int64(stmt, 3)};
    }
    return status;
}

int graph_load(struct store *store, const int64_t *seeds, size_t n_seeds, struct graph *g)
{
    memset(g, 0, sizeof *g);
    struct found_edge *found = malloc(MAX_NODES * sizeof *found);
    int status = found ? store_readable(store) : E_NOMEM;
    size_t node;
    for (size_t i = 0; i < n_seeds && status == OK; i++)
        status = node_of(store, g, seeds[i], &node);
    for (size_t i = 0; i < g->ids.n && status == OK; i++) {
        size_t n = 0;
        status = edges_of(store, g->ids.list[i], found, MAX_NODES, &n);
        for (size_t k = 0; k < n && status == OK; k++) {
            const struct found_edge *f = &found[k];
            /* Parted items lie in each other's way only if both are reached by other edges. */
            size_t other = ids_find(&g->ids, f->other);
            if (!f->apart)
                status = node_of(store, g, f->other, &other);
            /* Each edge is found from both ends; it is taken from the later one. */
            if (status != OK || other == SIZE_MAX || other > i)
                continue;
            struct graph_edge edge = {.a = i, .b = other, .ruled = f->ruled, .weight = f->weight};
            status = f->apart ? push_edge(&g->aparts, &g->n_aparts, &g->cap_aparts, edge)
                              : push_edge(&g->edges, &g->n_edges, &g->cap_edges, edge);
        }
    }
    if (g->ids.n >= MAX_NODES)
        log_msg(LOG_WARNING, "stories",
                "one story has more than %d items; only so many are looked at", (int)MAX_NODES);
    free(found);
    if (status != OK)
        graph_finish(g);
    return status;
}

/* ---- parting ---- */

static size_t top(struct graph *g, size_t i)
{
    while (g->nodes[i].up != i) {
        g->nodes[i].up = g->nodes[g->nodes[i].up].up;
        i = g->nodes[i].up;
    }
    return i;
}

static int stronger_first(const void *x, const void *y, void *graph)
{
    const struct graph *g = graph;
    const struct graph_edge *a = x, *b = y;
    if (a->ruled != b->ruled)
        return b->ruled - a->ruled;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    int64_t al = g->ids.list[a->a], ah = g->ids.list[a->b];
    int64_t bl = g->ids.list[b->a], bh = g->ids.list[b->b];
    if (al > ah) {
        int64_t t = al;
        al = ah;
        ah = t;
    }
    if (bl > bh) {
        int64_t t = bl;
        bl = bh;
        bh = t;
    }
    return al != bl ? (al < bl ? -1 : 1) : (ah > bh) - (ah < bh);
}

/* Whether joining these two groups would bring parted items together. */
static int forbidden(struct graph *g, size_t x, size_t y)
{
    for (size_t i = 0; i < g->n_aparts; i++) {
        size_t p = top(g, g->aparts[i].a), q = top(g, g->aparts[i].b);
        if ((p == x && q == y) || (p == y && q == x))
            return 1;
    }
    return 0;
}

void graph_part(struct graph *g, int64_t without)
{
    if (g->n_edges)
        qsort_r(g->edges, g->n_edges, sizeof *g->edges, stronger_first, g);
    for (size_t i = 0; i < g->ids.n; i++)
        g->nodes[i].up = i;
    for (size_t i = 0; i < g->n_edges; i++) {
        const struct graph_edge *e = &g->edges[i];
        if (without && (g->nodes[e->a].item == without || g->nodes[e->b].item == without))
            continue;
        size_t a = top(g, e->a), b = top(g, e->b);
        if (a == b || forbidden(g, a, b))
            continue;
        /* The node of the lowest item is on top: it names the group. */
        if (g->nodes[a].item < g->nodes[b].item)
            g->nodes[b].up = a;
        else
            g->nodes[a].up = b;
    }
    for (size_t i = 0; i < g->ids.n; i++)
        g->nodes[i].group = top(g, i);
}

void graph_finish(struct graph *g)
{
    ids_finish(&g->ids);
    free(g->nodes);
    free(g->edges);
    free(g->aparts);
    memset(g, 0, sizeof *g);
}
