#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the verifier of language editions: evidence on two items to log odds that they are one article.

Usage: train_verifier.py DATA_FOLDER DUMP_PAIRS MODEL WORK_FOLDER OUT.h

Items are news documents in 15 languages (editions/ntrex_dev), whole, as title and lead, as a title alone, or mixed, in
four worlds as a reader's window may hold them: every document in every language; most in one, some in a few; the same
a few documents at a time; the same among thousands of strangers, each of which stands in one language only. DUMP_PAIRS
(dump_pairs.c, built with the filter's own code) puts them through the filter's search and evidence. Prints a
cross-validation by documents, writes the forests of both halves to WORK_FOLDER (half0.txt, half1.txt: trained without
the documents of that half) and the one trained on all to OUT.h.
"""
import collections
import gzip
import json
import os
import re
import subprocess
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

DATA, DUMP, MODEL, WORK, OUT = sys.argv[1:6]
LANGS = "en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split()
FEATURES = 35
TIERS = {"title": (1,), "lead": (2,), "full": (999,), "mixed": (1, 2, 999)}
# Features by which the odds may only rise (1) or fall (-1): what sense says, so that a small sample cannot say else.
RISING = [1] * 8 + [1, 1, 1, 1, 1, -1, 1, -1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, -1]


def table(name):
    with gzip.open(os.path.join(DATA, name), "rt", encoding="utf-8", newline="\n") as f:
        head = f.readline().rstrip("\n").split("\t")
        for line in f:
            yield dict(zip(head, line.rstrip("\n").split("\t")))


def clean(s):
    return " ".join(s.split())


def ours(lang):
    return "zh-Hans" if lang == "zh" else lang


def documents():
    docs = collections.defaultdict(dict)
    with gzip.open(os.path.join(DATA, "editions", "ntrex_dev.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            docs[r["doc"]][r["lang"]] = [clean(s) for s in r["sentences"] if s.strip()]
    return dict(docs)


def strangers():
    """Items of one language each, whose licence allows training: lists of sentences."""
    rng, out = np.random.default_rng(7), []
    with gzip.open(os.path.join(DATA, "topics", "tgcontest.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            out.append((r["lang"], [clean(r["title"])] + re.split(r"(?<=[.!?]) +", clean(r["text"]))))
    for r in table("topics/spanish_topic_news.tsv.gz"):
        head = clean(r["headline"]).capitalize()
        text = clean(r["text"])
        text = text[len(head):] if text.lower().startswith(head.lower()) else text
        out.append(("es", [head] + re.split(r"(?<=[.!?]) +", text)))
    grouped = collections.defaultdict(list)
    for r in table("parallel/wmt21_news_en.tsv.gz"):
        grouped[r["doc"]].append(r)
    for rows in grouped.values():
        lang = rng.choice(["en", "de", "ja", "ru", "zh"])
        out.append((ours(lang), [clean(r[lang]) for r in rows if r.get(lang)]))
    # Neighbours in these tables speak of one thing: a whole block of rows goes to one language.
    for name, langs, block in (("parallel/pud.tsv.gz", "en ko ja ar zh th id de ru fr es pt".split(), 6),
                               ("topics/sib200.tsv.gz", LANGS, 8)):
        for k, r in enumerate(table(name)):
            lang = langs[k // block * 7 % len(langs)]
            if r.get(lang):
                out.append((ours(lang), [clean(r[lang])]))
    for k, r in enumerate(table("parallel/bilingual_misc.tsv.gz")):
        if r["source"] in ("alt", "ko-en-news", "wmt21") and k % 7 == 0:
            side = "12"[k // 200 % 2]
            out.append((ours(r["l" + side]), [clean(r["t" + side])]))
    return [(l, [s for s in t if s][:40]) for l, t in out if t and any(t)]


def world(docs, others, kind, rng):
    """Lists of (document, language, sentences) to arrive together."""
    chosen = []
    for d in sorted(docs):
        u = rng.random()
        n = 15 if kind == "closed" else 1 if u < 0.4 else rng.integers(2, 4) if u < 0.7 else rng.integers(4, 16)
        langs = list(rng.permutation(sorted(docs[d])))[:n]
        chosen.append([(d, l, docs[d][l]) for l in langs])
    if kind != "cold":
        items = [i for c in chosen for i in c]
        if kind == "crowd":
            items += [(f"crowd{k}", l, s) for k, (l, s) in enumerate(others)]
        return [[items[k] for k in rng.permutation(len(items))]]
    order = rng.permutation(len(chosen))
    lots = [[i for o in order[s:s + 8] for i in chosen[o]] for s in range(0, len(order), 8)]
    return [[lot[k] for k in rng.permutation(len(lot))] for lot in lots]


PLAN = (("closed", 1), ("open", 4), ("cold", 4), ("crowd", 2))


def pairs(docs, others, seed, name):
    """Evidence on the pairs of all worlds: X, y, weights."""
    rng, number, lots = np.random.default_rng(seed), 0, []
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as f:
        for tier, sizes in TIERS.items():
            for kind, times in PLAN:
                for _ in range(times):
                    for items in world(docs, others, kind, rng):
                        for doc, lang, s in items:
                            n = int(rng.choice(sizes))
                            f.write("\t".join((str(number), doc, lang, s[0], "\x01".join(s[1:n]))) + "\n")
                        lots.append((tier, kind))
                        number += 1
    with open(path) as f:
        raw = subprocess.run([DUMP, MODEL], stdin=f, stdout=subprocess.PIPE, check=True).stdout
    x = np.frombuffer(raw, dtype=np.float32).reshape(-1, 4 + FEATURES)
    kinds = np.array([list(TIERS).index(t) * 4 + [k for k, _ in PLAN].index(w) for t, w in lots])[x[:, 0].astype(int)]
    return x[:, 4:], x[:, 1].astype(int), kinds


def train(x, y, kinds):
    # A stranger taken for an edition harms more than an edition missed; and strangers are what a window is full of.
    weight = np.where((y == 0) & (kinds % 4 == 3), 1.5, 1.0)
    model = HistGradientBoostingClassifier(max_iter=180, learning_rate=0.07, max_leaf_nodes=14, min_samples_leaf=80,
                                           l2_regularization=2, monotonic_cst=RISING)
    return model.fit(x, y, sample_weight=weight)


def forest(model):
    """Bias, roots and nodes (feature, right, value), in the order that pair.c walks."""
    nodes, roots = [], []

    def put(tree, k):
        n, at = tree[k], len(nodes)
        if n["is_leaf"]:
            nodes.append((-1, 0, float(n["value"])))
            return
        nodes.append(None)
        put(tree, n["left"])
        right = len(nodes)
        put(tree, n["right"])
        nodes[at] = (int(n["feature_idx"]), right, float(n["num_threshold"]))

    for (predictor,) in model._predictors:
        roots.append(len(nodes))
        put(predictor.nodes, 0)
    return float(model._baseline_prediction.ravel()[0]), roots, nodes


def write_text(path, bias, roots, nodes):
    with open(path, "w") as f:
        f.write(f"{bias!r} {len(roots)} {len(nodes)}\n" + " ".join(map(str, roots)) + "\n")
        for a, b, v in nodes:
            f.write(f"{a} {b} {v:.7g}\n")


def write_header(path, bias, roots, nodes):
    def lines(cells):
        out, line = [], "   "
        for c in cells:
            if len(line) + len(c) + 2 > 98:
                out.append(line)
                line = "   "
            line += " " + c + ","
        return "\n".join(out + [line])

    with open(path, "w") as f:
        f.write("/* SPDX-License-Identifier: Apache-2.0 */\n"
                "/* Written by plugin/model/train/train_verifier.py; see plugin/model/CARD.md. */\n"
                "/* clang-format off */\n"
                f"#define VERIFIER_BIAS {bias:.6f}f\n#define VERIFIER_TREES {len(roots)}u\n"
                f"static const uint16_t VERIFIER_ROOT[{len(roots)}] = {{\n{lines(map(str, roots))}\n}};\n"
                f"static const struct verifier_node VERIFIER_NODES[{len(nodes)}] = {{\n")
        f.write(lines("{%d,%d,%sf}" % (a, b, ("%.5g" % v) if "." in "%.5g" % v or "e" in "%.5g" % v else "%.5g." % v)
                      for a, b, v in nodes) + "\n};\n")


def report(model, x, y, kinds):
    z = model.decision_function(x)
    for t, tier in enumerate(TIERS):
        for k, (kind, _) in enumerate(PLAN):
            m = kinds == t * 4 + k
            hit, said, true = ((z[m] > 0) & (y[m] == 1)).sum(), (z[m] > 0).sum(), y[m].sum()
            p, r = hit / max(said, 1), hit / max(true, 1)
            print(f"  {tier:6} {kind:7} pairs P {p:.4f} R {r:.4f} F1 {2 * p * r / max(p + r, 1e-9):.4f}", flush=True)


def main():
    docs, others = documents(), strangers()
    names = sorted(docs)
    half = [{d: docs[d] for d in names[h::2]} for h in (0, 1)]
    crowd = [others[h::2] for h in (0, 1)]
    print(f"{len(docs)} documents, {len(others)} strangers", flush=True)
    data = [pairs(half[h], crowd[h], 10 + h, f"items{h}.tsv") for h in (0, 1)]
    for h in (0, 1):
        model = train(*data[1 - h])
        print(f"half {h}, by what was learned from the other:")
        report(model, *data[h])
        write_text(os.path.join(WORK, f"half{h}.txt"), *forest(model))
    model = train(*(np.concatenate(p) for p in zip(*data)))
    write_header(OUT, *forest(model))


if __name__ == "__main__":
    main()
