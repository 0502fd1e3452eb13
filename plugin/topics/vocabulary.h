/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocabulary.h: the topics and their names (topics-labels.tsv), and the user's own topics behind
 * them. Everywhere else in this filter a topic is a number: its place in this list.
 *
 * Ownership: vocabulary_create/vocabulary_destroy. The strings live as long as the process, since a
 * host may still be writing a feed with labels when a reload ends the filter that gave them; equal
 * ones are kept once, so that reloads don't add up. Threads: one while topics are added, any
 * afterwards.
 */
#ifndef WINNOW_TOPICS_VOCABULARY_H
#define WINNOW_TOPICS_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "../winnow_plugin.h"
#include "fold.h"

#define TOPICS_MAX 512 /* the shipped vocabulary has under 100; the rest is for the user's own */
#define TOPICS_TOP 17  /* the top level of IPTC Media Topics: always numbers 0 to 16 */
#define TOPIC_NONE 0xFFFF
#define OWN_PREFIX "own:"
#define OWN_NAME_MAX 56 /* bytes: hosts keep ids of 64 */

enum {
    LANG_EN,
    LANG_KO,
    LANG_JA,
    LANG_AR,
    LANG_HANS,
    LANG_HANT,
    LANG_VI,
    LANG_TH,
    LANG_ID,
    LANG_MS,
    LANG_DE,
    LANG_RU,
    LANG_FR,
    LANG_ES,
    LANG_PT,
    LANGS
};
#define LANG_NONE 0xFF

struct topic_info {
    wn_str id;            /* "11000000", or "own:Iran" */
    wn_str term;          /* "medtop:11000000", or "Iran" */
    uint16_t top;         /* its top-level topic, itself there; TOPIC_NONE for an own topic */
    wn_str labels[LANGS]; /* an own topic has one, at LANG_EN */
};

struct vocabulary {
    struct topic_info topics[TOPICS_MAX];
    size_t n;      /* all of them */
    size_t n_iptc; /* those of the file; own topics follow */
};

/* Reads the vocabulary. On failure `error` (of `size` bytes) says which line and why. WN_OK,
 * WN_INVALID, WN_NOMEM. */
int vocabulary_create(const char *text, size_t len, struct vocabulary **out, char *error,
                      size_t size);
void vocabulary_destroy(struct vocabulary *v);

/* Adds an own topic and gives its number. WN_INVALID (empty or too long a name), WN_LIMIT,
 * WN_NOMEM. */
int vocabulary_own(struct vocabulary *v, wn_str name, uint16_t *topic);

/* The number of an id: "11000000", "medtop:11000000", IPTC's subject codes ("subj:04003000": its
 * top-level topic), an address of the scheme, digits that lost their leading zero, an own topic's
 * id or name. TOPIC_NONE. */
uint16_t vocabulary_id(const struct vocabulary *v, wn_str id);

/* The name in a language, English where it has none. */
wn_str vocabulary_label(const struct vocabulary *v, uint16_t topic, unsigned lang);

/* The number of a language by its BCP 47 tag; LANG_NONE for others and for none. */
unsigned vocabulary_lang(wn_str tag);

#endif
