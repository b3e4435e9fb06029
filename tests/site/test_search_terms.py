"""A page's key terms are the words that stand out on it, in any script, and nobody's name."""

from __future__ import annotations

import time
import tracemalloc

from garden.pages.address import Address
from garden.site.search_terms import MOST_TERMS, TermHarvest


def choose(*texts: str, language: str = "en", names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    harvest = TermHarvest(language)
    for number, text in enumerate(texts):
        harvest.take(Address(f"{number}/"), "", [text], names)
    found = harvest.choose()
    return [found.get(Address(f"{number}/"), ()) for number in range(len(texts))]


def test_a_word_said_twice_is_a_term_and_small_words_are_not() -> None:
    assert choose("The jar, the lid and the jar, and the rest of it.") == [("jar",)]


def test_endings_do_not_count_and_the_shortest_form_is_shown() -> None:
    assert choose("Seeds are stored; store a seed.") == [("seed", "store")]
    assert choose("Bohnen und Gläser, eine Bohne im Glas.", language="de-AT") == [("bohne", "glas")]


def test_a_title_counts_once_more() -> None:
    harvest = TermHarvest("en")
    harvest.take(Address("a/"), "Jars for beans", ["A jar has a lid."], ())
    assert harvest.choose() == {"a/": ("jar",)}


def test_what_all_pages_speak_of_stands_behind_what_one_does() -> None:
    talk = [f"garden garden garden topic{letter} topic{letter}" for letter in "abcdefgh"]
    assert [terms[0] for terms in choose(*talk)] == [f"topic{letter}" for letter in "abcdefgh"]


def test_numbers_and_names_of_those_who_speak_are_no_terms() -> None:
    assert choose("2025 2025 ada Ada's jar, jar", names=("Ada Lindqvist",)) == [("jar",)]


def test_scripts_without_spaces_have_terms_where_words_can_be_told() -> None:
    assert choose("種子を冬に。種子とトマト、トマトの種子。", language="ja") == [("種子", "トマト")]
    assert choose("씨앗 보관. 씨앗 보관 병", language="ko") == [("보관", "씨앗")]
    assert choose("เมล็ด เมล็ด", language="th") == [()]
    assert choose("بذور الفاصوليا بذور", language="ar")[0]
    assert choose("बीज बोना बीज", language="hi") == [("बीज",)]


def test_an_unknown_language_has_terms_too() -> None:
    assert choose("ikizu ikizu", language="zxx") == [("ikizu",)]


def test_one_message_more_changes_no_other_pages_terms() -> None:
    talk = [
        " ".join(f"word{(page * 7 + at) % 97}x " * (1 + at % 3) for at in range(20)) for page in range(100)
    ]
    letters = str.maketrans("0123456789", "abcdefghij")
    texts = [text.translate(letters) for text in talk]
    more = [f"{texts[0]} wordbx wordbx jar", *texts[1:]]
    changed = [a != b for a, b in zip(choose(*texts)[1:], choose(*more)[1:], strict=True)]
    assert sum(changed) <= 3


def test_a_flood_of_words_takes_neither_time_nor_memory() -> None:
    flood = " ".join(f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}x{n:x}q" * 2 for n in range(100_000))
    harvest = TermHarvest("en")
    harvest.take(Address("warm/"), "", ["warm up"], ())
    tracemalloc.start()
    before = time.process_time()
    for number in range(20):
        harvest.take(Address(f"{number}/"), flood, [flood] * 100, ())
    assert len(harvest.choose().get(Address("0/"), ())) <= MOST_TERMS
    assert time.process_time() - before < 10
    assert tracemalloc.get_traced_memory()[0] < 5_000_000
    tracemalloc.stop()


def test_a_word_that_is_too_short_for_the_stemmer_stays_as_it_is() -> None:
    assert choose("Argue, argue and ague.", language="es") == [("argue",)]
