"""An audit reads every byte a garden owns and says where a text stands; where none does, it says that."""

from __future__ import annotations

import gzip
import os
import sqlite3
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from garden.archive.store import ArchiveStore
from garden.care.audit import Audit, audit_garden, find_names
from garden.care.audit_files import SPOTS, search_file
from garden.care.audit_spelling import want
from garden.errors import OptionError
from tests.archive.material import ADA, ROOM, Json, event, message
from tests.smallholding import bean_talk, build, plant

SECRET = "Würzburger Zwiebel"


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A built garden with one message, one name and one page title to look for."""
    joined: Json = {"membership": "join", "displayname": "Ada of the Fen"}
    plant(
        tmp_path,
        [
            event("joined", "m.room.member", joined, state_key=ADA),
            *bean_talk(),
            message("secret", f"A question: {SECRET}?", at=5),
            message("more", f"No {SECRET}s here.", at=6),
        ],
        more="\n[pages]\nmin_messages = 1\n",
    )
    build(tmp_path)
    return tmp_path


def audit(folder: Path, *texts: str, names: bool = False) -> Audit:
    return audit_garden(folder, folder / "public", texts, names=names)


def where(found: Audit) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for place in found.places:
        told.setdefault(place.path, []).extend(place.where)
    return told


def test_a_word_is_found_in_every_place_that_holds_it(garden: Path) -> None:
    found = where(audit(garden, SECRET))
    assert f"table events {ROOM} $secret (m.room.message)" in found["content_cache/events.sqlite3"]
    assert any(spot.startswith("bytes of page ") for spot in found["content_cache/events.sqlite3"])
    [index] = (path for path in found if path.startswith("content_cache/search/"))
    assert any(spot.startswith("text of page bean-room/") for spot in found[index])
    pages = [
        spot for path, spots in found.items() if path.startswith("content_cache/pages/") for spot in spots
    ]
    assert any(spot.endswith("message $secret") for spot in pages)
    built = [path for path in found if path.startswith("public/") and path.endswith("r-zwiebel/index.html")]
    assert all(any(", message m-" in spot for spot in found[path]) for path in built)
    assert {"public/feed.atom", "public/index.html"} <= found.keys()
    assert [path for path, spots in found.items() if "its name" in spots]


def test_what_stands_nowhere_is_not_found(garden: Path) -> None:
    found = audit(garden, "Nobody ever said this", "@nobody:else.example")
    assert found.is_clean
    assert found.places == ()
    files = [path for path in garden.rglob("*") if path.is_file() and path.name != "site.toml"]
    assert found.files == len(files) + 1
    assert found.size == sum(path.stat().st_size for path in files) + (garden / "site.toml").stat().st_size


def test_looking_changes_nothing(garden: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in garden.rglob("*")}
    audit(garden, SECRET, names=True)
    assert {path: path.stat().st_mtime_ns for path in garden.rglob("*")} == before


def test_rows_are_read_while_another_command_writes(garden: Path) -> None:
    with ArchiveStore.open(garden) as store:
        store.remember("account", "@zinnia:fen.example")
        found = where(audit(garden, "@zinnia:fen.example"))
    assert found["content_cache/events.sqlite3"] == ["table memory"]
    assert any(path.endswith("-wal") for path in found)


def test_what_the_admin_wrote_is_told_apart(garden: Path) -> None:
    (garden / "notes" / "mine.md").write_text("Zinnia.")
    (garden / "site.toml").write_text((garden / "site.toml").read_text() + "# Zinnia\n")
    found = audit(garden, "zinnia")
    assert found.is_clean
    assert [(place.path, place.is_own) for place in found.places] == [
        ("site.toml", False),
        ("notes/mine.md", False),
    ]


def test_leftovers_and_files_of_strangers_are_looked_through(garden: Path) -> None:
    places = (
        "content_cache/pages/.x.md.next",
        "content_cache/media/ab/.x.webp.next",
        "content_cache/media/ab/x.part",
        "content_cache/events.sqlite3.mending",
        ".public.next/a.html",
        ".public.old/b.html",
        "public/CNAME",
        ".garden-token.1234",
        "..garden-token.next",
    )
    for place in places:
        (garden / place).parent.mkdir(parents=True, exist_ok=True)
        (garden / place).write_text("zinnia")
    (garden / "public" / "link").symlink_to("zinnia")
    assert {place.path for place in audit(garden, "zinnia").places} == {*places, "public/link"}


def test_the_key_is_nobody_s_name_and_is_left_alone(garden: Path) -> None:
    (garden / "content_cache" / "key").write_text("zinnia")
    assert audit(garden, "zinnia").is_clean


def test_names_of_a_user_are_looked_for_where_that_is_asked(garden: Path) -> None:
    assert find_names(garden / "content_cache" / "events.sqlite3", [ADA]) == ["Ada of the Fen"]  # type: ignore[list-item]
    assert audit(garden, ADA).texts == (ADA,)
    found = audit(garden, ADA, names=True)
    assert found.texts == (ADA, "Ada of the Fen")
    assert any(place.text == "Ada of the Fen" and place.path.startswith("public/") for place in found.places)


def test_a_damaged_database_is_searched_as_far_as_it_goes(garden: Path) -> None:
    path = garden / "content_cache" / "events.sqlite3"
    path.write_bytes(b"\xaa" * 100 + path.read_bytes()[100:])
    found = audit(garden, SECRET)
    [note] = found.notes
    assert note.startswith("content_cache/events.sqlite3 is damaged: rows of all tables could not be read")
    assert any(spot.startswith("bytes of page") for spot in where(found)["content_cache/events.sqlite3"])


def test_a_text_that_lies_on_two_pages_of_the_database_is_found(tmp_path: Path) -> None:
    words = "x" * 3_990 + "zinnia blossom " * 200
    plant(tmp_path, [*bean_talk(), message("long", words)])
    assert any("$long" in spot for spot in where(audit(tmp_path, words))["content_cache/events.sqlite3"])


def test_a_file_that_cannot_be_read_is_told(garden: Path) -> None:
    if os.geteuid() == 0:
        (garden / "public" / "loop").symlink_to("loop")
        assert audit(garden, "nothing at all").notes == ()
        return
    (garden / "public" / "index.html").chmod(0)
    assert audit(garden, "nothing at all").notes == (
        "public/index.html could not be read: Permission denied",
    )


@pytest.mark.parametrize("texts", [(), ("",), ("bean", " \n")])
def test_nothing_is_not_looked_for(texts: tuple[str, ...], garden: Path) -> None:
    with pytest.raises(OptionError, match="nothing to look for"):
        audit(garden, *texts)


def test_a_garden_that_was_never_synced_holds_nothing(tmp_path: Path) -> None:
    assert audit(tmp_path, "bean", names=True).is_clean


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\n\nzinnia\n"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zinnia/c.txt", "\nZinnia")
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"zinnia" * 1000)[:-9])
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(99))
    assert search_file(tmp_path / "a.gz", [want("zinnia")])[0].spots == ["unpacked, line 3"]
    assert search_file(tmp_path / "b.zip", [want("zinnia")])[0].spots[-2:] == [
        "name of zinnia/c.txt in it",
        "zinnia/c.txt in it, line 2",
    ]
    assert search_file(tmp_path / "broken.zip", [want("zinnia")])[0].count == 0
    search_file(tmp_path / "broken.gz", [want("zinnia")])


def test_deleted_pages_of_the_index_are_found_too(garden: Path) -> None:
    search = garden / "content_cache" / "search"
    for segment in search.glob("*.seg"):
        (search / "MAIN_of_a_killed_run.seg").write_bytes(b"junk x\x9c junk" + segment.read_bytes())
    (search / "seal.json").unlink()
    found = where(audit(garden, SECRET))
    assert any("text of page" in spot for spot in found["content_cache/search/MAIN_of_a_killed_run.seg"])


def test_a_match_across_two_pieces_counts_once_and_has_its_line(tmp_path: Path) -> None:
    piece = 4 * 1024 * 1024
    path = tmp_path / "large.txt"
    for shift in (0, 3, 6, 400):
        text = b"\n" * (piece - shift) + b"zinnia" + b"\n" * piece + b"zinnia"
        path.write_bytes(text)
        [found] = search_file(path, [want("zinnia")])
        assert (found.count, found.spots) == (
            2,
            [f"line {piece - shift + 1:,}", f"line {2 * piece - shift + 1:,}"],
        )


def test_what_stands_everywhere_is_counted_and_the_first_places_are_told(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("zinnia\n" * 10_000)
    [found] = search_file(tmp_path / "many.txt", [want("zinnia")])
    assert (found.count, len(found.spots)) == (10_000, SPOTS)


def test_a_large_archive_is_looked_through_in_seconds() -> None:
    with tempfile.TemporaryDirectory() as passing:
        cache = Path(passing) / "content_cache"
        cache.mkdir()
        with sqlite3.connect(cache / "events.sqlite3") as database:
            database.execute("CREATE TABLE events (room_id TEXT, event_id TEXT, source TEXT)")
            row = (
                '{"content":{"body":"' + "words of an ordinary message, " * 15 + '"},"type":"m.room.message"}'
            )
            database.executemany(
                "INSERT INTO events VALUES (?, ?, ?)", ((ROOM, f"${n}", row) for n in range(100_000))
            )
        database.close()
        start = time.monotonic()
        assert audit(Path(passing), "Blue Heron", ADA).is_clean
        assert time.monotonic() - start < 30
