/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_json.h: documents and items as JSON, the form that `winnow parse` prints.
 *
 * The names that winnow(1) promises are always there, null or [] where the feed says nothing, so
 * that a script needs no case for a name that is missing; all other names stand only where there is
 * something to say. Control characters (C0, DEL, C1) are escaped, so that a terminal shows them and
 * doesn't obey them. Pure; any thread; each appends to `out` and returns its status.
 */
#ifndef WINNOW_FEED_JSON_H
#define WINNOW_FEED_JSON_H

#include "buf.h"
#include "item.h"

/* {"guid":…,"link":…,"title":…, …} */
int feed_json_item(struct buf *out, const struct item *item);
/* {"title":…,"link":…, …} */
int feed_json_feed(struct buf *out, const struct feed_info *feed);
/* ["…","…"] */
int feed_json_warnings(struct buf *out, const struct document *doc);

#endif
