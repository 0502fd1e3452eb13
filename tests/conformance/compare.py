# SPDX-License-Identifier: Apache-2.0
"""When two readings of one field are the same."""
import html
import html.parser
import re
import time


class Text(html.parser.HTMLParser):
    """The text of HTML, without what scripts and styles hold."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.raw = [], 0

    def handle_starttag(self, tag, attrs):
        self.raw += tag in ("script", "style")
        self.out.append(" " if tag in ("br", "p", "div", "li", "td") else "")

    def handle_endtag(self, tag):
        self.raw -= tag in ("script", "style") and self.raw > 0

    def handle_data(self, data):
        if not self.raw:
            self.out.append(data)


def squeeze(s):
    return re.sub(r"\s+", " ", s or "").strip()


def text_of(s):
    t = Text()
    try:
        t.feed(s or "")
        t.close()
    except Exception:
        return squeeze(s)
    return squeeze("".join(t.out))


def sanitised(s):
    try:
        from feedparser.sanitizer import _sanitize_html
        return _sanitize_html(s, "utf-8", "text/html")
    except ImportError:
        return s
    except Exception:
        return s


def same_html(expected, ours):
    """HTML is the same if it is after sanitising, or if its text is."""
    expected, ours = expected or "", ours or ""
    if squeeze(expected) == squeeze(ours):
        return True
    clean = sanitised(ours)
    if squeeze(clean) == squeeze(expected) or squeeze(html.unescape(clean)) == squeeze(expected):
        return True
    return text_of(clean) == text_of(expected) and (text_of(expected) or not squeeze(expected))


def same_text(expected, ours):
    expected, ours = squeeze(expected), squeeze(ours)
    return text_of(ours) == text_of(expected) or ours in (expected, text_of(expected), text_of(text_of(expected)),
                    squeeze(html.unescape(expected))) or \
        re.sub(r"\s", "", ours) == re.sub(r"\s", "", text_of(expected))


def same_url(expected, ours):
    if expected == ours:
        return True
    norm = lambda u: re.sub(r"/+$", "", html.unescape(squeeze(u or ""))).replace(" ", "%20")
    return norm(expected) == norm(ours)


def same_time(expected, ours):
    """expected: a struct_time as a list, or ISO; ours: RFC 3339."""
    if not ours:
        return False
    if isinstance(expected, (list, tuple)):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", tuple(expected[:6]) + (0, 1, 0)) == ours
    e = re.sub(r"\.\d+", "", expected)
    return e == ours


def same(how, expected, ours, winnow_time):
    if how == "html":
        mine = ours if isinstance(ours, tuple) else (ours,)
        return any(same_html(expected, m) for m in mine if m is not None) or \
            (not expected and not any(mine))
    if how == "text":
        return same_text(expected, ours) if isinstance(expected, str) else expected == ours
    if how == "url":
        if isinstance(expected, dict) and isinstance(ours, dict):
            return all(ours.get(k) == v or (k == "type" and k not in ours)
                       for k, v in expected.items())
        return same_url(expected, ours)
    if how == "time":
        return any(same_time(expected, o) for o in ours if o)
    if how == "when":
        return winnow_time(expected) in [o for o in ours if o]
    if isinstance(expected, str) and isinstance(ours, str):
        return squeeze(expected).lower() == squeeze(ours).lower()
    return expected == ours


def people(o, role=None):
    return [p for p in o.get("people", []) if p.get("role") == role]


def whole_name(p):
    name, mail = p.get("name"), p.get("email")
    return f"{name} ({mail})" if name and mail else name or mail or p.get("uri") or ""
