/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_tags.h: the allow-list of elements. Every element of HTML that may reach a reader has a
 * line here, with how the HTML parser treats its start tag; what has no line is unwrapped (its
 * text stays) or, for the kinds in html_tag_of(), dropped with all that it holds.
 * Constant tables; any thread.
 */
#ifndef WINNOW_HTML_TAGS_H
#define WINNOW_HTML_TAGS_H

#include <gumbo.h>
#include <stdint.h>

/* Flags. */
#define HT_BLOCK 1u /* its start tag closes an open <p>; its borders part blocks of text */
#define HT_VOID 2u  /* has no end tag */
#define HT_MEDIA 4u /* counts as content though it holds no text */
#define HT_PART 8u  /* a part of a table: only inside the right parent */
#define HT_HEADING 16u
#define HT_SCOPE 32u /* starts a scope of its own for <p>, <a> and <li> (td, th, caption) */
#define HT_KEEP 64u  /* stays even when it holds nothing (cells, <hr>, <br>) */

/* clang-format off */
#define HTML_TAGS(X)                                                                              \
    X(a, A, 0) X(abbr, ABBR, 0) X(address, ADDRESS, HT_BLOCK) X(article, ARTICLE, HT_BLOCK)       \
    X(aside, ASIDE, HT_BLOCK) X(audio, AUDIO, HT_MEDIA) X(b, B, 0) X(bdi, BDI, 0)                 \
    X(bdo, BDO, 0) X(blockquote, BLOCKQUOTE, HT_BLOCK) X(br, BR, HT_VOID | HT_KEEP)               \
    X(caption, CAPTION, HT_BLOCK | HT_PART | HT_SCOPE) X(cite, CITE, 0) X(code, CODE, 0)          \
    X(col, COL, HT_VOID | HT_PART | HT_KEEP) X(colgroup, COLGROUP, HT_PART | HT_KEEP)             \
    X(data, DATA, 0) X(dd, DD, HT_BLOCK) X(del, DEL, 0) X(details, DETAILS, HT_BLOCK)             \
    X(dfn, DFN, 0) X(div, DIV, HT_BLOCK) X(dl, DL, HT_BLOCK) X(dt, DT, HT_BLOCK) X(em, EM, 0)     \
    X(figcaption, FIGCAPTION, HT_BLOCK) X(figure, FIGURE, HT_BLOCK) X(footer, FOOTER, HT_BLOCK)   \
    X(h1, H1, HT_BLOCK | HT_HEADING) X(h2, H2, HT_BLOCK | HT_HEADING)                             \
    X(h3, H3, HT_BLOCK | HT_HEADING) X(h4, H4, HT_BLOCK | HT_HEADING)                             \
    X(h5, H5, HT_BLOCK | HT_HEADING) X(h6, H6, HT_BLOCK | HT_HEADING)                             \
    X(header, HEADER, HT_BLOCK) X(hgroup, HGROUP, HT_BLOCK)                                       \
    X(hr, HR, HT_BLOCK | HT_VOID | HT_KEEP) X(i, I, 0) X(iframe, IFRAME, HT_MEDIA)                \
    X(img, IMG, HT_VOID | HT_MEDIA) X(ins, INS, 0) X(kbd, KBD, 0) X(li, LI, HT_BLOCK)             \
    X(main, MAIN, HT_BLOCK) X(mark, MARK, 0) X(nav, NAV, HT_BLOCK) X(ol, OL, HT_BLOCK)            \
    X(p, P, HT_BLOCK) X(pre, PRE, HT_BLOCK) X(q, Q, 0) X(rp, RP, 0)        \
    X(rt, RT, 0) X(ruby, RUBY, 0) X(s, S, 0) X(samp, SAMP, 0) X(section, SECTION, HT_BLOCK)       \
    X(small, SMALL, 0) X(source, SOURCE, HT_VOID | HT_KEEP) X(span, SPAN, 0)                      \
    X(strong, STRONG, 0)                                                                          \
    X(sub, SUB, 0) X(summary, SUMMARY, HT_BLOCK) X(sup, SUP, 0) X(table, TABLE, HT_BLOCK)         \
    X(tbody, TBODY, HT_PART | HT_BLOCK) X(td, TD, HT_BLOCK | HT_PART | HT_SCOPE | HT_KEEP)        \
    X(tfoot, TFOOT, HT_PART | HT_BLOCK) X(th, TH, HT_BLOCK | HT_PART | HT_SCOPE | HT_KEEP)        \
    X(thead, THEAD, HT_PART | HT_BLOCK) X(time, TIME, 0) X(tr, TR, HT_PART | HT_BLOCK)            \
    X(u, U, 0) X(ul, UL, HT_BLOCK) X(var, VAR, 0) X(video, VIDEO, HT_MEDIA)                       \
    X(wbr, WBR, HT_VOID)

/* clang-format on */
enum html_tag {
    HTML_NONE = 0, /* unwrapped: children stay */
#define X(name, upper, flags) HTML_##upper,
    HTML_TAGS(X)
#undef X
        HTML_TAG_COUNT,
    HTML_DROP = 255, /* dropped with everything inside */
};

extern const char *const html_tag_names[HTML_TAG_COUNT];
extern const uint8_t html_tag_flags[HTML_TAG_COUNT];

/* What becomes of a parsed element: its own tag, that of a modern equivalent (<center> → <div>,
 * <tt> → <code> …), HTML_NONE or HTML_DROP. */
enum html_tag html_tag_of(const GumboElement *element);

#endif
