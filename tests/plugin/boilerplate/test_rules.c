/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <string.h>

#include "plugin/boilerplate/filter.h"
#include "plugin/boilerplate/norm.h"
#include "plugin/boilerplate/rules.h"

static struct rules *load(const char *text)
{
    struct rules *r = NULL;
    char message[200];
    int status = rules_parse(text, strlen(text), &r, message);
    if (status)
        fail_msg("%s", message);
    return r;
}

static const struct rule *match(const struct rules *r, const char *text)
{
    struct tbuf norm;
    tbuf_init(&norm, 1 << 20);
    norm_text(text, strlen(text), 1, &norm, NULL);
    struct rule_line line = {norm.p ? norm.p : "", norm.n, (uint32_t)norm.n, 0, ~0u, 0, 0};
    const struct rule *rule = rules_match(r, &line);
    tbuf_finish(&norm);
    return rule;
}

static void assert_norm(const char *text, const char *wanted)
{
    struct tbuf norm;
    tbuf_init(&norm, 1 << 20);
    norm_text(text, strlen(text), 1, &norm, NULL);
    assert_string_equal(norm.p ? norm.p : "", wanted);
    tbuf_finish(&norm);
}

static void test_normal_form(void **state)
{
    (void)state;
    assert_norm("  Read   MORE \xc2\xbb", "read more");
    assert_norm("[\xe2\x80\xa6] Weiterlesen \xe2\x86\x92", "weiterlesen");
    assert_norm("\xe2\x80\x9cQuoted\xe2\x80\x9d \xe2\x80\x94 it\xe2\x80\x99s", "quoted - its");
    assert_norm("\xc2\xa9 2024\xe2\x80\x93"
                "25 Name",
                "\xc2\xa9 0-0 name");
    assert_norm("\xef\xbc\x88\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x89 x", "ab] x");
    assert_norm("\xc3\x9c"
                "BER \xd0\x9c\xd0\x98\xd0\xa0",
                "\xc3\xbc"
                "ber \xd0\xbc\xd0\xb8\xd1\x80");
}

static void test_patterns(void **state)
{
    (void)state;
    struct rules *r = load("@who = us|me\n=== share line\n(follow|like) {who} on *\nshare\n"
                           "=== copyright line\n*all rights reserved*\n*(ende|schluss)\n");
    assert_int_equal(rules_count(r), 4);
    assert_int_equal(match(r, "Follow us on Twitter!")->group, GROUP_SHARE);
    assert_int_equal(match(r, "Like me on it")->group, GROUP_SHARE);
    assert_null(match(r, "They follow us on foot and like it but not so that it"
                         " would be a line of its own, follow"));
    assert_int_equal(match(r, "Share:")->group, GROUP_SHARE);
    assert_null(match(r, "Shareholders"));
    assert_int_equal(match(r, "2020 X. All Rights Reserved, really")->group, GROUP_COPYRIGHT);
    assert_int_equal(match(r, "Hier ist Schluss.")->group, GROUP_COPYRIGHT);
    assert_null(match(r, "Schlussfolgerung"));
    rules_destroy(r);
}

static void test_errors_name_the_line(void **state)
{
    static const char *const bad[] = {
        "=== nosuch line\nx y\n", "=== share bogus\n", "a pattern\n",
        "=== share\n(a|b\n",      "=== share\n*ab*\n", "=== share\n{x}\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rules *r = NULL;
        char message[200];
        assert_int_equal(rules_parse(bad[i], strlen(bad[i]), &r, message), WN_INVALID);
        assert_non_null(strstr(message, "line "));
        assert_null(r);
    }
}

static void assert_builtin(const struct rules *r, const char *text, const char *group)
{
    const struct rule *rule = match(r, text);
    const char *got = rule ? rule_group_names[rule->group] : "nothing";
    if (strcmp(got, group))
        fail_msg("\"%s\" is %s, not %s", text, got, group);
}

static void test_phrases_of_the_trade(void **state)
{
    (void)state;
    struct rules *r = NULL;
    char message[200];
    assert_int_equal(rules_parse(data_builtin, data_builtin_size, &r, message), WN_OK);
    assert_true(rules_count(r) > 3000);
    assert_builtin(r, "The post A title appeared first on A site.", "appeared");
    assert_builtin(r, "Der Beitrag Titel erschien zuerst auf Seite.", "appeared");
    assert_builtin(r,
                   "L\xe2\x80\x99"
                   "article Titre est apparu en premier sur Site.",
                   "appeared");
    assert_builtin(r, "La entrada T\xc3\xadtulo se public\xc3\xb3 primero en Sitio.", "appeared");
    assert_builtin(r, "O post T\xc3\xadtulo apareceu primeiro em Site.", "appeared");
    assert_builtin(r, "Запись Заголовок впервые появилась на Сайт.", "appeared");
    assert_builtin(r, "投稿 題名 は サイト に最初に表示されました。", "appeared");
    assert_builtin(r, "Continue reading\xe2\x80\xa6", "continue");
    assert_builtin(r, "Weiterlesen", "continue");
    assert_builtin(r, "続きを読む", "continue");
    assert_builtin(r, "阅读全文", "continue");
    assert_builtin(r, "더 보기", "continue");
    assert_builtin(r, "อ่านต่อ", "continue");
    assert_builtin(r, "اقرأ المزيد", "continue");
    assert_builtin(r, "Xem thêm", "continue");
    assert_builtin(r, "Baca selengkapnya", "continue");
    assert_builtin(r, "\xc2\xa9 2024 A company. For personal use only.", "copyright");
    assert_builtin(r, "Der Artikel wird von einem Drittanbieter bereitgestellt.", "disclaimer");
    assert_builtin(r, "本文由第三方内容提供商提供。", "disclaimer");
    assert_builtin(r, "Branchen: Top-Story, Tagesnachrichten", "sectors");
    assert_builtin(r, "行业：科技、金融", "sectors");
    assert_builtin(r, "Secteurs : Sport", "sectors");
    assert_builtin(r, "Mehr zum Thema", "related");
    assert_builtin(r, "Advertisement", "advertisement");
    /* What looks alike and is the article's. */
    assert_builtin(r, "Reuters contributed to this report.", "nothing");
    assert_builtin(r, "The post office first appeared in records of 1653.", "nothing");
    assert_builtin(r, "He asked her to continue reading the letter aloud.", "nothing");
    assert_builtin(r, "More people follow the news than ever.", "nothing");
    assert_builtin(r, "Share prices rose by two per cent on Monday.", "nothing");
    assert_builtin(r, "Die Werbung der Kandidaten kostete Millionen.", "nothing");
    rules_destroy(r);
}

static void assert_prefix(const struct rules *r, const char *text, const char *cut)
{
    struct tbuf norm;
    uint32_t map[1000];
    const struct rule *rule = NULL;
    tbuf_init(&norm, 1 << 20);
    norm_text(text, strlen(text), 0, &norm, map);
    size_t n = rules_prefix(r, norm.p, norm.n, &rule);
    size_t raw = n ? map[n - 1] : 0;
    if (raw != strlen(cut) || strncmp(text, cut, raw))
        fail_msg("of \"%s\" %zu bytes go, not \"%s\"", text, raw, cut);
    tbuf_finish(&norm);
}

static void test_datelines(void **state)
{
    (void)state;
    struct rules *r = NULL;
    char message[200];
    assert_int_equal(rules_parse(data_builtin, data_builtin_size, &r, message), WN_OK);
    assert_prefix(r, "(SeaPRwire) \xe2\x80\x93 The text", "(SeaPRwire) \xe2\x80\x93");
    assert_prefix(r, "LONDON, March 3, 2026 /PRNewswire/ -- The text",
                  "LONDON, March 3, 2026 /PRNewswire/ -");
    assert_prefix(r, "BERLIN (dpa) - Der Text", "BERLIN (dpa) -");
    assert_prefix(r,
                  "\xef\xbc\x88"
                  "AnyWire\xef\xbc\x89\xe2\x80\x95\xe6\x9c\xac\xe6\x96\x87",
                  "\xef\xbc\x88"
                  "AnyWire\xef\xbc\x89\xe2\x80\x95");
    assert_prefix(r, "The company (SeaPRwire) is a wire", "");
    assert_prefix(r, "Berlin \xe2\x80\x93 a city of three million, many of them new - has changed",
                  "");
    rules_destroy(r);
}

static void test_names(void **state)
{
    (void)state;
    struct rules *r = NULL;
    char message[200];
    assert_int_equal(rules_parse(data_builtin, data_builtin_size, &r, message), WN_OK);
    assert_true(rules_is_parameter(r, "x.org", 5, "utm_source", 10));
    assert_true(rules_is_parameter(r, "x.org", 5, "fbclid", 6));
    assert_true(rules_is_parameter(r, "www.youtube.com", 15, "si", 2));
    assert_false(rules_is_parameter(r, "x.org", 5, "si", 2));
    assert_false(rules_is_parameter(r, "x.org", 5, "id", 2));
#define URL(z) ((wn_str){z, strlen(z)})
    assert_true(rules_is_pixel(r, URL("http://feeds.feedburner.com/~r/x/y/~4/abc")));
    assert_true(rules_is_pixel(r, URL("https://pixel.wp.com/b.gif?x=1")));
    assert_false(rules_is_pixel(r, URL("https://example.org/photos/pixel-art-show.jpg")));
    assert_true(rules_is_embed(r, URL("www.youtube.com")));
    assert_false(rules_is_embed(r, URL("youtube.com.evil.org")));
    assert_int_equal(rules_class(r, "sharedaddy x") & CLASS_STRONG, CLASS_STRONG);
    assert_int_equal(rules_class(r, "post-content"), CLASS_ARTICLE | CLASS_BODY);
    assert_int_equal(rules_class(r, "alignleft"), 0);
    /* Words of names: between hyphens, underscores and capitals, whole unless the list says '*'. */
    assert_int_equal(rules_class(r, "c-postAuthor__name"), CLASS_WEAK | CLASS_META);
    assert_true(rules_class(r, "block_relacionadas") & CLASS_BOX);
    assert_true(rules_class(r, "leserKommentare") & CLASS_COMMENTS);
    assert_false(rules_class(r, "shadow") & CLASS_BOX);     /* no "ad" */
    assert_false(rules_class(r, "candidate") & CLASS_META); /* no "date" */
    assert_false(rules_class(r, "threads-list") & CLASS_BOX);
    struct tbuf url;
    tbuf_init(&url, 9000);
    tbuf_adds(&url, "https://www.google.com/url?sa=t&q=https%3A%2F%2Fexample.org%2Fa&x=1");
    assert_int_equal(rules_unwrap(r, &url), 1);
    assert_string_equal(url.p, "https://example.org/a");
    tbuf_reset(&url);
    tbuf_adds(&url, "https://www.google.com/url?q=javascript:alert(1)");
    assert_int_equal(rules_unwrap(r, &url), 0);
    tbuf_finish(&url);
    rules_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_errors_name_the_line),
        cmocka_unit_test(test_phrases_of_the_trade),
        cmocka_unit_test(test_datelines),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
