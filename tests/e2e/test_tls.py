# SPDX-License-Identifier: Apache-2.0
"""https against a loopback server whose authority is the test's own: trusted where it is named, refused with
the reason and the fix where it is not; redirects between http and https; what must not go along."""
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import BIN, Case, item, rss


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=60)


def make_certificates(folder):
    """An authority, a certificate of its for 127.0.0.1, and one of a name that nobody asks for."""
    at = lambda name: os.path.join(folder, name)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "3650",
            "-subj", "/CN=Test authority")
    for name, san in (("good", "IP:127.0.0.1,DNS:localhost"), ("other", "DNS:other.example")):
        openssl("req", *key, "-keyout", at(name + ".key"), "-out", at(name + ".csr"), "-subj", "/CN=" + name)
        with open(at("san"), "w") as f:
            f.write("subjectAltName=%s\n" % san)
        openssl("x509", "-req", "-in", at(name + ".csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"),
                "-CAcreateserial", "-days", "3650", "-extfile", at("san"), "-out", at(name + ".pem"))


class Tls(Case):
    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.keys = tempfile.mkdtemp(prefix="winnow-tls-")
        make_certificates(cls.keys)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.keys)

    def key(self, name):
        return os.path.join(self.keys, name)

    def https(self, certificate="good"):
        """The loopback server's routes over TLS as well; returns its port."""
        outer = self.web
        handler = outer.server.RequestHandlerClass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        server.handle_error = lambda *args: None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.key(certificate + ".pem"), self.key(certificate + ".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    NAMES = ("CURL_CA_BUNDLE", "SSL_CERT_FILE")

    def env_once(self, code=0, **env):
        p = subprocess.run([BIN, "run", "-c", "winnow.yaml", "--once"], cwd=self.dir, capture_output=True,
                           timeout=120, env={**{k: v for k, v in os.environ.items() if k not in self.NAMES}, **env})
        self.assertEqual(p.returncode, code, p.stderr.decode())
        return p.stderr.decode()

    def test_a_stranger_is_refused_with_the_reason_and_the_fix(self):
        self.web.routes["/a"] = rss([item(1)])
        url = "https://127.0.0.1:%d/a" % self.https()
        self.config([url])
        err = self.once(code=3).stderr.decode()
        self.assertIn(url, err)
        self.assertIn("its certificate is not trusted", err)
        self.assertIn("ca-file:", err)
        self.assertEqual(self.web.requests, [])  # nothing was asked over it
        fetch = self.events("fetch")[0]
        self.assertFalse(fetch["ok"])
        self.assertIn("not trusted", fetch["error"])

    def test_an_authority_by_configuration_or_environment(self):
        self.web.routes["/a"] = rss([item(1, title="Over TLS")])
        url = "https://127.0.0.1:%d/a" % self.https()
        self.config([url], "ca-file: %s" % self.key("ca.pem"))
        self.once()
        self.assertEqual(self.titles(), ["Over TLS"])
        for name in self.NAMES:
            shutil.rmtree(self.path("state"))
            self.config([url])
            self.env_once(**{name: self.key("ca.pem")})
            self.assertEqual(self.titles(), ["Over TLS"])

    def test_a_certificate_of_another_name_is_refused(self):
        self.web.routes["/a"] = rss([item(1)])
        self.config(["https://127.0.0.1:%d/a" % self.https("other")], "ca-file: %s" % self.key("ca.pem"))
        self.assertIn("its certificate is not trusted", self.once(code=3).stderr.decode())

    def test_no_tls_behind_https_and_none_behind_http(self):
        self.web.routes["/a"] = rss([item(1)])
        port = self.https()
        self.config(["https://127.0.0.1:%d/a" % self.web.port, "http://127.0.0.1:%d/a" % port],
                    "ca-file: %s" % self.key("ca.pem"))
        err = self.once(code=3).stderr.decode()
        self.assertIn("https://127.0.0.1:%d/a" % self.web.port, err)
        self.assertIn("http://127.0.0.1:%d/a" % port, err)

    def test_redirects_from_http_to_https_and_back(self):
        port = self.https()
        plain = lambda path: self.web.url(path)
        secure = lambda path: "https://127.0.0.1:%d%s" % (port, path)
        to = lambda where: lambda h: h.reply(301, b"", {"Location": where})
        self.web.routes["/1"] = to(secure("/2"))
        self.web.routes["/2"] = to(plain("/3"))
        self.web.routes["/3"] = rss([item(1, title="There and back")])
        self.web.routes["/loop"] = to(secure("/loop2"))
        self.web.routes["/loop2"] = to(plain("/loop"))
        self.write("winnow.yaml", """state: state
events: {file: events.jsonl}
output: [{file: feed.json}]
ca-file: %s
sources:
  - {url: '%s', allow-private: true, headers: ['Authorization: Basic c2VjcmV0', 'X-Key: secret']}
  - {url: '%s', allow-private: true}
""" % (self.key("ca.pem"), plain("/1"), plain("/loop")))
        err = self.once(code=3).stderr.decode()
        self.assertIn("redirects in a circle", err)
        self.assertIn("moved for good to " + plain("/3"), err)
        self.assertEqual(self.titles(), ["There and back"])
        asked = {path: headers for path, headers in self.web.requests}
        self.assertEqual(asked["/1"]["Authorization"], "Basic c2VjcmV0")
        # Another port is another origin: what was meant for one goes to no other, and not back either.
        for path in ("/2", "/3"):
            self.assertNotIn("Authorization", asked[path], path)
            self.assertNotIn("X-Key", asked[path], path)
        self.assertFalse([h for _, h in self.web.requests if "Cookie" in h])

    def test_cookies_are_neither_kept_nor_sent(self):
        self.web.routes["/a"] = lambda h: h.reply(302, b"", {"Location": "/b", "Set-Cookie": "a=b; Path=/"})
        self.web.routes["/b"] = lambda h: h.reply(200, rss([item(1)]), {"Set-Cookie": "c=d"})
        self.config([self.web.url("/a")])
        self.once()
        self.once()
        self.assertEqual(len(self.web.requests), 4)
        self.assertFalse([h for _, h in self.web.requests if "Cookie" in h])

    def test_gone_for_good_is_told_and_left_alone_for_a_week(self):
        self.web.routes["/a"] = lambda h: h.reply(410, b"gone")
        self.config([self.web.url("/a")])
        err = self.once(code=3).stderr.decode()
        self.assertIn("HTTP 410: gone for good; remove the source", err)
        fetch = self.events("fetch")[0]
        self.assertEqual((fetch["http"], fetch["ok"], fetch["failures"]), (410, False, 1))
        import datetime
        when = lambda s: datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))
        self.assertGreater((when(fetch["next"]) - when(fetch["timestamp"])).days, 4)


if __name__ == "__main__":
    unittest.main()
