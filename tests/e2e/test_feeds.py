#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sample feeds are what feeds/source makes, their labels name items that are there, and `winnow parse` reads them."""
import collections
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("WINNOW_SOURCE_DIR", "."))
WINNOW = os.environ.get("WINNOW_BIN", "build/winnow")
FEEDS = SOURCE / "feeds"
LANGUAGES = set("en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split())


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


if __name__ == "__main__":
    unittest.main()
