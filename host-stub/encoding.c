/* SPDX-License-Identifier: Apache-2.0 */
#include "encoding.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "../plugin/text/utf8.h"
#include "encoding_label.h"
#include "limits.h"
#include "status.h"

/* ---- looking at bytes ---- */

/* Sums up 64 bytes without a branch, so that compilers make vector code of it. */
static void sum_block(const unsigned char *s, unsigned char *high, unsigned char *control)
{
    unsigned char h = 0, c = 0;
    for (int i = 0; i < 64; i++) {
        h |= s[i];
        c |= (unsigned char)((s[i] < 0x20) & (s[i] != '\n') & (s[i] != '\t'));
        c |= (unsigned char)(s[i] == 0x7f);
    }
    *high |= h & 0x80;
    *control |= c;
}

/* Length of the multi-byte sequence at s if it is well-formed and stands wholly in n bytes, or 0.
 */
static inline size_t sequence(const unsigned char *s, size_t n)
{
    unsigned char lead = s[0];
    if (lead < 0xe0)
        return lead >= 0xc2 && n >= 2 && (s[1] & 0xc0) == 0x80 ? 2 : 0;
    if (n < 3 || ((s[1] ^ 0x80) | (s[2] ^ 0x80)) & 0xc0)
        return 0;
    if (lead < 0xf0)
        return (lead == 0xe0 && s[1] < 0xa0) || (lead == 0xed && s[1] > 0x9f) ? 0 : 3;
    if (lead > 0xf4 || n < 4 || (s[3] & 0xc0) != 0x80)
        return 0;
    return (lead == 0xf0 && s[1] < 0x90) || (lead == 0xf4 && s[1] > 0x8f) ? 0 : 4;
}

/* Bytes of ASCII before the first other one, eight at a time. */
static inline size_t ascii_run(const unsigned char *s, size_t n)
{
    size_t i = 0;
    for (uint64_t eight; n - i >= 8; i += 8) {
        memcpy(&eight, s + i, 8);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (i < n && s[i] < 0x80)
        i++;
    return i;
}

int encoding_scan(const char *p, size_t n)
{
    enum { ALL = ENCODING_CONTROLS | ENCODING_MALFORMED | ENCODING_HIGH };
    const unsigned char *s = (const unsigned char *)p;
    int flags = 0;
    size_t i = 0, summed = 0; /* summed: controls before here are found */
    while (i < n && flags != ALL) {
        unsigned char high = 0, control = 0;
        if (n - i >= 64) {
            sum_block(s + i, &high, &control);
            summed = i + 64;
            flags |= control ? ENCODING_CONTROLS : 0;
            if (!high) {
                i += 64;
                continue;
            }
        }
        size_t stop = n - i > 64 ? i + 64 : n;
        while (i < stop) {
            size_t run = ascii_run(s + i, stop - i);
            for (size_t k = i; k < i + run && k >= summed; k++)
                if ((s[k] < 0x20 && s[k] != '\n' && s[k] != '\t') || s[k] == 0x7f)
                    flags |= ENCODING_CONTROLS;
            i += run;
            while (i < stop && s[i] >= 0x80) {
                size_t used = sequence(s + i, n - i);
                flags |= ENCODING_HIGH;
                if (!used)
                    flags |= ENCODING_MALFORMED;
                else if (s[i] == 0xc2 && s[i + 1] < 0xa0)
                    flags |= ENCODING_CONTROLS;
                i += used ? used : 1;
            }
        }
    }
    return flags;
}

uint32_t encoding_c1(unsigned char c)
{
    static const uint16_t c1[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
    };
    return c >= 0x80 && c < 0xa0 && c1[c - 0x80] ? c1[c - 0x80] : 0xfffd;
}

int encoding_clean(struct buf *out, const char *p, size_t n)
{
    size_t start = 0;
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c < 0x7f) {
            i++;
            continue;
        }
        size_t used = 1;
        const char *instead = NULL;
        char utf8[5];
        if (c == '\r') {
            used = i + 1 < n && p[i + 1] == '\n' ? 2 : 1;
            instead = "\n";
        } else if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\t')) {
            instead = "";
        } else if (c >= 0x80) {
            uint32_t cp = utf8_decode(p + i, n - i, &used);
            if (cp == 0xfffd || cp < 0xa0) {
                utf8[utf8_encode(cp < 0xa0 ? encoding_c1((unsigned char)cp) : cp, utf8)] = '\0';
                instead = utf8;
            }
        }
        if (instead && (buf_add(out, p + start, i - start) || buf_adds(out, instead)))
            return out->err;
        i += used;
        if (instead)
            start = i;
    }
    return buf_add(out, p + start, n - start);
}

/* ---- converting ---- */

static void U_CALLCONV count_errors(const void *context, UConverterToUnicodeArgs *args,
                                    const char *bytes, int32_t n, UConverterCallbackReason reason,
                                    UErrorCode *err)
{
    if (reason <= UCNV_IRREGULAR)
        ++*(size_t *)context;
    UCNV_TO_U_CALLBACK_SUBSTITUTE(NULL, args, bytes, n, reason, err);
}

/* Appends bytes in a charset to out as UTF-8; *errors counts what did not decode. E_ABSENT: no
 * such converter. */
static int convert(const char *name, const char *bytes, size_t n, struct buf *out, size_t *errors)
{
    UErrorCode err = U_ZERO_ERROR;
    UConverter *from = ucnv_open(name, &err), *to = ucnv_open("UTF-8", &err);
    int status = U_FAILURE(err) ? E_ABSENT : OK;
    UChar pivot[2048], *pivot_from = pivot, *pivot_to = pivot;
    int first = 1;
    *errors = 0;
    if (!status)
        ucnv_setToUCallBack(from, count_errors, errors, NULL, NULL, &err);
    while (!status) {
        char *room = buf_room(out, KIB(64));
        if (!room) {
            status = out->err;
            break;
        }
        char *target = room;
        err = U_ZERO_ERROR;
        const char *stop = bytes + n;
        ucnv_convertEx(to, from, &target, room + KIB(64), &bytes, stop, pivot, &pivot_from,
                       &pivot_to, pivot + 2048, first, 1, &err);
        first = 0;
        n = (size_t)(stop - bytes);
        out->n += (size_t)(target - room);
        if (err != U_BUFFER_OVERFLOW_ERROR) {
            if (U_FAILURE(err))
                ++*errors; /* cut within a character */
            break;
        }
    }
    ucnv_close(from);
    ucnv_close(to);
    if (!status)
        status = buf_add(out, "", 0);
    return status;
}

/* The charset that the bytes look like most, in ICU's opinion. Looks at what stands around the
 * bytes past ASCII: the markup says nothing. */
static void detect(const char *bytes, size_t n, char out[48])
{
    strcpy(out, "windows-1252");
    char *sample = malloc(KIB(64));
    size_t k = 0;
    if (!sample)
        return;
    for (size_t i = 0; i < n && k < KIB(64); i++)
        if ((unsigned char)bytes[i] >= 0x80 || (bytes[i] == ' ' && k && sample[k - 1] != ' ') ||
            (i && (unsigned char)bytes[i - 1] >= 0x80))
            sample[k++] = bytes[i];
    UErrorCode err = U_ZERO_ERROR;
    UCharsetDetector *d = ucsdet_open(&err);
    if (U_SUCCESS(err))
        ucsdet_setText(d, sample, (int32_t)k, &err);
    int32_t found = 0;
    const UCharsetMatch **all = U_SUCCESS(err) ? ucsdet_detectAll(d, &found, &err) : NULL;
    for (int32_t i = 0; all && U_SUCCESS(err) && i < found; i++) {
        const char *name = ucsdet_getName(all[i], &err);
        const char *icu = U_SUCCESS(err) ? encoding_meaning(name) : NULL;
        if (icu && strncmp(icu, "UTF-", 4) && strncmp(icu, "IBM42", 5)) {
            snprintf(out, 48, "%s", icu);
            break;
        }
    }
    if (d)
        ucsdet_close(d);
    free(sample);
}

/* UTF-16 and UTF-32 with or without a mark, EBCDIC by its "<?xm". *mark is the mark's length. */
static const char *by_first_bytes(const char *p, size_t n, size_t *mark)
{
    static const struct {
        const char *bytes;
        unsigned char n, mark;
        const char *name;
    } table[] = {
        {"\xff\xfe\0\0", 4, 4, "UTF-32LE"}, {"\0\0\xfe\xff", 4, 4, "UTF-32BE"},
        {"\xef\xbb\xbf", 3, 3, "UTF-8"},    {"\xff\xfe", 2, 2, "UTF-16LE"},
        {"\xfe\xff", 2, 2, "UTF-16BE"},     {"<\0\0\0", 4, 0, "UTF-32LE"},
        {"\0\0\0<", 4, 0, "UTF-32BE"},      {"<\0?\0", 4, 0, "UTF-16LE"},
        {"\0<\0?", 4, 0, "UTF-16BE"},       {"\x4c\x6f\xa7\x94", 4, 0, "ibm-37_P100-1995"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (n >= table[i].n && memcmp(p, table[i].bytes, table[i].n) == 0) {
            *mark = table[i].mark;
            return table[i].name;
        }
    /* Any ASCII character then NULs, as UTF-16 without a mark has them. */
    if (n >= 4 && p[0] && !p[1] && p[2] && !p[3])
        return "UTF-16LE";
    if (n >= 4 && !p[0] && p[1] && !p[2] && p[3])
        return "UTF-16BE";
    return NULL;
}

static int seven_bit(const char *name)
{
    return name && (strncasecmp(name, "iso-2022", 8) == 0 || strncasecmp(name, "hz", 2) == 0);
}

/* Takes the bytes as the charset `name` if no more than one byte in `tolerance` contradicts.
 * E_INVALID: more did, and *out is as before. */
static int take(struct encoding *out, const char *bytes, size_t n, const char *name,
                size_t tolerance)
{
    struct buf b;
    size_t errors, room = n > LIMIT_CONVERT ? LIMIT_CONVERT : n;
    buf_init(&b, 4 * LIMIT_CONVERT);
    int status = convert(name, bytes, room, &b, &errors);
    if (!status && errors > 1 && tolerance && errors > room / tolerance)
        status = E_INVALID;
    if (!status) {
        out->p = out->own = buf_take(&b, &out->n);
        out->flags = encoding_scan(out->p, out->n);
        out->cut = room < n;
        snprintf(out->name, sizeof out->name, "%s", name);
    }
    buf_finish(&b);
    return status;
}

/* How many of the multi-byte sequences are well-formed and how many are not. */
static void weigh(const char *p, size_t n, size_t *good, size_t *bad)
{
    *good = *bad = 0;
    for (size_t i = 0; i < n;) {
        size_t used = 1;
        if ((unsigned char)p[i] >= 0x80) {
            used = sequence((const unsigned char *)p + i, n - i);
            ++*(used ? good : bad);
        }
        i += used ? used : 1;
    }
}

static int read_unmarked(const char *bytes, size_t n, const char *content_type,
                         struct encoding *out)
{
    char label[2][48];
    encoding_label_of_header(content_type, label[0]);
    encoding_label_of_declaration(bytes, n, label[1]);
    out->flags = encoding_scan(bytes, n);
    int is_utf8 = !(out->flags & ENCODING_MALFORMED), status = E_ABSENT, any = 0;
    for (int i = 0; i < 2; i++) {
        const char *name = label[i][0] ? encoding_meaning(label[i]) : NULL;
        any |= name != NULL;
        int applies = is_utf8 ? seven_bit(name) && !(out->flags & ENCODING_HIGH)
                              : name && strcmp(name, "UTF-8") && strncmp(name, "UTF-", 4);
        if (applies && (status = take(out, bytes, n, name, 200)) == OK)
            return OK;
        if (status == E_NOMEM)
            return status;
        if (label[i][0] && !out->lie[0] &&
            (!is_utf8 || (name && strcmp(name, "UTF-8") && (out->flags & ENCODING_HIGH))))
            snprintf(out->lie, sizeof out->lie, "%.47s", label[i]);
    }
    out->detected = !any || out->lie[0];
    if (is_utf8)
        return OK;
    /* A few broken characters in a UTF-8 document don't make it something else. */
    size_t good, bad;
    weigh(bytes, n > MIB(1) ? MIB(1) : n, &good, &bad);
    if (good > 10 * bad) {
        out->lie[0] = '\0';
        return OK;
    }
    char name[48];
    detect(bytes, n, name);
    return take(out, bytes, n, name, 0);
}

int encoding_read(const char *bytes, size_t n, const char *content_type, struct encoding *out)
{
    struct encoding e = {.p = bytes, .n = n, .name = "UTF-8"};
    size_t mark = 0;
    int status = OK;
    const char *name = by_first_bytes(bytes, n, &mark);
    if (!name) {
        status = read_unmarked(bytes, n, content_type, &e);
    } else if (strcmp(name, "UTF-8") == 0) {
        e.p += mark;
        e.n -= mark;
        e.flags = encoding_scan(e.p, e.n);
    } else {
        status = take(&e, bytes + mark, n - mark, name, 0);
    }
    if (!status)
        *out = e;
    return status == E_ABSENT || status == E_LIMIT ? E_NOMEM : status;
}

void encoding_finish(struct encoding *e)
{
    if (!e)
        return;
    free(e->own);
    memset(e, 0, sizeof *e);
}
