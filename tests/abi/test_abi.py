# SPDX-License-Identifier: Apache-2.0
"""The plugin header alone, what the filters export, and two foreign hosts over every shipped filter."""
import os
import subprocess
import tempfile
import unittest

SOURCE = os.environ.get("WINNOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("WINNOW_BUILD_DIR", os.path.join(SOURCE, "build", "dev"))
FILTERS = os.environ.get("WINNOW_FILTERS_DIR", os.path.join(BUILD, "filters"))
HEADER = os.path.join(SOURCE, "plugin", "winnow_plugin.h")
TOPIC_NAMES = os.path.join(SOURCE, "plugin", "winnow_topic_names.h")
SHIPPED = ["boilerplate", "editions", "topics", "winnow"]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

ARTICLE = (
    "<p>The city council of Zagreb approved on Tuesday a plan to rebuild the {} bridge, which was "
    "damaged in the floods of March, at a cost of 14 million euros.</p><p>Work begins in {} and "
    "should take two years, the mayor said. The bridge carries some 20,000 vehicles a day.</p>"
)


def run(host, plugin, script):
    path = os.path.join(BUILD, "tests", host)
    done = subprocess.run([path, os.path.join(FILTERS, plugin + ".so")], input=script.encode(),
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Header(unittest.TestCase):
    def compiles(self, compiler, std, suffix):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "alone" + suffix)
            with open(path, "w") as f:
                f.write('#include "%s"\n#include "%s"\n#include "%s"\n#include "%s"\nint winnow_only(void);\n'
                        'int winnow_only(void) { return (int)WN_ABI + (int)sizeof(wn_topic_names); }\n'
                        % (TOPIC_NAMES, HEADER, HEADER, TOPIC_NAMES))
            done = subprocess.run([compiler, "-std=" + std, *WARNINGS, "-c", path, "-o",
                                   os.path.join(folder, "alone.o")], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_c11(self):
        self.compiles("cc", "c11", ".c")

    def test_c17(self):
        self.compiles("cc", "c17", ".c")

    def test_cxx11(self):
        self.compiles("c++", "c++11", ".cc")

    def test_cxx17(self):
        self.compiles("c++", "c++17", ".cc")


class Exports(unittest.TestCase):
    def test_one_symbol_each(self):
        for name in SHIPPED:
            path = os.path.join(FILTERS, name + ".so")
            out = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True,
                                 check=True).stdout.decode()
            symbols = [line.split()[-1] for line in out.splitlines()]
            self.assertEqual(symbols, ["winnow_plugin_register"], path)


def lines(output, kind):
    return [l.split("\t") for l in output.splitlines() if l.startswith(kind + "\t")]


class TinyHost(unittest.TestCase):
    """Title, link, content; one item at a time; no kv."""

    def script(self):
        items = []
        for i, (name, month) in enumerate([("Sava", "May"), ("Sava", "May"), ("Drava", "June")]):
            items.append("Council approves %s bridge\nhttps://news.example/%d\n%s\n"
                         % (name, i, ARTICLE.format(name, month)))
        items.append("\n\n\n")                                    # nothing at all
        items.append("<b>&amp;\nnot a url\n<p>un<script>closed\n")  # nonsense
        return "".join(items)

    def test_every_filter(self):
        for name in SHIPPED:
            code, out, err = run("host_tiny", name, self.script())
            self.assertEqual(code, 0, name + ": " + err)
            contents = [l for l in out.splitlines() if "\tcontent\t" in l]
            self.assertEqual(len(contents), 5, out)
            for line in out.splitlines():
                part = line.split("\t")
                if part[1] == "content" or part[0] == "log":
                    continue
                self.assertEqual(part[2], "0", name + " failed: " + line)
                self.assertIn(int(part[3]), range(0, 5), line)
                self.assertLess(int(part[4]), int(part[0]), "names an item that came later: " + line)
            self.assertIn("14 million euros", contents[0])
            if name in ("boilerplate", "winnow"):
                self.assertNotIn("<script", contents[4])

    def test_bundle_has_all_three_in_order(self):
        _, out, _ = run("host_tiny", "winnow", "A\nhttps://a.example/\n<p>Text.</p>\n")
        names = [l.split("\t")[1] for l in out.splitlines() if l[0].isdigit()]
        self.assertEqual(names, ["boilerplate", "editions", "topics", "content"])


class FullHost(unittest.TestCase):
    """Observe, kv, revise, constraints, forget, and filters that are made anew."""

    def script(self):
        out = []
        for doc, name in enumerate(["Sava", "Drava", "Kupa"], 1):
            for n in range(4):
                out.append("item %d en Council approves %s bridge, part %d | https://%d.example/%d | %s"
                           % (doc, name, n, doc, n, ARTICLE.format(name, "month %d" % n)))
        out.append("run")
        out.append("item 4 en Council approves Sava bridge, part 0 | https://copy.example/1 | "
                   + ARTICLE.format("Sava", "month 0"))
        out += ["run", "apart 1 13", "together 2 6", "free 2 6", "forget 3", "again", "together 1 13"]
        out.append("item 5 de Etwas anderes | https://de.example/1 | <p>Ein kurzer Text.</p>")
        out.append("run")
        return "\n".join(out) + "\n"

    def test_every_filter(self):
        for name in SHIPPED:
            code, out, err = run("host_full", name, self.script())
            self.assertEqual(code, 0, name + ": " + err)
            self.assertEqual(lines(out, "error"), [], name)
            self.assertEqual(len(lines(out, "item")), 14, out)
            for part in lines(out, "judge"):
                self.assertIn(int(part[3]), range(0, 5))
                self.assertLessEqual(int(part[4]), 14)
                if part[3] in "123":
                    self.assertGreater(int(part[4]), 0, part)
            for part in lines(out, "constrain"):
                self.assertIn(int(part[2]), (0, -6), part)

    def test_same_input_same_output(self):
        for name in SHIPPED:
            self.assertEqual(run("host_full", name, self.script())[1],
                             run("host_full", name, self.script())[1], name)


class Manual(unittest.TestCase):
    """The example of winnow_plugin(3) is a filter that works."""

    def test_example(self):
        with open(os.path.join(SOURCE, "plugin", "winnow_plugin.3.scd")) as f:
            page = f.read()
        code = page[page.index("# EXAMPLE"):].split("```")[1]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shorten.c")
            with open(path, "w") as f:
                f.write(code)
            done = subprocess.run(["cc", "-std=c11", *WARNINGS, "-shared", "-fPIC", "-fvisibility=hidden", "-I",
                                   os.path.join(SOURCE, "plugin"), "-o", os.path.join(folder, "shorten.so"),
                                   path], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            out = subprocess.run([os.path.join(BUILD, "tests", "host_tiny"), os.path.join(folder, "shorten.so")],
                                 input=("A\nhttps://a/\n" + 80 * "x" + "\nB\nhttps://b/\nshort\n").encode(),
                                 capture_output=True, check=True).stdout.decode()
        said = [l.split("\t") for l in out.splitlines() if "shorten" in l]
        self.assertEqual([l[3] for l in said], ["0", "4"])
        self.assertEqual(said[1][5], "too short")


if __name__ == "__main__":
    unittest.main()
