/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limits.h"
#include "listen.h"
#include "serve_internal.h"
#include "sigpipe.h"
#include "status.h"

enum {
    SWEEP_MS = 5000,
    REQUEST_MS = 30000,
    ANSWER_MS = 10 * 60000, /* a few MB on a very slow line */
    MEMORY = 32768,         /* of libmicrohttpd's, a connection: request line and headers */
};

/* ---- the address ---- */

static int error_of(int e)
{
    switch (e) {
    case EADDRINUSE:
        return E_BUSY;
    case EACCES:
    case EPERM:
        return E_REFUSED;
    case EADDRNOTAVAIL:
        return E_ABSENT;
    default:
        return E_IO;
    }
}

static int listen_at(const struct addrinfo *a, int *fd)
{
    int one = 1, off = 0;
    int s = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return E_IO;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6)
        setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(s, a->ai_addr, a->ai_addrlen) || listen(s, 512)) {
        int r = error_of(errno);
        close(s);
        return r;
    }
    *fd = s;
    return OK;
}

static int open_socket(const char *where, int *fd)
{
    char host[256];
    const char *port;
    int r = listen_split(where, host, sizeof host, &port);
    if (r)
        return r;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *list;
    int all = !host[0] || strcmp(host, "*") == 0;
    if (getaddrinfo(all ? NULL : host, port, &hints, &list))
        return E_INVALID;
    r = E_ABSENT;
    /* For all addresses IPv6's "::" first, which takes IPv4 along. */
    for (int pass = 0; pass < 2 && r && r != E_BUSY; pass++)
        for (struct addrinfo *a = list; a && r && r != E_BUSY; a = a->ai_next)
            if ((a->ai_family == AF_INET6) == (pass == !all))
                r = listen_at(a, fd);
    freeaddrinfo(list);
    return r;
}

static int port_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &n))
        return -1;
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                         : ((struct sockaddr_in *)&a)->sin_port);
}

/* ---- libmicrohttpd on the loop ---- */

static void run(struct server *s);

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void run(struct server *s)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_run(s->daemon);
    if (MHD_get_timeout(s->daemon, &ms) == MHD_YES)
        uv_timer_start(&s->timer, on_timer, ms, 0);
    else
        uv_timer_stop(&s->timer);
}

static void on_connection(void *user, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = user;
    struct client *client = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        client = info ? calloc(1, sizeof *client) : NULL;
        *context = client;
        if (!client)
            return; /* merely not swept */
        client->fd = info->connect_fd;
        client->since = uv_now(s->poll.loop);
        client->next = s->clients;
        if (client->next)
            client->next->before = client;
        s->clients = client;
    } else if (client) {
        if (client->before)
            client->before->next = client->next;
        else
            s->clients = client->next;
        if (client->next)
            client->next->before = client->before;
        free(client);
        *context = NULL;
    }
}

static void on_completed(void *user, struct MHD_Connection *c, void **request,
                         enum MHD_RequestTerminationCode code)
{
    struct server *s = user;
    (void)request;
    (void)code;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = info ? info->socket_context : NULL;
    if (client) {
        client->busy = 0;
        client->since = uv_now(s->poll.loop);
    }
}

/* libmicrohttpd's own timeout starts again with each byte, which a slow client can send for ever.
 */
static void on_sweep(uv_timer_t *timer)
{
    struct server *s = timer->data;
    uint64_t now = uv_now(timer->loop);
    for (struct client *c = s->clients; c; c = c->next)
        if (now - c->since > (c->busy ? s->answer_ms : s->request_ms))
            shutdown(c->fd, SHUT_RDWR);
}

/* The usual soft limit of 1,024 descriptors is for programs that use select(), which nothing here
 * does. */
static void raise_descriptors(void)
{
    enum { OTHERS = 1024 }; /* transfers, idle connections, files, the database */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= LIMIT_HTTP_CLIENTS + OTHERS)
        return;
    limit.rlim_cur = LIMIT_HTTP_CLIENTS + OTHERS;
    if (limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int start(struct server *s, int fd)
{
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, server_answer, s, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_HTTP_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(REQUEST_MS / 1000), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    return s->daemon ? OK : E_IO;
}

int server_create(uv_loop_t *loop, const char *listen, struct server **server)
{
    int fd = -1;
    int r = open_socket(listen, &fd);
    if (r)
        return r;
    struct server *s = calloc(1, sizeof *s);
    if (!s) {
        close(fd);
        return E_NOMEM;
    }
    sigpipe_ignore();
    raise_descriptors();
    pthread_mutex_init(&s->lock, NULL);
    s->port = port_of(fd);
    r = start(s, fd); /* the descriptor is libmicrohttpd's from here on, but not after a failure */
    if (r) {
        close(fd);
    } else {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (!info || uv_poll_init(loop, &s->poll, info->epoll_fd))
            r = E_IO;
    }
    if (r) {
        if (s->daemon)
            MHD_stop_daemon(s->daemon);
        pthread_mutex_destroy(&s->lock);
        free(s);
        return r;
    }
    uv_timer_init(loop, &s->timer);
    uv_timer_init(loop, &s->sweep);
    s->handles = 3;
    s->request_ms = REQUEST_MS;
    s->answer_ms = ANSWER_MS;
    s->poll.data = s->timer.data = s->sweep.data = s;
    uv_poll_start(&s->poll, UV_READABLE, on_readable);
    uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    *server = s;
    return OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct server *s = handle->data;
    if (--s->handles)
        return;
    for (size_t i = 0; i < s->n_pages; i++) {
        version_destroy(s->pages[i].version);
        free(s->pages[i].path);
        free(s->pages[i].type);
    }
    free(s->pages);
    free(s->health);
    free(s->origin);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void server_destroy(struct server *s)
{
    if (!s)
        return;
    uv_close((uv_handle_t *)&s->poll, on_closed); /* before its descriptor goes */
    uv_close((uv_handle_t *)&s->timer, on_closed);
    uv_close((uv_handle_t *)&s->sweep, on_closed);
    MHD_stop_daemon(s->daemon);
    s->daemon = NULL;
}

int server_allow_origin(struct server *s, const char *origin)
{
    char *copy = origin ? strdup(origin) : NULL;
    if (origin && !copy)
        return E_NOMEM;
    free(s->origin);
    s->origin = copy;
    return OK;
}

int server_port(const struct server *s)
{
    return s->port;
}

/* ---- what is served ---- */

static struct page *find(struct server *s, const char *path)
{
    for (size_t i = 0; i < s->n_pages; i++)
        if (strcmp(s->pages[i].path, path) == 0)
            return &s->pages[i];
    return NULL;
}

/* The lock is held. */
static int add_page(struct server *s, const char *path, const char *type)
{
    if (s->n_pages >= LIMIT_PAGES)
        return E_LIMIT;
    struct page *more = realloc(s->pages, (s->n_pages + 1) * sizeof *more);
    if (!more)
        return E_NOMEM;
    s->pages = more;
    struct page page = {strdup(path), strdup(type), NULL};
    if (!page.path || !page.type) {
        free(page.path);
        free(page.type);
        return E_NOMEM;
    }
    s->pages[s->n_pages++] = page;
    return OK;
}

int server_update(struct server *s, const char *path, const char *file, const char *content_type)
{
    struct version *v = NULL, *old = NULL;
    int r = file ? version_create(file, content_type, path, s->origin, &v) : OK;
    if (r)
        return r;
    pthread_mutex_lock(&s->lock);
    struct page *page = find(s, path);
    if (!page) {
        r = add_page(s, path, content_type);
        page = r ? NULL : &s->pages[s->n_pages - 1];
    }
    old = v; /* the same bytes, or no page: the new one is thrown away */
    if (page && v && (!page->version || memcmp(page->version->hash, v->hash, sizeof v->hash))) {
        old = page->version;
        page->version = v;
    }
    pthread_mutex_unlock(&s->lock);
    version_destroy(old);
    return r;
}

void server_health(struct server *s, int ok, const char *json)
{
    char *copy = strdup(json); /* without memory: what was said last */
    pthread_mutex_lock(&s->lock);
    char *old = copy ? s->health : NULL;
    if (copy)
        s->health = copy;
    s->healthy = ok != 0;
    pthread_mutex_unlock(&s->lock);
    free(old);
}
