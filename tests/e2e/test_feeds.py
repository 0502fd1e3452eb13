#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sample feeds are what feeds/source makes, their labels name items that are there, and the demo comes out as they say:
one entry a story, in the reader's language, the other editions as links, the article and nothing else."""
import collections
import html.parser
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("WINNOW_SOURCE_DIR", "."))
WINNOW = os.environ.get("WINNOW_BIN", "build/winnow")
FEEDS = SOURCE / "feeds"
LANGUAGES = set("en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split())


class Text(html.parser.HTMLParser):
    """The paragraphs of an entry, its line of other editions apart."""

    def __init__(self, content):
        super().__init__()
        self.lines = [""]
        self.feed(content)
        self.lines = [line.strip() for line in self.lines if line.strip()]

    def handle_starttag(self, tag, attrs):
        if tag == "p":
            self.lines.append("")

    def handle_data(self, data):
        self.lines[-1] += data.replace("\n", " ")


class SampleFeeds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(FEEDS / "labels.jsonl", encoding="utf-8") as lines:
            cls.labels = [json.loads(line) for line in lines]

    def test_made_from_source(self):
        ran = subprocess.run([sys.executable, FEEDS / "make.py", "--check"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_labels(self):
        self.assertEqual(len({(l["feed"], l["guid"]) for l in self.labels}), len(self.labels))
        editions = collections.defaultdict(set)
        for label in self.labels:
            self.assertIn(label["lang"], LANGUAGES)
            if label["role"] == "edition":
                self.assertNotIn(label["lang"], editions[label["story"]])
                editions[label["story"]].add(label["lang"])
        self.assertGreaterEqual(len(editions), 12)
        self.assertGreaterEqual(sum(langs == LANGUAGES for langs in editions.values()), 3)
        self.assertGreaterEqual(sum(len(langs) >= 3 for langs in editions.values()), 12)
        for label in self.labels:
            if label["role"] == "copy":
                self.assertIn(label["story"], editions)
            if label["role"] == "neighbour":
                self.assertIn(label["of"], editions)
                self.assertNotIn(label["story"], editions)
            text = label["text"].lower()
            self.assertNotIn("meridianwire", text)
            self.assertNotIn("](", text)

    def test_parse(self):
        by_feed = collections.defaultdict(dict)
        for label in self.labels:
            by_feed[label["feed"]][label["guid"]] = label
        names = sorted(path.name for path in FEEDS.glob("*.xml"))
        self.assertEqual(names, sorted(by_feed))
        for name in names:
            ran = subprocess.run([WINNOW, "parse", FEEDS / name], capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            document = json.loads(ran.stdout)
            self.assertEqual(document["warnings"], [], name)
            self.assertEqual({i["guid"]: i["title"] for i in document["items"]},
                             {guid: label["title"] for guid, label in by_feed[name].items()})
            for item in document["items"]:
                lead = by_feed[name][item["guid"]]["text"].split("\n")[0][:40]
                body = item.get("content") or item.get("summary")
                self.assertIn(lead.split("[")[0].replace("&", "&amp;"), body)

    def run_demo(self, prefer):
        folder = Path(tempfile.mkdtemp(prefix="winnow-sample-"))
        self.addCleanup(shutil.rmtree, folder)
        for path in FEEDS.glob("*.xml"):
            shutil.copy(path, folder)
        lines = (FEEDS / "winnow.yaml").read_text(encoding="utf-8").splitlines()
        lines = [f"prefer: {prefer}" if line.startswith("prefer:") else line for line in lines]
        (folder / "winnow.yaml").write_text(
            "\n".join(line for line in lines if not line.startswith("serve:")), encoding="utf-8")
        ran = subprocess.run([WINNOW, "run", "--once", "-c", folder / "winnow.yaml"],
                             capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        items = {}
        with open(folder / "demo/events.jsonl", encoding="utf-8") as lines:
            for event in map(json.loads, lines):
                if event["event_type"] == "item": # the last word on an item counts
                    items[event["source"].split("/")[-1], event["guid"]] = event
        return items, json.loads((folder / "demo/feed.json").read_text(encoding="utf-8"))["items"]

    def test_stories(self):
        items, entries = self.run_demo("[en, de]")
        self.assertEqual(len(items), len(self.labels))
        found, wanted = collections.defaultdict(set), collections.defaultdict(set)
        for label in self.labels:
            key = label["feed"], label["guid"]
            found[items[key]["story"]].add(key)
            wanted[label["story"]].add(key)
        self.assertEqual(sorted(map(sorted, found.values())), sorted(map(sorted, wanted.values())))
        self.assertEqual(len(entries), len(wanted))

    def test_entries(self):
        for prefer, first in (("[en, de]", "en"), ("[ko, ar]", "ko")):
            _, entries = self.run_demo(prefer)
            by_title = {label["title"]: label for label in self.labels}
            languages = collections.defaultdict(set)
            for label in self.labels:
                languages[label["story"]].add(label["lang"])
            for entry in entries:
                label = by_title[entry["title"]]
                if first in languages[label["story"]]:
                    self.assertEqual(label["lang"], first)
                self.assertFalse(label["teaser"] and len(languages[label["story"]]) == 1)
                lines = Text(entry["content_html"]).lines
                wanted = label["text"].split("\n")
                self.assertEqual(lines[:len(wanted)], wanted)
                self.assertLessEqual(len(lines), len(wanted) + 1) # the line of other editions
                self.assertLessEqual(set(label["sectors"]), set(entry["tags"]))
                links = {e.get("language") for e in entry["_winnow"].get("editions", [])
                         if e["kind"] == "edition"}
                self.assertLessEqual(languages[label["story"]] - {label["lang"]}, links)
            if first == "ko": # of two English editions the whole article comes before the teaser
                webb = next(e for e in entries if by_title[e["title"]]["story"] == "webb")
                english = [by_title[e["title"]] for e in webb["_winnow"]["editions"]
                           if e.get("language") == "en" and e["kind"] == "edition"]
                self.assertEqual([label["teaser"] for label in english], [False, True])


if __name__ == "__main__":
    unittest.main()
