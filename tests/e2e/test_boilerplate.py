# SPDX-License-Identifier: Apache-2.0
"""The boilerplate filter in the real host: shadow, groups by source, what explain tells."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, escape, words

RELATED = '<p>Related: <a href="/x">Another story of the same firm</a></p>'
APPEARED = '<p>The post <a href="/1">Plant</a> appeared first on <a href="/">Wire</a>.</p>'


def feed(name):
    body = ("<p>NORTHPORT, Nov. 3 (AnyWire) -- Northwind Robotics said on Monday that it will open a plant in %s and hire "
            "two hundred people there. %s</p><script>alert(1)</script>%s%s<h3>About Northwind Robotics</h3><p>Northwind Robotics makes arms that sort "
            "parcels and has customers in twelve countries on four continents.</p><p>Sectors: Robots, Parcels</p>%s" %
            (name, words(name, 60), "", RELATED, APPEARED))
    return ("""<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>https://%s.example/</link>
<description>d</description><language>en</language><item><title>Plant in %s</title><link>https://%s.example/1</link>
<guid isPermaLink="false">%s</guid><description>%s</description></item></channel></rss>""" %
            (name, name, name, name, name, escape(body))).encode()


class Boilerplate(Case):
    def setUp(self):
        super().setUp()
        lines = ["state: state", "settle: 0s", "events: {file: events.jsonl}", "output: [{file: feed.json}]",
                 "filters: [boilerplate]", "sources:"]
        for name, options in (("plain", "{}"), ("shadow", "{shadow: true}"), ("groups", "{about: true, related: false}")):
            self.web.routes["/" + name] = feed(name)
            lines.append("  - {url: '%s', allow-private: true, filters: {boilerplate: %s}}" % (self.web.url("/" + name), options))
        self.write("winnow.yaml", "\n".join(lines) + "\n")
        self.once()
        self.items = {i["id"]: i for i in self.feed()["items"]}
        self.html = {i["url"].split("//")[1].split(".")[0]: i["content_html"] for i in self.items.values()}

    def explain(self, words):
        return self.winnow("explain", words).stdout.decode()

    def test_by_default(self):
        html = self.html["plain"]
        for gone in ("AnyWire", "appeared first", "Another story", "Sectors", "<script"):
            self.assertNotIn(gone, html)
        self.assertIn("About Northwind Robotics", html)  # the issuer stays
        self.assertTrue(html.startswith("<p>Northwind Robotics said on Monday"))

    def test_shadow_tells_and_removes_nothing(self):
        html = self.html["shadow"]
        for stays in ("(AnyWire)", "appeared first", "Another story", "Sectors: Robots"):
            self.assertIn(stays, html)
        self.assertNotIn("<script", html)  # sanitising stays
        event = [e for e in self.events("item") if e["title"] == "Plant in shadow"][-1]
        self.assertLessEqual({"appeared", "dateline", "related"}, {r["rule"] for r in event["removed"]})
        self.assertTrue(all(r["place"].startswith("shadow:") for r in event["removed"]), event["removed"])
        told = self.explain("Plant in shadow")
        self.assertIn("would be removed", told)
        self.assertIn("The post Plant appeared first on Wire.", told)

    def test_groups_of_a_source(self):
        html = self.html["groups"]
        self.assertNotIn("About Northwind Robotics", html)
        self.assertNotIn("makes arms that sort", html)
        self.assertIn("Another story", html)
        self.assertNotIn("appeared first", html)

    def test_explain_tells_each_removal_and_the_lengths(self):
        told = self.explain("Plant in plain")
        for line in ("taken away (dateline, head): NORTHPORT, Nov. 3 (AnyWire)", "taken away (appeared, tail): The post Plant",
                     "taken away (related", "as it came", "as it is shown"):
            self.assertIn(line, told)

    def test_an_option_that_is_none_is_named(self):
        self.write("bad.yaml", "filters: [{boilerplate: {shadwo: true}}]\nsources: []\n")
        err = self.winnow("check", "-c", "bad.yaml", code=2).stderr
        self.assertIn(b"shadow", err)


if __name__ == "__main__":
    unittest.main()
