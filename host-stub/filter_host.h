/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_host.h: what stands behind the ABI's wn_host and wn_api; plugin.c, filter.c, fields.c and
 * chain.c share it, nobody else needs it.
 */
#ifndef WINNOW_FILTER_HOST_H
#define WINNOW_FILTER_HOST_H

#include "filter.h"

/* The handle that Init (plugin set) or an instance (filter set) is given. */
struct wn_host {
    struct plugin *plugin;
    struct filter *filter;
};

/* ---- plugin.c, while Init runs ---- */
int plugin_add_filter(struct plugin *plugin, const wn_filter *filter);
void plugin_log(struct plugin *plugin, int level, const char *message);

/* ---- fields.c: members of wn_api ---- */
int fields_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value);
int fields_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value);
uint32_t fields_count(const wn_item *item, uint32_t field);
int fields_put(wn_item *item, uint32_t field, uint32_t index, wn_str value);
int fields_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value);

/* ---- chain.c ---- */
/* [any] Reading and writing for the call under way. */
int chain_kv_get(struct call *call, wn_str key, wn_str *value);
int chain_kv_put(struct call *call, wn_str key, wn_str value, int64_t expires);
int chain_kv_scan(struct call *call, wn_str prefix, wn_kv_fn fn, void *user);
int chain_revise(struct call *call, int64_t item, const wn_verdict *verdict);

#endif
