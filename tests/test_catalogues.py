"""Every word of the interface is in the catalogues, and every catalogue says what the English says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from docs.words import ROOT, extract_words, find_faults, list_catalogues, read_catalogue, write_catalogues
from garden.config_keys import SECTIONS
from garden.language import list_languages, load_language
from garden.pages.compose import UNTITLED
from garden.site.nobody import SOMEBODY

LANGUAGES = tuple(list_catalogues())


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    return write_catalogues()


def test_catalogues_are_current(texts: dict[Path, str]) -> None:
    outdated = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert outdated == [], "write them with: make words"


def test_there_is_a_catalogue_for_each_language_of_the_garden() -> None:
    assert {language.replace("_", "-") for language in LANGUAGES} == {*list_languages()} - {"en"}


def test_every_catalogue_is_whole_and_says_what_the_english_says() -> None:
    faults = [
        f"{language}: {fault}"
        for language, path in list_catalogues().items()
        for fault in find_faults(language, read_catalogue(language, path))
    ]
    assert faults == [], "docs/how-to/translate-the-interface.md says what each form wants"


def test_every_catalogue_is_read_at_run_time() -> None:
    spoken = {language: load_language(language).gettext(UNTITLED) for language in LANGUAGES}
    assert UNTITLED not in spoken.values()


def test_the_settings_name_every_language_there_is() -> None:
    site = next(section for section in SECTIONS if section.name == "site")
    sentence = next(key.sentence for key in site.keys if key.name == "language")
    assert {*re.findall(r"`([^`]+)`", sentence)} == {*list_languages()}


def test_words_of_code_and_of_templates_are_found() -> None:
    found = {message.id: message for message in extract_words() if message.id}
    assert {UNTITLED, SOMEBODY, ("%(num)s day", "%(num)s days")} <= found.keys()
    assert any(path.startswith("themes/") for path, _ in found[SOMEBODY].locations)


def write(words: str, plurals: str = "nplurals=2; plural=n != 1;") -> Catalog:
    head = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plurals}\\n"\n\n'
    )
    return read_po([*(head + words).splitlines(keepends=True)], locale="de")


ONE = 'msgid "<b>%(num)s</b> of %(day)s"\nmsgstr "{}"\n'
MANY = 'msgid "%(num)s page"\nmsgid_plural "%(num)s pages by %(name)s"\nmsgstr[0] "{}"\nmsgstr[1] "{}"\n'


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (ONE.format(""), "is not translated"),
        ("#, fuzzy\n" + ONE.format("%(day)s: <b>%(num)s</b>"), "is marked as fuzzy"),
        (ONE.format("<b>%(num)s</b>"), "other places"),
        (ONE.format("<b>%(num)s</b> %(Day)s"), "other places"),
        (ONE.format("%(day)s <b>%(num)s</b>, 5 %"), "other places"),
        (ONE.format("%(day)s %(num)s"), "other elements"),
        (ONE.format("%(day)s <i>%(num)s</i>"), "other elements"),
        (ONE.format("%(day)s & <b>%(num)s</b>"), "other elements"),
        (ONE.format('%(day)s <b>\\"%(num)s\\"</b>'), "other elements"),
        (ONE.format(" %(day)s <b>%(num)s</b>"), "white space"),
        (MANY.format("Seite von %(name)s", ""), "not in every plural form"),
        (MANY.format("%(num)s Seite", "%(num)s Seiten"), "other places"),
    ],
)
def test_a_fault_is_found(words: str, fault: str) -> None:
    assert fault in " ".join(find_faults("de", write(words)))


def test_a_language_has_its_own_number_of_forms() -> None:
    catalogue = write(MANY.format("a", "b"), "nplurals=1; plural=0;")
    assert "1 plural forms, and the language has 2" in next(find_faults("de", catalogue))


@pytest.mark.parametrize(
    "words",
    [ONE.format("%(day)s: <b>%(num)s</b>"), MANY.format("Seite von %(name)s", "%(num)s von %(name)s")],
)
def test_order_is_free_and_so_is_a_number_that_the_form_says_itself(words: str) -> None:
    assert list(find_faults("de", write(words))) == []
