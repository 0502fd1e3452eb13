/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "filter_host.h"
#include "limits.h"
#include "log.h"
#include "status.h"
#include "suggest.h"

struct plugin {
    struct plugin *next;
    char *path; /* absolute, links resolved: the same file is the same plugin */
    const wn_plugin *descriptor;
    wn_filter filters[LIMIT_FILTERS];
    size_t n;
    struct wn_host host; /* what Init is given; a plugin may keep it and log later */
    struct buf *errors;  /* while Init runs */
};

/* All that were opened, for the life of the process. */
static struct plugin *opened;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- finding ---- */

static int readable(const char *path)
{
    return access(path, R_OK) == 0;
}

/* Candidate number i for a bare name; 0: there are no more. out is of PATH_MAX bytes. */
static int candidate(const char *name, int i, char *out)
{
    const char *folder = NULL;
    char exe[PATH_MAX];
    ssize_t n;
    switch (i) {
    case 0:
        if (!(folder = getenv("WINNOW_FILTERS")) || !*folder)
            folder = NULL;
        break;
    case 1:
    case 2:
        n = readlink("/proc/self/exe", exe, sizeof exe - 32);
        if (n <= 0)
            break;
        exe[n] = '\0';
        *strrchr(exe, '/') = '\0';
        strcat(exe, i == 1 ? "/filters" : "/../lib/winnow");
        folder = exe;
        break;
    case 3:
        folder = WINNOW_LIBDIR;
        break;
    default:
        return 0;
    }
    if (!folder || snprintf(out, PATH_MAX, "%s/%s.so", folder, name) >= PATH_MAX)
        out[0] = '\0';
    return 1;
}

/* Names of the plugins in a folder, into `names` from malloc, as far as there is room. */
static size_t names_in(const char *folder, char **names, size_t n, size_t most)
{
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && n < most && (e = readdir(dir));) {
        size_t len = strlen(e->d_name);
        if (len > 3 && !strcmp(e->d_name + len - 3, ".so") &&
            (names[n] = strndup(e->d_name, len - 3)))
            n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

/* What there is instead: files where filters stand, and the filters of what was opened. */
static void tell_missing(const char *name, struct buf *errors)
{
    enum { MOST = 64 };
    char *names[MOST + 1], path[PATH_MAX];
    size_t n = 0;
    buf_addf(errors, "there is no filter '%s'", name);
    for (int i = 0; candidate("", i, path); i++)
        if (*path) {
            *strrchr(path, '/') = '\0';
            n = names_in(path, names, n, MOST);
        }
    pthread_mutex_lock(&lock);
    for (const struct plugin *p = opened; p; p = p->next)
        for (size_t i = 0; i < p->n && n < MOST; i++)
            if ((names[n] = strdup(p->filters[i].name)))
                n++;
    pthread_mutex_unlock(&lock);
    names[n] = NULL;
    const char *near = suggest(name, (const char *const *)names);
    if (near)
        buf_addf(errors, "; did you mean '%s'?\n", near);
    if (!near) {
        buf_adds(errors, " in");
        for (int i = 0; candidate(name, i, path); i++)
            if (*path)
                buf_addf(errors, " %.*s", (int)(strrchr(path, '/') - path), path);
        buf_adds(errors, "; name its file under 'plugins', like plugins: [./mine.so]\n");
    }
    while (n > 0)
        free(names[--n]);
}

static int find(const char *name, char *out, struct buf *errors)
{
    if (strchr(name, '/')) {
        if (readable(name) && strlen(name) < PATH_MAX) {
            strcpy(out, name);
            return OK;
        }
        buf_addf(errors, "%s: no such plugin file; check the path\n", name);
        return E_ABSENT;
    }
    for (int i = 0; candidate(name, i, out); i++)
        if (*out && readable(out))
            return OK;
    tell_missing(name, errors);
    return E_ABSENT;
}

/* ---- registering ---- */

static int valid_name(const char *name)
{
    if (!name || *name < 'a' || *name > 'z' || strlen(name) > 63)
        return 0;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static const char *refusal(const struct plugin *p, const wn_filter *f)
{
    if (!f || f->size < WN_REACH_(f, judge))
        return "its table is too small";
    if (!valid_name(f->name))
        return "its name must be [a-z][a-z0-9-]*";
    if (!f->create || !f->destroy || !f->judge)
        return "create, destroy and judge are needed";
    if (p->n == LIMIT_FILTERS)
        return "the plugin has too many";
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->filters[i].name, f->name) == 0)
            return "its name is taken";
    for (const wn_option *o = f->options; o && o->key; o++) {
        if (o->type > WN_OPT_JSON)
            return "an option has an unknown type";
        if (o->type == WN_OPT_CHOICE && !o->choices)
            return "a choice has nothing to choose from";
    }
    return NULL;
}

int plugin_add_filter(struct plugin *p, const wn_filter *filter)
{
    if (!p->errors)
        return WN_INVALID; /* Init is over */
    const char *why = refusal(p, filter);
    if (why) {
        int named = filter && filter->size >= WN_REACH_(filter, name) && filter->name;
        buf_addf(p->errors, "%s: filter %s is refused: %s\n", p->path,
                 named ? filter->name : "without a name", why);
        return WN_INVALID;
    }
    wn_filter *copy = &p->filters[p->n++];
    memset(copy, 0, sizeof *copy);
    memcpy(copy, filter, filter->size < sizeof *copy ? filter->size : sizeof *copy);
    return WN_OK;
}

void plugin_log(struct plugin *p, int level, const char *message)
{
    if (!p->errors)
        log_msg(level < WN_LOG_ERROR   ? LOG_ERROR
                : level > WN_LOG_DEBUG ? LOG_DEBUG
                                       : level,
                p->path, "%s", message);
    else if (level <= WN_LOG_WARNING)
        buf_addf(p->errors, "%s: %s\n", p->path, message);
}

/* ---- opening ---- */

static int check_descriptor(struct plugin *p, const wn_plugin *d)
{
    if (!d) {
        buf_addf(p->errors, "%s: needs a newer host than ABI %u.%u; use a newer Winnow\n", p->path,
                 WN_ABI_MAJOR, WN_ABI_MINOR);
        return E_VERSION;
    }
    if (d->abi >> 16 != WN_ABI_MAJOR) {
        buf_addf(p->errors, "%s: built for plugin ABI %u.%u, this host has %u.%u; build it anew\n",
                 p->path, d->abi >> 16, d->abi & 0xffff, WN_ABI_MAJOR, WN_ABI_MINOR);
        return E_VERSION;
    }
    if (d->size < WN_REACH_(d, Init) || !d->Init || !d->name || !d->version) {
        buf_addf(p->errors, "%s: its descriptor lacks a name, a version or Init\n", p->path);
        return E_FILTER;
    }
    return OK;
}

static int open_plugin(struct plugin *p)
{
    /* NOW: a missing symbol is told here, not in the middle of an epoch. LOCAL: two plugins with
     * the same library inside don't meet. */
    void *handle = dlopen(p->path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *why = dlerror();
        size_t n = strlen(p->path);
        if (strncmp(why, p->path, n) == 0 && why[n] == ':')
            buf_addf(p->errors, "%s\n", why);
        else
            buf_addf(p->errors, "%s: %s\n", p->path, why);
        return E_FILTER;
    }
    const wn_plugin *(*reg)(uint32_t);
    *(void **)&reg = dlsym(handle, "winnow_plugin_register");
    if (!reg) {
        buf_addf(p->errors, "%s: not a Winnow plugin: it lacks winnow_plugin_register()\n",
                 p->path);
        return E_FILTER;
    }
    const wn_plugin *d = reg(WN_ABI);
    int status = check_descriptor(p, d);
    if (status)
        return status;
    p->descriptor = d;
    p->host.plugin = p;
    status = d->Init(filter_api(), &p->host);
    if (status || p->n == 0) {
        buf_addf(p->errors, "%s: plugin '%s' %s\n", p->path, d->name,
                 status ? "refused to start" : "has no filter");
        return E_FILTER;
    }
    return OK;
}

int plugin_load(const char *name_or_path, struct plugin **plugin, struct buf *errors)
{
    char found[PATH_MAX];
    struct plugin *p = NULL;
    char *path = NULL;
    int status = find(name_or_path, found, errors);
    if (status)
        return status;
    if (!(path = realpath(found, NULL))) {
        buf_addf(errors, "%s: no such plugin file; check the path\n", found);
        return E_ABSENT;
    }
    pthread_mutex_lock(&lock);
    for (p = opened; p; p = p->next)
        if (strcmp(p->path, path) == 0)
            goto out;
    if (!(p = calloc(1, sizeof *p))) {
        status = E_NOMEM;
        goto out;
    }
    p->path = path;
    path = NULL;
    p->errors = errors;
    if ((status = open_plugin(p))) {
        /* The code stays where it is; only our record of it goes. */
        free(p->path);
        free(p);
        p = NULL;
        goto out;
    }
    p->errors = NULL;
    p->next = opened;
    opened = p;
out:
    pthread_mutex_unlock(&lock);
    free(path);
    if (!status)
        *plugin = p;
    return status;
}

size_t plugin_count(const struct plugin *plugin)
{
    return plugin->n;
}

const wn_filter *plugin_filter(const struct plugin *plugin, size_t index)
{
    return index < plugin->n ? &plugin->filters[index] : NULL;
}

const wn_plugin *plugin_descriptor(const struct plugin *plugin)
{
    return plugin->descriptor;
}

const char *plugin_path(const struct plugin *plugin)
{
    return plugin->path;
}
