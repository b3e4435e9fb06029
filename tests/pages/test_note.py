"""Notes are Markdown files as people keep them anyway."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from garden.conversations.tending import Stage
from garden.pages.dialect import DialectError
from garden.pages.moment import parse_time
from garden.pages.note import read_note
from garden.pages.store import read_notes


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        ("# Storing beans #\n\nDry.", "Storing beans", "Dry."),
        ("---\ntitle: Beans\n---\n\n# Storing beans\n\nDry.", "Beans", "# Storing beans\n\nDry."),
        ("Dry.", "a note", "Dry."),
        ("\ufeff# Bom\n", "Bom", ""),
        ("## Second level\n", "a note", "## Second level"),
        ("---\ntitle: 2025\n---\nDry.\r\nCool.", "2025", "Dry.\nCool."),
        ("", "a note", ""),
    ],
)
def test_a_title_comes_from_front_matter_heading_or_file_name(text: str, title: str, words: str) -> None:
    note = read_note(text, "a-note.md")
    assert (note.title, note.text) == (title, words)


def test_a_notes_address_follows_its_path() -> None:
    assert read_note("", "Tools/Pruning Knife.md").address == "notes/tools/pruning-knife/"


@pytest.mark.parametrize(
    ("front", "planted", "tended"),
    [
        ("date: 2025-03-03", "2025-03-03", "2025-03-03"),
        ("date: 2025-03-03\nupdated: 2025-04-01 10:30", "2025-03-03", "2025-04-01T10:30"),
        ("date: '2025-03-03T10:00:00+01:00'", "2025-03-03T09:00", "2025-03-03T09:00"),
        ("date: 2025-03-03T10:00:00+01:00", "2025-03-03T09:00", "2025-03-03T09:00"),
        ("updated: 2025-04-01", None, "2025-04-01"),
    ],
)
def test_dates_are_read_in_every_form_of_yaml(front: str, planted: str | None, tended: str) -> None:
    note = read_note(f"---\n{front}\n---\n", "n.md")
    assert (note.planted, note.tended) == (parse_time(planted) if planted else None, parse_time(tended))


def test_tags_are_tags_in_the_spelling_of_their_addresses() -> None:
    assert read_note("---\ntags: [Beans, seed saving, Seed_Saving, 2025, '!']\n---\n", "n.md").tags == (
        "2025",
        "beans",
        "seed-saving",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\ndate: soon\n---\n", r"n\.md: date: 'soon' is no date"),
        ("---\ndate: [1]\n---\n", r"n\.md: date: '\[1\]' is no date"),
        ("---\nupdated: 2026-13-45\n---\n", r"n\.md: the front matter is no YAML: month must be"),
        ("---\ntags: beans\n---\n", r"n\.md: tags: 'beans' is no list such as \[beans, storage\]"),
        ("---\naliases: Jar\n---\n", r"n\.md: aliases: 'Jar' is no list such as \["),
        ("---\ngrew_from: {a: b}\n---\n", r"n\.md: grew_from: .* is no list such as \["),
        ("---\ngrowth: oak\n---\n", r"n\.md: growth: 'oak' is none of seedling, budding, evergreen"),
        ("---\nfeatured: often\n---\n", r"n\.md: featured: 'often' is neither true nor false"),
        ("---\ndraft: '1'\n---\n", r"n\.md: draft: '1' is neither true nor false"),
        ("---\ntitle: No\n---\n", r"n\.md: title: 'False' is no text: put it between quotation marks"),
        ("---\nsummary: [a]\n---\n", r"n\.md: summary: .* is no text"),
        (f"---\nsummary: {[1] * 50}\n---\n", r"n\.md: summary: '\[1, 1, .{40,60}…' is no text"),
        ("---\ntitle: x\n", r"n\.md: the front matter has no end"),
        ("---\n{\n---\n", r"n\.md: the front matter is no YAML"),
        (f"---\n{'[' * 5000}\n---\n", r"n\.md: the front matter is no YAML"),
    ],
)
def test_what_cannot_be_read_names_the_file_and_the_reason(text: str, said: str) -> None:
    with pytest.raises(DialectError, match=said):
        read_note(text, "n.md")


def test_all_that_is_wrong_in_a_note_is_told_at_once() -> None:
    with pytest.raises(DialectError, match=r"n\.md: date: .*; tags: .*; growth: .*"):
        read_note("---\ndate: soon\ntags: 1\ngrowth: big\n---\n", "n.md")


def test_what_the_front_matter_says_stands_in_the_note() -> None:
    note = read_note(
        "---\nsummary: Dry,\n  airtight, cool.\ngrowth: Evergreen\nfeatured: true\n"
        "aliases: [Bean seed, ' ']\n---",
        "n.md",
    )
    assert (note.summary, note.stage, note.featured) == ("Dry, airtight, cool.", Stage.EVERGREEN, True)
    assert (note.aliases, note.is_draft, note.text) == (("Bean seed",), False, "")


@pytest.mark.parametrize(
    ("written", "targets"),
    [
        ('["[[Bean talk]]", "https://x.example/y"]', ("[[Bean talk]]", "https://x.example/y")),
        ("\n- [[Bean talk]]\n- [[Beans, dried]]\n- Peas", ("[[Bean talk]]", "[[Beans, dried]]", "[[Peas]]")),
        ("[[Bean talk]]", ("[[Bean talk]]",)),
        ("[[[Bean talk]], [[Peas]]]", ("[[Bean talk]]", "[[Peas]]")),
        ("[Peas, Peas]", ("[[Peas]]",)),
        ("matrix:r/seeds:fen.example/e/x", ()),
        ("", ()),
        ("[]", ()),
        ("[null, ' ']", ()),
    ],
)
def test_what_a_note_grew_from_is_named_as_people_name_it(written: str, targets: tuple[str, ...]) -> None:
    text = f"---\ngrew_from: {written}\n---\n"
    if written.startswith("matrix:"):
        with pytest.raises(DialectError, match="grew_from"):
            read_note(text, "n.md")
        return
    assert read_note(text, "n.md").grew_from == targets


def test_the_front_matter_of_another_editor_is_left_alone() -> None:
    front = "cssclasses: [wide]\nkanban-plugin: board\n1: 2\npublish: true\nb: {a: 1}\ntags:\naliases:\n"
    assert read_note(f"---\n{front}---\nDry.", "n.md").text == "Dry."


YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "title",
    "date",
    "updated",
    "tags",
    "summary",
    "growth",
    "featured",
    "grew_from",
    "aliases",
    "draft",
    "id",
)


@given(st.dictionaries(st.sampled_from(KEYS), YAML_VALUES))
def test_whatever_yaml_says_a_note_is_read_or_its_file_is_named(front: dict[str, object]) -> None:
    text = f"---\n{yaml.safe_dump(front)}---\nDry."
    try:
        note = read_note(text, "n.md")
    except DialectError as error:
        assert str(error).startswith("n.md: ")  # noqa: PT017 - either is right
        return
    assert note.title
    assert "\n" not in f"{note.title}{note.summary}{note.aliases}{note.grew_from}"


def test_a_draft_is_no_note_yet(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ndraft: true\n---\nSoon.")
    (tmp_path / "b.md").write_text("---\ndraft: false\n---\nNow.")
    notes, problems = read_notes(tmp_path)
    assert ([note.path for note in notes], problems) == (["b.md"], [])


def test_one_bad_note_does_not_stop_the_others(tmp_path: Path) -> None:
    for name, content in {
        "good.md": b"# Good",
        "bad.md": b"---\ndate: soon\n---\n",
        "bytes.md": b"\xff\xfe",
        "tools/hoe.md": b"# Hoe",
        "README.md": b"not a note",
        "_drafts/draft.md": b"# Draft",
        ".obsidian/x.md": b"# Settings",
        "picture.txt": b"x",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    notes, problems = read_notes(tmp_path)
    assert [note.title for note in notes] == ["Good", "Hoe"]
    assert [problem.split(":")[0] for problem in problems] == ["notes/bad.md", "notes/bytes.md"]
