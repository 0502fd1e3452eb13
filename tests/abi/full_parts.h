/* SPDX-License-Identifier: Apache-2.0 */
/*
 * full_parts.h: what host_full.c is made of beside its script: the items and their fields
 * (full_fields.c), what filters remember (full_kv.c). One thread. All copies live until full_free().
 */
#ifndef WINNOW_TEST_FULL_PARTS_H
#define WINNOW_TEST_FULL_PARTS_H

#include "../../plugin/winnow_plugin.h"

#define MAX_FILTERS 8
#define MAX_LIST 64

struct wn_item {
    int64_t id, document, arrived, sanitised;
    wn_str text[64];           /* single fields, by number */
    wn_str list[64][MAX_LIST]; /* list fields */
    int64_t number[64][MAX_LIST];
    uint32_t n[64];
    void *note[MAX_FILTERS];
};

struct pair {
    struct pair *next;
    wn_str key, value;
};

struct wn_host {
    const wn_filter *filter;
    void *self, *thread;
    struct pair *kv; /* newest first */
    int index;
};

wn_str full_copy(wn_str s);
void full_free(void);

/* As in the host's table. */
int full_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value);
int full_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value);
uint32_t full_count(const wn_item *item, uint32_t field);
int full_put(wn_item *item, uint32_t field, uint32_t index, wn_str value);
int full_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value);
int full_kv_get(wn_host *host, wn_str key, wn_str *value);
int full_kv_put(wn_host *host, wn_str key, wn_str value, int64_t expires);
int full_kv_scan(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user);

#endif
