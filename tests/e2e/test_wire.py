# SPDX-License-Identifier: Apache-2.0
"""The sample wire through `winnow filter`: exactly the article's text, the sectors as categories."""
import html
import json
import os
import re
import subprocess
import unittest

ROOT = os.environ.get('WINNOW_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WINNOW = os.environ.get('WINNOW_BIN') or os.path.join(ROOT, 'build', 'dev', 'winnow')


def paragraphs(markup):
    markup = re.sub(r'(?i)</(p|li|h\d|div|td|blockquote|figcaption)>|<br>', '\n', markup)
    text = html.unescape(re.sub(r'<[^>]*>', '', markup))
    return [re.sub(r'\s+', ' ', p).strip() for p in text.split('\n') if p.strip()]


class Wire(unittest.TestCase):
    maxDiff = 2000

    def test_all_editions(self):
        labels = {}
        with open(os.path.join(ROOT, 'feeds', 'labels.jsonl'), encoding='utf-8') as f:
            for row in map(json.loads, f):
                labels.setdefault(row['feed'], {})[row['guid']] = row
        languages = set()
        for feed in sorted(f for f in labels if f.startswith('meridianwire')):
            with open(os.path.join(ROOT, 'feeds', feed), 'rb') as f:
                done = subprocess.run([WINNOW, 'filter', '--format', 'json', '--source', 'https://www.meridianwire.example/' + feed],
                                      stdin=f, stdout=subprocess.PIPE, check=True)
            items = json.loads(done.stdout.decode('utf-8'))['items']
            self.assertEqual(len(items), len(labels[feed]), feed)
            for item in items:
                label = labels[feed][item['id']]
                with self.subTest(feed=feed, guid=item['id']):
                    self.assertEqual(paragraphs(item['content_html']), paragraphs(label['text'].replace('\n', '<br>')))
                    for sector in label['sectors']:
                        self.assertIn(sector, item.get('tags', []))
                    self.assertNotIn('utm_', item['url'])
                    languages.add(label['lang'])
        self.assertEqual(len(languages), 15)


if __name__ == '__main__':
    unittest.main()
