# SPDX-License-Identifier: Apache-2.0
"""What the boilerplate filter lets through does nothing in a real browser: each hostile document of
tests/fuzz/corpus/html goes through boilerplate.so, and a headless Chromium loads what comes out, as part
of a page and by innerHTML in many contexts. Skipped where there is no Chromium.

tests/eval/eval_xss.py does the same with the vectors of ../shared/data/hostile."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.environ.get('WINNOW_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('WINNOW_BUILD_DIR') or os.path.join(ROOT, 'build', 'dev')
FILTERS = os.environ.get('WINNOW_FILTERS_DIR') or os.path.join(BUILD, 'filters')

CONTEXTS = ['<div>%s</div>', '<svg>%s</svg>', '<svg><foreignObject>%s</foreignObject></svg>', '<math><mtext>%s</mtext></math>',
            '<table>%s</table>', '<table><tr><td>%s</td></tr></table>', '<template>%s</template>', '<select>%s</select>',
            '<noscript>%s</noscript>', '<style>%s</style>', '<svg><style>%s</style></svg>', '<title>%s</title>',
            '<textarea>%s</textarea>', '<p>%s</p>', '<a>%s</a>', '<math><annotation-xml encoding="text/html">%s</annotation-xml></math>']

PAGE = r'''<!DOCTYPE html><meta charset="utf-8"><title>test</title>
<script>
var hits = [], self = document.currentScript;
function hit(n) { hits.push(String(n)); }
alert = confirm = prompt = print = hit;
window.addEventListener('error', function (e) { if (e.target === window) hits.push('error ' + e.message); }, true);
</script>
<div id="static">%(static)s</div>
<script id="mine">
var outputs = %(outputs)s, contexts = %(contexts)s, active = [];
function scan(root, where) {
  root.querySelectorAll('*').forEach(function (e) {
    var name = e.localName;
    if (/^(script|object|embed|applet|form|input|button|meta|link|base|frame|portal)$/.test(name)) active.push(where + ' <' + name + '>');
    if (name === 'style' && e.namespaceURI.indexOf('xhtml') > 0 && !e.dataset.context) active.push(where + ' <style>');
    for (var a of e.attributes) {
      if (/^on|^(srcdoc|style|id|name|formaction|ping|background)$/i.test(a.name)) active.push(where + ' ' + name + ' ' + a.name);
      if (/^\s*(javascript|vbscript|data:(?!image\/))/i.test(a.value.replace(/[\x00-\x20]/g, '')) && /^(href|src|xlink:href|action|data|poster|cite)$/.test(a.name)) active.push(where + ' ' + a.name + '=' + a.value.slice(0, 40));
    }
    if (e instanceof HTMLIFrameElement && !/^https:\/\/([a-z0-9-]+\.)*(youtube\.com|youtube-nocookie\.com|vimeo\.com|dailymotion\.com|soundcloud\.com|spotify\.com|bandcamp\.com)\//.test(e.src)) active.push(where + ' iframe ' + e.src);
    if (name === 'template') scan(e.content, where);
  });
}
scan(document.getElementById('static'), 'static');
outputs.forEach(function (out, i) {
  contexts.forEach(function (context) {
    var box = document.createElement('div');
    var marked = context.replace('<style>', '<style data-context=1>');
    document.body.appendChild(box);
    box.innerHTML = marked.replace('%%s', function () { return out; });
    scan(box, i + ' in ' + context);
    /* and once more through the browser's own serialisation */
    box.innerHTML = box.innerHTML;
    scan(box, i + ' again in ' + context);
    document.body.removeChild(box);
  });
});
window.addEventListener('load', function () { setTimeout(function () {
  document.getElementById('static').remove();
  var pre = document.createElement('pre'); pre.id = 'result';
  pre.textContent = 'RESULT' + JSON.stringify({hits: hits, active: active.slice(0, 40), n: outputs.length}) + 'END';
  document.body.replaceChildren(pre);
}, 300); });
</script>'''


def chromium():
    return next((p for p in map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome')) if p), None)


def clean(vectors):
    """The contents that boilerplate.so makes of them, through the least of hosts."""
    lines = ''.join('t\nhttps://example.org/x\n%s\n' % re.sub(r'[\r\n\0]', ' ', v) for v in vectors)
    done = subprocess.run([os.path.join(BUILD, 'tests', 'host_tiny'), os.path.join(FILTERS, 'boilerplate.so')],
                          input=lines.encode('utf-8', 'replace'), stdout=subprocess.PIPE, check=True)
    found = re.findall(r'^\d+\tcontent\t(.*(?:\n(?!\d+\t|log\t).*)*)', done.stdout.decode('utf-8'), re.M)
    if len(found) != len(vectors):
        raise AssertionError('%d contents for %d vectors' % (len(found), len(vectors)))
    return found


def browse(outputs):
    page = PAGE % {'static': '\n'.join(outputs), 'outputs': json.dumps(outputs).replace('<', '\\u003c'),
                   'contexts': json.dumps(CONTEXTS).replace('<', '\\u003c')}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'page.html')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(page)
        for attempt in 'once', 'again':  # a browser that doesn't start says nothing of the vectors
            done = subprocess.run(
                [chromium(), '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
                 '--user-data-dir=' + os.path.join(folder, attempt), '--host-resolver-rules=MAP * ~NOTFOUND',
                 '--virtual-time-budget=8000', '--timeout=120000', '--dump-dom', 'file://' + path],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=200)
            dom = done.stdout.decode('utf-8', 'replace')
            found = re.search(r'RESULT(.*)END', dom, re.S)
            if found:
                break
    if not found:
        raise AssertionError('no result from the browser: %s %s' % (dom[-300:], done.stderr.decode()[-300:]))
    return json.loads(found.group(1).replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&'))


class Browser(unittest.TestCase):
    def setUp(self):
        if not chromium():
            self.skipTest('no Chromium here (Debian package chromium)')

    def test_the_test_itself(self):
        """Unclean vectors are seen: else silence would prove nothing."""
        result = browse(['<img src=x onerror=hit(1)>', '<a href="javascript:hit(2)">x</a>'])
        self.assertIn('1', result['hits'])
        self.assertTrue(any('onerror' in a for a in result['active']))
        self.assertTrue(any('javascript' in a for a in result['active']))

    def test_nothing_runs(self):
        folder = os.path.join(ROOT, 'tests', 'fuzz', 'corpus', 'html')
        vectors = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding='utf-8', errors='replace') as f:
                vectors.append(f.read())
        self.assertGreater(len(vectors), 50)
        result = browse(clean(vectors))
        self.assertEqual(result['n'], len(vectors))
        self.assertEqual(result['hits'], [])
        self.assertEqual(result['active'], [])


if __name__ == '__main__':
    unittest.main()
