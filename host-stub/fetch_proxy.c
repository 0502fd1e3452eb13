/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_proxy.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The first that is set and not empty. */
static const char *variable(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && *value)
            return value;
    }
    return NULL;
}

static const char *const all_names[] = {"all_proxy", "ALL_PROXY", NULL};
static const char *const http_names[] = {"http_proxy", NULL};
static const char *const https_names[] = {"https_proxy", "HTTPS_PROXY", NULL};
static const char *const except_names[] = {"no_proxy", "NO_PROXY", NULL};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int proxy_excepts(const char *list, const char *host)
{
    size_t n = strlen(host);
    if (n > 1 && host[0] == '[' && host[n - 1] == ']') { /* an IPv6 address */
        host++;
        n -= 2;
    }
    while (n && host[n - 1] == '.')
        n--;
    /* 7.0.0.1 is no domain that 127.0.0.1 lies in. */
    int address = n && (memchr(host, ':', n) || is_digit(host[n - 1]));
    for (const char *p = list; *p;) {
        p += strspn(p, ", \t");
        size_t m = strcspn(p, ", \t");
        const char *entry = p;
        p += m;
        if (m == 1 && *entry == '*')
            return 1;
        if (m > 2 && *entry == '[' && entry[m - 1] == ']') {
            entry++;
            m -= 2;
        }
        if (m && *entry == '.') {
            entry++;
            m--;
        }
        if (!m || m > n || strncasecmp(host + n - m, entry, m))
            continue;
        if (m == n || (!address && host[n - m - 1] == '.'))
            return 1;
    }
    return 0;
}

const char *proxy_of_environment(const char *url)
{
    const char *proxy = variable(strncasecmp(url, "https:", 6) ? http_names : https_names);
    const char *except = variable(except_names);
    if (!proxy)
        proxy = variable(all_names);
    if (!proxy || !except)
        return proxy;
    CURLU *u = curl_url();
    char *host = NULL;
    if (u && !curl_url_set(u, CURLUPART_URL, url, CURLU_URLENCODE) &&
        !curl_url_get(u, CURLUPART_HOST, &host, 0) && proxy_excepts(except, host))
        proxy = NULL;
    curl_free(host);
    curl_url_cleanup(u);
    return proxy;
}

int proxy_in_environment(void)
{
    return variable(https_names) || variable(http_names) || variable(all_names);
}
