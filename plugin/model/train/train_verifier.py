#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the verifier of language editions: evidence on two items to log odds that they are one article.

Usage: train_verifier.py DATA_FOLDER DUMP_PAIRS MODEL WORK_FOLDER OUT.h

Items are news documents in 15 languages (editions/ntrex_dev), whole, as title and lead, as a title alone, or mixed, in
worlds as a reader's window may hold them: every document in every language; most in one, some in a few; the same a few
documents at a time; the same among thousands of strangers, each of which stands in one language only. Besides the
documents themselves, pieces of them serve as items of their own ("cuts": other pieces of the same document are then the
hardest strangers), and two reports made of the sentences of one ("reports": one event, two articles). DUMP_PAIRS
(dump_pairs.c, built with the filter's own code) puts them through the filter's search and evidence. Prints a
cross-validation by documents, writes the forests of both halves to WORK_FOLDER (half0.txt, half1.txt: trained without
the documents and strangers of that half, as ./dev eval editions --half N counts them) and the one trained on all to
OUT.h. What DUMP_PAIRS said is kept in WORK_FOLDER and used again.
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
from sklearn.linear_model import LogisticRegression

DATA, DUMP, MODEL, WORK, OUT = sys.argv[1:6]
LANGS = "en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split()
FEATURES = 39
TIERS = {"title": (1,), "lead": (2,), "full": (999,), "mixed": (1, 2, 999)}
# Features by which the odds may only rise (1) or fall (-1): what sense says, so that a small sample cannot say else.
RISING = [1] * 8 + [1, 1, 1, 1, 1, -1, 1, -1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, -1, 1, -1, -1, 1]


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
    """Items that stand in one language only, whose licence allows training: lists of {language: sentences}.

    The rows of PUD and SIB-200 that ./dev eval editions takes for its crowd are left out.
    """
    out = []
    with gzip.open(os.path.join(DATA, "topics", "tgcontest.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            out.append({r["lang"]: [clean(r["title"])] + re.split(r"(?<=[.!?]) +", clean(r["text"]))})
    for r in table("topics/spanish_topic_news.tsv.gz"):
        head = clean(r["headline"]).capitalize()
        text = clean(r["text"])
        text = text[len(head):] if text.lower().startswith(head.lower()) else text
        out.append({"es": [head] + re.split(r"(?<=[.!?]) +", text)})
    grouped = collections.defaultdict(list)
    for r in table("parallel/wmt21_news_en.tsv.gz"):
        grouped[r["doc"]].append(r)
    for rows in grouped.values():
        out.append({ours(l): [clean(r[l]) for r in rows if r.get(l)] for l in ("en", "de", "ja", "ru", "zh")})
    # Neighbours in these tables speak of one thing, and are yet no editions of each other.
    for name, taken in (("parallel/pud.tsv.gz", 3), ("topics/sib200.tsv.gz", 5)):
        for k, r in enumerate(table(name)):
            if k % taken:
                out.append({ours(l): [clean(v)] for l, v in r.items() if ours(l) in LANGS and v})
    for k, r in enumerate(table("parallel/bilingual_misc.tsv.gz")):
        if r["source"] in ("alt", "ko-en-news", "wmt21") and k % 7 == 0:
            out.append({ours(r["l" + side]): [clean(r["t" + side])] for side in "12"})
    # Headlines, and pairs of them that say much the same, but not the same.
    rows = {r["en"]: {ours(l): [clean(r[l])] for l in map(str, r) if ours(l) in LANGS and r[l]}
            for r in table("parallel/stsb_sentences.tsv.gz") if r["source"] in ("headlines", "deft-news", "MSRpar")}
    for r in table("parallel/stsb_pairs_scores.tsv.gz"):
        if r["en1"] in rows and r["en2"] in rows:
            out.append(rows.pop(r["en1"]))
            other = rows.pop(r["en2"], None)
            if other and float(r["score"]) < 3.2:
                out.append(other)
    out = [{l: [s for s in t if s][:40] for l, t in o.items() if any(t)} for o in out]
    return [o for o in out if o]


def some(rng, kind):
    """In how many languages a document stands."""
    u = rng.random()
    return 15 if kind == "closed" else 1 if u < 0.4 else rng.integers(2, 4) if u < 0.7 else rng.integers(4, 16)


def pieces(docs, tier, rng):
    """Each document as several: its runs of sentences."""
    out = {}
    for d, langs in docs.items():
        n, at, k = min(map(len, langs.values())), 0, 0
        while at < n:
            size = {"title": 1, "lead": 2}.get(tier) or int(rng.integers(3, 11))
            if at + size <= n or at == 0 or tier == "mixed":
                out[f"{d}/{k}"] = {l: s[at:at + size] for l, s in langs.items()}
            at, k = at + size, k + 1
    keep = rng.permutation(sorted(out))[:260]
    return {d: out[d] for d in keep}


def reports(docs):
    """Two articles of each document, of every second sentence each."""
    return {f"{d}/{k}": {l: s[k::2] for l, s in langs.items()} for d, langs in docs.items() for k in (0, 1)
            if min(map(len, langs.values())) >= 6}


def updates(docs, rng):
    """Two articles of each document that have the title in common, and often the lead: a short one, and one of the rest."""
    out = {}
    for d, langs in docs.items():
        n = min(map(len, langs.values()))
        if n >= 8:
            rest, short, lead = rng.permutation(np.arange(2, n)), int(rng.integers(3, 2 + (n - 2) // 2)), rng.random() < 0.5
            for k, some_of in enumerate((rest[:short], rest[short:])):
                at = [0, *([1] if lead or k else []), *sorted(some_of)]
                out[f"{d}/{k}"] = {l: [s[i] for i in at] for l, s in langs.items()}
    return out


def world(docs, others, kind, rng):
    """Lists of (document, language, sentences) to arrive together."""
    chosen = []
    for d in sorted(docs):
        langs = list(rng.permutation(sorted(docs[d])))[:some(rng, kind)]
        chosen.append([(d, l, docs[d][l]) for l in langs])
    if kind != "cold":
        items = [i for c in chosen for i in c]
        if kind == "crowd":
            for k, o in enumerate(others):
                lang = sorted(o)[rng.integers(len(o))]
                items.append((f"crowd{k}", lang, o[lang]))
        return [[items[k] for k in rng.permutation(len(items))]]
    order = rng.permutation(len(chosen))
    lots = [[i for o in order[s:s + 8] for i in chosen[o]] for s in range(0, len(order), 8)]
    return [[lot[k] for k in rng.permutation(len(lot))] for lot in lots]


KINDS = ("closed", "open", "cold", "crowd", "cuts", "cutcrowd", "reports", "updates")
PLAN = (("closed", 1), ("open", 6), ("cold", 6), ("crowd", 3), ("cuts", 1), ("cutcrowd", 1), ("reports", 3), ("updates", 4))


PLACED = {"cuts": "open", "cutcrowd": "crowd", "reports": "open", "updates": "open"}


def pairs(docs, others, seed, name):
    """Evidence on the pairs of all worlds: X, y, tier * len(KINDS) + kind, (world, newcomer, first of the other's story)."""
    kept = os.path.join(WORK, name + ".npz")
    if os.path.exists(kept):
        z = np.load(kept)
        return z["x"], z["y"], z["kinds"], z["who"]
    rng, number, lots = np.random.default_rng(seed), 0, []
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as f:
        for t, (tier, sizes) in enumerate(TIERS.items()):
            for kind, times in PLAN:
                if kind == "reports" and tier in ("title", "mixed") or kind == "updates" and tier != "full":
                    continue
                for _ in range(times):
                    of = (pieces(docs, tier, rng) if kind.startswith("cut") else reports(docs) if kind == "reports"
                          else updates(docs, rng) if kind == "updates" else docs)
                    for items in world(of, others, PLACED.get(kind, kind), rng):
                        for doc, lang, s in items:
                            n = int(rng.choice(sizes))
                            f.write("\t".join((str(number), doc, lang, s[0], "\x01".join(s[1:n]))) + "\n")
                        lots.append(t * len(KINDS) + KINDS.index(kind))
                        number += 1
    with open(path) as f:
        raw = subprocess.run([DUMP, MODEL], stdin=f, stdout=subprocess.PIPE, check=True).stdout
    x = np.frombuffer(raw, dtype=np.float32).reshape(-1, 6 + FEATURES)
    who, y, x = x[:, [0, 4, 5]].astype(np.int32), x[:, 1].astype(int), x[:, 6:]
    kinds = np.array(lots)[who[:, 0]]
    np.savez(kept, x=x, y=y, kinds=kinds, who=who)
    return x, y, kinds, who


class Net:
    """One hidden layer, x / (1 + |x|) of each, learned by Adam on weighted log loss."""

    HIDDEN, EPOCHS, BATCH, RATE = 48, 12, 1024, 3e-3

    def __init__(self, q, y, weight):
        rng, n, h = np.random.default_rng(0), len(q), self.HIDDEN
        q, y, weight = q.astype("f"), y.astype("f"), (weight / weight.mean()).astype("f")
        self.p = [rng.normal(0, FEATURES ** -0.5, (FEATURES, h)).astype("f"), np.zeros(h, "f"),
                  rng.normal(0, h ** -0.5, h).astype("f"), np.zeros(1, "f")]
        first, second = ([np.zeros_like(p) for p in self.p] for _ in range(2))
        steps = self.EPOCHS * (n // self.BATCH)
        for step in range(steps):
            at = step % (n // self.BATCH)
            if at == 0:
                order = rng.permutation(n)
            b = order[at * self.BATCH:(at + 1) * self.BATCH]
            x = q[b] @ self.p[0] + self.p[1]
            damped = 1 + np.abs(x)
            a = x / damped
            g = (1 / (1 + np.exp(-(a @ self.p[2] + self.p[3]))) - y[b]) * weight[b] / self.BATCH
            back = np.outer(g, self.p[2]) / damped ** 2
            slopes = (q[b].T @ back + 1e-4 * self.p[0], back.sum(0), a.T @ g + 1e-4 * self.p[2], g.sum(keepdims=True))
            rate = self.RATE * (0.5 + 0.5 * np.cos(np.pi * step / steps))
            for p, m, v, s in zip(self.p, first, second, slopes):
                m += 0.1 * (s - m)
                v += 0.01 * (s * s - v)
                p -= (rate * m / (np.sqrt(v) + 1e-7)).astype("f")

    def decision_function(self, q):
        x = q.astype("f") @ self.p[0] + self.p[1]
        return (x / (1 + np.abs(x))) @ self.p[2] + self.p[3]

    def rows(self):
        """A hidden unit a column: its weight of each feature, its bias, what it weighs."""
        return np.vstack([self.p[0], self.p[1], self.p[2] / 3])


class Verifier:
    """Mean of the log odds of trees, of a linear model and of a small net: they err on different pairs.

    Trees see the most, but say anything of what they have not seen. The linear one has each feature's weight depend on
    how long the texts are and how large the window is.
    """

    BY = (16, 17, 34)  # PF_SHORTER, PF_LONGER, PF_WINDOW

    def __init__(self, trees, x, y, weight):
        self.trees, self.mean, self.scale = trees, x.mean(0), x.std(0) + 1e-6
        self.linear = LogisticRegression(C=0.03, max_iter=400).fit(self.terms(x), y, sample_weight=weight)
        self.net = Net(self.standard(x), y, weight)

    def standard(self, x):
        return np.clip((x - self.mean) / self.scale, -4, 4)

    def terms(self, x):
        q = self.standard(x)
        return np.hstack([q] + [q * q[:, [k]] for k in self.BY])

    def decision_function(self, x):
        return (self.trees.decision_function(x) + self.linear.decision_function(self.terms(x))
                + self.net.decision_function(self.standard(x))) / 3

    def weights(self):
        """A third, as the leaves and the net's are."""
        return self.linear.coef_[0].reshape(1 + len(self.BY), FEATURES) / 3


def train(x, y, kinds, _=None):
    # A stranger taken for an edition harms more than an edition missed; and strangers are what a window is full of.
    kind, rng = kinds % len(KINDS), np.random.default_rng(3)
    weight = np.where((y == 0) & ((kind == 3) | (kind == 5)), 1.5, 1.0)
    weight[kind > 3] *= 0.3  # pieces are read easier than headlines
    # Most strangers are far away and teach little: every tenth of them stands for ten.
    near = x[:, 5] + x[:, 7]
    easy = (y == 0) & (near < np.quantile(near[y == 0], 0.85))
    keep = ~easy | (rng.random(len(y)) < 0.1)
    weight[easy] *= 10
    x, y, weight = x[keep], y[keep], weight[keep]
    trees = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.07, max_leaf_nodes=16, min_samples_leaf=60,
                                           l2_regularization=2, monotonic_cst=RISING, early_stopping=False)
    return Verifier(trees.fit(x, y, sample_weight=weight), x, y, weight)


def forest(model):
    """Bias, roots, nodes (feature, right, value) in the order that pair.c walks, the linear part, the net."""
    nodes, roots = [], []

    def put(tree, k):
        n, at = tree[k], len(nodes)
        if n["is_leaf"]:
            nodes.append((-1, 0, float(n["value"]) / 3))
            return
        nodes.append(None)
        put(tree, n["left"])
        right = len(nodes)
        put(tree, n["right"])
        nodes[at] = (int(n["feature_idx"]), right, float(n["num_threshold"]))

    for (predictor,) in model.trees._predictors:
        roots.append(len(nodes))
        put(predictor.nodes, 0)
    bias = sum(float(np.ravel(b)[0]) for b in (model.trees._baseline_prediction, model.linear.intercept_, model.net.p[3]))
    return bias / 3, roots, nodes, np.vstack([model.mean, model.scale, model.weights()]), model.net.rows()


def write_text(path, bias, roots, nodes, linear, net):
    with open(path, "w") as f:
        f.write(f"{bias!r} {len(roots)} {len(nodes)}\n" + " ".join(map(str, roots)) + "\n")
        for a, b, v in nodes:
            f.write(f"{a} {b} {v:.7g}\n")
        for row in [*linear, *net]:
            f.write(" ".join(f"{v:.7g}" for v in row) + "\n")


def write_header(path, bias, roots, nodes, linear, net):
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
        for note, name, table in (
                ("Mean and scale of each feature; its weight; what that gains by PF_SHORTER, PF_LONGER, PF_WINDOW.",
                 f"VERIFIER_LINEAR[{len(linear)}][{FEATURES}]", linear),
                ("A hidden unit a column: its weight of each feature; its bias; what it weighs.",
                 f"VERIFIER_NET[{len(net)}][{Net.HIDDEN}]", net)):
            f.write(f"/* {note} */\nstatic const float {name} = {{\n")
            for row in table:
                f.write("    {\n" + lines(f"{v:.6e}f" for v in row) + "\n    },\n")
            f.write("};\n")


def report(model, x, y, kinds, _=None):
    z = model.decision_function(x)
    for t, tier in enumerate(TIERS):
        for k, kind in enumerate(KINDS[:4]):
            m = kinds == t * len(KINDS) + k
            order = np.argsort(-z[m])
            right = y[m][order]
            recall, precision = right.cumsum() / max(right.sum(), 1), right.cumsum() / np.arange(1, len(right) + 1)
            f1 = (2 * recall * precision / np.maximum(recall + precision, 1e-9)).max()
            at = {p: recall[precision >= p].max(initial=0) for p in (0.97, 0.99, 0.999)}
            print(f"  {tier:6} {kind:7} {m.sum():7} pairs, {y[m].sum():5} true: best F1 {f1:.4f}, recall at precision "
                  + " ".join(f"{p}: {r:.3f}" for p, r in at.items()), flush=True)


def main():
    docs, others = documents(), strangers()
    names = list(docs)
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
