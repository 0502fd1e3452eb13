# SPDX-License-Identifier: Apache-2.0
"""The program itself with filters that go wrong: each is named, and no item is lost."""
import json
import os
import subprocess
import tempfile
import unittest

SOURCE = os.environ.get("WINNOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("WINNOW_BUILD_DIR", os.path.join(SOURCE, "build", "dev"))
WINNOW = os.environ.get("WINNOW_BIN", os.path.join(BUILD, "winnow"))
PLUGINS = os.path.join(BUILD, "filters-test")

FEED = """<rss version="2.0"><channel><title>%(name)s</title><link>https://%(name)s.example/</link>
<description>d</description>
<item><title>%(first)s</title><link>https://%(name)s.example/1</link><guid>1</guid>
<description>&lt;p&gt;The %(name)s council met on Monday about the harbour.&lt;/p&gt;</description></item>
<item><title>harmless %(name)s</title><link>https://%(name)s.example/2</link><guid>2</guid>
<description>&lt;p&gt;Rice from %(name)s sells well this year, growers say.&lt;/p&gt;</description></item>
</channel></rss>"""


class Folder:
    def __init__(self, test, filters, plugins="misbehave", extra=""):
        tmp = tempfile.TemporaryDirectory()
        test.addCleanup(tmp.cleanup)
        self.path = tmp.name
        for name, first in (("alfa", "poison"), ("bravo", "fine")):
            with open(os.path.join(self.path, name + ".xml"), "w") as f:
                f.write(FEED % {"name": name, "first": first})
        with open(os.path.join(self.path, "winnow.yaml"), "w") as f:
            f.write("state: state\nplugins: [%s/%s.so]\nfilters:\n  - boilerplate\n%s  - topics\n"
                    "sources: ['file:alfa.xml', 'file:bravo.xml']\noutput: [{file: clean.json}]\n"
                    "events: {file: events.json}\n%s" % (PLUGINS, plugins, filters, extra))

    def run(self):
        done = subprocess.run([WINNOW, "run", "-c", "winnow.yaml", "--once"], cwd=self.path, timeout=120,
                              capture_output=True)
        return done.returncode, done.stderr.decode(errors="replace")

    def titles(self):
        with open(os.path.join(self.path, "clean.json")) as f:
            return sorted(i["title"] for i in json.load(f)["items"])

    def events(self, kind):
        with open(os.path.join(self.path, "events.json")) as f:
            return [e for e in map(json.loads, f) if e["event_type"] == kind]


ALL = ["fine", "harmless alfa", "harmless bravo", "poison"]


class Misbehaving(unittest.TestCase):
    def dies_twice(self, how, where, extra=""):
        folder = Folder(self, "  - misbehave: {how: %s, where: %s, at: poison}\n" % (how, where), extra=extra)
        for _ in range(2):
            code, said = folder.run()
            if how != "exit":
                self.assertNotEqual(code, 0)
            self.assertIn("filter misbehave, file:", said)
            self.assertIn("alfa.xml", said)
            self.assertFalse(os.path.exists(os.path.join(folder.path, "clean.json")))
        code, said = folder.run()
        self.assertEqual(code, 0, said)
        self.assertIn("filter misbehave is passed over for this document", said)
        self.assertEqual(folder.titles(), ALL)
        told = folder.events("filter")
        self.assertEqual([e["action"] for e in told], ["passed over"])
        self.assertIn("alfa.xml", told[0]["source"])
        self.assertEqual(len(folder.events("item")), 4)

    def test_crash_in_judge(self):
        self.dies_twice("crash", "judge")

    def test_abort_in_analyse(self):
        self.dies_twice("abort", "analyse")

    def test_hang(self):
        self.dies_twice("hang", "judge", "filter-timeout: 3s\n")

    def test_exit(self):
        self.dies_twice("exit", "judge")

    def goes_on(self, how, words, at="poison", plugins="misbehave", name="misbehave"):
        options = "  - %s: {how: %s, at: '%s'}\n" % (name, how, at) if how else "  - %s\n" % name
        folder = Folder(self, options, plugins)
        code, said = folder.run()
        self.assertEqual(code, 0, said)
        self.assertIn(words, said)
        self.assertEqual(folder.titles(), ALL)
        self.assertEqual(len(folder.events("item")), 4)
        return folder

    def test_errors(self):
        self.goes_on("error", "filter misbehave, file:")

    def test_errors_in_a_row(self):
        folder = self.goes_on("error", "switched off after 3 errors in a row in judge", at="")
        self.assertEqual([e["action"] for e in folder.events("filter")], ["disabled"])

    def test_nonsense(self):
        for how in ("unknown-of", "self-of", "no-of", "kind", "nan"):
            self.goes_on(how, "is kept")

    def test_other_ages_and_languages(self):
        for name in ("older", "newer", "cpp", "frozen"):
            self.goes_on(None, "", plugins=name, name=name)

    def refused(self, plugins, name, words):
        folder = Folder(self, "  - %s\n" % name, plugins)
        got, said = folder.run()
        self.assertIn(got, (1, 2), said)
        self.assertIn(words, said)
        self.assertIn(plugins, said)

    def test_what_cannot_be_loaded(self):
        self.refused("wrong_major", "x", "built for plugin ABI 2.0, this host has 1.")
        self.refused("too_new", "x", "needs a newer host")
        self.refused("not_plugin", "x", "lacks winnow_plugin_register")
        self.refused("init_fails", "x", "the licence file is missing")
        self.refused("absent", "x", "no such plugin file")


if __name__ == "__main__":
    unittest.main()
