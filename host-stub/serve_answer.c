/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with. Loop thread. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "fetch_header.h"
#include "limits.h"
#include "serve_internal.h"
#include "status.h"

struct asked {
    const struct version *version;
    int has_tags, matches;
};

static enum MHD_Result look_at_tag(void *user, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct asked *asked = user;
    (void)kind;
    if (!value || strcasecmp(name, "If-None-Match"))
        return MHD_YES;
    asked->has_tags = 1;
    const struct version *v = asked->version;
    char plain[sizeof v->etag], packed[sizeof v->etag_gzip];
    size_t n = strlen(v->etag) - 2, m = strlen(v->etag_gzip) - 2;
    memcpy(plain, v->etag + 1, n);
    memcpy(packed, v->etag_gzip + 1, m);
    plain[n] = packed[m] = '\0';
    /* Both forms are one document, which is all that weak comparison asks. */
    asked->matches |= etag_listed(value, plain) || etag_listed(value, packed);
    return MHD_YES;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static int unchanged(struct MHD_Connection *c, const struct version *v)
{
    struct asked asked = {v, 0, 0};
    MHD_get_connection_values(c, MHD_HEADER_KIND, look_at_tag, &asked);
    if (asked.has_tags)
        return asked.matches; /* RFC 9110 13.1.3: then the date doesn't count */
    const char *since = header(c, "If-Modified-Since");
    int64_t date = since ? http_date(since) : INT64_MIN;
    return date != INT64_MIN && v->modified <= date;
}

static enum MHD_Result answer_version(struct MHD_Connection *c, const struct version *v)
{
    const char *accept = header(c, "Accept-Encoding");
    int packed = v->gzip && accept && gzip_accepted(accept);
    if (unchanged(c, v))
        return MHD_queue_response(c, MHD_HTTP_NOT_MODIFIED, v->unchanged[packed]);
    return MHD_queue_response(c, MHD_HTTP_OK, packed ? v->gzip : v->plain);
}

/* extra: one more header, its name and value; NULL. */
static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned status, const char *type,
                                   const char *text, const char *extra, const char *value)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result done = MHD_NO;
    if (!r)
        return done;
    if (add_header(r, "Content-Type", type) && add_header(r, "Cache-Control", "no-store") &&
        add_header(r, "X-Content-Type-Options", "nosniff") &&
        (!extra || add_header(r, extra, value)))
        done = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result answer_plain(struct MHD_Connection *c, unsigned status, const char *text,
                                    const char *extra, const char *value)
{
    return answer_text(c, status, "text/plain; charset=utf-8", text, extra, value);
}

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Winnow</title>\n"
    "<style>\n"
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1.5rem}\n"
    "h1{font-weight:600;letter-spacing:-.02em;margin:0}p{margin:.3rem 0 2rem}\n"
    "ul{list-style:none;padding:0;border-top:1px solid}li{border-bottom:1px solid}\n"
    "a{display:block;padding:.7rem 0;color:inherit;text-decoration:none}\n"
    "a:hover,a:focus-visible{text-decoration:underline}code{float:right;opacity:.75}\n"
    "</style>\n";

static void add_escaped(struct buf *b, const char *s)
{
    for (; *s; s++)
        if (strchr("<>&\"'", *s))
            buf_addf(b, "&#%d;", *s);
        else
            buf_addc(b, *s);
}

static const char *kind_of(const char *type)
{
    return strstr(type, "atom")   ? "Atom"
           : strstr(type, "rss")  ? "RSS"
           : strstr(type, "json") ? "JSON Feed"
                                  : "Document";
}

/* The page at /: where the feeds are. The lock is held. */
static enum MHD_Result answer_index(const struct server *s, struct MHD_Connection *c)
{
    struct buf b;
    buf_init(&b, MIB(4));
    buf_adds(&b, page_head);
    for (size_t i = 0; i < s->n_pages; i++) {
        buf_adds(&b, "<link rel=\"alternate\" type=\"");
        add_escaped(&b, s->pages[i].type);
        buf_adds(&b, "\" href=\"");
        add_escaped(&b, s->pages[i].path);
        buf_adds(&b, "\">\n");
    }
    buf_adds(&b, "<main>\n<h1>Winnow</h1>\n<p>Each story once. Give your feed reader one of these "
                 "addresses.</p>\n<ul>\n");
    for (size_t i = 0; i < s->n_pages; i++) {
        buf_adds(&b, "<li><a href=\"");
        add_escaped(&b, s->pages[i].path);
        buf_addf(&b, "\">%s <code>", kind_of(s->pages[i].type));
        add_escaped(&b, s->pages[i].path);
        buf_adds(&b, "</code></a></li>\n");
    }
    buf_adds(&b,
             s->n_pages ? "</ul>\n</main>\n" : "</ul>\n<p>No feed is written yet.</p>\n</main>\n");
    enum MHD_Result done = MHD_NO;
    if (!b.err)
        done =
            answer_text(c, MHD_HTTP_OK, "text/html; charset=utf-8", b.p, "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    buf_finish(&b);
    return done;
}

/* Whoever mistyped an address sees those that there are. */
static enum MHD_Result answer_absent(const struct server *s, struct MHD_Connection *c)
{
    struct buf b;
    buf_init(&b, MIB(1));
    buf_adds(&b, "Nothing is at this address. These are:\n/\n/healthz\n");
    for (size_t i = 0; i < s->n_pages; i++)
        buf_addf(&b, "%s\n", s->pages[i].path);
    enum MHD_Result done = b.err ? MHD_NO : answer_plain(c, MHD_HTTP_NOT_FOUND, b.p, NULL, NULL);
    buf_finish(&b);
    return done;
}

static enum MHD_Result answer_path(struct server *s, struct MHD_Connection *c, const char *path)
{
    if (strcmp(path, "/healthz") == 0)
        return answer_text(c, s->healthy ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                           "application/json",
                           s->health ? s->health : "{\"status\":\"starting\"}\n", NULL, NULL);
    for (size_t i = 0; i < s->n_pages; i++) {
        if (strcmp(s->pages[i].path, path))
            continue;
        if (s->pages[i].version)
            return answer_version(c, s->pages[i].version);
        return answer_plain(c, MHD_HTTP_SERVICE_UNAVAILABLE,
                            "The feed is being made. Try again soon.\n", "Retry-After", "10");
    }
    if (strcmp(path, "/") == 0)
        return answer_index(s, c);
    return answer_absent(s, c);
}

/* A browser asks before it lets a page send If-None-Match to another origin (Fetch, section 4.8). */
static enum MHD_Result answer_preflight(const struct server *s, struct MHD_Connection *c)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result done = MHD_NO;
    if (!r)
        return done;
    if (add_header(r, "Access-Control-Allow-Origin", s->origin) &&
        add_header(r, "Access-Control-Allow-Methods", "GET, HEAD") &&
        add_header(r, "Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since") &&
        add_header(r, "Access-Control-Max-Age", "86400"))
        done = MHD_queue_response(c, MHD_HTTP_NO_CONTENT, r);
    MHD_destroy_response(r);
    return done;
}

enum MHD_Result server_answer(void *user, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    static char seen; /* any address will do */
    struct server *s = user;
    (void)version;
    (void)upload;
    int other = strcmp(method, "GET") && strcmp(method, "HEAD");
    /* An answer at the first call closes the connection, which a GET needn't. */
    if (!*request && !other) {
        *request = &seen;
        return MHD_YES;
    }
    if (*upload_size) { /* a body that nobody wants */
        *upload_size = 0;
        return MHD_YES;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = info ? info->socket_context : NULL;
    if (client) {
        client->busy = 1;
        client->since = uv_now(s->poll.loop);
    }
    if (s->origin && strcmp(method, "OPTIONS") == 0)
        return answer_preflight(s, c);
    if (other)
        return answer_plain(c, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD work here.\n",
                            "Allow", "GET, HEAD");
    pthread_mutex_lock(&s->lock);
    enum MHD_Result done = answer_path(s, c, url);
    pthread_mutex_unlock(&s->lock);
    return done;
}
