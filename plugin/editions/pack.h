/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h: evidence as bytes, as kv keeps it: the core, then lead, sentences and what strangers have
 * in common with the item, since these are dear to compute and are wanted each time that the item is
 * a candidate. Words are not packed: their vectors are the bulk, and few texts have many. At most
 * two pages of SQLite with its overflow, as long as the core alone was. Of this machine's byte
 * order. Pure; any thread.
 */
#ifndef WINNOW_EDITIONS_PACK_H
#define WINNOW_EDITIONS_PACK_H

#include "evidence.h"

#define PACK_MAX (sizeof(struct core) + (EVIDENCE_SENTENCES + 1) * ENCODER_DIM + 256)

/* vectors: whether more than the core is there. out has room for PACK_MAX. Returns the bytes. */
size_t pack_evidence(const struct evidence *e, bool vectors, unsigned char *out);

/* WN_INVALID for what pack_evidence did not make, or made in another version. */
int pack_read_core(const void *packed, size_t n, struct core *out);

/* The whole, words computed anew. WN_ABSENT: packed without vectors, or with another model's;
 * WN_INVALID as above. */
int pack_read_evidence(struct workshop *w, const void *packed, size_t n, struct evidence *out);

#endif
