/* SPDX-License-Identifier: Apache-2.0 */
/* What `winnow filter` writes: which items of the document go out, and with which links. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../plugin/text/url.h"
#include "cmd_filter.h"
#include "judge.h"
#include "limits.h"
#include "status.h"
#include "store.h"
#include "writer.h"

static int to_stdout(void *user, const char *p, size_t n)
{
    struct filter_run *run = user;
    if (fwrite(p, 1, n, stdout) == n)
        return OK;
    run->write_errno = errno;
    return E_IO;
}

/* ---- which items go out ---- */

/* An item as the store keeps it after the chain, and the last word on it. */
struct verdict_of {
    struct item *item;
    struct verdict final;
    int has_final, gone;
    uint64_t url;
};

static uint64_t link_key(const struct item *item)
{
    return item->link.ptr ? url_key(item->link.ptr, item->link.len) : 0;
}

/* Without a state: a guid or a link that came before in this document. */
static int repeats(const struct verdict_of *all, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (all[j].gone)
            continue;
        if (all[j].item->id == all[i].item->id || (all[i].url && all[i].url == all[j].url))
            return 1;
    }
    return 0;
}

static int load(const struct filter_run *run, const struct document *doc, struct arena *arena,
                struct verdict_of *all)
{
    struct reader *reader = store_reader(run->store);
    for (size_t i = 0; i < doc->n_items; i++) {
        struct verdict_of *v = &all[i];
        int err = reader_item(reader, doc->items[i]->id, &v->item);
        if (err == E_ABSENT)
            v->item = item_copy(doc->items[i]);
        else if (err)
            return err;
        if (!v->item)
            return E_NOMEM;
        v->has_final = reader_final(reader, v->item->id, arena, &v->final) == OK;
        v->url = link_key(v->item);
        uint32_t kind = v->has_final ? v->final.kind : WN_KEEP;
        v->gone = kind == WN_DROP || repeats(all, i) || (run->state && kind == WN_DUPLICATE);
    }
    return OK;
}

/* What is only tagged: the verdict as a category that rules of readers can match. */
static void tag(struct verdict_of *v)
{
    static const char *const names[] = {NULL, "related", "edition", "duplicate", NULL};
    if (!v->has_final || v->final.kind > WN_DUPLICATE || !names[v->final.kind])
        return;
    struct category *c = item_add_category(v->item);
    if (!c)
        return;
    c->term = item_str(v->item, str_z(names[v->final.kind]));
    c->scheme = item_str(v->item, str_z("urn:winnow:verdict"));
}

/* The others of the document that are the same story, or another report of it. */
static size_t find_members(const struct verdict_of *all, size_t n, size_t i, struct member *members)
{
    size_t used = 0;
    for (size_t j = 0; j < n && used < LIMIT_STORY; j++) {
        const struct verdict_of *a = &all[i], *b = &all[j];
        int of_b = a->has_final && a->final.of == b->item->id && a->final.kind != WN_KEEP;
        int of_a = b->has_final && b->final.of == a->item->id && b->final.kind != WN_KEEP;
        int together = a->item->story && a->item->story == b->item->story;
        if (j == i || b->gone || (!of_a && !of_b && !together))
            continue;
        members[used++] = (struct member){
            .item = b->item->id,
            .arrived = b->item->arrived,
            .published = b->item->published,
            .kind = of_a   ? b->final.kind
                    : of_b ? a->final.kind
                           : WN_EDITION,
            .lang = b->item->detected_lang.ptr ? b->item->detected_lang : b->item->lang,
            .link = b->item->link,
            .title = b->item->title,
            .source_name = b->item->source_name,
            .source_key = b->item->source_key,
        };
    }
    return used;
}

static int format_of(int feed_format)
{
    switch (feed_format) {
    case FORMAT_ATOM03:
    case FORMAT_ATOM1:
        return OUTPUT_ATOM;
    case FORMAT_JSON1:
        return OUTPUT_JSON;
    default:
        return OUTPUT_RSS;
    }
}

static const char *z(struct arena *a, wn_str s)
{
    return s.ptr && s.len ? arena_str(a, s.ptr, s.len).ptr : NULL;
}

/* When the document last changed: as it says, else the date of its newest item. */
static int64_t newest(const struct document *doc)
{
    int64_t t = doc->feed.updated;
    for (size_t i = 0; doc->feed.updated == TIME_ABSENT && i < doc->n_items; i++) {
        const struct item *item = doc->items[i];
        t = item->published > t ? item->published : t;
        t = item->updated > t ? item->updated : t;
    }
    return t;
}

int filter_write(struct filter_run *run, const struct document *doc)
{
    struct arena arena;
    arena_init(&arena, MIB(64));
    size_t n = doc->n_items;
    struct verdict_of *all = calloc(n ? n : 1, sizeof *all);
    struct member *members = calloc(LIMIT_STORY, sizeof *members);
    struct writer *writer = NULL;
    int err = all && members ? load(run, doc, &arena, all) : E_NOMEM;
    struct writer_options options = {
        .format = run->format >= 0 ? run->format : format_of(doc->feed.format),
        .title = z(&arena, doc->feed.title),
        .link = z(&arena, doc->feed.link),
        .self = run->source ? run->source : z(&arena, doc->feed.self),
        .description = z(&arena, doc->feed.description),
        .language = z(&arena, doc->feed.language),
        .updated = newest(doc),
        .feed = &doc->feed,
        .also_in = run->config->also_in,
        .prefer = run->config->prefer,
        .n_prefer = run->config->n_prefer,
        .topic_label = judge_topic_label,
        .user = run->judge,
    };
    if (!err)
        err = writer_create(&options, to_stdout, run, &writer);
    for (size_t i = 0; !err && i < n; i++) {
        if (all[i].gone)
            continue;
        tag(&all[i]);
        size_t n_members = find_members(all, n, i, members);
        err = writer_item(writer, all[i].item, members, n_members);
    }
    if (!err)
        err = writer_finish(writer);
    writer_destroy(writer);
    for (size_t i = 0; all && i < n; i++)
        item_destroy(all[i].item);
    free(all);
    free(members);
    arena_finish(&arena);
    return err;
}
