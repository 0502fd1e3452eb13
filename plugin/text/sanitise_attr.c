/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes that may reach a reader, element by element. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "sanitise.h"
#include "utf8.h"

void sanitise_attribute(struct tbuf *out, const char *name, const char *value, size_t n)
{
    if (!utf8_valid(value, n))
        n = 0; /* an overflown character reference (html.c); nothing that anybody meant */
    tbuf_addc(out, ' ');
    tbuf_adds(out, name);
    tbuf_adds(out, "=\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c == '&')
            tbuf_adds(out, "&amp;");
        else if (c == '<')
            tbuf_adds(out, "&lt;");
        else if (c == '>')
            tbuf_adds(out, "&gt;");
        else if (c == '"')
            tbuf_adds(out, "&quot;");
        else if (c == '`')
            tbuf_adds(out, "&#96;"); /* old browsers took it for a quote */
        else if (c == 0xc2 && i + 1 < n && (unsigned char)value[i + 1] < 0xa0)
            i++;
        else if (c >= 0x20 ? c != 0x7f : c == '\n' || c == '\t')
            tbuf_addc(out, (char)c);
    }
    tbuf_addc(out, '"');
}

/* Puts a cleaned URL into s->url. */
static int clean_url(struct sanitise *s, wn_str url, unsigned allowed)
{
    tbuf_reset(&s->url);
    if (url_clean(url, s->base, allowed, &s->url) || !s->url.n)
        return 0;
    if (s->unwrap && !strncmp(s->url.p, "http", 4) && s->unwrap(s->user, &s->url))
        s->stripped++;
    if (s->strip && !strncmp(s->url.p, "http", 4))
        s->stripped += url_strip(&s->url, 0, s->strip, s->user);
    return 1;
}

static int url_attribute(struct sanitise *s, const char *name, const char *value, unsigned allowed,
                         struct tbuf *out)
{
    if (!value || !clean_url(s, (wn_str){value, strlen(value)}, allowed))
        return 0;
    sanitise_attribute(out, name, s->url.p, s->url.n);
    return 1;
}

static int blank_picture(const char *src)
{
    if (!*src || !strncmp(src, "about:", 6) || !strncasecmp(src, "data:image/svg", 14))
        return 1;
    return (!strncasecmp(src, "data:", 5) && strlen(src) < 400) || strstr(src, "/blank.gif") ||
           strstr(src, "spacer.gif") || strstr(src, "placeholder") || strstr(src, "lazyload");
}

const char *sanitise_picture(const struct html_node *img)
{
    static const char *const lazy[] = {"data-src",       "data-lazy-src", "data-original",
                                       "data-orig-file", "data-lazy",     "data-orig-src",
                                       "data-image-src", "data-img-src",  "data-full-src"};
    const char *src = html_attr(img, "src");
    if (src && !blank_picture(src))
        return src;
    for (size_t i = 0; i < sizeof lazy / sizeof *lazy; i++) {
        const char *v = html_attr(img, lazy[i]);
        if (v && *v && !blank_picture(v))
            return v;
    }
    return src && *src ? src : NULL;
}

/* Takes the next candidate off a srcset: "url 320w". The words behind the URL are checked: other
 * than numbers with w, x or h the candidate has none, and 0 is returned for it. */
static int candidate(const char **value, wn_str *url, wn_str *words)
{
    const char *v = *value + strspn(*value, " \t\r\n\f,");
    size_t n = strcspn(v, " \t\r\n\f"), len = n;
    while (len && v[len - 1] == ',')
        len--;
    const char *rest = v + n;
    size_t w = len < n ? 0 : strcspn(rest, ",");
    while (w && (*rest == ' ' || *rest == '\t' || *rest == '\n' || *rest == '\r')) {
        rest++;
        w--;
    }
    *url = (wn_str){v, len};
    *words = (wn_str){rest, w};
    *value = rest + w;
    int fine = w < 16 && len;
    for (size_t i = 0; i < w && fine; i++)
        fine = (rest[i] >= '0' && rest[i] <= '9') || strchr("wxh. ", rest[i]) != NULL;
    return fine;
}

static const char *srcset_of(const struct html_node *img)
{
    static const char *const names[] = {"srcset", "data-srcset", "data-lazy-srcset"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *set = html_attr(img, names[i]);
        if (set && *set && strlen(set) < TEXT_SRCSET_MAX)
            return set;
    }
    return NULL;
}

/* "url 1x, url 320w": each candidate absolute and checked, the bad ones left out. */
static void srcset(struct sanitise *s, const char *value, struct tbuf *out)
{
    struct tbuf set;
    wn_str url, words;
    tbuf_init(&set, TEXT_SRCSET_MAX);
    while (*value && !set.err) {
        if (!candidate(&value, &url, &words) || !clean_url(s, url, URL_WEB) ||
            memchr(s->url.p, ',', s->url.n))
            continue;
        if (set.n)
            tbuf_adds(&set, ", ");
        tbuf_add(&set, s->url.p, s->url.n);
        if (words.len)
            tbuf_addc(&set, ' ');
        tbuf_add(&set, words.ptr, words.len);
    }
    if (set.n && !set.err)
        sanitise_attribute(out, "srcset", set.p, set.n);
    tbuf_finish(&set);
}

int sanitise_picture_url(struct sanitise *s, const struct html_node *img)
{
    const char *src = sanitise_picture(img), *set = srcset_of(img), *next = set;
    wn_str given = {src, src ? strlen(src) : 0}, url, words;
    /* Whether it is a place for scripts to fill shows in the whole address, which the next reading sees. */
    if (src && clean_url(s, given, URL_WEB | URL_PICTURE) && (!set || !blank_picture(s->url.p)))
        return 1;
    /* A picture that names itself only for some widths: any of them will do. */
    while (next && *next)
        if (candidate(&next, &url, &words) && clean_url(s, url, URL_WEB) &&
            !blank_picture(s->url.p))
            return 1;
    if (src && clean_url(s, given, URL_WEB | URL_PICTURE))
        return 1;
    for (next = set; next && *next;)
        if (candidate(&next, &url, &words) && clean_url(s, url, URL_WEB))
            return 1;
    return 0;
}

/* A number within a range; percentages only where asked for. */
static void number(const struct html_node *node, const char *name, long low, long high,
                   struct tbuf *out)
{
    const char *v = html_attr(node, name);
    char *end, text[16];
    if (!v)
        return;
    long k = strtol(v, &end, 10);
    if (end == v || k < low || k > high || (*end && strcmp(end, "px")))
        return;
    snprintf(text, sizeof text, "%ld", k);
    sanitise_attribute(out, name, text, strlen(text));
}

static void plain(const struct html_node *node, const char *name, size_t max, struct tbuf *out)
{
    const char *v = html_attr(node, name);
    size_t before = out->n;
    if (!v || !*v || strlen(v) > max)
        return;
    sanitise_attribute(out, name, v, strlen(v));
    /* Of nothing but control characters nothing is left, and the next reading would not write it. */
    if (!out->err && out->n == before + strlen(name) + strlen(" =\"\"")) {
        out->n = before;
        out->p[before] = '\0';
    }
}

static void choice(const struct html_node *node, const char *name, const char *const *values,
                   struct tbuf *out)
{
    const char *v = html_attr(node, name);
    for (; v && *values; values++)
        if (!strcasecmp(v, *values))
            sanitise_attribute(out, name, *values, strlen(*values));
}

/* A language tag or a MIME type: nothing but letters, digits and "-./+". */
static void token(const struct html_node *node, const char *name, struct tbuf *out)
{
    const char *v = html_attr(node, name);
    if (!v || !*v || strlen(v) > 64)
        return;
    for (const char *p = v; *p; p++)
        if (!((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') && !(*p >= '0' && *p <= '9') &&
            !strchr("-./+", *p))
            return;
    sanitise_attribute(out, name, v, strlen(v));
}

static int picture(struct sanitise *s, const struct html_node *node, struct tbuf *out)
{
    if (!sanitise_picture_url(s, node))
        return 0;
    sanitise_attribute(out, "src", s->url.p, s->url.n);
    const char *set = srcset_of(node);
    if (set)
        srcset(s, set, out);
    const char *alt = html_attr(node, "alt");
    sanitise_attribute(out, "alt", alt ? alt : "", alt ? strlen(alt) : 0);
    number(node, "width", 1, 10000, out);
    number(node, "height", 1, 10000, out);
    return 1;
}

static int player(struct sanitise *s, const struct html_node *node, enum html_tag tag,
                  struct tbuf *out)
{
    url_attribute(s, "src", html_attr(node, "src"), URL_WEB, out);
    if (tag == HTML_VIDEO) {
        url_attribute(s, "poster", html_attr(node, "poster"), URL_WEB, out);
        number(node, "width", 1, 10000, out);
        number(node, "height", 1, 10000, out);
    }
    tbuf_adds(out, " controls=\"\" preload=\"none\"");
    return 1;
}

static int frame(struct sanitise *s, const struct html_node *node, struct tbuf *out)
{
    const char *src = html_attr(node, "src");
    if (!src || !clean_url(s, (wn_str){src, strlen(src)}, URL_WEB))
        return 0;
    wn_str url = {s->url.p, s->url.n};
    if (!s->embed || !s->embed(s->user, url_host(url)))
        return 0;
    sanitise_attribute(out, "src", s->url.p, s->url.n);
    number(node, "width", 1, 10000, out);
    number(node, "height", 1, 10000, out);
    tbuf_adds(out, " sandbox=\"allow-scripts allow-same-origin allow-popups\""
                   " referrerpolicy=\"no-referrer\" loading=\"lazy\"");
    return 1;
}

int sanitise_attributes(struct sanitise *s, const struct html_node *node, enum html_tag tag,
                        struct tbuf *out)
{
    static const char *const dirs[] = {"ltr", "rtl", "auto", NULL};
    static const char *const scopes[] = {"row", "col", "rowgroup", "colgroup", NULL};
    static const char *const types[] = {"1", "a", "i", NULL};
    int fine = 1;
    if ((!node->element || !node->element->attributes.length) && tag != HTML_AUDIO &&
        tag != HTML_VIDEO)
        return tag != HTML_A && tag != HTML_IMG && tag != HTML_IFRAME && tag != HTML_SPAN &&
               tag != HTML_SOURCE;
    size_t before = out->n;
    choice(node, "dir", dirs, out);
    token(node, "lang", out);
    switch (tag) {
    case HTML_SPAN:
        fine = out->n > before; /* a span that says nothing is not written */
        break;
    case HTML_A:
        fine = url_attribute(s, "href", html_attr(node, "href"), URL_WEB | URL_MAIL, out);
        plain(node, "title", 512, out);
        break;
    case HTML_IMG:
        fine = picture(s, node, out);
        plain(node, "title", 1024, out);
        break;
    case HTML_AUDIO:
    case HTML_VIDEO:
        fine = player(s, node, tag, out);
        break;
    case HTML_SOURCE:
        fine = url_attribute(s, "src", html_attr(node, "src"), URL_WEB, out);
        token(node, "type", out);
        break;
    case HTML_IFRAME:
        fine = frame(s, node, out);
        break;
    case HTML_BLOCKQUOTE:
    case HTML_Q:
    case HTML_DEL:
    case HTML_INS:
        url_attribute(s, "cite", html_attr(node, "cite"), URL_WEB, out);
        break;
    case HTML_TIME:
        plain(node, "datetime", 64, out);
        break;
    case HTML_ABBR:
    case HTML_DFN:
        plain(node, "title", 512, out);
        break;
    case HTML_TD:
    case HTML_TH:
        number(node, "colspan", 1, 1000, out);
        number(node, "rowspan", 1, 1000, out);
        choice(node, "scope", scopes, out);
        break;
    case HTML_OL:
        number(node, "start", -100000, 100000, out);
        choice(node, "type", types, out);
        if (html_attr(node, "reversed"))
            tbuf_adds(out, " reversed=\"\"");
        break;
    case HTML_LI:
        number(node, "value", -100000, 100000, out);
        break;
    case HTML_DETAILS:
        if (html_attr(node, "open"))
            tbuf_adds(out, " open=\"\"");
        break;
    default:
        break;
    }
    return fine;
}
