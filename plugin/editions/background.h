/* SPDX-License-Identifier: Apache-2.0 */
/*
 * background.h: how close strangers are. Some texts (short ones, general ones) lie close to
 * everything; a similarity counts only as far as it exceeds that to unrelated texts (CSLS: Conneau
 * et al. 2018). The model carries vectors of unrelated news sentences in each language for this.
 * Pure; any thread.
 */
#ifndef WINNOW_BACKGROUND_H
#define WINNOW_BACKGROUND_H

#include "../text/encoder.h"

/*
 * near[l]: the mean cosine of v to its ten nearest background vectors in language l (0..14); 15,
 * for other languages: the mean over all. Zeros if the model has no background.
 */
void background_near(const struct encoder *e, const int8_t v[ENCODER_DIM], float near[16]);

#endif
