/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three formats against their specifications, on entries that hold all that an item can hold
 * and on items made of whatever the network sends: Atom by the schema atom.rng and the rules that
 * no schema says, RSS and JSON Feed by the sentences of theirs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "test_writer_sample.h"

static int count(xmlDocPtr doc, const char *xpath)
{
    xmlXPathContextPtr ctx = xmlXPathNewContext(doc);
    xmlXPathRegisterNs(ctx, BAD_CAST "a", BAD_CAST "http://www.w3.org/2005/Atom");
    xmlXPathRegisterNs(ctx, BAD_CAST "m", BAD_CAST "http://search.yahoo.com/mrss/");
    xmlXPathRegisterNs(ctx, BAD_CAST "dc", BAD_CAST "http://purl.org/dc/elements/1.1/");
    xmlXPathRegisterNs(ctx, BAD_CAST "c", BAD_CAST "http://purl.org/rss/1.0/modules/content/");
    char call[512];
    snprintf(call, sizeof call, "count(%s)", xpath);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST call, ctx);
    int n = found ? (int)found->floatval : -1;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(ctx);
    return n;
}

static xmlDocPtr read_xml(const struct buf *out)
{
    xmlDocPtr doc =
        xmlReadMemory(out->p, (int)out->n, "out", NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    assert_non_null(doc); /* well-formed, and made of legal characters alone */
    return doc;
}

static void check_schema(xmlDocPtr doc)
{
    xmlRelaxNGParserCtxtPtr parser =
        xmlRelaxNGNewParserCtxt(WINNOW_SOURCE_DIR "/tests/host-stub/atom.rng");
    xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
    assert_non_null(schema);
    xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
    int result = xmlRelaxNGValidateDoc(valid, doc);
    xmlRelaxNGFreeValidCtxt(valid);
    xmlRelaxNGFree(schema);
    xmlRelaxNGFreeParserCtxt(parser);
    if (result)
        xmlDocDump(stderr, doc);
    assert_int_equal(result, 0);
}

static void check_atom(const struct buf *out, int entries)
{
    xmlDocPtr doc = read_xml(out);
    check_schema(doc);
    assert_int_equal(count(doc, "/a:feed/a:entry"), entries);
    assert_int_equal(count(doc, "/a:feed/a:entry[not(a:author/a:name[text()])]"), 0);
    assert_int_equal(count(doc, "//a:entry[count(a:link[@rel='alternate']) > 1]"), 0);
    assert_int_equal(count(doc, "//a:entry[not(a:link[@rel='alternate'] or a:content)]"), 0);
    assert_int_equal(count(doc, "//a:source//a:link[@rel='alternate' or not(@rel)]"), 0);
    assert_int_equal(count(doc, "//a:entry[a:id = preceding-sibling::a:entry/a:id]"), 0);
    assert_int_equal(count(doc, "//*[namespace-uri() = 'http://www.w3.org/1999/xhtml']"), 0);
    assert_int_equal(count(doc, "//*[namespace-uri() = 'http://www.w3.org/2000/svg']"), 0);
    xmlFreeDoc(doc);
}

static void check_rss(const struct buf *out, int items)
{
    xmlDocPtr doc = read_xml(out);
    assert_int_equal(count(doc, "/rss[@version='2.0']/channel"), 1);
    assert_int_equal(
        count(doc, "/rss/channel[title/text() and description/text() and link/text()]"), 1);
    assert_int_equal(count(doc, "/rss/channel/item"), items);
    assert_int_equal(count(doc, "//item[not(title/text() or description/text())]"), 0);
    assert_int_equal(count(doc, "//item[count(guid) != 1 or not(guid/text())]"), 0);
    assert_int_equal(count(doc, "//item[guid = preceding-sibling::item/guid]"), 0);
    assert_int_equal(count(doc, "//item[guid[@isPermaLink='true'] and not(guid = link)]"), 0);
    const char *once[] = {"title",  "link",      "description", "pubDate",
                          "source", "enclosure", "comments",    "c:encoded"};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        char path[64];
        snprintf(path, sizeof path, "//item[count(%s) > 1]", once[i]);
        assert_int_equal(count(doc, path), 0);
    }
    assert_int_equal(count(doc, "//enclosure[not(@url and @length and contains(@type, '/'))]"), 0);
    assert_int_equal(count(doc, "//source[not(@url and text())]"), 0);
    /* Elements without a namespace are RSS's own and no others. */
    assert_int_equal(
        count(doc,
              "//item/*[namespace-uri()='' and not(contains(' title link description author "
              "category comments enclosure guid pubDate source ', concat(' ', name(), ' ')))]"),
        0);
    xmlFreeDoc(doc);
}

static void check_json_item(json_t *item)
{
    const char *texts[] = {"id",      "url",   "title",          "content_html",  "content_text",
                           "summary", "image", "date_published", "date_modified", "language"};
    assert_true(json_string_length(json_object_get(item, "id")) > 0);
    assert_true(json_object_get(item, "content_html") || json_object_get(item, "content_text"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true(!json_object_get(item, texts[i]) ||
                    json_is_string(json_object_get(item, texts[i])));
    json_t *entry;
    size_t k;
    json_array_foreach(json_object_get(item, "authors"), k, entry)
        assert_true(json_string_length(json_object_get(entry, "name")) > 0);
    json_array_foreach(json_object_get(item, "tags"), k, entry) assert_true(json_is_string(entry));
    json_array_foreach(json_object_get(item, "attachments"), k, entry)
    {
        assert_true(json_is_string(json_object_get(entry, "url")));
        assert_non_null(strchr(json_string_value(json_object_get(entry, "mime_type")), '/'));
    }
    const char *key;
    json_object_foreach(item, key, entry) /* extensions begin with an underscore */
    {
        int known = key[0] == '_' || !strcmp(key, "authors") || !strcmp(key, "tags") ||
                    !strcmp(key, "attachments");
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            known |= !strcmp(key, texts[i]);
        assert_true(known);
    }
}

static void check_json(const struct buf *out, int items)
{
    json_error_t error;
    json_t *root = json_loadb(out->p, out->n, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        print_error("%s at %d: %.60s\n", error.text, error.position, out->p + error.position);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "version")),
                        "https://jsonfeed.org/version/1.1");
    assert_true(json_string_length(json_object_get(root, "title")) > 0);
    json_t *list = json_object_get(root, "items"), *item;
    size_t i;
    assert_int_equal(json_array_size(list), items);
    json_array_foreach(list, i, item) check_json_item(item);
    json_decref(root);
}

static void check(int format, const struct buf *out, int n)
{
    if (format == OUTPUT_ATOM)
        check_atom(out, n);
    else if (format == OUTPUT_RSS)
        check_rss(out, n);
    else
        check_json(out, n);
}

static void empty_feed(void **state)
{
    (void)state;
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        struct buf out;
        struct writer_options options = sample_options(format);
        struct writer_options bare = {.format = format, .updated = 0};
        sample_write(&options, NULL, 0, &out);
        check(format, &out, 0);
        buf_finish(&out);
        sample_write(&bare, NULL, 0, &out); /* nothing is known: made up validly */
        check(format, &out, 0);
        buf_finish(&out);
    }
}

static void full_entries(void **state)
{
    (void)state;
    struct entry entries[3];
    sample_entry(&entries[0], 1, 1);
    sample_entry(&entries[1], 2, 0);
    sample_entry(&entries[2], 3, 1);
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        struct buf out;
        struct writer_options options = sample_options(format);
        sample_write(&options, entries, 3, &out);
        check(format, &out, 3);
        buf_finish(&out);
    }
    for (int i = 0; i < 3; i++)
        sample_entry_finish(&entries[i]);
}

/* Every string of an item in turn is something nasty; the documents stay valid. */
static void nasty_strings(void **state)
{
    (void)state;
    static const char *const nasty[] = {
        "",
        " ",
        "]]>",
        "<![CDATA[x]]>",
        "&amp;&#0;&#x1F;&nope;",
        "\x01\x02\x1f\x7f",
        "\xff\xfe\x80",
        "\xed\xa0\x80",
        "\xef\xbf\xbf",
        "\xc2\x85\xc2\x9b",
        "\xf4\x90\x80\x80",
        "\xe2\x80\xae"
        "abc",
        "<script>alert(1)</script>",
        "\" onload=\"x",
        "' '",
        "javascript:alert(1)",
        "a\tb\nc\rd",
        "urn:x",
        "urn:",
        ":",
        "http://",
        "http://a b/<>\"{}|\\^`",
        "//x/y",
        "{\"a\":1}\\u0000",
        "xx-",
        "-en",
        "en_US",
        "x-private",
        "a@",
        "@",
        "text/html",
        "text / html",
        "--",
        "<!--",
    };
    for (size_t k = 0; k < sizeof nasty / sizeof *nasty; k++) {
        for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
            for (int sanitised = 0; sanitised < 2; sanitised++) {
                struct entry entry;
                struct buf out;
                struct writer_options options = sample_options(format);
                sample_entry(&entry, 7, sanitised);
                sample_spoil(&entry, nasty[k]);
                sample_write(&options, &entry, 1, &out);
                check(format, &out, 1);
                buf_finish(&out);
                sample_write_items(&options, entry.face, 3, &out); /* one guid three times */
                check(format, &out, 3);
                buf_finish(&out);
                sample_entry_finish(&entry);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_feed),
        cmocka_unit_test(full_entries),
        cmocka_unit_test(nasty_strings),
    };
    xmlInitParser();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    xmlCleanupParser();
    return failed;
}
