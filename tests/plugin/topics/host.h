/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h: the least host that the topics filter runs in, for its tests: an item is an array of
 * strings and numbers, an option is a pair of strings. One thread.
 */
#ifndef TEST_TOPICS_HOST_H
#define TEST_TOPICS_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/topics/topics.h"
#include "plugin/winnow_plugin.h"
#include "plugin/winnow_topic_names.h"

#define FIELDS 64
#define VALUES 600

struct wn_item {
    char *s[FIELDS][VALUES];
    int64_t n[FIELDS][VALUES];
    uint32_t count[FIELDS];
    const char *source; /* whose options hold for it */
    void *note;
};

struct wn_host {
    struct option_value {
        const char *key, *source, *value; /* source NULL: for all */
    } options[16];
    char log[4096];
    int log_level; /* of the last line */
};

static inline wn_str wstr(const char *s)
{
    return (wn_str){s, s ? strlen(s) : 0};
}

static inline void host_log(wn_host *h, int level, const char *message)
{
    h->log_level = level;
    strncat(h->log, message, sizeof h->log - strlen(h->log) - 2);
    strcat(h->log, "\n");
}

static inline int host_config(wn_host *h, const wn_item *item, const char *key, wn_str *value)
{
    const char *found = NULL;
    for (size_t i = 0; i < 16 && h->options[i].key; i++) {
        const struct option_value *o = &h->options[i];
        if (strcmp(o->key, key))
            continue;
        if (!o->source && !found)
            found = o->value;
        else if (o->source && item && item->source && !strcmp(o->source, item->source))
            found = o->value;
    }
    if (!found && !strcmp(key, "data")) /* the test links the filter: nothing lies beside it */
        found = WINNOW_FILTERS_DIR;
    if (!found)
        return WN_ABSENT;
    *value = wstr(found);
    return WN_OK;
}

static inline int host_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    if (field >= FIELDS || index >= item->count[field] || !item->s[field][index])
        return WN_ABSENT;
    *value = wstr(item->s[field][index]);
    return WN_OK;
}

static inline int host_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{
    if (field >= FIELDS || index >= VALUES)
        return WN_ABSENT;
    *value = item->n[field][index];
    return WN_OK;
}

static inline uint32_t host_count(const wn_item *item, uint32_t field)
{
    return field < FIELDS ? item->count[field] : 0;
}

static inline int host_put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    if (field >= FIELDS || index > item->count[field] || index >= VALUES)
        return WN_INVALID;
    if (!value.ptr) {
        free(item->s[field][index]);
        item->s[field][index] = NULL;
        if (index + 1 == item->count[field])
            item->count[field]--;
        return WN_OK;
    }
    char *copy = malloc(value.len + 1);
    assert_non_null(copy);
    memcpy(copy, value.ptr, value.len);
    copy[value.len] = '\0';
    free(item->s[field][index]);
    item->s[field][index] = copy;
    if (index == item->count[field])
        item->count[field]++;
    return WN_OK;
}

static inline int host_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{
    if (field >= FIELDS || index >= VALUES)
        return WN_INVALID;
    item->n[field][index] = value;
    return WN_OK;
}

static inline void *host_note(wn_host *h, wn_item *item, size_t size)
{
    (void)h;
    if (!item->note && size)
        item->note = calloc(1, size);
    return item->note;
}

static const wn_api host_api = {
    .size = sizeof(wn_api),
    .abi = WN_ABI,
    .host_name = "test",
    .host_version = "0",
    .log = host_log,
    .config = host_config,
    .str = host_str,
    .num = host_num,
    .count = host_count,
    .put = host_put,
    .put_num = host_put_num,
    .note = host_note,
};

static inline void set(wn_item *item, uint32_t field, const char *value)
{
    assert_int_equal(host_put(item, field, item->count[field], wstr(value)), WN_OK);
}

static inline wn_item *item_new(const char *title, const char *content)
{
    wn_item *item = calloc(1, sizeof *item);
    assert_non_null(item);
    if (title)
        set(item, WN_TITLE, title);
    if (content)
        set(item, WN_CONTENT, content);
    return item;
}

static inline void item_free(wn_item *item)
{
    for (size_t f = 0; f < FIELDS; f++)
        for (size_t i = 0; i < VALUES; i++)
            free(item->s[f][i]);
    free(item->note);
    free(item);
}

/* The score of a topic on the item in millionths, -1 when it isn't tagged with it. */
static inline int64_t tagged(const wn_item *item, const char *id)
{
    for (uint32_t i = 0; i < item->count[WN_TOPIC_ID]; i++)
        if (!strcmp(item->s[WN_TOPIC_ID][i], id))
            return item->n[WN_TOPIC_SCORE][i];
    return -1;
}

static inline void run(void *self, wn_item *item, wn_verdict *verdict)
{
    wn_verdict v = {.size = sizeof v, .kind = WN_KEEP, .score = 1};
    assert_int_equal(topics_filter.analyse(self, NULL, &item, 1), WN_OK);
    assert_int_equal(topics_filter.judge(self, item, &v), WN_OK);
    if (verdict)
        *verdict = v;
}

static inline void *filter_new(wn_host *host)
{
    void *self = NULL;
    int status = topics_filter.create(&host_api, host, &self);
    if (status)
        print_message("%s", host->log);
    assert_int_equal(status, WN_OK);
    return self;
}

#endif
