# SPDX-License-Identifier: Apache-2.0
"""./dev eval xss: the XSS vectors of ../shared/data/hostile through the filter and a headless Chromium,
in batches, as tests/e2e/test_xss_browser.py does with the project's own."""
import gzip
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'e2e'))
if not os.path.isfile(os.path.join(os.environ.get('WINNOW_BUILD_DIR', ''), 'tests', 'host_tiny')):
    for folder in ('build/dev', 'build'):
        if os.path.isfile(os.path.join(ROOT, folder, 'tests', 'host_tiny')):
            os.environ['WINNOW_BUILD_DIR'] = os.path.join(ROOT, folder)
            os.environ['WINNOW_FILTERS_DIR'] = os.path.join(ROOT, folder, 'filters')
            break
import test_xss_browser as browser  # noqa: E402


def main():
    path = os.path.join(ROOT, '..', 'shared', 'data', 'hostile', 'xss-vectors.jsonl.gz')
    if not os.path.isfile(path):
        print('the vectors of ../shared/data/hostile are not here: nothing measured')
        return 0
    if not browser.chromium():
        print('no Chromium here (Debian package chromium): nothing measured')
        return 0
    with gzip.open(path, 'rt', encoding='utf-8') as f:
        vectors = [json.loads(line) for line in f]
    hits = active = 0
    for i in range(0, len(vectors), 100):
        result = browser.browse(browser.clean([v['input'] for v in vectors[i:i + 100]]))
        hits += len(result['hits'])
        active += len(result['active'])
        for line in result['hits'] + result['active']:
            print('  batch from %d: %s' % (i, line))
    print('%d vectors, %d contexts each: %d ran, %d active elements or attributes' %
          (len(vectors), len(browser.CONTEXTS), hits, active))
    return 1 if hits or active else 0


sys.exit(main())
