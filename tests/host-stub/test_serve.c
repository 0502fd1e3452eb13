/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
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

static void on_stop(uv_async_t *async)
{
    struct world *w = async->data;
    server_destroy(w->server);
    uv_close((uv_handle_t *)async, NULL);
}

static void *run_loop(void *user)
{
    struct world *w = user;
    uv_run(&w->loop, UV_RUN_DEFAULT);
    return NULL;
}

static int setup(void **state)
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

static int teardown(void **state)
{
    struct world *w = *state;
    uv_async_send(&w->stop);
    pthread_join(w->thread, NULL);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    unlink(w->file);
    free(w);
    return 0;
}

static void write_file(struct world *w, const char *text)
{
    /* As the publisher does: a new file in the old one's place. */
    char temporary[80];
    snprintf(temporary, sizeof temporary, "%s.new", w->file);
    FILE *f = fopen(temporary, "w");
    fputs(text, f);
    fclose(f);
    assert_int_equal(rename(temporary, w->file), 0);
}

static int dial(const struct world *w)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 60};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof in), 0);
    return fd;
}

static size_t all_n; /* of the last answer */

static const char *read_all(int fd)
{
    static char text[4 << 20];
    all_n = 0;
    for (ssize_t n; (n = recv(fd, text + all_n, sizeof text - 1 - all_n, 0)) > 0;)
        all_n += (size_t)n;
    text[all_n] = '\0';
    close(fd);
    return text;
}

/* Sends it as it is and reads until the server closes, or for a second: whoever sends half a request
 * hears nothing until the server loses patience. */
static const char *raw(const struct world *w, const char *request, size_t n)
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

static const char *ask(const struct world *w, const char *method, const char *path, const char *headers)
{
    char request[4096];
    int n = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
                     method, path, headers);
    int fd = dial(w);
    assert_int_equal(send(fd, request, (size_t)n, 0), n);
    return read_all(fd);
}

static int status_of(const char *answer)
{
    int status = -1;
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static char *header_of(const char *answer, const char *name)
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

static void documents(void **state)
{
    struct world *w = *state;
    write_file(w, "<feed>one</feed>");
    assert_int_equal(status_of(ask(w, "GET", "/feed.atom", "")), 404);
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), OK);
    const char *a = ask(w, "GET", "/feed.atom?x=1", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(body_of(a), "<feed>one</feed>");
    assert_string_equal(header_of(a, "Content-Type"), "application/atom+xml");
    assert_string_equal(header_of(a, "Content-Length"), "16");
    assert_string_equal(header_of(a, "Vary"), "Accept-Encoding");
    assert_string_equal(header_of(a, "Access-Control-Allow-Origin"), "");
    assert_non_null(strstr(header_of(a, "Last-Modified"), " GMT"));
    char etag[64];
    strcpy(etag, header_of(a, "ETag"));
    assert_true(strlen(etag) == 34 && etag[0] == '"');
    a = ask(w, "HEAD", "/feed.atom", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(header_of(a, "Content-Length"), "16");
    assert_string_equal(header_of(a, "ETag"), etag);
    assert_string_equal(body_of(a), "");
    /* The file is gone from its name; what was told counts. */
    unlink(w->file);
    assert_string_equal(body_of(ask(w, "GET", "/feed.atom", "")), "<feed>one</feed>");
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), E_IO);
    assert_string_equal(body_of(ask(w, "GET", "/feed.atom", "")), "<feed>one</feed>");
    write_file(w, "<feed>two</feed>");
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), OK);
    a = ask(w, "GET", "/feed.atom", "");
    assert_string_equal(body_of(a), "<feed>two</feed>");
    assert_string_not_equal(header_of(a, "ETag"), etag);
}

static void conditions(void **state)
{
    struct world *w = *state;
    char lines[512], etag[64], date[64];
    write_file(w, "a document that is worth packing, packing, packing, packing, packing, packing");
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    const char *a = ask(w, "GET", "/feed.rss", "");
    strcpy(etag, header_of(a, "ETag"));
    strcpy(date, header_of(a, "Last-Modified"));
    static const char *const forms[] = {"%s", "W/%s", "\"a,b\", %s", "\"\",W/%s ,\"c\"", "*"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char value[256];
        snprintf(value, sizeof value, forms[i], etag);
        snprintf(lines, sizeof lines, "If-None-Match: %s\r\nIf-Modified-Since: nonsense\r\n", value);
        a = ask(w, "GET", "/feed.rss", lines);
        assert_int_equal(status_of(a), 304);
        assert_string_equal(header_of(a, "ETag"), etag);
        assert_string_equal(body_of(a), "");
    }
    static const char *const others[] = {"\"other\"", "", "\"", "nonsense", "W/", ",,,"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        /* Where there is a tag the date doesn't count. */
        snprintf(lines, sizeof lines, "If-None-Match: %s\r\nIf-Modified-Since: %s\r\n", others[i], date);
        assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 200);
    }
    snprintf(lines, sizeof lines, "If-None-Match: \"x\"\r\nIf-None-Match: %s\r\n", etag);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 304);
    snprintf(lines, sizeof lines, "If-Modified-Since: %s\r\n", date);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 304);
    assert_int_equal(status_of(ask(w, "HEAD", "/feed.rss", lines)), 304);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")), 200);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", "If-Modified-Since: whenever\r\n")), 200);
    /* The same bytes again are no new version, whatever the file's time. */
    write_file(w, "a document that is worth packing, packing, packing, packing, packing, packing");
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, w->file, times, 0), 0);
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    a = ask(w, "GET", "/feed.rss", "");
    assert_string_equal(header_of(a, "ETag"), etag);
    assert_string_equal(header_of(a, "Last-Modified"), date);
}

static void compression(void **state)
{
    struct world *w = *state;
    char text[20001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_file(w, text);
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    const char *a = ask(w, "GET", "/feed.json", "Accept-Encoding: br, gzip\r\n");
    assert_string_equal(header_of(a, "Content-Encoding"), "gzip");
    assert_non_null(strstr(header_of(a, "ETag"), "-gz\""));
    char lines[128];
    snprintf(lines, sizeof lines, "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n", header_of(a, "ETag"));
    static unsigned char out[20002];
    z_stream z;
    memset(&z, 0, sizeof z);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (unsigned char *)body_of(a);
    z.avail_in = (uInt)(all_n - (size_t)(body_of(a) - a));
    assert_true(z.avail_in < 200);
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, 20000);
    inflateEnd(&z);
    assert_memory_equal(out, text, 20000);
    a = ask(w, "GET", "/feed.json", lines);
    assert_int_equal(status_of(a), 304);
    assert_non_null(strstr(header_of(a, "ETag"), "-gz\""));
    assert_string_equal(header_of(ask(w, "GET", "/feed.json", "Accept-Encoding: gzip;q=0\r\n"), "Content-Encoding"), "");
    /* What doesn't become smaller goes as it is. */
    write_file(w, "x");
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    a = ask(w, "GET", "/feed.json", "Accept-Encoding: gzip\r\n");
    assert_string_equal(header_of(a, "Content-Encoding"), "");
    assert_string_equal(body_of(a), "x");
    write_file(w, "");
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    assert_int_equal(status_of(ask(w, "GET", "/feed.json", "")), 200);
}

static void accept_encoding(void **state)
{
    (void)state;
    static const char *const yes[] = {"gzip", "GZIP", "x-gzip", "deflate, gzip;q=0.5", "*", "gzip; q=0.001",
                                      "br;q=1, *;q=0.1", " gzip ,x", "gzip;q=1.000", "*;q=0, gzip"};
    static const char *const no[] = {"", "identity", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0", "gzipx",
                                     "br, gzip;q=0, *", ",,,", ";q=1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!gzip_accepted(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (gzip_accepted(no[i]))
            fail_msg("%s", no[i]);
}

static void other_answers(void **state)
{
    struct world *w = *state;
    const char *a = ask(w, "GET", "/healthz", "");
    assert_int_equal(status_of(a), 503);
    server_health(w->server, 1, "{\"ok\":true}");
    a = ask(w, "GET", "/healthz", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(body_of(a), "{\"ok\":true}");
    assert_string_equal(header_of(a, "Content-Type"), "application/json");
    server_health(w->server, 0, "{\"ok\":false}");
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 503);
    assert_int_equal(status_of(ask(w, "GET", "/nowhere", "")), 404);
    assert_int_equal(status_of(ask(w, "GET", "/../etc/passwd", "")), 404);
    assert_int_equal(status_of(ask(w, "GET", "/%2e%2e/etc/passwd", "")), 404);
    a = ask(w, "POST", "/feed.atom", "Content-Length: 3\r\n");
    assert_int_equal(status_of(a), 405);
    assert_string_equal(header_of(a, "Allow"), "GET, HEAD");
    assert_int_equal(status_of(ask(w, "DELETE", "/feed.atom", "")), 405);
    assert_int_equal(status_of(ask(w, "OPTIONS", "*", "")), 405);
    assert_int_equal(server_update(w->server, "/feed.atom", NULL, "application/atom+xml"), OK);
    a = ask(w, "GET", "/feed.atom", "");
    assert_int_equal(status_of(a), 503); /* on its way */
    assert_string_equal(header_of(a, "Retry-After"), "10");
    a = ask(w, "GET", "/", "");
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "<a href=\"/feed.atom\">Atom"));
    assert_non_null(strstr(header_of(a, "Content-Security-Policy"), "default-src 'none'"));
}

/* Whatever a client sends, there is an answer under 500 or none, and the next client is served. */
static void bad_requests(void **state)
{
    struct world *w = *state;
    server_health(w->server, 1, "{}");
    static const struct {
        const char *text;
        size_t n;
    } list[] = {
#define RAW(s) {s, sizeof s - 1}
        RAW(""), RAW("\r\n\r\n\r\n"), RAW("GET\r\n\r\n"), RAW("GET /\r\n\r\n"), RAW("nonsense\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n\r\n"), RAW("GET / HTTP/9.9\r\nHost: x\r\n\r\n"), RAW("GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
        RAW("GET / HTTP/0.9\r\n\r\n"), RAW("GET / HTTP/1.1\r\nHost\r\n\r\n"), RAW("GET / HTTP/1.1\r\n: x\r\n\r\n"),
        RAW("GET /\0x HTTP/1.1\r\nHost: x\r\n\r\n"), RAW("GET /%00%ff%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"),
        RAW("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n"),
        RAW("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"),
        RAW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        RAW("GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n"),
        RAW("\xff\xfe\xfd / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const char *a = raw(w, list[i].text, list[i].n);
        /* libmicrohttpd has its own word for other versions of HTTP, before anyone is asked. */
        int version = strstr(list[i].text, "HTTP/9") || strstr(list[i].text, "HTTP/2") ||
                      strstr(list[i].text, "HTTP/0");
        if (all_n && status_of(a) >= 500 && !(version && status_of(a) == 505))
            fail_msg("case %zu: %.60s", i, a);
        assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
    }
    char *big = malloc(2000000);
    memset(big, 'a', 2000000);
    memcpy(big, "GET /", 5);
    const char *a = raw(w, big, 2000000); /* an endless address */
    assert_true(!all_n || (status_of(a) >= 400 && status_of(a) < 500));
    static const char start[] = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
    memset(big, 'a', 2000000);
    memcpy(big, start, sizeof start - 1);
    a = raw(w, big, 2000000); /* an endless header */
    assert_true(!all_n || (status_of(a) >= 400 && status_of(a) < 500));
    free(big);
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
}

static void kept_connections(void **state)
{
    struct world *w = *state;
    server_health(w->server, 1, "{}");
    int fd = dial(w);
    static const char two[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, two, sizeof two - 1, 0), sizeof two - 1);
    const char *a = read_all(fd);
    int answers = 0;
    for (; (a = strstr(a, "HTTP/1.1 200")); a++)
        answers++;
    assert_int_equal(answers, 3);
    /* A body with a GET is thrown away, and the connection stays usable. */
    fd = dial(w);
    static const char body[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                               "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, body, sizeof body - 1, 0), sizeof body - 1);
    a = read_all(fd);
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "HTTP/1.1 404"));
}

static void many_clients(void **state)
{
    struct world *w = *state;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &files);
    int n = files.rlim_cur >= 2200 ? LIMIT_HTTP_CLIENTS : 200;
    int *fds = calloc((size_t)n + 50, sizeof *fds);
    server_health(w->server, 1, "{}");
    static const char half[] = "GET /healthz HTTP/1.1\r\nHo";
    static const char rest[] = "st: x\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < n; i++) {
        fds[i] = dial(w);
        assert_int_equal(send(fds[i], half, sizeof half - 1, 0), sizeof half - 1);
    }
    for (int i = n; i < n + 50; i++) /* over the limit: they wait, or are turned away */
        fds[i] = dial(w);
    for (int i = 0; i < n; i++) {
        assert_int_equal(send(fds[i], rest, sizeof rest - 1, 0), sizeof rest - 1);
        assert_int_equal(status_of(read_all(fds[i])), 200);
    }
    for (int i = n; i < n + 50; i++)
        close(fds[i]);
    free(fds);
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
}

static void replaced_while_read(void **state)
{
    struct world *w = *state;
    size_t n = 3 << 20;
    char *text = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + (i * 7 + i / 1000) % 26);
    text[n] = '\0';
    write_file(w, text);
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    int fd = dial(w);
    static const char get[] = "GET /feed.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, get, sizeof get - 1, 0), sizeof get - 1);
    char some[1000];
    assert_true(recv(fd, some, sizeof some, MSG_WAITALL) == sizeof some);
    for (int i = 0; i < 20; i++) {
        char small[32];
        snprintf(small, sizeof small, "version %d", i);
        write_file(w, small);
        assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    }
    const char *rest = read_all(fd);
    const char *body = strstr(some, "\r\n\r\n") + 4;
    size_t first = (size_t)(some + sizeof some - body);
    assert_int_equal(first + all_n, n);
    assert_memory_equal(text, body, first);
    assert_memory_equal(text + first, rest, all_n);
    free(text);
    assert_string_equal(body_of(ask(w, "GET", "/feed.rss", "")), "version 19");
    /* A client that goes away in the middle of it harms nobody. */
    fd = dial(w);
    assert_int_equal(send(fd, get, sizeof get - 1, 0), sizeof get - 1);
    close(fd);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", "")), 200);
}

/* Bytes that come one by one don't keep a connection for ever, nor does taking an answer slowly. */
static void slow_clients(void **state)
{
    struct world w;
    memset(&w, 0, sizeof w);
    (void)state;
    uv_loop_init(&w.loop);
    uv_async_init(&w.loop, &w.stop, on_stop);
    w.stop.data = &w;
    assert_int_equal(server_create(&w.loop, "127.0.0.1:0", &w.server), OK);
    w.port = server_port(w.server);
    w.server->request_ms = 400;
    w.server->answer_ms = 400;
    uv_timer_set_repeat(&w.server->sweep, 50);
    uv_timer_again(&w.server->sweep);
    strcpy(w.file, "/tmp/winnow-serve-XXXXXX");
    close(mkstemp(w.file));
    assert_int_equal(truncate(w.file, 100 << 20), 0);
    assert_int_equal(server_update(w.server, "/feed.rss", w.file, "application/rss+xml"), OK);
    assert_int_equal(pthread_create(&w.thread, NULL, run_loop, &w), 0);
    int slow = dial(&w), silent = dial(&w), lazy = dial(&w);
    static const char get[] = "GET /feed.rss HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(send(lazy, get, sizeof get - 1, 0), sizeof get - 1);
    const char *drip = "GET / HTTP/1.1\r\nX-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    while (*drip && send(slow, drip, 1, MSG_NOSIGNAL) == 1) {
        drip++;
        usleep(50000);
    }
    assert_true(*drip); /* cut off before its end */
    read_all(slow);
    read_all(silent);
    assert_int_equal(all_n, 0);
    static char some[65536];
    size_t taken = 0;
    for (ssize_t n; (n = recv(lazy, some, sizeof some, 0)) > 0;)
        taken += (size_t)n;
    close(lazy);
    assert_true(taken < 100 << 20);
    uv_async_send(&w.stop);
    pthread_join(w.thread, NULL);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    unlink(w.file);
}

static void addresses(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct server *s = NULL, *t = NULL;
    static const char *const bad[] = {"", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80",
                                      "[::1:80", "::1]:80", "127.0.0.1:-1", "127.0.0.1:123456", "no such host.:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (server_create(&loop, bad[i], &s) != E_INVALID)
            fail_msg("%s", bad[i]);
    static const char *const good[] = {"127.0.0.1:0", "localhost:0", ":0", "*:0", "0.0.0.0:0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (server_create(&loop, good[i], &s))
            fail_msg("%s", good[i]);
        char taken[32];
        snprintf(taken, sizeof taken, "127.0.0.1:%d", server_port(s));
        if (good[i][0] == '1')
            assert_int_equal(server_create(&loop, taken, &t), E_BUSY);
        server_destroy(s);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    assert_int_equal(server_create(&loop, "192.0.2.1:0", &s), E_ABSENT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WORLD(documents), WORLD(conditions), WORLD(compression), cmocka_unit_test(accept_encoding),
        WORLD(other_answers), WORLD(bad_requests), WORLD(kept_connections), WORLD(many_clients),
        WORLD(replaced_while_read), cmocka_unit_test(slow_clients), cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
