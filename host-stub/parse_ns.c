/* SPDX-License-Identifier: Apache-2.0 */
/* The namespaces that feeds use: the URIs of their specifications, and those that feeds really
 * carry instead, with the prefix that everybody gives them. */
#include <string.h>
#include <strings.h>

#include "parse_xml.h"

static const struct {
    const char *uri, *prefix; /* prefix: of the first row of a namespace only */
    int ns;
} known[] = {
    {"http://www.w3.org/2005/Atom", "atom", NS_ATOM},
    {"http://purl.org/atom/ns#", "atom03", NS_ATOM},
    {"http://purl.org/rss/1.0/", "rss", NS_RSS},
    {"http://my.netscape.com/rdf/simple/0.9/", NULL, NS_RSS},
    {"http://channel.netscape.com/rdf/simple/0.9/", NULL, NS_RSS},
    {"http://my.netscape.com/publish/formats/rss-0.91.dtd", NULL, NS_RSS},
    {"http://example.com/newformat#", NULL, NS_RSS},
    {"http://example.com/necho", NULL, NS_ATOM},
    {"http://purl.org/echo/", NULL, NS_ATOM},
    {"uri/of/echo/namespace#", NULL, NS_ATOM},
    {"http://purl.org/pie/", NULL, NS_ATOM},
    {"http://example.com/atom", NULL, NS_ATOM},
    {"http://purl.org/net/rss1.1#", NULL, NS_RSS},
    {"http://backend.userland.com/rss", NULL, NS_RSS},
    {"http://backend.userland.com/rss2", NULL, NS_RSS},
    {"http://backend.userland.com/rss191", NULL, NS_RSS},
    {"http://backend.userland.com/rss09", NULL, NS_RSS},
    {"http://blogs.law.harvard.edu/tech/rss", NULL, NS_RSS},
    {"http://cyber.law.harvard.edu/rss/rss.html", NULL, NS_RSS},
    {"http://www.rssboard.org/rss-specification", NULL, NS_RSS},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf", NS_RDF},
    {"http://www.w3.org/TR/REC-rdf-syntax#", NULL, NS_RDF},
    {"http://www.w3.org/XML/1998/namespace", "xml", NS_XML},
    {"http://www.w3.org/1999/xhtml", "xhtml", NS_XHTML},
    {"http://www.w3.org/TR/xhtml1", NULL, NS_XHTML},
    {"http://www.w3.org/TR/REC-html40", NULL, NS_XHTML},
    {"http://purl.org/dc/elements/1.1/", "dc", NS_DC},
    {"http://purl.org/dc/elements/1.0/", NULL, NS_DC},
    {"http://purl.org/metadata/dublin_core", NULL, NS_DC},
    {"http://purl.org/dc/terms/", "dcterms", NS_DCTERMS},
    {"http://purl.org/rss/1.0/modules/content/", "content", NS_CONTENT},
    {"http://search.yahoo.com/mrss/", "media", NS_MEDIA},
    {"http://search.yahoo.com/mrss", NULL, NS_MEDIA},
    {"http://video.search.yahoo.com/mrss/", NULL, NS_MEDIA},
    {"http://tools.search.yahoo.com/mrss/", NULL, NS_MEDIA},
    {"http://www.rssboard.org/media-rss", NULL, NS_MEDIA},
    {"http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes", NS_ITUNES},
    {"http://example.com/dtds/podcast-1.0.dtd", NULL, NS_ITUNES},
    {"http://itunes.apple.com/dtds/podcast-1.0.dtd", NULL, NS_ITUNES},
    {"http://purl.org/rss/1.0/modules/syndication/", "sy", NS_SY},
    {"http://purl.org/rss/1.0/modules/slash/", "slash", NS_SLASH},
    {"http://wellformedweb.org/CommentAPI/", "wfw", NS_WFW},
    {"http://purl.org/syndication/thread/1.0", "thr", NS_THR},
    {"http://www.georss.org/georss", "georss", NS_GEORSS},
    {"http://www.w3.org/2003/01/geo/wgs84_pos#", "geo", NS_GEO},
    {"http://www.opengis.net/gml", "gml", NS_GML},
    {"http://rssnamespace.org/feedburner/ext/1.0", "feedburner", NS_FEEDBURNER},
    {"https://podcastindex.org/namespace/1.0", "podcast", NS_PODCAST},
    {"https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", NULL,
     NS_PODCAST},
    {"http://backend.userland.com/creativeCommonsRssModule", "creativeCommons", NS_CC},
    {"http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html", NULL, NS_CC},
    {"http://web.resource.org/cc/", "cc", NS_CC},
    {"http://creativecommons.org/ns#license", NULL, NS_CC},
    {"http://podlove.org/simple-chapters", "psc", NS_PSC},
    {"http://podlove.de/simple-chapters", NULL, NS_PSC},
    {"http://www.google.com/schemas/play-podcasts/1.0", "googleplay", NS_GOOGLEPLAY},
    {"http://www.rawvoice.com/rawvoiceRssModule/", "rawvoice", NS_RAWVOICE},
    {"http://prismstandard.org/namespaces/basic/2.0/", "prism", NS_PRISM},
    {"http://www.youtube.com/xml/schemas/2015", "yt", NS_YT},
};

#define N_KNOWN (sizeof known / sizeof *known)

static size_t bare(const char *s, size_t n)
{
    while (n && (s[n - 1] == '/' || s[n - 1] == '#'))
        n--;
    return n;
}

int xml_ns_of_uri(wn_str uri)
{
    uri = str_trim(uri);
    if (!uri.len)
        return NS_NONE;
    const char *s = uri.ptr;
    size_t n = bare(s, uri.len);
    size_t scheme = n > 8 && strncasecmp(s, "https://", 8) == 0  ? 8
                    : n > 7 && strncasecmp(s, "http://", 7) == 0 ? 7
                                                                 : 0;
    for (size_t i = 0; i < N_KNOWN; i++) {
        const char *k = known[i].uri;
        size_t skip = strncmp(k, "https://", 8) == 0 ? 8 : strncmp(k, "http://", 7) == 0 ? 7 : 0;
        size_t len = bare(k, strlen(k)) - skip;
        if (!skip == !scheme && len == n - scheme && strncasecmp(s + scheme, k + skip, len) == 0)
            return known[i].ns;
    }
    return NS_OTHER;
}

int xml_ns_of_prefix(wn_str prefix)
{
    for (size_t i = 0; i < N_KNOWN; i++)
        if (known[i].prefix && strlen(known[i].prefix) == prefix.len &&
            strncasecmp(known[i].prefix, prefix.ptr, prefix.len) == 0)
            return known[i].ns;
    return NS_OTHER;
}

wn_str xml_ns_uri(int ns)
{
    for (size_t i = 0; i < N_KNOWN; i++)
        if (known[i].ns == ns && known[i].prefix)
            return str_z(known[i].uri);
    return str_of(NULL, 0);
}

int xml_ns_known(int ns)
{
    return ns >= NS_KNOWN || ns == NS_MEDIA || ns == NS_ITUNES || ns == NS_DC || ns == NS_DCTERMS ||
           ns == NS_SY;
}
