/* SPDX-License-Identifier: Apache-2.0 */
/* The fields around the content: as safe as the content itself. */
#include <string.h>

#include "../text/html_url.h"
#include "../text/plain.h"
#include "filter.h"

static int get(const struct boilerplate *f, const wn_item *item, uint32_t field, uint32_t i,
               wn_str *s)
{
    return f->api->str(item, field, i, s) == WN_OK && s->ptr;
}

/* A line of text: markup, controls and damaged bytes out. */
static int safe_line(struct boilerplate *f, struct workspace *w, wn_item *item, uint32_t field,
                     uint32_t i)
{
    wn_str s;
    if (!get(f, item, field, i, &s) || !plain_line_differs(s.ptr, s.len))
        return WN_OK;
    tbuf_reset(&w->line);
    int status = plain_line(s.ptr, s.len, &w->line);
    if (status == WN_NOMEM)
        return status;
    return f->api->put(item, field, i, (wn_str){w->line.p ? w->line.p : "", w->line.n});
}

static int strip_cb(void *user, const char *host, size_t nh, const char *name, size_t n)
{
    return rules_is_parameter(user, host, nh, name, n);
}

/* Whether s needs any change to be a clean URL. Links that are fine stay byte for byte. */
static int url_fine(wn_str s, wn_str clean)
{
    return s.len == clean.len && !memcmp(s.ptr, clean.ptr, s.len);
}

/* Checks a URL. Where its scheme isn't allowed it is cleared; sets *gone. */
static int safe_url(struct boilerplate *f, struct workspace *w, wn_item *item, uint32_t field,
                    uint32_t i, unsigned allowed, int strip, wn_str base, int *gone)
{
    wn_str s;
    *gone = 0;
    if (!get(f, item, field, i, &s) || !s.len)
        return WN_OK;
    tbuf_reset(&w->url);
    int status = url_clean(s, base, allowed, &w->url);
    if (status == WN_NOMEM)
        return status;
    if (status) {
        *gone = 1;
        return f->api->put(item, field, i, (wn_str){NULL, 0});
    }
    if (strip && !strncmp(w->url.p, "http", 4)) {
        unsigned n = rules_unwrap(f->rules, &w->url) ? 1 : 0;
        n += url_strip(&w->url, 0, strip_cb, f->rules);
        if (n && strip == 1)
            item_told(f, item, rule_group_names[GROUP_PARAMETERS], s, "link", 0);
    }
    wn_str clean = {w->url.p, w->url.n};
    return url_fine(s, clean) ? WN_OK : f->api->put(item, field, i, clean);
}

int item_fields(struct boilerplate *f, struct workspace *w, wn_item *item, int strip)
{
    static const uint32_t lists[] = {WN_AUTHOR, WN_CATEGORY_TERM, WN_CATEGORY_LABEL};
    wn_str base = {w->base.p ? w->base.p : "", w->base.n};
    int gone, status = safe_line(f, w, item, WN_TITLE, 0);
    for (unsigned k = 0; k < sizeof lists / sizeof *lists && status == WN_OK; k++)
        for (uint32_t i = 0, n = f->api->count(item, lists[k]); i < n && status == WN_OK; i++)
            status = safe_line(f, w, item, lists[k], i);
    if (status == WN_OK)
        status = safe_url(f, w, item, WN_LINK, 0, URL_WEB, strip ? 1 : 0, base, &gone);
    /* A cleared entry takes its siblings along, so its successor moves up to the same index. */
    for (uint32_t i = 0; status == WN_OK && i < f->api->count(item, WN_LINK_HREF);) {
        uint32_t before = f->api->count(item, WN_LINK_HREF);
        status =
            safe_url(f, w, item, WN_LINK_HREF, i, URL_WEB | URL_MAIL, strip ? 2 : 0, base, &gone);
        if (!gone || f->api->count(item, WN_LINK_HREF) == before)
            i++;
    }
    for (uint32_t i = 0; status == WN_OK && i < f->api->count(item, WN_ENCLOSURE_URL);) {
        uint32_t before = f->api->count(item, WN_ENCLOSURE_URL);
        status = safe_url(f, w, item, WN_ENCLOSURE_URL, i, URL_WEB | URL_FILES, 0, base, &gone);
        if (!gone || f->api->count(item, WN_ENCLOSURE_URL) == before)
            i++;
    }
    return status;
}
