# SPDX-License-Identifier: Apache-2.0
"""Which of the labelled news train the model, which may be read, and which are measured unread. Used by train.py and by
./dev eval topics, so that both mean the same documents.

train   the model learns from them
looked  never trained on; whoever works on the filter may read what it gets wrong there and set constants by it
sealed  never trained on, no constant set by them: what is measured there is what to expect of other news. Read once, the
        Spanish ones alone, to label all topics that are right (tests/eval/topics_spanish.tsv)

Documents that share a story (rare words in common) are always in the same part. What was once in a part that people read
stays out of the sealed one for ever.
"""
import collections, math, re

# What a Spanish newspaper's section "Sociedad" covers (society, human interest, lifestyle, religion, labour, accidents,
# weather, environment, education, health, crime), and not what has pages of its own in any paper: politics, the economy,
# sport, culture, science, the world's conflicts.
SOCIEDAD = ("14000000", "08000000", "10000000", "12000000", "09000000", "03000000", "17000000", "06000000", "05000000",
            "07000000", "02000000")

ALIKE = .12  # cosine of two documents' words, weighted by rarity, from which on they are one story
RARE = 40    # words in more documents than that link none


def stories(texts):
    """Lists of the numbers of documents that share a story, in the order of their first ones."""
    words = [sorted({w for w in re.findall(r"\w+", t.lower()) if len(w) > 3}) for t in texts]
    seen = collections.Counter(w for ws in words for w in ws)
    weight = {w: math.log(len(texts) / n) ** 2 for w, n in seen.items()}
    norm = [math.sqrt(sum(weight[w] for w in ws)) or 1 for ws in words]
    holders, parent = collections.defaultdict(list), list(range(len(texts)))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for i, ws in enumerate(words):
        shared = collections.Counter()
        for w in ws:
            if seen[w] <= RARE:
                for k in holders[w]:
                    shared[k] += weight[w]
                holders[w].append(i)
        for k, s in shared.items():
            if s > ALIKE * norm[i] * norm[k]:
                a, b = sorted((root(i), root(k)))
                parent[b] = a
    groups = collections.defaultdict(list)
    for i in range(len(texts)):
        groups[root(i)].append(i)
    return [groups[i] for i in sorted(groups)]


def spanish(rows):
    """A part for each row of spanish_topic_news. Its development split was read by people; of the rest, a third is sealed.
    The test split has other classes (Covid-19, Sociedad …), so it only trains."""
    part = ["train"] * len(rows)
    read = fresh = 0
    for story in stories([r["headline"] + " " + r["text"][:900] for r in rows]):
        splits = {rows[i]["split"] for i in story}
        if "development" in splits:
            name = ("looked", "train")[read % 2]
            read += 1
        elif splits == {"train"}:
            name = ("sealed", "train", "train")[fresh % 3]
            fresh += 1
        else:
            name = "train"
        for i in story:
            part[i] = name
    return part


def telegram(rows):
    """A part for each item of tgcontest. Every second one, from the second on, was read by people; the others are sealed."""
    part = [""] * len(rows)
    read = 0
    for story in stories([r["title"] + " " + r["text"][:900] for r in rows]):
        name = "sealed"
        if any(i % 2 for i in story):
            name = ("looked", "train")[read % 2]
            read += 1
        for i in story:
            part[i] = name
    return part
