/* SPDX-License-Identifier: Apache-2.0 */
/* What the clean feed shows of stories: faces, when, links, what persons split and join. */
#include "store_fixture.h"

#include "host-stub/story.h"
#include "host-stub/topic_choice.h"

static struct config *config;
static struct store *store;

static const char yaml[] = "sources:\n"
                           "  - url: https://a.example/feed\n"
                           "  - url: https://b.example/feed\n"
                           "    priority: 5\n"
                           "prefer: [en, de]\n";

static int set_up(void **state)
{
    struct buf errors;
    buf_init(&errors, 65536);
    if (make_dir(state) ||
        config_parse(yaml, sizeof yaml - 1, "test.yaml", test_dir, &config, &errors) != OK)
        return -1;
    buf_finish(&errors);
    store = open_store();
    store->fixed_now = 100000;
    return 0;
}

static int tear_down(void **state)
{
    store_close(store);
    config_destroy(config);
    return remove_dir(state);
}

struct say {
    const char *guid, *source, *lang;
    int length; /* of the text */
    uint32_t kind;
    int64_t of;
};

static int64_t document;

/* One item in an epoch of its own; returns its id. */
static int64_t put(struct say s)
{
    struct epoch epoch = {0};
    struct epoch_item e = {0};
    struct verdict word = {.filter_name = "editions",
                           .kind = s.kind,
                           .of = s.of,
                           .score = 0.9,
                           .reason = str_z("the same article")};
    char *text = malloc((size_t)s.length + 1);
    memset(text, 'x', (size_t)s.length);
    text[s.length] = '\0';
    struct item *item =
        make_item(s.source ? s.source : "https://a.example/feed", ++document, s.guid, s.guid);
    item->lang = item_str(item, str_z(s.lang));
    item->content = item_str(item, str_z(text));
    struct topic *t = item_add_topic(item);
    t->id = item_str(item, str_z(s.lang[0] == 'd' ? "15000000" : "11000000"));
    t->score = s.length;
    free(text);
    assert_int_equal(store_begin(store), OK);
    e.identity = arrive(store, item);
    e.item = item;
    word.item = item->id;
    epoch.items = &e;
    epoch.n_items = 1;
    epoch.verdicts = &word;
    epoch.n_verdicts = s.kind != WN_KEEP;
    e.dropped = s.kind == WN_DROP;
    if (e.dropped)
        assert_int_equal(store_put_item(store, item, 1), OK);
    assert_int_equal(stories_apply(store, config, &epoch, NULL, NULL), OK);
    commit(store);
    int64_t id = item->id;
    item_destroy(item);
    return id;
}

static void revise(int64_t item, uint32_t kind, int64_t of)
{
    struct verdict word = {
        .item = item, .of = of, .kind = kind, .filter_name = "editions", .score = 0.9};
    struct epoch epoch = {.revisions = &word, .n_revisions = 1};
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(stories_apply(store, config, &epoch, NULL, NULL), OK);
    commit(store);
}

static size_t settle(int64_t seconds)
{
    size_t changed = 0;
    int64_t next = 0;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(stories_settle(store, config, store->fixed_now, seconds, &changed, &next), OK);
    commit(store);
    return changed;
}

struct sight {
    int n;
    int64_t ids[16], faces[16], shown[16], updated[16], stories[16];
    char members[16][128], uuids[16][46];
    int topics[16];
};

static int note_entry(void *user, const struct entry *e)
{
    struct sight *s = user;
    char *to = s->members[s->n];
    for (size_t i = 0; i < e->n_members; i++)
        snprintf(to + strlen(to), 128 - strlen(to), "%lld%c ", (long long)e->members[i].item,
                 "krede"[e->members[i].kind == WN_DUPLICATE ? 3 : e->members[i].kind]);
    s->ids[s->n] = e->id;
    s->faces[s->n] = e->face->id;
    s->shown[s->n] = e->shown;
    s->updated[s->n] = e->updated;
    s->stories[s->n] = e->story;
    s->topics[s->n] = (int)e->face->n_topics;
    strcpy(s->uuids[s->n++], e->uuid);
    return 0;
}

static struct sight look(const char *lang, char *topic)
{
    struct topic_choice choice = {.only = {&topic, topic != NULL}};
    static struct reader *reader;
    struct sight s = {0};
    assert_int_equal(reader_open(store, &reader), OK);
    assert_int_equal(reader_begin(reader), OK);
    assert_int_equal(reader_each_entry(reader, 0, 16, lang, &choice, note_entry, &s), OK);
    reader_end(reader);
    reader_close(reader);
    return s;
}

static void stories_settle_first(void **state)
{
    (void)state;
    int64_t de = put((struct say){"1", NULL, "de", 1000, WN_KEEP, 0});
    assert_int_equal(settle(300), 0);
    assert_int_equal(look(NULL, NULL).n, 0);
    store->fixed_now += 200;
    int64_t en = put((struct say){"2", NULL, "en", 900, WN_EDITION, de});
    size_t changed;
    int64_t next;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(stories_settle(store, config, store->fixed_now, 300, &changed, &next), OK);
    commit(store);
    assert_int_equal(next, 100300); /* the first one's wait counts */
    store->fixed_now += 100;
    assert_int_equal(settle(300), 1);
    struct sight s = look(NULL, NULL);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.faces[0], en); /* the reader's language */
    assert_string_equal(s.members[0], "1e ");
    assert_int_equal(s.shown[0], 100300);
    assert_int_equal(s.topics[0], 2); /* of both */
    assert_int_equal(strlen(s.uuids[0]), 45);
    assert_int_equal(strncmp(s.uuids[0], "urn:uuid:", 9), 0);
    (void)de;
}

static void faces_stay_unless_clearly_better(void **state)
{
    (void)state;
    int64_t first = put((struct say){"1", NULL, "de", 1000, WN_KEEP, 0});
    settle(0);
    struct sight before = look(NULL, NULL), s;
    /* A little longer, and of a source with priority: no reason to change what was read. */
    put((struct say){"2", "https://b.example/feed", "de", 1100, WN_DUPLICATE, first});
    s = look(NULL, NULL);
    assert_int_equal(s.faces[0], first);
    assert_string_equal(s.members[0], "2d ");
    assert_int_equal(s.updated[0], before.updated[0]);
    store->fixed_now += 10;
    int64_t fuller = put((struct say){"3", NULL, "de", 3000, WN_DUPLICATE, 2});
    s = look(NULL, NULL);
    assert_int_equal(s.faces[0], fuller);
    assert_int_equal(s.updated[0], store->fixed_now);
    int64_t en = put((struct say){"4", NULL, "en-GB", 900, WN_EDITION, first});
    s = look(NULL, NULL);
    assert_int_equal(s.faces[0], en);
    put((struct say){"5", NULL, "fr", 90000, WN_EDITION, en}); /* not asked for */
    s = look(NULL, NULL);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.faces[0], en);
    assert_int_equal(s.ids[0], before.ids[0]);
    assert_string_equal(s.uuids[0], before.uuids[0]);
    assert_int_equal(s.shown[0], before.shown[0]);
}

static void first_choice(void **state)
{
    (void)state;
    int64_t teaser = put((struct say){"1", "https://b.example/feed", "en", 100, WN_KEEP, 0});
    int64_t whole = put((struct say){"2", NULL, "en", 2000, WN_DUPLICATE, teaser});
    settle(0);
    assert_int_equal(look(NULL, NULL).faces[0], whole); /* whatever the priority */
    int64_t a = put((struct say){"3", NULL, "en", 2000, WN_KEEP, 0});
    int64_t b = put((struct say){"4", "https://b.example/feed", "en", 1900, WN_DUPLICATE, a});
    settle(0);
    assert_int_equal(look(NULL, NULL).faces[0], b); /* as whole, and the source is preferred */
    int64_t c = put((struct say){"5", NULL, "en", 2000, WN_KEEP, 0});
    put((struct say){"6", NULL, "en", 2050, WN_DUPLICATE, c});
    settle(0);
    assert_int_equal(look(NULL, NULL).faces[0], c); /* first come */
    int64_t en = put((struct say){"7", NULL, "en", 100, WN_KEEP, 0});
    int64_t ko = put((struct say){"8", NULL, "ko", 3000, WN_EDITION, en});
    settle(0);
    assert_int_equal(look(NULL, NULL).faces[0], en); /* the reader did not name Korean */
    int64_t de = put((struct say){"9", NULL, "de", 3000, WN_EDITION, ko});
    assert_int_equal(look(NULL, NULL).faces[0], de); /* but German, and this is the whole of it */
    en = put((struct say){"10", NULL, "en", 2500, WN_EDITION, ko});
    assert_int_equal(look(NULL, NULL).faces[0], en);
}

static void two_shown_turn_out_one(void **state)
{
    (void)state;
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    int64_t b = put((struct say){"2", NULL, "de", 1000, WN_KEEP, 0});
    settle(0);
    struct sight before = look(NULL, NULL), s;
    int64_t c = put((struct say){"3", NULL, "ko", 1000, WN_EDITION, a});
    revise(b, WN_EDITION, c);
    s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(s.ids[i], before.ids[i]);
        assert_int_equal(s.faces[i], before.faces[i]);
        assert_int_equal(s.stories[i], 1); /* the older */
    }
    assert_string_equal(s.members[1], "2e 3e "); /* a, linked to b */
    assert_string_equal(s.members[0], "1e 3e "); /* b, linked to a */
    /* And parted again, each takes its own entry along. */
    revise(b, WN_KEEP, 0);
    s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.ids[0], before.ids[0]);
    assert_string_equal(s.members[0], "");
    assert_string_equal(s.members[1], "3e ");
}

static void a_split_item_returns(void **state)
{
    (void)state;
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    int64_t b = put((struct say){"2", NULL, "de", 1000, WN_EDITION, a});
    put((struct say){"3", NULL, "ko", 1000, WN_EDITION, a});
    settle(0);
    assert_int_equal(look(NULL, NULL).n, 1);
    store->fixed_now += 5000;
    revise(b, WN_KEEP, 0);
    struct sight s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.faces[0], b);
    assert_int_equal(s.shown[0], store->fixed_now); /* dated now */
    assert_int_equal(s.faces[1], a);
    assert_string_equal(s.members[1], "3e ");
}

static void note_told(void *user, int64_t a, int64_t b, uint32_t constraint)
{
    char *to = user;
    snprintf(to + strlen(to), 128 - strlen(to), "%lld-%lld:%u ", (long long)a, (long long)b,
             constraint);
}

static void a_person_splits_the_centre(void **state)
{
    (void)state;
    char told[128] = "";
    struct ruling_listener listener = {note_told, told};
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    for (int i = 2; i < 5; i++)
        put((struct say){(const char *[]){"2", "3", "4"}[i - 2], NULL,
                         (const char *[]){"de", "ko", "ru"}[i - 2], 1000, WN_EDITION, a});
    settle(0);
    struct sight before = look(NULL, NULL);
    assert_int_equal(before.n, 1);
    store->fixed_now += 77;
    assert_int_equal(stories_split(store, config, 1, 99, &listener, NULL, NULL), E_ABSENT);
    assert_int_equal(stories_split(store, config, 99, a, &listener, NULL, NULL), E_ABSENT);
    assert_int_equal(stories_split(store, config, 1, a, &listener, NULL, NULL), OK);
    assert_string_equal(told, "2-3:1 2-4:1 2-1:2 3-1:2 4-1:2 ");
    struct sight s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.faces[0], a);
    assert_string_equal(s.members[0], "");
    assert_int_equal(s.shown[0], store->fixed_now);
    assert_int_equal(s.ids[1],
                     before.ids[0]); /* the others keep story and entry, under a new face */
    assert_int_equal(s.stories[1], 1);
    assert_int_equal(s.faces[1], 2);
    assert_string_equal(s.members[1], "3e 4e ");
    /* A filter that says so again changes nothing; the person does. */
    revise(a, WN_EDITION, 3);
    assert_int_equal(look(NULL, NULL).stories[0], s.stories[0]);
    assert_int_equal(stories_split(store, config, s.stories[0], a, NULL, NULL, NULL), E_INVALID);
    assert_int_equal(stories_join(store, config, a, 4, NULL, NULL, NULL), OK);
    s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.stories[0], 1);
    assert_int_equal(s.stories[1], 1);
}

static void dropped_ones_dont_show(void **state)
{
    (void)state;
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_DROP, 0});
    settle(0);
    assert_int_equal(look(NULL, NULL).n, 0);
    revise(a, WN_KEEP, 0); /* taken back */
    settle(0);
    assert_int_equal(look(NULL, NULL).n, 1);
    revise(a, WN_DROP, 0);
    assert_int_equal(look(NULL, NULL).n, 0);
}

static void related_reports_are_linked_both_ways(void **state)
{
    (void)state;
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    put((struct say){"2", NULL, "de", 1000, WN_EDITION, a});
    settle(0);
    put((struct say){"3", NULL, "en", 1000, WN_RELATED, 2});
    assert_string_equal(look(NULL, NULL).members[0], "2e "); /* not before it is shown */
    settle(0);
    struct sight s = look(NULL, NULL);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.members[0], "1r ");
    assert_string_equal(s.members[1], "2e 3r ");
    assert_int_not_equal(s.stories[0], s.stories[1]);
}

static void by_language_and_topic(void **state)
{
    (void)state;
    int64_t a = put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    put((struct say){"2", NULL, "de-AT", 1000, WN_EDITION, a});
    put((struct say){"3", NULL, "zh_TW", 1000, WN_KEEP, 0});
    settle(0);
    struct sight s = look("de", NULL);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.faces[0], 2);
    assert_string_equal(s.members[0], "1e ");
    struct sight en = look("en", NULL);
    assert_int_equal(en.faces[0], a);
    assert_string_equal(s.uuids[0], en.uuids[0]); /* one entry, whichever edition is its face */
    assert_int_equal(look("zh-Hant", NULL).n, 1);
    assert_int_equal(look("zh-Hans", NULL).n, 0);
    assert_int_equal(look(NULL, "15000000").n, 1);
    assert_int_equal(look(NULL, "11000000").n, 2);
    assert_int_equal(look(NULL, "99").n, 0);
}

static void corrections_are_told_comments_are_not(void **state)
{
    (void)state;
    put((struct say){"1", NULL, "en", 1000, WN_KEEP, 0});
    settle(0);
    int64_t then = store->fixed_now;
    store->fixed_now += 100;
    struct item *item = make_item("https://a.example/feed", ++document, "1", "1");
    char text[1001];
    memset(text, 'x', 1000);
    text[1000] = '\0';
    item->lang = item_str(item, str_z("en"));
    item->content = item_str(item, str_z(text));
    struct extension *x = item_add_extension(item);
    x->name = item_str(item, str_z("comments"));
    struct epoch_item e = {.item = item, .identity = ITEM_UPDATED};
    struct epoch epoch = {.items = &e, .n_items = 1};
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, item), ITEM_UPDATED);
    assert_int_equal(stories_apply(store, config, &epoch, NULL, NULL), OK);
    commit(store);
    assert_int_equal(look(NULL, NULL).updated[0], then);
    put((struct say){"1", NULL, "en", 1200, WN_KEEP, 0});
    assert_int_equal(look(NULL, NULL).updated[0], store->fixed_now);
    item_destroy(item);
}

static void window_and_least_number(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        store->fixed_now = 200000 + i * 1000;
        put((struct say){name, NULL, "en", 100, WN_KEEP, 0});
        settle(0);
    }
    struct sight s = {0};
    assert_int_equal(reader_each_entry(store_reader(store), 203000, 1, NULL, NULL, note_entry, &s),
                     OK);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.shown[0], 204000); /* newest first */
    s.n = 0;
    assert_int_equal(reader_each_entry(store_reader(store), 203000, 4, NULL, NULL, note_entry, &s),
                     OK);
    assert_int_equal(s.n, 4);
    /* What a feed still shows stays, however old. */
    size_t removed = 0;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_retain(store, 9000000, 100, 100, 2, 10, NULL, NULL, &removed), OK);
    commit(store);
    assert_int_equal(removed, 3);
    assert_int_equal(look(NULL, NULL).n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stories_settle_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(faces_stay_unless_clearly_better, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_choice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_shown_turn_out_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_split_item_returns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_person_splits_the_centre, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dropped_ones_dont_show, set_up, tear_down),
        cmocka_unit_test_setup_teardown(related_reports_are_linked_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(by_language_and_topic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corrections_are_told_comments_are_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(window_and_least_number, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
