#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What `winnow filter` writes of odd feeds, against the specifications: libxml2 and the schema of RFC 4287, the
rules of the RSS Advisory Board and of JSON Feed 1.1 written out here, and what feedparser makes of it."""
import json
import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from xml.sax.saxutils import escape

import feedparser

sys.path.insert(0, os.path.dirname(__file__))
from loopback import SOURCE_DIR, Case

FORMATS = ("atom", "rss", "json")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+$", re.I)


def feed(*items, head="<title>T</title><link>https://e.example/</link><description>d</description>"):
    return ("<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>%s%s</channel></rss>"
            % (head, "".join("<item>%s</item>" % i for i in items))).encode()


def one(n, more=""):
    return ("<title>Item %d</title><link>https://e.example/%d</link><guid>https://e.example/%d</guid>"
            "<description>Some words of item %d that are its own.</description>%s" % (n, n, n, n, more))


class Written(Case):
    def written(self, document, form):
        # The writers' work is the same behind one filter as behind three, and the test far shorter.
        self.write("winnow.yaml", "filters: [boilerplate]\n")
        return self.winnow("filter", "-c", "winnow.yaml", "--format", form, stdin=document).stdout

    def check(self, document, n):
        """Valid in each format, n items in each; returns what feedparser read of each."""
        read = {}
        for form in FORMATS:
            out = self.written(document, form)
            out.decode("utf-8")  # no malformed byte
            getattr(self, "check_" + form)(out, n)
            if form != "json":
                read[form] = feedparser.parse(out)
                self.assertFalse(read[form].bozo, (form, read[form].get("bozo_exception")))
                self.assertEqual(len(read[form].entries), n, form)
            if n < 100:  # what we wrote is read as well as it was written
                getattr(self, "check_" + form)(self.written(out, form), n)
        return read

    def check_atom(self, out, n):
        done = subprocess.run(["xmllint", "--noout", "--huge", "--nonet", "--relaxng",
                               os.path.join(SOURCE_DIR, "tests", "host-stub", "atom.rng"), "-"],
                              input=out, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace")[:2000])
        a = "{http://www.w3.org/2005/Atom}"
        root = ET.fromstring(out)
        entries = root.findall(a + "entry")
        self.assertEqual(len(entries), n)
        ids = [e.findtext(a + "id") for e in entries]
        self.assertEqual(len(ids), len(set(ids)))
        for i in ids + [root.findtext(a + "id")]:
            self.assertRegex(i, URI)
        for e in entries:
            alternates = [l for l in e.findall(a + "link") if l.get("rel", "alternate") == "alternate"]
            self.assertLessEqual(len(alternates), 1)
            self.assertTrue(alternates or e.find(a + "content") is not None)
            self.assertTrue(e.find(a + "author") is not None or root.find(a + "author") is not None)
            for l in e.iter(a + "link"):
                self.assertRegex(l.get("href"), URI)
            for date in [e.find(a + "updated"), e.find(a + "published")]:
                if date is not None:
                    self.assertRegex(date.text, RFC3339)

    def check_rss(self, out, n):
        root = ET.fromstring(out)
        self.assertEqual((root.tag, root.get("version")), ("rss", "2.0"))
        channel = root.find("channel")
        for name in ("title", "link", "description"):
            self.assertEqual(len(channel.findall(name)), 1, name)
        self.assertRegex(channel.findtext("link"), URI)
        items = channel.findall("item")
        self.assertEqual(len(items), n)
        for i in items:
            self.assertTrue(i.findtext("title") or i.findtext("description"))
            for name in ("title", "link", "description", "guid", "pubDate", "enclosure", "source", "comments"):
                self.assertLessEqual(len(i.findall(name)), 1, name)
            if i.find("link") is not None:
                self.assertRegex(i.findtext("link"), URI)
            if i.find("guid").get("isPermaLink") != "false":
                self.assertRegex(i.findtext("guid"), URI)
            if i.find("pubDate") is not None:
                self.assertRegex(i.findtext("pubDate"), r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} ")
                parsedate_to_datetime(i.findtext("pubDate"))
            for e in i.findall("enclosure"):
                self.assertRegex(e.get("url"), r"^https?://")
                self.assertTrue(e.get("length").isdigit())
                self.assertIn("/", e.get("type"))
            for c in i.findall("category"):
                self.assertTrue(c.text)

    def check_json(self, out, n):
        doc = json.loads(out)
        self.assertEqual(doc["version"], "https://jsonfeed.org/version/1.1")
        self.assertIsInstance(doc["title"], str)
        self.assertEqual(len(doc["items"]), n)
        ids = [i["id"] for i in doc["items"]]
        self.assertEqual(len(ids), len(set(ids)))
        for i in doc["items"]:
            self.assertIsInstance(i["id"], str)
            self.assertTrue(i["id"])
            self.assertTrue(("content_html" in i) != ("content_text" in i))
            for name in ("url", "external_url", "image", "banner_image"):
                if name in i:
                    self.assertRegex(i[name], URI)
            for name in ("date_published", "date_modified"):
                if name in i:
                    self.assertRegex(i[name], RFC3339)
            for tag in i.get("tags", []):
                self.assertIsInstance(tag, str)
            for author in i.get("authors", []):
                self.assertTrue(author.get("name") or author.get("url"))
            for a in i.get("attachments", []):
                self.assertTrue(a["url"] and a["mime_type"])

    def test_no_items_at_all(self):
        read = self.check(feed(), 0)
        self.assertEqual(read["atom"].feed.title, "T")
        self.check(feed(head=""), 0)

    def test_items_with_nearly_nothing(self):
        read = self.check(feed("<title>Title alone</title>", "<description>Words alone, and a few of them.</description>",
                               "<link>https://e.example/alone</link>", "<guid isPermaLink='false'>an id with spaces</guid>",
                               "<title>Two</title><title>titles</title>", head=""), 5)
        self.assertEqual(read["rss"].entries[0].title, "Title alone")
        self.assertEqual(read["atom"].entries[2].link, "https://e.example/alone")

    def test_what_xml_has_no_place_for(self):
        nasty = ("a&#0;b&#8;c&#x1F;d&#xFFFE;e&#xD800;f&#x110000;g\x0bh\x0ci\x7fj \ufffe\uffff ]]&gt; \U0001F600 \u202e&#133;"
                 "&amp;lt;b&amp;gt; &quot; &apos; end")
        read = self.check(feed(one(1, "<category>%s</category><author>%s</author>" % (nasty, nasty))
                               .replace("Item 1", nasty).replace("Some words", nasty),
                               one(2).replace("Some words", "<![CDATA[x ]]]]><![CDATA[> <p>y]]&gt;</p>]]>")), 2)
        for form, doc in read.items():
            self.assertTrue(doc.entries[0].title.endswith("end"), (form, doc.entries[0].title))
            self.assertIn("\U0001F600", doc.entries[0].title)

    def test_too_much_of_everything(self):
        self.check(feed(one(1).replace("Item 1", "long " * 40000)), 1)
        read = self.check(feed(one(1, "".join("<category>c%d</category>" % i for i in range(10000))), one(2)), 2)
        self.assertGreater(len(read["atom"].entries[0].tags), 50)
        self.check(feed(one(1, "".join("<enclosure url='https://e.example/%d' type='a/b' length='1'/>" % i
                                       for i in range(600)))), 1)
        self.check(feed(one(1).replace("Some words", escape("<div>" * 1000 + "deep" + "</div>" * 1000))), 1)
        self.check(feed(one(1).replace("https://e.example/1<", "https://e.example/%s<" % ("x" * 100000))), 1)
        self.check(feed(*[one(n) for n in range(400)]), 400)

    def test_addresses_that_are_none(self):
        links = ("/relative", "../up?a=b&amp;c", "//host.example/x", "?q", "#f", "not a link at all",
                 "javascript:alert(1)", "mailto:a@e.example", "https://e.example/a b\"c'<>", "https://",
                 "https://müller.example/ä", "HTTP://E.EXAMPLE/%zz", "urn:isbn:1", "https://[::1]/", "https://[x/")
        items = ["<title>%s</title><link>%s</link><guid>%s</guid><description>The words of %d.</description>"
                 "<comments>%s</comments><source url='%s'>S</source><enclosure url='%s' length='x' type=''/>"
                 % (("Number %d" % n,) + (escape(link).replace("'", "&apos;"),) * 2 + (n,)
                    + (escape(link).replace("'", "&apos;"),) * 3) for n, link in enumerate(links)]
        self.check(feed(*items), len(links))

    def test_dates_far_from_now(self):
        dates = {"Sat, 02 Jan 1965 03:04:05 GMT": "1965-01-02T03:04:05Z", "Thu, 01 Jan 1970 00:00:00 GMT": None,
                 "Mon, 01 Jan 1900 00:00:00 GMT": None, "0001-01-01T00:00:00Z": None, "9999-12-31T23:59:59Z": None,
                 "Fri, 31 Dec 2286 17:46:40 GMT": None, "12345-01-01T00:00:00Z": None, "1582-10-10T00:00:00Z": None,
                 "Tue, 30 Feb 2021 25:61:61 GMT": None, "-5": None, "99999999999999999999": None, "": None}
        items = [one(n, "<pubDate>%s</pubDate>" % d) for n, d in enumerate(dates)]
        self.check(feed(*items), len(dates))
        for form in ("atom", "json"):
            self.assertIn(b"1965-01-02T03:04:05Z", self.written(feed(*items), form))
        self.assertIn(b"Sat, 02 Jan 1965 03:04:05 GMT", self.written(feed(*items), "rss"))

    def test_one_guid_for_all(self):
        same = ["<title>Item %d</title><link>https://e.example/%d</link><guid>x</guid>"
                "<description>Words of %d, which are its own.</description>" % (n, n, n) for n in range(3)]
        self.check(feed(*same), 3)  # three items, however they are called: each gets an id of its own


if __name__ == "__main__":
    unittest.main()
