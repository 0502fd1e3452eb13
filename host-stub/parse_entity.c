/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_entity.h"

#include <stdint.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "encoding.h"
#include "parse_xml.h"
#include "status.h"

static const struct named {
    const char *name;
    uint32_t cp, more; /* more: a second code point; 1: the semicolon may be missing */
} names[] = {
#define E(name, cp, more) {#name, 0x##cp, 0x##more},
#include "parse_entity_table.h"
#undef E
};

enum { N_NAMES = sizeof names / sizeof *names, LONGEST_NAME = 31 };

static int is_alnum(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9');
}

static const struct named *find(const char *name, size_t n)
{
    size_t low = 0, high = N_NAMES;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = strncmp(names[mid].name, name, n);
        if (c == 0 && names[mid].name[n] == '\0')
            return &names[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* p stands behind "&#", n bytes left. Returns the bytes taken from there, or 0. */
static size_t number(const char *p, size_t n, uint32_t *cp)
{
    size_t i = 0, first;
    uint32_t base = 10, value = 0;
    if (n && (p[0] | 32) == 'x') {
        base = 16;
        i = 1;
    }
    for (first = i; i < n; i++) {
        char c = p[i];
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                         : base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f'
                             ? (uint32_t)((c | 32) - 'a' + 10)
                             : 99;
        if (digit == 99)
            break;
        if (value < 0x110000)
            value = value * base + digit;
    }
    if (i == first)
        return 0;
    *cp = value;
    return i < n && p[i] == ';' ? i + 1 : i;
}

size_t entity_decode(const char *p, size_t n, int loose, char out[ENTITY_MOST], size_t *len)
{
    uint32_t cp;
    if (n >= 3 && p[1] == '#') {
        size_t used = number(p + 2, n - 2, &cp);
        if (!used)
            return 0;
        if (cp >= 0x80 && cp < 0xa0)
            cp = encoding_c1((unsigned char)cp);
        int control = cp == 0x7f || (cp < 0x20 && cp != '\t' && cp != '\n');
        if (cp == '\r')
            cp = '\n', control = 0;
        *len = control ? 0 : utf8_encode(cp, out);
        return used + 2;
    }
    size_t k = 1;
    while (k < n && k <= LONGEST_NAME && is_alnum(p[k]))
        k++;
    int closed = k < n && p[k] == ';';
    if (k == 1 || (!closed && !loose))
        return 0;
    const struct named *e = find(p + 1, k - 1);
    if (!e || (!closed && e->more != 1))
        return 0;
    *len = utf8_encode(e->cp, out);
    if (e->more > 1)
        *len += utf8_encode(e->more, out + *len);
    return closed ? k + 1 : k;
}

int entity_text(struct buf *out, const char *p, size_t n)
{
    const char *end = p + n;
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const char *stop = amp ? amp : end;
        char c[ENTITY_MOST];
        size_t len, used = amp ? entity_decode(amp, (size_t)(end - amp), 1, c, &len) : 0;
        if (amp && !used) {
            stop = amp + 1;
            len = 0;
        }
        if (buf_add(out, p, (size_t)(stop - p)) || (used && buf_add(out, c, len)))
            return out->err;
        p = stop + used;
    }
    return out->err;
}

/* ---- within markup ---- */

static int add(struct xml *x, struct buf *out, const char *p, size_t n)
{
    return x->dirty ? encoding_clean(out, p, n) : buf_add(out, p, n);
}

/* An entity that the document declared. Its text is taken as it stands, but for characters'
 * references, so that nothing expands twice. */
static size_t declared(struct xml *x, const char *p, size_t n, struct buf *out)
{
    size_t k = 1;
    while (k < n && k < 64 && p[k] != ';' && p[k] != '&' && p[k] != '<' && p[k] != ' ')
        k++;
    if (k == n || p[k] != ';')
        return 0;
    for (size_t i = 0; i < x->n_entities; i++) {
        wn_str value = x->entities[i].value;
        if (x->entities[i].name.len != k - 1 || memcmp(x->entities[i].name.ptr, p + 1, k - 1))
            continue;
        if (value.len > LIMIT_ENTITY_TEXT - x->entity_text) {
            xml_fault(x, FAULT_ENTITY_LIMIT, x->entities[i].name);
            return k + 1;
        }
        x->entity_text += value.len;
        struct buf plain;
        buf_init(&plain, LIMIT_ENTITY_TEXT);
        if (entity_text(&plain, value.ptr, value.len) == OK && plain.n)
            add(x, out, plain.p, plain.n);
        buf_finish(&plain);
        return k + 1;
    }
    return 0;
}

/* At "&": appends what it stands for, returns the bytes it takes. */
static size_t reference(struct xml *x, const char *p, size_t n, struct buf *out)
{
    /* Most of an escaped document is these three. */
    if (n >= 4 && p[2] == 't' && p[3] == ';' && (p[1] == 'l' || p[1] == 'g')) {
        buf_addc(out, p[1] == 'l' ? '<' : '>');
        return 4;
    }
    if (n >= 5 && memcmp(p, "&amp;", 5) == 0) {
        buf_addc(out, '&');
        return 5;
    }
    char c[ENTITY_MOST];
    size_t len, used = x->n_entities ? declared(x, p, n, out) : 0;
    if (used)
        return used;
    used = entity_decode(p, n, 0, c, &len);
    if (!used) {
        xml_fault(x, FAULT_AMPERSAND, str_of(p, 1));
        buf_addc(out, '&');
        return 1;
    }
    if (p[1] != '#' && !(used == 6 && (!memcmp(p, "&quot;", 6) || !memcmp(p, "&apos;", 6))))
        xml_fault(x, FAULT_ENTITY, str_of(p, used));
    buf_add(out, c, len);
    return used;
}

int xml_decode(struct xml *x, const char *p, size_t n, struct buf *out)
{
    const char *end = p + n;
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const char *stop = amp ? amp : end;
        if (stop > p && add(x, out, p, (size_t)(stop - p)))
            return out->err;
        p = stop;
        if (amp)
            p += reference(x, p, (size_t)(end - p), out);
    }
    return out->err;
}

int xml_read_text(struct xml *x, struct buf *out)
{
    return x->cdata ? add(x, out, x->raw.ptr, x->raw.len)
                    : xml_decode(x, x->raw.ptr, x->raw.len, out);
}
