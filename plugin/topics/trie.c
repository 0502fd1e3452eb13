/* SPDX-License-Identifier: Apache-2.0 */
#include "trie.h"

#include <stdlib.h>
#include <string.h>

#include "../winnow_plugin.h"
#include "fold.h"

#define SPACE 0x20
#define NODES_MAX ((uint32_t)1 << 22) /* 4 million: a hundred times the shipped data */
#define ENTRIES_MAX ((uint32_t)1 << 20)

/* An edge of the trie in an open-addressed table: (parent, unit) → child. */
struct edge {
    uint32_t parent;
    uint16_t unit;
    uint32_t child; /* 0: free slot */
};

struct node {
    uint32_t whole, prefix; /* first entries; 0: none */
};

struct trie {
    struct edge *edges;
    uint32_t n_slots; /* power of two */
    struct node *nodes;
    uint32_t n_nodes, cap_nodes;
    struct trie_entry *entries; /* [0] is unused */
    uint32_t n_entries, cap_entries;
    uint64_t first[0x10000 / 64]; /* units that some string begins with: most places end here */

    /* Frozen: nodes are numbered level by level, so that a node's children are neighbours. */
    uint32_t *begin; /* [n_nodes + 1]: children of node i are begin[i] to begin[i + 1] - 1 */
    uint16_t *units; /* [n_nodes]: what leads to a node; ascending among neighbours */
    uint32_t *roots; /* [65536]: the root's children, which are many */
};

static uint32_t slot_of(const struct trie *t, uint32_t parent, uint16_t unit)
{
    uint64_t h = ((uint64_t)parent << 16 | unit) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 32) & (t->n_slots - 1);
}

struct trie *trie_create(void)
{
    struct trie *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->n_slots = 1024;
    t->cap_nodes = 512;
    t->cap_entries = 256;
    t->edges = calloc(t->n_slots, sizeof *t->edges);
    t->nodes = calloc(t->cap_nodes, sizeof *t->nodes);
    t->entries = calloc(t->cap_entries, sizeof *t->entries);
    if (!t->edges || !t->nodes || !t->entries) {
        trie_destroy(t);
        return NULL;
    }
    t->n_nodes = t->n_entries = 1;
    return t;
}

void trie_destroy(struct trie *t)
{
    if (!t)
        return;
    free(t->edges);
    free(t->nodes);
    free(t->entries);
    free(t->begin);
    free(t->units);
    free(t->roots);
    free(t);
}

static uint32_t frozen_next(const struct trie *t, uint32_t node, uint16_t unit)
{
    if (!node)
        return t->roots[unit];
    uint32_t low = t->begin[node], high = t->begin[node + 1];
    while (high - low > 8) {
        uint32_t middle = low + (high - low) / 2;
        if (t->units[middle] <= unit)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (t->units[low] == unit)
            return low;
    return 0;
}

uint32_t trie_next(const struct trie *t, uint32_t node, uint16_t unit)
{
    if (t->begin)
        return frozen_next(t, node, unit);
    for (uint32_t i = slot_of(t, node, unit);; i = (i + 1) & (t->n_slots - 1)) {
        const struct edge *e = &t->edges[i];
        if (!e->child || (e->parent == node && e->unit == unit))
            return e->child;
    }
}

static void place(struct trie *t, struct edge e)
{
    uint32_t i = slot_of(t, e.parent, e.unit);
    while (t->edges[i].child)
        i = (i + 1) & (t->n_slots - 1);
    t->edges[i] = e;
}

static int grow_edges(struct trie *t)
{
    struct edge *old = t->edges;
    uint32_t n = t->n_slots;
    struct edge *edges = calloc((size_t)n * 2, sizeof *edges);
    if (!edges)
        return WN_NOMEM;
    t->edges = edges;
    t->n_slots = n * 2;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].child)
            place(t, old[i]);
    free(old);
    return WN_OK;
}

static int add_node(struct trie *t, uint32_t parent, uint16_t unit, uint32_t *child)
{
    if (t->n_nodes == NODES_MAX)
        return WN_LIMIT;
    if (t->n_nodes * 2 >= t->n_slots && grow_edges(t))
        return WN_NOMEM;
    if (t->n_nodes == t->cap_nodes) {
        struct node *nodes = realloc(t->nodes, (size_t)t->cap_nodes * 2 * sizeof *nodes);
        if (!nodes)
            return WN_NOMEM;
        t->nodes = nodes;
        t->cap_nodes *= 2;
    }
    t->nodes[t->n_nodes] = (struct node){0, 0};
    place(t, (struct edge){parent, unit, t->n_nodes});
    *child = t->n_nodes++;
    return WN_OK;
}

static int add_entry(struct trie *t, uint32_t node, int prefix, struct trie_entry entry)
{
    uint32_t last = 0;
    for (uint32_t i = prefix ? t->nodes[node].prefix : t->nodes[node].whole; i;
         i = t->entries[i].next) {
        if (t->entries[i].topic == entry.topic && t->entries[i].lang == entry.lang)
            return WN_OK;
        last = i;
    }
    if (t->n_entries == ENTRIES_MAX)
        return WN_LIMIT;
    if (t->n_entries == t->cap_entries) {
        struct trie_entry *entries =
            realloc(t->entries, (size_t)t->cap_entries * 2 * sizeof *entries);
        if (!entries)
            return WN_NOMEM;
        t->entries = entries;
        t->cap_entries *= 2;
    }
    uint32_t i = t->n_entries++;
    entry.next = 0;
    t->entries[i] = entry;
    if (last)
        t->entries[last].next = i;
    else if (prefix)
        t->nodes[node].prefix = i;
    else
        t->nodes[node].whole = i;
    return WN_OK;
}

int trie_add(struct trie *t, const uint16_t *key, size_t n, struct trie_entry entry, int prefix)
{
    if (!n || n > TRIE_KEY_MAX || t->begin)
        return WN_INVALID;
    uint32_t node = 0;
    t->first[key[0] / 64] |= (uint64_t)1 << key[0] % 64;
    for (size_t i = 0; i < n; i++) {
        uint32_t next = trie_next(t, node, key[i]);
        int status = next ? WN_OK : add_node(t, node, key[i], &next);
        if (status)
            return status;
        node = next;
    }
    return add_entry(t, node, prefix, entry);
}

static int by_parent(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->parent != y->parent ? (x->parent > y->parent) - (x->parent < y->parent)
                                  : (x->unit > y->unit) - (x->unit < y->unit);
}

/* Where the children of an old node begin among the sorted edges. */
static uint32_t edges_of(const struct edge *edges, uint32_t n, uint32_t parent)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (edges[middle].parent < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int trie_freeze(struct trie *t)
{
    uint32_t n = t->n_nodes, n_edges = 0, made = 1;
    uint32_t *begin = malloc(((size_t)n + 1) * sizeof *begin), *old = malloc(n * sizeof *old);
    uint16_t *units = malloc(n * sizeof *units);
    struct node *nodes = malloc(n * sizeof *nodes);
    uint32_t *roots = calloc(0x10000, sizeof *roots);
    if (t->begin || !begin || !old || !units || !nodes || !roots) {
        free(roots);
        free(begin);
        free(old);
        free(units);
        free(nodes);
        return t->begin ? WN_OK : WN_NOMEM;
    }
    for (uint32_t i = 0; i < t->n_slots; i++)
        if (t->edges[i].child)
            t->edges[n_edges++] = t->edges[i];
    qsort(t->edges, n_edges, sizeof *t->edges, by_parent);
    old[0] = 0;
    units[0] = 0;
    for (uint32_t i = 0; i < n; i++) { /* node i's children are numbered behind all made so far */
        nodes[i] = t->nodes[old[i]];
        begin[i] = made;
        for (uint32_t e = edges_of(t->edges, n_edges, old[i]);
             e < n_edges && t->edges[e].parent == old[i]; e++) {
            old[made] = t->edges[e].child;
            units[made++] = t->edges[e].unit;
        }
    }
    begin[n] = made;
    for (uint32_t i = begin[0]; i < begin[1]; i++)
        roots[units[i]] = i;
    free(old);
    free(t->edges);
    free(t->nodes);
    t->edges = NULL;
    t->nodes = nodes;
    t->cap_nodes = n;
    t->begin = begin;
    t->units = units;
    t->roots = roots;
    return WN_OK;
}

static const struct trie_entry *entry_at(const struct trie *t, uint32_t i)
{
    return i ? &t->entries[i] : NULL;
}

const struct trie_entry *trie_whole(const struct trie *t, uint32_t node)
{
    return entry_at(t, t->nodes[node].whole);
}

const struct trie_entry *trie_prefix(const struct trie *t, uint32_t node)
{
    return entry_at(t, t->nodes[node].prefix);
}

const struct trie_entry *trie_follow(const struct trie *t, const struct trie_entry *e)
{
    return entry_at(t, e->next);
}

const struct trie_entry *trie_get(const struct trie *t, const uint16_t *key, size_t n)
{
    uint32_t node = 0;
    for (size_t i = 0; i < n; i++)
        if (!(node = trie_next(t, node, key[i])))
            return NULL;
    return n ? trie_whole(t, node) : NULL;
}

/* Whether a word ends before text[i]. */
static int ends(const uint16_t *text, size_t n, size_t i)
{
    return i == n || text[i] == SPACE || fold_unspaced(text[i]) || fold_unspaced(text[i - 1]) ||
           fold_hangul(text[i - 1]);
}

/* Arabic writes articles, "and" and short prepositions onto the word: ال و ب ل ف ك. */
static int arabic_prefix(const uint16_t *text, size_t i)
{
    size_t n = 0;
    while (n < 4 && i > n && text[i - 1 - n] != SPACE)
        n++;
    if (!n || n == 4 || text[i] < 0x0620 || text[i] > 0x064A)
        return 0;
    const uint16_t *p = text + i - n;
    uint16_t first = p[0];
    int joins =
        first == 0x0648 || first == 0x0628 || first == 0x0644 || first == 0x0641 || first == 0x0643;
    if (n == 1)
        return joins;
    int article = p[n - 2] == 0x0627 && p[n - 1] == 0x0644;
    int lil = p[n - 2] == 0x0644 && p[n - 1] == 0x0644;
    return (article || lil) && (n == 2 || joins);
}

static int begins(const uint16_t *text, size_t i)
{
    return i == 0 || text[i - 1] == SPACE || fold_unspaced(text[i]) || fold_unspaced(text[i - 1]) ||
           arabic_prefix(text, i);
}

void trie_scan(const struct trie *t, const uint16_t *text, size_t n,
               void (*found)(void *user, const struct trie_entry *entry, size_t at, size_t len),
               void *user)
{
    for (size_t i = 0; i < n;) {
        size_t length = 0;
        const struct trie_entry *best = NULL, *also = NULL;
        if (t->first[text[i] / 64] >> text[i] % 64 & 1 && begins(text, i)) {
            uint32_t node = 0;
            for (size_t k = i; k < n && k - i < TRIE_KEY_MAX; k++) {
                node = trie_next(t, node, text[k]);
                if (!node)
                    break;
                const struct node *at = &t->nodes[node];
                uint32_t whole = at->whole && ends(text, n, k + 1) ? at->whole : 0;
                if (whole || at->prefix) {
                    best = entry_at(t, whole);
                    also = entry_at(t, at->prefix);
                    length = k + 1 - i;
                }
            }
        }
        for (const struct trie_entry *e = best; e; e = trie_follow(t, e))
            found(user, e, i, length);
        for (const struct trie_entry *e = also; e; e = trie_follow(t, e))
            found(user, e, i, length);
        i += length ? length : 1;
    }
}
