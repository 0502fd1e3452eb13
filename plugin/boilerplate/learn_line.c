/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes by which a block is known again. */
#include <string.h>
#include <xxhash.h>

#include "learn.h"

#define NEAR_LETTERS 60u /* shorter lines are equal or they aren't */

/* The least of three hashes over all runs of three words; where words aren't parted by spaces, of
 * four characters. Two texts agree in one of them as often as they share their runs (MinHash,
 * Broder 1997). */
static void near_hashes(struct learn_line *line, const char *s, size_t n)
{
    size_t spaces = 0;
    for (size_t i = 0; i < n; i++)
        spaces += s[i] == ' ';
    int words = spaces * 14 >= n;
    uint32_t least[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    size_t starts[3] = {0, 0, 0}; /* of the last three words */
    unsigned word = 0;
    for (size_t i = 0; i <= n; i++) {
        size_t from;
        if (words) {
            if (i < n && s[i] != ' ')
                continue;
            from = starts[(word + 1) % 3];
            word++;
            starts[word % 3] = i + 1;
            if (word < 3)
                continue;
        } else {
            if (i < 12 || (i < n && ((unsigned char)s[i] & 0xc0) == 0x80))
                continue;
            from = i - 12;
        }
        uint64_t h = XXH64(s + from, i - from, 0);
        for (int k = 0; k < 3; k++) {
            uint32_t v =
                (uint32_t)((h * (0x9e3779b97f4a7c15u + 2 * (uint64_t)k * 0x632be59bd9b4e019u)) >>
                           32);
            if (v < least[k])
                least[k] = v;
        }
    }
    for (int k = 0; k < 3; k++)
        line->near[k] = least[k] == UINT32_MAX ? 0 : least[k] | 1u;
}

void learn_hash(struct learn_line *line, wn_str raw, wn_str norm, wn_str title,
                struct tbuf *scratch)
{
    const char *s = norm.ptr;
    size_t n = norm.len;
    int digits;
    /* The item's own title within the line, as in "Read more about …", is the same for all items. */
    const char *hit = title.len >= 8 && title.len < n ? memmem(s, n, title.ptr, title.len) : NULL;
    if (hit) {
        tbuf_reset(scratch);
        tbuf_add(scratch, s, (size_t)(hit - s));
        tbuf_addc(scratch, '\x01');
        tbuf_add(scratch, hit + title.len, n - (size_t)(hit - s) - title.len);
        if (!scratch->err) {
            s = scratch->p;
            n = scratch->n;
        }
    }
    if (!n) { /* nothing but decoration: "* * *" */
        s = raw.ptr;
        n = raw.len;
    }
    digits = memchr(s, '0', n) != NULL;
    line->masked = XXH64(s, n, 1);
    line->exact = digits ? XXH64(raw.ptr, raw.len, 2) : line->masked;
    if (line->letters >= NEAR_LETTERS &&
        (line->from_end < LEARN_LAST || line->from_start < LEARN_FIRST))
        near_hashes(line, s, n);
}
