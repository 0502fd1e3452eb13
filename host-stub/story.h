/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h: the partition into stories that verdicts span, and the entries that readers see of
 * them. Judge thread, inside the store's transaction.
 *
 * A story is a connected component of EDITION and DUPLICATE verdicts (and persons' TOGETHER) among
 * items; RELATED links stories without joining them. The older story id survives a join. An
 * entry is a story on show: it appears after `settle`, keeps its id for ever, and changes its face
 * only to a more preferred language or a clearly fuller copy. Two entries that turn out one story
 * both stay, linked to each other. A split item returns as an entry of its own, dated now.
 */
#ifndef WINNOW_STORY_H
#define WINNOW_STORY_H

#include "config.h"
#include "store.h"
#include "verdict.h"

/* Stores an epoch's verdicts and revisions and applies them: stories of the items, joins, splits, faces; writes
 * an event line for each new or updated item and for each other one whose verdict or story
 * changed. The items must be in the store (store_put_item). item->story is filled. `label` gives topics their
 * names in events; NULL: none. */
typedef wn_str (*topic_label_fn)(void *user, wn_str topic, wn_str lang);
int stories_apply(struct store *store, const struct config *config, struct epoch *epoch,
                  topic_label_fn label, void *user);
/* Shows the stories that have waited since before now - settle; *changed counts them. Sets *next to when
 * the next one is due (INT64_MAX: none). */
int stories_settle(struct store *store, const struct config *config, int64_t now, int64_t settle,
                   size_t *changed, int64_t *next);
/* A person's word, in a transaction of its own. Filters hear of it through chain_constrain before
 * or after; their revisions go through stories_apply. E_ABSENT: no such item or story. */
int stories_split(struct store *store, const struct config *config, int64_t story, int64_t item, int64_t now);
int stories_join(struct store *store, const struct config *config, int64_t a, int64_t b, int64_t now);
/* Whether a is the better face than b: the reader's languages, completeness, priority, first come. */
int story_better_face(const struct config *config, const struct item *a, const struct item *b);

#endif
