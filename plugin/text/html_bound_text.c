/* SPDX-License-Identifier: Apache-2.0 */
/* The text that gumbo gets to see, and the tags by kind. */
#include <string.h>

#include "html_bound.h"
#include "utf8.h"

#define MIN_RUN 16u     /* bytes: shorter than the mark is no gain */
#define MAX_RUNS 65536u /* what four letters of the mark can number */

int bound_formatting(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_A:
    case GUMBO_TAG_B:
    case GUMBO_TAG_BIG:
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_EM:
    case GUMBO_TAG_FONT:
    case GUMBO_TAG_I:
    case GUMBO_TAG_NOBR:
    case GUMBO_TAG_S:
    case GUMBO_TAG_SMALL:
    case GUMBO_TAG_STRIKE:
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_TT:
    case GUMBO_TAG_U:
        return 1;
    default:
        return 0;
    }
}

int bound_shallow(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_THEAD:
    case GUMBO_TAG_TBODY:
    case GUMBO_TAG_TFOOT:
    case GUMBO_TAG_COLGROUP:
    case GUMBO_TAG_OPTION:
    case GUMBO_TAG_BR:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_IMG:
    case GUMBO_TAG_IMAGE:
    case GUMBO_TAG_WBR:
    case GUMBO_TAG_COL:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_SOURCE:
    case GUMBO_TAG_PARAM:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_TRACK:
    case GUMBO_TAG_AREA:
    case GUMBO_TAG_BASE:
    case GUMBO_TAG_LINK:
    case GUMBO_TAG_META:
    case GUMBO_TAG_HTML:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_FRAME:
    case GUMBO_TAG_KEYGEN:
    case GUMBO_TAG_BGSOUND:
    case GUMBO_TAG_BASEFONT:
        return 1;
    default:
        return 0;
    }
}

int bound_cell(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_TR:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_THEAD:
    case GUMBO_TAG_TBODY:
    case GUMBO_TAG_TFOOT:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_COLGROUP:
        return 1;
    default:
        return 0;
    }
}

int bound_opaque(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_NOEMBED:
    case GUMBO_TAG_NOFRAMES:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_BUTTON:
        return 1;
    default:
        return 0;
    }
}

int bound_wanted(const char *name, size_t n)
{
    static const char *const names[] = {
        "href",   "src",     "alt",  "title", "class", "id",       "style",   "srcset",
        "width",  "height",  "dir",  "lang",  "cite",  "datetime", "colspan", "start",
        "hidden", "rowspan", "type", "value", "open",  "poster",   "scope",   "reversed",
    };
    if (n > 5 && !memcmp(name, "data-", 5))
        return n < 32 && (memchr(name + 5, 's', n - 5) || memchr(name + 5, 'o', n - 5));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && !memcmp(names[i], name, n))
            return 1;
    return 0;
}

/* A numeric character reference at s that names no character: its length; 0: it is fine. gumbo lets
 * such numbers overflow and makes broken UTF-8 of them. */
static size_t bad_reference(const char *s, size_t n)
{
    size_t i = 2;
    uint64_t v = 0;
    int hex = i < n && (s[i] | 0x20) == 'x';
    i += (size_t)hex;
    for (; i < n; i++) {
        char c = s[i];
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
                         : hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
                             ? (unsigned)((c | 0x20) - 'a') + 10
                             : 99;
        if (digit == 99)
            break;
        v = v * (hex ? 16 : 10) + digit;
        if (v > 0x110000)
            v = 0x110000;
    }
    if (v <= 0x10ffff && !(v >= 0xd800 && v < 0xe000) && v != HTML_RUN_MARK)
        return 0;
    return i < n && s[i] == ';' ? i + 1 : i;
}

/* One character that isn't plain ASCII: kept, replaced or left out. Returns its bytes. */
static size_t copy_char(struct bound *b, const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    size_t used, bad;
    if (c == '&' && n > 2 && s[1] == '#' && (bad = bad_reference(s, n))) {
        tbuf_add(b->out, "\xef\xbf\xbd", 3);
        return bad;
    }
    if (c < 0x80) {
        if (c >= 0x20 ? c != 0x7f : bound_space((char)c))
            tbuf_addc(b->out, (char)c);
        else
            *b->warnings |= HTML_BAD_NUL;
        return 1;
    }
    uint32_t cp = utf8_decode(s, n, &used);
    if (cp == HTML_RUN_MARK || (cp == 0xfffd && memcmp(s, "\xef\xbf\xbd", used < 3 ? used : 3))) {
        *b->warnings |= HTML_BAD_UTF8;
        tbuf_add(b->out, "\xef\xbf\xbd", 3);
    } else if (cp >= 0xa0) {
        tbuf_add(b->out, s, used);
    } else {
        *b->warnings |= HTML_BAD_NUL;
    }
    return used;
}

/* Copies text: controls removed, damaged UTF-8 replaced. */
void bound_copy_text(struct bound *b, const char *s, size_t n)
{
    if (tbuf_room(b->out, n))
        return;
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && (signed char)s[run] >= 0x20 && s[run] != '&' && s[run] != 0x7f)
            run++;
        if (run > i)
            tbuf_add(b->out, s + i, run - i);
        i = run < n ? run + copy_char(b, s + run, n - run) : run;
    }
}

/* The length of a run of text at s that needs neither decoding nor repair. */
static size_t clean_run(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x80) {
            if (c == '&' || c == 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
                break;
            i++;
            continue;
        }
        size_t used;
        uint32_t cp = utf8_decode(s + i, n - i, &used);
        if (cp < 0xa0 || cp == 0xfffd || cp == HTML_RUN_MARK)
            break;
        i += used;
    }
    while (i && (s[i - 1] == ' ' || s[i - 1] == '\n' || s[i - 1] == '\t'))
        i--;
    return i;
}

/* The length of the character, reference or white space at s that ended a run. */
static size_t copy_length(const char *s, size_t n)
{
    size_t used = 1;
    if (*s == '&') {
        while (used < n && (s[used] == '#' || (s[used] >= '0' && s[used] <= '9') ||
                            ((s[used] | 0x20) >= 'a' && (s[used] | 0x20) <= 'z')))
            used++;
        return used < n && s[used] == ';' ? used + 1 : used;
    }
    if ((unsigned char)*s >= 0x80)
        utf8_decode(s, n, &used);
    return used;
}

/*
 * Copies text between tags. gumbo takes text character by character, most of its time; to its rules
 * one character that is no white space is as good as a thousand. So each longer run goes to
 * b->runs, and gumbo gets a mark with its number, which html.c puts the run in for again.
 */
void bound_copy_run(struct bound *b, const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && !b->out->err) {
        size_t from = i;
        while (i < n && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t'))
            i++;
        size_t run = clean_run(s + i, n - i);
        if (run >= MIN_RUN && b->n_runs < MAX_RUNS && !tbuf_add(b->runs, s + i, run) &&
            !tbuf_addc(b->runs, '\0')) {
            char mark[HTML_RUN_BYTES];
            tbuf_add(b->out, s + from, i - from);
            utf8_encode(HTML_RUN_MARK, mark);
            for (int k = 0; k < 4; k++)
                mark[3 + k] = (char)('A' + (b->n_runs >> (4 * k) & 15));
            tbuf_add(b->out, mark, sizeof mark);
            b->n_runs++;
            i += run;
            continue;
        }
        /* Up to the next place where a run may begin: a copy, repaired where it has to be. */
        size_t end = i + run;
        if (end < n)
            end += copy_length(s + end, n - end);
        bound_copy_text(b, s + from, end - from);
        i = end;
    }
}
