/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h: what a search of the window means for the comparison of pairs. Pure; any thread.
 */
#ifndef WINNOW_WINDOW_H
#define WINNOW_WINDOW_H

#include <string.h>

#include "index.h"
#include "pair.h"

#define WINDOW_UNIT ((float)ENCODER_UNIT * ENCODER_UNIT)

/* Title and whole cosine together below which nobody is a candidate, as dots. */
#define WINDOW_LEAST ((int32_t)(PAIR_LEAST * ENCODER_UNIT * ENCODER_UNIT))

/* Candidates by vector whose evidence is weighed. */
#define WINDOW_CLOSE 10

/*
 * How much a window of this size is a crowd, 0..1. In a small one everybody may be looked at, and
 * weak evidence counts, since there are few strangers; in a crowd the same evidence is nearly always
 * a stranger's, and there are enough of them to keep a processor busy.
 */
#define WINDOW_SMALL 1000u
#define WINDOW_CROWD 4000u
static inline float window_crowd(uint32_t live)
{
    float share = ((float)live - WINDOW_SMALL) / (WINDOW_CROWD - WINDOW_SMALL);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* The cosines of the best candidate in a language other than the slot itself; the least that a
 * candidate needs where there is none. */
static inline float window_rival(const struct found *f, unsigned lang, uint32_t slot)
{
    for (unsigned k = 0; k < f->n[lang]; k++)
        if (f->slot[lang][k] != slot)
            return (float)f->score[lang][k] / WINDOW_UNIT;
    return (float)WINDOW_LEAST / WINDOW_UNIT;
}

/* Keeps in the newcomer's core how close the closest of each language are, for those who come later. */
static inline void window_keep(const struct found *f, struct core *c)
{
    for (int l = 0; l < EVIDENCE_LANGS; l++)
        pair_keep_best(c, l, f->n[l] ? (float)f->score[l][0] / WINDOW_UNIT : 0);
}

/* What is left of what the later of two found in the other's language: its closest, if that was
 * closer than the other. */
static inline void window_found_again(struct found *f, const struct core *later,
                                      const struct evidence *other)
{
    float best = pair_best(later, other->lang);
    float score = encoder_cosine(later->title, other->core.title) +
                  encoder_cosine(later->whole, other->core.whole);
    memset(f, 0, sizeof *f);
    if (best < score + 0.01f)
        return;
    f->n[other->lang] = 1;
    f->slot[other->lang][0] = INDEX_NONE;
    f->score[other->lang][0] = (int32_t)(best * WINDOW_UNIT);
}

/*
 * Goes through the candidates, the closest first, counted from what strangers have in common.
 * next: zeroed to begin with. Returns the language, *k the place in it; -1: no more.
 */
static inline int window_next(const struct found *f, const struct evidence *a,
                              unsigned next[EVIDENCE_LANGS], unsigned *k)
{
    int best = -1;
    float most = -9;
    for (int l = 0; l < EVIDENCE_LANGS; l++) {
        if (next[l] >= f->n[l])
            continue;
        float s = (float)f->score[l][next[l]] / WINDOW_UNIT - a->near_title[l] - a->near_whole[l];
        if (s > most) {
            most = s;
            best = l;
        }
    }
    if (best >= 0)
        *k = next[best]++;
    return best;
}

#endif
