# SPDX-License-Identifier: Apache-2.0
"""The steps of train.py behind its corpus: the teacher's opinion, the student's fit, the head, its calibration, the file."""
import ctypes as C, os, pickle, random, struct, subprocess
import numpy as np
import torch
import train as t

VECTOR_GAIN, ENCODER_GAIN, WORD_GAIN = 4.0, 4.0, 0.7  # so that one decay suits all inputs of the head
SOFT, SOFT_WEIGHT = 40000, .6  # texts of the corpus with the teacher's opinion
HEADS = 3  # fits from other seeds, whose mean is shipped
TEMPERATURE = 1.0  # of the shipped head: above one where it is surer than it is right
# Texts of the kind that the filter meets, and human translations, count more in the student's fit than course texts and words.
NEAR = {"sib", "spanish", "telegram", "news", "document", "ntrex", "pud", "alt", "ko-en-news", "tico19", "wmt21", "wmt23",
        "wmt22_general", "wmt21_news_en", "wmt23_en"}
NEAR_WEIGHT, PASSES, DROP = 3.0, 12, .3
CLASSES = 1.5  # what the teacher says of the topics, against its main directions
HEAD_WEIGHT = {"news": 1.0, "document": .5}
SIB_WEIGHT = 2.5  # the largest labelled set in all languages, against the examples and lists, which are more topics
TEACHER_WEIGHT = {"sib": SIB_WEIGHT, "news": 1.0, "document": 1.0}


def topic_ids():
    return [r[0] for r in t.lines(os.path.join(t.TOPICS, "topics-labels.tsv")) if len(r) > 2 and r[0] != "id"]


def term_texts():
    out = []
    for topic, lang, words in t.lines(os.path.join(t.TOPICS, "topics-terms.tsv")):
        for w in words.split(" | "):
            out.append((topic, lang, w.strip().lstrip("!").replace("*", "")))
    return out


class Encoder:
    """The encoder's vectors, if its model is there: they are further inputs of the head."""

    def __init__(self, work):
        text, model = os.path.join(t.HERE, "..", "..", "text"), os.path.join(t.HERE, "..", "encoder.wnm")
        so = os.path.join(work, "encoder.so")
        files = [os.path.join(text, f) for f in ("encoder.c", "features.c", "kernels.c", "utf8.c")]
        subprocess.check_call(["cc", "-O3", "-march=native", "-shared", "-fPIC", "-D_GNU_SOURCE", '-DWINNOW_LIBDIR=""',
                               "-o", so, *files, "-lxxhash", "-ldl", "-lm"])
        self.lib, self.handle, why = C.CDLL(so), C.c_void_p(), C.create_string_buffer(512)
        if self.lib.encoder_open(C.byref(self.handle), model.encode(), why, C.c_size_t(512)):
            raise SystemExit(why.value.decode())
        self.lib.encoder_cache_create.restype = C.c_void_p
        self.cache = C.c_void_p(self.lib.encoder_cache_create())

    def __call__(self, texts):
        out = np.zeros((len(texts), t.ENCODER_DIM), np.float32)
        for i, s in enumerate(texts):
            raw = s.encode()
            self.lib.encoder_encode(self.handle, self.cache, raw, C.c_size_t(len(raw)),
                                    out[i].ctypes.data_as(C.c_void_p))
        return out


def teacher_head(vectors, mean, groups, terms, term_vectors, ids, group):
    """A classifier over the teacher's vectors: [(leaf or top-level label, vector)]."""
    x, leaf, top, weight, labels = [], [], [], [], t.Labels()
    index = {i: k for k, i in enumerate(ids)}
    for (source, label, _, _), v in zip(groups, vectors):
        if label is None or source.endswith("-held"):
            continue
        is_leaf = source == "example"
        x.append(v)
        leaf.append((len(ids) if label == "-" else index[label]) if is_leaf else -1)
        top.append(-1 if is_leaf else labels(label))
        weight.append(1.0 if is_leaf else TEACHER_WEIGHT.get(source, .5))
    for (topic, _, _), v in zip(terms, term_vectors):
        x.append(v)
        leaf.append(index[topic])
        top.append(-1)
        weight.append(.1)
    x = ((np.array(x) - mean) * 10).astype(np.float32)
    return t.train_head(x, np.array(leaf), np.array(top), labels.allowed(), None, np.array(weight, np.float32),
                        group, 30, .02, 3e-5)


def pca_targets(vectors, mean, basis, tops, stats):
    """Where the student shall point: the teacher's main directions, and what it says of the topics."""
    y = (vectors - mean) @ basis
    y /= np.linalg.norm(y, axis=1, keepdims=True) + 1e-9
    c = (tops - tops.mean(1, keepdims=True) - stats[0]) / stats[1]
    c /= np.linalg.norm(c, axis=1, keepdims=True) + 1e-9
    out = np.hstack([y, CLASSES * c])
    return np.ascontiguousarray((out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32))


def corpus_texts(corpus, terms, wide, n_groups, n_words):
    texts, target, weight = [], [], []
    for i, (source, _, by_lang, _) in enumerate(corpus.groups):
        if not source.endswith("-held"):
            for s in by_lang.values():
                texts.append(s), target.append(i), weight.append(NEAR_WEIGHT if source in NEAR else 1.0)
    for j, (gloss, by_lang) in enumerate(corpus.words.items()):
        texts.append(gloss), target.append(n_groups + j), weight.append(.5)
        for words in by_lang.values():
            for w in sorted(words)[:3]:
                texts.append(w), target.append(n_groups + j), weight.append(.5)
    for k, s in enumerate([w for _, _, w in terms] + [w for _, w in wide]):
        texts.append(s), target.append(n_groups + n_words + k), weight.append(.5)
    return texts, np.array(target, np.uint32), np.array(weight, np.float32)


def head_rows(corpus, terms, ids, without, labels, sib_weight=SIB_WEIGHT):
    """(text, lang, leaf, label, soft index, weight): what the head learns from."""
    rows, rng, index = [], random.Random(3), {i: k for k, i in enumerate(ids)}
    plain = [i for i, g in enumerate(corpus.groups)
             if not g[0].endswith("-held") and g[0] not in ("sib", "example", "news")]
    for i in rng.sample(plain, min(SOFT, len(plain))):
        lang = rng.choice(sorted(corpus.groups[i][2]))
        if lang not in without:
            rows.append((corpus.groups[i][2][lang], lang, -1, -1, i, SOFT_WEIGHT))
    for source, label, by_lang, _ in corpus.groups:
        if label is None or source.endswith("-held"):
            continue
        for lang, s in by_lang.items():
            if lang in without:
                continue
            if source == "example":
                rows.append((s, lang, len(ids) if label == "-" else index[label], -1, -1, 1.0))
            else:
                rows.append((s, lang, -1, labels(label), -1, sib_weight if source == "sib" else HEAD_WEIGHT.get(source, .7)))
    for topic, lang, w in terms:
        if lang not in without:
            rows.append((w, lang, index[topic], -1, -1, .1))
    for s, lang in nothing(corpus, rng):
        rows.append((s, lang, len(ids), -1, -1, .2))
    return rows


def nothing(corpus, rng):
    """Texts that are about none of the topics: letters at random, names, single words out of the dictionary."""
    letters = ["abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщыэюя", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "가나다라마바사아자차카타파하",
               "アイウエオカキクケコサシスセソ", "กขคงจฉชซญดตถทนบปผฝพฟภมยรลวสห"]
    langs = ["en", "ru", "ar", "ko", "ja", "th"]
    out = []
    for k in range(3000):
        i = k % len(letters) if k % 2 else 0
        words = ["".join(rng.choice(letters[i]) for _ in range(rng.randint(1, 8))) for _ in range(rng.randint(1, 6))]
        out.append((" ".join(words), langs[i]))
    for name, lang in corpus.names:
        out.append((name, lang))
    glosses = list(corpus.words.items())
    for _ in range(3000):
        _, by_lang = rng.choice(glosses)
        lang = rng.choice(sorted(by_lang))
        out.append((rng.choice(sorted(by_lang[lang])), lang))
    return out


def accuracy(logp, top_of, labels):
    return (logp[:, :t.TOP].argmax(1) == labels).mean()


def sib_accuracy(inputs, head, corpus, group, ids, lang):
    """Accuracy on SIB-200's held sentences of a language: all topics compete; the seven classes of SIB-200 alone."""
    index, seven = {i: k for k, i in enumerate(ids)}, sorted({int(v[:2]) - 1 for v in t.SIB.values()})
    held = [(g[2][lang], index[g[1]]) for g in corpus.groups if g[0] == "sib-held" and lang in g[2]]
    logp = t.leaf_log(inputs([s for s, _ in held], [lang] * len(held)), *head)
    tops, y = t.group_log(torch.tensor(logp), group), np.array([k for _, k in held])
    return ((tops[:, :t.TOP].argmax(1).numpy() == y).mean(),
            (np.array(seven)[tops[:, seven].argmax(1).numpy()] == y).mean())


def report(name, inputs, heads, corpus, group, ids):
    """SIB-200 by language, Spanish and Telegram, on what may be looked at."""
    index, (w, b) = {i: k for k, i in enumerate(ids)}, heads
    both = [sib_accuracy(inputs, heads, corpus, group, ids, lang) for lang in t.LANGS]
    free, only = np.mean(both, 0)
    print(f"{name:18} SIB-200 held: mean {free:.3f} (7 classes alone {only:.3f})  "
          + " ".join(f"{lang} {one[0]:.2f}" for lang, one in zip(t.LANGS, both)), flush=True)
    for source in ("spanish-held", "telegram-held"):
        held = [(next(iter(g[2].items())), [index[i] for i in g[1].split("|")]) for g in corpus.groups
                if g[0] == source and g[1]]
        if not held:
            continue
        x = inputs([s for (_, s), _ in held], [l for (l, _), _ in held])
        tops = t.group_log(torch.tensor(t.leaf_log(x, w, b)), group)[:, :t.TOP]
        p = np.exp(tops.max(1).values.numpy())
        right = np.array([k in y for k, (_, y) in zip(tops.argmax(1).tolist(), held)])
        parts = [f">={c}: {(p >= c).mean():.2f} tagged, {right[p >= c].mean():.2f} right" for c in (.4, .5, .6, .7)]
        print(f"    {source}: {right.mean():.3f}; " + "; ".join(parts), flush=True)


LEAVES = 104  # leaves are padded to a multiple of eight


def write(path, student, ids, w, b, temperature):
    """The layout that model.c describes. w: one row a leaf, gains folded in."""
    unit = float(student.scale.max()) / 65535
    scale = np.maximum(1, np.rint(student.scale / unit)).astype(np.uint16)
    starts = np.searchsorted(student.hashes >> 16, np.arange(65537)).astype(np.uint32)
    codes, half = (student.codes + 8).astype(np.uint8), t.DIM // 2
    packed = codes[:, :half] | codes[:, half:] << 4
    wide = np.zeros((w.shape[1] + 1, LEAVES), np.float32)
    wide[0, :len(b)] = b
    wide[1:, :len(b)] = w.T
    body = b"".join([starts.tobytes(), student.hashes.tobytes(), wide.tobytes(), scale.tobytes(), packed.tobytes(),
                     "".join(ids).encode(), student.flags.tobytes()])
    words = np.frombuffer(body + b"\0" * (-len(body) % 8), np.uint64)
    with np.errstate(over="ignore"):
        place = (np.arange(len(words), dtype=np.uint64) * np.uint64(2) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        check = int((words * place).sum(dtype=np.uint64))
    head = struct.pack("<8s6I2f2Q", b"WNTOPICS", 1, t.DIM, student.n, len(ids), LEAVES, 0, student.calm, unit, check,
                       len(body))
    with open(path, "wb") as f:
        f.write(head + struct.pack("<f4x", temperature) + body)
    print(f"{path}: {os.path.getsize(path) / 2 ** 20:.1f} MiB, {student.n} features")


FREQUENT = {"ko": 6000, "ar": 8000, "id": 6000, "ms": 6000, "de": 5000, "ru": 5000, "fr": 4000, "es": 4000, "pt": 4000,
            "vi": 2000}  # words of a language that the teacher is asked for itself: inflected ones are in no dictionary
THAI = 8000  # words of the dictionaries: wordfreq has no Thai


def wide_words(path, corpus):
    """[(language, word)]: frequent words (PyPI's wordfreq); without the package only what the work folder has."""
    if os.path.exists(path):
        return pickle.load(open(path, "rb"))
    try:
        import wordfreq
    except ImportError:
        print("wordfreq is not installed: no frequent words")
        return []
    out = []
    for lang, n in FREQUENT.items():
        words = [w for w in wordfreq.top_n_list(lang, n + 300)
                 if len(w) > (1 if lang == "ko" else 2) and not any(c.isdigit() for c in w)]
        out += [(lang, w) for w in words[:n]]
    thai = sorted({w for by_lang in corpus.words.values() for w in by_lang.get("th", ())})
    random.Random(0).shuffle(thai)
    out += [("th", w) for w in thai[:THAI]]
    pickle.dump(out, open(path, "wb"))
    return out


def run(a, corpus, teacher, student):
    ids = topic_ids()
    group, terms = t.leaves(ids), term_texts()
    if a.limit:
        terms = terms[::max(1, len(terms) // a.limit)]
    wide = wide_words(os.path.join(a.work, f"wide-{a.limit}.pkl" if a.limit else "wide.pkl"), corpus)
    if a.limit:
        wide = wide[::max(1, len(wide) // a.limit)]
    vectors = teacher([corpus.pivot(g[2]) for g in corpus.groups])
    glosses = teacher(list(corpus.words))
    others = teacher([w for _, _, w in terms] + [w for _, w in wide])
    mean = vectors.mean(0)
    print(len(corpus.groups), "groups,", len(glosses), "glosses,", len(others), "terms and frequent words", flush=True)

    tw, tb = teacher_head(vectors, mean, corpus.groups, terms, others[:len(terms)], ids, group)
    opinion = [t.leaf_log((v - mean) * 10, tw, tb).astype(np.float32) for v in (vectors, glosses, others)]
    tops = [t.group_log(torch.tensor(o), group).numpy() for o in opinion]
    held = [i for i, g in enumerate(corpus.groups) if g[0] == "sib-held"]
    y = np.array([ids.index(corpus.groups[i][1]) for i in held])
    print(f"teacher, SIB-200 held, English: {accuracy(tops[0][held], None, y):.3f}", flush=True)

    sample = np.random.RandomState(0).permutation(len(vectors))[:20000]
    _, s, vt = np.linalg.svd(vectors[sample] - mean, full_matrices=False)
    k = t.DIM - t.CLASS_DIMS
    basis = vt[:k].T / (s[:k] / s[0]) ** .5
    centred = tops[0] - tops[0].mean(1, keepdims=True)
    stats = centred.mean(0), centred.std(0)
    targets = np.vstack([pca_targets(v, mean, basis, o, stats) for v, o in zip((vectors, glosses, others), tops)])
    texts, target_of, weight = corpus_texts(corpus, terms, wide, len(vectors), len(glosses))
    student.count(texts)
    student.keep(5, 40, 60, 18, 12)
    student.fit(texts, target_of, weight, targets, PASSES, DROP)
    student.quantise()
    words = [w for w in list(corpus.words)[:5000]]
    student.calm = float(1.5 * np.median(np.linalg.norm(student.sums(words), axis=1)))

    encoder = Encoder(a.work) if a.compare else None

    def inputs(parts):
        def make(texts, langs):
            out = [student.vectors(texts) * VECTOR_GAIN if "v" in parts else np.zeros((len(texts), t.DIM)),
                   student.words(texts, langs, len(ids)) * WORD_GAIN if "w" in parts else np.zeros((len(texts), len(ids))),
                   encoder(texts) * ENCODER_GAIN if "e" in parts else np.zeros((len(texts), t.ENCODER_DIM))]
            return np.hstack(out).astype(np.float32)
        return make

    def fit_head(parts, without=(), sib_weight=SIB_WEIGHT, decay=2e-6, fits=1):
        labels = t.Labels()
        rows = head_rows(corpus, terms, ids, without, labels, sib_weight)
        leaf, top = (np.array([r[k] for r in rows]) for k in (2, 3))
        soft_rows = np.array([k for k, r in enumerate(rows) if r[4] >= 0])
        soft = soft_rows, np.exp(opinion[0][[rows[k][4] for k in soft_rows]])
        weight = np.array([r[5] for r in rows], np.float32)
        x = inputs(parts)([r[0] for r in rows], [r[1] for r in rows])
        made = [t.train_head(x, leaf, top, labels.allowed(), soft, weight, group, 10, .01, decay, k) for k in range(fits)]
        return tuple(np.mean(part, 0) for part in zip(*made))

    heads = {"shipped": fit_head("vw", fits=HEADS)}
    report("shipped", inputs("vw"), heads["shipped"], corpus, group, ids)
    if a.compare:
        for name, parts, options in (("terms alone", "w", {}), ("encoder alone", "e", {}), ("own vector alone", "v", {}),
                                     ("with the encoder", "vwe", {}), ("SIB-200 weight 1", "vw", {"sib_weight": 1.0}),
                                     ("SIB-200 weight 10", "vw", {"sib_weight": 10.0}),
                                     ("more decay", "vw", {"decay": 1e-5}),
                                     ("labels: English", "vw", {"without": set(t.LANGS) - {"en"}})):
            report(name, inputs(parts), fit_head(parts, **options), corpus, group, ids)
        print("each language left out of the head in turn (labels, opinions, terms): accuracy with it, without it")
        for lang in t.LANGS:
            both = [sib_accuracy(inputs("vw"), one, corpus, group, ids, lang)[0]
                    for one in (heads["shipped"], fit_head("vw", without={lang}))]
            print(f"    {lang}: {both[0]:.3f} {both[1]:.3f}", flush=True)
    w, b = heads["shipped"]
    n = t.DIM + len(ids)
    gain = np.concatenate([np.full(t.DIM, VECTOR_GAIN), np.full(len(ids), WORD_GAIN)]).astype(np.float32)
    write(a.out, student, ids, w[:, :n] * gain, b, TEMPERATURE)
