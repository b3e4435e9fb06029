"""A garden speaks the language that it is set to: words, plurals, dates, numbers and direction."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

import garden
from garden.language import ENGLISH, Language, list_languages, load_language

CATALOGUES = Path(garden.__file__).parent / "locale"
DAY = date(2025, 3, 1)


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of catalogues in place of the shipped ones."""
    monkeypatch.setattr("garden.language._FOLDER", tmp_path)
    return tmp_path


def write(
    folder: Path, name: str, *words: tuple[str, str], plurals: str = "nplurals=2; plural=n != 1;"
) -> None:
    path = folder / name / "LC_MESSAGES" / "garden.po"
    path.parent.mkdir(parents=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plurals}\\n"\n'
    )
    path.write_text(head + "".join(f'\nmsgid "{one}"\nmsgstr "{other}"\n' for one, other in words), "utf-8")


def test_the_installed_garden_brings_a_catalogue_for_each_of_its_languages() -> None:
    source = Path(__file__).parent.parent / "garden" / "locale"
    shipped = {path.relative_to(source): path.read_bytes() for path in source.rglob("*.po*")}
    assert shipped
    assert {path.relative_to(CATALOGUES): path.read_bytes() for path in CATALOGUES.rglob("*.po*")} == shipped


def test_a_tag_finds_the_nearest_catalogue_and_what_that_lacks_in_the_next(catalogues: Path) -> None:
    write(catalogues, "pt", ("Somebody", "Alguém"), ("Note", "Nota"))
    write(catalogues, "pt_BR", ("Note", "Anotação"))
    language = Language.load("pt-BR")
    assert [language.gettext(words) for words in ("Note", "Somebody", "Rooms")] == [
        "Anotação",
        "Alguém",
        "Rooms",
    ]
    assert Language.load("pt-PT").gettext("Note") == "Nota"
    assert list_languages() == ("en", "pt", "pt-BR")


@pytest.mark.parametrize(
    ("tag", "catalogue", "is_read"),
    [
        ("zh-TW", "zh_Hant", True),
        ("zh-Hant-HK", "zh_Hant", True),
        ("zh-TW", "zh", False),
        ("sr-Latn", "sr", False),
        ("sr-Cyrl-RS", "sr", True),
        ("de-AT-1996", "de", True),
        ("de-x-TW", "de", True),
        ("DE-at", "de", True),
        ("es-419", "es", True),
    ],
)
def test_nobody_gets_words_in_a_script_that_they_did_not_ask_for(
    catalogues: Path, tag: str, catalogue: str, *, is_read: bool
) -> None:
    write(catalogues, catalogue, ("Somebody", "✓"))
    assert (Language.load(tag).gettext("Somebody") == "✓") is is_read


def test_a_language_without_catalogue_is_english_throughout_and_says_so(catalogues: Path) -> None:
    language = Language.load("he")
    assert catalogues.is_dir()
    assert (language.written, language.tag, language.direction) == ("he", "en", "ltr")
    assert language.day(DAY) == "1 March 2025"
    assert language.gettext("Somebody") == "Somebody"


@pytest.mark.parametrize(
    "tag", ["en", "en-GB", "EN", "en-US", "x-private", "i-klingon", "qqq", "aaaaaaaa-x-y"]
)
def test_every_tag_gives_a_language(tag: str) -> None:
    language = Language.load(tag)
    assert language.tag == (tag if tag.lower().startswith("en") else ENGLISH)
    assert language.gettext("Somebody") == "Somebody"
    assert language.ngettext("one", "many", 1) == "one"


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("ar", "rtl"),
        ("ar-Latn", "ltr"),
        ("he", "rtl"),
        ("fa", "rtl"),
        ("ur", "rtl"),
        ("dv", "rtl"),
        ("ckb", "rtl"),
        ("az", "ltr"),
        ("az-Arab", "rtl"),
        ("az-IR", "rtl"),
        ("pa-PK", "rtl"),
        ("pa", "ltr"),
        ("ku", "ltr"),
        ("ja", "ltr"),
        ("tlh", "ltr"),
    ],
)
def test_a_language_runs_as_its_script_does(catalogues: Path, tag: str, direction: str) -> None:
    write(catalogues, tag.replace("-", "_"))
    assert Language.load(tag).direction == direction


@pytest.mark.parametrize(
    ("tag", "day", "month", "number", "size"),
    [
        ("en", "1 March 2025", "March 2025", "12,345", "1.2 MB"),
        ("en-US", "March 1, 2025", "March 2025", "12,345", "1.2 MB"),
        ("de", "1. März 2025", "März 2025", "12.345", "1,2 MB"),
        ("es", "1 de marzo de 2025", "marzo de 2025", "12.345", "1,2 MB"),
        ("fr", "1 mars 2025", "mars 2025", "12\N{NARROW NO-BREAK SPACE}345", "1,2 MB"),
        ("ar", "1 مارس 2025", "مارس 2025", "12,345", "1.2 MB"),
        ("fa", "1 مارس 2025", "مارس 2025", "12,345", "1.2 MB"),
        ("ja", "2025年3月1日", "2025年3月", "12,345", "1.2 MB"),
    ],
)
def test_dates_and_numbers_are_those_of_the_language_in_one_set_of_digits(
    catalogues: Path, tag: str, day: str, month: str, number: str, size: str
) -> None:
    write(catalogues, tag.replace("-", "_"))
    language = Language.load(tag)
    assert (language.day(DAY), language.month(DAY)) == (day, month)
    assert (language.number(12345), language.size(1_234_567)) == (number, size)
    assert language.clock(time(9, 12, 59)) == "09:12"


def test_a_moment_is_its_day() -> None:
    assert load_language(ENGLISH).day(datetime(2025, 3, 1, 9, 12, tzinfo=UTC)) == "1 March 2025"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (12_345_000_000_000, "12345 GB"),
    ],
)
def test_sizes_are_said_in_two_digits_or_three(size: int, words: str) -> None:
    assert load_language(ENGLISH).size(size) == words


@pytest.mark.parametrize(("number", "words"), [(1, "1 day"), (2, "2 days"), (1400, "1,400 days")])
def test_spans_have_a_number_and_the_form_for_it(number: int, words: str) -> None:
    assert load_language(ENGLISH).span(number, "day") == words


def test_an_empty_text_is_not_the_head_of_the_catalogue(catalogues: Path) -> None:
    write(catalogues, "de")
    assert Language.load("de").gettext("") == ""
