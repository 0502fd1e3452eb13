/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation */
/* The n-th allocation fails, in turn, through a whole document of each format: either the writer
 * says so, or the document is the one that it would have been. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "test_writer_sample.h"
#include "tests/support/nomem.h"

struct fixed { /* a sink that allocates nothing */
    size_t n;
    char bytes[65536];
};

static int fixed_sink(void *user, const char *p, size_t n)
{
    struct fixed *f = user;
    if (n > sizeof f->bytes - f->n)
        return E_FULL;
    memcpy(f->bytes + f->n, p, n);
    f->n += n;
    return OK;
}

static int write_document(int format, const struct entry *entry, struct fixed *out)
{
    struct writer_options options = sample_options(format);
    struct writer *w = NULL;
    out->n = 0;
    int status = writer_create(&options, fixed_sink, out, &w);
    if (status != OK)
        return status;
    writer_entry(w, entry);
    writer_item(w, entry->face, entry->members, entry->n_members);
    status = writer_finish(w);
    writer_destroy(w);
    return status;
}

static void each_allocation(void **state)
{
    (void)state;
    static struct fixed whole, out;
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        for (int sanitised = 0; sanitised < 2; sanitised++) {
            struct entry entry;
            sample_entry(&entry, 1, sanitised);
            assert_int_equal(write_document(format, &entry, &whole), OK);
            for (long n = 1;; n++) {
                nomem_fail(n);
                int status = write_document(format, &entry, &out);
                int failed = nomem_end();
                if (status == OK) {
                    assert_int_equal(out.n, whole.n);
                    assert_memory_equal(out.bytes, whole.bytes, whole.n);
                } else {
                    assert_int_equal(status, E_NOMEM);
                    assert_true(failed);
                }
                if (!failed)
                    break;
            }
            sample_entry_finish(&entry);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
