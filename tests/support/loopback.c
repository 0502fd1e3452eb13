/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { HEAD_MAX = 65536 };

struct answer {
    struct answer *next;
    struct reply reply; /* pointers are ours */
};

struct path {
    struct path *next;
    struct answer *answers, *now;
    size_t count;
    char *last;
    char name[];
};

struct connection {
    struct connection *next;
    struct loopback *server;
    pthread_t thread;
    int fd;
};

struct loopback {
    int fd, port, stop_pipe[2], gate_pipe[2];
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below, and answers */
    struct path *paths;
    struct connection *connections;
    size_t count, busy, peak, accepted;
    int open;
};

static void die(const char *what)
{
    fprintf(stderr, "loopback: %s: %s\n", what, strerror(errno));
    abort();
}

static void *need(void *p)
{
    if (!p)
        die("memory");
    return p;
}

static struct path *path_get(struct loopback *s, const char *name, int make)
{
    for (struct path *p = s->paths; p; p = p->next)
        if (strcmp(p->name, name) == 0)
            return p;
    if (!make)
        return NULL;
    size_t n = strlen(name) + 1;
    struct path *p = need(calloc(1, sizeof *p + n));
    memcpy(p->name, name, n);
    p->next = s->paths;
    s->paths = p;
    return p;
}

static void answers_free(struct path *p)
{
    for (struct answer *a = p->answers, *next; a; a = next) {
        next = a->next;
        free((char *)a->reply.headers);
        free((char *)a->reply.body);
        free((char *)a->reply.etag);
        free(a);
    }
    p->answers = p->now = NULL;
}

static char *gzip(const char *body, size_t *n)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        die("deflateInit2");
    size_t cap = deflateBound(&z, *n);
    char *out = need(malloc(cap));
    z.next_in = (Bytef *)body;
    z.avail_in = (uInt)*n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("deflate");
    *n = z.total_out;
    deflateEnd(&z);
    return out;
}

void loopback_reply(struct loopback *s, const char *name, const struct reply *reply)
{
    struct answer *a = need(calloc(1, sizeof *a));
    a->reply = *reply;
    size_t n = reply->body ? reply->n ? reply->n : strlen(reply->body) : 0;
    if (reply->gzip) {
        a->reply.body = gzip(reply->body ? reply->body : "", &n);
    } else {
        char *body = need(malloc(n + 1));
        memcpy(body, n ? reply->body : "", n);
        body[n] = '\0';
        a->reply.body = body;
    }
    a->reply.n = n;
    a->reply.headers = need(strdup(reply->headers ? reply->headers : ""));
    a->reply.etag = reply->etag ? need(strdup(reply->etag)) : NULL;
    pthread_mutex_lock(&s->lock);
    struct path *p = path_get(s, name, 1);
    struct answer **at = &p->answers;
    while (*at)
        at = &(*at)->next;
    *at = a;
    if (!p->now)
        p->now = a;
    pthread_mutex_unlock(&s->lock);
}

void loopback_forget(struct loopback *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    struct path *p = path_get(s, name, 0);
    /* Running connections copied what they use but for the body; tests forget between requests. */
    if (p)
        answers_free(p);
    pthread_mutex_unlock(&s->lock);
}

/* 0 on success. The peer may be gone at any time: no signal, no complaint. */
static int send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t r = send(fd, p, n, MSG_NOSIGNAL);
        if (r <= 0)
            return -1;
        p += r;
        n -= (size_t)r;
    }
    return 0;
}

static int nap(struct loopback *s, int ms)
{
    struct pollfd fd = {.fd = s->stop_pipe[0], .events = POLLIN};
    return ms > 0 ? poll(&fd, 1, ms) : 0; /* not 0: the server stops */
}

/* Until the gate is open. Not 0: the server stops. */
static int gate(struct loopback *s)
{
    struct pollfd fds[2] = {{.fd = s->stop_pipe[0], .events = POLLIN},
                            {.fd = s->gate_pipe[0], .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        continue;
    return fds[0].revents != 0;
}

static int send_body(struct connection *c, const struct reply *r)
{
    size_t n = r->break_at == BREAK_IN_BODY ? r->n / 2 : r->n;
    do {
        if (r->gated_body && n) {
            if (send_all(c->fd, r->body, 1) || gate(c->server) ||
                send_all(c->fd, r->body + 1, n - 1))
                return -1;
        } else if (r->drip_ms) {
            for (size_t i = 0; i < n; i++)
                if (nap(c->server, r->drip_ms) || send_all(c->fd, r->body + i, 1))
                    return -1;
        } else if (r->half_ms && !r->chunked) {
            if (send_all(c->fd, r->body, n / 2) || nap(c->server, r->half_ms) ||
                send_all(c->fd, r->body + n / 2, n - n / 2))
                return -1;
        } else if (r->chunked && n) {
            char size[32];
            int m = snprintf(size, sizeof size, "%zx\r\n", n);
            if (send_all(c->fd, size, (size_t)m) || send_all(c->fd, r->body, n) ||
                send_all(c->fd, "\r\n", 2))
                return -1;
        } else if (send_all(c->fd, r->body, n)) {
            return -1;
        }
    } while (r->endless);
    if (r->chunked && !r->break_at && send_all(c->fd, "0\r\n\r\n", 5))
        return -1;
    return r->break_at || r->close ? -1 : 0;
}

/* 0: the connection may go on. */
static int send_reply(struct connection *c, const struct reply *r, int is_head, int matches)
{
    char head[256];
    int status = matches ? 304 : r->status ? r->status : 200;
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\n", status);
    if (send_all(c->fd, head, (size_t)n) || send_all(c->fd, r->headers, strlen(r->headers)))
        return -1;
    if (r->break_at == BREAK_IN_HEADERS)
        return send_all(c->fd, "X-Half: ", 8), -1;
    while (r->endless_headers)
        if (send_all(c->fd, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 42))
            return -1;
    n = 0;
    if (r->etag)
        n += snprintf(head + n, sizeof head - (size_t)n, "ETag: %.200s\r\n", r->etag);
    if (send_all(c->fd, head, (size_t)n))
        return -1;
    n = 0;
    if (r->gzip)
        n += snprintf(head + n, sizeof head - (size_t)n, "Content-Encoding: gzip\r\n");
    if (r->close)
        n += snprintf(head + n, sizeof head - (size_t)n, "Connection: close\r\n");
    else if (r->chunked)
        n += snprintf(head + n, sizeof head - (size_t)n, "Transfer-Encoding: chunked\r\n");
    else if (!r->endless && status != 304)
        n += snprintf(head + n, sizeof head - (size_t)n, "Content-Length: %zu\r\n", r->n);
    n += snprintf(head + n, sizeof head - (size_t)n, "\r\n");
    if (send_all(c->fd, head, (size_t)n))
        return -1;
    return is_head || status == 304 ? 0 : send_body(c, r);
}

/* The value of a header in the request's head, up to its line end; NULL. */
static const char *header(const char *head, const char *name, size_t *n)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) || line[2 + len] != ':')
            continue;
        const char *value = line + 3 + len;
        value += strspn(value, " ");
        *n = strcspn(value, "\r");
        return value;
    }
    return NULL;
}

static int answer(struct connection *c, const char *head)
{
    struct loopback *s = c->server;
    static const struct reply absent = {
        .status = 404, .headers = "", .body = "not there\n", .n = 10};
    char name[8192] = "";
    sscanf(head, "%*s %8191s", name);
    pthread_mutex_lock(&s->lock);
    struct path *p = path_get(s, name, 1);
    struct reply reply = p->now ? p->now->reply : absent;
    if (p->now && p->now->next)
        p->now = p->now->next;
    p->count++;
    s->count++;
    free(p->last);
    p->last = need(strdup(head));
    if (++s->busy > s->peak)
        s->peak = s->busy;
    pthread_mutex_unlock(&s->lock);
    int stopping = nap(s, reply.delay_ms) || (reply.gated && gate(s));
    /* Before the answer's first byte, since the client may ask again before this thread is back
     * from sending the last. */
    pthread_mutex_lock(&s->lock);
    s->busy--;
    pthread_mutex_unlock(&s->lock);
    if (stopping || reply.break_at == BREAK_AT_ONCE)
        return -1;
    size_t n = 0;
    const char *match = header(head, "If-None-Match", &n);
    int matches = reply.etag && match && n == strlen(reply.etag) && !memcmp(match, reply.etag, n);
    return send_reply(c, &reply, strncmp(head, "HEAD ", 5) == 0, matches);
}

static void *serve(void *user)
{
    struct connection *c = user;
    char *head = need(malloc(HEAD_MAX));
    size_t n = 0;
    for (;;) {
        ssize_t r = recv(c->fd, head + n, HEAD_MAX - 1 - n, 0);
        if (r <= 0)
            break;
        n += (size_t)r;
        head[n] = '\0';
        if (head[0] < 'A' || head[0] > 'Z')
            break; /* TLS, or nonsense */
        char *end = strstr(head, "\r\n\r\n");
        if (!end)
            continue;
        end[2] = '\0';
        if (answer(c, head))
            break;
        size_t used = (size_t)(end + 4 - head);
        memmove(head, head + used, n - used);
        n -= used;
    }
    free(head);
    shutdown(c->fd, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *user)
{
    struct loopback *s = user;
    for (;;) {
        struct pollfd fds[2] = {{.fd = s->fd, .events = POLLIN},
                                {.fd = s->stop_pipe[0], .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno == EINTR)
            continue;
        if (fds[1].revents)
            return NULL;
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *c = need(calloc(1, sizeof *c));
        c->fd = fd;
        c->server = s;
        pthread_mutex_lock(&s->lock);
        s->accepted++;
        if (pthread_create(&c->thread, NULL, serve, c))
            die("pthread_create");
        c->next = s->connections;
        s->connections = c;
        pthread_mutex_unlock(&s->lock);
    }
}

struct loopback *loopback_start(void)
{
    struct loopback *s = need(calloc(1, sizeof *s));
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&in, sizeof in) || listen(s->fd, 1024) ||
        getsockname(s->fd, (struct sockaddr *)&in, &n) || pipe2(s->stop_pipe, O_CLOEXEC) ||
        pipe2(s->gate_pipe, O_CLOEXEC))
        die("socket");
    s->port = ntohs(in.sin_port);
    if (pthread_create(&s->thread, NULL, accept_all, s))
        die("pthread_create");
    return s;
}

void loopback_stop(struct loopback *s)
{
    if (!s)
        return;
    close(s->stop_pipe[1]); /* whoever sleeps wakes up */
    pthread_join(s->thread, NULL);
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        shutdown(c->fd, SHUT_RDWR);
        pthread_join(c->thread, NULL);
        close(c->fd);
        free(c);
    }
    for (struct path *p = s->paths, *next; p; p = next) {
        next = p->next;
        answers_free(p);
        free(p->last);
        free(p);
    }
    close(s->fd);
    close(s->stop_pipe[0]);
    close(s->gate_pipe[0]);
    if (!s->open)
        close(s->gate_pipe[1]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void loopback_open(struct loopback *s)
{
    pthread_mutex_lock(&s->lock);
    if (!s->open)
        close(s->gate_pipe[1]); /* whoever waits sees the end, now and later */
    s->open = 1;
    pthread_mutex_unlock(&s->lock);
}

int loopback_dead_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    /* Bound and not listening: nobody else gets it, and whoever asks there is refused. */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof in) ||
        getsockname(fd, (struct sockaddr *)&in, &n))
        die("socket");
    return ntohs(in.sin_port);
}

int loopback_port(const struct loopback *s)
{
    return s->port;
}

const char *loopback_url(const struct loopback *s, const char *path)
{
    static char urls[4][16384];
    static int at;
    char *to = urls[at++ % 4];
    snprintf(to, sizeof urls[0], "http://127.0.0.1:%d%s", s->port, path);
    return to;
}

static size_t counted(struct loopback *s, const size_t *what)
{
    pthread_mutex_lock(&s->lock);
    size_t n = *what;
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t loopback_count(struct loopback *s, const char *path)
{
    if (!path)
        return counted(s, &s->count);
    pthread_mutex_lock(&s->lock);
    struct path *p = path_get(s, path, 0);
    size_t n = p ? p->count : 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

const char *loopback_last(struct loopback *s, const char *path)
{
    static char text[HEAD_MAX];
    pthread_mutex_lock(&s->lock);
    struct path *p = path_get(s, path, 0);
    snprintf(text, sizeof text, "%s", p && p->last ? p->last : "");
    pthread_mutex_unlock(&s->lock);
    return text;
}

size_t loopback_peak(struct loopback *s)
{
    return counted(s, &s->peak);
}

size_t loopback_connections(struct loopback *s)
{
    return counted(s, &s->accepted);
}
