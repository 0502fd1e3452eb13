/* SPDX-License-Identifier: Apache-2.0 */
#include "url.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

#define PARTS_MAX 64 /* query parameters that are looked at */

struct part {
    const char *s;
    size_t n;
};

static const char *const TRACKING[] = {
    "fbclid",     "gclid",       "dclid",       "msclkid",   "yclid",       "twclid",
    "igshid",     "mc_cid",      "mc_eid",      "ref_src",   "ref_url",     "cmpid",
    "ncid",       "ocid",        "sr_share",    "wt_mc",     "wt_zmc",      "xtor",
    "_hsenc",     "_hsmi",       "mkt_tok",     "vero_id",   "wickedid",    "oly_anon_id",
    "oly_enc_id", "s_cid",       "icid",        "ito",       "smid",        "feedtype",
    "feedname",   "ftag",        "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname",
    "at_medium",  "at_campaign", "partner",     "rss",       "source",      "from",
    "ref",        "referrer",    "share",       "shared",    "spm",         "cid",
};

/* Parameters that track only with these values, because elsewhere they name the article. */
static const char *const ONLY_WHEN[] = {"rss",      "feed",   "atom",       "twitter",
                                        "facebook", "social", "newsletter", "email",
                                        "share",    "1",      "true",       ""};

static bool equals(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

bool url_is_tracking(const char *name, size_t len)
{
    if ((len > 4 && strncasecmp(name, "utm_", 4) == 0) ||
        (len > 4 && strncasecmp(name, "pk_", 3) == 0) ||
        (len > 4 && strncasecmp(name, "mtm_", 4) == 0))
        return true;
    for (size_t i = 0; i + 10 < sizeof TRACKING / sizeof TRACKING[0]; i++)
        if (equals(name, len, TRACKING[i]))
            return true;
    return false;
}

static bool drops(const struct part *p)
{
    const char *eq = memchr(p->s, '=', p->n);
    size_t name = eq ? (size_t)(eq - p->s) : p->n;
    const char *value = eq ? eq + 1 : "";
    size_t value_len = eq ? p->n - name - 1 : 0;
    size_t all = sizeof TRACKING / sizeof TRACKING[0];
    if (p->n == 0 || url_is_tracking(p->s, name))
        return true;
    for (size_t i = all - 10; i < all; i++)
        if (equals(p->s, name, TRACKING[i]))
            for (size_t k = 0; k < sizeof ONLY_WHEN / sizeof ONLY_WHEN[0]; k++)
                if (equals(value, value_len, ONLY_WHEN[k]))
                    return true;
    return false;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

struct out {
    char *s;
    size_t n;
    bool full;
};

static void put(struct out *o, char c)
{
    if (o->n + 1 < URL_KEY_MAX)
        o->s[o->n++] = c;
    else
        o->full = true;
}

/* Copies with percent-encoding in one form: none for what needs none, upper case for the rest. */
static void put_text(struct out *o, const char *s, size_t n)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool escaped = c == '%' && i + 2 < n && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0;
        if (escaped) {
            c = (unsigned char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        }
        if ((escaped && !unreserved(c)) || c <= 0x20 || c >= 0x7F) {
            put(o, '%');
            put(o, digits[c >> 4]);
            put(o, digits[c & 15]);
        } else {
            put(o, (char)c);
        }
    }
}

/* The host in lower case, without user, default port, "www." and a final dot. */
static void put_host(struct out *o, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == '@') {
            s += i + 1;
            n -= i + 1;
            i = 0;
        }
    for (size_t i = n; i-- > 0 && s[i] != ']';)
        if (s[i] == ':') {
            if (equals(s + i, n - i, ":80") || equals(s + i, n - i, ":443") || i + 1 == n)
                n = i;
            break;
        }
    if (n > 0 && s[n - 1] == '.')
        n--;
    if (n > 4 && strncasecmp(s, "www.", 4) == 0 && memchr(s + 4, '.', n - 4)) {
        s += 4;
        n -= 4;
    }
    for (size_t i = 0; i < n; i++)
        put(o, s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i]);
}

/* The path without dot segments, doubled slashes, a final slash or index page. */
static void put_path(struct out *o, const char *s, size_t n)
{
    size_t floor = o->n;
    while (n > 0) {
        const char *end = memchr(s, '/', n);
        size_t len = end ? (size_t)(end - s) : n;
        if (equals(s, len, "..")) {
            while (o->n > floor && o->s[--o->n] != '/') {
            }
        } else if (len > 0 && !equals(s, len, ".") &&
                   !(len == n && (equals(s, len, "index.html") || equals(s, len, "index.htm") ||
                                  equals(s, len, "index.php")))) {
            put(o, '/');
            put_text(o, s, len);
        }
        n -= end ? len + 1 : len;
        s += end ? len + 1 : len;
    }
}

static int by_text(const struct part *a, const struct part *b)
{
    size_t n = a->n < b->n ? a->n : b->n;
    int d = memcmp(a->s, b->s, n);
    return d ? d : a->n < b->n ? -1 : a->n > b->n;
}

/* The parameters that are left, in one order. */
static void put_query(struct out *o, const char *s, size_t n)
{
    struct part part[PARTS_MAX];
    size_t count = 0;
    while (n > 0 && count < PARTS_MAX) {
        size_t len = 0;
        while (len < n && s[len] != '&' && s[len] != ';')
            len++;
        struct part p = {s, len};
        if (!drops(&p)) {
            size_t k = count++;
            for (; k > 0 && by_text(&part[k - 1], &p) > 0; k--)
                part[k] = part[k - 1];
            part[k] = p;
        }
        s += len < n ? len + 1 : len;
        n -= len < n ? len + 1 : len;
    }
    for (size_t i = 0; i < count; i++) {
        put(o, i ? '&' : '?');
        put_text(o, part[i].s, part[i].n);
    }
}

size_t url_canonical(const char *url, size_t len, char out[URL_KEY_MAX])
{
    struct out o = {out, 0, false};
    while (len > 0 && (unsigned char)*url <= 0x20) {
        url++;
        len--;
    }
    while (len > 0 && (unsigned char)url[len - 1] <= 0x20)
        len--;
    size_t scheme = len > 7 && strncasecmp(url, "http://", 7) == 0    ? 7
                    : len > 8 && strncasecmp(url, "https://", 8) == 0 ? 8
                                                                      : 0;
    if (!scheme || len > URL_KEY_MAX)
        return 0;
    const char *s = url + scheme, *end = url + len;
    const char *hash = memchr(s, '#', (size_t)(end - s));
    /* A fragment is a place in the page; "#!" and "#/" are pages of script-driven sites. */
    if (hash && !(hash + 1 < end && (hash[1] == '!' || hash[1] == '/')))
        end = hash;
    const char *host_end = s;
    while (host_end < end && *host_end != '/' && *host_end != '?' && *host_end != '#')
        host_end++;
    put_host(&o, s, (size_t)(host_end - s));
    size_t host = o.n;
    const char *query = memchr(host_end, '?', (size_t)(end - host_end));
    put_path(&o, host_end, (size_t)((query ? query : end) - host_end));
    if (query)
        put_query(&o, query + 1, (size_t)(end - query - 1));
    if (o.full || host == 0 || o.n == host)
        return 0;
    out[o.n] = 0;
    return o.n;
}

uint64_t url_key(const char *url, size_t len)
{
    char key[URL_KEY_MAX];
    size_t n = url_canonical(url, len, key);
    return n ? XXH3_64bits(key, n) : 0;
}

static const char LANGUAGES[] =
    " af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is "
    "it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no pa pl ps pt ro ru si sk sl "
    "sq sr sv sw ta te tg th tl tr uk ur uz vi zh jp kr cn tw br ";

static bool is_code(const char *s, size_t n, char lang[12])
{
    char probe[5] = {' ', 0, 0, ' ', 0};
    bool known = (n == 2 || n == 5 || n == 7) && (n == 2 || s[2] == '-' || s[2] == '_');
    if (!known)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i] == '_' ? '-' : s[i];
        if ((c < 'a' || c > 'z') && i != 2)
            return false;
        lang[i] = c;
    }
    lang[n] = 0;
    probe[1] = lang[0];
    probe[2] = lang[1];
    return strstr(LANGUAGES, probe) != NULL;
}

bool url_language(const char *url, size_t len, char lang[12], uint64_t *rest)
{
    static const char *const names[] = {"lang=", "language=", "locale=", "hl=", "l="};
    char key[URL_KEY_MAX], code[12];
    size_t n = url_canonical(url, len, key), from = 0;
    while (from < n) {
        size_t to = from;
        while (to < n && !strchr(from == 0 || key[from - 1] == '.' ? "./?&" : "/?&", key[to]))
            to++;
        size_t skip = 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (from > 0 && (key[from - 1] == '?' || key[from - 1] == '&') &&
                strncmp(key + from, names[i], strlen(names[i])) == 0)
                skip = strlen(names[i]);
        /* The last label of a host is a country, not a language. */
        bool tld = from > 0 && key[from - 1] == '.' && to < n && key[to] != '.';
        if (!tld && to < n + 1 && is_code(key + from + skip, to - from - skip, code) &&
            (from == 0 || key[from - 1] == '/' || skip)) {
            memmove(key + from, key + to, n - to);
            *rest = XXH3_64bits(key, n - (to - from));
            strcpy(lang, code);
            return true;
        }
        from = to + 1;
    }
    return false;
}

uint64_t url_site(const char *url, size_t len)
{
    char key[URL_KEY_MAX];
    size_t n = url_canonical(url, len, key), host = 0, labels = 0, from;
    while (host < n && key[host] != '/' && key[host] != '?' && key[host] != ':')
        host++;
    for (from = host; from > 0; from--)
        if (key[from - 1] == '.' && ++labels >= 2) {
            /* example.co.uk: a short label before a country's is not yet the site. */
            const char *dot = memchr(key + from, '.', host - from);
            if (labels == 2 && dot && dot - (key + from) <= 3 && key + host - dot == 3)
                continue;
            break;
        }
    return host ? XXH3_64bits(key + from, host - from) : 0;
}
