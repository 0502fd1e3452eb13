/* SPDX-License-Identifier: Apache-2.0 */
/* The C++ side of lang.h: all that the filters use of CLD2. */
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

extern "C" {
#include "lang.h"
}

extern "C" int lang_cld2(const char *text, int n, const char *hint, char code[TEXT_LANG_MAX],
                         int *percent, int *reliable)
{
    CLD2::CLDHints hints = {hint, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    // CLD2 leaves these as they are for an empty or damaged text.
    CLD2::Language three[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE,
                               CLD2::UNKNOWN_LANGUAGE};
    int percents[3] = {0, 0, 0}, bytes = 0, valid = 0;
    double scores[3];
    bool sure = false;
    CLD2::Language best = CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text, n, true, &hints, 0, three, percents, scores, nullptr, &bytes, &sure, &valid);
    if (best == CLD2::UNKNOWN_LANGUAGE && three[0] != CLD2::UNKNOWN_LANGUAGE)
        best = three[0];
    if (best == CLD2::UNKNOWN_LANGUAGE)
        return 0;
    std::snprintf(code, TEXT_LANG_MAX, "%s", CLD2::LanguageCode(best));
    *percent = percents[0];
    for (int i = 0; i < 3; i++)
        if (three[i] == best)
            *percent = percents[i];
    *reliable = sure;
    return 1;
}
