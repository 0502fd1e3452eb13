/* SPDX-License-Identifier: Apache-2.0 */
/* The publisher over a real state: whole files, once a generation, none torn, an alarm and its end.
 * label: threads */
#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "host-stub/publish.h"

/* ---- what the publisher says ---- */

struct said {
    pthread_mutex_t lock;
    pthread_cond_t change;
    int published, alarms, recovered, status;
    int64_t generation;
    char message[256];
};

static void on_published(void *user, const struct output *output, int64_t generation)
{
    struct said *s = user;
    (void)output;
    pthread_mutex_lock(&s->lock);
    s->published++;
    s->generation = generation;
    pthread_cond_broadcast(&s->change);
    pthread_mutex_unlock(&s->lock);
}

static void on_alarm(void *user, const struct output *output, int status, const char *message)
{
    struct said *s = user;
    (void)output;
    pthread_mutex_lock(&s->lock);
    if (status)
        s->alarms++;
    else
        s->recovered++;
    s->status = status;
    snprintf(s->message, sizeof s->message, "%s", message);
    pthread_cond_broadcast(&s->change);
    pthread_mutex_unlock(&s->lock);
}

/* Waits for a count to arrive; ctest's time limit stands behind it. */
static void wait_for(struct said *s, const int *what, int count)
{
    pthread_mutex_lock(&s->lock);
    while (*what < count)
        pthread_cond_wait(&s->change, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- a state with entries ---- */

static void add_entries(struct store *store, int from, int n)
{
    int64_t now = time(NULL);
    assert_int_equal(store_begin(store), OK);
    for (int i = from; i < from + n; i++) {
        char guid[32], title[32];
        snprintf(guid, sizeof guid, "guid-%d", i);
        snprintf(title, sizeof title, "title-%d", i);
        struct item *item = make_item("https://example.org/feed", i, guid, title);
        item->arrived = now;
        item->lang = str_z(i % 2 ? "de" : "en");
        arrive(store, item);
        store_run(store, SQL_ENTRY_NEW, "iiiii", store->counters.next_entry++, item->story,
                  item->id, now - i, now - i);
        store_run(store, SQL_ITEM_ENTRY, "ii", item->id, store->counters.next_entry - 1);
        item_destroy(item);
    }
    commit(store);
}

static struct config config_of(struct output *outputs, size_t n)
{
    struct config config = {
        .state = test_dir, .title = (char *)"Test", .outputs = outputs, .n_outputs = n};
    return config;
}

static char paths[4][128];

static struct output output_of(int i, const char *name, int format)
{
    snprintf(paths[i], sizeof paths[i], "%s/%s", test_dir, name);
    struct output o = {.file = paths[i], .format = format, .keep = 200, .within = 3600};
    return o;
}

static struct publisher *start(struct config *config, struct store *store, struct said *said)
{
    struct publish_options options = {.config = config,
                                      .store = store,
                                      .published = on_published,
                                      .alarm = on_alarm,
                                      .user = said};
    struct publisher *p = NULL;
    memset(said, 0, sizeof *said);
    pthread_mutex_init(&said->lock, NULL);
    pthread_cond_init(&said->change, NULL);
    assert_int_equal(publisher_start(&options, &p), OK);
    return p;
}

/* How many entries the file has; -1: torn or absent. */
static int entries_in(const char *path, const char *element)
{
    xmlDocPtr doc =
        xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc)
        return -1;
    int n = 0;
    xmlNodePtr at = xmlDocGetRootElement(doc)->children;
    for (; at && !strcmp(element, "item") && strcmp((const char *)at->name, "channel");
         at = at->next)
        ;
    if (at && !strcmp(element, "item"))
        at = at->children;
    for (; at; at = at->next)
        n += !strcmp((const char *)at->name, element);
    xmlFreeDoc(doc);
    return n;
}

static int count_files(const char *dir)
{
    char command[200];
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", dir);
    FILE *f = popen(command, "r");
    int n = -1;
    assert_int_equal(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

static struct stat stat_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st;
}

/* ---- tests ---- */

static void several_outputs(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {
        output_of(0, "out/all.atom", OUTPUT_ATOM), output_of(1, "all.rss", OUTPUT_RSS),
        output_of(2, "all.json", OUTPUT_JSON), output_of(3, "de.atom", OUTPUT_ATOM)};
    outputs[3].lang = (char *)"de";
    struct config config = config_of(outputs, 4);
    add_entries(store, 0, 10);
    struct publisher *p = start(&config, store, &said);
    wait_for(&said, &said.published, 4);
    assert_int_equal(publisher_stop(p), OK);
    assert_int_equal(said.published, 4);
    assert_int_equal(said.alarms, 0);
    assert_int_equal(entries_in(paths[0], "entry"), 10);
    assert_int_equal(entries_in(paths[1], "item"), 10);
    assert_int_equal(entries_in(paths[3], "entry"), 5);
    char out[128];
    snprintf(out, sizeof out, "%s/out", test_dir);
    assert_int_equal(count_files(out), 1); /* no temporary is left */
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat_of(paths[0]).st_mode & 0444, 0444 & ~mask);
    store_close(store);
}

/* A restart writes nothing that stands there already, but says where it stands; a lost, changed or
 * outdated file is written again. */
static void a_restart(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 1);
    add_entries(store, 0, 3);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    struct stat before = stat_of(paths[0]);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_int_equal(said.published, 1);
    struct stat after = stat_of(paths[0]);
    assert_int_equal(after.st_ino, before.st_ino);

    unlink(paths[0]);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 3);

    FILE *f = fopen(paths[0], "w"); /* somebody else's hand */
    fputs("torn", f);
    fclose(f);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 3);

    config.title = (char *)"Another"; /* the configuration changed */
    before = stat_of(paths[0]);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    after = stat_of(paths[0]);
    assert_int_not_equal(after.st_ino, before.st_ino);

    add_entries(store, 3, 2); /* as if the process had died before it published */
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 5);
    store_close(store);
}

/* A generation that changes nothing in a feed leaves its file, so that readers get their 304. */
static void same_entries_same_file(void **state)
{
    (void)state;
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        struct store *store = open_store();
        struct said said;
        struct output outputs[] = {output_of(0, "a.feed", format)};
        struct config config = config_of(outputs, 1);
        add_entries(store, 0, 3);
        outputs[0].lang = (char *)"de";
        assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
        struct stat before = stat_of(paths[0]);
        sleep(1);                 /* another date in the head */
        add_entries(store, 4, 1); /* an English one */
        assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
        assert_int_equal(stat_of(paths[0]).st_ino, before.st_ino);
        store_close(store);
        remove_dir(state);
        make_dir(state);
    }
}

static void cues(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 1);
    add_entries(store, 0, 1);
    int64_t began = now_ns();
    struct publisher *p = start(&config, store, &said);
    wait_for(&said, &said.published, 1);
    for (int i = 1; i < 50; i++) { /* a busy judge: few of these are published, the last one is */
        add_entries(store, i, 1);
        publisher_cue(p, store->generation);
    }
    assert_int_equal(publisher_stop(p), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 50);
    assert_int_equal(said.generation, store->generation);
    /* Once a second, and the first and the last. */
    assert_true(said.published <= 3 + (now_ns() - began) / 1000000000);
    store_close(store);
}

/* The window: all that is younger than `for`, and `keep` at least. */
static void window(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 1);
    int64_t added = time(NULL);
    add_entries(store, 0, 100); /* one a second, back into the past */
    outputs[0].keep = 7;
    outputs[0].within = 0;
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_in_range(entries_in(paths[0], "entry"), 7, 8);
    outputs[0].within = 50;
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    int64_t since = time(NULL) - added;
    assert_in_range(entries_in(paths[0], "entry"), since < 40 ? 50 - since : 7, 51);
    store_close(store);
}

static void an_alarm_and_its_end(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "gone/a.atom", OUTPUT_ATOM),
                               output_of(1, "b.atom", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 2);
    char gone[128];
    snprintf(gone, sizeof gone, "%s/gone", test_dir);
    FILE *f = fopen(gone, "w"); /* a file where the folder should be */
    fclose(f);
    add_entries(store, 0, 2);
    struct publisher *p = start(&config, store, &said);
    wait_for(&said, &said.alarms, 1);
    wait_for(&said, &said.published, 1); /* the other output goes on */
    assert_int_equal(said.status, E_IO);
    assert_non_null(strstr(said.message, "gone/a.atom"));
    add_entries(store, 2, 1);
    publisher_cue(p, store->generation);
    wait_for(&said, &said.published, 2);
    unlink(gone);
    wait_for(&said, &said.recovered, 1);
    assert_int_equal(publisher_stop(p), OK);
    assert_int_equal(said.alarms, 1); /* told once */
    assert_int_equal(entries_in(paths[0], "entry"), 3);
    assert_int_equal(entries_in(paths[1], "entry"), 3);
    store_close(store);
}

/* A full disk, which a limit on the size of files stands in for, leaves the old file whole. */
static void no_room(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 1);
    add_entries(store, 0, 2);
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    add_entries(store, 2, 200);
    struct rlimit before, small = {8192, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &small);
    struct publisher *p = start(&config, store, &said);
    wait_for(&said, &said.alarms, 1);
    assert_int_equal(said.status, E_FULL);
    assert_int_equal(entries_in(paths[0], "entry"), 2);
    setrlimit(RLIMIT_FSIZE, &before);
    wait_for(&said, &said.recovered, 1);
    assert_int_equal(publisher_stop(p), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 202);
    assert_int_equal(said.alarms, 1);
    store_close(store);
}

/* What isn't a file is not replaced by one. */
static void no_file(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct said said;
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM),
                               output_of(1, "pipe", OUTPUT_ATOM)};
    struct config config = config_of(outputs, 2);
    assert_int_equal(mkfifo(paths[1], 0600), 0);
    add_entries(store, 0, 2);
    struct publisher *p = start(&config, store, &said);
    wait_for(&said, &said.alarms, 1);
    assert_int_equal(publisher_stop(p), E_INVALID);
    assert_true(S_ISFIFO(stat_of(paths[1]).st_mode));
    assert_int_equal(entries_in(paths[0], "entry"), 2);
    store_close(store);
}

static pid_t start_child(struct config *config, int round)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct store *store = NULL;
    if (store_open(test_dir, "child", &store, NULL) != OK)
        _exit(1);
    config->title = round % 2 ? (char *)"Odd" : (char *)"Even"; /* each time a new document */
    struct publish_options options = {.config = config, .store = store};
    struct publisher *p = NULL;
    publisher_start(&options, &p);
    _exit(publisher_stop(p) != OK);
}

/* Kills a publishing process at moments spread over its life, which the first one shows: whatever
 * stands in the place is whole. */
static void kill_nine(void **state)
{
    (void)state;
    enum { ROUNDS = 40 };
    struct output outputs[] = {output_of(0, "a.atom", OUTPUT_ATOM),
                               output_of(1, "a.rss", OUTPUT_RSS)};
    struct config config = config_of(outputs, 2);
    struct store *store = open_store();
    add_entries(store, 0, 400);
    store_close(store);
    int64_t life = now_ns();
    int status = -1;
    waitpid(start_child(&config, 1), &status, 0);
    life = now_ns() - life;
    assert_int_equal(status, 0);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t pid = start_child(&config, round);
        int64_t left = life * round / ROUNDS;
        struct timespec pause = {left / 1000000000, left % 1000000000};
        nanosleep(&pause, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        for (int i = 0; i < 2; i++)
            assert_int_equal(entries_in(paths[i], i ? "item" : "entry"), 400);
    }
    struct said said;
    store = open_store();
    assert_int_equal(publisher_stop(start(&config, store, &said)), OK);
    assert_int_equal(entries_in(paths[0], "entry"), 400);
    char command[200];
    snprintf(command, sizeof command, "ls -A '%s' | grep -c winnow-", test_dir);
    FILE *f = popen(command, "r");
    int left = -1;
    assert_int_equal(fscanf(f, "%d", &left), 1);
    pclose(f);
    assert_int_equal(left, 0); /* the next attempt took the temporary over */
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_outputs, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_restart, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(same_entries_same_file, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(cues, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(window, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(an_alarm_and_its_end, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(no_room, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(no_file, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(kill_nine, make_dir, remove_dir),
    };
    xmlInitParser();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
