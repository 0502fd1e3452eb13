/* SPDX-License-Identifier: Apache-2.0 */
#include "feed_json.h"

#include <string.h>

#include "date.h"
#include "json_text.h"

/* ,"name":"value" unless absent; the comma only behind something. */
static void member(struct buf *out, const char *name)
{
    char last = out->n ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[')
        buf_addc(out, ',');
    buf_addc(out, '"');
    buf_adds(out, name);
    buf_add(out, "\":", 2);
}

static void member_str(struct buf *out, const char *name, wn_str s)
{
    if (!s.ptr || !s.len)
        return;
    member(out, name);
    buf_json_string(out, s);
}

static void member_time(struct buf *out, const char *name, int64_t seconds)
{
    char text[32];
    if (seconds == TIME_ABSENT)
        return;
    date_format(seconds, text);
    member_str(out, name, str_z(text));
}

static void member_int(struct buf *out, const char *name, int64_t n)
{
    member(out, name);
    buf_addf(out, "%lld", (long long)n);
}

/* The three for names that are promised: null stands where there is nothing. */
static void always_str(struct buf *out, const char *name, wn_str s)
{
    member(out, name);
    if (s.ptr && s.len)
        buf_json_string(out, s);
    else
        buf_add(out, "null", 4);
}

static void always_time(struct buf *out, const char *name, int64_t seconds)
{
    char text[32];
    if (seconds != TIME_ABSENT)
        date_format(seconds, text);
    always_str(out, name, seconds == TIME_ABSENT ? str_of(NULL, 0) : str_z(text));
}

static void always_int(struct buf *out, const char *name, int64_t n)
{
    if (n >= 0)
        member_int(out, name, n);
    else
        always_str(out, name, str_of(NULL, 0));
}

static void next(struct buf *out, size_t i)
{
    if (i)
        buf_addc(out, ',');
}

/* "authors": names alone; "people": all that is known of them. */
static void add_people(struct buf *out, const struct person *people, size_t n)
{
    size_t told = 0;
    member(out, "authors");
    buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &people[i];
        if (p->contributor)
            continue;
        next(out, told++);
        buf_json_string(out, p->name.len    ? p->name
                             : p->email.len ? p->email
                             : p->uri.ptr   ? p->uri
                                            : str_z(""));
    }
    buf_addc(out, ']');
    if (!n)
        return;
    member(out, "people");
    buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        next(out, i);
        buf_addc(out, '{');
        member_str(out, "name", people[i].name);
        member_str(out, "email", people[i].email);
        member_str(out, "uri", people[i].uri);
        if (people[i].contributor)
            member_str(out, "role", str_z("contributor"));
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

static void add_categories(struct buf *out, const struct category *c, size_t n)
{
    member(out, "categories");
    buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        next(out, i);
        buf_addc(out, '{');
        always_str(out, "term", c[i].term);
        always_str(out, "scheme", c[i].scheme);
        always_str(out, "label", c[i].label);
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

static void add_enclosure(struct buf *out, const struct enclosure *e)
{
    static const char *const kinds[] = {NULL, "media", "thumbnail", "image"};
    buf_addc(out, '{');
    always_str(out, "url", e->url);
    always_str(out, "type", e->type);
    always_int(out, "length", e->length);
    if (e->duration >= 0)
        member_int(out, "duration", e->duration);
    if (e->width > 0)
        member_int(out, "width", e->width);
    if (e->height > 0)
        member_int(out, "height", e->height);
    member_str(out, "title", e->title);
    if (e->kind > 0 && e->kind <= ENCLOSURE_IMAGE)
        member_str(out, "kind", str_z(kinds[e->kind]));
    buf_addc(out, '}');
}

/* What is to be downloaded first, pictures of it last. */
static void add_enclosures(struct buf *out, const struct item *item)
{
    size_t told = 0;
    member(out, "enclosures");
    buf_addc(out, '[');
    for (int kind = 0; kind <= ENCLOSURE_IMAGE; kind++)
        for (size_t i = 0; i < item->n_enclosures; i++)
            if (item->enclosures[i].kind == kind) {
                next(out, told++);
                add_enclosure(out, &item->enclosures[i]);
            }
    buf_addc(out, ']');
}

static void add_links(struct buf *out, const struct link *l, size_t n)
{
    if (!n)
        return;
    member(out, "links");
    buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        next(out, i);
        buf_addc(out, '{');
        member_str(out, "href", l[i].href);
        member_str(out, "rel", l[i].rel);
        member_str(out, "type", l[i].type);
        member_str(out, "hreflang", l[i].hreflang);
        member_str(out, "title", l[i].title);
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

static void add_attrs(struct buf *out, wn_str attrs)
{
    const char *p = attrs.ptr, *end = p ? p + attrs.len : p;
    if (p == end)
        return;
    member(out, "attributes");
    buf_addc(out, '{');
    for (size_t i = 0; p < end; i++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
        const char *tab = memchr(p, '\t', (size_t)(stop - p));
        if (!tab)
            tab = stop;
        next(out, i);
        buf_json_string(out, str_of(p, (size_t)(tab - p)));
        buf_addc(out, ':');
        buf_json_string(out,
                        tab < stop ? str_of(tab + 1, (size_t)(stop - tab - 1)) : str_of("", 0));
        p = nl ? nl + 1 : end;
    }
    buf_addc(out, '}');
}

static void add_extensions(struct buf *out, const struct item *item)
{
    if (!item->n_extensions)
        return;
    member(out, "extensions");
    buf_addc(out, '[');
    for (size_t i = 0; i < item->n_extensions; i++) {
        const struct extension *e = &item->extensions[i];
        next(out, i);
        buf_addc(out, '{');
        member_str(out, "namespace", e->ns);
        member_str(out, "name", e->name);
        if (e->depth)
            member_int(out, "depth", e->depth);
        add_attrs(out, e->attrs);
        member_str(out, "text", e->text);
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

int feed_json_item(struct buf *out, const struct item *item)
{
    buf_addc(out, '{');
    always_str(out, "guid", item->guid);
    always_str(out, "link", item->link);
    always_str(out, "title", item->title);
    always_str(out, "summary", item->summary);
    always_str(out, "content", item->content);
    add_people(out, item->people, item->n_people);
    always_time(out, "published", item->published);
    always_time(out, "updated", item->updated);
    always_str(out, "language", item->lang);
    add_categories(out, item->categories, item->n_categories);
    add_enclosures(out, item);
    add_links(out, item->links, item->n_links);
    member_str(out, "comments", item->comments);
    member_str(out, "rights", item->rights);
    if (item->source_title.len || item->source_url.len) {
        member(out, "source");
        buf_addc(out, '{');
        member_str(out, "title", item->source_title);
        member_str(out, "url", item->source_url);
        buf_addc(out, '}');
    }
    add_extensions(out, item);
    return buf_addc(out, '}');
}

int feed_json_feed(struct buf *out, const struct feed_info *f)
{
    buf_addc(out, '{');
    always_str(out, "title", f->title);
    always_str(out, "link", f->link);
    always_str(out, "description", f->description);
    always_str(out, "language", f->language);
    member_time(out, "published", f->published);
    always_time(out, "updated", f->updated);
    member_str(out, "id", f->id);
    member_str(out, "self", f->self);
    member_str(out, "hub", f->hub);
    member_str(out, "rights", f->rights);
    member_str(out, "generator", f->generator);
    member_str(out, "image", f->image);
    member_str(out, "icon", f->icon);
    if (f->ttl >= 0)
        member_int(out, "ttl", f->ttl);
    add_people(out, f->people, f->n_people);
    add_categories(out, f->categories, f->n_categories);
    add_links(out, f->links, f->n_links);
    return buf_addc(out, '}');
}

int feed_json_warnings(struct buf *out, const struct document *doc)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < doc->n_warnings; i++) {
        next(out, i);
        buf_json_string(out, doc->warnings[i]);
    }
    if (doc->n_more_warnings) {
        next(out, doc->n_warnings);
        buf_addf(out, "\"and %zu more\"", doc->n_more_warnings);
    }
    return buf_addc(out, ']');
}
