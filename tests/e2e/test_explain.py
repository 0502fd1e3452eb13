# SPDX-License-Identifier: Apache-2.0
"""explain, split, join, stats, refresh, reload: without a daemon, and beside one."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss


class Explain(Case):
    def setUp(self):
        super().setUp()
        self.web.routes["/a"] = rss([item("a", title="One headline")])
        self.web.routes["/b"] = rss([item("b", title="One headline"), item("c", title="Another")])
        self.urls = [self.web.url("/a"), self.web.url("/b"), self.web.url("/missing")]
        # What stories are made of is another test's: here an item with the title of an earlier one is its copy.
        plugin = os.path.join(os.environ["WINNOW_BUILD_DIR"], "filters-test", "by_title.so")
        self.config(self.urls, filters=["boilerplate", "by-title"], extra="settle: 0s\nplugins: ['%s']" % plugin)

    def ask(self, *what, code=0):
        return json.loads(self.winnow("explain", "--json", *what, code=code).stdout)

    def split_pair(self):
        """The story of the two copies, and the younger of them."""
        story = self.ask("tag:news.example:a")["story"]
        members = [c["item"] for c in self.ask("story:%d" % story)["choices"]]
        self.assertEqual(len(members), 2)
        return story, max(members)

    def links(self):
        return sorted(i["url"] for i in self.feed()["items"])

    def test_before_anything(self):
        self.assertIn(b"nothing has been polled yet", self.winnow("explain", "anything", code=1).stdout)
        for command in (("stats",), ("split", "1", "2"), ("join", "1", "2")):
            self.assertIn(b"poll first", self.winnow(*command, code=1).stderr)
        self.assertFalse(os.path.exists(self.path("state")), "asking made a state")
        for command in (("explain",), ("split", "1"), ("split", "a", "b"), ("join",), ("stats", "x"), ("explain", "--no", "x")):
            self.assertIn(b"see: winnow %s --help" % command[0].encode(), self.winnow(*command, code=2).stderr)
        for command in ("explain", "split", "join", "stats", "reload", "refresh"):
            self.assertIn(b"Usage", self.winnow(command, "--help").stdout)

    def test_init_names_a_file_that_is_not_there(self):
        for name in ("/nowhere/list.opml", "./list", "list.opml"):
            self.assertIn(b"no such file", self.winnow("init", "-o", "-", name, code=1).stderr)
        self.assertIn(b"init --allow-private", self.winnow("init", "-o", "-", self.urls[0], code=3).stderr)

    def test_without_a_daemon(self):
        self.once(code=3)
        self.assertEqual(len(self.feed()["items"]), 2)
        copy = next(e for e in self.events("item") if e["verdict"] == "duplicate")
        told = self.winnow("explain", str(copy["item_id"])).stdout.decode()
        self.assertIn("by-title: duplicate of item %d" % copy["of"], told)
        self.assertIn(copy["reason"], told)
        self.assertIn(self.path("feed.atom"), told)
        for what in ("tag:news.example:c", "another", "https://news.example/c", "http://news.example/c/"):
            self.assertEqual(self.ask(what)["title"], "Another")
        self.assertEqual(self.ask("one headline")["found"], "items")
        missing = self.winnow("explain", self.web.url("/missing")).stdout.decode()
        self.assertIn("failing", missing)
        self.assertIn("new address", missing)
        self.assertEqual(self.ask("never seen by anybody", code=1)["found"], "nothing")
        self.assertIn(b"entries", self.winnow("stats").stdout)
        self.assertEqual(json.loads(self.winnow("stats", "--json").stdout)["items"], 3)
        self.assertIn(b"no daemon", self.winnow("reload", code=1).stderr)
        self.assertIn(b"no daemon", self.winnow("refresh", code=1).stderr)

        story, member = self.split_pair()
        self.assertEqual(self.ask("item:%d" % member), self.ask(str(member)), "as join names it")
        self.assertIn(b"left story", self.winnow("split", str(story), "item:%d" % member).stdout)
        self.assertIn(b"is not in story", self.winnow("split", str(story), str(member), code=1).stderr)
        self.once(code=3)
        self.assertEqual(len(self.feed()["items"]), 3)
        self.assertIn("you ruled: apart from", self.winnow("explain", str(member)).stdout.decode())
        self.winnow("join", str(story), "item:%d" % member)
        self.assertEqual(self.ask(str(member))["story"], story)
        self.once(code=3)
        self.assertEqual(len(self.feed()["items"]), 3, "what was shown stays")

    def test_beside_a_daemon(self):
        self.start()
        self.wait_for("two entries of three items", lambda: len(self.feed()["items"]) == 2 and
                      len({e["item_id"] for e in self.events("item")}) == 3)
        story, member = self.split_pair()
        self.assertIn(b"held by process", self.winnow("run", "--once", code=None).stderr)
        answer = json.loads(self.winnow("split", "--json", str(story), str(member)).stdout)
        self.assertTrue(answer["ok"])
        self.wait_for("the split item", lambda: len(self.feed()["items"]) == 3)
        self.assertIn(b"no story 999", self.winnow("split", "999", "1", code=1).stderr)
        told = self.winnow("join", str(story), str(answer["story"])).stdout
        self.assertIn(b"in story %d now" % story, told)
        self.wait_for("the event", lambda: [e["story"] for e in self.events("item") if e["item_id"] == member][-1] == story)
        stats = json.loads(self.winnow("stats", "--json").stdout)
        self.assertGreater(stats["daemon"]["fetches"], 0)
        before = len(self.web.requests)
        self.winnow("refresh", self.urls[0])
        self.wait_for("the poll", lambda: len(self.web.requests) > before)
        self.assertIn(b"no such source", self.winnow("refresh", "https://unknown.example/", code=1).stderr)
        self.winnow("reload")
        self.write("winnow.yaml", "nonsense: 1\n")
        self.assertIn(b"nonsense", self.winnow("reload", "--state", "state", code=1).stderr)
        self.stop()


if __name__ == "__main__":
    unittest.main()
