/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trie.h: many folded strings at once: category names that are looked up whole, and terms that are
 * looked for inside a text. Built once, then only read.
 *
 * Ownership: trie_create/trie_destroy. Threads: one while strings are added, any afterwards.
 */
#ifndef WINNOW_TOPICS_TRIE_H
#define WINNOW_TOPICS_TRIE_H

#include <stddef.h>
#include <stdint.h>

#define TRIE_KEY_MAX 96 /* units of a string: longer ones are no term of any language */

struct trie;

/* What a string stands for. A string may have several entries. */
struct trie_entry {
    uint16_t topic; /* the caller's number */
    uint8_t lang;   /* the caller's number */
    uint8_t weight; /* the caller's measure */
    uint32_t next;  /* index of the next entry of the same string; 0: none */
};

struct trie *trie_create(void);
void trie_destroy(struct trie *trie);

/* Adds an entry; the same string, topic and language twice is one. WN_OK, WN_INVALID (empty or too
 * long), WN_LIMIT, WN_NOMEM. `prefix`: the string stands for every word that begins with it. */
int trie_add(struct trie *trie, const uint16_t *key, size_t n, struct trie_entry entry, int prefix);

/* Packs a trie that is complete into a sixth of its memory, which makes trie_scan twice as fast. No
 * string can be added afterwards (WN_INVALID). WN_NOMEM: as it was, and still good. */
int trie_freeze(struct trie *trie);

/* The node behind `node` (0 is the root) and the unit; 0: no string goes on so. */
uint32_t trie_next(const struct trie *trie, uint32_t node, uint16_t unit);

/* First entry of the string that ends at the node, NULL if none does; next() follows. */
const struct trie_entry *trie_whole(const struct trie *trie, uint32_t node);
const struct trie_entry *trie_prefix(const struct trie *trie, uint32_t node);
const struct trie_entry *trie_follow(const struct trie *trie, const struct trie_entry *entry);

/* Entries of exactly this string; NULL if there are none. */
const struct trie_entry *trie_get(const struct trie *trie, const uint16_t *key, size_t n);

/*
 * Looks for all strings in a folded text. A string begins where a word begins (anywhere in scripts
 * without spaces) and ends where a word ends (anywhere in those scripts and in Hangul; for a
 * prefix entry anywhere). At each place the longest one counts, and the search goes on behind it.
 * Calls found() for each entry of it.
 */
void trie_scan(const struct trie *trie, const uint16_t *text, size_t n,
               void (*found)(void *user, const struct trie_entry *entry, size_t at, size_t len),
               void *user);

#endif
