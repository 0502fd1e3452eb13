/* SPDX-License-Identifier: Apache-2.0 */
/*
 * winnow_plugin.h: the only header that a Winnow filter, or a host of one, needs.
 *
 * A plugin is a shared object with one exported symbol, winnow_plugin_register(). It returns a
 * static descriptor; the host calls its Init, and Init registers filters with api->add_filter().
 * Both directions are tables of function pointers that begin with their size and only ever grow
 * at the end: before calling a member that is younger than 1.0, test it with WN_HAS().
 *
 * Threads. Each function names who may call it:
 *   [main]   the thread that loads plugins; nothing else of that filter is running.
 *   [worker] any of the host's worker threads, several at once for one filter.
 *   [judge]  one thread at a time, never while a [worker] call of the same filter is running.
 *   [any]    every phase above.
 * A host with one thread is a correct host.
 *
 * Lifetimes. What the host hands out (strings, items, notes, kv values) dies when the callback in
 * which it was obtained returns, notes excepted. What a filter hands in is copied before the call
 * returns; a verdict's strings need only live until the next call into that filter on the
 * same thread.
 *
 * Strings are UTF-8 with a length, not NUL-terminated, and may hold anything that the network
 * sent. Times are seconds since 1970-01-01T00:00:00Z. Scores inside items are millionths.
 *
 * Compiles alone as C11, C17, C++11 and C++17. winnow_plugin(3) tells the same at more length.
 */
#ifndef WINNOW_PLUGIN_H
#define WINNOW_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The major number changes when something breaks, the minor when a table grows. */
#define WN_ABI_MAJOR 1u
#define WN_ABI_MINOR 0u
#define WN_ABI ((WN_ABI_MAJOR << 16) | WN_ABI_MINOR)

/* Whether a table that the other side filled reaches as far as this member, and has it set. */
#define WN_HAS(table, member) ((table)->size >= WN_REACH_(table, member) && (table)->member != NULL)
#define WN_REACH_(table, member)                                                                   \
    ((size_t)((const char *)&(table)->member - (const char *)(table)) + sizeof((table)->member))

typedef struct wn_host wn_host; /* the host's side of one plugin or one filter instance */
typedef struct wn_item wn_item; /* one entry of a feed on its way through the chain */

typedef struct wn_str {
    const char *ptr; /* NULL: absent, or as a kv value: delete */
    size_t len;      /* bytes */
} wn_str;

/* What functions return: WN_OK or one of the negatives. */
enum wn_status {
    WN_OK = 0,
    WN_ERROR = -1,       /* failed; the reason went to api->log */
    WN_NOMEM = -2,       /* out of memory */
    WN_INVALID = -3,     /* an argument out of its range, or called in a wrong phase */
    WN_ABSENT = -4,      /* no such field, index, key or option */
    WN_LIMIT = -5,       /* would grow past a limit */
    WN_UNSUPPORTED = -6, /* this host or filter doesn't do that */
};

enum wn_log_level { WN_LOG_ERROR = 0, WN_LOG_WARNING = 1, WN_LOG_INFO = 2, WN_LOG_DEBUG = 3 };

/*
 * The fields of an item, by number. "s" fields are read by str() and written by put(); "n" fields
 * by num() and put_num(). A field marked [] is a list: index 0, 1, …; writing at the index that
 * equals the present count appends. For the others the index is 0. A host answers WN_ABSENT for
 * what it doesn't know or have; a foreign host needs no more than ID, TITLE, LINK and CONTENT.
 */
enum wn_field {
    /* What the feed said. */
    WN_ID = 1,               /* n: stable for ever, > 0; an updated item keeps it */
    WN_REVISION = 2,         /* n: 0 at the first sighting, counts updates of the same guid */
    WN_GUID = 3,             /* s */
    WN_LINK = 4,             /* s: absolute URL of the article */
    WN_TITLE = 5,            /* s: plain text */
    WN_SUMMARY = 6,          /* s: HTML; a put clears SANITISED */
    WN_CONTENT = 7,          /* s: HTML; a put clears TEXT, DETECTED_LANG, VECTOR and SANITISED */
    WN_DECLARED_LANG = 8,    /* s: BCP 47, as the feed declares it for the item or for itself */
    WN_PUBLISHED = 9,        /* n: absent where the feed gives none or an absurd one */
    WN_UPDATED = 10,         /* n */
    WN_ARRIVED = 11,         /* n: when the host received it; the only clock that filters need */
    WN_AUTHOR = 12,          /* s [] */
    WN_SOURCE_URL = 13,      /* s: the feed's own URL, stable id of the source */
    WN_SOURCE_TITLE = 14,    /* s */
    WN_SOURCE_LINK = 15,     /* s: the site that the feed belongs to */
    WN_SOURCE_LANG = 16,     /* s: the language of the feed, where it declares one */
    WN_CATEGORY_TERM = 20,   /* s []: putting a term at the count appends a category */
    WN_CATEGORY_SCHEME = 21, /* s []: same index as the term */
    WN_CATEGORY_LABEL = 22,  /* s []: same index as the term */
    WN_ENCLOSURE_URL = 24,   /* s []: enclosures and media, pictures included */
    WN_ENCLOSURE_TYPE = 25,  /* s [] */
    WN_LINK_HREF = 28,       /* s []: further links */
    WN_LINK_REL = 29,        /* s [] */
    WN_LINK_HREFLANG = 30,   /* s [] */
    WN_DOCUMENT = 31,        /* n: sequence number of the fetched document, same for its items */
    /* What one filter computes for those behind it. */
    WN_TEXT = 40,          /* s: plain text of the content, blocks parted by '\n' */
    WN_DETECTED_LANG = 41, /* s: BCP 47 */
    WN_VECTOR = 42,        /* s: bytes; begins with the model's 32-bit version */
    WN_SANITISED = 43,     /* n: 1 once CONTENT and SUMMARY were made safe HTML, in this run */
    WN_TOPIC_ID = 44,    /* s []: "01000000" … the digits of an IPTC medtop id, above threshold */
    WN_TOPIC_SCORE = 45, /* n []: millionths, same index */
    WN_TOPIC_BEST_ID = 46,    /* s: the best topic whatever its score */
    WN_TOPIC_BEST_SCORE = 47, /* n */
    WN_REMOVED_RULE = 50,     /* s []: what boilerplate took away: the rule … */
    WN_REMOVED_TEXT = 51,     /* s []: … its text … */
    WN_REMOVED_PLACE = 52, /* s []: … and where: "head", "body", "tail", "title", "shadow:tail" … */
    WN_STORY = 53,         /* n: id of the story, once the host knows it (observe, judge) */
};

/* What a filter says of an item. Only DROP ends the chain for it. */
enum wn_kind {
    WN_KEEP = 0,      /* stands for itself; also takes back an earlier word */
    WN_RELATED = 1,   /* another report of the same event as `of`: linked, never hidden */
    WN_EDITION = 2,   /* the same article as `of` in another language */
    WN_DUPLICATE = 3, /* a copy of `of` */
    WN_DROP = 4,      /* not for the reader; `of` is ignored */
};

typedef struct wn_verdict {
    size_t size;     /* sizeof(wn_verdict), set by whoever allocates it (judge: the host) */
    uint32_t kind;   /* enum wn_kind; the host presets WN_KEEP */
    int64_t of;      /* item id of any member of the story; 0: none */
    double score;    /* 0..1, how sure; the host presets 1 */
    wn_str reason;   /* one line for people, English */
    wn_str evidence; /* "name=value name=value …", for explain and events; may be absent */
} wn_verdict;

/* What a person ruled about two items; the filter obeys it in all later verdicts. */
enum wn_constraint { WN_FREE = 0, WN_TOGETHER = 1, WN_APART = 2 };

/* The type of an option; the host checks the configured value before create. */
enum wn_option_type {
    WN_OPT_BOOL = 0,   /* handed over as "true" or "false" */
    WN_OPT_INT = 1,    /* decimal */
    WN_OPT_NUMBER = 2, /* decimal with '.' */
    WN_OPT_STRING = 3,
    WN_OPT_CHOICE = 4,   /* one of `choices`, which is "a|b|c" */
    WN_OPT_DURATION = 5, /* configured as 90s, 5m, 48h, 7d; handed over as seconds */
    WN_OPT_LIST = 6,     /* items joined by '\n' */
    WN_OPT_MAP = 7,      /* lines "key\tvalue\n" */
    WN_OPT_PATH = 8,     /* relative to the configuration's folder; handed over absolute */
    WN_OPT_JSON = 9,     /* anything nested; handed over as JSON text */
};

typedef struct wn_option {
    const char *key;
    uint32_t type;       /* enum wn_option_type */
    uint32_t per_source; /* 1: a source may override it */
    const char *def;     /* default in the handed-over form; NULL: none */
    const char *choices; /* CHOICE: "a|b|c"; INT and NUMBER: "min..max" or NULL */
    const char *help;    /* one line */
} wn_option;

typedef struct wn_filter wn_filter;

/* Called by kv_scan for each entry, in key order; any value but 0 ends the scan. */
typedef int (*wn_kv_fn)(void *user, wn_str key, wn_str value);

/*
 * Host to filter. `host` is always the handle that Init or create was given. Functions return
 * enum wn_status unless said otherwise. Members that a foreign host leaves NULL: config (all
 * defaults), kv_*, revise, extension.
 */
typedef struct wn_api {
    size_t size;
    uint32_t abi; /* WN_ABI of the host */
    const char *host_name;
    const char *host_version;

    /* [any] One line, without newline; the host adds the filter's name and the document. */
    void (*log)(wn_host *host, int level, const char *message);

    /* [main, in Init] Registers a filter; `filter` must live as long as the process. */
    int (*add_filter)(wn_host *host, const wn_filter *filter);

    /* [any] An option's value as text, validated. With an item: that item's source may override.
     * WN_ABSENT: not configured and without default. */
    int (*config)(wn_host *host, const wn_item *item, const char *key, wn_str *value);

    /* [worker, observe, judge] Reads a field. */
    int (*str)(const wn_item *item, uint32_t field, uint32_t index, wn_str *value);
    int (*num)(const wn_item *item, uint32_t field, uint32_t index, int64_t *value);
    /* Entries in a list field; 0 or 1 for the others. Not a status. */
    uint32_t (*count)(const wn_item *item, uint32_t field);

    /* [worker: only the items of this analyse call; judge: only its item] Writes a field.
     * put with value.ptr NULL clears it (a list entry: removes it with its siblings). Strings but
     * VECTOR must be UTF-8 (else WN_INVALID); C0 controls other than tab, newline and return are left out.
     * WN_INVALID too for what only the host may say: ID, GUID, SOURCE_…, ARRIVED, STORY …. */
    int (*put)(wn_item *item, uint32_t field, uint32_t index, wn_str value);
    int (*put_num)(wn_item *item, uint32_t field, uint32_t index, int64_t value);

    /* [worker, observe, judge] This filter's scratch on this item: zeroed at the first call
     * with size > 0, the same memory afterwards (size ignored), gone when judge is done with the
     * item. NULL: none yet and size is 0, or out of memory. No destructor: keep no pointers to
     * the heap in it. Aligned for any type. */
    void *(*note)(wn_host *host, wn_item *item, size_t size);

    /* Keys and values that survive restarts, private to this filter.
     * kv_get [any]; kv_put [observe, judge, constrain, forget]: value.ptr NULL deletes; expires: time
     * after which the entry may vanish, 0: never. kv_scan [create, observe, judge, constrain, forget]:
     * keys that begin with prefix. Keys up to 1 KiB, values up to 1 MiB (WN_LIMIT).
     * Writes become durable together with the epoch's verdicts, or not at all. */
    int (*kv_get)(wn_host *host, wn_str key, wn_str *value);
    int (*kv_put)(wn_host *host, wn_str key, wn_str value, int64_t expires);
    int (*kv_scan)(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user);

    /* [observe, judge, constrain] Replaces what this filter said of an earlier item. WN_ABSENT: the host
     * no longer has that item, or the verdict's `of`; WN_INVALID: a verdict without sense. */
    int (*revise)(wn_host *host, int64_t item, const wn_verdict *verdict);

    /* [any] A host's extension table by "name/revision", or NULL. */
    const void *(*extension)(wn_host *host, const char *id);
} wn_api;

/*
 * Filter to host. `self` is what create made. Functions returning int return enum wn_status; an
 * error keeps the item (fail open) and is counted: three in a row disable the filter. Members
 * that may be NULL: thread_enter, thread_leave, analyse, observe, constrain, forget, extension.
 */
struct wn_filter {
    size_t size;
    const char *name;         /* as in the configuration: [a-z][a-z0-9-]* */
    const wn_option *options; /* ends with key NULL; NULL: none */

    /* [main or judge] Makes an instance. Instances are independent of one another. WN_ERROR with a
     * logged reason: the host refuses to start (at a reload: keeps the old chain). */
    int (*create)(const wn_api *api, wn_host *host, void **self);
    void (*destroy)(void *self);

    /* [worker] Before the first and after the last analyse on a thread; the pointer comes back in
     * analyse. Returning NULL is fine. */
    void *(*thread_enter)(void *self);
    void (*thread_leave)(void *self, void *thread);

    /* [worker] Everything costly, for n items at once. Reads the filter's state, writes only
     * these items and their notes. Nobody writes the state meanwhile. */
    int (*analyse)(void *self, void *thread, wn_item *const *items, size_t n);

    /* [judge] Once a document, before its first judge, with all of its items. */
    int (*observe)(void *self, wn_item *const *items, size_t n);

    /* [judge] In order of arrival. May write the filter's state and this item. */
    int (*judge)(void *self, wn_item *item, wn_verdict *verdict);

    /* [judge] A person's ruling, now and again after every create. */
    int (*constrain)(void *self, int64_t a, int64_t b, uint32_t constraint);

    /* [judge] Retention removed the item: forget all about it. */
    void (*forget)(void *self, int64_t item);

    /* [any] A filter's extension table by "name/revision", or NULL. */
    const void *(*extension)(void *self, const char *id);
};

/*
 * Extensions of filters that this header names; wn_filter.extension returns their tables, which
 * begin with their size too. Static data of the plugin.
 *
 * "winnow.topic-labels/1": what a topic is called. label is [any]: `topic` is a WN_TOPIC_ID, `lang` a
 * BCP 47 tag; the label lives as long as the process. WN_ABSENT: no such topic or no label in that
 * language or English.
 */
#define WN_TOPIC_LABELS "winnow.topic-labels/1"
typedef struct wn_topic_labels {
    size_t size;
    int (*label)(void *self, wn_str topic, wn_str lang, wn_str *label);
} wn_topic_labels;

typedef struct wn_plugin {
    uint32_t abi; /* first for ever: WN_ABI that the plugin was built with */
    size_t size;
    const char *name;
    const char *version;
    const char *license; /* SPDX */
    const char *author;
    /* [main] Registers the filters; an error refuses the plugin. */
    int (*Init)(const wn_api *api, wn_host *host);
} wn_plugin;

/*
 * The one symbol. [main] host_abi is the host's WN_ABI; a plugin returns NULL when that host is
 * too old for it. The descriptor is static. A host loads a plugin whose major equals its own and
 * whatever its minor: each side looks at the other's sizes.
 */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const wn_plugin *
winnow_plugin_register(uint32_t host_abi);

#ifdef __cplusplus
}
#endif
#endif
