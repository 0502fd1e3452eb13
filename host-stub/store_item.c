/* SPDX-License-Identifier: Apache-2.0 */
/* Items, verdicts, sources, persons' words and event rows on their way into the store. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "judge.h"
#include "status.h"
#include "store_db.h"
#include "story_lang.h"

enum { DAY = 86400 };

/* Bytes of text that a reader sees: how complete a copy is. */
static size_t visible_length(wn_str html)
{
    size_t n = 0;
    int tag = 0, space = 1;
    for (size_t i = 0; html.ptr && i < html.len; i++) {
        char c = html.ptr[i];
        if (c == '<') {
            tag = 1;
        } else if (tag) {
            tag = c != '>';
        } else {
            int blank = c == ' ' || (c >= '\t' && c <= '\r');
            n += !(blank && space);
            space = blank;
        }
    }
    return n;
}

/* What a reader sees of an item: a change of it is worth telling, a new count of comments isn't. */
static int64_t look_of(const struct item *item)
{
    const wn_str seen[] = {item->title, item->summary, item->content, item->link};
    XXH64_hash_t h = 0;
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        h = XXH3_64bits_withSeed(seen[i].ptr ? seen[i].ptr : "", seen[i].len, h + i);
    for (size_t i = 0; i < item->n_enclosures; i++)
        if (item->enclosures[i].url.ptr)
            h = XXH3_64bits_withSeed(item->enclosures[i].url.ptr, item->enclosures[i].url.len, h);
    return (int64_t)h;
}

int64_t item_visible_length(const struct item *item)
{
    if (item->text.ptr)
        return (int64_t)item->text.len;
    size_t content = visible_length(item->content), summary = visible_length(item->summary);
    return (int64_t)(content > summary ? content : summary);
}

static void language(const struct item *item, char to[LANG_SIZE])
{
    wn_str choices[] = {item->detected_lang, item->lang, item->source_lang};
    to[0] = '\0';
    for (size_t i = 0; i < 3 && !to[0]; i++)
        lang_canonical(choices[i], to);
}

static struct original *original_of(struct store *store, int64_t item)
{
    for (size_t i = store->n_originals; i > 0; i--)
        if (store->originals[i - 1].item == item)
            return &store->originals[i - 1];
    return NULL;
}

int store_put_item(struct store *store, const struct item *item, int dropped)
{
    int64_t source;
    char lang[LANG_SIZE];
    struct buf after;
    buf_init(&after, 4 * LIMIT_ITEM);
    size_t begin = store_mark(store);
    int status = store_source_id(store, item->source_key, &source);
    if (status == OK)
        status = item_encode(item, &after);
    if (status != OK)
        goto out;
    /* The hash covers all that the feed said; where filters changed nothing of it, once is enough.
     */
    struct original *before = original_of(store, item->id);
    wn_str kept = {NULL, 0};
    if (before && item_hash(item) != item->hash)
        kept = str_of(before->bytes, before->n);
    language(item, lang);
    status = store_run(store, SQL_ITEM_NEW, "iiiiiisiissssii", item->id, source, item->revision,
                       item->arrived, item->published, item->story, str_z(lang),
                       item_visible_length(item), (int64_t)(dropped != 0), item->guid, item->link,
                       item->title, item->source_name, look_of(item), store->now);
    if (status == OK)
        status = store_run(store, SQL_BODY_PUT, "ibb", item->id, str_of(after.p, after.n), kept);
    if (status == OK && item->revision > 0)
        status = store_run(store, SQL_TOPICS_CLEAR, "i", item->id);
    for (size_t i = 0; i < item->n_topics && status == OK; i++)
        if (item->topics[i].id.ptr)
            status = store_run(store, SQL_TOPICS_PUT, "isi", item->id, item->topics[i].id,
                               item->topics[i].score);
    /* A new item shows with its entry; a changed one may be on show. */
    store->visible |= item->revision > 0;
    if (before && status == OK) { /* its place is freed at once: an epoch can be large */
        free(before->bytes);
        before->bytes = NULL;
        before->item = 0;
    }
out:
    buf_finish(&after);
    return store_rewind(store, begin, status);
}

int store_known(struct store *store, int64_t item)
{
    int64_t revision;
    /* Identified in this transaction: its row comes after the chain. */
    if (store->tx != TX_NONE && item >= store->before.next_item)
        return item < store->counters.next_item;
    return store_readable(store) == OK &&
           db_number(&store->db, SQL_ITEM_GET, &revision, "i", item) == OK;
}

int store_put_verdict(struct store *store, const struct verdict *v)
{
    return store_run(store, SQL_VERDICT_PUT, "isiidssi", v->item, str_z(v->filter_name),
                     (int64_t)v->kind, v->of, v->score, v->reason, v->evidence, store->now);
}

/* The first warnings of a document, for `winnow explain`. */
static wn_str note_of(const struct document *doc, char *to, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < doc->n_warnings && n + 2 < size; i++) {
        size_t len = doc->warnings[i].len;
        if (i)
            to[n++] = '\n';
        if (len > size - n - 1)
            len = size - n - 1;
        memcpy(to + n, doc->warnings[i].ptr, len);
        n += len;
    }
    return str_of(doc->n_warnings ? to : NULL, n);
}

/* Once a day a source: which of its guids it lists no more. */
static int sweep(struct store *store, int64_t source, int64_t now)
{
    int64_t swept = 0;
    int status = store_readable(store);
    if (status == OK)
        status = db_number(&store->db, SQL_SOURCE_SWEPT, &swept, "i", source);
    if (status == E_ABSENT)
        return store_run(store, SQL_SOURCE_SWEEP, "ii", source, now);
    if (status != OK || swept > now - DAY)
        return status;
    /* store_identify notes a listing only when the last note is a day old, hence the two days. */
    status = store_run(store, SQL_GUID_DROPPED, "iii", source, now, now - 2 * DAY);
    return status == OK ? store_run(store, SQL_SOURCE_SWEEP, "ii", source, now) : status;
}

static wn_str validator(wn_str s)
{
    return s.ptr && s.len <= LIMIT_VALIDATOR ? s : str_of(NULL, 0);
}

int store_put_source(struct store *store, const struct document *doc,
                     const struct fetch_report *report)
{
    int64_t source;
    wn_str url = doc ? doc->source_key : str_z(report ? report->source : NULL);
    if (!url.ptr)
        return E_INVALID;
    size_t begin = store_mark(store);
    int status = store_source_id(store, url, &source);
    if (status == OK && doc) {
        char note[2048];
        int64_t at = doc->arrived == TIME_ABSENT ? store->now : doc->arrived;
        status =
            store_run(store, SQL_SOURCE_DOCUMENT, "isssissiiii", source, doc->feed.title,
                      validator(doc->etag), validator(doc->last_modified), at,
                      note_of(doc, note, sizeof note), doc->final_url, (int64_t)doc->n_items,
                      doc->feed.ttl, (int64_t)doc->feed.skip_hours, (int64_t)doc->feed.skip_days);
        if (status == OK)
            status = sweep(store, source, at);
    }
    if (status == OK && report)
        status = store_run(store, SQL_SOURCE_REPORT, "iiiiiis", source, report->time, report->next,
                           (int64_t)report->failures, (int64_t)report->http,
                           (int64_t)report->status, str_z(report->error));
    return store_rewind(store, begin, status);
}

int store_event(struct store *store, const char *json, size_t n)
{
    struct counters *c = &store->counters;
    int status = store_run(store, SQL_EVENT_PUT, "is", c->next_event, str_of(json, n));
    if (status != OK)
        return status;
    c->next_event++;
    /* Nobody takes the lines: the oldest go, and events.c tells how many. */
    int64_t first =
        store->first_event > store->sent_event ? store->first_event : store->sent_event + 1;
    if (c->next_event - first > LIMIT_OUTBOX) {
        int64_t last = first + LIMIT_OUTBOX / 100;
        status = store_run(store, SQL_EVENT_SENT, "i", last);
        if (status == OK) {
            store->lost_events += last - first + 1;
            store->first_event = last + 1;
        }
    }
    return status;
}

int store_events_sent(struct store *store, int64_t up_to)
{
    if (up_to >= store->counters.next_event)
        return E_INVALID;
    if (up_to > store->sent_event)
        store->sent_event = up_to;
    return OK;
}

int64_t store_events_lost(const struct store *store)
{
    return store->lost_events;
}

int store_constrain(struct store *store, int64_t a, int64_t b, uint32_t constraint)
{
    if (a == b || a <= 0 || b <= 0 || constraint > WN_APART)
        return E_INVALID;
    int64_t low = a < b ? a : b, high = a < b ? b : a;
    if (constraint == WN_FREE)
        return store_run(store, SQL_RULING_FREE, "ii", low, high);
    return store_run(store, SQL_RULING_PUT, "iiii", low, high, (int64_t)constraint, store->now);
}

int store_each_constraint(struct store *store,
                          int (*fn)(void *user, int64_t a, int64_t b, uint32_t c), void *user)
{
    int status = store_readable(store);
    sqlite3_stmt *stmt = status == OK ? db_stmt(&store->db, SQL_RULING_EACH, &status) : NULL;
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1)
        if (fn(user, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
               (uint32_t)sqlite3_column_int(stmt, 2)) != 0) {
            sqlite3_reset(stmt);
            return OK;
        }
    return status;
}
