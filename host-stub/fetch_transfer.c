/* SPDX-License-Identifier: Apache-2.0 */
/* One transfer: what curl is told, what it calls, and what becomes of its end. Redirects are
 * followed here and not by curl, so that each hop is checked, counted by its own host and without
 * headers that were meant for another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "fetch_address.h"
#include "fetch_internal.h"
#include "fetch_proxy.h"
#include "status.h"

#define ACCEPT_FEEDS                                                                               \
    "application/atom+xml, application/rss+xml, application/feed+json, "                           \
    "application/rdf+xml;q=0.9, "                                                                  \
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.3, */*;q=0.1"

enum { CONNECT_MS = 20000, SLOW_BYTES = 64, SLOW_SECONDS = 20, UNWANTED = 65536 };

static int has_body(int http)
{
    return http == 200 || http == 203; /* 203: by a transforming proxy */
}

static int is_redirect(int http)
{
    return http == 301 || http == 302 || http == 303 || http == 307 || http == 308;
}

/* One line a call, as curl says; but the lines that come while it is paused come all at once. */
static size_t on_header(char *lines, size_t size, size_t n, void *user)
{
    struct slot *slot = user;
    n *= size;
    for (size_t at = 0, len; at < n && !slot->failed; at += len) {
        const char *end = memchr(lines + at, '\n', n - at);
        len = end ? (size_t)(end - lines) + 1 - at : n - at;
        slot->failed = response_line(&slot->response, lines + at, len);
    }
    return slot->failed ? 0 : n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
    struct slot *slot = user;
    n *= size;
    if (!has_body(slot->response.http)) {
        /* A short one is read, since that keeps the connection; a long one isn't worth it. */
        slot->thrown_away += n;
        return slot->thrown_away > UNWANTED ? 0 : n;
    }
    if (!fetcher_may_read(slot, n))
        return CURL_WRITEFUNC_PAUSE; /* curl keeps these bytes and brings them again */
    size_t before = slot->body.n;
    slot->failed = buf_add(&slot->body, bytes, n);
    if (slot->failed) {
        slot->fetcher->bytes -= before;
        return 0;
    }
    struct fetcher *f = slot->fetcher;
    f->bytes += n;
    if (f->bytes > f->most_bytes)
        f->most_bytes = f->bytes;
    return n;
}

static int allowed(const struct slot *slot)
{
    return slot->job->allow_private || slot->proxied;
}

static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct slot *slot = user;
    (void)purpose;
    if (!allowed(slot) && !address_is_public(&address->addr)) {
        address_text(&address->addr, slot->refused);
        return CURL_SOCKET_BAD;
    }
    slot->tried = 1; /* so a failure is that address's and not for want of a public one */
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that an earlier transfer opened, with other rights, may be used again: check it too.
 */
static int on_request(void *user, char *remote, char *local, int remote_port, int local_port)
{
    struct slot *slot = user;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (allowed(slot) || address_text_is_public(remote, 0)) {
        slot->refused[0] = '\0';
        return CURL_PREREQFUNC_OK;
    }
    snprintf(slot->refused, sizeof slot->refused, "%.60s", remote);
    slot->tried = 0;
    return CURL_PREREQFUNC_ABORT;
}

/* What stays the same for every job of the slot. */
static int slot_easy(struct slot *slot)
{
    if (slot->easy)
        return OK;
    const struct fetcher *f = slot->fetcher;
    CURL *e = curl_easy_init();
    if (!e)
        return E_NOMEM;
    int bad = 0;
#define SET(option, value) bad |= curl_easy_setopt(e, CURLOPT_##option, value) != CURLE_OK
    SET(PRIVATE, slot);
    SET(ERRORBUFFER, slot->message);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, slot);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, slot);
    SET(OPENSOCKETFUNCTION, on_socket);
    SET(OPENSOCKETDATA, slot);
    SET(PREREQFUNCTION, on_request);
    SET(PREREQDATA, slot);
    SET(NOSIGNAL, 1L);
    SET(QUICK_EXIT, 1L); /* else giving a transfer up waits for its name to be resolved */
    SET(PROTOCOLS_STR, "http,https");
    SET(FOLLOWLOCATION, 0L);
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(ACCEPT_ENCODING, ""); /* all that this curl can decode */
    SET(USERAGENT, f->user_agent);
    SET(NOPROXY, ""); /* choose_proxy() decides, and not curl by the environment */
    if (f->ca_file)
        SET(CAINFO, f->ca_file);
    SET(SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    SET(LOW_SPEED_TIME, (long)SLOW_SECONDS);
    SET(MAXFILESIZE_LARGE, (curl_off_t)f->max_body);
#undef SET
    if (bad) {
        curl_easy_cleanup(e);
        return E_NOMEM;
    }
    slot->easy = e;
    return OK;
}

static int names(const char *header, const char *name)
{
    size_t n = strlen(name);
    return strncasecmp(header, name, n) == 0 && header[n] == ':';
}

static int add_header(struct slot *slot, const char *name, const char *value)
{
    char line[LIMIT_VALIDATOR + 64];
    if ((size_t)snprintf(line, sizeof line, "%s: %s", name, value) >= sizeof line)
        return OK; /* only an Accept could be so long */
    struct curl_slist *more = curl_slist_append(slot->headers, line);
    if (!more)
        return E_NOMEM;
    slot->headers = more;
    return OK;
}

static int slot_headers(struct slot *slot)
{
    const struct job *job = slot->job;
    int own_accept = 0, r = OK;
    for (size_t i = 0; job->own_headers && i < job->n_headers && !r; i++) {
        struct curl_slist *more = curl_slist_append(slot->headers, job->headers[i]);
        r = more ? OK : E_NOMEM;
        slot->headers = more ? more : slot->headers;
        own_accept |= names(job->headers[i], "accept");
    }
    if (!r && !own_accept)
        r = add_header(slot, "Accept", job->accept ? job->accept : ACCEPT_FEEDS);
    if (!r && job->etag)
        r = add_header(slot, "If-None-Match", job->etag);
    if (!r && job->last_modified)
        r = add_header(slot, "If-Modified-Since", job->last_modified);
    return r;
}

/* Through a proxy the proxy connects, so all that can be checked is what the URL says. */
static int literal_is_private(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    int private = 1;
    if (u && !curl_url_set(u, CURLUPART_URL, url, CURLU_URLENCODE) &&
        !curl_url_get(u, CURLUPART_HOST, &host, 0))
    private = !address_text_is_public(host, 1) || strcasecmp(host, "localhost") == 0;
    curl_free(host);
    curl_url_cleanup(u);
    return private;
}

static int choose_proxy(struct slot *slot)
{
    const char *proxy = slot->fetcher->proxy;
    if (proxy && strcmp(proxy, PROXY_ENVIRONMENT) == 0)
        proxy = proxy_of_environment(slot->job->url);
    slot->proxied = proxy != NULL;
    return curl_easy_setopt(slot->easy, CURLOPT_PROXY, proxy ? proxy : "") ? E_NOMEM : OK;
}

static int start(struct slot *slot)
{
    struct job *job = slot->job;
    struct fetcher *f = slot->fetcher;
    if (job->is_file)
        return slot_start_file(slot);
    int r = slot_easy(slot);
    if (!r)
        r = choose_proxy(slot);
    if (!r && slot->proxied && !job->allow_private && literal_is_private(job->url)) {
        snprintf(slot->refused, sizeof slot->refused, "named in the URL");
        return E_REFUSED;
    }
    if (!r)
        r = slot_headers(slot);
    if (!r && (curl_easy_setopt(slot->easy, CURLOPT_URL, job->url) ||
               curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers) ||
               curl_multi_add_handle(f->multi, slot->easy)))
        r = E_NOMEM;
    return r;
}

void slot_start(struct slot *slot, struct job *job)
{
    struct fetcher *f = slot->fetcher;
    uint64_t now = uv_now(f->loop);
    slot->job = job;
    slot->failed = OK;
    slot->tried = 0;
    slot->thrown_away = 0;
    slot->refused[0] = slot->message[0] = '\0';
    response_reset(&slot->response);
    buf_init(&slot->body, f->max_body);
    if (!job->redirects)
        job->began = now;
    slot->deadline = now + (job->redirects ? job->left_ms : (uint64_t)f->timeout_ms);
    slot->failed = start(slot);
    if (slot->failed)
        slot->deadline = 0;
    fetcher_watch(f, slot->failed != OK);
}

static const char *advice(int http)
{
    switch (http) {
    case 401:
    case 403:
    case 407:
        return "not allowed; does it need a login (headers: in the source), or does the site "
               "refuse programs?";
    case 404:
        return "not found; check the address";
    case 406:
        return "the server has it in no form that was asked for";
    case 410:
        return "gone for good; remove the source";
    case 429:
        return "asked too often; it is left alone for a while";
    case 204:
        return "the answer is empty";
    default:
        return http >= 500   ? "the server has a problem; it is tried again later"
               : http >= 400 ? "the server refused the request"
                             : "an answer that is no document";
    }
}

static int status_of(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return E_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED:
        return E_LIMIT;
    case CURLE_OUT_OF_MEMORY:
        return E_NOMEM;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return E_INVALID;
    default:
        return E_NET;
    }
}

/* What curl could not do. */
static void explain_code(const struct slot *slot, CURLcode code, char *to, size_t n)
{
    const struct fetcher *f = slot->fetcher;
    const char *said = slot->message[0] ? slot->message : curl_easy_strerror(code);
    const char *proxy =
        (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT) && !f->proxy &&
                proxy_in_environment()
            ? "; the environment names a proxy, which `proxy: environment` would use"
            : "";
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        snprintf(to, n, "its name cannot be resolved; check the address and the network%s", proxy);
    else if (code == CURLE_COULDNT_RESOLVE_PROXY)
        snprintf(to, n, "the proxy's name cannot be resolved; check `proxy:`");
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        snprintf(to, n,
                 "its certificate is not trusted (%.300s); if it is your own, name its authority's "
                 "PEM file with `ca-file:`",
                 said);
    else if (code == CURLE_SSL_CACERT_BADFILE)
        snprintf(to, n, "the certificates of %.300s cannot be read; check `ca-file:`",
                 f->ca_file ? f->ca_file : "the system (package ca-certificates)");
    else
        snprintf(to, n, "%.400s%s", said, proxy);
}

/* Why the slot's transfer failed, for people. */
static void explain(const struct slot *slot, int status, CURLcode code, char *to, size_t n)
{
    const struct fetcher *f = slot->fetcher;
    if (status == E_REFUSED && slot->refused[0])
        snprintf(to, n,
                 "its address (%s) is not public; allow-private: true in the source allows it",
                 slot->refused);
    else if (status == E_INVALID && slot->job->is_file)
        snprintf(to, n, "needs an absolute path on this machine: file:///home/…/feed.xml");
    else if (status == E_LIMIT && slot->response.bytes > LIMIT_HEADERS)
        snprintf(to, n, "sends more than %zu bytes of headers", LIMIT_HEADERS);
    else if (status == E_LIMIT)
        snprintf(to, n, "is larger than %zu bytes", f->max_body);
    else if (status == E_TIMEOUT && code == CURLE_OK)
        snprintf(to, n, "not done after %d s; timeout: raises the limit", f->timeout_ms / 1000);
    else if (status == E_HTTP)
        snprintf(to, n, "HTTP %d: %s", slot->response.http, advice(slot->response.http));
    else if (code)
        explain_code(slot, code, to, n);
    else
        snprintf(to, n, "%s", status_text(status));
}

static void end(struct slot *slot, int status, CURLcode code, const char *why)
{
    const struct response *r = &slot->response;
    struct job *job = slot->job;
    int64_t now = (int64_t)time(NULL);
    char error[1024];
    if (status && !why)
        explain(slot, status, code, error, sizeof error);
    struct fetch_result result = {
        .status = status,
        .http = r->http,
        .error = status ? why ? why : error : NULL,
        .content_type = r->content_type,
        .etag = r->etag,
        .last_modified = r->last_modified,
        .moved_to = !status && job->redirects && job->permanent ? job->url : NULL,
        .retry_after = response_retry(r, now),
        .max_age = response_freshness(r, now),
        .gone = r->http == 410,
    };
    fetcher_end(slot, &result);
}

static void follow(struct slot *slot)
{
    struct job *job = slot->job;
    struct fetcher *f = slot->fetcher;
    char why[256 + 300];
    int http = slot->response.http;
    char *next = url_resolve(job->url, slot->response.location);
    if (!next) {
        snprintf(why, sizeof why, "redirects to what is no address: %.300s",
                 slot->response.location);
        end(slot, E_HTTP, CURLE_OK, why);
    } else if (strncasecmp(next, "http://", 7) && strncasecmp(next, "https://", 8)) {
        snprintf(why, sizeof why, "redirects to %.300s; only http and https are followed", next);
        end(slot, E_REFUSED, CURLE_OK, why);
    } else if (job->redirects == LIMIT_REDIRECTS || strcmp(next, job->url) == 0) {
        snprintf(why, sizeof why, "redirects in a circle, or more than %d times; last to %.300s",
                 LIMIT_REDIRECTS, next);
        end(slot, E_HTTP, CURLE_OK, why);
    } else {
        uint64_t now = uv_now(f->loop);
        job->left_ms = slot->deadline > now ? slot->deadline - now : 0;
        job->redirects++;
        job->permanent = job->permanent && (http == 301 || http == 308);
        job->own_headers = job->own_headers && url_same_origin(job->url, next);
        slot_free(slot);
        queue_release(f, job);
        free(job->url);
        job->url = next;
        int r = queue_add(f, job, 1);
        if (r) {
            struct fetch_result result = {
                .status = r, .error = status_text(r), .retry_after = -1, .max_age = -1};
            job_end(f, job, &result);
        }
        return;
    }
    free(next);
}

void slot_done(struct slot *slot, CURLcode code)
{
    const struct response *r = &slot->response;
    int asked = slot->job->etag || slot->job->last_modified;
    if (code && slot->refused[0] && !slot->tried)
        end(slot, E_REFUSED, code, NULL);
    else if (slot->failed)
        end(slot, slot->failed, code, NULL);
    else if (r->http && !r->complete &&
             !code) /* curl takes a cut within the headers for their end */
        end(slot, E_NET, CURLE_OK, "the connection was cut within the headers");
    else if (is_redirect(r->http) && r->location)
        follow(slot);
    else if (r->http == 304 && asked)
        end(slot, OK, CURLE_OK, NULL);
    else if (r->http && !has_body(r->http)) /* whatever became of a body that nobody wants */
        end(slot, E_HTTP, CURLE_OK, NULL);
    else
        end(slot, code ? status_of(code) : r->http ? OK : E_NET, code, NULL);
}

void slot_abort(struct slot *slot, int status)
{
    if (slot->job->is_file)
        slot_abandon_file(slot);
    else if (slot->easy)
        curl_multi_remove_handle(slot->fetcher->multi, slot->easy);
    end(slot, status, CURLE_OK, NULL);
}

void slot_finish(struct slot *slot)
{
    if (slot->easy)
        curl_easy_cleanup(slot->easy);
    slot->easy = NULL;
    response_finish(&slot->response);
}
