/* SPDX-License-Identifier: Apache-2.0 */
/* A judge over a chain, a store and a folder of its own, and documents to deliver to it. */
#ifndef JUDGE_FIXTURE_H
#define JUDGE_FIXTURE_H

#include "chain_fixture.h"

#include <stdatomic.h>

#include "host-stub/judge.h"

#define ECHO                                                                                       \
    "plugins: [" PLUGINS                                                                           \
    "probe.so]\nfilters:\n  - probe\n  - echo\nevents: {file: events.json}\nstate: .\n"

struct court {
    struct world w;
    struct judge *judge;
    struct judge_options options;
    atomic_int released, committed, with_validators;
    _Atomic int64_t bytes;
};

static inline void on_released(void *user, const struct document *doc)
{
    struct court *c = user;
    atomic_fetch_add(&c->released, 1);
    atomic_fetch_add(&c->with_validators, doc->etag.ptr != NULL);
    atomic_fetch_add(&c->bytes, (int64_t)doc->bytes);
}

static inline void on_committed(void *user, int64_t generation)
{
    struct court *c = user;
    (void)generation;
    atomic_fetch_add(&c->committed, 1);
}

static inline void start(struct court *c)
{
    buf_reset(&c->w.errors);
    int status = judge_start(&c->options, &c->judge, &c->w.errors);
    if (status)
        fail_msg("%s: %s", status_text(status), c->w.errors.p);
}

static inline void open_court(struct court *c, int workers, int once, const char *yaml)
{
    memset(c, 0, sizeof *c);
    world_open(&c->w, workers, 0, yaml);
    c->options = (struct judge_options){
        .config = c->w.config,
        .store = c->w.store,
        .workers = c->w.workers,
        .once = once,
        .committed = on_committed,
        .released = on_released,
        .user = c,
    };
    start(c);
}

static inline void close_court(struct court *c)
{
    if (c->judge)
        judge_stop(c->judge, 1);
    world_close(&c->w);
}

/* A document of n items, "TITLE 0" …, with an ETag. */
static const char *content = "<p>text</p>";

static inline struct document *make_document(const char *source, const char *title, size_t n)
{
    struct document *doc = document_create();
    doc->arrived = 1700000000;
    doc->source_key = arena_str(&doc->arena, source, strlen(source));
    doc->etag = arena_str(&doc->arena, "\"tag\"", 5);
    for (size_t i = 0; i < n; i++) {
        char guid[64];
        snprintf(guid, sizeof guid, "%s %zu", title, i);
        world_item(doc, guid, guid, content);
    }
    return doc;
}

static inline int deliver(struct court *c, int64_t sequence, const char *source, const char *title,
                          size_t n)
{
    struct fetch_report r = {.source = source,
                             .time = 1700000000,
                             .http = 200,
                             .items = (int)n,
                             .bytes = 1000,
                             .next = 1700003600};
    return judge_document(c->judge, sequence, make_document(source, title, n), &r);
}

static inline int nothing(struct court *c, int64_t sequence, const char *source)
{
    struct fetch_report r = {
        .source = source, .time = 1700000000, .http = 304, .not_modified = 1, .items = -1};
    return judge_nothing(c->judge, sequence, &r);
}

static inline char *events(struct court *c)
{
    char path[128];
    snprintf(path, sizeof path, "%s/events.json", c->w.dir);
    return world_read(path);
}

static inline size_t occurrences(const char *text, const char *words)
{
    size_t n = 0;
    for (; (text = strstr(text, words)); text++)
        n++;
    return n;
}

struct etag {
    const char *url;
    char text[64];
    int found;
};

static inline int take_etag(void *user, const struct source_state *s)
{
    struct etag *e = user;
    if (str_eqz(s->url, e->url)) {
        e->found = 1;
        snprintf(e->text, sizeof e->text, "%.*s", (int)s->etag.len, s->etag.ptr ? s->etag.ptr : "");
    }
    return 0;
}

/* The ETag in the store, "" if there is none, NULL if the source isn't known. */
static inline const char *etag_of(struct court *c, const char *url, struct etag *e)
{
    struct reader *reader;
    *e = (struct etag){.url = url};
    assert_int_equal(reader_open(c->w.store, &reader), OK);
    reader_each_source(reader, take_etag, e);
    reader_close(reader);
    return e->found ? e->text : NULL;
}

static inline struct judge_numbers numbers(struct court *c)
{
    struct judge_numbers n;
    judge_numbers(c->judge, &n);
    return n;
}

/* Waits until so many documents are through, or epochs; that takes as long as it takes. */
static inline void until_sequence(struct court *c, int64_t sequence)
{
    for (int i = 0; i < 12000 && numbers(c).sequence < sequence; i++)
        usleep(10000);
    assert_true(numbers(c).sequence >= sequence);
}

static inline void until_epoch(struct court *c, uint64_t epochs)
{
    for (int i = 0; i < 12000 && numbers(c).stats.epochs < epochs; i++)
        usleep(10000);
    assert_true(numbers(c).stats.epochs >= epochs);
}

static inline int answer(void *arg, struct judge *judge)
{
    assert_non_null(judge_chain(judge));
    *(int64_t *)arg += reader_generation(store_reader(judge_store(judge)));
    return E_ABSENT;
}

#endif
