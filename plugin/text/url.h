/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h: which article a URL names. Two feeds link to one article with other schemes, hosts (www.),
 * tracking parameters, fragments and slashes; url_canonical takes these away, so that equal
 * articles have equal strings. The result is a key for comparing and is never shown or fetched.
 * Percent-encoding and dot segments are normalised after RFC 3986, 6.2.2.
 *
 * Pure functions over the caller's memory; any thread.
 */
#ifndef WINNOW_URL_H
#define WINNOW_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_KEY_MAX 2048 /* longer URLs are sessions or data, and name no article */

/*
 * The canonical form of an absolute http or https URL, without its scheme, NUL-terminated in
 * out[URL_KEY_MAX]. Returns its length, or 0 for what is no such URL, is too long, or names only a
 * site (no path and no query): a site is no article.
 */
size_t url_canonical(const char *url, size_t len, char out[URL_KEY_MAX]);

/* Hash of the canonical form; 0 where there is none. */
uint64_t url_key(const char *url, size_t len);

/* Whether a query parameter only says where a reader came from (utm_source, fbclid …). */
bool url_is_tracking(const char *name, size_t len);

/*
 * A language code in a URL: /de/news, de.example.org, ?lang=de, page.de.html. Writes it in lower
 * case with '-' ("pt-br") to lang and the hash of the URL with the code left out to *rest: the
 * editions of one article often differ in nothing else. false: none, outputs untouched.
 */
bool url_language(const char *url, size_t len, char lang[12], uint64_t *rest);

/* Hash of the site: the host's last two labels, or three under names like co.uk. 0: none. */
uint64_t url_site(const char *url, size_t len);

#endif
