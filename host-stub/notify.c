/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "status.h"

int notify_send(const char *lines)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *name = getenv("NOTIFY_SOCKET");
    if (!name || !*name)
        return E_ABSENT;
    size_t n = strlen(name);
    if ((*name != '/' && *name != '@') || n >= sizeof to.sun_path)
        return E_INVALID;
    memcpy(to.sun_path, name, n);
    if (*name == '@') /* the abstract namespace, whose names have a length instead of an end */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return E_IO;
    size_t length = strlen(lines);
    ssize_t sent = sendto(fd, lines, length, MSG_NOSIGNAL, (struct sockaddr *)&to,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
    return sent == (ssize_t)length ? OK : E_IO;
}

int notify_reloading(void)
{
    struct timespec now;
    char lines[64];
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    return notify_send(lines);
}

static int64_t number_in(const char *variable)
{
    const char *text = getenv(variable);
    char *end;
    if (!text || *text < '0' || *text > '9')
        return 0;
    int64_t n = strtoll(text, &end, 10);
    return *end ? 0 : n;
}

int64_t notify_watchdog_ms(void)
{
    int64_t us = number_in("WATCHDOG_USEC"), pid = number_in("WATCHDOG_PID");
    if (us <= 0 || (pid && pid != (int64_t)getpid()))
        return 0;
    int64_t ms = us / 2000;
    return ms ? ms : 1;
}
