# SPDX-License-Identifier: Apache-2.0
"""kill -9 at fifty random moments: no item lost, none published twice, no feed file torn.

The server is as unforgiving as it can be: each feed lists only its newest items, and goes on to the next ones the
moment that a client shows (by its ETag) that it has had these. Whoever remembers the ETag before the items loses
them for ever."""
import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest
import xml.dom.minidom

sys.path.insert(0, os.path.dirname(__file__))
from loopback import BIN, Case, item, rss

KILLS = 50
FEEDS = 3


class Wire:
    """One feed: version n lists items n.0, n.1, … alone."""

    def __init__(self, name, chance):
        self.name, self.chance, self.version, self.had = name, chance, 1, []
        self.body = self.make()

    def titles(self):
        return ["%s %d %d" % (self.name, self.version, i) for i in range(2)]

    def make(self):
        return rss([item("%s.%d.%d" % (self.name, self.version, i), title=t) for i, t in enumerate(self.titles())])

    def __call__(self, handler):
        tag = '"%s-%d"' % (self.name, self.version)
        if handler.headers.get("If-None-Match") == tag:
            # It has had these: they will not be listed again.
            self.had += self.titles()
            self.version += 1
            self.body = self.make()
            if self.chance.random() < 0.5:
                return handler.reply(304, b"", {"ETag": tag})
            tag = '"%s-%d"' % (self.name, self.version)
        handler.reply(200, self.body, {"ETag": tag})


class Kill(Case):
    def run_and_kill(self, args, delay):
        daemon = subprocess.Popen([BIN, "run", "-c", "winnow.yaml", "-q", *args], cwd=self.dir,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            code = daemon.wait(timeout=delay)
            self.assertIn(code, (0, 3))
            return 0
        except subprocess.TimeoutExpired:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            return 1

    def look(self):
        """What a reader finds now: every file whole, no entry twice, and each keeps its id."""
        for name in ("feed.atom", "feed.rss"):
            if os.path.exists(self.path(name)):
                xml.dom.minidom.parseString(self.read(name))
        if not os.path.exists(self.path("feed.json")):
            return
        entries = [(i["title"], i["id"]) for i in self.feed()["items"]]
        self.assertEqual(len({t for t, _ in entries}), len(entries), "an item is published twice")
        self.assertEqual(len({i for _, i in entries}), len(entries), "an id is used twice")
        for title, number in entries:
            self.assertEqual(self.ids.setdefault(title, number), number, "an entry changed its id")

    def look_at_events(self):
        """Whole lines but perhaps the last, which the next start mends."""
        if os.path.exists(self.path("events.jsonl")):
            for line in self.read("events.jsonl").split(b"\n")[:-1]:
                json.loads(line)

    def test_fifty_kills(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        self.ids = {}
        wires = [Wire("wire%d" % i, chance) for i in range(FEEDS)]
        for i, wire in enumerate(wires):
            self.web.routes["/%d" % i] = wire
        self.config([self.web.url("/%d" % i) for i in range(FEEDS)], filters=["boilerplate"], extra=(
            "settle: 0s\nevery: 1s\noutput: [{file: feed.atom, keep: 100000}, {file: feed.rss, keep: 100000}, "
            "{file: feed.json, keep: 100000}]"))
        with self.subTest(seed=seed):
            begin = time.monotonic()
            self.once()
            whole = time.monotonic() - begin  # from start to end: kills fall anywhere into it
            kills = 0
            while kills < KILLS:
                daemon = chance.random() < 0.3
                begin = time.monotonic()
                killed = self.run_and_kill([] if daemon else ["--once"], chance.uniform(0, whole * (2 if daemon else 1.1)))
                if not killed:  # the machine has other work from round to round: so long it lasts now
                    whole = time.monotonic() - begin
                kills += killed
                self.look()
                self.look_at_events()
            for _ in range(3):
                self.once()
            self.look()
            self.look_at_events()
            had = {t for wire in wires for t in wire.had}
            self.assertGreater(len(had), 2 * FEEDS, "the feeds never went on")
            self.assertEqual(sorted(had - set(self.titles())), [], "items are lost")
            # Each item has its event, and the state is sound.
            self.assertLessEqual(had, {e["title"] for e in self.events("item")})
            self.assertEqual(self.check_database(), "ok")

    def check_database(self):
        import sqlite3

        db = sqlite3.connect(self.path("state/winnow.db"))
        try:
            return db.execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            db.close()


if __name__ == "__main__":
    unittest.main()
