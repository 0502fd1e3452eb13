/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h: the trained part: a folded text's features summed to a small vector, and a linear layer
 * over it, the words found and the encoder's vector, to a probability for every topic of the model.
 * plugin/model/TOPICS.md says how it was trained, on what, and how well it does.
 *
 * Ownership: model_open/model_close; the file stays mapped between. Read-only: any thread.
 */
#ifndef WINNOW_TOPICS_MODEL_H
#define WINNOW_TOPICS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define MODEL_FILE "topics.wnm"
#define MODEL_DIM 64
#define MODEL_LEAVES 104 /* topics of a model and "none", padded */

struct model;

/* Maps and checks a file. On failure `why` (of `size` bytes) holds a line for people: WN_ABSENT
 * (can't be opened), WN_INVALID (no such model, another layout, damaged), WN_NOMEM. */
int model_open(const char *path, struct model **out, char *why, size_t size);
void model_close(struct model *m);

/* How many topics the model knows, and their ids: eight digits, one behind the other. */
size_t model_topics(const struct model *m, const char **ids);

/* Says to which top-level topic (0 to 16, anything else: none) topic number `leaf` belongs. */
void model_group(struct model *m, size_t leaf, uint16_t top);

/* Adds the feature vectors of a folded text, times gain, to sum[MODEL_DIM]. At most about
 * `most` words are read; returns how many were. */
size_t model_sum(const struct model *m, const uint16_t *text, size_t n, size_t most, float gain,
                 float *sum);

/* A sum of so many words brought to a length below one: less where there is little text, or little
 * is known of it, so that nothing pulls far away from what is likely of any text. */
void model_vector(const struct model *m, const float *sum, size_t words, float *vector);

/*
 * Probabilities of the model's topics, in the order of their ids: of a top-level topic those of
 * itself and all below it, of a second-level one its own. vector: MODEL_DIM; words: what the term
 * lists say, one for each topic (log(1 + weight)). They sum to at most one over the top level: the
 * rest is "none of them".
 */
void model_run(const struct model *m, const float *vector, const float *words, float *probability);

#endif
