/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sanitise_writer.h: the state of writing one tree, shared by sanitise.c (elements),
 * sanitise_fit.c (which of them may stand where) and sanitise_text.c (text and the white space
 * around it). Private to these three; it lives on the stack of sanitise_write().
 */
#ifndef WINNOW_SANITISE_WRITER_H
#define WINNOW_SANITISE_WRITER_H

#include "sanitise.h"

/* Of written elements: within TEXT_LIMIT_DEPTH, so that it can be read again. */
#define WRITER_DEPTH 190

struct writer {
    struct html *h;
    struct sanitise *s;
    struct tbuf *out;
    struct html_span *spans;
    struct {
        uint32_t node;
        uint8_t tag; /* HTML_NONE: not written, stands here only to note its span */
    } open[WRITER_DEPTH * 4];
    unsigned depth, written;
    unsigned pre;    /* how many <pre> among them */
    char space;      /* white space that waits to be written: 0, ' ' or '\n' */
    int after_space; /* the last text written ended in white space, or nothing was written */
    int inlined;     /* something stands in the current line of text */
    unsigned breaks; /* <br> that wait for text behind them */
    int swallow;     /* a removed line stood between two breaks: one of them is enough */
};

/* ---- sanitise_fit.c ---- */

/* The innermost element that was written. */
enum html_tag writer_top(const struct writer *w);
/* Whether an element is a table's own part, in which text may not stand. */
int writer_table_inside(enum html_tag tag);
/* Whether a parser would make a start tag here a child of the innermost open element, and leave
 * everything else as it is. HTML Standard 13.2.6.4.7 ff. */
int writer_fits(const struct writer *w, enum html_tag tag);

/* ---- sanitise_text.c ---- */

/* A line break that waits for text behind it. */
void writer_break(struct writer *w);
/* Writes the white space and line breaks that wait, in front of text or an inline element. */
void writer_flush_inline(struct writer *w);
/* At the border of a block: breaks go, white space stands between the tags. */
void writer_flush_block(struct writer *w, int opening);
void writer_text(struct writer *w, const struct html_node *node);
/* A <br> inside preformatted text. */
void writer_pre_break(struct writer *w);
/* What a subtree that isn't written leaves behind: white space, line breaks, borders of blocks. */
void writer_pass_over(struct writer *w, uint32_t i);

#endif
