/* SPDX-License-Identifier: Apache-2.0 */
#include "write_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <xxhash.h>

#include "date.h"
#include "status.h"

static int is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void html_escape(struct buf *to, wn_str s)
{
    size_t from = 0, n = s.ptr ? s.len : 0;
    for (size_t i = 0; i < n; i++) {
        char c = s.ptr[i];
        const char *ref = c == '&'   ? "&amp;"
                          : c == '<' ? "&lt;"
                          : c == '>' ? "&gt;"
                          : c == '"' ? "&quot;"
                                     : NULL;
        if (!ref)
            continue;
        buf_add(to, s.ptr + from, i - from);
        buf_adds(to, ref);
        from = i + 1;
    }
    if (from < n)
        buf_add(to, s.ptr + from, n - from);
}

void html_of_text(struct buf *to, wn_str text)
{
    size_t i = 0, n = text.ptr ? text.len : 0;
    while (i < n) {
        const char *end = memchr(text.ptr + i, '\n', n - i);
        size_t k = end ? (size_t)(end - text.ptr) : n;
        wn_str line = str_trim(str_of(text.ptr + i, k - i));
        if (line.len) {
            buf_adds(to, "<p>");
            html_escape(to, line);
            buf_adds(to, "</p>\n");
        }
        i = k + 1;
    }
}

/* ---- URLs ---- */

/* The scheme in lower case without what browsers skip; its length, 0 if there is none. */
static size_t scheme_of(wn_str url, char *scheme, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < url.len && n + 1 < cap; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= 0x20)
            continue;
        if (c == ':') {
            scheme[n] = '\0';
            return n;
        }
        if (!is_alpha((char)c) && !(n && (is_digit((char)c) || c == '+' || c == '-' || c == '.')))
            return 0;
        scheme[n++] = (char)(c | (c >= 'A' && c <= 'Z' ? 0x20 : 0));
    }
    return 0;
}

/* C0 controls, space, and what RFC 3986 leaves out altogether. */
static int needs_encoding(unsigned char c)
{
    return c <= 0x20 || c == 0x7f || strchr("\"<>\\^`{|}", c) != NULL;
}

int url_safe(struct buf *to, wn_str url, int loose)
{
    static const char *const strict_ones[] = {"http", "https", "ftp"};
    static const char *const loose_ones[] = {"mailto", "magnet", "tel", "geo", "urn"};
    url = str_trim(url);
    char scheme[16];
    if (!url.ptr || !scheme_of(url, scheme, sizeof scheme))
        return 0;
    const char *rest = (const char *)memchr(url.ptr, ':', url.len) + 1;
    size_t left = url.len - (size_t)(rest - url.ptr);
    int known = 0;
    for (size_t i = 0; i < sizeof strict_ones / sizeof *strict_ones; i++) /* with a host */
        known |= !strcmp(scheme, strict_ones[i]) && left > 2 && rest[0] == '/' && rest[1] == '/' &&
                 !strchr("/?# \t\r\n", rest[2]);
    for (size_t i = 0; loose && i < sizeof loose_ones / sizeof *loose_ones; i++)
        known |= !strcmp(scheme, loose_ones[i]) && left > 0;
    if (!known)
        return 0;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c == '\t' || c == '\n' || c == '\r') /* the URL Standard drops them */
            continue;
        if (needs_encoding(c))
            buf_addf(to, "%%%02X", c);
        else
            buf_addc(to, (char)c);
    }
    return to->err == OK;
}

int iri_valid(wn_str s)
{
    char scheme[64];
    if (!s.ptr || s.len > 2048)
        return 0;
    size_t n = scheme_of(s, scheme, sizeof scheme);
    if (!n || n + 1 >= s.len)
        return 0;
    for (size_t i = 0; i < s.len; i++)
        if (needs_encoding((unsigned char)s.ptr[i]))
            return 0;
    return 1;
}

static const char *type_of_url(wn_str url, const char *fallback)
{
    static const char *const types[][2] = {
        {"mp3", "audio/mpeg"},      {"m4a", "audio/mp4"},
        {"ogg", "audio/ogg"},       {"oga", "audio/ogg"},
        {"opus", "audio/ogg"},      {"flac", "audio/flac"},
        {"wav", "audio/wav"},       {"mp4", "video/mp4"},
        {"m4v", "video/mp4"},       {"mov", "video/quicktime"},
        {"webm", "video/webm"},     {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},     {"png", "image/png"},
        {"gif", "image/gif"},       {"webp", "image/webp"},
        {"avif", "image/avif"},     {"svg", "image/svg+xml"},
        {"pdf", "application/pdf"}, {"epub", "application/epub+zip"},
        {"zip", "application/zip"}, {"torrent", "application/x-bittorrent"},
    };
    size_t n = 0;
    while (n < url.len && url.ptr[n] != '?' && url.ptr[n] != '#')
        n++;
    size_t dot = n;
    while (dot && url.ptr[dot - 1] != '.' && url.ptr[dot - 1] != '/')
        dot--;
    for (size_t i = 0; dot && url.ptr[dot - 1] == '.' && i < sizeof types / sizeof *types; i++)
        if (strlen(types[i][0]) == n - dot && !strncasecmp(url.ptr + dot, types[i][0], n - dot))
            return types[i][1];
    return fallback;
}

static int token_char(char c)
{
    return is_alpha(c) || is_digit(c) || (c && strchr("!#$&-^_.+", c));
}

wn_str media_type(wn_str type, wn_str url, const char *fallback)
{
    size_t i = 0, slash;
    type = str_trim(type);
    while (i < type.len && token_char(type.ptr[i]))
        i++;
    slash = i;
    if (slash && slash < type.len && type.ptr[slash] == '/') {
        for (i++; i < type.len && token_char(type.ptr[i]); i++)
            ;
        size_t k = i; /* the parameters, "; codecs=…": anything in one line */
        while (k < type.len && (unsigned char)type.ptr[k] >= 0x20 && type.ptr[k] != 0x7f)
            k++;
        if (i > slash + 1 && k == type.len && (i == k || type.ptr[i] == ';' || type.ptr[i] == ' '))
            return type;
    }
    return str_z(type_of_url(url, fallback));
}

/* ---- dates ---- */

/* 0001-01-01 to 9999-12-31: what RFC 3339 can say; else the epoch. */
static int64_t sayable(int64_t t)
{
    return t < INT64_C(-62135596800) || t > INT64_C(253402300799) ? 0 : t;
}

wn_str date_3339(int64_t t, char buf[40])
{
    date_format(sayable(t), buf);
    return str_z(buf);
}

wn_str date_822(int64_t t, char buf[40])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t when = (time_t)sayable(t);
    struct tm tm;
    gmtime_r(&when, &tm);
    int n = snprintf(buf, 40, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
                     tm.tm_mday, months + 3 * tm.tm_mon, (tm.tm_year + 1900) % 10000, tm.tm_hour,
                     tm.tm_min, tm.tm_sec);
    return str_of(buf, (size_t)n);
}

/* ---- ids ---- */

wn_str urn_of(wn_str a, wn_str b, wn_str c, char buf[46])
{
    wn_str parts[] = {a, b, c};
    XXH128_hash_t h = {0, 0};
    for (size_t i = 0; i < 3; i++) {
        XXH128_hash_t next = XXH3_128bits_withSeed(parts[i].ptr ? parts[i].ptr : "",
                                                   parts[i].ptr ? parts[i].len : 0, h.low64 ^ i);
        h.low64 = next.low64 + 31 * h.low64;
        h.high64 = next.high64 + 31 * h.high64;
    }
    h.high64 = (h.high64 & ~UINT64_C(0xf000)) | UINT64_C(0x8000);     /* version 8 */
    h.low64 = (h.low64 & ~(UINT64_C(3) << 62)) | (UINT64_C(2) << 62); /* RFC 9562's variant */
    snprintf(buf, 46, "urn:uuid:%08x-%04x-%04x-%04x-%012llx", (unsigned)(h.high64 >> 32),
             (unsigned)(h.high64 >> 16) & 0xffff, (unsigned)h.high64 & 0xffff,
             (unsigned)(h.low64 >> 48), (unsigned long long)(h.low64 & UINT64_C(0xffffffffffff)));
    return str_of(buf, strlen(buf));
}
