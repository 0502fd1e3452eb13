/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h: a host in memory for one filter, one thread: items with all list fields, options, a key-value
 * store. For the tests, and the measuring programs, of the boilerplate filter.
 */
#ifndef TEST_BOILERPLATE_HOST_H
#define TEST_BOILERPLATE_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/boilerplate/boilerplate.h"

#define HOST_FIELDS 64
#define HOST_LIST 600

struct wn_item {
    int64_t id;
    wn_str *field[HOST_FIELDS]; /* HOST_LIST entries each, allocated at the first put */
    uint32_t n[HOST_FIELDS];
    int64_t number[HOST_FIELDS];
    char has_number[HOST_FIELDS];
    void *note;
};

struct host_kv {
    char *key, *value;
    size_t nk, nv;
};

struct wn_host {
    const char *options[32][2];
    int n_options;
    struct host_kv *kv;
    size_t n_kv;
    int puts;
    char log[4096];
};

static wn_str host_copy(wn_str s)
{
    char *p = malloc(s.len + 1);
    memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return (wn_str){p, s.len};
}

static void host_log(wn_host *h, int level, const char *message)
{
    if (level <= WN_LOG_WARNING)
        snprintf(h->log + strlen(h->log), sizeof h->log - strlen(h->log), "%s\n", message);
}

static int host_config(wn_host *h, const wn_item *item, const char *key, wn_str *value)
{
    (void)item;
    for (int i = 0; i < h->n_options; i++)
        if (!strcmp(h->options[i][0], key)) {
            *value = (wn_str){h->options[i][1], strlen(h->options[i][1])};
            return WN_OK;
        }
    return WN_ABSENT;
}

static int host_str(const wn_item *item, uint32_t f, uint32_t i, wn_str *value)
{
    if (f >= HOST_FIELDS || i >= item->n[f] || !item->field[f][i].ptr)
        return WN_ABSENT;
    *value = item->field[f][i];
    return WN_OK;
}

static int host_num(const wn_item *item, uint32_t f, uint32_t i, int64_t *value)
{
    if (f == WN_ID) {
        *value = item->id;
        return WN_OK;
    }
    if (f >= HOST_FIELDS || i || !item->has_number[f])
        return WN_ABSENT;
    *value = item->number[f];
    return WN_OK;
}

static uint32_t host_count(const wn_item *item, uint32_t f)
{
    return f < HOST_FIELDS ? item->n[f] : 0;
}

static int host_put_num(wn_item *item, uint32_t f, uint32_t i, int64_t value)
{
    if (f >= HOST_FIELDS || i)
        return WN_INVALID;
    item->number[f] = value;
    item->has_number[f] = 1;
    return WN_OK;
}

static int host_put(wn_item *item, uint32_t f, uint32_t i, wn_str value)
{
    if (f >= HOST_FIELDS || i >= HOST_LIST || i > item->n[f])
        return WN_INVALID;
    if (!item->field[f])
        item->field[f] = calloc(HOST_LIST, sizeof(wn_str));
    if (!value.ptr) { /* removes the entry, and its siblings with it */
        uint32_t first = f, last = f;
        if (f >= WN_ENCLOSURE_URL && f <= WN_ENCLOSURE_TYPE)
            first = WN_ENCLOSURE_URL, last = WN_ENCLOSURE_TYPE;
        if (f >= WN_LINK_HREF && f <= WN_LINK_HREFLANG)
            first = WN_LINK_HREF, last = WN_LINK_HREFLANG;
        for (uint32_t k = first; k <= last; k++)
            if (i < item->n[k]) {
                free((char *)item->field[k][i].ptr);
                memmove(&item->field[k][i], &item->field[k][i + 1],
                        (item->n[k] - i - 1) * sizeof(wn_str));
                item->n[k]--;
            }
        return WN_OK;
    }
    wn_str copy = host_copy(value);
    if (i == item->n[f])
        item->n[f]++;
    else
        free((char *)item->field[f][i].ptr);
    item->field[f][i] = copy;
    if (f == WN_CONTENT) {
        static const uint32_t derived[] = {WN_TEXT, WN_DETECTED_LANG, WN_VECTOR};
        for (int k = 0; k < 3; k++)
            if (item->n[derived[k]])
                host_put(item, derived[k], 0, (wn_str){NULL, 0});
        item->has_number[WN_SANITISED] = 0;
    }
    return WN_OK;
}

static void *host_note(wn_host *h, wn_item *item, size_t size)
{
    (void)h;
    if (!item->note && size)
        item->note = calloc(1, size);
    return item->note;
}

static int host_kv_get(wn_host *h, wn_str key, wn_str *value)
{
    for (size_t i = 0; i < h->n_kv; i++)
        if (h->kv[i].nk == key.len && !memcmp(h->kv[i].key, key.ptr, key.len)) {
            *value = (wn_str){h->kv[i].value, h->kv[i].nv};
            return WN_OK;
        }
    return WN_ABSENT;
}

static int host_kv_put(wn_host *h, wn_str key, wn_str value, int64_t expires)
{
    (void)expires;
    h->puts++;
    size_t i = 0;
    while (i < h->n_kv && !(h->kv[i].nk == key.len && !memcmp(h->kv[i].key, key.ptr, key.len)))
        i++;
    if (i == h->n_kv) {
        h->kv = realloc(h->kv, ++h->n_kv * sizeof *h->kv);
        h->kv[i].key = (char *)host_copy(key).ptr;
        h->kv[i].nk = key.len;
        h->kv[i].value = NULL;
    }
    free(h->kv[i].value);
    h->kv[i].value = (char *)host_copy(value).ptr;
    h->kv[i].nv = value.len;
    return WN_OK;
}

/* All that a filter may be offered; tests copy it and take members away. */
static const wn_api host_api = {
    .size = sizeof(wn_api),
    .abi = WN_ABI,
    .host_name = "memory",
    .host_version = "1",
    .log = host_log,
    .config = host_config,
    .str = host_str,
    .num = host_num,
    .count = host_count,
    .put = host_put,
    .put_num = host_put_num,
    .note = host_note,
    .kv_get = host_kv_get,
    .kv_put = host_kv_put,
};

static inline void host_set(wn_item *item, uint32_t f, const char *value)
{
    host_put(item, f, item->n[f], (wn_str){value, strlen(value)});
}

static inline const char *host_get(const wn_item *item, uint32_t f)
{
    wn_str s;
    return host_str(item, f, 0, &s) == WN_OK ? s.ptr : "";
}

static void host_item_finish(wn_item *item)
{
    for (int f = 0; f < HOST_FIELDS; f++) {
        for (uint32_t i = 0; i < item->n[f]; i++)
            free((char *)item->field[f][i].ptr);
        free(item->field[f]);
    }
    free(item->note);
    memset(item, 0, sizeof *item);
}

static inline void host_finish(wn_host *h)
{
    for (size_t i = 0; i < h->n_kv; i++) {
        free(h->kv[i].key);
        free(h->kv[i].value);
    }
    free(h->kv);
    memset(h, 0, sizeof *h);
}

#endif
