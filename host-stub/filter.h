/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h: plugins and the filters in them: loading, options, instances, and the host's side of
 * the ABI (struct wn_api) over struct item, store and log.
 *
 * Plugins are opened once and never closed: code of theirs may run until the process ends, and
 * dlopen of a replaced path returns the old handle anyway. An instance belongs to one chain.
 * Loading and creating happen on the main or the judge thread; calls into an instance are made by
 * chain_run.c and chain.c alone, which leave crumbs and count errors.
 */
#ifndef WINNOW_FILTER_H
#define WINNOW_FILTER_H

#include "../plugin/winnow_plugin.h"
#include "buf.h"
#include "config.h"
#include "item.h"

struct store;
struct reader;
struct chain;
struct crumbs;
struct filter; /* one instance of one filter in one chain */

/* ---- plugins ---- */

/* Finds and opens a plugin by path (anything with a slash) or by name ("editions" → editions.so in
 * $WINNOW_FILTERS, then in filters/ beside the binary, then in ../lib/winnow and the installed
 * folder), checks its ABI and calls Init. Opened before: the same one again. Messages, a line
 * each, in *errors. E_ABSENT: no such file; E_VERSION: another ABI; E_FILTER: not a plugin, or
 * its Init refused; E_NOMEM. One thread at a time. */
struct plugin;
int plugin_load(const char *name_or_path, struct plugin **plugin, struct buf *errors);
size_t plugin_count(const struct plugin *plugin);
/* A table of the host's own size, whatever the plugin's; what it lacks is NULL. */
const wn_filter *plugin_filter(const struct plugin *plugin, size_t index);
const wn_plugin *plugin_descriptor(const struct plugin *plugin);
const char *plugin_path(const struct plugin *plugin);

/* ---- options (filter_options.c) ---- */

/* Checks configured settings against a filter's options: unknown keys (with a suggestion), types,
 * ranges. `where` is the file's name for messages. E_USAGE with lines in *errors. Also used for a
 * source's overrides (per_source = 1: only options that allow it). Pure. */
int filter_check(const wn_filter *filter, const struct filter_config *settings, int per_source,
                 const char *where, struct buf *errors);
const wn_option *filter_option(const wn_filter *filter, const char *key);
/* One setting in the form in which it is handed over, from malloc; relative paths are taken from
 * `folder`. NULL: it isn't valid, and `why` (of 200 bytes) says what would be. */
char *filter_option_value(const wn_option *option, const struct setting *setting,
                          const char *folder, char *why);
const char *filter_option_type(uint32_t type); /* "duration", … for people */

/* ---- instances ---- */

/* When a call into a filter is made; decides what it may ask of the host. */
enum phase {
    PHASE_NONE,
    PHASE_CREATE, /* create, destroy */
    PHASE_THREAD, /* thread_enter, thread_leave */
    PHASE_ANALYSE,
    PHASE_OBSERVE,
    PHASE_JUDGE,
    PHASE_RULE, /* constrain, forget */
};

/* A call into a filter on this thread. Set with filter_call_begin; the ABI's functions find it
 * there, so that a call at a wrong time, or from a thread of the filter's own, is refused. */
struct call {
    enum phase phase;
    struct filter *filter;
    struct chain *chain;
    struct arena *scratch;    /* what kv_get hands out lives here until the call ends */
    struct reader *reader;    /* PHASE_THREAD, PHASE_ANALYSE: this thread's; NULL: none */
    const struct item *about; /* names the document in log lines; NULL: none */
    struct buf *errors;       /* PHASE_CREATE: where errors that it logs go; NULL: the log */
};
void filter_call_begin(struct call *call);
void filter_call_end(void);
struct call *filter_call(void); /* NULL: none on this thread */

/* What the ABI hands to a filter as wn_item: an item while it is in the chain. */
struct wn_item {
    struct item *item;
    struct call *writer; /* the call that may write to it; NULL: read only */
    void *note;          /* of the filter whose turn it is */
    size_t note_size;
};

/* Names a filter of a plugin (kept), takes its settings and the sources' overrides from the
 * configuration (copied) and calls nothing. E_USAGE with lines in *errors; E_NOMEM. */
int filter_create(struct plugin *plugin, const wn_filter *calls, const struct config *config,
                  const struct filter_config *settings, struct chain *chain, struct filter **filter,
                  struct buf *errors);
void filter_destroy(struct filter *filter);
const wn_api *filter_api(void);
wn_host *filter_host(struct filter *filter);
const wn_filter *filter_calls(const struct filter *filter);
const char *filter_name(const struct filter *filter);
struct plugin *filter_plugin(const struct filter *filter);
/* Lines that the filter logged since the last call and that were held back as too many. */
unsigned filter_log_round(struct filter *filter);

#endif
