/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML of any kind through the sanitiser. What comes out must be safe (no element, attribute or scheme
 * outside the allow-lists, whatever parser context it lands in), stable (an HTML parser builds the
 * tree that was written, so that sanitising it again changes nothing) and valid UTF-8.
 */
#include <gumbo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugin/text/blocks.h"
#include "plugin/text/limits.h"
#include "plugin/text/plain.h"
#include "plugin/text/sanitise.h"
#include "plugin/text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *why, const char *in, size_t n, const struct tbuf *out)
{
    fprintf(stderr, "%s\ninput: %.*s\noutput: %s\n", why, (int)(n < 4000 ? n : 4000), in,
            out->p ? out->p : "");
    abort();
}

static int attribute_fine(const GumboAttribute *a)
{
    static const char *const names[] = {
        "href",    "src",     "srcset",         "alt",      "title",   "width",   "height",
        "dir",     "lang",    "cite",           "datetime", "colspan", "rowspan", "scope",
        "start",   "type",    "reversed",       "value",    "open",    "poster",  "controls",
        "preload", "sandbox", "referrerpolicy", "loading",  "encoding"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(a->name, names[i])) {
            if (strcmp(a->name, "href") && strcmp(a->name, "src") && strcmp(a->name, "poster") &&
                strcmp(a->name, "cite"))
                return 1;
            return !strncmp(a->value, "http://", 7) || !strncmp(a->value, "https://", 8) ||
                   !strncmp(a->value, "mailto:", 7) || !strncmp(a->value, "tel:", 4) ||
                   !strncasecmp(a->value, "data:image/", 11); /* schemes have no case */
        }
    return 0;
}

/* Whether a parsed tree holds anything that runs; `wrapped` elements of the test's context aside. */
static int safe(const GumboNode *node, int depth)
{
    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE)
        return 1;
    const GumboElement *e = &node->v.element;
    switch (e->tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_APPLET:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_META:
    case GUMBO_TAG_LINK:
    case GUMBO_TAG_BASE:
    case GUMBO_TAG_FRAME:
        return 0;
    default:
        break;
    }
    for (unsigned i = 0; i < e->attributes.length; i++)
        if (!attribute_fine(e->attributes.data[i]))
            return 0;
    if (depth > 600)
        return 1;
    for (unsigned i = 0; i < e->children.length; i++)
        if (!safe(e->children.data[i], depth + 1))
            return 0;
    return 1;
}

static void check_context(const char *before, const char *after, const char *in, size_t n,
                          const struct tbuf *out)
{
    char *page = malloc(strlen(before) + out->n + strlen(after) + 1);
    sprintf(page, "%s%s%s", before, out->p ? out->p : "", after);
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    GumboOutput *tree = gumbo_parse_with_options(&options, page, strlen(page));
    if (!safe(tree->root, 0))
        fail(before, in, n, out);
    gumbo_destroy_output(&options, tree);
    free(page);
}

static int embed(void *user, wn_str host)
{
    (void)user;
    return url_host_in(host, "youtube.com", 11);
}

static void sanitise(const char *in, size_t n, struct tbuf *out)
{
    struct html h;
    struct sanitise s;
    html_init(&h);
    sanitise_init(&s);
    s.base = (wn_str){"https://example.org/a/b", 23};
    s.embed = embed;
    if (sanitise_html(&h, &s, in, n, out))
        tbuf_reset(out);
    sanitise_finish(&s);
    html_finish(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const contexts[][2] = {
        {"<body>", ""},
        {"<svg>", "</svg>"},
        {"<math><mtext>", "</math>"},
        {"<table>", "</table>"},
        {"<template>", "</template>"},
        {"<select>", "</select>"},
        {"<noscript>", "</noscript>"},
        {"<svg><style>", "</style></svg>"},
        {"<title>", "</title>"},
        {"<textarea>", "</textarea>"},
        {"<svg><foreignObject>", "</foreignObject></svg>"},
        {"<p>", "</p>"},
        {"<a>", "</a>"},
        {"<math><annotation-xml encoding=\"text/html\">", ""},
        {"<table><tr><td>", ""},
    };
    const char *in = (const char *)data;
    struct tbuf out, again, plain;
    tbuf_init(&out, TEXT_LIMIT_HTML_OUT);
    tbuf_init(&again, TEXT_LIMIT_HTML_OUT);
    tbuf_init(&plain, TEXT_LIMIT_PLAIN);
    sanitise(in, size, &out);
    if (out.n && !utf8_valid(out.p, out.n))
        fail("not UTF-8", in, size, &out);
    if (out.n) {
        sanitise(out.p, out.n, &again);
        if (again.n != out.n || memcmp(again.p ? again.p : "", out.p, out.n)) {
            fprintf(stderr, "again: %s\n", again.p ? again.p : "");
            fail("not stable", in, size, &out);
        }
    }
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts && out.n < 100000; i++)
        check_context(contexts[i][0], contexts[i][1], in, size, &out);
    plain_from_html(in, size, &plain);
    if (plain.n && !utf8_valid(plain.p, plain.n))
        fail("plain text is not UTF-8", in, size, &plain);
    tbuf_reset(&plain);
    plain_line(in, size, &plain);
    tbuf_finish(&out);
    tbuf_finish(&again);
    tbuf_finish(&plain);
    return 0;
}
