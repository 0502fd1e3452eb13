/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host-stub/config.h"
#include "host-stub/source_text.h"
#include "host-stub/status.h"

static char *tags[] = {"Te, ch", "yes"};
static const struct new_source two[] = {
    {.url = "https://new.example/feed?a=1&b=2"},
    {.url = "http://x.example/#y",
     .title = "It's \"x\": \\ \xc3\xa4\n# no",
     .tags = tags,
     .n_tags = 2},
};

/* Inserts, and reads the result as the host does. */
static const char *insert(const char *text)
{
    static struct buf out;
    struct buf errors;
    struct config *config = NULL;
    buf_finish(&out);
    buf_init(&out, 1 << 20);
    buf_init(&errors, 1 << 20);
    assert_int_equal(source_text_insert(text, strlen(text), two, 2, &out), OK);
    if (config_parse(out.p, out.n, "x.yaml", "/tmp", &config, &errors))
        fail_msg("%s\n%s", errors.p, out.p);
    const struct source *a = config_source(config, two[0].url),
                        *b = config_source(config, two[1].url);
    if (!a || !b)
        fail_msg("%s", out.p);
    assert_string_equal(b->title, two[1].title);
    assert_int_equal(b->n_tags, 2);
    assert_string_equal(b->tags[0], "Te, ch");
    assert_string_equal(b->tags[1], "yes");
    config_destroy(config);
    buf_finish(&errors);
    return out.p;
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* the new lines stand between */
    } list[] = {
        {.before = "sources:\n  - http://a/\n", .after = "  # behind\nprefer: [en]\n"},
        {.before = "# top\nsources:\n# first\n- http://a/ # one\n",
         .after = "\n\n# next\nprefer: [en]\n"},
        {.before = "sources:\n    - url: http://a/\n      tags: [a,\n        b]\n",
         .after = "    # - http://off/\n\nevery: 1h\n"},
        {.before = "sources:\n  - {url: http://a/,\n     every: 1h}\n", .after = ""},
        {.before = "sources:\n  - url: http://a/\n    title: |\n      long\n      title\n",
         .after = "every: 1h\n"},
        {.before = "sources:\n  - url: http://a/\n    title: 'two\n      lines'\n",
         .after = "every: 1h\n"},
        {.before = "every: 1h\nsources:\n", .after = "  # - http://example.org/\n\nprefer: [en]\n"},
        {.before = "every: 1h\nsources: # none yet\n", .after = "prefer: [en]\n"},
        {.before = "\xef\xbb\xbf"
                   "every: 1h # \xc3\xa4\xe2\x82\xac\nsources:\n  - http://a/\n",
         .after = "prefer: [en]\n"},
        {.before = "every: 1h\r\nsources:\r\n  - http://a/\r\n", .after = "prefer: [en]\r\n"},
        {.before = "", .after = ""},
        {.before = "# nothing but comments\n", .after = ""},
        {.before = "every: 1h\n", .after = "# the end\n"},
        {.before = "---\nevery: 1h\n", .after = "...\n"},
        {.before =
             "sources:\n  - url: http://a/\n    filters:\n      boilerplate: {shadow: true}\n",
         .after = "# c\nevery: 1h\n"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", list[i].before, list[i].after);
        const char *out = insert(text);
        size_t n = strlen(out), before = strlen(list[i].before), after = strlen(list[i].after);
        if (strncmp(out, list[i].before, before) || strcmp(out + n - after, list[i].after))
            fail_msg("case %zu:\n%s", i, out);
    }
}

static void other_forms(void **state)
{
    (void)state;
    assert_non_null(
        strstr(insert("sources: [] # none\nevery: 1h\n"), "sources: # none\n  - https://new"));
    assert_non_null(strstr(insert("sources: []"), "sources:\n  - https://new"));
    const char *out = insert("sources: [http://a/, 'http://b/'] # two\nevery: 1h\n");
    assert_non_null(strstr(out, "[http://a/, 'http://b/', {url: "));
    assert_non_null(strstr(out, "] # two\n"));
    insert("sources: [\n  http://a/\n]\n");
    insert("sources: [\n]\n");
    out = insert("sources:\n  - http://a/");
    assert_int_equal(count_lines(out), 6);
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(source_text_insert("{every: 1h}", 11, two, 2, &b), E_INVALID);
    assert_int_equal(source_text_insert("- a\n", 4, two, 2, &b), E_SYNTAX);
    assert_int_equal(source_text_insert("a: [", 4, two, 2, &b), E_SYNTAX);
    assert_int_equal(source_text_insert("x: &a [b]\nsources: *a\n", 22, two, 2, &b), E_INVALID);
    assert_int_equal(source_text_insert("sources: 5\n", 11, two, 2, &b), E_INVALID);
    assert_int_equal(b.n, 0);
    buf_finish(&b);
}

static void scalars(void **state)
{
    (void)state;
    static const char *const list[] = {"http://a/b?c=d&e",
                                       "a/b",
                                       "yes",
                                       "",
                                       "12",
                                       "1/2",
                                       "-x/",
                                       "x: /",
                                       "/a",
                                       "a/b:",
                                       "a #/b",
                                       "\"/'",
                                       "a/\x01\x7f\t\n\xc2\x85\xe2\x80\xa8\xef\xbb\xbf",
                                       "\xe6\x97\xa5/\xf0\x9f\x98\x80",
                                       "*a/",
                                       "!a/",
                                       "%/",
                                       "{a/}",
                                       "[a/]",
                                       "a/,b",
                                       "~/",
                                       "null",
                                       "a\\/"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct buf b, errors;
        struct config *config = NULL;
        buf_init(&b, 1 << 20);
        buf_init(&errors, 1 << 20);
        buf_adds(&b, "sources: [http://a/]\ntitle: ");
        yaml_add_scalar(&b, list[i]);
        buf_adds(&b, " # comment\noutput: [{file: f.atom, title: ");
        if (strchr(list[i], '/')) /* in a flow too, where it is not plain */
            yaml_add_scalar(&b, list[i]);
        else
            buf_adds(&b, "x");
        buf_adds(&b, "}]\n");
        if (config_parse(b.p, b.n, "x.yaml", "/tmp", &config, &errors))
            fail_msg("%s\n%s", errors.p, b.p);
        if (*list[i])
            assert_string_equal(config->title, list[i]);
        config_destroy(config);
        buf_finish(&errors);
        buf_finish(&b);
    }
    struct buf b;
    buf_init(&b, 100);
    yaml_add_scalar(&b, "a\xff/");
    assert_string_equal(b.p, "\"a\xef\xbf\xbd/\"");
    buf_finish(&b);
    buf_init(&b, 1000);
    yaml_add_comment(&b, 2, "http://a\n- http://b", "why\r\nx: \xc2\x85y");
    assert_string_equal(b.p, "  # - http://a - http://b  # why  x:  y\n");
    buf_finish(&b);
}

static void files(void **state)
{
    (void)state;
    char folder[] = "/tmp/winnow-text-XXXXXX", path[64], link[64], text[64];
    struct stat st;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    snprintf(link, sizeof link, "%s/l", folder);
    assert_int_equal(source_file_write(path, "one", 3, 0), OK);
    assert_int_equal(source_file_write(path, "two", 3, 0), E_BUSY);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("a", link), 0);
    assert_int_equal(source_file_write(link, "three", 5, 1), OK);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    int fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, text, sizeof text), 5);
    close(fd);
    assert_memory_equal(text, "three", 5);
    unlink(link);
    unlink(path);
    assert_int_equal(source_file_write("/tmp/winnow-no-such-folder/a", "x", 1, 0), E_IO);
    assert_int_equal(rmdir(folder), 0); /* nothing temporary is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(other_forms),
        cmocka_unit_test(scalars),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
