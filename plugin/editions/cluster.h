/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster.h: items with log odds between each two, parted into stories: average link over all
 * members, at most one item a language. A story that already has six editions attracts the seventh,
 * because all six speak for it. Pure; any thread.
 */
#ifndef WINNOW_CLUSTER_H
#define WINNOW_CLUSTER_H

#include <stdint.h>

#define CLUSTER_MOST 48        /* items looked at together */
#define CLUSTER_CLIP 6.0f      /* one pair's odds count for no more than this */
#define CLUSTER_APART -1000.0f /* these two never join */
#define CLUSTER_TOGETHER 1000.0f

/*
 * odds: n * n, symmetric. lang: two items with equal entries (but for `free_lang`) never join
 * unless their odds are CLUSTER_TOGETHER. least: the average below which nobody joins. pool: what
 * more voices add: each pair's odds hold the same doubt that any two of a large window belong
 * together, and when several members speak for a newcomer that doubt counts once, not for each; so
 * pool * ln(members) is added, at most voice (n numbers, one an item; the larger mean of the two
 * sides): what shows much by itself is not to be carried in by the others. label[i] is set to the
 * smallest index of i's story.
 */
void cluster(unsigned n, const float *odds, const int *lang, int free_lang, float least, float pool,
             const float *voice, unsigned *label);

#endif
