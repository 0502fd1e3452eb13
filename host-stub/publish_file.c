/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

/* Keeps what failed and why, and turns errno into a status. */
static int fail(struct whole_file *file, const char *doing, const char *path)
{
    int err = errno;
    char why[128];
    snprintf(file->message, sizeof file->message, "%s %.100s: %s", doing, path ? path : "",
             strerror_r(err, why, sizeof why));
    return err == ENOSPC || err == EDQUOT || err == EFBIG ? E_FULL : err == ENOMEM ? E_NOMEM : E_IO;
}

/* mkdir -p of the folder that the path lies in. */
static void make_parents(const char *path)
{
    char folder[PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
        return;
    for (char *p = folder + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(folder, 0777);
        *p = '/';
    }
}

/* Where the bytes shall really go: behind a symbolic link the link stays. */
static char *place_of(const char *path)
{
    struct stat st;
    char *real = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    return real ? real : strdup(path);
}

int whole_file_open(struct whole_file *file, const char *path, const char *mark)
{
    memset(file, 0, sizeof *file);
    file->fd = -1;
    file->path = place_of(path);
    file->hash = XXH3_createState();
    char *copy = strdup(path), *copy2 = file->path ? strdup(file->path) : NULL;
    int err = E_NOMEM;
    struct stat st;
    if (!file->path || !file->hash || !copy || !copy2)
        goto out;
    XXH3_64bits_reset(file->hash);
    if (stat(file->path, &st) == 0 && !S_ISREG(st.st_mode)) {
        snprintf(file->message, sizeof file->message,
                 "%.200s is no regular file; name another output file", path);
        err = E_INVALID;
        goto out;
    }
    free(copy);
    copy = strdup(file->path);
    if (!copy ||
        asprintf(&file->temporary, "%s/.%s.%s", dirname(copy), basename(copy2), mark) < 0) {
        file->temporary = NULL;
        goto out;
    }
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    unlink(file->temporary); /* left by a process that died */
    file->fd = open(file->temporary, flags, 0666);
    if (file->fd < 0 && errno == ENOENT) {
        make_parents(file->path);
        file->fd = open(file->temporary, flags, 0666);
    }
    err = file->fd < 0 ? fail(file, "can't write beside", path) : OK;
out:
    free(copy);
    free(copy2);
    return err;
}

static int put(struct whole_file *file, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(file->fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fail(file, "can't write", file->temporary);
        p += k;
        n -= (size_t)k;
    }
    return OK;
}

int whole_file_write(void *user, const char *p, size_t n)
{
    struct whole_file *file = user;
    size_t skip = file->date ? strlen(file->date) : 0;
    const char *date = skip ? memmem(p, n, file->date, skip) : NULL;
    if (date) {
        XXH3_64bits_update(file->hash, p, (size_t)(date - p));
        XXH3_64bits_update(file->hash, date + skip, n - (size_t)(date - p) - skip);
    } else {
        XXH3_64bits_update(file->hash, p, n);
    }
    file->date = NULL; /* it stands at the head; behind that a like date is an entry's */
    return put(file, p, n);
}

static int sync_folder(struct whole_file *file)
{
    char *copy = strdup(file->path);
    if (!copy)
        return E_NOMEM;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A file system that can't sync folders says EINVAL: it has nothing more to give. */
    int err = fd < 0 || (fsync(fd) < 0 && errno != EINVAL)
                  ? fail(file, "can't sync the folder of", file->path)
                  : OK;
    if (fd >= 0)
        close(fd);
    free(copy);
    return err;
}

int whole_file_commit(struct whole_file *file)
{
    if (fsync(file->fd) < 0)
        return fail(file, "can't sync", file->temporary);
    int closed = close(file->fd);
    file->fd = -1;
    if (closed < 0)
        return fail(file, "can't close", file->temporary);
    if (rename(file->temporary, file->path) < 0)
        return fail(file, "can't rename to", file->path);
    free(file->temporary);
    file->temporary = NULL;
    return sync_folder(file);
}

void whole_file_finish(struct whole_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->temporary)
        unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    XXH3_freeState(file->hash);
    memset(file, 0, sizeof *file);
    file->fd = -1;
}

/* ---- memory ---- */

void publication_stat(struct publication *p, const char *path)
{
    struct stat st;
    p->size = p->mtime = -1;
    if (stat(path, &st) < 0)
        return;
    p->size = st.st_size;
    p->mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

int publication_holds(const struct publication *p, const char *path)
{
    struct publication now;
    publication_stat(&now, path);
    return p->size >= 0 && now.size == p->size && now.mtime == p->mtime;
}

static FILE *open_memory(const char *state, const char *suffix, const char *mode)
{
    char path[PATH_MAX];
    if (!state || snprintf(path, sizeof path, "%s/published%s", state, suffix) >= (int)sizeof path)
        return NULL;
    return fopen(path, mode);
}

void publications_load(const char *state, const char *const *paths, struct publication *list,
                       size_t n)
{
    memset(list, 0, n * sizeof *list);
    FILE *f = open_memory(state, "", "re");
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t k; f && (k = getline(&line, &cap, f)) > 0;) {
        struct publication p;
        int at = 0;
        if (line[k - 1] != '\n')
            break; /* cut short */
        line[k - 1] = '\0';
        if (sscanf(line, "%" SCNd64 " %" SCNx64 " %" SCNx64 " %" SCNd64 " %" SCNd64 " %n",
                   &p.generation, &p.settings, &p.content, &p.size, &p.mtime, &at) != 5 ||
            !at)
            continue;
        for (size_t i = 0; i < n; i++)
            if (!strcmp(paths[i], line + at))
                list[i] = p;
    }
    free(line);
    if (f)
        fclose(f);
}

void publications_save(const char *state, const char *const *paths, const struct publication *list,
                       size_t n)
{
    FILE *f = open_memory(state, ".new", "we");
    if (!f)
        return;
    for (size_t i = 0; i < n; i++)
        if (list[i].generation && !strchr(paths[i], '\n'))
            fprintf(f, "%" PRId64 " %" PRIx64 " %" PRIx64 " %" PRId64 " %" PRId64 " %s\n",
                    list[i].generation, list[i].settings, list[i].content, list[i].size,
                    list[i].mtime, paths[i]);
    char from[PATH_MAX], to[PATH_MAX];
    int bad = ferror(f);
    bad |= fclose(f);
    if (bad || snprintf(from, sizeof from, "%s/published.new", state) >= (int)sizeof from ||
        snprintf(to, sizeof to, "%s/published", state) >= (int)sizeof to)
        return;
    if (rename(from, to) < 0)
        unlink(from);
}
