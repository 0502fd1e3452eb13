/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_proxy.h: which proxy the environment names for a URL, by the variables that curl, wget and
 * most other programs read. Reads the environment; loop thread.
 */
#ifndef WINNOW_FETCH_PROXY_H
#define WINNOW_FETCH_PROXY_H

/* The value of https_proxy, http_proxy (lower case alone: a CGI server sets HTTP_PROXY from what its
 * client says) or all_proxy, as the URL's scheme asks; NULL: none, or no_proxy excepts the host.
 * Belongs to the environment. */
const char *proxy_of_environment(const char *url);
/* Whether no_proxy's list ("example.org, .example.net, 10.0.0.1" or "*") holds the host: itself, or a
 * domain that it lies in. Pure. */
int proxy_excepts(const char *list, const char *host);
/* Whether the environment names any proxy at all, for advice where one would help. */
int proxy_in_environment(void);

#endif
