/* SPDX-License-Identifier: Apache-2.0 */
/* serve_fixture.h: a server whose loop runs in a thread, and a blocking client. Test's main thread.
 */
#ifndef WINNOW_SERVE_FIXTURE_H
#define WINNOW_SERVE_FIXTURE_H

#include "tests/support/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "host-stub/limits.h"
#include "host-stub/serve.h"
#include "host-stub/serve_internal.h"
#include "host-stub/status.h"

/* The loop runs in a thread of its own, so that the test can be a blocking client. */
struct world {
    uv_loop_t loop;
    uv_async_t stop;
    pthread_t thread;
    struct server *server;
    char file[64];
    int port;
};

static inline void on_stop(uv_async_t *async)
{
    struct world *w = async->data;
    server_destroy(w->server);
    uv_close((uv_handle_t *)async, NULL);
}

static inline void *run_loop(void *user)
{
    struct world *w = user;
    uv_run(&w->loop, UV_RUN_DEFAULT);
    return NULL;
}

static inline int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    uv_loop_init(&w->loop);
    uv_async_init(&w->loop, &w->stop, on_stop);
    w->stop.data = w;
    assert_int_equal(server_create(&w->loop, "127.0.0.1:0", &w->server), OK);
    w->port = server_port(w->server);
    assert_true(w->port > 0);
    strcpy(w->file, "/tmp/winnow-serve-XXXXXX");
    close(mkstemp(w->file));
    assert_int_equal(pthread_create(&w->thread, NULL, run_loop, w), 0);
    *state = w;
    return 0;
}

static inline int teardown(void **state)
{
    struct world *w = *state;
    uv_async_send(&w->stop);
    pthread_join(w->thread, NULL);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    unlink(w->file);
    free(w);
    return 0;
}

static inline void write_file(struct world *w, const char *text)
{
    /* As the publisher does: a new file in the old one's place. */
    char temporary[80];
    snprintf(temporary, sizeof temporary, "%s.new", w->file);
    FILE *f = fopen(temporary, "w");
    fputs(text, f);
    fclose(f);
    assert_int_equal(rename(temporary, w->file), 0);
}

static inline int dial(const struct world *w)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)w->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 60};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof in), 0);
    return fd;
}

static size_t all_n; /* of the last answer */

static inline const char *read_all(int fd)
{
    static char text[4 << 20];
    all_n = 0;
    for (ssize_t n; (n = recv(fd, text + all_n, sizeof text - 1 - all_n, 0)) > 0;)
        all_n += (size_t)n;
    text[all_n] = '\0';
    close(fd);
    return text;
}

/* Sends it as it is and reads until the server closes, or for a second: whoever sends half a
 * request hears nothing until the server loses patience. */
static inline const char *raw(const struct world *w, const char *request, size_t n)
{
    int fd = dial(w);
    struct timeval second = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    while (n) {
        ssize_t r = send(fd, request, n, MSG_NOSIGNAL);
        if (r <= 0)
            break; /* the server may have had enough */
        request += r;
        n -= (size_t)r;
    }
    shutdown(fd, SHUT_WR);
    return read_all(fd);
}

static inline const char *ask(const struct world *w, const char *method, const char *path,
                              const char *headers)
{
    char request[4096];
    int n =
        snprintf(request, sizeof request,
                 "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method, path, headers);
    int fd = dial(w);
    assert_int_equal(send(fd, request, (size_t)n, 0), n);
    return read_all(fd);
}

static inline int status_of(const char *answer)
{
    int status = -1;
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static inline const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static inline char *header_of(const char *answer, const char *name)
{
    static char value[256];
    char line[64];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strcasestr(answer, line);
    value[0] = '\0';
    if (at && at < body_of(answer))
        sscanf(at + strlen(line), "%255[^\r]", value);
    return value;
}

#endif
