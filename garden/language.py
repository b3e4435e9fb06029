"""The language of the interface: English words come in, and dates; those of its own go out.

A catalogue (`locale/LANGUAGE/LC_MESSAGES/garden.po`, GNU gettext) holds the words. A language without one is
written with English words and its own dates. The only module that speaks to Babel.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final, Self

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ENGLISH: Final = "en"

_FOLDER: Final = Path(__file__).parent / "locale"
_DATES: Final = {"en": "en_GB"}
"""Whose dates a language has; where no country is named they would be the largest one's."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language, with its words, its dates and its direction."""

    tag: str
    """As `site.toml` names it (BCP 47)."""
    direction: str
    """`ltr` or `rtl`, for `dir`."""
    words: NullTranslations = field(repr=False, compare=False)
    _locale: Locale = field(repr=False, compare=False)

    @classmethod
    def load(cls, tag: str) -> Self:
        """Read a language's catalogue; every tag of BCP 47 gives a language."""
        locale = _find_locale(tag)
        return cls(tag, locale.text_direction, _read_words(_find_catalogue(tag)), locale)

    def gettext(self, words: str) -> str:
        """Return English words in this language."""
        return self.words.gettext(words)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form that the number asks for."""
        return self.words.ngettext(one, many, number)

    def day(self, day: date) -> str:
        """Write a day as `3 March 2025`."""
        return format_date(day, "long", locale=self._locale)

    def month(self, day: date) -> str:
        """Write a month as `March 2025`."""
        return format_skeleton("yMMMM", day, locale=self._locale)

    def clock(self, moment: time) -> str:
        """Write a time as `09:12`."""
        return format_time(moment, "HH:mm", locale=self._locale)

    def number(self, number: int) -> str:
        """Write a number with its separators: `12,345`."""
        return format_decimal(number, locale=self._locale)


@lru_cache(maxsize=8)
def load_language(tag: str) -> Language:
    """Return the language of a tag such as `de` or `pt-BR`."""
    return Language.load(tag)


def list_languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, and English, in alphabetical order."""
    return tuple(
        sorted({ENGLISH, *(path.parent.parent.name for path in _FOLDER.glob("*/LC_MESSAGES/garden.po"))})
    )


def _find_locale(tag: str) -> Locale:
    """Return the locale whose dates fit; of a language that Unicode has no data for, England's."""
    for name in (_DATES.get(tag, tag), tag.partition("-")[0]):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_DATES[ENGLISH])


def _find_catalogue(tag: str) -> Path | None:
    names = (tag.replace("-", "_"), tag.partition("-")[0])
    paths = (_FOLDER / name / "LC_MESSAGES" / "garden.po" for name in names)
    return next((path for path in paths if path.is_file()), None)


def _read_words(path: Path | None) -> NullTranslations:
    """Read a catalogue as gettext reads its compiled form, which then need not lie beside it."""
    if path is None:
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
