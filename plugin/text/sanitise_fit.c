/* SPDX-License-Identifier: Apache-2.0 */
/* Which element may stand where, so that a parser reads back what was written. */
#include "sanitise_writer.h"

enum html_tag writer_top(const struct writer *w)
{
    for (unsigned i = w->depth; i-- > 0;)
        if (w->open[i].tag)
            return (enum html_tag)w->open[i].tag;
    return HTML_NONE;
}

int writer_table_inside(enum html_tag t)
{
    return t == HTML_TABLE || t == HTML_TBODY || t == HTML_THEAD || t == HTML_TFOOT ||
           t == HTML_TR || t == HTML_COLGROUP;
}

/* Whether an open element of one of two tags would be closed by a new one: the search goes up until
 * an element that ends the scope. */
static int would_close(const struct writer *w, enum html_tag a, enum html_tag b)
{
    for (unsigned i = w->depth; i-- > 0;) {
        enum html_tag t = (enum html_tag)w->open[i].tag;
        if (t == HTML_NONE)
            continue;
        if (t == a || t == b)
            return 1;
        if (html_tag_flags[t] & HT_BLOCK && t != HTML_DIV && t != HTML_P && t != HTML_ADDRESS)
            return 0;
    }
    return 0;
}

/* An open element of this tag, up to the border of the cell. */
static int open_in_cell(const struct writer *w, enum html_tag tag)
{
    for (unsigned i = w->depth; i-- > 0;) {
        enum html_tag t = (enum html_tag)w->open[i].tag;
        if (t == tag)
            return 1;
        if (html_tag_flags[t] & HT_SCOPE || (tag == HTML_P && t == HTML_TABLE))
            return 0;
    }
    return 0;
}

int writer_fits(const struct writer *w, enum html_tag tag)
{
    unsigned flags = html_tag_flags[tag];
    enum html_tag parent = writer_top(w);
    if (w->written >= WRITER_DEPTH)
        return 0;
    switch (tag) {
    case HTML_CAPTION:
    case HTML_COLGROUP:
    case HTML_TBODY:
    case HTML_THEAD:
    case HTML_TFOOT:
        return parent == HTML_TABLE;
    case HTML_TR:
        return parent == HTML_TBODY || parent == HTML_THEAD || parent == HTML_TFOOT;
    case HTML_TD:
    case HTML_TH:
        return parent == HTML_TR;
    case HTML_COL:
        return parent == HTML_COLGROUP;
    default:
        break;
    }
    if (writer_table_inside(parent))
        return 0;
    if (flags & HT_BLOCK && open_in_cell(w, HTML_P))
        return 0;
    if (flags & HT_HEADING && html_tag_flags[parent] & HT_HEADING)
        return 0;
    switch (tag) {
    case HTML_A:
        return !open_in_cell(w, HTML_A);
    case HTML_LI:
        return !would_close(w, HTML_LI, HTML_LI);
    case HTML_DT:
    case HTML_DD:
        return !would_close(w, HTML_DT, HTML_DD);
    case HTML_RT:
    case HTML_RP:
        return parent == HTML_RUBY;
    case HTML_SOURCE:
        return parent == HTML_AUDIO || parent == HTML_VIDEO;
    default:
        return 1;
    }
}
