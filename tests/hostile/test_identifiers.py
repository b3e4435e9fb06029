"""Identifiers made of the corpus: of events, people, rooms and state keys; a garden is the first to check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archive.material import ROOM, Json, event, message
from tests.hostile.corpus import CORPUS
from tests.hostile.grown import as_lines, grow
from tests.hostile.judge import find_problems
from tests.smallholding import lay_out, settings
from tests.terminal import run

TEXTS = [case.text for case in CORPUS]


def answer_to(target: str) -> Json:
    relation = {"m.in_reply_to": {"event_id": target}}
    return {"msgtype": "m.text", "body": "An answer.", "m.relates_to": relation}


def identified_by_texts() -> list[Json]:
    """Messages and state whose identifiers, types, people and keys are hostile texts."""
    found: list[Json] = [
        event("open", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")
    ]
    for number, text in enumerate(TEXTS):
        found += [
            message("x", "Named by a text.") | {"event_id": f"${text}"},
            message(f"by-{number}", "Sent by a text.") | {"sender": f"@{text}:fen.example"},
            message(f"type-{number}", "A type.") | {"type": text},
            event(
                f"key-{number}",
                "m.room.member",
                {"membership": "join", "displayname": "Ada Lindqvist"},
                state_key=text,
            ),
            event(f"state-{number}", text, {"name": text}, state_key=text),
            event(f"answer-{number}", "m.room.message", answer_to(text)),
            event(f"removal-{number}", "m.room.redaction", {"redacts": text, "reason": text})
            | {"redacts": text},
        ]
    return [*found, message("last", "Calm words at the end.")]


def test_identifiers_made_of_texts_harm_nothing(tmp_path: Path) -> None:
    garden = grow(tmp_path / "garden", identified_by_texts())
    assert find_problems(garden) == []
    assert any("Calm words at the end." in message.text for page in garden.pages for message in page.messages)


def test_identifiers_made_of_texts_steer_no_terminal_and_leave_no_traceback(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(vouched=[ROOM]))
    (tmp_path / "events.jsonl").write_bytes(as_lines(identified_by_texts()))
    for command in (
        "import matrix events.jsonl",
        "build",
        "status",
        "status --json",
        "build",
        "search words",
    ):
        said = run(*command.split(), folder=tmp_path)
        assert said.code == 0, said
        assert [letter for letter in "\x1b\x07\x9b\x08" if letter in said.out + said.err] == []


@pytest.mark.parametrize("room", ["!../../../escaped:x", "!con:x", f"!{'a' * 240}:x", "!<script>:x"])
def test_a_room_named_by_a_path_stays_in_the_garden(room: str, tmp_path: Path) -> None:
    events = [
        {**message("first", "Words."), "room_id": room},
        {**message("second", "More."), "room_id": room},
    ]
    garden = grow(tmp_path / "garden", events)
    assert find_problems(garden) == []
    assert (
        json.dumps([message.text for page in garden.pages for message in page.messages])
        == '["Words.", "More."]'
    )
