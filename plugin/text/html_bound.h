/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_bound.h: what the two files of html_bound share: html_bound.c reads tags and keeps the books of
 * what is open, html_bound_text.c copies text and knows the tags by kind. Private to them; a struct
 * bound lives for one call of html_bound().
 */
#ifndef WINNOW_HTML_BOUND_H
#define WINNOW_HTML_BOUND_H

#include "html.h"
#include "limits.h"

struct bound {
    const char *s;
    size_t n, i;
    struct tbuf *out;
    unsigned *warnings;
    struct tbuf *runs;
    uint32_t n_runs;
    unsigned tags;
    int cdata;
    size_t wasted; /* bytes looked at in vain; bounds what unclosed constructs cost */
    /* Open elements, those with optional end tags left out; for a table also how many formatting
     * elements were active before it, for it starts a list of its own. */
    struct {
        uint16_t tag, active;
    } stack[TEXT_LIMIT_DEPTH];
    unsigned depth, active, flattened;
};

static inline int bound_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Formatting elements, which parsers reopen. */
int bound_formatting(GumboTag t);
/* Elements that a sibling or their parent's end closes, or that are void: they add no depth. */
int bound_shallow(GumboTag t);
/* Parts of a table. */
int bound_cell(GumboTag t);
/* Elements whose text is no markup, or whose contents are dropped later anyway. */
int bound_opaque(GumboTag t);
/* The attributes that sanitising or the rules look at; names are lower case. */
int bound_wanted(const char *name, size_t n);

/* Copies an attribute's value: controls removed, damaged UTF-8 and references replaced. */
void bound_copy_text(struct bound *b, const char *s, size_t n);
/* Copies text between tags, longer runs of it as marks (html.h). */
void bound_copy_run(struct bound *b, const char *s, size_t n);

#endif
