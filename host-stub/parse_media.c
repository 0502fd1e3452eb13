/* SPDX-License-Identifier: Apache-2.0 */
/* Content constructs, enclosures, media, images, and elements that travel through. */
#include <string.h>
#include <strings.h>

#include "encoding.h"
#include "parse_feed.h"
#include "parse_text.h"
#include "parse_url.h"

static int ends(wn_str s, const char *z)
{
    size_t n = strlen(z);
    return s.len >= n && strncasecmp(s.ptr + s.len - n, z, n) == 0;
}

static struct enclosure *add_enclosure(struct feed_parser *p, int kind, wn_str url)
{
    if (!p->item || !url.len)
        return NULL;
    for (size_t i = 0; i < p->item->n_enclosures; i++)
        if (p->item->enclosures[i].kind == kind && str_eq(p->item->enclosures[i].url, url))
            return &p->item->enclosures[i];
    struct enclosure *e = item_add_enclosure(p->item);
    if (e) {
        e->url = url;
        e->kind = kind;
    }
    return e;
}

/* ---- text constructs, RFC 4287 section 3.1 and 4.1.3, and Atom 0.3's modes ---- */

static void content_elsewhere(struct feed_parser *p, wn_str type)
{
    wn_str src = attr_url(p, "src");
    if (!src.len || !p->item)
        return;
    if (text_begins(type, "text/html") || text_is(type, "html") || text_is(type, "xhtml")) {
        store(p, F_LINK, 8, src);
    } else {
        struct enclosure *e = add_enclosure(p, ENCLOSURE_FILE, src);
        if (e)
            e->type = type;
    }
}

void content_start(struct feed_parser *p)
{
    struct collect *c = &p->collect;
    struct xml *x = &p->xml;
    wn_str type = str_of(NULL, 0), mode = type;
    if (x->n_attrs) {
        type = attr_text(p, NULL, "type");
        mode = attr_text(p, NULL, "mode");
        if (scope_now(p)->element->field == F_CONTENT)
            content_elsewhere(p, type);
    }
    int format = p->doc->feed.format;
    int atom = format == FORMAT_ATOM1 || format == FORMAT_ATOM03 || x->ns == NS_ATOM;
    if (x->ns == NS_XHTML) {
        c->mode = COLLECT_XHTML;
    } else if (!type.len) {
        if (!atom)
            return; /* RSS: who knows */
        c->mode = text_is(mode, "escaped") ? COLLECT_HTML : COLLECT_SWITCH;
        c->html = text_is(mode, "escaped");
    } else if (text_is(type, "xhtml") || text_begins(type, "application/xhtml")) {
        c->mode = text_is(mode, "escaped") ? COLLECT_HTML : COLLECT_XHTML;
        c->xhtml = c->declared = 1;
    } else if (text_is(type, "html") || text_begins(type, "text/html")) {
        c->mode = text_is(mode, "xml") ? COLLECT_XHTML : COLLECT_HTML;
        c->declared = 1;
    } else if (text_is(type, "text") || text_begins(type, "text/")) {
        if (!atom && !text_begins(type, "text/plain"))
            return;
        c->mode = COLLECT_SWITCH;
        c->html = 0;
    } else if (ends(type, "/xml") || ends(type, "+xml")) {
        c->mode = text_is(mode, "escaped") ? COLLECT_HTML : COLLECT_XHTML;
    } else if (memchr(type.ptr, '/', type.len) && atom && !mode.len) {
        c->base64 = 1;
        c->mode = COLLECT_TEXT;
    }
    if (text_is(mode, "base64")) {
        c->base64 = 2;
        c->mode = COLLECT_TEXT;
    }
}

/* ---- enclosures and media ---- */

void enclosure_start(struct feed_parser *p)
{
    wn_str url = attr_url(p, "url");
    if (!url.len)
        url = attr_url(p, "href");
    if (!url.len) /* RSS 1.0's module mod_enclosure */
        url = take_url(p, attr_text(p, "rdf", "resource"));
    struct enclosure *e = add_enclosure(p, ENCLOSURE_FILE, url);
    if (!e)
        return;
    wn_str type = attr_text(p, NULL, "type"), title = attr_text(p, NULL, "title");
    int64_t length = attr_number(p, "length");
    if (type.len)
        e->type = type;
    if (title.len)
        e->title = title;
    if (length >= 0)
        e->length = length;
}

static void size_attrs(struct feed_parser *p, struct enclosure *e)
{
    int64_t width = attr_number(p, "width"), height = attr_number(p, "height");
    if (width > 0 && width < 1000000)
        e->width = (int32_t)width;
    if (height > 0 && height < 1000000)
        e->height = (int32_t)height;
}

void media_content_start(struct feed_parser *p)
{
    static const char *const media[] = {"image", "video", "audio"};
    if (!p->item) {
        if (text_is(attr_text(p, NULL, "medium"), "image") ||
            text_begins(attr_text(p, NULL, "type"), "image/"))
            store(p, F_IMAGE, 6, attr_url(p, "url"));
        return;
    }
    struct enclosure *e = add_enclosure(p, ENCLOSURE_MEDIA, attr_url(p, "url"));
    if (!e)
        return;
    wn_str type = attr_text(p, NULL, "type"), medium = attr_text(p, NULL, "medium");
    if (type.len)
        e->type = type;
    for (size_t i = 0; i < 3 && !e->type.len; i++)
        if (text_is(medium, media[i]))
            e->type = str_z(i == 0 ? "image/*" : i == 1 ? "video/*" : "audio/*");
    if (e->type.len && !type.len)
        e->type = item_str(p->item, e->type);
    int64_t size = attr_number(p, "filesize");
    if (size >= 0)
        e->length = size;
    e->duration = attr_number(p, "duration");
    size_attrs(p, e);
    scope_now(p)->enclosure = (int)(e - p->item->enclosures);
}

void media_thumbnail_start(struct feed_parser *p)
{
    wn_str url = attr_url(p, "url");
    if (!p->item) {
        store(p, F_IMAGE, 5, url);
        return;
    }
    struct enclosure *e = add_enclosure(p, ENCLOSURE_THUMBNAIL, url);
    if (e)
        size_attrs(p, e);
}

void media_title_end(struct feed_parser *p, wn_str text)
{
    struct buf b;
    buf_init(&b, 4 * LIMIT_TITLE);
    if (text.len <= LIMIT_TITLE && !text_line(&b, text.ptr, text.len, TEXT_GUESSED) && b.n) {
        int i = scope_now(p)[-1].enclosure;
        wn_str title = str_of(b.p, b.n);
        if (i >= 0 && p->item && (size_t)i < p->item->n_enclosures)
            p->item->enclosures[i].title = item_str(p->item, title);
        if (p->item)
            store(p, F_TITLE, 5, title);
    }
    buf_finish(&b);
}

/* A picture's caption that is not the item's summary, since a better one is there, travels on as
 * what it was. */
void media_caption(struct feed_parser *p, wn_str text)
{
    struct item *item = p->item;
    for (size_t i = 0; i < item->n_extensions; i++)
        if (text_is(item->extensions[i].name, "description") &&
            str_eq(item->extensions[i].text, text))
            return;
    struct extension *e = item_add_extension(item);
    if (!e)
        return;
    e->ns = item_str(item, xml_ns_uri(NS_MEDIA));
    e->name = item_str(item, str_z("description"));
    e->text = item_str(item, text);
}

/* "3723", "62:03", "1:02:03", any with a fraction; -1 for anything else. */
static int64_t clock_seconds(wn_str text)
{
    int64_t total = 0, part = -1;
    int colons = 0;
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9') {
            part = (part < 0 ? 0 : part) * 10 + (c - '0');
            if (part > INT32_MAX)
                return -1;
        } else if (c == ':' && part >= 0 && colons++ < 2) {
            total = (total + part) * 60;
            part = -1;
        } else if (c == '.' && part >= 0) {
            break;
        } else {
            return -1;
        }
    }
    return part < 0 ? -1 : total + part;
}

static void drop_extension(struct item *item, size_t i)
{
    item->n_extensions--;
    memmove(&item->extensions[i], &item->extensions[i + 1],
            (item->n_extensions - i) * sizeof *item->extensions);
}

/* iTunes says how long the episode is, beside the files of it. */
static void spread_duration(struct item *item, int64_t seconds)
{
    for (size_t i = 0; i < item->n_enclosures; i++) {
        struct enclosure *e = &item->enclosures[i];
        int plays =
            !e->type.len || text_begins(e->type, "audio/") || text_begins(e->type, "video/");
        if (e->kind == ENCLOSURE_FILE && e->duration < 0 && plays)
            e->duration = seconds;
    }
}

void media_finish(struct feed_parser *p)
{
    struct item *item = p->item;
    if (item->content.len && p->rank[1][F_SUMMARY] == RANK_CAPTION) {
        media_caption(p, item->summary);
        item->summary = str_of(NULL, 0);
    }
    for (size_t i = item->n_extensions; i-- > 0;) {
        const struct extension *e = &item->extensions[i];
        if (text_is(e->name, "duration") && str_eq(e->ns, xml_ns_uri(NS_ITUNES)))
            spread_duration(item, clock_seconds(e->text));
        else if (text_is(e->name, "description") && str_eq(e->ns, xml_ns_uri(NS_MEDIA)) &&
                 (str_eq(e->text, item->summary) || str_eq(e->text, item->content)))
            drop_extension(item, i);
    }
}

static void take_image(struct feed_parser *p, wn_str url, int rank)
{
    if (p->item)
        add_enclosure(p, ENCLOSURE_IMAGE, url);
    else if (url.len)
        store(p, F_IMAGE, rank, url);
}

void itunes_image_start(struct feed_parser *p)
{
    wn_str url = attr_url(p, "href");
    if (!url.len)
        url = attr_url(p, "url");
    /* itunes:link is any link: only its images are ours. */
    if (text_is(p->xml.name, "link") && !text_is(attr_text(p, NULL, "rel"), "image"))
        return;
    take_image(p, url, 3);
}

void image_url_end(struct feed_parser *p, wn_str text)
{
    take_image(p, take_url(p, text), 2);
}

void image_text_end(struct feed_parser *p, wn_str text)
{
    text = str_trim(text);
    if (text_begins(text, "http://") || text_begins(text, "https://"))
        take_image(p, take_url(p, text), 4);
}

/* ---- what travels through ---- */

void extension_start(struct feed_parser *p)
{
    struct xml *x = &p->xml;
    struct item *item = p->item;
    struct extension *e = item_add_extension(item);
    if (!e)
        return;
    int parent = scope_now(p)[-1].extension;
    scope_now(p)->extension = (int)(e - item->extensions);
    e->depth = parent >= 0 ? item->extensions[parent].depth + 1 : 0;
    e->ns = item_str(item, xml_ns_uri(x->ns));
    struct buf b;
    buf_init(&b, KIB(64));
    encoding_clean(&b, x->name.ptr, x->name.len > 256 ? 256 : x->name.len);
    e->name = arena_str(&item->arena, b.p ? b.p : "", b.n);
    buf_reset(&b);
    for (size_t i = 0; i < x->n_attrs && b.n < KIB(32); i++) {
        const struct xml_attr *a = &x->attrs[i];
        if (a->prefix.len || a->raw.len > LIMIT_URL)
            continue;
        char name[64];
        if (a->name.len >= sizeof name)
            continue;
        memcpy(name, a->name.ptr, a->name.len);
        name[a->name.len] = '\0';
        wn_str value = attr_text(p, NULL, name);
        if (html_url_attr(a->name) || text_is(a->name, "url"))
            value = take_url(p, value);
        if (!value.ptr)
            continue;
        encoding_clean(&b, name, strlen(name));
        buf_addc(&b, '\t');
        buf_addstr(&b, value);
        buf_addc(&b, '\n');
    }
    if (b.n)
        e->attrs = arena_str(&item->arena, b.p, b.n);
    buf_finish(&b);
}

void extension_end(struct feed_parser *p, wn_str text)
{
    int i = scope_now(p)->extension;
    text = str_trim(text);
    if (i >= 0 && p->item && (size_t)i < p->item->n_extensions && text.len)
        p->item->extensions[i].text = item_str(p->item, text);
}
