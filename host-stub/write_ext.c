/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "writer_view.h"

/* The namespaces whose elements travel through. XHTML, SVG and MathML never stand here: readers
 * render them. What Winnow writes by itself (Atom, content) does not either. */
static const struct {
    const char *prefix, *uri;
} namespaces[] = {
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"dcterms", "http://purl.org/dc/terms/"},
    {"media", "http://search.yahoo.com/mrss/"},
    {"itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"},
    {"podcast", "https://podcastindex.org/namespace/1.0"},
    {"psc", "http://podlove.org/simple-chapters"},
    {"googleplay", "http://www.google.com/schemas/play-podcasts/1.0"},
    {"georss", "http://www.georss.org/georss"},
    {"gml", "http://www.opengis.net/gml"},
    {"geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"},
    {"thr", "http://purl.org/syndication/thread/1.0"},
    {"slash", "http://purl.org/rss/1.0/modules/slash/"},
    {"wfw", "http://wellformedweb.org/CommentAPI/"},
    {"creativeCommons", "http://backend.userland.com/creativeCommonsRssModule"},
    {"cc", "http://web.resource.org/cc/"},
    {"sy", "http://purl.org/rss/1.0/modules/syndication/"},
    {"feedburner", "http://rssnamespace.org/feedburner/ext/1.0"},
    {"rawvoice", "http://www.rawvoice.com/rawvoiceRssModule/"},
    {"prism", "http://prismstandard.org/namespaces/basic/2.0/"},
    {"yt", "http://www.youtube.com/xml/schemas/2015"},
};

enum { N_NAMESPACES = sizeof namespaces / sizeof *namespaces, EXT_DEPTH = 16 };

void ext_declare(struct out *o)
{
    for (size_t i = 0; i < N_NAMESPACES; i++)
        out_f(o, "\n  xmlns:%s=\"%s\"", namespaces[i].prefix, namespaces[i].uri);
}

/* Feeds write the same namespace with and without its last slash, and in both schemes and cases. */
static wn_str stem_of(wn_str uri)
{
    const char *p = absent(uri) ? NULL : memmem(uri.ptr, uri.len, "://", 3);
    if (p)
        uri = str_of(p + 3, uri.len - (size_t)(p + 3 - uri.ptr));
    if (uri.len && uri.ptr[uri.len - 1] == '/')
        uri.len--;
    return uri;
}

const char *ext_prefix(wn_str ns)
{
    wn_str stem = stem_of(ns);
    for (size_t i = 0; i < N_NAMESPACES && stem.len; i++) {
        wn_str known = stem_of(str_z(namespaces[i].uri));
        if (known.len == stem.len && !strncasecmp(known.ptr, stem.ptr, stem.len))
            return namespaces[i].prefix;
    }
    return NULL;
}

/* Takes the next "name\tvalue\n" off *lines; 0 at their end. */
static int next_attr(wn_str *lines, wn_str *name, wn_str *value)
{
    while (!absent(*lines)) {
        const char *end = memchr(lines->ptr, '\n', lines->len);
        size_t n = end ? (size_t)(end - lines->ptr) : lines->len;
        const char *tab = memchr(lines->ptr, '\t', n);
        const char *line = lines->ptr;
        lines->ptr += end ? n + 1 : n;
        lines->len -= end ? n + 1 : n;
        if (!tab)
            continue;
        *name = str_of(line, (size_t)(tab - line));
        *value = str_of(tab + 1, n - (size_t)(tab + 1 - line));
        return 1;
    }
    return 0;
}

/* An NCName of ASCII, which is all that these namespaces use. */
static int name_ok(wn_str name)
{
    if (absent(name) || name.len > 64)
        return 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i], lower = c | 0x20;
        if ((lower >= 'a' && lower <= 'z') || c == '_')
            continue;
        if (!i || !((c >= '0' && c <= '9') || c == '-' || c == '.'))
            return 0;
    }
    return name.len < 3 || strncasecmp(name.ptr, "xml", 3) != 0;
}

static int is_url_name(wn_str name)
{
    static const char *const names[] = {"url",         "href",     "src",        "uri",
                                        "link",        "image",    "resource",   "new-feed-url",
                                        "commentRss",  "comment",  "player",     "license",
                                        "license-url", "chapters", "transcript", "origLink"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.len == strlen(names[i]) && !strncasecmp(name.ptr, names[i], name.len))
            return 1;
    return 0;
}

/* "javascript:…" and its kind, as a browser would read it, whatever the attribute is called. */
static int is_active(wn_str value)
{
    static const char *const schemes[] = {
        "javascript:", "vbscript:", "data:", "file:", "blob:", "about:"};
    char start[16];
    size_t n = 0;
    for (size_t i = 0; i < value.len && n < sizeof start - 1; i++)
        if ((unsigned char)value.ptr[i] > 0x20)
            start[n++] = value.ptr[i];
    start[n] = '\0';
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (!strncasecmp(start, schemes[i], strlen(schemes[i])))
            return 1;
    return 0;
}

static int looks_like_url(wn_str value)
{
    wn_str s = str_trim(value);
    return s.len > 3 && memmem(s.ptr, s.len, ":", 1) && !memchr(s.ptr, ' ', s.len);
}

/* Makes one attribute safe: 0 leaves it out. */
static int safe_attr(struct writer *w, wn_str name, wn_str *value)
{
    if (!name_ok(name) || is_active(*value))
        return 0;
    if (name.len > 2 && !strncasecmp(name.ptr, "on", 2))
        return 0; /* no such attribute in these namespaces; in a browser, a handler */
    if (name.len == 4 && !strncasecmp(name.ptr, "type", 4) && str_eqz(*value, "html")) {
        *value = str_z("plain"); /* its text loses its markup, see ext_text */
        return 1;
    }
    if (!is_url_name(name) || !looks_like_url(*value))
        return 1;
    *value = view_url(w, *value, 1);
    return !absent(*value);
}

size_t ext_attrs(struct writer *w, const struct extension *e, struct ext_attr attrs[EXT_ATTRS])
{
    wn_str lines = e->attrs, name, value;
    size_t n = 0;
    while (n < EXT_ATTRS && next_attr(&lines, &name, &value)) {
        int again = 0;
        for (size_t i = 0; i < n && !again; i++)
            again = str_eq(attrs[i].name, name);
        if (again || !safe_attr(w, name, &value))
            continue;
        attrs[n].name = name;
        attrs[n++].value = value;
    }
    return n;
}

wn_str ext_text(struct writer *w, const struct extension *e)
{
    wn_str text = str_trim(e->text);
    if (absent(text))
        return str_of(NULL, 0);
    if (memchr(text.ptr, '<', text.len)) {
        buf_reset(&w->scratch);
        text_of_html(&w->scratch, text);
        text = view_keep(w);
    }
    if (is_active(text))
        return str_of(NULL, 0);
    if (is_url_name(e->name) && looks_like_url(text))
        return view_url(w, text, 1);
    return text;
}

/* ---- media ---- */

/* Whether a foreign element says the same picture or medium already. */
static int has_url(const struct item *item, wn_str url)
{
    static const char *const names[] = {"content", "thumbnail", "image"};
    for (size_t i = 0; i < item->n_extensions; i++) {
        const struct extension *e = &item->extensions[i];
        wn_str lines = e->attrs, name, value;
        int media = 0;
        for (size_t k = 0; k < sizeof names / sizeof *names && !media; k++)
            media = str_eqz(e->name, names[k]);
        while (media && next_attr(&lines, &name, &value))
            if ((str_eqz(name, "url") || str_eqz(name, "href")) && str_eq(value, url))
                return 1;
    }
    return 0;
}

static void number_pair(struct out *o, const char *name, int64_t n, int64_t least)
{
    if (n >= least)
        out_f(o, " %s=\"%lld\"", name, (long long)n);
}

static void media_element(struct writer *w, const struct enclosure *e, wn_str url)
{
    struct out *o = &w->out;
    if (e->kind == ENCLOSURE_IMAGE) {
        out_s(o, "    <itunes:image");
        xml_pair(o, "href", url);
        out_s(o, "/>\n");
        return;
    }
    int thumbnail = e->kind == ENCLOSURE_THUMBNAIL;
    out_s(o, thumbnail ? "    <media:thumbnail" : "    <media:content");
    xml_pair(o, "url", url);
    if (!thumbnail) {
        xml_pair(o, "type", media_type(e->type, url, ""));
        number_pair(o, "fileSize", e->length, 0);
        number_pair(o, "duration", e->duration, 0);
    }
    number_pair(o, "width", e->width, 1);
    number_pair(o, "height", e->height, 1);
    if (thumbnail || absent(e->title)) {
        out_s(o, "/>\n");
        return;
    }
    out_s(o, "><media:title type=\"plain\">");
    xml_text(o, e->title);
    out_s(o, "</media:title></media:content>\n");
}

/* What JSON Feed says of an attachment, <enclosure> and rel="enclosure" have no room for. */
static void duration(struct writer *w, const struct item *item)
{
    for (size_t i = 0; i < item->n_extensions; i++)
        if (str_eqz(item->extensions[i].name, "duration"))
            return;
    for (size_t i = 0; i < item->n_enclosures; i++)
        if (item->enclosures[i].kind == ENCLOSURE_FILE && item->enclosures[i].duration >= 0) {
            out_f(&w->out, "    <itunes:duration>%lld</itunes:duration>\n",
                  (long long)item->enclosures[i].duration);
            return;
        }
}

void ext_media(struct writer *w, const struct item *item, size_t skip_files)
{
    duration(w, item);
    for (size_t i = 0; i < item->n_enclosures; i++) {
        const struct enclosure *e = &item->enclosures[i];
        if (e->kind == ENCLOSURE_FILE && skip_files) {
            skip_files--;
            continue;
        }
        wn_str url = view_url(w, e->url, 1);
        if (!absent(url) && (e->kind == ENCLOSURE_FILE || !has_url(item, e->url)))
            media_element(w, e, url);
    }
}

/* ---- foreign elements ---- */

/* What the writers say in elements of their own. */
static int said_already(const char *prefix, wn_str name)
{
    static const char *const dc[] = {"creator", "contributor", "date", "language", "rights", NULL};
    for (size_t i = 0; !strcmp(prefix, "dc") && dc[i]; i++)
        if (str_eqz(name, dc[i]))
            return 1;
    return 0;
}

static void start_element(struct writer *w, const char *prefix, const struct extension *e)
{
    struct ext_attr attrs[EXT_ATTRS];
    size_t n = ext_attrs(w, e, attrs);
    out_f(&w->out, "<%s:%.*s", prefix, (int)e->name.len, e->name.ptr);
    for (size_t i = 0; i < n; i++) {
        out_f(&w->out, " %.*s=\"", (int)attrs[i].name.len, attrs[i].name.ptr);
        xml_attr(&w->out, attrs[i].value);
        out_s(&w->out, "\"");
    }
    out_s(&w->out, ">");
    xml_text(&w->out, ext_text(w, e));
}

void ext_write(struct writer *w, const struct item *item)
{
    struct {
        const char *prefix;
        wn_str name;
    } open[EXT_DEPTH];
    int depth = 0, skipping = -1; /* the depth of the element whose children go with it */
    for (size_t i = 0; i <= item->n_extensions; i++) {
        const struct extension *e = i < item->n_extensions ? &item->extensions[i] : NULL;
        int at = e ? e->depth : 0;
        if (e && skipping >= 0 && at > skipping)
            continue;
        skipping = -1;
        if (at < 0)
            at = 0;
        while (depth > 0 && (!e || depth > at)) {
            depth--;
            out_f(&w->out, "</%s:%.*s>%s", open[depth].prefix, (int)open[depth].name.len,
                  open[depth].name.ptr, depth ? "" : "\n");
        }
        if (!e)
            break;
        const char *prefix = ext_prefix(e->ns);
        if (!prefix || !name_ok(e->name) || depth == EXT_DEPTH ||
            (depth == 0 && said_already(prefix, e->name))) {
            skipping = e->depth;
            continue;
        }
        if (depth == 0)
            out_s(&w->out, "    ");
        start_element(w, prefix, e);
        open[depth].prefix = prefix;
        open[depth++].name = e->name;
    }
}
