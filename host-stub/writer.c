/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../plugin/text/utf8.h"
#include "status.h"
#include "writer_view.h"

static const struct spelling *spelling(const struct writer *w)
{
    return w->options.format == OUTPUT_RSS    ? &spelling_rss
           : w->options.format == OUTPUT_JSON ? &spelling_json
                                              : &spelling_atom;
}

void view_fail(struct writer *w)
{
    if (!w->out.err)
        w->out.err = E_NOMEM;
}

wn_str view_keep(struct writer *w)
{
    wn_str kept = {NULL, 0};
    if (!w->scratch.err && w->scratch.n)
        kept = arena_str(&w->arena, w->scratch.p, w->scratch.n);
    if (w->scratch.err || (w->scratch.n && !kept.ptr))
        view_fail(w);
    buf_reset(&w->scratch);
    return kept;
}

static wn_str keep_str(struct writer *w, wn_str s)
{
    wn_str kept = arena_str(&w->arena, s.ptr, s.len);
    if (!kept.ptr)
        view_fail(w);
    return kept;
}

void *view_alloc(struct writer *w, size_t n)
{
    void *p = n ? arena_alloc(&w->arena, n) : NULL;
    if (n && !p)
        view_fail(w);
    return p;
}

wn_str view_url(struct writer *w, wn_str url, int loose)
{
    buf_reset(&w->scratch);
    if (!url_safe(&w->scratch, url, loose) && !w->scratch.err)
        buf_reset(&w->scratch);
    return view_keep(w);
}

int writer_create(const struct writer_options *options, sink_fn sink, void *user,
                  struct writer **writer)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return E_NOMEM;
    w->options = *options;
    if (!options->title || !*options->title)
        w->options.title = "Winnow";
    /* Escaped text is up to six times its source, and the body is escaped once here. */
    arena_init(&w->arena, 16 * LIMIT_ITEM);
    buf_init(&w->scratch, 6 * LIMIT_ITEM);
    out_init(&w->out, sink, user);
    w->feed_lang = tag_clean(str_z(options->language), w->feed_lang_buf);
    if (options->n_prefer)
        w->lang = tag_clean(str_z(options->prefer[0]), w->lang_buf);
    if (absent(w->lang))
        w->lang = w->feed_lang;
    if (absent(w->feed_lang))
        w->feed_lang = w->lang;
    if (options->uuid && strlen(options->uuid) == 36)
        snprintf(w->feed_id, sizeof w->feed_id, "urn:uuid:%s", options->uuid);
    else
        urn_of(str_z(options->self), str_z(options->link), str_z(w->options.title), w->feed_id);
    spelling(w)->head(w);
    if (w->out.err) {
        int err = w->out.err;
        writer_destroy(w);
        return err;
    }
    *writer = w;
    return OK;
}

void writer_destroy(struct writer *w)
{
    if (!w)
        return;
    arena_finish(&w->arena);
    buf_finish(&w->scratch);
    free(w->seen);
    free(w);
}

int writer_finish(struct writer *w)
{
    spelling(w)->tail(w);
    return out_flush(&w->out);
}

/* ---- the view ---- */

/* The host of a URL, to name whoever has no name. */
static wn_str host_of(wn_str url)
{
    const char *p = absent(url) ? NULL : memmem(url.ptr, url.len, "://", 3);
    if (!p)
        return str_of(NULL, 0);
    p += 3;
    size_t n = 0, left = url.len - (size_t)(p - url.ptr);
    while (n < left && p[n] != '/' && p[n] != '?' && p[n] != '#')
        n++;
    return str_of(p, n);
}

static void view_body(struct writer *w, struct view *v)
{
    const struct item *item = v->item;
    wn_str main = absent(item->content) ? item->summary : item->content;
    int both =
        !absent(item->content) && !absent(item->summary) && !str_eq(item->content, item->summary);
    if (item->sanitised) {
        v->body = absent(main) ? str_of(NULL, 0) : main;
        v->summary = both ? item->summary : str_of(NULL, 0);
        return;
    }
    /* Nobody vouches for this markup: its text is all that goes out. */
    text_of_html(&w->scratch, main);
    v->body_text = view_keep(w);
    html_of_text(&w->scratch, v->body_text);
    v->body = view_keep(w);
    if (both) {
        text_of_html(&w->scratch, item->summary);
        wn_str text = view_keep(w);
        html_of_text(&w->scratch, text);
        v->summary = view_keep(w);
    }
}

static void view_title(struct writer *w, struct view *v)
{
    v->title = str_trim(v->item->title);
    if (!absent(v->title))
        return;
    v->title_made_up = 1;
    text_of_html(&w->scratch, absent(v->body_text) ? v->body : v->body_text);
    wn_str text = view_keep(w);
    size_t n = text.len > 100 ? utf8_cut(text.ptr, text.len, 100) : text.len;
    for (size_t i = 0; i < n; i++)
        if (text.ptr[i] == '\n')
            n = i;
    if (n) {
        buf_add(&w->scratch, text.ptr, n);
        if (n < text.len)
            buf_adds(&w->scratch, "…");
        v->title = view_keep(w);
    }
    if (absent(v->title))
        v->title = absent(v->link) ? str_z(w->options.title) : v->link;
}

static void view_source(struct writer *w, struct view *v)
{
    const struct item *item = v->item;
    wn_str names[] = {item->source_name, item->source_title, host_of(item->source_key),
                      host_of(v->link), str_z(w->options.title)};
    for (size_t i = 0; i < sizeof names / sizeof *names && absent(v->source_name); i++)
        v->source_name = str_trim(names[i]);
    v->author = v->source_name;
    if (absent(item->source_key) && absent(item->source_url) && absent(item->source_name))
        v->source_name = str_of(NULL, 0); /* an item of nowhere in particular */
    /* A feed read from a file has no address that others may see; its site may stand in. */
    char urn[46];
    v->source_id = view_url(w, item->source_key, 0);
    wn_str urls[] = {v->source_id, item->source_site, item->source_url};
    for (size_t i = 0; i < sizeof urls / sizeof *urls && absent(v->source_url); i++)
        v->source_url = view_url(w, urls[i], 0);
    v->source_is_feed = !absent(v->source_id);
    if (!v->source_is_feed)
        v->source_id = keep_str(w, urn_of(item->source_key, v->source_name, v->source_url, urn));
}

/* How well the reader likes a language: its place in `prefer`, or behind all of them. */
static size_t rank_of(const struct writer *w, wn_str lang)
{
    for (size_t i = 0; i < w->options.n_prefer; i++)
        if (tag_same(str_z(w->options.prefer[i]), lang))
            return i;
    return w->options.n_prefer;
}

static int comes_after(size_t rank_a, wn_str a, size_t rank_b, wn_str b)
{
    if (rank_a != rank_b)
        return rank_a > rank_b;
    int order = memcmp(a.ptr ? a.ptr : "", b.ptr ? b.ptr : "", a.len < b.len ? a.len : b.len);
    return order > 0 || (order == 0 && a.len > b.len);
}

static void view_related(struct writer *w, struct view *v, const struct member *members, size_t n)
{
    size_t ranks[LIMIT_STORY];
    if (n > LIMIT_STORY)
        n = LIMIT_STORY;
    struct related *related = view_alloc(w, n * sizeof *related);
    if (!related)
        return;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const struct member *m = &members[i];
        struct related r = {.title = str_trim(m->title), .source = str_trim(m->source_name)};
        char tag[64];
        wn_str lang = tag_clean(m->lang, tag);
        r.href = view_url(w, m->link, 0);
        int known = absent(r.href) || str_eq(r.href, v->link) || m->kind == WN_DROP;
        for (size_t k = 0; k < count && !known; k++)
            known = str_eq(related[k].href, r.href);
        if (known)
            continue;
        r.lang = absent(lang) ? lang : keep_str(w, lang);
        r.kind = m->kind == WN_RELATED                                            ? "related"
                 : absent(r.lang) || absent(v->lang) || tag_same(r.lang, v->lang) ? "copy"
                                                                                  : "edition";
        /* Stable insertion: the reader's languages first, then by tag, other reports last; of two
         * in one language the fuller one, which came first. */
        size_t rank = m->kind == WN_RELATED ? LIMIT_STORY + 1 : rank_of(w, r.lang);
        size_t at = count++;
        for (; at && comes_after(ranks[at - 1], related[at - 1].lang, rank, r.lang); at--) {
            ranks[at] = ranks[at - 1];
            related[at] = related[at - 1];
        }
        ranks[at] = rank;
        related[at] = r;
    }
    v->related = related;
    v->n_related = count;
}

/* Media Topics have eight digits; topics that a user made up have names, which are only labels. */
static int is_medtop(wn_str id)
{
    size_t i = 0;
    while (i < id.len && id.ptr[i] >= '0' && id.ptr[i] <= '9')
        i++;
    return i == 8 && id.len == 8;
}

static void view_labels(struct writer *w, struct view *v)
{
    const struct item *item = v->item;
    struct label *labels = view_alloc(w, item->n_topics * sizeof *labels);
    for (size_t i = 0; labels && i < item->n_topics; i++) {
        wn_str id = item->topics[i].id, text = {NULL, 0};
        if (absent(id))
            continue;
        if (w->options.topic_label)
            text = w->options.topic_label(w->options.user, id,
                                          absent(w->lang) ? str_z("en") : w->lang);
        if (!absent(text)) /* the next call may use the same memory */
            text = keep_str(w, text);
        struct label *l = &labels[v->n_labels++];
        l->id = is_medtop(id) ? id : str_of(NULL, 0);
        l->text = absent(text) && !is_medtop(id) ? id : text;
        l->score = item->topics[i].score;
    }
    v->labels = labels;
}

const char *view_own_link(struct writer *w, const struct view *v, size_t i, wn_str *href)
{
    static const char *const kept[] = {"related",   "via",     "replies", "license",
                                       "payment",   "author",  "next",    "prev",
                                       "canonical", "amphtml", "search",  NULL};
    const struct link *l = &v->item->links[i];
    /* An alternate one would be a second face. */
    const char *rel = absent(l->rel) || str_eqz(l->rel, "alternate") ? "related" : NULL;
    for (size_t k = 0; !rel && kept[k]; k++)
        if (str_eqz(l->rel, kept[k]))
            rel = kept[k];
    wn_str url = rel ? view_url(w, l->href, 1) : str_of(NULL, 0);
    int known = absent(url) || str_eq(url, v->link);
    for (size_t k = 0; k < v->n_related && !known; k++)
        known = str_eq(v->related[k].href, url);
    if (known)
        return NULL;
    *href = url;
    return rel;
}

int view_said_category(const struct view *v, size_t i)
{
    const struct category *all = v->item->categories, *c = &all[i];
    for (size_t k = 0; k < v->n_labels; k++)
        if (absent(c->scheme) && str_eq(c->term, v->labels[k].text))
            return 1;
    for (size_t k = 0; k < i; k++)
        if (str_eq(c->term, all[k].term) && str_eq(c->scheme, all[k].scheme) &&
            str_eq(c->label, all[k].label))
            return 1;
    return 0;
}

static struct view *view_begin(struct writer *w, const struct item *item,
                               const struct member *members, size_t n_members)
{
    struct view *v = &w->view;
    char tag[64];
    arena_reset(&w->arena);
    buf_reset(&w->scratch);
    memset(v, 0, sizeof *v);
    v->item = item;
    v->link = view_url(w, item->link, 0);
    wn_str lang = tag_of_item(item, tag);
    if (!absent(lang))
        v->lang = keep_str(w, lang);
    v->published = item->published;
    view_body(w, v);
    view_title(w, v);
    view_source(w, v);
    view_labels(w, v);
    view_related(w, v, members, n_members);
    if (w->options.also_in)
        view_also_in(w, v);
    return v;
}

int writer_entry(struct writer *w, const struct entry *entry)
{
    struct view *v = view_begin(w, entry->face, entry->members, entry->n_members);
    v->story = entry->story;
    v->id = v->guid = str_z(entry->uuid);
    if (v->published == TIME_ABSENT)
        v->published = entry->shown;
    v->updated = entry->updated;
    spelling(w)->entry(w, v);
    w->n_entries++;
    return w->out.err;
}

/* Whether the id is new; remembers it. Without memory everything is new. */
static int first_of_its_name(struct writer *w, wn_str id)
{
    if (2 * (w->n_seen + 1) > w->cap_seen) {
        size_t cap = w->cap_seen ? 2 * w->cap_seen : 256;
        uint64_t *seen = calloc(cap, sizeof *seen);
        if (!seen)
            return 1;
        for (size_t i = 0; i < w->cap_seen; i++) {
            size_t k = w->seen[i] & (cap - 1);
            while (w->seen[i] && seen[k])
                k = (k + 1) & (cap - 1);
            if (w->seen[i])
                seen[k] = w->seen[i];
        }
        free(w->seen);
        w->seen = seen;
        w->cap_seen = cap;
    }
    uint64_t h = XXH3_64bits(id.ptr, id.len) | 1;
    size_t k = h & (w->cap_seen - 1);
    for (; w->seen[k]; k = (k + 1) & (w->cap_seen - 1))
        if (w->seen[k] == h)
            return 0;
    w->seen[k] = h;
    w->n_seen++;
    return 1;
}

int writer_item(struct writer *w, const struct item *item, const struct member *members,
                size_t n_members)
{
    struct view *v = view_begin(w, item, members, n_members);
    char key[40], key_urn[46], urn[46];
    v->story = item->story;
    v->guid = item_key(item, key);
    v->guid_is_permalink =
        item->guid_is_permalink && !absent(item->guid) && str_eq(item->guid, v->link);
    if (absent(v->guid))
        v->guid = urn_of(item->source_key, item->link, item->content, key_urn);
    v->id = iri_valid(v->guid) ? v->guid : urn_of(item->source_key, v->guid, str_of(NULL, 0), urn);
    if (!first_of_its_name(w, v->id)) {
        /* A feed that repeats a guid: RFC 4287 section 4.1.1 wants ids to differ. */
        char count[24];
        snprintf(count, sizeof count, "%zu", w->n_entries);
        v->id = urn_of(v->id, v->link, str_z(count), urn);
        v->guid = v->id;
        v->guid_is_permalink = 0;
    }
    int64_t times[] = {item->updated, item->published, item->arrived, w->options.updated};
    v->updated = TIME_ABSENT;
    for (size_t i = 0; i < sizeof times / sizeof *times && v->updated == TIME_ABSENT; i++)
        v->updated = times[i];
    spelling(w)->entry(w, v);
    w->n_entries++;
    return w->out.err;
}
