/* SPDX-License-Identifier: Apache-2.0 */
#include "encoding_label.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>

/* Labels whose meaning differs from the ICU converter of that name: what the web means by them. */
static const char *const meanings[][2] = {
    {"ascii", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"ansi", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso8859-9", "windows-1254"},
    {"latin5", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"tis620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"x-gbk", "gb18030"},
    {"euc-cn", "gb18030"},
    {"big5", "Big5-HKSCS"},
    {"big-5", "Big5-HKSCS"},
    {"x-x-big5", "Big5-HKSCS"},
    {"big5-hkscs", "Big5-HKSCS"},
    {"shift_jis", "ibm-943_P15A-2003"},
    {"shift-jis", "ibm-943_P15A-2003"},
    {"sjis", "ibm-943_P15A-2003"},
    {"x-sjis", "ibm-943_P15A-2003"},
    {"cp932", "ibm-943_P15A-2003"},
    {"windows-31j", "ibm-943_P15A-2003"},
    {"euc-kr", "windows-949"},
    {"ks_c_5601-1987", "windows-949"},
    {"ksc5601", "windows-949"},
    {"korean", "windows-949"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"utf-8n", "UTF-8"},
    {"unicode", "UTF-8"},
    {"utf-16", "UTF-16LE"},
    {"ucs-2", "UTF-16LE"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"logical", "iso-8859-8"},
    {"x-mac-cyrillic", "x-mac-cyrillic"},
    {"maccyrillic", "x-mac-cyrillic"},
    {"macintosh", "macintosh"},
    {"x-mac-roman", "macintosh"},
};

/* Charsets that exist to smuggle markup past filters, or that no feed has ever used. */
static const char *const refused[] = {
    "utf-7", "utf7", "unicode-1-1-utf-7", "imap",       "scsu", "bocu",
    "lmbcs", "cesu", "x11-compound",      "unicode-2-0"};

const char *encoding_meaning(const char *label)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strncasecmp(label, refused[i], strlen(refused[i])) == 0)
            return NULL;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcasecmp(label, meanings[i][0]) == 0)
            return meanings[i][1];
    UErrorCode err = U_ZERO_ERROR;
    UConverter *c = ucnv_open(label, &err);
    if (U_FAILURE(err))
        return NULL;
    ucnv_close(c);
    return label;
}

static int label_char(char c)
{
    return isalnum((unsigned char)c) || strchr("-_.:()+", c);
}

/* Copies a label, with or without quotes, from s to out[48]; the empty string if there is none. */
static void copy_label(const char *s, const char *end, char out[48])
{
    size_t n = 0;
    while (s < end && (*s == ' ' || *s == '\t' || *s == '"' || *s == '\''))
        s++;
    while (s < end && n < 47 && *s && label_char(*s))
        out[n++] = *s++;
    out[n] = '\0';
}

void encoding_label_of_header(const char *content_type, char out[48])
{
    out[0] = '\0';
    const char *at = content_type ? strcasestr(content_type, "charset") : NULL;
    if (!at)
        return;
    at += strlen("charset");
    while (*at == ' ')
        at++;
    if (*at == '=')
        copy_label(at + 1, at + strlen(at), out);
}

void encoding_label_of_declaration(const char *p, size_t n, char out[48])
{
    out[0] = '\0';
    const char *end = p + (n > 1024 ? 1024 : n);
    const char *at = memmem(p, (size_t)(end - p), "<?xml", 5);
    const char *stop = at ? memmem(at, (size_t)(end - at), "?>", 2) : NULL;
    if (!at)
        return;
    if (!stop)
        stop = end;
    at = memmem(at, (size_t)(stop - at), "encoding", 8);
    if (!at)
        return;
    at += 8;
    while (at < stop && (*at == ' ' || *at == '='))
        at++;
    copy_label(at, stop, out);
}
