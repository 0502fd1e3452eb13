/* SPDX-License-Identifier: Apache-2.0 */
/* Holding transfers back: all while the fetcher is paused, all but one while too many bytes are being
 * received. That one is what keeps the fetcher from waiting for itself. */
#include "fetch_internal.h"

static void hold(struct slot *slot)
{
    struct fetcher *f = slot->fetcher;
    slot->held = 1;
    slot->held_at = uv_now(f->loop);
    f->n_held++;
}

static void let_go(struct slot *slot)
{
    struct fetcher *f = slot->fetcher;
    slot->held = 0;
    slot->deadline += uv_now(f->loop) - slot->held_at;
    f->n_held--;
    curl_easy_pause(slot->easy, CURLPAUSE_CONT); /* may bring bytes at once, and be held again */
    /* What curl had kept may have ended the transfer just now, outside of any socket action. */
    f->kick = 1;
    fetcher_watch(f, 1);
}

int fetcher_may_read(struct slot *slot, size_t n)
{
    struct fetcher *f = slot->fetcher;
    if (f->bytes + n <= f->max_bytes || f->pacer == slot)
        return 1;
    if (!f->pacer) {
        f->pacer = slot;
        return 1;
    }
    hold(slot);
    return 0;
}

/* Lets all go on when half of the bytes are free, else one at a time: that which has come furthest.
 */
void fetcher_relieve(struct fetcher *f)
{
    struct slot *best = NULL;
    int all = f->bytes <= f->max_bytes / 2;
    if (f->paused || !f->n_held || (!all && f->pacer))
        return;
    for (int i = 0; i < f->concurrency; i++) {
        struct slot *slot = &f->slots[i];
        if (!slot->held)
            continue;
        if (all)
            let_go(slot);
        else if (!best || slot->body.n > best->body.n)
            best = slot;
    }
    if (best) {
        f->pacer = best;
        let_go(best);
    }
}

void fetcher_pause(struct fetcher *f, int paused)
{
    paused = paused != 0;
    if (f->closing || paused == f->paused)
        return;
    f->paused = paused;
    for (int i = 0; paused && i < f->concurrency; i++) {
        struct slot *slot = &f->slots[i];
        if (!slot->job || slot->job->is_file || slot->ending || slot->held || !slot->deadline)
            continue;
        hold(slot);
        curl_easy_pause(slot->easy, CURLPAUSE_RECV);
    }
    if (!paused)
        fetcher_pump(f);
}
