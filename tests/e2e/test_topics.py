# SPDX-License-Identifier: Apache-2.0
"""Topics through the real host: routing to outputs, own topics, stories whose editions share topics."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case, item, rss

FOOTBALL = """The striker scored twice in the second half as the home side won the cup final 3-1 in front of 60,000
spectators. The coach praised his players, who had trained for this match all season. It is the club's third title, and
the goalkeeper was named player of the tournament after the semi-final went to penalties."""
VOTE = """Parliament elected the leader of the opposition as prime minister on Monday after her party won the general election.
She named a coalition government of three parties and promised a vote on the budget before the summer. The president
accepted the resignation of the outgoing cabinet, and the new ministers take their oath on Thursday."""
QUAKE = """An earthquake of magnitude 6.8 struck the coast early on Tuesday and killed at least forty people, the civil
protection agency said. Rescue teams dug survivors out of collapsed houses, and aftershocks were felt in the capital."""
IRAN = """Tehran answered on Wednesday that its ambassador would come to the talks in Vienna next week. The foreign ministry of
Iran said that the sanctions had to be lifted first, and diplomats of the other states spoke of a chance."""
PLAIN = "Notes on nothing in particular."


def category(name):
    return "<category>%s</category>" % name


class Routing(Case):
    def feeds(self):
        self.web.routes["/a"] = rss([
            item("cup", FOOTBALL, "Home side wins the cup final after late goals by its striker"),
            item("vote", VOTE, "Opposition leader elected prime minister after general election"),
            item("quake", QUAKE, "Earthquake kills at least forty people on the coast"),
            item("iran", IRAN, "Iran to send ambassador to the Vienna talks on sanctions"),
            item("plain", PLAIN, "Notes"),
        ])
        return [self.web.url("/a")]

    def titles_of(self, name):
        return {i["title"].split()[0] for i in json.loads(self.read(name))["items"]}

    def test_a_feed_by_topic_and_one_without(self):
        self.config(self.feeds(), extra="""
filters:
  - boilerplate
  - editions
  - topics:
      topics: [{name: Iran, words: [Iran, Tehran]}]
output:
  - {file: feed.json}
  - {file: politics.json, topic: 11000000}
  - {file: politics.atom, topic: Politik}
  - {file: nosport.json, except: medtop:15000000}
  - {file: iran.json, topic: 'own:Iran'}
  - {file: iran-by-name.json, topic: iran}
  - {file: either.json, topic: [15000000, Katastrophe], except: ['own:Iran']}
  - {file: politics-not-iran.json, topic: 11000000, except: Iran}
  - {file: weather.json, topic: Weather}
""")
        self.once()
        everything = {"Home", "Opposition", "Earthquake", "Iran", "Notes"}
        self.assertEqual(self.titles_of("feed.json"), everything)
        self.assertEqual(self.titles_of("politics.json"), {"Opposition", "Iran"})
        self.assertEqual(self.titles_of("nosport.json"), everything - {"Home"})
        self.assertEqual(self.titles_of("iran.json"), {"Iran"})
        self.assertEqual(self.titles_of("iran-by-name.json"), {"Iran"})
        self.assertEqual(self.titles_of("either.json"), {"Home", "Earthquake"})
        self.assertEqual(self.titles_of("politics-not-iran.json"), {"Opposition"})
        self.assertEqual(self.titles_of("weather.json"), set())
        atom = self.read("politics.atom").decode()
        self.assertIn("Politics and government</title>", atom)  # a feed of its own has a name and an id of its own
        self.assertIn('term="medtop:11000000"', atom)
        iran = json.loads(self.read("iran.json"))
        self.assertIn("Iran", iran["title"])
        self.assertIn("Iran", iran["items"][0]["tags"])
        lines = [e for e in self.events("item") if e["guid"] == "tag:news.example:iran"]
        self.assertIn("own:Iran", [t["id"] for t in lines[-1]["topics"]])

    def test_a_topic_means_what_is_below_it(self):
        """Football alone is tagged where a source allows one topic an item; it is sport all the same."""
        self.web.routes["/a"] = rss([item("x", PLAIN, "Notes", extra=category("Football"))])
        self.config([self.web.url("/a")], extra="""
filters: [{topics: {most: 1}}]
output: [{file: feed.json}, {file: sport.json, topic: Sport}, {file: football.json, topic: 20001065},
         {file: nosport.json, except: Sport}]""")
        self.once()
        self.assertEqual(self.titles_of("sport.json"), {"Notes"})
        self.assertEqual(self.titles_of("nosport.json"), set())

    def test_unknown_topics_are_named_with_line_and_fix(self):
        self.config(self.feeds(), extra="output:\n  - {file: a.json, topic: Politcs}\n  - {file: b.json, except: 'own:Iran'}")
        for command in (("check", "-c", "winnow.yaml"), ("run", "--once", "-c", "winnow.yaml")):
            p = self.winnow(*command, code=2 if command[0] == "check" else None)
            self.assertNotEqual(p.returncode, 0)
            err = p.stderr.decode()
            self.assertRegex(err, r"winnow.yaml:4: output .*a.json: 'Politcs' is no topic")
            self.assertRegex(err, r"winnow.yaml:5: output .*b.json: 'own:Iran' is no topic")
            self.assertIn("such as", err)
        self.config(self.feeds(), filters=["boilerplate"], extra="output: [{file: a.json, topic: 11000000}]")
        self.winnow("check", "-c", "winnow.yaml")

    def test_check_says_what_an_output_shows(self):
        self.config(self.feeds(), extra="output: [{file: a.json, topic: [Sport, Weather], except: Football}]")
        out = self.winnow("check", "-c", "winnow.yaml").stdout.decode()
        self.assertIn("only topic Sport, Weather; no Football", out)


if __name__ == "__main__":
    unittest.main()
