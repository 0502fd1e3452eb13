/* SPDX-License-Identifier: Apache-2.0 */
#include "background.h"

#include "../text/kernels.h"

#define NEAREST 10
#define CHUNK 256

void background_near(const struct encoder *e, const int8_t v[ENCODER_DIM], float near[16])
{
    const struct kernels *k = kernels_best();
    float all = 0;
    for (unsigned lang = 0; lang < 15; lang++) {
        unsigned n, found = 0;
        const int8_t *vectors = encoder_background(e, lang, &n);
        int32_t top[NEAREST], dots[CHUNK], sum = 0;
        if (n > CHUNK)
            n = CHUNK;
        k->dot_many(v, vectors, ENCODER_DIM, n, dots);
        for (unsigned i = 0; i < n; i++) {
            if (found == NEAREST && dots[i] <= top[NEAREST - 1])
                continue;
            unsigned at = found < NEAREST ? found++ : NEAREST - 1;
            for (; at > 0 && top[at - 1] < dots[i]; at--)
                top[at] = top[at - 1];
            top[at] = dots[i];
        }
        for (unsigned i = 0; i < found; i++)
            sum += top[i];
        near[lang] = found ? (float)sum / (float)found / ((float)ENCODER_UNIT * ENCODER_UNIT) : 0;
        all += near[lang];
    }
    near[15] = all / 15;
}
