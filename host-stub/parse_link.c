/* SPDX-License-Identifier: Apache-2.0 */
/* Links, ids, sources, categories and what else takes more than its text. */
#include <string.h>
#include <strings.h>

#include "date.h"
#include "parse_feed.h"
#include "parse_text.h"
#include "parse_url.h"
#include "status.h"

static struct link *add_link(struct feed_parser *p)
{
    struct feed_info *f = &p->doc->feed;
    return p->item
               ? item_add_link(p->item)
               : arena_grow(&p->doc->arena, &f->links, &f->n_links, sizeof *f->links, LIMIT_LINKS);
}

/* ---- links ---- */

/* How good a link is as the one alternate: the smaller the better, 0 is none. */
static int alternate_rank(const struct link *l)
{
    if (!text_is(l->rel, "alternate"))
        return 0;
    if (text_begins(l->type, "text/html") || text_begins(l->type, "application/xhtml"))
        return 2; /* 1 is the text of RSS's <link> */
    return !l->type.len ? 3 : text_begins(l->type, "text/") ? 4 : 5;
}

static void take_link(struct feed_parser *p, struct link l, int64_t length)
{
    struct feed_info *f = &p->doc->feed;
    if (!l.rel.len)
        l.rel = arena_str(level_arena(p), "alternate", 9);
    int rank = alternate_rank(&l);
    if (p->item && text_is(l.rel, "enclosure")) {
        struct enclosure *e = item_add_enclosure(p->item);
        if (e) {
            e->url = l.href;
            e->type = l.type;
            e->title = l.title;
            e->length = length;
        }
        return;
    }
    struct link *to = add_link(p);
    if (to)
        *to = l;
    if (rank)
        store(p, F_LINK, rank, l.href);
    if (!p->item && text_is(l.rel, "self") && !f->self.ptr)
        f->self = l.href;
    if (!p->item && text_is(l.rel, "hub") && !f->hub.ptr)
        f->hub = l.href;
    if (!p->item && text_is(l.rel, "icon"))
        store(p, F_ICON, 3, l.href);
}

void link_start(struct feed_parser *p)
{
    struct link l = {.href = attr_url(p, "href")};
    const struct xml_attr *empty = l.href.len ? NULL : xml_attr_find(&p->xml, NULL, "href");
    if (empty && !str_trim(empty->raw).len && scope_now(p)->own_base)
        l.href = scope_now(p)->base; /* the empty reference is the document itself */
    if (!l.href.len)                 /* RSS 1.0 by the letter of its RDF */
        l.href = take_url(p, attr_text(p, "rdf", "resource"));
    l.rel = attr_text(p, NULL, "rel");
    l.type = attr_text(p, NULL, "type");
    l.hreflang = attr_text(p, NULL, "hreflang");
    l.title = attr_text(p, NULL, "title");
    static const char iana[] = "http://www.iana.org/assignments/relation/";
    if (text_begins(l.rel, iana))
        l.rel = str_of(l.rel.ptr + sizeof iana - 1, l.rel.len - (sizeof iana - 1));
    p->link = l;
    if (!l.href.len)
        return;
    p->collect.depth = 0;
    if (scope_now(p)[-1].context == C_SOURCE)
        store(p, F_SOURCE_URL,
              text_is(l.rel, "self")                      ? 1
              : text_is(l.rel, "alternate") || !l.rel.len ? 2
                                                          : 3,
              l.href);
    else
        take_link(p, l, attr_number(p, "length"));
}

void link_end(struct feed_parser *p, wn_str text)
{
    text = str_trim(text);
    wn_str url = text.len ? take_url(p, text) : text;
    if (!url.len)
        return;
    if (scope_now(p)[-1].context == C_SOURCE) {
        store(p, F_SOURCE_URL, 2, url);
        return;
    }
    wn_str link = p->item ? p->item->link : p->doc->feed.link;
    struct link l = p->link;
    l.href = url;
    /* Of several the first is the link, as in most parsers; the others stay as links. */
    if ((l.rel.len && !text_is(l.rel, "alternate")) ||
        (link.len && p->rank[p->item != NULL][F_LINK] == 1 && !str_eq(link, url)))
        take_link(p, l, -1);
    else
        store(p, F_LINK, 1, url);
}

void guid_start(struct feed_parser *p)
{
    wn_str is_permalink = attr_text(p, NULL, "ispermalink");
    p->item->guid_is_permalink = !text_is(is_permalink, "false");
}

/* ---- categories ---- */

static void add_category(struct feed_parser *p, wn_str term, wn_str scheme, wn_str label)
{
    struct category *list = p->item ? p->item->categories : p->doc->feed.categories;
    size_t n = p->item ? p->item->n_categories : p->doc->feed.n_categories;
    /* Feeds repeat categories by several elements; lists are short, but not in an attack. */
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].term, term) && str_eq(list[i].scheme, scheme) &&
            str_eq(list[i].label, label))
            return;
    struct category *c = p->item
                             ? item_add_category(p->item)
                             : arena_grow(&p->doc->arena, &p->doc->feed.categories,
                                          &p->doc->feed.n_categories, sizeof *c, LIMIT_CATEGORIES);
    if (c)
        *c = (struct category){term, scheme, label};
}

static wn_str line(struct feed_parser *p, wn_str text)
{
    struct buf b;
    wn_str result = str_of(NULL, 0);
    buf_init(&b, 4 * LIMIT_TITLE);
    if (text.len <= LIMIT_TITLE && !text_line(&b, text.ptr, text.len, TEXT_GUESSED) && b.n)
        result = arena_str(level_arena(p), b.p, b.n);
    buf_finish(&b);
    return result;
}

/* What media:category's scheme is where it says none. */
static const char media_scheme[] = "http://search.yahoo.com/mrss/category_schema";

void category_start(struct feed_parser *p)
{
    p->category[0] = attr_text(p, NULL, "term");
    wn_str scheme = attr_text(p, NULL, "scheme");
    p->category[1] = scheme.ptr ? scheme : attr_text(p, NULL, "domain");
    p->category[2] = attr_text(p, NULL, "label");
    if (p->xml.ns == NS_MEDIA && !p->category[1].ptr)
        p->category[1] = arena_str(level_arena(p), media_scheme, sizeof media_scheme - 1);
}

void category_end(struct feed_parser *p, wn_str text)
{
    wn_str term = line(p, text);
    if (p->category[0].len) /* Atom: the term is an attribute, a text is at best its label */
        term = p->category[0];
    if (!term.len)
        term = p->category[2];
    if (term.len)
        add_category(p, term, p->category[1], p->category[2]);
}

/* Made up, but common: <tags>one, two</tags>. */
void tags_end(struct feed_parser *p, wn_str text)
{
    const char *s = text.ptr, *end = s + text.len;
    while (s < end && text.len <= LIMIT_TITLE) {
        const char *comma = memchr(s, ',', (size_t)(end - s));
        subject_end(p, str_of(s, (size_t)((comma ? comma : end) - s)));
        s = comma ? comma + 1 : end;
    }
}

void subject_end(struct feed_parser *p, wn_str text)
{
    wn_str term = line(p, text);
    if (term.len)
        add_category(p, term, str_of(NULL, 0), str_of(NULL, 0));
}

void itunes_category_start(struct feed_parser *p)
{
    static const char scheme[] = "http://www.itunes.com/";
    wn_str term = attr_text(p, NULL, "text");
    /* Its children are categories, and its siblings' contexts are those of the feed. */
    scope_now(p)->context = scope_now(p)[-1].context;
    if (term.len)
        add_category(p, term, arena_str(level_arena(p), scheme, sizeof scheme - 1),
                     str_of(NULL, 0));
}

/* iTunes keywords: separated by commas, or by blanks where there is no comma. */
void keywords_end(struct feed_parser *p, wn_str text)
{
    static const char scheme[] = "http://www.itunes.com/";
    if (!text.len || text.len > LIMIT_TITLE)
        return;
    char separator = memchr(text.ptr, ',', text.len) ? ',' : ' ';
    const char *s = text.ptr, *end = s + text.len;
    while (s < end) {
        const char *q = s;
        while (q < end && *q != separator && !(separator == ' ' && (*q == '\n' || *q == '\t')))
            q++;
        wn_str word = line(p, str_of(s, (size_t)(q - s)));
        if (word.len)
            add_category(p, word, arena_str(level_arena(p), scheme, sizeof scheme - 1),
                         str_of(NULL, 0));
        s = q + 1;
    }
}

/* ---- sources ---- */

void source_start(struct feed_parser *p)
{
    wn_str url = attr_url(p, "url");
    if (url.len)
        store(p, F_SOURCE_URL, 1, url);
}

void source_end(struct feed_parser *p, wn_str text)
{
    wn_str title = line(p, text);
    if (title.len)
        store(p, F_SOURCE_TITLE, 2, title);
}

/* ---- the feed's rhythm ---- */

static int64_t number(wn_str text)
{
    int64_t n = 0;
    text = str_trim(text);
    if (!text.len || text.len > 9)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        n = n * 10 + (text.ptr[i] - '0');
    }
    return n;
}

void ttl_end(struct feed_parser *p, wn_str text)
{
    int64_t minutes = number(text);
    if (minutes > 0)
        p->doc->feed.ttl = minutes * 60;
}

void period_end(struct feed_parser *p, wn_str text)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } periods[] = {{"hourly", 3600},
                   {"daily", 86400},
                   {"weekly", 604800},
                   {"monthly", 2592000},
                   {"yearly", 31536000}};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (text_is(str_trim(text), periods[i].name))
            p->period = periods[i].seconds;
}

void frequency_end(struct feed_parser *p, wn_str text)
{
    p->frequency = number(text);
}

void hour_end(struct feed_parser *p, wn_str text)
{
    int64_t hour = number(text);
    if (hour >= 0 && hour <= 24)
        p->doc->feed.skip_hours |= 1u << hour % 24;
}

void day_end(struct feed_parser *p, wn_str text)
{
    static const char *const days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};
    for (unsigned d = 0; d < 7; d++)
        if (text_is(str_trim(text), days[d]))
            p->doc->feed.skip_days |= 1u << d;
}

/* ---- attributes of items and channels themselves ---- */

void cdf_start(struct feed_parser *p)
{
    if (!p->xml.n_attrs)
        return;
    wn_str href = attr_url(p, "href"), about = attr_text(p, "rdf", "about"), lastmod;
    if (href.len)
        store(p, F_LINK, 7, href);
    if (about.len && p->item) {
        store(p, F_GUID, 6, about);
        store(p, F_LINK, 9, take_url(p, about));
    }
    int64_t when;
    lastmod = attr_text(p, NULL, "lastmod");
    if (lastmod.len && date_parse(lastmod, &when) == OK)
        *(p->item ? &p->item->updated : &p->doc->feed.updated) = when;
}

static void drop_link(struct item *item, wn_str href)
{
    for (size_t i = 0; i < item->n_links; i++)
        if (text_is(item->links[i].rel, "alternate") && str_eq(item->links[i].href, href)) {
            memmove(&item->links[i], &item->links[i + 1],
                    (item->n_links - i - 1) * sizeof *item->links);
            item->n_links--;
            return;
        }
}

void item_finish_fields(struct feed_parser *p)
{
    struct item *item = p->item;
    wn_str guid = item->guid;
    int url = text_begins(guid, "http://") || text_begins(guid, "https://");
    item->guid_is_permalink = item->guid_is_permalink && url;
    if (!item->link.ptr && item->guid_is_permalink)
        store(p, F_LINK, 10, take_url(p, guid));
    if (item->link.ptr)
        drop_link(item, item->link);
    media_finish(p);
    const struct scope *s = &p->scopes[p->item_depth];
    if (s->lang.ptr)
        store(p, F_LANG, 10, s->lang);
    if (s->base.ptr)
        item->base = item_str(item, s->base);
}

void feed_finish_fields(struct feed_parser *p)
{
    struct feed_info *f = &p->doc->feed;
    if (f->ttl < 0 && p->period > 0)
        f->ttl = p->period / (p->frequency > 0 ? p->frequency : 1);
    if (!f->n_people && (p->web_master.name.len || p->web_master.email.len))
        add_person(p, p->web_master);
    if (p->root_lang.len)
        store(p, F_LANG, 8, p->root_lang);
}
