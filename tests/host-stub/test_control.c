/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "tests/support/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host-stub/control.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"

/* The loop runs in a thread of its own, so that the test can be a blocking client. */
struct world {
    uv_loop_t loop;
    uv_async_t stop, later;
    uv_timer_t last;
    pthread_t thread;
    struct control *control;
    char folder[64], path[96];
    struct control_call *kept[8]; /* loop thread */
    int n_kept, ending;
};

static json_t *echo(const json_t *request)
{
    return json_pack("{s:b,s:O}", "ok", 1, "request", request);
}

static void on_request(void *user, const json_t *request, struct control_call *call)
{
    struct world *w = user;
    const char *command = json_string_value(json_object_get(request, "command"));
    if (command && strcmp(command, "later") == 0)
        w->kept[w->n_kept++] = call; /* answered by on_later */
    else if (command && strcmp(command, "nothing") == 0)
        control_answer(call, NULL);
    else if (command && strcmp(command, "big") == 0) {
        char *text = malloc(3000001);
        memset(text, 'b', 3000000);
        text[3000000] = '\0';
        control_answer(call, json_pack("{s:s}", "text", text));
        free(text);
    } else {
        control_answer(call, echo(request));
    }
}

static void on_later(uv_async_t *async)
{
    struct world *w = async->data;
    for (int i = 0; i < w->n_kept; i++)
        control_answer(w->kept[i], json_pack("{s:s}", "was", "kept"));
    w->n_kept = 0;
    if (w->ending)
        uv_close((uv_handle_t *)&w->later, NULL);
}

/* What was still open is answered to nobody. */
static void on_last(uv_timer_t *timer)
{
    struct world *w = timer->data;
    uv_close((uv_handle_t *)timer, NULL);
    on_later(&w->later);
}

static void on_stop(uv_async_t *async)
{
    struct world *w = async->data;
    control_destroy(w->control);
    uv_close((uv_handle_t *)&w->stop, NULL);
    w->ending = 1;
    uv_timer_init(&w->loop, &w->last); /* a turn later, when the clients are gone for good */
    w->last.data = w;
    uv_timer_start(&w->last, on_last, 0, 0);
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
    strcpy(w->folder, "/tmp/winnow-control-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/control.sock", w->folder);
    uv_loop_init(&w->loop);
    uv_async_init(&w->loop, &w->stop, on_stop);
    uv_async_init(&w->loop, &w->later, on_later);
    w->stop.data = w->later.data = w;
    mode_t old = umask(0); /* the most permissive there is */
    assert_int_equal(control_create(&w->loop, w->folder, on_request, w, &w->control), OK);
    umask(old);
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
    assert_int_equal(access(w->path, F_OK), -1); /* it cleans up after itself */
    assert_int_equal(rmdir(w->folder), 0);
    free(w);
    return 0;
}

static int dial(const struct world *w)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = 30};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", w->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static int say(int fd, const char *text)
{
    size_t n = strlen(text);
    return send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* One line; "" at the end. */
static const char *hear(int fd)
{
    static char line[4096];
    size_t n = 0;
    while (n < sizeof line - 1 && recv(fd, line + n, 1, 0) == 1 && line[n] != '\n')
        n++;
    line[n] = '\0';
    return line;
}

static void question_and_answer(void **state)
{
    struct world *w = *state;
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    json_t *request = json_pack("{s:s,s:s}", "command", "explain", "what", "\xc3\xa4\n\"x\""),
           *answer = NULL;
    assert_int_equal(control_request(w->folder, request, &answer), OK);
    assert_true(json_equal(json_object_get(answer, "request"), request));
    json_decref(answer);
    json_decref(request);
    request = json_pack("{s:s}", "command", "big");
    assert_int_equal(control_request(w->folder, request, &answer), OK);
    assert_int_equal(json_string_length(json_object_get(answer, "text")), 3000000);
    json_decref(answer);
    json_decref(request);
    request = json_pack("{s:s}", "command", "nothing");
    assert_int_equal(control_request(w->folder, request, &answer), OK);
    assert_true(json_is_false(json_object_get(answer, "ok")));
    json_decref(answer);
    json_decref(request);
    char *text = malloc(LIMIT_CONTROL_LINE + 1);
    memset(text, 'x', LIMIT_CONTROL_LINE);
    text[LIMIT_CONTROL_LINE] = '\0';
    request = json_pack("{s:s}", "command", text);
    free(text);
    assert_int_equal(control_request(w->folder, request, &answer), E_LIMIT);
    json_decref(request);
}

static void nobody_there(void **state)
{
    (void)state;
    char folder[] = "/tmp/winnow-control-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    json_t *request = json_pack("{s:s}", "command", "stats"), *answer = NULL;
    assert_int_equal(control_request(folder, request, &answer), E_ABSENT);
    assert_int_equal(control_request("/tmp/winnow-no-such-folder", request, &answer), E_ABSENT);
    snprintf(path, sizeof path, "%s/control.sock", folder);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    close(fd); /* as a process leaves it that was killed */
    assert_int_equal(control_request(folder, request, &answer), E_ABSENT);
    uv_loop_t loop;
    struct control *c = NULL;
    uv_loop_init(&loop);
    assert_int_equal(control_create(&loop, folder, on_request, NULL, &c), OK);
    struct control *second = NULL;
    assert_int_equal(control_create(&loop, folder, on_request, NULL, &second), E_BUSY);
    control_destroy(c);
    uv_run(&loop, UV_RUN_DEFAULT);
    /* What is no socket isn't ours to remove. */
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(control_create(&loop, folder, on_request, NULL, &c), E_INVALID);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    unlink(path);
    rmdir(folder);
    json_decref(request);
}

static void several_in_order(void **state)
{
    struct world *w = *state;
    int fd = dial(w);
    assert_true(
        say(fd, "{\"n\":1}\n\n  \r\n{\"n\":2}\n{\"command\":\"later\"}\n{\"n\":3}\n{\"n\""));
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":1}}");
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":2}}");
    char none;
    usleep(50000);
    assert_int_equal(recv(fd, &none, 1, MSG_DONTWAIT), -1); /* nobody overtakes */
    uv_async_send(&w->later);
    assert_string_equal(hear(fd), "{\"was\":\"kept\"}");
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":3}}");
    assert_true(say(fd, ":4}\n"));
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":4}}");
    close(fd);
}

static void nonsense(void **state)
{
    struct world *w = *state;
    static const char *const list[] = {"nonsense\n", "[1]\n",   "{\"a\":1,\"a\":2}\n",
                                       "{\n",        "\"x\"\n", "{\"a\":\"\xff\"}\n"};
    int fd = dial(w);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        assert_true(say(fd, list[i]));
        const char *line = hear(fd);
        if (!strstr(line, "\"ok\":false") || !strstr(line, "one JSON object a line"))
            fail_msg("%s: %s", list[i], line);
    }
    assert_true(say(fd, "{\"n\":1}\n")); /* it goes on */
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":1}}");
    assert_int_equal(send(fd, "{}\0\n", 4, 0), 4);
    assert_non_null(strstr(hear(fd), "\"ok\":false"));
    close(fd);
}

static void lines_are_limited(void **state)
{
    struct world *w = *state;
    char *text = malloc(4 << 20);
    memset(text, ' ', 4 << 20);
    memcpy(text, "{}", 2);
    text[LIMIT_CONTROL_LINE] = '\n'; /* exactly as long as may be */
    int fd = dial(w);
    assert_int_equal(send(fd, text, LIMIT_CONTROL_LINE + 1, 0), LIMIT_CONTROL_LINE + 1);
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{}}");
    text[LIMIT_CONTROL_LINE] = ' ';
    send(fd, text, (4 << 20) - 1, MSG_NOSIGNAL);
    assert_non_null(strstr(hear(fd), "longer than 64 KiB"));
    assert_string_equal(hear(fd), "");
    close(fd);
    free(text);
}

static void clients_are_limited(void **state)
{
    struct world *w = *state;
    int fds[LIMIT_CONTROL_CLIENTS];
    for (int i = 0; i < LIMIT_CONTROL_CLIENTS; i++) {
        fds[i] = dial(w);
        assert_true(say(fds[i], "{}\n"));
        assert_string_equal(hear(fds[i]), "{\"ok\":true,\"request\":{}}");
    }
    json_t *request = json_pack("{s:s}", "command", "stats"), *answer = NULL;
    assert_int_equal(control_request(w->folder, request, &answer), OK);
    assert_non_null(
        strstr(json_string_value(json_object_get(answer, "error")), "too many clients"));
    json_decref(answer);
    for (int i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
        close(fds[i]);
    int served = 0;
    while (!served) { /* until the loop has seen them go */
        assert_int_equal(control_request(w->folder, request, &answer), OK);
        served = json_is_true(json_object_get(answer, "ok"));
        json_decref(answer);
    }
    json_decref(request);
}

static void client_vanishes(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 3; i++) {
        int fd = dial(w);
        assert_true(say(fd, "{\"command\":\"later\"}\n{\"n\":1}\n"));
        /* Answered by another client's request only after this one is gone. */
        close(fd);
    }
    int fd = dial(w);
    assert_true(say(fd, "{\"n\":1}\n"));
    assert_string_equal(hear(fd), "{\"ok\":true,\"request\":{\"n\":1}}");
    uv_async_send(&w->later);
    assert_true(say(fd, "{\"command\":\"big\"}\n"));
    close(fd); /* in the middle of its answer */
    fd = dial(w);
    assert_true(say(fd, "{\"command\":\"later\"}\n")); /* and one still open at the end */
    assert_true(say(fd, "half a li"));
    int other = dial(w);
    assert_true(say(other, "{}\n"));
    assert_string_equal(hear(other), "{\"ok\":true,\"request\":{}}");
    close(other);
    close(fd);
}

static void long_paths(void **state)
{
    (void)state;
    char top[] = "/tmp/winnow-control-XXXXXX", folder[400];
    assert_non_null(mkdtemp(top));
    snprintf(folder, sizeof folder, "%s/%0200d", top, 7);
    assert_int_equal(mkdir(folder, 0700), 0);
    struct world w;
    memset(&w, 0, sizeof w);
    uv_loop_init(&w.loop);
    uv_async_init(&w.loop, &w.stop, on_stop);
    uv_async_init(&w.loop, &w.later, on_later);
    w.stop.data = w.later.data = &w;
    assert_int_equal(control_create(&w.loop, folder, on_request, &w, &w.control), OK);
    assert_int_equal(pthread_create(&w.thread, NULL, run_loop, &w), 0);
    json_t *request = json_object(), *answer = NULL;
    assert_int_equal(control_request(folder, request, &answer), OK);
    json_decref(answer);
    json_decref(request);
    uv_async_send(&w.stop);
    pthread_join(w.thread, NULL);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(top), 0);
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WORLD(question_and_answer), cmocka_unit_test(nobody_there),
        WORLD(several_in_order),    WORLD(nonsense),
        WORLD(lines_are_limited),   WORLD(clients_are_limited),
        WORLD(client_vanishes),     cmocka_unit_test(long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
