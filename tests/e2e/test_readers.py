#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The clean feed in real readers: Debian's newsboat, sfeed and python3-feedparser, over loopback HTTP.

Each opens the face of an entry, shows the source's name and the plain topic, and sees no entry twice, also after a
second publication with another face.
"""
import functools
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import feedparser

BUILD = Path(os.environ.get("WINNOW_BUILD_DIR", "build"))
WINNOW = os.environ.get("WINNOW_BIN", str(BUILD / "winnow"))
SOURCE = Path(os.environ.get("WINNOW_SOURCE_DIR", "."))

LONG = "".join(
    f"<p>Paragraph {i} tells at some length what the council of Harbourtown has decided about the "
    f"bridge, who voted for it, who against it, and what happens next in the year {2030 + i}.</p>"
    for i in range(6))

GAZETTE = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>First Gazette</title><link>https://gazette.example/</link>
<description>x</description><language>en</language>
<item><title>Council decides on bridge</title><link>https://news.example/bridge</link>
<guid isPermaLink="false">g-1</guid><pubDate>Tue, 12 Jul 2022 08:00:00 +0000</pubDate>
<category>Politics</category><description>&lt;p&gt;The council has decided about the bridge &#8230;&lt;/p&gt;</description></item>
<item><title>Sardines are back</title><link>https://gazette.example/sardines</link>
<guid isPermaLink="false">g-2</guid><pubDate>Tue, 12 Jul 2022 07:00:00 +0000</pubDate>
<author>jane@gazette.example (Jane Doe)</author>
<description>&lt;p&gt;Fishermen in the north land more sardines than in ten years, and nobody knows why.&lt;/p&gt;</description>
<enclosure url="https://gazette.example/sardines.mp3" length="4711" type="audio/mpeg"/></item>
</channel></rss>
"""

COURIER = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>https://courier.example/</id>
<title>Second Courier</title><updated>2022-07-12T09:00:00Z</updated>
<entry><id>tag:courier.example,2022:3</id><title>A violin from 1720 is found in an attic</title>
<link href="https://courier.example/violin"/><updated>2022-07-12T06:00:00Z</updated>
<content type="html">&lt;p&gt;The instrument lay under old newspapers; experts will look at it in autumn.&lt;/p&gt;</content></entry>
{more}</feed>
"""

FULLER = f"""<entry><id>tag:courier.example,2022:4</id><title>Harbourtown gets its bridge after all</title>
<link href="https://news.example/bridge?utm_source=courier"/><updated>2022-07-12T09:00:00Z</updated>
<category term="Politics"/>
<content type="html">{LONG.replace("<", "&lt;")}</content></entry>
"""

CONFIG = """state: state
prefer: [en]
settle: 0s
sources: [file:gazette.xml, file:courier.xml]
output:
  - {file: out/feed.atom}
  - {file: out/feed.rss}
  - {file: out/feed.json}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      ".atom": "application/atom+xml", ".rss": "application/rss+xml"}

    def log_message(self, *args):
        pass


class Readers(unittest.TestCase):
    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="winnow-readers-"))
        self.addCleanup(shutil.rmtree, self.dir)
        (self.dir / "winnow.yaml").write_text(CONFIG)
        (self.dir / "gazette.xml").write_text(GAZETTE)
        (self.dir / "courier.xml").write_text(COURIER.format(more=""))
        (self.dir / "out").mkdir()
        handler = functools.partial(Quiet, directory=str(self.dir / "out"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = f"http://127.0.0.1:{self.server.server_port}/"
        self.env = {**os.environ, "HOME": str(self.dir), "LC_ALL": "C.UTF-8"}

    def publish(self):
        ran = subprocess.run([WINNOW, "run", "--once", "-c", self.dir / "winnow.yaml"],
                             capture_output=True, text=True, env=self.env)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def publish_fuller(self):
        (self.dir / "courier.xml").write_text(COURIER.format(more=FULLER))
        self.publish()

    # What each reader has after it has fetched the feed: id → (link, title, author, categories).

    def newsboat(self, name):
        urls, cache = self.dir / "urls", self.dir / f"cache-{name}.db"
        urls.write_text(self.base + name + "\n")
        ran = subprocess.run(["newsboat", "-q", "-u", urls, "-c", cache, "-C", "/dev/null",
                              "-x", "reload"], capture_output=True, text=True, env=self.env)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        with sqlite3.connect(cache) as db:
            rows = db.execute("SELECT guid, url, title, author FROM rss_item").fetchall()
        self.assertEqual(len(rows), len({row[0] for row in rows}))
        return {guid: (url, title, author, None) for guid, url, title, author in rows}

    def sfeed(self, name):
        document = (self.dir / "out" / name).read_bytes()
        ran = subprocess.run(["sfeed"], input=document, capture_output=True, env=self.env)
        rows = [line.split("\t") for line in ran.stdout.decode().splitlines()]
        self.assertEqual(len(rows), len({row[5] for row in rows}))
        return {row[5]: (row[2], row[1], row[6], row[8].split("|")) for row in rows}

    def feedparser(self, name):
        parsed = feedparser.parse(self.base + name)
        self.assertFalse(parsed.bozo, parsed.get("bozo_exception"))
        self.assertEqual(len(parsed.entries), len({e.id for e in parsed.entries}))
        return {e.id: (e.link, e.title, e.author_detail.name, [t.term for t in e.get("tags", [])])
                for e in parsed.entries}

    def check(self, entries, title, link, author, topic):
        found = [(key, e) for key, e in entries.items() if e[1] == title]
        self.assertEqual(len(found), 1, entries)
        key, (url, _, who, categories) = found[0]
        self.assertEqual(url, link)
        self.assertEqual(who, author)
        if categories is not None and topic: # newsboat shows none
            self.assertIn(topic, categories)
        return key

    def see_all(self, publish_again, title, link, author):
        """Both formats in all readers, before and after a change; the entry keeps its id."""
        self.publish()
        before = {}
        readers = [(reader, name) for reader in (self.newsboat, self.sfeed, self.feedparser)
                   for name in ("feed.atom", "feed.rss")]
        for reader, name in readers:
            with self.subTest(reader=reader.__name__, feed=name):
                entries = reader(name)
                self.assertEqual(len(entries), 3, entries)
                before[reader, name] = self.check(
                    entries, "Council decides on bridge", "https://news.example/bridge",
                    "First Gazette", "Politics and government")
                self.check(entries, "Sardines are back", "https://gazette.example/sardines",
                           "Jane Doe", None)
                self.check(entries, "A violin from 1720 is found in an attic",
                           "https://courier.example/violin", "Second Courier", None)
        publish_again()
        for reader, name in readers:
            with self.subTest(reader=reader.__name__, feed=name, again=True):
                entries = reader(name)
                self.assertEqual(len(entries), 3, entries)
                after = self.check(entries, title, link, author, "Politics and government")
                self.assertEqual(after, before[reader, name])

    def test_another_face(self):
        self.see_all(self.publish_fuller, "Harbourtown gets its bridge after all",
                     "https://news.example/bridge", "Second Courier")

    def publish_updated(self):
        (self.dir / "gazette.xml").write_text(
            GAZETTE.replace("Council decides on bridge", "Council approves bridge")
                   .replace("news.example/bridge", "news.example/bridge-approved"))
        self.publish()

    def test_an_updated_item(self):
        self.see_all(self.publish_updated, "Council approves bridge",
                     "https://news.example/bridge-approved", "First Gazette")

    def test_feedparser_sees_everything(self):
        self.publish()
        for name in ("feed.atom", "feed.rss"):
            parsed = feedparser.parse(self.base + name)
            bridge = next(e for e in parsed.entries if "bridge" in e.title)
            sardines = next(e for e in parsed.entries if "Sardines" in e.title)
            self.assertEqual(bridge.source.title, "First Gazette")
            self.assertEqual([l.href for l in bridge.links if l.rel == "alternate"],
                             ["https://news.example/bridge"])
            self.assertIn(("medtop:11000000", "http://cv.iptc.org/newscodes/mediatopic/"),
                          [(t.term, t.scheme) for t in bridge.tags])
            self.assertEqual([e.href for e in sardines.enclosures],
                             ["https://gazette.example/sardines.mp3"])
            self.assertEqual(sardines.published_parsed[:5], (2022, 7, 12, 7, 0))

    def test_sfeed_update_keeps_one(self):
        """sfeed's own merge takes an entry with a new title for a new one; this merge of a sfeedrc goes by the
        id alone and lets the newer win."""
        (self.dir / "sfeedrc").write_text(
            f'sfeedpath="{self.dir}/sfeed"\n'
            f'feeds() {{ feed clean "{self.base}feed.atom"; }}\n'
            'merge() { sort -t "\t" -u -k6,6 "$3" "$2" 2>/dev/null; }\n')
        titles = []
        for publish in (self.publish, self.publish_updated):
            publish()
            subprocess.run(["sfeed_update", self.dir / "sfeedrc"], check=True, env=self.env,
                           capture_output=True)
            lines = (self.dir / "sfeed/clean").read_text().splitlines()
            self.assertEqual(len(lines), 3)
            titles.append({line.split("\t")[1] for line in lines})
        self.assertIn("Council decides on bridge", titles[0])
        self.assertIn("Council approves bridge", titles[1])
        self.assertNotIn("Council decides on bridge", titles[1])

    def test_as_a_filter(self):
        """newsboat's filter: and a pipe into sfeed: the items keep their own ids and links."""
        shutil.copy(self.dir / "gazette.xml", self.dir / "out/gazette.xml")
        urls, cache = self.dir / "urls", self.dir / "cache-filter.db"
        urls.write_text(f'"filter:{WINNOW} filter:{self.base}gazette.xml"\n')
        ran = subprocess.run(["newsboat", "-q", "-u", urls, "-c", cache, "-C", "/dev/null",
                              "-x", "reload"], capture_output=True, text=True, env=self.env)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        with sqlite3.connect(cache) as db:
            rows = db.execute("SELECT guid, url, author FROM rss_item ORDER BY guid").fetchall()
        self.assertEqual(rows, [("g-1", "https://news.example/bridge", "First Gazette"),
                                ("g-2", "https://gazette.example/sardines", "Jane Doe")])
        for form in ("atom", "rss"):
            cleaned = subprocess.run([WINNOW, "filter", "--format", form], input=GAZETTE.encode(),
                                     capture_output=True, env=self.env, check=True)
            ran = subprocess.run(["sfeed"], input=cleaned.stdout, capture_output=True, env=self.env)
            rows = [line.split("\t") for line in ran.stdout.decode().splitlines()]
            self.assertEqual([row[2] for row in rows],
                             ["https://news.example/bridge", "https://gazette.example/sardines"])
            self.assertEqual(rows[1][7], "https://gazette.example/sardines.mp3")

    def test_json_feed(self):
        self.publish()
        feed = json.loads((self.dir / "out/feed.json").read_text())
        self.assertEqual(feed["version"], "https://jsonfeed.org/version/1.1")
        bridge = next(i for i in feed["items"] if "bridge" in i["title"])
        self.assertEqual(bridge["url"], "https://news.example/bridge")
        self.assertEqual(bridge["authors"], [{"name": "First Gazette"}])
        self.assertIn("Politics and government", bridge["tags"])
        self.assertEqual(bridge["language"], "en")


if __name__ == "__main__":
    unittest.main()
