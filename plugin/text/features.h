/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to features: what the encoder sums up, and what its training program counts.
 *
 * A text is read once, code point by code point, folded by the tables of the model file (case,
 * width, traditional to simplified Han, digits of all scripts) and cut into tokens. A token gives
 * feature slots: hashes of the word, of its character n-grams, of its romanised n-grams and of its
 * consonants, so that one name written in Latin, Cyrillic, Arabic, Hangul or kana has features in
 * common in all of them. The training program and the product both use exactly these functions, so
 * what is trained is what runs.
 *
 * Ownership: nothing here allocates. Readers and tokens are the caller's memory, and the text must
 * outlive the reader. Threads: any; all functions are pure over their arguments.
 */
#ifndef PLUGIN_TEXT_FEATURES_H
#define PLUGIN_TEXT_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Slots are hashes of this many bits; the model file says which of them have a vector. */
#define FEATURE_SLOT_BITS 22
#define FEATURE_SLOTS (1u << FEATURE_SLOT_BITS)

/* A word longer than this is cut: such words are base64, separators or mistakes, and carry no
 * meaning. */
#define TOKEN_MAX 40

/* No token of TOKEN_MAX code points gives more slots than this (a katakana run, romanised, gives
 * the most). */
#define TOKEN_SLOTS_MAX 512

/* Classes of code points, as the model's class table holds them. */
enum text_class {
    CLASS_NONE,    /* punctuation, spaces, symbols: they end a token */
    CLASS_WORD,    /* letters of scripts that put spaces between words */
    CLASS_MARK,    /* marks that belong to the letter before */
    CLASS_DIGIT,   /* digits, folded to ASCII */
    CLASS_HANGUL,  /* Hangul syllables */
    CLASS_HAN,     /* Han */
    CLASS_HIRA,    /* hiragana */
    CLASS_KATA,    /* katakana and its length mark */
    CLASS_CLUSTER, /* consonants and vowels of Thai, Lao, Khmer, Myanmar: no spaces, written in
                      clusters */
    CLASS_LEADING, /* the vowels among them that are written before their consonant */
    CLASS_ATTACHED /* vowels and marks that belong to the consonant before */
};

/* The tables that a model file carries; all have 65,536 entries, one a code point of the basic
 * plane. */
struct text_tables {
    const uint16_t *fold;  /* the folded code point, 0: left out */
    const uint8_t *class_; /* enum text_class of the folded code point */
    const uint16_t *latin; /* offset of its romanisation in pool, 0: none */
    const char *pool;      /* NUL-terminated strings of a-z */
    uint32_t pool_size;
};

enum token_kind {
    TOKEN_WORD,   /* a word between spaces */
    TOKEN_NUMBER, /* digits; separators inside are left out, so that 1,000 and 1.000 and 1 000 may
                     meet */
    TOKEN_CJK,    /* a run of Han and kana */
    TOKEN_KATA,   /* the katakana inside a TOKEN_CJK, given once more for its sound */
    TOKEN_CLUSTER /* a run of Thai and the like */
};

struct text_token {
    enum token_kind kind;
    unsigned n;             /* code points in cp, at most TOKEN_MAX */
    uint16_t cp[TOKEN_MAX]; /* folded */
    uint8_t cls[TOKEN_MAX]; /* their classes */
    size_t begin, end;      /* bytes of the text that it covers */
    uint64_t key;           /* hash of kind and cp: equal tokens have equal keys */
    bool vietnamese;        /* a letter that hardly any other language uses */
};

struct token_reader {
    const struct text_tables *tables;
    const char *text;
    size_t len, at;
    struct text_token kata; /* a katakana run waiting to be given */
    bool kata_waits;
};

/* Starts to read len bytes of UTF-8; invalid bytes end tokens and are otherwise ignored. */
void token_reader_init(struct token_reader *r, const struct text_tables *tables, const char *text,
                       size_t len);

/* The next token; false at the end of the text. */
bool token_next(struct token_reader *r, struct text_token *out);

/* The slots of one token; slots has room for TOKEN_SLOTS_MAX. Returns how many were written. */
unsigned token_features(const struct text_tables *tables, const struct text_token *t,
                        uint32_t *slots);

/*
 * The slot of two neighbouring tokens, for Vietnamese, whose words are several space-separated
 * syllables; false if this pair has none.
 */
bool token_pair_feature(const struct text_token *before, const struct text_token *t,
                        uint32_t *slot);

/* The token romanised to a-z, cut at size - 1 and NUL-terminated; returns the length. */
unsigned token_latin(const struct text_tables *tables, const struct text_token *t, char *out,
                     unsigned size);

/*
 * What remains of a romanised word across scripts: its consonants in classes (p b f v, t d, k g c
 * q, s z j, m, n, l r), doubled ones once, vowels left out: "trump", "toranpu" and "tramb" become
 * "TRNP" or "TRMP". Returns the length.
 */
unsigned latin_skeleton(const char *latin, unsigned n, char *out, unsigned size);

#endif
