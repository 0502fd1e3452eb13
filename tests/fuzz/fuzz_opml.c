/* SPDX-License-Identifier: Apache-2.0 */
/* Any list: what is read from it can be written and read again, and says the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host-stub/limits.h"
#include "host-stub/opml.h"
#include "host-stub/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct written {
    struct opml_writer writer;
    char *folder; /* of the feed before, which the writer looks at */
    size_t n, bytes;
};

static int write_on(void *user, const struct opml_feed *feed)
{
    struct written *w = user;
    opml_add(&w->writer, feed);
    free(w->folder);
    w->folder = feed->n_tags ? strdup(feed->tags[0]) : NULL;
    w->writer.folder = w->folder;
    w->n++;
    w->bytes += strlen(feed->url);
    return OK;
}

static int count(void *user, const struct opml_feed *feed)
{
    struct written *w = user;
    w->n++;
    w->bytes += strlen(feed->url);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    struct written w = {.n = 0}, again = {.n = 0};
    char why[OPML_WHY];
    buf_init(&out, MIB(64));
    opml_begin(&w.writer, &out, "fuzz");
    int r = opml_parse((const char *)data, size, write_on, &w, NULL, why);
    if (!r && !opml_end(&w.writer)) {
        if (opml_parse(out.p, out.n, count, &again, NULL, why) || again.n != w.n ||
            again.bytes != w.bytes)
            abort();
    }
    free(w.folder);
    buf_finish(&out);
    return 0;
}
