/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_text.h: from what feeds put into text elements to plain text, and back to HTML. Pure; any
 * thread. Each appends to `out` and returns its status.
 */
#ifndef WINNOW_PARSE_TEXT_H
#define WINNOW_PARSE_TEXT_H

#include "buf.h"

enum text_kind {
    TEXT_PLAIN,   /* text: only white space is folded */
    TEXT_GUESSED, /* RSS: perhaps HTML: tags that HTML has go, anything else in "<>" stays */
    TEXT_HTML,    /* declared HTML: every tag goes */
};

/* One line of plain text: no markup, references decoded once, white space folded and trimmed. */
int text_line(struct buf *out, const char *p, size_t n, enum text_kind kind);
/* Plain text as HTML: & < > escaped. */
int text_to_html(struct buf *out, const char *p, size_t n);
/* An attribute's value, for between double quotes. */
int text_to_attr(struct buf *out, const char *p, size_t n);
/* Base64 with any white space, RFC 4648; E_SYNTAX for what isn't. */
int text_from_base64(struct buf *out, const char *p, size_t n);
/* Copies HTML and makes the URLs in its attributes absolute; tags are left as they are otherwise.
 */
int html_resolve(struct buf *out, const char *p, size_t n, wn_str base);
/* Whether the text is, or begins with, the word; ASCII case aside. */
int text_is(wn_str s, const char *word);
int text_begins(wn_str s, const char *word);
/* Whether HTML has, or ever had, an element of this name; any case. */
int html_is_element(wn_str name);
/* Whether an attribute of this name holds a URL. */
int html_url_attr(wn_str name);

#endif
