/* SPDX-License-Identifier: Apache-2.0 */
/* What filters say, taken into the host's memory: verdicts, revisions, keys and values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "chain_host.h"
#include "status.h"

/* ---- verdicts ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int chain_is_known(const struct chain *c, int64_t item)
{
    if (c->n_known && bsearch(&item, c->known, c->n_known, sizeof item, by_id))
        return 1;
    return c->store ? store_known(c->store, item) : 0;
}

/* One line of well-formed text within the limit; what isn't text at all is left out. */
static wn_str take_line(struct arena *arena, wn_str s)
{
    if (!s.ptr || !s.len)
        return str_of(NULL, 0);
    if (s.len > LIMIT_REASON)
        s.len = utf8_cut(s.ptr, s.len, LIMIT_REASON);
    if (!utf8_valid(s.ptr, s.len))
        return str_of(NULL, 0);
    wn_str line = arena_str(arena, s.ptr, s.len);
    for (size_t i = 0; line.ptr && i < line.len; i++)
        if ((unsigned char)line.ptr[i] < 0x20 || line.ptr[i] == 0x7f)
            ((char *)line.ptr)[i] = ' ';
    return line;
}

const char *chain_take_verdict(struct chain *c, struct arena *arena, int64_t item,
                               const wn_verdict *from, struct verdict *to)
{
    if (from->size < WN_REACH_(from, score))
        return "the verdict is too small";
    if (from->kind > WN_DROP)
        return "the verdict is of an unknown kind";
    if (isnan(from->score))
        return "the score is not a number";
    int names = from->kind == WN_RELATED || from->kind == WN_EDITION || from->kind == WN_DUPLICATE;
    if (names && from->of <= 0)
        return "the verdict does not name another item";
    if (names && from->of == item)
        return "the verdict names the item itself";
    if (names && !chain_is_known(c, from->of))
        return "the verdict names an item that is not there";
    memset(to, 0, sizeof *to);
    to->item = item;
    to->of = names ? from->of : 0;
    to->kind = from->kind;
    to->filter = c->link;
    to->filter_name = c->links[c->link].name;
    to->score = from->score < 0 ? 0 : from->score > 1 ? 1 : from->score;
    if (from->size >= WN_REACH_(from, reason))
        to->reason = take_line(arena, from->reason);
    if (from->size >= WN_REACH_(from, evidence))
        to->evidence = take_line(arena, from->evidence);
    return NULL;
}

int chain_add(struct arena *arena, struct verdict **list, size_t *n, size_t *cap,
              const struct verdict *verdict)
{
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 64;
        struct verdict *fresh = arena_alloc(arena, more * sizeof *fresh);
        if (!fresh)
            return E_NOMEM;
        if (*n)
            memcpy(fresh, *list, *n * sizeof *fresh);
        *list = fresh;
        *cap = more;
    }
    (*list)[(*n)++] = *verdict;
    return OK;
}

int chain_revise(struct call *call, int64_t item, const wn_verdict *verdict)
{
    struct chain *c = call->chain;
    struct verdict v;
    if (!chain_is_known(c, item))
        return WN_ABSENT;
    struct arena *arena = c->epoch ? &c->epoch->arena : &c->waiting_strings;
    if (chain_take_verdict(c, arena, item, verdict, &v))
        return verdict->size >= WN_REACH_(verdict, of) && verdict->of > 0 && verdict->of != item &&
                       !chain_is_known(c, verdict->of)
                   ? WN_ABSENT
                   : WN_INVALID;
    int status;
    if (c->epoch)
        status =
            chain_add(arena, &c->epoch->revisions, &c->epoch->n_revisions, &c->cap_revisions, &v);
    else
        status = chain_add(arena, &c->waiting, &c->n_waiting, &c->cap_waiting, &v);
    return status ? WN_NOMEM : WN_OK;
}

/* ---- keys and values ---- */

/* What the store hands out lives until its next call; a filter may keep it to the end of its
 * own, so it is copied there. */
static int hand_out(struct call *call, int status, wn_str found, wn_str *value)
{
    if (status == E_ABSENT)
        return WN_ABSENT;
    if (status)
        return status == E_NOMEM ? WN_NOMEM : WN_ERROR;
    wn_str copy = arena_str(call->scratch, found.ptr ? found.ptr : "", found.len);
    if (!copy.ptr)
        return WN_NOMEM;
    *value = copy;
    return WN_OK;
}

/* The disk's trouble is no error of the filter, and no time that it takes: the watchdog looks away.
 */
static int wait_for_disk(struct chain *c, const struct call *call, int status)
{
    if ((status != E_FULL && status != E_IO && status != E_BUSY) || !c->patience)
        return 0;
    if (c->crumbs)
        crumb_leave(c->crumbs, CRUMB_JUDGE);
    int again = c->patience(c->patience_user, status);
    if (c->crumbs)
        crumb_enter(c->crumbs, CRUMB_JUDGE, filter_name(call->filter), "call");
    return again;
}

int chain_kv_get(struct call *call, wn_str key, wn_str *value)
{
    struct chain *c = call->chain;
    const char *name = filter_name(call->filter);
    wn_str found = {NULL, 0};
    if (!c->store)
        return WN_ABSENT;
    if (call->phase != PHASE_ANALYSE && call->phase != PHASE_THREAD) {
        int status;
        while ((status = store_kv_get(c->store, name, key, &found)) &&
               wait_for_disk(c, call, status))
            continue;
        return hand_out(call, status, found, value);
    }
    if (!call->reader)
        return WN_ERROR;
    if (c->in_memory)
        pthread_mutex_lock(&c->shared);
    int status = reader_kv_get(call->reader, name, key, &found);
    status = hand_out(call, status, found, value);
    if (c->in_memory)
        pthread_mutex_unlock(&c->shared);
    return status;
}

static int wn_status_of(int status)
{
    switch (status) {
    case OK:
        return WN_OK;
    case E_ABSENT:
        return WN_ABSENT;
    case E_NOMEM:
        return WN_NOMEM;
    case E_LIMIT:
        return WN_LIMIT;
    default:
        return WN_ERROR;
    }
}

int chain_kv_put(struct call *call, wn_str key, wn_str value, int64_t expires)
{
    struct chain *c = call->chain;
    if (!c->store)
        return WN_UNSUPPORTED;
    return wn_status_of(store_kv_put(c->store, filter_name(call->filter), key, value, expires));
}

struct scan {
    wn_kv_fn fn;
    void *user;
    int begun;
};

static int scanned(void *user, wn_str key, wn_str value)
{
    struct scan *s = user;
    s->begun = 1;
    return s->fn(s->user, key, value);
}

int chain_kv_scan(struct call *call, wn_str prefix, wn_kv_fn fn, void *user)
{
    struct chain *c = call->chain;
    if (!c->store)
        return WN_OK;
    struct scan scan = {fn, user, 0};
    int status;
    /* Repeated only as long as the filter has seen nothing: no entry comes twice. */
    while ((status = store_kv_scan(c->store, filter_name(call->filter), prefix, scanned, &scan)) &&
           !scan.begun && wait_for_disk(c, call, status))
        continue;
    return wn_status_of(status);
}
