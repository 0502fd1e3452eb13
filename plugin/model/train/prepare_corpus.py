#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Gathers the parallel texts, dictionaries and names that the encoder is trained on into one file.

Usage: prepare_corpus.py DATA_FOLDER > corpus.tsv

One text a line: source, group, document, language, text. Lines of one group follow each other and mean the same;
groups of one document follow each other in its order. Only data whose licence allows shipping what was learned from it
is read; documents held out for choosing and measuring (editions/) never are.
"""
import collections
import gzip
import os
import sys

LANGS = {"en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi", "th", "id", "ms", "de", "ru", "fr", "es", "pt"}
NAME_LANG = {"arabic": "ar", "chinese": "zh-Hans", "japanese": "ja", "katakana": "ja", "korean": "ko", "russian": "ru"}
NO_LICENCE = ("iden",)  # bilingual_misc's en-id sets say nothing about their licence
SENTENCES = ("msbeginners_blocks", "pud", "stsb_sentences", "tico19", "wmt22_general", "privacyguides_blocks",
             "wmt21_news_en", "wmt23_en", "xquad_paragraphs", "mozilla_ftl_strings", "wikipedia_app_strings",
             "osm_website_strings", "bitcoin_strings", "opensource_guide_blocks", "udhr")
WORDS = ("cldr_names", "cldr_emoji_annotations", "omw_synsets", "osm_id_tagging")


class Writer:
    def __init__(self, root):
        self.root, self.group = root, 0

    def table(self, name):
        with gzip.open(os.path.join(self.root, name + ".tsv.gz"), "rt", encoding="utf-8", newline="\n") as f:
            head = f.readline().rstrip("\n").split("\t")
            for line in f:
                yield dict(zip(head, line.rstrip("\n").split("\t")))

    def put(self, source, doc, texts):
        """texts: pairs of language and text; written if they span two languages."""
        clean = []
        for lang, text in texts:
            text = " ".join(text.split())
            if lang and text:
                clean.append((lang, text))
        if len({lang for lang, _ in clean}) < 2:
            return
        for lang, text in clean:
            sys.stdout.write(f"{source}\t{self.group}\t{doc}\t{lang}\t{text}\n")
        self.group += 1


def language(column):
    column = "zh-Hans" if column == "zh" else column
    return column if column in LANGS else None


def main():
    w = Writer(sys.argv[1])
    for name in SENTENCES:
        for r in w.table("parallel/" + name):
            doc = r.get("doc") or r.get("title") or ""
            w.put(name, doc, [(language(k), v) for k, v in r.items()])
    for r in w.table("parallel/bilingual_misc"):
        if not r["source"].startswith(NO_LICENCE):
            w.put("misc_" + r["source"], "", [(language(r["l1"]), r["t1"]), (language(r["l2"]), r["t2"])])
    for r in w.table("topics/sib200"):
        if r["split"] == "train":
            w.put("sib200", "", [(language(k), v) for k, v in r.items()])
    for name in WORDS:
        for r in w.table("lexicon/" + name):
            w.put(name, "", [(language(k), x.replace("+", "")) for k, v in r.items() for x in dict.fromkeys(v.split("|")[:5])])
    words = collections.defaultdict(lambda: collections.defaultdict(list))
    for r in w.table("lexicon/dict_xx_en"):
        words[r["english"].lower()][r["lang"]].append(r["word"])
    for english, langs in words.items():
        w.put("dictionary", "", [("en", english)] + [(language(l), x) for l, v in langs.items() for x in v[:5]])
    for r in w.table("lexicon/cc_cedict"):
        gloss = [g for g in r["english"].replace("/", ";").split(";") if g.strip() and "variant of" not in g]
        w.put("cedict", "", [("zh-Hans", r["simp"])] + [("en", g) for g in gloss[:2]])
    names = collections.defaultdict(list)
    for r in w.table("lexicon/names_translit"):
        if r["script"] in NAME_LANG:
            names[r["latin"]].append((NAME_LANG[r["script"]], r["native"]))
    for latin, natives in names.items():
        w.put("names", "", [("en", latin)] + natives[:8])


if __name__ == "__main__":
    main()
