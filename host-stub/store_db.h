/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_db.h: what the files of the store share: the connection with its cached statements, the log
 * that lets a transaction be repeated, the filters' keys that wait for the commit. For store*.c,
 * reader*.c, story*.c and entry*.c alone.
 *
 * All writing goes through store_run(), which remembers statement and parameters before it runs
 * them. Ids come of counters that are parameters too, so that repeating the log gives the same
 * rows.
 */
#ifndef WINNOW_STORE_DB_H
#define WINNOW_STORE_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "limits.h"
#include "store.h"
#include "store_sql.h"

struct store;
struct db {
    sqlite3 *handle;
    sqlite3_stmt *stmts[SQL_COUNT];
    struct store
        *owner; /* of a store's own connection: a read there must see its open transaction */
};

/* OK, E_FULL, E_IO, E_CORRUPT, E_BUSY, E_NOMEM, E_VERSION for an SQLite result code. */
int db_status(int code);
/* The cached statement, reset and without parameters; NULL: *status says why. */
sqlite3_stmt *db_stmt(struct db *db, enum sql id, int *status);
/* Binds by a string of types: i int64_t, s wn_str as text, b wn_str as a blob, d double. An absent
 * string is NULL. Strings must live until the statement is reset. On a store's own connection
 * store_readable() comes first. */
sqlite3_stmt *db_query(struct db *db, enum sql id, int *status, const char *types, ...);
/* The next row: 1, 0 at the end, or a negative status. */
int db_step(sqlite3_stmt *stmt);
/* Ends a statement early; the failure of a column that could not be handed out shows here. */
int db_done(sqlite3_stmt *stmt);
/* Runs a query for its first column: OK, E_ABSENT (no row, or NULL) or a failure. */
int db_number(struct db *db, enum sql id, int64_t *value, const char *types, ...);
wn_str db_text(sqlite3_stmt *stmt,
               int column); /* lives until the next step; NULL gives {NULL, 0} */
wn_str db_blob(sqlite3_stmt *stmt, int column);
void db_close(struct db *db);

/* A reader: its own connection, or the store's. */
struct reader {
    struct db *db; /* own, or of the store it looks into */
    struct db own;
    struct buf value; /* what kv_get handed out */
    int in_view;
    int shared; /* own.handle is that of a store in memory */
};

/* ---- filters' writes of this transaction, until the commit turns them into rows ---- */
struct kv_entry {
    uint64_t hash;
    int filter;
    int state; /* 0: free, 1: to be written, 2: written already */
    int64_t expires;
    wn_str key, value; /* value.ptr NULL: deleted; both in the overlay's arena */
};
struct kv_overlay {
    struct kv_entry *slots; /* open addressing; cap is a power of two */
    size_t n, cap, bytes;
    struct arena arena;
};
void kv_overlay_reset(struct kv_overlay *overlay);
int store_kv_flush(struct store *store); /* only while a transaction is open */

/* ---- the log ---- */
struct oplog {
    struct buf bytes;
};

/* What the feed said of the items of this transaction, until store_put_item stores it beside what
 * the chain made of them. */
struct original {
    int64_t item;
    char *bytes;
    size_t n;
};

/* The guids of the document that is being identified: several items under one guid are told apart.
 */
struct seen_guid {
    uint64_t key[2], mark[2]; /* 128-bit hashes of the guid; of guid, link and title */
    uint64_t hash;
    int used;
};
struct seen {
    struct seen_guid *slots; /* open addressing; cap is a power of two */
    size_t n, cap;
    int64_t document, source;
};
void seen_reset(struct seen *seen);

struct counters {
    int64_t next_item, next_story, next_entry, next_event;
};

enum tx_state {
    TX_NONE,
    TX_OPEN,   /* SQLite has a transaction with all that the log holds */
    TX_FAILED, /* rolled back by a failure; the log holds everything */
};

enum { KV_FILTERS = 64 };

/* Besides persons' words (enum wn_constraint) table ruling holds what retention leaves of an item
 * that had joined two others: they stay together without it. Nobody is told of these. */
enum { RULING_HELD = 3 };

struct store {
    struct db db;
    struct reader reader; /* looks into db */
    char *dir;            /* NULL: in memory */
    int lock_fd;
    char uuid[37];

    int tx;                  /* enum tx_state */
    int sealed;              /* the log is complete, only the commit is missing */
    int failure;             /* why it is TX_FAILED */
    int64_t last_attempt_ms; /* of repeating the log in the middle of an epoch */
    int visible;             /* something changed that readers may see */
    struct oplog log;
    struct kv_overlay overlay;
    struct seen seen;
    struct original *originals;
    size_t n_originals, cap_originals;

    int64_t now;       /* seconds, taken at store_begin */
    int64_t fixed_now; /* for tests: if not 0, now */
    int64_t generation;
    struct counters counters; /* the next ids; in the database as of the last commit */
    struct counters before;   /* at store_begin */
    int64_t last_source_row;  /* highest id in table source */
    int64_t first_event;      /* no outbox row is older */
    int64_t sent_event;       /* rows up to here go with the next commit */
    int64_t orphans_at;  /* when guids of sources that are polled no more were last looked for */
    int64_t lost_events; /* pushed out of a full outbox since the last time that was told */

    char filters[KV_FILTERS][64]; /* names; index: the id in table filter, 0 unused */
    int n_filters;                /* the highest id */
    char *last_source;            /* URL whose id is last_source_id: items come in documents */
    int64_t last_source_id;
};

/* Remembers and runs a statement that returns no rows. Types as db_query. In TX_FAILED it only
 * remembers. E_INVALID outside of a transaction. */
int store_run(struct store *store, enum sql id, const char *types, ...);
/* Before a read in a transaction: makes sure that SQLite has all of it, repeating the log if a
 * failure rolled it back; at most five times a second, so that a broken disk isn't hammered. */
int store_readable(struct store *store);
/* A step of several changes is made whole or not at all: store_rewind forgets what came since the
 * mark if status is a failure (at the price of repeating the rest), and returns status. */
size_t store_mark(const struct store *store);
int store_rewind(struct store *store, size_t mark, int status);
void store_fail(struct store *store, int status); /* rolls back; the log keeps everything */
int store_repeat(struct store *store);            /* from the log, in a fresh transaction */
int store_load_filters(struct store *store);
int store_source_id(struct store *store, wn_str url, int64_t *id); /* makes the row if need be */
int64_t item_visible_length(const struct item *item); /* bytes of text that a reader sees */
int64_t store_now(const struct store *store);

const char *db_sql(enum sql id); /* its text, for statements that may nest */

int schema_open(struct db *db, int writable); /* migrates; E_VERSION: made by a newer Winnow */
int schema_pragmas(struct db *db, int writable);

/* store_code.c: an item as one versioned blob. Everything but id, arrived, story and chain, which
 * have columns. */
int item_encode(const struct item *item, struct buf *out);
/* E_CORRUPT, E_VERSION, E_NOMEM. Sets all but those. */
int item_decode(const char *p, size_t n, struct item **item);

#endif
