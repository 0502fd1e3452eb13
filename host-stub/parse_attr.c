/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a start tag, and the namespaces it declares. */
#include <string.h>
#include <strings.h>

#include "parse_xml_char.h"

void xml_split(const char *s, size_t n, wn_str *prefix, wn_str *name)
{
    const char *colon = memchr(s, ':', n);
    if (colon && colon > s && colon + 1 < s + n) {
        *prefix = str_of(s, (size_t)(colon - s));
        *name = str_of(colon + 1, n - prefix->len - 1);
    } else {
        *prefix = str_of(s, 0);
        *name = str_of(s, n);
    }
}

/* The value that begins at p (after "="). Sets *raw, returns where reading goes on. */
static const char *attr_value(struct xml *x, const char *p, wn_str *raw)
{
    char quote = p < x->end ? *p : 0;
    if (quote == '"' || quote == '\'') {
        unsigned flag = quote == '"' ? NO_QUOTE : NO_APOS;
        const char *q = NULL;
        if (!(x->no_end & flag) && !(q = memchr(p + 1, quote, (size_t)(x->end - p - 1))))
            x->no_end |= flag;
        const char *next = q ? q + 1 : NULL;
        int follows = next && (next == x->end || is_space(*next) || *next == '/' || *next == '>' ||
                               *next == '?' || *next == '<');
        /* A quote too few swallows markup up to the next one; then the tag ends at its ">". */
        const char *lt = next && !follows ? memchr(p, '<', (size_t)(q - p)) : NULL;
        if (next && !lt) {
            *raw = str_of(p + 1, (size_t)(q - p - 1));
            if (!follows)
                xml_fault(x, FAULT_ATTRIBUTE, str_of(p, 0));
            return next;
        }
        p++;
    }
    xml_fault(x, FAULT_ATTRIBUTE, str_of(p, 0));
    const char *start = p;
    while (p < x->end && !is_space(*p) && *p != '>' && *p != '<')
        p++;
    if (p < x->end && *p == '>' && p > start && p[-1] == '/')
        p--;
    *raw = str_of(start, (size_t)(p - start));
    return p;
}

static void bind(struct xml *x, wn_str prefix, wn_str uri)
{
    if (x->n_bindings == LIMIT_NAMESPACES) {
        xml_fault(x, FAULT_NAMESPACES, prefix);
        return;
    }
    x->bindings[x->n_bindings++] = (struct xml_binding){prefix, uri, xml_ns_of_uri(uri)};
}

static void add_attr(struct xml *x, const char *name, size_t n, wn_str raw)
{
    wn_str prefix, local;
    xml_split(name, n, &prefix, &local);
    if (n >= 5 && memcmp(name, "xmlns", 5) == 0 && (n == 5 || name[5] == ':')) {
        bind(x, n == 5 ? str_of(name, 0) : local, raw);
        return;
    }
    if (x->n_attrs == LIMIT_ATTRIBUTES) {
        xml_fault(x, FAULT_ATTRIBUTES, str_of(name, n));
        return;
    }
    x->attrs[x->n_attrs++] = (struct xml_attr){prefix, local, raw};
}

const char *xml_attributes(struct xml *x, const char *p)
{
    x->n_attrs = 0;
    x->empty = 0;
    for (;;) {
        while (p < x->end && is_space(*p))
            p++;
        if (p == x->end || *p == '<') {
            xml_fault(x, FAULT_ATTRIBUTE, str_of(p, 0));
            return p;
        }
        if (*p == '>')
            return p + 1;
        if (*p == '/') {
            p++;
            if (p < x->end && *p == '>') {
                x->empty = 1;
                return p + 1;
            }
            continue;
        }
        const char *name = p;
        while (p < x->end && is_name(*p))
            p++;
        if (p == name) { /* a stray quote or "=" */
            xml_fault(x, FAULT_ATTRIBUTE, str_of(p, 0));
            p++;
            continue;
        }
        size_t n = (size_t)(p - name);
        while (p < x->end && is_space(*p))
            p++;
        wn_str raw = str_of(name, 0);
        if (p < x->end && *p == '=') {
            p++;
            while (p < x->end && is_space(*p))
                p++;
            p = attr_value(x, p, &raw);
        } else {
            xml_fault(x, FAULT_ATTRIBUTE, str_of(name, n));
        }
        add_attr(x, name, n, raw);
    }
}

const struct xml_attr *xml_attr_find(const struct xml *x, const char *prefix, const char *name)
{
    size_t n = strlen(name), k = prefix ? strlen(prefix) : 0;
    for (size_t i = 0; i < x->n_attrs; i++) {
        const struct xml_attr *a = &x->attrs[i];
        if (a->name.len == n && a->prefix.len == k && strncasecmp(a->name.ptr, name, n) == 0 &&
            (!k || strncasecmp(a->prefix.ptr, prefix, k) == 0))
            return a;
    }
    return NULL;
}
