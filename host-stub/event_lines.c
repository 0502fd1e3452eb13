/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the event file. A field is added, never renamed or re-typed. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "chain.h"
#include "date.h"
#include "events.h"
#include "json_text.h"
#include "limits.h"
#include "status.h"

static void time_string(struct buf *out, int64_t seconds)
{
    char text[32] = "";
    if (seconds != TIME_ABSENT)
        date_format(seconds, text);
    buf_json_string(out, *text ? str_z(text) : str_of(NULL, 0));
}

const char *kind_name(uint32_t kind)
{
    static const char *const names[] = {"keep", "related", "edition", "duplicate", "drop"};
    return kind < sizeof names / sizeof *names ? names[kind] : "keep";
}

static void begin(struct buf *out, int64_t now, const char *type)
{
    buf_adds(out, "{\"timestamp\":");
    time_string(out, now);
    buf_addf(out, ",\"event_type\":\"%s\"", type);
}

static void string(struct buf *out, const char *name, wn_str s)
{
    buf_addf(out, ",\"%s\":", name);
    buf_json_string(out, s);
}

static void when(struct buf *out, const char *name, int64_t seconds)
{
    buf_addf(out, ",\"%s\":", name);
    time_string(out, seconds);
}

static void number(struct buf *out, const char *name, int64_t n)
{
    buf_addf(out, ",\"%s\":%" PRId64, name, n);
}

/* A fraction with six digits whatever the locale: 0.950000 is written 0.95. */
static void fraction(struct buf *out, double value)
{
    int64_t millionths = isfinite(value) ? (int64_t)llround(value * 1e6) : 0;
    int64_t whole = millionths / 1000000, rest = millionths % 1000000;
    if (millionths < 0 && !whole)
        buf_addc(out, '-');
    char digits[8];
    for (int i = 5; i >= 0; i--) {
        digits[i] = (char)('0' + (rest < 0 ? -rest : rest) % 10);
        rest /= 10;
    }
    int n = 6;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    buf_addf(out, "%" PRId64 ".%.*s", whole, n, digits);
}

static wn_str cut(wn_str s, size_t most)
{
    if (s.ptr && s.len > most)
        s.len = utf8_cut(s.ptr, s.len, most);
    return s;
}

static wn_str first_of(wn_str a, wn_str b, wn_str c)
{
    return a.ptr && a.len ? a : b.ptr && b.len ? b : c;
}

static void topics(struct buf *out, const struct item *item, wn_str lang, topic_label_fn label,
                   void *user)
{
    buf_adds(out, ",\"topics\":[");
    for (size_t i = 0; i < item->n_topics; i++) {
        buf_adds(out, i ? ",{\"id\":" : "{\"id\":");
        buf_json_string(out, item->topics[i].id);
        buf_adds(out, ",\"label\":");
        buf_json_string(out, label ? label(user, item->topics[i].id, lang) : str_of(NULL, 0));
        buf_adds(out, ",\"score\":");
        fraction(out, (double)item->topics[i].score / 1e6);
        buf_addc(out, '}');
    }
    buf_adds(out, "],\"topic_best\":");
    if (!item->topic_best.id.ptr || !item->topic_best.id.len) {
        buf_adds(out, "null");
        return;
    }
    buf_adds(out, "{\"id\":");
    buf_json_string(out, item->topic_best.id);
    buf_adds(out, ",\"score\":");
    fraction(out, (double)item->topic_best.score / 1e6);
    buf_addc(out, '}');
}

int event_item(struct buf *out, const struct item *item, const struct verdict *final, int64_t now,
               topic_label_fn label, void *user)
{
    static const struct verdict keep = {.kind = WN_KEEP, .score = 1};
    const struct verdict *v = final ? final : &keep;
    wn_str lang = first_of(item->detected_lang, item->lang, item->source_lang);
    begin(out, now, "item");
    number(out, "item_id", item->id);
    number(out, "revision", item->revision);
    string(out, "source", item->source_key);
    string(out, "guid", item->guid);
    string(out, "link", item->link);
    string(out, "title", item->title);
    string(out, "lang", lang);
    when(out, "published", item->published);
    when(out, "arrived", item->arrived);
    string(out, "verdict", str_z(kind_name(v->kind)));
    if (v->of)
        number(out, "of", v->of);
    else
        buf_adds(out, ",\"of\":null");
    number(out, "story", item->story);
    buf_adds(out, ",\"score\":");
    fraction(out, v->score);
    string(out, "reason", v->reason);
    string(out, "evidence", v->evidence);
    string(out, "filter", str_z(v->filter_name));
    topics(out, item, lang, label, user);
    buf_adds(out, ",\"removed\":[");
    for (size_t i = 0; i < item->n_removed; i++) {
        buf_adds(out, i ? ",{\"rule\":" : "{\"rule\":");
        buf_json_string(out, item->removed[i].rule);
        buf_adds(out, ",\"text\":");
        buf_json_string(out, cut(item->removed[i].text, LIMIT_REMOVED_TEXT));
        buf_adds(out, ",\"place\":");
        buf_json_string(out, item->removed[i].place);
        buf_addc(out, '}');
    }
    buf_adds(out, "]}");
    return out->err;
}

int event_fetch(struct buf *out, const struct fetch_report *r)
{
    begin(out, r->time, "fetch");
    string(out, "source", str_z(r->source));
    buf_addf(out, ",\"ok\":%s", r->status == OK ? "true" : "false");
    string(out, "status", str_z(r->not_modified ? "not modified" : status_text(r->status)));
    number(out, "http", r->http);
    string(out, "error", str_z(r->error));
    string(out, "final_url", str_z(r->final_url));
    number(out, "bytes", r->bytes);
    number(out, "duration_ms", r->duration_ms);
    if (r->items >= 0)
        number(out, "items", r->items);
    else
        buf_adds(out, ",\"items\":null");
    number(out, "warnings", r->warnings);
    number(out, "failures", r->failures);
    when(out, "next", r->next);
    buf_addc(out, '}');
    return out->err;
}

int event_stats(struct buf *out, const struct stats *s, int64_t now)
{
    begin(out, now, "stats");
    number(out, "uptime", now - s->started);
    const struct {
        const char *name;
        int64_t value;
    } plain[] = {
        {"fetches", (int64_t)s->fetches},
        {"fetches_failed", (int64_t)s->fetches_failed},
        {"not_modified", (int64_t)s->not_modified},
        {"bytes", (int64_t)s->bytes},
        {"documents", (int64_t)s->documents},
        {"warnings", (int64_t)s->warnings},
        {"items_new", (int64_t)s->items_new},
        {"items_updated", (int64_t)s->items_updated},
        {"items_same", (int64_t)s->items_same},
        {"revisions", (int64_t)s->revisions},
        {"epochs", (int64_t)s->epochs},
        {"commits_failed", (int64_t)s->commits_failed},
        {"waiting", (int64_t)s->waiting},
        {"rss", (int64_t)s->rss},
        {"store_bytes", (int64_t)s->store_bytes},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        number(out, plain[i].name, plain[i].value);
    buf_adds(out, ",\"verdicts\":{");
    for (uint32_t k = 0; k < 5; k++)
        buf_addf(out, "%s\"%s\":%" PRIu64, k ? "," : "", kind_name(k), s->verdicts[k]);
    buf_adds(out, "},\"filters\":[");
    for (size_t i = 0; i < s->n_filters; i++) {
        const struct chain_filter_info *f = &s->filters[i];
        buf_adds(out, i ? ",{\"name\":" : "{\"name\":");
        buf_json_string(out, str_z(f->name));
        number(out, "items", (int64_t)f->items);
        number(out, "changed", (int64_t)f->changed);
        number(out, "removed", (int64_t)f->removed);
        number(out, "errors", (int64_t)f->errors);
        number(out, "passed_over", (int64_t)f->passed_over);
        number(out, "analyse_us", (int64_t)(f->analyse_ns / 1000));
        number(out, "judge_us", (int64_t)(f->judge_ns / 1000));
        number(out, "mean_us",
               f->items ? (int64_t)((f->analyse_ns + f->judge_ns) / 1000 / f->items) : 0);
        number(out, "longest_us", (int64_t)(f->longest_ns / 1000));
        buf_addf(out, ",\"enabled\":%s,\"disabled\":%s}", f->enabled ? "true" : "false",
                 f->disabled ? "true" : "false");
    }
    buf_adds(out, "]}");
    return out->err;
}
