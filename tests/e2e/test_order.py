# SPDX-License-Identifier: Apache-2.0
"""What decides between equals: the order of the configuration, never that in which servers answer, and
never the number of workers."""
import os
import re
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss, words

NAMES = ["/zebra", "/mango", "/apple", "/quince"]


class Order(Case):
    def serve_in_order(self, order):
        """Each answer waits until the one before it was read to its end, when the client closes the connection: the
        network's order is what the test says."""
        gates = {name: threading.Event() for name in order}
        gates[order[0]].set()

        def route(name, body):
            def answer(handler):
                gates[name].wait(60)
                try:
                    handler.reply(200, body, {"Connection": "close"})
                    handler.connection.settimeout(60)
                    while handler.connection.recv(4096):
                        pass
                except OSError:
                    pass
                for after in order[order.index(name) + 1:][:1]:
                    gates[after].set()
            return answer

        text = words("the same", 200)
        for name in NAMES:
            body = rss([item("%s%d" % (name, n)) for n in range(5)] +
                       [item("copy" + name, text, "The harbour reopens after the storm",
                             link="https://%s.example/harbour" % name[1:])], title=name[1:])
            self.web.routes[name] = route(name, body)

    def run_with(self, order, workers):
        for name in ("state", "events.jsonl", "feed.atom", "feed.rss", "feed.json"):
            os.system("rm -rf '%s'" % self.path(name))
        self.serve_in_order(order)
        self.config([self.web.url(n) for n in NAMES], "workers: %d\nper-host: 8" % workers)
        self.once()
        feed = self.feed()
        face = [i["url"] for i in feed["items"] if "harbour" in i["url"]]
        entries = re.sub(r"urn:uuid:[0-9a-f-]+|[0-9a-f]{8}-[0-9a-f-]{27}|20\d\d-\d\d-\d\dT[0-9:]+Z", "", self.read("feed.json").decode())
        verdicts = [{k: e[k] for k in ("item_id", "guid", "verdict", "of", "story", "topics")} for e in self.events("item")]
        return face, entries, verdicts

    def test_the_first_in_the_configuration_is_the_face_whoever_answers_first(self):
        for order in (NAMES, NAMES[::-1], [NAMES[2], NAMES[0], NAMES[3], NAMES[1]]):
            face, _, _ = self.run_with(order, 2)
            self.assertEqual(face, ["https://zebra.example/harbour"], order)
        self.assertIn("stands first in `sources`",
                      self.winnow("explain", "-c", "winnow.yaml", "https://zebra.example/harbour").stdout.decode())

    def test_files_are_read_in_the_order_of_the_configuration(self):
        text = words("the same", 200)
        for name in NAMES:
            self.write(name[1:] + ".xml", rss([item("c" + name, text, "The harbour reopens", guid=name,
                                                    link="https://%s.example/harbour" % name[1:])]))
        self.config(["file:%s.xml" % n[1:] for n in NAMES])
        self.once()
        self.assertEqual([os.path.basename(e["source"]) for e in self.events("fetch")],
                         [n[1:] + ".xml" for n in NAMES])
        self.assertEqual([e["guid"] for e in self.events("item")][:4], NAMES)

    def test_the_number_of_workers_changes_nothing_over_http(self):
        order = [NAMES[1], NAMES[3], NAMES[0], NAMES[2]]
        one = self.run_with(order, 1)
        for workers in (2, 8):
            self.assertEqual(one, self.run_with(order, workers), workers)


if __name__ == "__main__":
    unittest.main()
