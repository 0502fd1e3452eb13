/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include "host-stub/fetch_address.h"

static void refused(void **state)
{
    (void)state;
    static const char *const list[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "[::1]",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::192.168.1.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "3fff:fff::1",
        "4000::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (address_text_is_public(list[i], 1))
            fail_msg("%s counts as public", list[i]);
}

static void reached(void **state)
{
    (void)state;
    static const char *const list[] = {
        "1.1.1.1",           "9.255.255.255",  "11.0.0.0",
        "100.63.255.255",    "100.128.0.0",    "128.0.0.1",
        "172.15.255.255",    "172.32.0.0",     "192.0.1.1",
        "192.167.255.255",   "198.17.255.255", "198.20.0.0",
        "223.255.255.255",   "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "2002:808:808::1",   "2001:200::1",    "2001:4860:4860::8888",
        "[2606:4700::1111]", "3ffe::1",        "2a00::1",
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!address_text_is_public(list[i], 0))
            fail_msg("%s counts as private", list[i]);
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(address_text_is_public("example.org", 1), 1);
    assert_int_equal(address_text_is_public("example.org", 0), 0);
    assert_int_equal(address_text_is_public("", 0), 0);
    char big[400];
    memset(big, '1', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(address_text_is_public(big, 1), 1);
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_int_equal(address_is_public(&other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test(reached),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
