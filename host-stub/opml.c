/* SPDX-License-Identifier: Apache-2.0 */
#include "opml.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "status.h"

enum { MAX_DEPTH = 64, MAX_TAGS = 64, PIECE = 65536 };

struct folder {
    int depth;  /* of its element */
    char *name; /* NULL: it has none */
};

struct state {
    opml_fn fn;
    void *user;
    size_t feeds;
    struct folder folders[MAX_DEPTH];
    int n_folders;
    int depth; /* of the open elements */
    int root;  /* the first element was <opml> */
    int status;
    char *why;
    xmlParserCtxtPtr parser;
};

/* An element's attributes as SAX gives them: five pointers each. */
struct attributes {
    const xmlChar **a;
    int n;
};

/* Without entities being replaced, SAX hands &amp; on as &#38;. Other references stay as they are:
 * what an entity stands for is nobody's business here. */
static char *value_of(const xmlChar *from, const xmlChar *end)
{
    wn_str s = str_trim(str_of((const char *)from, (size_t)(end - from)));
    char *copy = s.len ? strndup(s.ptr, s.len) : NULL, *to = copy;
    if (!copy)
        return NULL;
    for (const char *p = copy; *p; to++) {
        *to = *p;
        p += strncmp(p, "&#38;", 5) == 0 ? 5 : 1;
    }
    *to = '\0';
    return copy;
}

/* Attributes by name, whatever their case: lists in the wild write xmlUrl, xmlurl and XMLURL. */
static char *attribute(const struct attributes *all, const char *name)
{
    for (int i = 0; i < all->n; i++)
        if (strcasecmp((const char *)all->a[5 * i], name) == 0)
            return value_of(all->a[5 * i + 3], all->a[5 * i + 4]);
    return NULL;
}

static void add_tag(char **tags, size_t *n, const char *tag, size_t len)
{
    wn_str s = str_trim(str_of(tag, len));
    if (!s.len || s.len > 256 || *n >= MAX_TAGS)
        return;
    for (size_t i = 0; i < *n; i++)
        if (strlen(tags[i]) == s.len && memcmp(tags[i], s.ptr, s.len) == 0)
            return;
    char *copy = strndup(s.ptr, s.len);
    if (copy)
        tags[(*n)++] = copy;
}

/* "/News/Tech,Sport" means News, Tech and Sport. */
static void add_categories(char **tags, size_t *n, const char *category)
{
    while (*category) {
        size_t len = strcspn(category, ",/");
        add_tag(tags, n, category, len);
        category += len + (category[len] != '\0');
    }
}

static int feed(struct state *s, const struct attributes *r, char *url)
{
    char *tags[MAX_TAGS];
    size_t n = 0;
    char *title = attribute(r, "title"), *site = attribute(r, "htmlUrl");
    char *lang = attribute(r, "language"), *category = attribute(r, "category");
    if (!title)
        title = attribute(r, "text");
    for (int i = 0; i < s->n_folders; i++)
        if (s->folders[i].name)
            add_tag(tags, &n, s->folders[i].name, strlen(s->folders[i].name));
    if (category)
        add_categories(tags, &n, category);
    /* Some lists repeat the address as the name. */
    const char *name = title && strcmp(title, url) ? title : NULL;
    struct opml_feed f = {url, name, site, lang, tags, n};
    int status = s->fn(s->user, &f);
    for (size_t i = 0; i < n; i++)
        free(tags[i]);
    free(title);
    free(site);
    free(lang);
    free(category);
    return status;
}

static int outline(struct state *s, const struct attributes *r)
{
    char *url = attribute(r, "xmlUrl");
    int status = OK;
    if (url && s->feeds < LIMIT_SOURCES) {
        s->feeds++;
        status = feed(s, r, url);
    } else if (!url && s->n_folders < MAX_DEPTH) {
        struct folder *f = &s->folders[s->n_folders++];
        f->depth = s->depth;
        f->name = attribute(r, "title");
        if (!f->name)
            f->name = attribute(r, "text");
    }
    free(url);
    return status;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n, int n_defaulted,
                     const xmlChar **attributes)
{
    struct state *s = user;
    const struct attributes all = {attributes, n};
    (void)prefix;
    (void)uri;
    (void)n_ns;
    (void)ns;
    (void)n_defaulted;
    s->depth++;
    if (s->status)
        return;
    if (!s->root && strcasecmp((const char *)name, "opml")) {
        snprintf(s->why, OPML_WHY, "not OPML: it begins with <%.60s>", (const char *)name);
        s->status = E_NOTFEED;
    } else if (s->root && strcasecmp((const char *)name, "outline") == 0) {
        s->status = outline(s, &all);
    }
    s->root = 1;
    if (s->status)
        xmlStopParser(s->parser);
}

static void close_folders(struct state *s, int depth)
{
    while (s->n_folders && s->folders[s->n_folders - 1].depth >= depth)
        free(s->folders[--s->n_folders].name);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct state *s = user;
    (void)name;
    (void)prefix;
    (void)uri;
    close_folders(s, s->depth--);
}

int opml_parse(const char *bytes, size_t n, opml_fn fn, void *user, int *warned, char why[OPML_WHY])
{
    struct state s = {.fn = fn, .user = user, .why = why};
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC, .startElementNs = on_start, .endElementNs = on_end};
    why[0] = '\0';
    if (warned)
        *warned = 0;
    if (n > LIMIT_CONFIG) {
        snprintf(why, OPML_WHY, "larger than %zu bytes", LIMIT_CONFIG);
        return E_LIMIT;
    }
    xmlInitParser();
    s.parser = xmlCreatePushParserCtxt(&sax, &s, NULL, 0, NULL);
    if (!s.parser)
        return E_NOMEM;
    xmlCtxtUseOptions(s.parser, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR |
                                    XML_PARSE_NOWARNING);
    for (size_t at = 0; at < n && !s.status; at += PIECE)
        xmlParseChunk(s.parser, bytes + at, n - at < PIECE ? (int)(n - at) : PIECE, 0);
    if (!s.status)
        xmlParseChunk(s.parser, NULL, 0, 1);
    if (warned)
        *warned = !s.parser->wellFormed;
    if (!s.status && !s.root) {
        snprintf(why, OPML_WHY, "not OPML: no <opml> element, or not XML at all");
        s.status = E_NOTFEED;
    }
    close_folders(&s, 0);
    xmlFreeDoc(s.parser->myDoc); /* where libxml2 keeps a DOCTYPE's entities */
    xmlFreeParserCtxt(s.parser);
    return s.status;
}

/* ---- writing ---- */

static void add_escaped(struct buf *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '&')
            buf_adds(out, "&amp;");
        else if (c == '<')
            buf_adds(out, "&lt;");
        else if (c == '>')
            buf_adds(out, "&gt;");
        else if (c == '"')
            buf_adds(out, "&quot;");
        else if (c == '\t' || c == '\n' || c == '\r')
            buf_addf(out, "&#%d;", c);
        else if (c >= 0x20)
            buf_addc(out, (char)c);
    }
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_addf(out, " %s=\"", name);
    add_escaped(out, value);
    buf_addc(out, '"');
}

void opml_begin(struct opml_writer *w, struct buf *out, const char *title)
{
    w->out = out;
    w->folder = NULL;
    buf_adds(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head>\n  <title>");
    add_escaped(out, title ? title : "Winnow");
    buf_adds(out, "</title>\n</head>\n<body>\n");
}

void opml_add(struct opml_writer *w, const struct opml_feed *feed)
{
    struct buf *out = w->out;
    const char *folder = feed->n_tags ? feed->tags[0] : NULL;
    if (w->folder && (!folder || strcmp(folder, w->folder)))
        buf_adds(out, "  </outline>\n");
    if (folder && (!w->folder || strcmp(folder, w->folder))) {
        buf_adds(out, "  <outline");
        add_attribute(out, "text", folder);
        buf_adds(out, ">\n");
    }
    w->folder = folder;
    buf_adds(out, folder ? "    <outline type=\"rss\"" : "  <outline type=\"rss\"");
    add_attribute(out, "text", feed->title && *feed->title ? feed->title : feed->url);
    add_attribute(out, "title", feed->title);
    add_attribute(out, "xmlUrl", feed->url);
    add_attribute(out, "htmlUrl", feed->site);
    add_attribute(out, "language", feed->lang);
    if (feed->n_tags > 1) { /* one alone is said by its folder */
        buf_adds(out, " category=\"");
        for (size_t i = 0; i < feed->n_tags; i++) {
            buf_adds(out, i ? "," : "");
            add_escaped(out, feed->tags[i]);
        }
        buf_addc(out, '"');
    }
    buf_adds(out, "/>\n");
}

int opml_end(struct opml_writer *w)
{
    if (w->folder)
        buf_adds(w->out, "  </outline>\n");
    buf_adds(w->out, "</body>\n</opml>\n");
    return w->out->err;
}
