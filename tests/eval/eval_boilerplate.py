# SPDX-License-Identifier: Apache-2.0
"""Quality of boilerplate removal: keep-phrases kept, drop-phrases dropped, trackers left, harm.

./dev eval boilerplate [-v] [--publisher-split]   reads the labelled items and fragments of
../shared/data/boilerplate; -v names each phrase that went wrong. --publisher-split adds what the rules
would do for publishers that nobody has seen yet: see split(). One table: the raw item, Mozilla's Readability (npm) where it is
installed, structure only (no known phrase: markup, place and names of classes), rules only, learned only, both;
then by language, and the sample wire of feeds/.
"""
import collections
import gzip
import html
import json
import os
import re
import subprocess
import sys
import tempfile

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


def inputs_of(rows):
    """Rows as the host program reads them. Each fragment is a source of its own: nothing repeats there."""
    source = lambda r: r['feed'] if 'feed' not in r or 'daily' not in r['feed'] else os.path.dirname(r['feed'])
    link = lambda r: re.sub(r'^(hard::)?(https?://)?', 'https://', r.get('url') or 'example.org/')
    return [{'source': source(r) if 'feed' in r else 'https://fragment.example/%s' % r['id'],
             'title': r.get('title', ''), 'content': r['html'], 'link': link(r), 'lang': r.get('lang') or ''}
            for r in rows]


def table(title, rows, drop, verbose):
    inputs = inputs_of(rows)
    head(title)
    line('raw', score(rows, [{'content': r['html']} for r in rows], drop))
    peer = readability(inputs)
    if peer:
        line("Mozilla's Readability", score(rows, peer, drop))
    line('structure only', score(rows, run([HOST, 'skip=patterns'] + LEARNED_OFF, inputs), drop))
    line('rules only', score(rows, run([HOST] + LEARNED_OFF, inputs), drop))
    line('learned only', score(rows, run([HOST] + [r + '=false' for r in RULES], inputs), drop))
    both = run([HOST], inputs)
    if '--publisher-split' in sys.argv[1:]:
        evidence.append((rows, both))
        after.append(lambda: split(title, rows, drop, verbose))
    line('both', score(rows, both, drop, verbose, title))
    by = collections.defaultdict(lambda: ([], []))
    for r, o in zip(rows, both):
        by[r.get('lang') or '?'][0].append(r)
        by[r.get('lang') or '?'][1].append(o)
    for lang in sorted(by, key=lambda k: -len(by[k][0])):
        line('  %s (%d)' % (lang, len(by[lang][0])), score(*by[lang], drop))
    return both


FOLDS = 5


def publisher(row):
    """The site of a fragment; of a captured feed, the collection's feed."""
    if 'url' in row:
        host = re.sub(r'^(hard::|https?://)?(www\d?\.)?', '', row['url']).split('/')[0]
        return re.sub(r'^(.*\.)?([^.]+\.[^.]+)$', r'\2', host)
    parts = row['feed'].split('/')
    return '/'.join(parts[:-1]) if 'daily' in row['feed'] else row['feed']


def named():
    """The names of classes in boilerplate.data, as (name, whether it stands in a class), which takes what
    words_of() makes of the class for lists of words, the class itself for lists of globs."""
    found, kind = [], ''
    with open(os.path.join(ROOT, 'plugin', 'boilerplate', 'boilerplate.data'), encoding='utf-8') as f:
        for line in map(str.strip, f):
            if line.startswith('==='):
                kind = line.split()[1]
            elif not line or line.startswith('#') or kind == 'class-article':
                continue
            elif kind in ('class-strong', 'class-weak'):
                regex = re.compile(re.escape(line.lower()).replace('\\*', '.*') + r'\Z', re.S)
                found.append((line.lower(), lambda name, words, regex=regex: regex.match(name.lower())))
            elif kind.startswith('class-'):
                part = '-' + (line[:-1] if line.endswith('*') else line + '-')
                found.append((line, lambda name, words, part=part: part in words))
    return found


def words_of(name):
    return '-' + re.sub(r'[-_.:/]+', '-', re.sub(r'(?<=[a-z])(?=[A-Z])', '-', name)).strip('-').lower() + '-'


def proofs(rows, outputs):
    """pattern -> the publishers at whom it takes something; a name of a class -> those who use it."""
    seen, names = collections.defaultdict(set), collections.defaultdict(set)
    for row, out in zip(rows, outputs):
        for rule, text, place, pattern in out['removed']:
            if pattern:
                seen[pattern].add(publisher(row))
        for value in re.findall(r'''(?i)\s(?:class|id)\s*=\s*["']([^"']*)''', row['html']):
            for name in value.split():
                names[name].add(publisher(row))
    words = {name: words_of(name) for name in names}
    for pattern, stands in named():
        for name in names:
            if stands(name, words[name]):
                seen['class/' + pattern] |= names[name]
    return seen


evidence = []  # rows and outputs of all tables: what one shows proves a pattern for the other


def split(title, rows, drop, verbose):
    """What publishers that nobody has seen may expect, from below: publishers are parted into folds, and each
    fold is cleaned without the patterns and names of classes that only its own publishers prove. A true phrase
    of the trade that this small sample shows at one publisher only is left out too."""
    seen = collections.defaultdict(set)
    for more in evidence:
        for pattern, sites in proofs(*more).items():
            seen[pattern] |= sites
    fold_of = lambda site: sum(site.encode()) % FOLDS
    print('\n%-34s %7s %7s %7s %7s' % (title + ', by publisher', 'sites', 'dropped', 'kept', 'harm'))
    total = collections.Counter()
    for k in range(FOLDS):
        mine = [r for r in rows if fold_of(publisher(r)) == k]
        alone = sorted(p for p, sites in seen.items() if all(fold_of(s) == k for s in sites))
        with tempfile.NamedTemporaryFile('w', encoding='utf-8') as f:
            f.write('\n'.join(alone) + '\n')
            f.flush()
            outputs = run([HOST, 'skip=' + f.name], inputs_of(mine))
        c = score(mine, outputs, drop, verbose, 'by publisher')
        total.update(c)
        by_publisher('  fold %d' % k, len({publisher(r) for r in mine}), c)
    by_publisher('  all', len({publisher(r) for r in rows}), total)


def by_publisher(name, sites, c):
    share = lambda a, b: '%.3f' % (c[a] / c[b]) if c[b] else '-'
    print('%-34s %7d %7s %7s %7s' % (name, sites, share('dropped', 'drop'), share('kept_there', 'keep_there'),
                                     '%.1f%%' % (100 * c['harm'] / max(1, c['items']))))


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
        table('feed items, drop_sure', items, 'drop_sure', verbose)
        table('fragments', load('fragments.jsonl.gz'), 'drop', verbose)
    else:
        print('the labelled items of ../shared/data/boilerplate are not here: only the sample wire is measured')
    wire(verbose)
    for job in after:
        job()


main()
