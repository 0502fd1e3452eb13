/* SPDX-License-Identifier: Apache-2.0 */
#include "html_tags.h"

const char *const html_tag_names[HTML_TAG_COUNT] = {"",
#define X(name, upper, flags) #name,
                                                    HTML_TAGS(X)
#undef X
};

const uint8_t html_tag_flags[HTML_TAG_COUNT] = {0,
#define X(name, upper, flags) flags,
                                                HTML_TAGS(X)
#undef X
};

static const uint8_t from_gumbo[GUMBO_TAG_LAST + 1] = {
#define X(name, upper, flags) [GUMBO_TAG_##upper] = HTML_##upper,
    HTML_TAGS(X)
#undef X
        [GUMBO_TAG_CENTER] = HTML_DIV,
    [GUMBO_TAG_STRIKE] = HTML_S,
    [GUMBO_TAG_TT] = HTML_CODE,
    [GUMBO_TAG_ACRONYM] = HTML_ABBR,
    [GUMBO_TAG_DIR] = HTML_UL,
    [GUMBO_TAG_MENU] = HTML_UL,
    [GUMBO_TAG_LISTING] = HTML_PRE,
    [GUMBO_TAG_XMP] = HTML_PRE,
    [GUMBO_TAG_PLAINTEXT] = HTML_PRE,
    [GUMBO_TAG_FIELDSET] = HTML_DIV,
    [GUMBO_TAG_LEGEND] = HTML_DIV,
    [GUMBO_TAG_IMAGE] = HTML_IMG,
    /* What runs, styles, embeds or asks: gone with its contents. */
    [GUMBO_TAG_SCRIPT] = HTML_DROP,
    [GUMBO_TAG_STYLE] = HTML_DROP,
    [GUMBO_TAG_TEMPLATE] = HTML_DROP,
    [GUMBO_TAG_HEAD] = HTML_DROP,
    [GUMBO_TAG_TITLE] = HTML_DROP,
    [GUMBO_TAG_BASE] = HTML_DROP,
    [GUMBO_TAG_LINK] = HTML_DROP,
    [GUMBO_TAG_META] = HTML_DROP,
    [GUMBO_TAG_BUTTON] = HTML_DROP,
    [GUMBO_TAG_INPUT] = HTML_DROP,
    [GUMBO_TAG_SELECT] = HTML_DROP,
    [GUMBO_TAG_DATALIST] = HTML_DROP,
    [GUMBO_TAG_OPTGROUP] = HTML_DROP,
    [GUMBO_TAG_OPTION] = HTML_DROP,
    [GUMBO_TAG_TEXTAREA] = HTML_DROP,
    [GUMBO_TAG_KEYGEN] = HTML_DROP,
    [GUMBO_TAG_OUTPUT] = HTML_DROP,
    [GUMBO_TAG_PROGRESS] = HTML_DROP,
    [GUMBO_TAG_METER] = HTML_DROP,
    [GUMBO_TAG_CANVAS] = HTML_DROP,
    [GUMBO_TAG_APPLET] = HTML_DROP,
    [GUMBO_TAG_PARAM] = HTML_DROP,
    [GUMBO_TAG_EMBED] = HTML_DROP,
    [GUMBO_TAG_FRAME] = HTML_DROP,
    [GUMBO_TAG_FRAMESET] = HTML_DROP,
    [GUMBO_TAG_NOFRAMES] = HTML_DROP,
    [GUMBO_TAG_NOEMBED] = HTML_DROP,
    [GUMBO_TAG_MAP] = HTML_NONE,
    [GUMBO_TAG_AREA] = HTML_DROP,
    [GUMBO_TAG_TRACK] = HTML_DROP,
    [GUMBO_TAG_BGSOUND] = HTML_DROP,
    [GUMBO_TAG_BASEFONT] = HTML_DROP,
    [GUMBO_TAG_SVG] = HTML_DROP,
};

enum html_tag html_tag_of(const GumboElement *element)
{
    if (element->tag_namespace == GUMBO_NAMESPACE_SVG)
        return HTML_DROP;
    if (element->tag_namespace == GUMBO_NAMESPACE_MATHML) {
        /* The symbols of a formula stay as text; its TeX source and foreign parts don't. */
        GumboStringPiece name = element->original_tag;
        gumbo_tag_from_original_text(&name);
        return name.length >= 10 && (name.data[0] | 0x20) == 'a' && (name.data[1] | 0x20) == 'n'
                   ? HTML_DROP
                   : HTML_NONE;
    }
    return element->tag <= GUMBO_TAG_LAST ? (enum html_tag)from_gumbo[element->tag] : HTML_NONE;
}
