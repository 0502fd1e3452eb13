# SPDX-License-Identifier: Apache-2.0
"""winnow check: what is wrong with a configuration is told once, with file, line and the fix; and what could not be
written is told before anything is lost. It leaves nothing behind."""
import os
import pwd
import subprocess
import sys
import tempfile
import unittest

WINNOW = os.path.abspath(os.environ.get("WINNOW_BIN", "build/dev/winnow"))
SOURCE = "sources: ['https://example.org/feed.xml']\n"


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def check(self, text, code=2, env=None, **how):
        with open(self.path("w.yaml"), "w", encoding="utf-8") as f:
            f.write(text + SOURCE)
        before = sorted(os.listdir(self.folder.name))
        done = subprocess.run([WINNOW, "check", "-c", "w.yaml"], cwd=self.folder.name, capture_output=True, timeout=120,
                              env={**os.environ, **(env or {})}, **how)
        self.assertEqual(done.returncode, code, (text, done.stdout, done.stderr))
        self.assertEqual(sorted(os.listdir(self.folder.name)), before, "check left something behind")
        return done.stderr.decode(), done.stdout.decode()

    def one(self, text, *parts, **how):
        """One line, of the form file:line: what; the fix."""
        err, _ = self.check(text, **how)
        lines = err.splitlines()
        self.assertEqual(len(lines), 1, err)
        self.assertRegex(lines[0], r"^winnow: ERROR w\.yaml:\d+: .")
        for part in parts:
            self.assertIn(part, lines[0])

    def test_plugins_and_filters(self):
        self.one("\nplugins: [/nonexist]\n", "w.yaml:2: /nonexist: no such plugin file; check the path")
        self.one("plugins:\n  - ./a.so\nfilters: [topics]\n", "w.yaml:2: ", "a.so")
        self.one("filters: [boilerplat]\n", "w.yaml:1: ", "did you mean 'boilerplate'?")
        self.one("filters:\n  - boilerplate\n  - edition: {mode: tag}\n", "w.yaml:3: ", "did you mean 'editions'?")
        self.one("filters: [quite-another]\n", "name its file under 'plugins'")
        self.one("filters: [{editions: {moed: tag}}]\n", "did you mean 'mode'?")
        by_title = os.path.join(os.environ.get("WINNOW_BUILD_DIR", "build/dev"), "filters-test", "by_title.so")
        self.one("plugins: ['%s']\nfilters: [by-titel]\n" % os.path.abspath(by_title), "w.yaml:2: ", "did you mean 'by-title'?")

    def test_a_filter_that_cannot_start_is_told_with_its_line(self):
        err, _ = self.check("filters:\n  - boilerplate\n  - editions: {model: /nonexist.wnm}\n")
        for line in err.splitlines():
            self.assertRegex(line, r"^winnow: ERROR w\.yaml:3: ")
        self.assertIn("/nonexist.wnm", err)

    def test_formats(self):
        self.one("output:\n  - {file: f.xyz}\n", "w.yaml:2: output f.xyz: ", "format: atom")
        self.one("output: [feed]\n", "its ending is no format's")
        self.one("output: [{file: f.jsn}]\n", "did you mean '.json'?")
        self.one("output: [{file: a.b/feed}]\n", "output feed: ")
        _, out = self.check("output: [{file: f.xyz, format: rss}, a.ATOM, b.xml, c.json, d.rss]\n", code=0)
        for said in ("f.xyz  RSS", "a.ATOM  Atom", "b.xml  RSS", "c.json  JSON", "d.rss  RSS"):
            self.assertIn(said, out)

    def test_other_slips(self):
        self.one("prefer: English\n", "no language's code")
        self.one("settel: 5m\n", "did you mean 'settle'?")
        for serve in ("8080", "'300.1.1.1:80'", "'1.2.3:80'", "'[::g]:80'", "'::1:80'", "'a:99999'"):
            self.one("serve: %s\n" % serve, "HOST:PORT")
        for serve in ("'[::1]:80'", "':80'", "'localhost:0'", "'[fe80::1%lo]:80'"):
            self.check("serve: %s\n" % serve, code=0)
        self.one("every: often\n", "90s, 5m, 48h or 7d")
        self.one("output: [{file: a.rss}, {file: a.rss}]\n", "listed twice")
        self.one("workers: 5000\n", "between")
        self.one("state: [a\n", "not valid YAML")

    def test_what_cannot_be_written(self):
        with open(self.path("file"), "w", encoding="utf-8"):
            pass
        os.mkdir(self.path("folder.rss"))
        self.one("state: file/state\n", "w.yaml:1: the state's folder", "Not a directory", "'state:'")
        self.one("state: file\n", "the state's folder", "Not a directory")
        self.one("\nevents: {file: file/events.jsonl}\n", "w.yaml:2: the event file", "'events: {file: …}'")
        self.one("events: {file: folder.rss}\n", "the event file", "Is a directory")
        self.one("\n\nlog: file/log\n", "w.yaml:3: the log file", "'log:'")
        self.one("output: [file/a.rss]\n", "w.yaml:1: output", "make its folder writable")
        self.one("output: [folder.rss]\n", "Is a directory")
        self.check("state: new/deep/state\nlog: x/log\noutput: [y/z/a.rss]\nevents: {file: q/e.jsonl}\n", code=0)

    @unittest.skipIf(os.geteuid(), "needs root, who may become somebody else")
    def test_what_somebody_else_owns(self):
        nobody = pwd.getpwnam("nobody").pw_uid
        self.addCleanup(os.umask, os.umask(0o022))
        os.chmod(self.folder.name, 0o755)
        if subprocess.run([WINNOW, "--version"], user=nobody, capture_output=True).returncode:
            self.skipTest("nobody may not run " + WINNOW)
        err, _ = self.check("log: log\nevents: {file: e.jsonl}\noutput: [a.rss]\n", user=nobody)
        self.assertEqual(len(err.splitlines()), 4, err)
        self.assertEqual(err.count("Permission denied"), 4)

    def test_run_tells_the_same_before_it_begins(self):
        os.mkdir(self.path("folder.rss"))
        with open(self.path("w.yaml"), "w", encoding="utf-8") as f:
            f.write("log: w.yaml/log\noutput: [folder.rss]\nstate: w.yaml\n" + SOURCE)
        done = subprocess.run([WINNOW, "run", "-c", "w.yaml"], cwd=self.folder.name, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 2)
        for said in (b"w.yaml:1: the log file", b"w.yaml:2: output", b"w.yaml:3: the state's folder"):
            self.assertIn(said, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["folder.rss", "w.yaml"])

    def test_run_tells_of_a_log_that_cannot_be_opened(self):
        with open(self.path("w.yaml"), "w", encoding="utf-8") as f:
            f.write("log: /proc/nowhere/log\n" + SOURCE)
        done = subprocess.run([WINNOW, "run", "-c", "w.yaml"], cwd=self.folder.name, capture_output=True, timeout=120)
        self.assertIn(done.returncode, (1, 2))  # as root /proc looks as if it could be written
        self.assertIn(b"the log", done.stderr)


if __name__ == "__main__":
    unittest.main()
