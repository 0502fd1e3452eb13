/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_bound.c: what gumbo gets to see. A small tokenizer copies the input tag by tag and leaves
 * out what would make gumbo slow (it is quadratic in open elements, in open formatting elements and
 * in attributes) or what is dropped later anyway (comments, scripts, styles, unknown attributes).
 * Safety doesn't rest on it: sanitising works on gumbo's tree, whatever this file lets through.
 */
#include <string.h>

#include "html.h"
#include "limits.h"
#include "utf8.h"

#define MIN_RUN 16u /* bytes: shorter than the mark is no gain */
#define MAX_RUNS 65536u /* what four letters of the mark can number */

struct bound {
    const char *s;
    size_t n, i;
    struct tbuf *out;
    unsigned *warnings;
    struct tbuf *runs;
    uint32_t n_runs;
    unsigned tags;
    int cdata;
    size_t wasted;     /* bytes looked at in vain; bounds what unclosed constructs cost */
    /* Open elements, those with optional end tags left out; for a table also how many formatting
     * elements were active before it, for it starts a list of its own. */
    struct {
        uint16_t tag, active;
    } stack[TEXT_LIMIT_DEPTH];
    unsigned depth, active, flattened;
};

static int space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static int alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int formatting(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_A: case GUMBO_TAG_B: case GUMBO_TAG_BIG: case GUMBO_TAG_CODE: case GUMBO_TAG_EM:
    case GUMBO_TAG_FONT: case GUMBO_TAG_I: case GUMBO_TAG_NOBR: case GUMBO_TAG_S:
    case GUMBO_TAG_SMALL: case GUMBO_TAG_STRIKE: case GUMBO_TAG_STRONG: case GUMBO_TAG_TT:
    case GUMBO_TAG_U:
        return 1;
    default:
        return 0;
    }
}

/* Elements that a sibling or their parent's end closes, or that are void: they add no depth. */
static int shallow(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_P: case GUMBO_TAG_LI: case GUMBO_TAG_DT: case GUMBO_TAG_DD: case GUMBO_TAG_TR:
    case GUMBO_TAG_TD: case GUMBO_TAG_TH: case GUMBO_TAG_THEAD: case GUMBO_TAG_TBODY:
    case GUMBO_TAG_TFOOT: case GUMBO_TAG_COLGROUP: case GUMBO_TAG_OPTION: case GUMBO_TAG_BR:
    case GUMBO_TAG_HR: case GUMBO_TAG_IMG: case GUMBO_TAG_IMAGE: case GUMBO_TAG_WBR:
    case GUMBO_TAG_COL: case GUMBO_TAG_INPUT: case GUMBO_TAG_SOURCE: case GUMBO_TAG_PARAM:
    case GUMBO_TAG_EMBED: case GUMBO_TAG_TRACK: case GUMBO_TAG_AREA: case GUMBO_TAG_BASE:
    case GUMBO_TAG_LINK: case GUMBO_TAG_META: case GUMBO_TAG_HTML: case GUMBO_TAG_HEAD:
    case GUMBO_TAG_BODY: case GUMBO_TAG_IFRAME: case GUMBO_TAG_FRAME: case GUMBO_TAG_KEYGEN:
    case GUMBO_TAG_BGSOUND: case GUMBO_TAG_BASEFONT:
        return 1;
    default:
        return 0;
    }
}

static int cell(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_TR: case GUMBO_TAG_TD: case GUMBO_TAG_TH: case GUMBO_TAG_THEAD:
    case GUMBO_TAG_TBODY: case GUMBO_TAG_TFOOT: case GUMBO_TAG_CAPTION: case GUMBO_TAG_COLGROUP:
        return 1;
    default:
        return 0;
    }
}

/* Elements whose text is no markup, or whose contents are dropped later anyway. */
static int opaque(GumboTag t)
{
    switch (t) {
    case GUMBO_TAG_SCRIPT: case GUMBO_TAG_STYLE: case GUMBO_TAG_TITLE: case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_IFRAME: case GUMBO_TAG_NOEMBED: case GUMBO_TAG_NOFRAMES: case GUMBO_TAG_SELECT:
    case GUMBO_TAG_SVG: case GUMBO_TAG_BUTTON:
        return 1;
    default:
        return 0;
    }
}

/* The attributes that sanitising or the rules look at. */
static int wanted(const char *name, size_t n)
{
    static const char *const names[] = {
        "href",    "src",   "alt",    "title",  "class",    "id",      "style", "srcset", "width",
        "height",  "dir",   "lang",   "cite",   "datetime", "colspan", "start", "hidden", "rowspan",
        "type",    "value", "open",   "poster", "scope",    "reversed",
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
        if (c >= 0x20 ? c != 0x7f : space((char)c))
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
static void copy_text(struct bound *b, const char *s, size_t n)
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
        while (used < n && used < 12 && s[used] != ';' && s[used] != '&' && s[used] != ' ')
            used++;
        return used < n && s[used] == ';' ? used + 1 : 1;
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
static void copy_run(struct bound *b, const char *s, size_t n)
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
        copy_text(b, s + from, end - from);
        i = end;
    }
}

/* The place behind the next </name, or n + 1 if there is none. */
static size_t skip_past_end(struct bound *b, size_t from, const char *name, size_t len)
{
    for (size_t i = from; i + len + 2 <= b->n; i++) {
        const char *lt = memchr(b->s + i, '<', b->n - i);
        if (!lt)
            break;
        i = (size_t)(lt - b->s);
        if (i + len + 2 > b->n || b->s[i + 1] != '/')
            continue;
        size_t k = 0;
        while (k < len && lower(b->s[i + 2 + k]) == name[k])
            k++;
        if (k < len || (i + 2 + k < b->n && alpha(b->s[i + 2 + k])))
            continue;
        const char *gt = memchr(b->s + i, '>', b->n - i);
        return gt ? (size_t)(gt - b->s) + 1 : b->n;
    }
    b->wasted += b->n - from;
    return b->n + 1;
}

static void pop_to(struct bound *b, unsigned depth)
{
    b->depth = depth;
}

/* The place of the nearest open table, or -1. */
static int open_table(const struct bound *b)
{
    for (unsigned i = b->depth; i-- > 0;)
        if (b->stack[i].tag == GUMBO_TAG_TABLE)
            return (int)i;
    return -1;
}

/* Whether a start tag may go to gumbo; keeps the books of what is open. */
static int admit_start(struct bound *b, GumboTag t)
{
    if (++b->tags > TEXT_LIMIT_TAGS) {
        *b->warnings |= HTML_CUT_TAGS;
        return 0;
    }
    if (cell(t)) {
        int table = open_table(b);
        if (table >= 0) {
            pop_to(b, (unsigned)table + 1);
            b->active = b->stack[table].active;
        }
    }
    if (shallow(t))
        return 1;
    if (formatting(t)) {
        if (b->active >= TEXT_LIMIT_FORMATS) {
            *b->warnings |= HTML_CUT_DEPTH;
            return 0;
        }
    }
    if (b->depth >= TEXT_LIMIT_DEPTH) {
        *b->warnings |= HTML_CUT_DEPTH;
        b->flattened++;
        return 0;
    }
    b->stack[b->depth].tag = (uint16_t)t;
    b->stack[b->depth++].active = (uint16_t)b->active;
    if (formatting(t))
        b->active++;
    return 1;
}

static int admit_end(struct bound *b, GumboTag t)
{
    if (++b->tags > TEXT_LIMIT_TAGS * 2)
        return 0;
    if (shallow(t))
        return !(t == GUMBO_TAG_P && b->tags > TEXT_LIMIT_TAGS);
    int format = formatting(t);
    for (unsigned i = b->depth; i-- > 0;) {
        if (b->stack[i].tag == t) {
            if (format) {
                /* Only this one goes; those above it are reopened by the parser. */
                memmove(&b->stack[i], &b->stack[i + 1], (b->depth - i - 1) * sizeof b->stack[0]);
                b->depth--;
                b->active -= b->active > 0;
            } else {
                if (t == GUMBO_TAG_TABLE)
                    b->active = b->stack[i].active;
                pop_to(b, i);
            }
            return 1;
        }
        if (format && b->stack[i].tag == GUMBO_TAG_TABLE)
            return 0;
    }
    return 0;
}

/* Copies one attribute, its value as it stands but surely quoted. */
static void copy_attribute(struct bound *b, const char *name, size_t nn, const char *value, size_t nv)
{
    int has_double = memchr(value, '"', nv) != NULL;
    char quote = has_double ? '\'' : '"';
    if (has_double && memchr(value, '\'', nv))
        return; /* an unquoted value with both quotes: nobody means that */
    tbuf_addc(b->out, ' ');
    tbuf_add(b->out, name, nn);
    tbuf_addc(b->out, '=');
    tbuf_addc(b->out, quote);
    copy_text(b, value, nv);
    tbuf_addc(b->out, quote);
}

/* Reads the attributes from i on, copying the wanted ones if `copy`. Returns the place behind '>',
 * or 0 when the tag never ends. */
static size_t attributes(struct bound *b, size_t i, int copy)
{
    unsigned count = 0;
    for (;;) {
        while (i < b->n && (space(b->s[i]) || b->s[i] == '/'))
            i++;
        if (i >= b->n)
            return 0;
        if (b->s[i] == '>')
            return i + 1;
        char name[32];
        size_t start = i, nn = 0;
        do {
            if (nn < sizeof name)
                name[nn++] = lower(b->s[i]);
            i++;
        } while (i < b->n && !space(b->s[i]) && b->s[i] != '/' && b->s[i] != '>' && b->s[i] != '=');
        size_t whole = i - start, k = i;
        const char *value = "";
        size_t nv = 0;
        while (k < b->n && space(b->s[k]))
            k++;
        if (k < b->n && b->s[k] == '=') {
            for (k++; k < b->n && space(b->s[k]); k++)
                ;
            if (k < b->n && (b->s[k] == '"' || b->s[k] == '\'')) {
                const char *close = memchr(b->s + k + 1, b->s[k], b->n - k - 1);
                if (!close)
                    return 0;
                value = b->s + k + 1;
                nv = (size_t)(close - value);
                i = (size_t)(close - b->s) + 1;
            } else {
                size_t v = k;
                while (k < b->n && !space(b->s[k]) && b->s[k] != '>')
                    k++;
                value = b->s + v;
                nv = k - v;
                i = k;
            }
        }
        if (!copy || whole > sizeof name || !wanted(name, nn))
            continue;
        if (++count > TEXT_LIMIT_ATTRIBUTES || nv > TEXT_LIMIT_ATTRIBUTE)
            *b->warnings |= HTML_CUT_ATTRIBUTES;
        else
            copy_attribute(b, name, nn, value, nv);
    }
}

static void tag_name(const struct bound *b, size_t i, char name[24], size_t *len, size_t *end)
{
    *len = 0;
    for (; i < b->n && !space(b->s[i]) && b->s[i] != '/' && b->s[i] != '>'; i++)
        if (*len < 23)
            name[(*len)++] = (unsigned char)b->s[i] < 0x80 && b->s[i] > ' ' ? lower(b->s[i]) : 'x';
    name[*len] = '\0';
    *end = i;
}

static void start_tag(struct bound *b)
{
    char name[24];
    size_t len, i;
    tag_name(b, b->i + 1, name, &len, &i);
    GumboTag t = gumbo_tag_enum(name);
    if (t == GUMBO_TAG_XMP || t == GUMBO_TAG_PLAINTEXT || t == GUMBO_TAG_LISTING) {
        strcpy(name, "pre");
        t = GUMBO_TAG_PRE;
    }
    size_t mark = b->out->n;
    int copy = opaque(t) && t != GUMBO_TAG_IFRAME ? 0 : admit_start(b, t);
    if (copy) {
        tbuf_addc(b->out, '<');
        tbuf_adds(b->out, name);
    }
    size_t end = attributes(b, i, copy);
    if (!end) {
        /* A quote or a tag that never closes: leave this tag out, go on behind the next '>'. */
        if (b->out->n > mark)
            b->out->p[b->out->n = mark] = '\0';
        b->wasted += b->n - i;
        const char *gt = memchr(b->s + i, '>', b->n - i);
        b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
        return;
    }
    if (copy)
        tbuf_addc(b->out, '>');
    if (opaque(t)) {
        size_t past = skip_past_end(b, end, name, len);
        if (past <= b->n)
            end = past;
        else if (t == GUMBO_TAG_SCRIPT || t == GUMBO_TAG_STYLE)
            end = b->n;
        if (copy)
            tbuf_adds(b->out, "</iframe>");
    }
    b->i = end;
}

static void end_tag(struct bound *b)
{
    char name[24];
    size_t len, i;
    tag_name(b, b->i + 2, name, &len, &i);
    const char *gt = memchr(b->s + i, '>', b->n - i);
    b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
    GumboTag t = gumbo_tag_enum(name);
    if (t == GUMBO_TAG_XMP || t == GUMBO_TAG_LISTING) {
        strcpy(name, "pre");
        t = GUMBO_TAG_PRE;
    }
    if (opaque(t) || !admit_end(b, t))
        return;
    tbuf_adds(b->out, "</");
    tbuf_adds(b->out, name);
    tbuf_addc(b->out, '>');
}

/* Behind "<!" or "<?": comments, CDATA marks, declarations. */
static void declaration(struct bound *b)
{
    const char *s = b->s + b->i;
    size_t left = b->n - b->i;
    if (left >= 4 && !memcmp(s, "<!--", 4)) {
        size_t k = 4;
        if (left > 4 && s[4] == '>')
            k = 5;
        else if (left > 5 && s[4] == '-' && s[5] == '>')
            k = 6;
        else {
            for (; k + 3 <= left; k++) {
                const char *dash = memchr(s + k, '-', left - k);
                k = dash ? (size_t)(dash - s) : left;
                if (k + 3 <= left && !memcmp(s + k, "-->", 3))
                    break;
            }
            /* A comment that never ends would swallow the article: only its mark goes. */
            if (k + 3 > left)
                b->wasted += left;
            k = k + 3 <= left ? k + 3 : 4;
        }
        b->i += k;
    } else if (left >= 9 && !memcmp(s, "<![CDATA[", 9)) {
        b->cdata = 1; /* a mistake of the feed's author; what it wraps is meant */
        b->i += 9;
    } else {
        const char *gt = memchr(s, '>', left);
        b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
    }
}

int html_bound(const char *html, size_t n, struct tbuf *out, struct tbuf *runs, unsigned *warnings)
{
    struct bound b = {.s = html, .n = n, .out = out, .runs = runs, .warnings = warnings};
    if (n > TEXT_LIMIT_HTML) {
        b.n = utf8_cut(html, n, TEXT_LIMIT_HTML);
        *warnings |= HTML_CUT_SIZE;
    }
    while (b.i < b.n && !out->err) {
        const char *lt = memchr(b.s + b.i, '<', b.n - b.i);
        size_t end = lt ? (size_t)(lt - b.s) : b.n;
        const char *mark;
        if (b.cdata && (mark = memmem(b.s + b.i, end - b.i, "]]>", 3))) {
            copy_run(&b, b.s + b.i, (size_t)(mark - b.s) - b.i);
            b.i = (size_t)(mark - b.s) + 3;
            continue;
        }
        copy_run(&b, b.s + b.i, end - b.i);
        b.i = end;
        if (b.i + 1 >= b.n) {
            if (b.i < b.n)
                tbuf_adds(out, "&lt;");
            break;
        }
        char c = b.s[b.i + 1];
        if (b.wasted > ((size_t)16 << 20) + 2 * b.n) {
            *warnings |= HTML_CUT_TAGS;
            c = ' ';
        }
        if (alpha(c)) {
            start_tag(&b);
        } else if (c == '/' && b.i + 2 < b.n && alpha(b.s[b.i + 2])) {
            end_tag(&b);
        } else if (c == '!' || c == '?' || c == '/') {
            declaration(&b);
        } else {
            tbuf_adds(out, "&lt;");
            b.i++;
        }
    }
    if (out->err == WN_LIMIT) {
        *warnings |= HTML_CUT_SIZE;
        out->err = 0;
    }
    return out->err;
}
