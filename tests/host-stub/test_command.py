# SPDX-License-Identifier: Apache-2.0
"""The command line as newcomers and shell scripts meet it: what is asked for on standard output, what is wrong on standard
error with the fix, exit codes that can be relied on; streams that are closed or full, locales that are broken, names that
are odd."""
import os
import subprocess
import tempfile
import unittest

WINNOW = os.path.abspath(os.environ.get("WINNOW_BIN", "build/dev/winnow"))
FEEDS = os.path.join(os.path.abspath(os.environ.get("WINNOW_SOURCE_DIR", ".")), "feeds")
COMMANDS = ("init", "check", "run", "explain", "split", "join", "filter", "parse", "opml", "stats", "refresh", "reload")

# The command line, its exit code, and what standard error says. w.yaml has a source, no.yaml isn't there.
WRONG = [
    ([], 2, "what is to be done? See: winnow help"),
    ([""], 2, "no command ''"),
    (["frobnicate"], 2, "no command 'frobnicate'; see: winnow help"),
    (["chekc"], 2, "did you mean 'check'?"),
    (["--once"], 2, "unknown option '--once'; a command comes first"),
    (["-x"], 2, "unknown option '-x'"),
    (["help", "nope"], 2, "no command 'nope'"),
    (["init", "--nope"], 2, "winnow init: unknown option '--nope'; see: winnow init --help"),
    (["init", "--forse"], 2, "did you mean '--force'? See: winnow init --help"),
    (["init", "-x"], 2, "winnow init: unknown option '-x'"),
    (["init", "-o"], 2, "winnow init: option '-o' needs a value"),
    (["init", "--output"], 2, "option '--output' needs a value"),
    (["init", "-o", "no/where.yaml"], 1, "cannot be written: No such file or directory"),
    (["init", "-o", "."], 2, "is there already"),
    (["init", "--force", "-o", "."], 1, "Is a directory"),
    (["init", "-o", "-", "./nope.opml"], 1, "no such file"),
    (["init", "-o", "-", "w.yaml"], 1, "is no subscription list, nor a feed"),
    (["run", "--once=5"], 2, "option '--once' takes no value"),
    (["run", "-qz"], 2, "unknown option '-z'"),
    (["run", "-c"], 2, "option '-c' needs a value"),
    (["run", "-c", "no.yaml"], 2, "winnow: ERROR no.yaml: No such file or directory; name yours with -c FILE"),
    (["run", "-c", "."], 2, "Is a directory"),
    (["run", "--", "x"], 2, "unexpected argument 'x'"),
    (["run", "-c", "empty.yaml"], 2, "no sources; add some under `sources:`"),
    (["check", "foo"], 2, "winnow check: unexpected argument 'foo'"),
    (["check", "--filter", "-c", "no.yaml"], 2, "no.yaml"),
    (["filter", "--format", "xml"], 2, "--format is 'xml'; it must be atom, rss or json"),
    (["filter", "--format="], 2, "--format is ''"),
    (["filter", "file.xml"], 2, "unexpected argument 'file.xml'"),
    (["filter", "--state", ""], 2, "--state needs a folder"),
    (["filter", "--state", "/proc/x"], 1, "the state's folder cannot be made"),
    (["filter", "-c", "no.yaml"], 2, "winnow: ERROR no.yaml: "),
    (["filter"], 65, "standard input: empty; one feed document is wanted: winnow filter < FILE"),
    (["parse"], 2, "which file? \"-\" is standard input"),
    (["parse", "nope.xml"], 1, "nope.xml: cannot be read: No such file"),
    (["parse", "."], 1, "Is a directory"),
    (["parse", "w.yaml"], 65, "w.yaml: not a feed"),
    (["parse", "--", "-x"], 1, "-x: cannot be read"),
    (["parse", "--bse", "x", "-"], 2, "did you mean '--base'?"),
    (["parse", "--header", "x", "-"], 2, "should be 'Name: value'"),
    (["parse", "--he", "-"], 2, "option '--he' can mean several"),
    (["parse", "--base"], 2, "option '--base' needs a value"),
    (["explain"], 2, "too few arguments; winnow explain ITEM | URL"),
    (["explain", "-c", "no.yaml", "x"], 2, "winnow: ERROR no.yaml: "),
    (["explain", "--tex", "-c", "no.yaml", "x"], 2, "no.yaml"),
    (["explain", "--nope", "x"], 2, "winnow explain: unknown option '--nope'"),
    (["explain", "-c", "w.yaml", "a" * 100000], 2, "longer than 65536 bytes"),
    (["split", "1"], 2, "too few arguments; winnow split STORY ITEM"),
    (["split", "-c", "w.yaml", "1", "x"], 2, "'x' is no number of an item; `winnow explain` tells it"),
    (["split", "-c", "w.yaml", "story:x", "1"], 2, "is no number of a story"),
    (["split", "-c", "w.yaml", "1", "99999999999999999999"], 2, "is no number of an item"),
    (["split", "-c", "w.yaml", "1", "2", "3"], 2, "unexpected argument '3'"),
    (["split", "-c", "w.yaml", "1", "2"], 1, "poll first: winnow run"),
    (["join", "-c", "w.yaml", "1"], 2, "too few arguments; winnow join A B"),
    (["join", "-c", "w.yaml", "1", "2"], 1, "poll first: winnow run"),
    (["stats", "-c", "w.yaml", "x"], 2, "unexpected argument 'x'"),
    (["stats", "-c", "w.yaml"], 1, "poll first: winnow run"),
    (["stats", "--state", "/nonexistent"], 1, "there is no state in /nonexistent yet"),
    (["stats", "--state="], 2, "--state needs a folder"),
    (["refresh", "-c", "w.yaml", "a", "b"], 2, "unexpected argument 'b'"),
    (["refresh", "-c", "w.yaml"], 1, "no daemon holds"),
    (["reload", "-c", "w.yaml"], 1, "start one with: winnow run"),
    (["opml"], 2, "say 'import LIST.opml' or 'export'"),
    (["opml", "imprt"], 2, "did you mean 'import'?"),
    (["opml", "show"], 2, "known are import and export"),
    (["opml", "import"], 2, "import needs a list"),
    (["opml", "export", "x"], 2, "unexpected argument 'x'"),
    (["opml", "export", "-c", "no.yaml"], 2, "winnow: ERROR no.yaml: "),
    (["opml", "import", "-c", "w.yaml", "nope.opml"], 1, "nope.opml: cannot be read"),
    (["opml", "import", "-c", "w.yaml", "w.yaml"], 65, "not OPML"),
]


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("w.yaml", "sources: ['file:%s/meridianwire-en.xml']\n" % FEEDS)
        self.write("empty.yaml", "sources: []\n")
        self.feed = os.path.join(FEEDS, "meridianwire-en.xml")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def run_winnow(self, *args, code=0, env=None, stdin=subprocess.DEVNULL, **how):
        done = subprocess.run([WINNOW, *args], cwd=self.folder.name, stdin=stdin, stdout=how.pop("stdout", subprocess.PIPE),
                              stderr=how.pop("stderr", subprocess.PIPE), timeout=120, env={**os.environ, **(env or {})}, **how)
        self.assertEqual(done.returncode, code, (args, done.stdout, done.stderr))
        return (done.stdout or b"").decode(), (done.stderr or b"").decode()

    def shell(self, line, code):
        """`winnow` stands for the binary, `feed` for a feed."""
        script = 'winnow() { "%s" "$@"; }; feed=%s; %s' % (WINNOW, self.feed, line)
        done = subprocess.run(["sh", "-c", script], cwd=self.folder.name, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, (line, done.stderr))
        return done.stderr.decode()

    def test_what_is_wrong_is_told_with_the_fix_and_nothing_else(self):
        before = sorted(os.listdir(self.folder.name))
        for args, code, said in WRONG:
            with self.subTest(args=[a[:40] for a in args]):
                out, err = self.run_winnow(*args, code=code)
                self.assertIn(said, err)
                self.assertEqual(out, "")
                self.assertEqual(len(err.splitlines()), 1, err)
                self.assertTrue(err.startswith("winnow"), err)
        self.assertEqual(sorted(os.listdir(self.folder.name)), before, "a wrong call left something behind")

    def test_help_is_where_it_is_looked_for(self):
        out, _ = self.run_winnow("help")
        for args in (["--help"], ["-h"], ["help", "help"], ["help", "--help"]):
            self.assertEqual(self.run_winnow(*args)[0], out)
        for command in COMMANDS:
            self.assertRegex(out, r"(?m)^  winnow %s " % command)
            own, err = self.run_winnow(command, "--help")
            self.assertIn("winnow " + command, own)
            self.assertIn("--help", own)
            self.assertEqual(err, "")
            for line in own.splitlines():
                self.assertLessEqual(len(line), 100, line)
            for args in ([command, "-h"], ["help", command], [command, "--hel"]):
                self.assertEqual(self.run_winnow(*args)[0], own)
        self.assertIn("import", self.run_winnow("help", "opml", "import")[0])
        self.assertIn("import", self.run_winnow("opml", "import", "--help")[0])
        self.assertRegex(self.run_winnow("--version")[0], r"^winnow \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_winnow("-V"), self.run_winnow("--version"))

    def test_options_may_stand_anywhere(self):
        for args in (["--base", "http://a.example/", self.feed], [self.feed, "--base=http://a.example/"],
                     ["--base", "http://a.example/", "--", self.feed]):
            self.assertIn('"format":"rss', self.run_winnow("parse", *args)[0])
        for args in (["check", "-cw.yaml"], ["check", "--config=w.yaml"], ["check", "--conf", "w.yaml"]):
            self.assertIn("w.yaml is in order", self.run_winnow(*args)[0])
        self.run_winnow("explain", "-c", "w.yaml", "--", "--looks-like-an-option", code=1)

    def test_a_full_standard_output_is_told(self):
        self.shell("winnow run --once -c w.yaml", 0)
        for line in ("help", "--version", "run --help", "check -c w.yaml", "stats -c w.yaml", "stats -c w.yaml --json",
                     "explain -c w.yaml Tour", "explain -c w.yaml nothing-like-that", "opml export -c w.yaml", "init -o -",
                     'parse "$feed"', 'filter <"$feed"'):
            err = self.shell("winnow %s >/dev/full" % line, 1)
            self.assertEqual(err, "winnow: ERROR standard output: cannot be written: No space left on device\n", line)

    def test_a_reader_that_goes_away_is_no_noise(self):
        for line in ('parse "$feed"', 'filter <"$feed"', "help", "check --filters -c w.yaml"):
            # Both ways in which a shell may have set SIGPIPE.
            self.assertEqual(self.shell("winnow %s | true" % line, 0), "", line)
            self.assertEqual(self.shell("trap '' PIPE; winnow %s | true" % line, 0), "", line)

    def test_closed_streams(self):
        # The next file that is opened must not become the standard output: here it would be the state.
        for line in ("help >&-", "check -c w.yaml >&-", 'parse "$feed" >&-', 'filter <"$feed" >&-', 'filter --state s <"$feed" >&-'):
            self.assertIn("standard output: cannot be written: Bad file descriptor", self.shell("winnow %s" % line, 1))
        self.assertIn("standard input: cannot be read: Bad file descriptor", self.shell("winnow filter <&-", 1))
        self.shell("winnow parse - <&-", 1)
        self.shell("winnow run --once -c w.yaml <&- >&- 2>&-", 0)
        self.shell("winnow explain nope -c w.yaml 2>&- >/dev/null", 1)
        with open(self.path("state/lock"), "rb") as lock:
            self.assertLess(len(lock.read()), 200)

    def test_a_terminal_is_told_what_is_waited_for(self):
        import pty

        try:
            master, slave = pty.openpty()
        except OSError as e:
            self.skipTest("no terminals here, /dev/pts is not mounted: %s" % e)
        self.addCleanup(os.close, master)
        with subprocess.Popen([WINNOW, "filter"], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            os.close(slave)
            self.assertIn(b"reading a feed from the terminal, up to Ctrl-D", p.stderr.readline())
            os.write(master, b"<rss><channel><title>typed</title></channel></rss>\n\x04")
            out, err = p.communicate(timeout=60)
            self.assertEqual((p.returncode, err), (0, b""))
            self.assertIn(b"typed", out)

    def test_any_locale_gives_the_same(self):
        self.write("größe.yaml", "title: Größe\nsources: ['file:%s']\noutput: [{file: ausgabe/über 日本.atom}]\n" % self.feed)
        outputs = set()
        for locale in ("C", "C.UTF-8", "de_DE.UTF-8", "xx_YY.broken", ""):
            env = {"LC_ALL": locale, "LANG": locale, "NO_COLOR": "1", "TERM": "dumb"}
            outputs.add(self.run_winnow("check", "-c", "größe.yaml", env=env))
        self.assertEqual(len(outputs), 1)
        self.assertIn("ausgabe/über 日本.atom", outputs.pop()[0])
        self.run_winnow("run", "--once", "-c", "größe.yaml", env={"LC_ALL": "C"})
        self.assertTrue(os.path.exists(self.path("ausgabe/über 日本.atom")))
        # Bytes that are no UTF-8 are a name like any other.
        os.rename(self.path("w.yaml"), os.path.join(os.fsencode(self.folder.name), b"\xff.yaml"))
        done = subprocess.run([WINNOW, "check", "-c", b"\xff.yaml"], cwd=self.folder.name, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0)

    def test_no_escapes_where_there_is_no_terminal(self):
        out, err = self.run_winnow("run", "--once", "-c", "w.yaml", "-v")
        self.assertNotIn("\033", out + err)
        self.assertNotIn("\r", out + err)

    def test_nothing_found_is_answered_first_and_in_short(self):
        self.write("bad.yaml", "sources:\n%s" % "".join("  - file:nope%d.xml\n" % i for i in range(9)))
        self.run_winnow("run", "--once", "-c", "bad.yaml", code=3)
        out, _ = self.run_winnow("explain", "-c", "bad.yaml", "a headline", code=1)
        lines = out.splitlines()
        self.assertEqual(lines[0], 'Nothing fits "a headline"')
        self.assertIn("it was never seen; these sources may be why", lines[1])
        self.assertEqual(len([l for l in lines if "failing" in l]), 3)
        self.assertRegex(lines[-1], r"^  and 6 more; `winnow explain URL`")
        for number in ("99999", "item:99999", "story:99999", "story:x"):
            out, _ = self.run_winnow("explain", "-c", "bad.yaml", number, code=1)
            self.assertEqual(len(out.splitlines()), 2, out)
            self.assertIn("there is no such number", out)


if __name__ == "__main__":
    unittest.main()
