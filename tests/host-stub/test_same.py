# SPDX-License-Identifier: Apache-2.0
"""The sample feeds through the program: the same output, byte for byte, for 1, 2 and 8 workers."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = os.environ.get("WINNOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
WINNOW = os.environ.get("WINNOW_BIN", os.path.join(SOURCE, "build", "dev", "winnow"))

CONFIG = """state: state
workers: %d
filters: [boilerplate, editions, topics]
sources: [%s]
output: [{file: clean.atom}, {file: clean.rss}, {file: clean.json}]
events: {file: events.json}
"""


def normal(text):
    """Without what the clock and the state's own id decide."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", lambda m: m.group(0)
                  if m.group(0) < "2026" else "NOW", text)
    text = re.sub(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20(2[6-9]|[3-9]\d) [\d:]{8} (GMT|\+0000)", "NOW", text)
    return re.sub(r"urn:uuid:[0-9a-f-]{36}", "UUID", text)


class Same(unittest.TestCase):
    def run_with(self, folder, workers):
        feeds = sorted(f for f in os.listdir(os.path.join(SOURCE, "feeds")) if f.endswith(".xml"))
        for name in ["state", "clean.atom", "clean.rss", "clean.json", "events.json"]:
            path = os.path.join(folder, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)
        for name in feeds:
            shutil.copy(os.path.join(SOURCE, "feeds", name), folder)
        with open(os.path.join(folder, "winnow.yaml"), "w") as f:
            f.write(CONFIG % (workers, ", ".join("'file:%s'" % name for name in feeds)))
        done = subprocess.run([WINNOW, "run", "-c", "winnow.yaml", "--once"], cwd=folder, capture_output=True,
                              timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        out = {}
        for name in ["clean.atom", "clean.rss", "clean.json"]:
            with open(os.path.join(folder, name)) as f:
                out[name] = normal(f.read())
        with open(os.path.join(folder, "events.json")) as f:
            out["items"] = normal("".join(l for l in f if '"event_type":"item"' in l))
        return out

    def test_workers(self):
        with tempfile.TemporaryDirectory() as folder:
            one = self.run_with(folder, 1)
            self.assertGreater(len(one["items"]), 10000)
            for workers in (2, 8):
                other = self.run_with(folder, workers)
                for name in one:
                    self.assertTrue(one[name] == other[name], "%s with %d workers" % (name, workers))


if __name__ == "__main__":
    unittest.main()
