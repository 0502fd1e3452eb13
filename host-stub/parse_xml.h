/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_xml.h: reads markup token by token, and goes on where XML's rules would stop.
 *
 * A feed with one raw "&" or one unclosed tag is still a feed, so this reader never fails: what
 * isn't well-formed is mended, and told once per kind through `warn`. On well-formed documents it
 * gives what libxml2's reader gives (the tests compare the two). Every construct is read in time
 * linear in its length and memory that does not grow with the document: names, attributes and
 * text are slices of the input, which must outlive the reader, and decoding happens when the
 * caller asks for a text. It never opens a file or an address; a DTD's internal entities are
 * literal text of at most LIMIT_ENTITY_TEXT together, external ones are nothing.
 *
 * Pure; one thread at a time; no allocation but the buffers given.
 */
#ifndef WINNOW_PARSE_XML_H
#define WINNOW_PARSE_XML_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "limits.h"

/* Namespaces that Winnow knows; NS_OTHER is any other, NS_NONE no namespace. */
enum xml_ns {
    NS_NONE = 0,
    NS_OTHER,
    NS_RSS, /* RSS 0.9x, 1.0 and the namespaces people gave RSS 2.0 */
    NS_ATOM,
    NS_RDF,
    NS_XML,
    NS_XHTML,
    NS_DC,
    NS_DCTERMS,
    NS_CONTENT,
    NS_MEDIA,
    NS_ITUNES,
    NS_SY,
    NS_KNOWN, /* from here on: travels through as data */
    NS_SLASH = NS_KNOWN,
    NS_WFW,
    NS_THR,
    NS_GEORSS,
    NS_GEO,
    NS_GML,
    NS_FEEDBURNER,
    NS_PODCAST,
    NS_CC,
    NS_PSC,
    NS_GOOGLEPLAY,
    NS_RAWVOICE,
    NS_PRISM,
    NS_YT,
    NS_LAST,
};

/* The number of a namespace by URI; letter case and a trailing slash or "#" don't matter. */
int xml_ns_of_uri(wn_str uri);
/* By the prefix that its feeds use, for documents that forgot to declare it; NS_OTHER if unknown.
 */
int xml_ns_of_prefix(wn_str prefix);
/* The URI that stands for it in extensions; absent for NS_NONE and NS_OTHER. */
wn_str xml_ns_uri(int ns);
/* Whether elements of it travel through as extensions when nothing else wants them. */
int xml_ns_known(int ns);

enum xml_token { XML_EOF = 0, XML_START, XML_STOP, XML_TEXT };

/* What was mended; each kind is told once a document. */
enum xml_fault {
    FAULT_MISMATCH = 0,
    FAULT_UNCLOSED,
    FAULT_STRAY_END,
    FAULT_AMPERSAND,
    FAULT_ENTITY,
    FAULT_ENTITY_EXTERNAL,
    FAULT_ENTITY_LIMIT,
    FAULT_ATTRIBUTE,
    FAULT_ATTRIBUTES,
    FAULT_NAMESPACES,
    FAULT_PREFIX,
    FAULT_COMMENT,
    FAULT_CDATA,
    FAULT_DEPTH,
    FAULT_JUNK,
    FAULT_COUNT,
};

struct xml_attr {
    wn_str prefix, name;
    wn_str raw; /* as it stands between the quotes */
};

struct xml_frame {
    const char *qname; /* as written, prefix included */
    uint32_t len;
    uint32_t n_bindings; /* how many namespace bindings were in force before it */
    wn_str name;         /* local part */
    int ns;
};

struct xml_binding {
    wn_str prefix, uri;
    int ns;
};

struct xml_entity {
    wn_str name, value;
};

struct xml {
    const char *begin, *p, *end;
    int dirty; /* text may hold controls or malformed sequences: clean it */
    void (*warn)(void *user, int fault, size_t line, wn_str what);
    void *user;

    /* the current token */
    int token;
    int ns;                                  /* START, STOP */
    wn_str prefix, name;                     /* START, STOP: the local name as written */
    wn_str raw;                              /* TEXT: not yet decoded */
    int cdata;                               /* TEXT: 1 if it came from a CDATA section */
    struct xml_attr attrs[LIMIT_ATTRIBUTES]; /* START, without xmlns */
    size_t n_attrs;
    int empty; /* START: <name/>; its STOP follows */

    struct xml_frame frames[LIMIT_DEPTH]; /* open elements; START: frames[depth - 1] is it */
    size_t depth;
    int cut; /* the input ended while elements were open: what ends now ends by that */
    struct xml_binding bindings[LIMIT_NAMESPACES];
    size_t n_bindings;
    struct xml_entity entities[LIMIT_ENTITIES];
    size_t n_entities, entity_text;

    /* private */
    size_t over; /* open elements past LIMIT_DEPTH, not told */
    size_t strays;
    uint32_t told;         /* bit per xml_fault */
    unsigned no_end;       /* which terminators don't occur any more */
    int seen_doctype, pop; /* pop: the STOP just told leaves the stack at the next call */
};

/* bytes are UTF-8 without a byte order mark; warn may be NULL. */
void xml_init(struct xml *x, const char *bytes, size_t n, int dirty);
/* Reads the next token and returns it. After XML_EOF always XML_EOF; what was open is closed first.
 */
int xml_next(struct xml *x);
/* Appends the current TEXT, decoded. */
int xml_read_text(struct xml *x, struct buf *out);
/* Appends a raw slice, decoded: character references, XML's, the document's and HTML's entities. */
int xml_decode(struct xml *x, const char *p, size_t n, struct buf *out);
/* The attribute of the current START by local name (any case); prefix NULL: one without prefix.
 * NULL if there is none. */
const struct xml_attr *xml_attr_find(const struct xml *x, const char *prefix, const char *name);
/* The current START moves up: everything from frame `depth` on counts as closed before it. */
void xml_reparent(struct xml *x, size_t depth);
/* The namespace of a prefix in force; *uri if not NULL. */
int xml_resolve(struct xml *x, wn_str prefix, wn_str *uri);
void xml_fault(struct xml *x, int fault, wn_str what);

#endif
