/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"
#include "status.h"

struct events {
    char *path; /* NULL: no file */
    int fd;
    volatile sig_atomic_t reopen;
    int64_t last_seq;  /* written and told to the store */
    int64_t told_lost; /* lines that a full outbox pushed out, as of the last message */
    struct buf batch;
    struct buf tail; /* the last whole line of the file at open: perhaps sent, but not marked so */
};

static int io_status(void)
{
    return errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO;
}

/* Cuts off what stands behind the last newline, and remembers the line before it. */
static int mend(struct events *e)
{
    off_t size = lseek(e->fd, 0, SEEK_END), end = size;
    buf_reset(&e->tail);
    if (size < 0)
        return errno == ESPIPE ? OK : E_IO; /* a pipe or a terminal: nothing to mend */
    char block[4096];
    /* Where the file ought to end: behind its last newline. */
    int found = 0;
    while (end > 0 && !found) {
        size_t n = end > (off_t)sizeof block ? sizeof block : (size_t)end;
        if (pread(e->fd, block, n, end - (off_t)n) != (ssize_t)n)
            return E_IO;
        while (n > 0 && block[n - 1] != '\n') {
            n--;
            end--;
        }
        found = n > 0;
    }
    if (end < size && ftruncate(e->fd, end) != 0)
        return io_status();
    size_t want = end > (off_t)LIMIT_EVENT ? LIMIT_EVENT : (size_t)end;
    char *p = want ? buf_room(&e->tail, want) : NULL;
    if (!p || pread(e->fd, p, want, end - (off_t)want) != (ssize_t)want)
        return OK;
    e->tail.n = want;
    return OK;
}

static int open_file(struct events *e)
{
    int fd = open(e->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) /* a pipe can't be read and written */
        fd = open(e->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return io_status();
    if (e->fd >= 0)
        close(e->fd);
    e->fd = fd;
    return mend(e);
}

int events_open(const char *path, struct events **events)
{
    struct events *e = calloc(1, sizeof *e);
    if (!e)
        return E_NOMEM;
    e->fd = -1;
    buf_init(&e->batch, 2 * LIMIT_EVENT);
    buf_init(&e->tail, LIMIT_EVENT);
    int status = OK;
    if (path) {
        e->path = strdup(path);
        status = e->path ? open_file(e) : E_NOMEM;
    }
    if (status != OK) {
        events_close(e);
        return status;
    }
    *events = e;
    return OK;
}

void events_close(struct events *e)
{
    if (!e)
        return;
    if (e->fd >= 0)
        close(e->fd);
    buf_finish(&e->batch);
    buf_finish(&e->tail);
    free(e->path);
    free(e);
}

void events_reopen(struct events *e)
{
    e->reopen = 1;
}

static int write_all(struct events *e)
{
    const char *p = e->batch.p;
    size_t left = e->batch.n;
    off_t before = lseek(e->fd, 0, SEEK_END);
    while (left) {
        ssize_t n = write(e->fd, p, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int status = io_status();
            /* No half line may stand before the next one. */
            if (before >= 0 && ftruncate(e->fd, before) != 0)
                log_msg(LOG_WARNING, e->path, "a half line could not be taken back");
            return status;
        }
        p += n;
        left -= (size_t)n;
    }
    buf_reset(&e->batch);
    return OK;
}

struct draining {
    struct events *events;
    int64_t seq; /* the last one that is in the file */
    int64_t in_batch;
    int status;
};

/* Whether a line is the last one of the file: then it was sent before the crash. */
static int is_tail(const struct events *e, wn_str json)
{
    size_t n = e->tail.n;
    return n > json.len && memcmp(e->tail.p + n - 1 - json.len, json.ptr, json.len) == 0 &&
           (n == json.len + 1 || e->tail.p[n - json.len - 2] == '\n');
}

static int find_tail(void *user, int64_t seq, wn_str json)
{
    struct draining *d = user;
    if (is_tail(d->events, json))
        d->seq = seq;
    return 0;
}

static int add_line(void *user, int64_t seq, wn_str json)
{
    struct draining *d = user;
    struct events *e = d->events;
    if (e->fd >= 0) {
        if (e->batch.n + json.len + 1 > LIMIT_EVENT && e->batch.n) {
            if ((d->status = write_all(e)) != OK)
                return 1;
            d->seq = d->in_batch;
        }
        buf_addstr(&e->batch, json);
        if ((d->status = buf_addc(&e->batch, '\n')) != OK) {
            buf_reset(&e->batch);
            return 1;
        }
    } else {
        d->seq = seq;
    }
    d->in_batch = seq;
    return 0;
}

static int write_out(struct events *e, struct store *store)
{
    struct reader *reader = store_reader(store);
    struct draining d = {.events = e, .seq = e->last_seq};
    int status = OK;
    if (e->tail.n) {
        status = reader_each_event(reader, e->last_seq, find_tail, &d);
        buf_reset(&e->tail);
    }
    d.in_batch = d.seq;
    buf_reset(&e->batch);
    if (status == OK)
        status = reader_each_event(reader, d.seq, add_line, &d);
    if (status == OK)
        status = d.status;
    if (status == OK && e->batch.n && (status = write_all(e)) == OK)
        d.seq = d.in_batch;
    if (d.seq > e->last_seq) {
        /* EINVAL: a pipe, which has nothing to sync. */
        if (e->fd >= 0 && fdatasync(e->fd) != 0 && errno != EINVAL && errno != EROFS)
            return io_status();
        e->last_seq = d.seq;
        store_events_sent(store, d.seq);
    }
    return status;
}

int events_drain(struct events *e, struct store *store)
{
    int64_t lost = store_events_lost(store);
    if (e->reopen && e->path) {
        e->reopen = 0;
        int status = open_file(e);
        if (status != OK)
            log_msg(LOG_WARNING, e->path, "cannot be opened anew: %s; the old file is written on",
                    status_text(status));
        buf_reset(&e->tail); /* another file: nothing of the outbox is in it */
    }
    if (lost > e->told_lost)
        log_msg(LOG_WARNING, e->path,
                "%lld events were thrown away, since the file could not be written",
                (long long)(lost - e->told_lost));
    e->told_lost = lost;
    return write_out(e, store);
}
