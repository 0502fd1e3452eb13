/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "status.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards everything below */
static int max_level = LOG_WARNING;
static FILE *file;      /* NULL: standard error */
static int progress_on; /* a progress line stands on the terminal */

void log_set_level(int level)
{
    pthread_mutex_lock(&lock);
    max_level = level;
    pthread_mutex_unlock(&lock);
}

/* What the network sent must not drive the terminal: C0, DEL and C1 (as UTF-8 C2 80..9F). */
static void clean(char *s)
{
    for (unsigned char *p = (unsigned char *)s; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
        else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
            p[0] = p[1] = '?';
    }
}

static void erase_progress(void)
{
    if (progress_on)
        fputs("\r\033[K", stderr);
    progress_on = 0;
}

void log_msg(int level, const char *subject, const char *fmt, ...)
{
    static const char *const names[] = {"ERROR ", "WARNING ", "", "debug: ", ""};
    char line[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    clean(line);
    char about[512] = "";
    if (subject) {
        snprintf(about, sizeof about - 2, "%.500s", subject);
        clean(about);
        strcat(about, ": ");
    }
    int rank = level == LOG_NOTICE ? LOG_WARNING : level;
    pthread_mutex_lock(&lock);
    if (rank <= max_level) {
        FILE *to = file ? file : stderr;
        erase_progress();
        fprintf(to, "winnow: %s%s%s\n",
                names[level < 0            ? 0
                      : level > LOG_NOTICE ? LOG_DEBUG
                                           : level],
                about, line);
        fflush(to);
    }
    pthread_mutex_unlock(&lock);
}

void log_usage(const char *command, const char *text)
{
    char line[2048];
    snprintf(line, sizeof line, "%s", text);
    clean(line);
    size_t n = strlen(line);
    fprintf(stderr, "winnow %s: %s%s: winnow %s --help\n", command, line,
            n && line[n - 1] == '?' ? " See" : "; see", command);
}

void log_progress(const char *fmt, ...)
{
    if (!isatty(STDERR_FILENO))
        return;
    pthread_mutex_lock(&lock);
    erase_progress();
    if (fmt) {
        char line[256];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(line, sizeof line, fmt, ap);
        va_end(ap);
        clean(line);
        fputs(line, stderr);
        fflush(stderr);
        progress_on = 1;
    }
    pthread_mutex_unlock(&lock);
}

int log_set_file(const char *path)
{
    FILE *fresh = NULL;
    if (path && !(fresh = fopen(path, "ae")))
        return E_IO;
    pthread_mutex_lock(&lock);
    FILE *old = file;
    file = fresh;
    pthread_mutex_unlock(&lock);
    if (old)
        fclose(old);
    return OK;
}
