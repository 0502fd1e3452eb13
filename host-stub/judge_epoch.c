/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an epoch: identified, filtered, made into stories, committed, told. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judge_host.h"
#include "limits.h"
#include "log.h"
#include "status.h"

#define RETRY_MS 1000   /* between attempts to write to a full disk; the first ones come sooner */
#define LAST_ATTEMPTS 3 /* when the process is to end and the disk stays full */

/* Whether waiting may help. */
static int may_pass(int status)
{
    return status == E_FULL || status == E_IO || status == E_BUSY;
}

int judge_patience(struct judge *j, int status)
{
    if (!may_pass(status))
        return 0;
    pthread_mutex_lock(&j->lock);
    if (!j->stuck) {
        log_msg(LOG_ERROR, j->config->state,
                "the state cannot be written: %s; nothing is lost, it goes on when that has passed",
                status_text(status));
        j->attempts = 0;
    }
    j->stuck = status;
    j->attempts++;
    j->stats.commits_failed++;
    /* Who asks now would wait for the disk: better an answer. */
    for (struct judge_ask *ask = j->asks; ask; ask = ask->next) {
        ask->status = status;
        ask->done = 1;
    }
    j->asks = NULL;
    j->asks_last = &j->asks;
    pthread_cond_broadcast(&j->done);
    int64_t pause = j->attempts < 4 ? RETRY_MS >> (4 - j->attempts) : RETRY_MS;
    int64_t until = judge_clock_ms() + pause;
    struct timespec at = {until / 1000, until % 1000 * 1000000};
    int timed_out = 0;
    while (!timed_out && j->stopping != 2 && !(j->stopping && j->attempts >= LAST_ATTEMPTS))
        timed_out = pthread_cond_timedwait(&j->wake, &j->lock, &at) != 0;
    int again = j->stopping != 2 && !(j->stopping && j->attempts >= LAST_ATTEMPTS);
    pthread_mutex_unlock(&j->lock);
    return again;
}

static void flows_again(struct judge *j, int64_t generation)
{
    pthread_mutex_lock(&j->lock);
    if (j->stuck)
        log_msg(LOG_WARNING, j->config->state, "the state can be written again; nothing was lost");
    j->stuck = 0;
    j->generation = generation;
    pthread_mutex_unlock(&j->lock);
}

/* The transaction's end, however often it takes. */
static int commit(struct judge *j)
{
    int64_t generation;
    int status;
    while ((status = store_commit(j->store, &generation)) && judge_patience(j, status))
        continue;
    if (status) {
        log_msg(LOG_ERROR, j->config->state,
                "the last changes could not be written: %s; they are fetched again next time",
                status_text(status));
        store_abandon(j->store);
        return status;
    }
    flows_again(j, generation);
    /* Before the publisher is told: who sees an entry finds its events. */
    judge_drain_events(j);
    if (generation != j->told_generation && j->options.committed)
        j->options.committed(j->options.user, generation);
    j->told_generation = generation;
    return OK;
}

int judge_transaction(struct judge *j, int (*fn)(struct judge *j, void *arg), void *arg)
{
    int status;
    while ((status = store_begin(j->store)) && judge_patience(j, status))
        continue;
    if (!status && fn)
        while ((status = fn(j, arg)) && judge_patience(j, status))
            continue;
    if (status) {
        store_abandon(j->store);
        return status;
    }
    return commit(j);
}

/* ---- an epoch ---- */

struct working {
    struct epoch epoch;
    struct gather *gather;
    int64_t now;
    size_t identified;        /* items so far */
    int chained, settled;     /* done: not again when a later step is repeated */
    size_t put;               /* items in the store */
    struct arrival *reported; /* the arrivals before this one have their rows */
};

/* What whoever made the document may have left to us. */
static void dress(struct item *item, const struct document *doc)
{
    item->document = doc->sequence;
    if (!item->source_key.ptr)
        item->source_key = item_str(item, doc->source_key);
    if (item->arrived == TIME_ABSENT)
        item->arrived = doc->arrived;
}

static int make_items(struct working *w)
{
    struct gather *g = w->gather;
    w->epoch.items = calloc(g->n_items + 1, sizeof *w->epoch.items);
    if (!w->epoch.items)
        return E_NOMEM;
    for (size_t p = 0; p < g->n_parts; p++)
        for (size_t i = 0; i < g->parts[p].n; i++) {
            struct epoch_item *x = &w->epoch.items[w->epoch.n_items++];
            x->item = g->parts[p].doc->items[g->parts[p].first + i];
            x->part = (int)p;
            dress(x->item, g->parts[p].doc);
        }
    w->epoch.parts = g->parts;
    w->epoch.n_parts = g->n_parts;
    return OK;
}

static int identify(struct judge *j, struct working *w)
{
    for (; w->identified < w->epoch.n_items; w->identified++) {
        struct epoch_item *x = &w->epoch.items[w->identified];
        int identity = store_identify(j->store, x->item);
        if (identity < 0)
            return identity;
        if (identity == ITEM_SAME && j->options.refilter && x->item->story == 0)
            identity = ITEM_UPDATED;
        x->identity = identity;
    }
    return OK;
}

/* Whether there is an item that the chain has not seen as it is. */
static int brings_news(const struct working *w)
{
    for (size_t i = 0; i < w->epoch.n_items; i++)
        if (w->epoch.items[i].identity != ITEM_SAME)
            return 1;
    return 0;
}

/* Each arrival's event and its source's row; the validators with the last part of a document. */
static int report(struct judge *j, struct working *w)
{
    struct buf line;
    int status = OK;
    buf_init(&line, KIB(256));
    for (; w->reported && !status; w->reported = status ? w->reported : w->reported->next) {
        const struct fetch_report *r = w->reported->has_report ? &w->reported->report : NULL;
        if (!r && !w->reported->doc)
            continue;
        status = store_put_source(j->store, w->reported->doc, r);
        buf_reset(&line);
        if (!status && r && event_fetch(&line, r) == OK)
            status = store_event(j->store, line.p, line.n);
    }
    buf_finish(&line);
    return status;
}

/* Repeated from where it failed; nothing is judged twice. */
static int step(struct judge *j, void *arg)
{
    struct working *w = arg;
    int status = identify(j, w);
    if (status)
        return status;
    if (!w->chained) {
        if (brings_news(w) || chain_pending(j->chain))
            if ((status = judge_need_chain(j, CHAIN_ALL)) ||
                (status = chain_run(j->chain, &w->epoch)))
                return status;
        w->chained = 1;
    }
    for (; w->put < w->epoch.n_items; w->put++) {
        const struct epoch_item *x = &w->epoch.items[w->put];
        if (x->identity != ITEM_SAME && (status = store_put_item(j->store, x->item, x->dropped)))
            return status;
    }
    if (!w->settled) {
        if (w->epoch.n_items || w->epoch.n_revisions)
            if ((status = stories_apply(j->store, j->config, &w->epoch, judge_topic_label, j)))
                return status;
        w->settled = 1;
    }
    if ((status = report(j, w)))
        return status;
    if (!j->options.once)
        judge_settle(j, w->now);
    return OK;
}

static void count(struct judge *j, const struct working *w)
{
    struct stats *s = &j->stats;
    pthread_mutex_lock(&j->lock);
    s->epochs++;
    s->revisions += w->epoch.n_revisions;
    for (size_t i = 0; i < w->epoch.n_items; i++) {
        const struct epoch_item *x = &w->epoch.items[i];
        s->items_new += x->identity == ITEM_NEW;
        s->items_updated += x->identity == ITEM_UPDATED;
        s->items_same += x->identity == ITEM_SAME;
        if (x->identity != ITEM_SAME)
            s->verdicts[x->final ? x->final->kind : WN_KEEP]++;
    }
    for (const struct arrival *a = w->gather->first; a; a = a->next) {
        const struct fetch_report *r = &a->report;
        s->fetches += (uint64_t)a->has_report;
        s->fetches_failed += a->has_report && r->status != OK;
        s->not_modified += a->has_report && r->not_modified;
        s->bytes += a->has_report && r->bytes > 0 ? (uint64_t)r->bytes : 0;
        s->warnings += a->has_report && r->warnings > 0 ? (uint64_t)r->warnings : 0;
        s->documents += a->doc != NULL;
    }
    pthread_mutex_unlock(&j->lock);
}

/* What was not committed must be asked for again, as if it had never come. */
static void release(struct judge *j, struct arrival *first, int committed)
{
    for (struct arrival *a = first; a; a = a->next) {
        if (a->doc && !committed)
            a->doc->etag = a->doc->last_modified = str_of(NULL, 0);
        if (a->doc && j->options.released)
            j->options.released(j->options.user, a->doc);
    }
    judge_free_arrivals(first);
}

void judge_run_epoch(struct judge *j, struct gather *g)
{
    struct working w = {.gather = g, .now = (int64_t)time(NULL), .reported = g->first};
    int status = j->broken ? j->broken : make_items(&w);
    w.epoch.number = j->told_generation + 1;
    if (!status)
        status = judge_transaction(j, step, &w);
    if (!status)
        count(j, &w);
    else if (status == E_NOMEM || status == E_LIMIT)
        log_msg(LOG_ERROR, NULL,
                "an epoch of %zu items was given up: %s; its feeds are read again at "
                "their next poll",
                g->n_items, status_text(status));
    free(w.epoch.items);
    arena_finish(&w.epoch.arena);
    int64_t upto = g->upto;
    release(j, g->first, status == OK);
    memset(g, 0, sizeof *g);
    g->last = &g->first;
    pthread_mutex_lock(&j->lock);
    if (upto > j->committed)
        j->committed = upto;
    pthread_cond_broadcast(&j->done);
    pthread_mutex_unlock(&j->lock);
}
