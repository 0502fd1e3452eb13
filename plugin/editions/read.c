/* SPDX-License-Identifier: Apache-2.0 */
/* An item's fields to its core. */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "../text/lang.h"
#include "../text/limits.h"
#include "../text/plain.h"
#include "../text/url.h"
#include "../text/utf8.h"
#include "match.h"

static wn_str field(const wn_api *api, const wn_item *item, uint32_t f)
{
    wn_str s = {NULL, 0};
    if (api->str(item, f, 0, &s) != WN_OK || !s.ptr)
        return (wn_str){"", 0};
    return s;
}

static int64_t number(const wn_api *api, const wn_item *item, uint32_t f)
{
    int64_t n = 0;
    return WN_HAS(api, num) && api->num(item, f, 0, &n) == WN_OK ? n : 0;
}

static uint32_t entries(const wn_api *api, const wn_item *item, uint32_t f, uint32_t most)
{
    uint32_t n = WN_HAS(api, count) ? api->count(item, f) : 0;
    return n < most ? n : most;
}

/* The item's plain text: an earlier filter's, else made of the content or the summary. */
static wn_str text_of(struct matcher *m, wn_item *item)
{
    wn_str text = field(m->api, item, WN_TEXT);
    if (text.len)
        return text;
    wn_str html = field(m->api, item, WN_CONTENT);
    if (!html.len)
        html = field(m->api, item, WN_SUMMARY);
    tbuf_reset(&m->text);
    if (!html.len || plain_from_html(html.ptr, html.len, &m->text) == WN_NOMEM || !m->text.n)
        return (wn_str){"", 0};
    text = (wn_str){m->text.p, m->text.n};
    if (WN_HAS(m->api, put))
        m->api->put(item, WN_TEXT, 0, text);
    return text;
}

/* Whether a text can be in that language at all, by its letters: feeds declare "en" by default. */
static bool script_fits(const char *lang, const char *text, size_t n)
{
    static const bool latin[15] = {[0] = true,  [6] = true,  [8] = true,  [9] = true,
                                   [10] = true, [12] = true, [13] = true, [14] = true};
    int known = evidence_lang(lang);
    size_t ascii = 0, other = 0, used;
    for (size_t i = 0; i < n; i += used) {
        uint32_t c = utf8_decode(text + i, n - i, &used);
        ascii += (c | 32) >= 'a' && (c | 32) <= 'z';
        other += c >= 0x370 && c < 0x1E00;
        other += c >= 0x3041 && c != 0xFFFD && c < 0xFE00;
    }
    return known > 14 || (latin[known] ? other <= ascii : other > 0);
}

static void read_language(struct matcher *m, wn_item *item, wn_str title, wn_str text,
                          char lang[16])
{
    wn_str found = field(m->api, item, WN_DETECTED_LANG);
    wn_str declared = field(m->api, item, WN_DECLARED_LANG);
    if (!declared.len)
        declared = field(m->api, item, WN_SOURCE_LANG);
    char both[1024];
    int n = snprintf(both, sizeof both, "%.*s\n%.*s", (int)(title.len < 300 ? title.len : 300),
                     title.ptr, (int)(text.len < 700 ? text.len : 700), text.ptr);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof both ? (size_t)n : sizeof both - 1;
    if (found.len && found.len < 16) {
        snprintf(lang, 16, "%.*s", (int)found.len, found.ptr);
    } else if (text_language(both, len, declared.ptr, declared.len, lang) > 0) {
        if (WN_HAS(m->api, put))
            m->api->put(item, WN_DETECTED_LANG, 0, (wn_str){lang, strlen(lang)});
    } else {
        text_language_canonical(declared.ptr, declared.len, lang);
    }
    if (!script_fits(lang, both, len))
        lang[0] = 0;
}

static void read_addresses(struct matcher *m, const wn_item *item, struct core *c)
{
    char code[12];
    wn_str link = field(m->api, item, WN_LINK), guid = field(m->api, item, WN_GUID), s;
    wn_str source = field(m->api, item, WN_SOURCE_URL);
    c->url = url_key(link.ptr, link.len);
    c->site = url_site(link.ptr, link.len);
    c->source = source.len ? XXH3_64bits(source.ptr, source.len) : 0;
    if (url_language(link.ptr, link.len, code, &c->url_rest) && c->url_rest == c->url)
        c->url_rest = 0;
    /* A guid that is a URL names the article as its link does; others only if long enough to be
     * nobody else's by chance. */
    c->guid = url_key(guid.ptr, guid.len);
    if (!c->guid && guid.len >= 20)
        c->guid = XXH3_64bits(guid.ptr, guid.len);
    for (uint32_t i = 0; i < entries(m->api, item, WN_LINK_HREF, 64); i++) {
        wn_str tag = {NULL, 0};
        if (m->api->str(item, WN_LINK_HREFLANG, i, &tag) != WN_OK || !tag.len ||
            m->api->str(item, WN_LINK_HREF, i, &s) != WN_OK)
            continue;
        uint64_t key = url_key(s.ptr, s.len);
        if (key && key != c->url && c->n_links < CORE_LINKS)
            c->links[c->n_links++] = key;
    }
    for (uint32_t i = 0; i < entries(m->api, item, WN_ENCLOSURE_URL, 16); i++)
        if (m->api->str(item, WN_ENCLOSURE_URL, i, &s) == WN_OK && c->n_pictures < CORE_PICTURES) {
            uint64_t key = url_key(s.ptr, s.len);
            if (key)
                c->pictures[c->n_pictures++] = key;
        }
}

int match_read(struct matcher *m, wn_item *item, struct match *out)
{
    struct core *c = &out->e.core;
    memset(c, 0, sizeof *c);
    c->id = number(m->api, item, WN_ID);
    c->arrived = number(m->api, item, WN_ARRIVED);
    c->published = number(m->api, item, WN_PUBLISHED);
    wn_str title = field(m->api, item, WN_TITLE), text = text_of(m, item);
    if (text.len > TEXT_LIMIT_PLAIN)
        text.len = TEXT_LIMIT_PLAIN;
    read_language(m, item, title, text, c->lang);
    read_addresses(m, item, c);
    core_from_text(m->workshop, c, title, text);
    out->vectors = c->model && evidence_from_core(m->workshop, c, &out->e) == WN_OK;
    if (out->vectors)
        encoder_put_vector(m->encoder, m->api, item, c->whole);
    out->n_links = 0;
    out->end = 0;
    memset(&out->found, 0, sizeof out->found);
    out->ready = true;
    return c->id > 0 ? WN_OK : WN_INVALID;
}
