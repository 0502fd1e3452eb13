/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapping.h: from the publisher's categories to topics: topics-map.tsv, the topics' own names in
 * all languages, and what the user's configuration adds.
 *
 * Ownership: mapping_create/mapping_destroy. Threads: one while names are added, any afterwards.
 */
#ifndef WINNOW_TOPICS_MAPPING_H
#define WINNOW_TOPICS_MAPPING_H

#include "fold.h"
#include "vocabulary.h"

#define CATEGORY_BYTES 512 /* of one category that are looked at */
#define CATEGORY_PARTS 8   /* "News > Sports > Football" */

struct mapping;

/* What a category says. */
struct mapping_hit {
    uint16_t topic;
    float strength; /* 0..1: the whole name, a part of it, or words in it */
};

#define MAPPING_HITS 8 /* of one category */

struct mapping *mapping_create(const struct fold *fold, const struct vocabulary *vocabulary);
void mapping_destroy(struct mapping *m);

/* A mapping that asks its own user names first and then `under`, which it borrows; for a source
 * with a map of its own. NULL: no memory. */
struct mapping *mapping_over(const struct mapping *under);

/* Reads topics-map.tsv's text. On failure `error` (of `size` bytes) says which line and why. */
int mapping_read(struct mapping *m, const char *text, size_t len, char *error, size_t size);

/* Adds "name\ttopic\n" lines, as the option `map` hands them over; they win over all others. The
 * topic is anything that vocabulary_id takes, a topic's name, or "-" / "none" / "ignore". */
int mapping_user(struct mapping *m, wn_str lines, char *error, size_t size);

/* The topic that a name means exactly (config's words); TOPIC_NONE. */
uint16_t mapping_find(const struct mapping *m, wn_str name);

/*
 * What a category says: its scheme and term if they are coded, else its name, in the item's
 * language if that matters. Fills hits[MAPPING_HITS], returns how many; each topic once.
 */
size_t mapping_look(const struct mapping *m, wn_str scheme, wn_str name, unsigned lang,
                    struct mapping_hit *hits);

#endif
