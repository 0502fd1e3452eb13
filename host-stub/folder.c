/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

int folder_make(const char *path, unsigned mode)
{
    char part[PATH_MAX];
    if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part) {
        errno = ENAMETOOLONG;
        return E_IO;
    }
    for (char *p = part + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char kept = *p;
        struct stat st;
        *p = '\0';
        if (mkdir(part, mode) && errno != EEXIST && (errno != EROFS || stat(part, &st)))
            return E_IO;
        if (!kept)
            break;
        *p = kept;
    }
    struct stat st;
    if (stat(part, &st))
        return E_IO;
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return E_IO;
    }
    return OK;
}

/* The folder of a file in `folder`; 0 when there is none to speak of. */
static int folder_of(const char *file, char folder[PATH_MAX])
{
    const char *slash = strrchr(file, '/');
    if (!slash || slash == file || slash - file >= PATH_MAX)
        return 0;
    memcpy(folder, file, (size_t)(slash - file));
    folder[slash - file] = '\0';
    return 1;
}

int folder_make_for(const char *file, unsigned mode)
{
    char folder[PATH_MAX];
    return folder_of(file, folder) ? folder_make(folder, mode) : OK;
}

/* The nearest thing at or above `folder` that exists: a folder that can be written? */
static int could_write_at(char folder[PATH_MAX])
{
    struct stat st;
    while (stat(folder, &st)) {
        char *slash = strrchr(folder, '/');
        if (errno != ENOENT || !slash)
            return 0;
        slash[slash == folder] = '\0';
    }
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return 0;
    }
    return access(folder, W_OK | X_OK) == 0;
}

int folder_could_hold(const char *file)
{
    char folder[PATH_MAX];
    struct stat st;
    if (!stat(file, &st) && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return 0;
    }
    if (!folder_of(file, folder))
        strcpy(folder, file[0] == '/' ? "/" : ".");
    return could_write_at(folder);
}

int folder_could_append(const char *file)
{
    struct stat st;
    if (!stat(file, &st) && !S_ISDIR(st.st_mode))
        return access(file, W_OK) == 0;
    return folder_could_hold(file);
}

int folder_could_be(const char *path)
{
    char folder[PATH_MAX];
    if ((size_t)snprintf(folder, sizeof folder, "%s", path) >= sizeof folder) {
        errno = ENAMETOOLONG;
        return 0;
    }
    return could_write_at(folder);
}

char *path_absolute(const char *folder, const char *path)
{
    char *out = NULL;
    const char *home = getenv("HOME");
    int n;
    if (path[0] == '/')
        return strdup(path);
    if (path[0] == '~' && path[1] == '/' && home)
        n = asprintf(&out, "%s%s", home, path + 1);
    else
        n = asprintf(&out, "%s/%s", folder, path[0] == '.' && path[1] == '/' ? path + 2 : path);
    return n < 0 ? NULL : out;
}
