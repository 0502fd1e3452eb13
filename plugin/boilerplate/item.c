/* SPDX-License-Identifier: Apache-2.0 */
/* One item through the filter: analyse, in parallel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../text/html_url.h"
#include "filter.h"

wn_str item_source(const struct boilerplate *f, const wn_item *item)
{
    wn_str s = {"", 0}, link;
    if (f->api->str(item, WN_SOURCE_URL, 0, &s) == WN_OK && s.len)
        return s;
    if (f->api->str(item, WN_LINK, 0, &link) == WN_OK && link.ptr)
        return url_host(link);
    return (wn_str){"", 0};
}

void item_told(struct boilerplate *f, wn_item *item, const char *rule, wn_str text,
               const char *place, int shadow)
{
    uint32_t i = f->api->count(item, WN_REMOVED_RULE);
    char where[40];
    snprintf(where, sizeof where, "%s%s", shadow ? "shadow:" : "", place);
    if (f->api->put(item, WN_REMOVED_RULE, i, (wn_str){rule, strlen(rule)}) != WN_OK)
        return; /* a host without the field doesn't want to know */
    f->api->put(item, WN_REMOVED_TEXT, i, (wn_str){text.ptr ? text.ptr : "", text.len});
    f->api->put(item, WN_REMOVED_PLACE, i, (wn_str){where, strlen(where)});
}

static int option(const struct boilerplate *f, const wn_item *item, const char *key, int def)
{
    wn_str v;
    if (!WN_HAS(f->api, config) || f->api->config(f->host, item, key, &v) != WN_OK || !v.ptr)
        return def;
    return v.len == 4 && !memcmp(v.ptr, "true", 4);
}

static unsigned groups_on(const struct boilerplate *f, const wn_item *item)
{
    unsigned groups = 0;
#define X(symbol, name, on, help) groups |= (unsigned)option(f, item, #name, on) << GROUP_##symbol;
    RULE_GROUPS(X)
#undef X
    return groups;
}

/* The absolute URL that the item's relative ones hang on. */
static void find_base(struct boilerplate *f, struct workspace *w, const wn_item *item)
{
    static const uint32_t fields[] = {WN_LINK, WN_SOURCE_LINK, WN_SOURCE_URL};
    wn_str none = {NULL, 0}, s;
    tbuf_reset(&w->base);
    /* The link itself may be relative to the site. */
    for (unsigned i = 0; i < 3 && !w->base.n; i++)
        if (f->api->str(item, fields[i], 0, &s) == WN_OK && s.ptr)
            url_clean(s, none, URL_WEB, &w->base);
}

static void warn(struct boilerplate *f, const wn_item *item, unsigned warnings)
{
    char line[400];
    const char *text;
    wn_str title = {"", 0};
    f->api->str(item, WN_TITLE, 0, &title);
    while ((text = html_warning_text(&warnings))) {
        int n = (int)(title.len < 120 ? title.len : 120);
        snprintf(line, sizeof line, "%s (in \"%.*s\")", text, title.ptr ? n : 0,
                 title.ptr ? title.ptr : "");
        /* Damaged bytes are everyday; what cost the reader something is not. */
        f->api->log(f->host, strstr(text, "were re") ? WN_LOG_DEBUG : WN_LOG_WARNING, line);
    }
}

static void add_categories(struct boilerplate *f, wn_item *item, const struct page *p)
{
    for (uint32_t i = 0; i < p->n_categories; i++) {
        wn_str term = {p->told.p + p->categories[i].at, p->categories[i].len}, other;
        uint32_t n = f->api->count(item, WN_CATEGORY_TERM), k = 0;
        for (; k < n; k++)
            if (f->api->str(item, WN_CATEGORY_TERM, k, &other) == WN_OK && other.len == term.len &&
                !strncasecmp(other.ptr, term.ptr, term.len))
                break;
        if (k == n)
            f->api->put(item, WN_CATEGORY_TERM, n, term);
    }
}

static int keep_lines(struct workspace *w, int part)
{
    const struct page *p = &w->page;
    if (w->n_lines + p->n_lines > w->cap_lines) {
        uint32_t cap = (w->n_lines + p->n_lines) * 2;
        struct learn_line *more = realloc(w->lines, cap * sizeof *more);
        if (!more)
            return WN_NOMEM;
        w->lines = more;
        w->cap_lines = cap;
    }
    for (uint32_t i = 0; i < p->n_lines; i++) {
        w->lines[w->n_lines] = p->lines[i];
        w->lines[w->n_lines++].part = (uint8_t)part;
    }
    return WN_OK;
}

/* Cleans CONTENT or SUMMARY. */
static int clean_part(struct boilerplate *f, struct workspace *w, wn_item *item, int part,
                      struct page_options *o, struct note *note)
{
    static const char *const places[] = {"body", "head", "tail"};
    uint32_t field = part ? WN_SUMMARY : WN_CONTENT;
    struct page *p = &w->page;
    wn_str html;
    if (f->api->str(item, field, 0, &html) != WN_OK || !html.ptr)
        return WN_ABSENT;
    int status = page_clean(p, o, html.ptr, html.len);
    if (status)
        return status;
    if (p->out.n != html.len || memcmp(p->out.p, html.ptr, html.len)) {
        status = f->api->put(item, field, 0, (wn_str){p->out.p ? p->out.p : "", p->out.n});
        note->flags |= NOTE_CHANGED;
    }
    if (p->restored)
        note->flags |= NOTE_RESTORED;
    for (uint32_t i = 0; i < p->n_removals && status == WN_OK; i++) {
        const struct removal *r = &p->removals[i];
        note->counts[r->group]++;
        item_told(f, item, rule_group_names[r->group], (wn_str){p->told.p + r->at, r->len},
                  places[r->place], o->shadow);
    }
    if (status == WN_OK && !o->shadow)
        add_categories(f, item, p);
    warn(f, item, p->warnings);
    return status ? status : keep_lines(w, part);
}

/* Sets TEXT and DETECTED_LANG, which the put of CONTENT cleared. */
static void put_text(struct boilerplate *f, struct workspace *w, wn_item *item, struct note *note)
{
    wn_str said = {NULL, 0}, text = {w->page.text.p ? w->page.text.p : "", w->page.text.n};
    if (f->api->str(item, WN_DECLARED_LANG, 0, &said) != WN_OK || !said.len)
        if (f->api->str(item, WN_SOURCE_LANG, 0, &said) != WN_OK)
            said.ptr = NULL;
    f->api->put(item, WN_TEXT, 0, text);
    wn_str title = {"", 0};
    int sure;
    if (text.len < 60 && f->api->str(item, WN_TITLE, 0, &title) == WN_OK && title.ptr) {
        /* A teaser says more with its title. */
        tbuf_reset(&w->line);
        tbuf_add(&w->line, title.ptr, title.len);
        tbuf_addc(&w->line, '\n');
        tbuf_add(&w->line, text.ptr, text.len);
        sure = text_language(w->line.p, w->line.n, said.ptr, said.len, note->lang);
    } else {
        sure = text_language(text.ptr, text.len, said.ptr, said.len, note->lang);
    }
    if (sure)
        f->api->put(item, WN_DETECTED_LANG, 0, (wn_str){note->lang, strlen(note->lang)});
}

int item_analyse(struct boilerplate *f, struct workspace *w, wn_item *item)
{
    struct note head = {0}, *note;
    struct page_options o = {.rules = f->rules, .groups = groups_on(f, item)};
    o.shadow = option(f, item, "shadow", 0);
    find_base(f, w, item);
    o.base = (wn_str){w->base.p, w->base.n};
    w->n_lines = 0;

    int status = item_fields(f, w, item, !o.shadow && o.groups >> GROUP_PARAMETERS & 1);
    if (status)
        return status;
    if (f->api->str(item, WN_TITLE, 0, &o.title) != WN_OK)
        o.title = (wn_str){NULL, 0};
    /* The summary first: the text that stays in the workspace is then the content's. */
    int summary = clean_part(f, w, item, 1, &o, &head);
    if (summary && summary != WN_ABSENT)
        return summary;
    if (f->api->str(item, WN_TITLE, 0, &o.title) != WN_OK)
        o.title = (wn_str){NULL, 0};
    int content = clean_part(f, w, item, 0, &o, &head);
    if (content && content != WN_ABSENT)
        return content;
    if (content != WN_ABSENT || summary != WN_ABSENT)
        put_text(f, w, item, &head);
    status = f->api->put_num(item, WN_SANITISED, 0, 1);
    if (status == WN_ABSENT || status == WN_UNSUPPORTED)
        status = WN_OK; /* a foreign host without the field */
    head.n_lines = w->n_lines;
    head.flags |= (o.shadow ? NOTE_SHADOW : 0) | (o.groups >> GROUP_LEARNED & 1 ? NOTE_LEARN : 0);
    note = f->api->note(f->host, item, sizeof *note + w->n_lines * sizeof *w->lines);
    if (note) {
        *note = head;
        if (w->n_lines)
            memcpy(note->lines, w->lines, w->n_lines * sizeof *w->lines);
    }
    return status;
}
