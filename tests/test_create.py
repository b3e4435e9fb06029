"""Answers become a new garden's `site.toml`, which reads back as the answers, whatever they are made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from garden.config import parse_config
from garden.create import Answers, check_answer, create_garden, fill_example, need_place_for_demo
from garden.errors import OptionError, OutputError
from garden.resources import demo_folder, read_example

ANSWERS = Answers("Fen", "https://fen.example/", "https://matrix.example", ("#general:matrix.example",), ())
TITLES = st.text(st.characters(exclude_categories=["C"]), min_size=1).map(lambda text: " ".join(text.split()))


@given(TITLES.filter(bool))
@example('The "quoted" \\1 [site] # = garden')
@example("🌱")
def test_any_title_reads_back_as_it_was_given(title: str) -> None:
    answers = Answers(title, ANSWERS.base_url, ANSWERS.homeserver, (), ())
    config = parse_config(fill_example(read_example(), answers), "site.toml")
    assert config.site.title == title


def test_rooms_and_spaces_are_those_of_the_answers_and_the_ring_of_the_example_is_not_joined() -> None:
    answers = Answers("Fen", "https://fen.example", "matrix.example", ("!id", "#a:b"), ("#c:d",))
    config = parse_config(fill_example(read_example(), answers), "site.toml")
    assert (config.site.base_url, config.matrix.homeserver) == ("https://fen.example/", "matrix.example")
    assert (config.matrix.rooms, config.matrix.spaces) == (("!id", "#a:b"), ("#c:d",))
    assert (config.webrings, config.tags) == ((), ())


def test_every_other_line_of_the_example_stays_as_an_explanation() -> None:
    answered = fill_example(read_example(), ANSWERS)
    explanations = [line for line in read_example().splitlines() if line.startswith("#")]
    assert [line for line in explanations if line not in answered.splitlines()] == []


def test_what_is_in_the_folder_already_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    made = create_garden(tmp_path, ANSWERS, read_example())
    assert made == ["site.toml", "content_cache/.gitignore", "notes/about.md"]
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_garden_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("mine")
    with pytest.raises(OutputError, match="never overwritten"):
        create_garden(tmp_path, ANSWERS, read_example())
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("title", "", "is empty"),
        ("base_url", "ftp://fen.example", "no web address"),
        ("homeserver", "http://matrix.example", "unencrypted"),
        ("rooms", "#a:b general", "'general' is no room"),
    ],
)
def test_an_answer_that_cannot_stand_in_the_file_is_refused_with_the_reason(
    key: str, answer: str, words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        check_answer(key, answer, read_example())


@pytest.mark.parametrize(
    ("key", "answer"),
    [("title", "🌱 & co"), ("homeserver", "matrix.example"), ("rooms", ""), ("rooms", "#a:b !c")],
)
def test_an_answer_that_can_is_taken(key: str, answer: str) -> None:
    check_answer(key, answer, read_example())


def test_the_demo_goes_into_a_new_folder_an_empty_one_or_its_own(tmp_path: Path) -> None:
    need_place_for_demo(tmp_path / "new", demo_folder())
    need_place_for_demo(tmp_path, demo_folder())
    (tmp_path / "site.toml").write_bytes((demo_folder() / "site.toml").read_bytes())
    need_place_for_demo(tmp_path, demo_folder())


@pytest.mark.parametrize("name", ["site.toml", "letter.txt"])
def test_the_demo_never_goes_where_something_else_is(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        need_place_for_demo(tmp_path, demo_folder())
