/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config_parts.h"
#include "folder.h"
#include "limits.h"
#include "listen.h"
#include "status.h"
#include "yaml_tree.h"

int config_duration(const char *text, int64_t *seconds)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1},     {"s", 1},     {"sec", 1},    {"m", 60}, {"min", 60},
                 {"h", 3600}, {"d", 86400}, {"w", 604800}, {NULL, 0}};
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text))
        return E_INVALID;
    long long n = strtoll(text, &end, 10);
    while (*end == ' ')
        end++;
    for (int i = 0; units[i].unit; i++) {
        if (!strcmp(end, units[i].unit)) {
            if (errno || n > INT32_MAX / units[i].seconds)
                return E_INVALID;
            *seconds = n * units[i].seconds;
            return OK;
        }
    }
    return E_INVALID;
}

static void read_listen(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    char host[256];
    const char *port, *text = yaml_text(n);
    yaml_read_string(t, n, k, base);
    if (text && listen_split(text, host, sizeof host, &port))
        yaml_error(t, n,
                   "'%.200s' is no address to listen at; write HOST:PORT, like 127.0.0.1:8080",
                   text);
}

static void read_proxy(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    static const char *const schemes[] = {"http://",    "https://",  "socks4://",
                                          "socks4a://", "socks5://", "socks5h://"};
    const char *text = yaml_text(n);
    int known = !text || strcmp(text, "environment") == 0;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes && !known; i++)
        known = !strncasecmp(text, schemes[i], strlen(schemes[i])) && text[strlen(schemes[i])];
    if (known)
        yaml_read_string(t, n, k, base);
    else
        yaml_error(t, n,
                   "'%.200s' is no proxy; write its URL, like http://proxy.example:3128, or "
                   "environment for what http_proxy, https_proxy and no_proxy say",
                   text);
}

/* A file that isn't there would fail every source, one by one. */
static void read_ca_file(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    yaml_read_path(t, n, k, base);
    const char *path = *(char **)((char *)base + k->offset);
    if (path && access(path, R_OK))
        yaml_error(t, n, "the certificates in %.200s cannot be read: %s; name a PEM file", path,
                   strerror(errno));
}

/* Where readers reach the server: what a proxy in front of it is called. Only whoever configured it
 * knows; a request's Host header says what the client wished. */
static void read_serve_url(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k,
                           void *base)
{
    const char *text = yaml_text(n);
    size_t scheme = text && !strncasecmp(text, "http://", 7)    ? 7
                    : text && !strncasecmp(text, "https://", 8) ? 8
                                                                : 0;
    if (text && (!scheme || !text[scheme] || strchr("/?#", text[scheme]) ||
                 strpbrk(text, "?#\" <>") || strlen(text) > LIMIT_URL / 2)) {
        yaml_error(t, n,
                   "'%.200s' is no address that readers could use; write where they reach the "
                   "server, like https://news.example.org/winnow",
                   text);
        return;
    }
    yaml_read_string(t, n, k, base);
    char *url = *(char **)((char *)base + k->offset);
    for (size_t i = url ? strlen(url) : 0; i && url[i - 1] == '/'; i--)
        url[i - 1] = '\0';
}

/* An origin as browsers send it: scheme and host, no path (RFC 6454 section 6.2). */
static void read_origin(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    const char *text = yaml_text(n);
    const char *host = text ? strstr(text, "://") : NULL;
    size_t scheme = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.") : 0;
    if (text && strcmp(text, "*") &&
        (!host || !scheme || text + scheme != host || !host[3] || strlen(text) > 300 ||
         strspn(host + 3, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") != strlen(host + 3))) {
        yaml_error(
            t, n,
            "'%.200s' is no origin; write a web reader's scheme and host in lower case, like "
            "https://reader.example.org, or '*' for every page",
            text);
        return;
    }
    yaml_read_string(t, n, k, base);
}

static void read_serve(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    static const struct yaml_key keys[] = {
        {.name = "listen", .read = read_listen, .offset = offsetof(struct config, listen)},
        {.name = "url", .read = read_serve_url, .offset = offsetof(struct config, serve_url)},
        {.name = "allow-origin",
         .read = read_origin,
         .offset = offsetof(struct config, allow_origin)},
        {.name = NULL},
    };
    if (yaml_is_null(n))
        return;
    if (n->type == YAML_SCALAR_NODE) { /* serve: 127.0.0.1:8080 */
        read_listen(t, n, &keys[0], base);
        return;
    }
    yaml_read_map(t, n, keys, k->name, base);
}

static void read_events(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    static const struct yaml_key keys[] = {
        {.name = "file",
         .read = yaml_read_path,
         .offset = offsetof(struct config, events_file),
         .offset_n = offsetof(struct config, events_line)},
        {.name = "stats",
         .read = yaml_read_duration,
         .offset = offsetof(struct config, stats_every),
         .min = 1,
         .max = 86400},
        {.name = NULL},
    };
    if (!yaml_is_null(n))
        yaml_read_map(t, n, keys, k->name, base);
}

#define AT(field) .offset = offsetof(struct config, field)

static const struct yaml_key top_keys[] = {
    {.name = "state",
     .read = yaml_read_path,
     AT(state),
     .offset_n = offsetof(struct config, state_line)},
    {.name = "title", .read = yaml_read_string, AT(title)},
    {.name = "contact", .read = yaml_read_string, AT(contact)},
    {.name = "user-agent", .read = yaml_read_string, AT(user_agent)},
    {.name = "proxy", .read = read_proxy, AT(proxy)},
    {.name = "ca-file", .read = read_ca_file, AT(ca_file)},
    {.name = "prefer",
     .read = yaml_read_langs,
     AT(prefer),
     .offset_n = offsetof(struct config, n_prefer)},
    {.name = "settle", .read = yaml_read_duration, AT(settle), .min = 0, .max = 86400},
    {.name = "every", .read = yaml_read_duration, AT(every), .min = 1, .max = 604800},
    {.name = "window", .read = yaml_read_duration, AT(window), .min = 3600, .max = 90 * 86400},
    {.name = "also-in", .read = yaml_read_bool, AT(also_in)},
    {.name = "workers", .read = yaml_read_int, AT(workers), .min = 0, .max = LIMIT_WORKERS},
    {.name = "timeout", .read = yaml_read_duration_int, AT(timeout), .min = 1, .max = 3600},
    {.name = "filter-timeout",
     .read = yaml_read_duration_int,
     AT(filter_timeout),
     .min = 1,
     .max = 86400},
    {.name = "concurrency",
     .read = yaml_read_int,
     AT(concurrency),
     .min = 1,
     .max = LIMIT_TRANSFERS},
    {.name = "per-host", .read = yaml_read_int, AT(per_host), .min = 1, .max = LIMIT_TRANSFERS},
    {.name = "allow-private", .read = yaml_read_bool, AT(allow_private)},
    {.name = "plugins", .read = config_read_plugins},
    {.name = "filters",
     .read = config_read_filters,
     AT(filters),
     .offset_n = offsetof(struct config, n_filters)},
    {.name = "sources", .read = config_read_sources},
    {.name = "output", .read = config_read_outputs},
    {.name = "serve", .read = read_serve},
    {.name = "events", .read = read_events},
    {.name = "log",
     .read = yaml_read_path,
     AT(log_file),
     .offset_n = offsetof(struct config, log_line)},
    {.name = NULL},
};

static char *dup_or(const char *text, int *failed)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        *failed = 1;
    return copy;
}

/* What holds where the file says nothing. */
static int fill_defaults(struct config *c)
{
    int failed = 0;
    if (!c->state)
        c->state = path_absolute(c->folder, "state");
    if (!c->title)
        c->title = dup_or("Winnow", &failed);
    if (!c->n_filters && !c->n_plugins)
        failed |= config_default_filters(c) != OK;
    else if (!c->n_filters)
        failed |= config_plugin_filters(c) != OK;
    if (c->n_sources && !c->n_outputs)
        failed |= config_default_output(c) != OK;
    if (c->listen)
        failed |= config_served_outputs(c) != OK;
    return failed || !c->state ? E_NOMEM : OK;
}

static struct config *create(const char *name, const char *folder)
{
    struct config *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    int failed = 0;
    c->path = dup_or(name, &failed);
    c->folder = dup_or(folder, &failed);
    c->settle = 300;
    c->every = 1800;
    c->window = 7 * 86400;
    c->also_in = 1;
    c->timeout = 60;
    c->filter_timeout = LIMIT_FILTER_CALL_S;
    c->concurrency = 64;
    c->per_host = LIMIT_PER_HOST;
    c->stats_every = 60;
    if (failed) {
        config_destroy(c);
        return NULL;
    }
    return c;
}

int config_parse(const char *text, size_t n, const char *name, const char *folder,
                 struct config **config, struct buf *errors)
{
    struct yaml_tree tree = {.name = name, .folder = folder, .errors = errors};
    struct config *c = create(name, folder);
    if (!c)
        return E_NOMEM;
    int err = yaml_tree_load(&tree, text, n);
    if (err) {
        config_destroy(c);
        return err == E_SYNTAX ? E_USAGE : err;
    }
    yaml_node_t *root = yaml_document_get_root_node(&tree.doc);
    if (root && !yaml_is_null(root))
        yaml_read_map(&tree, root, top_keys, "the configuration", c);
    config_check_parts(&tree, c);
    yaml_tree_finish(&tree);
    err = tree.failed ? E_USAGE : fill_defaults(c);
    if (err) {
        config_destroy(c);
        return err;
    }
    *config = c;
    return OK;
}

static int read_whole(const char *path, struct buf *text)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return E_IO;
    int err = OK;
    while (!err) {
        char *to = buf_room(text, 65536);
        size_t got = to ? fread(to, 1, 65536, f) : 0;
        if (!to)
            err = text->err;
        if (!got)
            break;
        text->n += got;
    }
    if (ferror(f))
        err = E_IO;
    fclose(f);
    return err;
}

int config_load(const char *path, struct config **config, struct buf *errors)
{
    struct buf text;
    buf_init(&text, LIMIT_CONFIG);
    errno = 0;
    int err = read_whole(path, &text);
    if (err) {
        buf_addf(errors,
                 "%s: %s; name yours with -c FILE, or write one with: "
                 "winnow init FEEDS.opml\n",
                 path, err == E_IO ? strerror(errno) : status_text(err));
        buf_finish(&text);
        return E_USAGE;
    }
    char *real = realpath(path, NULL);
    char *slash = real ? strrchr(real, '/') : NULL;
    if (slash)
        *slash = '\0';
    const char *folder = !real ? "." : *real ? real : "/";
    err = config_parse(text.p ? text.p : "", text.n, path, folder, config, errors);
    free(real);
    buf_finish(&text);
    return err;
}

int config_default(struct config **config)
{
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof folder))
        return E_IO;
    struct config *c = create(NULL, folder);
    if (!c || fill_defaults(c)) {
        config_destroy(c);
        return E_NOMEM;
    }
    *config = c;
    return OK;
}

static void free_strings(char **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

void config_destroy(struct config *c)
{
    if (!c)
        return;
    char *plain[] = {c->path,        c->folder,   c->state,     c->title,     c->contact,
                     c->listen,      c->proxy,    c->ca_file,   c->serve_url, c->allow_origin,
                     c->events_file, c->log_file, c->user_agent};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        free(plain[i]);
    free_strings(c->prefer, c->n_prefer);
    free_strings(c->plugins, c->n_plugins);
    free(c->plugin_lines);
    config_free_filters(c->filters, c->n_filters);
    for (size_t i = 0; i < c->n_sources; i++) {
        struct source *s = &c->sources[i];
        free(s->url);
        free(s->title);
        free(s->lang);
        free_strings(s->tags, s->n_tags);
        free_strings(s->headers, s->n_headers);
        config_free_filters(s->overrides, s->n_overrides);
    }
    free(c->sources);
    free(c->by_url);
    for (size_t i = 0; i < c->n_outputs; i++) {
        struct output *o = &c->outputs[i];
        char *strings[] = {o->file, o->title, o->lang, o->link, o->served};
        for (size_t j = 0; j < sizeof strings / sizeof *strings; j++)
            free(strings[j]);
        free_strings(o->topics, o->n_topics);
        free_strings(o->except, o->n_except);
    }
    free(c->outputs);
    free(c);
}

static int is_url(const void *url, const void *source)
{
    return strcmp(url, (*(struct source *const *)source)->url);
}

const struct source *config_source(const struct config *config, const char *url)
{
    if (config->by_url) {
        struct source **found =
            bsearch(url, config->by_url, config->n_sources, sizeof *found, is_url);
        return found ? *found : NULL;
    }
    for (size_t i = 0; i < config->n_sources; i++)
        if (!strcmp(config->sources[i].url, url))
            return &config->sources[i];
    return NULL;
}

size_t config_source_order(const struct config *config, const struct source *source)
{
    return source ? (size_t)(source - config->sources) : config->n_sources;
}
