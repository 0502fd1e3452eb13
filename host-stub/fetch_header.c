/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_header.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "limits.h"
#include "status.h"

void response_init(struct response *r)
{
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 2 * LIMIT_HEADERS);
    response_reset(r);
}

void response_finish(struct response *r)
{
    arena_finish(&r->arena);
}

/* Forgets the fields but not the bytes, so that endless interim answers reach the limit too. */
static void forget(struct response *r)
{
    arena_reset(&r->arena);
    r->http = r->complete = 0;
    r->content_type = r->etag = r->last_modified = r->location = NULL;
    r->date = r->expires = r->retry_at = INT64_MIN;
    r->cache_age = 0;
    r->max_age = r->retry_after = -1;
    r->must_ask = 0;
}

void response_reset(struct response *r)
{
    forget(r);
    r->bytes = 0;
}

int64_t http_date(const char *text)
{
    time_t t = curl_getdate(text, NULL);
    return t == -1 ? INT64_MIN : (int64_t)t;
}

void http_date_format(int64_t t, char to[32])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t when = (time_t)t;
    struct tm tm;
    if (!gmtime_r(&when, &tm) || tm.tm_year > 8099 || tm.tm_year < -1900) {
        strcpy(to, "Thu, 01 Jan 1970 00:00:00 GMT");
        return;
    }
    snprintf(to, 32, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + 3 * tm.tm_wday,
             (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

/* Digits alone → number, at most 2^31 - 1 (RFC 9111 1.2.2); -1 for anything else. */
static int64_t seconds(const char *p, size_t n)
{
    int64_t v = 0;
    if (!n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
        if (v > INT32_MAX)
            v = INT32_MAX;
    }
    return v;
}

static int name_is(wn_str name, const char *z)
{
    return name.len == strlen(z) && strncasecmp(name.ptr, z, name.len) == 0;
}

/* Directives of Cache-Control; quoted strings may hold commas. */
static void cache_control(struct response *r, const char *p)
{
    while (*p) {
        p += strspn(p, " \t,");
        const char *start = p;
        int quoted = 0;
        for (; *p && (quoted || *p != ','); p++)
            if (*p == '"')
                quoted = !quoted;
        wn_str word = str_trim(str_of(start, (size_t)(p - start)));
        const char *eq = memchr(word.ptr, '=', word.len);
        wn_str name = eq ? str_of(word.ptr, (size_t)(eq - word.ptr)) : word;
        wn_str value = eq ? str_of(eq + 1, word.len - name.len - 1) : str_of("", 0);
        name = str_trim(name);
        value = str_trim(value);
        if (value.len > 1 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = str_of(value.ptr + 1, value.len - 2);
        if (name_is(name, "max-age")) {
            int64_t age = seconds(value.ptr, value.len);
            if (age >= 0)
                r->max_age = age;
        } else if ((name_is(name, "no-cache") && !eq) || name_is(name, "no-store")) {
            r->must_ask = 1;
        }
    }
}

/* Copied as it is. A validator with a control character could not be sent back as it came. */
static const char *keep(struct response *r, wn_str value, size_t max)
{
    if (!value.len || value.len > max)
        return NULL;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return NULL;
    return arena_str(&r->arena, value.ptr, value.len).ptr;
}

static void field(struct response *r, wn_str name, wn_str value)
{
    char text[128];
    snprintf(text, sizeof text, "%.*s", value.len < sizeof text ? (int)value.len : 0,
             value.len ? value.ptr : "");
    if (name_is(name, "content-type")) {
        r->content_type = keep(r, value, LIMIT_VALIDATOR);
    } else if (name_is(name, "etag")) {
        r->etag = keep(r, value, LIMIT_VALIDATOR);
    } else if (name_is(name, "last-modified")) {
        r->last_modified = keep(r, value, LIMIT_VALIDATOR);
    } else if (name_is(name, "location")) {
        r->location = keep(r, value, LIMIT_URL);
    } else if (name_is(name, "date")) {
        r->date = http_date(text);
    } else if (name_is(name, "expires")) {
        r->expires = http_date(text);
        if (r->expires == INT64_MIN)
            r->expires =
                0; /* RFC 9111 5.3: what is no date, "0" above all, means already expired */
    } else if (name_is(name, "age")) {
        int64_t age = seconds(value.ptr, value.len);
        r->cache_age = age < 0 ? 0 : age;
    } else if (name_is(name, "retry-after")) {
        r->retry_after = seconds(value.ptr, value.len);
        r->retry_at = r->retry_after < 0 ? http_date(text) : INT64_MIN;
    } else if (name_is(name, "cache-control")) {
        wn_str all = arena_str(&r->arena, value.ptr, value.len);
        if (all.ptr)
            cache_control(r, all.ptr);
    }
}

int response_line(struct response *r, const char *line, size_t n)
{
    r->bytes += n;
    if (r->bytes > LIMIT_HEADERS)
        return E_LIMIT;
    if (n > 5 && memcmp(line, "HTTP/", 5) == 0) {
        forget(r);
        const char *space = memchr(line, ' ', n);
        size_t left = space ? (size_t)(line + n - space) : 0;
        if (left > 3)
            r->http = (int)seconds(space + 1, 3);
        if (r->http < 0)
            r->http = r->complete = 0;
        return OK;
    }
    if (n && (line[0] == '\r' || line[0] == '\n'))
        r->complete = 1;
    const char *colon = memchr(line, ':', n);
    if (colon) {
        wn_str name = str_of(line, (size_t)(colon - line));
        field(r, str_trim(name), str_trim(str_of(colon + 1, n - name.len - 1)));
    }
    return OK;
}

int64_t response_freshness(const struct response *r, int64_t now)
{
    if (r->must_ask)
        return 0;
    int64_t fresh;
    if (r->max_age >= 0)
        fresh = r->max_age;
    else if (r->expires != INT64_MIN)
        fresh = r->expires - (r->date != INT64_MIN ? r->date : now);
    else
        return -1;
    fresh -= r->cache_age;
    return fresh < 0 ? 0 : fresh;
}

int64_t response_retry(const struct response *r, int64_t now)
{
    if (r->retry_after >= 0)
        return r->retry_after;
    if (r->retry_at == INT64_MIN)
        return -1;
    int64_t wait = r->retry_at - (r->date != INT64_MIN ? r->date : now);
    return wait < 0 ? 0 : wait;
}
