#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the sample feeds and labels.jsonl from source/.

    python3 feeds/make.py           writes them
    python3 feeds/make.py --check   says whether they are what source/ makes

source/stories/*.txt   one story a file, its editions as blocks "== LANG Title"
source/outlets.txt     items of the independent outlets, blocks "== FEED LANG HH:MM Title"
source/wire.jsonl      what the wire adds in each language
source/sectors.tsv     the names of sectors in each language
"""
import html
import json
import re
import sys
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent
DAY = datetime(2022, 7, 12, tzinfo=timezone.utc)
BASE = "https://www.meridianwire.example/"
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

OUTLETS = {
    "harbour-courier": {
        "lang": "en", "title": "Harbour Courier", "site": "https://www.harbourcourier.example/",
        "format": "rss", "ends": [
            '<div class="share"><a href="https://social.example/share?u={link}">Share on Facebook</a> '
            '<a href="https://social.example/tweet?u={link}">Tweet</a></div>',
            "<p>Sign up for our morning newsletter and get the day’s top stories in your inbox.</p>",
            "<p>© 2022 Harbour Courier. All rights reserved.</p>"],
        "more": "Read more"},
    "rheinblick": {
        "lang": "de", "title": "Rheinblick Nachrichten", "site": "https://www.rheinblick.example/",
        "format": "atom", "ends": [
            "<p>Jetzt den Rheinblick-Newsletter abonnieren und nichts mehr verpassen.</p>",
            "<p>© Rheinblick Nachrichten 2022. Alle Rechte vorbehalten.</p>"],
        "more": "Weiterlesen"},
    "correo-del-alba": {
        "lang": "es", "title": "Correo del Alba", "site": "https://www.correodelalba.example/",
        "format": "rss", "ends": [
            "<p>Síguenos en Facebook y Twitter para estar al tanto de las últimas noticias.</p>"],
        "more": "Leer más"},
}


def rfc822(t):
    return f"{DAYS[t.weekday()]}, {t.day:02} {MONTHS[t.month - 1]} {t:%Y %H:%M:%S} +0000"


def rfc3339(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def slug(title):
    ascii_only = unicodedata.normalize("NFKD", title.replace("đ", "d").replace("Đ", "D"))
    ascii_only = ascii_only.encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only)[:8]) or "news"


def inline(text):
    """[words](url) → a link; the rest escaped."""
    parts = re.split(r"\[([^\]]+)\]\((https?://[^)]+)\)", text)
    out = html.escape(parts[0], quote=False)
    for i in range(1, len(parts), 3):
        out += f'<a href="{html.escape(parts[i + 1])}">{html.escape(parts[i], quote=False)}</a>'
        out += html.escape(parts[i + 2], quote=False)
    return out


def plain(text):
    return re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r"\1", text)


def blocks_of(path):
    """(the keys before the first block, [(heading, keys, paragraphs)])."""
    head, blocks, keys = {}, [], {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("== "):
            keys = {}
            blocks.append((line[3:], keys, []))
        elif line.startswith("@ ") or (line and not blocks and not line.startswith("#")):
            key, value = line.removeprefix("@ ").split(":", 1)
            (keys if blocks else head)[key.strip()] = value.strip()
        elif line and blocks:
            blocks[-1][2].append(line)
    return head, blocks


def table(path):
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {row[0]: dict(zip(rows[0][1:], row[1:])) for row in rows[1:]}


class Item:
    def __init__(self, **fields):
        self.categories, self.picture, self.teaser, self.of = [], None, False, None
        self.__dict__.update(fields)

    def body(self):
        """The HTML that the feed shows."""
        out = []
        kept = self.paragraphs[:1] if self.teaser else self.paragraphs
        for i, text in enumerate(kept):
            lead = html.escape(self.dateline, quote=False) if i == 0 else ""
            more = (f' <a class="more" href="{html.escape(self.link)}">{self.more}</a>'
                    if self.teaser else "")
            out.append(f"<p>{lead}{inline(text)}{more}</p>")
        ends = self.ends if not self.teaser else self.ends[-1:]
        out += [e.replace("{link}", html.escape(self.link))
                 .replace("{title}", html.escape(self.title, quote=False)) for e in ends]
        return "\n".join(out)

    def label(self, feed):
        kept = self.paragraphs[:1] if self.teaser else self.paragraphs
        label = {"feed": feed, "guid": self.guid, "story": self.story, "lang": self.lang,
                 "role": self.role, "title": self.title, "teaser": self.teaser,
                 "text": "\n".join(plain(p) for p in kept),
                 "sectors": [] if self.teaser else self.sectors, "topics": self.topics}
        if self.of:
            label["of"] = self.of
        return label


def wire_items(wires, sectors):
    feeds = {lang: [] for lang in wires}
    for number, path in enumerate(sorted((HERE / "source/stories").glob("*.txt"))):
        head, blocks = blocks_of(path)
        hour, minute = map(int, head["time"].split(":"))
        at = DAY + timedelta(hours=hour, minutes=minute)
        for k, (heading, keys, paragraphs) in enumerate(blocks):
            lang, title = heading.split(" ", 1)
            w = wires[lang]
            n = 48000 + 97 * number + 6 * list(wires).index(lang)
            when = at + timedelta(minutes=7 * k)
            where = BASE + w["path"].format(slug=slug(title), n=n)
            names = [sectors[s][lang] for s in head["sectors"].split()]
            pixel = (f'<img src="https://track.meridianwire.example/o.gif?p={n}&amp;c=rss" '
                     'width="1" height="1" alt=""/>')
            ends = [f'<p>{w["sectors"]}{w["comma"].join(names)}</p>', f'<p>{w["contact"]}</p>',
                    f'<p>{w["about"]}</p>', f'<p><em>{w["disclaimer"]}</em></p>',
                    f'<p>{w["first"]}</p>\n{pixel}']
            feeds[lang].append(Item(
                lang=lang, title=title, story=head["id"], role="edition", paragraphs=paragraphs,
                topics=head["topics"].split(), sectors=names, of=head.get("of"),
                teaser=lang in head.get("teasers", "").split(), more=w["more"],
                dateline=w["dateline"], ends=ends, when=when,
                link=where + "?utm_source=rss&utm_medium=rss&utm_campaign=" + head["id"],
                guid=(f"tag:meridianwire.example,2022:{lang.lower()}/{n}"
                      if w["format"] == "atom" else f"{BASE}?p={n}"),
                picture=head.get("picture"), categories=[]))
    return feeds


def outlet_items():
    feeds = {name: [] for name in OUTLETS}
    _, blocks = blocks_of(HERE / "source/outlets.txt")
    for heading, keys, paragraphs in blocks:
        name, lang, clock, title = heading.split(" ", 3)
        outlet = OUTLETS[name]
        hour, minute = map(int, clock.split(":"))
        n = len(feeds[name]) + 1
        link = f'{outlet["site"]}{keys["section"]}/{slug(title)}'
        feeds[name].append(Item(
            lang=lang, title=title, story=keys["story"], role=keys["role"], of=keys.get("of"),
            paragraphs=paragraphs, topics=keys["topics"].split(), sectors=[], dateline="",
            teaser=keys.get("teaser") == "yes", more=outlet["more"], ends=outlet["ends"],
            when=DAY + timedelta(hours=hour, minutes=minute), link=link,
            guid=f'{outlet["site"]}?id={2200 + n}', categories=[keys["section"].capitalize()]))
    return feeds


def rss(title, site, tagline, declared, items):
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
           ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">',
           "<channel>", f"<title>{escape(title)}</title>", f"<link>{site}</link>",
           f"<description>{escape(tagline)}</description>"]
    if declared:
        out.append(f"<language>{declared}</language>")
    out.append(f"<lastBuildDate>{rfc822(max(i.when for i in items))}</lastBuildDate>")
    for i in items:
        body = i.body()
        out += ["<item>", f"<title>{escape(i.title)}</title>", f"<link>{escape(i.link)}</link>",
                f"<pubDate>{rfc822(i.when)}</pubDate>",
                f'<guid isPermaLink="false">{escape(i.guid)}</guid>']
        out += [f"<category>{escape(c)}</category>" for c in i.categories]
        if i.picture:
            out.append(f'<media:thumbnail url={quoteattr(i.picture)} width="640" height="360"/>')
        out += [f"<description><![CDATA[{body}]]></description>" if i.teaser or i.when.minute % 2
                else f"<content:encoded><![CDATA[{body}]]></content:encoded>", "</item>"]
    return "\n".join(out + ["</channel>", "</rss>", ""])


def atom(title, site, tagline, declared, items):
    lang = f' xml:lang="{declared}"' if declared else ""
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           f'<feed xmlns="http://www.w3.org/2005/Atom"{lang}>', f"<id>{site}</id>",
           f"<title>{escape(title)}</title>", f"<subtitle>{escape(tagline)}</subtitle>",
           f'<link rel="alternate" type="text/html" href="{site}"/>',
           f"<updated>{rfc3339(max(i.when for i in items))}</updated>",
           f"<author><name>{escape(title)}</name></author>"]
    for i in items:
        out += ["<entry>", f"<id>{escape(i.guid)}</id>", f"<title>{escape(i.title)}</title>",
                f'<link rel="alternate" type="text/html" href={quoteattr(i.link)}/>',
                f"<published>{rfc3339(i.when)}</published>",
                f"<updated>{rfc3339(i.when)}</updated>"]
        out += [f"<category term={quoteattr(c)}/>" for c in i.categories]
        if i.picture:
            out.append(f'<link rel="enclosure" type="image/jpeg" href={quoteattr(i.picture)}/>')
        out += [f'<content type="html">{escape(i.body())}</content>', "</entry>"]
    return "\n".join(out + ["</feed>", ""])


def make():
    files, labels = {}, []
    wires = {w["lang"]: w for w in map(json.loads, (HERE / "source/wire.jsonl").open(encoding="utf-8"))}
    kinds = {"rss": rss, "atom": atom}
    for lang, items in wire_items(wires, table(HERE / "source/sectors.tsv")).items():
        w = wires[lang]
        name = f"meridianwire-{lang.lower()}.xml"
        items.sort(key=lambda i: i.when, reverse=True)
        if items:
            files[name] = kinds[w["format"]](w["title"], BASE, w["tagline"], w["declared"], items)
        labels += [i.label(name) for i in items]
    for outlet, items in outlet_items().items():
        o = OUTLETS[outlet]
        items.sort(key=lambda i: i.when, reverse=True)
        if items:
            files[outlet + ".xml"] = kinds[o["format"]](o["title"], o["site"], o["title"], o["lang"], items)
        labels += [i.label(outlet + ".xml") for i in items]
    files["labels.jsonl"] = "".join(json.dumps(l, ensure_ascii=False) + "\n" for l in labels)
    return files


def main():
    stale = []
    for name, text in make().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv and stale:
        sys.exit("not what feeds/source makes: " + ", ".join(stale) + "; run python3 feeds/make.py")
    print(len(stale), "files written" if "--check" not in sys.argv else "files differ")


if __name__ == "__main__":
    main()
