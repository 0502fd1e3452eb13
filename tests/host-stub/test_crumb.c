/* SPDX-License-Identifier: Apache-2.0 */
/* Real processes that real filters kill: each child is the host, with its own state. */
#include "chain_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define FILTERS                                                                                    \
    "plugins: [" PLUGINS "probe.so, " PLUGINS                                                      \
    "misbehave.so]\nfilters:\n  - misbehave: {how: %s, where: %s, at: poison}\n  - probe\n"

enum { CHILD_OK = 42 };

static char dir[64];

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/winnow-crumb-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

/* What the host does in a life of its own: two documents, one with a poisoned item. Returns what it
 * made of them; asserts are for the parent alone. */
static int live(const char *how, const char *where, int limit_s, const char *extra)
{
    struct world w;
    char yaml[1024];
    memset(&w, 0, sizeof w);
    strcpy(w.dir, dir);
    snprintf(yaml, sizeof yaml, "%s/log", dir);
    log_set_file(yaml);
    /* No core files, and no report of a sanitizer in between. */
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    snprintf(yaml, sizeof yaml, FILTERS, how, where);
    buf_init(&w.errors, KIB(64));
    if (store_open(dir, "test", &w.store, NULL) || crumbs_open(dir, limit_s, &w.crumbs) ||
        config_parse(yaml, strlen(yaml), "t", dir, &w.config, &w.errors) ||
        workers_create(2, &w.workers) || world_chain(&w))
        return 1;
    world_item(world_document(&w, "https://good.example/"), "1", "fine", "x");
    struct document *doc = world_document(&w, "https://bad.example/");
    world_item(doc, "2", "poison", "y");
    world_item(doc, extra ? extra : "3", "harmless", "z");
    world_run(&w);
    int all = w.epoch.n_items == 3;
    for (size_t i = 0; i < 3; i++)
        all = all && w.epoch.items[i].item->text.ptr; /* probe, behind it, saw them all */
    struct chain_filter_info info;
    chain_info(w.chain, 0, &info);
    chain_destroy(w.chain);
    workers_destroy(w.workers);
    crumbs_close(w.crumbs);
    store_abandon(w.store);
    store_close(w.store);
    return all ? CHILD_OK + (int)info.passed_over : 2;
}

static int run_child(const char *how, const char *where, int limit_s, const char *extra)
{
    int result;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* As without a sanitizer: a crash is a signal. */
        static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
        for (size_t i = 0; i < 5; i++)
            signal(crashes[i], SIG_DFL);
        _exit(live(how, where, limit_s, extra));
    }
    assert_int_equal(waitpid(pid, &result, 0), pid);
    return result;
}

static void assert_dies_of(int result, int sig)
{
    if (!WIFSIGNALED(result) || WTERMSIG(result) != sig)
        fail_msg("the child ended with %x instead of signal %d", result, sig);
}

static void assert_lives(int result, int passed_over)
{
    if (!WIFEXITED(result) || WEXITSTATUS(result) != CHILD_OK + passed_over)
        fail_msg("the child ended with %x", result);
}

static char *log_text(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/log", dir);
    return world_read(path);
}

static void assert_logged(const char *words)
{
    char *text = log_text();
    if (!strstr(text, words))
        fail_msg("'%s' is not in the log:\n%s", words, text);
    free(text);
}

static void crash_twice_then_passed_over(const char *how, const char *where, int sig)
{
    assert_dies_of(run_child(how, where, 0, NULL), sig);
    assert_dies_of(run_child(how, where, 0, NULL), sig);
    assert_lives(run_child(how, where, 0, NULL), 2); /* the document's two items go without it */
    assert_lives(run_child(how, where, 0, NULL), 2); /* and it stays so */
    assert_logged("filter misbehave, https://bad.example/: crashed in");
    assert_logged("at the next death there it will be passed over");
    assert_logged("filter misbehave is passed over for this document");
}

static void a_crash_in_judge(void **state)
{
    (void)state;
    crash_twice_then_passed_over("crash", "judge", SIGSEGV);
    assert_logged("crashed in judge (Segmentation fault)");
}

static void a_crash_in_analyse(void **state)
{
    (void)state;
    crash_twice_then_passed_over("crash", "analyse", SIGSEGV);
    assert_logged("crashed in analyse (Segmentation fault)");
}

static void an_abort_in_observe(void **state)
{
    (void)state;
    crash_twice_then_passed_over("abort", "observe", SIGABRT);
}

static void an_exit(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int result = run_child("exit", "judge", 0, NULL);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    }
    assert_lives(run_child("exit", "judge", 0, NULL), 2);
    assert_logged("ended the process in judge");
}

static void a_hang(void **state)
{
    (void)state;
    assert_dies_of(run_child("hang", "analyse", 1, NULL), SIGABRT);
    assert_logged("has not returned from analyse for 1 seconds");
    assert_logged("filter misbehave, https://bad.example/");
    assert_dies_of(run_child("hang", "judge", 1, NULL), SIGABRT);
    assert_lives(run_child("hang", "analyse", 0, NULL), 2);
    assert_logged("did not return from analyse");
}

static void a_kill_from_outside_counts_half(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_dies_of(run_child("kill", "judge", 0, NULL), SIGKILL);
    /* Three times at the same place: still it may have been the machine. */
    assert_dies_of(run_child("kill", "judge", 0, NULL), SIGKILL);
    assert_lives(run_child("kill", "judge", 0, NULL), 2);
}

/* Somebody lost patience with a filter that hangs: that is the filter's death, not the machine's. */
static void a_kill_after_a_long_call_counts_whole(void **state)
{
    (void)state;
    char hangs[128];
    snprintf(hangs, sizeof hangs, "%s/hangs", dir);
    for (int i = 0; i < 2; i++) {
        int result;
        pid_t pid = fork();
        if (pid == 0) {
            setenv("MISBEHAVE_TELLS", hangs, 1);
            _exit(live("hang", "judge", 0, NULL));
        }
        for (int n = 0; access(hangs, F_OK) && n < 12000; n++)
            usleep(10000);
        assert_int_equal(access(hangs, F_OK), 0);
        usleep(5000000); /* the watchdog counts whole seconds, two of which are long */
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &result, 0), pid);
        unlink(hangs);
    }
    assert_lives(run_child("hang", "judge", 0, NULL), 2);
}

static void survival_is_remembered(void **state)
{
    (void)state;
    assert_dies_of(run_child("crash", "judge", 0, NULL), SIGSEGV);
    assert_lives(run_child("nothing", "judge", 0, NULL), 0); /* it got past: forgiven */
    assert_dies_of(run_child("crash", "judge", 0, NULL), SIGSEGV);
    assert_dies_of(run_child("crash", "judge", 0, NULL), SIGSEGV);
    assert_lives(run_child("crash", "judge", 0, NULL), 2);
}

static void who_was_only_beside_is_not_blamed(void **state)
{
    (void)state;
    struct crumbs *c;
    for (int i = 0; i < 2; i++)
        assert_dies_of(run_child("crash-beside", "analyse", 0, NULL), SIGSEGV);
    assert_int_equal(crumbs_open(dir, 0, &c), OK);
    assert_int_equal(crumb_deaths(c, "misbehave", str_z("https://bad.example/")), 2);
    assert_int_equal(crumb_deaths(c, "misbehave", str_z("https://good.example/")), 0);
    crumbs_close(c);
}

/* A life that ends, or not, while the filter is made. */
static int create_child(const char *how)
{
    int result;
    pid_t pid = fork();
    if (pid == 0) {
        struct world w;
        char yaml[512];
        memset(&w, 0, sizeof w);
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        log_set_file("/dev/null");
        buf_init(&w.errors, KIB(64));
        snprintf(yaml, sizeof yaml,
                 "plugins: [%sprobe.so, %smisbehave.so]\nfilters:\n"
                 "  - misbehave: {how: %s, where: create}\n  - probe\n",
                 PLUGINS, PLUGINS, how);
        struct chain_filter_info info = {.disabled = 0};
        if (crumbs_open(dir, 0, &w.crumbs) ||
            config_parse(yaml, strlen(yaml), "t", dir, &w.config, &w.errors) || world_chain(&w) ||
            chain_info(w.chain, 0, &info))
            _exit(1);
        _exit(info.disabled ? CHILD_OK + 1 : CHILD_OK);
    }
    assert_int_equal(waitpid(pid, &result, 0), pid);
    return result;
}

static void deaths_at_create(void **state)
{
    (void)state;
    assert_dies_of(create_child("crash"), SIGSEGV);
    assert_lives(create_child("nothing"), 0); /* it started: forgiven */
    assert_dies_of(create_child("crash"), SIGSEGV);
    assert_dies_of(create_child("crash"), SIGSEGV);
    assert_lives(create_child("crash"), 1); /* left out, the rest of the chain runs */
}

/* ---- the records themselves ---- */

static void a_changed_document_is_tried_again_after_a_day(void **state)
{
    (void)state;
    struct crumbs *c;
    wn_str source = str_z("https://bad.example/");
    int64_t now = (int64_t)time(NULL);
    for (int i = 0; i < 2; i++)
        assert_dies_of(run_child("crash", "judge", 0, NULL), SIGSEGV);
    assert_int_equal(crumbs_open(dir, 0, &c), OK);
    assert_int_equal(crumb_deaths(c, "misbehave", source), 2);
    assert_int_equal(crumb_deaths(c, "probe", source), 0);
    assert_int_equal(crumb_deaths(c, "misbehave", str_z("https://good.example/")), 0);
    assert_int_equal(crumb_passed_over(c, "misbehave", source, 1, now), 1);
    assert_int_equal(crumb_passed_over(c, "misbehave", source, 1, now + 86401), 0);
    crumb_survived(c, "misbehave", source);
    assert_int_equal(crumb_passed_over(c, "misbehave", source, 1, now), 0);
    crumbs_close(c);
    crumbs_close(NULL);
}

static void a_damaged_file_is_begun_anew(void **state)
{
    (void)state;
    struct crumbs *c;
    char path[128];
    snprintf(path, sizeof path, "%s/crumbs", dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs("wncrumb1 but short", f);
    fclose(f);
    assert_int_equal(crumbs_open(dir, 0, &c), OK);
    crumb_document(c, CRUMB_JUDGE, str_z("https://a/"), 1);
    crumb_enter(c, CRUMB_JUDGE, "f", "judge");
    crumb_leave(c, CRUMB_JUDGE);
    crumbs_close(c);
    assert_int_equal(crumbs_open(dir, 0, &c), OK);
    assert_int_equal(crumb_deaths(c, "f", str_z("https://a/")), 0);
    crumbs_close(c);
    assert_int_equal(crumbs_open("/proc/no-such", 0, &c), E_IO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_crash_in_judge),
        T(a_crash_in_analyse),
        T(an_abort_in_observe),
        T(an_exit),
        T(a_hang),
        T(a_kill_from_outside_counts_half),
        T(a_kill_after_a_long_call_counts_whole),
        T(survival_is_remembered),
        T(who_was_only_beside_is_not_blamed),
        T(deaths_at_create),
        T(a_changed_document_is_tried_again_after_a_day),
        T(a_damaged_file_is_begun_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
