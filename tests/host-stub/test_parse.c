/* SPDX-License-Identifier: Apache-2.0 */
/* Every format, and where each field comes from. */
#include "parse_fixture.h"

static const char rss_2[] =
    RSS("<link>http://example.org/</link><description>About</description><language>de-AT</language>"
        "<ttl>90</ttl><lastBuildDate>Thu, 01 Jan 2004 19:48:21 GMT</lastBuildDate>"
        "<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
        "<image><title>no</title><url>http://example.org/i.png</url><link>http://no/</link></image>"
        "<item><title>One</title><link>http://example.org/1</link>"
        "<guid isPermaLink=\"false\">g-1</guid><description>&lt;p&gt;Short</description>"
        "<content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
        "<pubDate>Thu, 01 Jan 2004 19:48:21 +0100</pubDate>"
        "<author>me@example.org (Me Myself)</author><dc:creator>Second</dc:creator>"
        "<category domain=\"d\">c</category><comments>http://example.org/1#c</comments>"
        "<enclosure url=\"http://example.org/a.mp3\" length=\"12\" type=\"audio/mpeg\"/>"
        "<source url=\"http://other/feed\">Other</source></item>"
        "<item><guid>http://example.org/2</guid></item>");

static void rss_2_feed(void **state)
{
    (void)state;
    struct document *doc = read_feed(rss_2);
    const struct feed_info *f = &doc->feed;
    assert_int_equal(f->format, FORMAT_RSS2);
    assert_str(f->title, "Feed");
    assert_str(f->link, "http://example.org/");
    assert_str(f->description, "About");
    assert_str(f->language, "de-AT");
    assert_str(f->image, "http://example.org/i.png");
    assert_int_equal(f->ttl, 5400);
    assert_time(f->updated, "2004-01-01T19:48:21Z");
    assert_int_equal(f->skip_hours, 1u << 3 | 1u << 0);
    assert_int_equal(f->skip_days, 1u << 0);
    assert_int_equal(doc->n_items, 2);
    assert_int_equal(doc->n_warnings, 0);
    document_destroy(doc);
}

static void rss_2_item(void **state)
{
    (void)state;
    struct document *doc = read_feed(rss_2);
    const struct item *i = doc->items[0];
    assert_str(i->title, "One");
    assert_str(i->link, "http://example.org/1");
    assert_str(i->guid, "g-1");
    assert_false(i->guid_is_permalink);
    assert_str(i->summary, "<p>Short");
    assert_str(i->content, "<p>Long</p>");
    assert_time(i->published, "2004-01-01T18:48:21Z");
    assert_int_equal(i->n_people, 2);
    assert_str(i->people[0].name, "Me Myself");
    assert_str(i->people[0].email, "me@example.org");
    assert_str(i->people[1].name, "Second");
    assert_int_equal(i->n_categories, 1);
    assert_str(i->categories[0].term, "c");
    assert_str(i->categories[0].scheme, "d");
    assert_str(i->comments, "http://example.org/1#c");
    assert_int_equal(i->n_enclosures, 1);
    assert_str(i->enclosures[0].url, "http://example.org/a.mp3");
    assert_int_equal(i->enclosures[0].length, 12);
    assert_str(i->source_title, "Other");
    assert_str(i->source_url, "http://other/feed");
    /* A guid that is a permanent link stands in for the link. */
    assert_str(doc->items[1]->link, "http://example.org/2");
    assert_true(doc->items[1]->guid_is_permalink);
    document_destroy(doc);
}

static void atom_1(void **state)
{
    (void)state;
    struct document *doc = read_feed(ATOM(
        "xml:lang=\"fr\" xml:base=\"http://example.org/blog/\"",
        "<title type=\"html\">A &amp;amp; &lt;i>B&lt;/i></title><id>tag:f</id>"
        "<link href=\"/\"/><link rel=\"self\" href=\"feed.atom\"/><link rel=\"hub\" href=\"/hub\"/>"
        "<updated>2003-12-31T10:14:55Z</updated><author><name>N</name><uri>~n</uri></author>"
        "<entry xml:base=\"2003/\"><title>1 &lt; 2 &amp;amp; &lt;b></title><id>tag:1</id>"
        "<link rel=\"alternate\" type=\"text/html\" href=\"one\"/>"
        "<link rel=\"enclosure\" href=\"/x.ogg\" length=\"7\" type=\"audio/ogg\"/>"
        "<link rel=\"related\" hreflang=\"de\" href=\"eins\"/>"
        "<published>2003-12-31T10:14:55.5+01:00</published><updated>2004-01-01T00:00:00Z</updated>"
        "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">a &lt; "
        "<a href=\"two\" title=\"&quot;\">b</a><br/></div></content>"
        "<summary>plain &lt;text></summary>"
        "<category term=\"t\" scheme=\"s\" label=\"l\"/><contributor><name>C</name></contributor>"
        "<source><id>http://src/</id><title>Src</title><author><name>no</name></author></source>"
        "</entry>"));
    const struct feed_info *f = &doc->feed;
    assert_int_equal(f->format, FORMAT_ATOM1);
    assert_str(f->title, "A & B");
    assert_str(f->link, "http://example.org/");
    assert_str(f->self, "http://example.org/blog/feed.atom");
    assert_str(f->hub, "http://example.org/hub");
    assert_str(f->language, "fr");
    assert_str(f->people[0].uri, "http://example.org/blog/~n");
    const struct item *i = doc->items[0];
    assert_str(i->title, "1 < 2 &amp; <b>"); /* text, so nothing in it is markup */
    assert_str(i->link, "http://example.org/blog/2003/one");
    assert_str(i->base, "http://example.org/blog/2003/");
    assert_str(i->lang, "fr");
    assert_time(i->published, "2003-12-31T09:14:55Z");
    assert_time(i->updated, "2004-01-01T00:00:00Z");
    assert_str(i->content,
               "a &lt; <a href=\"http://example.org/blog/2003/two\" title=\"&quot;\">b</a><br>");
    assert_str(i->summary, "plain &lt;text&gt;");
    assert_str(i->enclosures[0].url, "http://example.org/x.ogg");
    assert_int_equal(i->n_links, 1);
    assert_str(i->links[0].href, "http://example.org/blog/2003/eins");
    assert_str(i->links[0].hreflang, "de");
    assert_str(i->categories[0].label, "l");
    assert_int_equal(i->n_people, 1);
    assert_true(i->people[0].contributor);
    assert_str(i->source_title, "Src");
    assert_str(i->source_url, "http://src/");
    document_destroy(doc);
}

static void atom_03(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"><tagline>T</tagline><entry>"
        "<title mode=\"base64\" type=\"text/html\">RXhhbXBsZSA8Yj5BdG9tPC9iPg==</title>"
        "<issued>2004-01-01T10:00:00+01:00</issued><modified>2004-01-02T00:00Z</modified>"
        "<content type=\"text/html\" mode=\"escaped\">&lt;p>x</content></entry></feed>");
    assert_int_equal(doc->feed.format, FORMAT_ATOM03);
    assert_str(doc->feed.description, "T");
    assert_str(doc->items[0]->title, "Example Atom");
    assert_str(doc->items[0]->content, "<p>x");
    assert_time(doc->items[0]->published, "2004-01-01T09:00:00Z");
    assert_time(doc->items[0]->updated, "2004-01-02T00:00:00Z");
    document_destroy(doc);
}

static void rss_1_and_09(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns=\"http://purl.org/rss/1.0/\">"
        "<channel rdf:about=\"x\"><title>Chan</title></channel><image><title>no</title></image>"
        "<item rdf:about=\"http://example.org/1\"><title>One</title><dc:date>2004-01-01</dc:date>"
        "<dc:subject>s</dc:subject></item><textinput><title>no</title></textinput></rdf:RDF>");
    assert_int_equal(doc->feed.format, FORMAT_RSS1);
    assert_str(doc->feed.title, "Chan");
    assert_int_equal(doc->n_items, 1);
    assert_str(doc->items[0]->guid, "http://example.org/1");
    assert_str(doc->items[0]->link, "http://example.org/1");
    assert_time(doc->items[0]->published, "2004-01-01T00:00:00Z");
    assert_str(doc->items[0]->categories[0].term, "s");
    document_destroy(doc);
    doc = read_feed("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
                    "xmlns=\"http://my.netscape.com/rdf/simple/0.9/\"><channel><title>C</title>"
                    "</channel><item><title>One</title></item></rdf:RDF>");
    assert_int_equal(doc->feed.format, FORMAT_RSS09);
    assert_str(doc->items[0]->title, "One");
    document_destroy(doc);
    doc = read_feed("<rss version=\"0.91\"><channel><item><title>x</title></item></channel></rss>");
    assert_int_equal(doc->feed.format, FORMAT_RSS09);
    document_destroy(doc);
}

static void how_often(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ttl;
    } cases[] = {
        {"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
         21600},
        {"<sy:updateFrequency>2</sy:updateFrequency><sy:updatePeriod> hourly </sy:updatePeriod>",
         1800},
        {"<sy:updatePeriod>weekly</sy:updatePeriod>", 604800},
        {"<ttl>5</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 300},
        {"<ttl>soon</ttl><sy:updatePeriod>now</sy:updatePeriod>", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "<rss><channel>%s</channel></rss>", cases[i].text);
        struct document *doc = read_feed(text);
        assert_int_equal(doc->feed.ttl, cases[i].ttl);
        document_destroy(doc);
    }
}

static void cdf(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        "<CHANNEL HREF=\"http://example.org/\"><TITLE>C</TITLE><ABSTRACT>A</ABSTRACT>"
        "<ITEM HREF=\"http://example.org/1\" LASTMOD=\"2002-11-11T00:00\"><TITLE>One</TITLE></ITEM>"
        "</CHANNEL>");
    assert_int_equal(doc->feed.format, FORMAT_CDF);
    assert_str(doc->feed.link, "http://example.org/");
    assert_str(doc->items[0]->link, "http://example.org/1");
    assert_time(doc->items[0]->updated, "2002-11-11T00:00:00Z");
    document_destroy(doc);
}

static void media_is_never_lost(void **state)
{
    (void)state;
    struct document *doc = read_feed(RSS(
        "<item><media:group><media:content url=\"http://m/v.mp4\" type=\"video/mp4\" "
        "fileSize=\"9\" duration=\"61\" width=\"640\" height=\"360\"><media:title>V</media:title>"
        "<media:thumbnail url=\"http://m/t1.jpg\" width=\"75\"/></media:content></media:group>"
        "<media:thumbnail url=\"http://m/t2.jpg\"/><itunes:image href=\"http://m/i.jpg\"/>"
        "<media:credit role=\"author\">Bob</media:credit><georss:point>1 2</georss:point>"
        "<enclosure url=\"http://m/a.mp3\"/><unknown:x>gone</unknown:x></item>"));
    const struct item *i = doc->items[0];
    assert_int_equal(i->n_enclosures, 5);
    assert_int_equal(i->enclosures[0].kind, ENCLOSURE_MEDIA);
    assert_str(i->enclosures[0].title, "V");
    assert_int_equal(i->enclosures[0].length, 9);
    assert_int_equal(i->enclosures[0].duration, 61);
    assert_int_equal(i->enclosures[0].height, 360);
    assert_int_equal(i->enclosures[1].kind, ENCLOSURE_THUMBNAIL);
    assert_int_equal(i->enclosures[1].width, 75);
    assert_int_equal(i->enclosures[2].kind, ENCLOSURE_THUMBNAIL);
    assert_int_equal(i->enclosures[3].kind, ENCLOSURE_IMAGE);
    assert_int_equal(i->enclosures[4].kind, ENCLOSURE_FILE);
    /* What nobody reads but everybody knows travels through; the unknown doesn't. */
    assert_int_equal(i->n_extensions, 2);
    assert_str(i->extensions[0].name, "credit");
    assert_str(i->extensions[0].attrs, "role\tauthor\n");
    assert_str(i->extensions[0].text, "Bob");
    assert_str(i->extensions[1].ns, "http://www.georss.org/georss");
    document_destroy(doc);
}

static void better_sources_win(void **state)
{
    (void)state;
    struct document *doc = read_feed(
        RSS("<item><media:title>m</media:title><dc:title>d</dc:title><title>t</title>"
            "<itunes:summary>i</itunes:summary><description>s</description>"
            "<dc:date>2001-01-01</dc:date><pubDate>Thu, 01 Jan 2004 00:00:00 GMT</pubDate>"
            "<atom:link rel=\"self\" href=\"http://no/\"/><link>http://a/</link>"
            "<link>http://b/</link></item>"));
    assert_str(doc->items[0]->title, "t");
    assert_str(doc->items[0]->summary, "s");
    assert_time(doc->items[0]->published, "2004-01-01T00:00:00Z");
    assert_str(doc->items[0]->link, "http://a/");
    assert_str(doc->feed.link, NULL);
    document_destroy(doc);
}

static void titles_are_plain_text(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"&lt;b&gt;bold&lt;/b&gt; &amp;amp; more", "bold & more"},
        {"1 &lt; 2 and 3 > 2", "1 < 2 and 3 > 2"},
        {"the &amp;lt;blink&amp;gt; tag", "the <blink> tag"},
        {"vector&lt;int&gt; is no tag", "vector<int> is no tag"},
        {"<![CDATA[a<br>b]]>", "a b"},
        {"x&lt;script&gt;alert(1)&lt;/script&gt;y", "xy"},
        {"  two\n  lines\t", "two lines"},
        {"naked <i>mark</i>up", "naked markup"},
        {"&amp;euro; &#8364; &#128;", "\xe2\x82\xac \xe2\x82\xac \xe2\x82\xac"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "<rss><channel><item><title>%s</title></item></channel></rss>",
                 cases[i].in);
        struct document *doc = read_feed(text);
        assert_str(doc->items[0]->title, cases[i].out);
        document_destroy(doc);
    }
}

static void links_are_made_safe_and_absolute(void **state)
{
    (void)state;
    const char *text =
        RSS("<item><link> /a b </link><enclosure url=\"x.mp3\"/><description>&lt;img "
            "src='i.png'&gt;&lt;a href=\"//h/p\"&gt;</description></item>"
            "<item><link>javascript:alert(1)</link></item>");
    struct document *doc = read_bytes(text, strlen(text), NULL, "https://example.org/dir/feed");
    assert_str(doc->items[0]->link, "https://example.org/a%20b");
    assert_str(doc->items[0]->enclosures[0].url, "https://example.org/dir/x.mp3");
    assert_str(doc->items[0]->summary,
               "<img src=\"https://example.org/dir/i.png\"><a href=\"https://h/p\">");
    assert_str(doc->items[1]->link, NULL);
    assert_true(warned(doc, "must not follow"));
    document_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rss_2_feed),
        cmocka_unit_test(rss_2_item),
        cmocka_unit_test(atom_1),
        cmocka_unit_test(atom_03),
        cmocka_unit_test(rss_1_and_09),
        cmocka_unit_test(how_often),
        cmocka_unit_test(cdf),
        cmocka_unit_test(media_is_never_lost),
        cmocka_unit_test(better_sources_win),
        cmocka_unit_test(titles_are_plain_text),
        cmocka_unit_test(links_are_made_safe_and_absolute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
