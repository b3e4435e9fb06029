"""Notes are Markdown files as people keep them anyway."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        ("---\ndate: soon\n---\n", r"n\.md: 'soon' is no date"),
        ("---\ndate: [1]\n---\n", r"n\.md: \[1\] is no date"),
        ("---\ntags: beans\n---\n", r"n\.md: tags are a list"),
        ("---\ntitle: x\n", r"n\.md: the front matter has no end"),
        ("---\n{\n---\n", r"n\.md: the front matter is no YAML"),
    ],
)
def test_what_cannot_be_read_names_the_file_and_the_reason(text: str, said: str) -> None:
    with pytest.raises(DialectError, match=said):
        read_note(text, "n.md")


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
