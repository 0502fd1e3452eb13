# SPDX-License-Identifier: Apache-2.0
"""winnow init and winnow opml, as people call them, against a loopback server."""
import http.server
import os
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree as ET

WINNOW = os.environ.get("WINNOW_BIN", "build/dev/winnow")
FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>The: \"feed\" # 1</title></channel></rss>"
PAGES = {
    "/feed.rss": FEED,
    "/page": b"<html><link rel=alternate type=application/rss+xml href=/feed.rss></html>",
    "/other": b"<html><link rel=alternate type=application/rss+xml href=/second.rss></html>",
    "/second.rss": FEED,
    "/none": b"<html>nothing to see</html>",
}
OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>mine</title></head><body>
<outline text="News"><outline text="World &amp; all">
<outline text="One: two" type="rss" xmlUrl="https://one.example/feed?a=1&amp;b=2"/>
</outline><outline text="Two" xmlUrl="https://two.example/feed"/></outline>
<outline text="Three" xmlUrl="https://three.example/feed"/>
<outline text="again" xmlUrl="https://two.example/feed"/>
</body></opml>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        pass


class Init(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.base = "http://127.0.0.1:%d" % cls.server.server_address[1]

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name="winnow.yaml"):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def run_winnow(self, *args, code=0, stdin=None, **env):
        done = subprocess.run([os.path.abspath(WINNOW), *args], cwd=self.folder.name, capture_output=True, stdin=stdin,
                              timeout=120, env={**os.environ, "LC_ALL": "C", **env})
        self.assertEqual(done.returncode, code, (args, done.stdout, done.stderr))
        return done.stdout.decode(), done.stderr.decode()

    def check(self):
        """What init writes is a configuration."""
        return self.run_winnow("check", "-c", "winnow.yaml")

    def test_nothing_named(self):
        out, _ = self.run_winnow("init")
        self.assertIn("0 sources", out)
        self.assertIn("prefer: [en]\n", self.read())
        self.assertIn("# - https://example.org/feed.xml", self.read())
        self.run_winnow("init", "-o", "de.yaml", LC_ALL="de_AT.UTF-8")
        self.assertIn("prefer: [de, en]\n", self.read("de.yaml"))
        out, _ = self.run_winnow("init", "-o", "-", LC_ALL="zh_TW.UTF-8")
        self.assertIn("prefer: [zh-Hant, en]\n", out)

    def test_pages_and_feeds(self):
        out, err = self.run_winnow("init", "--allow-private", self.base + "/feed.rss", self.base + "/page",
                                   self.base + "/other", self.base + "/none", self.base + "/404", "ftp://x.example/",
                                   code=3)
        text = self.read()
        self.assertIn("2 sources", out)
        self.assertIn("- url: %s/feed.rss  # The: \"feed\" # 1\n" % self.base, text)
        self.assertIn("- url: %s/second.rss" % self.base, text)
        self.assertIn("allow-private: true", text)
        self.assertIn("# - %s/page  # the same feed as one above\n" % self.base, text)
        for bad in ("/none", "/404"):
            self.assertIn("  # - " + self.base + bad, text)
            self.assertIn(self.base + bad, err)
        self.assertIn("ftp://x.example/", err)
        self.check()

    def test_private_addresses(self):
        _, err = self.run_winnow("init", self.base + "/feed.rss", code=3)
        self.assertIn("is not public", err)
        self.assertIn("# - " + self.base + "/feed.rss", self.read())

    def test_never_overwrites(self):
        self.write("winnow.yaml", "mine")
        _, err = self.run_winnow("init", code=2)
        self.assertIn("--force", err)
        self.assertEqual(self.read(), "mine")
        self.run_winnow("init", "--force")
        self.assertIn("sources:", self.read())
        self.run_winnow("init", "--nonsense", code=2)

    def test_lists_and_files(self):
        self.write("list.opml", OPML)
        self.write("local feed.xml", FEED.decode())
        out, _ = self.run_winnow("init", "list.opml", "local feed.xml")
        self.assertIn("4 sources", out)
        text = self.read()
        self.assertIn('- url: https://one.example/feed?a=1&b=2\n    title: "One: two"\n'
                      '    tags: ["News", "World & all"]\n', text)
        self.assertIn("local feed.xml", text)
        self.check()
        self.write("bad", "neither")
        _, err = self.run_winnow("init", "-o", "x.yaml", "bad", code=1)
        self.assertIn("is no subscription list, nor a feed", err)
        self.assertFalse(os.path.exists(self.path("x.yaml")))

    def test_export_and_import(self):
        self.write("list.opml", OPML)
        self.run_winnow("init", "list.opml")
        out, _ = self.run_winnow("opml", "export")
        root = ET.fromstring(out)
        urls = [o.get("xmlUrl") for o in root.iter("outline") if o.get("xmlUrl")]
        self.assertEqual(sorted(urls), sorted(["https://one.example/feed?a=1&b=2", "https://three.example/feed",
                                               "https://two.example/feed"]))
        self.write("out.opml", out)
        self.write("mine.yaml", "# mine\nsources:\n  # the first\n  - https://two.example/feed # keep me\n"
                                "  # - off\n\n# the end\nprefer: [de]\n")
        out, _ = self.run_winnow("opml", "import", "-c", "mine.yaml", "out.opml")
        self.assertIn("2 sources added, 1 there already", out)
        text = self.read("mine.yaml")
        self.assertTrue(text.startswith("# mine\nsources:\n  # the first\n  - https://two.example/feed # keep me\n  - url: "))
        self.assertTrue(text.endswith("  # - off\n\n# the end\nprefer: [de]\n"))
        self.assertIn('tags: ["News", "World & all"]', text)
        self.run_winnow("check", "-c", "mine.yaml")
        again, _ = self.run_winnow("opml", "import", "-c", "mine.yaml", "out.opml")
        self.assertIn("0 sources added", again)
        self.assertEqual(self.read("mine.yaml"), text)
        # The same from a pipe.
        for args in (["opml", "import", "-c", "piped.yaml", "-"], ["init", "-o", "piped.yaml", "--force", "-"]):
            self.write("piped.yaml", "sources: []\n")
            with open(self.path("out.opml"), "rb") as pipe:
                out, _ = self.run_winnow(*args, stdin=pipe)
            self.assertIn("3 sources", out)
            self.assertIn("https://three.example/feed", self.read("piped.yaml"))
        _, err = self.run_winnow("opml", "import", "-c", "piped.yaml", "-", code=65, stdin=subprocess.DEVNULL)
        self.assertIn("standard input: is no subscription list", err)

    def test_import_refuses(self):
        self.write("list.opml", OPML)
        self.write("odd.yaml", "{every: 1h, sources: [http://a.example/]}\n")
        _, err = self.run_winnow("opml", "import", "-c", "odd.yaml", "list.opml", code=2)
        self.assertIn("Nothing is changed", err)
        self.assertEqual(self.read("odd.yaml"), "{every: 1h, sources: [http://a.example/]}\n")
        self.write("broken.yaml", "nonsense: 1\n")
        self.run_winnow("opml", "import", "-c", "broken.yaml", "list.opml", code=2)
        self.write("good.yaml", "sources: []\n")
        self.write("rss.xml", FEED.decode())
        _, err = self.run_winnow("opml", "import", "-c", "good.yaml", "rss.xml", code=65)
        self.assertIn("not OPML", err)
        self.run_winnow("opml", "import", "-c", "good.yaml", "nowhere.opml", code=1)
        self.run_winnow("opml", "import", "-c", "nowhere.yaml", "list.opml", code=2)
        self.write("files.opml", "<opml><outline xmlUrl='file:///etc/passwd'/><outline xmlUrl='ftp://x/'/></opml>")
        _, err = self.run_winnow("opml", "import", "-c", "good.yaml", "files.opml")
        self.assertIn("left out", err)
        self.assertEqual(self.read("good.yaml"), "sources: []\n")
        self.run_winnow("opml", code=2)


if __name__ == "__main__":
    unittest.main()
