/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread_signals.h: signals are the loop's business, so threads are made with all of them blocked; but
 * what a crash raises must reach its handler (crumb.h): blocked, it would kill unheard. Any thread.
 */
#ifndef WINNOW_THREAD_SIGNALS_H
#define WINNOW_THREAD_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/* Around pthread_create, which inherits the mask; *old is put back with pthread_sigmask. */
static inline void thread_signals_block(sigset_t *old)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    sigset_t most;
    sigfillset(&most);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigdelset(&most, crashes[i]);
    pthread_sigmask(SIG_SETMASK, &most, old);
}

#endif
