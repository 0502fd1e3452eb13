/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_url.h"

#include <string.h>
#include <strings.h>

#include "limits.h"
#include "status.h"

struct parts {
    wn_str scheme, authority, path, query; /* query with its "?"; absent: ptr NULL */
};

/* Length of the scheme, without ":", or 0. "www.example.org:80/" has none. */
static size_t scheme_of(wn_str url)
{
    size_t i = 0;
    while (i < url.len && i < 32) {
        char c = url.ptr[i];
        int letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (c == ':')
            return i && !memchr(url.ptr, '.', i) ? i : 0;
        if (!letter && !(i && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return 0;
        i++;
    }
    return 0;
}

int url_is_absolute(wn_str url)
{
    return scheme_of(url) > 0;
}

int url_is_safe(wn_str url)
{
    static const char *const safe[] = {
        "http", "https", "ftp",    "ftps",  "sftp", "mailto", "magnet",  "feed",   "news",
        "nntp", "tel",   "urn",    "tag",   "rtsp", "mms",    "rtmp",    "gemini", "gopher",
        "ipfs", "ipns",  "ed2k",   "irc",   "ircs", "xmpp",   "sip",     "sips",   "webcal",
        "geo",  "sms",   "doi",    "info",  "dat",  "ssb",    "matrix",  "git",    "ssh",
        "svn",  "wais",  "telnet", "snews", "itpc", "pcast",  "podcast", "cid",    "rsync",
    };
    size_t n = scheme_of(url);
    for (size_t i = 0; n && i < sizeof safe / sizeof *safe; i++)
        if (strlen(safe[i]) == n && strncasecmp(url.ptr, safe[i], n) == 0)
            return 1;
    return n == 0;
}

static struct parts split(wn_str url)
{
    struct parts u = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    const char *p = url.ptr, *end = url.ptr + url.len;
    size_t n = scheme_of(url);
    if (n) {
        u.scheme = str_of(p, n);
        p += n + 1;
    }
    if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
        const char *q = p + 2;
        while (q < end && *q != '/' && *q != '?' && *q != '#')
            q++;
        u.authority = str_of(p + 2, (size_t)(q - p - 2));
        p = q;
    }
    const char *q = p;
    while (q < end && *q != '?' && *q != '#')
        q++;
    u.path = str_of(p, (size_t)(q - p));
    if (q < end)
        u.query = str_of(q, (size_t)(end - q));
    return u;
}

/* Appends a path without "." and ".." (RFC 3986, 5.2.4). */
static void add_path(struct buf *out, wn_str path)
{
    size_t floor = out->n;
    const char *p = path.ptr, *end = path.ptr + path.len;
    while (p < end) {
        const char *q = p + 1;
        while (q < end && *q != '/')
            q++;
        size_t n = (size_t)(q - p);
        const char *name = *p == '/' ? p + 1 : p;
        size_t k = (size_t)(q - name);
        int dots = k == 1 && name[0] == '.'                     ? 1
                   : k == 2 && name[0] == '.' && name[1] == '.' ? 2
                                                                : 0;
        if (dots == 2)
            while (out->n > floor && out->p[--out->n] != '/')
                ;
        if (!dots)
            buf_add(out, p, n);
        else if (q == end)
            buf_addc(out, '/');
        p = q;
    }
}

/* Appends ref without blanks and controls at its ends and with those inside mended. */
static void add_clean(struct buf *out, wn_str ref)
{
    while (ref.len && (unsigned char)ref.ptr[0] <= ' ') {
        ref.ptr++;
        ref.len--;
    }
    while (ref.len && (unsigned char)ref.ptr[ref.len - 1] <= ' ')
        ref.len--;
    if (!ref.len)
        return;
    const char *p = ref.ptr, *end = p + ref.len;
    while (p < end) {
        const char *q = p;
        while (q < end && (unsigned char)*q > ' ')
            q++;
        buf_add(out, p, (size_t)(q - p));
        if (q < end && *q == ' ')
            buf_adds(out, "%20");
        p = q + (q < end);
    }
}

int url_absolute(struct buf *out, wn_str base, wn_str ref)
{
    struct buf clean;
    buf_init(&clean, 4 * LIMIT_URL);
    add_clean(&clean, ref);
    wn_str url = str_of(clean.p, clean.n);
    if (clean.err) {
        buf_finish(&clean);
        return E_LIMIT;
    }
    if (!url.len || url_is_absolute(url) || !base.ptr || !url_is_absolute(base)) {
        buf_add(out, url.ptr, url.len);
        buf_finish(&clean);
        return out->err;
    }
    struct parts b = split(base), r = split(url);
    buf_addstr(out, b.scheme);
    buf_addc(out, ':');
    if (r.authority.ptr || b.authority.ptr) {
        buf_adds(out, "//");
        buf_addstr(out, r.authority.ptr ? r.authority : b.authority);
    }
    if (r.authority.ptr || (r.path.len && r.path.ptr[0] == '/')) {
        add_path(out, r.path);
    } else if (!r.path.len) {
        add_path(out, b.path);
        if (b.query.ptr && b.query.ptr[0] == '?' && (!r.query.ptr || r.query.ptr[0] == '#')) {
            const char *hash = memchr(b.query.ptr, '#', b.query.len);
            buf_add(out, b.query.ptr, hash ? (size_t)(hash - b.query.ptr) : b.query.len);
        }
    } else {
        /* Merged: the base's path up to its last slash. */
        struct buf path;
        size_t k = b.path.len;
        while (k && b.path.ptr[k - 1] != '/')
            k--;
        buf_init(&path, 8 * LIMIT_URL);
        if (!k && b.authority.ptr)
            buf_addc(&path, '/');
        buf_add(&path, b.path.ptr, k);
        buf_addstr(&path, r.path);
        add_path(out, str_of(path.p, path.n));
        buf_finish(&path);
    }
    if (r.query.ptr)
        buf_addstr(out, r.query);
    buf_finish(&clean);
    return out->err;
}
