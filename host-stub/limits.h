/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h: everything in the host that grows has its limit here, each with its reason. Filters
 * have theirs in plugin/text/limits.h. Bytes unless said otherwise.
 */
#ifndef WINNOW_LIMITS_H
#define WINNOW_LIMITS_H

/* One table, a limit and its reason in a line: */
/* clang-format off */
#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

/* ---- fetching ---- */
#define LIMIT_BODY MIB(32)          /* a decoded body: the largest real feeds have some 20 MB */
#define LIMIT_FILE_BODY MIB(200)    /* a file on the command line; in memory it stays within 256 MB */
#define LIMIT_HEADERS KIB(64)       /* all response headers of one transfer */
#define LIMIT_VALIDATOR KIB(1)      /* an ETag or Last-Modified; longer ones are not sent back */
#define LIMIT_REDIRECTS 8           /* what browsers need is fewer; loops end here */
#define LIMIT_URL KIB(8)            /* what servers accept at most */
#define LIMIT_IN_FLIGHT MIB(64)     /* back-pressure: whole bodies and parsed documents together */
#define LIMIT_RECEIVING MIB(32)     /* bodies that are being received; beyond it one at a time goes on */
#define LIMIT_TRANSFERS 256         /* transfers at once, all hosts */
#define LIMIT_PER_HOST 4            /* transfers at once to one host: politeness */
#define LIMIT_POLLS 4096            /* requests that the schedule has with the fetcher, most of them queued */
#define LIMIT_SOURCES 100000        /* sources in one configuration */

/* ---- parsing ---- */
#define LIMIT_DEPTH 256             /* XML nesting; real feeds stay under 30 */
#define LIMIT_PROLOG MIB(4)         /* what may stand before a feed begins: PHP warnings, a page */
#define LIMIT_ATTRIBUTES 256        /* attributes an element; floods of them hang other parsers */
#define LIMIT_NAMESPACES 256        /* namespace declarations in force at once */
#define LIMIT_ENTITIES 64           /* entities that a document may declare */
#define LIMIT_ENTITY_TEXT MIB(1)    /* all that a document's own entities may expand to */
#define LIMIT_CONVERT MIB(32)       /* a document in another charset than UTF-8, which is copied */
#define LIMIT_ITEMS 100000          /* items in one document; the rest is told and left out */
#define LIMIT_DOCUMENT_PART 2048    /* items of one document in one epoch; cut there */
#define LIMIT_ITEM MIB(20)          /* all strings of one item, as the feed gives them */
#define LIMIT_TITLE KIB(8)          /* a longer title is cut at a character, and marked */
#define LIMIT_CATEGORIES 256        /* categories an item: 500 were seen, most of them spam */
#define LIMIT_ENCLOSURES 256        /* enclosures and media an item */
#define LIMIT_LINKS 64              /* links an item */
#define LIMIT_PEOPLE 64             /* authors and contributors an item */
#define LIMIT_EXTENSIONS 128        /* foreign elements that travel through, an item */
#define LIMIT_WARNINGS 32           /* warnings a document; the rest is counted */

/* ---- the chain ---- */
#define LIMIT_EPOCH_ITEMS 256       /* items an epoch, whole documents aside */
#define LIMIT_EPOCH_BYTES MIB(8)    /* of documents an epoch: far below LIMIT_IN_FLIGHT, or polling would wait
                                     * for an epoch that waits for more documents */
#define LIMIT_EPOCH_ARRIVALS 1024   /* answers an epoch, those without a document included */
#define LIMIT_EPOCH_MS 250          /* how long an epoch waits for more documents */
#define LIMIT_WORKERS 64            /* threads */
#define LIMIT_FILTERS 32            /* filters in a chain */
#define LIMIT_FILTER_CALL_S 60      /* a call into a filter that takes longer is a hang; `filter-timeout` */
#define LIMIT_FILTER_LOG 20         /* warnings of one filter in one epoch; the rest is counted */
#define LIMIT_ANALYSE 8             /* items an analyse call: the same on every machine, since an error
                                     * concerns all of them, and small, so that workers even out */
#define LIMIT_DEATHS 128            /* filters and documents that ended the process, remembered */
#define LIMIT_NOTE MIB(1)           /* a filter's scratch on one item */
#define LIMIT_KV_KEY KIB(1)         /* a filter's key */
#define LIMIT_KV_VALUE MIB(1)       /* a filter's value */
#define LIMIT_REASON KIB(1)         /* a verdict's reason, and its evidence */
#define LIMIT_REMOVED 512           /* removals told of one item */
#define LIMIT_REMOVED_TEXT KIB(2)   /* the text of one removal in events */

/* ---- keeping ---- */
#define LIMIT_EPOCH_LOG MIB(1024)   /* an epoch's changes, kept to repeat them: 64 MiB came in, each stored
                                     * as it came and as filters left it, beside what filters note */
#define LIMIT_ORIGINAL KIB(256)     /* of an item as it came, kept for explain; larger ones are not */
#define LIMIT_STORY 256             /* members of a story shown with an entry */
#define LIMIT_EVENT MIB(4)          /* one line: 512 removals of 2 KiB, a title, a reason, escaped */
#define LIMIT_OUTBOX 100000         /* event rows waiting for the file; then the oldest go, counted */
#define GUID_MEMORY_DAYS 30         /* a guid is remembered so long after its source dropped it */

/* ---- talking ---- */
#define LIMIT_CONTROL_LINE KIB(64)  /* one request on the control socket */
#define LIMIT_CONTROL_ANSWER MIB(64) /* one answer: explain tells much of a story with many members */
#define LIMIT_CONTROL_CLIENTS 16    /* at once */
#define LIMIT_CONFIG MIB(32)        /* winnow.yaml: 100,000 sources fit */
#define LIMIT_OUTPUT_TOPICS 64      /* topics in an output's `topic` or `except`; there are 17 of the first level */
#define LIMIT_HTTP_CLIENTS 1024     /* connections to the serving side */
#define LIMIT_PAGES 4096            /* documents that are served */

#endif
