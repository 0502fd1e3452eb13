/* SPDX-License-Identifier: Apache-2.0 */
/* The editions filter through its plugin interface: copies, editions, rulings, restarts, bad input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/editions.h"
#include "plugin/text/encoder.h"
#include "tests/support/small_host.h"

#define A "https://a.example/feed"
#define B "https://b.example/feed"

/* Made-up local news: two articles in several languages, a follow-up of the first. */
static const char BRIDGE_EN[] =
    "The city of Larnholm opened its new bridge over the river Vessa on Tuesday, after four years "
    "of construction that cost 86 million euros.\nMayor Ingrid Halvorsen cut the ribbon at noon "
    "together with the 12 engineers who had planned it.\nThe bridge carries two tram lines and a "
    "path for cyclists, but no cars.\nAbout 40,000 people are expected to cross it every day.\n"
    "Shop owners in the old harbour hope that the trams bring more visitors in the evening.";
static const char BRIDGE_DE[] =
    "Die Stadt Larnholm hat am Dienstag ihre neue Brücke über den Fluss Vessa eröffnet, nach vier "
    "Jahren Bauzeit und Kosten von 86 Millionen Euro.\nBürgermeisterin Ingrid Halvorsen "
    "durchschnitt mittags das Band, gemeinsam mit den 12 Ingenieuren, die sie geplant hatten.\nDie "
    "Brücke trägt zwei Straßenbahnlinien und einen Weg für Radfahrer, aber keine Autos.\nRund "
    "40.000 Menschen sollen sie täglich überqueren.\nLadenbesitzer im alten Hafen hoffen, dass die "
    "Straßenbahnen abends mehr Besucher bringen.";
static const char BRIDGE_ES[] =
    "La ciudad de Larnholm inauguró el martes su nuevo puente sobre el río Vessa, tras cuatro años "
    "de obras que costaron 86 millones de euros.\nLa alcaldesa Ingrid Halvorsen cortó la cinta al "
    "mediodía junto con los 12 ingenieros que lo habían proyectado.\nEl puente lleva dos líneas de "
    "tranvía y un carril para ciclistas, pero ningún coche.\nSe espera que unas 40.000 personas lo "
    "crucen cada día.\nLos comerciantes del viejo puerto confían en que los tranvías traigan más "
    "visitantes por la tarde.";
static const char FOLLOW_EN[] =
    "Trams on the new Vessa bridge in Larnholm stopped for three hours on Friday because a cable "
    "had come loose in the wind.\nThe operator apologised and promised an inspection of all masts "
    "before the weekend.\nNobody was hurt, a spokesman of the fire brigade said.\nAbout 40,000 "
    "people are expected to cross it every day.\nPassengers were taken across the river by boat.";
static const char VACCINE_FR[] =
    "Des chercheurs de l'institut Marel ont présenté lundi un vaccin contre la fièvre des marais "
    "qui protège neuf patients sur dix.\nL'essai a duré trois ans et réunissait 2 400 volontaires "
    "dans cinq pays.\nLes effets secondaires étaient légers, écrivent-ils dans leur rapport.";

static size_t add(struct small_host *h, const char *lang, const char *title, const char *text,
                  const char *source, const char *link)
{
    struct small_item x = {
        .lang = lang, .title = title, .text = text, .source = source, .link = link};
    return small_host_add(h, &x);
}

static void begin(struct small_host *h)
{
    static char path[4096];
    small_host_init(h);
    snprintf(path, sizeof path, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    h->options[0][0] = "model";
    h->options[0][1] = path;
}

static void begin_with(struct small_host *h, const char *key, const char *value)
{
    begin(h);
    h->options[1][0] = key;
    h->options[1][1] = value;
}

static void must_start(struct small_host *h)
{
    if (small_host_start(h, &editions_filter) != WN_OK)
        fail_msg("%s", h->log);
}

static void test_copies(void **state)
{
    struct small_host h;
    char teaser[200], longer[2000];
    (void)state;
    begin(&h);
    must_start(&h);
    snprintf(teaser, sizeof teaser, "%.140s", BRIDGE_EN);
    snprintf(longer, sizeof longer,
             "%s\nThe next bridge is planned further down the river, where "
             "ferries run today, and is to be finished within ten years.",
             BRIDGE_EN);
    add(&h, "en", "Larnholm opens its new bridge", BRIDGE_EN, A, "https://a.example/bridge");
    add(&h, "en", "A bridge for trams", BRIDGE_EN, B, "https://b.example/1");
    add(&h, "en", "Larnholm opens its new bridge", teaser, B, "https://b.example/2");
    add(&h, "en", "New bridge in Larnholm", longer, B, "https://b.example/3");
    add(&h, "en", "Loose cable stops trams", FOLLOW_EN, B, "https://b.example/4");
    add(&h, "en", "Entirely other words", "And nothing in common with it.", B,
        "http://www.a.example/bridge/?utm_source=x#top");
    assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
    assert_int_equal(h.items[0].kind, WN_KEEP);
    for (size_t i = 1; i <= 3; i++) {
        assert_int_equal(h.items[i].kind, WN_DUPLICATE);
        assert_int_equal(h.items[i].of, 1);
        assert_true(h.items[i].score > 0.7 && h.items[i].score <= 1);
        assert_true(h.items[i].reason[0] && h.items[i].evidence[0]);
    }
    assert_true(h.items[4].kind == WN_KEEP || h.items[4].kind == WN_RELATED);
    assert_int_equal(h.items[5].kind, WN_DUPLICATE); /* the same address in another feed */
    assert_int_equal(h.items[5].of, 1);
    small_host_finish(&h);
}

/* A feed whose items all link to one page, and a series that differs in its version alone. */
static void test_not_copies(void **state)
{
    struct small_host h;
    (void)state;
    begin(&h);
    must_start(&h);
    const char *page = "https://a.example/changes";
    add(&h, "en", "Opening hours change in May", "From May on we open at nine.", A, page);
    add(&h, "en", "New chairs in the reading room", "The old ones were given away.", A, page);
    /* What a channel writes under each of its films. */
    const char *house =
        "Welcome to our channel! Every week we show how bridges are built, from the "
        "first drawing to the last bolt. Subscribe and leave a comment below.";
    add(&h, "en", "How to pour a foundation in winter", house, A, "https://films.example/w?v=1");
    add(&h, "en", "The longest cable of the world", house, A, "https://films.example/w?v=2");
    add(&h, "en", "Why this tower leans", house, B, "https://films.example/w?v=3");
    const char *release = "We are happy to announce the release of the library. It mends security "
                          "problems in the parser and in the network code; all users should "
                          "upgrade. See the list of changes for all details, and thank you to "
                          "everybody who reported problems or sent patches. Version %s is out.";
    char one[500], two[500];
    snprintf(one, sizeof one, release, "2.3.4");
    snprintf(two, sizeof two, release, "2.2.7");
    add(&h, "en", "Library 2.3.4 Released", one, A, "https://a.example/234");
    add(&h, "en", "Library 2.2.7 Released", two, B, "https://b.example/227");
    assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
    for (size_t i = 0; i < h.n; i++)
        assert_true(h.items[i].kind == WN_KEEP || h.items[i].kind == WN_RELATED);
    small_host_finish(&h);
}

static void add_bridge(struct small_host *h)
{
    add(h, "en", "Larnholm opens its new bridge over the Vessa", BRIDGE_EN, A,
        "https://a.example/en1");
    add(h, "fr", "Un vaccin contre la fièvre des marais protège neuf patients sur dix", VACCINE_FR,
        A, "https://a.example/fr1");
    add(h, "de", "Larnholm eröffnet neue Brücke über die Vessa", BRIDGE_DE, B,
        "https://b.example/de1");
    add(h, "es", "Larnholm inaugura su nuevo puente sobre el Vessa", BRIDGE_ES, B,
        "https://b.example/es1");
}

static void assert_bridge(const struct small_host *h)
{
    uint32_t story[16];
    small_host_stories(h, story);
    assert_int_equal(story[2], story[0]);
    assert_int_equal(story[3], story[0]);
    assert_int_not_equal(story[1], story[0]);
}

static void test_editions(void **state)
{
    struct small_host h;
    (void)state;
    for (int way = 0; way < 3; way++) {
        begin(&h);
        h.without_kv = way == 1; /* a foreign host: from memory */
        must_start(&h);
        add_bridge(&h);
        if (way < 2) {
            assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
        } else { /* one item a run, a restart between */
            for (size_t i = 0; i < h.n; i++) {
                assert_int_equal(small_host_run(&h, i, i + 1), WN_OK);
                assert_int_equal(small_host_restart(&h), WN_OK);
            }
        }
        assert_bridge(&h);
        assert_int_equal(h.items[2].kind, WN_EDITION);
        assert_int_equal(h.items[2].of, 1);
        assert_true(h.items[2].score > 0.5 && h.items[2].score <= 1);
        assert_non_null(strstr(h.items[2].evidence, "title="));
        assert_int_equal(h.items[1].kind, WN_KEEP);
        /* A copy of an edition joins its story too. */
        add(&h, "de", "Neue Brücke in Larnholm", BRIDGE_DE, A, "https://a.example/de9");
        assert_int_equal(small_host_run(&h, 4, 5), WN_OK);
        assert_int_equal(h.items[4].kind, WN_DUPLICATE);
        assert_int_equal(h.items[4].of, 3);
        /* An update keeps its place and is no copy of itself. */
        h.items[2].title = "Larnholm: Brücke über die Vessa eröffnet";
        assert_int_equal(small_host_run(&h, 2, 3), WN_OK);
        assert_int_equal(h.items[2].kind, WN_EDITION);
        assert_bridge(&h);
        small_host_finish(&h);
    }
}

static void test_modes(void **state)
{
    struct small_host h;
    static const char *const options[][2] = {{"mode", "off"}, {"mode", "tag"}, {"shadow", "true"}};
    static const uint32_t kinds[] = {WN_KEEP, WN_RELATED, WN_KEEP};
    (void)state;
    for (int i = 0; i < 3; i++) {
        begin_with(&h, options[i][0], options[i][1]);
        must_start(&h);
        add_bridge(&h);
        assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
        assert_int_equal(h.items[2].kind, kinds[i]);
        if (i == 2)
            assert_non_null(strstr(h.items[2].reason, "would be edition of 1"));
        small_host_finish(&h);
    }
}

static void test_rulings(void **state)
{
    struct small_host h;
    (void)state;
    begin(&h);
    must_start(&h);
    add_bridge(&h);
    assert_int_equal(small_host_run(&h, 0, 3), WN_OK);
    assert_int_equal(h.items[2].kind, WN_EDITION);
    /* Apart: taken back, and a later edition joins the one that is left. */
    assert_int_equal(editions_filter.constrain(h.self, 1, 3, WN_APART), WN_OK);
    assert_int_equal(h.items[2].kind, WN_KEEP);
    assert_int_equal(small_host_run(&h, 3, 4), WN_OK);
    uint32_t story[16];
    small_host_stories(&h, story);
    assert_int_not_equal(story[0], story[2]);
    assert_true(story[3] == story[0] || story[3] == story[2]);
    /* Together: even what the text speaks against. */
    assert_int_equal(editions_filter.constrain(h.self, 2, 1, WN_TOGETHER), WN_OK);
    small_host_stories(&h, story);
    assert_int_equal(story[1], story[0]);
    /* Free again: the text decides. */
    assert_int_equal(editions_filter.constrain(h.self, 1, 3, WN_FREE), WN_OK);
    assert_int_equal(editions_filter.constrain(h.self, 1, 2, WN_FREE), WN_OK);
    assert_bridge(&h);
    /* Forgotten items are no longer found, and rulings on them do no harm. */
    editions_filter.forget(h.self, 1);
    editions_filter.forget(h.self, 1);
    editions_filter.forget(h.self, 99);
    assert_int_equal(editions_filter.constrain(h.self, 1, 77, WN_APART), WN_OK);
    add(&h, "en", "Larnholm opens its new bridge over the Vessa", BRIDGE_EN, B,
        "https://b.example/en2");
    assert_int_equal(small_host_run(&h, 4, 5), WN_OK);
    assert_int_equal(h.items[4].kind, WN_EDITION);
    assert_int_equal(h.items[4].of, 3);
    small_host_finish(&h);
}

static void test_window(void **state)
{
    struct small_host h;
    (void)state;
    begin_with(&h, "window", "3600");
    must_start(&h);
    add_bridge(&h);
    h.items[2].arrived = h.items[0].arrived + 3601;
    h.items[3].arrived = h.items[0].arrived + 3602;
    assert_int_equal(small_host_run(&h, 0, 4), WN_OK);
    assert_int_equal(h.items[2].kind, WN_KEEP);
    assert_int_equal(h.items[3].kind, WN_EDITION);
    assert_int_equal(h.items[3].of, 3);
    small_host_finish(&h);
}

static void test_named_editions(void **state)
{
    /* Thin texts that would not be enough, and pages that name each other. */
    struct small_host h;
    (void)state;
    begin(&h);
    must_start(&h);
    struct small_item en = {.lang = "en",
                            .title = "A walk in autumn",
                            .text = "Some photos.",
                            .source = A,
                            .link = "https://blog.example/en/2024/walk",
                            .href = {"https://blog.example/vi/2024/walk"},
                            .hreflang = {"vi"}};
    struct small_item vi = {.lang = "vi",
                            .title = "Dạo chơi mùa thu",
                            .text = "Vài bức ảnh.",
                            .source = B,
                            .link = "https://blog.example/vi/2024/walk"};
    small_host_add(&h, &en);
    small_host_add(&h, &vi);
    assert_int_equal(small_host_run(&h, 0, 2), WN_OK);
    assert_int_equal(h.items[1].kind, WN_EDITION);
    assert_int_equal(h.items[1].of, 1);
    small_host_finish(&h);
}

static void test_without_model(void **state)
{
    struct small_host h;
    (void)state;
    begin(&h);
    h.options[0][1] = "/nowhere/encoder.wnm";
    assert_int_equal(small_host_start(&h, &editions_filter), WN_ERROR);
    assert_non_null(strstr(h.log, "/nowhere/encoder.wnm"));
    assert_non_null(strstr(h.log, "allow-no-model"));
    small_host_finish(&h);
    begin_with(&h, "allow-no-model", "true");
    h.options[0][1] = "/nowhere/encoder.wnm";
    must_start(&h);
    assert_non_null(strstr(h.log, "editions are not"));
    add_bridge(&h);
    add(&h, "de", "Neue Brücke", BRIDGE_DE, A, "https://a.example/de9");
    assert_int_equal(small_host_run(&h, 0, 5), WN_OK);
    assert_int_equal(h.items[2].kind, WN_KEEP);
    assert_int_equal(h.items[4].kind, WN_DUPLICATE);
    small_host_finish(&h);
}

static void test_bad_input(void **state)
{
    struct small_host h;
    char *huge = malloc((5 << 20) + 1);
    (void)state;
    begin(&h);
    must_start(&h);
    for (size_t i = 0; i < 5 << 20; i++)
        huge[i] = "0123456789abcdef ghij. "[i * 7 % 23];
    huge[5 << 20] = 0;
    add(&h, NULL, NULL, NULL, NULL, NULL);
    add(&h, "en", "", "", A, "");
    add(&h, "xx-broken-tag-that-is-long", "Title only", NULL, A, "nonsense");
    add(&h, "en", "\xff\xfe\xc3", "\xe4\xb8", A, "https://\xff/\x01");
    add(&h, "en", "𐎀𐎁𐎂 𐎃𐎄", "ሰላም ለዓለም።", A, NULL);
    add(&h, "de", "Huge", huge, A, "https://a.example/huge");
    struct small_item picture = {
        .title = "", .picture = "https://a.example/x.png", .content = "<img src=x.png>"};
    small_host_add(&h, &picture);
    small_host_add(&h, &picture);
    add(&h, "en", "News", NULL, A, "https://a.example/n1");
    add(&h, "de", "News", NULL, B, "https://b.example/n2");
    add(&h, "en", "News", NULL, B, "https://b.example/n3");
    assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
    for (size_t i = 0; i < h.n; i++)
        if (h.items[i].kind == WN_EDITION || h.items[i].kind == WN_DUPLICATE)
            fail_msg("item %zu was merged on thin evidence: %s", i, h.items[i].reason);
    assert_int_equal(small_host_restart(&h), WN_OK);
    /* Damaged entries of its own are passed over. */
    for (size_t i = 0; i < h.n_kv; i++)
        if (h.kv[i].value_len > 3)
            h.kv[i].value[i % 3] ^= 0x55;
    assert_int_equal(small_host_restart(&h), WN_OK);
    small_host_finish(&h);
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),         cmocka_unit_test(test_not_copies),
        cmocka_unit_test(test_editions),       cmocka_unit_test(test_modes),
        cmocka_unit_test(test_rulings),        cmocka_unit_test(test_window),
        cmocka_unit_test(test_named_editions), cmocka_unit_test(test_without_model),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
