/* SPDX-License-Identifier: Apache-2.0 */
/* The feeds that a page names. Tags are found by a scan and not by building a tree: the page may be
 * hostile, and the head's links are all that is looked for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "discover.h"
#include "limits.h"
#include "parse_entity.h"
#include "parse_url.h"

enum { MAX_ATTRIBUTES = 32 };

struct attribute {
    wn_str name, value;
};

struct tag {
    wn_str name;
    struct attribute attributes[MAX_ATTRIBUTES];
    int n;
};

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int same(wn_str a, const char *z)
{
    return a.len == strlen(z) && strncasecmp(a.ptr, z, a.len) == 0;
}

static int contains(wn_str text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (strncasecmp(text.ptr + i, word, n) == 0)
            return 1;
    return 0;
}

static wn_str get(const struct tag *tag, const char *name)
{
    for (int i = 0; i < tag->n; i++)
        if (same(tag->attributes[i].name, name))
            return str_trim(tag->attributes[i].value);
    return str_of("", 0);
}

/* Attributes up to the tag's end; returns what is behind it. HTML, "Attribute name state" and on.
 */
static const char *read_attributes(const char *p, const char *end, struct tag *tag)
{
    while (p < end && *p != '>') {
        if (is_blank(*p) || *p == '/') {
            p++;
            continue;
        }
        struct attribute a = {str_of(p, 0), str_of("", 0)};
        while (p < end && *p != '=' && *p != '>' && *p != '/' && !is_blank(*p))
            p++;
        a.name.len = (size_t)(p - a.name.ptr);
        while (p < end && is_blank(*p))
            p++;
        if (p < end && *p == '=') {
            p++;
            while (p < end && is_blank(*p))
                p++;
            char quote = p < end && (*p == '"' || *p == '\'') ? *p++ : '\0';
            a.value.ptr = p;
            while (p < end && (quote ? *p != quote : *p != '>' && !is_blank(*p)))
                p++;
            a.value.len = (size_t)(p - a.value.ptr);
            p += quote && p < end;
        } else if (!a.name.len) {
            p++; /* a stray "=" */
        }
        if (a.name.len && tag->n < MAX_ATTRIBUTES)
            tag->attributes[tag->n++] = a;
    }
    return p < end ? p + 1 : end;
}

static const char *find(const char *p, const char *end, const char *z)
{
    const char *at = p < end ? memmem(p, (size_t)(end - p), z, strlen(z)) : NULL;
    return at ? at + strlen(z) : end;
}

/* Behind </script and the like; what stands before is no markup. */
static const char *skip_raw(const char *p, const char *end, wn_str name)
{
    while ((p = find(p, end, "</")) < end)
        if ((size_t)(end - p) >= name.len && strncasecmp(p, name.ptr, name.len) == 0)
            return p + name.len;
    return end;
}

/* The next start tag; NULL at the end. */
static const char *next_tag(const char *p, const char *end, struct tag *tag)
{
    static const char *const raw[] = {"script",   "style",    "textarea", "title",
                                      "template", "noscript", "xmp",      "iframe"};
    while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
        if (end - p > 3 && memcmp(p, "<!--", 4) == 0) {
            p = find(p + 4, end, "-->");
            continue;
        }
        if (++p >= end || !is_letter(*p))
            continue;
        tag->n = 0;
        tag->name.ptr = p;
        while (p < end && *p != '>' && *p != '/' && !is_blank(*p))
            p++;
        tag->name.len = (size_t)(p - tag->name.ptr);
        p = read_attributes(p, end, tag);
        for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
            if (same(tag->name, raw[i]))
                p = skip_raw(p, end, tag->name);
        return p;
    }
    return NULL;
}

static void add(struct feed_links *links, const char *url)
{
    if (links->n == DISCOVER_LINKS || strlen(url) > LIMIT_URL ||
        (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8)))
        return;
    for (size_t i = 0; i < links->n; i++)
        if (strcmp(links->urls[i], url) == 0)
            return;
    char *copy = strdup(url);
    if (copy)
        links->urls[links->n++] = copy;
}

/* The attribute's value, references decoded, absolute, without fragment. */
static void add_reference(struct feed_links *links, const char *base, wn_str value)
{
    struct buf text, url;
    buf_init(&text, LIMIT_URL);
    buf_init(&url, LIMIT_URL);
    if (value.len && !entity_text(&text, value.ptr, value.len) && text.n &&
        !url_absolute(&url, str_z(base), str_of(text.p, text.n)) && url.n) {
        char *fragment = strchr(url.p, '#');
        if (fragment)
            *fragment = '\0';
        add(links, url.p);
    }
    buf_finish(&text);
    buf_finish(&url);
}

static int has_word(wn_str list, const char *word)
{
    while (list.len) {
        size_t n = 0;
        while (n < list.len && !is_blank(list.ptr[n]))
            n++;
        if (same(str_of(list.ptr, n), word))
            return 1;
        n += n < list.len;
        list = str_of(list.ptr + n, list.len - n);
    }
    return 0;
}

static int ends_with(wn_str path, const char *z)
{
    size_t n = strlen(z);
    return path.len >= n && same(str_of(path.ptr + path.len - n, n), z);
}

/* <link>: 1 for a feed's own type, 2 for one that may be; 0. */
static int rank_link(const struct tag *tag)
{
    static const char *const types[] = {"application/atom+xml",  "application/rss+xml",
                                        "application/feed+json", "application/rdf+xml",
                                        "application/json",      "text/xml",
                                        "application/xml"};
    wn_str rel = get(tag, "rel"), type = get(tag, "type"), href = get(tag, "href");
    /* oEmbed and WordPress' REST answers are JSON too, and no feeds. */
    if (contains(href, "oembed") || contains(href, "wp-json"))
        return 0;
    for (size_t i = 0; has_word(rel, "alternate") && i < sizeof types / sizeof *types; i++)
        if (contains(type, types[i]))
            return i < 4 ? 1 : 2;
    return has_word(rel, "feed") ? 2 : 0;
}

/* <a>: 3 when its address looks like a feed's; 0. */
static int rank_anchor(const struct tag *tag)
{
    static const char *const ends[] = {".rss",     ".atom",     ".rdf",     "/feed",    "/feed/",
                                       "/rss",     "/rss/",     "/atom",    "feed.xml", "rss.xml",
                                       "atom.xml", "index.xml", "feed.json"};
    wn_str path = get(tag, "href");
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '?' || path.ptr[i] == '#')
            path.len = i;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(path, ends[i]))
            return 3;
    return 0;
}

/* 0: no feed; else the smaller the better. Feeds of comments come after all others. */
static int rank(const struct tag *tag)
{
    int r = same(tag->name, "link") ? rank_link(tag) : same(tag->name, "a") ? rank_anchor(tag) : 0;
    int comments = contains(get(tag, "title"), "comment") || contains(get(tag, "href"), "comment");
    return r ? r + 3 * comments : 0;
}

/* The page's <base>, which may stand behind its first link. */
static void find_base(const char *html, const char *end, const char *url, struct buf *base)
{
    struct tag tag;
    for (const char *p = html; (p = next_tag(p, end, &tag));) {
        wn_str href = get(&tag, "href");
        if (!same(tag.name, "base") || !href.len)
            continue;
        if (!url_absolute(base, str_z(url), href) && base->n)
            return;
        break;
    }
    buf_finish(base);
    buf_adds(base, url);
}

void discover_links(const char *html, size_t n, const char *url, struct feed_links *links)
{
    const char *end = html + n;
    struct buf base;
    struct tag tag;
    links->n = 0;
    buf_init(&base, LIMIT_URL);
    find_base(html, end, url, &base);
    for (int wanted = 1; wanted <= 6 && base.p; wanted++)
        for (const char *p = html; (p = next_tag(p, end, &tag));)
            if (rank(&tag) == wanted)
                add_reference(links, base.p, get(&tag, "href"));
    buf_finish(&base);
}

void discover_guess(const char *url, struct feed_links *links)
{
    static const char *const places[] = {"feed",      "feed.xml", "rss.xml",  "atom.xml",
                                         "index.xml", "rss",      "feed.json"};
    links->n = 0;
    for (int top = 0; top < 2; top++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            char place[32] = "/";
            strcpy(place + top, places[i]);
            add_reference(links, url, str_z(place));
        }
}

void feed_links_finish(struct feed_links *links)
{
    for (size_t i = 0; i < links->n; i++)
        free(links->urls[i]);
    links->n = 0;
}
