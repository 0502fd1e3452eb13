#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Documents made to break parsers: `winnow parse` ends on each within 2 s and 256 MB resident.

Every document is made here. A table of time, peak memory and exit code; 0 (read, perhaps with
warnings) and 65 (not a feed) are both fine, anything else is not, and neither is an output that
isn't JSON or that lets a control character out."""
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

MB = 1000 * 1000
SECONDS, RESIDENT = 2.0, 256 * 1024
BINARY = os.environ.get("WINNOW_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "winnow"))
HEAD = b'<?xml version="1.0"?>\n'


def rss(body, items=b"<item><title>after</title><link>http://example.org/</link></item>"):
    return HEAD + b'<rss version="2.0"><channel><title>t</title>' + body + items + \
        b"</channel></rss>"


def item(inner):
    return rss(b"<item>" + inner + b"</item>")


def entity_bomb(levels, fan):
    lines = [b'<!ENTITY l0 "lol">']
    for i in range(1, levels):
        lines.append(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * fan))
    return HEAD + b"<!DOCTYPE rss [" + b"\n".join(lines) + b"]>" + \
        b"<rss><channel><item><title>&l%d;</title></item></channel></rss>" % (levels - 1)


def external(declaration):
    return HEAD + b"<!DOCTYPE rss [" + declaration + b"]>" + \
        b"<rss><channel><item><title>x&e;y</title></item></channel></rss>"


def documents():
    rng = random.Random(7)
    big = 20 * MB
    yield "entity bomb", entity_bomb(12, 10)
    yield "entity bomb, quadratic", HEAD + b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 100000 + \
        b'">]><rss><channel><item><title>' + b"&a;" * 100000 + b"</title></item></channel></rss>"
    yield "entity bomb in attributes", HEAD + b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 100000 + \
        b'">]><rss><channel>' + b'<item><enclosure url="&a;&a;&a;&a;"/></item>' * 20000 + \
        b"</channel></rss>"
    yield "entities, 100k declared", HEAD + b"<!DOCTYPE rss [" + \
        b"".join(b'<!ENTITY e%d "x">' % i for i in range(100000)) + b"]><rss><channel>" + \
        b"<item><title>&e99999;</title></item></channel></rss>"
    yield "entity, file", external(b'<!ENTITY e SYSTEM "file:///etc/passwd">')
    yield "entity, http", external(b'<!ENTITY e SYSTEM "http://127.0.0.1:9/x">')
    yield "entity, ftp", external(b'<!ENTITY e SYSTEM "ftp://127.0.0.1:9/x">')
    yield "entity, parameter", external(b'<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;')
    yield "DTD, external", HEAD + b'<!DOCTYPE rss SYSTEM "file:///etc/passwd">' + rss(b"")[22:]
    yield "XInclude", item(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                           b'href="file:///etc/passwd" parse="text"/>')
    yield "depth 100k", rss(b"<a>" * 100000)
    yield "depth 100k, closed", rss(b"<a>" * 100000 + b"</a>" * 100000)
    yield "depth 1M in a description", item(b"<description>" + b"<b>" * 1000000)
    yield "100k attributes", rss(b"<a " + b" ".join(b'a%d="x"' % i for i in range(100000)) + b"/>")
    yield "1M attributes, one name", rss(b"<a " + b'a="x" ' * 1000000 + b"/>")
    yield "50k namespaces", rss(b"<a " + b" ".join(
        b'xmlns:n%d="http://example.org/%d"' % (i, i) for i in range(50000)) + b"/>")
    yield "50k namespaces, nested", rss(b"".join(
        b'<n%d:a xmlns:n%d="http://example.org/%d">' % (i, i, i) for i in range(50000)))
    yield "50k namespaces, used", rss(b"".join(
        b'<n%d:a xmlns:n%d="u%d"/>' % (i, i, i) for i in range(50000)))
    yield "20 MB title", item(b"<title>" + b"x" * big + b"</title>")
    yield "20 MB title of <", item(b"<title>" + b"&lt;" * (big // 4) + b"</title>")
    yield "20 MB title of <!--", item(b"<title>" + b"&lt;!--" * (big // 7) + b"</title>")
    yield "20 MB description", item(b"<description>" + b"&lt;p&gt;" * (big // 9) +
                                    b"</description>")
    yield "20 MB attribute", item(b'<enclosure url="' + b"x" * big + b'"/>')
    yield "20 MB name", rss(b"<" + b"x" * big + b"/>")
    yield "20 MB date", item(b"<pubDate>" + b"1 " * (big // 2) + b"</pubDate>")
    yield "20 MB author", item(b"<author>" + b"@" * big + b"</author>")
    yield "20 MB category", item(b"<category>" + b"x " * (big // 2) + b"</category>")
    yield "8 kB authors of @", rss(b"<item><author>" + b"a@" * 4000 + b"</author></item>", b"" +
                                   (b"<item><author>" + b"a@" * 4000 + b"</author></item>") * 500)
    yield "50k categories", item(b"".join(b"<category>c%d</category>" % i for i in range(50000)))
    yield "50k enclosures", item(b"".join(b'<enclosure url="http://e.org/%d"/>' % i
                                          for i in range(50000)))
    yield "50k authors", item(b"".join(b"<author>a%d</author>" % i for i in range(50000)))
    yield "50k links", item(b"".join(b'<atom:link href="http://e.org/%d" rel="x"/>' % i
                                     for i in range(50000)))
    yield "50k extensions", item(b"".join(b"<slash:x>%d</slash:x>" % i for i in range(50000)))
    yield "300k items", rss(b"<item><title>t</title></item>" * 300000)
    yield "unclosed CDATA, 5 MB", item(b"<title><![CDATA[" + b"x" * (5 * MB))
    yield "unclosed CDATA, flood", item(b"<title><![CDATA[" * 400000)
    yield "unclosed comment, 5 MB", rss(b"<!--" + b"x " * (5 * MB // 2))
    yield "unclosed comment, flood", rss(b"<!--" * 1500000)
    yield "unclosed PI, flood", rss(b"<?x " * 1500000)
    yield "unclosed DOCTYPE", HEAD + b"<!DOCTYPE rss [" + b"<!ENTITY a '" * 500000
    yield "DOCTYPE flood", HEAD + b"<!DOCTYPE rss [" * 500000
    yield "flood of <", rss(b"<" * (20 * MB))
    yield "flood of </", rss(b"</" * (10 * MB))
    yield "flood of <a", rss(b"<a" * (5 * MB))
    yield "flood of <a ", rss(b"<a b=" * (4 * MB))
    yield 'flood of <a b="', rss(b'<a b="' * (3 * MB))
    yield "flood of &", item(b"<title>" + b"&" * big)
    yield "flood of & in a description", item(b"<description>" + b"&" * big)
    yield "flood of &amp", item(b"<title>" + b"&amp" * (big // 4))
    yield "flood of ]]", item(b"<title><![CDATA[" + b"]]" * (big // 2))
    yield "flood of end tags", rss(b"<a>" * 200 + b"</b>" * (5 * MB))
    yield "flood of stray ends in items", rss((b"<item>" + b"</a></b></c>" * 50) * 30000)
    yield "flood of items unclosed", rss(b"<item><title>x" * 200000)
    yield "flood of quotes", rss(b"<a " + b"\"'" * (5 * MB))
    yield "NULs", rss(b"<item><title>a\0b\0c</title></item>")
    yield "NULs, 20 MB", rss(b"<item><title>" + b"\0" * big + b"</title></item>")
    yield "C1 and C0", rss(b"<item><title>a\x1b[31m\xc2\x9b31m\x07\x7f</title></item>")
    yield "overlong", rss(b"<item><title>\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\xed\xa0\x80</title>"
                          b"</item>")
    yield "20 MB of broken UTF-8", rss(b"<item><title>" + b"\xe2\x82" * (big // 2) + b"</title>"
                                       b"</item>")
    yield "UTF-7", b'<?xml version="1.0" encoding="UTF-7"?><rss><channel><item>' \
        b"<title>+ADw-script+AD4-</title></item></channel></rss>"
    yield "unknown encoding", b'<?xml version="1.0" encoding="klingon"?>' + rss(b"")[22:]
    yield "20 MB, lying encoding", b'<?xml version="1.0" encoding="utf-8"?>' + rss(
        b"<item><description>" + "Привет мир ".encode("cp1251") * (big // 11) +
        b"</description></item>")[22:]
    yield "20 MB, legacy encoding", b'<?xml version="1.0" encoding="gb2312"?>' + rss(
        b"<item><description>" + "新闻 ".encode("gb2312") * (big // 5) + b"</description></item>"
    )[22:]
    yield "UTF-16, 40 MB", ("\ufeff<rss><channel>" + "<item><title>x</title></item>" * 700000
                            ).encode("utf-16-le")
    yield "UTF-16, odd", "\ufeff<rss><channel><item><title>x".encode("utf-16-le") + b"\0"
    yield "CDATA end injection", item(b"<description><![CDATA[a]]]]><![CDATA[>b]]></description>")
    yield "javascript: links", item(b"<link>javascript:alert(1)</link>"
                                    b'<enclosure url=" java\tscript:x"/>')
    yield "terminal escapes", item(b"<title>&#27;]0;x&#7;&#x9b;31m</title>")
    yield "truncated", rss(b"<item><title>whole</title></item><item><title>cut", b"")[:-16]
    yield "truncated in a tag", rss(b'<item><title>whole</title></item><item><link href="http', b"")[:-16]
    yield "HTML", b"<!DOCTYPE html><html><head><title>x</title></head><body>" + b"<p>x<br>" * 200000
    yield "HTML, 100 MB", b"<html>" + b"<p>x<br>" * 12500000
    yield "binary, 200 MB", rng.randbytes(200 * MB)
    yield "binary, 60 MB without NUL", bytes(rng.randrange(1, 256) for _ in range(MB)) * 60
    yield "zeros, 200 MB", b"\0" * (200 * MB)
    yield "blanks, 100 MB", b" " * (100 * MB)
    yield "200 MB of items", HEAD + b"<rss><channel>" + (
        b"<item><title>t</title><description>" + b"word " * 200 + b"</description></item>") * 190000
    yield "200 MB, one item", rss(b"<item><description>" + b"word " * (40 * MB))
    yield "gzip", gzip.compress(rss(b""))
    yield "gzip, truncated", gzip.compress(rss(b""))[:-9]
    yield "gzip, bomb", gzip.compress(b"\0" * (200 * MB))
    yield "gzip, corrupt", gzip.compress(rss(b""))[:20] + b"\xff" * 30
    yield "JSON, depth 100k", b'{"version":"https://jsonfeed.org/version/1","items":[' + \
        b"[" * 100000
    yield "JSON, depth 5M objects", b'{"version":"https://jsonfeed.org/version/1","x":' + \
        b'{"a":' * 5000000
    yield "JSON, 20 MB title", b'{"version":"https://jsonfeed.org/version/1","items":[{"id":"1",' \
        b'"title":"' + b"x" * big + b'"}]}'
    yield "JSON, 100 MB of items", b'{"version":"https://jsonfeed.org/version/1","items":[' + \
        (b'{"id":"1","content_text":"' + b"word " * 200 + b'"},') * 97000
    yield "JSON, unclosed strings", b'{"version":"https://jsonfeed.org/version/1","items":["' + \
        b'\\"' * (5 * MB)
    yield "JSON, truncated", b'{"version":"https://jsonfeed.org/version/1","items":[{"id":"1",' \
        b'"title":"whole"},{"id":"2","title":"cu'
    yield "JSON, lone surrogates", b'{"version":"https://jsonfeed.org/version/1","items":[{"id":' \
        b'"1","title":"\\ud800\\u0000\\u001b[31m"}]}'
    yield "empty", b""
    yield "one byte", b"<"


def launcher():
    """A process forked while this one is still small: what it starts begins small too, since
    peak memory counts what a process was before it became another program."""
    there, here = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.close(there[1])
        for line in os.fdopen(there[0]):
            source, out = line.split()
            start = time.monotonic()
            pid = os.fork()
            if pid == 0:
                resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
                os.dup2(os.open(out, os.O_WRONLY | os.O_TRUNC), 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os.execl(BINARY, BINARY, "parse", source)
            _, status, usage = os.wait4(pid, 0)
            os.write(here[1], f"{os.waitstatus_to_exitcode(status)} "
                     f"{time.monotonic() - start} {usage.ru_maxrss}\n".encode())
        os._exit(0)
    os.close(there[0])
    return os.fdopen(there[1], "w"), os.fdopen(here[0])


def run(data, launch):
    with tempfile.NamedTemporaryFile() as f, tempfile.NamedTemporaryFile() as out:
        f.write(data)
        f.flush()
        launch[0].write(f"{f.name} {out.name}\n")
        launch[0].flush()
        code, seconds, resident = launch[1].readline().split()
        return int(code), float(seconds), int(resident), out.read()


def problems(code, seconds, resident, output):
    if code not in (0, 65):
        yield f"exit {code}"
    if seconds > SECONDS:
        yield "too slow"
    if resident > RESIDENT:
        yield "too much memory"
    if code == 0:
        try:
            json.loads(output)
        except ValueError as e:
            yield f"not JSON: {e}"
    body = output[:-1]
    if any(c < 32 or c == 127 for c in set(body)) or b"root:x:" in output:
        yield "something got out"


def main():
    wanted, bad, launch = sys.argv[1:], 0, launcher()
    print(f"{'document':34}{'MB':>7}{'seconds':>9}{'peak MB':>9}  exit")
    for name, data in documents():
        if wanted and not any(w in name for w in wanted):
            continue
        code, seconds, resident, output = run(data, launch)
        wrong = ", ".join(problems(code, seconds, resident, output))
        bad += bool(wrong)
        print(f"{name:34}{len(data) / MB:7.1f}{seconds:9.2f}{resident / 1024:9.0f}  {code:4}"
              f"  {wrong}", flush=True)
    print(f"{bad} documents did what they must not" if bad else "all within 2 s and 256 MB")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
