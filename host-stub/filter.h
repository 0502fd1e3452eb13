/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h: plugins and the filters in them: loading, options, instances, and the host's side of
 * the ABI (struct wn_api) over struct item, store and log.
 *
 * Plugins are opened once and never closed. An instance belongs to one chain. Loading and
 * creating happen on the main or the judge thread; calls go through filter_call_… in chain.c,
 * which leave crumbs and count errors.
 */
#ifndef WINNOW_FILTER_H
#define WINNOW_FILTER_H

#include "../plugin/winnow_plugin.h"
#include "buf.h"
#include "config.h"

struct store;
struct chain;
struct filter; /* one instance of one filter in one chain */

/* Finds and opens a plugin by path or by name ("editions" → editions.so beside the binary in
 * filters/, then in the installed folder; $WINNOW_FILTERS first), checks its ABI and calls Init.
 * Opened before: the same one again. Messages in *errors. E_ABSENT, E_VERSION, E_FILTER. */
struct plugin;
int plugin_load(const char *name_or_path, struct plugin **plugin, struct buf *errors);
size_t plugin_count(const struct plugin *plugin);
const wn_filter *plugin_filter(const struct plugin *plugin, size_t index);
const wn_plugin *plugin_descriptor(const struct plugin *plugin);
const char *plugin_path(const struct plugin *plugin);

/* Checks configured settings against a filter's options: unknown keys (with a suggestion), types,
 * ranges. `where` is the file's name for messages. E_USAGE with lines in *errors. Also used for a
 * source's overrides (per_source = 1: only options that allow it). */
int filter_check(const wn_filter *filter, const struct filter_config *settings, int per_source,
                 const char *where, struct buf *errors);

#endif
