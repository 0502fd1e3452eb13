/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define PACKED_VERSION 2

/* What follows the core: this, then the sentences. */
struct packed_rest {
    uint16_t near_title[EVIDENCE_LANGS], near_whole[EVIDENCE_LANGS]; /* cosines in NEAR_STEPS */
    int8_t lead[ENCODER_DIM];
    uint16_t words_end;
    uint8_t n_sentences;
};
#define NEAR_STEPS 32767.0f

static uint32_t mark(void)
{
    return PACKED_VERSION << 24 | (uint32_t)(sizeof(struct core) + sizeof(struct packed_rest));
}

static uint16_t step_of(float cosine)
{
    float v = roundf((cosine + 1) * NEAR_STEPS);
    return (uint16_t)(v < 0 ? 0 : v > 65535 ? 65535 : v);
}

size_t pack_evidence(const struct evidence *e, bool vectors, unsigned char *out)
{
    const struct core *c = &e->core;
    size_t fixed = offsetof(struct core, text), text = (size_t)c->title_len + c->text_len;
    uint32_t m = mark();
    memcpy(out, &m, 4);
    memcpy(out + 4, c, fixed);
    memcpy(out + 4 + fixed, c->text, text);
    size_t n = 4 + fixed + text;
    if (!vectors)
        return n;
    struct packed_rest r = {.words_end = e->words_end, .n_sentences = (uint8_t)e->n_sentences};
    for (int l = 0; l < EVIDENCE_LANGS; l++) {
        r.near_title[l] = step_of(e->near_title[l]);
        r.near_whole[l] = step_of(e->near_whole[l]);
    }
    memcpy(r.lead, e->lead, sizeof r.lead);
    memcpy(out + n, &r, sizeof r);
    memcpy(out + n + sizeof r, e->sentences, e->n_sentences * sizeof *e->sentences);
    return n + sizeof r + e->n_sentences * sizeof *e->sentences;
}

/* Reads the core; the bytes that it took, 0: not a core. */
static size_t read_core(const void *packed, size_t n, struct core *out)
{
    size_t fixed = offsetof(struct core, text), text;
    uint32_t m;
    if (n < 4 + fixed || n > PACK_MAX)
        return 0;
    memcpy(&m, packed, 4);
    if (m != mark())
        return 0;
    memcpy(out, (const char *)packed + 4, fixed);
    text = (size_t)out->title_len + out->text_len;
    bool fits = text <= CORE_TEXT && 4 + fixed + text <= n && out->n_links <= CORE_LINKS &&
                out->n_pictures <= CORE_PICTURES && out->n_numbers <= CORE_NUMBERS &&
                out->n_title_numbers <= out->n_numbers && out->n_shingles <= CORE_SHINGLES &&
                out->n_head <= CORE_HEAD_SHINGLES && memchr(out->lang, 0, sizeof out->lang) != NULL;
    if (!fits)
        return 0;
    memcpy(out->text, (const char *)packed + 4 + fixed, text);
    return 4 + fixed + text;
}

int pack_read_core(const void *packed, size_t n, struct core *out)
{
    return read_core(packed, n, out) ? WN_OK : WN_INVALID;
}

int pack_read_evidence(struct workshop *w, const void *packed, size_t n, struct evidence *e)
{
    struct packed_rest r;
    size_t at = read_core(packed, n, &e->core);
    if (!at)
        return WN_INVALID;
    if (at == n || !evidence_fits(w, &e->core))
        return WN_ABSENT;
    if (n - at < sizeof r)
        return WN_INVALID;
    memcpy(&r, (const char *)packed + at, sizeof r);
    at += sizeof r;
    if (r.n_sentences > EVIDENCE_SENTENCES || n - at != r.n_sentences * sizeof *e->sentences ||
        r.words_end > e->core.title_len + e->core.text_len)
        return WN_INVALID;
    e->lang = evidence_lang(e->core.lang);
    e->n_sentences = r.n_sentences;
    e->words_end = r.words_end;
    memcpy(e->lead, r.lead, sizeof r.lead);
    memcpy(e->sentences, (const char *)packed + at, n - at);
    for (int l = 0; l < EVIDENCE_LANGS; l++) {
        e->near_title[l] = (float)r.near_title[l] / NEAR_STEPS - 1;
        e->near_whole[l] = (float)r.near_whole[l] / NEAR_STEPS - 1;
    }
    evidence_words(w, e);
    return WN_OK;
}
