#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well `winnow parse` reads what other people's parsers are tested with.

A table by suite: what the suite expects of the fields that Winnow promises (titles, links, ids,
dates, authors, content, language, categories, enclosures), how much of it holds, and how much
differs on purpose. Each difference on purpose stands in differences.tsv with its reason; an entry
that no longer applies is told too. Expectations on other fields are counted as `other`.

Winnow doesn't sanitise when it parses (a filter does), so contents are compared after feedparser's
own sanitiser went over Winnow's result, and titles, which are plain text here, by their text.
"""
import argparse
import fnmatch
import gzip
import html
import html.parser
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NAMED = {"items", "title", "link", "id", "date", "author", "content", "language", "category",
         "enclosure"}
GOALS = {"captured": 99.5, "feedparser": 95.0, "gofeed": 95.0}


class Text(html.parser.HTMLParser):
    """The text of HTML, without what scripts and styles hold."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.raw = [], 0

    def handle_starttag(self, tag, attrs):
        self.raw += tag in ("script", "style")
        self.out.append(" " if tag in ("br", "p", "div", "li", "td") else "")

    def handle_endtag(self, tag):
        self.raw -= tag in ("script", "style") and self.raw > 0

    def handle_data(self, data):
        if not self.raw:
            self.out.append(data)


def squeeze(s):
    return re.sub(r"\s+", " ", s or "").strip()


def text_of(s):
    t = Text()
    try:
        t.feed(s or "")
        t.close()
    except Exception:
        return squeeze(s)
    return squeeze("".join(t.out))


def sanitised(s):
    try:
        from feedparser.sanitizer import _sanitize_html
        return _sanitize_html(s, "utf-8", "text/html")
    except ImportError:
        return s
    except Exception:
        return s


def same_html(expected, ours):
    """HTML is the same if it is after sanitising, or if its text is."""
    expected, ours = expected or "", ours or ""
    if squeeze(expected) == squeeze(ours):
        return True
    clean = sanitised(ours)
    if squeeze(clean) == squeeze(expected) or squeeze(html.unescape(clean)) == squeeze(expected):
        return True
    return text_of(clean) == text_of(expected) and (text_of(expected) or not squeeze(expected))


def same_text(expected, ours):
    expected, ours = squeeze(expected), squeeze(ours)
    return text_of(ours) == text_of(expected) or ours in (expected, text_of(expected), text_of(text_of(expected)),
                    squeeze(html.unescape(expected))) or \
        re.sub(r"\s", "", ours) == re.sub(r"\s", "", text_of(expected))


def same_url(expected, ours):
    if expected == ours:
        return True
    norm = lambda u: re.sub(r"/+$", "", html.unescape(squeeze(u or ""))).replace(" ", "%20")
    return norm(expected) == norm(ours)


def same_time(expected, ours):
    """expected: a struct_time as a list, or ISO; ours: RFC 3339."""
    if not ours:
        return False
    if isinstance(expected, (list, tuple)):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", tuple(expected[:6]) + (0, 1, 0)) == ours
    e = re.sub(r"\.\d+", "", expected)
    return e == ours


class Report:
    def __init__(self, differences):
        self.rows, self.failures, self.differences = {}, [], differences

    def check(self, suite, file, field, path, ok, expected, ours):
        row = self.rows.setdefault(suite, {})
        cell = row.setdefault(field, [0, 0, 0])
        cell[0] += 1
        if ok:
            cell[1] += 1
            return
        for d in self.differences:
            if d["suite"] == suite and fnmatch.fnmatch(file, d["file"]) and \
                    fnmatch.fnmatch(path, d["path"]):
                d["used"] += 1
                cell[2] += 1
                return
        self.failures.append((suite, file, field, path, expected, ours))

    def other(self, suite, path):
        self.rows.setdefault(suite, {}).setdefault("other", [0, 0, 0])[0] += 1


def load_differences():
    out = []
    with open(os.path.join(HERE, "differences.tsv"), encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if line.startswith("#") or not line.strip():
                continue
            parts = line.rstrip("\n").split("\t")
            if len(parts) != 4 or not parts[3].strip():
                sys.exit(f"differences.tsv:{n}: four columns, the last with a reason")
            out.append(dict(zip(("suite", "file", "path", "reason"), parts), used=0, line=n))
    return out


class Winnow:
    def __init__(self, binary):
        self.binary = binary

    def __call__(self, path, headers=(), base=None):
        args = [self.binary, "parse"]
        for h in headers:
            args += ["--header", h]
        if base:
            args += ["--base", base]
        done = subprocess.run(args + [path], capture_output=True, timeout=60)
        if done.returncode == 65:
            return None
        if done.returncode:
            raise RuntimeError(f"{path}: exit {done.returncode}: {done.stderr[:500]!r}")
        return json.loads(done.stdout.decode("utf-8"))


# ---- captured feeds -------------------------------------------------------------------------

def captured(winnow, data, report):
    with gzip.open(os.path.join(data, "captured-consensus.jsonl.gz"), "rt", encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]

    def one(case):
        return case, winnow(os.path.join(data, "captured", case["file"]))

    with ThreadPoolExecutor(2) as pool:
        for case, doc in pool.map(one, cases):
            ours = doc["items"] if doc else []
            if case["n_items"] is None:
                report.other("captured", "n_items")
            else:
                report.check("captured", case["file"], "items", "n_items",
                             len(ours) == case["n_items"], case["n_items"], len(ours))
            for i, e in enumerate(case["items"]):
                o = ours[i] if i < len(ours) else {}
                for key, value in e.items():
                    if value is None:
                        continue
                    field = {"published": "date"}.get(key, key)
                    if key == "title":
                        mine = o.get("title", "")
                        ok = same_text(value, mine)
                    elif key == "link":
                        mine = o.get("link", "")
                        ok = same_url(value, mine)
                    elif key == "id":
                        mine = o.get("guid", o.get("link", ""))
                        ok = same_url(value, mine)
                    else:
                        mine = o.get("published") or o.get("updated") or ""
                        ok = mine[:16] == value[:16] or \
                            (o.get("updated") or "")[:16] == value[:16]
                    report.check("captured", case["file"], field, f"items.{i}.{key}", ok, value,
                                 mine)


# ---- feedparser -----------------------------------------------------------------------------

MISSING = object()


def people(o, role=None):
    return [p for p in o.get("people", []) if p.get("role") == role]


def whole_name(p):
    name, mail = p.get("name"), p.get("email")
    return f"{name} ({mail})" if name and mail else name or mail or p.get("uri") or ""


def rest_of(keys, value):
    for k in keys:
        if isinstance(value, list):
            value = value[int(k)] if -len(value) <= int(k) < len(value) else MISSING
        elif isinstance(value, dict):
            value = value.get(k, MISSING)
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def fp_links(o):
    link = [{"rel": "alternate", "href": o["link"]}] if o.get("link") else []
    out = []
    for l in o.get("links", []):
        l = dict(l)
        out.append(l)
    known = {l.get("href") for l in out}
    return out + [l for l in link if l["href"] not in known]


def fp_person(p):
    return {k: v for k, v in (("name", p.get("name")), ("email", p.get("email")),
                              ("url", p.get("uri")), ("href", p.get("uri"))) if v}


def fp_enclosures(o):
    return [{"href": e["url"], "url": e["url"], "type": e.get("type", ""),
             "length": str(e.get("length", ""))}
            for e in o.get("enclosures", []) if not e.get("kind")]


def fp_value(doc, path):
    """(field, comparison, our value) for a path of feedparser's result, or None if not ours."""
    path = [str(k) for k in path]
    if path[0] == "feed" or path[0] == "channel":
        o, keys, feed = doc.get("feed", {}), path[1:], True
    elif path[0] in ("entries", "items") and len(path) > 2:
        items = doc.get("items", [])
        i = int(path[1])
        o = items[i] if -len(items) <= i < len(items) else {}
        keys, feed = path[2:], False
    else:
        return None
    if not keys:
        return None
    key, rest = keys[0], keys[1:]
    lang = o.get("language") or doc.get("feed", {}).get("language")
    if rest and rest[-1] == "language" or key == "language":
        return "language", "eq", lang
    if key in ("title", "title_detail") and (not rest or rest == ["value"]):
        return "title", "text", o.get("title")
    if key == "source" and rest == ["title"]:
        return "title", "text", o.get("source", {}).get("title")
    if key == "source" and rest in (["href"], ["url"], ["link"], ["id"]):
        return "link", "url", o.get("source", {}).get("url")
    if key in ("description", "summary", "subtitle", "tagline", "info", "abstract",
               "summary_detail", "subtitle_detail", "tagline_detail", "info_detail", "content") \
            and (not rest or rest[-1] == "value"):
        if feed:
            return "content", "html", o.get("description")
        if key == "content":
            return "content", "html", (o.get("content"), o.get("summary"))
        return "content", "html", (o.get("summary"), o.get("content"))
    if key == "link":
        return "link", "url", o.get("link")
    if key == "links" and len(rest) >= 1:
        got = rest_of(rest, fp_links(o))
        return "link", "url", None if got is MISSING else got
    if key in ("id", "guid"):
        return "id", "url", o.get("id" if feed else "guid")
    if key in ("updated", "published", "created", "modified", "date", "issued"):
        return "date", "when", [o.get("updated"), o.get("published")] \
            if key in ("updated", "modified", "date") else [o.get("published"), o.get("updated")]
    if key in ("updated_parsed", "published_parsed", "created_parsed", "modified_parsed",
               "date_parsed", "issued_parsed"):
        return "date", "time", [o.get("updated"), o.get("published")] \
            if key[0] in "umd" else [o.get("published"), o.get("updated")]
    if key == "author":
        return "author", "text", whole_name(people(o)[-1]) if people(o) else None
    if key == "author_detail":
        p = fp_person(people(o)[-1]) if people(o) else {}
        return "author", "text", p.get(rest[0])
    if key in ("authors", "contributors"):
        got = rest_of(rest, [fp_person(p) for p in
                             people(o, "contributor" if key == "contributors" else None)])
        if isinstance(got, dict):
            got = {k: v for k, v in got.items() if k != "url"}
        return "author", "eq", None if got is MISSING else got
    if key in ("tags", "categories"):
        tags = [{"term": c.get("term"), "scheme": c.get("scheme"), "label": c.get("label")}
                for c in o.get("categories", [])]
        got = rest_of(rest, tags)
        return "category", "text", None if got is MISSING else got
    if key == "category":
        return "category", "text", o.get("categories", [{}])[0].get("term") \
            if o.get("categories") else None
    if key == "enclosures":
        got = rest_of(rest, fp_enclosures(o))
        if isinstance(got, dict):
            got.pop("url")
        return "enclosure", "eq", None if got is MISSING else got
    if key == "image" and rest in (["href"], ["url"]):
        images = [e["url"] for e in o.get("enclosures", []) if e.get("kind") == "image"]
        return "enclosure", "url", o.get("image") if feed else (images or [None])[0]
    if key == "media_thumbnail" and rest[-1:] == ["url"]:
        thumbs = [e["url"] for e in o.get("enclosures", []) if e.get("kind") == "thumbnail"]
        return "enclosure", "url", thumbs[int(rest[0])] if int(rest[0]) < len(thumbs) else None
    return None


def fp_same(how, expected, ours, winnow_time):
    if how == "html":
        mine = ours if isinstance(ours, tuple) else (ours,)
        return any(same_html(expected, m) for m in mine if m is not None) or \
            (not expected and not any(mine))
    if how == "text":
        return same_text(expected, ours) if isinstance(expected, str) else expected == ours
    if how == "url":
        if isinstance(expected, dict) and isinstance(ours, dict):
            return all(ours.get(k) == v or (k == "type" and k not in ours)
                       for k, v in expected.items())
        return same_url(expected, ours)
    if how == "time":
        return any(same_time(expected, o) for o in ours if o)
    if how == "when":
        return winnow_time(expected) in [o for o in ours if o]
    if isinstance(expected, str) and isinstance(ours, str):
        return squeeze(expected).lower() == squeeze(ours).lower()
    return expected == ours


def feedparser(winnow, data, report):
    folder = os.path.join(data, "feedparser")
    with open(os.path.join(folder, "expect.jsonl"), encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]

    def winnow_time(value):
        """A date string, as Winnow itself reads it: the suite's *_parsed checks test that."""
        feed = f"<rss><channel><item><pubDate>{html.escape(value)}</pubDate></item></channel></rss>"
        done = subprocess.run([winnow.binary, "parse", "-"], input=feed.encode(),
                              capture_output=True, timeout=60)
        items = json.loads(done.stdout)["items"] if done.returncode == 0 else [{}]
        return items[0].get("published")

    def one(case):
        headers = case.get("headers") or []
        if isinstance(headers, dict):
            headers = list(headers.items())
        headers = [h if isinstance(h, str) else f"{h[0]}: {h[1]}" for h in headers]
        # The suite's documents on relative URLs were served from there.
        base = "http://127.0.0.1:8097/" + case["file"] if "/http_" in case["file"] or \
            "/http/" in case["file"] else None
        return case, winnow(os.path.join(folder, case["file"]), headers, base)

    with ThreadPoolExecutor(2) as pool:
        for case, doc in pool.map(one, cases):
            for c in case["checks"] or [{"op": "raw"}]:
                if "path" not in c:
                    report.other("feedparser", c["op"])
                    continue
                name = ".".join(str(k) for k in c["path"])
                got = fp_value(doc or {}, c["path"])
                if got is None or c["op"] in ("nocrash",):
                    if c["op"] == "len_eq" and c["path"][-1] == "entries":
                        n = len((doc or {}).get("items", []))
                        report.check("feedparser", case["file"], "items", name, n == c["value"],
                                     c["value"], n)
                    else:
                        report.other("feedparser", name)
                    continue
                field, how, ours = got
                if c["op"] == "eq":
                    ok = fp_same(how, c["value"], ours, winnow_time)
                elif c["op"] == "falsy":
                    ok = not any(ours) if isinstance(ours, (list, tuple)) else not ours
                elif c["op"] == "truthy":
                    ok = any(ours) if isinstance(ours, (list, tuple)) else bool(ours)
                elif c["op"] == "ne":
                    ok = not fp_same(how, c["value"], ours, winnow_time)
                elif c["op"] == "len_eq" and isinstance(ours, list):
                    ok = len(ours) == c["value"]
                else:
                    report.other("feedparser", name)
                    continue
                report.check("feedparser", case["file"], field, name, ok, c.get("value"), ours)


# ---- gofeed ---------------------------------------------------------------------------------

def go_person(p):
    return {k: p[k] for k in ("name", "email") if p.get(k)}


def go_uri_person(p):
    return {k: v for k, v in (("name", p.get("name")), ("email", p.get("email")),
                              ("uri", p.get("uri"))) if v}


def go_item(expected, o, check, kind):
    """kind: translator, rss or atom."""
    simple = {"title": ("title", "text", "title"), "link": ("link", "url", "link"),
              "comments": None, "language": ("language", "eq", "language")}
    for key, value in expected.items():
        if key in simple and simple[key]:
            field, how, mine = simple[key]
            check(field, key, how, value, o.get(mine))
        elif key in ("description", "summary", "content"):
            if isinstance(value, dict):
                if "value" in value:
                    check("content", key, "html", value["value"], (o.get("content"),))
                if "src" in value:
                    urls = [e["url"] for e in o.get("enclosures", [])] + [o.get("link")]
                    check("content", key + ".src", "in", value["src"], urls)
            else:
                check("content", key, "html", value,
                      (o.get("content" if key == "content" else "summary"),))
        elif key in ("publishedParsed", "pubDateParsed"):
            check("date", key, "time", value, [o.get("published")])
        elif key == "updatedParsed":
            check("date", key, "time", value, [o.get("updated"), o.get("published")])
        elif key == "guid":
            check("id", key, "url", value["value"] if isinstance(value, dict) else value,
                  o.get("guid"))
        elif key == "id":
            check("id", key, "url", value, o.get("guid"))
        elif key == "author":
            if isinstance(value, dict):
                check("author", key, "eq", value, (list(map(go_person, people(o))) or [{}])[0])
            else:
                first = (people(o) or [{}])[0]
                names = [whole_name(first), f"{first.get('email')} ({first.get('name')})",
                         f"{first.get('name')} <{first.get('email')}>",
                         f"{first.get('name')} {first.get('email')}"]
                check("author", key, "in", squeeze(value), names)
        elif key == "authors":
            convert = go_person if kind == "translator" else go_uri_person
            check("author", key, "eq", value, list(map(convert, people(o))))
        elif key == "contributors":
            check("author", key, "eq", value, list(map(go_uri_person, people(o, "contributor"))))
        elif key == "categories":
            cats = o.get("categories", [])
            if value and isinstance(value[0], str):
                check("category", key, "eq", value,
                      [c.get("label") or c["term"] for c in cats])
            elif kind == "rss":
                check("category", key, "eq", value,
                      [{k: v for k, v in (("domain", c.get("scheme")), ("value", c["term"])) if v}
                       for c in cats])
            else:
                check("category", key, "eq", value, cats)
        elif key == "enclosures":
            mine = [{k: str(e[k]) for k in ("url", "length", "type") if k in e}
                    for e in o.get("enclosures", []) if not e.get("kind")]
            check("enclosure", key, "eq", value, mine)
        elif key == "image":
            images = [e["url"] for e in o.get("enclosures", [])]
            if value.get("url"):
                check("enclosure", key, "in", value["url"], images)
        elif key == "links":
            mine = [l.get("href") for l in o.get("links", [])] + [o.get("link")] + \
                [e["url"] for e in o.get("enclosures", [])]
            wanted = [l if isinstance(l, str) else l.get("href") for l in value]
            for w in wanted:
                if w:
                    check("link", key, "in", w, mine)
        else:
            check(None, key, None, None, None)


def go_feed(expected, doc, check, kind):
    o = dict(doc.get("feed", {}))
    o["guid"] = o.get("id")
    for key, value in expected.items():
        if key in ("items", "entries"):
            ours = doc.get("items", [])
            check("items", key, "eq", len(value), len(ours))
            for i, e in enumerate(value):
                mine = ours[i] if i < len(ours) else {}
                go_item(e, mine, lambda f, k, h, v, m, i=i: check(f, f"{key}.{i}.{k}", h, v, m),
                        kind)
        elif key in ("description", "subtitle"):
            check("content", key, "html", value, (o.get("description"),))
        elif key == "feedLink":
            check("link", key, "url", value, o.get("self"))
        elif key == "managingEditor":
            go_item({"author": value}, o, check, kind)
        elif key in ("lastBuildDateParsed",):
            check("date", key, "time", value, [o.get("updated")])
        elif key == "image" and isinstance(value, dict):
            if value.get("url"):
                check("enclosure", "image.url", "url", value["url"], o.get("image"))
        elif key == "logo":
            check("enclosure", key, "url", value, o.get("image"))
        elif key in ("title", "link", "links", "language", "pubDateParsed", "publishedParsed",
                     "updatedParsed", "id", "author", "authors", "contributors", "categories"):
            go_item({key: value}, o, check, kind)
        else:
            check(None, key, None, None, None)


def gofeed(winnow, data, report):
    folder = os.path.join(data, "gofeed")
    with open(os.path.join(folder, "pairs.jsonl"), encoding="utf-8") as f:
        pairs = [json.loads(line) for line in f]

    def one(pair):
        return pair, winnow(os.path.join(folder, pair["input"]))

    with ThreadPoolExecutor(2) as pool:
        for pair, doc in pool.map(one, pairs):
            with open(os.path.join(folder, pair["expected"]), encoding="utf-8") as f:
                expected = json.load(f)
            name = pair["input"]
            kind = "atom" if "/parser/atom" in name else "rss" if "/parser/rss" in name \
                else "translator"

            def check(field, path, how, value, ours):
                if field is None:
                    report.other("gofeed", path)
                    return
                if how == "in":
                    ok = any(squeeze(value) == squeeze(m) or same_url(value, m)
                             for m in ours if m)
                else:
                    ok = fp_same(how, value, ours, None)
                report.check("gofeed", name, field, path, ok, value, ours)

            go_feed(expected, doc or {}, check, kind)


# ---- no-crash suites ------------------------------------------------------------------------

def nocrash(suite, folder, winnow, report):
    files = [os.path.join(d, f) for d, _, names in os.walk(folder) for f in sorted(names)
             if f.endswith((".xml", ".json", ".rdf", ".atom", ".rss"))]

    def one(path):
        try:
            winnow(path)
            return path, None
        except Exception as e:
            return path, str(e)

    with ThreadPoolExecutor(2) as pool:
        for path, error in pool.map(one, files):
            report.check(suite, os.path.relpath(path, folder), "read", "exit", error is None,
                         "0 or 65", error)


def print_table(report):
    fields = ["items", "title", "link", "id", "date", "author", "content", "language", "category",
              "enclosure", "read"]
    print(f"{'':12}" + "".join(f"{f:>11}" for f in fields) + f"{'all':>9}{'on purpose':>12}"
          f"{'failed':>8}{'other':>7}")
    met = True
    for suite, row in report.rows.items():
        cells, total = [], [0, 0, 0]
        for f in fields:
            c = row.get(f)
            cells.append(f"{c[1] + c[2]}/{c[0]}" if c else "")
            total = [a + b for a, b in zip(total, c or [0, 0, 0])]
        # What differs on purpose counts as what it is: not passed, and not failed.
        rate = 100 * total[1] / total[0] if total[0] else 100
        fair = 100 * (total[1] + total[2]) / total[0] if total[0] else 100
        print(f"{suite:12}" + "".join(f"{c:>11}" for c in cells) + f"{rate:8.2f}%{total[2]:>12}"
              f"{total[0] - total[1] - total[2]:>8}{row.get('other', [0])[0]:>7}")
        met &= fair >= GOALS.get(suite, 100)
    return met


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data", "feeds"))
    args.add_argument("--binary", default=os.environ.get(
        "WINNOW_BIN", os.path.join(ROOT, "build", "winnow")))
    args.add_argument("-v", "--verbose", action="store_true", help="print each failure")
    args.add_argument("suites", nargs="*", help="captured, feedparser, gofeed, laminas, validator")
    args = args.parse_args()
    if not os.path.isdir(args.data):
        print(f"conformance: {args.data} is not there, nothing measured")
        return 0
    if not os.path.exists(args.binary):
        sys.exit(f"conformance: {args.binary} is not there: ./dev build makes it")
    winnow, report = Winnow(args.binary), Report(load_differences())
    runs = {
        "captured": lambda: captured(winnow, args.data, report),
        "feedparser": lambda: feedparser(winnow, args.data, report),
        "gofeed": lambda: gofeed(winnow, args.data, report),
        "laminas": lambda: nocrash("laminas", os.path.join(args.data, "laminas-feed", "test"),
                                   winnow, report),
        "validator": lambda: nocrash("validator", os.path.join(args.data, "feedvalidator",
                                                               "testcases"), winnow, report),
    }
    for name, run in runs.items():
        if not args.suites or name in args.suites:
            run()
    met = print_table(report)
    if args.verbose:
        for suite, file, field, path, expected, ours in report.failures:
            print(f"\n{suite} {file} {field} {path}\n  expected {str(expected)[:300]!r}\n"
                  f"  got      {str(ours)[:300]!r}")
    elif report.failures:
        print(f"{len(report.failures)} failures; -v prints them")
    if not args.suites:
        for d in report.differences:
            if not d["used"]:
                print(f"differences.tsv:{d['line']}: applies to nothing any more: {d['file']}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
