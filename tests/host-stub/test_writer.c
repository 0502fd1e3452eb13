/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader gets of an entry: the face, the links, the names, the topics, the files, and
 * nothing that is active. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "host-stub/write_out.h"
#include "host-stub/write_text.h"
#include "test_writer_sample.h"

static int has(const struct buf *out, const char *what)
{
    return memmem(out->p, out->n, what, strlen(what)) != NULL;
}

static int times(const struct buf *out, const char *what)
{
    int n = 0;
    for (const char *p = out->p; (p = strstr(p, what)); p++)
        n++;
    return n;
}

#define HAS(what)                                                                                  \
    do {                                                                                           \
        if (!has(&out, what))                                                                      \
            print_error("not found: %s\nin: %s\n", what, out.p);                                   \
        assert_true(has(&out, what));                                                              \
    } while (0)
#define HAS_NOT(what)                                                                              \
    do {                                                                                           \
        if (has(&out, what))                                                                       \
            print_error("found: %s\nin: %s\n", what, out.p);                                       \
        assert_false(has(&out, what));                                                             \
    } while (0)

static struct buf write_one(int format, int sanitised)
{
    struct entry entry;
    struct buf out;
    struct writer_options options = sample_options(format);
    sample_entry(&entry, 1, sanitised);
    sample_write(&options, &entry, 1, &out);
    sample_entry_finish(&entry);
    return out;
}

static void atom_links(void **state)
{
    (void)state;
    struct buf out = write_one(OUTPUT_ATOM, 1);
    HAS("<id>urn:uuid:00000000-0000-4000-8000-000000000001</id>");
    HAS("<title>Wahl in Ungarn: &lt;b&gt;Tisza&lt;/b&gt; &amp; Fidesz</title>");
    HAS("<link rel=\"alternate\" href=\"https://news.example/de/1?x=1&amp;y=2\" hreflang=\"de\"/>");
    assert_int_equal(times(&out, "rel=\"alternate\""),
                     2); /* the feed's, and the one of the entry */
    HAS("<link rel=\"related\" href=\"https://news.example/ko/1\" hreflang=\"ko\" title=\"헝가리 "
        "총선\"/>");
    HAS("<link rel=\"related\" href=\"https://copy.example/1\" hreflang=\"de\" title=\"Ungarn "
        "wählt\"/>");
    HAS("<link rel=\"related\" href=\"https://rapport.example/1\" hreflang=\"fr\"");
    HAS("<link rel=\"related\" href=\"https://news.example/amp/1\"/>"); /* a second alternate */
    HAS("<link rel=\"via\" href=\"https://wire.example/1\"/>");
    HAS("<link rel=\"replies\" href=\"https://news.example/comments/1\" type=\"text/html\"/>");
    HAS_NOT("href=\"javascript:");
    /* The reader's languages first: English before Korean. */
    assert_true(strstr(out.p, "news.example/en/1") < strstr(out.p, "news.example/ko/1"));
    buf_finish(&out);
}

static void atom_names(void **state)
{
    (void)state;
    struct buf out = write_one(OUTPUT_ATOM, 1);
    HAS("<author>\n      <name>Example News</name>\n    </author>");
    HAS("<source>\n      <id>https://news.example/feed.xml</id>\n      <title>Example "
        "News</title>");
    HAS("<category term=\"medtop:11000000\" scheme=\"http://cv.iptc.org/newscodes/mediatopic/\" "
        "label=\"Politik\"/>\n    <category term=\"Politik\"/>");
    HAS("<category term=\"Ungarn\"/>");
    HAS("<category term=\"hu-2026\" scheme=\"https://news.example/tags\" label=\"Wahl 2026\"/>");
    HAS("<entry xml:lang=\"de\">");
    HAS("<published>2026-09-21T11:26:40Z</published>\n    <updated>2026-09-21T14:03:20Z</updated>");
    HAS("<rights>CC BY 4.0</rights>");
    buf_finish(&out);
}

static void visible_line(void **state)
{
    (void)state;
    const char *line =
        "&lt;p&gt;Auch auf: &lt;a href=\"https://copy.example/1\" hreflang=\"de\"&gt;Der "
        "Kopist&lt;/a&gt;, &lt;a href=\"https://news.example/en/1\" "
        "hreflang=\"en\"&gt;English&lt;/a&gt;, &lt;a href=\"https://us.example/1\" "
        "hreflang=\"en-US\"&gt;English (US Desk)&lt;/a&gt;, &lt;a "
        "href=\"https://news.example/ar/1\" hreflang=\"ar\"&gt;العربية&lt;/a&gt;, &lt;a "
        "href=\"https://news.example/ko/1\" "
        "hreflang=\"ko\"&gt;한국어&lt;/a&gt;&lt;/p&gt;";
    struct buf out = write_one(OUTPUT_ATOM, 1);
    HAS(line);
    buf_finish(&out);
    out = write_one(OUTPUT_RSS, 1);
    HAS(line);
    buf_finish(&out);
    out = write_one(OUTPUT_JSON, 0);
    HAS("\\n\\nAuch auf: Der Kopist <https://copy.example/1>, English <https://news.example/en/1>");
    buf_finish(&out);

    struct entry entry;
    struct writer_options options = sample_options(OUTPUT_ATOM);
    sample_entry(&entry, 1, 1);
    options.also_in = 0;
    sample_write(&options, &entry, 1, &out);
    HAS_NOT("Auch auf");
    HAS("news.example/ko/1"); /* the links stay */
    buf_finish(&out);
    sample_entry_finish(&entry);
}

static void languages(void **state)
{
    (void)state;
    static const char *const names[][3] = {
        {"en", "Also in: ", "English"},
        {"ko", "다른 언어로 보기: ", "한국어"},
        {"ja", "ほかの言語で読む：", "日本語"},
        {"ar", "متاح أيضًا باللغات: ", "العربية"},
        {"zh-CN", "其他语言版本：", "中文（简体）"},
        {"zh-TW", "其他語言版本：", "中文（繁體）"},
        {"zh-hant-hk", "其他語言版本：", "中文（繁體）"},
        {"vi", "Đọc bằng ngôn ngữ khác: ", "Tiếng Việt"},
        {"th", "อ่านในภาษาอื่น: ", "ไทย"},
        {"id", "Juga tersedia dalam: ", "Indonesia"},
        {"ms", "Juga boleh dibaca dalam: ", "Melayu"},
        {"de-AT", "Auch auf: ", "Deutsch"},
        {"ru", "Также на других языках: ", "Русский"},
        {"fr_CA", "Aussi en : ", "Français"},
        {"es-419", "También en: ", "Español"},
        {"pt-BR", "Também em: ", "Português"},
        {"sv", "Also in: ", "Svenska"},
    };
    char buf[96], tag[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(tag_also_in(str_z(names[i][0])), names[i][1]);
        assert_string_equal(tag_autonym(str_z(names[i][0]), buf).ptr, names[i][2]);
    }
    assert_string_equal(tag_clean(str_z("ZH_hant-tw"), tag).ptr, "zh-Hant-TW");
    assert_string_equal(tag_clean(str_z("EN-us-X-PRIVATE"), tag).ptr, "en-US-x-private");
    const char *bad[] = {"",       "e",    "english language", "-en", "en-",
                         "en--us", "1234", "deutsch-",         "x-y"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(tag_clean(str_z(bad[i]), tag).ptr);
    assert_true(tag_same(str_z("en-US"), str_z("en")));
    assert_true(tag_same(str_z("zh-TW"), str_z("zh-Hant")));
    assert_false(tag_same(str_z("zh"), str_z("zh-Hant")));
    assert_false(tag_same(str_z("id"), str_z("ms")));
}

static void nothing_active(void **state)
{
    (void)state;
    struct buf out = write_one(OUTPUT_ATOM, 0);
    HAS("&lt;p&gt;Erster Absatz &amp;amp; mehr.&lt;/p&gt;\n&lt;p&gt;Zweiter Absatz.&lt;/p&gt;");
    HAS_NOT("alert");
    HAS_NOT("script&gt;");
    HAS_NOT("onload");
    buf_finish(&out);
    out = write_one(OUTPUT_RSS, 0);
    HAS_NOT("alert");
    HAS_NOT("script&gt;");
    buf_finish(&out);
    out = write_one(OUTPUT_JSON, 0);
    HAS("\"content_text\":\"Erster Absatz & mehr.\\nZweiter Absatz.");
    HAS_NOT("content_html");
    HAS_NOT("alert");
    buf_finish(&out);
    out = write_one(OUTPUT_JSON, 1); /* what a filter vouches for goes out as it is */
    HAS("\"content_html\":\"<p>Erster <a href=\\\"https://news.example/x\\\">Absatz</a>");
    buf_finish(&out);
}

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *in, *strict, *loose;
    } cases[] = {
        {"https://a.example/ü?x=1#y", "https://a.example/ü?x=1#y", "https://a.example/ü?x=1#y"},
        {"  HTTP://a.example/a b\"c  ", "HTTP://a.example/a%20b%22c", "HTTP://a.example/a%20b%22c"},
        {"javascript:alert(1)", NULL, NULL},
        {" java\tscript:alert(1)", NULL, NULL},
        {"\x01javascript:alert(1)", NULL, NULL},
        {"data:text/html,<script>", NULL, NULL},
        {"vbscript:x", NULL, NULL},
        {"file:///etc/passwd", NULL, NULL},
        {"/relative", NULL, NULL},
        {"//host/x", NULL, NULL},
        {"http:", NULL, NULL},
        {"https:///x", NULL, NULL},
        {"ht\ntps://a.example/x\ny", "https://a.example/xy", "https://a.example/xy"},
        {"mailto:a@b.example", NULL, "mailto:a@b.example"},
        {"magnet:?xt=urn:btih:x", NULL, "magnet:?xt=urn:btih:x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int loose = 0; loose < 2; loose++) {
            const char *want = loose ? cases[i].loose : cases[i].strict;
            struct buf b;
            buf_init(&b, 1000);
            assert_int_equal(url_safe(&b, str_z(cases[i].in), loose), want != NULL);
            if (want)
                assert_string_equal(b.p, want);
            buf_finish(&b);
        }
    }
}

static void files_stay(void **state)
{
    (void)state;
    struct buf out = write_one(OUTPUT_ATOM, 1);
    HAS("<link rel=\"enclosure\" href=\"https://media.example/a.mp3\" type=\"audio/mpeg\" "
        "length=\"1234\"/>");
    HAS("<link rel=\"enclosure\" href=\"https://media.example/b.pdf\" type=\"application/pdf\" "
        "title=\"Report\"/>");
    HAS("<media:content url=\"https://media.example/c.mp4\" type=\"video/mp4\" duration=\"95\" "
        "width=\"640\" height=\"360\"/>");
    HAS("<media:thumbnail url=\"https://media.example/t.jpg\"/>");
    HAS("<itunes:image href=\"https://media.example/i.png\"/>");
    HAS("<media:group><media:content url=\"https://media.example/g.jpg\" medium=\"image\">"
        "<media:description type=\"plain\">A "
        "picture</media:description></media:content></media:group>");
    HAS("<georss:point>47.5 19.0</georss:point>");
    buf_finish(&out);
    out = write_one(OUTPUT_RSS, 1);
    HAS("<enclosure url=\"https://media.example/a.mp3\" length=\"1234\" type=\"audio/mpeg\"/>");
    assert_int_equal(times(&out, "<enclosure "), 1);
    HAS("<media:content url=\"https://media.example/b.pdf\" type=\"application/pdf\">");
    HAS("<media:thumbnail url=\"https://media.example/t.jpg\"/>");
    buf_finish(&out);
    out = write_one(OUTPUT_JSON, 1);
    const char *all[] = {"a.mp3", "b.pdf", "c.mp4", "t.jpg", "i.png", "g.jpg"};
    for (size_t i = 0; i < 6; i++)
        HAS(all[i]);
    HAS("\"size_in_bytes\":1234");
    HAS("\"duration_in_seconds\":95");
    HAS("\"image\":\"https://media.example/t.jpg\"");
    buf_finish(&out);
}

static void rss_words(void **state)
{
    (void)state;
    struct buf out = write_one(OUTPUT_RSS, 1);
    HAS("<guid isPermaLink=\"false\">urn:uuid:00000000-0000-4000-8000-000000000001</guid>");
    HAS("<pubDate>Mon, 21 Sep 2026 11:26:40 GMT</pubDate>");
    HAS("<dc:creator>Example News</dc:creator>");
    HAS("<source url=\"https://news.example/feed.xml\">Example News</source>");
    HAS("<category domain=\"http://cv.iptc.org/newscodes/mediatopic/\">medtop:11000000</category>\n"
        "    <category>Politik</category>");
    HAS("<description>&lt;p&gt;Kurz &amp;amp; knapp.&lt;/p&gt;</description>");
    HAS("<content:encoded>&lt;p&gt;Erster");
    HAS("<atom:link rel=\"related\" href=\"https://news.example/ko/1\" hreflang=\"ko\"");
    HAS("<atom:link rel=\"self\" type=\"application/rss+xml\" "
        "href=\"https://reader.example/feed?a=1&amp;b=2\"/>");
    buf_finish(&out);
}

/* A feed read from a file: no reader of the clean feed learns where that file lies. */
static void no_paths(void **state)
{
    (void)state;
    struct entry entry;
    struct buf out;
    sample_entry(&entry, 1, 1);
    entry.face->source_key = str_z("file:///home/me/private/feed.xml");
    for (int site = 0; site < 2; site++) {
        for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
            struct writer_options options = sample_options(format);
            entry.face->source_site = str_z(site ? "https://news.example/" : NULL);
            sample_write(&options, &entry, 1, &out);
            HAS_NOT("/home/me");
            HAS("Example News");
            if (format == OUTPUT_RSS)
                HAS(site ? "<source url=\"https://news.example/\">" : "<source url=\"urn:uuid:");
            buf_finish(&out);
        }
    }
    sample_entry_finish(&entry);
}

/* `winnow filter`: the item keeps its own name. */
static void items_keep_their_ids(void **state)
{
    (void)state;
    struct item *item = sample_item(5, 1);
    struct buf out;
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        struct writer_options options = sample_options(format);
        sample_write_items(&options, item, 1, &out);
        HAS(format == OUTPUT_ATOM  ? "<id>tag:example.org,2026:5</id>"
            : format == OUTPUT_RSS ? "<guid isPermaLink=\"false\">tag:example.org,2026:5</guid>"
                                   : "{\"id\":\"tag:example.org,2026:5\",\"url\":\"https://"
                                     "news.example/de/5?x=1&y=2\"");
        buf_finish(&out);
    }
    item->guid = str_z("4711"); /* no IRI: Atom gets a stable stand-in */
    struct writer_options atom = sample_options(OUTPUT_ATOM), rss = sample_options(OUTPUT_RSS);
    struct buf again;
    sample_write_items(&atom, item, 1, &out);
    sample_write_items(&atom, item, 1, &again);
    HAS("<id>urn:uuid:");
    HAS_NOT("<id>4711");
    assert_string_equal(out.p, again.p);
    buf_finish(&out);
    buf_finish(&again);
    item->guid = item->link;
    item->guid_is_permalink = 1;
    sample_write_items(&rss, item, 1, &out);
    HAS("<guid isPermaLink=\"true\">https://news.example/de/5?x=1&amp;y=2</guid>");
    buf_finish(&out);
    item_destroy(item);
}

static void text_from_html(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a <b>b</b>c<br>d", "a bc\nd"},
        {"<p>1 &lt; 2 &amp;&#65;&#x42; &eacute;&nbsp;&unknown; & &#xD800;</p>",
         "1 < 2 &AB é &unknown; & \xef\xbf\xbd"},
        {"a<script>if (1<2) alert('</b>')</script>b", "ab"},
        {"a<STYLE>p{}</style >b<!-- <p>x -->c<![CDATA[d]]>e", "abce"},
        {"<a title=\"x>y\">t</a>", "t"},
        {"1 < 2 and 3<4", "1 < 2 and 3<4"},
        {"a<p x", "a"},
        {"a<script>never closed", "a"},
        {"<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt>alert(1)ipt>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 1000);
        buf_add(&b, "", 0);
        text_of_html(&b, str_z(cases[i][0]));
        assert_string_equal(b.p, cases[i][1]);
        buf_finish(&b);
    }
}

/* A sink that is full says so once; the writer goes on quietly and tells it at the end. */
static int full_sink(void *user, const char *p, size_t n)
{
    (void)p;
    size_t *left = user;
    if (n > *left)
        return E_FULL;
    *left -= n;
    return OK;
}

static void a_full_sink(void **state)
{
    (void)state;
    struct entry entry;
    sample_entry(&entry, 1, 1);
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        struct writer *w = NULL;
        size_t left = 20000;
        struct writer_options options = sample_options(format);
        assert_int_equal(writer_create(&options, full_sink, &left, &w), OK);
        int status = OK;
        for (int i = 0; i < 100; i++)
            status = writer_entry(w, &entry);
        assert_int_equal(status, E_FULL);
        assert_int_equal(writer_finish(w), E_FULL);
        writer_destroy(w);
    }
    sample_entry_finish(&entry);
}

static void dates(void **state)
{
    (void)state;
    char buf[40];
    assert_string_equal(date_3339(0, buf).ptr, "1970-01-01T00:00:00Z");
    assert_string_equal(date_822(951827696, buf).ptr, "Tue, 29 Feb 2000 12:34:56 GMT");
    assert_string_equal(date_3339(253402300799, buf).ptr, "9999-12-31T23:59:59Z");
    assert_string_equal(date_3339(253402300800, buf).ptr, "1970-01-01T00:00:00Z");
    assert_string_equal(date_3339(INT64_MIN, buf).ptr, "1970-01-01T00:00:00Z");
    assert_string_equal(date_3339(-1, buf).ptr, "1969-12-31T23:59:59Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(atom_links),     cmocka_unit_test(atom_names),
        cmocka_unit_test(visible_line),   cmocka_unit_test(languages),
        cmocka_unit_test(nothing_active), cmocka_unit_test(urls),
        cmocka_unit_test(files_stay),     cmocka_unit_test(rss_words),
        cmocka_unit_test(no_paths),       cmocka_unit_test(items_keep_their_ids),
        cmocka_unit_test(text_from_html), cmocka_unit_test(a_full_sink),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
