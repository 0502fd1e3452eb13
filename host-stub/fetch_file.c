/* SPDX-License-Identifier: Apache-2.0 */
/* file: URLs, read in libuv's pool, since a disk or a network file system may take its time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch_internal.h"
#include "status.h"

enum { BLOCK = 65536 };

struct file_read {
    uv_work_t work;
    struct fetcher *fetcher; /* pinned */
    struct slot *slot;       /* NULL: the job was ended while the pool had it */
    char *path;
    char *known;     /* the ETag of what the caller has; NULL */
    struct buf body; /* has room for a block past max, so that reading finds the end */
    size_t max;
    int status, saved_errno;
    int unchanged;
    char etag[64]; /* of inode, size and time: what conditional requests are for servers */
    char modified[32];
};

static void read_file(uv_work_t *work)
{
    struct file_read *job = work->data;
    struct stat st;
    job->status = E_IO;
    /* Not blocking: opening a pipe that nobody writes to would take the pool's thread for ever. */
    int fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st)) {
        job->saved_errno = errno;
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        job->status = E_INVALID;
        goto out;
    }
    snprintf(job->etag, sizeof job->etag, "\"%llx-%llx-%llx.%lx\"", (unsigned long long)st.st_ino,
             (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec,
             (unsigned long)st.st_mtim.tv_nsec);
    http_date_format(st.st_mtim.tv_sec, job->modified);
    job->unchanged = job->known && strcmp(job->known, job->etag) == 0;
    job->status = OK;
    ssize_t n = 1;
    while (!job->unchanged && n > 0 && !job->status) {
        char *to = buf_room(&job->body, BLOCK);
        n = to ? read(fd, to, BLOCK) : 0;
        if (n < 0) {
            job->saved_errno = errno;
            job->status = E_IO;
        } else if (to) {
            job->body.n += (size_t)n;
            to[n] = '\0';
        }
        if (!to || job->body.n > job->max)
            job->status = job->body.err == E_NOMEM ? E_NOMEM : E_LIMIT;
    }
out:
    if (fd >= 0)
        close(fd);
}

static void after_read(uv_work_t *work, int canceled)
{
    struct file_read *job = work->data;
    struct fetcher *f = job->fetcher;
    struct slot *slot = job->slot;
    if (slot && !canceled) {
        char error[512] = "";
        struct fetch_result result = {.status = job->status, .retry_after = -1, .max_age = -1};
        if (job->status == E_IO)
            snprintf(error, sizeof error, "cannot be read: %s; check the path and its rights",
                     strerror(job->saved_errno));
        else if (job->status == E_INVALID)
            snprintf(error, sizeof error, "is not a regular file; name the feed's file itself");
        else if (job->status == E_LIMIT)
            snprintf(error, sizeof error, "is larger than %zu bytes", job->max);
        else if (job->status)
            snprintf(error, sizeof error, "%s", status_text(job->status));
        slot->working = NULL;
        if (!job->status) {
            buf_finish(&slot->body);
            slot->body = job->body;
            buf_init(&job->body, 0);
        }
        result.http = job->status ? 0 : job->unchanged ? 304 : 200;
        result.error = job->status ? error : NULL;
        result.etag = job->status ? NULL : job->etag;
        result.last_modified = job->status ? NULL : job->modified;
        fetcher_end(slot, &result);
        fetcher_pump(f);
    }
    buf_finish(&job->body);
    free(job->path);
    free(job->known);
    free(job);
    fetcher_unpin(f);
}

int slot_start_file(struct slot *slot)
{
    struct fetcher *f = slot->fetcher;
    struct file_read *job = calloc(1, sizeof *job);
    if (!job)
        return E_NOMEM;
    job->path = url_file_path(slot->job->url);
    job->known = slot->job->etag ? strdup(slot->job->etag) : NULL;
    if (!job->path || (slot->job->etag && !job->known)) {
        int r = job->path ? E_NOMEM : E_INVALID;
        free(job->path);
        free(job->known);
        free(job);
        return r;
    }
    job->max = f->max_body;
    buf_init(&job->body, job->max + BLOCK);
    job->fetcher = f;
    job->slot = slot;
    job->work.data = job;
    if (uv_queue_work(f->loop, &job->work, read_file, after_read)) {
        free(job->path);
        free(job->known);
        free(job);
        return E_NOMEM;
    }
    f->pins++;
    slot->working = job;
    return OK;
}

void slot_abandon_file(struct slot *slot)
{
    struct file_read *job = slot->working;
    if (!job)
        return;
    job->slot = NULL;
    slot->working = NULL;
    uv_cancel((uv_req_t *)&job->work); /* when the pool is at it already, it ends by itself */
}
