/* SPDX-License-Identifier: Apache-2.0 */
/* Near-copies in one language, made of the documents of editions_data.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "editions_data.h"

const char *copy_kind_name(int kind)
{
    static const char *const names[] = {"same text",
                                        "other headline",
                                        "other intro",
                                        "teaser",
                                        "paragraph added",
                                        "headline and teaser",
                                        "follow-up (not a copy)",
                                        "other article (not a copy)"};
    return names[kind];
}

static char *join(const struct sentences *s, size_t from, size_t to)
{
    char *out = calloc(1, 1);
    for (size_t i = from; i < to && i < s->n; i++) {
        out = realloc(out, strlen(out) + strlen(s->s[i]) + 2);
        if (!out)
            abort();
        strcat(strcat(out, s->s[i]), i + 1 < to && i + 1 < s->n ? "\n" : "");
    }
    return out;
}

static char *with_paragraph(char *a, char *b)
{
    char *out = malloc(strlen(a) + strlen(b) + 2);
    if (!out)
        abort();
    sprintf(out, "%s\n%s", a, b);
    free(a);
    free(b);
    return out;
}

/* The second item of a case, made of a document and another of the same language. */
static void make_copy(struct copy_case *c, const struct sentences *a, const struct sentences *b)
{
    c->title[0] = strdup(a->s[0]);
    c->text[0] = join(a, 1, a->n);
    bool other_title = c->kind == COPY_HEADLINE || c->kind == COPY_HEADLINE_TEASER ||
                       c->kind == COPY_FOLLOWUP || c->kind == COPY_OTHER;
    c->title[1] = strdup(other_title ? b->s[0] : a->s[0]);
    size_t n = a->n;
    switch (c->kind) {
    case COPY_INTRO:
        c->text[1] = with_paragraph(join(b, 1, 2), join(a, 2, n));
        break;
    case COPY_TEASER:
    case COPY_HEADLINE_TEASER:
        c->text[1] = join(a, 1, 3);
        break;
    case COPY_ADDED:
        c->text[1] = with_paragraph(join(a, 1, n), join(b, 1, 3));
        break;
    case COPY_FOLLOWUP:
        c->text[1] = with_paragraph(join(b, 1, b->n), join(a, 2, 2 + n / 5));
        break;
    case COPY_OTHER:
        c->text[1] = join(b, 1, b->n);
        break;
    default:
        c->text[1] = join(a, 1, n);
    }
    c->is_copy = c->kind < COPY_FOLLOWUP;
}

size_t data_copies(const struct data *d, struct copy_case **cases)
{
    struct copy_case *out = calloc(d->n * COPY_KINDS, sizeof *out);
    size_t n = 0;
    for (size_t i = 0; i < d->n; i += 2) {
        size_t j = (i + 15 * 7) % d->n;
        while (strcmp(d->docs[j].lang, d->docs[i].lang) != 0)
            j = (j + 1) % d->n;
        if (j == i || d->docs[i].n < 7 || d->docs[j].n < 7)
            continue;
        out[n].kind = (enum copy_kind)(n % COPY_KINDS);
        snprintf(out[n].lang, sizeof out[n].lang, "%s", d->docs[i].lang);
        make_copy(&out[n], &d->docs[i], &d->docs[j]);
        n++;
    }
    *cases = out;
    return n;
}

void data_free_copies(struct copy_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            free(cases[i].title[k]);
            free(cases[i].text[k]);
        }
    free(cases);
}
