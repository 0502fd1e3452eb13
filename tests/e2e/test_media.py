# SPDX-License-Identifier: Apache-2.0
"""Enclosures, pictures and what podcasts say go through `winnow filter` from every format into every
format, and on into the next, and none is lost on the way."""
import itertools
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from loopback import Case

FILES = """<enclosure url="https://e.example/a.mp3" type="audio/mpeg" length="1234"/>
<enclosure url="https://e.example/b.ogg" type="audio/ogg" length="5678"/>
<atom:link rel="enclosure" href="https://e.example/c.flac" type="audio/flac" length="91011"/>"""
MEDIA = """<itunes:duration>1:02:03</itunes:duration><itunes:image href="https://e.example/cover.png"/>
<media:thumbnail url="https://e.example/t1.jpg" width="120" height="90"/>
<media:thumbnail url="https://e.example/t2.jpg" width="240" height="180"/>
<media:group><media:content url="https://e.example/v1.mp4" type="video/mp4" fileSize="99" duration="61"
 width="640" height="360"><media:title>Part one</media:title>
<media:thumbnail url="https://e.example/t3.jpg"/></media:content>
<media:content url="https://e.example/v2.webm" type="video/webm"/>
<media:description>A caption of the film.</media:description>
<media:credit role="photographer">Ann</media:credit>
<media:player url="https://e.example/v1.mp4"/></media:group>
<media:content url="https://e.example/p.jpg" medium="image"><media:description>A caption of the picture.
</media:description></media:content>
<podcast:transcript url="https://e.example/tr.vtt" type="text/vtt" language="en"/>
<podcast:chapters url="https://e.example/ch.json" type="application/json+chapters"/>
<podcast:person role="host" href="https://e.example/ann">Ann</podcast:person>
<psc:chapters version="1.2"><psc:chapter start="00:00:00" title="Intro"/></psc:chapters>
<yt:videoId>x1</yt:videoId>"""
NAMESPACES = """xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:psc="http://podlove.org/simple-chapters"
 xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:yt="http://www.youtube.com/xml/schemas/2015" """
RSS = f"""<rss version="2.0" {NAMESPACES}><channel><title>T</title><link>https://e.example/</link>
<description>d</description><item><title>One</title><link>https://e.example/1</link>
<atom:link rel="via" href="https://via.example/1" title="Where it was found"/><guid>tag:e.example:1</guid>
<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>The words of the item.</description>
{FILES}{MEDIA}</item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><title>T</title><id>tag:e.example:feed</id>
<updated>2026-03-02T10:00:00Z</updated><entry><title>One</title><id>tag:e.example:1</id>
<link href="https://e.example/1"/><updated>2026-03-02T10:00:00Z</updated>
<link rel="via" href="https://via.example/1" title="Where it was found"/><content>The words of the item.</content>
<link rel="enclosure" href="https://e.example/a.mp3" type="audio/mpeg" length="1234"/>
<link rel="enclosure" href="https://e.example/b.ogg" type="audio/ogg" length="5678"/>
<link rel="enclosure" href="https://e.example/c.flac" type="audio/flac" length="91011"/>
{MEDIA}</entry></feed>"""
JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "T",
    "items": [{"id": "tag:e.example:1", "url": "https://e.example/1", "title": "One",
               "content_text": "The words of the item.", "image": "https://e.example/cover.png",
               "banner_image": "https://e.example/banner.png",
               "attachments": [{"url": "https://e.example/a.mp3", "mime_type": "audio/mpeg",
                                "size_in_bytes": 1234, "duration_in_seconds": 3723},
                               {"url": "https://e.example/b.ogg", "mime_type": "audio/ogg",
                                "size_in_bytes": 5678}]}]})


class Media(Case):
    def filter(self, feed, form):
        # The writers' work is the same behind one filter as behind three, and the test far shorter.
        self.write("winnow.yaml", "filters: [boilerplate]\n")
        return self.winnow("filter", "-c", "winnow.yaml", "--format", form, stdin=feed).stdout

    def item(self, feed):
        return json.loads(self.winnow("parse", "-", stdin=feed).stdout)["items"][0]

    def all(self, feed):
        """url → (type, length), and what else is said."""
        item = self.item(feed)
        return {e["url"]: (e["type"], e["length"] or None) for e in item["enclosures"]}, item

    def test_nothing_is_lost_from_any_format_into_any_and_on(self):
        files = {"https://e.example/a.mp3": ("audio/mpeg", 1234), "https://e.example/b.ogg": ("audio/ogg", 5678),
                 "https://e.example/c.flac": ("audio/flac", 91011)}
        pictures = {f"https://e.example/{n}" for n in
                    ("cover.png", "t1.jpg", "t2.jpg", "t3.jpg", "v1.mp4", "v2.webm", "p.jpg")}
        thumbs = {"https://e.example/t1.jpg": (120, 90), "https://e.example/t2.jpg": (240, 180),
                  "https://e.example/t3.jpg": (None, None)}
        names = {"duration", "description", "credit", "player", "transcript", "chapters", "person",
                 "chapter", "videoId"}
        forms = ("rss", "atom", "json")
        for source, most in ((RSS, 3), (ATOM, 2)):
            feeds = {(): source.encode()}
            for n in range(most):
                for path in itertools.product(forms, repeat=n + 1):
                    feeds[path] = self.filter(feeds[path[:-1]], path[-1])
                    got, item = self.all(feeds[path])
                    for url, said in files.items():
                        self.assertEqual(got.get(url), said, (path, url))
                    self.assertLessEqual(pictures, set(got), path)
                    have = {e["url"]: (e.get("width"), e.get("height")) for e in item["enclosures"]
                            if e.get("kind") == "thumbnail"}
                    self.assertEqual(have, thumbs, path)
                    first = [e for e in item["enclosures"] if e["url"].endswith("a.mp3")][0]
                    self.assertEqual(first.get("duration"), 3723, path)
                    self.assertNotIn("kind", first, path)
                    film = [e for e in item["enclosures"] if e["url"].endswith("v1.mp4")][0]
                    self.assertEqual((film["duration"], film["width"], film["title"]), (61, 640, "Part one"))
                    self.assertEqual({e["name"] for e in item["extensions"]}, names, path)
                    captions = [e["text"] for e in item["extensions"] if e["name"] == "description"]
                    self.assertEqual(sorted(captions), ["A caption of the film.", "A caption of the picture."], path)
                    chapter = [e for e in item["extensions"] if e["name"] == "chapter"][0]
                    self.assertEqual((chapter["depth"], chapter["attributes"]["title"]), (1, "Intro"))
                    via = [l for l in item["links"] if l["href"] == "https://via.example/1"]
                    self.assertEqual(via[0]["title"], "Where it was found", path)
                    text = (item["content"] or "") + (item["summary"] or "")
                    self.assertIn("The words of the item.", text)
                    self.assertNotIn("caption", text, path)

    def test_json_feeds_own_fields_reach_the_others(self):
        for form in ("rss", "atom", "json"):
            got, item = self.all(self.filter(JSON.encode(), form))
            self.assertEqual(got["https://e.example/a.mp3"], ("audio/mpeg", 1234), form)
            self.assertEqual(got["https://e.example/b.ogg"], ("audio/ogg", 5678), form)
            self.assertLessEqual({"https://e.example/cover.png", "https://e.example/banner.png"}, set(got), form)
            first = [e for e in item["enclosures"] if e["url"].endswith("a.mp3")][0]
            self.assertEqual(first["duration"], 3723, form)

    def test_a_caption_is_the_summary_only_where_there_is_no_other_text(self):
        only = RSS.replace("<description>The words of the item.</description>", "")
        self.assertEqual(self.item(only.encode())["summary"], "A caption of the film.")
        late = only.replace("</item>", "<description>The words of the item.</description></item>")
        item = self.item(late.encode())
        self.assertEqual(item["summary"], "The words of the item.")
        self.assertIn("A caption of the film.", [e.get("text") for e in item["extensions"]])

    def test_what_a_stranger_puts_under_our_name_is_no_more_than_data(self):
        feed = json.loads(JSON)
        feed["items"][0]["_winnow"] = {
            "story": "x", "image": [], "source": {"url": "javascript:alert(1)", "title": "<b>S</b>"},
            "editions": [{"url": "javascript:alert(2)"}, {"url": "https://e.example/de", "language": "de"}, 7],
            "extensions": [{"ns": "svg", "name": "script", "text": "x"}, {"ns": "media", "name": "on click"},
                           {"ns": "media", "name": "player", "depth": 9, "attributes":
                            {"url": "javascript:alert(3)", "a\tb": "c", "onload": "x", "t": "l1\nl2"}}, None],
        }
        feed["items"][0]["attachments"].append({"url": "https://e.example/z", "_winnow": {"kind": "nonsense",
                                                                                         "width": -1e99}})
        for form in ("rss", "atom", "json"):
            out = self.filter(json.dumps(feed).encode(), form)
            self.assertNotIn(b"javascript", out)
            self.assertNotIn(b"script>", out)
            self.assertNotIn(b"onload", out)
            self.assertIn(b"https://e.example/de", out)
            self.assertIn("https://e.example/z", self.all(out)[0])


if __name__ == "__main__":
    unittest.main()
