/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topics_item.h: the leanest host for measuring the topics filter: an item is a title, a text, a
 * language and categories that the caller owns; what the filter puts stands in fixed places. One
 * thread. Included by topics_host.c and bench_topics.c.
 */
#ifndef EVAL_TOPICS_ITEM_H
#define EVAL_TOPICS_ITEM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/topics/topics.h"
#include "plugin/winnow_plugin.h"

#define ITEM_CATEGORIES 64
#define ITEM_TOPICS 16

struct wn_item {
    wn_str title, text, lang, categories[ITEM_CATEGORIES];
    uint32_t n_categories, n_topics;
    char topics[ITEM_TOPICS][64], best[64];
    int64_t scores[ITEM_TOPICS], best_score;
    long long note[128]; /* the filter's scratch */
    int noted;
};

struct wn_host {
    const char *options[16][2]; /* key, value */
};

static inline void item_log(wn_host *h, int level, const char *message)
{
    (void)h;
    if (level <= WN_LOG_WARNING)
        fprintf(stderr, "%s\n", message);
}

static inline int item_config(wn_host *h, const wn_item *item, const char *key, wn_str *value)
{
    (void)item;
    for (size_t i = 0; i < 16 && h->options[i][0]; i++)
        if (!strcmp(h->options[i][0], key)) {
            *value = (wn_str){h->options[i][1], strlen(h->options[i][1])};
            return WN_OK;
        }
    return WN_ABSENT;
}

static inline int item_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    wn_str s = {NULL, 0};
    switch (field) {
    case WN_TITLE:
        s = item->title;
        break;
    case WN_TEXT:
        s = item->text;
        break;
    case WN_DETECTED_LANG:
        s = item->lang;
        break;
    case WN_CATEGORY_TERM:
        if (index < item->n_categories)
            s = item->categories[index];
        break;
    default:
        break;
    }
    if (!s.ptr)
        return WN_ABSENT;
    *value = s;
    return WN_OK;
}

static inline int item_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{
    (void)item, (void)field, (void)index, (void)value;
    return WN_ABSENT;
}

static inline uint32_t item_count(const wn_item *item, uint32_t field)
{
    return field == WN_CATEGORY_TERM ? item->n_categories
           : field == WN_TOPIC_ID    ? item->n_topics
                                     : 0;
}

static inline int item_put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    if (value.len >= sizeof item->best)
        return WN_LIMIT;
    if (field == WN_TOPIC_ID && !value.ptr && index < item->n_topics) {
        item->n_topics--;
        return WN_OK;
    }
    char *to = field == WN_TOPIC_BEST_ID ? item->best
               : field == WN_TOPIC_ID && index == item->n_topics && index < ITEM_TOPICS
                   ? item->topics[item->n_topics++]
                   : NULL;
    if (!to)
        return WN_ABSENT;
    memcpy(to, value.ptr, value.len);
    to[value.len] = '\0';
    return WN_OK;
}

static inline int item_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{
    if (field == WN_TOPIC_SCORE && index < item->n_topics)
        item->scores[index] = value;
    else if (field == WN_TOPIC_BEST_SCORE)
        item->best_score = value;
    else
        return WN_ABSENT;
    return WN_OK;
}

static inline void *item_note(wn_host *h, wn_item *item, size_t size)
{
    (void)h;
    if (!item->noted && (!size || size > sizeof item->note))
        return NULL;
    item->noted = 1;
    return item->note;
}

static const wn_api item_api = {
    .size = sizeof(wn_api),
    .abi = WN_ABI,
    .host_name = "measure",
    .host_version = "0",
    .log = item_log,
    .config = item_config,
    .str = item_str,
    .num = item_num,
    .count = item_count,
    .put = item_put,
    .put_num = item_put_num,
    .note = item_note,
};

#endif
