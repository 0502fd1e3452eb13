/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stories against a naive model: after every step of a random history of verdicts, revisions,
 * updates and persons' rulings, the partition must be the one that a plain recomputation over
 * everything gives.
 */
#include "store_fixture.h"

#include "host-stub/story_parts.h"

enum { MOST = 120, FILTERS = 2 };

struct word {
    int64_t of;
    uint32_t kind;
    double score;
};

/* Everything that was ever said, as plain arrays. */
static struct model {
    int n;
    struct word words[MOST + 1][FILTERS]; /* by item id */
    uint32_t rulings[MOST + 1][MOST + 1];
    int64_t times[MOST + 1][MOST + 1];
    int64_t story[MOST + 1]; /* what the model says: lowest item of the group */
} model;

static struct config *config;
static uint64_t seed;
static uint32_t below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

struct edge {
    int a, b, ruled;
    double weight;
};

static int by_strength(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    if (a->ruled != b->ruled)
        return b->ruled - a->ruled;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

static int joins(uint32_t kind)
{
    return kind == WN_EDITION || kind == WN_DUPLICATE;
}

static void add_edge(struct edge *edges, int *n, int a, int b, int ruled, double weight)
{
    edges[(*n)++] = (struct edge){a < b ? a : b, a < b ? b : a, ruled, weight};
}

static void recompute(void)
{
    static struct edge edges[MOST * FILTERS + MOST * MOST];
    int n = 0;
    for (int i = 1; i <= model.n; i++) {
        model.story[i] = i;
        for (int f = 0; f < FILTERS; f++)
            if (joins(model.words[i][f].kind))
                add_edge(edges, &n, i, (int)model.words[i][f].of, 0, model.words[i][f].score);
        for (int k = i + 1; k <= model.n; k++)
            if (model.rulings[i][k] == WN_TOGETHER)
                add_edge(edges, &n, i, k, 1, (double)model.times[i][k]);
    }
    qsort(edges, (size_t)n, sizeof *edges, by_strength);
    for (int e = 0; e < n; e++) {
        int64_t x = model.story[edges[e].a], y = model.story[edges[e].b];
        int parted = x == y;
        for (int i = 1; i <= model.n && !parted; i++)
            for (int k = i + 1; k <= model.n; k++)
                parted |= model.rulings[i][k] == WN_APART &&
                          ((model.story[i] == x && model.story[k] == y) ||
                           (model.story[i] == y && model.story[k] == x));
        if (parted)
            continue;
        for (int i = 1; i <= model.n; i++)
            if (model.story[i] == (x > y ? x : y))
                model.story[i] = x < y ? x : y;
    }
}

static int64_t story_in_store(struct store *store, int item)
{
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT story FROM item WHERE id = %d", item);
    return count_rows(store, sql);
}

static void none(struct store *store, const char *sql)
{
    int64_t n = count_rows(store, sql);
    if (n)
        fail_msg("%lld rows: %s", (long long)n, sql);
}

/* What holds whatever was said. */
static void check_entries(struct store *store)
{
    none(store, "SELECT count(*) FROM item i WHERE entry != 0 AND NOT EXISTS "
                "(SELECT 1 FROM entry e WHERE e.id = i.entry AND e.story = i.story)");
    none(store, "SELECT count(*) FROM entry e WHERE face != 0 AND NOT EXISTS (SELECT 1 FROM item i "
                "WHERE i.id = e.face AND i.entry = e.id AND i.dropped = 0)");
    none(store, "SELECT count(*) FROM entry e WHERE face = 0 AND EXISTS "
                "(SELECT 1 FROM item i WHERE i.entry = e.id AND i.dropped = 0)");
    none(store, "SELECT count(*) FROM (SELECT face FROM entry WHERE face != 0 "
                "GROUP BY face HAVING count(*) > 1)");
    /* Each story that has something to show waits or is on show, never both. */
    none(store, "SELECT count(DISTINCT story) FROM item WHERE dropped = 0 AND (story IN (SELECT "
                "story FROM waiting)) + (story IN (SELECT story FROM entry)) != 1");
    none(store, "SELECT count(*) FROM waiting WHERE story NOT IN (SELECT story FROM item)");
    none(store, "SELECT count(*) FROM entry WHERE story NOT IN (SELECT story FROM item)");
    none(store, "SELECT count(*) FROM story_was w WHERE NOT EXISTS (SELECT 1 FROM item i WHERE "
                "i.story = w.became)");
}

static void compare(struct store *store)
{
    int64_t stories[MOST + 1];
    recompute();
    for (int i = 1; i <= model.n; i++)
        stories[i] = story_in_store(store, i);
    for (int i = 1; i <= model.n; i++)
        for (int k = i + 1; k <= model.n; k++)
            if ((stories[i] == stories[k]) != (model.story[i] == model.story[k]))
                fail_msg("items %d and %d: the store says %s, the model %s", i, k,
                         stories[i] == stories[k] ? "together" : "apart",
                         model.story[i] == model.story[k] ? "together" : "apart");
    /* The reader's first language is never hidden behind another one. */
    none(store, "SELECT count(*) FROM entry e JOIN item f ON f.id = e.face WHERE f.lang = 'de' AND "
                "EXISTS (SELECT 1 FROM item i WHERE i.entry = e.id AND i.dropped = 0 AND i.lang = "
                "'en')");
    check_entries(store);
}

static const char *const names[FILTERS] = {"editions", "other"};

static void say(struct epoch *epoch, struct verdict *list, size_t *n, int item, int filter)
{
    struct word w = {0, below(6), (1 + below(99)) / 100.0};
    if (w.kind > WN_DROP || (w.kind == WN_DROP && below(3)))
        w.kind = WN_EDITION;
    int lonely = item == 1 && model.n == 1;
    if (w.kind == WN_DROP) {
        w.of = 0;
    } else if (w.kind != WN_KEEP && !lonely) {
        do
            w.of = 1 + below((uint32_t)model.n);
        while (w.of == item);
    } else {
        w.kind = WN_KEEP;
    }
    model.words[item][filter] = w;
    list[(*n)++] = (struct verdict){.item = item,
                                    .of = w.of,
                                    .kind = w.kind,
                                    .filter = filter,
                                    .filter_name = names[filter],
                                    .score = w.score,
                                    .reason = str_z("said so")};
    (void)epoch;
}

static void run_epoch(struct store *store)
{
    struct epoch epoch = {0};
    struct epoch_item items[8];
    struct verdict words[16], revisions[8];
    memset(items, 0, sizeof items);
    epoch.items = items;
    epoch.verdicts = words;
    epoch.revisions = revisions;
    store->fixed_now++;
    assert_int_equal(store_begin(store), OK);
    int fresh = 1 + (int)below(4);
    for (int i = 0; i < fresh; i++) {
        char name[32], title[64];
        int updated = model.n && below(5) == 0;
        int number = updated ? 1 + (int)below((uint32_t)model.n) : model.n + 1;
        for (int k = 0; k < (int)epoch.n_items; k++)
            if (items[k].item->id == number)
                number = 0;
        if (!number || number > MOST)
            continue;
        snprintf(name, sizeof name, "%d", number);
        snprintf(title, sizeof title, "%d at %lld", number, (long long)store->fixed_now);
        struct item *item = make_item("s", store->fixed_now, name, title);
        item->lang = item_str(item, str_z(below(2) ? "en" : "de"));
        assert_int_equal(arrive(store, item), updated ? ITEM_UPDATED : ITEM_NEW);
        assert_int_equal(item->id, number);
        if (!updated)
            model.n++;
        items[epoch.n_items].identity = updated ? ITEM_UPDATED : ITEM_NEW;
        items[epoch.n_items++].item = item;
        memset(model.words[number], 0, sizeof model.words[number]);
        for (int f = 0; f < FILTERS; f++)
            if (below(3) || f == 0)
                say(&epoch, words, &epoch.n_verdicts, number, f);
        int dropped = 0;
        for (int f = 0; f < FILTERS; f++)
            dropped |= model.words[number][f].kind == WN_DROP;
        assert_int_equal(store_put_item(store, item, dropped), OK);
    }
    for (int i = (int)below(3); i > 0 && model.n; i--)
        say(&epoch, revisions, &epoch.n_revisions, 1 + (int)below((uint32_t)model.n),
            (int)below(FILTERS));
    assert_int_equal(stories_apply(store, config, &epoch, NULL, NULL), OK);
    size_t changed;
    int64_t next;
    if (below(2))
        assert_int_equal(stories_settle(store, config, store->fixed_now, below(4), &changed, &next),
                         OK);
    commit(store);
    for (size_t i = 0; i < epoch.n_items; i++) {
        assert_int_equal(items[i].item->story, story_in_store(store, (int)items[i].item->id));
        item_destroy(items[i].item);
    }
}

static void note_ruling(void *user, int64_t a, int64_t b, uint32_t constraint)
{
    struct store *store = user;
    model.rulings[a < b ? a : b][a < b ? b : a] = constraint;
    model.times[a < b ? a : b][a < b ? b : a] = store->fixed_now;
}

static void rule_something(struct store *store)
{
    struct ruling_listener listener = {note_ruling, store};
    int a = 1 + (int)below((uint32_t)model.n), b = 1 + (int)below((uint32_t)model.n);
    int64_t before = story_in_store(store, a);
    store->fixed_now++;
    if (below(2)) {
        int64_t other = story_in_store(store, b);
        int status = stories_join(store, config, a, b, &listener, NULL, NULL);
        assert_int_equal(status, OK);
        if (before != other) { /* a person's latest word holds, and the older id survives or a part
                                  has left */
            compare(store);
            assert_int_equal(story_in_store(store, a), story_in_store(store, b));
        }
    } else {
        int status = stories_split(store, config, before, a, &listener, NULL, NULL);
        assert_true(status == OK || status == E_INVALID);
        if (status == OK)
            assert_int_not_equal(story_in_store(store, a), before);
    }
}

static void random_histories(void **state)
{
    (void)state;
    for (int run = 0; run < 25; run++) {
        seed = 0x9e3779b97f4a7c15ull * (uint64_t)(run + 1);
        memset(&model, 0, sizeof model);
        struct store *store = NULL;
        assert_int_equal(store_open(NULL, "test", &store, NULL), OK);
        store->fixed_now = 1000;
        for (int step = 0; step < 40; step++) {
            run_epoch(store);
            compare(store);
            if (run % 3 && model.n > 3 && below(4) == 0) {
                rule_something(store);
                compare(store);
            }
        }
        store_close(store);
    }
}

/* Everything is parted anew from what the store still knows: nothing may change by that. */
static void repart_everything(struct store *store)
{
    struct applying a = {.store = store, .config = config};
    assert_int_equal(store_begin(store), OK);
    for (int i = 1; i <= model.n; i++)
        if (store_known(store, i))
            assert_int_equal(ids_add(&a.seeds, i), OK);
    assert_int_equal(stories_repart(&a), OK);
    assert_int_equal(a.changed.n, 0);
    assert_int_equal(stories_finish(&a, OK), OK);
    commit(store);
}

/* Old items leave one by one; those that stay are together or apart as before. */
static void items_grow_old(void **state)
{
    (void)state;
    for (int run = 0; run < 15; run++) {
        seed = 0xd1342543de82ef95ull * (uint64_t)(run + 1);
        memset(&model, 0, sizeof model);
        struct store *store = NULL;
        assert_int_equal(store_open(NULL, "test", &store, NULL), OK);
        store->fixed_now = 1000;
        for (int step = 0; step < 25; step++)
            run_epoch(store);
        compare(store);
        repart_everything(store);
        /* Any item may be the oldest. */
        char sql[128];
        for (int i = 1; i <= model.n; i++) {
            snprintf(sql, sizeof sql, "UPDATE item SET arrived = %d WHERE id = %d",
                     (int)below(1000), i);
            assert_int_equal(sqlite3_exec(store->db.handle, sql, NULL, NULL, NULL), SQLITE_OK);
        }
        for (size_t removed = 1; removed;) {
            assert_int_equal(store_begin(store), OK);
            assert_int_equal(
                store_retain(store, 1000000, 100, 100, 0, 1 + below(5), NULL, NULL, &removed), OK);
            commit(store);
            check_entries(store);
            repart_everything(store);
        }
        none(store, "SELECT (SELECT count(*) FROM item) + (SELECT count(*) FROM verdict) + (SELECT "
                    "count(*) "
                    "FROM body) + (SELECT count(*) FROM entry) + (SELECT count(*) FROM story_was)");
        store_close(store);
    }
}

static int set_up(void **state)
{
    static const char yaml[] = "prefer: [en, de]\n";
    struct buf errors;
    (void)state;
    buf_init(&errors, KIB(64));
    int status = config_parse(yaml, sizeof yaml - 1, "test.yaml", "/tmp", &config, &errors);
    buf_finish(&errors);
    return status;
}

static int tear_down(void **state)
{
    (void)state;
    config_destroy(config);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories),
        cmocka_unit_test(items_grow_old),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
