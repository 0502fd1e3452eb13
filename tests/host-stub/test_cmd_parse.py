#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""winnow parse as its users run it."""
import json
import os
import subprocess
import tempfile
import unittest

BIN = os.environ["WINNOW_BIN"]
RSS = (b'<rss version="2.0"><channel><title>T</title><item><title>One</title><link>/1</link>'
       b"<pubDate>Thu, 01 Jan 2004 19:48:21 +0100</pubDate></item></channel></rss>")


def parse(*args, stdin=b""):
    return subprocess.run([BIN, "parse", *args], input=stdin, capture_output=True, timeout=60)


class Parse(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def test_one_line_with_the_promised_keys(self):
        done = parse(self.file("a", RSS))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        doc = json.loads(done.stdout)
        self.assertEqual(list(doc), ["format", "feed", "items", "warnings"])
        self.assertEqual(doc["format"], "rss-2.0")
        self.assertEqual(doc["feed"]["title"], "T")
        self.assertEqual(doc["items"][0]["published"], "2004-01-01T18:48:21Z")
        self.assertEqual(doc["items"][0]["categories"], [])
        self.assertEqual(doc["warnings"], [])
        self.assertEqual(done.stderr, b"")

    def test_each_promised_name_is_in_every_item_and_feed(self):
        formats = {
            "rss": b"<rss><channel><item/><item><category/><enclosure url='http://e/x'/>"
                   b"<category>c</category></item></channel></rss>",
            "atom": b"<feed xmlns='http://www.w3.org/2005/Atom'><entry/><entry><category term='c'/>"
                    b"<link rel='enclosure' href='http://e/x'/></entry></feed>",
            "rdf": b"<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:rdf="
                   b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel/><item/></rdf:RDF>",
            "json": b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "tags": '
                    b'["c"], "attachments": [{"url": "http://e/x"}]}]}',
        }
        # A large one is written while it is read.
        formats["large"] = b"<rss><channel>" + b"<item/>" * 30000 + b"</channel></rss>"
        item = {"guid", "link", "title", "summary", "content", "authors", "published", "updated",
                "language", "categories", "enclosures"}
        for name, text in formats.items():
            doc = json.loads(parse("-", stdin=text).stdout)
            self.assertEqual(set(doc), {"format", "feed", "items", "warnings"}, name)
            self.assertLessEqual({"title", "link", "description", "language", "updated"},
                                 set(doc["feed"]), name)
            for i in doc["items"]:
                self.assertLessEqual(item, set(i), name)
                for category in i["categories"]:
                    self.assertEqual(set(category), {"term", "scheme", "label"}, name)
                for enclosure in i["enclosures"]:
                    self.assertLessEqual({"url", "type", "length"}, set(enclosure), name)

    def test_base_and_headers(self):
        doc = json.loads(parse("--base", "http://e.org/x/", "-", stdin=RSS).stdout)
        self.assertEqual(doc["items"][0]["link"], "http://e.org/1")
        doc = json.loads(parse("--base=http://e.org/x/", "--header",
                               "content-location: http://f.org/", "-", stdin=RSS).stdout)
        self.assertEqual(doc["items"][0]["link"], "http://f.org/1")
        russian = RSS.replace(b"One", "Новости".encode("koi8-r"))
        done = parse("--header", "Content-Type: text/xml; charset=koi8-r", "-", stdin=russian)
        self.assertEqual(json.loads(done.stdout)["items"][0]["title"], "Новости")

    def test_the_rest_goes_on(self):
        html = self.file("page.html", b"<!DOCTYPE html><html><body>x</body></html>")
        done = parse(self.file("a", RSS), html, os.path.join(self.folder.name, "none"),
                     self.file("b", RSS))
        self.assertEqual(done.returncode, 65)
        self.assertEqual(done.stdout.count(b"\n"), 2)
        self.assertIn(b"page.html: not a feed: an HTML page", done.stderr)
        self.assertIn(b"none: cannot be read", done.stderr)
        self.assertEqual(parse(os.path.join(self.folder.name, "none")).returncode, 1)

    def test_usage(self):
        self.assertEqual(parse("--help").returncode, 0)
        self.assertIn(b"winnow parse [--base URL]", parse("--help").stdout)
        self.assertEqual(parse().returncode, 2)
        self.assertEqual(parse("--bogus", "-").returncode, 2)
        self.assertEqual(parse("--header", "no colon", "-").returncode, 2)
        self.assertEqual(parse("--base").returncode, 2)

    def test_large_documents_stream_and_are_whole(self):
        item = b"<item><title>%d</title><description>" + b"word " * 300 + b"</description></item>"
        data = b"<rss><channel>" + b"".join(item % i for i in range(4000)) + \
            b"<title>last</title></channel></rss>"
        doc = json.loads(parse(self.file("big", data)).stdout)
        self.assertEqual(len(doc["items"]), 4000)
        self.assertEqual(doc["items"][3999]["title"], "3999")
        self.assertEqual(doc["feed"]["title"], "last")
        piped = json.loads(parse("-", stdin=data).stdout)
        self.assertEqual(piped, doc)

    def test_nothing_drives_the_terminal(self):
        nasty = RSS.replace(b"One", b"a\x1b]0;x\x07&#27;[31m\xc2\x9b31m").replace(b"/1", b"\x1b[2J")
        done = parse("-", stdin=nasty)
        self.assertEqual(done.returncode, 0)
        self.assertFalse([c for c in done.stdout[:-1] if c < 32 or c == 127])
        self.assertNotIn("\x9b", done.stdout.decode())
        done = parse(self.file("\x1b[31mname", b"junk"))
        self.assertNotIn(b"\x1b", done.stderr)

    def test_a_closed_pipe_and_a_full_disk_are_told(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BIN, "parse", self.file("a", RSS)], stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output: cannot be written: No space left", done.stderr)

    def test_no_file_and_no_address_of_a_document_is_opened(self):
        secret = self.file("secret", b"<x>the secret</x>")
        doc = (f'<!DOCTYPE rss [<!ENTITY e SYSTEM "file://{secret}"><!ENTITY % p SYSTEM '
               f'"file://{secret}">%p;]><rss><channel><item><title>x&e;</title>'
               f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" '
               f'parse="text"/></item></channel></rss>').encode()
        done = parse("-", stdin=doc)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"the secret", done.stdout)


if __name__ == "__main__":
    unittest.main()
