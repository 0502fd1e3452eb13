/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_parts.h: what story*.c and entry.c share. Judge thread, inside the store's transaction.
 */
#ifndef WINNOW_STORY_PARTS_H
#define WINNOW_STORY_PARTS_H

#include "store_db.h"
#include "story.h"
#include "story_lang.h"

/* ---- sets of numbers, in the order in which they came ---- */
struct ids {
    int64_t *list;
    size_t n, cap;
    uint32_t *slots; /* index + 1 into list, open addressing; 0: free */
    size_t n_slots;
};
int ids_add(struct ids *ids, int64_t id);           /* OK also if it is there; E_NOMEM */
size_t ids_find(const struct ids *ids, int64_t id); /* its index, or SIZE_MAX */
void ids_finish(struct ids *ids);

/* ---- the graph around some items: story_graph.c ---- */
struct graph_node {
    int64_t item, story, entry;
    int64_t arrived;
    size_t up;    /* union-find */
    size_t group; /* index of its group's lowest node */
};
struct graph_edge {
    size_t a, b;
    int ruled;     /* a person's TOGETHER: before all others */
    double weight; /* the score, or the time of the ruling */
};
struct graph {
    struct ids ids; /* nodes[i] is ids.list[i] */
    struct graph_node *nodes;
    size_t cap_nodes;
    struct graph_edge *edges, *aparts;
    size_t n_edges, cap_edges, n_aparts, cap_aparts;
};
/* Everything that edges reach from the seeds, edges that a ruling blocks included. */
int graph_load(struct store *store, const int64_t *seeds, size_t n, struct graph *graph);
/* Groups: strongest edges first, none that would bring two items together that a person parted.
 * `without`: an item whose edges don't count, 0: none. */
void graph_part(struct graph *graph, int64_t without);
void graph_finish(struct graph *graph);

/* ---- an application of verdicts, from the outside in ---- */
struct applying {
    struct store *store;
    const struct config *config;
    topic_label_fn label;
    void *user;
    struct ids changed; /* items that get a line */
    struct item **live; /* those of changed that are in memory, by index there; the rest is read */
    size_t n_live;
    struct ids added;   /* items that joined a story one by one */
    struct ids stories; /* stories whose entries must be looked at */
    struct ids seeds;   /* items around which the partition is made anew */
    int64_t leaver;     /* a person split it off: it can't keep story or entry; 0: none */
};
int stories_repart(struct applying *a); /* the slow way, around the seeds */
int stories_merge(struct applying *a, int64_t one, int64_t other, int64_t *story);
/* The story of an item. OK, E_ABSENT, or a failure to read. */
int story_of(struct store *store, int64_t item, int64_t *story);
int stories_finish(struct applying *a,
                   int status); /* if OK so far: entries, event lines; frees the sets */

/* ---- entries: entry.c ---- */
struct candidate { /* for the face */
    int64_t item, entry, story, arrived, length, changed;
    int dropped, priority;
    size_t order; /* of its source in the configuration */
    char lang[LANG_SIZE];
};
/* Whether b may take the place of a, which readers have seen. */
int candidate_replaces(const struct config *config, const struct candidate *b,
                       const struct candidate *a);
/* The best of those that aren't dropped and belong to `entry`; SIZE_MAX: none. */
size_t candidate_choose(const struct config *config, const struct candidate *list, size_t n,
                        int64_t entry);
/* The items of a story, oldest first; the caller frees the list. Any thread with its own
 * connection. */
int candidates_load(struct db *db, const struct config *config, int64_t story,
                    struct candidate **list, size_t *n);
/* A story whose members changed: its entries, their faces, or its place among the waiting. show: it
 * has waited long enough. *changed may be NULL. */
int entry_refresh(struct store *store, const struct config *config, int64_t story, int show,
                  int *changed);
/* The same for one item more in a story, without looking at all others. */
int entry_add(struct store *store, const struct config *config, int64_t item);

#endif
