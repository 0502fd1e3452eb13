/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_text.h: what the writers make of an item before it is spelled out: safe text, safe URLs,
 * dates, languages. Pure functions but for ICU's own caches; any thread. Buffers and items are the
 * caller's.
 */
#ifndef WINNOW_WRITE_TEXT_H
#define WINNOW_WRITE_TEXT_H

#include <stdint.h>

#include "buf.h"
#include "item.h"

/* Appends the text of an HTML fragment, block elements and <br> parted by '\n', references
 * resolved, contents of script, style, template and the like left out. What comes out is text,
 * whatever went in: it must still be escaped. Linear in n. */
void text_of_html(struct buf *to, wn_str html);
/* Appends text as HTML: each line a paragraph, `&<>"` escaped. */
void html_of_text(struct buf *to, wn_str text);
/* Appends text with `&<>"` escaped. */
void html_escape(struct buf *to, wn_str text);

/* Appends the URL if a reader may follow it: http, https, ftp, and for `loose` also mailto, magnet,
 * tel, geo and urn. Spaces and characters that no URI holds are percent-encoded (RFC 3986). Returns
 * whether it did. Schemes are looked at as browsers do, leading and embedded white space aside. */
int url_safe(struct buf *to, wn_str url, int loose);
/* Whether the text is a usable IRI as it stands: a scheme, and no characters that need encoding. */
int iri_valid(wn_str s);

/* RFC 3339 and RFC 822 (four-digit year), UTC; years outside 1..9999 give the epoch. buf[40]. */
wn_str date_3339(int64_t t, char buf[40]);
wn_str date_822(int64_t t, char buf[40]);

/* A well-formed BCP 47 tag in canonical case ("zh-hant" → "zh-Hant"), or {NULL, 0}. Written to
 * buf[64]. */
wn_str tag_clean(wn_str tag, char buf[64]);
/* The language of an item: detected, declared, its feed's; {NULL, 0} if nobody knows. */
wn_str tag_of_item(const struct item *item, char buf[64]);
/* What a language calls itself: "Deutsch", "한국어", "简体中文", "Bahasa Melayu". buf[96]. The tag
 * itself where ICU does not know it. */
wn_str tag_autonym(wn_str tag, char buf[96]);
/* Whether both speak of one language as readers see it: same primary subtag and script. */
int tag_same(wn_str a, wn_str b);
/* "Also in: " in that language, English where it isn't among ours. Static. */
const char *tag_also_in(wn_str tag);

/* The media type that a feed gives (RFC 6838: a name, a slash, a name, parameters), else one by the
 * ending of the URL's path, else the fallback. */
wn_str media_type(wn_str type, wn_str url, const char *fallback);

/* "urn:uuid:…" of a hash of the parts (RFC 9562 version 8), always the same for the same parts. */
wn_str urn_of(wn_str a, wn_str b, wn_str c, char buf[46]);

#endif
