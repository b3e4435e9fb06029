"""Key terms: the words of every page come in, a few that say what each page is about go out.

In the first pass a page leaves its most frequent words behind, some hundred bytes; once all are known, the
Bo1 model of Whoosh's query expansion says which of them stand out against the whole garden. Frequencies are
rounded to powers of two, so that one new message changes the terms of its own page and hardly of another.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from garden.pages.address import Address
from garden.site.search_words import find_words, fold_word, list_written, split_words

MOST_TERMS: Final = 8
"""Key terms of one page."""

MOST_LETTERS: Final = 8_000
"""Characters of a page that are looked through, from its beginning: what it is about is said there."""

_CANDIDATES: Final = 16
"""Frequent words of a page that wait for the end of the first pass."""

_OFTEN_ENOUGH: Final = 2
"""Times that a word has to stand on a page; the title counts once more."""

_SHORTEST: Final = 3
_LONGEST: Final = 40
_PAIR: Final = 2

_Stem = Callable[[str], str]


class _Word(NamedTuple):
    term: str
    """What words have in common that differ in their endings."""
    form: str


class _Candidate(NamedTuple):
    term: str
    times: int


class TermHarvest:
    """Gathers the frequent words of pages, and says at the end which of them are key terms."""

    def __init__(self, language: str) -> None:
        """Begin; `language` (BCP 47) says which endings and which small words do not count."""
        self._stem, self._stop_words = _speak(language.partition("-")[0].lower())
        self._read = lru_cache(maxsize=65_536)(self._look_at)
        self._candidates: dict[Address, tuple[_Candidate, ...]] = {}
        self._totals: Counter[str] = Counter()
        self._written: dict[str, str] = {}

    def take(self, address: Address, title: str, texts: Iterable[str], names: Iterable[str]) -> None:
        """Take in a page as plain text; words of `names`, the people who speak there, do not count."""
        people = {self._stem(word) for name in names for word in split_words(name)}
        found: Counter[str] = Counter()
        for text in _begin(chain([title], texts)):
            found.update(_list_words(text))
        counts: Counter[str] = Counter()
        words: list[_Word] = []
        for as_written, times in found.items():
            word = self._read(as_written)
            if word is not None:
                counts[word.term] += times
                words.append(word)
        often = ((term, count) for term, count in counts.items() if count >= _OFTEN_ENOUGH)
        free = [_Candidate(term, count) for term, count in often if term not in people]
        chosen = sorted(free, key=lambda each: (-each.times, each.term))[:_CANDIDATES]
        if not chosen:
            return
        self._candidates[address] = tuple(chosen)
        self._totals.update(dict(chosen))
        terms = {each.term for each in chosen}
        for word in words:
            if word.term in terms:
                self._written[word.term] = _choose_form(self._written.get(word.term), word.form)

    def choose(self) -> dict[Address, tuple[str, ...]]:
        """Return the key terms of each page that has any, best first, in their shortest form."""
        score = _make_model(_round(len(self._candidates)))
        return {
            address: tuple(
                self._written[each.term]
                for each in sorted(
                    candidates,
                    key=lambda each: (-score(each.times, _round(self._totals[each.term])), each.term),
                )[:MOST_TERMS]
            )
            for address, candidates in self._candidates.items()
        }

    def _look_at(self, as_written: str) -> _Word | None:
        """Return what is counted for a word; None where it says nothing."""
        word = fold_word(as_written)
        if word < _FIRST_SINGLE and not _SHORTEST <= len(word) <= _LONGEST:
            return None
        if word in self._stop_words or any(map(str.isdigit, word)):
            return None
        return _Word(self._stem(word), as_written.casefold())


def _begin(texts: Iterable[str]) -> Iterator[str]:
    left = MOST_LETTERS
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text)


def _choose_form(one: str | None, other: str) -> str:
    """Choose the shortest form, of several the first in the alphabet: that hardly ever changes."""
    return other if one is None else min(one, other, key=lambda form: (len(form), form))


def _round(number: int) -> int:
    """Round down to a power of two."""
    return 1 << max(0, number.bit_length() - 1)


def _list_words(text: str) -> Iterable[str]:
    """Return the words of a text as they stand.

    The index takes each character of some scripts for a word. Of these Han is read in pairs, Katakana and
    Hangul as they stand together; where no space parts words nobody can tell them without a dictionary, and
    Hiragana is mostly grammar.
    """
    if text.isascii() or max(text) < _FIRST_SINGLE:
        return list_written(text)
    return _join(text)


def _join(text: str) -> Iterator[str]:
    end_before = -1
    runs: list[tuple[str, int, int]] = []
    for start, end, _ in find_words(text):
        script = _script(text[start])
        if not script:
            yield text[start:end]
        elif runs and end_before == start and runs[-1][0] == script:
            runs[-1] = (script, runs[-1][1], end)
        else:
            runs.append((script, start, end))
        end_before = end
    for script, start, end in runs:
        yield from _cut(text[start:end], script)


def _cut(run: str, script: str) -> Iterator[str]:
    if script == "han":
        yield from (run[at : at + _PAIR] for at in range(len(run) - 1))
    elif script == "whole" and _PAIR <= len(run) <= _LONGEST:
        yield run


def _script(letter: str) -> str:
    """Return how words are found in a script that the index takes apart; empty for all others."""
    if letter < _FIRST_SINGLE:
        return ""
    return next((how for first, last, how in _SCRIPTS if first <= letter <= last), "")


_FIRST_SINGLE: Final = "\u0e00"
_SCRIPTS: Final = (
    ("\u30a0", "\u30ff", "whole"),
    ("\uac00", "\ud7af", "whole"),
    ("\u3400", "\u4dbf", "han"),
    ("\u4e00", "\u9fff", "han"),
    ("\uf900", "\ufaff", "han"),
    ("\U00020000", "\U0003ffff", "han"),
    ("\u0e00", "\u0eff", "none"),
    ("\u1000", "\u109f", "none"),
    ("\u1780", "\u17ff", "none"),
    ("\u3040", "\u309f", "none"),
)


_UNUSABLE: Final = frozenset({"ar"})
"""Languages whose stemmer in Whoosh writes its replacements as Python has not taken them since 3.7."""


@lru_cache(maxsize=4)
def _speak(language: str) -> tuple[_Stem, frozenset[str]]:
    """Return what takes the endings off a language's words, and its small words with those of English."""
    lang = _load()[1]
    stops: frozenset[str] = frozenset()
    for each in (language, "en"):
        if lang.has_stopwords(each):
            stops |= {word for line in lang.stopwords_for_language(each) for word in split_words(line)}
    can_stem = language not in _UNUSABLE and lang.has_stemmer(language)
    stem: _Stem = lang.stemmer_for_language(language) if can_stem else str

    def take_ending_off(word: str) -> str:
        """Whoosh looks behind the end of some short Spanish words, which then stay as they are."""
        try:
            return stem(word)
        except IndexError:
            return word

    return lru_cache(maxsize=65_536)(take_ending_off), stops


def _make_model(pages: int) -> Callable[[int, int], int]:
    """Return Bo1's score of a word by its times on the page and in all pages, in thousandths."""
    model = _load()[0].Bo1Model(pages, 0)
    return lambda count, total: round(1000 * model.score(count, total, 0))


def _load() -> tuple[Any, Any]:
    """Import Whoosh when it is needed: it is slow, and Python complains about its code of 2016."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import classify, lang  # noqa: PLC0415
    return classify, lang
