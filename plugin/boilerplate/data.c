/* SPDX-License-Identifier: Apache-2.0 */
/* Where the rules come from. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define LIMIT_DATA ((size_t)4 << 20) /* the shipped file has 120 kB */

/* Reads a whole file; NULL: not there (or no memory). */
static char *slurp(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rbe");
    char *text = NULL;
    if (!file)
        return NULL;
    if (!fseek(file, 0, SEEK_END)) {
        long size = ftell(file);
        rewind(file);
        if (size > 0 && (size_t)size <= LIMIT_DATA && (text = malloc((size_t)size))) {
            *n = fread(text, 1, (size_t)size, file);
            if (*n != (size_t)size) {
                free(text);
                text = NULL;
            }
        }
    }
    fclose(file);
    return text;
}

static int parse(const wn_api *api, wn_host *host, const char *name, const char *text, size_t n,
                 struct rules **rules)
{
    char message[200], line[1200];
    int status = rules_parse(text, n, rules, message);
    if (status) {
        snprintf(line, sizeof line, "%.900s, %s", name, message);
        api->log(host, WN_LOG_ERROR, line);
    }
    return status ? WN_ERROR : WN_OK;
}

/* boilerplate.data in the folder of the shared object that this code is in. */
static int beside(char *path, size_t size)
{
    Dl_info info;
    if (!dladdr((const void *)&boilerplate_filter, &info) || !info.dli_fname)
        return 0;
    const char *slash = strrchr(info.dli_fname, '/');
    int n = slash ? (int)(slash - info.dli_fname) + 1 : 0;
    return (size_t)snprintf(path, size, "%.*sboilerplate.data", n, info.dli_fname) < size;
}

int data_load(const wn_api *api, wn_host *host, struct rules **rules)
{
    char path[4096], line[4200];
    char *text = NULL;
    size_t n = 0;
    wn_str option = {NULL, 0};
    int status;
    if (WN_HAS(api, config) && api->config(host, NULL, "data", &option) == WN_OK && option.len) {
        snprintf(path, sizeof path, "%.*s", (int)option.len, option.ptr);
        text = slurp(path, &n);
        if (!text) {
            snprintf(line, sizeof line, "can't read the rules in %s; check the option data", path);
            api->log(host, WN_LOG_ERROR, line);
            return WN_ERROR;
        }
    }
    if (!text && beside(path, sizeof path))
        text = slurp(path, &n);
    if (!text) {
        snprintf(path, sizeof path, "%s/boilerplate.data", WINNOW_LIBDIR);
        text = slurp(path, &n);
    }
    if (!text)
        return parse(api, host, "built-in rules", data_builtin, data_builtin_size, rules);
    status = parse(api, host, path, text, n, rules);
    free(text);
    return status;
}
