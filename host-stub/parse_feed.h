/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_feed.h: what the files that turn markup into items share. Not for others: see parse.h.
 *
 * parse_feed.c walks the tokens and keeps a scope for each open element: what its children may be
 * (its context), its base URL and language. parse_element.c holds the table of elements: what is
 * taken from where, and which of several sources of one field wins. parse_take.c and parse_media.c
 * take it. One struct feed_parser a document; one thread.
 */
#ifndef WINNOW_PARSE_FEED_H
#define WINNOW_PARSE_FEED_H

#include <stdint.h>

#include "buf.h"
#include "item.h"
#include "parse.h"
#include "parse_xml.h"

/* Where an element stands: each may hold certain elements, as a bit set in struct element. */
enum context {
    C_TOP = 1,     /* outside everything */
    C_ROOT = 2,    /* in <rss>, <rdf:RDF> */
    C_FEED = 4,    /* in <channel>, <feed> */
    C_ITEM = 8,    /* in <item>, <entry> */
    C_PERSON = 16, /* in <author> */
    C_IMAGE = 32,  /* in <image>, <textInput> */
    C_SOURCE = 64, /* in Atom's <source> */
    C_MEDIA = 128, /* in <media:group>, <media:content> */
    C_EXT = 256,   /* in an element that travels through */
    C_SKIP = 512,  /* in an element that nobody wants */
};

/* What of an element's content is wanted. */
enum take {
    TAKE_NONE,
    TAKE_TEXT, /* characters, white space folded */
    TAKE_RAW,  /* characters, as the element's `end` wants them */
    TAKE_URL,  /* a URL, made absolute */
    TAKE_DATE,
    TAKE_TITLE,     /* plain text made of whatever it is */
    TAKE_HTML,      /* HTML as text, perhaps with naked markup (RSS) */
    TAKE_CONSTRUCT, /* by the type attribute (Atom) */
    TAKE_LINE,      /* as TAKE_CONSTRUCT, then made plain (Atom titles) */
};

enum field {
    F_NONE,
    F_TITLE,
    F_SUMMARY, /* a feed's description */
    F_CONTENT,
    F_LINK,
    F_GUID,
    F_LANG,
    F_RIGHTS,
    F_COMMENTS,
    F_PUBLISHED,
    F_UPDATED,
    F_GENERATOR,
    F_IMAGE,
    F_ICON,
    F_SOURCE_TITLE,
    F_SOURCE_URL,
    F_COUNT,
};

/* media:description as a summary: no other element has this rank, so that what it was is known when
 * a better one comes. */
enum { RANK_CAPTION = 6 };

struct feed_parser;

struct element {
    const char *name; /* local, lower case */
    uint8_t ns;       /* enum xml_ns; NS_NONE: RSS, Atom or none */
    uint16_t in;      /* contexts in which it counts */
    uint16_t context; /* of its children; 0: they are part of its text, or nothing */
    uint8_t take, field;
    uint8_t rank; /* 1 is the best source of the field; the first of equals wins */
    void (*start)(struct feed_parser *p);
    void (*end)(struct feed_parser *p, wn_str text);
};

enum collect_mode {
    COLLECT_TEXT,   /* characters; elements within are transparent */
    COLLECT_HTML,   /* characters are HTML already; elements within are written as HTML */
    COLLECT_XHTML,  /* characters are escaped; elements within are written as HTML */
    COLLECT_SWITCH, /* plain text so far: the first element makes it COLLECT_XHTML */
};

struct collect {
    size_t depth; /* of the element whose content is gathered; 0: none */
    int mode;
    int html;     /* the result is HTML, not text */
    int declared; /* the document says that it is HTML */
    int xhtml;    /* type="xhtml": the wrapping div goes */
    int base64;   /* 1: its type says so, 2: its mode */
    int cut;      /* longer than the limit */
};

struct scope {
    const struct element *element;
    uint16_t context;
    int extension, enclosure; /* index in the item's list, -1: none */
    int own_base;             /* the base is by xml:base, not where the document came from */
    wn_str base, lang;
};

struct feed_parser {
    struct xml xml;
    const struct parse_input *in;
    struct document *doc;
    parse_item_fn on_item;
    void *user;
    int status; /* not OK: stop */

    struct item *item;  /* the one being read; NULL between items */
    struct item *spare; /* to be used next */
    size_t item_depth;  /* of its element */
    size_t depth;       /* of the scope being begun or ended */
    size_t n_items;
    int seen_html, seen_root;
    wn_str root_lang; /* xml:lang of the feed's element, or the header's language */
    wn_str top_name;  /* the first element outside all that we know */
    wn_str root_uri;  /* default namespace of the root element: as good as none */
    uint8_t rank[2]
                [F_COUNT]; /* of what a field holds, 0: nothing; [0] the feed's, [1] the item's */
    struct person person;
    struct person web_master; /* who stands in where a feed has no author */
    int contributor;
    struct link link;   /* <link> without an href: its attributes, until its text comes */
    wn_str category[3]; /* term, scheme, label from attributes */
    int64_t period, frequency;
    int bad_dates, bad_links;

    struct buf text, scratch;
    struct collect collect;
    struct scope scopes[LIMIT_DEPTH + 1]; /* scopes[d] is of xml.frames[d - 1] */
    uint8_t slots[512];                   /* hash of the element table */
};

/* parse_element.c */
void elements_index(struct feed_parser *p);
const struct element *element_find(const struct feed_parser *p, int ns, wn_str name, unsigned in);
extern const struct element extension_element;

/* parse_take.c: what `end` of the generic kinds does, and helpers for the special ones */
void take_end(struct feed_parser *p, const struct element *e, wn_str text);
struct arena *level_arena(struct feed_parser *p);
struct scope *scope_now(struct feed_parser *p);
/* Stores into the feed or the item being read if nothing better is there. Copies. */
void store(struct feed_parser *p, int field, int rank, wn_str value);
/* An attribute of the current START, decoded into the level's arena; absent if not there or empty.
 */
wn_str attr_text(struct feed_parser *p, const char *prefix, const char *name);
wn_str attr_url(struct feed_parser *p, const char *name);
int64_t attr_number(struct feed_parser *p, const char *name);
/* Absolute, in the level's arena; absent if unsafe or empty. */
wn_str take_url(struct feed_parser *p, wn_str url);

/* parse_person.c */
void person_start(struct feed_parser *p);
void person_end(struct feed_parser *p, wn_str text);
void contributor_start(struct feed_parser *p);
void person_name(struct feed_parser *p, wn_str text);
void person_email(struct feed_parser *p, wn_str text);
void person_uri(struct feed_parser *p, wn_str text);
void web_master_end(struct feed_parser *p, wn_str text);
/* "me@example.org (Name)", "Name <me@example.org>" … or a name alone; parts point into text. */
void person_split(wn_str text, wn_str *name, wn_str *email);
void add_person(struct feed_parser *p, struct person person);

/* parse_media.c, parse_link.c: special elements */
void link_start(struct feed_parser *p);
void link_end(struct feed_parser *p, wn_str text);
void guid_start(struct feed_parser *p);
void category_start(struct feed_parser *p);
void category_end(struct feed_parser *p, wn_str text);
void subject_end(struct feed_parser *p, wn_str text);
void itunes_category_start(struct feed_parser *p);
void keywords_end(struct feed_parser *p, wn_str text);
void source_start(struct feed_parser *p);
void source_end(struct feed_parser *p, wn_str text);
void enclosure_start(struct feed_parser *p);
void media_content_start(struct feed_parser *p);
void media_thumbnail_start(struct feed_parser *p);
void media_caption(struct feed_parser *p, wn_str text);
void media_finish(struct feed_parser *p);
void media_title_end(struct feed_parser *p, wn_str text);
void itunes_image_start(struct feed_parser *p);
void image_url_end(struct feed_parser *p, wn_str text);
void image_text_end(struct feed_parser *p, wn_str text);
void ttl_end(struct feed_parser *p, wn_str text);
void hour_end(struct feed_parser *p, wn_str text);
void day_end(struct feed_parser *p, wn_str text);
void period_end(struct feed_parser *p, wn_str text);
void frequency_end(struct feed_parser *p, wn_str text);
void content_start(struct feed_parser *p);
void cdf_start(struct feed_parser *p);
void extension_start(struct feed_parser *p);
void extension_end(struct feed_parser *p, wn_str text);
void tags_end(struct feed_parser *p, wn_str text);
void item_finish_fields(struct feed_parser *p);
void feed_finish_fields(struct feed_parser *p);

/* parse_feed.c */
int item_begin(struct feed_parser *p); /* not OK: also in p->status */
void item_end(struct feed_parser *p);
void root_start(struct feed_parser *p);

/* parse_markup.c: elements within a text that is being gathered, written as HTML */
void markup_start(struct feed_parser *p);
void markup_stop(struct feed_parser *p, size_t depth);
void markup_text(struct feed_parser *p);

/* parse_feed.c: reads a whole document. E_NOMEM, or what the callback returned. */
int xml_feed_parse(struct feed_parser *p, const char *bytes, size_t n, int dirty);

/* json_feed.c */
int json_feed_parse(struct feed_parser *p, const char *bytes, size_t n, int dirty);

#endif
