# SPDX-License-Identifier: Apache-2.0
"""The daemon as a feed server: what a reader, a browser and a validator get from it."""
import json
import os
import sys
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss

ATOM = "{http://www.w3.org/2005/Atom}"


class Serve(Case):
    def get(self, path, **headers):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def serve(self, more=""):
        self.web.routes["/a"] = rss([item(1, title="First")])
        self.config([self.web.url("/a")], "settle: 0s\nserve: {listen: '127.0.0.1:0'%s}" % more)
        self.start()
        self.port = self.serving_port()
        self.wait_for("the feed", lambda: b"First" in self.get("/feed.json")[0])
        self.wait_for("the feed", lambda: b"First" in self.get("/feed.atom")[0])
        self.wait_for("the feed", lambda: b"First" in self.get("/feed.rss")[0])

    def selves(self):
        atom, rss_ = ET.fromstring(self.get("/feed.atom")[0]), ET.fromstring(self.get("/feed.rss")[0])
        return [[l.get("href") for l in atom.findall(ATOM + "link") if l.get("rel") == "self"],
                [l.get("href") for l in rss_.findall("channel/%slink" % ATOM) if l.get("rel") == "self"],
                [json.loads(self.get("/feed.json")[0]).get("feed_url")]]

    def test_each_feed_says_its_own_address_where_it_is_configured(self):
        self.serve(", url: 'https://news.example/winnow/'")
        self.assertEqual(self.selves(), [["https://news.example/winnow/feed." + f] for f in ("atom", "rss", "json")])
        self.stop()

    def test_no_address_is_guessed_from_what_a_client_says(self):
        self.serve()
        body, headers = self.get("/feed.atom", Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
        self.assertNotIn(b"evil.example", body)
        self.assertNotIn("evil.example", str(headers))
        self.assertEqual(self.selves(), [[], [], [None]])
        # Relative to the request, so right behind any proxy.
        self.assertEqual(headers["Link"], '<feed.atom>; rel="self"; type="application/atom+xml"')
        self.stop()

    def test_types_and_the_page(self):
        self.serve()
        for form, kind in (("atom", "application/atom+xml"), ("rss", "application/rss+xml"),
                           ("json", "application/feed+json")):
            self.assertTrue(self.get("/feed." + form)[1]["Content-Type"].startswith(kind), form)
        page, headers = self.get("/")
        self.assertTrue(headers["Content-Type"].startswith("text/html"))
        for form in ("atom", "rss", "json"):
            self.assertIn(b'href="/feed.%s"' % form.encode(), page)
        with self.assertRaises(urllib.error.HTTPError) as gone:
            self.get("/rss")
        self.assertEqual(gone.exception.code, 404)
        self.assertIn(b"/feed.rss\n", gone.exception.read())
        self.stop()


if __name__ == "__main__":
    unittest.main()
