/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "full_parts.h"

static int same(wn_str a, wn_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

int full_kv_get(wn_host *host, wn_str key, wn_str *value)
{
    for (struct pair *p = host->kv; p; p = p->next)
        if (same(p->key, key)) {
            if (p->value.ptr)
                *value = p->value;
            return p->value.ptr ? WN_OK : WN_ABSENT;
        }
    return WN_ABSENT;
}

int full_kv_put(wn_host *host, wn_str key, wn_str value, int64_t expires)
{
    (void)expires;
    struct pair *p =
        (struct pair *)(void *)full_copy((wn_str){(char[sizeof *p]){0}, sizeof *p}).ptr;
    *p = (struct pair){host->kv, full_copy(key), value.ptr ? full_copy(value) : value};
    host->kv = p;
    return WN_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct pair *x = *(struct pair *const *)a, *y = *(struct pair *const *)b;
    size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = memcmp(x->key.ptr, y->key.ptr, n);
    return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

int full_kv_scan(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user)
{
    size_t n = 0, m = 0;
    wn_str value;
    for (struct pair *p = host->kv; p; p = p->next)
        n++;
    struct pair **list = calloc(n + 1, sizeof(struct pair *));
    for (struct pair *p = host->kv; p && list; p = p->next)
        if (p->key.len >= prefix.len && memcmp(p->key.ptr, prefix.ptr, prefix.len) == 0 &&
            full_kv_get(host, p->key, &value) == WN_OK && value.ptr == p->value.ptr)
            list[m++] = p;
    if (m)
        qsort(list, m, sizeof *list, by_key);
    for (size_t i = 0; i < m && !fn(user, list[i]->key, list[i]->value); i++)
        continue;
    free(list);
    return WN_OK;
}
