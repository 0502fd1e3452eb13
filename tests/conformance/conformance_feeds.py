#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well `winnow parse` reads what other people's parsers are tested with.

A table by suite: what the suite expects of the fields that Winnow promises (titles, links, ids,
dates, authors, content, language, categories, enclosures), how much of it holds, and how much
differs on purpose. Each difference on purpose stands in differences.tsv with its reason; an entry
that no longer applies is told too. Expectations on other fields are counted as `other`.

Winnow doesn't sanitise when it parses (a filter does), so contents are compared after feedparser's
own sanitiser went over Winnow's result, and titles, which are plain text here, by their text.
"""
import argparse
import fnmatch
import gzip
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from compare import same_text, same_url
from suite_feedparser import feedparser
from suite_gofeed import gofeed

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NAMED = {"items", "title", "link", "id", "date", "author", "content", "language", "category",
         "enclosure"}
GOALS = {"captured": 99.5, "feedparser": 95.0, "gofeed": 95.0}


class Report:
    def __init__(self, differences):
        self.rows, self.failures, self.differences = {}, [], differences

    def check(self, suite, file, field, path, ok, expected, ours):
        row = self.rows.setdefault(suite, {})
        cell = row.setdefault(field, [0, 0, 0])
        cell[0] += 1
        if ok:
            cell[1] += 1
            return
        for d in self.differences:
            if d["suite"] == suite and fnmatch.fnmatch(file, d["file"]) and \
                    fnmatch.fnmatch(path, d["path"]):
                d["used"] += 1
                cell[2] += 1
                return
        self.failures.append((suite, file, field, path, expected, ours))

    def other(self, suite, path):
        self.rows.setdefault(suite, {}).setdefault("other", [0, 0, 0])[0] += 1


def load_differences():
    out = []
    with open(os.path.join(HERE, "differences.tsv"), encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if line.startswith("#") or not line.strip():
                continue
            parts = line.rstrip("\n").split("\t")
            if len(parts) != 4 or not parts[3].strip():
                sys.exit(f"differences.tsv:{n}: four columns, the last with a reason")
            out.append(dict(zip(("suite", "file", "path", "reason"), parts), used=0, line=n))
    return out


def said(value):
    """What a document says, without the names under which it says nothing."""
    if isinstance(value, dict):
        return {k: said(v) for k, v in value.items() if v is not None}
    return [said(v) for v in value] if isinstance(value, list) else value


class Winnow:
    def __init__(self, binary):
        self.binary = binary

    def __call__(self, path, headers=(), base=None):
        args = [self.binary, "parse"]
        for h in headers:
            args += ["--header", h]
        if base:
            args += ["--base", base]
        done = subprocess.run(args + [path], capture_output=True, timeout=60)
        if done.returncode == 65:
            return None
        if done.returncode:
            raise RuntimeError(f"{path}: exit {done.returncode}: {done.stderr[:500]!r}")
        return said(json.loads(done.stdout.decode("utf-8")))


# ---- captured feeds -------------------------------------------------------------------------

def captured(winnow, data, report):
    with gzip.open(os.path.join(data, "captured-consensus.jsonl.gz"), "rt", encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]

    def one(case):
        return case, winnow(os.path.join(data, "captured", case["file"]))

    with ThreadPoolExecutor(2) as pool:
        for case, doc in pool.map(one, cases):
            ours = doc["items"] if doc else []
            if case["n_items"] is None:
                report.other("captured", "n_items")
            else:
                report.check("captured", case["file"], "items", "n_items",
                             len(ours) == case["n_items"], case["n_items"], len(ours))
            for i, e in enumerate(case["items"]):
                o = ours[i] if i < len(ours) else {}
                for key, value in e.items():
                    if value is None:
                        continue
                    field = {"published": "date"}.get(key, key)
                    if key == "title":
                        mine = o.get("title", "")
                        ok = same_text(value, mine)
                    elif key == "link":
                        mine = o.get("link", "")
                        ok = same_url(value, mine)
                    elif key == "id":
                        mine = o.get("guid", o.get("link", ""))
                        ok = same_url(value, mine)
                    else:
                        mine = o.get("published") or o.get("updated") or ""
                        ok = mine[:16] == value[:16] or \
                            (o.get("updated") or "")[:16] == value[:16]
                    report.check("captured", case["file"], field, f"items.{i}.{key}", ok, value,
                                 mine)


# ---- no-crash suites ------------------------------------------------------------------------

def nocrash(suite, folder, winnow, report):
    files = [os.path.join(d, f) for d, _, names in os.walk(folder) for f in sorted(names)
             if f.endswith((".xml", ".json", ".rdf", ".atom", ".rss"))]

    def one(path):
        try:
            winnow(path)
            return path, None
        except Exception as e:
            return path, str(e)

    with ThreadPoolExecutor(2) as pool:
        for path, error in pool.map(one, files):
            report.check(suite, os.path.relpath(path, folder), "read", "exit", error is None,
                         "0 or 65", error)


def print_table(report):
    fields = ["items", "title", "link", "id", "date", "author", "content", "language", "category",
              "enclosure", "read"]
    print(f"{'':12}" + "".join(f"{f:>11}" for f in fields) + f"{'all':>9}{'on purpose':>12}"
          f"{'failed':>8}{'other':>7}")
    met = True
    for suite, row in report.rows.items():
        cells, total = [], [0, 0, 0]
        for f in fields:
            c = row.get(f)
            cells.append(f"{c[1] + c[2]}/{c[0]}" if c else "")
            total = [a + b for a, b in zip(total, c or [0, 0, 0])]
        # What differs on purpose counts as what it is: not passed, and not failed.
        rate = 100 * total[1] / total[0] if total[0] else 100
        fair = 100 * (total[1] + total[2]) / total[0] if total[0] else 100
        print(f"{suite:12}" + "".join(f"{c:>11}" for c in cells) + f"{rate:8.2f}%{total[2]:>12}"
              f"{total[0] - total[1] - total[2]:>8}{row.get('other', [0])[0]:>7}")
        met &= fair >= GOALS.get(suite, 100)
    return met


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data", "feeds"))
    args.add_argument("--binary", default=os.environ.get(
        "WINNOW_BIN", os.path.join(ROOT, "build", "winnow")))
    args.add_argument("-v", "--verbose", action="store_true", help="print each failure")
    args.add_argument("suites", nargs="*", help="captured, feedparser, gofeed, laminas, validator")
    args = args.parse_args()
    if not os.path.isdir(args.data):
        print(f"conformance: {args.data} is not there, nothing measured")
        return 0
    if not os.path.exists(args.binary):
        sys.exit(f"conformance: {args.binary} is not there: ./dev build makes it")
    winnow, report = Winnow(args.binary), Report(load_differences())
    runs = {
        "captured": lambda: captured(winnow, args.data, report),
        "feedparser": lambda: feedparser(winnow, args.data, report),
        "gofeed": lambda: gofeed(winnow, args.data, report),
        "laminas": lambda: nocrash("laminas", os.path.join(args.data, "laminas-feed", "test"),
                                   winnow, report),
        "validator": lambda: nocrash("validator", os.path.join(args.data, "feedvalidator",
                                                               "testcases"), winnow, report),
    }
    for name, run in runs.items():
        if not args.suites or name in args.suites:
            run()
    met = print_table(report)
    if args.verbose:
        for suite, file, field, path, expected, ours in report.failures:
            print(f"\n{suite} {file} {field} {path}\n  expected {str(expected)[:300]!r}\n"
                  f"  got      {str(ours)[:300]!r}")
    elif report.failures:
        print(f"{len(report.failures)} failures; -v prints them")
    if not args.suites:
        for d in report.differences:
            if not d["used"]:
                print(f"differences.tsv:{d['line']}: applies to nothing any more: {d['file']}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
