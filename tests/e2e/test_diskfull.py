# SPDX-License-Identifier: Apache-2.0
"""A full disk: an alarm, nothing corrupted, and once there is room everything goes on; nothing lost or twice.

Two ways to have one: a running daemon whose files may not grow (RLIMIT_FSIZE, set from outside), and where this
user may mount one, a small tmpfs filled to the brim."""
import ctypes
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.path.insert(0, os.path.dirname(__file__))
from loopback import BIN, Case, item, rss


class DiskFull(Case):
    def begin(self):
        self.web.routes["/a"] = rss([item(1, title="Before")])
        self.config([self.web.url("/a")], filters=["boilerplate"], extra="settle: 0s\nevery: 1s")
        # SIGXFSZ is what such a limit sends; a full disk sends nothing.
        with open(self.path("log"), "wb") as log:
            self.daemon = subprocess.Popen([BIN, "run", "-c", "winnow.yaml"], cwd=self.dir, stderr=log,
                                           preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.wait_for("the first entry", lambda: self.titles() == ["Before"])

    def full(self):
        """While there is no room: new items come, and are asked for; the old feed stays whole."""
        self.web.routes["/a"] = rss([item(2, title="During"), item(1, title="Before")])
        self.wait_for("the alarm", lambda: b"no space" in self.read_log() or b"input/output" in self.read_log(), 60)
        self.assertIsNone(self.daemon.poll(), "the daemon ended")
        self.assertEqual(self.titles(), ["Before"])
        for name in ("feed.atom", "feed.rss"):
            xml.dom.minidom.parseString(self.read(name))

    def room(self):
        self.wait_for("the entry that came meanwhile", lambda: "During" in self.titles(), 60)
        self.web.routes["/a"] = rss([item(3, title="After"), item(2, title="During")])
        self.wait_for("the next one", lambda: "After" in self.titles(), 60)
        self.assertEqual(sorted(self.titles()), ["After", "Before", "During"])
        self.stop()
        lines = [e["title"] for e in self.events("item")]
        self.assertEqual(sorted(lines), ["After", "Before", "During"])
        self.once()
        self.assertEqual(sorted(self.titles()), ["After", "Before", "During"])
        db = sqlite3.connect(self.path("state/winnow.db"))
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        db.close()

    def read_log(self):
        with open(self.log_path, "rb") as f:
            return f.read().lower()

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(self.daemon.wait(timeout=60), 0)

    def test_files_that_may_not_grow(self):
        self.log_path = self.path("log")
        self.begin()
        _, hard = resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE)
        # The log itself must be able to tell.
        resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (1 << 12, hard))
        self.full()
        resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (hard, hard))
        self.room()

    def test_small_disk(self):
        libc = ctypes.CDLL(None, use_errno=True)
        disk = self.dir
        if libc.mount(b"tmpfs", disk.encode(), b"tmpfs", 0, b"size=4m") != 0:
            self.skipTest("this user may not mount a disk; the other test stands for it")
        self.addCleanup(libc.umount2, disk.encode(), 2)
        log, self.log_path = tempfile.mkstemp(prefix="winnow-log-")
        os.close(log)
        self.addCleanup(os.unlink, self.log_path)
        os.symlink(self.log_path, self.path("log"))
        self.begin()
        with open(self.path("ballast"), "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        self.full()
        os.unlink(self.path("ballast"))
        self.room()


class Held(Case):
    """Another program keeps the database: what came cannot be committed, and the daemon is asked to end."""

    def test_the_last_rendering_has_its_labels(self):
        self.web.routes["/a"] = rss([item(1, title="Before", extra="<category>Politics</category>")])
        self.config([self.web.url("/a")], filters=["boilerplate", "topics"], extra="settle: 0s\nevery: 1s")
        self.start()
        self.wait_for("the first entry", lambda: self.titles() == ["Before"])
        labels = self.feed()["items"][0]["tags"]
        self.assertTrue([l for l in labels if not l.startswith("medtop:")], labels)
        other = sqlite3.connect(self.path("state/winnow.db"), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.web.routes["/a"] = rss([item(2, title="During"), item(1, title="Before")])
        self.wait_for("the alarm", lambda: "cannot be written" in self.said())
        os.unlink(self.path("feed.json"))  # so that there is something to render at the end
        self.assertIn("fetched again", self.stop(code=1))
        self.assertEqual([(i["title"], i["tags"]) for i in self.feed()["items"]], [("Before", labels)])
        other.execute("ROLLBACK")
        self.once()
        self.assertEqual(sorted(self.titles()), ["Before", "During"])


if __name__ == "__main__":
    unittest.main()
