/* SPDX-License-Identifier: Apache-2.0 */
#include "source_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "../plugin/text/utf8.h"
#include "json_text.h"
#include "limits.h"
#include "status.h"

/* ---- writing ---- */

/* Letters, digits and what URLs are made of; neither a number nor a word that YAML takes for
 * something else can be mistaken, since a ':' or a '/' must be in it or it is quoted. */
static int is_plain(const char *s)
{
    size_t n = strlen(s);
    if (!n || !strpbrk(s, "/") ||
        strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                  "-._~:/?&=+%@;$()!*'") != n)
        return 0;
    int letter = (s[0] >= 'a' && s[0] <= 'z') || (s[0] >= 'A' && s[0] <= 'Z');
    return letter && s[n - 1] != ':';
}

void yaml_add_scalar(struct buf *out, const char *text)
{
    if (is_plain(text)) {
        buf_adds(out, text);
        return;
    }
    /* A double-quoted scalar is JSON's string, but for what YAML takes for a line's end or the
     * document's beginning. */
    size_t n = strlen(text), from = 0;
    buf_addc(out, '"');
    for (size_t i = 0, used; i < n; i += used) {
        uint32_t c = utf8_decode(text + i, n - i, &used);
        int broken = c == 0xfffd && (used != 3 || memcmp(text + i, "\xef\xbf\xbd", 3));
        if (!broken && c != 0x2028 && c != 0x2029 && c != 0xfeff)
            continue;
        buf_json_inside(out, str_of(text + from, i - from));
        if (broken)
            buf_adds(out, "\xef\xbf\xbd");
        else
            buf_addf(out, "\\u%04x", (unsigned)c);
        from = i + used;
    }
    buf_json_inside(out, str_of(text + from, n - from));
    buf_addc(out, '"');
}

/* Comments end with the line, whatever the text holds. */
static void add_comment_text(struct buf *out, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0, chars = 0; i < n && chars < 200; chars++) {
        char bytes[4];
        size_t used;
        uint32_t c = utf8_decode(text + i, n - i, &used);
        i += used;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff)
            c = ' ';
        buf_add(out, bytes, utf8_encode(c, bytes));
    }
}

static void add_note(struct buf *out, const char *note)
{
    if (note) {
        buf_adds(out, "  # ");
        add_comment_text(out, note);
    }
    buf_addc(out, '\n');
}

void yaml_add_source(struct buf *out, int indent, const struct new_source *s)
{
    buf_addf(out, "%*s- ", indent, "");
    if (!s->title && !s->n_tags && !s->allow_private) {
        yaml_add_scalar(out, s->url);
        add_note(out, s->note);
        return;
    }
    buf_adds(out, "url: ");
    yaml_add_scalar(out, s->url);
    add_note(out, s->note);
    if (s->title) {
        buf_addf(out, "%*stitle: ", indent + 2, "");
        yaml_add_scalar(out, s->title);
        buf_addc(out, '\n');
    }
    if (s->n_tags) {
        buf_addf(out, "%*stags: [", indent + 2, "");
        for (size_t i = 0; i < s->n_tags; i++) {
            buf_adds(out, i ? ", " : "");
            yaml_add_scalar(out, s->tags[i]);
        }
        buf_adds(out, "]\n");
    }
    if (s->allow_private)
        buf_addf(out, "%*sallow-private: true\n", indent + 2, "");
}

void yaml_add_comment(struct buf *out, int indent, const char *url, const char *why)
{
    buf_addf(out, "%*s# - ", indent, "");
    add_comment_text(out, url);
    add_note(out, why);
}

/* ---- inserting ---- */

/* libyaml counts lines and columns in characters, and knows more line ends than "\n". */
static size_t line_end(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    if (n && u[0] == '\r')
        return n > 1 && u[1] == '\n' ? 2 : 1;
    if (n && u[0] == '\n')
        return 1;
    if (n > 1 && u[0] == 0xc2 && u[1] == 0x85)
        return 2;
    return n > 2 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] == 0xa8 || u[2] == 0xa9) ? 3 : 0;
}

/* Where a line begins; n when there are fewer. */
static size_t line_at(const char *text, size_t n, size_t line)
{
    size_t at = n > 2 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (line && at < n) {
        size_t end = line_end(text + at, n - at);
        at += end ? end : 1;
        line -= end != 0;
    }
    return at;
}

static size_t place_of(const char *text, size_t n, yaml_mark_t mark)
{
    size_t at = line_at(text, n, mark.line);
    for (size_t c = 0; c < mark.column && at < n; c++)
        do
            at++;
        while (at < n && ((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

/* The last line that belongs to a node: marks of block collections lie behind the comments that
 * follow. */
static size_t last_line(yaml_document_t *doc, const yaml_node_t *node, int depth)
{
    size_t line = node->end_mark.line;
    if (node->type == YAML_SCALAR_NODE) {
        int block = node->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                    node->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
        return block && line > node->start_mark.line && !node->end_mark.column ? line - 1 : line;
    }
    if (depth > 64)
        return line;
    if (node->type == YAML_SEQUENCE_NODE && node->data.sequence.style != YAML_FLOW_SEQUENCE_STYLE &&
        node->data.sequence.items.top > node->data.sequence.items.start)
        return last_line(doc, yaml_document_get_node(doc, node->data.sequence.items.top[-1]),
                         depth + 1);
    if (node->type == YAML_MAPPING_NODE && node->data.mapping.style != YAML_FLOW_MAPPING_STYLE &&
        node->data.mapping.pairs.top > node->data.mapping.pairs.start)
        return last_line(doc, yaml_document_get_node(doc, node->data.mapping.pairs.top[-1].value),
                         depth + 1);
    return line;
}

static void add_all(struct buf *out, int indent, const struct new_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        yaml_add_source(out, indent, &sources[i]);
}

/* Puts lines at `at`, which is the beginning of a line or the end of the text. */
static void splice_lines(struct buf *out, const char *text, size_t n, size_t at, int indent,
                         const char *key, const struct new_source *sources, size_t count)
{
    buf_add(out, text, at);
    if (at && text[at - 1] != '\n' && text[at - 1] != '\r')
        buf_addc(out, '\n');
    buf_adds(out, key);
    add_all(out, indent, sources, count);
    buf_add(out, text + at, n - at);
}

/* `sources: [a, b]`, or `[]`: its bracket is opened for a list of lines, where empty, or for more
 * of the same. */
static void splice_flow(struct buf *out, const char *text, size_t n, const yaml_node_t *list,
                        const struct new_source *sources, size_t count)
{
    size_t from = place_of(text, n, list->start_mark), to = place_of(text, n, list->end_mark);
    int empty = list->data.sequence.items.top == list->data.sequence.items.start;
    if (empty && list->start_mark.line == list->end_mark.line) {
        while (from && text[from - 1] == ' ')
            from--;
        buf_add(out, text, from);
        size_t rest = line_at(text, n, list->end_mark.line + 1);
        buf_add(out, text + to, rest - to); /* a comment behind it stays in its line */
        if (rest == n && (!n || text[n - 1] != '\n'))
            buf_addc(out, '\n');
        add_all(out, 2, sources, count);
        buf_add(out, text + rest, n - rest);
        return;
    }
    buf_add(out, text, to - 1);
    for (size_t i = 0; i < count; i++) {
        const struct new_source *s = &sources[i];
        buf_adds(out, empty && !i ? "{url: \"" : ", {url: \"");
        for (const char *p = s->url; *p; p++)
            buf_addf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
        buf_addc(out, '"');
        if (s->title) {
            buf_adds(out, ", title: ");
            yaml_add_scalar(out, s->title);
        }
        for (size_t t = 0; t < s->n_tags; t++) {
            buf_adds(out, t ? ", " : ", tags: [");
            yaml_add_scalar(out, s->tags[t]);
        }
        buf_adds(out, s->n_tags ? "]" : "");
        buf_adds(out, s->allow_private ? ", allow-private: true}" : "}");
    }
    buf_add(out, text + to - 1, n - to + 1);
}

static int insert(yaml_document_t *doc, const char *text, size_t n,
                  const struct new_source *sources, size_t count, struct buf *out)
{
    yaml_node_t *root = yaml_document_get_root_node(doc), *key = NULL, *value = NULL;
    if (!root || (root->type == YAML_SCALAR_NODE && !root->data.scalar.length)) {
        splice_lines(out, text, n, n, 2, "sources:\n", sources, count);
        return out->err;
    }
    if (root->type != YAML_MAPPING_NODE)
        return E_SYNTAX;
    if (root->data.mapping.style == YAML_FLOW_MAPPING_STYLE)
        return E_INVALID;
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top;
         p++) {
        yaml_node_t *k = yaml_document_get_node(doc, p->key);
        if (k->type == YAML_SCALAR_NODE && strcmp((char *)k->data.scalar.value, "sources") == 0) {
            key = k;
            value = yaml_document_get_node(doc, p->value);
        }
    }
    if (!key) {
        splice_lines(out, text, n, line_at(text, n, last_line(doc, root, 0) + 1), 2, "\nsources:\n",
                     sources, count);
    } else if (value->type == YAML_SCALAR_NODE && !value->data.scalar.length) {
        /* Nothing behind the colon, as in a file where all sources are comments. */
        splice_lines(out, text, n, line_at(text, n, key->end_mark.line + 1), 2, "", sources, count);
    } else if (value->type != YAML_SEQUENCE_NODE || value->start_mark.line < key->start_mark.line) {
        return E_INVALID; /* an alias of what stands further up */
    } else if (value->data.sequence.style == YAML_FLOW_SEQUENCE_STYLE) {
        splice_flow(out, text, n, value, sources, count);
    } else {
        splice_lines(out, text, n, line_at(text, n, last_line(doc, value, 0) + 1),
                     (int)value->start_mark.column, "", sources, count);
    }
    return out->err;
}

int source_text_insert(const char *text, size_t n, const struct new_source *sources, size_t count,
                       struct buf *out)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser))
        return E_NOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    int ok = yaml_parser_load(&parser, &doc), r = E_SYNTAX;
    yaml_parser_delete(&parser);
    if (ok) {
        r = insert(&doc, text, n, sources, count, out);
        yaml_document_delete(&doc);
    }
    return r;
}

/* ---- the file ---- */

static int write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t r = write(fd, p, n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO;
        p += r;
        n -= (size_t)r;
    }
    return OK;
}

int source_file_write(const char *path, const char *text, size_t n, int replace)
{
    struct stat st;
    char *temporary = NULL, *real = replace ? realpath(path, NULL) : NULL;
    const char *to = real ? real : path;
    int r = E_NOMEM, fd = -1;
    if (asprintf(&temporary, "%s.XXXXXX", to) < 0) {
        temporary = NULL;
        goto out;
    }
    r = E_IO;
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        goto out;
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, real && !stat(real, &st) ? st.st_mode & 07777 : 0666 & ~mask))
        goto out;
    r = write_all(fd, text, n);
    if (!r && fsync(fd))
        r = E_IO;
    /* link() is the rename that doesn't replace. */
    if (!r && replace && rename(temporary, to))
        r = E_IO;
    else if (!r && !replace)
        r = !link(temporary, to) ? OK : errno == EEXIST ? E_BUSY : E_IO;
out:;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (r || !replace))
        unlink(temporary);
    free(temporary);
    free(real);
    errno = saved;
    return r;
}
