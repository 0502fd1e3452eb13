/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h: word to the service manager, as sd_notify(3) describes it, without its library: one
 * datagram to the socket that $NOTIFY_SOCKET names. Without that variable nothing happens. Owns
 * nothing; any thread, as long as nobody changes the environment.
 */
#ifndef WINNOW_NOTIFY_H
#define WINNOW_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…": a line each, separated by newlines. Nobody may
 * be listening any more, so a failure is the manager's. E_ABSENT: there is no manager; E_INVALID: the
 * socket's name is none; E_IO. */
int notify_send(const char *lines);
/* That the configuration is read anew; READY=1 ends it. */
int notify_reloading(void);
/* How often the manager wants to hear WATCHDOG=1, in milliseconds, halved as it advises; 0: it doesn't,
 * or it means another process. */
int64_t notify_watchdog_ms(void);

#endif
