# SPDX-License-Identifier: Apache-2.0
"""winnow filter, parse, check and explain as scripts call them."""
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss, words


class Filter(Case):
    def filter(self, feed, *args, code=0):
        return self.winnow("filter", *args, stdin=feed, code=code).stdout

    def test_keeps_the_format_that_came(self):
        feed = rss([item(1)])
        self.assertIn(b"<rss", self.filter(feed))
        atom = self.filter(feed, "--format", "atom")
        self.assertIn(b"http://www.w3.org/2005/Atom", atom)
        self.assertIn(b"http://www.w3.org/2005/Atom", self.filter(atom))
        out = json.loads(self.filter(feed, "--format", "json"))
        self.assertEqual(out["items"][0]["id"], "tag:news.example:1")
        self.assertEqual(out["items"][0]["url"], "https://news.example/1")
        self.assertEqual(json.loads(self.filter(json.dumps(out).encode()))["items"][0]["id"], "tag:news.example:1")

    def test_repeated_guids_and_links_go_and_nothing_else(self):
        feed = rss([item(1), item(1), item(2, guid="other", link="https://news.example/1?utm_source=f"), item(3)])
        out = json.loads(self.filter(feed, "--format", "json"))
        self.assertEqual([i["url"] for i in out["items"]], ["https://news.example/1", "https://news.example/3"])

    def test_near_copies_are_only_tagged_without_a_state(self):
        text = words("copy", 200)
        feed = rss([item(1, text, "The harbour of Lisbon reopens"), item(2, text + " one more", "Update: the harbour of Lisbon reopens")])
        out = json.loads(self.filter(feed, "--format", "json"))
        self.assertEqual(len(out["items"]), 2)
        self.assertIn("duplicate", out["items"][1].get("tags", []))

    def test_the_state_gives_the_same_answer_again_and_hides_copies_of_other_feeds(self):
        text = words("copy", 200)
        a, b = rss([item(1, text), item(2)], title="A"), rss([item("x", text, guid="x", link="https://b.example/x"), item("y", guid="y")], title="B")
        args = ("--state", self.path("s"), "--format", "json")
        first = self.filter(a, *args, "--source", "https://a.example/feed")
        second = self.filter(b, *args, "--source", "https://b.example/feed")
        self.assertEqual(len(json.loads(first)["items"]), 2)
        self.assertEqual([i["id"] for i in json.loads(second)["items"]], ["y"])
        self.assertEqual(first, self.filter(a, *args, "--source", "https://a.example/feed"))
        self.assertEqual(second, self.filter(b, *args, "--source", "https://b.example/feed"))

    def test_tracking_and_scripts_go(self):
        body = '<p>%s</p><img src="https://t.example/p.gif" width="1" height="1"><script>x</script>' % words(1)
        out = self.filter(rss([item(1, body, link="https://news.example/1?utm_source=a&id=7")]), "--format", "json")
        one = json.loads(out)["items"][0]
        self.assertNotIn("p.gif", one["content_html"])
        self.assertNotIn("script", one["content_html"])
        self.assertEqual(one["url"], "https://news.example/1?id=7")

    def test_not_a_feed(self):
        p = self.winnow("filter", stdin=b"<html><body>no</body></html>", code=65)
        self.assertEqual(p.stdout, b"")
        self.assertTrue(p.stderr)


class Parse(Case):
    def test_one_line_a_document(self):
        self.write("a.xml", rss([item(1), item(2)]))
        self.write("b.html", "<html><body>no</body></html>")
        p = self.winnow("parse", "a.xml", "b.html", "a.xml", code=65)
        lines = p.stdout.decode().splitlines()
        self.assertEqual(len(lines), 2)
        one = json.loads(lines[0])
        self.assertEqual(one["format"], "rss-2.0")
        self.assertEqual(one["feed"]["title"], "News")
        self.assertEqual([i["guid"] for i in one["items"]], ["tag:news.example:1", "tag:news.example:2"])
        self.assertIn("b.html", p.stderr.decode())

    def test_names_no_file_of_the_machine(self):
        self.write("secret", "S3CRET")
        for body in ('<!ENTITY x SYSTEM "file://%s">' % self.path("secret"), '<!ENTITY %% x SYSTEM "file://%s"> %%x;' % self.path("secret")):
            self.write("a.xml", '<?xml version="1.0"?><!DOCTYPE rss [%s]><rss version="2.0"><channel><title>t</title>'
                       '<item><title>&x;</title></item></channel></rss>' % body)
            self.assertNotIn(b"S3CRET", self.winnow("parse", "a.xml", code=None).stdout)


class Check(Case):
    def test_good(self):
        self.config(["https://a.example/feed"])
        out = self.winnow("check", "-c", "winnow.yaml").stdout.decode()
        for word in ("boilerplate", "editions", "topics", "48 h", "is in order"):
            self.assertIn(word, out.replace("2 d", "48 h"))

    def test_errors_name_file_line_and_fix(self):
        self.config(["https://a.example/feed"], extra="filters:\n  - editions: {treshold: 3}\n  - nosuch")
        err = self.winnow("check", "-c", "winnow.yaml", code=2).stderr.decode()
        self.assertIn("winnow.yaml:", err)
        self.assertIn("treshold", err)
        self.assertIn("nosuch", err)


class Explain(Case):
    def explain(self, what, code=0):
        return self.winnow("explain", "-c", "winnow.yaml", what, code=code).stdout.decode()

    def test_what_is_there_and_what_is_not(self):
        text = words("copy", 200)
        self.web.routes["/a"] = rss([item(1, text, "The harbour reopens")])
        self.web.routes["/b"] = rss([item("c", text, "The harbour reopens", guid="c", link="https://c.example/c")])
        self.config([self.web.url("/a"), self.web.url("/b"), self.web.url("/broken")])
        self.once(code=3)
        out = self.explain("harbour reopens")
        self.assertIn("The harbour reopens", out)
        self.assertIn("several fit", out)
        copy = [e for e in self.events("item") if e["verdict"] == "duplicate"][0]
        out = self.explain(str(copy["item_id"]))
        self.assertIn("duplicate", out)
        self.assertIn("editions", self.explain("https://news.example/1"))
        self.assertIn("harbour", self.explain("tag:news.example:1"))
        self.assertIn("404", self.explain(self.web.url("/broken"), code=None))
        self.assertIn("never", self.explain("https://nowhere.example/", code=None) .lower())


if __name__ == "__main__":
    unittest.main()
