/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_fixture.h"

#include "host-stub/parse_json.h"

#define JSON(items)                                                                                \
    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"F\",\"items\":[" items "]}"

static void reads_every_field(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Feed\","
        "\"home_page_url\":\"https://e.org/\",\"feed_url\":\"https://e.org/f.json\","
        "\"description\":\"a < b\",\"icon\":\"https://e.org/i.png\",\"language\":\"en-GB\","
        "\"authors\":[{\"name\":\"N\",\"url\":\"mailto:n@e.org\"}],\"_ext\":{\"a\":[1,{}]},"
        "\"hubs\":[{\"type\":\"WebSub\",\"url\":\"https://hub/\"}],\"items\":[{\"id\":17,"
        "\"url\":\"https://e.org/1\",\"external_url\":\"https://x.org/\",\"title\":\"One\\n two\","
        "\"content_html\":\"<p>\\u00e9 \\ud83d\\ude00</p>\",\"content_text\":\"no\","
        "\"summary\":\"1 < 2\",\"image\":\"https://e.org/p.jpg\","
        "\"date_published\":\"2010-02-07T14:04:00-05:00\",\"date_modified\":\"2010-02-08T00:00Z\","
        "\"tags\":[\"a\",\"b\"],\"language\":\"de\",\"authors\":[{\"name\":\"A\"},{\"name\":\"B\"}]"
        ","
        "\"attachments\":[{\"url\":\"https://e.org/a.mp3\",\"mime_type\":\"audio/mpeg\","
        "\"size_in_bytes\":89970236,\"duration_in_seconds\":6629}]},{\"id\":\"2\","
        "\"content_text\":\"line <1>\\nline 2\"}]}");
    assert_int_equal(doc->feed.format, FORMAT_JSON1);
    assert_str(doc->feed.title, "Feed");
    assert_str(doc->feed.self, "https://e.org/f.json");
    assert_str(doc->feed.description, "a &lt; b");
    assert_str(doc->feed.hub, "https://hub/");
    assert_str(doc->feed.people[0].email, "n@e.org");
    const struct item *i = doc->items[0];
    assert_str(i->guid, "17");
    assert_str(i->link, "https://e.org/1");
    assert_str(i->links[0].href, "https://x.org/");
    assert_str(i->title, "One two");
    assert_str(i->content, "<p>\xc3\xa9 \xf0\x9f\x98\x80</p>");
    assert_str(i->summary, "1 &lt; 2");
    assert_time(i->published, "2010-02-07T19:04:00Z");
    assert_time(i->updated, "2010-02-08T00:00:00Z");
    assert_int_equal(i->n_categories, 2);
    assert_int_equal(i->n_people, 2);
    assert_str(i->lang, "de");
    assert_int_equal(i->n_enclosures, 2);
    assert_int_equal(i->enclosures[1].length, 89970236);
    assert_int_equal(i->enclosures[1].duration, 6629);
    assert_str(doc->items[1]->content, "line &lt;1&gt;<br>\nline 2");
    assert_int_equal(doc->n_warnings, 0);
    document_destroy(doc);
}

static void one_broken_value_costs_no_more_than_what_follows(void **state)
{
    (void)state;
    static const char text[] =
        JSON("{\"id\":\"1\",\"title\":\"whole\"},{\"id\":\"2\",\"title\":\"t\"}");
    size_t first = (size_t)(strstr(text, "whole") - text) + 7;
    for (size_t n = first; n < sizeof text - 2; n++) {
        struct document *doc = read_bytes(text, n, NULL, NULL);
        assert_true(doc->n_items >= 1);
        assert_str(doc->items[0]->title, "whole");
        assert_true(warned(doc, "malformed JSON"));
        document_destroy(doc);
    }
}

static void wrong_types_are_skipped(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        JSON("{\"id\":\"1\",\"title\":{\"a\":[\"b\"]},\"tags\":\"x\",\"attachments\":{},"
             "\"authors\":[7,null,{}],\"date_published\":null,\"url\":true,\"content_html\":\"c\"},"
             "[1],\"x\",null,{\"id\":\"2\"}"));
    assert_int_equal(doc->n_items, 2);
    assert_str(doc->items[0]->title, NULL);
    assert_str(doc->items[0]->content, "c");
    assert_str(doc->items[1]->guid, "2");
    document_destroy(doc);
}

static void commas_may_be_missing_or_too_many(void **state)
{
    (void)state;
    struct document *doc = read_feed(JSON("{\"id\":\"1\" \"title\":\"a\",},,{\"id\":\"2\"},"));
    assert_int_equal(doc->n_items, 2);
    assert_str(doc->items[0]->title, "a");
    document_destroy(doc);
}

static void escapes_and_controls(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        JSON("{\"id\":\"\\\"\\\\\\/\",\"title\":\"a\\u0000\\u001b[31m\\tb\\ud800 \\udc00\"}"));
    assert_str(doc->items[0]->guid, "\"\\/");
    assert_str(doc->items[0]->title, "a[31m b\xef\xbf\xbd \xef\xbf\xbd");
    document_destroy(doc);
}

static void skips_without_recursion(void **state)
{
    (void)state;
    enum { DEPTH = 2000000 };
    char *text = malloc(DEPTH + 1);
    memset(text, '[', DEPTH);
    struct json j;
    json_init(&j, text, DEPTH, 0);
    json_skip(&j);
    assert_ptr_equal(j.p, j.end);
    memset(text + DEPTH / 2, ']', DEPTH / 2);
    text[DEPTH] = '7';
    json_init(&j, text, DEPTH + 1, 0);
    json_skip(&j);
    assert_int_equal(j.bad, 0);
    assert_int_equal(json_peek(&j), '0');
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field),
        cmocka_unit_test(one_broken_value_costs_no_more_than_what_follows),
        cmocka_unit_test(wrong_types_are_skipped),
        cmocka_unit_test(commas_may_be_missing_or_too_many),
        cmocka_unit_test(escapes_and_controls),
        cmocka_unit_test(skips_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
