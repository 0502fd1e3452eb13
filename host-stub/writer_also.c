/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "writer_view.h"

/* What a link of the line says: the language's own name, with the source where that alone would
 * stand twice, and the source's name for a copy in the face's language. Absent: say nothing. */
static wn_str name_of(struct writer *w, const struct view *v, size_t i)
{
    const struct related *r = &v->related[i];
    if (!strcmp(r->kind, "copy"))
        return absent(r->source) || str_eq(r->source, v->source_name) ? str_of(NULL, 0) : r->source;
    char buf[96];
    wn_str name = tag_autonym(r->lang, buf);
    int again = 0;
    for (size_t k = 0; k < i && !again; k++)
        again = !strcmp(v->related[k].kind, "edition") && tag_same(v->related[k].lang, r->lang);
    if (again && absent(r->source))
        return str_of(NULL, 0);
    buf_addstr(&w->scratch, name);
    if (again) {
        buf_adds(&w->scratch, " (");
        buf_addstr(&w->scratch, r->source);
        buf_adds(&w->scratch, ")");
    }
    return view_keep(w);
}

void view_also_in(struct writer *w, struct view *v)
{
    wn_str *names = view_alloc(w, v->n_related * sizeof *names);
    if (!names)
        return;
    size_t n = 0;
    for (size_t i = 0; i < v->n_related; i++) {
        names[i] = str_of(NULL, 0);
        if (strcmp(v->related[i].kind, "related")) /* other reports are entries of their own */
            names[i] = name_of(w, v, i);
        n += !absent(names[i]);
    }
    if (!n)
        return;
    const char *lead = tag_also_in(w->lang);
    const char *comma = ", ";
    buf_adds(&w->scratch, "<p>");
    buf_adds(&w->scratch, lead);
    const char *between = "";
    for (size_t i = 0; i < v->n_related; i++) {
        if (absent(names[i]))
            continue;
        buf_adds(&w->scratch, between);
        buf_adds(&w->scratch, "<a href=\"");
        html_escape(&w->scratch, v->related[i].href);
        if (!absent(v->related[i].lang)) {
            buf_adds(&w->scratch, "\" hreflang=\"");
            buf_addstr(&w->scratch, v->related[i].lang);
        }
        buf_adds(&w->scratch, "\">");
        html_escape(&w->scratch, names[i]);
        buf_adds(&w->scratch, "</a>");
        between = comma;
    }
    buf_adds(&w->scratch, "</p>");
    v->also_html = view_keep(w);
    if (absent(v->body_text))
        return; /* only plain bodies need a plain line */
    buf_adds(&w->scratch, "\n\n");
    buf_adds(&w->scratch, lead);
    between = "";
    for (size_t i = 0; i < v->n_related; i++) {
        if (absent(names[i]))
            continue;
        buf_adds(&w->scratch, between);
        buf_addstr(&w->scratch, names[i]);
        buf_adds(&w->scratch, " <");
        buf_addstr(&w->scratch, v->related[i].href);
        buf_adds(&w->scratch, ">");
        between = comma;
    }
    v->also_text = view_keep(w);
}
