"""A text comes in, patterns come out that find it in bytes, however a file of a garden may spell it.

Pure. Spellings are UTF-8 and UTF-16, composed and decomposed, large and small letters, the escapes of JSON,
HTML, XML, Markdown and URLs, one inside the other, and the words of an address. No encoder ever touches an
ASCII letter or digit: a row of them is looked for first, which is fast, and the rest around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html.entities import html5
from typing import Final

from garden.pages.address import slugify

_WIDEST_LETTER: Final = 40
"""Bytes of the longest spelling of one character that is met with."""

_LONGEST_LEAD: Final = 400
"""Bytes before an anchor up to which every place is tried as the beginning of a match."""

_WIDEST_GAP: Final = 12_000
_SHORTEST_ANCHOR: Final = 2
_TWO_HEX_DIGITS: Final = 0x100
_GAP: Final = (
    rb"(?:[\s+_*\\-]|%(?:25)*(?:20|0[9ad]|c2%(?:25)*a0)|&(?:amp;)*(?:nbsp|#0*(?:9|10|13|32|160)|"
    rb"#x0*(?:9|a|d|20|a0));|\\+(?:[nrt]|u00(?:09|0a|0d|20|a0))|\xc2\xa0|<[^<>]{0,300}>){1,40}"
)
"""What may stand between two words: blanks, line ends, hyphens, tags and marks."""

_BEFORE_ID: Final = rb"(?:(?<![a-z0-9])|(?<=%[0-9a-f]{2})|(?<=\\[nrt]))"
_BEHIND_ID: Final = rb"(?![a-z0-9]|[.-][a-z0-9])"
_WORDS: Final = re.compile(r"\s+")
_RUN: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One family of spellings, to be looked for in bytes whose ASCII letters are small."""

    regex: re.Pattern[bytes]
    width: int
    """Bytes that a match can have at most."""
    anchor: bytes = b""
    """Bytes that every match holds; empty where none are worth looking for first."""
    lead: int = 0
    """Bytes of a match that stand before its anchor at most."""
    beginnings: tuple[bytes, ...] = ()
    """Bytes with one of which every match begins, for where there is no anchor."""

    def find(self, data: bytes, start: int = 0) -> Iterator[tuple[int, int]]:
        """Yield start and end of every match, in no order."""
        if not self.anchor and not self.beginnings:
            yield from (found.span() for found in self.regex.finditer(data, start))
        for part in (self.anchor,) if self.anchor else self.beginnings:
            for at in _occurrences(data, part, start):
                found = self._match(data, at, start)
                if found is not None:
                    yield found.span()

    def _match(self, data: bytes, at: int, start: int) -> re.Match[bytes] | None:
        """Match what an anchor stands in; the longest match that has it."""
        if self.lead > _LONGEST_LEAD:
            found = self.regex.search(data, max(start, at - self.lead), at + self.width)
            return found if found is not None and found.start() <= at else None
        for begin in range(max(start, at - self.lead), at + 1):
            found = self.regex.match(data, begin)
            if found is not None and found.end() > at:
                return found
        return None


def _occurrences(data: bytes, part: bytes, start: int) -> Iterator[int]:
    at = data.find(part, start)
    while at >= 0:
        yield at
        at = data.find(part, at + 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    text: str
    """As it was asked for."""
    patterns: tuple[Pattern, ...]

    @property
    def width(self) -> int:
        """Bytes that a match can have at most."""
        return max(pattern.width for pattern in self.patterns)

    def find(self, data: bytes, start: int = 0) -> list[tuple[int, int]]:
        """Return start and end of every match in small-lettered bytes, in order, each place once."""
        spans = sorted(span for pattern in self.patterns for span in pattern.find(data, start))
        kept: list[tuple[int, int]] = []
        for span in spans:
            if not kept or span[0] >= kept[-1][1]:
                kept.append(span)
        return kept

    def is_in(self, data: bytes) -> bool:
        """Whether it stands anywhere in small-lettered bytes."""
        return any(True for pattern in self.patterns for _ in pattern.find(data))


def want(text: str) -> Wanted:
    """Return the patterns for a text, or for a user id where the text is one; it must not be blank."""
    plain = unicodedata.normalize("NFC", text.strip())
    local, colon, server = plain[1:].partition(":")
    if plain.startswith("@") and colon and local and server and not _WORDS.search(plain):
        return Wanted(text, (*_spell_user(local, server), _spell_wide(plain)))
    patterns = [_make(_spell(plain), plain), _spell_wide(plain)]
    slug = slugify(plain, "")
    if slug not in {"", plain.casefold()} and _letters(slug) == _letters(plain)[: len(_letters(slug))]:
        patterns.append(_make(_spell(slug), slug))
    return Wanted(text, tuple(patterns))


def _spell_user(local: str, server: str) -> Iterator[Pattern]:
    """Find an identifier with or without its sigil, as links have it, and server first, as paths do."""
    name, host = _spell(local), _spell(server).replace(_spell_letter("."), b"(?:%s|-)" % _spell_letter("."))
    between = b"(?:%s|[/_-])" % _spell_letter(":")
    sigil = _spell_letter("@")
    # In a database any byte may follow an identifier, so that one that begins like it is found as well.
    yield _make(b"%s%s%s%s" % (sigil, name, between, host), f"@{local}:{server}")
    yield _make(b"%s%s%s%s%s" % (_BEFORE_ID, name, between, host, _BEHIND_ID), f"{local}:{server}")
    yield _make(
        b"%s%s%s(?:%s)?%s%s" % (_BEFORE_ID, host, between, sigil, name, _BEHIND_ID), f"{server}:@{local}"
    )


def _make(regex: bytes, text: str) -> Pattern:
    width = _widest(text)
    run = _choose_run(text)
    if run is None:
        return Pattern(re.compile(regex), width, beginnings=_begin(text[0]))
    return Pattern(re.compile(regex), width, run[0].encode(), _widest(text[: run.start()]))


def _widest(text: str) -> int:
    return _WIDEST_LETTER * len(text) + _WIDEST_GAP * len(_WORDS.findall(text))


def _choose_run(text: str) -> re.Match[str] | None:
    """Choose the row of ASCII letters and digits to look for: at the beginning, where there is one."""
    runs = [run for run in _RUN.finditer(text.lower()) if len(run[0]) >= _SHORTEST_ANCHOR]
    return next((run for run in runs if not _WORDS.search(text[: run.start()])), runs[0] if runs else None)


def _begin(letter: str) -> tuple[bytes, ...]:
    """Return how the common spellings of a first letter begin: as it is, escaped, and escaped once more."""
    if letter.isascii() and letter.isalnum():
        return ()
    found = set()
    for first in (form[0] for form in _forms(letter)):
        plain = first.encode("utf-8", "surrogatepass")
        number = ord(first)
        unit = first.encode("utf-16-be", "surrogatepass").hex()[:4]
        hexed = [f"{byte:02x}" for byte in plain]
        found |= {plain.lower(), f"\\u{unit}".encode()}
        found.add((f"\\x{number:02x}" if number < _TWO_HEX_DIGITS else f"\\u{number:08x}").encode())
        found |= {"".join(f"%{nested}{byte}" for byte in hexed).encode() for nested in ("", "25")}
        names = [name.decode() for name in _named().get(first, ())]
        for entity in (f"#{number}", f"#x{number:x}", *names):
            found |= {f"&{entity};".encode(), f"&amp;{entity};".encode()}
    return tuple(sorted(each for each in found if each != b"\\"))


def _spell(text: str) -> bytes:
    return _GAP.join(b"".join(map(_spell_letter, word)) for word in _WORDS.split(text))


@cache
def _spell_letter(letter: str) -> bytes:
    """Return an expression for all spellings of one character."""
    forms = _forms(letter)
    spelled = {_join(form, style) for form in forms for style in (_plain, _json, _percent, _entity, _python)}
    if len(spelled) == 1:
        return spelled.pop()
    return _any_of(spelled)


def _forms(letter: str) -> set[str]:
    cased = {letter, letter.lower(), letter.upper(), letter.title(), letter.casefold()}
    return {unicodedata.normalize(form, each) for each in cased for form in ("NFC", "NFD")}


def _join(form: str, style: Callable[[str], bytes]) -> bytes:
    return b"".join(
        each.lower().encode() if each.isascii() and each.isalnum() else style(each) for each in form
    )


def _plain(letter: str) -> bytes:
    r"""As it is; punctuation behind the backslashes of Markdown, JSON or both."""
    escaped = re.escape(letter.encode("utf-8", "surrogatepass").lower())
    return rb"\\*" + escaped if letter.isascii() else escaped


def _json(letter: str) -> bytes:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return b"".join(rb"\\+u" + units[start : start + 4].encode() for start in range(0, len(units), 4))


def _python(letter: str) -> bytes:
    r"""As YAML may have it: `\xfc`, `\U0001F331`."""
    number = ord(letter)
    return rb"\\+x%02x" % number if number < _TWO_HEX_DIGITS else rb"\\+u%08x" % number


def _percent(letter: str) -> bytes:
    return b"".join(rb"%%(?:25)*%02x" % byte for byte in letter.encode("utf-8", "surrogatepass"))


def _entity(letter: str) -> bytes:
    names = b"".join(b"|" + name for name in _named().get(letter, ()))
    return rb"&(?:amp;)*(?:#0*%d|#x0*%x%s);" % (ord(letter), ord(letter), names)


@cache
def _named() -> dict[str, tuple[bytes, ...]]:
    found: dict[str, set[bytes]] = {}
    for name, letter in html5.items():
        if name.endswith(";") and len(letter) == 1:
            found.setdefault(letter, set()).add(name[:-1].lower().encode())
    return {letter: tuple(sorted(names)) for letter, names in found.items()}


def _spell_wide(text: str) -> Pattern:
    """UTF-16, whichever byte comes first."""
    regexes = []
    for encoding, blank in (("utf-16-le", rb"(?:[\s]\0)+"), ("utf-16-be", rb"(?:\0[\s])+")):
        words = (b"".join(_wide_letter(letter, encoding) for letter in word) for word in _WORDS.split(text))
        regexes.append(blank.join(words))
    run = _choose_run(text)
    anchor = b"\0".join(bytes([byte]) for byte in run[0].encode()) if run is not None else b""
    lead = 8 * run.start() + 1 if run is not None else 0
    begins = {
        form.encode(encoding, "surrogatepass").lower()
        for form in _forms(text[0])
        for encoding in ("utf-16-le", "utf-16-be")
    }
    return Pattern(re.compile(b"|".join(regexes)), 16 * len(text) + 64, anchor, lead, tuple(sorted(begins)))


def _wide_letter(letter: str, encoding: str) -> bytes:
    spelled = {re.escape(form.encode(encoding, "surrogatepass").lower()) for form in _forms(letter)}
    return _any_of(spelled)


def _any_of(spellings: Iterable[bytes]) -> bytes:
    # The longest first, since the first that fits is taken.
    ordered = sorted(spellings, key=lambda each: (-len(each), each))
    return b"(?:" + b"|".join(ordered) + b")"


def _letters(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def widest(wanted: Iterable[Wanted]) -> int:
    """Return how many bytes a match can have at most."""
    return max((each.width for each in wanted), default=0)
