"""A doctor finds what is wrong, says what to do, and touches nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from email.utils import formatdate
from pathlib import Path

import pytest

from garden.archive.credentials import Credentials, save_credentials
from garden.archive.event import MxcUri, UserId
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.care.checkup import Depth, Finding, Level, examine_garden
from garden.config import SiteConfig, read_config
from garden.errors import NotAGardenError
from garden.lock import hold_garden
from garden.resources import demo_folder
from tests.archive.hostile_server import HostileServer, html, refuses, says
from tests.archive.material import ROOM, event, message, picture
from tests.loopback import USER, one_room, server
from tests.smallholding import NOW_MS, bean_talk, bring, build, lay_out, plant, settings
from tests.terminal import TOKEN

OFFLINE = Depth(offline=True)
THOROUGH = Depth(offline=True, thorough=True)


def examine(folder: Path, depth: Depth = OFFLINE, *, token: str | None = None) -> list[Finding]:
    def read() -> SiteConfig:
        return read_config(folder / "site.toml")

    return examine_garden(
        folder,
        folder / "public",
        read=read,
        token=token,
        now_ms=NOW_MS,
        depth=depth,
        report=lambda *_: None,
    )


def told(findings: list[Finding], level: Level) -> list[str]:
    return [f"{finding.area}: {finding.what}" for finding in findings if finding.level is level]


def problems(folder: Path, depth: Depth = OFFLINE) -> list[str]:
    return told(examine(folder, depth), Level.PROBLEM)


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A garden in order, with a picture."""
    uri = MxcUri("mxc://fen.example/bean")
    plant(tmp_path, [*bean_talk(), picture("bean", uri)])
    with ArchiveStore.open(tmp_path) as store:
        store.files.save(uri, clean_picture(min((demo_folder() / "media").glob("*.webp")).read_bytes()))
    save_credentials(tmp_path, Credentials("https://matrix.invalid", UserId(USER), TOKEN))
    build(tmp_path)
    return tmp_path


def database(folder: Path) -> Path:
    return folder / "content_cache" / "events.sqlite3"


def test_a_garden_in_order_has_no_problem_and_no_note(garden: Path) -> None:
    for depth in (OFFLINE, THOROUGH):
        findings = examine(garden, depth)
        assert told(findings, Level.PROBLEM) == told(findings, Level.NOTE) == []
        assert {finding.area for finding in findings} == {
            *("settings", "this machine", "commands", "permissions", "archive", "site", "disk", "notes"),
            *("account", "rooms"),
        }


def test_looking_changes_nothing(garden: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in garden.rglob("*")}
    database(garden).write_bytes(database(garden).read_bytes())
    before[database(garden)] = (database(garden).stat().st_mtime_ns, before[database(garden)][1])
    examine(garden, THOROUGH)
    after = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in garden.rglob("*")}
    assert after.keys() == before.keys()
    assert {path for path in before if after[path] != before[path] and path.is_file()} == set()


def test_a_token_is_never_told(garden: Path) -> None:
    (garden / ".garden-token").chmod(0o644)
    (garden / ".garden-token.1a2b").write_text(TOKEN)
    for token in (None, TOKEN):
        findings = examine(garden, token=token)
        assert TOKEN not in repr(findings)
    found = problems(garden)
    assert any("can be read by others" in each for each in found)
    assert any(".garden-token.1a2b was left by a command" in each for each in found)


def test_a_token_of_another_homeserver_and_none_at_all_are_told(garden: Path) -> None:
    save_credentials(garden, Credentials("https://other.example", UserId(USER), TOKEN))
    assert "account: The access token is for https://other.example" in problems(garden)[0]
    (garden / ".garden-token").unlink()
    assert "account: no login" in told(examine(garden), Level.NOTE)[0]
    assert told(examine(garden, token=TOKEN), Level.NOTE) == []


def test_every_mistake_in_the_settings_is_told_and_the_rest_is_looked_at(garden: Path) -> None:
    (garden / "site.toml").write_text('[site]\ntitel = "Fen"\nbase_url = 5\n')
    found = problems(garden)
    assert [each for each in found if "site.toml:2" in each]
    assert [each for each in found if "site.toml:3" in each]
    assert any(finding.area == "archive" for finding in examine(garden))


def test_a_folder_without_settings_is_no_garden(tmp_path: Path) -> None:
    with pytest.raises(NotAGardenError):
        examine(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"no database" * 999, "not a database"),
        (None, "is damaged"),
    ],
)
def test_a_damaged_database_is_told_with_the_way_out(content: bytes | None, words: str, garden: Path) -> None:
    data = bytearray(database(garden).read_bytes())
    data[4096 * 8 : 4096 * 14] = b"\xa5" * 4096 * 6
    database(garden).write_bytes(bytes(data) if content is None else content)
    findings = examine(garden, THOROUGH)
    [first, *_] = [each for each in findings if each.level is Level.PROBLEM]
    assert words in first.what
    assert "garden doctor --repair" in first.hint


def test_rows_that_are_no_events_are_counted(garden: Path) -> None:
    data = database(garden).read_bytes()
    assert data.count(b'"$frost"') == 1
    database(garden).write_bytes(data.replace(b'"$frost"', b'"frost.."'[:8]))
    assert any("holds 1 row without an event in it" in each for each in problems(garden))


def test_files_that_are_gone_damaged_or_nobody_s_are_told(garden: Path) -> None:
    media = garden / "content_cache" / "media"
    [first, *_] = sorted(path for path in media.rglob("*") if path.is_file())
    first.write_bytes(first.read_bytes() + b"x")
    assert not any("damaged in" in each for each in problems(garden))
    assert any("1 file damaged in " in each for each in problems(garden, THOROUGH))
    first.unlink()
    assert any("1 file missing from" in each for each in problems(garden))
    stranger = media / "ab" / f"{hashlib.sha256(b'x').hexdigest()}.bin"
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_bytes(b"x")
    assert any("that no event shows" in each for each in told(examine(garden, THOROUGH), Level.NOTE))


def test_what_builds_keep_is_looked_at(garden: Path) -> None:
    cache = garden / "content_cache"
    (cache / "search" / "seal.json").write_text("{")
    (cache / "addresses.json").write_text("{")
    found = problems(garden)
    assert any("addresses.json cannot be read" in each for each in found)
    (cache / "addresses.json").unlink()
    (cache / "feeds.json").write_text("[")
    found = problems(garden)
    assert any("feeds.json is damaged" in each for each in found)
    assert any("search index is damaged" in each for each in found)
    page = min((cache / "pages").rglob("*.md"))
    page.write_text("no page")
    assert any("A page in" in each for each in problems(garden, THOROUGH))


def test_files_of_the_site_that_are_gone_changed_or_a_stranger_s_are_told(garden: Path) -> None:
    site = garden / "public"
    (site / "404.html").unlink()
    (site / "index.html").write_text("by hand")
    later = (site / ".garden.json").stat().st_mtime + 60
    os.utime(site / "index.html", (later, later))
    (site / "CNAME").write_text("fen.example")
    found = problems(garden)
    assert any("1 file missing from" in each and "404.html" in each for each in found)
    assert any("1 file in" in each and "changed after the build: index.html" in each for each in found)
    assert any("of somebody else, which stay: CNAME" in each for each in told(examine(garden), Level.NOTE))
    (site / ".garden.json").write_text("{")
    assert any("is damaged" in each for each in problems(garden))


def test_a_site_too_large_for_a_host_is_a_note(garden: Path) -> None:
    with (garden / "public" / "large.bin").open("wb") as file:
        file.truncate(2_000_000_000)
    notes = told(examine(garden), Level.NOTE)
    assert any("Cloudflare Pages" in each for each in notes)
    assert any("GitHub Pages" in each for each in notes)
    (garden / "public" / "large.bin").unlink()
    (garden / "public" / "many").mkdir()
    for number in range(20_000):
        (garden / "public" / "many" / str(number)).touch()
    assert any("Cloudflare Pages takes 20,000" in each for each in told(examine(garden), Level.NOTE))


def test_a_working_command_is_named_and_its_drafts_are_no_leftovers(garden: Path) -> None:
    (garden / ".public.next").mkdir()
    assert any(".public.next was left by" in each for each in told(examine(garden), Level.NOTE))
    with hold_garden(garden / "content_cache", command="build"):
        notes = told(examine(garden), Level.NOTE)
    assert notes[0].startswith(
        f"commands: Another garden command is working here (build, process {os.getpid()}"
    )
    assert not any(".public.next" in each for each in notes)


def test_a_key_that_others_can_read_and_another_key_are_told(garden: Path) -> None:
    with ArchiveStore.open(garden) as store:
        store.wishes.forget("user", "@zinnia:fen.example", at=1)
    key = garden / "content_cache" / "key"
    assert problems(garden) == []
    key.chmod(0o644)
    assert any("key can be read by others" in each for each in problems(garden))
    key.chmod(0o600)
    key.write_text("another")
    assert any("holds another key" in each for each in problems(garden))
    key.unlink()
    assert any("is gone: without the garden's key" in each for each in problems(garden))
    assert not key.exists()


def test_a_theme_that_cannot_be_read_and_notes_that_cannot_are_told(garden: Path) -> None:
    (garden / "site.toml").write_text(
        settings(vouched=[ROOM]).replace("[matrix]", 'theme = "gone"\n[matrix]')
    )
    (garden / "notes" / "bad.md").write_bytes(b"\xff")
    assert any("no theme 'gone'" in each for each in problems(garden))
    assert any("Left out: notes/bad.md" in each for each in told(examine(garden), Level.NOTE))


def test_a_theme_of_the_gardens_own_is_read_with_all_its_files(garden: Path) -> None:
    (garden / "site.toml").write_text(
        settings(vouched=[ROOM]).replace("[matrix]", 'theme = "plain"\n[matrix]')
    )
    own = garden / "themes" / "plain" / "templates"
    own.mkdir(parents=True)
    (own / "hom.html").write_text('{% extends "parent:home.html" %}')
    assert any("hom.html is used by no page" in each for each in told(examine(garden), Level.NOTE))
    (own / "hom.html").rename(own / "home.html")
    assert not any("is used by no page" in each for each in told(examine(garden), Level.NOTE))
    (own / "home.html").write_text("\n{% if %}")
    assert any("home.html, line 2, failed" in each for each in problems(garden))


def test_rooms_that_are_not_published_say_why(garden: Path) -> None:
    (garden / "site.toml").write_text(settings(rooms=[ROOM, "#gone:fen.example"]))
    bring(garden, [event("c", "m.room.history_visibility", {"history_visibility": "shared"}, state_key="")])
    findings = examine(garden)
    assert any("Bean room" in each and "is not published" in each for each in told(findings, Level.PROBLEM))
    assert any("#gone:fen.example: nothing archived" in each for each in told(findings, Level.NOTE))


def test_an_archive_in_an_older_format_is_not_upgraded_by_looking(garden: Path) -> None:
    with sqlite3.connect(database(garden)) as old:
        old.execute("PRAGMA user_version = 1")
    old.close()
    before = database(garden).read_bytes()
    assert any("an older format (1)" in each for each in told(examine(garden), Level.NOTE))
    assert database(garden).read_bytes() == before


# --- the homeserver ---


def ask(
    running: HostileServer, folder: Path, *, more: str = "", spaces: tuple[str, ...] = ()
) -> list[Finding]:
    lay_out(folder, settings(rooms=[ROOM], spaces=spaces, homeserver=running.base_url, more=more))
    return [
        each
        for each in examine(folder, Depth(), token=TOKEN)
        if each.area in {"homeserver", "rooms", "account"}
    ]


def test_a_homeserver_in_order_is_described(tmp_path: Path) -> None:
    with server() as running:
        one_room(running, ROOM, bean_talk())
        running.answer("/media/config", says({}))
        running.answer(f"{ROOM}/initialSync", says({"messages": {"end": "t"}}))
        findings = ask(running, tmp_path)
    assert told(findings, Level.PROBLEM) == told(findings, Level.NOTE) == []
    lines = told(findings, Level.OK)
    assert any(f"{running.base_url} answers in " in each and "up to version v1.11" in each for each in lines)
    assert f"account: {USER} is logged in" in lines
    assert f"rooms: {ROOM} is world_readable now" in lines
    assert not any(each.method == "POST" for each in running.asked)


def test_what_a_homeserver_lacks_is_a_note(tmp_path: Path) -> None:
    with server() as running:
        one_room(running, ROOM, bean_talk())
        running.answer("/hierarchy", refuses(404, "M_UNRECOGNIZED"))
        running.answer("#s:fen.example", says({"room_id": "!s:fen.example"}))
        created = event("c", "m.room.create", {"type": "m.space"}, state_key="")
        listed = event("l", "m.space.child", {"via": ["fen.example"]}, state_key=ROOM)
        running.answer("!s:fen.example/state", says([created, listed]))
        findings = ask(running, tmp_path, spaces=("#s:fen.example",))
    notes = " ".join(told(findings, Level.NOTE))
    assert "no authenticated media" in notes
    assert "no /hierarchy" in notes
    assert "no peeking" in notes
    assert "rooms: space #s:fen.example lists 1 room" in told(findings, Level.OK)


def test_each_room_says_how_it_stands_now(tmp_path: Path) -> None:
    with server() as running:
        one_room(running, ROOM, bean_talk(), visibility="shared")
        assert any(
            "is not world_readable now" in each for each in told(ask(running, tmp_path), Level.PROBLEM)
        )
        one_room(running, ROOM, bean_talk())
        joined = event("j", "m.room.member", {"membership": "join"}, state_key=USER)
        levels = event("p", "m.room.power_levels", {"users": {USER: 50}}, state_key="")
        running.answer(f"{ROOM}/state", says([joined, levels]))
        assert any("joined it with power level 50" in each for each in told(ask(running, tmp_path), Level.OK))
        encrypted = event("e", "m.room.encryption", {"algorithm": "m.megolm"}, state_key="")
        running.answer(f"{ROOM}/state", says([encrypted]))
        assert f"rooms: {ROOM} is encrypted" in told(ask(running, tmp_path), Level.PROBLEM)
        running.answer("m.room.history_visibility/", refuses(403, "M_FORBIDDEN"))
        assert any("M_FORBIDDEN" in each for each in told(ask(running, tmp_path), Level.PROBLEM))


def test_an_expired_token_and_a_homeserver_that_is_none_are_problems_with_a_way_out(tmp_path: Path) -> None:
    with server() as running:
        one_room(running, ROOM, bean_talk())
        running.answer("/account/whoami", refuses(401, "M_UNKNOWN_TOKEN"))
        [expired] = [each for each in ask(running, tmp_path) if each.level is Level.PROBLEM]
        running.answer("/versions", html())
        [none] = [each for each in ask(running, tmp_path) if each.level is Level.PROBLEM]
    [gone] = [each for each in ask(running, tmp_path) if each.level is Level.PROBLEM]
    assert "does not take the access token" in expired.what
    assert "garden login" in expired.hint
    assert "/versions" in none.what
    assert running.base_url in gone.what
    assert all(each.hint for each in (expired, none, gone))


@pytest.mark.parametrize(
    ("off", "words"), [(0, "agrees"), (-3600, "60 minutes ahead of"), (3600, "60 minutes behind")]
)
def test_a_clock_that_is_off_is_told(off: int, words: str, tmp_path: Path) -> None:
    with server() as running:
        date = {"Date": formatdate(NOW_MS / 1000 + off, usegmt=True)}
        running.answer("/versions", says({"versions": ["v1.11"]}, headers=date))
        lay_out(tmp_path, settings(homeserver=running.base_url))
        findings = examine(tmp_path, Depth(), token=TOKEN)
    assert any("clock" in finding.what and words in finding.what for finding in findings)


def test_a_garden_of_imports_needs_no_homeserver(garden: Path) -> None:
    (garden / "site.toml").write_text(
        settings(vouched=[ROOM], homeserver="").replace('homeserver = ""\n', "")
    )
    (garden / ".garden-token").unlink()
    findings = examine(garden, Depth())
    assert told(findings, Level.PROBLEM) == []
    assert "homeserver: site.toml names no homeserver" in told(findings, Level.NOTE)


def test_no_name_steers_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07"
    with server() as running:
        one_room(running, ROOM, [*bean_talk(), message("x", evil)])
        running.answer("/versions", says({"versions": [evil]}))
        running.answer("m.room.history_visibility/", refuses(403, f"M_{evil}"))
        findings = ask(running, tmp_path)
    assert "\x1b" not in json.dumps([each.what for each in findings], ensure_ascii=False)
