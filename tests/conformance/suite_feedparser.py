# SPDX-License-Identifier: Apache-2.0
"""feedparser's tests: paths into its result, as far as they are fields that Winnow has."""
import html
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from compare import people, same, whole_name

MISSING = object()


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
                    ok = same(how, c["value"], ours, winnow_time)
                elif c["op"] == "falsy":
                    ok = not any(ours) if isinstance(ours, (list, tuple)) else not ours
                elif c["op"] == "truthy":
                    ok = any(ours) if isinstance(ours, (list, tuple)) else bool(ours)
                elif c["op"] == "ne":
                    ok = not same(how, c["value"], ours, winnow_time)
                elif c["op"] == "len_eq" and isinstance(ours, list):
                    ok = len(ours) == c["value"]
                else:
                    report.other("feedparser", name)
                    continue
                report.check("feedparser", case["file"], field, name, ok, c.get("value"), ours)
