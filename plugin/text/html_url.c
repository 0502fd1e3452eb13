/* SPDX-License-Identifier: Apache-2.0 */
#include "html_url.h"

#include <string.h>
#include <strings.h>

#include "limits.h"
#include "utf8.h"

/* A URL's five parts, RFC 3986 section 3; a NULL ptr says that the part is absent. */
struct parts {
    wn_str scheme, authority, path, query, fragment;
};

static wn_str slice(const char *p, size_t n)
{
    wn_str s = {p, n};
    return s;
}

static int is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The scheme's length with its colon, 0: none. */
static size_t scheme_len(const char *s, size_t n)
{
    if (!n || !is_alpha(s[0]))
        return 0;
    for (size_t i = 1; i < n; i++) {
        if (s[i] == ':')
            return i + 1;
        if (!is_alpha(s[i]) && !(s[i] >= '0' && s[i] <= '9') && s[i] != '+' && s[i] != '-' &&
            s[i] != '.')
            return 0;
    }
    return 0;
}

static void split(wn_str u, struct parts *p)
{
    memset(p, 0, sizeof *p);
    const char *s = u.ptr, *end = u.ptr + u.len, *x;
    size_t n = scheme_len(s, u.len);
    if (n) {
        p->scheme = slice(s, n - 1);
        s += n;
    }
    if ((x = memchr(s, '#', (size_t)(end - s)))) {
        p->fragment = slice(x + 1, (size_t)(end - x) - 1);
        end = x;
    }
    if ((x = memchr(s, '?', (size_t)(end - s)))) {
        p->query = slice(x + 1, (size_t)(end - x) - 1);
        end = x;
    }
    if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
        s += 2;
        x = memchr(s, '/', (size_t)(end - s));
        x = x ? x : end;
        p->authority = slice(s, (size_t)(x - s));
        s = x;
    }
    p->path = slice(s, (size_t)(end - s));
}

static int scheme_is(wn_str s, const char *name)
{
    return s.len == strlen(name) && !strncasecmp(s.ptr, name, s.len);
}

static int is_web(wn_str scheme)
{
    return scheme_is(scheme, "http") || scheme_is(scheme, "https");
}

/* data: URLs of raster pictures only; SVG is a document that may run scripts. */
static int picture_data(wn_str u)
{
    static const char *const types[] = {"png", "gif", "jpeg", "jpg", "webp", "avif", "bmp"};
    if (u.len < 24 || strncasecmp(u.ptr, "data:image/", 11))
        return 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i]);
        if (!strncasecmp(u.ptr + 11, types[i], n) && !strncasecmp(u.ptr + 11 + n, ";base64,", 8)) {
            for (size_t k = 19 + n; k < u.len; k++) {
                char c = u.ptr[k];
                if (!is_alpha(c) && !(c >= '0' && c <= '9') && c != '+' && c != '/' && c != '=' &&
                    c != '-' && c != '_' && c != '%')
                    return 0;
            }
            return 1;
        }
    }
    return 0;
}

/* Copies what a URL may hold: controls and the characters that end attributes are encoded. */
static void add_encoded(struct tbuf *out, wn_str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '\'' || c == '`' ||
            c == '\\' || c == '{' || c == '}' || c == '|' || c == '^') {
            tbuf_addc(out, '%');
            tbuf_addc(out, hex[c >> 4]);
            tbuf_addc(out, hex[c & 15]);
        } else {
            tbuf_addc(out, (char)c);
        }
    }
}

/* RFC 3986 section 5.2.4 on what stands in out from `start` on. */
static void remove_dots(struct tbuf *out, size_t start)
{
    char *base = out->p + start;
    size_t n = out->n - start, w = 0, i = 0;
    while (i < n) {
        size_t k = i;
        while (k < n && base[k] != '/')
            k++;
        size_t len = k - i;
        int last = k == n;
        if (len == 1 && base[i] == '.') {
            /* nothing of it stays */
        } else if (len == 2 && base[i] == '.' && base[i + 1] == '.') {
            if (w > 1) {
                w--;
                while (w > 0 && base[w - 1] != '/')
                    w--;
            }
        } else {
            memmove(base + w, base + i, len);
            w += len;
            if (!last)
                base[w++] = '/';
        }
        i = k + 1;
    }
    out->n = start + w;
    out->p[out->n] = '\0';
}

static void add_path(struct tbuf *out, const struct parts *p, const struct parts *base)
{
    size_t start = out->n;
    if (base && !(p->path.len && p->path.ptr[0] == '/')) {
        size_t n = base->path.len;
        if (p->path.len)
            while (n && base->path.ptr[n - 1] != '/')
                n--;
        if (!n)
            tbuf_addc(out, '/');
        add_encoded(out, slice(base->path.ptr, n));
    }
    add_encoded(out, p->path);
    if (!out->err && out->n > start && out->p[start] == '/' &&
        memchr(out->p + start, '.', out->n - start))
        remove_dots(out, start);
}

static void add_web(struct tbuf *out, const struct parts *p, const struct parts *base)
{
    const struct parts *authority = p->scheme.ptr || p->authority.ptr || !base ? p : base;
    wn_str scheme = p->scheme.ptr ? p->scheme : base->scheme;
    tbuf_adds(out, scheme_is(scheme, "https") ? "https://" : "http://");
    add_encoded(out, authority->authority);
    add_path(out, p, authority == base ? base : NULL);
    wn_str query = p->query;
    if (!query.ptr && authority == base && !p->path.len && base->query.ptr)
        query = base->query;
    if (query.ptr) {
        tbuf_addc(out, '?');
        add_encoded(out, query);
    }
    if (p->fragment.ptr) {
        tbuf_addc(out, '#');
        add_encoded(out, p->fragment);
    }
}

static void add_tidied(struct tbuf *t, wn_str url)
{
    /* As browsers do: white space around goes, tabs and newlines within too. */
    while (url.len && (unsigned char)url.ptr[0] <= 0x20) {
        url.ptr++;
        url.len--;
    }
    while (url.len && (unsigned char)url.ptr[url.len - 1] <= 0x20)
        url.len--;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c != '\t' && c != '\n' && c != '\r' && c != '\0')
            tbuf_addc(t, (char)c);
    }
}

static void turn_slashes(char *s, size_t n)
{
    for (size_t i = 0; i < n && s[i] != '?' && s[i] != '#'; i++)
        if (s[i] == '\\')
            s[i] = '/';
}

int url_clean(wn_str url, wn_str base, unsigned allowed, struct tbuf *out)
{
    struct tbuf t;
    struct parts p, b;
    size_t mark = out->n;
    int status = WN_INVALID;
    if (url.len > TEXT_LIMIT_URL && !(allowed & URL_PICTURE))
        return WN_INVALID;
    if (!utf8_valid(url.ptr ? url.ptr : "", url.ptr ? url.len : 0))
        return WN_INVALID; /* an overflown character reference (html.c) is no address */
    tbuf_init(&t, TEXT_LIMIT_ATTRIBUTE);
    add_tidied(&t, url);
    if (t.err) {
        status = t.err;
        goto out;
    }
    wn_str u = {t.p ? t.p : "", t.n};
    size_t n = scheme_len(u.ptr, u.len);
    wn_str scheme = slice(u.ptr, n ? n - 1 : 0);
    if (n && (allowed & URL_PICTURE) && picture_data(u)) {
        status = tbuf_add(out, u.ptr, u.len);
        goto out;
    }
    if (u.len > TEXT_LIMIT_URL)
        goto out;
    if (n && ((allowed & URL_MAIL && (scheme_is(scheme, "mailto") || scheme_is(scheme, "tel"))) ||
              (allowed & URL_FILES && (scheme_is(scheme, "ftp") || scheme_is(scheme, "magnet"))))) {
        for (size_t i = 0; i < n; i++)
            tbuf_addc(out, is_alpha(u.ptr[i]) ? (char)(u.ptr[i] | 0x20) : u.ptr[i]);
        add_encoded(out, slice(u.ptr + n, u.len - n));
        status = out->err;
        goto out;
    }
    if (n && !is_web(scheme))
        goto out;
    if (t.p)
        turn_slashes(t.p, t.n);
    split(u, &p);
    split(base.ptr ? base : slice("", 0), &b);
    int have_base = b.scheme.ptr && is_web(b.scheme) && b.authority.len;
    if (p.scheme.ptr && !p.authority.len) {
        /* "http:path" and "http:///host/": browsers take the first name for the host. */
        const char *s = p.path.ptr;
        size_t left = p.path.len;
        while (left && *s == '/') {
            s++;
            left--;
        }
        const char *slash = memchr(s, '/', left);
        p.authority = slice(s, slash ? (size_t)(slash - s) : left);
        p.path = slice(s + p.authority.len, left - p.authority.len);
    }
    if ((p.authority.ptr ? !p.authority.len : p.scheme.ptr != NULL) ||
        (!p.scheme.ptr && !have_base) || (!u.len && !have_base))
        goto out;
    add_web(out, &p, have_base ? &b : NULL);
    status = out->err;
out:
    tbuf_finish(&t);
    if (status != WN_OK && out->n > mark)
        out->p[out->n = mark] = '\0';
    return status;
}

/* Rewrites a query without the unwanted parameters; returns its new length. */
static size_t strip_query(char *q, size_t n, wn_str host, url_param_fn fn, void *user,
                          unsigned *removed)
{
    size_t w = 0, i = 0;
    while (i <= n) {
        size_t end = i;
        while (end < n && q[end] != '&' && q[end] != ';')
            end++;
        size_t start = i;
        if (end - start > 4 && !memcmp(q + start, "amp;", 4))
            start += 4; /* escaped once too often */
        size_t name = start;
        while (name < end && q[name] != '=')
            name++;
        /* "&amp;x=1" split at its ';' leaves an empty "amp" in front, which goes with it. */
        if (fn(user, host.ptr, host.len, q + start, name - start)) {
            ++*removed;
            if (w >= 4 && i && q[i - 1] == ';' && !memcmp(q + w - 4, "&amp", 4))
                w -= 4;
        } else if (end > i) {
            if (w)
                q[w++] = i && q[i - 1] == ';' ? ';' : '&';
            memmove(q + w, q + i, end - i);
            w += end - i;
        }
        i = end + 1;
    }
    return w;
}

unsigned url_strip(struct tbuf *url, size_t from, url_param_fn fn, void *user)
{
    unsigned removed = 0;
    char *s = url->p + from;
    size_t n = url->n - from;
    char *hash = memchr(s, '#', n);
    size_t before = hash ? (size_t)(hash - s) : n;
    char *mark = memchr(s, '?', before);
    if (!mark && !(hash && memchr(hash, '=', n - before)))
        return 0;
    wn_str host = url_host(slice(s, n));
    if (hash && memchr(hash, '=', n - before)) {
        unsigned gone = 0;
        size_t len = strip_query(hash + 1, n - before - 1, host, fn, user, &gone);
        if (gone)
            n = before + (len ? 1 + len : 0);
        removed += gone;
    }
    if (mark) {
        unsigned gone = 0;
        size_t q = (size_t)(mark - s) + 1;
        size_t len = strip_query(s + q, before - q, host, fn, user, &gone);
        if (gone) {
            size_t keep = len ? q + len : q - 1;
            memmove(s + keep, s + before, n - before);
            n = keep + n - before;
        }
        removed += gone;
    }
    url->n = from + n;
    url->p[url->n] = '\0';
    return removed;
}

wn_str url_host(wn_str url)
{
    struct parts p;
    split(url.ptr ? url : slice("", 0), &p);
    wn_str h = p.authority;
    const char *at = h.len ? memrchr(h.ptr, '@', h.len) : NULL;
    if (at)
        h = slice(at + 1, h.len - (size_t)(at + 1 - h.ptr));
    const char *colon = h.len ? memrchr(h.ptr, ':', h.len) : NULL;
    if (colon && !memchr(colon, ']', h.len - (size_t)(colon - h.ptr)))
        h.len = (size_t)(colon - h.ptr);
    return h;
}

int url_host_in(wn_str host, const char *domain, size_t len)
{
    return host.len >= len && !strncasecmp(host.ptr + host.len - len, domain, len) &&
           (host.len == len || host.ptr[host.len - len - 1] == '.');
}

int url_decode(wn_str s, struct tbuf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned v = 0;
        size_t k = 1;
        if (s.ptr[i] == '%')
            for (; k < 3 && i + k < s.len; k++) {
                char c = s.ptr[i + k];
                if (c >= '0' && c <= '9')
                    v = v * 16 + (unsigned)(c - '0');
                else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
                    v = v * 16 + (unsigned)((c | 0x20) - 'a') + 10;
                else
                    break;
            }
        if (k == 3 && s.ptr[i] == '%') {
            tbuf_addc(out, (char)v);
            i += 2;
        } else {
            tbuf_addc(out, s.ptr[i]);
        }
    }
    return out->err;
}
