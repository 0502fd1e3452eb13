/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in, put in order, and cut into epochs. */
#include <stdlib.h>
#include <string.h>

#include "judge_host.h"
#include "limits.h"
#include "status.h"

/* ---- the lock is held ---- */

static void insert(struct judge *j, struct arrival *a)
{
    struct arrival **at = &j->inbox;
    /* Nearly always the newest comes last. */
    if (j->inbox_last && j->inbox_last->sequence < a->sequence)
        at = &j->inbox_last->next;
    while (*at && (*at)->sequence < a->sequence)
        at = &(*at)->next;
    a->next = *at;
    *at = a;
    if (!a->next)
        j->inbox_last = a;
    j->waiting += a->doc != NULL;
    pthread_cond_signal(&j->wake);
}

static struct arrival *pop(struct judge *j)
{
    struct arrival *a = j->inbox;
    j->inbox = a->next;
    if (!j->inbox)
        j->inbox_last = NULL;
    j->waiting -= a->doc != NULL;
    j->next++;
    j->offset = 0;
    a->next = NULL;
    return a;
}

static int is_lost(struct judge *j, int64_t sequence)
{
    for (size_t i = 0; i < j->n_lost; i++)
        if (j->lost[i] == sequence) {
            j->lost[i] = j->lost[--j->n_lost];
            return 1;
        }
    return 0;
}

/* Takes the next in order into the epoch; 0: it has to wait for the next one, or isn't there yet.
 * Decided by what is in the documents alone, never by when they came. */
static int gather_one(struct judge *j)
{
    struct gather *g = &j->gather;
    struct arrival *a = j->inbox;
    if (!g->full && j->n_lost && is_lost(j, j->next)) {
        g->upto = j->next++;
        return 1;
    }
    if (g->full || !a || a->sequence != j->next)
        return 0;
    if (!g->n_arrivals && !g->n_parts)
        g->deadline_ms = judge_clock_ms() + LIMIT_EPOCH_MS;
    struct document *doc = a->doc;
    if (doc) {
        size_t left = doc->n_items - j->offset;
        size_t n = left < LIMIT_DOCUMENT_PART ? left : LIMIT_DOCUMENT_PART;
        if (g->n_items && g->n_items + n > LIMIT_EPOCH_ITEMS) {
            g->full = 1;
            return 0;
        }
        struct part part = {.doc = doc, .first = j->offset, .n = n, .last = n == left};
        g->parts[g->n_parts++] = part;
        g->n_items += n;
        j->offset += n;
        if (!part.last) {
            g->full = 1;
            return 0;
        }
        g->bytes += doc->bytes;
    }
    a = pop(j);
    g->upto = a->sequence;
    *g->last = a;
    g->last = &a->next;
    g->n_arrivals++;
    g->full = g->n_items >= LIMIT_EPOCH_ITEMS || g->n_arrivals >= LIMIT_EPOCH_ARRIVALS ||
              g->bytes >= LIMIT_EPOCH_BYTES;
    return !g->full;
}

void judge_gather(struct judge *j)
{
    while (gather_one(j))
        continue;
    if (!j->gather.n_arrivals && !j->gather.n_parts && j->gather.upto > j->committed) {
        j->committed = j->gather.upto; /* only lost ones */
        pthread_cond_broadcast(&j->done);
    }
}

void judge_free_arrivals(struct arrival *a)
{
    for (struct arrival *next; a; a = next) {
        next = a->next;
        document_destroy(a->doc);
        free(a->strings);
        free(a);
    }
}

/* ---- what comes in ---- */

static size_t length(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static const char *keep(char **at, const char *s)
{
    if (!s)
        return NULL;
    char *copy = *at;
    size_t n = strlen(s) + 1;
    memcpy(copy, s, n);
    *at += n;
    return copy;
}

static int arrive(struct judge *j, int64_t sequence, struct document *doc,
                  const struct fetch_report *report)
{
    struct arrival *a = calloc(1, sizeof *a);
    if (a && report) {
        a->report = *report;
        a->has_report = 1;
        char *at = a->strings =
            malloc(length(report->source) + length(report->final_url) + length(report->error) + 1);
        if (at) {
            a->report.source = keep(&at, report->source);
            a->report.final_url = keep(&at, report->final_url);
            a->report.error = keep(&at, report->error);
        } else {
            a->has_report = 0; /* better without its line than a gap in the sequence */
        }
    }
    if (!a) {
        document_destroy(doc);
        pthread_mutex_lock(&j->lock);
        if (j->n_lost < sizeof j->lost / sizeof *j->lost)
            j->lost[j->n_lost++] = sequence;
        pthread_cond_signal(&j->wake);
        pthread_mutex_unlock(&j->lock);
        return E_NOMEM;
    }
    a->sequence = sequence;
    a->doc = doc;
    if (doc)
        doc->sequence = sequence;
    pthread_mutex_lock(&j->lock);
    insert(j, a);
    pthread_mutex_unlock(&j->lock);
    return OK;
}

int judge_document(struct judge *j, int64_t sequence, struct document *doc,
                   const struct fetch_report *report)
{
    return arrive(j, sequence, doc, report);
}

int judge_nothing(struct judge *j, int64_t sequence, const struct fetch_report *report)
{
    return arrive(j, sequence, NULL, report);
}
