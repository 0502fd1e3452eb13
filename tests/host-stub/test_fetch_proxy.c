/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "host-stub/fetch_proxy.h"
#include "tests/host-stub/fetch_fixture.h"

/* Through a proxy nobody sees the address, so a redirect is looked at before it is followed. */
static void a_redirect_to_a_private_address(void **state)
{
    (void)state;
    struct world w;
    struct loopback *proxy = loopback_start();
    loopback_reply(
        proxy, "http://feeds.invalid/a",
        &(struct reply){.status = 302, .headers = "Location: http://169.254.169.254/\r\n"});
    loopback_reply(proxy, "http://feeds.invalid/b",
                   &(struct reply){.status = 302, .headers = "Location: http://[::1]:80/\r\n"});
    open_world(&w, (struct fetch_options){.proxy = loopback_url(proxy, "")});
    assert_int_equal(fetch(&w, (struct fetch_request){.url = "http://feeds.invalid/a"})->status,
                     E_REFUSED);
    assert_int_equal(fetch(&w, (struct fetch_request){.url = "http://feeds.invalid/b"})->status,
                     E_REFUSED);
    assert_int_equal(loopback_count(proxy, NULL), 2);
    close_world(&w);
    loopback_stop(proxy);
}

static void environment_proxy_is_ignored(void **state)
{
    struct world *w = *state;
    struct loopback *proxy = loopback_start();
    set(w, "/a", (struct reply){.body = "direct"});
    setenv("http_proxy", loopback_url(proxy, ""), 1);
    setenv("all_proxy", loopback_url(proxy, ""), 1);
    struct got *g = fetch_path(w, "/a");
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    assert_string_equal(g->body, "direct");
    assert_int_equal(loopback_connections(proxy), 0);
    loopback_stop(proxy);
}

static void named_proxy(void **state)
{
    (void)state;
    struct world w;
    struct loopback *proxy = loopback_start();
    loopback_reply(proxy, "http://feeds.invalid/a", &(struct reply){.body = "by proxy"});
    open_world(&w, (struct fetch_options){.proxy = loopback_url(proxy, "")});
    setenv("no_proxy", "feeds.invalid", 1);
    assert_string_equal(fetch(&w, (struct fetch_request){.url = "http://feeds.invalid/a"})->body,
                        "by proxy");
    unsetenv("no_proxy");
    assert_int_equal(fetch(&w, (struct fetch_request){.url = loopback_url(w.server, "/")})->status,
                     E_REFUSED);
    assert_int_equal(fetch(&w, (struct fetch_request){.url = "http://localhost/"})->status,
                     E_REFUSED);
    assert_int_equal(loopback_count(proxy, NULL), 1);
    close_world(&w);
    loopback_stop(proxy);
}

static void a_proxy_of_the_environment_if_asked_for(void **state)
{
    (void)state;
    struct world w;
    struct loopback *proxy = loopback_start();
    loopback_reply(proxy, "http://feeds.invalid/a", &(struct reply){.body = "by proxy"});
    open_world(&w, (struct fetch_options){.proxy = PROXY_ENVIRONMENT});
    set(&w, "/direct", (struct reply){.body = "direct"});
    setenv("http_proxy", loopback_url(proxy, ""), 1);
    setenv("HTTP_PROXY", loopback_url(proxy, ""), 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "example.org,127.0.0.1", 1);
    assert_string_equal(fetch(&w, (struct fetch_request){.url = "http://feeds.invalid/a"})->body,
                        "by proxy");
    /* What no_proxy excepts is direct, and its address is checked as ever. */
    assert_string_equal(fetch_path(&w, "/direct")->body, "direct");
    struct got *g = fetch(&w, (struct fetch_request){.url = loopback_url(w.server, "/direct")});
    assert_int_equal(g->status, E_REFUSED);
    assert_has(g->error, "not public");
    setenv("no_proxy", "", 1);
    g = fetch(&w, (struct fetch_request){.url = loopback_url(w.server, "/direct")});
    assert_int_equal(g->status, E_REFUSED);
    assert_has(g->error, "named in the URL");
    unsetenv("http_proxy");
    assert_string_equal(fetch_path(&w, "/direct")->body, "direct"); /* HTTP_PROXY is not believed */
    unsetenv("HTTP_PROXY");
    unsetenv("https_proxy");
    unsetenv("no_proxy");
    assert_int_equal(loopback_count(proxy, NULL), 1);
    close_world(&w);
    loopback_stop(proxy);
}

static void what_no_proxy_excepts(void **state)
{
    (void)state;
    assert_true(proxy_excepts("*", "a.example"));
    assert_true(proxy_excepts("b.example, a.example", "A.Example"));
    assert_true(proxy_excepts("example", "a.example"));
    assert_true(proxy_excepts(".example", "a.example"));
    assert_true(proxy_excepts(".example", "example."));
    assert_true(proxy_excepts("[::1]", "[::1]"));
    assert_true(proxy_excepts("::1", "[::1]"));
    assert_false(proxy_excepts("", "a.example"));
    assert_false(proxy_excepts(" , ,", "a.example"));
    assert_false(proxy_excepts("ample", "a.example"));
    assert_false(proxy_excepts("0.0.1", "127.0.0.1"));
    assert_false(proxy_excepts("long.a.example", "a.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(environment_proxy_is_ignored, setup, teardown),
        cmocka_unit_test(a_redirect_to_a_private_address),
        cmocka_unit_test(named_proxy),
        cmocka_unit_test(a_proxy_of_the_environment_if_asked_for),
        cmocka_unit_test(what_no_proxy_excepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
