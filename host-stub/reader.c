/* SPDX-License-Identifier: Apache-2.0 */
/* Reading connections: items, verdicts, sources, events. Entries are reader_entry.c's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"
#include "store_db.h"

static int open_path(const char *dir, struct reader **reader_out)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return E_NOMEM;
    reader->db = &reader->own;
    buf_init(&reader->value, LIMIT_KV_VALUE);
    char path[4200];
    snprintf(path, sizeof path, "%s/winnow.db", dir);
    int status = access(path, R_OK) == 0 ? OK : errno == EACCES ? E_REFUSED : E_ABSENT;
    if (status == OK)
        status = db_status(sqlite3_open_v2(path, &reader->own.handle,
                                           SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    if (status == OK)
        status = schema_pragmas(&reader->own, 0);
    if (status == OK)
        status = schema_open(&reader->own, 0);
    if (status != OK) {
        reader_close(reader);
        return status;
    }
    *reader_out = reader;
    return OK;
}

int reader_open(struct store *store, struct reader **reader_out)
{
    if (store->dir)
        return open_path(store->dir, reader_out);
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return E_NOMEM;
    buf_init(&reader->value, LIMIT_KV_VALUE);
    reader->db = &reader->own; /* statements of its own on the store's connection */
    reader->own.handle = store->db.handle;
    reader->shared = 1;
    *reader_out = reader;
    return OK;
}

int reader_open_dir(const char *dir, struct reader **reader)
{
    return open_path(dir, reader);
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    reader_end(reader);
    buf_finish(&reader->value);
    if (reader->shared) { /* only the statements are its own */
        for (int i = 0; i < SQL_COUNT; i++)
            sqlite3_finalize(reader->own.stmts[i]);
    } else {
        db_close(&reader->own);
    }
    free(reader);
}

int reader_begin(struct reader *reader)
{
    if (reader->in_view || reader->shared || reader->db != &reader->own)
        return OK; /* on the writer's own connection everything is one view */
    int status = db_status(sqlite3_exec(reader->db->handle, "BEGIN", NULL, NULL, NULL));
    if (status != OK)
        return status;
    reader->in_view = 1;
    /* BEGIN alone takes no snapshot: the first read does. */
    reader_generation(reader);
    return OK;
}

void reader_end(struct reader *reader)
{
    if (reader->in_view)
        sqlite3_exec(reader->db->handle, "COMMIT", NULL, NULL, NULL);
    reader->in_view = 0;
}

int64_t reader_generation(struct reader *reader)
{
    int64_t generation = 0;
    db_number(reader->db, SQL_META_GET, &generation, "s", str_z("generation"));
    return generation;
}

static int read_item(struct reader *reader, enum sql id, int64_t number, struct item **item)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(reader->db, id, &status, "i", number);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got ? got : E_ABSENT;
    wn_str bytes = db_blob(stmt, 0);
    struct item *fresh = NULL;
    status = bytes.ptr ? item_decode(bytes.ptr, bytes.len, &fresh) : E_NOMEM;
    if (status == OK) {
        fresh->id = number;
        fresh->arrived = sqlite3_column_int64(stmt, 1);
        fresh->story = sqlite3_column_int64(stmt, 2);
        *item = fresh;
    }
    sqlite3_reset(stmt);
    return status;
}

int reader_item(struct reader *reader, int64_t id, struct item **item)
{
    return read_item(reader, SQL_BODY_GET, id, item);
}

int reader_original(struct reader *reader, int64_t id, struct item **item)
{
    return read_item(reader, SQL_BODY_BEFORE, id, item);
}

static void verdict_of_row(sqlite3_stmt *stmt, int64_t item, struct verdict *v)
{
    *v = (struct verdict){.item = item, .filter = -1};
    v->filter_name = (const char *)sqlite3_column_text(stmt, 0);
    v->kind = (uint32_t)sqlite3_column_int(stmt, 1);
    v->of = sqlite3_column_int64(stmt, 2);
    v->score = sqlite3_column_double(stmt, 3);
    v->reason = db_text(stmt, 4);
    v->evidence = db_text(stmt, 5);
}

int reader_each_verdict(struct reader *reader, int64_t item,
                        int (*fn)(void *user, const struct verdict *verdict), void *user)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(reader->db, SQL_VERDICT_OF, &status, "i", item);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        struct verdict v;
        verdict_of_row(stmt, item, &v);
        if (v.filter_name && fn(user, &v) != 0) {
            sqlite3_reset(stmt);
            return OK;
        }
    }
    return status;
}

struct strongest {
    struct arena *arena;
    struct verdict *verdict;
    int any, status;
};

static int take_strongest(void *user, const struct verdict *v)
{
    struct strongest *s = user;
    if (s->any && v->kind <= s->verdict->kind)
        return 0;
    wn_str name = arena_str(s->arena, v->filter_name, strlen(v->filter_name));
    *s->verdict = *v;
    s->verdict->filter_name = name.ptr;
    if (v->reason.ptr)
        s->verdict->reason = arena_str(s->arena, v->reason.ptr, v->reason.len);
    if (v->evidence.ptr)
        s->verdict->evidence = arena_str(s->arena, v->evidence.ptr, v->evidence.len);
    s->any = 1;
    s->status = name.ptr ? OK : E_NOMEM;
    return s->status;
}

int reader_final(struct reader *reader, int64_t item, struct arena *arena, struct verdict *verdict)
{
    struct verdict best;
    struct strongest s = {arena, &best, 0, OK};
    int status = reader_each_verdict(reader, item, take_strongest, &s);
    if (status == OK)
        status = s.status;
    if (status == OK && !s.any)
        status = E_ABSENT;
    if (status == OK)
        *verdict = best;
    return status;
}

static int64_t time_column(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? TIME_ABSENT
                                                            : sqlite3_column_int64(stmt, column);
}

static void source_of_row(sqlite3_stmt *stmt, struct source_state *s)
{
    s->url = db_text(stmt, 0);
    s->etag = db_text(stmt, 1);
    s->last_modified = db_text(stmt, 2);
    s->title = db_text(stmt, 3);
    s->error = db_text(stmt, 4);
    s->last_fetch = time_column(stmt, 5);
    s->last_success = time_column(stmt, 6);
    s->next = time_column(stmt, 7);
    s->failures = sqlite3_column_int(stmt, 8);
    s->http = sqlite3_column_int(stmt, 9);
    s->status = sqlite3_column_int(stmt, 10);
    s->note = db_text(stmt, 11);
    s->document_at = time_column(stmt, 12);
    s->final_url = db_text(stmt, 13);
    s->listed = sqlite3_column_int64(stmt, 14);
    s->ttl = sqlite3_column_int64(stmt, 15);
    s->skip_hours = (uint32_t)sqlite3_column_int64(stmt, 16);
    s->skip_days = (uint32_t)sqlite3_column_int64(stmt, 17);
}

int reader_each_source(struct reader *reader,
                       int (*fn)(void *user, const struct source_state *state), void *user)
{
    int status = OK;
    sqlite3_stmt *stmt = db_stmt(reader->db, SQL_SOURCE_EACH, &status);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        struct source_state state;
        source_of_row(stmt, &state);
        if (fn(user, &state) != 0) {
            sqlite3_reset(stmt);
            return OK;
        }
    }
    return status;
}

int reader_source(struct reader *reader, const char *url,
                  int (*fn)(void *user, const struct source_state *state), void *user)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(reader->db, SQL_SOURCE_ONE, &status, "s", str_z(url));
    if (!stmt)
        return status;
    status = db_step(stmt);
    if (status != 1)
        return status ? status : E_ABSENT;
    struct source_state state;
    source_of_row(stmt, &state);
    fn(user, &state);
    return db_done(stmt);
}

int reader_each_event(struct reader *reader, int64_t after,
                      int (*fn)(void *user, int64_t seq, wn_str json), void *user)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(reader->db, SQL_EVENT_EACH, &status, "i", after);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1)
        if (fn(user, sqlite3_column_int64(stmt, 0), db_text(stmt, 1)) != 0) {
            sqlite3_reset(stmt);
            return OK;
        }
    return status;
}

int reader_counts(struct reader *reader, struct store_counts *counts)
{
    int status = OK;
    sqlite3_stmt *stmt = db_stmt(reader->db, SQL_COUNTS, &status);
    if (!stmt)
        return status;
    status = db_step(stmt);
    if (status != 1)
        return status ? status : E_CORRUPT;
    int64_t *const to[] = {&counts->items,   &counts->stories, &counts->entries,
                           &counts->waiting, &counts->sources, &counts->guids,
                           &counts->keys,    &counts->events,  &counts->failing};
    for (int i = 0; i < (int)(sizeof to / sizeof *to); i++)
        *to[i] = sqlite3_column_int64(stmt, i);
    sqlite3_reset(stmt);
    return OK;
}
