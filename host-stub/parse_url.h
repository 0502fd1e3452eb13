/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_url.h: absolute URLs. Pure; any thread. RFC 3986 section 5, with what the web does about
 * blanks and control characters.
 */
#ifndef WINNOW_PARSE_URL_H
#define WINNOW_PARSE_URL_H

#include "buf.h"

/* Whether it begins with a scheme. */
int url_is_absolute(wn_str url);
/* Whether its scheme, if it has one, is one that a reader may follow: not javascript:, data: … */
int url_is_safe(wn_str url);
/* Appends ref, made absolute against base (absent or relative: ref is taken as it is). Blanks and
 * control characters at the ends go, within they become %20 or go. Returns the buffer's status. */
int url_absolute(struct buf *out, wn_str base, wn_str ref);

#endif
