/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a tree: attributes, what is blank, what has something to write, what went wrong. */
#include <string.h>

#include "html.h"

const char *html_attr(const struct html_node *node, const char *name)
{
    if (!node->element)
        return NULL;
    const GumboAttribute *a = gumbo_get_attribute(&node->element->attributes, name);
    return a ? a->value : NULL;
}

int html_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] != ' ' && s[i] != '\n' && s[i] != '\t' && s[i] != '\r' && s[i] != '\f') {
            /* U+00A0 is blank too: editors pad empty paragraphs with it. */
            if (i + 1 < n && !memcmp(s + i, "\xc2\xa0", 2))
                i++;
            else if (i + 2 < n &&
                     (!memcmp(s + i, "\xe2\x80\x8b", 3) || !memcmp(s + i, "\xe3\x80\x80", 3) ||
                      !memcmp(s + i, "\xef\xbb\xbf", 3)))
                i += 2;
            else
                return 0;
        }
    return 1;
}

void html_live(struct html *h)
{
    for (uint32_t i = 0; i < h->n; i++)
        h->nodes[i].flags &= (uint8_t)~HN_LIVE;
    for (uint32_t i = h->n; i-- > 1;) {
        struct html_node *node = &h->nodes[i];
        if (node->flags & HN_REMOVED)
            continue;
        int live = node->flags & HN_LIVE;
        if (html_is_text(node))
            live = node->skip < node->len &&
                   !html_blank(node->text + node->skip, node->len - node->skip);
        else if (html_tag_flags[node->tag] & HT_MEDIA || node->tag == HTML_HR)
            live = 1;
        if (live) {
            node->flags |= HN_LIVE;
            h->nodes[node->parent].flags |= HN_LIVE;
        }
    }
}

const char *html_warning_text(unsigned *warnings)
{
    static const struct {
        unsigned bit;
        const char *text;
    } texts[] = {
        {HTML_CUT_SIZE, "HTML larger than 20 MiB was cut there"},
        {HTML_CUT_TAGS, "more than 60,000 HTML tags; the text behind them stays, without markup"},
        {HTML_CUT_DEPTH, "HTML nested too deeply was flattened; its text stays"},
        {HTML_CUT_ATTRIBUTES,
         "HTML tags with too many or too long attributes lost the rest of them"},
        {HTML_BAD_UTF8, "bytes that are not UTF-8 were replaced"},
        {HTML_BAD_NUL, "null bytes and control characters were removed"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*warnings & texts[i].bit) {
            *warnings &= ~texts[i].bit;
            return texts[i].text;
        }
    return NULL;
}
