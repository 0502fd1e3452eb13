/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge's chain: made at the start, replaced at a reload. Under --once with a state on disk, as
 * from cron, most runs bring nothing new; then the filters' instances, which read what they know of
 * the window back from the state, are made when the first item needs them, or not at all.
 */
#include "judge_host.h"
#include "limits.h"
#include "options.h"
#include "status.h"

static int patient(void *user, int status)
{
    return judge_patience(user, status);
}

static int make(struct judge *j, const struct config *config, enum chain_part part,
                struct chain **chain, struct buf *errors)
{
    int status = chain_create(config, j->store, j->options.workers, j->crumbs, part, chain, errors);
    if (!status)
        chain_set_patience(*chain, patient, j);
    return status;
}

int judge_make_chain(struct judge *j, struct buf *errors)
{
    int later = j->options.once && !store_in_memory(j->store);
    enum chain_part part = later ? CHAIN_LOADED : CHAIN_ALL;
    int status = make(j, j->config, part, &j->chain, errors);
    atomic_store(&j->ready, part);
    return status;
}

int judge_need_chain(struct judge *j, enum chain_part part)
{
    struct buf errors;
    if (atomic_load(&j->ready) >= (int)part)
        return OK;
    if (j->broken)
        return j->broken;
    buf_init(&errors, KIB(64));
    pthread_rwlock_wrlock(&j->chain_lock);
    int status = chain_start(j->chain, part, &errors);
    pthread_rwlock_unlock(&j->chain_lock);
    if (!status) {
        atomic_store(&j->ready, part);
    } else {
        /* Nothing is lost: what was fetched is not committed, and is fetched again. */
        options_print(&errors);
        j->broken = status;
    }
    buf_finish(&errors);
    return status;
}

int judge_reload(struct judge *j, const struct config *config, struct buf *errors)
{
    struct chain *fresh;
    int status = make(j, config, CHAIN_ALL, &fresh, errors);
    if (status)
        return status;
    pthread_rwlock_wrlock(&j->chain_lock);
    struct chain *old = j->chain;
    j->chain = fresh;
    j->config = config;
    pthread_rwlock_unlock(&j->chain_lock);
    atomic_store(&j->ready, CHAIN_ALL);
    chain_destroy(old);
    return OK;
}

/* [judge] */
static int need_names(void *arg, struct judge *j)
{
    (void)arg;
    return judge_need_chain(j, CHAIN_NAMES);
}

wn_str judge_topic_label(void *judge, wn_str topic, wn_str lang)
{
    struct judge *j = judge;
    if (atomic_load(&j->ready) < CHAIN_NAMES && !j->broken)
        judge_call(j, need_names, NULL);
    pthread_rwlock_rdlock(&j->chain_lock);
    wn_str label = chain_topic_label(j->chain, topic, lang);
    pthread_rwlock_unlock(&j->chain_lock);
    return label;
}

int judge_topic_choice(void *judge, const struct output *output, struct topic_choice *choice)
{
    struct judge *j = judge;
    pthread_rwlock_rdlock(&j->chain_lock);
    int status = chain_topic_choice(j->chain, output, choice, NULL);
    pthread_rwlock_unlock(&j->chain_lock);
    return status;
}
