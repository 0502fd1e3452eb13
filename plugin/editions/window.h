/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h: what a search of the window means for the comparison of pairs. Pure; any thread.
 */
#ifndef WINNOW_WINDOW_H
#define WINNOW_WINDOW_H

#include "index.h"

/* Title and whole cosine together below which nobody is a candidate, as dots. */
#define WINDOW_LEAST ((int32_t)(0.55 * ENCODER_UNIT * ENCODER_UNIT))

/* The cosines of the best candidate in a language other than the slot itself; the least that a
 * candidate needs where there is none. */
static inline float window_rival(const struct found *f, unsigned lang, uint32_t slot)
{
    const float unit = (float)ENCODER_UNIT * ENCODER_UNIT;
    for (unsigned k = 0; k < f->n[lang]; k++)
        if (f->slot[lang][k] != slot)
            return (float)f->score[lang][k] / unit;
    return (float)WINDOW_LEAST / unit;
}

#endif
