"""The language of the interface: English words, dates and numbers come in; those of its own go out.

A catalogue (`locale/LANGUAGE/LC_MESSAGES/garden.po`, GNU gettext) holds the words of one language. A garden
whose language has none speaks English throughout, its dates too, and says so in `lang`: half a language helps
nobody, least of all who listens to it. Digits are 0 to 9 in every language, dates, numbers and times alike,
as most of the web writes them in Arabic too. The only module that speaks to Babel.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final, Self

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ENGLISH: Final = "en"

_FOLDER: Final = Path(__file__).parent / "locale"
_ENGLAND: Final = "en_GB"
"""Whose dates English has where it names no country: `3 March 2025`, which nobody takes for another day."""
_RIGHT_TO_LEFT: Final = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
"""The scripts of today that are written from right to left (ISO 15924)."""
_SCRIPT, _COUNTRY, _AREA = 4, 2, 3
"""Lengths of the subtags that name a script, a country and a part of the world."""


def msgid(words: str) -> str:
    """Mark English words for the catalogues that stand apart from the `gettext` which looks them up."""
    return words


def msgids(one: str, many: str) -> tuple[str, str]:
    """Mark English words for the catalogues, for one and for many."""
    return one, many


_SPANS: Final = {
    "minute": msgids("%(num)s minute", "%(num)s minutes"),
    "hour": msgids("%(num)s hour", "%(num)s hours"),
    "day": msgids("%(num)s day", "%(num)s days"),
    "week": msgids("%(num)s week", "%(num)s weeks"),
}
_SIZES: Final = (msgid("%(num)s B"), msgid("%(num)s kB"), msgid("%(num)s MB"), msgid("%(num)s GB"))


@dataclass(frozen=True, slots=True)
class Language:
    """One language, with its words, its dates and its direction."""

    written: str
    """What people in the garden write in, as `site.toml` names it (BCP 47)."""
    tag: str
    """Of the words that come from here, for `lang`: the same, or `en` where there is no catalogue of it."""
    direction: str
    """`ltr` or `rtl`, for `dir`."""
    words: NullTranslations = field(repr=False, compare=False)
    _locale: str = field(repr=False)

    @classmethod
    def load(cls, tag: str) -> Self:
        """Read a language's catalogues; every tag of BCP 47 gives a language."""
        names = _list_names(tag)
        paths = [path for name in names if (path := _FOLDER / name / "LC_MESSAGES" / "garden.po").is_file()]
        if paths or _is_english(tag):
            return cls(tag, tag, _find_direction(tag), _read_words(paths), _find_locale(names))
        return cls(tag, ENGLISH, "ltr", NullTranslations(), _ENGLAND)

    def gettext(self, words: str) -> str:
        """Return English words in this language."""
        return words and self.words.gettext(words)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form that the number asks for."""
        return self.words.ngettext(one, many, number)

    def pgettext(self, context: str, words: str) -> str:
        """Return English words in this language that mean another thing elsewhere."""
        return self.words.pgettext(context, words)

    def npgettext(self, context: str, one: str, many: str, number: int) -> str:
        """Return the form that the number asks for, of words that mean another thing elsewhere."""
        return self.words.npgettext(context, one, many, number)

    def day(self, day: date) -> str:
        """Write a day as `3 March 2025`."""
        return _write_day(day.date() if isinstance(day, datetime) else day, self._locale)

    def month(self, day: date) -> str:
        """Write a month as `March 2025`."""
        return format_skeleton("yMMMM", day, locale=self._locale)

    def clock(self, moment: time) -> str:
        """Write a time as `09:12`."""
        return _write_clock(moment.replace(second=0, microsecond=0), self._locale)

    def number(self, number: int) -> str:
        """Write a number with its separators: `12,345`."""
        return _write_number(number, self._locale)

    def span(self, number: int, unit: str) -> str:
        """Write a length of time as `2 days`; the unit is `minute`, `hour`, `day` or `week`."""
        return self.ngettext(*_SPANS[unit], number) % {"num": self.number(number)}

    def size(self, size: int) -> str:
        """Write a number of bytes with its decimal unit (IEC 80000-13): `1.2 MB`."""
        number, power = float(size), 0
        # What rounds to a thousand takes the next unit.
        while number >= 999.5 and power < len(_SIZES) - 1:  # noqa: PLR2004
            number, power = number / 1000, power + 1
        form = "0.0" if power and number < 9.95 else "0"  # noqa: PLR2004
        return self.gettext(_SIZES[power]) % {"num": format_decimal(number, form, self._locale)}


@lru_cache(maxsize=8)
def load_language(tag: str) -> Language:
    """Return the language of a tag such as `de` or `pt-BR`."""
    return Language.load(tag)


def list_languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, and English, in alphabetical order."""
    catalogues = (path.parent.parent.name.replace("_", "-") for path in _FOLDER.glob("*/*/garden.po"))
    return tuple(sorted({ENGLISH, *catalogues}))


def _list_names(tag: str) -> tuple[str, ...]:
    """Return under which names a language may be found, the nearest first: `pt_BR`, `pt`.

    A name in another script is none of them: who reads `zh-TW` need not read `zh`.
    """
    language, script, region = _split_tag(tag)
    own = _find_script(language, script, region)
    parts = ((language, "", region), (language, own, region), (language, own, ""), (language, "", ""))
    fitting = (each for each in parts if _find_script(*each) == own)
    return tuple(dict.fromkeys("_".join(filter(None, each)) for each in fitting))


def _split_tag(tag: str) -> tuple[str, str, str]:
    """Return language, script and region of a tag, empty where it names none (RFC 5646, section 2.1)."""
    language, *rest = tag.replace("_", "-").split("-")
    script = region = ""
    for part in rest:
        if len(part) == 1:
            break
        if len(part) == _SCRIPT and part.isalpha() and not script and not region:
            script = part.title()
        elif (len(part) == _COUNTRY and part.isalpha()) or (len(part) == _AREA and part.isdigit()):
            region = region or part.upper()
    return language.lower(), script, region


def _find_script(language: str, script: str, region: str) -> str:
    """Return the script that a language is written in there (CLDR, "Likely Subtags"); empty if not known."""
    likely = get_global("likely_subtags")
    known = likely.get(f"{language}_{region}") or likely.get(language) or ""
    return script or next((part for part in known.split("_")[1:] if len(part) == _SCRIPT), "")


def _find_direction(tag: str) -> str:
    return "rtl" if _find_script(*_split_tag(tag)) in _RIGHT_TO_LEFT else "ltr"


def _find_locale(names: Sequence[str]) -> str:
    """Return the locale whose dates fit; for a language that CLDR has no dates of, England's."""
    for name in names:
        try:
            Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
        return _ENGLAND if name == ENGLISH else name
    return _ENGLAND


def _is_english(tag: str) -> bool:
    return _split_tag(tag)[0] == ENGLISH


def _read_words(paths: Sequence[Path]) -> NullTranslations:
    """Read catalogues as gettext reads their compiled form, which then need not lie beside them.

    What the first one lacks the next one says, and English in the end.
    """
    words = NullTranslations()
    for path in reversed(paths):
        with path.open("rb") as file:
            catalogue = read_po(file)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        translations = GNUTranslations(compiled)
        translations.add_fallback(words)
        words = translations
    return words


@lru_cache(maxsize=4096)
def _write_day(day: date, locale: str) -> str:
    """A day stands beside each message of it, so that its words are kept."""
    return format_date(day, "long", locale=locale)


@lru_cache(maxsize=4096)
def _write_number(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)


@lru_cache(maxsize=4096)
def _write_clock(moment: time, locale: str) -> str:
    return format_time(moment, "HH:mm", locale=locale)
