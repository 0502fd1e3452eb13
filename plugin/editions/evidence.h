/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h: what the filter knows of one item when it compares it with another: vectors of the
 * title, the lead and the whole, of sentences and words, numbers, names by sound, shingles, links.
 *
 * Evidence has two forms. `struct core` holds what is compared first, and the beginning of the text.
 * `struct evidence` adds words and sentences as vectors. Both are plain memory of fixed size, owned
 * by the caller, without pointers, so that they may live in an item's note. What is kept for later
 * (pack.h) is the core and all of the evidence but its words.
 * Threads: any, with a workshop each.
 */
#ifndef WINNOW_EVIDENCE_H
#define WINNOW_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "../text/encoder.h"

#define CORE_TEXT 1400        /* bytes of title and beginning that are kept */
#define CORE_TITLE 300        /* of them for the title */
#define CORE_NUMBERS 40       /* different numbers */
#define CORE_SHINGLES 64      /* smallest shingle hashes of the whole */
#define CORE_HEAD_SHINGLES 24 /* and of the beginning */
#define CORE_LINKS 8          /* other languages' pages that the item names */
#define CORE_PICTURES 4
#define EVIDENCE_WORDS 48
#define EVIDENCE_SENTENCES 8
#define EVIDENCE_LANGS 16 /* the fifteen, and all others */

struct core {
    int64_t id, arrived, published;             /* published 0: not known */
    char lang[16];                              /* BCP 47, "" unknown */
    uint64_t url, url_rest, guid, site, source; /* hashes, 0: none */
    uint64_t links[CORE_LINKS];
    uint64_t pictures[CORE_PICTURES];
    uint32_t chars; /* code points of title and text */
    uint32_t body;  /* of them in the text */
    uint32_t model; /* encoder_version_number that the vectors are of; 0: none */
    uint32_t numbers[CORE_NUMBERS];
    uint32_t shingles[CORE_SHINGLES], head[CORE_HEAD_SHINGLES]; /* ascending */
    uint8_t n_links, n_pictures, n_numbers, n_title_numbers, n_shingles, n_head;
    uint8_t
        best[EVIDENCE_LANGS]; /* score of its closest in each language when it came, by window.h */
    uint8_t versions;         /* how many of the title's numbers look like a version: 2.7.1 */
    uint16_t title_len, text_len; /* bytes in text: the title, then the beginning of the text */
    int8_t title[ENCODER_DIM], whole[ENCODER_DIM];
    char text[CORE_TEXT];
};

struct evidence {
    struct core core;
    int lang; /* 0..14 of the fifteen, 15 for others */
    int8_t lead[ENCODER_DIM];
    unsigned n_sentences, n_words, n_title_words;
    uint16_t words_end; /* bytes of core.text in which words are looked for; 0: in the title's */
    int8_t sentences[EVIDENCE_SENTENCES][ENCODER_DIM];
    int8_t words[EVIDENCE_WORDS][ENCODER_DIM];
    float weight[EVIDENCE_WORDS];      /* length of the word's vector, learned: what it says */
    uint32_t sound[EVIDENCE_WORDS];    /* hash of the romanised word, 0: none */
    uint32_t skeleton[EVIDENCE_WORDS]; /* hash of its consonants, 0: fewer than three */
    float near_title[EVIDENCE_LANGS], near_whole[EVIDENCE_LANGS]; /* see background.h */
};

/* What a thread needs to compute evidence; see evidence_workshop_create. */
struct workshop;

/* e may be NULL (no model): then cores have no vectors and evidence cannot be made. */
struct workshop *workshop_create(const struct encoder *e);
void workshop_destroy(struct workshop *w);
struct encoder_cache *workshop_cache(struct workshop *w);

/*
 * Fills the parts of a core that come from title and text, plain UTF-8 of any length; the caller
 * fills in the rest (id, times, language, links).
 */
void core_from_text(struct workshop *w, struct core *c, wn_str title, wn_str text);

/* Encodes a core of another model's anew, from the beginning of the text that it holds. */
void core_renew(struct workshop *w, struct core *c);

/* Computes evidence from a core. WN_ABSENT: no model, or the model knows no word of it. */
int evidence_from_core(struct workshop *w, const struct core *c, struct evidence *out);

/* Whether vectors of the core are of the workshop's model. */
bool evidence_fits(const struct workshop *w, const struct core *c);

/* Finds the words anew: what evidence_from_core does last. All else must be there. */
void evidence_words(struct workshop *w, struct evidence *e);

/* 0..14 for the fifteen languages, 15 for any other; zh alone is zh-Hans. */
int evidence_lang(const char *tag);

#endif
