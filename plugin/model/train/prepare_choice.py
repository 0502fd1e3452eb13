#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the encoder is watched by and what it carries along.

Usage: prepare_choice.py DATA_FOLDER CHOICE.tsv BACKGROUND.tsv

CHOICE.tsv: documents that are never trained on (editions/ntrex_dev), as prepare_corpus.py writes texts.
BACKGROUND.tsv: 64 sentences of general news in fifteen languages (topics/sib200, train), for add_background.
"""
import collections
import gzip
import json
import os
import sys

LANGS = "en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split()


def clean(s):
    return " ".join(s.split())


def choice(data, out):
    docs = collections.OrderedDict()
    with gzip.open(os.path.join(data, "editions", "ntrex_dev.jsonl.gz"), "rt", encoding="utf-8") as f:
        for r in map(json.loads, f):
            docs.setdefault(r["doc"], {})[r["lang"]] = r["sentences"]
    group = 0
    for doc, langs in docs.items():
        for i in range(max(map(len, langs.values()))):
            for lang, sentences in langs.items():
                if i < len(sentences) and clean(sentences[i]):
                    out.write(f"ntrex\t{group}\t{doc}\t{lang}\t{clean(sentences[i])}\n")
            group += 1


def background(data, out):
    with gzip.open(os.path.join(data, "topics", "sib200.tsv.gz"), "rt", encoding="utf-8", newline="\n") as f:
        head = f.readline().rstrip("\n").split("\t")
        rows = [dict(zip(head, line.rstrip("\n").split("\t"))) for line in f]
    rows = [r for r in rows if r["split"] == "train" and all(r.get(l) for l in LANGS)]
    for r in rows[:: len(rows) // 64][:64]:
        out.write("\t".join(clean(r[l]) for l in LANGS) + "\n")


def main():
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        choice(sys.argv[1], f)
    with open(sys.argv[3], "w", encoding="utf-8") as f:
        background(sys.argv[1], f)


if __name__ == "__main__":
    main()
