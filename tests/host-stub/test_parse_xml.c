/* SPDX-License-Identifier: Apache-2.0 */
/* The markup reader: the same as libxml2 where XML has rules, and what it does where it has none.
 */
#include "xml_oracle.h"

#include "tests/support/test.h"

static void same_as_libxml2_on_well_formed_documents(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "<a/>",
        "<?xml version=\"1.0\"?><!DOCTYPE a><!-- c --><a>x<b c=\"d\" e='f'/>y</a><!-- d -->",
        "<a b='1' xmlns='u' xmlns:p='v' p:c='2'><p:d/><d xmlns=''/></a>",
        "<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;</a>",
        "<a><![CDATA[<b>&amp;]] ]]>x<![CDATA[]]><![CDATA[>]]></a>",
        "<a>\n <b>\n</b>\t</a>\n",
        "<a b=\"x&#10;y &lt; z\n\tw\" c='\"'/>",
        "<a><?pi some <b/> ?>text<!-- <c/> - -->more</a>",
        "<caf\xc3\xa9 \xd0\xb0='\xe2\x82\xac'>\xf0\x9f\x98\x80</caf\xc3\xa9>",
        "<!DOCTYPE a [<!ELEMENT a ANY> <!-- ]> ' --> <!ATTLIST a b CDATA #IMPLIED>]><a>x</a>",
        "<a><b><c><d/></c></b><b/></a >",
        "<a\n  b = '1'\n  c='2'\n>x</a\n>",
        "<a>a > b ]] > c</a>",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct buf ours, theirs;
        buf_init(&ours, MIB(1));
        buf_init(&theirs, MIB(1));
        tell_by_winnow(documents[i], strlen(documents[i]), &ours);
        if (!tell_by_libxml2(documents[i], strlen(documents[i]), &theirs))
            fail_msg("not well-formed: %s", documents[i]);
        assert_string_equal(ours.p, theirs.p);
        buf_finish(&ours);
        buf_finish(&theirs);
    }
}

/* Tokens of a document in one line: "S name", "E name", "T text", parted by "|". */
static void assert_tokens(const char *text, const char *expected)
{
    struct buf out;
    buf_init(&out, MIB(1));
    size_t n = strlen(text);
    char *copy = malloc(n + 1); /* exact, for ASan */
    copy = realloc(copy, n ? n : 1);
    memcpy(copy, text, n);
    tell_by_winnow(copy, n, &out);
    free(copy);
    for (size_t i = 0; i < out.n; i++)
        if (out.p[i] == '\n')
            out.p[i] = '|';
    assert_string_equal(out.p ? out.p : "", expected);
    buf_finish(&out);
}

static void mends_what_is_not(void **state)
{
    (void)state;
    assert_tokens("<a><b>x</a>", "S a|S b|T x|E b|E a|");
    assert_tokens("<a>x</b>y</a>", "S a|T xy|E a|");
    assert_tokens("<a><b>x", "S a|S b|T x|E b|E a|");
    assert_tokens("<A>x</a>", "S A|T x|E A|");
    assert_tokens("<a>1 < 2 << 3</a>", "S a|T 1 < 2 << 3|E a|");
    assert_tokens("<a>x <", "S a|T x <|E a|");
    assert_tokens("<a>&nbsp;&amp &unknown;&#xZ;</a>", "S a|T \xc2\xa0&amp &unknown;&#xZ;|E a|");
    assert_tokens("<a b c=d e='f' 'g' =h/>", "S a b= c=d e=f g= h=|E a|");
    assert_tokens("<a b='1' <c>", "S a b=1|S c|E c|E a|");
    assert_tokens("<a b=\"1 <c/>", "S a b=1|S c|E c|E a|");
    assert_tokens("<a>x<!-- y <b/></a>", "S a|T x|E a|");
    assert_tokens("<a><![CDATA[x</a>", "S a|T x|E a|");
    assert_tokens("<a>x<!y>z<?w</a>", "S a|T xz|E a|");
    assert_tokens("text <a/> more", "S a|E a|");
    assert_tokens("</a><a/></a>", "S a|E a|");
    assert_tokens("", "");
}

static void warn(void *user, int fault, size_t line, wn_str what)
{
    (void)what;
    ((size_t *)user)[fault] = line;
}

static void tells_each_kind_of_fault_once_with_its_line(void **state)
{
    (void)state;
    static const char text[] = "<a>\n<b>\n&x & </a>\n& </c>";
    static struct xml x;
    size_t lines[FAULT_COUNT] = {0};
    xml_init(&x, text, sizeof text - 1, 0);
    x.warn = warn;
    x.user = lines;
    struct buf out;
    buf_init(&out, KIB(1));
    while (xml_next(&x) != XML_EOF)
        if (x.token == XML_TEXT)
            xml_read_text(&x, &out);
    buf_finish(&out);
    assert_int_equal(lines[FAULT_AMPERSAND], 3);
    assert_int_equal(lines[FAULT_MISMATCH], 3);
    assert_int_equal(lines[FAULT_STRAY_END], 4);
    assert_int_equal(lines[FAULT_CDATA], 0);
}

static void namespaces_nest_and_end(void **state)
{
    (void)state;
    static const char text[] =
        "<a xmlns='http://www.w3.org/2005/Atom' xmlns:x='http://purl.org/dc/elements/1.1/'>"
        "<x:b/><c xmlns='http://www.w3.org/1999/xhtml' xmlns:x='http://search.yahoo.com/mrss'>"
        "<x:d/></c><x:e/><f/><media:g/><z:h/></a>";
    static const int expected[] = {NS_ATOM, NS_DC,   NS_XHTML, NS_MEDIA,
                                   NS_DC,   NS_ATOM, NS_MEDIA, NS_OTHER};
    static struct xml x;
    size_t n = 0;
    xml_init(&x, text, sizeof text - 1, 0);
    while (xml_next(&x) != XML_EOF)
        if (x.token == XML_START)
            assert_int_equal(x.ns, expected[n++]);
    assert_int_equal(n, 8);
    assert_int_equal(x.n_bindings, 0);
    assert_int_equal(xml_ns_of_uri(str_z("HTTPS://SEARCH.yahoo.com/mrss")), NS_MEDIA);
    assert_int_equal(xml_ns_of_uri(str_z("http://www.itunes.com/DTDs/PodCast-1.0.dtd")), NS_ITUNES);
    assert_int_equal(xml_ns_of_uri(str_z("http://nobody/")), NS_OTHER);
    assert_int_equal(xml_ns_of_uri(str_z(" ")), NS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_libxml2_on_well_formed_documents),
        cmocka_unit_test(mends_what_is_not),
        cmocka_unit_test(tells_each_kind_of_fault_once_with_its_line),
        cmocka_unit_test(namespaces_nest_and_end),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    xmlCleanupParser();
    return failed;
}
