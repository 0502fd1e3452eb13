/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_feed.h: what the files that read JSON Feed share: json_feed.c (the format itself) and
 * json_feed_winnow.c (the extension "_winnow", in which Winnow's own JSON Feed says what the format
 * has no name for). The reader belongs to json_feed_parse; one thread.
 */
#ifndef WINNOW_JSON_FEED_H
#define WINNOW_JSON_FEED_H

#include "parse_feed.h"
#include "parse_json.h"

struct json_reader {
    struct feed_parser *p;
    struct json j;
    struct buf key, text, html;
    struct enclosure *enclosure; /* the attachment being read */
    struct extension *extension; /* the foreign element being read */
    struct link *link;           /* the further link being read */
    int is_feed;
};

/* A name in an object, and who reads its value; the others are skipped. */
struct json_key {
    const char *name;
    void (*read)(struct json_reader *r, int field);
    int field;
};

/* Reads the object that is next; skips whatever else is next. */
void json_read_object(struct json_reader *r, const struct json_key *keys, size_t n);
#define READ_OBJECT(r, keys) json_read_object(r, keys, sizeof keys / sizeof *keys)

/* The text that is next, empty if it is none; good until the next one is read. */
wn_str json_reader_text(struct json_reader *r);
/* The same as one line of plain text in the level's arena, absent if empty. */
wn_str json_reader_line(struct json_reader *r);

/* json_feed_winnow.c: "_winnow" of an item, and of one of its attachments. Whoever wrote it is
 * trusted no more than the rest of the document: it says what elements of RSS could say as well. */
void json_winnow_item(struct json_reader *r, int field);
void json_winnow_attachment(struct json_reader *r, int field);

#endif
