/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lang.h: in which language a text is written. CLD2 behind a small C shim (lang.cc), with what the
 * feed declares as evidence. Pure functions, nothing is owned or kept; any thread.
 */
#ifndef WINNOW_LANG_H
#define WINNOW_LANG_H

#include <stddef.h>

#define TEXT_LANG_MAX 16 /* a tag with its NUL */

/*
 * Detects the language of plain UTF-8 text (n bytes; the first TEXT_LIMIT_LANG of them are looked
 * at) and writes its BCP 47 tag in canonical case: "de", "pt", "zh-Hans", "zh-Hant". Region subtags
 * are never made up; Chinese always carries its script. `declared` (nd bytes, BCP 47, NULL: none)
 * is evidence, not an order: it decides where the text is too short or could be either of two
 * close languages (id/ms, no/da, hr/sr/bs, gl/pt …), and gives way where the text clearly says
 * something else, as with feeds that declare "en" by default.
 *
 * Returns how sure, in 0..100; 0: unknown, `tag` is then "" . Invalid UTF-8 ends the look early.
 */
int text_language(const char *text, size_t n, const char *declared, size_t nd,
                  char tag[TEXT_LANG_MAX]);

/*
 * Brings a declared tag ("de_DE", "ZH-tw", "in", "iw", "pt-BR") into the form that text_language
 * gives: the language alone, lower case, old codes renewed, Chinese with its script. Returns 1, or
 * 0 with tag "" for what is no language tag, "und" and "mul" among it.
 */
int text_language_canonical(const char *declared, size_t nd, char tag[TEXT_LANG_MAX]);

/* Whether two canonical tags are the same language (zh-Hans and zh-Hant are not). */
int text_language_same(const char *a, const char *b);

/* The shim in lang.cc: CLD2's best code ("en", "zh", "zh-Hant", "iw" …) into code[16], with its
 * share of the text and whether CLD2 calls it reliable. Returns 0 where it has none. */
int lang_cld2(const char *text, int n, const char *hint, char code[TEXT_LANG_MAX], int *percent,
              int *reliable);

#endif
