/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ubrk.h>
#include <unicode/ustring.h>
#include <xxhash.h>

#include "../text/utf8.h"
#include "background.h"
#include "surface.h"

#define HEAD_TOKENS 60 /* words (or ideographs) that the head shingles are taken from */
#define WORD_TEXT 900  /* bytes of title and beginning in which words are looked for */

/* A word that was met before; it means the same wherever it stands. */
struct known_word {
    uint64_t key; /* hash of its bytes, 0: empty */
    float weight; /* 0: the model knows nothing of it */
    uint32_t sound, skeleton;
    int8_t vector[ENCODER_DIM];
};
#define KNOWN_WORDS 16384 /* 3.4 MiB a thread: some hundred frequent ones of each language */

struct workshop {
    const struct encoder *encoder;
    struct encoder_cache *cache;
    struct known_word *words;
    UBreakIterator *breaks; /* for scripts without spaces */
    UChar wide[WORD_TEXT + 1];
};

struct workshop *workshop_create(const struct encoder *e)
{
    UErrorCode status = U_ZERO_ERROR;
    struct workshop *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->encoder = e;
    w->cache = e ? encoder_cache_create() : NULL;
    w->words = e ? calloc(KNOWN_WORDS, sizeof *w->words) : NULL;
    if (e && !w->words) {
        workshop_destroy(w);
        return NULL;
    }
    w->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
    if (U_FAILURE(status))
        w->breaks = NULL; /* then runs without spaces are cut into pairs */
    return w;
}

void workshop_destroy(struct workshop *w)
{
    if (!w)
        return;
    encoder_cache_destroy(w->cache);
    free(w->words);
    if (w->breaks)
        ubrk_close(w->breaks);
    free(w);
}

struct encoder_cache *workshop_cache(struct workshop *w)
{
    return w->cache;
}

int evidence_lang(const char *tag)
{
    static const char *const fifteen[] = {"en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi", "th",
                                          "id", "ms", "de", "ru", "fr",      "es",      "pt"};
    for (int i = 0; i < 15; i++) {
        size_t n = strlen(fifteen[i]);
        if (strncasecmp(tag, fifteen[i], n) == 0 && (tag[n] == 0 || tag[n] == '-'))
            return i;
    }
    if (strcasecmp(tag, "zh-TW") == 0 || strcasecmp(tag, "zh-HK") == 0)
        return 5;
    return strncasecmp(tag, "zh", 2) == 0 && (tag[2] == 0 || tag[2] == '-') ? 4 : 15;
}

/* A text's length, its numbers, its vector. */
static void read_text(struct workshop *w, struct core *c, wn_str text, bool title, int32_t *sum)
{
    uint32_t chars = 0;
    for (size_t i = 0; i < text.len; i++)
        chars += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    c->chars += chars;
    if (!title)
        c->body = chars;
    c->n_numbers = (uint8_t)surface_numbers(text, c->numbers, c->n_numbers, CORE_NUMBERS,
                                            title ? &c->versions : NULL);
    if (title)
        c->n_title_numbers = c->n_numbers;
    if (w->encoder)
        encoder_add(w->encoder, w->cache, text.ptr, text.len, sum);
}

/* The end of the sentence that begins at s: after a full stop and a space, or at a line's end. */
static size_t sentence_end(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '\n')
            return i + 1;
        if ((c == '.' || c == '!' || c == '?') && i + 1 < n && s[i + 1] == ' ' && i > 20)
            return i + 1;
        if (c >= 0xD8 && i + 2 < n && i > 20 &&
            (memcmp(s + i, "。", 3) == 0 || memcmp(s + i, "！", 3) == 0 ||
             memcmp(s + i, "？", 3) == 0 || memcmp(s + i, "؟", 2) == 0))
            return i + (c < 0xE0 ? 2 : 3);
        if (i > 360 && c == ' ') /* Thai has no full stop */
            return i + 1;
    }
    return n;
}

/* The title's vector; an item without a title goes by its first sentence. */
static void set_title(struct workshop *w, struct core *c, wn_str title, wn_str text)
{
    int32_t sum[ENCODER_DIM] = {0};
    if (!c->model)
        return;
    encoder_add(w->encoder, w->cache, title.ptr, title.len, sum);
    if (encoder_quantise(sum, c->title) == WN_OK)
        return;
    encoder_add(w->encoder, w->cache, text.ptr, sentence_end(text.ptr, text.len), sum);
    if (encoder_quantise(sum, c->title) != WN_OK)
        memcpy(c->title, c->whole, sizeof c->title);
}

void core_renew(struct workshop *w, struct core *c)
{
    int32_t sum[ENCODER_DIM] = {0};
    wn_str title = {c->text, c->title_len}, text = {c->text + c->title_len, c->text_len};
    c->model = 0;
    if (!w->encoder)
        return;
    encoder_add(w->encoder, w->cache, title.ptr, title.len, sum);
    encoder_add(w->encoder, w->cache, text.ptr, text.len, sum);
    if (encoder_quantise(sum, c->whole) == WN_OK)
        c->model = encoder_version_number(w->encoder);
    set_title(w, c, title, text);
}

void core_from_text(struct workshop *w, struct core *c, wn_str title, wn_str text)
{
    int32_t sum[ENCODER_DIM] = {0};
    c->chars = c->body = 0;
    c->n_numbers = c->n_title_numbers = c->versions = 0;
    if (!title.ptr)
        title = (wn_str){"", 0};
    if (!text.ptr)
        text = (wn_str){"", 0};
    read_text(w, c, title, true, sum);
    /* Feeds that repeat the title at the head of the text say no more by it. */
    if (title.len && text.len > title.len && memcmp(title.ptr, text.ptr, title.len) == 0 &&
        text.ptr[title.len] == '\n') {
        text.ptr += title.len + 1;
        text.len -= title.len + 1;
    }
    read_text(w, c, text, false, sum);
    c->model = 0;
    if (w->encoder && encoder_quantise(sum, c->whole) == WN_OK)
        c->model = encoder_version_number(w->encoder);
    set_title(w, c, title, text);
    wn_str said = text.len ? text : title;
    c->n_shingles = (uint8_t)surface_shingles(said, UINT32_MAX, c->shingles, CORE_SHINGLES);
    c->n_head = (uint8_t)surface_shingles(said, HEAD_TOKENS, c->head, CORE_HEAD_SHINGLES);
    c->title_len =
        (uint16_t)utf8_cut(title.ptr, title.len, title.len < CORE_TITLE ? title.len : CORE_TITLE);
    memcpy(c->text, title.ptr, c->title_len);
    size_t room = CORE_TEXT - c->title_len;
    c->text_len = (uint16_t)utf8_cut(text.ptr, text.len, text.len < room ? text.len : room);
    memcpy(c->text + c->title_len, text.ptr, c->text_len);
}

static void add_sentence(const struct workshop *w, struct evidence *e, const char *s, size_t n,
                         int32_t *lead)
{
    int32_t sum[ENCODER_DIM] = {0};
    encoder_add(w->encoder, w->cache, s, n, sum);
    if (e->n_sentences < EVIDENCE_SENTENCES &&
        encoder_quantise(sum, e->sentences[e->n_sentences]) == WN_OK) {
        if (e->n_sentences < 2)
            for (int d = 0; d < ENCODER_DIM; d++)
                lead[d] += sum[d];
        e->n_sentences++;
    }
}

/* A word by its tokens: its vector, its weight, its sound. */
static void read_word(const struct workshop *w, const char *s, size_t n, struct known_word *k)
{
    struct token_reader r;
    struct text_token t, before = {.kind = TOKEN_NUMBER};
    int32_t sum[ENCODER_DIM] = {0};
    char latin[64], skeleton[24];
    unsigned sounds = 0;
    k->sound = k->skeleton = 0;
    token_reader_init(&r, encoder_tables(w->encoder), s, n);
    while (token_next(&r, &t)) {
        encoder_add_token(w->encoder, w->cache, &before, &t, sum);
        if ((t.kind == TOKEN_WORD || t.kind == TOKEN_KATA) && !sounds)
            sounds = token_latin(encoder_tables(w->encoder), &t, latin, sizeof latin);
        before = t;
    }
    k->weight =
        encoder_quantise(sum, k->vector) == WN_OK ? (float)(encoder_length(sum) / ENCODER_WORD) : 0;
    if (sounds >= 4) {
        k->sound = (uint32_t)XXH3_64bits(latin, sounds);
        unsigned m = latin_skeleton(latin, sounds, skeleton, sizeof skeleton);
        k->skeleton = m >= 3 ? (uint32_t)XXH3_64bits(skeleton, m) : 0;
    }
}

static void add_word(const struct workshop *w, struct evidence *e, const char *s, size_t n)
{
    uint64_t key = XXH3_64bits(s, n) | 1;
    struct known_word *known = &w->words[(key >> 32) % KNOWN_WORDS];
    unsigned k = e->n_words;
    if (k == EVIDENCE_WORDS)
        return;
    if (known->key != key) {
        read_word(w, s, n, known);
        known->key = key;
    }
    if (known->weight == 0)
        return;
    memcpy(e->words[k], known->vector, sizeof known->vector);
    e->weight[k] = known->weight;
    e->sound[k] = known->sound;
    e->skeleton[k] = known->skeleton;
    e->n_words++;
}

/* A run without spaces, cut into words by ICU's dictionaries. */
static void add_run(struct workshop *w, struct evidence *e, const char *s, size_t n)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t wide = 0, from, to;
    u_strFromUTF8WithSub(w->wide, WORD_TEXT, &wide, s, (int32_t)n, 0xFFFD, NULL, &status);
    if (w->breaks && U_SUCCESS(status))
        ubrk_setText(w->breaks, w->wide, wide, &status);
    if (!w->breaks || U_FAILURE(status)) {
        for (size_t at = 0, end; at < n; at = end) {
            end = utf8_cut(s, n, at + 6 < n ? at + 6 : n);
            if (end <= at)
                break;
            add_word(w, e, s + at, end - at);
        }
        return;
    }
    for (from = ubrk_first(w->breaks); (to = ubrk_next(w->breaks)) != UBRK_DONE; from = to) {
        char word[96];
        int32_t len = 0;
        status = U_ZERO_ERROR;
        u_strToUTF8WithSub(word, sizeof word, &len, w->wide + from, to - from, 0xFFFD, NULL,
                           &status);
        if (U_SUCCESS(status))
            add_word(w, e, word, (size_t)len);
    }
}

static void add_words(struct workshop *w, struct evidence *e, const char *s, size_t n)
{
    struct token_reader r;
    struct text_token t;
    size_t run = 0, run_end = 0;
    token_reader_init(&r, encoder_tables(w->encoder), s, n < WORD_TEXT ? n : WORD_TEXT);
    while (token_next(&r, &t) && e->n_words < EVIDENCE_WORDS) {
        bool joined = t.kind == TOKEN_CJK || t.kind == TOKEN_CLUSTER;
        if (t.kind == TOKEN_KATA)
            continue;
        if (run_end > run && !(joined && t.begin == run_end)) {
            add_run(w, e, s + run, run_end - run);
            run = run_end = 0;
        }
        if (joined) {
            run = run_end > run ? run : t.begin;
            run_end = t.end;
        } else {
            add_word(w, e, s + t.begin, t.end - t.begin);
        }
    }
    if (run_end > run)
        add_run(w, e, s + run, run_end - run);
}

void evidence_words(struct workshop *w, struct evidence *e)
{
    const struct core *c = &e->core;
    e->n_words = 0;
    add_words(w, e, c->text, c->title_len);
    e->n_title_words = e->n_words;
    if (e->words_end > c->title_len)
        add_words(w, e, c->text + c->title_len, (size_t)e->words_end - c->title_len);
}

bool evidence_fits(const struct workshop *w, const struct core *c)
{
    return w->encoder && c->model == encoder_version_number(w->encoder);
}

int evidence_from_core(struct workshop *w, const struct core *c, struct evidence *e)
{
    int32_t lead[ENCODER_DIM] = {0};
    e->core = *c;
    e->lang = evidence_lang(c->lang);
    e->n_sentences = e->n_words = 0;
    e->words_end = 0;
    if (!evidence_fits(w, c))
        return WN_ABSENT;
    const char *at = c->text + c->title_len, *end = at + c->text_len;
    if (c->title_len)
        add_sentence(w, e, c->text, c->title_len, lead);
    while (at < end && e->n_sentences < EVIDENCE_SENTENCES) {
        size_t n = sentence_end(at, (size_t)(end - at));
        unsigned before = e->n_sentences;
        add_sentence(w, e, at, n, lead);
        at += n;
        if (e->n_sentences > before && e->n_sentences <= 2 && !(before == 0 && c->title_len))
            e->words_end = (uint16_t)(at - c->text);
    }
    if (e->n_sentences == 0)
        return WN_ABSENT;
    if (encoder_quantise(lead, e->lead) != WN_OK)
        memcpy(e->lead, c->title, sizeof e->lead);
    evidence_words(w, e);
    background_near(w->encoder, c->title, e->near_title);
    background_near(w->encoder, c->whole, e->near_whole);
    return WN_OK;
}
