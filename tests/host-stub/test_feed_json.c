/* SPDX-License-Identifier: Apache-2.0 */
#include "host-stub/feed_json.h"
#include "host-stub/json_text.h"

#include <jansson.h>

#include "host-stub/limits.h"
#include "parse_fixture.h"

static void assert_string(wn_str s, const char *expected)
{
    struct buf b;
    buf_init(&b, MIB(4));
    assert_int_equal(buf_json_string(&b, s), OK);
    assert_string_equal(b.p, expected);
    buf_finish(&b);
}

static void strings_hold_no_control_character(void **state)
{
    (void)state;
    assert_string(str_z("plain \xc3\xa9 \xe2\x82\xac"), "\"plain \xc3\xa9 \xe2\x82\xac\"");
    assert_string(str_z("\"\\\n\t\x1b\x7f\r"), "\"\\\"\\\\\\n\\t\\u001b\\u007f\\r\"");
    assert_string(str_z("\xc2\x9b\xc2\xa0"), "\"\\u009b\xc2\xa0\"");
    assert_string(str_of(NULL, 0), "null");
}

static void long_strings_at_every_boundary(void **state)
{
    (void)state;
    enum { N = 9000 };
    char *text = malloc(N + 1);
    for (size_t at = 4000; at < 4200; at++) {
        memset(text, 'x', N);
        text[N] = '\0';
        memcpy(text + at, "\xc2\x85", 2);
        struct buf b;
        buf_init(&b, MIB(1));
        buf_json_string(&b, str_of(text, N));
        json_t *back = json_loads(b.p, JSON_DECODE_ANY, NULL);
        assert_non_null(back);
        assert_int_equal(json_string_length(back), N);
        assert_memory_equal(json_string_value(back), text, N);
        json_decref(back);
        buf_finish(&b);
    }
    free(text);
}

static json_t *object(const struct buf *b)
{
    json_error_t error;
    json_t *o = json_loads(b->p, JSON_REJECT_DUPLICATES, &error);
    if (!o)
        fail_msg("%s: %s", error.text, b->p);
    return o;
}

static void an_item_in_full(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS(
        "<item><title>T</title><link>http://e/1</link><guid>g</guid><description>s</description>"
        "<author>a@e.org (A)</author><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>"
        "<category domain=\"d\">c</category><media:thumbnail url=\"http://e/t.png\"/>"
        "<enclosure url=\"http://e/x\" type=\"t/t\" length=\"3\"/>"
        "<georss:point a=\"1\" b=\"2\">5 6</georss:point></item>"));
    struct buf b;
    buf_init(&b, MIB(1));
    assert_int_equal(feed_json_item(&b, doc->items[0]), OK);
    json_t *o = object(&b);
    assert_string_equal(json_string_value(json_object_get(o, "title")), "T");
    assert_string_equal(json_string_value(json_object_get(o, "published")), "2004-01-01T19:48:21Z");
    assert_true(json_is_null(json_object_get(o, "content")));
    assert_null(json_object_get(o, "rights")); /* no promised name: absent is absent */
    assert_string_equal(json_string_value(json_array_get(json_object_get(o, "authors"), 0)), "A");
    json_t *category = json_array_get(json_object_get(o, "categories"), 0);
    assert_string_equal(json_string_value(json_object_get(category, "scheme")), "d");
    /* What is to be downloaded comes before pictures of it. */
    json_t *enclosure = json_array_get(json_object_get(o, "enclosures"), 0);
    assert_int_equal(json_integer_value(json_object_get(enclosure, "length")), 3);
    assert_null(json_object_get(enclosure, "kind"));
    enclosure = json_array_get(json_object_get(o, "enclosures"), 1);
    assert_string_equal(json_string_value(json_object_get(enclosure, "kind")), "thumbnail");
    json_t *ext = json_array_get(json_object_get(o, "extensions"), 0);
    assert_string_equal(json_string_value(json_object_get(json_object_get(ext, "attributes"), "b")),
                        "2");
    json_decref(o);
    buf_finish(&b);
    document_destroy(doc);
}

static void an_empty_item_and_a_feed(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS("<ttl>5</ttl><item/>"));
    struct buf b;
    buf_init(&b, MIB(1));
    feed_json_item(&b, doc->items[0]);
    assert_string_equal(
        b.p, "{\"guid\":null,\"link\":null,\"title\":null,\"summary\":null,\"content\":null,"
             "\"authors\":[],\"published\":null,\"updated\":null,\"language\":null,"
             "\"categories\":[],\"enclosures\":[]}");
    buf_reset(&b);
    feed_json_feed(&b, &doc->feed);
    json_t *o = object(&b);
    assert_int_equal(json_integer_value(json_object_get(o, "ttl")), 300);
    static const char *const promised[] = {"title", "link", "description", "language", "updated"};
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        assert_non_null(json_object_get(o, promised[i])); /* null is there, too */
    json_decref(o);
    document_warn(doc, "one \"%s\"", "x");
    buf_reset(&b);
    feed_json_warnings(&b, doc);
    assert_string_equal(b.p, "[\"one \\\"x\\\"\"]");
    buf_finish(&b);
    document_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_hold_no_control_character),
        cmocka_unit_test(long_strings_at_every_boundary),
        cmocka_unit_test(an_item_in_full),
        cmocka_unit_test(an_empty_item_and_a_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
