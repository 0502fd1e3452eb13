/* SPDX-License-Identifier: Apache-2.0 */
#include "story_lang.h"

#include <string.h>

/* RFC 5646, 2.1.1: language in lower case, Script, REGION. */
static void set_case(char *tag)
{
    int first = 1;
    for (char *p = tag; *p;) {
        size_t n = strcspn(p, "-");
        for (size_t i = 0; i < n && !first; i++)
            if (p[i] >= 'a' && p[i] <= 'z' && (n == 2 || (n == 4 && i == 0)))
                p[i] = (char)(p[i] - 'a' + 'A');
        first = 0;
        p += n + (p[n] == '-');
    }
}

void lang_canonical(wn_str tag, char to[LANG_SIZE])
{
    static const char *const traditional[] = {"zh-TW", "zh-HK", "zh-MO", "zh-Hant"};
    tag = str_trim(tag.ptr ? tag : str_of("", 0));
    size_t n = 0;
    if (tag.len < LANG_SIZE)
        for (; n < tag.len; n++) {
            char c = tag.ptr[n];
            if (c >= 'A' && c <= 'Z')
                c = (char)(c - 'A' + 'a');
            if (c == '_')
                c = '-';
            if (c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                n = 0;
                break;
            }
            to[n] = c;
        }
    to[n] = '\0';
    set_case(to);
    if (!lang_under(to, "zh"))
        return;
    for (size_t i = 0; i < sizeof traditional / sizeof *traditional; i++)
        if (lang_under(to, traditional[i])) {
            strcpy(to, "zh-Hant");
            return;
        }
    strcpy(to, "zh-Hans");
}

int lang_under(const char *tag, const char *wanted)
{
    size_t n = strlen(wanted);
    return n > 0 && strncmp(tag, wanted, n) == 0 && (tag[n] == '\0' || tag[n] == '-');
}

int lang_same(const char *a, const char *b)
{
    if (strncmp(a, "zh-", 3) == 0 && strncmp(b, "zh-", 3) == 0)
        return strcmp(a, b) == 0;
    size_t n = strcspn(a, "-");
    return n == strcspn(b, "-") && strncmp(a, b, n) == 0;
}

size_t lang_rank(const char *tag, char *const *prefer, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char wanted[LANG_SIZE];
        lang_canonical(str_z(prefer[i]), wanted);
        if (lang_under(tag, wanted) ||
            (lang_same(tag, wanted) && strcspn(wanted, "-") == strlen(wanted)))
            return i;
    }
    /* en-gb wanted, en there: better than nothing, and after all that was asked for exactly. */
    for (size_t i = 0; i < n; i++) {
        char wanted[LANG_SIZE];
        lang_canonical(str_z(prefer[i]), wanted);
        if (tag[0] && lang_same(tag, wanted))
            return i;
    }
    return n;
}
