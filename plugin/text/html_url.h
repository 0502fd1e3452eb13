/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_url.h: URLs from untrusted HTML: schemes checked as browsers read them, relative ones
 * resolved, tracking parameters taken out. Pure functions, nothing kept; any thread. RFC 3986, with
 * the WHATWG URL Standard's reading of white space, controls and backslashes, for that is what the
 * browser behind the reader does.
 */
#ifndef WINNOW_HTML_URL_H
#define WINNOW_HTML_URL_H

#include <stddef.h>

#include "../winnow_plugin.h"
#include "html_buf.h"

/* Which schemes pass. */
#define URL_WEB 1u     /* http, https */
#define URL_MAIL 2u    /* mailto, tel */
#define URL_PICTURE 4u /* data:image/png, gif, jpeg, webp, avif, bmp in base64 */
#define URL_FILES 8u   /* ftp, magnet: what an enclosure may also be */

/*
 * Appends the absolute form of an attribute's or field's decoded value to out: white space around
 * and control characters within removed, backslashes of web URLs turned, resolved against base
 * (absolute; absent: relative URLs fail), what would break out of an attribute percent-encoded.
 * Returns WN_OK, WN_INVALID (scheme not allowed, nothing appended), WN_LIMIT, WN_NOMEM.
 */
int url_clean(wn_str url, wn_str base, unsigned allowed, struct tbuf *out);

/* Asked for each query parameter's name (raw, undecoded): 1 to take it out. */
typedef int (*url_param_fn)(void *user, const char *host, size_t host_len, const char *name,
                            size_t len);

/* Takes parameters out of an absolute web URL in place, also in a fragment that looks like a query
 * ("#utm_source=rss"). Returns how many went. */
unsigned url_strip(struct tbuf *url, size_t from, url_param_fn fn, void *user);

/* The host of an absolute URL, without userinfo, port and brackets; empty if it has none. */
wn_str url_host(wn_str url);
/* Whether a host is `domain` or below it, ASCII case aside. */
int url_host_in(wn_str host, const char *domain, size_t len);
/* Decodes %XX of s into out. */
int url_decode(wn_str s, struct tbuf *out);

#endif
