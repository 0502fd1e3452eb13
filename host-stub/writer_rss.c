/* SPDX-License-Identifier: Apache-2.0 */
/* RSS 2.0: specification of the RSS Advisory Board (2.0.11) and its best practices profile;
 * content:encoded, Dublin Core, Media RSS, atom:link. */
#include <string.h>

#include "writer_view.h"

static void category(struct writer *w, wn_str term, wn_str domain)
{
    if (absent(term))
        return;
    out_s(&w->out, "    <category");
    xml_pair(&w->out, "domain", domain);
    out_s(&w->out, ">");
    xml_text(&w->out, term);
    out_s(&w->out, "</category>\n");
}

/* What `winnow filter` was given of the feed besides its items. */
static void feed_said(struct writer *w, wn_str link)
{
    const struct feed_info *f = w->options.feed;
    struct out *o = &w->out;
    if (!f)
        return;
    wn_str image = view_url(w, f->image, 0);
    xml_element(o, 2, "copyright", str_trim(f->rights));
    for (size_t i = 0; i < f->n_people; i++) {
        const struct person *p = &f->people[i];
        wn_str name = absent(p->name) ? absent(p->email) ? p->uri : p->email : p->name;
        xml_element(o, 2, p->contributor ? "dc:contributor" : "dc:creator", str_trim(name));
    }
    for (size_t i = 0; i < f->n_categories; i++)
        category(w, absent(f->categories[i].term) ? f->categories[i].label : f->categories[i].term,
                 f->categories[i].scheme);
    if (f->ttl >= 60)
        out_f(o, "  <ttl>%lld</ttl>\n", (long long)(f->ttl / 60));
    if (absent(image))
        return;
    out_s(o, "  <image>\n");
    xml_element(o, 4, "url", image);
    xml_element(o, 4, "title", str_z(w->options.title));
    xml_element(o, 4, "link", link);
    out_s(o, "  </image>\n  <itunes:image");
    xml_pair(o, "href", image);
    out_s(o, "/>\n");
}

static void head(struct writer *w)
{
    struct out *o = &w->out;
    char date[40];
    wn_str self = view_url(w, str_z(w->options.self), 0),
           link = view_url(w, str_z(w->options.link), 0);
    if (absent(link))
        link = absent(self) ? str_z(w->feed_id) : self; /* required, and has to be a URI */
    out_s(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\""
             "\n  xmlns:atom=\"http://www.w3.org/2005/Atom\""
             "\n  xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"");
    ext_declare(o);
    out_s(o, ">\n<channel>\n");
    xml_element(o, 2, "title", str_z(w->options.title));
    xml_element(o, 2, "link", link);
    wn_str description = str_z(w->options.description);
    xml_element(o, 2, "description", absent(description) ? str_z(w->options.title) : description);
    xml_element(o, 2, "language", w->feed_lang);
    if (w->options.updated != TIME_ABSENT)
        xml_element(o, 2, "lastBuildDate", date_822(w->options.updated, date));
    feed_said(w, link);
    out_f(o, "  <generator>Winnow %s</generator>\n", WINNOW_VERSION);
    out_s(o, "  <docs>https://www.rssboard.org/rss-specification</docs>\n");
    if (!absent(self)) {
        out_s(o, "  <atom:link rel=\"self\" type=\"application/rss+xml\"");
        xml_pair(o, "href", self);
        out_s(o, "/>\n");
    }
}

static void people(struct writer *w, const struct view *v)
{
    int authors = 0;
    for (size_t i = 0; i < v->item->n_people; i++) {
        const struct person *p = &v->item->people[i];
        wn_str name = absent(p->name) ? absent(p->email) ? p->uri : p->email : p->name;
        xml_element(&w->out, 4, p->contributor ? "dc:contributor" : "dc:creator", str_trim(name));
        authors += !p->contributor && !absent(name);
    }
    if (!authors)
        xml_element(&w->out, 4, "dc:creator", v->author);
}

static void categories(struct writer *w, const struct view *v)
{
    for (size_t i = 0; i < v->n_labels; i++) {
        if (!absent(v->labels[i].id)) {
            out_s(&w->out, "    <category domain=\"" MEDTOP_SCHEME "\">" MEDTOP_PREFIX);
            xml_text(&w->out, v->labels[i].id);
            out_s(&w->out, "</category>\n");
        }
        category(w, v->labels[i].text, str_of(NULL, 0));
    }
    for (size_t i = 0; i < v->item->n_categories; i++) {
        const struct category *c = &v->item->categories[i];
        if (!view_said_category(v, i))
            category(w, absent(c->term) ? c->label : c->term, c->scheme);
    }
}

/* Returns how many files there are up to the enclosure, and writes it if told to. The specification
 * means one an item, so the first file is it and ext_media has the others. */
static size_t enclosure(struct writer *w, const struct item *item, int write)
{
    for (size_t i = 0, files = 0; i < item->n_enclosures; i++) {
        const struct enclosure *e = &item->enclosures[i];
        if (e->kind != ENCLOSURE_FILE)
            continue;
        wn_str url = view_url(w, e->url, 1);
        files++;
        if (absent(url))
            continue;
        if (!write)
            return files;
        out_s(&w->out, "    <enclosure");
        xml_pair(&w->out, "url", url);
        /* All three attributes are required; 0 is the profile's word for an unknown length. */
        out_f(&w->out, " length=\"%lld\"", e->length < 0 ? 0 : (long long)e->length);
        xml_pair(&w->out, "type", media_type(e->type, url, "application/octet-stream"));
        out_s(&w->out, "/>\n");
        return files;
    }
    return 0;
}

static void related(struct writer *w, wn_str href, wn_str lang, wn_str title)
{
    out_s(&w->out, "    <atom:link rel=\"related\"");
    xml_pair(&w->out, "href", href);
    xml_pair(&w->out, "hreflang", lang);
    xml_pair(&w->out, "title", title);
    out_s(&w->out, "/>\n");
}

static void links(struct writer *w, const struct view *v)
{
    for (size_t i = 0; i < v->n_related; i++)
        related(w, v->related[i].href, v->related[i].lang, v->related[i].title);
    for (size_t i = 0; i < v->item->n_links; i++) {
        const struct link *l = &v->item->links[i];
        int known = !(absent(l->rel) || str_eqz(l->rel, "related") ||
                      str_eqz(l->rel, "alternate") || str_eqz(l->rel, "via"));
        wn_str href = known ? str_of(NULL, 0) : view_url(w, l->href, 0);
        known |= absent(href) || str_eq(href, v->link);
        for (size_t k = 0; k < v->n_related && !known; k++)
            known = str_eq(v->related[k].href, href);
        char tag[64];
        if (!known)
            related(w, href, tag_clean(l->hreflang, tag), l->title);
    }
}

static void body(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    int both = !absent(v->summary);
    if (both) {
        out_s(o, "    <description>");
        xml_text(o, v->summary);
        out_s(o, "</description>\n");
    } else if (absent(v->body) && absent(v->also_html)) {
        return;
    }
    out_s(o, both ? "    <content:encoded>" : "    <description>");
    xml_text(o, v->body);
    xml_text(o, v->also_html);
    out_s(o, both ? "</content:encoded>\n" : "</description>\n");
}

static void entry(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    char date[40];
    out_s(o, "  <item>\n");
    /* One of title and description is required; made-up titles only help where neither stands. */
    if (!v->title_made_up || (absent(v->body) && absent(v->also_html)))
        xml_element(o, 4, "title", v->title);
    xml_element(o, 4, "link", v->link);
    out_f(o, "    <guid isPermaLink=\"%s\">", v->guid_is_permalink ? "true" : "false");
    xml_text(o, v->guid);
    out_s(o, "</guid>\n");
    if (v->published != TIME_ABSENT)
        xml_element(o, 4, "pubDate", date_822(v->published, date));
    people(w, v);
    xml_element(o, 4, "dc:language", v->lang);
    xml_element(o, 4, "dc:rights", str_trim(v->item->rights));
    categories(w, v);
    if (!absent(v->source_name)) {
        out_s(o, "    <source");
        xml_pair(o, "url", absent(v->source_url) ? v->source_id : v->source_url);
        out_s(o, ">");
        xml_text(o, v->source_name);
        out_s(o, "</source>\n");
    }
    xml_element(o, 4, "comments", view_url(w, v->item->comments, 0));
    body(w, v);
    links(w, v);
    ext_media(w, v->item, enclosure(w, v->item, 0));
    ext_write(w, v->item);
    enclosure(w, v->item, 1); /* last: newsboat plays the last of all media */
    out_s(o, "  </item>\n");
}

static void tail(struct writer *w)
{
    out_s(&w->out, "</channel>\n</rss>\n");
}

const struct spelling spelling_rss = {head, entry, tail};
