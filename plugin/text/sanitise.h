/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sanitise.h: writes a tree of html.h as HTML that is safe in any reader: elements, attributes and
 * URL schemes from allow-lists, nothing that runs, styles, submits or embeds, no ids and names to
 * clobber, '<' and '>' escaped everywhere. The output is stable: an HTML parser builds from it the
 * very tree that was written (no mutation XSS), because a start tag that the parser would answer
 * with anything but a plain child is left out, its text stays.
 *
 * Owned by one thread at a time; the caller owns all memory.
 */
#ifndef WINNOW_SANITISE_H
#define WINNOW_SANITISE_H

#include "html.h"
#include "html_buf.h"
#include "html_url.h"

struct sanitise {
    wn_str base;        /* absolute URL that relative ones are resolved against */
    url_param_fn strip; /* NULL: tracking parameters stay */
    /* Whether an iframe of this host may stay; NULL: none may. Others become links. */
    int (*embed)(void *user, wn_str host);
    /* Rewrites a redirector's URL in place (html_url.h), returns 1 if it did; NULL: none. */
    int (*unwrap)(void *user, struct tbuf *url);
    void *user;
    unsigned stripped; /* out: tracking parameters and redirections taken out */
    struct tbuf url;   /* scratch; sanitise_init and sanitise_finish */
};

/* Where a node was written: out[start, end). Both 0 for what was not. */
struct html_span {
    uint32_t start, end;
};

void sanitise_init(struct sanitise *s);
void sanitise_finish(struct sanitise *s);

/* Writes the tree, nodes with HN_REMOVED left out, empty elements pruned. spans (h->n entries) may
 * be NULL. Returns WN_OK, WN_NOMEM or WN_LIMIT. Calls html_live() itself. */
int sanitise_write(struct html *h, struct sanitise *s, struct tbuf *out, struct html_span *spans);

/* Parse and write in one. Where parsing fails for its limits the text alone is written, escaped. */
int sanitise_html(struct html *h, struct sanitise *s, const char *html, size_t n, struct tbuf *out);

/* Writes text as HTML text. Control characters are left out. */
void sanitise_text(struct tbuf *out, const char *s, size_t n);

/* The address of a picture: src, or what lazy loading hides behind it; NULL if it has none. */
const char *sanitise_picture(const struct html_node *img);

/* Puts the absolute, checked URL of a picture into s->url: its address, or else the first usable one
 * of its srcset. Returns 0 if it has none. */
int sanitise_picture_url(struct sanitise *s, const struct html_node *img);

/* sanitise_media.c: takes pictures and frames out that have no usable address. */
void sanitise_media(struct html *h, struct sanitise *s);

/* sanitise_attr.c: writes the allowed attributes of an element. Returns 0 where the element may
 * not be written without one that it lacks (img without a usable src). */
int sanitise_attributes(struct sanitise *s, const struct html_node *node, enum html_tag tag,
                        struct tbuf *out);
/* Writes one attribute, its value escaped. */
void sanitise_attribute(struct tbuf *out, const char *name, const char *value, size_t n);

#endif
