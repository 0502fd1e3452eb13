/* SPDX-License-Identifier: Apache-2.0 */
/* A request's copy, and what there is to know about URLs. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/uidna.h>

#include "fetch_internal.h"
#include "status.h"

/* A line end in a header would let its text become a header of its own. */
static int has_control(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
            return 1;
    return 0;
}

static const char *validator(const char *s)
{
    return s && *s && strlen(s) <= LIMIT_VALIDATOR && !has_control(s) ? s : NULL;
}

static char *copy(char **at, const char *s)
{
    if (!s)
        return NULL;
    size_t n = strlen(s) + 1;
    char *to = memcpy(*at, s, n);
    *at += n;
    return to;
}

static size_t room(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static int check(const struct fetch_request *request, int *is_file)
{
    if (!request->url || has_control(request->url))
        return E_INVALID;
    if (strlen(request->url) > LIMIT_URL)
        return E_LIMIT;
    for (size_t i = 0; i < request->n_headers; i++)
        if (!strchr(request->headers[i], ':') || has_control(request->headers[i]))
            return E_INVALID;
    if (request->accept && has_control(request->accept))
        return E_INVALID;
    *is_file = strncasecmp(request->url, "file:", 5) == 0;
    if (*is_file)
        return request->allow_file ? OK : E_REFUSED;
    if (strncasecmp(request->url, "http://", 7) && strncasecmp(request->url, "https://", 8))
        return strstr(request->url, "://") ? E_REFUSED : E_INVALID;
    return OK;
}

/* The host in ASCII, since curl can only convert it in a UTF-8 locale, which nobody here sets; the
 * rest percent-encoded where it must be (UTS 46, RFC 3987 3.1). An address that needs neither stays
 * as it is. E_INVALID, E_NOMEM. */
static int url_for_wire(const char *url, char **wire)
{
    const char *p = url;
    while (*p > ' ' && *p < 0x7f)
        p++;
    if (!*p)
        return (*wire = strdup(url)) ? OK : E_NOMEM;
    CURLU *u = curl_url();
    char *host = NULL, *whole = NULL, ascii[256];
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &error);
    int r = E_INVALID;
    if (u && U_SUCCESS(error) && !curl_url_set(u, CURLUPART_URL, url, CURLU_URLENCODE) &&
        !curl_url_get(u, CURLUPART_HOST, &host, 0)) {
        int32_t n = uidna_nameToASCII_UTF8(idna, host, -1, ascii, sizeof ascii - 1, &info, &error);
        int plain =
            host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "-._:[]%~")] == '\0';
        ascii[n < 0 || n > 255 ? 0 : n] = '\0';
        if (plain ||
            (U_SUCCESS(error) && !info.errors && !curl_url_set(u, CURLUPART_HOST, ascii, 0)))
            r = curl_url_get(u, CURLUPART_URL, &whole, 0) ? E_INVALID : OK;
    }
    if (!r && !(*wire = strdup(whole)))
        r = E_NOMEM;
    uidna_close(idna);
    curl_free(host);
    curl_free(whole);
    curl_url_cleanup(u);
    return r;
}

int job_create(const struct fetch_request *request, struct job **job)
{
    int is_file = 0, r = check(request, &is_file);
    if (r)
        return r;
    const char *etag = validator(request->etag), *modified = validator(request->last_modified);
    size_t pointers = request->n_headers * sizeof(char *);
    size_t n = pointers + room(etag) + room(modified) + room(request->accept);
    for (size_t i = 0; i < request->n_headers; i++)
        n += room(request->headers[i]);
    struct job *made = calloc(1, sizeof *made + n);
    char *url = NULL;
    r = !made     ? E_NOMEM
        : is_file ? (url = strdup(request->url)) ? OK : E_NOMEM
                  : url_for_wire(request->url, &url);
    if (r) {
        free(made);
        return r;
    }
    /* strings[] stands at the end of a struct full of pointers, so it is aligned for them. */
    made->headers = (char **)(void *)made->strings;
    char *at = made->strings + pointers;
    for (size_t i = 0; i < request->n_headers; i++)
        made->headers[i] = copy(&at, request->headers[i]);
    made->n_headers = request->n_headers;
    made->etag = copy(&at, etag);
    made->last_modified = copy(&at, modified);
    made->accept = copy(&at, request->accept);
    made->url = url;
    made->is_file = is_file;
    made->allow_private = request->allow_private;
    made->own_headers = made->permanent = 1;
    *job = made;
    return OK;
}

void job_destroy(struct job *job)
{
    if (!job)
        return;
    free(job->url);
    free(job);
}

char *url_resolve(const char *base, const char *location)
{
    CURLU *u = curl_url();
    char *whole = NULL, *made = NULL;
    /* Servers send spaces and UTF-8 as they are, hence URLENCODE. */
    if (u && !curl_url_set(u, CURLUPART_URL, base, CURLU_URLENCODE) &&
        !curl_url_set(u, CURLUPART_URL, location, CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME) &&
        !curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) &&
        !curl_url_get(u, CURLUPART_URL, &whole, 0) && url_for_wire(whole, &made))
        made = NULL;
    curl_free(whole);
    curl_url_cleanup(u);
    return made;
}

struct origin {
    char *scheme, *host, *port;
};

static int origin_get(const char *url, struct origin *o)
{
    memset(o, 0, sizeof *o);
    CURLU *u = curl_url();
    int ok = u && !curl_url_set(u, CURLUPART_URL, url, CURLU_URLENCODE) &&
             !curl_url_get(u, CURLUPART_SCHEME, &o->scheme, 0) &&
             !curl_url_get(u, CURLUPART_HOST, &o->host, 0) &&
             !curl_url_get(u, CURLUPART_PORT, &o->port, CURLU_DEFAULT_PORT);
    curl_url_cleanup(u);
    return ok;
}

static void origin_finish(struct origin *o)
{
    curl_free(o->scheme);
    curl_free(o->host);
    curl_free(o->port);
}

int url_same_origin(const char *from, const char *to)
{
    struct origin a, b;
    int same = origin_get(from, &a);
    if (origin_get(to, &b) && same) {
        int upgrade = strcasecmp(a.scheme, "http") == 0 && strcmp(a.port, "80") == 0 &&
                      strcasecmp(b.scheme, "https") == 0 && strcmp(b.port, "443") == 0;
        int alike = strcasecmp(a.scheme, b.scheme) == 0 && strcmp(a.port, b.port) == 0;
        same = strcasecmp(a.host, b.host) == 0 && (alike || upgrade);
    } else {
        same = 0;
    }
    origin_finish(&a);
    origin_finish(&b);
    return same;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *url_file_path(const char *url)
{
    if (strncasecmp(url, "file:", 5))
        return NULL;
    url += 5;
    if (url[0] == '/' && url[1] == '/') {
        url += 2;
        if (strncasecmp(url, "localhost/", 10) == 0)
            url += 9;
    }
    if (url[0] != '/')
        return NULL;
    char *path = malloc(strlen(url) + 1), *to = path;
    if (!path)
        return NULL;
    for (; *url; url++) {
        int h = url[0] == '%' ? hex(url[1]) : -1, l = h >= 0 ? hex(url[2]) : -1;
        *to = (char)(l >= 0 ? h * 16 + l : *url);
        if (!*to) { /* %00 would end the path before its end */
            free(path);
            return NULL;
        }
        to++;
        url += l >= 0 ? 2 : 0;
    }
    *to = '\0';
    return path;
}
