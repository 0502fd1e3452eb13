/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: what survives: STATE/winnow.db (SQLite, WAL, synchronous=FULL, STRICT tables,
 * user_version migrations).
 *
 * One struct store a process holds the only writing connection and the lock on the state; its
 * functions are the judge thread's (or the main thread's while no judge runs). Each worker and the
 * publisher has a struct reader of its own.
 *
 * Writing: store_begin, any number of changes, store_commit: one transaction an epoch. All changes
 * are also remembered in order, so that a full disk costs nothing: the transaction is rolled back,
 * and store_commit, called again, repeats it. Nothing is judged twice.
 */
#ifndef WINNOW_STORE_H
#define WINNOW_STORE_H

#include <stdint.h>

#include "buf.h"
#include "item.h"
#include "verdict.h"

struct store;
struct reader;
struct topic_choice;

/* dir NULL: in memory, for `winnow filter` without --state. Makes the folder. E_BUSY: `holder` (of
 * 256 bytes, may be NULL) says who: "process 4711, winnow run". E_CORRUPT, E_VERSION, E_IO, E_FULL.
 */
int store_open(const char *dir, const char *who, struct store **store, char *holder);
/* The same, waiting up to wait_ms for the holder to let go: `winnow filter` processes take turns.
 */
int store_open_wait(const char *dir, const char *who, int wait_ms, struct store **store,
                    char *holder);
void store_close(struct store *store);
/* 1: opened with dir NULL; readers share its connection. */
int store_in_memory(const struct store *store);
/* 36 characters, made with the state: entry ids come of it. */
const char *store_uuid(const struct store *store);

/* ---- an epoch's transaction ----
 * The judge's order: store_begin; store_identify for each item; chain_run (kv_get, kv_put);
 * store_put_item for each item that is new or updated, dropped ones too; stories_apply (stores
 * verdicts and revisions); store_put_source for each document's last part; store_commit;
 * events_drain. */
int store_begin(struct store *store);
/* E_FULL or E_IO: nothing is lost; call again later. Gives the generation, which grows only when
 * something changed that a clean feed may show; *generation is filled on success alone. */
int store_commit(struct store *store, int64_t *generation);
/* Gives up on the transaction, as if it had never begun. */
void store_abandon(struct store *store);

/* Finds the item by source and key, or gives it a new id and a story of its own; fills id,
 * revision, arrived (kept where known; else what is set, or now), story and hash, and marks it as
 * listed now. Call it before any filter sees the item: what the feed said is remembered for `winnow
 * explain`. `document` must be set: several items of one document under one guid are told apart by
 * link and title. Returns enum identity (ITEM_SAME also for one that retention has removed: its
 * story is then 0) or a negative status. */
int store_identify(struct store *store, struct item *item);
/* After the chain; dropped 1: a filter said DROP, the item is kept for explain alone. */
int store_put_item(struct store *store, const struct item *item, int dropped);
/* 1: an item with this id is in the store, or identified in this transaction; else 0. Cheap: it is
 * asked for every `of` that a filter names. */
int store_known(struct store *store, int64_t item);
int store_put_verdict(struct store *store,
                      const struct verdict *verdict); /* replaces that filter's word */
/* A source's validators and state. doc NULL: no document came of it, the validators stay. report
 * NULL likewise. */
struct fetch_report;
int store_put_source(struct store *store, const struct document *doc,
                     const struct fetch_report *report);

/* Private keys of a filter. get sees what this transaction has put. Values live until the next
 * call. */
int store_kv_get(struct store *store, const char *filter, wn_str key, wn_str *value);
int store_kv_put(struct store *store, const char *filter, wn_str key, wn_str value,
                 int64_t expires);
int store_kv_scan(struct store *store, const char *filter, wn_str prefix, wn_kv_fn fn, void *user);

/* Event rows: a JSON object without newline, sent to the file after the commit. */
int store_event(struct store *store, const char *json, size_t n);

/* Persons' words. */
int store_constrain(struct store *store, int64_t a, int64_t b, uint32_t constraint);
int store_each_constraint(struct store *store,
                          int (*fn)(void *user, int64_t a, int64_t b, uint32_t c), void *user);

/* Removes items that arrived before now - window and are in no entry that is still shown: of those
 * younger than `within` seconds and of the newest `keep`. (Where an output shows one language or
 * topic only, its `keep` reaches further back: pass several times as many.) Also forgets guids that
 * their source dropped GUID_MEMORY_DAYS ago. Calls fn for each item removed. At most `most` items a
 * call, so that no epoch waits long; *removed equal to most: call again. */
int store_retain(struct store *store, int64_t now, int64_t window, int64_t within, int64_t keep,
                 size_t most, void (*fn)(void *user, int64_t item), void *user, size_t *removed);

/* ---- reading ---- */
/* A connection of its own for one thread; of an in-memory store it shares the writer's (one thread
 * then). */
int reader_open(struct store *store, struct reader **reader);
/* Read-only on a state that another process may hold. E_ABSENT: there is none; E_REFUSED: another
 * user's. */
int reader_open_dir(const char *dir, struct reader **reader);
void reader_close(struct reader *reader);
/* The writer's own view, changes of the open transaction included; belongs to the store. */
struct reader *store_reader(struct store *store);
/* Value lives until the next call on this reader. */
int reader_kv_get(struct reader *reader, const char *filter, wn_str key, wn_str *value);
/* A consistent view over several calls. */
int reader_begin(struct reader *reader);
void reader_end(struct reader *reader);
int64_t reader_generation(struct reader *reader);
/* E_ABSENT. The caller destroys the item. */
int reader_item(struct reader *reader, int64_t id, struct item **item);
/* The item as the feed gave it, before any filter; the same as reader_item where none changed it.
 */
int reader_original(struct reader *reader, int64_t id, struct item **item);
/* What each filter last said of the item, by filter name; strings live until the callback returns;
 * `filter` is -1. A filter that said plain KEEP without a reason has no row. */
int reader_each_verdict(struct reader *reader, int64_t item,
                        int (*fn)(void *user, const struct verdict *verdict), void *user);
/* The strongest of them: DROP, DUPLICATE, EDITION, RELATED, KEEP; strings in `arena`. E_ABSENT:
 * none. */
int reader_final(struct reader *reader, int64_t item, struct arena *arena, struct verdict *verdict);

/* What the scheduler starts from. Strings live until the callback returns. */
struct source_state {
    wn_str url, etag, last_modified, title, error;
    int64_t last_fetch, last_success, next; /* TIME_ABSENT: never */
    int failures, http, status;
    wn_str final_url, note; /* note: the warnings of the last document, lines */
    int64_t document_at;    /* when the last document (not a 304) came; TIME_ABSENT: never */
    int64_t listed;         /* its items */
    int64_t ttl;            /* what it wishes of its pollers, as in struct feed_info */
    uint32_t skip_hours, skip_days;
};
int reader_each_source(struct reader *reader,
                       int (*fn)(void *user, const struct source_state *state), void *user);
/* One of them. E_ABSENT: never polled. */
int reader_source(struct reader *reader, const char *url,
                  int (*fn)(void *user, const struct source_state *state), void *user);

/* How much there is, for stats and explain. */
struct store_counts {
    int64_t items, stories, entries, waiting, sources, failing, guids, keys, events;
};
int reader_counts(struct reader *reader, struct store_counts *counts);

/* ---- entries: what the clean feed shows (story.h decides them, publish.h prints them) ---- */
struct member { /* an item of the story; strings live as long as the entry */
    int64_t item, arrived, published;
    uint32_t kind; /* enum wn_kind of its strongest verdict; WN_RELATED: another report, not of this
                      story */
    wn_str lang, link, title, source_name, source_key;
};
struct entry {
    struct arena arena;
    int64_t id, story;
    int64_t shown;          /* when it first appeared: the window counts from here */
    int64_t updated;        /* last change that a reader should see */
    char uuid[46];          /* "urn:uuid:…", stable for ever */
    struct item *face;      /* topics of all members joined; owned by the entry */
    struct member *members; /* without the face, the fullest first; at most LIMIT_STORY */
    size_t n_members;
};
/* Newest shown first: all shown at or after `since`, and at least `keep`. The entry lives until the
 * callback returns; a value other than 0 ends it. lang as in struct output, may be NULL; topics NULL:
 * whatever its topics. */
int reader_each_entry(struct reader *reader, int64_t since, int64_t keep, const char *lang,
                      const struct topic_choice *topics,
                      int (*fn)(void *user, const struct entry *entry), void *user);

/* The outbox, oldest first; rows are deleted by store_events_sent. */
int reader_each_event(struct reader *reader, int64_t after,
                      int (*fn)(void *user, int64_t seq, wn_str json), void *user);
int store_events_sent(struct store *store, int64_t up_to);
/* Rows that a full outbox has pushed out, since open. */
int64_t store_events_lost(const struct store *store);

#endif
