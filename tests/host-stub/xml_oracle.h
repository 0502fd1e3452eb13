/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_oracle.h: what a document says, told in one line a token, by Winnow's reader and by
 * libxml2's. On documents that libxml2 finds well-formed the two must tell the same.
 */
#ifndef WINNOW_XML_ORACLE_H
#define WINNOW_XML_ORACLE_H

#include <libxml/xmlreader.h>
#include <string.h>

#include "host-stub/encoding.h"
#include "host-stub/parse_xml.h"

/* Appends text with its white space as it is, but for "\r", which the two clean at other times. */
static inline void tell_text(struct buf *out, int *open, const char *p, size_t n)
{
    if (!n)
        return;
    if (!*open)
        buf_adds(out, "T ");
    *open = 1;
    for (size_t i = 0; i < n; i++)
        if (p[i] != '\r')
            buf_addc(out, p[i] == '\n' || p[i] == '\t' ? ' ' : p[i]);
}

static inline void tell_end_of_text(struct buf *out, int *open)
{
    if (*open)
        buf_addc(out, '\n');
    *open = 0;
}

/* Returns the kinds of faults, a bit each. */
static inline uint32_t tell_by_winnow(const char *p, size_t n, struct buf *out)
{
    static struct xml x;
    struct buf text;
    int open = 0;
    size_t depth = 0;
    buf_init(&text, MIB(16));
    xml_init(&x, p, n, (encoding_scan(p, n) & ~ENCODING_HIGH) != 0);
    for (int token; (token = xml_next(&x)) != XML_EOF;) {
        buf_reset(&text);
        if (token == XML_TEXT) {
            xml_read_text(&x, &text);
            if (depth)
                tell_text(out, &open, text.p ? text.p : "", text.n);
            continue;
        }
        tell_end_of_text(out, &open);
        depth = token == XML_START ? depth + 1 : depth - 1;
        buf_adds(out, token == XML_START ? "S " : "E ");
        buf_addstr(out, x.name);
        for (size_t i = 0; token == XML_START && i < x.n_attrs; i++) {
            buf_reset(&text);
            xml_decode(&x, x.attrs[i].raw.ptr, x.attrs[i].raw.len, &text);
            buf_addc(out, ' ');
            buf_addstr(out, x.attrs[i].name);
            int attr = 1;
            buf_addc(out, '=');
            tell_text(out, &attr, text.p ? text.p : "", text.n);
        }
        buf_addc(out, '\n');
    }
    buf_finish(&text);
    return x.told;
}

static inline void ignore_error(void *user, const char *format, ...)
{
    (void)user;
    (void)format;
}

static inline void tell_attrs(xmlTextReaderPtr r, struct buf *out)
{
    while (xmlTextReaderMoveToNextAttribute(r) == 1) {
        if (xmlTextReaderIsNamespaceDecl(r) == 1)
            continue;
        const char *value = (const char *)xmlTextReaderConstValue(r);
        /* With a prefix that isn't declared the whole name is the local one to libxml2. */
        const char *name = (const char *)xmlTextReaderConstLocalName(r), *colon = strchr(name, ':');
        buf_addc(out, ' ');
        buf_adds(out, colon && colon > name && colon[1] ? colon + 1 : name);
        buf_addc(out, '=');
        int attr = 1;
        tell_text(out, &attr, value ? value : "", value ? strlen(value) : 0);
    }
    xmlTextReaderMoveToElement(r);
}

/* 1 if it is well-formed. */
static inline int tell_by_libxml2(const char *p, size_t n, struct buf *out)
{
    xmlTextReaderPtr r = xmlReaderForMemory(p, (int)n, NULL, "UTF-8", XML_PARSE_NONET);
    if (!r)
        return 0;
    xmlTextReaderSetErrorHandler(r, NULL, NULL);
    xmlSetGenericErrorFunc(NULL, ignore_error);
    int more, open = 0;
    while ((more = xmlTextReaderRead(r)) == 1) {
        const char *value = (const char *)xmlTextReaderConstValue(r);
        const char *name = (const char *)xmlTextReaderConstLocalName(r);
        switch (xmlTextReaderNodeType(r)) {
        case XML_READER_TYPE_ELEMENT:
            tell_end_of_text(out, &open);
            buf_adds(out, "S ");
            buf_adds(out, name);
            int empty = xmlTextReaderIsEmptyElement(r);
            tell_attrs(r, out);
            buf_addc(out, '\n');
            if (empty) {
                buf_adds(out, "E ");
                buf_adds(out, (const char *)xmlTextReaderConstLocalName(r));
                buf_addc(out, '\n');
            }
            break;
        case XML_READER_TYPE_END_ELEMENT:
            tell_end_of_text(out, &open);
            buf_adds(out, "E ");
            buf_adds(out, name);
            buf_addc(out, '\n');
            break;
        case XML_READER_TYPE_TEXT:
        case XML_READER_TYPE_CDATA:
        case XML_READER_TYPE_WHITESPACE:
        case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
            tell_text(out, &open, value ? value : "", value ? strlen(value) : 0);
            break;
        default:
            break;
        }
    }
    xmlFreeTextReader(r);
    return more == 0;
}

#endif
