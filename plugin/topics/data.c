/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../winnow_plugin.h"

static int readable(const char *dir, size_t len, const char *name, char *out)
{
    int n = snprintf(out, DATA_PATH_MAX, "%.*s/%s", (int)len, dir, name);
    return n > 0 && n < DATA_PATH_MAX && access(out, R_OK) == 0;
}

/* The folder of the object that holds this very function: topics.so, winnow.so or a program. */
static size_t own_folder(const char **path)
{
    static const char anchor = 0;
    Dl_info info;
    if (!dladdr(&anchor, &info) || !info.dli_fname)
        return 0;
    const char *slash = strrchr(info.dli_fname, '/');
    *path = info.dli_fname;
    return slash ? (size_t)(slash - info.dli_fname) : 0;
}

int data_find(const char *dir, const char *name, char *out)
{
    if (dir && readable(dir, strlen(dir), name, out))
        return WN_OK;
    const char *own;
    size_t len = own_folder(&own);
    if (len && readable(own, len, name, out))
        return WN_OK;
    return readable(WINNOW_LIBDIR, strlen(WINNOW_LIBDIR), name, out) ? WN_OK : WN_ABSENT;
}

static int read_all(int fd, char *buf, size_t len)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n = read(fd, buf + got, len - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return WN_ERROR;
        got += (size_t)n;
    }
    return WN_OK;
}

int data_read(const char *path, size_t limit, char **text, size_t *len)
{
    int status = WN_ERROR;
    char *buf = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return WN_ABSENT;
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        goto out;
    if ((uintmax_t)st.st_size > limit) {
        status = WN_LIMIT;
        goto out;
    }
    buf = malloc((size_t)st.st_size + 1);
    if (!buf) {
        status = WN_NOMEM;
        goto out;
    }
    status = read_all(fd, buf, (size_t)st.st_size);
    if (status)
        goto out;
    buf[st.st_size] = '\0';
    *text = buf;
    *len = (size_t)st.st_size;
    buf = NULL;
out:
    free(buf);
    close(fd);
    return status;
}

size_t data_line(const char **at, const char *end, unsigned *line, struct field *fields)
{
    while (*at < end) {
        const char *begin = *at;
        const char *stop = memchr(begin, '\n', (size_t)(end - begin));
        if (!stop)
            stop = end;
        *at = stop < end ? stop + 1 : end;
        ++*line;
        if (stop > begin && stop[-1] == '\r')
            stop--;
        if (stop == begin || *begin == '#')
            continue;
        size_t n = 0;
        for (;;) {
            const char *tab = memchr(begin, '\t', (size_t)(stop - begin));
            if (!tab || n + 1 == DATA_FIELDS_MAX)
                tab = stop;
            fields[n++] = (struct field){begin, (size_t)(tab - begin)};
            if (tab == stop)
                return n;
            begin = tab + 1;
        }
    }
    return 0;
}

int data_name(struct field *list, struct field *name)
{
    while (list->len) {
        const char *bar = memmem(list->ptr, list->len, " | ", 3);
        size_t len = bar ? (size_t)(bar - list->ptr) : list->len;
        struct field f = {list->ptr, len};
        size_t step = bar ? len + 3 : len;
        list->ptr += step;
        list->len -= step;
        while (f.len && *f.ptr == ' ')
            f.ptr++, f.len--;
        while (f.len && f.ptr[f.len - 1] == ' ')
            f.len--;
        if (f.len) {
            *name = f;
            return 1;
        }
    }
    return 0;
}
