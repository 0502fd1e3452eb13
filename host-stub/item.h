/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item.h: a fetched feed document and its items, as the parser makes them, the chain changes
 * them, the store keeps them and the writers print them.
 *
 * Ownership. A struct item owns its arena, and every string in it points there (or is absent:
 * ptr NULL). A struct document owns its items and its own arena. No locks: an item belongs to one
 * thread at a time, which the phases of the chain see to.
 *
 * All strings are valid UTF-8 without NUL and C0 controls (but tab, newline, return): the parser
 * cleans them, so that nobody behind it has to. Times are seconds since the epoch, TIME_ABSENT
 * where there is none. URLs are absolute wherever a base was known.
 */
#ifndef WINNOW_ITEM_H
#define WINNOW_ITEM_H

#include <stddef.h>
#include <stdint.h>

#include "../plugin/winnow_plugin.h"
#include "buf.h"

#define TIME_ABSENT INT64_MIN

enum feed_format {
    FORMAT_UNKNOWN = 0,
    FORMAT_RSS09, /* 0.90 (RDF) and 0.91 to 0.94 */
    FORMAT_RSS1,
    FORMAT_RSS2,
    FORMAT_ATOM03,
    FORMAT_ATOM1,
    FORMAT_JSON1, /* JSON Feed 1.x */
    FORMAT_CDF,   /* Microsoft's Channel Definition Format: read, never written */
};

struct category {
    wn_str term, scheme, label;
};

struct person {
    wn_str name, email, uri;
    int contributor; /* 1: not an author */
};

struct link {
    wn_str href, rel, type, hreflang, title;
};

enum enclosure_kind {
    ENCLOSURE_FILE = 0,  /* RSS enclosure, Atom rel="enclosure", JSON Feed attachment */
    ENCLOSURE_MEDIA,     /* media:content */
    ENCLOSURE_THUMBNAIL, /* media:thumbnail */
    ENCLOSURE_IMAGE,     /* itunes:image, JSON Feed image and banner_image, RSS image in an item */
};

struct enclosure {
    wn_str url, type, title;
    int64_t length;        /* bytes; -1: not given */
    int64_t duration;      /* seconds; -1: not given */
    int32_t width, height; /* pixels; 0: not given */
    int kind;              /* enum enclosure_kind */
};

/* An element that Winnow does not know, from a known namespace; travels through as data. */
struct extension {
    wn_str ns;    /* namespace URI */
    wn_str name;  /* local name */
    wn_str text;  /* character data; absent when none */
    wn_str attrs; /* "name\tvalue\n" lines, unprefixed attributes only; absent when none */
    int depth;    /* 0: child of the item; n + 1: child of the nearest one before with depth n */
};

struct topic {
    wn_str id;     /* "11000000" */
    int64_t score; /* millionths */
};

struct removed {
    wn_str rule, text, place;
};

/* Growing arrays of an item live in its arena; append with item_add_…(). */
struct item {
    struct arena arena;

    /* as the feed says */
    /* Absent: the reader of the item falls back on link, then on a hash of title and content. */
    wn_str guid;
    int guid_is_permalink;
    wn_str link;                    /* the one alternate link */
    wn_str title, summary, content; /* title is plain text; the others HTML */
    wn_str lang;                    /* declared for the item, BCP 47; absent: the feed's */
    wn_str base;                    /* xml:base in force */
    wn_str comments;                /* URL */
    wn_str rights;
    wn_str source_title, source_url; /* <source>: where an aggregator took it from */
    int64_t published, updated;
    struct person *people;
    struct category *categories;
    struct enclosure *enclosures;
    struct link *links; /* every link but the alternate one chosen */
    struct extension *extensions;
    size_t n_people, n_categories, n_enclosures, n_links, n_extensions;

    /* as the host knows */
    int64_t id; /* 0: not yet identified */
    int64_t revision;
    int64_t arrived;
    int64_t story;
    uint64_t hash;      /* of all that the feed says; equal hash: unchanged */
    wn_str source_key;  /* URL of the source that was polled: its stable id */
    wn_str source_name; /* title of the polled feed, for people */
    wn_str source_site; /* link of the polled feed */
    wn_str source_lang; /* language of the polled feed */
    int64_t document;   /* sequence number of the document */

    /* as the filters say (enum wn_field 40 and up) */
    wn_str text, detected_lang, vector;
    int sanitised;
    struct topic *topics;
    struct topic topic_best;
    struct removed *removed;
    size_t n_topics, n_removed;

    /* Free for the chain: per-filter notes and verdicts. */
    void *chain;
};

struct item *item_create(void);
void item_destroy(struct item *item);
/* Empties it for the next use, keeps some memory. */
void item_reset(struct item *item);

/* Each appends a zeroed entry (length and duration -1) and returns it; NULL past the limit of
 * limits.h or without memory (both may be ignored: the entry is then simply not there). */
struct category *item_add_category(struct item *item);
struct person *item_add_person(struct item *item);
struct enclosure *item_add_enclosure(struct item *item);
struct link *item_add_link(struct item *item);
struct extension *item_add_extension(struct item *item);
struct topic *item_add_topic(struct item *item);
struct removed *item_add_removed(struct item *item);
/* Copies into the item's arena. */
wn_str item_str(struct item *item, wn_str s);
/* Hash over all that the feed says, in a fixed order (not the host's or filters' fields). */
uint64_t item_hash(const struct item *item);
/* A deep copy of everything but `chain`; NULL without memory. */
struct item *item_copy(const struct item *item);
/* The guid, or what stands for it: link, else "hash:" and 16 hex digits. Written to buf[40] if needed. */
wn_str item_key(const struct item *item, char buf[40]);

/* The feed around the items. */
struct feed_info {
    int format; /* enum feed_format */
    wn_str title, description, link, self, hub, language, id, rights, generator, image, icon;
    struct person *people;
    size_t n_people;
    struct category *categories;
    size_t n_categories;
    struct link *links; /* all of them */
    size_t n_links;
    int64_t published, updated;
    int64_t ttl;         /* seconds; -1: not given. RSS ttl, sy:updatePeriod/Frequency */
    uint32_t skip_hours; /* bit h set: hour h (GMT) is skipped */
    uint32_t skip_days;  /* bit d set: day d is skipped; 0 is Sunday */
};

struct document {
    struct arena arena;
    struct feed_info feed;
    struct item **items;
    size_t n_items, cap_items;
    size_t n_left_out; /* items past LIMIT_ITEMS */
    wn_str *warnings;  /* at most LIMIT_WARNINGS, lines for people */
    size_t n_warnings, n_more_warnings;
    size_t bytes; /* of the body, and of all items: what back-pressure counts */

    /* as the host knows */
    int64_t sequence; /* order in which transfers ended */
    int64_t arrived;
    wn_str source_key;          /* URL in the configuration */
    wn_str final_url;           /* after redirects */
    wn_str etag, last_modified; /* exactly as given; committed with the document's last part */
};

struct document *document_create(void);
void document_destroy(struct document *doc);
/* Takes the item over, also on failure (E_LIMIT, E_NOMEM). */
int document_add(struct document *doc, struct item *item);
void document_warn(struct document *doc, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "rss-2.0", "rss-1.0", "rss-0.9", "atom-1.0", "atom-0.3", "json-1", "cdf", "unknown" */
const char *format_name(int format);

#endif
