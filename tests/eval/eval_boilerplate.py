# SPDX-License-Identifier: Apache-2.0
"""Quality of boilerplate removal: keep-phrases kept, drop-phrases dropped, trackers left, harm.

./dev eval boilerplate [-v] [--publisher-split]   reads the labelled items and fragments of
../shared/data/boilerplate; -v names each phrase that went wrong. --publisher-split adds what the rules
would do for publishers that nobody has seen yet: see split(). One table: the raw item, Mozilla's Readability (npm) where it is
installed, rules only, learned only, both; then by language, and the sample wire of feeds/.
"""
import collections
import gzip
import html
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, '..', 'shared', 'data', 'boilerplate')
HOST = os.path.join(ROOT, 'build', 'measure', 'boilerplate_host')
LEARNED_OFF = ['learned=false']
RULES = ('appeared continue disclaimer distributor copyright newsletter share related comments '
         'advertisement page dateline sectors pixels parameters widgets hidden pictures title').split()

READABILITY = r"""
const {JSDOM} = require('jsdom'); const {Readability} = require('@mozilla/readability');
const rl = require('readline').createInterface({input: process.stdin});
rl.on('line', l => { const x = JSON.parse(l); let out = x.content;
  try { const dom = new JSDOM('<html><head><title></title></head><body>' + x.content + '</body></html>',
      {url: 'https://example.org/'});
    const a = new Readability(dom.window.document, {charThreshold: 0}).parse(); out = a ? a.content : ''; }
  catch (e) { }
  console.log(JSON.stringify({content: out})); });
"""


def squeeze(text):
    """What two texts are compared by: words without white space, for extractors differ in it."""
    return re.sub(r'\s+', '', text)


def text_of(markup):
    markup = re.sub(r'(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->', '', markup)
    return squeeze(html.unescape(re.sub(r'<[^>]*>', '', markup)))


def pixels(markup):
    n = 0
    for tag in re.findall(r'(?i)<img\b[^>]*>', markup):
        size = dict((k.lower(), v) for k, v in re.findall(r'''(?i)\b(width|height)\s*=\s*["']?(\d+)''', tag))
        tiny = size.get('width') in ('0', '1') and size.get('height') in ('0', '1')
        n += tiny or bool(re.search(r'(?i)feedburner\.com/~|feedsportal\.com|doubleclick|/pixel', tag))
    return n


def load(name):
    with gzip.open(os.path.join(DATA, name), 'rt', encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def run(command, rows, **kw):
    text = ''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in rows)
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, encoding='utf-8', check=True, **kw)
    return [json.loads(line) for line in done.stdout.split('\n') if line]


def readability(rows):
    for folder in (ROOT, os.path.join(ROOT, 'build'), os.environ.get('READABILITY', '')):
        if folder and os.path.isdir(os.path.join(folder, 'node_modules', '@mozilla', 'readability')):
            try:
                return run(['node', '-e', READABILITY], rows, cwd=folder)
            except (OSError, subprocess.CalledProcessError) as e:
                print('Readability failed:', e, file=sys.stderr)
    return None


def score(rows, outputs, drop='drop', verbose=False, name=''):
    """Counts phrases; a keep-phrase counts as lost only if the raw item has it in its text."""
    c = collections.Counter()
    for row, out in zip(rows, outputs):
        raw, text = text_of(row['html']), text_of(out['content'])
        harmed = False
        for phrase in row['keep']:
            p = squeeze(phrase)
            c['keep'] += 1
            c['kept'] += p in text
            if p in raw:
                c['keep_there'] += 1
                c['kept_there'] += p in text
                if p not in text:
                    harmed = True
                    if verbose:
                        print('LOST', name, row.get('lang'), row['id'], phrase[:160])
                        for rule, gone, place, _ in out.get('removed', []):
                            if squeeze(gone)[:40] and (squeeze(gone) in p or p in squeeze(gone)):
                                print('     by', rule, place, gone[:120])
        for phrase in row[drop]:
            p = squeeze(phrase)
            c['drop'] += 1
            c['dropped'] += p not in text
            if verbose and p in text:
                print('LEFT', name, row.get('lang'), row['id'], phrase[:160])
        c['harm'] += harmed
        c['items'] += 1
        c['pixels'] += pixels(out['content'])
    return c


def line(name, c):
    share = lambda a, b: '%.3f' % (c[a] / c[b]) if c[b] else '-'
    print('%-34s %7s %7s %7s %7s %7d' % (name, share('dropped', 'drop'), share('kept_there', 'keep_there'),
                                         share('kept', 'keep'), '%.1f%%' % (100 * c['harm'] / max(1, c['items'])),
                                         c['pixels']))


def head(title):
    print('\n%-34s %7s %7s %7s %7s %7s' % (title, 'dropped', 'kept', 'of all', 'harm', 'pixels'))


after = []


def table(title, rows, source, drop, verbose):
    inputs = [{'source': source(r), 'title': r.get('title', ''), 'content': r['html'],
               'link': 'https://example.org/', 'lang': r.get('lang') or ''} for r in rows]
    head(title)
    line('raw', score(rows, [{'content': r['html']} for r in rows], drop))
    peer = readability(inputs)
    if peer:
        line("Mozilla's Readability", score(rows, peer, drop))
    line('rules only', score(rows, run([HOST] + LEARNED_OFF, inputs), drop))
    line('learned only', score(rows, run([HOST] + [r + '=false' for r in RULES], inputs), drop))
    both = run([HOST], inputs)
    if '--publisher-split' in sys.argv[1:]:
        after.append(lambda: split(title, rows, both, drop, verbose))
    line('both', score(rows, both, drop, verbose, title))
    by = collections.defaultdict(lambda: ([], []))
    for r, o in zip(rows, both):
        by[r.get('lang') or '?'][0].append(r)
        by[r.get('lang') or '?'][1].append(o)
    for lang in sorted(by, key=lambda k: -len(by[k][0])):
        line('  %s (%d)' % (lang, len(by[lang][0])), score(*by[lang], drop))
    return both


FOLDS = 5
# Groups that go by markup, repetition or the title: they know no publisher's words.
STRUCTURE = {'pixels', 'parameters', 'widgets', 'hidden', 'pictures', 'title', 'learned'}


def publisher(row):
    """The site of a fragment; of a captured feed, the collection's feed."""
    if 'url' in row:
        host = re.sub(r'^(hard::|https?://)?(www\d?\.)?', '', row['url']).split('/')[0]
        return re.sub(r'^(.*\.)?([^.]+\.[^.]+)$', r'\2', host)
    parts = row['feed'].split('/')
    return '/'.join(parts[:-1]) if 'daily' in row['feed'] else row['feed']


def covering(phrase, removed):
    """The removals that took a phrase, or its pieces."""
    p = squeeze(phrase)
    for r in removed:
        gone = squeeze(r[1])
        if gone and (p in gone or (len(gone) >= 4 and gone in p)):
            yield r


def split(title, rows, outputs, drop, verbose):
    """Leave publishers out: a phrase that goes counts in its fold only if what took it is markup, place or
    repetition, or a pattern that also takes something at a publisher of another fold. So rules that one
    publisher's items suggested count for nothing there: a lower bound for publishers never seen (a true
    phrase of the trade that this small sample shows once is counted out too)."""
    fold_of = lambda row: sum(publisher(row).encode()) % FOLDS
    seen = collections.defaultdict(set)
    for row, out in zip(rows, outputs):
        for rule, text, place, pattern in out['removed']:
            if pattern:
                seen[pattern].add(publisher(row))
    folds = collections.defaultdict(collections.Counter)
    alone = collections.Counter()
    for row, out in zip(rows, outputs):
        text, me = text_of(out['content']), publisher(row)
        c = folds[fold_of(row)]
        c['publishers ' + me] = 1
        for phrase in row['keep']:
            if squeeze(phrase) in text_of(row['html']):
                c['keep'] += 1
                c['kept'] += squeeze(phrase) in text
        for phrase in row[drop]:
            c['drop'] += 1
            if squeeze(phrase) in text:
                continue
            c['dropped'] += 1
            took = list(covering(phrase, out['removed']))
            fold = fold_of(row)
            others = lambda r: any(sum(x.encode()) % FOLDS != fold for x in seen[r[3]])
            if not took or any(r[0] in STRUCTURE or not r[3] or others(r) for r in took):
                c['unseen'] += 1
            else:
                alone[took[0][3], me, phrase[:80]] += 1
    print('\n%-34s %7s %7s %7s %7s' % (title + ', by publisher', 'sites', 'dropped', 'unseen', 'kept'))
    total = collections.Counter()
    for k in sorted(folds) + ['all']:
        c = total if k == 'all' else folds[k]
        if k != 'all':
            total.update(c)
        share = lambda a, b: '%.3f' % (c[a] / c[b]) if c[b] else '-'
        print('%-34s %7d %7s %7s %7s' % ('  fold %s' % k, sum(x.startswith('publishers ') for x in c),
                                         share('dropped', 'drop'), share('unseen', 'drop'),
                                         share('kept', 'keep')))
    if verbose:
        for (pattern, site, phrase), n in alone.most_common():
            print('ONE PUBLISHER', pattern, site, n, phrase)


def folded(text):
    return [re.sub(r'\s+', ' ', p).strip() for p in text.split('\n') if p.strip()]


def wire(verbose):
    """The sample wire: exactly the article's text, the sectors as categories."""
    import feedparser
    labels = {}
    with open(os.path.join(ROOT, 'feeds', 'labels.jsonl'), encoding='utf-8') as f:
        for row in map(json.loads, f):
            labels[row['feed'], row['guid']] = row
    rows, wanted = [], []
    feeds = sorted({feed for feed, _ in labels})
    for feed in feeds:
        d = feedparser.parse(os.path.join(ROOT, 'feeds', feed), sanitize_html=False)
        for e in d.entries:
            label = labels[feed, e.id]
            markup = e.content[0].value if 'content' in e and e.content else e.get('summary', '')
            rows.append({'source': feed, 'title': e.title, 'link': e.link, 'content': markup,
                         'lang': d.feed.get('language', '')})
            wanted.append(label)
    exact = collections.Counter()
    for label, out in zip(wanted, run([HOST], rows)):
        same = folded(out['text']) == folded(label['text'])
        sectors = all(s in out['categories'] for s in label.get('sectors', []))
        exact[label['lang'], 'n'] += 1
        exact[label['lang'], 'text'] += same
        exact[label['lang'], 'sectors'] += sectors
        if verbose and not (same and sectors):
            have, want = folded(out['text']), folded(label['text'])
            print('WIRE', label['feed'], label['guid'], 'sectors ok' if sectors else
                  'sectors %s, got %s' % (label.get('sectors'), out['categories']))
            for p in have:
                if p not in want:
                    print('   too much:', p[:200])
            for p in want:
                if p not in have:
                    print('   missing: ', p[:200])
    print('\n%-34s %7s %7s %7s' % ('sample wire', 'items', 'text', 'sectors'))
    for lang in sorted({k for k, _ in exact}):
        print('%-34s %7d %7d %7d' % ('  ' + lang, exact[lang, 'n'], exact[lang, 'text'], exact[lang, 'sectors']))


def main():
    verbose = '-v' in sys.argv[1:]
    if os.path.isfile(os.path.join(DATA, 'items.jsonl.gz')):
        items = load('items.jsonl.gz')
        table('feed items, drop_sure', items, lambda r: os.path.dirname(r['feed']) if 'daily' in r['feed']
              else r['feed'], 'drop_sure', verbose)
        table('fragments', load('fragments.jsonl.gz'), lambda r: 'https://fragment.example/%s' % r['id'],
              'drop', verbose)
    else:
        print('the labelled items of ../shared/data/boilerplate are not here: only the sample wire is measured')
    wire(verbose)
    for job in after:
        job()


main()
