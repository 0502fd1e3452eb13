/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.h: untrusted HTML → a compact tree in document order, and the limits that keep a parse
 * bounded. The tree holds only what may ever reach a reader (html_tags.h); sanitise.h writes it
 * out, blocks.h reads it as a sequence of blocks, and the boilerplate rules mark nodes in it.
 *
 * A struct html is reused from item to item and belongs to one thread at a time; nodes, their
 * strings and attributes live until the next html_parse or html_finish. HTML Standard, "Parsing
 * HTML documents", by gumbo as a fragment in <div>.
 */
#ifndef WINNOW_HTML_H
#define WINNOW_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "../winnow_plugin.h"
#include "html_buf.h"
#include "html_tags.h"

/* Node flags. */
#define HN_REMOVED 1u /* a rule took it: not written, nor anything inside */
#define HN_HIDDEN 2u  /* the page doesn't show it (hidden, display:none): removed from the start */
#define HN_PRE 4u     /* inside <pre>: white space counts */
#define HN_FORM 8u    /* inside a form */
#define HN_LIVE 16u   /* holds something to write; set by html_live() */
#define HN_NOSCRIPT 32u /* inside <noscript>: often the twin of a lazily loaded picture */
#define HN_NAV 64u      /* inside nav, or a header or footer of the page */

#define HTML_NO_NODE UINT32_MAX

struct html_node {
    uint32_t parent;  /* index; the root (index 0) is its own parent */
    uint32_t end;     /* index after its last descendant: the subtree is [self, end) */
    const char *text; /* a text node's bytes: valid UTF-8 without NUL; NULL for an element */
    uint32_t len;
    uint32_t skip;  /* bytes of a text node that a rule cut off its front */
    uint32_t block; /* nearest block element above, or the root */
    uint32_t link;  /* nearest <a> above or itself; 0: none */
    uint8_t tag;    /* enum html_tag of an element */
    uint8_t flags;
    uint16_t rule;               /* for the owner of HN_REMOVED: which rule; 0: none */
    const GumboElement *element; /* for html_attr */
};

/* What happened to the input, one bit each; html_warning_text() says it. */
#define HTML_CUT_SIZE 1u
#define HTML_CUT_TAGS 2u
#define HTML_CUT_DEPTH 4u
#define HTML_CUT_ATTRIBUTES 8u
#define HTML_BAD_UTF8 16u
#define HTML_BAD_NUL 32u

struct html_chunk;
struct html_level;
struct html {
    struct html_node *nodes; /* nodes[0] is the root, an element without a tag */
    uint32_t n, cap;
    unsigned warnings;
    struct tbuf clean; /* the input, bounded and repaired; gumbo's strings point into it */
    struct tbuf runs;  /* texts that gumbo only sees a mark of */
    uint32_t *run_at;  /* where each begins in runs */
    uint32_t n_runs, cap_runs;
    struct html_level *levels; /* scratch of the walk */
    uint32_t cap_levels;
    struct html_chunk *chunks; /* the arena that gumbo allocates from */
    size_t arena_used;
};

void html_init(struct html *h);
void html_finish(struct html *h);

/*
 * Parses n bytes. Anything is parsed: what passes a limit of limits.h is cut or flattened to its
 * text, and said in h->warnings. Returns WN_OK, WN_NOMEM or WN_LIMIT (the arena was full); after
 * an error the tree is empty.
 */
int html_parse(struct html *h, const char *html, size_t n);

/* After html_parse said WN_LIMIT: appends the text alone, tags taken off. Returns out->err. */
int html_text_only(const struct html *h, struct tbuf *out);

/* An attribute's value, decoded; NULL if absent. Names are lower case. */
const char *html_attr(const struct html_node *node, const char *name);

/* Sets HN_LIVE on every node that has something to write under it. */
void html_live(struct html *h);

static inline int html_is_text(const struct html_node *node)
{
    return node->text != NULL;
}

/* Whether text is only white space. */
int html_blank(const char *s, size_t n);

/* The first of the warnings as a line for people, NULL if there are none. Clears it. */
const char *html_warning_text(unsigned *warnings);

/* html_bound.c: copies html to out, repaired and bounded: valid UTF-8, no NUL or C0/C1 controls,
 * no comments, no scripts or styles, tags, depth, open formatting and attributes within limits.
 * Longer runs of text go to `runs`, each with a NUL behind; in out a mark stands for each: the
 * character HTML_RUN_MARK, which never gets through otherwise, and four letters 'A' to 'P', the
 * number of the run in base 16, least digit first. */
#define HTML_RUN_MARK 0xf8feu
#define HTML_RUN_BYTES 7u
int html_bound(const char *html, size_t n, struct tbuf *out, struct tbuf *runs, unsigned *warnings);

#endif
