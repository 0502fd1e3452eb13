/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation
 * Each allocation of the parser fails in turn: nothing is leaked or used after it was freed (ASan
 * watches), and either the document is told as failed or what could not be kept is absent. */
#include "host-stub/feed_json.h"
#include "host-stub/limits.h"
#include "parse_fixture.h"
#include "tests/support/nomem.h"

static const struct {
    const char *bytes;
    size_t n;
} documents[] = {
#define DOCUMENT(text)                                                                             \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
    DOCUMENT(
        RSS("<link>/</link><item><title>a &amp;amp; &lt;b></title><link>/x</link><author>"
            "a@e.org (b)</author><category domain=\"d\">c</category><enclosure url=\"e\"/>"
            "<description>&lt;a href='y'>z</description><content:encoded><![CDATA[<p>]]>"
            "</content:encoded><media:group><media:content url=\"m\"><media:title>t"
            "</media:title></media:content></media:group><georss:point a=\"1\">2</georss:point>"
            "<itunes:keywords>k, l</itunes:keywords></item><item><guid>2</guid></item>")),
    DOCUMENT(ATOM("xml:base=\"http://e/\" xml:lang=\"de\"",
                  "<author><name>n</name></author><entry xml:base=\"f/\"><link href=\"g\"/>"
                  "<title type=\"html\">a&lt;i></title><content type=\"xhtml\"><div><a href=\"h\">i"
                  "</a></div></content><category term=\"j\"/><source><id>k</id></source></entry>")),
    DOCUMENT("<?xml version=\"1.0\" encoding=\"koi8-r\"?><rss><channel><item><title>\xce\xcf"
             "</title></item></channel></rss>"),
    DOCUMENT("<rss><channel><item><title>\xcf\xf0\xe8\xe2\xe5\xf2 \x01</title></item></channel>"),
    DOCUMENT("{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"t\",\"items\":[{\"id\":1,"
             "\"url\":\"u\",\"content_text\":\"c\\nd\",\"tags\":[\"a\"],\"attachments\":[{\"url\":"
             "\"a\"}],\"authors\":[{\"name\":\"n\"}]}]}"),
};

static int read_once(size_t i)
{
    struct parse_input in = {.bytes = documents[i].bytes,
                             .n = documents[i].n,
                             .content_language = "fr, de",
                             .content_location = "/there",
                             .url = "http://example.org/feed"};
    struct document *doc = NULL;
    int status = parse_document(&in, &doc, why);
    if (status == OK) {
        struct buf b;
        buf_init(&b, MIB(1));
        feed_json_feed(&b, &doc->feed);
        for (size_t k = 0; k < doc->n_items; k++)
            feed_json_item(&b, doc->items[k]);
        buf_finish(&b);
    } else {
        assert_null(doc);
    }
    document_destroy(doc);
    return status;
}

static void each_allocation_fails_in_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        int failed = 1;
        long n;
        for (n = 1; failed && n < 5000; n++) {
            nomem_fail(n);
            int status = read_once(i);
            failed = nomem_end();
            assert_true(status == OK || (failed && (status == E_NOMEM || status == E_LIMIT ||
                                                    status == E_NOTFEED)));
        }
        assert_in_range(n, 10, 4999);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
