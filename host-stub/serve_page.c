/* SPDX-License-Identifier: Apache-2.0 */
/* A document's version: the file, its gzip, its tags, and the answers made of them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

#include "fetch_header.h"
#include "serve_internal.h"
#include "status.h"

enum { BLOCK = 65536 };

int add_header(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value);
}

static int write_all(int fd, const unsigned char *p, size_t n)
{
    while (n) {
        ssize_t r = write(fd, p, n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return E_IO;
        p += r;
        n -= (size_t)r;
    }
    return OK;
}

struct packer {
    z_stream z;
    int fd;
    size_t n;
    unsigned char out[BLOCK];
};

static int pack(struct packer *p, unsigned char *bytes, size_t n, int last)
{
    p->z.next_in = bytes;
    p->z.avail_in = (uInt)n;
    do {
        p->z.next_out = p->out;
        p->z.avail_out = BLOCK;
        if (deflate(&p->z, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
            return E_IO;
        size_t made = BLOCK - p->z.avail_out;
        if (write_all(p->fd, p->out, made))
            return E_IO;
        p->n += made;
    } while (!p->z.avail_out);
    return OK;
}

/* One pass: the hash and the gzip of all that the file holds. */
static int digest(int fd, int gzip_fd, XXH128_hash_t *hash, uint64_t *size, size_t *packed)
{
    struct packer *p = calloc(1, sizeof *p);
    XXH3_state_t *state = XXH3_createState();
    unsigned char *in = malloc(BLOCK);
    int r = E_NOMEM;
    *size = 0;
    if (!p || !state || !in ||
        deflateInit2(&p->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        goto out;
    p->fd = gzip_fd;
    XXH3_128bits_reset(state);
    for (ssize_t n = 1; n > 0;) {
        n = pread(fd, in, BLOCK, (off_t)*size);
        r = n < 0 ? E_IO : pack(p, in, (size_t)n, n == 0);
        if (r)
            break;
        XXH3_128bits_update(state, in, (size_t)n);
        *size += (uint64_t)n;
    }
    deflateEnd(&p->z);
    *hash = XXH3_128bits_digest(state);
    *packed = p->n;
out:
    free(in);
    free(p);
    XXH3_freeState(state);
    return r;
}

/* What all answers with a document say alike. */
struct common {
    const char *type, *origin;
    char self[256]; /* empty: none */
};

/* The document's own address, relative to the request: right whatever a proxy calls the server. */
static void name_self(struct common *c, const char *path)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    if (!*name || strlen(name) > 128 || strpbrk(name, "<>\" :?#\\"))
        return;
    snprintf(c->self, sizeof c->self, "<%s>; rel=\"self\"; type=\"%.*s\"", name,
             (int)strcspn(c->type, "; \""), c->type);
}

static int headers(struct MHD_Response *response, const struct version *v, const struct common *c,
                   const char *etag, const char *encoding)
{
    char date[32];
    const char *type = response == v->plain || response == v->gzip ? c->type : NULL;
    http_date_format(v->modified, date);
    return response && (!c->self[0] || add_header(response, "Link", c->self)) &&
           (!c->origin || (add_header(response, "Access-Control-Allow-Origin", c->origin) &&
                           add_header(response, "Access-Control-Expose-Headers", "ETag, Link"))) &&
           add_header(response, "ETag", etag) && add_header(response, "Last-Modified", date) &&
           add_header(response, "Cache-Control", "max-age=60") &&
           add_header(response, "Vary", "Accept-Encoding") &&
           (!type || (add_header(response, "Content-Type", type) &&
                      add_header(response, "X-Content-Type-Options", "nosniff"))) &&
           (!encoding || add_header(response, "Content-Encoding", encoding));
}

/* Takes the descriptor over. */
static struct MHD_Response *of_file(int fd, uint64_t size)
{
    struct MHD_Response *r = MHD_create_response_from_fd64(size, fd);
    if (!r)
        close(fd);
    return r;
}

static struct MHD_Response *empty(void)
{
    return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
}

int version_create(const char *file, const char *type, const char *path, const char *origin,
                   struct version **version)
{
    struct common common = {.type = type, .origin = origin};
    struct version *v = calloc(1, sizeof *v);
    struct stat st;
    uint64_t size;
    size_t packed;
    XXH128_hash_t hash;
    int gzip_fd = -1, r = E_NOMEM;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (!v)
        goto out;
    gzip_fd = memfd_create("winnow-gzip", MFD_CLOEXEC);
    r = E_IO;
    if (fd < 0 || gzip_fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
        goto out;
    r = digest(fd, gzip_fd, &hash, &size, &packed);
    if (r)
        goto out;
    v->hash[0] = hash.high64;
    v->hash[1] = hash.low64;
    v->modified = st.st_mtim.tv_sec;
    snprintf(v->etag, sizeof v->etag, "\"%016" PRIx64 "%016" PRIx64 "\"", hash.high64, hash.low64);
    snprintf(v->etag_gzip, sizeof v->etag_gzip, "\"%016" PRIx64 "%016" PRIx64 "-gz\"", hash.high64,
             hash.low64);
    v->plain = of_file(fd, size);
    fd = -1;
    if (packed < size) {
        v->gzip = of_file(gzip_fd, packed);
        gzip_fd = -1;
    }
    name_self(&common, path);
    v->unchanged[0] = empty();
    v->unchanged[1] = empty();
    r = E_NOMEM;
    if (!headers(v->plain, v, &common, v->etag, NULL) ||
        !headers(v->unchanged[0], v, &common, v->etag, NULL) ||
        !headers(v->unchanged[1], v, &common, v->etag_gzip, NULL) ||
        (packed < size && !headers(v->gzip, v, &common, v->etag_gzip, "gzip")))
        goto out;
    *version = v;
    v = NULL;
    r = OK;
out:
    if (fd >= 0)
        close(fd);
    if (gzip_fd >= 0)
        close(gzip_fd);
    version_destroy(v);
    return r;
}

void version_destroy(struct version *v)
{
    if (!v)
        return;
    struct MHD_Response *all[] = {v->plain, v->gzip, v->unchanged[0], v->unchanged[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i])
            MHD_destroy_response(all[i]);
    free(v);
}
