/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that aren't well-formed, or aren't feeds: what can be read is read, and it is said. */
#include "parse_fixture.h"

static void bare_ampersands_and_html_entities(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS("<item><title>R&D &nbsp;caf&eacute; &bogus; AT&T</title>"
                                         "<link>http://e.org/?a=1&b=2&copy=3</link></item>"));
    assert_str(doc->items[0]->title, "R&D \xc2\xa0"
                                     "caf\xc3\xa9 &bogus; AT&T");
    assert_str(doc->items[0]->link, "http://e.org/?a=1&b=2&copy=3");
    assert_true(warned(doc, "bare"));
    assert_true(warned(doc, "&nbsp;"));
    document_destroy(doc);
}

static void unclosed_elements(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS(
        "<item><title>One<link>http://e.org/1</link><description>a <b>b<br>c</description>"
        "<item><title>Two</title></item><item><guid>3</item></ghost><item><title>Four</title>"));
    assert_int_equal(doc->n_items, 4);
    assert_str(doc->items[0]->title, "One");
    assert_str(doc->items[0]->link, "http://e.org/1");
    assert_str(doc->items[0]->summary, "a <b>b<br>c</b>");
    assert_str(doc->items[1]->title, "Two");
    assert_str(doc->items[2]->guid, "3");
    assert_str(doc->items[3]->title, "Four");
    assert_true(doc->n_warnings > 0);
    document_destroy(doc);
}

static void texts_without_end_tags(void **state)
{
    (void)state;
    struct document *doc =
        read_feed(RSS("<item><title>One<description>a <b>b</b><guid>g<pubDate>2004-01-01"
                      "<dc:creator>c<enclosure url=\"http://e/x\"><category>k</item>"));
    const struct item *i = doc->items[0];
    assert_str(i->title, "One");
    assert_str(i->summary, "a <b>b</b>");
    assert_str(i->guid, "g");
    assert_time(i->published, "2004-01-01T00:00:00Z");
    assert_str(i->people[0].name, "c");
    assert_int_equal(i->n_enclosures, 1);
    assert_str(i->categories[0].term, "k");
    document_destroy(doc);
    doc = read_feed(ATOM("", "<entry><title>One<link href=\"http://e/\"/><id>i<updated>2004"
                             "</updated></entry><entry><title>Two</title></entry>"));
    assert_str(doc->items[0]->title, "One");
    assert_str(doc->items[0]->link, "http://e/");
    assert_str(doc->items[0]->guid, "i");
    assert_str(doc->items[1]->title, "Two");
    document_destroy(doc);
}

static void an_unclosed_item_after_xhtml(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        ATOM("", "<entry><content type=\"xhtml\"><div>a</div></content><id>1</id>"
                 "<entry><id>2</id></entry><entry><content type=\"xhtml\"><div>b<entry>c</entry>"
                 "</div></content></entry>"));
    assert_int_equal(doc->n_items, 3);
    assert_str(doc->items[1]->guid, "2");
    assert_str(doc->items[2]->content, "b<entry>c</entry>"); /* whatever it is, it is text here */
    document_destroy(doc);
}

static void a_cut_item_needs_something_to_be_known_by(void **state)
{
    (void)state;
    struct document *doc = read_feed("<rss><channel><item><guid>1</guid></item><item><title>Hal");
    assert_int_equal(doc->n_items, 1); /* the next poll brings the whole one, under its own guid */
    document_destroy(doc);
    doc = read_feed("<rss><channel><item><guid>1</guid></item><item><guid>2</guid><title>Hal");
    assert_int_equal(doc->n_items, 2);
    assert_str(doc->items[1]->title, "Hal");
    document_destroy(doc);
}

static void many_unclosed_items(void **state)
{
    (void)state;
    char text[64 + 1000 * 32] = "<rss><channel>";
    for (int i = 0; i < 1000; i++)
        sprintf(text + strlen(text), "<item><title>%d", i);
    strcat(text, "</channel></rss>");
    struct document *doc = read_feed(text);
    assert_int_equal(doc->n_items, 1000); /* deeper than elements may nest */
    assert_str(doc->items[999]->title, "999");
    document_destroy(doc);
}

static void truncated_anywhere(void **state)
{
    (void)state;
    static const char text[] = RSS(
        "<item><title>Whole</title><guid>1</guid></item><item><title>Second &amp; last</title>"
        "<description><![CDATA[<p>x</p>]]></description><enclosure url=\"http://e/x\"/></item>");
    size_t first = (size_t)(strstr(text, "</item>") - text) + 7;
    for (size_t n = first; n < sizeof text - 1; n++) {
        struct document *doc = read_bytes(text, n, NULL, NULL);
        assert_true(doc->n_items >= 1);
        assert_str(doc->items[0]->title, "Whole");
        assert_true(doc->n_warnings > 0);
        document_destroy(doc);
    }
}

static void comments_and_cdata_without_end(void **state)
{
    (void)state;
    struct document *doc =
        read_feed("<rss><channel><item><title>a</title><!-- no end <b/></item>"
                  "<item><title><![CDATA[b</title></item><item><title>c</title></item>");
    assert_int_equal(doc->n_items, 3);
    assert_str(doc->items[1]->title, "b");
    assert_str(doc->items[2]->title, "c");
    document_destroy(doc);
}

static void attributes_with_faults(void **state)
{
    (void)state;
    struct document *doc =
        read_feed(RSS("<item><enclosure url=http://e/a.mp3 length=5/><title>t</title></item>"
                      "<item><enclosure url=\"http://e/b.mp3 /><title>u</title></item>"
                      "<item><enclosure url=\"http://e/c.mp3\"length='7'/></item>"));
    assert_str(doc->items[0]->enclosures[0].url, "http://e/a.mp3");
    assert_int_equal(doc->items[0]->enclosures[0].length, 5);
    assert_str(doc->items[0]->title, "t");
    assert_str(doc->items[1]->enclosures[0].url, "http://e/b.mp3");
    assert_str(doc->items[1]->title, "u");
    assert_str(doc->items[2]->enclosures[0].url, "http://e/c.mp3");
    assert_int_equal(doc->items[2]->enclosures[0].length, 7);
    document_destroy(doc);
}

static void controls_never_come_through(void **state)
{
    (void)state;
    const char text[] = "<rss><channel><item><title>a\0b\x1b[31m&#27;&#7;&#0;c\x7f\xc2\x9b</title>"
                        "</item></channel></rss>";
    struct document *doc = read_bytes(text, sizeof text - 1, NULL, NULL);
    assert_str(doc->items[0]->title, "ab[31mc\xe2\x80\xba"); /* C1 means windows-1252 */
    document_destroy(doc);
}

static void controls_in_a_declared_entity(void **state)
{
    (void)state;
    struct document *doc =
        read_feed("<!DOCTYPE rss [<!ENTITY a \"x\x1b[31m\xffy\">]><rss><channel><item><title>"
                  "\xd0\x9d\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x81\xd1\x82\xd1\x8c \xd0\xb4\xd0\xbd"
                  "\xd1\x8f \xd0\xbd\xd0\xb0\xd1\x88 &a;</title></item></channel></rss>");
    wn_str title = doc->items[0]->title;
    assert_string_equal(title.ptr + title.len - 10, " x[31m\xef\xbf\xbdy");
    document_destroy(doc);
}

static void junk_around_the_feed(void **state)
{
    (void)state;
    struct document *doc = read_feed("\n<br />\n<b>Warning</b>: mysql_connect() on line <b>3</b>\n"
                                     "<?xml version=\"1.0\"?><rss><channel><title>t</title><item>"
                                     "<title>x</title></item></channel></rss>\n<!-- 0.1 s -->junk");
    assert_int_equal(doc->n_items, 1);
    assert_str(doc->feed.title, "t");
    document_destroy(doc);
    doc = read_feed("<rss><item><title>no channel</title></item></rss>");
    assert_int_equal(doc->n_items, 1);
    document_destroy(doc);
}

static void prefixes_undeclared_or_odd(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "<rss><channel><item><content:encoded>c</content:encoded><dc:creator>d"
        "</dc:creator></item><item xmlns:zz=\"http://purl.org/dc/elements/1.1/\">"
        "<zz:creator>z</zz:creator><q:title xmlns:q=\"http://nobody/\">no</q:title></item>"
        "</channel></rss>");
    assert_str(doc->items[0]->content, "c");
    assert_str(doc->items[0]->people[0].name, "d");
    assert_str(doc->items[1]->people[0].name, "z");
    assert_str(doc->items[1]->title, NULL);
    assert_true(warned(doc, "not declared"));
    document_destroy(doc);
}

static void entities_stay_small_and_inside(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "<!DOCTYPE rss [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\"><!-- it's -->"
        "<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY % p SYSTEM \"http://127.0.0.1/\"> %p;]>"
        "<rss><channel><item><title>&a;|&b;|&x;|&amp;</title></item></channel></rss>");
    assert_str(doc->items[0]->title, "lol|&a;&a;&a;|&x;|&");
    assert_true(warned(doc, "outside the document"));
    document_destroy(doc);
}

static void the_total_of_entities_is_limited(void **state)
{
    (void)state;
    char *text = malloc(900000), *p = text;
    p += sprintf(p, "<!DOCTYPE rss [<!ENTITY a \"");
    memset(p, 'x', 100000);
    p += 100000;
    p += sprintf(p, "\">]><rss><channel><item><description>");
    for (int i = 0; i < 100000; i++)
        p += sprintf(p, "&a;");
    strcpy(p, "</description></item></channel></rss>");
    struct document *doc = read_feed(text);
    assert_true(doc->items[0]->summary.len <= 1 << 20);
    assert_true(warned(doc, "past the limit"));
    document_destroy(doc);
    free(text);
}

static void floods_are_cut_not_lost(void **state)
{
    (void)state;
    char *text = malloc(9000000), *p = text;
    p += sprintf(p, "<rss><channel><item><guid>g</guid><title>");
    memset(p, 'x', 100000);
    p += 100000;
    p += sprintf(p, "</title>");
    for (int i = 0; i < 50000; i++)
        p += sprintf(p, "<category>c%d</category>", i);
    p += sprintf(p, "<a ");
    for (int i = 0; i < 50000; i++)
        p += sprintf(p, "a%d='' ", i);
    p += sprintf(p, "/>");
    for (int i = 0; i < 100000; i++)
        p += sprintf(p, "<b>");
    p += sprintf(p, "</item><item><title>after</title></item></channel></rss>");
    struct document *doc = read_feed(text);
    assert_true(doc->items[0]->title.len < 9000);
    assert_true(doc->items[0]->n_categories <= 256);
    assert_true(warned(doc, "title longer"));
    assert_true(warned(doc, "too many attributes"));
    assert_true(warned(doc, "nested too deep"));
    document_destroy(doc);
    free(text);
}

static void not_feeds_say_what_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "empty"},
        {" \n ", "white space"},
        {"<!DOCTYPE html><html><head><title>x</title></head><body><p>x</html>", "HTML page"},
        {"<html><body><item>x</item></body></html>", "HTML page"},
        {"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<svg>"},
        {"{\"a\":1}", "JSON Feed"},
        {"[1,2]", "JSON Feed"},
        {"just words", "neither"},
        {"\x1f\x8b\x08\x01", "gunzip"},
        {"%PDF-1.4", "PDF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parse_input in = {.bytes = cases[i].text, .n = strlen(cases[i].text)};
        struct document *doc = NULL;
        assert_int_equal(parse_document(&in, &doc, why), E_NOTFEED);
        assert_null(doc);
        if (!strstr(why, cases[i].says))
            fail_msg("\"%s\": %s", cases[i].text, why);
    }
}

static void bad_dates_are_absent_and_told(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS("<item><pubDate>yesterday</pubDate></item><item><pubDate>"
                                         "0001-01-01T00:00:00Z</pubDate></item>"));
    assert_int_equal(doc->items[0]->published, TIME_ABSENT);
    assert_int_equal(doc->items[1]->published, TIME_ABSENT);
    assert_true(warned(doc, "yesterday"));
    document_destroy(doc);
}

static int stop_at_two(void *user, struct item **item)
{
    (void)item;
    return ++*(int *)user == 2 ? E_CANCELLED : OK;
}

static void the_caller_may_stop(void **state)
{
    (void)state;
    const char *text = RSS("<item/><item/><item/>");
    struct parse_input in = {.bytes = text, .n = strlen(text)};
    struct document *doc = document_create();
    int n = 0;
    assert_int_equal(parse_stream(&in, stop_at_two, &n, doc, why), E_CANCELLED);
    assert_int_equal(n, 2);
    document_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_ampersands_and_html_entities),
        cmocka_unit_test(unclosed_elements),
        cmocka_unit_test(texts_without_end_tags),
        cmocka_unit_test(an_unclosed_item_after_xhtml),
        cmocka_unit_test(a_cut_item_needs_something_to_be_known_by),
        cmocka_unit_test(many_unclosed_items),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(comments_and_cdata_without_end),
        cmocka_unit_test(attributes_with_faults),
        cmocka_unit_test(controls_never_come_through),
        cmocka_unit_test(controls_in_a_declared_entity),
        cmocka_unit_test(junk_around_the_feed),
        cmocka_unit_test(prefixes_undeclared_or_odd),
        cmocka_unit_test(entities_stay_small_and_inside),
        cmocka_unit_test(the_total_of_entities_is_limited),
        cmocka_unit_test(floods_are_cut_not_lost),
        cmocka_unit_test(not_feeds_say_what_they_are),
        cmocka_unit_test(bad_dates_are_absent_and_told),
        cmocka_unit_test(the_caller_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
