/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Feed 1.1. What it has no field for stands in the extension object "_winnow" (section
 * "Extensions"). */
#include <stdio.h>
#include <string.h>

#include "writer_view.h"

static void authors(struct writer *w, const struct person *people, size_t n, wn_str fallback)
{
    struct out *o = &w->out;
    const char *before = "\"authors\":[{";
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &people[i];
        wn_str url = view_url(w, p->uri, 0), name = absent(p->name) ? p->email : p->name;
        if (p->contributor || (absent(name) && absent(url)))
            continue;
        out_s(o, before);
        before = ",{";
        json_pair(o, "url", url);
        out_s(o, "\"name\":");
        json_quoted(o, absent(name) ? url : str_trim(name));
        out_s(o, "}");
    }
    if (before[0] == '"' && !absent(fallback)) {
        out_s(o, "\"authors\":[{\"name\":");
        json_quoted(o, fallback);
        out_s(o, "}");
        before = ",";
    }
    if (before[0] == ',')
        out_s(o, "],");
}

static void head(struct writer *w)
{
    struct out *o = &w->out;
    out_s(o, "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":");
    json_quoted(o, str_z(w->options.title));
    out_s(o, ",");
    json_pair(o, "home_page_url", view_url(w, str_z(w->options.link), 0));
    json_pair(o, "feed_url", view_url(w, str_z(w->options.self), 0));
    json_pair(o, "description", str_z(w->options.description));
    json_pair(o, "language", w->feed_lang);
    if (w->options.feed) { /* JSON Feed's icon is the large picture, its favicon the small one */
        json_pair(o, "icon", view_url(w, w->options.feed->image, 0));
        json_pair(o, "favicon", view_url(w, w->options.feed->icon, 0));
        authors(w, w->options.feed->people, w->options.feed->n_people, str_of(NULL, 0));
    }
    out_s(o, "\"items\":[");
}

static void tags(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    const char *before = "\"tags\":[";
    for (size_t i = 0; i < v->n_labels; i++) {
        if (absent(v->labels[i].text))
            continue;
        out_s(o, before);
        before = ",";
        json_quoted(o, v->labels[i].text);
    }
    for (size_t i = 0; i < v->item->n_categories; i++) {
        const struct category *c = &v->item->categories[i];
        wn_str name = absent(c->label) ? c->term : c->label;
        int again = absent(name);
        for (size_t k = 0; k < v->n_labels && !again; k++)
            again = str_eq(name, v->labels[k].text);
        if (again)
            continue;
        out_s(o, before);
        before = ",";
        json_quoted(o, name);
    }
    if (before[0] == ',')
        out_s(o, "],");
}

/* What an attachment is besides a file, for whoever reads it back (json_feed_winnow.c). */
static void media_object(struct out *o, const struct enclosure *e, const char *before)
{
    static const char *const kinds[] = {NULL, "media", "thumbnail", "image"};
    int known = e->kind > ENCLOSURE_FILE && e->kind <= ENCLOSURE_IMAGE;
    if (!known && e->width <= 0 && e->height <= 0)
        return;
    out_s(o, before);
    const char *comma = "";
    if (known) {
        out_f(o, "\"kind\":\"%s\"", kinds[e->kind]);
        comma = ",";
    }
    if (e->width > 0) {
        out_f(o, "%s\"width\":%d", comma, (int)e->width);
        comma = ",";
    }
    if (e->height > 0)
        out_f(o, "%s\"height\":%d", comma, (int)e->height);
    out_s(o, "}");
}

/* The picture that stands for the item: the first; n_enclosures if there is none. */
static size_t main_image(struct writer *w, const struct item *item)
{
    for (size_t i = 0; i < item->n_enclosures; i++)
        if (item->enclosures[i].kind >= ENCLOSURE_THUMBNAIL &&
            !absent(view_url(w, item->enclosures[i].url, 0)))
            return i;
    return item->n_enclosures;
}

/* Feeds say the same file by <enclosure> and by media:content. */
static int is_file_again(const struct item *item, const struct enclosure *e)
{
    for (size_t i = 0; e->kind == ENCLOSURE_MEDIA && i < item->n_enclosures; i++)
        if (item->enclosures[i].kind == ENCLOSURE_FILE && str_eq(item->enclosures[i].url, e->url))
            return 1;
    return 0;
}

static void attachment(struct writer *w, const struct enclosure *e, wn_str url)
{
    struct out *o = &w->out;
    json_quoted(o, url);
    out_s(o, ",");
    json_pair(o, "title", e->title);
    if (e->length > 0) /* 0 is RSS's word for an unknown length */
        out_f(o, "\"size_in_bytes\":%lld,", (long long)e->length);
    if (e->duration >= 0)
        out_f(o, "\"duration_in_seconds\":%lld,", (long long)e->duration);
    out_s(o, "\"mime_type\":");
    const char *fallback =
        e->kind >= ENCLOSURE_THUMBNAIL ? "image/jpeg" : "application/octet-stream";
    json_quoted(o, media_type(e->type, url, fallback));
    media_object(o, e, ",\"_winnow\":{");
    out_s(o, "}");
}

/* The first picture is the item's image; all other enclosures are attachments, pictures too, so
 * that none is lost. */
static void attachments(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    const struct item *item = v->item;
    size_t image = main_image(w, item);
    if (image < item->n_enclosures)
        json_pair(o, "image", view_url(w, item->enclosures[image].url, 0));
    const char *before = "\"attachments\":[{\"url\":";
    for (size_t i = 0; i < item->n_enclosures; i++) {
        const struct enclosure *e = &item->enclosures[i];
        wn_str url =
            i == image || is_file_again(item, e) ? str_of(NULL, 0) : view_url(w, e->url, 1);
        if (absent(url))
            continue;
        out_s(o, before);
        before = ",{\"url\":";
        attachment(w, e, url);
    }
    if (before[0] == ',')
        out_s(o, "],");
}

static void extension(struct writer *w, const struct extension *e, const char *prefix,
                      const char *before)
{
    struct out *o = &w->out;
    out_s(o, before);
    out_f(o, "{\"ns\":\"%s\",\"depth\":%d,\"name\":", prefix, e->depth < 0 ? 0 : e->depth);
    json_quoted(o, e->name);
    wn_str text = ext_text(w, e);
    if (!absent(text)) {
        out_s(o, ",\"text\":");
        json_quoted(o, text);
    }
    struct ext_attr attrs[EXT_ATTRS];
    size_t n = ext_attrs(w, e, attrs);
    for (size_t i = 0; i < n; i++) {
        out_s(o, i ? "," : ",\"attributes\":{");
        json_quoted(o, attrs[i].name);
        out_s(o, ":");
        json_quoted(o, attrs[i].value);
    }
    out_s(o, n ? "}}" : "}");
}

static void editions(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    for (size_t i = 0; i < v->n_related; i++) {
        const struct related *r = &v->related[i];
        out_s(o, i ? ",{" : ",\"editions\":[{");
        json_pair(o, "language", r->lang);
        json_pair(o, "title", r->title);
        json_pair(o, "source", r->source);
        json_pair(o, "kind", str_z(r->kind));
        out_s(o, "\"url\":");
        json_quoted(o, r->href);
        out_s(o, "}");
    }
    if (v->n_related)
        out_s(o, "]");
}

/* JSON Feed knows one link of an item and one elsewhere; these are all the others. */
static void links(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    const char *before = ",\"links\":[{";
    for (size_t i = 0; i < v->item->n_links; i++) {
        const struct link *l = &v->item->links[i];
        wn_str href, none = {NULL, 0};
        const char *rel = view_own_link(w, v, i, &href);
        char tag[64];
        if (!rel)
            continue;
        out_s(o, before);
        before = ",{";
        json_pair(o, "rel", str_z(rel));
        json_pair(o, "type", media_type(l->type, none, ""));
        json_pair(o, "language", tag_clean(l->hreflang, tag));
        json_pair(o, "title", l->title);
        out_s(o, "\"url\":");
        json_quoted(o, href);
        out_s(o, "}");
    }
    if (before[1] == '{')
        out_s(o, "]");
}

static void topics(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    for (size_t i = 0; i < v->n_labels; i++) {
        const struct label *l = &v->labels[i];
        out_s(o, i ? ",{" : ",\"topics\":[{");
        if (!absent(l->id)) {
            char id[32];
            snprintf(id, sizeof id, MEDTOP_PREFIX "%.8s", l->id.ptr);
            json_pair(o, "id", str_z(id));
            json_pair(o, "scheme", str_z(MEDTOP_SCHEME));
        }
        json_pair(o, "label", l->text);
        out_f(o, "\"score\":%.6f}", (double)l->score / 1e6);
    }
    if (v->n_labels)
        out_s(o, "]");
}

static void winnow(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    out_f(o, "\"_winnow\":{\"story\":%lld", (long long)v->story);
    if (!absent(v->source_name)) {
        out_s(o, ",\"source\":{");
        json_pair(o, "url", v->source_url);
        out_s(o, "\"title\":");
        json_quoted(o, v->source_name);
        out_s(o, "}");
    }
    size_t image = main_image(w, v->item);
    if (image < v->item->n_enclosures)
        media_object(o, &v->item->enclosures[image], ",\"image\":{");
    topics(w, v);
    editions(w, v);
    links(w, v);
    const char *before = ",\"extensions\":[";
    for (size_t i = 0; i < v->item->n_extensions; i++) {
        const struct extension *e = &v->item->extensions[i];
        const char *prefix = ext_prefix(e->ns);
        if (!prefix)
            continue;
        extension(w, e, prefix, before);
        before = ",";
    }
    out_s(o, before[1] ? "}" : "]}");
}

static void entry(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    char date[40];
    out_s(o, w->n_entries ? ",\n{\"id\":" : "\n{\"id\":");
    json_quoted(o, v->guid);
    out_s(o, ",");
    json_pair(o, "url", v->link);
    if (!v->title_made_up)
        json_pair(o, "title", v->title);
    if (absent(v->body_text)) {
        out_s(o, "\"content_html\":\"");
        json_inside(o, v->body);
        json_inside(o, v->also_html);
    } else {
        out_s(o, "\"content_text\":\"");
        json_inside(o, v->body_text);
        json_inside(o, v->also_text);
    }
    out_s(o, "\",");
    if (!absent(v->summary)) { /* plain text here */
        buf_reset(&w->scratch);
        text_of_html(&w->scratch, v->summary);
        json_pair(o, "summary", view_keep(w));
    }
    if (v->published != TIME_ABSENT)
        json_pair(o, "date_published", date_3339(v->published, date));
    json_pair(o, "date_modified", date_3339(v->updated, date));
    authors(w, v->item->people, v->item->n_people, v->author);
    tags(w, v);
    json_pair(o, "language", v->lang);
    attachments(w, v);
    winnow(w, v);
    out_s(o, "}");
}

static void tail(struct writer *w)
{
    out_s(&w->out, w->n_entries ? "\n]}\n" : "]}\n");
}

const struct spelling spelling_json = {head, entry, tail};
