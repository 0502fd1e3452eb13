/* SPDX-License-Identifier: Apache-2.0 */
#include "small_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* wn_item and wn_host are opaque to filters: here they are the small ones. */
static struct small_item *item_of(const wn_item *item)
{
    return (struct small_item *)(uintptr_t)item;
}

static struct small_host *host_of(wn_host *host)
{
    return (struct small_host *)(void *)host;
}

static int give(const char *s, wn_str *out)
{
    if (!s)
        return WN_ABSENT;
    *out = (wn_str){s, strlen(s)};
    return WN_OK;
}

static int host_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *out)
{
    const struct small_item *i = item_of(item);
    switch (field) {
    case WN_TITLE:
        return give(i->title, out);
    case WN_CONTENT:
        return give(i->content, out);
    case WN_LINK:
        return give(i->link, out);
    case WN_GUID:
        return give(i->guid, out);
    case WN_SOURCE_URL:
        return give(i->source, out);
    case WN_DECLARED_LANG:
        return give(i->lang, out);
    case WN_DETECTED_LANG:
        return give(i->put_lang ? i->put_lang : i->text ? i->lang : NULL, out);
    case WN_TEXT:
        if (i->put_text) {
            *out = (wn_str){i->put_text, i->put_text_len};
            return WN_OK;
        }
        return give(i->text, out);
    case WN_VECTOR:
        if (!i->put_vector)
            return WN_ABSENT;
        *out = (wn_str){(char *)i->put_vector, i->put_vector_len};
        return WN_OK;
    case WN_LINK_HREF:
        return give(index < SMALL_LINKS ? i->href[index] : NULL, out);
    case WN_LINK_HREFLANG:
        return give(index < SMALL_LINKS ? i->hreflang[index] : NULL, out);
    case WN_ENCLOSURE_URL:
        return give(index == 0 ? i->picture : NULL, out);
    default:
        return WN_ABSENT;
    }
}

static int host_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *out)
{
    const struct small_item *i = item_of(item);
    (void)index;
    if (field == WN_ID)
        *out = i->id;
    else if (field == WN_ARRIVED)
        *out = i->arrived;
    else if (field == WN_PUBLISHED && i->published)
        *out = i->published;
    else
        return WN_ABSENT;
    return WN_OK;
}

static uint32_t host_count(const wn_item *item, uint32_t field)
{
    const struct small_item *i = item_of(item);
    uint32_t n = 0;
    if (field == WN_ENCLOSURE_URL)
        return i->picture != NULL;
    while (field == WN_LINK_HREF && n < SMALL_LINKS && i->href[n])
        n++;
    return n;
}

static int host_put(wn_item *item, uint32_t field, uint32_t index, wn_str v)
{
    struct small_item *i = item_of(item);
    char *copy = malloc(v.len + 1);
    (void)index;
    if (!copy)
        return WN_NOMEM;
    memcpy(copy, v.ptr, v.len);
    copy[v.len] = 0;
    if (field == WN_TEXT) {
        free(i->put_text);
        i->put_text = copy;
        i->put_text_len = v.len;
    } else if (field == WN_DETECTED_LANG) {
        free(i->put_lang);
        i->put_lang = copy;
    } else if (field == WN_VECTOR) {
        free(i->put_vector);
        i->put_vector = (unsigned char *)copy;
        i->put_vector_len = v.len;
    } else {
        free(copy);
        return WN_ABSENT;
    }
    return WN_OK;
}

static void *host_note(wn_host *host, wn_item *item, size_t size)
{
    struct small_item *i = item_of(item);
    (void)host;
    if (!i->note && size)
        i->note = calloc(1, size);
    return i->note;
}

static void host_log(wn_host *host, int level, const char *message)
{
    (void)level;
    snprintf(host_of(host)->log, sizeof host_of(host)->log, "%s", message);
}

static int host_config(wn_host *host, const wn_item *item, const char *key, wn_str *value)
{
    const struct small_host *h = host_of(host);
    (void)item;
    for (int i = 0; i < 16 && h->options[i][0]; i++)
        if (strcmp(h->options[i][0], key) == 0)
            return give(h->options[i][1], value);
    return WN_ABSENT;
}

static int compare_key(wn_str key, const struct small_kv *e)
{
    size_t n = key.len < e->key_len ? key.len : e->key_len;
    int d = memcmp(key.ptr, e->key, n);
    return d ? d : key.len < e->key_len ? -1 : key.len > e->key_len;
}

/* The first entry not before key. */
static size_t kv_lower(const struct small_host *h, wn_str key)
{
    size_t low = 0, high = h->n_kv;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (compare_key(key, &h->kv[mid]) > 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static int host_kv_get(wn_host *host, wn_str key, wn_str *value)
{
    const struct small_host *h = host_of(host);
    size_t at = kv_lower(h, key);
    if (at == h->n_kv || compare_key(key, &h->kv[at]) != 0)
        return WN_ABSENT;
    *value = (wn_str){h->kv[at].value, h->kv[at].value_len};
    return WN_OK;
}

static char *copy_of(wn_str s)
{
    char *p = malloc(s.len + 1);
    if (p)
        memcpy(p, s.ptr, s.len);
    return p;
}

static void kv_remove(struct small_host *h, size_t at)
{
    free(h->kv[at].key);
    free(h->kv[at].value);
    memmove(h->kv + at, h->kv + at + 1, (--h->n_kv - at) * sizeof *h->kv);
}

static int host_kv_put(wn_host *host, wn_str key, wn_str value, int64_t expires)
{
    struct small_host *h = host_of(host);
    size_t at = kv_lower(h, key);
    bool there = at < h->n_kv && compare_key(key, &h->kv[at]) == 0;
    (void)expires;
    if (!value.ptr) {
        if (there)
            kv_remove(h, at);
        return WN_OK;
    }
    char *k = copy_of(key), *v = copy_of(value);
    if (k && v && !there && h->n_kv == h->cap_kv) {
        size_t cap = h->cap_kv ? 2 * h->cap_kv : 256;
        struct small_kv *kv = realloc(h->kv, cap * sizeof *kv);
        if (kv) {
            h->kv = kv;
            h->cap_kv = cap;
        }
    }
    if (!k || !v || (!there && h->n_kv == h->cap_kv)) {
        free(k);
        free(v);
        return WN_NOMEM;
    }
    if (there)
        kv_remove(h, at);
    memmove(h->kv + at + 1, h->kv + at, (h->n_kv++ - at) * sizeof *h->kv);
    h->kv[at] = (struct small_kv){k, v, key.len, value.len};
    return WN_OK;
}

static int host_kv_scan(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user)
{
    const struct small_host *h = host_of(host);
    for (size_t i = kv_lower(h, prefix); i < h->n_kv; i++) {
        const struct small_kv *e = &h->kv[i];
        if (e->key_len < prefix.len || memcmp(e->key, prefix.ptr, prefix.len) != 0)
            break;
        if (fn(user, (wn_str){e->key, e->key_len}, (wn_str){e->value, e->value_len}))
            break;
    }
    return WN_OK;
}

static void keep_verdict(struct small_item *i, const wn_verdict *v)
{
    i->kind = v->kind;
    i->of = v->of;
    i->score = v->score;
    snprintf(i->reason, sizeof i->reason, "%.*s", (int)v->reason.len,
             v->reason.ptr ? v->reason.ptr : "");
    snprintf(i->evidence, sizeof i->evidence, "%.*s", (int)v->evidence.len,
             v->evidence.ptr ? v->evidence.ptr : "");
}

static int host_revise(wn_host *host, int64_t id, const wn_verdict *v)
{
    struct small_host *h = host_of(host);
    h->revisions++;
    for (size_t i = 0; i < h->n; i++)
        if (h->items[i].id == id) {
            keep_verdict(&h->items[i], v);
            h->items[i].revisions++;
            return WN_OK;
        }
    return WN_ABSENT;
}

void small_host_init(struct small_host *h)
{
    memset(h, 0, sizeof *h);
}

int small_host_start(struct small_host *h, const wn_filter *filter)
{
    h->api = (wn_api){.size = sizeof h->api,
                      .abi = WN_ABI,
                      .host_name = "small",
                      .host_version = "1",
                      .log = host_log,
                      .config = host_config,
                      .str = host_str,
                      .num = host_num,
                      .count = host_count,
                      .put = host_put,
                      .note = host_note};
    if (!h->without_kv) {
        h->api.kv_get = host_kv_get;
        h->api.kv_put = host_kv_put;
        h->api.kv_scan = host_kv_scan;
        h->api.revise = host_revise;
    }
    h->filter = filter;
    int status = filter->create(&h->api, (wn_host *)h, &h->self);
    if (status == WN_OK)
        h->thread = filter->thread_enter ? filter->thread_enter(h->self) : NULL;
    return status;
}

static void stop(struct small_host *h)
{
    if (h->self) {
        if (h->filter->thread_leave)
            h->filter->thread_leave(h->self, h->thread);
        h->filter->destroy(h->self);
    }
    h->self = h->thread = NULL;
}

int small_host_restart(struct small_host *h)
{
    stop(h);
    return small_host_start(h, h->filter);
}

void small_host_finish(struct small_host *h)
{
    stop(h);
    for (size_t i = 0; i < h->n; i++) {
        free(h->items[i].put_text);
        free(h->items[i].put_lang);
        free(h->items[i].put_vector);
        free(h->items[i].note);
    }
    for (size_t i = 0; i < h->n_kv; i++) {
        free(h->kv[i].key);
        free(h->kv[i].value);
    }
    free(h->items);
    free(h->kv);
}

size_t small_host_add(struct small_host *h, const struct small_item *item)
{
    if (h->n == h->cap) {
        h->cap = h->cap ? 2 * h->cap : 256;
        h->items = realloc(h->items, h->cap * sizeof *h->items);
        if (!h->items)
            abort();
    }
    h->items[h->n] = *item;
    if (!item->id)
        h->items[h->n].id = (int64_t)h->n + 1;
    if (!item->arrived)
        h->items[h->n].arrived = 1700000000 + (int64_t)h->n;
    return h->n++;
}

int small_host_run(struct small_host *h, size_t from, size_t to)
{
    wn_item *batch[256];
    int first = WN_OK;
    for (size_t at = from; at < to; at += 256) {
        size_t n = to - at < 256 ? to - at : 256;
        for (size_t i = 0; i < n; i++)
            batch[i] = (wn_item *)(void *)&h->items[at + i];
        if (h->filter->analyse && h->filter->analyse(h->self, h->thread, batch, n) != WN_OK)
            first = first ? first : WN_ERROR;
        for (size_t i = 0; i < n; i++) {
            wn_verdict v = {.size = sizeof v, .kind = WN_KEEP, .score = 1};
            int status = h->filter->judge(h->self, batch[i], &v);
            first = first ? first : status;
            if (status == WN_OK)
                keep_verdict(&h->items[at + i], &v);
            free(h->items[at + i].note);
            h->items[at + i].note = NULL;
        }
    }
    return first;
}

static uint32_t root_of(uint32_t *story, uint32_t i)
{
    while (story[i] != i)
        i = story[i] = story[story[i]];
    return i;
}

void small_host_stories(const struct small_host *h, uint32_t *story)
{
    for (uint32_t i = 0; i < h->n; i++)
        story[i] = i;
    for (uint32_t i = 0; i < h->n; i++) {
        const struct small_item *x = &h->items[i];
        if (x->kind != WN_EDITION && x->kind != WN_DUPLICATE)
            continue;
        for (uint32_t j = 0; j < h->n; j++) {
            uint32_t k = (uint32_t)(x->of - 1 + j) % (uint32_t)h->n; /* mostly the first guess */
            if (h->items[k].id != x->of)
                continue;
            uint32_t a = root_of(story, i), b = root_of(story, k);
            story[a > b ? a : b] = a > b ? b : a;
            break;
        }
    }
    for (uint32_t i = 0; i < h->n; i++)
        story[i] = root_of(story, i);
}
