/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of names: parameters, trackers, players, classes, redirectors. */
#include <string.h>
#include <strings.h>

#include "../text/html_url.h"
#include "rules.h"
#include "rules_table.h"

#define TOKENS                                                                                     \
    24 /* names of one element that are looked at; styles by utility classes have dozens */
#define WORDS 128 /* bytes of a class's name, its words parted */

/* Glob with '*' only, ASCII case aside (the pattern is lower case). */
static int glob(const char *p, const char *s, size_t n)
{
    const char *star = NULL;
    size_t i = 0, mark = 0;
    while (i < n) {
        char c = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i];
        if (*p == '*') {
            star = ++p;
            mark = i;
        } else if (*p == c) {
            p++;
            i++;
        } else if (star) {
            p = star;
            i = ++mark;
        } else {
            return 0;
        }
    }
    while (*p == '*')
        p++;
    return !*p;
}

int rules_is_parameter(const struct rules *r, const char *host, size_t nh, const char *name,
                       size_t n)
{
    const struct names *names = &r->lists[LIST_PARAMETER];
    for (uint32_t i = 0; i < names->n; i++) {
        const char *p = names->v[i].ptr, *at = strchr(p, '@');
        if (!at) {
            if ((*p == '*' || *p == (name[0] | 0x20) || *p == name[0]) && glob(p, name, n))
                return 1;
            continue;
        }
        /* "name@host": only there. */
        wn_str h = {host, nh};
        if ((size_t)(at - p) == n && !strncasecmp(p, name, n) &&
            url_host_in(h, at + 1, strlen(at + 1)))
            return 1;
    }
    return 0;
}

int rules_is_pixel(const struct rules *r, wn_str url)
{
    const struct names *names = &r->lists[LIST_PIXEL];
    const char *s = memmem(url.ptr, url.len, "://", 3);
    s = s ? s + 3 : url.len > 2 && !memcmp(url.ptr, "//", 2) ? url.ptr + 2 : url.ptr;
    size_t n = url.len - (size_t)(s - url.ptr);
    for (uint32_t i = 0; i < names->n; i++)
        if (glob(names->v[i].ptr, s, n < 2048 ? n : 2048))
            return 1;
    return 0;
}

int rules_is_embed(const struct rules *r, wn_str host)
{
    const struct names *names = &r->lists[LIST_EMBED];
    for (uint32_t i = 0; i < names->n; i++)
        if (url_host_in(host, names->v[i].ptr, names->v[i].len))
            return 1;
    return 0;
}

/* A name as its words: "-post-author-box-" for "post_authorBox". Returns its length; 0: too long. */
static size_t words_of(const char *s, size_t n, char out[WORDS])
{
    size_t k = 0;
    out[k++] = '-';
    for (size_t i = 0; i < n; i++) {
        int upper = s[i] >= 'A' && s[i] <= 'Z', mark = strchr("-_.:/", s[i]) != NULL;
        if (k + 4 > WORDS)
            return 0;
        if ((upper && i && s[i - 1] >= 'a' && s[i - 1] <= 'z') || mark)
            if (out[k - 1] != '-')
                out[k++] = '-';
        if (!mark)
            out[k++] = upper ? (char)(s[i] | 0x20) : s[i];
    }
    if (out[k - 1] != '-')
        out[k++] = '-';
    out[k] = '\0';
    return k;
}

/* Whether one of the list's words stands in a name, whole or, with '*' at its end, as a beginning. */
static int has_word(const struct names *names, const char *words, size_t n)
{
    for (size_t at = 1; at < n; at++) {
        if (words[at - 1] != '-')
            continue;
        unsigned char c = (unsigned char)words[at];
        for (uint32_t i = names->first[c]; i < names->first[c + 1]; i++) {
            const char *p = names->v[i].ptr;
            size_t len = names->v[i].len;
            if (!len)
                continue;
            int open = p[len - 1] == '*';
            len -= (size_t)open;
            if (len < n - at && !memcmp(p, words + at, len) && (open || words[at + len] == '-'))
                return 1;
        }
    }
    return 0;
}

static int has_glob(const struct names *names, const char *s, size_t n)
{
    for (uint32_t i = 0; i < names->n; i++)
        if (glob(names->v[i].ptr, s, n))
            return 1;
    return 0;
}

unsigned rules_class(const struct rules *r, const char *value)
{
    char words[WORDS];
    unsigned signs = 0;
    for (unsigned i = 0; i < TOKENS && *value; i++) {
        value += strspn(value, " \t\r\n\f");
        size_t n = strcspn(value, " \t\r\n\f"), k = 0;
        if (n && n < 80) {
            for (unsigned l = LIST_STRONG; l <= LIST_ARTICLE; l++)
                if (has_glob(&r->lists[l], value, n))
                    signs |= 1u << (l - LIST_STRONG);
            k = words_of(value, n, words);
            for (unsigned l = LIST_BOX; l <= LIST_BODY && k; l++)
                if (has_word(&r->lists[l], words, k))
                    signs |= 1u << (l - LIST_STRONG);
        }
        value += n;
    }
    return signs;
}

int rules_unwrap(const struct rules *r, struct tbuf *url)
{
    const struct names *names = &r->lists[LIST_UNWRAP];
    for (uint32_t i = 0; i < names->n; i++) {
        /* "host/path parameter" */
        const char *p = names->v[i].ptr, *space = strchr(p, ' ');
        const char *s = url->p ? strstr(url->p, "://") : NULL;
        if (!space || !s || !space[1])
            continue;
        s += 3;
        if (!strncmp(s, "www.", 4))
            s += 4;
        size_t n = (size_t)(space - p), len = strlen(space + 1);
        if (strncasecmp(s, p, n) || (s[n] != '?' && s[n] != '/'))
            continue;
        for (const char *q = strchr(s, '?'); q; q = strchr(q + 1, '&'))
            if (!strncmp(q + 1, space + 1, len) && q[1 + len] == '=') {
                struct tbuf target, clean;
                tbuf_init(&target, 8192);
                tbuf_init(&clean, 8192);
                wn_str value = {q + 2 + len, strcspn(q + 2 + len, "&#")}, none = {NULL, 0};
                url_decode(value, &target);
                wn_str t = {target.p ? target.p : "", target.n};
                int fine = url_clean(t, none, URL_WEB, &clean) == WN_OK;
                if (fine) {
                    tbuf_reset(url);
                    tbuf_add(url, clean.p, clean.n);
                }
                tbuf_finish(&target);
                tbuf_finish(&clean);
                return fine;
            }
    }
    return 0;
}
