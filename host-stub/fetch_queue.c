/* SPDX-License-Identifier: Apache-2.0 */
/* Who is next: jobs wait at their host, and hosts that may start one stand in a ring, so that
 * taking the next job costs the same for ten hosts and for a hundred thousand, and no host keeps
 * others waiting. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "fetch_internal.h"
#include "status.h"

enum { FIRST_BUCKETS = 64 };

/* "host:port" in lower case; the caller frees it. */
static int host_key(const char *url, char **key)
{
    CURLU *u = curl_url();
    char *host = NULL, *port = NULL;
    int r = E_NOMEM;
    if (!u)
        return r;
    CURLUcode code = curl_url_set(u, CURLUPART_URL, url, CURLU_URLENCODE);
    if (!code)
        code = curl_url_get(u, CURLUPART_HOST, &host, 0);
    if (!code)
        code = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    if (code) {
        r = code == CURLUE_OUT_OF_MEMORY ? E_NOMEM : E_INVALID;
        goto out;
    }
    size_t n = strlen(host), m = strlen(port);
    char *made = malloc(n + m + 2);
    if (!made)
        goto out;
    for (size_t i = 0; i < n; i++)
        made[i] = (char)(host[i] >= 'A' && host[i] <= 'Z' ? host[i] + 32 : host[i]);
    made[n] = ':';
    memcpy(made + n + 1, port, m + 1);
    *key = made;
    r = OK;
out:
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return r;
}

/* Keeps the chains short. Without memory they stay long, which is slower and no error. */
static int grow(struct fetcher *f)
{
    size_t n = f->n_buckets ? f->n_buckets * 4 : FIRST_BUCKETS;
    struct host **fresh = calloc(n, sizeof *fresh);
    if (!fresh)
        return f->n_buckets ? OK : E_NOMEM;
    for (size_t i = 0; i < f->n_buckets; i++)
        for (struct host *h = f->buckets[i], *next; h; h = next) {
            next = h->next_in_bucket;
            h->next_in_bucket = fresh[h->hash & (n - 1)];
            fresh[h->hash & (n - 1)] = h;
        }
    free(f->buckets);
    f->buckets = fresh;
    f->n_buckets = n;
    return OK;
}

static struct host *host_get(struct fetcher *f, const char *key)
{
    if (f->n_hosts >= f->n_buckets && grow(f))
        return NULL;
    size_t n = strlen(key);
    uint64_t hash = XXH3_64bits(key, n);
    struct host **bucket = &f->buckets[hash & (f->n_buckets - 1)];
    for (struct host *h = *bucket; h; h = h->next_in_bucket)
        if (h->hash == hash && strcmp(h->key, key) == 0)
            return h;
    struct host *h = calloc(1, sizeof *h + n + 1);
    if (!h)
        return NULL;
    memcpy(h->key, key, n + 1);
    h->hash = hash;
    h->next_in_bucket = *bucket;
    *bucket = h;
    f->n_hosts++;
    return h;
}

static void forget_if_idle(struct fetcher *f, struct host *host)
{
    if (host->first || host->running || host->ready)
        return;
    struct host **at = &f->buckets[host->hash & (f->n_buckets - 1)];
    while (*at != host)
        at = &(*at)->next_in_bucket;
    *at = host->next_in_bucket;
    f->n_hosts--;
    free(host);
}

/* Files are read one after the other, so that they arrive in the order in which they were asked
 * for, and the same configuration gives the same feed whenever it is run. */
static int most_at_once(const struct fetcher *f, const struct host *host)
{
    return strcmp(host->key, "file:") == 0 ? 1 : f->per_host;
}

static void make_ready(struct fetcher *f, struct host *host)
{
    if (host->ready || !host->first || host->running >= most_at_once(f, host))
        return;
    host->ready = 1;
    host->next_ready = NULL;
    if (f->ready_last)
        f->ready_last->next_ready = host;
    else
        f->ready_first = host;
    f->ready_last = host;
}

static struct host *pop_ready(struct fetcher *f)
{
    struct host *host = f->ready_first;
    if (!host)
        return NULL;
    f->ready_first = host->next_ready;
    if (!f->ready_first)
        f->ready_last = NULL;
    host->ready = 0;
    return host;
}

int queue_add(struct fetcher *f, struct job *job, int front)
{
    char *key = NULL;
    int r = job->is_file ? OK : host_key(job->url, &key);
    if (r)
        return r;
    struct host *host = host_get(f, key ? key : "file:");
    free(key);
    if (!host)
        return E_NOMEM;
    job->host = host;
    job->next = front ? host->first : NULL;
    if (!host->first)
        host->first = host->last = job;
    else if (front)
        host->first = job;
    else
        host->last = host->last->next = job;
    f->waiting++;
    make_ready(f, host);
    return OK;
}

static struct job *take_first(struct fetcher *f, struct host *host)
{
    struct job *job = host->first;
    host->first = job->next;
    if (!host->first)
        host->last = NULL;
    job->next = NULL;
    f->waiting--;
    return job;
}

struct job *queue_next(struct fetcher *f)
{
    struct host *host = pop_ready(f);
    if (!host)
        return NULL;
    struct job *job = take_first(f, host);
    host->running++;
    make_ready(f, host);
    return job;
}

void queue_release(struct fetcher *f, struct job *job)
{
    struct host *host = job->host;
    job->host = NULL;
    host->running--;
    make_ready(f, host);
    forget_if_idle(f, host);
}

struct job *queue_drop(struct fetcher *f)
{
    while (pop_ready(f))
        ;
    for (size_t i = 0; f->waiting && i < f->n_buckets; i++)
        for (struct host *host = f->buckets[i]; host; host = host->next_in_bucket)
            if (host->first) {
                struct job *job = take_first(f, host);
                job->host = NULL;
                forget_if_idle(f, host);
                return job;
            }
    return NULL;
}

void queue_finish(struct fetcher *f)
{
    for (size_t i = 0; i < f->n_buckets; i++)
        for (struct host *host = f->buckets[i], *next; host; host = next) {
            next = host->next_in_bucket;
            free(host);
        }
    free(f->buckets);
    f->buckets = NULL;
    f->n_buckets = f->n_hosts = 0;
}
