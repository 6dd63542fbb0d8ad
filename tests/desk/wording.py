"""What a page says: the words that nobody translated, and the codes that nobody put in words."""

import re
from html.parser import HTMLParser

from tests.browser.latin import LATIN

WORD = re.compile(r"[A-Za-z0-9][\w.@*:/+-]*", re.ASCII)
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")
SILENT = {"script", "style", "noscript", "template", "textarea", "code", "pre", "kbd"}
ICONS = "material-symbols-outlined"
EMPTY = {"br", "hr", "img", "input", "link", "meta", "path", "source"}
SPOKEN = ("title", "aria-label", "placeholder", "alt")


class Page(HTMLParser):
    """Gathers the texts of a page; files and rows as programs wrote them are left out."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        silent = tag in SILENT or ICONS in (attrs.get("class") or "")
        silent |= "lang" in attrs and tag != "html"
        if tag not in EMPTY:
            self.open.append((tag, silent))
        if not self.is_silent:
            self.texts += [attrs[name] for name in SPOKEN if attrs.get(name)]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self.is_silent:
            self.texts.append(data)

    @property
    def is_silent(self):
        return any(silent for _tag, silent in self.open)


def untranslated(html):
    """Name the Latin words of a Chinese page that are no names, in lower case; and raw codes."""
    page = Page()
    page.feed(html)
    words = {word for text in page.texts for word in WORD.findall(text)}
    plain = {word.rstrip(".:+-").lower() for word in words if not re.search(r"[0-9@]", word)}
    codes = {word for word in words if CODE.fullmatch(word)}
    return codes | {word for word in plain if len(word) > 1} - LATIN
