/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and the way from each version of them to the next. */
#include <stdio.h>
#include <string.h>

#include "status.h"
#include "store_db.h"

/* Each step takes a database from version i to i + 1 in one transaction. Never change a step that
 * was released: add one. */
static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

    "CREATE TABLE source (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT, etag TEXT,"
    " last_modified TEXT, final_url TEXT, last_fetch INTEGER, last_success INTEGER, next INTEGER,"
    " failures INTEGER NOT NULL DEFAULT 0, http INTEGER NOT NULL DEFAULT 0,"
    " status INTEGER NOT NULL DEFAULT 0, error TEXT,"
    " document_at INTEGER, listed INTEGER, note TEXT," /* the last document: when, items, warnings
                                                        */
    " swept_at INTEGER) STRICT;"

    /* What a source lists or has listed lately; outlives the item. key: 128-bit hash of the guid or
     * what stands for it. dropped: since when the source lists it no more. */
    "CREATE TABLE guid (source INTEGER NOT NULL, key BLOB NOT NULL, item INTEGER NOT NULL,"
    " hash INTEGER NOT NULL, revision INTEGER NOT NULL, listed INTEGER NOT NULL, dropped INTEGER,"
    " ambiguous INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX guid_dropped ON guid (dropped) WHERE dropped IS NOT NULL;"

    "CREATE TABLE item (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " arrived INTEGER NOT NULL, published INTEGER, story INTEGER NOT NULL,"
    " entry INTEGER NOT NULL DEFAULT 0, lang TEXT, length INTEGER NOT NULL,"
    " dropped INTEGER NOT NULL, guid TEXT, link TEXT, title TEXT, source_name TEXT,"
    " look INTEGER NOT NULL, changed INTEGER NOT NULL) STRICT;" /* hash of what readers see; since
                                                                   when */
    "CREATE INDEX item_story ON item (story);"
    "CREATE INDEX item_arrived ON item (arrived);"

    /* after: as the chain left it; before: as the feed gave it, where that differs. Apart from
     * item, so that a change of story doesn't rewrite the text. Not compressed: items of real feeds
     * have 2.1 KB in the mean (0.8 KB in the median), of which zlib would leave half to a third for
     * 43 us an item, nearly as long as the store needs for all the rest. */
    "CREATE TABLE body (item INTEGER PRIMARY KEY, after BLOB NOT NULL, before BLOB) STRICT;"
    "CREATE TABLE topic (item INTEGER NOT NULL, id TEXT NOT NULL, score INTEGER NOT NULL,"
    " PRIMARY KEY (item, id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE verdict (item INTEGER NOT NULL, filter TEXT NOT NULL, kind INTEGER NOT NULL,"
    " other INTEGER NOT NULL, score REAL NOT NULL, reason TEXT, evidence TEXT,"
    " time INTEGER NOT NULL, PRIMARY KEY (item, filter)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX verdict_other ON verdict (other) WHERE other != 0;"

    "CREATE TABLE ruling (a INTEGER NOT NULL, b INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " time INTEGER NOT NULL, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ruling_b ON ruling (b);"

    "CREATE TABLE story_was (id INTEGER PRIMARY KEY, became INTEGER NOT NULL) STRICT;"
    "CREATE INDEX story_became ON story_was (became);"
    "CREATE TABLE waiting (story INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;"
    "CREATE INDEX waiting_since ON waiting (since, story);"
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, story INTEGER NOT NULL, face INTEGER NOT NULL,"
    " shown INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;"
    "CREATE INDEX entry_story ON entry (story);"
    "CREATE INDEX entry_shown ON entry (shown, id);"

    "CREATE TABLE filter (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE kv (filter INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " expires INTEGER NOT NULL, PRIMARY KEY (filter, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX kv_expires ON kv (expires) WHERE expires > 0;"
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;",

    /* 2: what the last document wishes of its pollers, since a 304 doesn't say it again */
    "ALTER TABLE source ADD COLUMN ttl INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE source ADD COLUMN skip_hours INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE source ADD COLUMN skip_days INTEGER NOT NULL DEFAULT 0;",
};
enum { VERSION = sizeof steps / sizeof *steps };

static int exec(sqlite3 *handle, const char *sql)
{
    return db_status(sqlite3_exec(handle, sql, NULL, NULL, NULL));
}

static int pragma_number(sqlite3 *handle, const char *sql, int64_t *value)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : code == SQLITE_DONE ? E_CORRUPT : db_status(code);
}

int schema_pragmas(struct db *db, int writable)
{
    sqlite3_busy_timeout(db->handle, 5000);
    sqlite3_extended_result_codes(db->handle, 1);
    int status = exec(db->handle, "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
                                  "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;");
    if (status != OK || !writable)
        return status != OK ? status : exec(db->handle, "PRAGMA cache_size = -4096;");
    /* Dirty pages stay in memory until the commit (cache_spill off), so that a full disk can only
     * show there, where the whole transaction can be repeated. */
    return exec(db->handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                            "PRAGMA cache_size = -16384; PRAGMA cache_spill = OFF;"
                            "PRAGMA journal_size_limit = 16777216;");
}

int schema_open(struct db *db, int writable)
{
    int64_t version = 0;
    int status = pragma_number(db->handle, "PRAGMA user_version", &version);
    if (status != OK)
        return status;
    if (version > VERSION)
        return E_VERSION;
    if (version == VERSION)
        return OK;
    if (!writable)
        return version ? E_VERSION : E_ABSENT;
    for (; version < VERSION; version++) {
        char mark[64];
        snprintf(mark, sizeof mark, "PRAGMA user_version = %d; COMMIT;", (int)version + 1);
        status = exec(db->handle, "BEGIN IMMEDIATE");
        if (status == OK)
            status = exec(db->handle, steps[version]);
        if (status == OK)
            status = exec(db->handle, mark);
        if (status != OK) {
            exec(db->handle, "ROLLBACK");
            return status;
        }
    }
    return OK;
}
