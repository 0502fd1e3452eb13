# SPDX-License-Identifier: Apache-2.0
"""gofeed's tests: documents and the JSON that it makes of them, in three models."""
import json
import os
from concurrent.futures import ThreadPoolExecutor

from compare import people, same, same_url, squeeze, whole_name


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
                    ok = same(how, value, ours, None)
                report.check("gofeed", name, field, path, ok, value, ours)

            go_feed(expected, doc or {}, check, kind)
