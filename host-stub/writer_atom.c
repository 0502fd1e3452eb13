/* SPDX-License-Identifier: Apache-2.0 */
/* Atom 1.0: RFC 4287; rel="enclosure", "related", "via": section 4.2.7.2; threading links: RFC
 * 4685. */
#include <string.h>

#include "writer_view.h"

static void person(struct writer *w, const char *element, wn_str name, wn_str uri, wn_str email)
{
    struct out *o = &w->out;
    uri = view_url(w, uri, 0);
    if (absent(name))
        name = absent(email) ? uri : email;
    if (absent(name))
        return;
    out_f(o, "    <%s>\n", element);
    xml_element(o, 6, "name", name);
    xml_element(o, 6, "uri", uri);
    if (email.len > 2 && memchr(email.ptr + 1, '@', email.len - 2)) /* ".+@.+" */
        xml_element(o, 6, "email", email);
    out_f(o, "    </%s>\n", element);
}

static void category(struct writer *w, wn_str term, wn_str scheme, wn_str label)
{
    if (absent(term))
        return;
    out_s(&w->out, "    <category");
    xml_pair(&w->out, "term", term);
    if (iri_valid(scheme)) /* section 4.2.2.2: an IRI */
        xml_pair(&w->out, "scheme", scheme);
    xml_pair(&w->out, "label", label);
    out_s(&w->out, "/>\n");
}

/* What `winnow filter` was given of the feed besides its items. */
static void feed_said(struct writer *w)
{
    const struct feed_info *f = w->options.feed;
    if (!f)
        return;
    wn_str icon = view_url(w, f->icon, 0), logo = view_url(w, f->image, 0);
    xml_element(&w->out, 2, "icon", icon);
    xml_element(&w->out, 2, "logo", logo);
    xml_element(&w->out, 2, "rights", str_trim(f->rights));
    for (size_t i = 0; i < f->n_people; i++)
        person(w, f->people[i].contributor ? "contributor" : "author", str_trim(f->people[i].name),
               f->people[i].uri, str_trim(f->people[i].email));
    for (size_t i = 0; i < f->n_categories; i++) {
        const struct category *c = &f->categories[i];
        category(w, absent(c->term) ? c->label : c->term, c->scheme, c->label);
    }
}

static void head(struct writer *w)
{
    struct out *o = &w->out;
    char date[40];
    out_s(
        o,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
    ext_declare(o);
    xml_pair(o, "xml:lang", w->feed_lang);
    out_s(o, ">\n");
    int own_id = w->options.feed && !w->options.uuid && iri_valid(w->options.feed->id);
    xml_element(o, 2, "id", own_id ? w->options.feed->id : str_z(w->feed_id));
    xml_element(o, 2, "title", str_z(w->options.title));
    xml_element(o, 2, "subtitle", str_z(w->options.description));
    xml_element(o, 2, "updated", date_3339(w->options.updated, date));
    wn_str self = view_url(w, str_z(w->options.self), 0),
           link = view_url(w, str_z(w->options.link), 0);
    if (!absent(self)) {
        out_s(o, "  <link rel=\"self\" type=\"application/atom+xml\"");
        xml_pair(o, "href", self);
        out_s(o, "/>\n");
    }
    if (!absent(link)) {
        out_s(o, "  <link rel=\"alternate\"");
        xml_pair(o, "href", link);
        out_s(o, "/>\n");
    }
    feed_said(w);
    /* Section 4.1.1: who writes this document, for the entries that name nobody. */
    if (!w->options.feed || !w->options.feed->n_people) {
        out_s(o, "  <author><name>");
        xml_text(o, str_z(w->options.title));
        out_s(o, "</name></author>\n");
    }
    out_f(o, "  <generator version=\"%s\">Winnow</generator>\n", WINNOW_VERSION);
}

static void link_element(struct writer *w, const char *rel, wn_str href, wn_str type, wn_str lang,
                         wn_str title)
{
    struct out *o = &w->out;
    out_f(o, "    <link rel=\"%s\"", rel);
    xml_pair(o, "href", href);
    xml_pair(o, "type", type);
    xml_pair(o, "hreflang", lang);
    xml_pair(o, "title", title);
    out_s(o, "/>\n");
}

/* The item's own further links. */
static void own_links(struct writer *w, const struct view *v)
{
    for (size_t i = 0; i < v->item->n_links; i++) {
        const struct link *l = &v->item->links[i];
        wn_str href, none = {NULL, 0};
        const char *rel = view_own_link(w, v, i, &href);
        char tag[64];
        if (rel)
            link_element(w, rel, href, media_type(l->type, none, ""), tag_clean(l->hreflang, tag),
                         l->title);
    }
}

static void links(struct writer *w, const struct view *v)
{
    wn_str none = {NULL, 0};
    const struct item *item = v->item;
    if (!absent(v->link))
        link_element(w, "alternate", v->link, none, v->lang, none);
    for (size_t i = 0; i < v->n_related; i++)
        link_element(w, "related", v->related[i].href, none, v->related[i].lang,
                     v->related[i].title);
    own_links(w, v);
    wn_str comments = view_url(w, item->comments, 0);
    if (!absent(comments))
        link_element(w, "replies", comments, str_z("text/html"), none, none);
    for (size_t i = 0; i < item->n_enclosures; i++) {
        const struct enclosure *e = &item->enclosures[i];
        wn_str url = e->kind == ENCLOSURE_FILE ? view_url(w, e->url, 1) : none;
        if (absent(url))
            continue;
        out_s(&w->out, "    <link rel=\"enclosure\"");
        xml_pair(&w->out, "href", url);
        xml_pair(&w->out, "type", media_type(e->type, url, ""));
        if (e->length >= 0)
            out_f(&w->out, " length=\"%lld\"", (long long)e->length);
        xml_pair(&w->out, "title", e->title);
        out_s(&w->out, "/>\n");
    }
}

static void people(struct writer *w, const struct view *v)
{
    const struct item *item = v->item;
    int authors = 0;
    for (size_t i = 0; i < item->n_people; i++) {
        const struct person *p = &item->people[i];
        authors += !p->contributor && !(absent(p->name) && absent(p->email) && absent(p->uri));
    }
    if (!authors)
        person(w, "author", v->author, str_of(NULL, 0), str_of(NULL, 0));
    for (size_t i = 0; i < item->n_people; i++) {
        const struct person *p = &item->people[i];
        person(w, p->contributor ? "contributor" : "author", str_trim(p->name), p->uri,
               str_trim(p->email));
    }
}

static void categories(struct writer *w, const struct view *v)
{
    for (size_t i = 0; i < v->n_labels; i++) {
        if (!absent(v->labels[i].id)) {
            out_s(&w->out, "    <category term=\"" MEDTOP_PREFIX);
            xml_attr(&w->out, v->labels[i].id);
            out_s(&w->out, "\" scheme=\"" MEDTOP_SCHEME "\"");
            xml_pair(&w->out, "label", v->labels[i].text);
            out_s(&w->out, "/>\n");
        }
        category(w, v->labels[i].text, str_of(NULL, 0), str_of(NULL, 0));
    }
    for (size_t i = 0; i < v->item->n_categories; i++) {
        const struct category *c = &v->item->categories[i];
        if (!view_said_category(v, i))
            category(w, absent(c->term) ? c->label : c->term, c->scheme, c->label);
    }
}

/* Section 4.2.11. No rel="alternate" in it: readers that don't look at nesting would take it for
 * the entry's. */
static void source(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    char date[40];
    if (absent(v->source_name))
        return;
    out_s(o, "    <source>\n");
    xml_element(o, 6, "id", v->source_id);
    xml_element(o, 6, "title", v->source_name);
    xml_element(o, 6, "updated", date_3339(v->updated, date));
    if (v->source_is_feed) {
        out_s(o, "      <link rel=\"self\"");
        xml_pair(o, "href", v->source_id);
        out_s(o, "/>\n");
    }
    out_s(o, "    </source>\n");
}

static void entry(struct writer *w, const struct view *v)
{
    struct out *o = &w->out;
    char date[40];
    out_s(o, "  <entry");
    xml_pair(o, "xml:lang", v->lang);
    out_s(o, ">\n");
    xml_element(o, 4, "id", v->id);
    xml_element(o, 4, "title", v->title);
    links(w, v);
    if (v->published != TIME_ABSENT)
        xml_element(o, 4, "published", date_3339(v->published, date));
    xml_element(o, 4, "updated", date_3339(v->updated, date));
    people(w, v);
    categories(w, v);
    xml_element(o, 4, "rights", str_trim(v->item->rights));
    if (!absent(v->summary)) {
        out_s(o, "    <summary type=\"html\">");
        xml_text(o, v->summary);
        out_s(o, "</summary>\n");
    }
    /* An entry without content needs an alternate link (section 4.1.2): an empty one needs nothing.
     */
    if (!absent(v->body) || !absent(v->also_html) || absent(v->link)) {
        out_s(o, "    <content type=\"html\">");
        xml_text(o, v->body);
        xml_text(o, v->also_html);
        out_s(o, "</content>\n");
    }
    ext_media(w, v->item, SIZE_MAX);
    ext_write(w, v->item);
    source(w, v);
    out_s(o, "  </entry>\n");
}

static void tail(struct writer *w)
{
    out_s(&w->out, "</feed>\n");
}

const struct spelling spelling_atom = {head, entry, tail};
