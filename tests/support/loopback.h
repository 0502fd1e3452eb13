/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback.h: a real HTTP server on 127.0.0.1 for tests, with scripted answers, good and bad.
 *
 * It runs in threads of its own (one a connection), so that a test may block or run its loop as it
 * likes. Any thread may call. Failing to set it up is a failing test: functions abort with a
 * message.
 */
#ifndef WINNOW_TEST_LOOPBACK_H
#define WINNOW_TEST_LOOPBACK_H

#include <stddef.h>

struct loopback;

enum loopback_break { /* where the connection is cut */
                      BREAK_NOWHERE = 0,
                      BREAK_AT_ONCE, /* after the request, before any answer */
                      BREAK_IN_HEADERS,
                      BREAK_IN_BODY, /* half the body, although Content-Length promised all */
};

struct reply {
    int status;          /* 0: 200 */
    const char *headers; /* further lines, each ending in \r\n; NULL */
    const char *body;    /* NULL: none */
    size_t n;            /* 0: strlen(body) */
    const char *etag; /* sent as ETag; a request whose If-None-Match is exactly this gets a 304 */
    int gzip;         /* Content-Encoding: gzip, body compressed */
    int close;        /* no Content-Length: the end of the connection ends the body */
    int chunked;
    int delay_ms;        /* before the answer */
    int gated;           /* before the answer: waits for loopback_open() */
    int gated_body;      /* after the body's first byte: the same */
    int half_ms;         /* a pause in the middle of the body */
    int drip_ms;         /* the body one byte at a time, with such pauses */
    int endless;         /* the body over and over, until the client has enough */
    int endless_headers; /* header lines over and over */
    int break_at;        /* enum loopback_break */
};

struct loopback *loopback_start(void);
/* A port of 127.0.0.1 that is taken, and at which nobody answers, until the process ends. */
int loopback_dead_port(void);
/* Ends all connections and joins all threads. */
void loopback_stop(struct loopback *server);
int loopback_port(const struct loopback *server);
/* "http://127.0.0.1:PORT" and path; static storage, four at a time. Test's main thread only. */
const char *loopback_url(const struct loopback *server, const char *path);
/* Appends an answer for a path (query included). They are given in order; the last one stays. What
 * is pointed to is copied. Without any: 404. */
void loopback_reply(struct loopback *server, const char *path, const struct reply *reply);
/* Lets all go on that wait, now and later: what comes when is the test's to say, not the clock's. */
void loopback_open(struct loopback *server);
/* Forgets the path's answers. */
void loopback_forget(struct loopback *server, const char *path);
/* Requests that came for the path; NULL: all. */
size_t loopback_count(struct loopback *server, const char *path);
/* The path's last request, whole head as it came; static storage, until the next call. "" when
 * none. */
const char *loopback_last(struct loopback *server, const char *path);
/* The most requests that waited at the same time for their answer's first byte. */
size_t loopback_peak(struct loopback *server);
/* Connections that were accepted. */
size_t loopback_connections(struct loopback *server);

#endif
