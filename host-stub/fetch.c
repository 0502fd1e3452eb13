/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch_internal.h"
#include "sigpipe.h"
#include "status.h"

enum { TICK_MS = 250 };

/* A socket of curl's that the loop watches. On the heap and freed in its close callback, since curl
 * may be done with a socket, and open another of the same number, before libuv let go of the
 * handle. */
struct watch {
    uv_poll_t poll;
    curl_socket_t fd;
    struct fetcher *fetcher;
};

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void fetcher_unpin(struct fetcher *f)
{
    if (--f->pins)
        return;
    free(f->user_agent);
    free(f->proxy);
    free(f->ca_file);
    free(f->slots);
    queue_finish(f);
    free(f);
}

/* ---- ends of jobs ---- */

void job_end(struct fetcher *f, struct job *job, struct fetch_result *result)
{
    result->final_url = job->url;
    result->duration_ms = job->began ? (int64_t)(uv_now(f->loop) - job->began) : 0;
    if (!result->body.max)
        buf_init(&result->body, f->max_body);
    job->fn(job->user, result);
    buf_finish(&result->body);
    job_destroy(job);
}

void slot_free(struct slot *slot)
{
    struct fetcher *f = slot->fetcher;
    f->n_held -= slot->held;
    slot->held = 0;
    if (f->pacer == slot)
        f->pacer = NULL;
    buf_finish(&slot->body);
    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
    slot->job = NULL;
    slot->next = f->free_slots;
    f->free_slots = slot;
    if (--f->running == 0 && !f->closing)
        uv_timer_stop(&f->tick);
}

void fetcher_end(struct slot *slot, struct fetch_result *result)
{
    struct fetcher *f = slot->fetcher;
    struct job *job = slot->job;
    /* The result's strings are the response's, so the next job must not take this slot before the
     * callback is through: it is given back afterwards. */
    if (!job->is_file)
        f->bytes -= slot->body.n;
    if (!result->status && result->http != 304)
        result->body = slot->body;
    else
        buf_finish(&slot->body);
    buf_init(&slot->body, f->max_body);
    queue_release(f, job);
    slot->ending = 1;
    job_end(f, job, result);
    slot->ending = 0;
    slot_free(slot);
    if (f->closing) /* destroyed by the callback, which had to leave this slot standing */
        slot_finish(slot);
}

/* ---- curl on the loop ---- */

static void drain(struct fetcher *f)
{
    CURLMsg *msg;
    int left;
    while (!f->closing && (msg = curl_multi_info_read(f->multi, &left))) {
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURL *easy = msg->easy_handle; /* msg dies with the removal */
        CURLcode code = msg->data.result;
        char *private = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        curl_multi_remove_handle(f->multi, easy);
        slot_done((struct slot *)(void *)private, code);
    }
    fetcher_pump(f);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct fetcher *f = watch->fetcher;
    int running, flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (f->closing)
        return;
    if (status >= 0 && events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (status >= 0 && events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(f->multi, watch->fd, flags, &running);
    drain(f);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    struct fetcher *f = watch->fetcher;
    free(watch);
    fetcher_unpin(f);
}

static struct watch *watch_create(struct fetcher *f, curl_socket_t fd)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    if (uv_poll_init_socket(f->loop, &watch->poll, fd)) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->fd = fd;
    watch->fetcher = f;
    f->pins++;
    return watch;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
    struct fetcher *f = user;
    struct watch *watch = socket_user;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            uv_poll_stop(&watch->poll);
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
            curl_multi_assign(f->multi, fd, NULL);
        }
        return 0;
    }
    if (!watch) {
        if (!(watch = watch_create(f, fd)))
            return -1;
        curl_multi_assign(f->multi, fd, watch);
    }
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&watch->poll, events, on_poll) ? -1 : 0;
}

static void on_curl_timeout(uv_timer_t *timer)
{
    struct fetcher *f = timer->data;
    int running;
    curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    drain(f);
}

/* Must not call into curl: 0 means soon, so the loop does it. */
static int on_curl_timer(CURLM *multi, long ms, void *user)
{
    struct fetcher *f = user;
    (void)multi;
    if (f->closing)
        return 0;
    if (ms < 0)
        uv_timer_stop(&f->curl_timer);
    else
        uv_timer_start(&f->curl_timer, on_curl_timeout, (uint64_t)ms, 0);
    return 0;
}

/* ---- deadlines ---- */

static void on_tick(uv_timer_t *timer)
{
    struct fetcher *f = timer->data;
    uint64_t now = uv_now(f->loop);
    for (int i = 0; i < f->concurrency && !f->closing; i++) {
        struct slot *slot = &f->slots[i];
        if (!slot->job || slot->ending || slot->held || slot->deadline > now)
            continue;
        slot_abort(slot, slot->deadline ? E_TIMEOUT : slot->failed);
    }
    if (f->kick && !f->closing) {
        int running;
        f->kick = 0;
        curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    drain(f);
}

void fetcher_watch(struct fetcher *f, int soon)
{
    if (soon || !uv_is_active((uv_handle_t *)&f->tick))
        uv_timer_start(&f->tick, on_tick, soon ? 0 : TICK_MS, TICK_MS);
}

/* ---- the fetcher ---- */

static int clean(const char *s)
{
    for (; s && *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return 0;
    return 1;
}

static char *agent(const struct fetch_options *o)
{
    char *made = NULL;
    int n;
    if (o->user_agent)
        return strdup(o->user_agent);
    if (o->contact)
        n = asprintf(&made, "Winnow/" WINNOW_VERSION " (+%s)", o->contact);
    else
        n = asprintf(&made, "Winnow/" WINNOW_VERSION);
    return n < 0 ? NULL : made;
}

static const char *authorities(const struct fetch_options *o)
{
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    const char *file = o->ca_file;
    for (size_t i = 0; i < 2 && (!file || !*file); i++)
        file = getenv(names[i]);
    return file && *file ? file : NULL;
}

static int within(int value, int otherwise, int most)
{
    return value <= 0 ? otherwise : value > most ? most : value;
}

static int multi_setup(struct fetcher *f)
{
    CURLM *m = f->multi;
    return curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_curl_socket) ||
           curl_multi_setopt(m, CURLMOPT_SOCKETDATA, f) ||
           curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_curl_timer) ||
           curl_multi_setopt(m, CURLMOPT_TIMERDATA, f) ||
           /* As many idle connections as transfers, so that file descriptors stay counted. */
           curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)f->concurrency);
}

int fetcher_create(uv_loop_t *loop, const struct fetch_options *options, struct fetcher **fetcher)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!clean(options->user_agent) || !clean(options->contact) || !clean(options->proxy))
        return E_INVALID;
    pthread_once(&once, global_init);
    sigpipe_ignore();
    struct fetcher *f = calloc(1, sizeof *f);
    if (!f)
        return E_NOMEM;
    f->loop = loop;
    f->timeout_ms = within(options->timeout, 60, 24 * 3600) * 1000;
    f->concurrency = within(options->concurrency, 64, LIMIT_TRANSFERS);
    f->per_host = within(options->per_host, LIMIT_PER_HOST, f->concurrency);
    f->max_body = options->max_body ? options->max_body : LIMIT_BODY;
    f->max_bytes = options->max_bytes ? options->max_bytes : LIMIT_RECEIVING;
    f->user_agent = agent(options);
    f->proxy = options->proxy ? strdup(options->proxy) : NULL;
    const char *ca_file = authorities(options);
    f->ca_file = ca_file ? strdup(ca_file) : NULL;
    f->slots = calloc((size_t)f->concurrency, sizeof *f->slots);
    f->multi = curl_multi_init();
    f->pins = 1;
    if (!f->user_agent || (options->proxy && !f->proxy) || (ca_file && !f->ca_file) || !f->slots ||
        !f->multi || multi_setup(f)) {
        if (f->multi)
            curl_multi_cleanup(f->multi);
        fetcher_unpin(f);
        return E_NOMEM;
    }
    for (int i = f->concurrency; i-- > 0;) {
        f->slots[i].fetcher = f;
        response_init(&f->slots[i].response);
        f->slots[i].next = f->free_slots;
        f->free_slots = &f->slots[i];
    }
    f->pins = 2;
    uv_timer_init(loop, &f->curl_timer);
    uv_timer_init(loop, &f->tick);
    f->curl_timer.data = f->tick.data = f;
    *fetcher = f;
    return OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
    fetcher_unpin(handle->data);
}

void fetcher_destroy(struct fetcher *f)
{
    if (!f || f->closing)
        return;
    f->closing = 1;
    for (int i = 0; i < f->concurrency; i++)
        if (f->slots[i].job && !f->slots[i].ending)
            slot_abort(&f->slots[i], E_CANCELLED);
    for (struct job *job; (job = queue_drop(f));) {
        struct fetch_result result = {.status = E_CANCELLED,
                                      .error = status_text(E_CANCELLED),
                                      .retry_after = -1,
                                      .max_age = -1};
        job_end(f, job, &result);
    }
    for (int i = 0; i < f->concurrency; i++)
        if (!f->slots[i].ending)
            slot_finish(&f->slots[i]);
    curl_multi_cleanup(f->multi);
    f->multi = NULL;
    uv_close((uv_handle_t *)&f->curl_timer, on_timer_closed);
    uv_close((uv_handle_t *)&f->tick, on_timer_closed);
}

int fetcher_start(struct fetcher *f, const struct fetch_request *request, fetch_fn fn, void *user)
{
    struct job *job = NULL;
    if (f->closing)
        return E_CANCELLED;
    int r = job_create(request, &job);
    if (r)
        return r;
    job->fn = fn;
    job->user = user;
    r = queue_add(f, job, 0);
    if (r) {
        job_destroy(job);
        return r;
    }
    fetcher_pump(f);
    return OK;
}

void fetcher_pump(struct fetcher *f)
{
    if (!f->closing)
        fetcher_relieve(f);
    while (!f->closing && !f->paused && f->free_slots) {
        struct job *job = queue_next(f);
        if (!job)
            break;
        struct slot *slot = f->free_slots;
        f->free_slots = slot->next;
        f->running++;
        slot_start(slot, job);
    }
}

size_t fetcher_running(const struct fetcher *f)
{
    return f->running;
}

size_t fetcher_waiting(const struct fetcher *f)
{
    return f->waiting;
}

size_t fetcher_bytes(const struct fetcher *f)
{
    return f->bytes;
}
