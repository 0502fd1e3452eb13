/* SPDX-License-Identifier: Apache-2.0 */
/* The elements that Winnow knows: one line each. To read one more, add a line. */
#include <string.h>

#include "parse_feed.h"

#define ITEM_OR_FEED (C_ITEM | C_FEED)
#define ANY_FEED (C_TOP | C_ROOT | C_FEED | C_SKIP)

static const struct element elements[] = {
    /* name, namespace, in, context of its children, take, field, rank, start, end */
    {"rss", NS_NONE, C_TOP, C_ROOT, 0, 0, 0, root_start, NULL},
    {"rdf", NS_RDF, C_TOP, C_ROOT, 0, 0, 0, root_start, NULL},
    {"rdf", NS_NONE, C_TOP, C_ROOT, 0, 0, 0, root_start, NULL},
    {"feed", NS_NONE, C_TOP | C_ROOT, C_FEED, 0, 0, 0, root_start, NULL},
    {"channel", NS_NONE, C_TOP | C_ROOT, C_FEED, 0, 0, 0, root_start, NULL},
    {"item", NS_NONE, ANY_FEED, C_ITEM, 0, 0, 0, cdf_start, NULL},
    {"entry", NS_NONE, ANY_FEED, C_ITEM, 0, 0, 0, cdf_start, NULL},

    {"title", NS_NONE, ITEM_OR_FEED, 0, TAKE_LINE, F_TITLE, 1, content_start, NULL},
    {"title", NS_DC, ITEM_OR_FEED, 0, TAKE_TITLE, F_TITLE, 3, NULL, NULL},
    {"title", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_TITLE, F_TITLE, 3, NULL, NULL},
    {"title", NS_MEDIA, C_ITEM, 0, TAKE_TITLE, F_TITLE, 4, NULL, NULL},
    {"title", NS_MEDIA, C_MEDIA, 0, TAKE_RAW, 0, 0, NULL, media_title_end},
    {"title", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_TITLE, F_TITLE, 6, NULL, NULL},

    {"link", NS_NONE, ITEM_OR_FEED | C_SOURCE, 0, TAKE_RAW, 0, 0, link_start, link_end},
    {"url", NS_NONE, C_ITEM, 0, TAKE_URL, F_LINK, 6, NULL, NULL},
    {"guid", NS_NONE, C_ITEM, 0, TAKE_TEXT, F_GUID, 1, guid_start, NULL},
    {"id", NS_NONE, ITEM_OR_FEED, 0, TAKE_TEXT, F_GUID, 2, NULL, NULL},
    {"identifier", NS_DC, C_ITEM, 0, TAKE_TEXT, F_GUID, 7, NULL, NULL},
    {"comments", NS_NONE, C_ITEM, 0, TAKE_URL, F_COMMENTS, 1, NULL, NULL},
    {"origlink", NS_FEEDBURNER, C_ITEM, 0, TAKE_URL, F_LINK, 6, NULL, NULL},

    {"description", NS_NONE, ITEM_OR_FEED, 0, TAKE_CONSTRUCT, F_SUMMARY, 2, content_start, NULL},
    {"summary", NS_NONE, C_ITEM, 0, TAKE_CONSTRUCT, F_SUMMARY, 1, content_start, NULL},
    {"subtitle", NS_NONE, C_FEED, 0, TAKE_CONSTRUCT, F_SUMMARY, 1, content_start, NULL},
    {"tagline", NS_NONE, C_FEED, 0, TAKE_CONSTRUCT, F_SUMMARY, 2, content_start, NULL},
    {"info", NS_NONE, C_FEED, 0, TAKE_CONSTRUCT, F_SUMMARY, 7, content_start, NULL},
    {"abstract", NS_NONE, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 3, NULL, NULL},
    {"description", NS_DC, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 3, NULL, NULL},
    {"abstract", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 4, NULL, NULL},
    {"summary", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 5, NULL, NULL},
    {"description", NS_GOOGLEPLAY, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 7, NULL, NULL},
    {"description", NS_MEDIA, C_ITEM | C_MEDIA, 0, TAKE_HTML, F_SUMMARY, RANK_CAPTION, NULL, NULL},
    {"subtitle", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_HTML, F_SUMMARY, 8, NULL, NULL},
    {"encoded", NS_CONTENT, C_ITEM, 0, TAKE_HTML, F_CONTENT, 1, NULL, NULL},
    {"content", NS_NONE, C_ITEM, 0, TAKE_CONSTRUCT, F_CONTENT, 2, content_start, NULL},
    {"body", NS_XHTML, C_ITEM, 0, TAKE_CONSTRUCT, F_CONTENT, 3, content_start, NULL},
    {"div", NS_XHTML, C_ITEM, 0, TAKE_CONSTRUCT, F_CONTENT, 4, content_start, NULL},
    {"fullitem", NS_NONE, C_ITEM, 0, TAKE_HTML, F_CONTENT, 5, NULL, NULL},
    {"body", NS_NONE, C_ITEM, 0, TAKE_HTML, F_CONTENT, 6, NULL, NULL},

    {"pubdate", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 1, NULL, NULL},
    {"published", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 2, NULL, NULL},
    {"issued", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 3, NULL, NULL},
    {"issued", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 4, NULL, NULL},
    {"available", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 5, NULL, NULL},
    {"date", NS_DC, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 6, NULL, NULL},
    {"date", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 6, NULL, NULL},
    {"created", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 7, NULL, NULL},
    {"created", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 8, NULL, NULL},
    {"date", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_PUBLISHED, 9, NULL, NULL},
    {"updated", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_UPDATED, 1, NULL, NULL},
    {"lastbuilddate", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_UPDATED, 2, NULL, NULL},
    {"modified", NS_NONE, ITEM_OR_FEED, 0, TAKE_DATE, F_UPDATED, 3, NULL, NULL},
    {"modified", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_DATE, F_UPDATED, 4, NULL, NULL},

    {"author", NS_NONE, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, person_start, person_end},
    {"managingeditor", NS_NONE, C_FEED, 0, TAKE_RAW, 0, 0, person_start, person_end},
    {"webmaster", NS_NONE, C_FEED, 0, TAKE_RAW, 0, 0, person_start, web_master_end},
    {"creator", NS_DC, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, person_start, person_end},
    {"author", NS_DC, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, person_start, person_end},
    {"creator", NS_DCTERMS, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, person_start, person_end},
    {"author", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, person_start, person_end},
    {"author", NS_GOOGLEPLAY, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, person_start, person_end},
    {"contributor", NS_NONE, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, contributor_start, person_end},
    {"contributor", NS_DC, ITEM_OR_FEED, C_PERSON, TAKE_RAW, 0, 0, contributor_start, person_end},
    {"name", NS_NONE, C_PERSON, 0, TAKE_RAW, 0, 0, NULL, person_name},
    {"email", NS_NONE, C_PERSON, 0, TAKE_RAW, 0, 0, NULL, person_email},
    {"uri", NS_NONE, C_PERSON, 0, TAKE_RAW, 0, 0, NULL, person_uri},
    {"url", NS_NONE, C_PERSON, 0, TAKE_RAW, 0, 0, NULL, person_uri},
    {"homepage", NS_NONE, C_PERSON, 0, TAKE_RAW, 0, 0, NULL, person_uri},

    {"category", NS_NONE, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, category_start, category_end},
    {"category", NS_MEDIA, C_ITEM | C_MEDIA, 0, TAKE_RAW, 0, 0, category_start, category_end},
    {"category", NS_ITUNES, ITEM_OR_FEED, C_FEED, 0, 0, 0, itunes_category_start, NULL},
    {"subject", NS_DC, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, NULL, subject_end},
    {"subject", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, NULL, subject_end},
    {"keywords", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, NULL, keywords_end},
    {"tags", NS_NONE, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, NULL, tags_end},
    {"keywords", NS_NONE, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, NULL, keywords_end},

    {"enclosure", NS_NONE, C_ITEM, 0, 0, 0, 0, enclosure_start, NULL},
    {"content", NS_MEDIA, ITEM_OR_FEED | C_MEDIA, C_MEDIA, 0, 0, 0, media_content_start, NULL},
    {"group", NS_MEDIA, ITEM_OR_FEED | C_MEDIA, C_MEDIA, 0, 0, 0, NULL, NULL},
    {"thumbnail", NS_MEDIA, ITEM_OR_FEED | C_MEDIA, 0, 0, 0, 0, media_thumbnail_start, NULL},
    {"image", NS_ITUNES, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, itunes_image_start, image_text_end},
    {"image", NS_GOOGLEPLAY, ITEM_OR_FEED, 0, TAKE_RAW, 0, 0, itunes_image_start, image_text_end},
    {"link", NS_ITUNES, ITEM_OR_FEED, 0, 0, 0, 0, itunes_image_start, NULL},
    {"image", NS_NONE, ITEM_OR_FEED | C_ROOT, C_IMAGE, TAKE_RAW, 0, 0, NULL, image_text_end},
    {"url", NS_NONE, C_IMAGE, 0, TAKE_RAW, 0, 0, NULL, image_url_end},
    {"thumbnail", NS_NONE, C_ITEM, C_IMAGE, TAKE_RAW, 0, 0, itunes_image_start, image_text_end},
    {"logo", NS_NONE, C_FEED, 0, TAKE_URL, F_IMAGE, 1, NULL, NULL},
    {"icon", NS_NONE, C_FEED, 0, TAKE_URL, F_ICON, 1, NULL, NULL},
    {"textinput", NS_NONE, C_FEED | C_ROOT, C_SKIP, 0, 0, 0, NULL, NULL},

    {"source", NS_NONE, C_ITEM, C_SOURCE, TAKE_RAW, 0, 0, source_start, source_end},
    {"title", NS_NONE, C_SOURCE, 0, TAKE_LINE, F_SOURCE_TITLE, 1, content_start, NULL},
    {"id", NS_NONE, C_SOURCE, 0, TAKE_TEXT, F_SOURCE_URL, 4, NULL, NULL},

    {"language", NS_NONE, C_FEED, 0, TAKE_TEXT, F_LANG, 1, NULL, NULL},
    {"language", NS_DC, ITEM_OR_FEED, 0, TAKE_TEXT, F_LANG, 2, NULL, NULL},
    {"language", NS_NONE, C_ITEM, 0, TAKE_TEXT, F_LANG, 3, NULL, NULL},
    {"rights", NS_NONE, ITEM_OR_FEED, 0, TAKE_LINE, F_RIGHTS, 1, content_start, NULL},
    {"copyright", NS_NONE, ITEM_OR_FEED, 0, TAKE_LINE, F_RIGHTS, 2, content_start, NULL},
    {"rights", NS_DC, ITEM_OR_FEED, 0, TAKE_TITLE, F_RIGHTS, 3, NULL, NULL},
    {"rights", NS_DCTERMS, ITEM_OR_FEED, 0, TAKE_TITLE, F_RIGHTS, 4, NULL, NULL},
    {"generator", NS_NONE, C_FEED, 0, TAKE_TEXT, F_GENERATOR, 1, NULL, NULL},
    {"ttl", NS_NONE, C_FEED, 0, TAKE_RAW, 0, 0, NULL, ttl_end},
    {"skiphours", NS_NONE, C_FEED, C_FEED, 0, 0, 0, NULL, NULL},
    {"skipdays", NS_NONE, C_FEED, C_FEED, 0, 0, 0, NULL, NULL},
    {"hour", NS_NONE, C_FEED, 0, TAKE_RAW, 0, 0, NULL, hour_end},
    {"day", NS_NONE, C_FEED, 0, TAKE_RAW, 0, 0, NULL, day_end},
    {"updateperiod", NS_SY, C_FEED, 0, TAKE_RAW, 0, 0, NULL, period_end},
    {"updatefrequency", NS_SY, C_FEED, 0, TAKE_RAW, 0, 0, NULL, frequency_end},
};

const struct element extension_element = {"", NS_OTHER, 0,    C_EXT,        TAKE_RAW,
                                          0,  0,        NULL, extension_end};

enum { N_ELEMENTS = sizeof elements / sizeof *elements };
_Static_assert(N_ELEMENTS < 255, "an index fits a byte, 0 is empty");

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static unsigned hash(int ns, const char *s, size_t n)
{
    unsigned h = (unsigned)ns * 0x9e3779b1u;
    for (size_t i = 0; i < n; i++)
        h = h * 33 + (unsigned char)lower(s[i]);
    return (h ^ h >> 11) & 511;
}

void elements_index(struct feed_parser *p)
{
    memset(p->slots, 0, sizeof p->slots);
    for (size_t i = 0; i < N_ELEMENTS; i++) {
        unsigned h = hash(elements[i].ns, elements[i].name, strlen(elements[i].name));
        while (p->slots[h])
            h = (h + 1) & 511;
        p->slots[h] = (uint8_t)(i + 1);
    }
}

const struct element *element_find(const struct feed_parser *p, int ns, wn_str name, unsigned in)
{
    if (name.len > 20)
        return NULL;
    for (unsigned h = hash(ns, name.ptr, name.len); p->slots[h]; h = (h + 1) & 511) {
        const struct element *e = &elements[p->slots[h] - 1];
        if (e->ns != ns || !(e->in & in))
            continue;
        size_t i = 0;
        while (i < name.len && e->name[i] && e->name[i] == lower(name.ptr[i]))
            i++;
        if (i == name.len && !e->name[i])
            return e;
    }
    return NULL;
}
