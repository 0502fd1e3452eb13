/* SPDX-License-Identifier: Apache-2.0 */
/* An epoch's way through the chain. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "chain_host.h"
#include "log.h"
#include "status.h"
#include "workers.h"

/* Items that one analyse call gets: neighbours of one document, so that one crumb names them. */
struct chunk {
    size_t first, n; /* in `turn` */
    int part;
    int status;
};

struct run {
    struct chain *c;
    struct epoch *epoch;
    struct wn_item *items;     /* parallel to epoch->items */
    struct wn_item **turn;     /* those that go through the filter whose turn it is, in order */
    size_t *turn_index;        /* parallel: their index in the epoch */
    unsigned char *failed;     /* parallel: their analyse failed */
    struct chain_look *before; /* parallel to epoch->items: as it came to this filter */
    size_t n_turn;
    struct chunk *chunks;
    size_t n_chunks;
    uint64_t *content;     /* of each part's document, for crumbs */
    unsigned char *passed; /* by part: the filter is passed over there … */
    size_t *left_out;      /* … and so many items go on without it */
    struct link_entry *link;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- before and after all filters ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t content_of(const struct document *doc)
{
    uint64_t h = 0;
    for (size_t i = 0; i < doc->n_items; i++)
        h = XXH3_64bits_withSeed(&doc->items[i]->hash, sizeof doc->items[i]->hash, h);
    return h;
}

static int prepare(struct run *r)
{
    struct epoch *e = r->epoch;
    size_t n = e->n_items + 1;
    r->items = calloc(n, sizeof *r->items);
    r->turn = calloc(n, sizeof *r->turn);
    r->turn_index = calloc(n, sizeof *r->turn_index);
    r->failed = calloc(n, 1);
    r->before = calloc(n, sizeof *r->before);
    r->chunks = calloc(n, sizeof *r->chunks);
    r->content = calloc(e->n_parts + 1, sizeof *r->content);
    r->passed = calloc(e->n_parts + 1, 1);
    r->left_out = calloc(e->n_parts + 1, sizeof *r->left_out);
    r->c->known = calloc(n, sizeof *r->c->known);
    if (!r->items || !r->turn || !r->turn_index || !r->failed || !r->before || !r->chunks ||
        !r->content || !r->passed || !r->left_out || !r->c->known)
        return E_NOMEM;
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = e->items[i].item;
        r->items[i].item = item;
        r->c->known[i] = item->id;
        /* What filters put in comes on top of what the feed was allowed. */
        item->arena.max = 4 * LIMIT_ITEM;
    }
    r->c->n_known = e->n_items;
    qsort(r->c->known, e->n_items, sizeof *r->c->known, by_id);
    for (size_t i = 0; i < e->n_parts && r->c->crumbs; i++)
        r->content[i] = content_of(e->parts[i].doc);
    if (!e->arena.max)
        e->arena.max = 8 * LIMIT_ITEM;
    return OK;
}

static void finish(struct run *r)
{
    free(r->items);
    free(r->turn);
    free(r->turn_index);
    free(r->failed);
    free(r->before);
    free(r->chunks);
    free(r->content);
    free(r->passed);
    free(r->left_out);
    free(r->c->known);
    r->c->known = NULL;
    r->c->n_known = 0;
    r->c->epoch = NULL;
}

/* Revisions that came of rulings between the epochs go first: they are older. */
static int take_waiting(struct run *r)
{
    struct chain *c = r->c;
    for (size_t i = 0; i < c->n_waiting; i++) {
        struct verdict v = c->waiting[i];
        v.reason =
            v.reason.ptr ? arena_str(&r->epoch->arena, v.reason.ptr, v.reason.len) : v.reason;
        v.evidence = v.evidence.ptr ? arena_str(&r->epoch->arena, v.evidence.ptr, v.evidence.len)
                                    : v.evidence;
        if (chain_add(&r->epoch->arena, &r->epoch->revisions, &r->epoch->n_revisions,
                      &c->cap_revisions, &v))
            return E_NOMEM;
    }
    c->waiting = NULL;
    c->n_waiting = c->cap_waiting = 0;
    arena_reset(&c->waiting_strings);
    return OK;
}

/* ---- whose turn it is ---- */

static void pass_over(struct run *r, size_t part, size_t n)
{
    struct link_entry *l = r->link;
    wn_str source = r->epoch->parts[part].doc->source_key;
    l->passed_over += n;
    if (!source.ptr || (l->told_source && str_eqz(source, l->told_source)))
        return;
    free(l->told_source);
    l->told_source = strdup(source.ptr);
    log_msg(LOG_WARNING, source.ptr,
            "filter %s is passed over for this document: it ended the process"
            " there twice",
            l->name);
    chain_tell(r->c, l, "passed over", source, "ended the process twice at this document");
}

/* Who goes through this filter: new and updated items that nobody dropped, of documents at which it
 * is not passed over. */
static void choose(struct run *r)
{
    struct epoch *e = r->epoch;
    int64_t now = (int64_t)time(NULL);
    r->n_turn = r->n_chunks = 0;
    memset(r->left_out, 0, e->n_parts * sizeof *r->left_out);
    for (size_t i = 0; i < e->n_parts; i++)
        r->passed[i] =
            r->c->crumbs && crumb_passed_over(r->c->crumbs, r->link->name,
                                              e->parts[i].doc->source_key, r->content[i], now);
    for (size_t i = 0; i < e->n_items; i++) {
        struct epoch_item *item = &e->items[i];
        if (item->identity == ITEM_SAME || item->dropped)
            continue;
        if (r->passed[item->part]) {
            r->left_out[item->part]++;
            continue;
        }
        struct chunk *chunk = r->n_chunks ? &r->chunks[r->n_chunks - 1] : NULL;
        if (!chunk || chunk->part != item->part || chunk->n == LIMIT_ANALYSE) {
            chunk = &r->chunks[r->n_chunks++];
            *chunk = (struct chunk){.first = r->n_turn, .part = item->part};
        }
        chunk->n++;
        r->turn[r->n_turn] = &r->items[i];
        r->turn_index[r->n_turn] = i;
        chain_look(item->item, &r->before[i]);
        r->failed[r->n_turn++] = 0;
    }
    for (size_t i = 0; i < e->n_parts; i++)
        if (r->left_out[i])
            pass_over(r, i, r->left_out[i]);
}

static void free_notes(struct run *r)
{
    for (size_t i = 0; i < r->n_turn; i++) {
        free(r->turn[i]->note);
        r->turn[i]->note = NULL;
    }
}

/* ---- analyse ---- */

static void analyse_chunk(void *arg, size_t index, int thread)
{
    struct run *r = arg;
    struct chain *c = r->c;
    struct link_entry *l = r->link;
    struct chunk *chunk = &r->chunks[index];
    struct chain_thread *t = &c->threads[thread];
    struct wn_item **items = r->turn + chunk->first;
    struct call call = {.phase = PHASE_ANALYSE,
                        .filter = l->filter,
                        .chain = c,
                        .scratch = &t->scratch,
                        .reader = t->reader,
                        .about = items[0]->item};
    arena_reset(&t->scratch);
    for (size_t i = 0; i < chunk->n; i++)
        items[i]->writer = &call;
    if (c->crumbs) {
        crumb_document(c->crumbs, thread, r->epoch->parts[chunk->part].doc->source_key,
                       r->content[chunk->part]);
        crumb_enter(c->crumbs, thread, l->name, "analyse");
    }
    filter_call_begin(&call);
    uint64_t began = now_ns();
    chunk->status = filter_calls(l->filter)->analyse(l->self, l->threads[thread], items, chunk->n);
    chain_took(l, &l->analyse_ns, now_ns() - began);
    filter_call_end();
    if (c->crumbs)
        crumb_leave(c->crumbs, thread);
    for (size_t i = 0; i < chunk->n; i++)
        items[i]->writer = NULL;
}

/* Errors are counted afterwards and in order, so that it doesn't matter who was first. */
static void analyse(struct run *r)
{
    if (r->c->workers)
        workers_spread(r->c->workers, analyse_chunk, r, r->n_chunks);
    else
        for (size_t i = 0; i < r->n_chunks; i++)
            analyse_chunk(r, i, 0);
    for (size_t i = 0; i < r->n_chunks; i++) {
        struct chunk *chunk = &r->chunks[i];
        chain_count_result(r->c, r->link, CALL_ANALYSE, chunk->status, r->turn[chunk->first]->item);
        if (chunk->status)
            memset(r->failed + chunk->first, 1, chunk->n);
    }
}

/* ---- observe and judge ---- */

static void observe(struct run *r, size_t first, size_t n)
{
    struct chain *c = r->c;
    struct link_entry *l = r->link;
    struct call call;
    chain_enter(c, l, &call, PHASE_OBSERVE, "observe");
    call.about = r->turn[first]->item;
    uint64_t began = now_ns();
    int status = filter_calls(l->filter)->observe(l->self, r->turn + first, n);
    chain_took(l, &l->judge_ns, now_ns() - began);
    chain_leave(c, &call);
    chain_count_result(c, l, CALL_OBSERVE, status, r->turn[first]->item);
}

/* A word about the item itself is newer than what this filter said of it when it judged others. */
static void supersede(struct run *r, int64_t item)
{
    struct epoch *e = r->epoch;
    size_t n = 0;
    for (size_t i = 0; i < e->n_revisions; i++)
        if (e->revisions[i].item != item || e->revisions[i].filter != r->c->link)
            e->revisions[n++] = e->revisions[i];
    e->n_revisions = n;
}

/* Plain KEEP is not worth a row, unless it takes back an earlier word. */
static int worth_keeping(const struct verdict *v, const struct epoch_item *item)
{
    return v->kind != WN_KEEP || v->reason.len || v->evidence.len || item->identity == ITEM_UPDATED;
}

static int judge_one(struct run *r, size_t at)
{
    struct chain *c = r->c;
    struct link_entry *l = r->link;
    struct epoch *e = r->epoch;
    struct epoch_item *item = &e->items[r->turn_index[at]];
    struct wn_item *handle = r->turn[at];
    wn_verdict said = {.size = sizeof said, .kind = WN_KEEP, .score = 1};
    struct verdict v;
    struct call call;
    chain_enter(c, l, &call, PHASE_JUDGE, "judge");
    call.about = item->item;
    handle->writer = &call;
    uint64_t began = now_ns();
    int status = filter_calls(l->filter)->judge(l->self, handle, &said);
    chain_took(l, &l->judge_ns, now_ns() - began);
    handle->writer = NULL;
    chain_leave(c, &call);
    l->items++;
    if (status == OK) {
        said.size = sizeof said; /* ours to say: it tells what can be read */
        const char *wrong = chain_take_verdict(c, &e->arena, item->item->id, &said, &v);
        if (wrong && l->errors < LIMIT_FILTER_LOG)
            log_msg(LOG_WARNING, l->name, "filter: %s; item %lld is kept", wrong,
                    (long long)item->item->id);
        if (wrong)
            status = WN_INVALID;
    }
    chain_count_result(c, l, CALL_JUDGE, status, item->item);
    if (status)
        return OK;
    if (e->n_revisions)
        supersede(r, item->item->id);
    if (!worth_keeping(&v, item))
        return OK;
    item->dropped = v.kind == WN_DROP;
    return chain_add(&e->arena, &e->verdicts, &e->n_verdicts, &c->cap_verdicts, &v);
}

/* The items of one document that have their turn: [first, end) in `turn`. */
static size_t end_of_part(const struct run *r, size_t first)
{
    int part = r->epoch->items[r->turn_index[first]].part;
    size_t end = first;
    while (end < r->n_turn && r->epoch->items[r->turn_index[end]].part == part)
        end++;
    return end;
}

static int judge_part(struct run *r, size_t first, size_t end)
{
    struct chain *c = r->c;
    int part = r->epoch->items[r->turn_index[first]].part;
    if (c->crumbs)
        crumb_document(c->crumbs, CRUMB_JUDGE, r->epoch->parts[part].doc->source_key,
                       r->content[part]);
    /* Those whose analyse failed stand aside: they have no note, and perhaps half an edit. */
    size_t n = first;
    for (size_t i = first; i < end; i++) {
        if (r->failed[i])
            continue;
        struct wn_item *handle = r->turn[i];
        size_t index = r->turn_index[i];
        r->turn[i] = r->turn[n];
        r->turn_index[i] = r->turn_index[n];
        r->turn[n] = handle;
        r->turn_index[n++] = index;
    }
    if (n > first && filter_calls(r->link->filter)->observe)
        observe(r, first, n - first);
    int status = OK;
    for (size_t i = first; i < n && !status && !r->link->disabled; i++)
        status = judge_one(r, i);
    return status;
}

static int run_filter(struct run *r)
{
    struct chain *c = r->c;
    struct link_entry *l = r->link;
    int status = OK;
    choose(r);
    if (filter_calls(l->filter)->analyse)
        analyse(r);
    for (size_t i = 0, end; i < r->n_turn && !status && !l->disabled; i = end) {
        end = end_of_part(r, i);
        status = judge_part(r, i, end);
    }
    free_notes(r);
    for (size_t i = 0; i < r->n_turn; i++)
        chain_count_changes(l, r->turn[i]->item, &r->before[r->turn_index[i]]);
    for (size_t i = 0; i < r->epoch->n_parts && c->crumbs; i++)
        if (r->epoch->parts[i].last && !r->passed[i])
            crumb_survived(c->crumbs, l->name, r->epoch->parts[i].doc->source_key);
    unsigned held_back = filter_log_round(l->filter);
    if (held_back)
        log_msg(LOG_WARNING, l->name, "filter: %u more messages were left out", held_back);
    return status;
}

/* ---- the strongest word ---- */

static int strength(uint32_t kind)
{
    static const int order[] = {
        [WN_KEEP] = 0, [WN_RELATED] = 1, [WN_EDITION] = 2, [WN_DUPLICATE] = 3, [WN_DROP] = 4};
    return order[kind];
}

static void choose_final(struct epoch *e)
{
    /* Verdicts come filter by filter, in the order of the items within each: walk both together. */
    size_t at = 0;
    for (size_t i = 0; i < e->n_verdicts; i++) {
        struct verdict *v = &e->verdicts[i];
        size_t tries = 0;
        while (tries++ < e->n_items && e->items[at].item->id != v->item)
            at = (at + 1) % e->n_items;
        struct epoch_item *item = &e->items[at];
        struct verdict *old = item->final;
        if (!old || strength(v->kind) > strength(old->kind) ||
            (v->kind == old->kind && v->score > old->score))
            item->final = v;
    }
}

int chain_run(struct chain *c, struct epoch *epoch)
{
    struct run r = {.c = c, .epoch = epoch};
    c->cap_verdicts = c->cap_revisions = 0;
    epoch->verdicts = epoch->revisions = NULL;
    epoch->n_verdicts = epoch->n_revisions = 0;
    int status = prepare(&r);
    if (!status) {
        c->epoch = epoch;
        status = take_waiting(&r);
    }
    if (!status)
        chain_replay(c);
    for (size_t i = 0; i < c->n_links && epoch->n_items && !status; i++) {
        r.link = &c->links[i];
        if (r.link->created && !r.link->disabled)
            status = run_filter(&r);
    }
    if (!status)
        choose_final(epoch);
    finish(&r);
    return status;
}
