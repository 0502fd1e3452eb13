/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer_view.h: inside of the writers. writer.c turns an entry or item into a struct view, where
 * everything that has to be decided is decided (id, dates, safe URLs, body, links); writer_atom.c,
 * writer_rss.c and writer_json.c only spell it out.
 *
 * A view borrows from the item and from the writer's scratch arena and lives until the next one is
 * made.
 */
#ifndef WINNOW_WRITER_VIEW_H
#define WINNOW_WRITER_VIEW_H

#include "limits.h"
#include "write_out.h"
#include "write_text.h"
#include "writer.h"

#define MEDTOP_SCHEME "http://cv.iptc.org/newscodes/mediatopic/"
#define MEDTOP_PREFIX "medtop:"

struct related { /* another edition, copy or report */
    wn_str href, lang, title, source;
    const char *kind; /* "edition", "copy", "related" */
};

struct label {
    wn_str id, text; /* "11000000", absent for a topic of the user's own; text absent where nobody
                        has a label */
    int64_t score;
};

struct view {
    const struct item *item;
    int64_t story; /* 0: unknown */
    wn_str id;     /* an IRI */
    wn_str guid;   /* as RSS and JSON Feed may say it: any text */
    int guid_is_permalink;
    wn_str link;                /* safe, or absent */
    wn_str title;               /* never empty */
    int title_made_up;          /* RSS may then leave it out */
    wn_str lang;                /* well-formed, or absent */
    int64_t published, updated; /* published: TIME_ABSENT if nobody knows */
    wn_str body;                /* HTML that is safe; absent: none */
    wn_str body_text; /* JSON Feed: plain text in place of body; absent: body is HTML of a filter */
    wn_str summary;   /* safe HTML; absent if it would say what body says */
    wn_str also_html, also_text;    /* the visible line, behind the body; absent: none */
    wn_str author;                  /* stands in for absent people */
    wn_str source_name, source_url; /* source_url: of the feed, else of its site; may be absent */
    wn_str source_id;               /* an IRI */
    int source_is_feed;             /* the id is the feed's address */
    struct related *related;
    size_t n_related;
    struct label *labels;
    size_t n_labels;
};

struct writer {
    struct writer_options options;
    wn_str lang; /* the reader's: of labels and of the visible line */
    char lang_buf[64], feed_lang_buf[64];
    wn_str feed_lang; /* of the document */
    char feed_id[46];
    struct arena arena; /* of the present view */
    struct buf scratch;
    struct view view;
    uint64_t *seen; /* hashes of the ids of items, open addressing */
    size_t n_seen, cap_seen;
    size_t n_entries;
    struct out out;
};

struct spelling { /* of one format */
    void (*head)(struct writer *w);
    void (*entry)(struct writer *w, const struct view *v);
    void (*tail)(struct writer *w);
};
extern const struct spelling spelling_atom, spelling_rss, spelling_json;

/* Without memory an entry would go out with less than it has, so the whole document fails instead:
 * the writer's status becomes E_NOMEM. */
void view_fail(struct writer *w);
/* n bytes of the view's arena; NULL for 0 and on failure. */
void *view_alloc(struct writer *w, size_t n);
/* Takes what stands in w->scratch into the view's arena; absent for nothing and on failure. */
wn_str view_keep(struct writer *w);
/* A safe URL in the view's arena, or absent. */
wn_str view_url(struct writer *w, wn_str url, int loose);
/* The visible line of v->related in the writer's language, as HTML and as text. */
void view_also_in(struct writer *w, struct view *v);
/* The relation by which the item's i-th own link goes out, and its safe URL; NULL if it doesn't: it
 * is no relation for readers, or stands in the view already. */
const char *view_own_link(struct writer *w, const struct view *v, size_t i, wn_str *href);
/* Whether the item's i-th category stands among the labels, or among the categories before it. */
int view_said_category(const struct view *v, size_t i);

/* ---- write_ext.c: media and foreign elements in XML ---- */

/* ` xmlns:…="…"` of all that may come. */
void ext_declare(struct out *o);
/* media:content, media:thumbnail and itunes:image, but for those that stand in the item's foreign
 * elements, and for the file enclosures before `first_file` (the format has an element of its own
 * for them). */
void ext_media(struct writer *w, const struct item *item, size_t skip_files);
/* The foreign elements, nested as they were. */
void ext_write(struct writer *w, const struct item *item);
/* The prefix of a namespace that may travel through, or NULL. Static. */
const char *ext_prefix(wn_str ns);
enum { EXT_ATTRS = 32 }; /* attributes of one foreign element; the vocabularies know 15 at most */
struct ext_attr {
    wn_str name, value;
};
/* The attributes of a foreign element that are safe to write, each name once. Returns their number.
 */
size_t ext_attrs(struct writer *w, const struct extension *e, struct ext_attr attrs[EXT_ATTRS]);
/* The text of a foreign element: without markup, URLs checked. Absent: leave it out. */
wn_str ext_text(struct writer *w, const struct extension *e);

#endif
