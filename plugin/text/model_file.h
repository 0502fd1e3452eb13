/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_file.h: the layout of an encoder model file, shared by the encoder that maps it and the
 * training program that writes it.
 *
 * All numbers are little endian. The sections follow the header in this order, each padded to 64:
 *   fold     u16[65536]        folded code point
 *   class    u8[65536]         enum text_class of a folded code point
 *   latin    u16[65536]        offset of the romanisation in pool
 *   pool     bytes             NUL-terminated strings
 *   bitmap   u64[slots / 64]   which feature slots have a vector
 *   rank     u32[slots / 64]   how many do before each 64 slots
 *   scale    u8[rows]          a row's element is (nibble - 8) * scale
 *   rows     u8[rows*dim/2]    low nibbles: first half of the dimensions, high nibbles: second
 *   background i8[15][background][dim]  encoder_background
 * The checksum is XXH3 (64 bit) over everything after the header.
 */
#ifndef PLUGIN_TEXT_MODEL_FILE_H
#define PLUGIN_TEXT_MODEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#define MODEL_MAGIC "WNENC003"
#define MODEL_FILE_MAX                                                                             \
    ((size_t)16 << 20) /* what a distribution ships and a small machine maps without a thought */

struct model_header {
    char magic[8];
    uint32_t dim;
    uint32_t rows;
    uint32_t slot_bits;
    uint32_t pool_size;
    uint64_t checksum;
    uint32_t background; /* vectors a language */
    char version[28];    /* NUL-terminated */
};

struct model_layout {
    size_t fold, class_, latin, pool, bitmap, rank, scale, rows, background, size;
};

static inline void model_layout_of(const struct model_header *h, struct model_layout *l)
{
    size_t slots = (size_t)1 << h->slot_bits, at = 64;
    size_t sizes[] = {131072,
                      65536,
                      131072,
                      h->pool_size,
                      slots / 8,
                      slots / 64 * 4,
                      h->rows,
                      (size_t)h->rows * (h->dim / 2),
                      (size_t)15 * h->background * h->dim};
    size_t *offsets[] = {&l->fold, &l->class_, &l->latin, &l->pool,      &l->bitmap,
                         &l->rank, &l->scale,  &l->rows,  &l->background};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        *offsets[i] = at;
        at += (sizes[i] + 63) & ~(size_t)63;
    }
    l->size = at;
}

_Static_assert(sizeof(struct model_header) == 64, "the header is one cache line");

#endif
