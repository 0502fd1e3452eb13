/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_boilerplate: typical items (10 kB of HTML: paragraphs with links, pictures, lists, a share
 * block, pixels, the distributor's words) through the boilerplate filter on one core: items a second,
 * microseconds of judge an item, and for scale what a bare gumbo parse of the same bytes takes.
 * The target: 2,000 items a second, judge well under 100 us.
 */
#include <gumbo.h>
#include <time.h>

#include "../plugin/boilerplate/host.h"

#define ITEMS 2000
#define PER_DOCUMENT 25

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t seed = 1;

static unsigned roll(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static size_t words(char *out, unsigned n)
{
    static const char *const w[] = {"the",    "parliament", "of",   "a",     "harbour",  "voted",
                                    "on",     "Monday",     "said", "new",   "bridge",   "more",
                                    "than",   "people",     "city", "after", "years",    "which",
                                    "would",  "and",        "in",   "to",    "minister", "plan",
                                    "report", "with",       "for",  "was"};
    size_t k = 0;
    for (unsigned i = 0; i < n; i++)
        k += (size_t)sprintf(out + k, "%s%s", i ? " " : "", w[roll(sizeof w / sizeof *w)]);
    return k;
}

static char *article(int i)
{
    char *s = malloc(20000);
    size_t n = (size_t)sprintf(
        s,
        "<figure class=\"wp-block-image size-large\"><img src=\"https://cdn.example.org/%d.jpg\" "
        "width=\"1024\" height=\"683\" srcset=\"https://cdn.example.org/%d-300.jpg 300w, "
        "https://cdn.example.org/%d-768.jpg 768w\" alt=\"\"></figure>\n",
        i, i, i);
    for (int p = 0; n < 8600; p++) {
        if (p % 6 == 3) {
            n += (size_t)sprintf(s + n, "<h2 class=\"wp-block-heading\">");
            n += words(s + n, 5);
            n += (size_t)sprintf(s + n, "</h2>\n<ul class=\"wp-block-list\">");
            for (int k = 0; k < 3; k++) {
                n += (size_t)sprintf(s + n, "<li>");
                n += words(s + n, 9);
                n += (size_t)sprintf(s + n, "</li>\n");
            }
            n += (size_t)sprintf(s + n, "</ul>\n");
        }
        n += (size_t)sprintf(s + n, "<p>");
        n += words(s + n, 30);
        n += (size_t)sprintf(
            s + n,
            " <a href=\"https://example.org/%u?utm_source=rss&amp;id=%d\" target=\"_blank\" "
            "rel=\"noopener\">",
            roll(100000), p);
        n += words(s + n, 3);
        n += (size_t)sprintf(s + n, "</a> <strong>");
        n += words(s + n, 4);
        n += (size_t)sprintf(s + n, "</strong> ");
        n += words(s + n, 25);
        n += (size_t)sprintf(s + n, ".</p>\n");
    }
    n += (size_t)sprintf(
        s + n,
        "<div class=\"sharedaddy\"><h3>Share this:</h3><ul><li><a "
        "href=\"https://example.org/?share=t\">Tweet</a></li></ul></div>"
        "<p>Our association of beekeepers meets each month, see www.example.org/mill</p>"
        "<p>The post <a href=\"https://example.org/%d\">Title</a> appeared first on <a "
        "href=\"https://example.org\">Example</a>.</p>"
        "<img src=\"https://pixel.wp.com/b.gif?x=%d\" width=\"1\" height=\"1\">",
        i, i);
    return s;
}

int main(void)
{
    static wn_item items[PER_DOCUMENT];
    wn_item *list[PER_DOCUMENT];
    static char *html[ITEMS];
    wn_host host = {0};
    void *self;
    size_t bytes = 0;
    double bare = 0, analyse = 0, judge = 0;
    for (int i = 0; i < ITEMS; i++)
        bytes += strlen(html[i] = article(i));
    for (int i = 0; i < ITEMS; i++) {
        double t = now();
        GumboOptions options = kGumboDefaultOptions;
        options.fragment_context = GUMBO_TAG_DIV;
        GumboOutput *out = gumbo_parse_with_options(&options, html[i], strlen(html[i]));
        gumbo_destroy_output(&options, out);
        bare += now() - t;
    }
    if (boilerplate_filter.create(&host_api, &host, &self))
        return 1;
    void *thread = boilerplate_filter.thread_enter(self);
    for (int i = 0; i < ITEMS; i += PER_DOCUMENT) {
        for (int k = 0; k < PER_DOCUMENT; k++) {
            char title[40];
            wn_item *item = list[k] = &items[k];
            snprintf(title, sizeof title, "Title of item %d", i + k);
            item->id = i + k + 1;
            host_set(item, WN_SOURCE_URL,
                     i % 100 ? "https://example.org/feed" : "https://example.com/feed");
            host_set(item, WN_LINK, "https://example.org/item?utm_source=rss");
            host_set(item, WN_TITLE, title);
            host_set(item, WN_CONTENT, html[i + k]);
        }
        double t = now();
        boilerplate_filter.analyse(self, thread, list, PER_DOCUMENT);
        analyse += now() - t;
        t = now();
        boilerplate_filter.observe(self, list, PER_DOCUMENT);
        for (int k = 0; k < PER_DOCUMENT; k++) {
            wn_verdict v = {.size = sizeof v, .score = 1};
            boilerplate_filter.judge(self, list[k], &v);
        }
        judge += now() - t;
        for (int k = 0; k < PER_DOCUMENT; k++)
            host_item_finish(list[k]);
    }
    boilerplate_filter.thread_leave(self, thread);
    boilerplate_filter.destroy(self);
    printf("%d items of %zu bytes, one core\n", ITEMS, bytes / ITEMS);
    printf("%-28s %8.0f items/s  %6.1f us an item\n", "boilerplate, all of it",
           ITEMS / (analyse + judge), 1e6 * (analyse + judge) / ITEMS);
    printf("%-28s %8s          %6.1f us an item\n", "  analyse", "", 1e6 * analyse / ITEMS);
    printf("%-28s %8s          %6.1f us an item\n", "  observe and judge", "", 1e6 * judge / ITEMS);
    printf("%-28s %8.0f items/s  %6.1f us an item  ratio %.2f\n", "a bare gumbo parse",
           ITEMS / bare, 1e6 * bare / ITEMS, (analyse + judge) / bare);
    for (int i = 0; i < ITEMS; i++)
        free(html[i]);
    host_finish(&host);
    return 0;
}
