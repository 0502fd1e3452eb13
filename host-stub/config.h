/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: winnow.yaml, read, checked and held.
 *
 * A struct config owns everything in it and does not change once it is made: a reload makes a new
 * one. Any thread may read. Errors name file, line, key and the fix, and all of them are told,
 * not only the first.
 */
#ifndef WINNOW_CONFIG_H
#define WINNOW_CONFIG_H

#include <stdint.h>

#include "buf.h"

struct setting { /* a filter's option as configured, before the filter's own check */
    char *key;
    char *value; /* scalars as text; lists, maps and nested ones as JSON text */
    int is_json; /* 1: value is JSON text */
    int line;
};

struct filter_config {
    /* Absolute path of the .so; NULL: looked up by name in `plugins`, then as NAME.so. */
    char *plugin;
    char *name;  /* the filter's name; NULL: all filters of the plugin, in its order */
    int enabled; /* 0: listed but switched off, so that explain can say so */
    struct setting *settings;
    size_t n_settings;
    int line;
};

struct source {
    char *url;         /* the source's stable id */
    char *title;       /* NULL: the feed's own */
    int64_t every;     /* seconds between polls; 0: the configuration's */
    char *lang;        /* declared by the user; NULL: the feed's own */
    int priority;      /* larger wins between copies; 0 unless said */
    int allow_private; /* may reach loopback and private addresses */
    int enabled;
    char **tags; /* written as categories of the source's items */
    size_t n_tags;
    char **headers; /* "Name: value" lines sent with requests */
    size_t n_headers;
    struct filter_config *overrides; /* per-source options, by filter name */
    size_t n_overrides;
    int line;
};

enum output_format { OUTPUT_ATOM, OUTPUT_RSS, OUTPUT_JSON };

struct output {
    char *file;     /* absolute, or relative to the configuration's folder (made absolute) */
    int format;     /* enum output_format */
    int64_t keep;   /* at least so many entries; 200 */
    int64_t within; /* `for`: all entries younger than so many seconds; 48 h */
    char *title;    /* of the clean feed; NULL: config.title */
    char *lang;     /* only stories that have an edition in this language; NULL: all */
    char **topics;  /* only stories with one of these, or with a topic below one; none: all */
    size_t n_topics;
    char **except; /* no stories with one of these, or below one */
    size_t n_except;
    char *link;   /* where readers reach the file, for rel="self"; NULL: none */
    char *served; /* path on the HTTP server, "/feed.atom"; NULL: not served */
    int line;
};

struct config {
    char *path;       /* of the file; NULL: built-in defaults */
    char *folder;     /* absolute; what relative paths are relative to */
    char *state;      /* folder, absolute */
    char *title;      /* of the clean feed */
    char *contact;    /* for the User-Agent; NULL: none */
    char *user_agent; /* overrides the whole; NULL */
    char *proxy;      /* URL, or "environment"; NULL: none */
    char *ca_file;    /* absolute; NULL: the system's authorities */
    char **prefer;    /* BCP 47 tags, most liked first */
    size_t n_prefer;
    int64_t settle;     /* seconds; 300 */
    int64_t every;      /* default poll interval in seconds; 1800 */
    int64_t window;     /* how long items are kept for matching: 7 d */
    int also_in;        /* 1: a visible "Also in: …" line at the end of the content */
    int workers;        /* threads; 0: as many as processors */
    int timeout;        /* seconds for a whole transfer; 60 */
    int filter_timeout; /* seconds until a call into a filter is a hang; LIMIT_FILTER_CALL_S */
    int concurrency, per_host; /* transfers at once */
    int allow_private;
    /* .so files named by `plugins:`, absolute; their filters are found by name first. */
    char **plugins;
    int *plugin_lines; /* parallel */
    size_t n_plugins;
    struct filter_config *filters;
    size_t n_filters;       /* 0 never: the defaults are filled in */
    struct source *sources; /* in the order of the file, which is that of the polls */
    size_t n_sources;
    struct source **by_url; /* the same, for config_source(); NULL: it looks at each */
    struct output *outputs;
    size_t n_outputs;
    char *log_file;      /* absolute; NULL: standard error */
    char *listen;        /* "127.0.0.1:8080"; NULL: don't serve */
    char *allow_origin;  /* whose pages may read what is served, "*": all; NULL: none */
    char *serve_url;     /* where readers reach the server, without a slash at its end; NULL */
    char *events_file;   /* absolute; NULL: no event file */
    int64_t stats_every; /* seconds; 60 */
    /* Where the file says so, for messages; 0: it doesn't. */
    int state_line, events_line, log_line;
};

/* Reads a file. On E_USAGE, messages (one a line, "file:line: what; what to do") are in *errors,
 * which the caller has buf_init-ed. On success *errors may hold warnings. */
int config_load(const char *path, struct config **config, struct buf *errors);
/* The same from memory; `name` stands for the file in messages, `folder` for its place. */
int config_parse(const char *text, size_t n, const char *name, const char *folder,
                 struct config **config, struct buf *errors);
/* What holds without any file: the three filters, no sources. */
int config_default(struct config **config);
void config_destroy(struct config *config);
/* The source's place in the file's list, from 0, which decides where nothing else does; behind all
 * of them for NULL. */
size_t config_source_order(const struct config *config, const struct source *source);
const struct source *config_source(const struct config *config, const char *url);

/* "90s", "5m", "48h", "7d", or plain seconds → seconds; E_INVALID. */
int config_duration(const char *text, int64_t *seconds);

#endif
