/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "status.h"
#include "store_db.h"

/* ---- the lock: flock on STATE/lock, which names its holder ---- */

static int make_folder(const char *dir)
{
    char path[4096];
    if (strlen(dir) >= sizeof path)
        return E_INVALID;
    strcpy(path, dir);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return errno == ENOSPC ? E_FULL : E_IO;
        *p = '/';
    }
    /* The state holds what its owner reads: for the owner alone. */
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return errno == ENOSPC ? E_FULL : E_IO;
    return OK;
}

static void tell_holder(int fd, char *holder)
{
    char line[200];
    ssize_t n = holder ? pread(fd, line, sizeof line - 1, 0) : 0;
    if (!holder)
        return;
    line[n < 0 ? 0 : n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    snprintf(holder, 256, "%s", line[0] ? line : "another process");
}

static int lock_state(const char *dir, const char *who, int wait_ms, int *fd_out, char *holder)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == ENOSPC ? E_FULL : E_IO;
    for (int waited = 0, pause = 1; flock(fd, LOCK_EX | LOCK_NB) != 0;) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK || waited >= wait_ms) {
            int status = errno == EWOULDBLOCK ? E_BUSY : E_IO;
            tell_holder(fd, holder);
            close(fd);
            return status;
        }
        struct timespec t = {pause / 1000, (long)(pause % 1000) * 1000000};
        nanosleep(&t, NULL);
        waited += pause;
        pause = pause < 16 ? pause * 2 : 16;
    }
    char line[200];
    int n = snprintf(line, sizeof line, "process %ld, %.150s\n", (long)getpid(), who);
    /* Who holds it is a courtesy: on a full disk the lock itself still holds. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, line, (size_t)n, 0) != n)
        (void)!ftruncate(fd, 0);
    *fd_out = fd;
    return OK;
}

/* ---- opening ---- */

static int get_meta(struct store *store, const char *key, int64_t *value)
{
    int status = db_number(&store->db, SQL_META_GET, value, "s", str_z(key));
    return status == E_ABSENT ? OK : status;
}

static int get_or_make_uuid(struct store *store)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(&store->db, SQL_META_GET, &status, "s", str_z("uuid"));
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got == 1) {
        wn_str s = db_text(stmt, 0);
        snprintf(store->uuid, sizeof store->uuid, "%.*s", (int)s.len, s.ptr ? s.ptr : "");
        int status_of_text = db_done(stmt);
        if (status_of_text != OK)
            return status_of_text;
    }
    if (got != 0)
        return got < 0 ? got : strlen(store->uuid) == 36 ? OK : E_CORRUPT;
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return E_IO;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 9562: version 4, variant 10 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(store->uuid, sizeof store->uuid,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    stmt = db_query(&store->db, SQL_META_PUT, &status, "ss", str_z("uuid"), str_z(store->uuid));
    return stmt ? db_step(stmt) : status;
}

static int load(struct store *store)
{
    struct counters *c = &store->counters;
    c->next_item = c->next_story = c->next_entry = c->next_event = 1;
    int status = get_or_make_uuid(store);
    if (status != OK || (status = get_meta(store, "generation", &store->generation)) != OK ||
        (status = get_meta(store, "next_item", &c->next_item)) != OK ||
        (status = get_meta(store, "next_story", &c->next_story)) != OK ||
        (status = get_meta(store, "next_entry", &c->next_entry)) != OK ||
        (status = get_meta(store, "next_event", &c->next_event)) != OK)
        return status;
    store->first_event = c->next_event;
    status = db_number(&store->db, SQL_EVENT_FIRST, &store->first_event, "");
    if (status != OK && status != E_ABSENT)
        return status;
    status = db_number(&store->db, SQL_SOURCE_LAST, &store->last_source_row, "");
    if (status != OK && status != E_ABSENT)
        return status;
    return store_load_filters(store);
}

static int open_database(struct store *store)
{
    char path[4200] = ":memory:";
    if (store->dir)
        snprintf(path, sizeof path, "%s/winnow.db", store->dir);
    int code =
        sqlite3_open_v2(path, &store->db.handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL);
    int status = db_status(code);
    if (status == OK)
        status = schema_pragmas(&store->db, 1);
    if (status == OK)
        status = schema_open(&store->db, 1);
    return status == OK ? load(store) : status;
}

int store_open_wait(const char *dir, const char *who, int wait_ms, struct store **store_out,
                    char *holder)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return E_NOMEM;
    store->lock_fd = -1;
    store->reader.db = &store->db;
    store->db.owner = store;
    buf_init(&store->log.bytes, LIMIT_EPOCH_LOG);
    buf_init(&store->reader.value, LIMIT_KV_VALUE);
    arena_init(&store->overlay.arena, LIMIT_EPOCH_LOG);
    int status = OK;
    if (dir) {
        store->dir = strdup(dir);
        status = store->dir ? make_folder(dir) : E_NOMEM;
        if (status == OK)
            status = lock_state(dir, who, wait_ms, &store->lock_fd, holder);
    }
    if (status == OK)
        status = open_database(store);
    if (status != OK) {
        store_close(store);
        return status;
    }
    *store_out = store;
    return OK;
}

int store_open(const char *dir, const char *who, struct store **store, char *holder)
{
    return store_open_wait(dir, who, 0, store, holder);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->tx != TX_NONE)
        store_abandon(store);
    /* Events that were sent since the last commit would be sent again: one more small commit. */
    int64_t generation;
    if (store->db.handle && store->sent_event >= store->first_event && store_begin(store) == OK &&
        store_commit(store, &generation) != OK)
        store_abandon(store);
    db_close(&store->db);
    buf_finish(&store->log.bytes);
    buf_finish(&store->reader.value);
    arena_finish(&store->overlay.arena);
    free(store->overlay.slots);
    for (size_t i = 0; i < store->n_originals; i++)
        free(store->originals[i].bytes);
    free(store->originals);
    free(store->seen.slots);
    free(store->last_source);
    free(store->dir);
    if (store->lock_fd >= 0)
        close(
            store
                ->lock_fd); /* the file stays: removing it would let two processes lock two files */
    free(store);
}

const char *store_uuid(const struct store *store)
{
    return store->uuid;
}

int store_in_memory(const struct store *store)
{
    return !store->dir;
}

struct reader *store_reader(struct store *store)
{
    return &store->reader;
}

int64_t store_now(const struct store *store)
{
    return store->now;
}

/* ---- the transaction ---- */

int store_begin(struct store *store)
{
    if (store->tx != TX_NONE)
        return E_INVALID;
    buf_reset(&store->log.bytes);
    store->sealed = store->visible = 0;
    store->now = store->fixed_now ? store->fixed_now : (int64_t)time(NULL);
    store->before = store->counters;
    int status = db_status(sqlite3_exec(store->db.handle, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    store->tx = TX_OPEN;
    if (status != OK)
        store_fail(store, status);
    return OK;
}

static void forget_transaction(struct store *store)
{
    store->tx = TX_NONE;
    store->sealed = 0;
    buf_reset(&store->log.bytes);
    if (store->log.bytes.cap > MIB(8)) /* one large epoch shouldn't hold its memory for ever */
        buf_finish(&store->log.bytes);
    kv_overlay_reset(&store->overlay);
    for (size_t i = 0; i < store->n_originals; i++)
        free(store->originals[i].bytes);
    store->n_originals = 0;
}

static int put_meta(struct store *store, const char *key, int64_t value)
{
    return store_run(store, SQL_META_PUT, "si", str_z(key), value);
}

/* What every transaction ends with. */
static int seal(struct store *store)
{
    const struct counters *b = &store->before, *c = &store->counters;
    int status = store_kv_flush(store);
    if (status == OK)
        status = store_run(store, SQL_KV_PURGE, "i", store->now);
    if (status == OK && store->sent_event >= store->first_event)
        status = store_run(store, SQL_EVENT_SENT, "i", store->sent_event);
    if (status == OK && b->next_item != c->next_item)
        status = put_meta(store, "next_item", c->next_item);
    if (status == OK && b->next_story != c->next_story)
        status = put_meta(store, "next_story", c->next_story);
    if (status == OK && b->next_entry != c->next_entry)
        status = put_meta(store, "next_entry", c->next_entry);
    if (status == OK && b->next_event != c->next_event)
        status = put_meta(store, "next_event", c->next_event);
    if (status == OK && store->visible)
        status = put_meta(store, "generation", store->generation + 1);
    return status;
}

int store_commit(struct store *store, int64_t *generation)
{
    if (store->tx == TX_NONE)
        return E_INVALID;
    if (!store->sealed) {
        int status = seal(store);
        if (status != OK)
            return status;
        store->sealed = 1;
    }
    /* Also sees whether SQLite rolled back by itself; if so, and if it can't be repeated, the next
     * lines say so. */
    (void)store_readable(store);
    if (store->tx == TX_FAILED) {
        /* What of the log is in the database already makes room in the log for what isn't. */
        if (store->failure == E_FULL)
            sqlite3_wal_checkpoint_v2(store->db.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                      NULL);
        int status = store_repeat(store);
        if (status != OK)
            return status;
    }
    int status = db_status(sqlite3_exec(store->db.handle, "COMMIT", NULL, NULL, NULL));
    if (status != OK) {
        store_fail(store, status);
        return status;
    }
    if (store->visible)
        store->generation++;
    if (store->sent_event >= store->first_event)
        store->first_event = store->sent_event + 1;
    forget_transaction(store);
    *generation = store->generation;
    return OK;
}

void store_abandon(struct store *store)
{
    if (store->tx == TX_NONE)
        return;
    if (!sqlite3_get_autocommit(store->db.handle))
        sqlite3_exec(store->db.handle, "ROLLBACK", NULL, NULL, NULL);
    forget_transaction(store);
    /* Ids given out stay given out; what else was made in the transaction is not there. */
    free(store->last_source);
    store->last_source = NULL;
    seen_reset(&store->seen);
    db_number(&store->db, SQL_SOURCE_LAST, &store->last_source_row, "");
    store_load_filters(store);
}
