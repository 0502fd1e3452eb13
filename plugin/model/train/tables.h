/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the folding, class and romanisation tables of a model from ICU's data. Training only; one
 * thread.
 */
#ifndef PLUGIN_MODEL_TRAIN_TABLES_H
#define PLUGIN_MODEL_TRAIN_TABLES_H

#include "../../text/features.h"

/* Fills t with freshly allocated tables that live until the program ends. Returns 0, or -1 if ICU
 * lacks a rule. */
int tables_build(struct text_tables *t);

#endif
