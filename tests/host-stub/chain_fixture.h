/* SPDX-License-Identifier: Apache-2.0 */
/* A chain over a real store in a folder of its own, and epochs to run through it. */
#ifndef CHAIN_FIXTURE_H
#define CHAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host-stub/chain.h"
#include "host-stub/crumb.h"
#include "host-stub/limits.h"
#include "host-stub/log.h"
#include "host-stub/status.h"
#include "host-stub/store.h"
#include "host-stub/workers.h"

#define PLUGINS WINNOW_BUILD_DIR "/filters-test/"

struct world {
    char dir[64];
    struct config *config;
    struct store *store;
    struct workers *workers;
    struct crumbs *crumbs;
    struct chain *chain;
    struct buf errors;
    struct epoch epoch;
    int64_t sequence;
    char *log; /* file that log_msg writes to */
};

static inline void world_log(struct world *w)
{
    size_t n = strlen(w->dir) + 8;
    w->log = malloc(n);
    snprintf(w->log, n, "%s/log", w->dir);
    assert_int_equal(log_set_file(w->log), OK);
}

static inline char *world_read(const char *path)
{
    struct buf b;
    buf_init(&b, MIB(64));
    FILE *f = fopen(path, "re");
    char *p;
    for (size_t n; f && (p = buf_room(&b, 4096)) && (n = fread(p, 1, 4096, f));)
        b.n += n;
    if (f)
        fclose(f);
    buf_add(&b, "", 0);
    return buf_take(&b, NULL);
}

static inline int log_has(struct world *w, const char *words)
{
    char *text = world_read(w->log);
    int has = strstr(text, words) != NULL;
    free(text);
    return has;
}

/* A folder, the state in it (in_memory: none), a configuration from YAML. workers 0: none. */
static inline void world_open(struct world *w, int workers, int in_memory, const char *yaml)
{
    memset(w, 0, sizeof *w);
    strcpy(w->dir, "/tmp/winnow-chain-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    world_log(w);
    buf_init(&w->errors, KIB(64));
    assert_int_equal(store_open(in_memory ? NULL : w->dir, "test", &w->store, NULL), OK);
    int status = config_parse(yaml, strlen(yaml), "test.yaml", w->dir, &w->config, &w->errors);
    if (status)
        fail_msg("%s", w->errors.p);
    if (workers)
        assert_int_equal(workers_create(workers, &w->workers), OK);
}

static inline int world_chain(struct world *w)
{
    buf_reset(&w->errors);
    return chain_create(w->config, w->store, w->workers, w->crumbs, CHAIN_ALL, &w->chain,
                        &w->errors);
}

static inline void world_must_chain(struct world *w)
{
    int status = world_chain(w);
    if (status)
        fail_msg("%s: %s", status_text(status), w->errors.p ? w->errors.p : "");
}

/* ---- epochs ---- */

static inline struct document *world_document(struct world *w, const char *source)
{
    struct epoch *e = &w->epoch;
    struct document *doc = document_create();
    doc->sequence = ++w->sequence;
    doc->arrived = 1700000000 + w->sequence;
    doc->source_key = arena_str(&doc->arena, source, strlen(source));
    e->parts = realloc(e->parts, (e->n_parts + 1) * sizeof *e->parts);
    e->parts[e->n_parts++] = (struct part){.doc = doc, .last = 1};
    return doc;
}

static inline struct item *world_item(struct document *doc, const char *guid, const char *title,
                                      const char *content)
{
    struct item *it = item_create();
    it->guid = item_str(it, str_z(guid));
    it->title = item_str(it, str_z(title));
    it->content = item_str(it, str_z(content));
    it->source_key = item_str(it, doc->source_key);
    it->document = doc->sequence;
    it->arrived = doc->arrived;
    it->hash = item_hash(it);
    assert_int_equal(document_add(doc, it), OK);
    return it;
}

/* Begins the transaction, identifies, runs. */
static inline void world_run(struct world *w)
{
    struct epoch *e = &w->epoch;
    assert_int_equal(store_begin(w->store), OK);
    for (size_t p = 0; p < e->n_parts; p++) {
        struct part *part = &e->parts[p];
        part->n = part->doc->n_items;
        e->items = realloc(e->items, (e->n_items + part->n + 1) * sizeof *e->items);
        for (size_t i = 0; i < part->n; i++) {
            struct item *it = part->doc->items[i];
            int identity = store_identify(w->store, it);
            assert_true(identity >= 0);
            e->items[e->n_items++] = (struct epoch_item){it, (int)p, identity, 0, NULL};
        }
    }
    assert_int_equal(chain_run(w->chain, e), OK);
}

static inline void world_commit(struct world *w)
{
    struct epoch *e = &w->epoch;
    int64_t generation;
    for (size_t i = 0; i < e->n_items; i++)
        if (e->items[i].identity != ITEM_SAME)
            assert_int_equal(store_put_item(w->store, e->items[i].item, e->items[i].dropped), OK);
    assert_int_equal(store_commit(w->store, &generation), OK);
    for (size_t p = 0; p < e->n_parts; p++)
        document_destroy(e->parts[p].doc);
    free(e->parts);
    free(e->items);
    arena_finish(&e->arena);
    memset(e, 0, sizeof *e);
}

static inline const char *verdict_line(struct buf *out, const char *what, const struct verdict *v)
{
    buf_addf(out, "%s %lld %s kind=%u of=%lld score=%g %.*s [%.*s]\n", what, (long long)v->item,
             v->filter_name, v->kind, (long long)v->of, v->score, (int)v->reason.len,
             v->reason.ptr ? v->reason.ptr : "", (int)v->evidence.len,
             v->evidence.ptr ? v->evidence.ptr : "");
    return out->p;
}

/* All that came of the epoch, as text. */
static inline void world_describe(struct world *w, struct buf *out)
{
    struct epoch *e = &w->epoch;
    for (size_t i = 0; i < e->n_items; i++) {
        struct epoch_item *x = &e->items[i];
        buf_addf(out, "item %lld %d dropped=%d text=%.*s", (long long)x->item->id, x->identity,
                 x->dropped, (int)x->item->text.len, x->item->text.ptr ? x->item->text.ptr : "-");
        for (size_t c = 0; c < x->item->n_categories; c++)
            buf_addf(out, " (%s)", x->item->categories[c].term.ptr);
        buf_addf(out, " final=%d\n", x->final ? (int)x->final->kind : -1);
    }
    for (size_t i = 0; i < e->n_verdicts; i++)
        verdict_line(out, "verdict", &e->verdicts[i]);
    for (size_t i = 0; i < e->n_revisions; i++)
        verdict_line(out, "revision", &e->revisions[i]);
}

static inline void world_close(struct world *w)
{
    char command[128];
    for (size_t p = 0; p < w->epoch.n_parts; p++)
        document_destroy(w->epoch.parts[p].doc);
    free(w->epoch.parts);
    free(w->epoch.items);
    arena_finish(&w->epoch.arena);
    chain_destroy(w->chain);
    workers_destroy(w->workers);
    crumbs_close(w->crumbs);
    store_close(w->store);
    config_destroy(w->config);
    buf_finish(&w->errors);
    log_set_file(NULL);
    free(w->log);
    snprintf(command, sizeof command, "rm -rf %s", w->dir);
    assert_int_equal(system(command), 0);
}

#endif
