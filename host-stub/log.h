/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: lines for people, on standard error. Any thread; a line is written whole.
 *
 * "winnow: WARNING https://example.org/feed: truncated after item 12". The subject names the
 * feed, file, filter or option; the message says what is wrong and what to do. Control characters
 * in either are replaced, since both may hold what the network sent.
 */
#ifndef WINNOW_LOG_H
#define WINNOW_LOG_H

/* A notice is no warning, but is printed wherever warnings are: that the daemon started, or took its
 * configuration anew. The first four are those of the ABI. */
enum log_level { LOG_ERROR = 0, LOG_WARNING = 1, LOG_INFO = 2, LOG_DEBUG = 3, LOG_NOTICE = 4 };

/* The most talkative level that is printed; LOG_WARNING at first. */
void log_set_level(int level);
/* subject may be NULL. */
void log_msg(int level, const char *subject, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A command line that is wrong: "winnow COMMAND: text; see: winnow COMMAND --help", on standard
 * error whatever the level and the log file. */
void log_usage(const char *command, const char *text);
/* A line that replaces itself, on a terminal only; NULL clears it. Lines of log_msg go above it. */
void log_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* SIGHUP: nothing is buffered, so nothing to do but for a log file, should one be set. */
int log_set_file(
    const char *path); /* E_IO: cannot be opened; the old one stays. NULL: standard error */

#endif
