/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a model file (../../text/model_file.h) from float rows, and reads one to go on from. Training
 * only. */
#ifndef PLUGIN_MODEL_TRAIN_WRITE_MODEL_H
#define PLUGIN_MODEL_TRAIN_WRITE_MODEL_H

#include "../../text/features.h"

/* rows * DIM floats, in the order of the bitmap's slots. Returns 0, or -1 with a message on
 * standard error. */
int write_model(const char *path, const char *version, const struct text_tables *tables,
                const uint64_t *bitmap, uint32_t rows, const float *weights);

/*
 * The slots and rows of a model file: fills bitmap (FEATURE_SLOTS bits) and *weights with *rows * DIM
 * floats, the caller's to free(). A file knows the lengths of its rows only against each other; here
 * their elements have a root mean square of 0.15, about what training ends with. Returns 0, or -1 with
 * a message on standard error.
 */
int read_model(const char *path, uint64_t *bitmap, uint32_t *rows, float **weights);

#endif
