/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topics_host [key=value …]: runs texts through the topics filter, for eval_topics.py. stdin: a
 * line an item, "language, title, text, category, category …" parted by tabs. stdout: a line an
 * item, "best topic, its score, topic=score …" parted by tabs. key=value are options of the filter.
 */
#include "topics_item.h"

static size_t cut(char *line, char **fields, size_t most)
{
    size_t n = 0;
    for (char *at = line; n < most;) {
        fields[n++] = at;
        at = strchr(at, '\t');
        if (!at)
            break;
        *at++ = '\0';
    }
    return n;
}

static wn_str str_of(const char *s)
{
    return *s ? (wn_str){s, strlen(s)} : (wn_str){NULL, 0};
}

int main(int argc, char **argv)
{
    struct wn_host host = {{{NULL, NULL}}};
    void *self;
    for (int i = 1; i < argc && i < 16; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 2;
        *equals = '\0';
        host.options[i - 1][0] = argv[i];
        host.options[i - 1][1] = equals + 1;
    }
    if (topics_filter.create(&item_api, &host, &self))
        return 1;
    void *thread = topics_filter.thread_enter(self);
    char *line = NULL, *fields[3 + ITEM_CATEGORIES];
    size_t cap = 0;
    ssize_t len;
    wn_item *item = malloc(sizeof *item);
    while (item && (len = getline(&line, &cap, stdin)) > 0) {
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        size_t n = cut(line, fields, sizeof fields / sizeof *fields);
        memset(item, 0, sizeof *item);
        item->lang = str_of(fields[0]);
        item->title = n > 1 ? str_of(fields[1]) : item->title;
        item->text = n > 2 ? str_of(fields[2]) : item->text;
        for (size_t i = 3; i < n; i++)
            item->categories[item->n_categories++] = str_of(fields[i]);
        if (topics_filter.analyse(self, thread, &item, 1))
            return 1;
        printf("%s\t%.6f", item->best, (double)item->best_score / 1e6);
        for (uint32_t i = 0; i < item->n_topics; i++)
            printf("\t%s=%.6f", item->topics[i], (double)item->scores[i] / 1e6);
        putchar('\n');
    }
    free(item);
    free(line);
    topics_filter.thread_leave(self, thread);
    topics_filter.destroy(self);
    return 0;
}
