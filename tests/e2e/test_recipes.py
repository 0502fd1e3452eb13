# SPDX-License-Identifier: Apache-2.0
"""The recipes for feed readers of winnow(1), taken from the manual as they are written there."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import BIN, SOURCE_DIR, Case, item, rss

URL = "https://example.org/feed.xml"


class Recipes(Case):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SOURCE_DIR, "host-stub/winnow.1.scd"), encoding="utf-8") as f:
            section = f.read().split("# IN FEED READERS")[1].split("\n# ")[0]
        # newsboat, sfeed, Liferea, a shell
        blocks = [re.sub(r"\\(.)", r"\1", block) for block in re.findall(r"(?s)\n```\n(.*?)\n```\n", section)]  # as scdoc
        self.newsboat, self.sfeed, self.liferea, self.shell = blocks
        os.mkdir(self.path("bin"))
        os.symlink(BIN, self.path("bin/winnow"))
        self.env = {**os.environ, "HOME": self.dir, "LC_ALL": "C.UTF-8", "PATH": self.path("bin") + ":" + os.environ["PATH"],
                    "WINNOW_FILTERS": os.environ["WINNOW_FILTERS_DIR"]}
        self.serve("First headline")

    def serve(self, title):
        extra = '<enclosure url="https://news.example/a.mp3" type="audio/mpeg" length="12"/>'
        self.web.routes["/feed.xml"] = rss([
            item(1, 'Text of the one.<img src="https://track.example/o.gif" width="1" height="1"/>', title,
                 "https://news.example/1?utm_source=rss"),
            item(2, title="Second", extra=extra)])

    def run_it(self, *args, **how):
        done = subprocess.run(args, cwd=self.dir, env=self.env, capture_output=True, timeout=120, **how)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    @unittest.skipUnless(shutil.which("newsboat"), "needs newsboat")
    def test_newsboat(self):
        self.write("urls", self.newsboat.replace(URL, self.web.url("/feed.xml")) + "\n")
        for _ in range(2):
            self.run_it("newsboat", "-q", "-u", "urls", "-c", "cache.db", "-C", "/dev/null", "-x", "reload")
            with sqlite3.connect(self.path("cache.db")) as db:
                rows = db.execute("SELECT url, title FROM rss_item ORDER BY url").fetchall()
                text = "".join(row[0] for row in db.execute("SELECT content FROM rss_item"))
            self.assertEqual(rows, [("https://news.example/1", "First headline"), ("https://news.example/2", "Second")])
            self.assertIn("Text of the one", text)
            self.assertNotIn("track.example", text)
        self.assertTrue(os.path.exists(self.path(".cache/winnow/winnow.db")))

    @unittest.skipUnless(shutil.which("sfeed_update"), "needs sfeed")
    def test_sfeed(self):
        self.write("sfeedrc", 'sfeedpath="$HOME/feeds"\nfeeds() {\n\tfeed "news" "%s" "https://news.example/"\n'
                   '\tfeed "again" "%s"\n}\n%s\n' % (self.web.url("/feed.xml"), self.web.url("/other.xml"), self.sfeed))
        self.web.routes["/other.xml"] = rss([item(3, title="Third")])
        for title in ("First headline", "First headline", "Changed headline"):
            self.serve(title)
            self.run_it("sfeed_update", "sfeedrc")
            rows = [line.split("\t") for line in self.read("feeds/news").decode().splitlines()]
            self.assertEqual(sorted((row[2], row[1]) for row in rows),
                             [("https://news.example/1", title), ("https://news.example/2", "Second")])
            self.assertNotIn(b"track.example", self.read("feeds/news"))
            self.assertIn(b"https://news.example/a.mp3", self.read("feeds/news"))
            self.assertIn(b"Third", self.read("feeds/again"))

    def test_liferea(self):
        """Liferea hands the fetched document to a shell: COMMAND < FILE, and reads what comes out."""
        self.write("fetched", self.web.routes["/feed.xml"])
        for _ in range(2):
            out = self.run_it("sh", "-c", self.liferea + " < fetched")
            self.assertIn("<rss", out)
            self.assertIn("https://news.example/1<", out)
            self.assertNotIn("track.example", out)
        self.assertTrue(os.path.exists(self.path(".cache/winnow/winnow.db")))

    def test_shell(self):
        out = self.run_it("sh", "-c", self.shell.replace(URL, self.web.url("/feed.xml")))
        self.assertIn("First headline", out)
        self.assertNotIn("track.example", out)


if __name__ == "__main__":
    unittest.main()
