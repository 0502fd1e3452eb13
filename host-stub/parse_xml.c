/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_xml.h"

#include <string.h>
#include <strings.h>

#include "parse_xml_char.h"

void xml_init(struct xml *x, const char *bytes, size_t n, int dirty)
{
    x->begin = x->p = bytes;
    x->end = bytes + n;
    x->dirty = dirty;
    x->warn = NULL;
    x->user = NULL;
    x->token = XML_EOF;
    x->n_attrs = x->depth = x->n_bindings = x->n_entities = x->entity_text = 0;
    x->over = x->strays = 0;
    x->told = 0;
    x->no_end = 0;
    x->empty = x->seen_doctype = x->pop = 0;
}

void xml_fault(struct xml *x, int fault, wn_str what)
{
    if (x->told & 1u << fault)
        return;
    x->told |= 1u << fault;
    if (!x->warn)
        return;
    size_t line = 1;
    for (const char *q = x->begin; (q = memchr(q, '\n', (size_t)(x->p - q))) != NULL; q++)
        line++;
    x->warn(x->user, fault, line, what);
}

int xml_resolve(struct xml *x, wn_str prefix, wn_str *uri)
{
    for (size_t i = x->n_bindings; i-- > 0;) {
        const struct xml_binding *b = &x->bindings[i];
        if (b->prefix.len == prefix.len &&
            (!prefix.len || memcmp(b->prefix.ptr, prefix.ptr, prefix.len) == 0)) {
            if (uri)
                *uri = b->uri;
            return b->ns;
        }
    }
    if (uri)
        *uri = str_of(NULL, 0);
    if (!prefix.len)
        return NS_NONE;
    int ns = xml_ns_of_prefix(prefix);
    if (ns != NS_XML)
        xml_fault(x, FAULT_PREFIX, prefix);
    return ns;
}

/* ---- start tags ---- */

/* p stands at "<name". Returns 1 if there is a token to tell. */
static int start_tag(struct xml *x)
{
    const char *name = x->p + 1, *p = name;
    while (p < x->end && is_name(*p))
        p++;
    size_t n = (size_t)(p - name), before = x->n_bindings;
    x->p = xml_attributes(x, p);
    if (x->depth == LIMIT_DEPTH) {
        xml_fault(x, FAULT_DEPTH, str_of(name, n));
        x->n_bindings = before;
        x->over += !x->empty;
        return 0;
    }
    xml_split(name, n, &x->prefix, &x->name);
    x->ns = xml_resolve(x, x->prefix, NULL);
    x->frames[x->depth++] = (struct xml_frame){name, n > UINT32_MAX ? UINT32_MAX : (uint32_t)n,
                                               (uint32_t)before, x->name, x->ns};
    x->token = XML_START;
    return 1;
}

void xml_reparent(struct xml *x, size_t depth)
{
    if (depth + 1 >= x->depth)
        return;
    xml_fault(x, FAULT_UNCLOSED, str_of(x->frames[depth].qname, x->frames[depth].len));
    /* Declarations of the frames that fall stay until the moved one closes: harmless. */
    struct xml_frame top = x->frames[x->depth - 1];
    top.n_bindings = x->frames[depth].n_bindings;
    x->frames[depth] = top;
    x->depth = depth + 1;
}

/* ---- end tags ---- */

static void leave(struct xml *x)
{
    x->n_bindings = x->frames[--x->depth].n_bindings;
    x->pop = 0;
}

static int tell_stop(struct xml *x)
{
    const struct xml_frame *f = &x->frames[x->depth - 1];
    x->token = XML_STOP;
    x->ns = f->ns;
    x->name = f->name;
    x->pop = 1;
    return 1;
}

/* Where the element that this end tag closes lies, or SIZE_MAX. */
static size_t find_open(const struct xml *x, const char *name, size_t n)
{
    /* A flood of stray end tags must not search a deep stack each time. */
    size_t most = x->strays > 1000 ? 16 : LIMIT_DEPTH;
    for (size_t i = x->depth; i-- > 0 && most-- > 0;) {
        const struct xml_frame *f = &x->frames[i];
        if (f->len == n && (f->qname[0] | 32) == (name[0] | 32) &&
            strncasecmp(f->qname, name, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* p stands at "</name". An end tag that closes an outer element closes the inner ones first: it is
 * read again for each. */
static int end_tag(struct xml *x)
{
    const char *name = x->p + 2, *p = name;
    while (p < x->end && is_name(*p))
        p++;
    size_t n = (size_t)(p - name);
    const char *after = p;
    while (after < x->end && *after != '>' && *after != '<')
        after++;
    if (after < x->end && *after == '>')
        after++;
    else
        xml_fault(x, FAULT_UNCLOSED, str_of(name, n));
    if (x->over) {
        x->over--;
        x->p = after;
        return 0;
    }
    size_t at = find_open(x, name, n);
    if (at == SIZE_MAX) {
        x->strays++;
        xml_fault(x, FAULT_STRAY_END, str_of(name, n));
        x->p = after;
        return 0;
    }
    if (at + 1 == x->depth)
        x->p = after;
    else
        xml_fault(x, FAULT_MISMATCH,
                  str_of(x->frames[x->depth - 1].qname, x->frames[x->depth - 1].len));
    return tell_stop(x);
}

/* ---- comments, CDATA, declarations ---- */

/* The terminator's position, or NULL; a terminator once missing is not searched again, so that a
 * flood of openings stays linear. */
static const char *find_end(struct xml *x, const char *p, const char *mark, unsigned flag)
{
    if (x->no_end & flag)
        return NULL;
    size_t n = strlen(mark);
    for (const char *q = p; (q = memchr(q, mark[0], (size_t)(x->end - q))) != NULL; q++) {
        if ((size_t)(x->end - q) < n)
            break;
        if (memcmp(q, mark, n) == 0)
            return q;
    }
    x->no_end |= flag;
    return NULL;
}

static void skip_to_gt(struct xml *x, const char *p)
{
    const char *gt = memchr(p, '>', (size_t)(x->end - p));
    x->p = gt ? gt + 1 : x->end;
}

static int cdata(struct xml *x)
{
    const char *p = x->p + 9, *q = find_end(x, p, "]]>", NO_CDATA_END);
    x->token = XML_TEXT;
    x->cdata = 1;
    if (q) {
        x->raw = str_of(p, (size_t)(q - p));
        x->p = q + 3;
        return 1;
    }
    /* Unclosed: it ends where its element does, so that what follows isn't lost. */
    xml_fault(x, FAULT_CDATA, str_of(p, 0));
    const struct xml_frame *f = x->depth ? &x->frames[x->depth - 1] : NULL;
    q = x->end;
    for (const char *lt = p; f && (lt = memchr(lt, '<', (size_t)(x->end - lt))) != NULL; lt++)
        if ((size_t)(x->end - lt) > f->len + 2 && lt[1] == '/' &&
            memcmp(lt + 2, f->qname, f->len) == 0) {
            q = lt;
            break;
        }
    x->raw = str_of(p, (size_t)(q - p));
    x->p = q;
    return 1;
}

static void comment(struct xml *x)
{
    const char *q = find_end(x, x->p + 4, "-->", NO_COMMENT_END);
    if (q) {
        x->p = q + 3;
    } else {
        xml_fault(x, FAULT_COMMENT, str_of(x->p, 0));
        skip_to_gt(x, x->p + 4);
    }
}

/* <!ENTITY name "value"> with p behind "<!ENTITY". */
static void entity(struct xml *x, const char *p, const char *end)
{
    while (p < end && is_space(*p))
        p++;
    if (p < end && *p == '%')
        return;
    const char *name = p;
    while (p < end && is_name(*p))
        p++;
    wn_str n = str_of(name, (size_t)(p - name));
    while (p < end && is_space(*p))
        p++;
    if (p == end || (*p != '"' && *p != '\'')) {
        xml_fault(x, FAULT_ENTITY_EXTERNAL, n);
        return;
    }
    const char *q = memchr(p + 1, *p, (size_t)(end - p - 1));
    if (!q || x->n_entities == LIMIT_ENTITIES) {
        xml_fault(x, FAULT_ENTITY_LIMIT, n);
        return;
    }
    x->entities[x->n_entities++] = (struct xml_entity){n, str_of(p + 1, (size_t)(q - p - 1))};
}

/* Past a document type declaration and its internal subset, whose entities are kept. */
static void doctype(struct xml *x)
{
    const char *p = x->p + 9;
    int subset = 0;
    x->seen_doctype = 1;
    while (p < x->end) {
        if (*p == '"' || *p == '\'') {
            const char *q = memchr(p + 1, *p, (size_t)(x->end - p - 1));
            if (!q)
                break;
            p = q + 1;
        } else if (x->end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
            const char *q = memmem(p + 4, (size_t)(x->end - p - 4), "-->", 3);
            if (!q)
                break;
            p = q + 3;
        } else if (x->end - p >= 9 && memcmp(p, "<!ENTITY ", 9) == 0) {
            entity(x, p + 9, x->end);
            p += 9;
        } else if (*p == '[' || *p == ']') {
            subset = *p++ == '[';
        } else if (*p++ == '>' && !subset) {
            x->p = p;
            return;
        }
    }
    xml_fault(x, FAULT_COMMENT, str_of(x->p, 0));
    skip_to_gt(x, x->p + 9);
}

/* ---- the loop ---- */

/* At "<": 1 if markup begins here, not a stray character. */
static int is_markup(const struct xml *x, const char *p)
{
    if (p + 1 >= x->end)
        return 0;
    if (p[1] == '/')
        return p + 2 < x->end && is_name_start(p[2]);
    return is_name_start(p[1]) || p[1] == '!' || p[1] == '?';
}

static int text(struct xml *x)
{
    const char *q = x->p;
    while ((q = memchr(q, '<', (size_t)(x->end - q))) != NULL && !is_markup(x, q)) {
        xml_fault(x, FAULT_JUNK, str_of(q, 1));
        q++;
    }
    if (!q)
        q = x->end;
    x->raw = str_of(x->p, (size_t)(q - x->p));
    x->p = q;
    x->token = XML_TEXT;
    x->cdata = 0;
    return 1;
}

static int markup(struct xml *x)
{
    const char *p = x->p;
    size_t left = (size_t)(x->end - p);
    if (p[1] == '/')
        return end_tag(x);
    if (p[1] == '?') {
        const char *q = find_end(x, p + 2, "?>", NO_PI_END);
        if (q)
            x->p = q + 2;
        else
            skip_to_gt(x, p);
    } else if (p[1] != '!') {
        return start_tag(x);
    } else if (left >= 4 && p[2] == '-' && p[3] == '-') {
        comment(x);
    } else if (left >= 9 && memcmp(p, "<![CDATA[", 9) == 0) {
        return cdata(x);
    } else if (left >= 9 && strncasecmp(p, "<!DOCTYPE", 9) == 0 && !x->seen_doctype) {
        doctype(x);
    } else {
        skip_to_gt(x, p);
    }
    return 0;
}

int xml_next(struct xml *x)
{
    if (x->pop)
        leave(x);
    if (x->token == XML_START && x->empty) {
        x->empty = 0;
        tell_stop(x);
        return x->token;
    }
    while (x->p < x->end)
        if (*x->p == '<' && is_markup(x, x->p) ? markup(x) : text(x))
            return x->token;
    if (x->depth) {
        x->cut = 1;
        xml_fault(x, FAULT_UNCLOSED,
                  str_of(x->frames[x->depth - 1].qname, x->frames[x->depth - 1].len));
        tell_stop(x);
        return x->token;
    }
    return x->token = XML_EOF;
}
