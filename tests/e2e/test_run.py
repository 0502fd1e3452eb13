# SPDX-License-Identifier: Apache-2.0
"""The main job end to end: poll, filter, write, serve; against a real loopback server."""
import json
import os
import re
import signal
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss, words


class Once(Case):
    def test_items_reach_all_three_formats(self):
        self.web.routes["/a"] = rss([item(1, title="First & foremost"), item(2)])
        self.config([self.web.url("/a")])
        self.once()
        self.assertIn("First & foremost", self.titles())
        self.assertEqual(len(self.feed()["items"]), 2)
        self.assertIn(b"First &amp; foremost", self.read("feed.atom"))
        self.assertIn(b"First &amp; foremost", self.read("feed.rss"))
        lines = self.events("item")
        self.assertEqual(len(lines), 2)
        for line in lines:
            for field in ("timestamp", "item_id", "source", "guid", "link", "title", "lang", "verdict", "of", "story",
                          "score", "reason", "topics", "topic_best", "removed"):
                self.assertIn(field, line)
            self.assertEqual(line["verdict"], "keep")
            self.assertEqual(line["source"], self.web.url("/a"))
        self.assertEqual([e["source"] for e in self.events("fetch")], [self.web.url("/a")])

    def test_second_round_sends_validators_and_changes_nothing(self):
        self.web.routes["/a"] = rss([item(1)])
        self.config([self.web.url("/a")])
        self.once()
        before = self.read("feed.atom")
        self.once()
        self.assertEqual(before, self.read("feed.atom"))
        self.assertIn("If-None-Match", self.web.requests[-1][1])
        self.assertEqual(len(self.events("item")), 1)

    def test_new_items_join_and_updates_keep_their_entry(self):
        self.web.routes["/a"] = rss([item(1)])
        self.config([self.web.url("/a")])
        self.once()
        first = self.feed()["items"][0]["id"]
        self.web.routes["/a"] = rss([item(2), item(1, title="Changed headline")])
        self.once()
        entries = {i["id"]: i["title"] for i in self.feed()["items"]}
        self.assertEqual(len(entries), 2)
        self.assertEqual(entries[first], "Changed headline")

    def test_failing_sources_are_named_and_the_rest_goes_on(self):
        self.web.routes["/good"] = rss([item(1)])
        self.config([self.web.url("/good"), self.web.url("/missing"), "http://127.0.0.1:1/refused"])
        err = self.once(code=3).stderr.decode()
        self.assertIn(self.web.url("/missing"), err)
        self.assertIn("http://127.0.0.1:1/refused", err)
        self.assertEqual(len(self.feed()["items"]), 1)

    def test_private_addresses_need_permission(self):
        self.web.routes["/a"] = rss([item(1)])
        self.write("winnow.yaml", "sources: ['%s']\noutput: [{file: feed.json}]\n" % self.web.url("/a"))
        err = self.once(code=3).stderr.decode()
        self.assertIn("allow-private", err)
        self.assertEqual(self.web.requests, [])

    def test_copies_in_two_feeds_are_one_entry(self):
        text = words("same", 200)
        self.web.routes["/a"] = rss([item("a", text, "One headline", "https://one.example/story?utm_source=x")])
        self.web.routes["/b"] = rss([item("b", text, "One headline", "https://one.example/story")], title="Other")
        self.config([self.web.url("/a"), self.web.url("/b")])
        self.once()
        self.assertEqual(len(self.feed()["items"]), 1)
        verdicts = {e["item_id"]: e for e in self.events("item")}.values()
        self.assertEqual(sorted(e["verdict"] for e in verdicts), ["duplicate", "keep"])
        self.assertEqual(len({e["story"] for e in verdicts}), 1)

    def test_scripts_never_reach_a_reader(self):
        bad = "<p onclick='x()'>Hello</p><script>alert(1)</script><a href='javascript:x()'>l</a>" + words(1)
        self.web.routes["/a"] = rss([item(1, bad, title="T <script>alert(1)</script>")])
        self.config([self.web.url("/a")])
        self.once()
        for name in ("feed.atom", "feed.rss", "feed.json"):
            text = self.read(name).decode()
            self.assertNotIn("<script", text)
            self.assertNotIn("onclick", text)
            self.assertNotIn("javascript:", text)

    def test_without_the_sanitising_filter_content_is_plain_text(self):
        self.web.routes["/a"] = rss([item(1, "<b>bold</b><script>alert(1)</script>")])
        self.config([self.web.url("/a")], filters=["editions"])
        self.once()
        content = self.feed()["items"][0]
        self.assertNotIn("<script", content.get("content_html", ""))

    def test_enclosures_and_thumbnails_stay(self):
        extra = ('<enclosure url="https://news.example/a.mp3" type="audio/mpeg" length="12"/>'
                 '<media:thumbnail url="https://news.example/t.jpg"/>')
        self.web.routes["/a"] = rss([item(1, extra=extra)])
        self.config([self.web.url("/a")])
        self.once()
        for name in ("feed.atom", "feed.rss", "feed.json"):
            text = self.read(name).decode()
            self.assertIn("https://news.example/a.mp3", text, name)
            self.assertIn("https://news.example/t.jpg", text, name)

    def test_any_number_of_workers_gives_the_same_bytes(self):
        for feed in range(12):
            shared = item("s%d" % (feed // 2), words("s%d" % (feed // 2), 150), "Shared %d" % (feed // 2), guid="g%d" % feed)
            self.web.routes["/%d" % feed] = rss([item("%d.%d" % (feed, n)) for n in range(30)] + [shared])
        outputs = set()
        for workers in (1, 2, 8):
            # Sources arrive in any order over the network; from files with one transfer at a time they don't.
            for feed in range(12):
                self.write("%d.xml" % feed, self.web.routes["/%d" % feed])
            lines = "\n".join("  - file:%d.xml" % feed for feed in range(12))
            self.write("winnow.yaml", "state: state%d\nworkers: %d\nconcurrency: 1\noutput: [{file: feed.json}]\n"
                       "sources:\n%s\n" % (workers, workers, lines))
            self.once()
            text = self.read("feed.json").decode()
            text = re.sub(r'urn:uuid:[0-9a-f-]{36}', "UUID", text)
            text = re.sub(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', "TIME", text)
            outputs.add(text)
        self.assertEqual(len(outputs), 1)


class BadInput(Case):
    def bad(self, body, said, code=3, kind="application/rss+xml", items=1):
        self.web.routes["/good"] = rss([item(1)])
        self.web.routes["/bad"] = lambda h: h.reply(200, body, kind=kind)
        self.config([self.web.url("/good"), self.web.url("/bad")])
        err = self.once(code=code).stderr.decode()
        self.assertIn(self.web.url("/bad"), err)
        self.assertRegex(err, said)
        self.assertEqual(len([l for l in err.splitlines() if "/bad" in l]), 1, err)
        self.assertEqual(len(self.feed()["items"]), items)
        self.once(code=code)  # the state is intact
        self.assertEqual(len(self.feed()["items"]), items)

    def test_html_page(self):
        self.bad(b"<!DOCTYPE html><html><head><title>x</title></head><body>Hello</body></html>", "HTML", kind="text/html")

    def test_binary(self):
        self.bad(bytes(n * 7 % 256 for n in range(100000)), "not a feed|neither RSS")

    def test_empty(self):
        self.bad(b"", "empty|not a feed")

    def test_truncated_keeps_what_came(self):
        whole = rss([item(n) for n in range(2, 12)])
        cut = whole[: whole.rindex(b"<item>") + 30]
        self.bad(cut, "truncated|ended|cut|unclosed|mended|not well-formed", code=0, items=10)

    def test_entity_bomb(self):
        bomb = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + b"".join(
            b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 12)) + (
            b']><rss version="2.0"><channel><title>x</title><item><title>&l;</title><link>https://b.example/1</link></item></channel></rss>')
        self.web.routes["/good"] = rss([item(1)])
        self.web.routes["/bad"] = bomb
        self.config([self.web.url("/good"), self.web.url("/bad")])
        self.once(code=None)
        self.assertLess(len(self.read("feed.json")), 100000)
        self.assertIn("https://news.example/1", self.read("feed.json").decode())

    def test_endless_body_ends_at_the_limit(self):
        def endless(h):
            h.send_response(200)
            h.send_header("Content-Type", "application/rss+xml")
            h.send_header("Connection", "close")
            h.end_headers()
            h.close_connection = True
            try:
                h.wfile.write(b'<rss version="2.0"><channel><title>x</title>')
                while True:
                    h.wfile.write(b"<item><title>more</title></item>" * 30000)
            except OSError:
                pass
        self.web.routes["/good"] = rss([item(1)])
        self.web.routes["/bad"] = endless
        self.config([self.web.url("/good"), self.web.url("/bad")])
        err = self.once(code=3).stderr.decode()
        self.assertRegex(err, r"larger|limit|MB|MiB")
        self.assertEqual(len(self.feed()["items"]), 1)

    def test_guids_that_change_each_time_show_nothing_twice(self):
        self.web.routes["/a"] = rss([item(1, guid="a1"), item(2, guid="a2")])
        self.config([self.web.url("/a")])
        self.once()
        self.web.routes["/a"] = rss([item(1, guid="b1"), item(2, guid="b2")])
        self.once()
        self.assertEqual(len(self.feed()["items"]), 2)


class Daemon(Case):
    def get(self, path, headers=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as e:
            return e.code, dict(e.headers), e.read()

    def serving(self):
        self.web.routes["/a"] = rss([item(1), item(2)])
        self.config([self.web.url("/a")], extra="settle: 0s\nserve: {listen: '127.0.0.1:0'}")
        self.start()
        self.port = self.serving_port()
        self.wait_for("the served feed", lambda: len(json.loads(self.get("/feed.json")[2])["items"]) == 2)

    def test_serves_with_validators(self):
        self.serving()
        for path in ("/feed.atom", "/feed.rss", "/feed.json"):
            status, headers, body = self.get(path)
            self.assertEqual(status, 200)
            self.assertIn("ETag", headers)
            self.assertIn("Last-Modified", headers)
            self.assertEqual(self.get(path, {"If-None-Match": headers["ETag"]})[0], 304)
        self.assertEqual(self.get("/nothing")[0], 404)
        self.wait_for("health", lambda: json.loads(self.get("/healthz")[2])["ok"])
        self.assertEqual(self.get("/healthz")[0], 200)
        self.stop()

    def test_reload_takes_new_sources_and_keeps_the_old_on_error(self):
        self.serving()
        self.web.routes["/b"] = rss([item(3)], title="B")
        text = self.read("winnow.yaml").decode()
        self.write("winnow.yaml", text.replace("settle: 0s", "settle: soon"))
        p = self.winnow("reload", code=2)
        self.assertIn("settle", p.stderr.decode() + p.stdout.decode())
        self.write("winnow.yaml", text + "  - {url: '%s', allow-private: true}\n" % self.web.url("/b"))
        self.winnow("reload")
        self.wait_for("the new source's item", lambda: len(json.loads(self.get("/feed.json")[2])["items"]) == 3)
        self.stop()

    def test_sighup_opens_the_events_anew(self):
        self.serving()
        os.rename(self.path("events.jsonl"), self.path("events.1"))
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_for("the new event file", lambda: self.events("stats"))
        self.stop()

    def test_one_writer_a_state(self):
        self.serving()
        p = self.winnow("run", "-c", "winnow.yaml", "--once", code=1)
        self.assertIn(str(self.daemon.pid), p.stderr.decode())
        self.stop()

    def test_split_and_join_through_the_socket(self):
        self.serving()
        ids = self.wait_for("the events", lambda: [e["item_id"] for e in self.events("item")])
        self.winnow("join", str(ids[0]), str(ids[1]))
        latest = {e["item_id"]: e["story"] for e in self.wait_for("new lines", lambda: len(self.events("item")) > 2 and self.events("item"))}
        self.assertEqual(len(set(latest.values())), 1)
        story = list(latest.values())[0]
        self.winnow("split", str(story), str(ids[1]))
        self.wait_for("two stories", lambda: len({e["item_id"]: e["story"] for e in self.events("item")}.values()) and
                      len(set({e["item_id"]: e["story"] for e in self.events("item")}.values())) == 2)
        self.stop()


if __name__ == "__main__":
    unittest.main()
