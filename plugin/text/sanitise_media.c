/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, players and frames: which of them can be written at all. */
#include <string.h>

#include "sanitise.h"

/* Whether a host can be shown as the text of a link: a plain name. */
static int named_host(wn_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') && c != '.' &&
            c != '-')
            return 0;
    }
    return host.len > 0;
}

/* Whether a player has anything to play. */
static int playable(struct html *h, struct sanitise *s, uint32_t i)
{
    for (uint32_t k = i; k < h->nodes[i].end; k++) {
        const struct html_node *node = &h->nodes[k];
        if (html_is_text(node) ||
            (k != i && (node->tag != HTML_SOURCE || node->parent != i || node->flags & HN_REMOVED)))
            continue;
        const char *src = html_attr(node, "src");
        wn_str url = {src, src ? strlen(src) : 0};
        tbuf_reset(&s->url);
        if (src && !url_clean(url, s->base, URL_WEB, &s->url) && s->url.n)
            return 1;
    }
    return 0;
}

/* Pictures and frames that can't be written are taken out first, so that what held nothing else is
 * seen to be empty. */
void sanitise_media(struct html *h, struct sanitise *s)
{
    for (uint32_t i = 1; i < h->n; i++) {
        struct html_node *node = &h->nodes[i];
        if (!html_is_text(node) && (node->tag == HTML_VIDEO || node->tag == HTML_AUDIO) &&
            !playable(h, s, i))
            node->tag = HTML_NONE; /* what it says to browsers that can't play stays */
        if (html_is_text(node) || node->flags & HN_REMOVED ||
            (node->tag != HTML_IMG && node->tag != HTML_IFRAME))
            continue;
        int img = node->tag == HTML_IMG;
        const char *src = html_attr(node, "src");
        wn_str url = {src, src ? strlen(src) : 0};
        tbuf_reset(&s->url);
        int fine = img ? sanitise_picture_url(s, node)
                       : src && !url_clean(url, s->base, URL_WEB, &s->url) && s->url.n;
        wn_str clean = {s->url.p, s->url.n};
        if (fine && !img)
            fine = named_host(url_host(clean));
        if (fine && !img && node->link) {
            fine = s->embed && s->embed(s->user, url_host(clean)); /* no link inside a link */
        }
        if (!fine)
            node->flags |= HN_REMOVED;
    }
}
