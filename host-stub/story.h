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
#include "events.h"
#include "store.h"
#include "verdict.h"

/* Stores an epoch's verdicts and revisions and applies them: stories of the items, joins, splits,
 * faces; writes an event line for each new or updated item and for each other one whose verdict or
 * story changed. The items must be in the store (store_put_item). item->story is filled. `label`
 * gives topics their names in events; NULL: none. */
int stories_apply(struct store *store, const struct config *config, struct epoch *epoch,
                  topic_label_fn label, void *user);
/* Shows the stories that have waited since before now - settle; *changed counts them. Sets *next to
 * when the next one is due (INT64_MAX: none). */
int stories_settle(struct store *store, const struct config *config, int64_t now, int64_t settle,
                   size_t *changed, int64_t *next);
/* Persons' words, each in a transaction of its own: none may be open. What is ruled is told to
 * `ruled`, which hands it to chain_constrain (NULL: nobody listens); revisions that filters make of
 * it come with the next epoch. On E_FULL, E_IO and E_BUSY nothing has changed. Split: the item
 * leaves the story and is kept apart from each of its members; the others stay together, even if
 * the item was what held them together. E_ABSENT: no such item in that story; E_INVALID: it is
 * alone there. Join: the stories of two items become one, the older id survives. E_ABSENT: no such
 * item. */
struct ruling_listener {
    void (*ruled)(void *user, int64_t a, int64_t b, uint32_t constraint);
    void *user;
};
int stories_split(struct store *store, const struct config *config, int64_t story, int64_t item,
                  const struct ruling_listener *listener, topic_label_fn label, void *user);
int stories_join(struct store *store, const struct config *config, int64_t a, int64_t b,
                 const struct ruling_listener *listener, topic_label_fn label, void *user);
/* The story that a number means today: joined ones live on in the older. E_ABSENT. *first: its
 * oldest item. */
int story_find(struct reader *reader, int64_t number, int64_t *story, int64_t *first);
/* Whether a is the better face than b: the reader's languages, completeness, priority, first come.
 */
int story_better_face(const struct config *config, const struct item *a, const struct item *b);

#endif
