"""Erased means erased: after a sync and a build the words are in no byte of cache or site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.resources import demo_folder
from tests.homeserver.community import SeedFile
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import tend

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

WORDS = "quagmire-password"


def picture() -> SeedFile:
    path = min((demo_folder() / "media").glob("*.webp"))
    return SeedFile(path.read_bytes(), "image/webp", path.name)


def test_a_redaction_takes_the_words_from_pages_quotes_titles_search_and_database(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, fresh_room)
    other = homeserver.create_room()
    (tmp_path / "site.toml").write_text(
        (tmp_path / "site.toml").read_text().replace(f'"{fresh_room}"', f'"{fresh_room}", "{other}"')
    )
    root = homeserver.send_message(fresh_room, "ada", f"The {WORDS} is written on the door.")
    answer = {"m.relates_to": {"m.in_reply_to": {"event_id": root}}}
    quote = f"> <@ada:fen.example> The {WORDS} is written on the door.\n\nTake it down!"
    for body in (quote, "Yes, take it down."):
        homeserver.send_message(fresh_room, "ben", {"msgtype": "m.text", "body": body, **answer})
    homeserver.edit(fresh_room, "ada", root, f"The {WORDS} was written on the door.")
    homeserver.react(fresh_room, "ben", root, "😱")
    homeserver.send_message(other, "cleo", f"See https://matrix.to/#/{fresh_room}/{root}")
    garden.grow()
    assert {path.split("/")[0] for path in garden.holds(WORDS)} >= {"events.sqlite3", "pages"}
    assert json.loads(garden.run("search", WORDS).out)
    homeserver.redact(fresh_room, "admin", root, "a password")
    garden.grow()
    assert garden.holds(WORDS) == []
    assert not garden.has_anywhere(WORDS)
    assert json.loads(garden.run("search", WORDS).out) == []
    assert "Take it down!" in garden.text()


def test_a_room_that_is_narrowed_leaves_with_its_words_and_pictures(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, fresh_room, homeserver.seeded.rooms["meadow"])
    homeserver.send_message(fresh_room, "ada", f"Here is the {WORDS}.")
    url = homeserver.upload(picture())
    homeserver.send_message(fresh_room, "ada", {"msgtype": "m.image", "body": f"{WORDS}.webp", "url": url})
    garden.grow()
    assert len(list((garden.out / "media").rglob("*.*"))) == 2, "the picture and its smaller copy"
    homeserver.set_visibility(fresh_room, "shared")
    synced, built = garden.run("sync"), garden.run("build")
    assert (synced.code, built.code) == (0, 0)
    assert f"Skipped {fresh_room}" in synced.out
    assert "the room is not world_readable now" in built.out
    assert garden.holds(WORDS) == []
    assert not garden.has_anywhere(WORDS)
    assert [path for path in tmp_path.rglob("media/**/*") if path.is_file()] == []
    assert "Found two spaces deep." in garden.text()
    assert json.loads(garden.run("status", "--json").out)["rooms"][0]["room_refused"] == "room_closed"


def test_a_member_does_not_bring_words_of_closed_periods_and_loses_those_of_a_narrowed_room(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    member = homeserver.seeded.member
    homeserver.join(fresh_room, "member")
    homeserver.send_message(fresh_room, "ada", "Said in the open.")
    homeserver.set_visibility(fresh_room, "shared")
    homeserver.send_message(fresh_room, "ada", f"Said among ourselves: {WORDS}.")
    homeserver.set_visibility(fresh_room, "world_readable")
    homeserver.send_message(fresh_room, "ada", "Said in the open again.")
    garden = tend(tmp_path, homeserver, fresh_room, token=member.token)
    garden.grow()
    assert "Said in the open again." in garden.text()
    assert not garden.has_anywhere(WORDS)
    homeserver.set_visibility(fresh_room, "joined")
    garden.grow()
    assert not garden.has_anywhere("Said in the open")
