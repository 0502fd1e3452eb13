# SPDX-License-Identifier: Apache-2.0
"""Topics through the real host: routing to outputs, own topics, stories whose editions share topics."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import SOURCE_DIR, Case, item, rss, words

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


class Options(Case):
    """Each option of the manual, from the YAML file to what is published."""

    def run_with(self, topics, items, sources=""):
        self.web.routes["/a"] = rss(items)
        self.write("winnow.yaml", """
state: state
events: {file: events.jsonl}
output: [{file: feed.json}, {file: feed.atom}]
filters: [boilerplate, editions, {topics: %s}]
sources: [{url: '%s', allow-private: true%s}]
""" % (topics, self.web.url("/a"), sources))
        self.once()
        return {e["guid"].rsplit(":", 1)[1]: e for e in self.events("item")}

    def ids(self, event):
        return [t["id"] for t in event["topics"]]

    def test_map(self):
        items = [item(n, words(n), "Notes " + n, extra=category(n)) for n in ("Qwerty", "Sport", "Zuiop", "Asdf")]
        found = self.run_with("{map: {Qwerty: 04000000, Sport: '-', Zuiop: Culture, Asdf: Iran}, topics: [{name: Iran, words: [Iran]}]}", items)
        self.assertEqual(self.ids(found["Qwerty"]), ["04000000"])
        self.assertEqual(self.ids(found["Sport"]), [])
        self.assertEqual(self.ids(found["Zuiop"]), ["01000000"])
        self.assertEqual(self.ids(found["Asdf"]), ["own:Iran"])
        tags = {i["title"]: i["tags"] for i in self.feed()["items"]}
        self.assertEqual(tags["Notes Qwerty"], ["Economy, business and finance", "Qwerty"])  # the publisher's own stays
        self.assertEqual(tags["Notes Asdf"], ["Iran", "Asdf"])

    def test_a_source_has_its_own(self):
        items = [item("a", words("a"), "Notes", extra=category("Ticker") + category("Politics") + category("Health"))]
        found = self.run_with("{map: {Ticker: Weather}}", items, ", filters: {topics: {map: {Ticker: Sport}, most: 2, threshold: 0.5}}")
        self.assertEqual(len(found["a"]["topics"]), 2)
        self.assertNotIn("17000000", self.ids(found["a"]))

    def test_threshold_and_most(self):
        cup = [item("cup", FOOTBALL, "Home side wins the cup final after late goals by its striker", extra=category("Football"))]
        self.assertEqual(self.ids(self.run_with("{most: 1}", cup)["cup"]).__len__(), 1)
        strict = self.run_with("{threshold: 1}", [item("vote", VOTE, "Opposition leader elected prime minister")])["vote"]
        self.assertEqual(strict["topics"], [])
        self.assertEqual(strict["topic_best"]["id"], "11000000")  # always told
        lax = self.run_with("{threshold: 0.01, most: 16}", [item("quake", QUAKE, "Earthquake kills at least forty")])["quake"]
        self.assertGreater(len(lax["topics"]), 4)
        self.assertEqual(self.ids(lax)[0], "03000000")
        scores = [t["score"] for t in lax["topics"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertTrue(all(0 <= s <= 1 for s in scores))

    def test_own_topics_by_example_in_another_language(self):
        items = [item("car", "Batteries now last longer and cost less, so that electric cars are cheaper this year.",
                      "Electric cars get cheaper as batteries last longer"),
                 item("vote", VOTE, "Opposition leader elected prime minister after general election")]
        found = self.run_with("{topics: [{name: E-cars, like: ['Elektroautos werden billiger, die Batterien halten länger', "
                              "'Neues Elektroauto fährt weiter mit einer Ladung']}]}", items)
        self.assertIn("own:E-cars", self.ids(found["car"]))
        self.assertNotIn("own:E-cars", self.ids(found["vote"]))

    def test_drop(self):
        items = [item("cup", FOOTBALL, "Home side wins the cup final", extra=category("Football")),
                 item("vote", VOTE, "Opposition leader elected prime minister after general election"),
                 item("iran", FOOTBALL, "Iran wins the cup final", extra=category("Football")), item("plain", PLAIN, "Notes")]
        found = self.run_with("{topics: [{name: Iran, words: [Iran]}], drop: {topic: Sport, unless: [Iran]}}", items)
        self.assertEqual(found["cup"]["verdict"], "drop")
        self.assertIn("Sport", found["cup"]["reason"])
        self.assertEqual({t.split()[0] for t in self.titles()}, {"Opposition", "Iran", "Notes"})

    def test_drop_all_but(self):
        items = [item("cup", FOOTBALL, "Home side wins the cup final", extra=category("Football")),
                 item("vote", VOTE, "Opposition leader elected prime minister after general election"), item("plain", PLAIN, "Notes")]
        self.run_with("{drop: [{unless: Politics}]}", items)
        self.assertEqual({t.split()[0] for t in self.titles()}, {"Opposition"})

    def test_labels_in_the_reader_s_language(self):
        self.web.routes["/a"] = rss([item("vote", VOTE, "Opposition leader elected prime minister after general election")])
        for lang, label in (("de", "Politik"), ("ja", "政治"), ("ar", "سياسة"), ("zh-Hant", "政治"), ("ms", "Politik"), ("th", "การเมือง")):
            self.config([self.web.url("/a")], extra="prefer: [%s]\nfilters: [topics]" % lang)
            self.once()
            atom = self.read("feed.atom").decode()
            self.assertRegex(atom, '<category( scheme="http://cv.iptc.org/newscodes/mediatopic/"| term="medtop:11000000"| label="%s"){3}' % label)
            self.assertRegex(atom, '<category term="%s"' % label)


def wire(story, lang):
    """An article of the sample wire: (title, text)."""
    with open(os.path.join(SOURCE_DIR, "feeds", "labels.jsonl")) as f:
        for line in f:
            r = json.loads(line)
            if (r["story"], r["lang"], r["role"]) == (story, lang, "edition"):
                return r["title"], r["text"]
    raise KeyError(story)


class Late(Case):
    """An edition that arrives after its story was shown brings its topics to the story, and takes them away again."""

    FILTERS = """
filters: [boilerplate, editions, topics]
prefer: [en]
output: [{file: feed.json}, {file: feed.atom}, {file: travel.json, topic: 20000563}, {file: notravel.json, except: 20000563}]
"""

    def publish(self, path, lang, extra=""):
        title, text = wire("croatia", lang)
        self.web.routes[path] = rss([item("c-" + lang, text.replace("\n", "</p><p>"), title, extra=extra,
                                          link="https://%s.example/croatia" % lang)]).replace(b">en<", b">%s<" % lang.encode())

    def entries(self, name):
        return json.loads(self.read(name))["items"]

    def test_a_late_edition_revises_the_topics_of_its_story(self):
        self.publish("/en", "en")
        self.web.routes["/de"] = rss([])
        self.config([self.web.url("/en"), self.web.url("/de")], extra=self.FILTERS)
        self.once()
        before = self.entries("feed.json")
        self.assertEqual(len(before), 1)
        self.assertNotIn("Travel and tourism", before[0].get("tags", []))
        self.assertEqual(self.entries("travel.json"), [])
        self.assertEqual(len(self.entries("notravel.json")), 1)

        self.publish("/de", "de", extra=category("Reise und Tourismus"))
        self.once()
        after = self.entries("feed.json")
        self.assertEqual([e["id"] for e in after], [before[0]["id"]])  # one story, the same entry, the same face
        self.assertEqual(after[0]["title"], before[0]["title"])
        self.assertIn("Travel and tourism", after[0]["tags"])  # in the reader's language, not the edition's
        self.assertLessEqual(set(before[0].get("tags", [])), set(after[0]["tags"]))
        self.assertEqual([e["id"] for e in self.entries("travel.json")], [before[0]["id"]])
        self.assertEqual(self.entries("notravel.json"), [])
        atom = self.read("feed.atom").decode()
        self.assertEqual(atom.count('term="medtop:20000563"'), 1)
        self.assertIn('label="Travel and tourism"', atom)

        self.publish("/de", "de")  # corrected: the section was a mistake
        self.once()
        self.assertNotIn("Travel and tourism", self.entries("feed.json")[0].get("tags", []))
        self.assertEqual(self.entries("travel.json"), [])


class BadInput(Case):
    """What nobody should write but somebody does: bounded, the rest goes on, no topic without evidence."""

    def topics_of(self, items, extra="filters: [boilerplate, editions, topics]"):
        self.web.routes["/a"] = rss(items)
        self.config([self.web.url("/a")], extra=extra)
        self.once()
        return {e["guid"].rsplit(":", 1)[1]: e for e in self.events("item")}

    def test_nothing_to_go_by_is_no_topic(self):
        """Empty ones, an unknown script, noise: no tag; topic_best stays below the threshold."""
        nothing = {
            "empty": ("", " "), "dots": ("...", "***"), "digits": ("4711 0815 " * 50, "12345"),
            "georgian": ("დღეს კარგი ამინდია და ჩვენ სახლში ვართ. " * 5, "ჩვენი სახლი"),
            "cherokee": ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎠᏂᏴᏫᏯ " * 20, "ᏣᎳᎩ"), "emoji": ("😀😃😄 " * 200, "😀"),
            "controls": ("\u200b\u200e\ufeff " * 100, "\u202e\u202d"), "noise": (words("noise", 200), words("head", 5)),
        }
        found = self.topics_of([item(n, text, title) for n, (text, title) in nothing.items()])
        self.assertEqual(set(found), set(nothing))
        for name, e in found.items():
            self.assertEqual(e.get("topics", []), [], name)
            if e.get("topic_best"):
                self.assertLess(e["topic_best"]["score"], 0.7, name)

    def test_floods_of_categories(self):
        """500 that say nothing say nothing; 500 with every section of a newspaper give at most `most` topics."""
        nothing = "".join(category("qz%dxv" % i) for i in range(500))
        sections = "".join(category(("Sport", "Politics", "Economy", "Health", "Culture", "Weather", "Religion",
                                     "Science", "Education", "Crime")[i % 10] + (" %d" % i if i > 9 else "")) for i in range(500))
        found = self.topics_of([item("nothing", PLAIN, "Notes", extra=nothing), item("all", PLAIN, "More notes", extra=sections),
                                item("cup", FOOTBALL, "Home side wins the cup final", extra=nothing)])
        self.assertEqual(found["nothing"]["topics"], [])
        self.assertLessEqual(len(found["all"]["topics"]), 4)
        self.assertEqual(found["cup"]["topics"][0]["id"], "15000000")
        for e in self.feed()["items"]:
            self.assertLessEqual(len(e.get("tags", [])), 256 + 4, e["title"])

    def test_markup_and_giants(self):
        """Markup in a name is left out of what is looked up; a megabyte of a name is cut; neither harms the feed."""
        cases = {
            "markup": "<category>&lt;b&gt;Sport&lt;/b&gt;&lt;script&gt;alert(1)&lt;/script&gt;</category>",
            "cdata": "<category><![CDATA[<i class='x'>Wetter</i>]]></category>",
            "entity": "<category>Arts &amp;amp; Entertainment</category>",
            "giant": "<category>%s</category>" % ("Sport/" * 200000), "blank": "<category> </category><category/>",
            "domain": "<category domain='javascript:alert(1)'>qzxv</category>",
        }
        found = self.topics_of([item(n, PLAIN, "Notes " + n, extra=extra) for n, extra in cases.items()])
        ids = {n: [t["id"] for t in e["topics"]] for n, e in found.items()}
        self.assertEqual(ids["cdata"], ["17000000"])
        self.assertEqual(ids["entity"], ["01000000"])
        self.assertEqual(ids["blank"], [])
        self.assertEqual(ids["domain"], [])
        self.assertIn(ids["markup"], ([], ["15000000"]))
        self.assertIn(ids["giant"], ([], ["15000000"]))
        self.assertLess(len(self.read("feed.atom")), 100000)
        self.assertNotIn(b"<script", self.read("feed.atom"))
        self.assertEqual(len(self.titles()), len(cases))


if __name__ == "__main__":
    unittest.main()
