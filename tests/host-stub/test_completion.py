# SPDX-License-Identifier: Apache-2.0
"""Completion in the shells that are installed: what is offered is what the program takes."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

BIN = os.path.abspath(os.environ.get("WINNOW_BIN", "build/dev/winnow"))
FOLDER = os.path.join(os.path.abspath(os.environ.get("WINNOW_SOURCE_DIR", ".")), "host-stub/completion")


class Completion(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.makedirs(os.path.join(self.folder.name, "bin"))
        os.symlink(BIN, os.path.join(self.folder.name, "bin/winnow"))
        os.makedirs(os.path.join(self.folder.name, "work/a folder"))
        with open(os.path.join(self.folder.name, "work/list.opml"), "w", encoding="utf-8"):
            pass
        self.env = {**os.environ, "PATH": os.path.join(self.folder.name, "bin") + ":" + os.environ["PATH"],
                    "HOME": self.folder.name, "XDG_CONFIG_HOME": self.folder.name, "TERM": "dumb"}
        help_text = self.run_it("winnow", "help")
        self.commands = re.findall(r"(?m)^  winnow ([a-z]+) ", help_text)
        self.assertGreater(len(self.commands), 10)

    def run_it(self, *args):
        done = subprocess.run(args, cwd=os.path.join(self.folder.name, "work"), env=self.env, capture_output=True, timeout=120)
        self.assertEqual(done.stderr, b"")
        return done.stdout.decode()

    def options(self, command):
        return sorted(re.findall(r"(?m)^ *(?:-[A-Za-z], )?(--[a-z-]+)", self.run_it("winnow", command, "--help")))

    def check(self, complete):
        self.assertEqual(complete("winnow", ""), sorted(self.commands))
        self.assertEqual(complete("winnow", "re"), ["refresh", "reload"])
        self.assertEqual(complete("winnow", "help", "spl"), ["split"])
        for command in self.commands:
            if command != "help":
                options = complete("winnow", command, "--")
                self.assertEqual(options, self.options(command))
                self.assertIn("--help", options)
        self.assertEqual(complete("winnow", "filter", "--format", ""), ["atom", "json", "rss"])
        self.assertEqual(complete("winnow", "opml", ""), ["export", "import"])
        self.assertEqual(complete("winnow", "opml", "import", "li"), ["list.opml"])
        self.assertEqual([name.rstrip("/") for name in complete("winnow", "filter", "--state", "")], ["a folder"])
        self.assertEqual(complete("winnow", "init", "li"), ["list.opml"])
        self.assertEqual(complete("winnow", "run", "-c", "li"), ["list.opml"])

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_bash(self):
        def complete(*words):
            script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _winnow; printf "%s\\n" "${COMPREPLY[@]}"'
            out = self.run_it("bash", "--norc", "-c", script, "bash", os.path.join(FOLDER, "winnow.bash"), *words)
            return sorted(filter(None, out.split("\n")))

        self.check(complete)
        self.assertEqual(complete("winnow", "filter", "--format", "=", "a"), ["atom"])

    @unittest.skipUnless(shutil.which("fish"), "needs fish")
    def test_fish(self):
        def complete(*words):
            line = " ".join(words)
            out = self.run_it("fish", "--no-config", "-c", 'source "%s"; complete -C "%s"' % (os.path.join(FOLDER, "winnow.fish"), line))
            return sorted(l.split("\t")[0].replace("\\ ", " ") for l in out.splitlines())

        self.check(complete)

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh(self):
        """zsh completes at a terminal only: what the file makes of the help is looked at with its helpers stood in for."""
        stand_in = """
_call_program() { shift; "$@" }
_describe() { while [[ $1 != found ]]; do shift; done; print -l -- ${found%%:*} }
_files() { print files }
compadd() { print -l -- "$@" }
words=("$@"); CURRENT=$#words; PREFIX=$words[-1]
complete() { source "$FILE" }
complete
"""
        self.env["FILE"] = os.path.join(FOLDER, "_winnow")

        def complete(*words):
            return sorted(self.run_it("zsh", "-f", "-c", stand_in, "zsh", *words).splitlines())

        self.assertEqual(complete("winnow", ""), sorted(self.commands))
        for command in self.commands:
            if command != "help":
                self.assertEqual(complete("winnow", command, "--"), self.options(command))
        self.assertEqual(complete("winnow", "filter", "--format", ""), ["atom", "json", "rss"])
        self.assertEqual(complete("winnow", "opml", ""), ["export", "import"])
        self.assertEqual(complete("winnow", "init", ""), ["files"])


if __name__ == "__main__":
    unittest.main()
