/* SPDX-License-Identifier: Apache-2.0 */
/* What `winnow filter` says of the feed around the items: the feed's own id, picture, people,
 * rights, categories. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "host-stub/parse.h"
#include "test_writer_sample.h"

static const char podcast[] =
    "<rss version=\"2.0\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" "
    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Two voices</title>"
    "<link>https://pod.example/</link><description>Talk</description><language>de</language>"
    "<copyright>CC BY</copyright><category>Society</category><ttl>90</ttl>"
    "<image><url>https://pod.example/cover.png</url><title>x</title><link>https://pod.example/</"
    "link></image>"
    "<dc:creator>Ada</dc:creator>"
    "<item><title>One</title><guid>1</guid></item></channel></rss>";

static const char atom[] =
    "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>tag:pod.example,2022:feed</id><title>Two "
    "voices</title>"
    "<updated>2022-07-12T08:00:00Z</updated><author><name>Ada</name></author><rights>CC BY</rights>"
    "<logo>https://pod.example/cover.png</logo><category term=\"Society\"/>"
    "<entry><id>tag:pod.example,2022:1</id><title>One</title></entry></feed>";

static void rewrite(const char *feed, int format, struct buf *out)
{
    struct document *doc = NULL;
    struct writer *w = NULL;
    char why[PARSE_WHY];
    struct parse_input in = {.bytes = feed, .n = strlen(feed)};
    assert_int_equal(parse_document(&in, &doc, why), OK);
    struct writer_options options = {.format = format,
                                     .title = "Two voices",
                                     .updated = doc->feed.updated,
                                     .link = "https://pod.example/",
                                     .feed = &doc->feed};
    buf_init(out, MIB(1));
    assert_int_equal(writer_create(&options, sample_sink, out, &w), OK);
    assert_int_equal(writer_item(w, doc->items[0], NULL, 0), OK);
    assert_int_equal(writer_finish(w), OK);
    writer_destroy(w);
    document_destroy(doc);
}

static void every_format(void **state)
{
    (void)state;
    static const char *const words[][4] = {
        {"<logo>https://pod.example/cover.png</logo>", "<rights>CC BY</rights>", "<name>Ada</name>",
         "<category term=\"Society\"/>"},
        {"<image>\n    <url>https://pod.example/cover.png</url>", "<copyright>CC BY</copyright>",
         "<dc:creator>Ada</dc:creator>", "<category>Society</category>"},
        {"\"icon\":\"https://pod.example/cover.png\"", "\"authors\":[{\"name\":\"Ada\"}]", "", ""},
    };
    for (int from = 0; from < 2; from++) {
        for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
            struct buf out;
            rewrite(from ? atom : podcast, format, &out);
            for (size_t i = 0; i < 4; i++) {
                if (!strstr(out.p, words[format][i]))
                    print_error("no %s in %s\n", words[format][i], out.p);
                assert_non_null(strstr(out.p, words[format][i]));
            }
            buf_finish(&out);
        }
    }
}

static void ids_and_dates(void **state)
{
    (void)state;
    struct buf out;
    rewrite(atom, OUTPUT_ATOM, &out);
    assert_non_null(strstr(out.p, "<id>tag:pod.example,2022:feed</id>"));
    assert_non_null(strstr(out.p, "<updated>2022-07-12T08:00:00Z</updated>"));
    buf_finish(&out);
    rewrite(podcast, OUTPUT_RSS, &out);
    assert_null(strstr(out.p, "lastBuildDate")); /* nobody knows one */
    assert_non_null(strstr(out.p, "<ttl>90</ttl>"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_format),
                                       cmocka_unit_test(ids_and_dates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
