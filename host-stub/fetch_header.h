/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_header.h: what a fetcher reads from response headers. Pure; any thread.
 *
 * A struct response is the caller's; strings live in its arena until response_reset or
 * response_finish. Sources: RFC 9110 (fields, dates, Retry-After), RFC 9111 (freshness).
 */
#ifndef WINNOW_FETCH_HEADER_H
#define WINNOW_FETCH_HEADER_H

#include <stdint.h>

#include "buf.h"

struct response {
    struct arena arena;
    size_t bytes; /* of all header lines since the last reset, interim answers included */
    int http;     /* of the last status line; 0: none yet */
    int complete; /* the empty line after the headers has come */
    const char *content_type, *etag, *last_modified, *location; /* NULL: not given */
    int64_t date, expires; /* epoch seconds; INT64_MIN: not given; an Expires that is no date: 0 */
    int64_t cache_age;     /* Age; 0: not given */
    int64_t max_age;       /* Cache-Control; -1: not given */
    int must_ask;          /* no-cache or no-store */
    int64_t retry_after;   /* seconds; -1: not given in seconds */
    int64_t retry_at;      /* epoch seconds; INT64_MIN: not given as a date */
};

void response_init(struct response *r);
void response_finish(struct response *r);
void response_reset(struct response *r);
/* One header line as it came, n bytes with or without its line end. A status line starts the
 * response anew. Returns OK, E_LIMIT (headers are larger than LIMIT_HEADERS) or E_NOMEM. */
int response_line(struct response *r, const char *line, size_t n);
/* Seconds from `now` that the answer stays fresh, never below 0; -1: the server didn't say. */
int64_t response_freshness(const struct response *r, int64_t now);
/* Seconds from `now` that Retry-After asks to wait, never below 0; -1: not given. A date is
 * counted from the server's own Date, so that a wrong clock on either side does no harm. */
int64_t response_retry(const struct response *r, int64_t now);

/* An HTTP date (RFC 9110 5.6.7, the two obsolete forms too) → epoch seconds; INT64_MIN: none. */
int64_t http_date(const char *text);
/* The preferred form, "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale. to: 32 bytes. */
void http_date_format(int64_t t, char to[32]);

#endif
