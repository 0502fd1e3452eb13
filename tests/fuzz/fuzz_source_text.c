/* SPDX-License-Identifier: Apache-2.0 */
/* Any configuration: after a source was put into it the configuration has one source more, or it is
 * left alone. What no configuration was before isn't looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host-stub/config.h"
#include "host-stub/limits.h"
#include "host-stub/source_text.h"
#include "host-stub/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char tag[] = "a \"tag\"", *tags[] = {tag};
    const struct new_source source = {
        .url = "https://new.example/", .title = "t: #", .tags = tags, .n_tags = 1};
    struct config *before = NULL, *after = NULL;
    struct buf out, errors;
    buf_init(&out, MIB(4));
    buf_init(&errors, MIB(1));
    if (!config_parse((const char *)data, size, "x.yaml", "/tmp", &before, &errors) &&
        !source_text_insert((const char *)data, size, &source, 1, &out) &&
        !config_parse(out.p, out.n, "x.yaml", "/tmp", &after, &errors) &&
        after->n_sources == before->n_sources + 1 && !config_source(after, source.url))
        abort();
    config_destroy(before);
    config_destroy(after);
    buf_finish(&out);
    buf_finish(&errors);
    return 0;
}
