# SPDX-License-Identifier: Apache-2.0
"""A running daemon as a person at a shell meets it: what it says at its start, what it tells of itself, and what
other winnows say when they meet its state."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from loopback import Case, item, rss, words


class Daemon(Case):
    def setUp(self):
        super().setUp()
        pixel = '<p>%s</p><img src="https://track.example/o.gif" width="1" height="1"/>' % words("p")
        self.web.routes["/a"] = rss([item(1, pixel), item(2)])

    def run_daemon(self, *args, extra=""):
        self.config([self.web.url("/a")], extra="settle: 0s\n" + extra)
        self.start(*args)
        self.wait_for("the first items", lambda: len(self.feed()["items"]) == 2)

    def stats(self):
        return json.loads(self.winnow("stats", "--json").stdout)["daemon"]

    def test_stats_tell_of_each_filter(self):
        self.run_daemon()
        stats = self.stats()
        self.assertEqual([f["name"] for f in stats["filters"]], ["boilerplate", "editions", "topics"])
        for f in stats["filters"]:
            self.assertEqual((f["items"], f["errors"]), (2, 0))
            self.assertGreater(f["longest_us"], 0)
            self.assertGreaterEqual(f["analyse_us"] + f["judge_us"], f["mean_us"])
        self.assertGreaterEqual(stats["filters"][0]["changed"], 1)
        self.assertGreaterEqual(stats["filters"][0]["removed"], 1)  # the pixel
        self.assertEqual(stats["filters"][1]["removed"], 0)
        self.assertGreater(stats["rss"], 1 << 20)
        self.assertEqual((stats["waiting"], stats["in_flight"]), (0, 0))
        table = self.winnow("stats").stdout.decode()
        self.assertRegex(table, r"\n    boilerplate +2 +\d+ +\d+ +0 +\d+ +\d+\n    editions")
        # The same in the events.
        event = self.wait_for("statistics", lambda: [e for e in self.events("stats") if e["filters"][0]["items"]])[0]
        self.assertEqual(set(event), set(stats) - {"in_flight"})
        self.assertEqual(set(event["filters"][0]), set(stats["filters"][0]))
        self.stop()

    def test_it_says_once_what_runs_and_where(self):
        self.run_daemon(extra="serve: '127.0.0.1:0'")
        self.winnow("reload")
        err = self.stop()
        lines = err.splitlines()
        self.assertEqual(len(lines), 2, err)
        for said in ("winnow.yaml", "winnow 0.", "process %d" % self.daemon.pid, "1 source,",
                     "filters boilerplate, editions, topics", self.path("feed.atom"), self.path("state")):
            self.assertIn(said, lines[0])
        self.assertRegex(lines[0], r"serves http://127\.0\.0\.1:[1-9]\d*/")
        self.assertEqual(lines[1], "winnow: reload: ok")

    def test_reload_and_refresh_say_what_came_of_it(self):
        self.run_daemon()
        self.assertEqual(self.winnow("reload").stdout, b"the configuration is in force: 1 source\n")
        text = self.read("winnow.yaml").decode()
        self.write("winnow.yaml", "workers: 3\nserve: '127.0.0.1:0'\n" + text)
        err = self.winnow("reload").stderr.decode().splitlines()
        self.assertEqual(len(err), 2, err)
        for line, key in zip(sorted(err), ("serve", "workers")):
            self.assertTrue(line.startswith("winnow reload: "), line)
            self.assertIn("winnow.yaml: '%s' changed; that needs a restart" % key, line)
        self.write("winnow.yaml", text.replace("filters:", "fliters:") + "\nnonsense: 1\nstate: state\n")
        # The client reads the file for the state's folder; with --state the daemon alone does.
        err = self.winnow("reload", "--state", "state", code=1).stderr.decode().splitlines()
        self.assertGreaterEqual(len(err), 2)
        for line in err:
            self.assertRegex(line, r"^winnow reload: .*winnow\.yaml:\d+: ")
        url = self.web.url("/a")
        before = len(self.web.requests)
        self.assertEqual(self.winnow("refresh", "--state", "state", url).stdout.decode(), url + " is polled now\n")
        self.wait_for("the poll", lambda: len(self.web.requests) > before)
        self.assertIn(b"all sources", self.winnow("refresh", "--state", "state").stdout)
        self.assertIn(b"no such source", self.winnow("refresh", "--state", "state", "http://a.example/", code=1).stderr)
        self.assertEqual(json.loads(self.winnow("refresh", "--state", "state", "--json").stdout)["ok"], True)
        self.stop()

    def test_quiet_is_quiet(self):
        self.run_daemon("-q")
        self.assertEqual(self.stop(), "")

    def test_others_are_told_who_holds_the_state(self):
        self.run_daemon()
        for args, fix in ((("run", "--once"), "winnow refresh"), (("filter", "--state", "state"), "--state DIR")):
            # The patience that filters have with each other (30 s) would be lost on a daemon, which never lets go.
            err = self.winnow(*args, code=1, stdin=self.web.routes["/a"], timeout=25).stderr.decode()
            self.assertIn("process %d, winnow run" % self.daemon.pid, err)
            self.assertIn(fix, err)
            self.assertIn(self.path("state"), err)
        self.assertIn(b"not the state of a daemon", self.winnow("filter", "--help").stdout)
        self.stop()


if __name__ == "__main__":
    unittest.main()
