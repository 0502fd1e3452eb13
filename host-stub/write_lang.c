/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "write_text.h"

static int is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Writes one subtag in the case that RFC 5646 section 2.1.1 recommends. */
static void put_subtag(char *to, const char *from, size_t n, int first, int after_singleton)
{
    for (size_t i = 0; i < n; i++) {
        char c = from[i];
        int upper = !first && !after_singleton && (n == 2 || (n == 4 && i == 0));
        if (c >= 'A' && c <= 'Z' && !upper)
            c |= 0x20;
        else if (c >= 'a' && c <= 'z' && upper)
            c &= ~0x20;
        to[i] = c;
    }
}

wn_str tag_clean(wn_str tag, char buf[64])
{
    wn_str none = {NULL, 0};
    tag = str_trim(tag);
    if (!tag.ptr || tag.len < 2 || tag.len > 35)
        return none;
    size_t i = 0;
    int after_singleton = 0;
    while (i < tag.len) {
        size_t k = i;
        while (k < tag.len && is_alnum(tag.ptr[k]))
            k++;
        size_t n = k - i;
        if (!n || n > 8 || (i == 0 && (n < 2 || n > 3 || (tag.ptr[0] >= '0' && tag.ptr[0] <= '9'))))
            return none;
        put_subtag(buf + i, tag.ptr + i, n, i == 0, after_singleton);
        after_singleton |= n == 1;
        if (k < tag.len) {
            if ((tag.ptr[k] != '-' && tag.ptr[k] != '_') || k + 1 == tag.len)
                return none;
            buf[k++] = '-';
        }
        i = k;
    }
    buf[tag.len] = '\0';
    return str_of(buf, tag.len);
}

wn_str tag_of_item(const struct item *item, char buf[64])
{
    wn_str known[] = {item->detected_lang, item->lang, item->source_lang};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        wn_str tag = tag_clean(known[i], buf);
        if (tag.len && !str_eqz(tag, "und"))
            return tag;
    }
    return str_of(NULL, 0);
}

/* Primary language and script, Chinese by its regions too: what tells two editions apart. */
static void language_and_script(wn_str tag, char out[16])
{
    char z[64], likely[64], lang[8] = "", script[8] = "";
    UErrorCode err = U_ZERO_ERROR;
    if (!tag_clean(tag, z).len)
        z[0] = '\0';
    uloc_addLikelySubtags(z, likely, sizeof likely, &err);
    if (U_FAILURE(err) || err == U_STRING_NOT_TERMINATED_WARNING)
        snprintf(likely, sizeof likely, "%.60s", z);
    err = U_ZERO_ERROR;
    uloc_getLanguage(likely, lang, sizeof lang, &err);
    err = U_ZERO_ERROR;
    uloc_getScript(likely, script, sizeof script, &err);
    lang[sizeof lang - 1] = script[sizeof script - 1] = '\0';
    snprintf(out, 16, "%.4s-%.5s", lang, script);
}

int tag_same(wn_str a, wn_str b)
{
    char one[16], two[16];
    language_and_script(a, one);
    language_and_script(b, two);
    return !strcmp(one, two);
}

wn_str tag_autonym(wn_str tag, char buf[96])
{
    char z[64], locale[64], short_tag[16];
    UChar name[64];
    UErrorCode err = U_ZERO_ERROR;
    if (!tag_clean(tag, z).len)
        return str_of(NULL, 0);
    /* Regions say nothing here, but for Chinese, where they tell the script. */
    language_and_script(str_z(z), short_tag);
    short_tag[strcspn(short_tag, "-")] = '\0';
    if (!strcmp(short_tag, "zh"))
        language_and_script(str_z(z), short_tag);
    snprintf(locale, sizeof locale, "%s", short_tag[0] ? short_tag : z);
    int32_t n = uloc_getDisplayName(locale, locale, name, 64, &err);
    int32_t len = 0;
    if (U_SUCCESS(err) && n > 0 && n < 64) {
        /* As a title: "français" stands alone on a line of names. */
        UChar title[64];
        UErrorCode err2 = U_ZERO_ERROR;
        int32_t m = u_strToTitle(title, 64, name, n, NULL, locale, &err2);
        if (U_SUCCESS(err2) && m > 0 && m < 64)
            u_strToUTF8(buf, 96, &len, title, m, &err2);
        if (U_SUCCESS(err2) && len > 0 && len < 96)
            return str_of(buf, (size_t)len);
    }
    int k = snprintf(buf, 96, "%.60s", z);
    return str_of(buf, (size_t)k);
}

const char *tag_also_in(wn_str tag)
{
    static const char *const words[][2] = {
        {"en-Latn", "Also in: "},
        {"ko-Kore", "다른 언어로 보기: "},
        {"ja-Jpan", "ほかの言語で読む："},
        {"ar-Arab", "متاح أيضًا باللغات: "},
        {"zh-Hans", "其他语言版本："},
        {"zh-Hant", "其他語言版本："},
        {"vi-Latn", "Đọc bằng ngôn ngữ khác: "},
        {"th-Thai", "อ่านในภาษาอื่น: "},
        {"id-Latn", "Juga tersedia dalam: "},
        {"ms-Latn", "Juga boleh dibaca dalam: "},
        {"de-Latn", "Auch auf: "},
        {"ru-Cyrl", "Также на других языках: "},
        {"fr-Latn", "Aussi en : "},
        {"es-Latn", "También en: "},
        {"pt-Latn", "Também em: "},
    };
    char key[16];
    language_and_script(tag, key);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i][0], key))
            return words[i][1];
    return words[0][1];
}
