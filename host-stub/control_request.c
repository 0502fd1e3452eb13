/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of the control socket, and the address for both. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "control.h"
#include "control_internal.h"
#include "limits.h"
#include "status.h"

enum { PATIENCE_S = 120 };

int control_address(const char *state_dir, struct sockaddr_un *address, int *folder_fd)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    *folder_fd = -1;
    int n = snprintf(address->sun_path, sizeof address->sun_path, "%s/control.sock", state_dir);
    if (n > 0 && (size_t)n < sizeof address->sun_path)
        return OK;
    *folder_fd = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? E_ABSENT : E_IO;
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/control.sock",
             *folder_fd);
    return OK;
}

static int dial(const char *state_dir, int *fd)
{
    struct sockaddr_un address;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int folder, r = control_address(state_dir, &address, &folder);
    if (r)
        return r;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    r = E_IO;
    if (s >= 0 && !setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) &&
        !setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience)) {
        if (!connect(s, (struct sockaddr *)&address, sizeof address))
            r = OK;
        else if (errno == ENOENT || errno == ENOTDIR || errno == ECONNREFUSED)
            r = E_ABSENT;
        else if (errno == EACCES || errno == EPERM)
            r = E_REFUSED;
        else if (errno == EAGAIN)
            r = E_TIMEOUT;
    }
    if (folder >= 0)
        close(folder);
    if (r && s >= 0)
        close(s);
    else
        *fd = s;
    return r;
}

int control_held(const char *state_dir)
{
    int fd = -1, held = !dial(state_dir, &fd);
    if (held)
        close(fd);
    return held;
}

static int failed(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? E_TIMEOUT : E_IO;
}

static int send_line(int fd, const char *line, size_t n)
{
    while (n) {
        ssize_t r = send(fd, line, n, MSG_NOSIGNAL);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0 && (errno == EPIPE || errno == ECONNRESET))
            break; /* it may have answered all the same: too many clients */
        if (r <= 0)
            return failed();
        line += r;
        n -= (size_t)r;
    }
    return OK;
}

static int read_line(int fd, struct buf *line)
{
    for (;;) {
        char *to = buf_room(line, KIB(16));
        if (!to)
            return line->err;
        ssize_t r = recv(fd, to, KIB(16), 0);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return failed();
        if (!r)
            return E_IO; /* it went away before its answer */
        char *end = memchr(to, '\n', (size_t)r);
        line->n += end ? (size_t)(end - to) : (size_t)r;
        if (end)
            return OK;
    }
}

int control_request(const char *state_dir, const json_t *request, json_t **answer)
{
    struct buf line;
    int fd = -1, r = OK;
    buf_init(&line, LIMIT_CONTROL_ANSWER);
    char *text = json_dumps(request, JSON_COMPACT);
    if (!text)
        return E_NOMEM;
    size_t n = strlen(text);
    text[n] = '\n'; /* in the place of the NUL; its length is known */
    if (n > LIMIT_CONTROL_LINE)
        r = E_LIMIT;
    if (!r)
        r = dial(state_dir, &fd);
    if (!r)
        r = send_line(fd, text, n + 1);
    if (!r)
        r = read_line(fd, &line);
    if (!r) {
        json_t *got = json_loadb(line.p ? line.p : "", line.n, 0, NULL);
        if (json_is_object(got)) {
            *answer = got;
        } else {
            json_decref(got);
            r = E_SYNTAX;
        }
    }
    if (fd >= 0)
        close(fd);
    free(text);
    buf_finish(&line);
    return r;
}
