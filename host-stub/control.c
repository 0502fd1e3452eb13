/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "control_internal.h"
#include "limits.h"
#include "sigpipe.h"
#include "status.h"

enum { SWEEP_MS = 10000, IDLE_MS = 60000 };

struct client {
    struct client *next, *before;
    struct control *control;
    uv_pipe_t pipe;
    struct buf in;             /* what has come and is not handled yet */
    struct control_call *call; /* being worked on; NULL: none */
    uv_write_t write;
    char *out;         /* being written; NULL: nothing */
    uint64_t since;    /* uv_now of the last byte either way */
    int closing, ends; /* ends: close once `out` is written */
};

struct control_call {
    struct client *client; /* NULL: gone */
};

struct control {
    uv_pipe_t pipe;
    uv_timer_t sweep;
    control_fn fn;
    void *user;
    struct client *clients;
    size_t n_clients;
    int handles; /* of libuv's that are not closed, clients' too */
    int closing;
    char *path;
    dev_t dev; /* of the socket that was made, so that no other is removed */
    ino_t ino;
};

static void unpin(struct control *c)
{
    if (--c->handles)
        return;
    free(c->path);
    free(c);
}

/* ---- a client ---- */

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    struct control *c = client->control;
    buf_finish(&client->in);
    free(client->out);
    free(client);
    unpin(c);
}

static void client_close(struct client *client)
{
    struct control *c = client->control;
    if (client->closing)
        return;
    client->closing = 1;
    if (client->call)
        client->call->client = NULL;
    if (client->before)
        client->before->next = client->next;
    else
        c->clients = client->next;
    if (client->next)
        client->next->before = client->before;
    c->n_clients--;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void go_on(struct client *client);

static void on_written(uv_write_t *write, int status)
{
    struct client *client = write->data;
    free(client->out);
    client->out = NULL;
    client->since = uv_now(client->pipe.loop);
    if (status || client->ends)
        client_close(client);
    else
        go_on(client);
}

/* Takes the answer over. */
static void respond(struct client *client, json_t *answer)
{
    if (!json_is_object(answer)) {
        json_decref(answer);
        answer = json_pack("{s:b,s:s}", "ok", 0, "error", "winnow failed to answer; see its log");
    }
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    json_decref(answer);
    if (!text) {
        client_close(client);
        return;
    }
    size_t n = strlen(text);
    text[n] = '\n'; /* in the place of the NUL; its length is known */
    client->out = text;
    client->write.data = client;
    uv_buf_t buf = uv_buf_init(text, (unsigned)(n + 1));
    if (n >= UINT32_MAX ||
        uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1, on_written))
        client_close(client);
}

static void complain(struct client *client, const char *error)
{
    respond(client, json_pack("{s:b,s:s}", "ok", 0, "error", error));
}

void control_answer(struct control_call *call, json_t *answer)
{
    struct client *client = call->client;
    free(call);
    if (!client) {
        json_decref(answer);
        return;
    }
    client->call = NULL;
    respond(client, answer);
}

static void handle_line(struct client *client, const char *line, size_t n)
{
    struct control *c = client->control;
    json_error_t error;
    json_t *request = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(request)) {
        char text[256];
        snprintf(text, sizeof text, "a request is one JSON object a line: %.150s",
                 request ? "this is JSON, but no object" : error.text);
        json_decref(request);
        complain(client, text);
        return;
    }
    struct control_call *call = calloc(1, sizeof *call);
    if (!call) {
        json_decref(request);
        client_close(client);
        return;
    }
    call->client = client;
    client->call = call;
    c->fn(c->user, request, call); /* may answer, and destroy the control */
    json_decref(request);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = handle->data;
    (void)suggested;
    /* The limit, the line end and one byte that shows that the line is longer. */
    size_t room = LIMIT_CONTROL_LINE + 2 - client->in.n;
    char *to = buf_room(&client->in, room);
    *buf = uv_buf_init(to, to ? (unsigned)room : 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    (void)buf;
    if (n < 0) { /* gone, also with half a request */
        client_close(client);
        return;
    }
    client->in.n += (size_t)n;
    client->since = uv_now(stream->loop);
    go_on(client);
}

/* Handles the next line if none is being handled; reads on only then, so that a client that
 * sends and sends is slowed down by itself. */
static void go_on(struct client *client)
{
    while (!client->closing && !client->call && !client->out) {
        struct buf *in = &client->in;
        char *end = in->n ? memchr(in->p, '\n', in->n) : NULL;
        if (!end && in->n > LIMIT_CONTROL_LINE) {
            client->ends = 1;
            complain(client, "the request is longer than 64 KiB");
            return;
        }
        if (!end) {
            uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
            return;
        }
        uv_read_stop((uv_stream_t *)&client->pipe);
        size_t n = (size_t)(end - in->p), rest = in->n - n - 1;
        char *line = malloc(n + 1);
        if (!line) {
            client_close(client);
            return;
        }
        memcpy(line, in->p, n);
        memmove(in->p, end + 1, rest);
        in->n = rest;
        if (!str_trim(str_of(line, n)).len)
            client->since = uv_now(client->pipe.loop); /* an empty line is nothing */
        else
            handle_line(client, line, n);
        free(line);
    }
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct control *c = stream->data;
    struct client *client = status ? NULL : calloc(1, sizeof *client);
    if (!client)
        return;
    uv_pipe_init(stream->loop, &client->pipe, 0);
    client->pipe.data = client;
    client->control = c;
    client->since = uv_now(stream->loop);
    buf_init(&client->in, LIMIT_CONTROL_LINE + 2);
    c->handles++;
    client->next = c->clients;
    if (client->next)
        client->next->before = client;
    c->clients = client;
    c->n_clients++;
    if (uv_accept(stream, (uv_stream_t *)&client->pipe)) {
        client_close(client);
    } else if (c->n_clients > LIMIT_CONTROL_CLIENTS) {
        client->ends = 1;
        complain(client, "too many clients at once; try again");
    } else {
        go_on(client);
    }
}

/* Clients that say nothing, or don't take their answers. Work that takes long is no idleness. */
static void on_sweep(uv_timer_t *timer)
{
    struct control *c = timer->data;
    uint64_t now = uv_now(timer->loop);
    for (struct client *client = c->clients, *next; client; client = next) {
        next = client->next;
        if (!client->call && now - client->since > IDLE_MS)
            client_close(client);
    }
}

/* ---- the socket ---- */

/* OK: what stood there was left by a dead process and is gone. */
static int remove_stale(const char *path, const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(path, &st))
        return errno == ENOENT ? OK : E_IO;
    if (!S_ISSOCK(st.st_mode))
        return E_INVALID;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return E_IO;
    int lives =
        !connect(s, (const struct sockaddr *)address, sizeof *address) || errno != ECONNREFUSED;
    close(s);
    if (lives)
        return E_BUSY;
    return unlink(path) && errno != ENOENT ? E_IO : OK;
}

static int open_socket(struct control *c, const char *state_dir, int *fd)
{
    struct sockaddr_un address;
    struct stat st;
    int folder, r = control_address(state_dir, &address, &folder);
    if (r)
        return r;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = E_IO;
    /* On Linux the name takes its mode from the descriptor. */
    if (s < 0 || fchmod(s, 0600))
        goto out;
    r = OK;
    for (int tries = 0; bind(s, (struct sockaddr *)&address, sizeof address); tries++) {
        r = errno == EADDRINUSE && tries < 3 ? remove_stale(c->path, &address) : E_IO;
        if (r)
            goto out;
    }
    if (lstat(c->path, &st)) {
        r = E_IO;
        goto out;
    }
    c->dev = st.st_dev;
    c->ino = st.st_ino;
    *fd = s;
    s = -1;
out:
    if (s >= 0)
        close(s);
    if (folder >= 0)
        close(folder);
    return r;
}

static void on_closed(uv_handle_t *handle)
{
    unpin(handle->data);
}

int control_create(uv_loop_t *loop, const char *state_dir, control_fn fn, void *user,
                   struct control **control)
{
    int fd = -1;
    struct control *c = calloc(1, sizeof *c);
    if (!c || asprintf(&c->path, "%s/control.sock", state_dir) < 0) {
        free(c);
        return E_NOMEM;
    }
    c->fn = fn;
    c->user = user;
    sigpipe_ignore();
    int r = open_socket(c, state_dir, &fd);
    if (r) {
        free(c->path);
        free(c);
        return r;
    }
    uv_pipe_init(loop, &c->pipe, 0);
    uv_timer_init(loop, &c->sweep);
    c->pipe.data = c->sweep.data = c;
    c->handles = 2;
    if (uv_pipe_open(&c->pipe, fd) || uv_listen((uv_stream_t *)&c->pipe, 64, on_connection)) {
        control_destroy(c);
        return E_IO;
    }
    uv_timer_start(&c->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    *control = c;
    return OK;
}

void control_destroy(struct control *c)
{
    if (!c || c->closing)
        return;
    c->closing = 1;
    while (c->clients)
        client_close(c->clients);
    struct stat st;
    if (!lstat(c->path, &st) && st.st_dev == c->dev && st.st_ino == c->ino)
        unlink(c->path);
    uv_close((uv_handle_t *)&c->pipe, on_closed);
    uv_close((uv_handle_t *)&c->sweep, on_closed);
}
