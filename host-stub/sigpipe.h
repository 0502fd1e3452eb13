/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigpipe.h: a peer that goes away must be an error of the write to it, not the end of the process.
 * libuv's pipes, libmicrohttpd's sendfile and OpenSSL's sockets under curl all write without
 * MSG_NOSIGNAL, so whoever uses them calls this first. Any thread.
 */
#ifndef WINNOW_SIGPIPE_H
#define WINNOW_SIGPIPE_H

#include <signal.h>
#include <stddef.h>

/* Ignores SIGPIPE in the whole process, unless somebody handles it. */
static inline void sigpipe_ignore(void)
{
    struct sigaction now;
    if (!sigaction(SIGPIPE, NULL, &now) && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

#endif
