/* SPDX-License-Identifier: Apache-2.0 */
#include "lang.h"

#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "utf8.h"

/* Pairs that CLD2 mixes up on short texts: a declaration of one outweighs a guess of the other. */
static const char *const close_ones[][2] = {
    {"id", "ms"}, {"no", "da"}, {"no", "nn"}, {"no", "sv"}, {"hr", "sr"}, {"hr", "bs"},
    {"sr", "bs"}, {"gl", "pt"}, {"gl", "es"}, {"cs", "sk"}, {"uk", "ru"}, {"bg", "mk"},
    {"af", "nl"}, {"ca", "es"}, {"sl", "hr"}, {"fa", "ar"}, {"ur", "ar"}, {"id", "jv"},
    {"bg", "ru"}, {"be", "ru"}, {"id", "su"}, {"ms", "jv"},
};

static const char *const renewed[][2] = {
    {"in", "id"},  {"iw", "he"},      {"ji", "yi"},  {"jw", "jv"},  {"mo", "ro"},  {"tl", "fil"},
    {"nb", "no"},  {"cmn", "zh"},     {"eng", "en"}, {"deu", "de"}, {"ger", "de"}, {"fra", "fr"},
    {"fre", "fr"}, {"spa", "es"},     {"rus", "ru"}, {"jpn", "ja"}, {"kor", "ko"}, {"ara", "ar"},
    {"por", "pt"}, {"ind", "id"},     {"vie", "vi"}, {"tha", "th"}, {"msa", "ms"}, {"may", "ms"},
    {"zsm", "ms"}, {"zho", "zh"},     {"chi", "zh"}, {"ita", "it"}, {"jp", "ja"},  {"cn", "zh"},
    {"kr", "ko"},  {"tw", "zh-hant"},
};

static int letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether a subtag stands in a lowered tag. */
static int has_subtag(const char *tag, const char *sub)
{
    size_t n = strlen(sub);
    for (const char *p = strchr(tag, '-'); p; p = strchr(p + 1, '-'))
        if (!strncmp(p + 1, sub, n) && (p[1 + n] == '-' || !p[1 + n]))
            return 1;
    return 0;
}

int text_language_canonical(const char *declared, size_t nd, char tag[TEXT_LANG_MAX])
{
    char low[36];
    size_t n = 0, first = 0;
    tag[0] = '\0';
    while (nd && (*declared == ' ' || *declared == '\t' || *declared == '\n')) {
        declared++;
        nd--;
    }
    for (; n < nd && n < sizeof low - 1; n++) {
        char c = declared[n];
        if (c == '_')
            c = '-';
        if (c == '-' && !first)
            first = n;
        if (!letter(c) && c != '-' && !(c >= '0' && c <= '9'))
            break;
        low[n] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    low[n] = '\0';
    if (!first)
        first = n;
    if (first < 2 || first > 3 || !strncmp(low, "und", first) || !strncmp(low, "mul", first))
        return 0;
    for (size_t i = 0; i < sizeof renewed / sizeof *renewed; i++)
        if (strlen(renewed[i][0]) == first && !strncmp(low, renewed[i][0], first)) {
            char rest[36];
            snprintf(rest, sizeof rest, "%s", low + first);
            snprintf(low, sizeof low, "%s%.20s", renewed[i][1], rest);
            first = strcspn(low, "-");
            break;
        }
    if (first == 2 && !strncmp(low, "zh", 2)) {
        int hant = has_subtag(low, "hant") || has_subtag(low, "tw") || has_subtag(low, "hk") ||
                   has_subtag(low, "mo");
        snprintf(tag, TEXT_LANG_MAX, "zh-%s", hant && !has_subtag(low, "hans") ? "Hant" : "Hans");
        return 1;
    }
    snprintf(tag, TEXT_LANG_MAX, "%.*s", (int)first, low);
    return 1;
}

int text_language_same(const char *a, const char *b)
{
    return a[0] && !strcmp(a, b);
}

static int close_pair(const char *a, const char *b)
{
    for (size_t i = 0; i < sizeof close_ones / sizeof *close_ones; i++)
        if ((!strcmp(a, close_ones[i][0]) && !strcmp(b, close_ones[i][1])) ||
            (!strcmp(a, close_ones[i][1]) && !strcmp(b, close_ones[i][0])))
            return 1;
    return 0;
}

/* What the script alone says: counts of letters by script among the first of the text. */
struct scripts {
    unsigned latin, cyrillic, arabic, thai, kana, hangul, han, other;
};

static void count_scripts(const char *s, size_t n, struct scripts *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0, used; i < n; i += used) {
        uint32_t cp = utf8_decode(s + i, n - i, &used);
        if (cp < 0x41)
            continue;
        else if (cp < 0x250)
            c->latin += cp >= 0xc0 || letter((char)cp);
        else if (cp >= 0x400 && cp < 0x530)
            c->cyrillic++;
        else if ((cp >= 0x600 && cp < 0x780) || (cp >= 0xfb50 && cp < 0xff00))
            c->arabic++;
        else if (cp >= 0xe00 && cp < 0xe80)
            c->thai++;
        else if (cp >= 0x3041 && cp < 0x3100)
            c->kana++;
        else if (cp >= 0xac00 && cp < 0xd7b0)
            c->hangul++;
        else if ((cp >= 0x3400 && cp < 0xa000) || cp >= 0x20000)
            c->han++;
        else if (cp >= 0x370 && cp < 0x2000)
            c->other++;
    }
}

/* Characters that stand in only one of the two Chinese scripts, the commonest of news texts. */
static int han_script(const char *s, size_t n)
{
    static const char hans[] = "这们国说时个对会学发为来经过还没样现问进动给关开业产两东"
                               "电话书车见长门马务报实点万与亿价场将应总战党选统设证让";
    static const char hant[] = "這們國說時個對會學發為來經過還沒樣現問進動給關開業產兩東"
                               "電話書車見長門馬務報實點萬與億價場將應總戰黨選統設證讓";
    int score = 0;
    for (size_t i = 0; i + 3 <= n;) {
        if (((unsigned char)s[i] & 0xf0) != 0xe0) {
            i++;
            continue;
        }
        for (size_t k = 0; k + 3 < sizeof hans; k += 3) {
            if (!memcmp(s + i, hans + k, 3) && memcmp(hans + k, hant + k, 3))
                score++;
            else if (!memcmp(s + i, hant + k, 3) && memcmp(hans + k, hant + k, 3))
                score--;
        }
        i += 3;
    }
    return score;
}

/* Scripts that name their language by themselves, for texts that CLD2 finds too short. */
static const char *by_script(const struct scripts *c, unsigned *letters)
{
    unsigned all =
        c->latin + c->cyrillic + c->arabic + c->thai + c->kana + c->hangul + c->han + c->other;
    *letters = all;
    if (!all)
        return NULL;
    if (c->kana * 8 >= all || (c->kana && (c->kana + c->han) * 2 > all))
        return "ja";
    if (c->hangul * 4 >= all)
        return "ko";
    if (c->thai * 2 >= all)
        return "th";
    if (c->han * 3 >= all)
        return "zh";
    return NULL;
}

int text_language(const char *text, size_t n, const char *declared, size_t nd,
                  char tag[TEXT_LANG_MAX])
{
    char said[TEXT_LANG_MAX], code[TEXT_LANG_MAX] = "";
    int percent = 0, reliable = 0, sure;
    n = n > TEXT_LIMIT_LANG ? utf8_cut(text, n, TEXT_LIMIT_LANG) : n;
    text_language_canonical(declared, declared ? nd : 0, said);
    tag[0] = '\0';

    struct scripts scripts;
    unsigned letters;
    count_scripts(text, n, &scripts);
    const char *script = by_script(&scripts, &letters);
    if (script && strcmp(script, "zh")) {
        snprintf(tag, TEXT_LANG_MAX, "%s", script);
        return letters >= 8 ? 99 : 80;
    }
    if (script) {
        int score = han_script(text, n);
        if (!score && !strcmp(said, "ja") && letters < 40) {
            snprintf(tag, TEXT_LANG_MAX, "ja");
            return 60;
        }
        if (!score && !strcmp(said, "zh-Hant"))
            score = -1;
        snprintf(tag, TEXT_LANG_MAX, "zh-%s", score < 0 ? "Hant" : "Hans");
        return score ? 99 : 60;
    }
    char raw[TEXT_LANG_MAX];
    if (lang_cld2(text, (int)n, said[0] ? said : NULL, raw, &percent, &reliable))
        text_language_canonical(raw, strlen(raw), code);
    if (!code[0]) {
        snprintf(tag, TEXT_LANG_MAX, "%s", said);
        return said[0] ? 30 : 0;
    }
    if (said[0] && strcmp(said, code)) {
        /* Short or doubtful text, or two languages that are easily taken for one another. */
        int weak = !reliable || letters < 40 || (close_pair(said, code) && letters < 400);
        char alone[TEXT_LANG_MAX];
        int p2, r2;
        if (!weak && letters < 2000 && lang_cld2(text, (int)n, NULL, raw, &p2, &r2)) {
            text_language_canonical(raw, strlen(raw), alone);
            weak = strcmp(alone, code) != 0;
        }
        if (weak) {
            snprintf(tag, TEXT_LANG_MAX, "%s", said);
            return 40;
        }
    }
    snprintf(tag, TEXT_LANG_MAX, "%s", code);
    sure = reliable ? (percent > 50 ? percent : 60) : 45;
    return said[0] && !strcmp(said, code) && sure < 80 ? 80 : sure > 99 ? 99 : sure;
}
