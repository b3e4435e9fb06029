"""Keep the catalogues of the interface current: words come out of templates and code, catalogues go in.

`python docs/words.py` (`make words`) writes `garden/locale/garden.pot` anew, brings every `garden.po` up to
date with it and says what translators have left to do. Translations stay; no date gets into a file and no
machine. `tests/test_catalogues.py` fails where a catalogue is not as this would write it, or has a fault.
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parent.parent
LOCALE: Final = ROOT / "garden" / "locale"
TEMPLATE: Final = LOCALE / "garden.pot"

_SOURCES: Final = (("python", "garden/**/*.py"), ("jinja2.ext:babel_extract", "themes/**/*.html"))
_KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "msgid": None,
    "ngettext": (1, 2),
    "msgids": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_OPTIONS: Final = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
"""As `garden.site.templates` reads the templates."""
_NOTE: Final = "Translators:"
"""Begins a comment for translators, in the line before the words."""
_WIDTH: Final = 100
_ABOUT: Final = "The words of the interface; docs/how-to/translate-the-interface.md says how to change them."

_PLURALS: Final = {
    "ar": (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;"
    )
}
"""Where the customary order of a language's forms is not the one that Babel would write."""
_FREE: Final = frozenset({"%(num)s", "%(count)s"})
"""Places that a plural form may do without: Arabic has one for exactly two."""

_PLACE: Final = re.compile(r"%\(\w+\)s|%%|%")
_MARKUP: Final = re.compile(r"""</?[a-z][^>]*>|&#?\w+;|[<&"]""")


# Words come out


def extract_words() -> Catalog:
    """Return the English words of the interface, in the order of the files that they stand in first."""
    found: dict[tuple[str, ...], Message] = {}
    for method, pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            for message in _read_source(method, path):
                key = (message.context or "", _list_english(message)[0])
                _merge(found.setdefault(key, message), message)
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for _, message in sorted(found.items(), key=lambda item: (item[1].locations[0], item[0])):
        catalogue[message.id] = message
    return catalogue


def _list_english(message: Message) -> tuple[str, ...]:
    """Return the English for one, and for many where it has a plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _read_source(method: str, path: Path) -> Iterator[Message]:
    name = path.relative_to(ROOT).as_posix()
    with path.open("rb") as file:
        for _line, words, notes, context in extract(
            method, file, _KEYWORDS, (_NOTE,), _OPTIONS, strip_comment_tags=True
        ):
            yield Message(words, auto_comments=notes, context=context, locations=[(name, 0)])


def _merge(message: Message, other: Message) -> None:
    """Add where else words stand; those that have a plural somewhere have it everywhere."""
    if isinstance(message.id, str) and isinstance(other.id, tuple):
        message.id, message.string = other.id, ("", "")
    message.locations = list(dict.fromkeys([*message.locations, *other.locations]))
    message.auto_comments = list(dict.fromkeys([*message.auto_comments, *other.auto_comments]))


# Catalogues go in


def list_catalogues() -> dict[str, Path]:
    """Return the catalogue of each language, by the language's name in gettext's spelling, `pt_BR`."""
    return {path.parent.parent.name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/garden.po"))}


def read_catalogue(language: str, path: Path) -> Catalog:
    """Read a catalogue; an empty file is the beginning of one."""
    with path.open("rb") as file:
        return read_po(file, locale=Locale.parse(language))


def write_catalogues() -> dict[Path, str]:
    """Return the text of the template and of every catalogue, as they have to stand on disk."""
    words = extract_words()
    texts = {TEMPLATE: _write(words, "", f"# {_ABOUT}")}
    for language, path in list_catalogues().items():
        catalogue = read_catalogue(language, path)
        catalogue.update(words)
        texts[path] = _write(catalogue, language, _read_comment(path))
    return texts


def _read_comment(path: Path) -> str:
    """Return the lines before everything else, where translators keep what they have agreed on."""
    lines = path.read_text(encoding="utf-8").split("\n")
    count = next((at for at, line in enumerate(lines) if not re.match(r"#( |$)", line)), len(lines))
    return "\n".join(lines[:count]) or f"# {_ABOUT}"


def _write(catalogue: Catalog, language: str, comment: str) -> str:
    head = [
        comment,
        'msgid ""',
        'msgstr ""',
        rf'"Language: {language}\n"',
        r'"MIME-Version: 1.0\n"',
        r'"Content-Type: text/plain; charset=UTF-8\n"',
        r'"Content-Transfer-Encoding: 8bit\n"',
    ]
    if language:
        head.append(rf'"Plural-Forms: {_PLURALS.get(language, catalogue.plural_forms)}\n"')
    body = io.BytesIO()
    write_po(body, catalogue, width=_WIDTH, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return "\n".join(head) + "\n\n" + body.getvalue().decode().rstrip("\n") + "\n"


# What is left to do


def find_faults(language: str, catalogue: Catalog) -> Iterator[str]:
    """Yield what readers would stumble over: English words, and translations that are not like theirs."""
    forms = get_plural(language).num_plurals
    if catalogue.num_plurals != forms:
        yield f"the head speaks of {catalogue.num_plurals} plural forms, and the language has {forms}"
    for message in catalogue:
        if message.id:
            english = _list_english(message)
            yield from (f"{english[0]!r}: {fault}" for fault in _find_faults(message, english, forms))


def _find_faults(message: Message, english: tuple[str, ...], forms: int) -> Iterator[str]:
    given = message.string or ""
    strings = [given] if isinstance(given, str) else [each or "" for each in given]
    if message.fuzzy:
        yield "is marked as fuzzy; look it over and take the mark off"
    if len(strings) != (forms if len(english) > 1 else 1) or not all(strings):
        yield "is not translated, or not in every plural form"
        return
    for string in strings:
        if _take_places(string, free=len(english) > 1) != _take_places(english[-1], free=len(english) > 1):
            yield f"{string!r} has other places for values"
        if Counter(_MARKUP.findall(string)) != Counter(_MARKUP.findall(english[-1])):
            yield f"{string!r} has other elements, entities or straight quotation marks"
        if (string != string.strip() and english[-1] == english[-1].strip()) or "  " in string:
            yield f"{string!r} has white space to spare"


def _take_places(words: str, *, free: bool) -> Counter[str]:
    """Count the places for values, and every `%` that is none; where there are forms, numbers are `free`."""
    found = Counter(place[0] for place in _PLACE.finditer(words) if place[0] != "%%")
    return Counter({place: count for place, count in found.items() if not (free and place in _FREE)})


def main() -> int:
    """Write every file that differs, and say what is left to do; 1 where there is something."""
    for path, text in write_catalogues().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    left = 0
    for language, path in list_catalogues().items():
        for fault in find_faults(language, read_catalogue(language, path)):
            left += 1
            print(f"{language}: {fault}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
