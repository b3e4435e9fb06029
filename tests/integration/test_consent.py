"""Every line of `docs/explanation/consent.md` on a real homeserver: who says no, and where that reaches."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from garden.archive.vocabulary import NOTICE, PREFERENCE, ROBOTS
from garden.config import read_config
from garden.gather import sync_garden
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import Tended
from tests.smallholding import build, lay_out, page_of, read_site, settings

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Commons:
    """A room that a garden publishes, and the garden."""

    homeserver: Homeserver
    room: str
    garden: Tended

    def ask(
        self, consent: str = "", *, rooms: Sequence[str] | None = None, spaces: Sequence[str] = ()
    ) -> None:
        """Write `site.toml` anew with these lines under `[consent]`."""
        rooms = [self.room] if rooms is None else rooms
        text = settings(
            rooms=rooms,
            spaces=spaces,
            homeserver=self.homeserver.base_url,
            more=f"\n[pages]\nmin_messages = 1\n\n[consent]\n{consent}\n",
        )
        lay_out(self.garden.folder, text)

    def say(
        self, sender: str, words: str, more: Mapping[str, object] | None = None, *, ts: int | None = None
    ) -> str:
        """Say something."""
        message = {"msgtype": "m.text", "body": words, **(more or {})}
        return self.homeserver.send_message(self.room, sender, message, ts=ts)

    def reply(self, sender: str, words: str, to: str) -> str:
        """Answer a message."""
        return self.say(sender, words, {"m.relates_to": {"m.in_reply_to": {"event_id": to}}})

    def set(self, kind: str, content: dict[str, object]) -> str:
        """Set something about the room, as only moderators can."""
        return self.homeserver.send(self.room, "admin", kind, content, state_key="")

    def notify(self, sender: str) -> str:
        """Tell the members, as `garden notice` does, or in its likeness."""
        return self.say(sender, "This room is published.", {NOTICE: {"base_url": "https://fen.example/"}})

    def grow(self) -> str:
        """Sync and build, and return all pages; in this process, since both happen very often here."""
        folder, config = self.garden.folder, read_config(self.garden.folder / "site.toml")
        sync_garden(folder, config, self.garden.token, report=lambda *_: None)
        build(folder, now_ms=now_ms())
        return self.garden.text()

    def has(self, words: str) -> bool:
        """Whether words stand in any byte of what the garden holds and publishes."""
        places = (read_site(self.garden.folder / place) for place in ("content_cache", "public"))
        return any(words.encode() in content for place in places for content in place.values())

    def consent(self, *options: str) -> dict[str, Any]:
        """Return what `garden consent --json` says."""
        said = self.garden.run("consent", "--json", *options)
        assert said.code == 0, said
        found: dict[str, Any] = json.loads(said.out)
        return found


@pytest.fixture
def commons(homeserver: Homeserver, fresh_room: str, tmp_path: Path) -> Commons:
    """Return a room of its own with a garden that asks for nothing special."""
    found = Commons(homeserver, fresh_room, Tended(tmp_path, homeserver.seeded.reader.token))
    found.ask()
    return found


@pytest.fixture
def petra(homeserver: Homeserver) -> str:
    """Return somebody whose name stands nowhere else."""
    localpart = f"petra-{uuid.uuid4().hex[:8]}"
    homeserver.client.register(localpart, "Petra Peatbog")
    return localpart


def now_ms() -> int:
    return int(time.time() * 1000)


# Time


def test_what_is_said_waits_as_long_as_the_garden_asks(commons: Commons) -> None:
    commons.ask('delay = "1h"')
    commons.say("ada", "Said yesterday.", ts=now_ms() - 24 * HOUR)
    slip = commons.say("ada", "Said just now.")
    backdated = commons.say("ada", "Said before the first sync.", ts=now_ms() - 2 * HOUR)
    shown = commons.grow()
    assert "Said yesterday." in shown
    assert "Said before the first sync." in shown, "of an older history nobody knows better"
    assert "Said just now." not in shown
    assert commons.has("Said just now."), "it waits on disk"
    assert commons.consent("--explain", slip)["refusal"] == "event_too_new"
    assert commons.consent("--explain", backdated)["published"]
    commons.say("ada", "Dated back.", ts=now_ms() - 24 * HOUR)
    assert "Dated back." not in commons.grow(), "it was not there at the last sync"


def test_an_edit_waits_and_takes_its_message_with_it_while_a_removal_counts_at_once(commons: Commons) -> None:
    commons.ask('delay = "1h"')
    edited = commons.say("ada", "The password is swordfish.", ts=now_ms() - 24 * HOUR)
    removed = commons.say("ada", "Removed after a day.", ts=now_ms() - 24 * HOUR)
    assert "swordfish" in commons.grow()
    commons.homeserver.edit(commons.room, "ada", edited, "The password is secret.")
    commons.homeserver.redact(commons.room, "ada", removed)
    shown = commons.grow()
    assert "The password is" not in shown
    assert not commons.has("swordfish")
    assert not commons.has("Removed after a day.")
    assert commons.consent("--explain", edited)["refusal"] == "event_edited_lately"


# The room and its moderators


def test_only_what_was_said_in_the_open_is_published_wherever_the_visibility_went(commons: Commons) -> None:
    for number, visibility in enumerate(["shared", "world_readable", "joined", "world_readable"]):
        commons.say("ada", f"Word {number} of before {visibility}.")
        commons.homeserver.set_visibility(commons.room, visibility)
    commons.say("ada", "Word 4 of the end.")
    shown = commons.grow()
    assert [f"Word {number}" in shown for number in range(5)] == [True, False, True, False, True]


def test_a_room_that_closes_leaves_or_keeps_what_was_public(
    commons: Commons, homeserver: Homeserver, tmp_path: Path
) -> None:
    keeper = Commons(homeserver, commons.room, Tended(tmp_path / "keeper", commons.garden.token))
    keeper.ask('when_closed = "keep"')
    commons.say("ada", "Said in the open.")
    for each in (commons, keeper):
        assert "Said in the open." in each.grow()
    homeserver.set_visibility(commons.room, "shared")
    commons.say("ada", "Said among ourselves.")
    assert "Said in the open." not in commons.grow()
    assert "Said in the open." in keeper.grow()
    assert keeper.consent()["rooms"][0]["published"]
    assert commons.consent()["rooms"][0]["published"] is False
    homeserver.set_visibility(commons.room, "world_readable")
    for each in (commons, keeper):
        assert "Said in the open." in each.grow()
        assert not each.has("Said among ourselves.")


def test_of_a_room_that_leaves_the_list_or_its_space_nothing_stays(
    commons: Commons, homeserver: Homeserver
) -> None:
    other = homeserver.create_room()
    space = homeserver.create_room(is_space=True)
    homeserver.add_to_space(space, commons.room)
    homeserver.add_to_space(space, other)
    commons.say("ada", "Said in a room that goes.")
    homeserver.send_message(other, "ada", "Said in a room that stays.")
    commons.ask(rooms=[commons.room, other])
    assert "Said in a room that goes." in commons.grow()
    commons.ask(rooms=[other])
    assert "Said in a room that stays." in commons.grow()
    assert not commons.has("Said in a room that goes.")
    assert not commons.has(commons.room)
    commons.ask(rooms=[], spaces=[space])
    assert "Said in a room that goes." in commons.grow()
    homeserver.send(space, "admin", "m.space.child", {}, state_key=commons.room)
    assert "Said in a room that stays." in commons.grow()
    assert not commons.has("Said in a room that goes.")


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        (ROBOTS, {"*": {"allow": False}}, "room_robots"),
        (ROBOTS, {"dev.matrixgarden": {"messages": False}, "*": {"messages": True}}, "room_robots"),
        (PREFERENCE, {"publish": False}, "room_preference"),
        (PREFERENCE, {"publish": "perhaps"}, "room_preference"),
    ],
)
def test_a_room_that_objects_is_erased_and_comes_back_when_it_agrees(
    commons: Commons, kind: str, content: dict[str, object], reason: str
) -> None:
    commons.say("ada", "Said before the room objected.")
    assert "Said before" in commons.grow()
    commons.set(kind, content)
    commons.say("ada", "Said since.")
    assert "Said" not in commons.grow()
    assert not commons.has("Said before the room objected.")
    assert not commons.has("Said since.")
    status = json.loads(commons.garden.run("status", "--json").out)
    assert status["rooms"][0]["room_refused"] == reason
    commons.set(kind, {})
    shown = commons.grow()
    assert "Said before the room objected." in shown
    assert "Said since." in shown


def test_a_room_can_keep_its_people_unnamed_and_search_engines_out(commons: Commons, petra: str) -> None:
    commons.set(PREFERENCE, {"index": False, "names": "pseudonym"})
    commons.say(petra, "The bog is high.")
    shown = commons.grow()
    page = page_of(commons.garden.out, "The bog is high.")
    assert '<meta name="robots" content="noindex">' in (commons.garden.out / page / "index.html").read_text()
    assert page not in (commons.garden.out / "sitemap.xml").read_text()
    assert "Petra" not in shown
    commons.set(PREFERENCE, {})
    shown = commons.grow()
    assert "Petra Peatbog" in shown
    assert page_of(commons.garden.out, "The bog is high.") in (
        (commons.garden.out / "sitemap.xml").read_text()
    )
    commons.set(ROBOTS, {"*": {"members": False}})
    assert "Petra" not in commons.grow()


def test_a_room_that_is_encrypted_is_let_go_for_good(commons: Commons) -> None:
    commons.say("ada", "Said in plain.")
    assert "Said in plain." in commons.grow()
    commons.homeserver.set_visibility(commons.room, "shared")
    commons.set("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    commons.homeserver.set_visibility(commons.room, "world_readable")
    assert "Said in plain." not in commons.grow(), "though nobody was told of it by the timeline"
    assert not commons.has("Said in plain.")


def test_moderators_take_messages_away_one_by_one_or_with_whom_they_ban(commons: Commons, petra: str) -> None:
    removed = commons.say("ben", "Removed by a moderator.")
    commons.say(petra, "Gone with a ban.")
    commons.say("ada", "Still there.")
    assert "Gone with a ban." in commons.grow()
    commons.homeserver.redact(commons.room, "admin", removed)
    user = f"@{petra}:fen.example"
    content = {
        "membership": "ban",
        "redact_events": True,
        "org.matrix.msc4293.redact_events": True,
    }
    commons.homeserver.send(commons.room, "admin", "m.room.member", content, state_key=user)
    assert "Still there." in commons.grow()
    assert not commons.has("Removed by a moderator.")
    assert not commons.has("Gone with a ban.")


# What a garden can ask for


def test_a_garden_that_needs_a_notice_publishes_no_room_without_one(commons: Commons) -> None:
    commons.ask("require_notice = true")
    commons.say("ada", "Said before anybody was told.")
    commons.notify("ben")
    assert "Said before" not in commons.grow(), "anybody can write a notice"
    status = commons.garden.run("status")
    assert "Not published: no notice in the room tells its members that it is published" in status.out
    told = commons.notify("admin")
    assert "Said before anybody was told." in commons.grow()
    assert commons.consent()["rooms"][0]["notice"] == told
    commons.homeserver.redact(commons.room, "admin", told)
    assert "Said before" not in commons.grow()


@pytest.mark.parametrize("asks", ["garden", "room"])
def test_in_a_curated_room_only_what_a_moderator_has_marked_is_published(commons: Commons, asks: str) -> None:
    if asks == "room":
        commons.set(PREFERENCE, {"publish": "curated"})
    else:
        commons.ask('publish = "curated"')
    root = commons.say("ada", "A marked beginning.")
    answer = commons.reply("ben", "A marked answer.", root)
    other = commons.say("ben", "Small talk.")
    commons.homeserver.react(commons.room, "ben", other, "🌱")
    mark = commons.homeserver.react(commons.room, "admin", answer, "🌱")
    shown = commons.grow()
    assert "A marked beginning." in shown
    assert "A marked answer." in shown
    assert "Small talk." not in shown
    assert commons.consent("--explain", other)["refusal"] == "event_not_planted"
    commons.homeserver.redact(commons.room, "admin", mark)
    assert "marked" not in commons.grow()
    if asks == "room":
        commons.set(PREFERENCE, {"publish": "curated", "planted": [other]})
        assert "Small talk." in commons.grow()


# Members


def gather_around(commons: Commons, petra: str) -> None:
    """Let somebody speak, and others speak to her, in every way that a client has."""
    user = f"@{petra}:fen.example"
    said = commons.say(petra, "Peat is no firewood.")
    commons.reply("ben", f"> <{user}> Peat is no firewood.\n\nNo indeed.", said)
    pill = f'<a href="https://matrix.to/#/{user}">Petra Peatbog</a>: think of the cranes.'
    more = {"format": "org.matrix.custom.html", "formatted_body": pill, "m.mentions": {"user_ids": [user]}}
    spoken_to = commons.say("cleo", "Petra Peatbog: think of the cranes.", more)
    commons.homeserver.react(commons.room, petra, spoken_to, "👍")


def check_gone(commons: Commons, petra: str) -> None:
    shown = commons.grow()
    assert "No indeed." in shown
    assert "think of the cranes." in shown
    for words in ("Peat is no firewood", "Peatbog", petra):
        assert not commons.has(words), words


def check_back(commons: Commons) -> None:
    shown = commons.grow()
    if "Peat is no firewood." not in shown:
        shown = commons.grow()
    assert "Peat is no firewood." in shown
    assert "Petra Peatbog" in shown


def test_who_writes_opt_out_leaves_no_trace_and_comes_back_with_opt_in(commons: Commons, petra: str) -> None:
    gather_around(commons, petra)
    assert "Petra Peatbog" in commons.grow()
    commons.say(petra, "!garden opt-out")
    check_gone(commons, petra)
    commons.say(petra, "Said since I left.")
    check_gone(commons, petra)
    assert not commons.has("Said since I left.")
    assert commons.consent()["wishes"] == {"user": 1, "event": 0, "room": 0}
    commons.say(petra, "!garden opt-in")
    check_back(commons)
    assert "!garden" not in commons.garden.text("Peat is no firewood.")


def test_who_reacts_to_the_notice_leaves_and_comes_back_by_taking_that_back(
    commons: Commons, petra: str
) -> None:
    notice = commons.notify("admin")
    gather_around(commons, petra)
    assert "Petra Peatbog" in commons.grow()
    refusal = commons.homeserver.react(commons.room, petra, notice, "🚫")
    check_gone(commons, petra)
    commons.homeserver.redact(commons.room, petra, refusal)
    check_back(commons)


def test_who_reacts_so_to_what_is_no_notice_stays(commons: Commons, petra: str) -> None:
    gather_around(commons, petra)
    forged = commons.notify("ben")
    commons.homeserver.react(commons.room, petra, forged, "🚫")
    assert "Peat is no firewood." in commons.grow()


def test_whom_the_admin_lists_is_left_out_until_the_list_says_otherwise(commons: Commons, petra: str) -> None:
    gather_around(commons, petra)
    assert "Petra Peatbog" in commons.grow()
    commons.ask(f'opt_out = ["@{petra}:fen.example"]')
    commons.garden.run("build", "--quiet")
    assert not commons.has("Peatbog"), "a build alone is enough"
    commons.say(petra, "!garden opt-in")
    check_gone(commons, petra)
    commons.ask()
    check_back(commons)


@pytest.mark.parametrize("names", ["pseudonym", "hidden"])
def test_where_nobody_is_named_no_name_stands_in_any_page_feed_or_index(
    commons: Commons, petra: str, names: str
) -> None:
    gather_around(commons, petra)
    assert "Petra Peatbog" in commons.grow()
    commons.ask(f'names = "{names}"')
    shown = commons.grow()
    assert "Peat is no firewood." in shown
    for place in ("public", "content_cache/pages", "content_cache/search"):
        held = b"".join(read_site(commons.garden.folder / place).values())
        assert held
        for words in ("Peatbog", petra, "@ben:", "@cleo:"):
            assert words.encode() not in held, (place, words)
    assert commons.consent()["rooms"][0]["names"] == names


# The admin


def test_a_person_is_forgotten_and_remembered(commons: Commons, petra: str) -> None:
    gather_around(commons, petra)
    commons.grow()
    user = f"@{petra}:fen.example"
    said = commons.garden.run("forget", user)
    assert said.code == 0, said
    assert user not in said.out
    check_gone(commons, petra)
    commons.say(petra, "!garden opt-in")
    check_gone(commons, petra)
    assert commons.garden.run("forget", user, "--undo").code == 0
    check_back(commons)


def test_a_message_is_forgotten_by_its_address_and_stays_away(commons: Commons) -> None:
    commons.say("ada", "This stays.")
    said = commons.say("ada", "This is to be forgotten.")
    commons.homeserver.edit(commons.room, "ada", said, "This was to be forgotten.")
    commons.grow()
    address = find_address(commons, "was to be forgotten")
    assert commons.consent("--explain", address)["event_id"] == said
    assert commons.garden.run("forget", address).code == 0
    commons.garden.sync("--full")
    assert "This stays." in commons.grow()
    assert not commons.has("to be forgotten")
    assert commons.garden.run("forget", said, "--undo").code == 0
    assert "This was to be forgotten." in commons.grow()


def test_a_room_is_forgotten_and_archived_again_when_that_is_taken_back(
    commons: Commons, homeserver: Homeserver
) -> None:
    other = homeserver.create_room()
    homeserver.send_message(other, "ada", "Said elsewhere.")
    commons.say("ada", "Said in the room.")
    commons.ask(rooms=[commons.room, other])
    assert "Said in the room." in commons.grow()
    assert commons.garden.run("forget", commons.room).code == 0
    synced = commons.garden.run("sync")
    assert "was forgotten" in synced.out + synced.err
    assert commons.garden.run("build", "--quiet").code == 0
    assert "Said elsewhere." in commons.garden.text()
    assert not commons.has("Said in the room.")
    assert not commons.has(commons.room)
    assert commons.garden.run("forget", commons.room, "--undo").code == 0
    assert "Said in the room." in commons.grow()


def test_garden_consent_shows_who_opened_a_room_and_what_each_rule_found(commons: Commons) -> None:
    opened = commons.homeserver.set_visibility(commons.room, "shared")
    commons.say("ada", "Said among ourselves.")
    opened = commons.homeserver.set_visibility(commons.room, "world_readable")
    said = commons.say("ada", "Said in the open.")
    commons.say("ada", "!garden hello")
    shown = commons.grow()
    told = commons.garden.run("consent")
    assert told.code == 0
    assert f"by {commons.homeserver.seeded.admin.user_id}" in told.out
    assert "1 event kept back: a command to the garden" in told.out
    assert f"Asked for in site.toml by {commons.room}" in told.out
    (room,) = commons.consent()["rooms"]
    assert room["opened_by"] == commons.homeserver.seeded.admin.user_id
    assert room["parts"][0]["refused"] == {"event_command": 1}
    assert all(rule["holds"] for rule in room["parts"][0]["rules"])
    explained = commons.garden.run("consent", "--explain", said)
    assert f"{said}, m.room.message" in explained.out
    assert "published" in explained.out.splitlines()[0]
    assert commons.consent("--explain", find_address(commons, "Said in the open."))["event_id"] == said
    assert opened not in shown
    assert "Said among ourselves." not in shown


def find_address(commons: Commons, words: str) -> str:
    """Return the address that the page of a message gives for it."""
    page = page_of(commons.garden.out, words)
    html = (commons.garden.out / page / "index.html").read_text("utf-8")
    before = html[: html.rindex(words, 0, html.index("</main>"))]
    anchor = before[before.rindex('id="m-') :].split('"')[1]
    return f"https://fen.example/garden/{page}/#{anchor}"
