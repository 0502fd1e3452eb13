# SPDX-License-Identifier: Apache-2.0
"""winnow as a service: what it tells the service manager (sd_notify), and the unit that is installed."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from loopback import BIN, Case, item, rss

BUILD = os.environ["WINNOW_BUILD_DIR"]


class Notify(Case):
    """A service manager that listens, on a socket with a path and on an abstract one."""

    def listen(self, name):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind("\0" + name[1:] if name[0] == "@" else name)
        self.manager.settimeout(60)
        self.web.routes["/a"] = rss([item(1)])
        self.config([self.web.url("/a")], extra="settle: 0s")

    def until(self, word):
        """All that is said up to the word."""
        said = []
        while not said or word not in said[-1].split("\n"):
            said.append(self.manager.recv(4096).decode())
        return said

    def start_with(self, *args, **env):
        before = {k: os.environ.pop(k, None) for k in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")}
        os.environ.update(env)
        try:
            self.start(*args)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value

    def test_from_its_start_to_its_end(self):
        name = self.path("notify")
        self.listen(name)
        self.start_with(NOTIFY_SOCKET=name, WATCHDOG_USEC="100000")
        first = self.until("READY=1")
        self.assertEqual(first, ["READY=1\nSTATUS=polling 1 source"])
        self.assertTrue(os.path.exists(self.path("state/control.sock")), "ready before it can be asked")
        for _ in range(3):
            self.until("WATCHDOG=1")
        self.daemon.send_signal(signal.SIGUSR2)
        self.assertRegex(self.until("RELOADING=1")[-1], r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.until("READY=1")
        # A reload that fails is over, too.
        self.write("winnow.yaml", "nonsense: 1\n")
        self.daemon.send_signal(signal.SIGUSR2)
        self.until("RELOADING=1")
        self.until("READY=1")
        self.daemon.send_signal(signal.SIGTERM)
        self.until("STOPPING=1")
        self.daemon.wait(timeout=60)
        self.assertEqual(self.daemon.returncode, 0)

    def test_abstract_socket_and_no_watchdog(self):
        name = "@winnow-test-%d" % os.getpid()
        self.listen(name)
        self.start_with(NOTIFY_SOCKET=name, WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.until("READY=1")
        self.wait_for("the feed", lambda: self.feed()["items"])
        self.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(len(self.until("STOPPING=1")), 1, "the watchdog is another process's")
        self.daemon.wait(timeout=60)

    def test_a_manager_that_is_gone_does_no_harm(self):
        self.listen(self.path("notify"))
        for name in (self.path("nobody"), "nonsense", "/" + "x" * 200, ""):
            self.start_with(NOTIFY_SOCKET=name, WATCHDOG_USEC="1000")
            self.wait_for("the feed", lambda: self.feed()["items"])
            self.stop()
            os.remove(self.path("feed.json"))  # the next one must make it


@unittest.skipUnless(shutil.which("cmake"), "needs cmake")
class Installed(unittest.TestCase):
    def test_the_unit_names_the_program_where_it_is(self):
        with tempfile.TemporaryDirectory() as prefix:
            os.chmod(prefix, 0o755)
            subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True, timeout=120)
            unit = os.path.join(prefix, "lib/systemd/system/winnow.service")
            with open(unit, encoding="utf-8") as f:
                lines = f.read().splitlines()
            commands = [l.split("=", 1)[1].split()[0] for l in lines if l.startswith("Exec")]
            self.assertEqual(commands, [os.path.join(prefix, "bin/winnow")] * 3)
            for name in ("bash-completion/completions/winnow", "zsh/site-functions/_winnow",
                         "fish/vendor_completions.d/winnow.fish"):
                self.assertTrue(os.path.isfile(os.path.join(prefix, "share", name)), name)
            # The installed program finds the installed filters.
            shutil.copy(os.path.join(prefix, "share/doc/winnow/winnow.yaml.sample"), os.path.join(prefix, "w.yaml"))
            done = subprocess.run([commands[0], "check", "-c", os.path.join(prefix, "w.yaml")], capture_output=True, timeout=120)
            self.assertIn(os.path.join(prefix, "lib"), (done.stdout + done.stderr).decode())
            if shutil.which("systemd-analyze"):
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, timeout=120)
                told = [l for l in (done.stdout + done.stderr).decode().splitlines() if "winnow" in l]
                self.assertEqual(told, [])


if __name__ == "__main__":
    unittest.main()
