# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a scripted loopback HTTP server, feeds made on the spot, winnow run
in a folder of its own. Debian's python3 alone."""
import gzip
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from email.utils import formatdate
from xml.sax.saxutils import escape

PUBLISHED = time.time() - 600  # the same for all, so that an item made again is the same item
BIN = os.environ["WINNOW_BIN"]
SOURCE_DIR = os.environ["WINNOW_SOURCE_DIR"]


class Loopback:
    """routes: path → bytes, or a function of the request handler that answers by itself. What a route gives as
    bytes is served with an ETag of its content and answers 304."""

    def __init__(self):
        self.routes, self.requests = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                outer.requests.append((self.path, dict(self.headers)))
                route = outer.routes.get(self.path)
                if callable(route):
                    return route(self)
                if route is None:
                    return self.reply(404, b"no such feed")
                tag = '"%x"' % (hash(route) & 0xFFFFFFFF)
                if self.headers.get("If-None-Match") == tag:
                    return self.reply(304, b"", {"ETag": tag})
                self.reply(200, route, {"ETag": tag})

            def reply(self, status, body, headers=None, kind="application/xml"):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *args):
                pass  # clients that go away are part of the tests

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def words(seed, n=120):
    """n words that differ from seed to seed, so that no two items are alike by chance."""
    import random

    r = random.Random(seed)
    letters = "bcdfghklmnprstvw"
    word = lambda: "".join(r.choice(letters) + r.choice("aeiou") for _ in range(r.randint(2, 4)))
    return " ".join(word() for _ in range(n))


def item(n, text=None, title=None, link=None, guid=None, extra=""):
    text = text if text is not None else words(n)
    return """<item><title>%s</title><link>%s</link><guid isPermaLink="false">%s</guid>
<pubDate>%s</pubDate><description>%s</description>%s</item>""" % (
        escape(title or words("t%s" % n, 6).capitalize()),
        escape(link or "https://news.example/%s" % n),
        escape(guid or "tag:news.example:%s" % n),
        formatdate(PUBLISHED),
        escape("<p>%s</p>" % text),
        extra,
    )


def rss(items, title="News", extra=""):
    return (
        """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>%s</title><link>https://news.example/</link>
<description>d</description><language>en</language>%s%s</channel></rss>"""
        % (escape(title), extra, "".join(items))
    ).encode()


class Case(unittest.TestCase):
    """A test with a folder, a loopback server, and winnow."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="winnow-test-")
        self.web = Loopback()
        self.daemon = None

    def tearDown(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        self.web.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def config(self, sources, extra="", filters=None):
        lines = ["state: state", "events: {file: events.jsonl, stats: 1s}"]
        lines += ["output: [{file: feed.atom}, {file: feed.rss}, {file: feed.json}]"] if "output:" not in extra else []
        if filters is not None:
            lines.append("filters: [%s]" % ", ".join(filters))
        lines.append(extra)
        lines.append("sources:")
        lines += ["  - {url: '%s', allow-private: true}" % s for s in sources]
        self.write("winnow.yaml", "\n".join(lines) + "\n")

    def winnow(self, *args, code=0, stdin=None, timeout=120):
        p = subprocess.run([BIN, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=timeout)
        if code is not None:
            self.assertEqual(p.returncode, code, "winnow %s: %s" % (" ".join(args), p.stderr.decode(errors="replace")))
        return p

    def once(self, code=0):
        return self.winnow("run", "-c", "winnow.yaml", "--once", code=code)

    def start(self, *args):
        with open(self.path("stderr"), "wb") as said:
            self.daemon = subprocess.Popen([BIN, "run", "-c", "winnow.yaml", *args], cwd=self.dir, stderr=said)
        return self.daemon

    def said(self):
        """What the daemon has said on standard error so far."""
        return self.read("stderr").decode(errors="replace") if os.path.exists(self.path("stderr")) else ""

    def serving_port(self):
        """Of a daemon that listens on port 0: the one that the kernel gave it, as its first line tells."""
        return int(self.wait_for("the address", lambda: re.search(r"serves http://127\.0\.0\.1:(\d+)/", self.said())).group(1))

    def stop(self, signum=signal.SIGTERM, code=0):
        self.daemon.send_signal(signum)
        self.daemon.wait(timeout=120)
        if code is not None:
            self.assertEqual(self.daemon.returncode, code, self.said())
        return self.said()

    def wait_for(self, what, condition, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = condition()
            except (OSError, ValueError, LookupError):
                value = None
            if value:
                return value
            time.sleep(0.05)
        self.fail("waited in vain for %s; the daemon said: %s" % (what, self.said() if self.daemon else "nothing"))

    def events(self, kind=None):
        whole = self.read("events.jsonl").rpartition(b"\n")[0]  # a daemon may be writing the last line
        lines = [json.loads(line) for line in whole.decode().splitlines()]
        return [e for e in lines if kind is None or e["event_type"] == kind]

    def feed(self):
        return json.loads(self.read("feed.json"))

    def titles(self):
        return [i.get("title") for i in self.feed()["items"]]
