/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML through the boilerplate rules: the first byte says whether it comes as a feed's item or within
 * a whole page's frame, and which groups are off. Whatever stands there: valid UTF-8 comes out, what is
 * told and what learning may cut lies within bounds, and the same input gives the same output.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/boilerplate/filter.h"
#include "plugin/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROSE                                                                                      \
    "<p>The parliament voted on Monday for the law, after a debate of nine hours in which both "   \
    "sides had repeated what they had said for months, and some had not.</p>"

static const char *const frames[][2] = {
    {"", ""},
    {PROSE PROSE, ""},
    {"<main class=article><nav><a href=/>Home</a></nav><header><h1>Law</h1></header>" PROSE PROSE,
     "<div class=related-box><a href=/2>Another law</a></div></main>"},
    {"<nav><a href=/>Home</a></nav><header><h1>Law</h1></header>" PROSE,
     PROSE PROSE "<aside>Next</aside>"}};

static void check(const struct page *p)
{
    if (!utf8_valid(p->out.p ? p->out.p : "", p->out.n) ||
        !utf8_valid(p->text.p ? p->text.p : "", p->text.n))
        abort();
    for (uint32_t i = 0; i < p->n_removals; i++)
        if (p->removals[i].at + p->removals[i].len > p->told.n || !p->removals[i].group ||
            p->removals[i].group >= GROUP_COUNT)
            abort();
    for (uint32_t i = 0; i < p->n_categories; i++)
        if (p->categories[i].at + p->categories[i].len > p->told.n)
            abort();
    for (uint32_t i = 0; i < p->n_lines; i++) {
        const struct learn_line *line = &p->lines[i];
        if (line->flags & LEARN_CUTTABLE && line->cut + line->cut_len > p->out.n)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rules *rules;
    static struct page page;
    static struct tbuf in, before;
    char message[200];
    if (!rules) {
        if (rules_parse(data_builtin, data_builtin_size, &rules, message))
            abort();
        page_init(&page);
        tbuf_init(&in, 1u << 20);
        tbuf_init(&before, 1u << 24);
    }
    if (!size)
        return 0;
    const char *const *frame = frames[data[0] & 3];
    struct page_options o = {.rules = rules, .groups = ~0u};
    o.shadow = data[0] >> 2 & 1;
    if (data[0] & 8)
        o.groups &= ~(1u << (1 + (data[0] >> 4) % (GROUP_COUNT - 1)));
    o.base = (wn_str){"https://example.org/a/b", 23};
    o.title = (wn_str){"Law", 3};
    tbuf_reset(&in);
    tbuf_adds(&in, frame[0]);
    tbuf_add(&in, (const char *)data + 1, size - 1);
    tbuf_adds(&in, frame[1]);
    for (int again = 0; again < 2; again++) {
        if (page_clean(&page, &o, in.p ? in.p : "", in.n))
            abort();
        check(&page);
        if (again &&
            (before.n != page.out.n || (before.n && memcmp(before.p, page.out.p, before.n))))
            abort();
        tbuf_reset(&before);
        tbuf_add(&before, page.out.p ? page.out.p : "", page.out.n);
    }
    return 0;
}
