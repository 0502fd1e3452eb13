/* SPDX-License-Identifier: Apache-2.0 */
/* Entries built by hand, for the tests of the writers. */
#ifndef TEST_WRITER_SAMPLE_H
#define TEST_WRITER_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "host-stub/writer.h"

static char *sample_prefer[] = {"de", "en"};

static wn_str sample_label(void *user, wn_str topic, wn_str lang)
{
    (void)user;
    if (str_eqz(topic, "11000000"))
        return str_z(str_eqz(lang, "de") ? "Politik" : "politics and government");
    return str_of(NULL, 0);
}

static inline struct writer_options sample_options(int format)
{
    struct writer_options o = {
        .format = format,
        .title = "Clean & clear",
        .link = "https://reader.example/",
        .self = "https://reader.example/feed?a=1&b=2",
        .description = "All stories <once>",
        .uuid = "6a4e2f80-1c2d-4b5e-8f90-1234567890ab",
        .updated = 1790000000,
        .also_in = 1,
        .prefer = sample_prefer,
        .n_prefer = 2,
        .topic_label = sample_label,
    };
    return o;
}

static int sample_sink(void *user, const char *p, size_t n)
{
    return buf_add(user, p, n);
}

static inline void sample_add_media(struct item *item)
{
    struct enclosure *e = item_add_enclosure(item);
    e->url = str_z("https://media.example/a.mp3");
    e->length = 1234;
    e = item_add_enclosure(item);
    e->url = str_z("https://media.example/b.pdf");
    e->type = str_z("application/pdf");
    e->title = str_z("Report");
    e = item_add_enclosure(item);
    e->kind = ENCLOSURE_MEDIA;
    e->url = str_z("https://media.example/c.mp4");
    e->type = str_z("video/mp4");
    e->width = 640;
    e->height = 360;
    e->duration = 95;
    e = item_add_enclosure(item);
    e->kind = ENCLOSURE_THUMBNAIL;
    e->url = str_z("https://media.example/t.jpg");
    e = item_add_enclosure(item);
    e->kind = ENCLOSURE_IMAGE;
    e->url = str_z("https://media.example/i.png");
}

static inline void sample_add_ext(struct item *item, const char *ns, const char *name,
                                  const char *text, const char *attrs, int depth)
{
    struct extension *e = item_add_extension(item);
    e->ns = str_z(ns);
    e->name = str_z(name);
    e->text = str_z(text);
    e->attrs = str_z(attrs);
    e->depth = depth;
}

static inline struct item *sample_item(int64_t id, int sanitised)
{
    static char guid[64], link[64];
    struct item *item = item_create();
    snprintf(guid, sizeof guid, "tag:example.org,2026:%lld", (long long)id);
    snprintf(link, sizeof link, "https://news.example/de/%lld?x=1&y=2", (long long)id);
    item->id = id;
    item->story = id;
    item->guid = item_str(item, str_z(guid));
    item->link = item_str(item, str_z(link));
    item->title = str_z("Wahl in Ungarn: <b>Tisza</b> & Fidesz");
    item->summary = str_z("<p>Kurz &amp; knapp.</p>");
    item->content = str_z("<p>Erster <a href=\"https://news.example/x\">Absatz</a> &amp; mehr.</p>"
                          "<script>alert(1)</script><p>Zweiter Absatz.</p>");
    item->lang = str_z("de");
    item->published = 1789990000;
    item->arrived = 1789999000;
    item->source_key = str_z("https://news.example/feed.xml");
    item->source_name = str_z("Example News");
    item->source_site = str_z("https://news.example/");
    item->rights = str_z("CC BY 4.0");
    item->comments = str_z("https://news.example/comments/1");
    item->sanitised = sanitised;
    struct category *c = item_add_category(item);
    c->term = str_z("Ungarn");
    c = item_add_category(item);
    c->term = str_z("hu-2026");
    c->scheme = str_z("https://news.example/tags");
    c->label = str_z("Wahl 2026");
    struct topic *t = item_add_topic(item);
    t->id = str_z("11000000");
    t->score = 930000;
    struct link *l = item_add_link(item);
    l->rel = str_z("alternate");
    l->href = str_z("https://news.example/amp/1");
    l = item_add_link(item);
    l->rel = str_z("via");
    l->href = str_z("https://wire.example/1");
    sample_add_media(item);
    const char *media = "http://search.yahoo.com/mrss";
    sample_add_ext(item, media, "group", NULL, NULL, 0);
    sample_add_ext(item, media, "content", NULL,
                   "url\thttps://media.example/g.jpg\nmedium\timage\n", 1);
    sample_add_ext(item, media, "description", "<b>A</b> picture", "type\thtml\n", 2);
    sample_add_ext(item, "http://www.georss.org/georss", "point", "47.5 19.0", NULL, 0);
    sample_add_ext(item, "http://www.w3.org/2000/svg", "svg", NULL, "onload\talert(1)\n", 0);
    sample_add_ext(item, "http://www.w3.org/2000/svg", "script", "alert(1)", NULL, 1);
    return item;
}

static inline void sample_entry(struct entry *entry, int64_t id, int sanitised)
{
    memset(entry, 0, sizeof *entry);
    entry->id = entry->story = id;
    entry->shown = 1789999300;
    entry->updated = 1789999400;
    snprintf(entry->uuid, sizeof entry->uuid, "urn:uuid:00000000-0000-4000-8000-%012lld",
             (long long)id);
    entry->face = sample_item(id, sanitised);
    static const struct {
        const char *lang, *link, *title, *source;
        uint32_t kind;
    } members[] = {
        {"ko", "https://news.example/ko/1", "헝가리 총선", "Example News", WN_EDITION},
        {"de", "https://copy.example/1", "Ungarn wählt", "Der Kopist", WN_DUPLICATE},
        {"en", "https://news.example/en/1", "Hungary votes", "Example News", WN_KEEP},
        {"en-US", "https://us.example/1", "Hungarians vote", "US Desk", WN_EDITION},
        {"fr", "https://rapport.example/1", "Autre article", "Rapport", WN_RELATED},
        {"zh-Hant", "javascript:alert(1)", "x", "y", WN_EDITION},
        {"ar", "https://news.example/ar/1", "انتخابات المجر", "Example News", WN_EDITION},
    };
    entry->n_members = sizeof members / sizeof *members;
    entry->members = calloc(entry->n_members, sizeof *entry->members);
    for (size_t i = 0; i < entry->n_members; i++) {
        struct member *m = &entry->members[i];
        m->item = 100 + (int64_t)i;
        m->kind = members[i].kind;
        m->lang = str_z(members[i].lang);
        m->link = str_z(members[i].link);
        m->title = str_z(members[i].title);
        m->source_name = str_z(members[i].source);
    }
}

static inline void sample_entry_finish(struct entry *entry)
{
    item_destroy(entry->face);
    free(entry->members);
}

/* Puts the string everywhere where a feed or a filter could have put it. */
static inline void sample_spoil(struct entry *entry, const char *z)
{
    struct item *i = entry->face;
    wn_str s = str_z(z);
    i->guid = i->link = i->title = i->summary = i->content = i->lang = i->comments = i->rights = s;
    i->source_title = i->source_url = i->source_key = i->source_name = i->source_site = s;
    struct person *p = item_add_person(i);
    p->name = p->email = p->uri = s;
    p = item_add_person(i);
    p->contributor = 1;
    p->name = p->email = p->uri = s;
    for (size_t k = 0; k < i->n_categories; k++)
        i->categories[k].term = i->categories[k].scheme = i->categories[k].label = s;
    for (size_t k = 0; k < i->n_enclosures; k++)
        i->enclosures[k].type = i->enclosures[k].title = s;
    for (size_t k = 0; k < i->n_links; k++)
        i->links[k].href = i->links[k].type = i->links[k].hreflang = i->links[k].title = s;
    for (size_t k = 0; k < i->n_topics; k++)
        i->topics[k].id = s;
    for (size_t k = 0; k < i->n_extensions; k++)
        i->extensions[k].text = i->extensions[k].attrs = s;
    sample_add_ext(i, "http://purl.org/dc/terms/", z, z, z, 3);
    sample_add_ext(i, "http://purl.org/dc/terms/", "subject", z, "a\t1\na\t2\n1b\tx\nxmlns\ty\n",
                   1000);
    for (size_t k = 0; k < entry->n_members; k++) {
        entry->members[k].lang = entry->members[k].title = entry->members[k].source_name = s;
        if (k & 1)
            entry->members[k].link = s;
    }
}

static inline void sample_write(const struct writer_options *options, const struct entry *entries,
                                size_t n, struct buf *out)
{
    struct writer *w = NULL;
    buf_init(out, MIB(64));
    if (writer_create(options, sample_sink, out, &w) != OK)
        abort();
    for (size_t i = 0; i < n; i++)
        writer_entry(w, &entries[i]);
    writer_finish(w);
    writer_destroy(w);
}

static inline void sample_write_items(const struct writer_options *options, const struct item *item,
                                      size_t n, struct buf *out)
{
    struct writer *w = NULL;
    buf_init(out, MIB(64));
    if (writer_create(options, sample_sink, out, &w) != OK)
        abort();
    for (size_t i = 0; i < n; i++)
        writer_item(w, item, NULL, 0);
    writer_finish(w);
    writer_destroy(w);
}

#endif
