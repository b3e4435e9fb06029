"""The archive of a real homeserver: complete, in its order, up to date, and without what was erased."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from garden.archive.event import MediaForm, MxcUri, RoomId
from garden.archive.matrix import MatrixSource, login_with_password
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, SyncResult, Wanted, sync_rooms
from garden.errors import LoginError
from tests.archive.material import bytes_of
from tests.archive.recorded import PLACE, animation, photograph, video, voice
from tests.archive.recorded import SECRET as NOTED
from tests.archive.test_sync import contents
from tests.homeserver.community import SeedFile
from tests.homeserver.homeserver import Homeserver
from tests.homeserver.story import SECRET

pytestmark = pytest.mark.synapse

LIMITS = SyncLimits(recrawl_ms=1_000_000, max_media_bytes=10_000_000)


def sync(
    folder: Path,
    homeserver: Homeserver,
    *rooms: str,
    token: str | None = "",
    spaces: tuple[str, ...] = (),
    full: bool = False,
) -> SyncResult:
    """Sync as an account that joined nothing, unless another token is given."""

    async def run() -> SyncResult:
        used = homeserver.seeded.reader.token if token == "" else token
        async with MatrixSource(homeserver.base_url, used) as source:
            with ArchiveStore.open(folder) as store:
                wanted = Wanted(rooms, spaces)
                return await sync_rooms(wanted, source, store, now_ms=1, limits=LIMITS, full=full)

    return asyncio.run(run())


def ids(folder: Path, room: str) -> list[str]:
    with ArchiveStore.open_existing(folder) as store:
        return [event.event_id for event in store.events(RoomId(room))]


def body(folder: Path, room: str, event_id: str) -> object:
    with ArchiveStore.open_existing(folder) as store:
        return next(e.content.get("body") for e in store.events(RoomId(room)) if e.event_id == event_id)


def test_every_public_room_of_nested_spaces_is_archived_in_the_servers_order(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    result = sync(tmp_path, homeserver, spaces=("#fen:fen.example", "#quagmire:fen.example"))
    names = {room_id: name for name, room_id in homeserver.seeded.rooms.items()}
    refused = {names.get(room.room_id or "", "unknown") for room in result.rooms if room.problem}
    assert refused == {"closed", "invite-only", "unknown"}
    read = [room.room_id for room in result.rooms if room.room_id and not room.problem]
    assert {"seeds", "meadow", "weather", "hall", "old-hall"} <= {names[room] for room in read}
    for room in read:
        served = [str(event["event_id"]) for event in homeserver.read_room(room)]
        malformed = {bad.event_id for found in result.rooms for bad in found.malformed}
        assert ids(tmp_path, room) == [event_id for event_id in served if event_id not in malformed], names[
            room
        ]


def test_what_was_said_behind_closed_doors_is_in_no_byte(homeserver: Homeserver, tmp_path: Path) -> None:
    rooms = [homeserver.seeded.rooms[name] for name in ("weather", "closed", "invite-only")]
    sync(tmp_path, homeserver, *rooms)
    assert SECRET.encode() not in bytes_of(tmp_path)


def test_guests_read_the_same_as_accounts_and_members_all_of_that(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    room, seeded = homeserver.seeded.rooms["seeds"], homeserver.seeded
    tokens = {"reader": "", "guest": seeded.guest.token, "none": None, "member": seeded.member.token}
    read = {}
    for name, token in tokens.items():
        assert [found.problem for found in sync(tmp_path / name, homeserver, room, token=token).rooms] == [
            None
        ]
        read[name] = ids(tmp_path / name, room)
    assert read["reader"] == read["guest"] == read["none"]
    assert read["reader"] == [event_id for event_id in read["member"] if event_id in read["reader"]]


def test_the_second_sync_sees_late_edits_redactions_reactions_and_many_messages(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    old = homeserver.send_message(fresh_room, "ada", "first wording")
    spam = homeserver.send_message(fresh_room, "ben", "erasedword")
    spam_edit = homeserver.edit(fresh_room, "ben", spam, "erasedword again")
    sync(tmp_path, homeserver, fresh_room)
    assert body(tmp_path, fresh_room, spam) == "erasedword"
    edit = homeserver.edit(fresh_room, "ada", old, "second wording")
    reaction = homeserver.react(fresh_room, "ben", old, "🌱")
    homeserver.redact(fresh_room, "admin", spam, "spam")
    many = [homeserver.send_message(fresh_room, "ada", f"message {number}") for number in range(30)]
    (result,) = sync(tmp_path, homeserver, fresh_room).rooms
    assert result.new_events == 33
    known = ids(tmp_path, fresh_room)
    assert {edit, reaction} <= set(known)
    assert known[-30:] == many
    assert body(tmp_path, fresh_room, spam) is None
    assert body(tmp_path, fresh_room, spam_edit) is None
    assert b"erasedword" not in bytes_of(tmp_path)
    assert sync(tmp_path, homeserver, fresh_room).rooms[0].new_events == 0


def test_a_full_crawl_of_an_unchanged_room_changes_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    room = homeserver.seeded.rooms["relations"]
    sync(tmp_path, homeserver, room)
    before = contents(tmp_path)
    (result,) = sync(tmp_path, homeserver, room, full=True).rooms
    assert (result.new_events, result.changed_events, result.malformed) == (0, 0, ())
    assert contents(tmp_path) == before


def test_a_room_whose_history_is_closed_loses_its_words(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    homeserver.send_message(fresh_room, "ada", "erasedword")
    sync(tmp_path, homeserver, fresh_room)
    assert b"erasedword" in bytes_of(tmp_path)
    homeserver.set_visibility(fresh_room, "shared")
    (result,) = sync(tmp_path, homeserver, fresh_room).rooms
    assert result.problem is not None
    assert b"erasedword" not in bytes_of(tmp_path)


def test_erased_users_and_quarantined_pictures_are_found_by_a_full_crawl(
    own_homeserver: Homeserver, tmp_path: Path
) -> None:
    folder, room = tmp_path / "garden", own_homeserver.create_room()
    own_homeserver.send_message(room, "leaver", "erasedword")
    kitchen = own_homeserver.seeded.rooms["kitchen"]
    sync(folder, own_homeserver, room, kitchen)
    with ArchiveStore.open_existing(folder) as store:
        pictures = store.files.list_kept(RoomId(kitchen))
        record = store.files.find(pictures[0])
        assert record is not None
        path = store.files.path(record)
    own_homeserver.erase_user("leaver")
    own_homeserver.quarantine(pictures[0])
    sync(folder, own_homeserver, room, kitchen, full=True)
    assert b"erasedword" not in bytes_of(folder)
    assert not path.exists()


def upload(homeserver: Homeserver, data: bytes, mimetype: str, name: str = "file") -> MxcUri:
    return MxcUri(homeserver.upload(SeedFile(data, mimetype, name)))


def show(homeserver: Homeserver, room: str, kind: str, uri: str, **info: object) -> str:
    content = {"msgtype": kind, "body": "file", "url": uri, "info": info}
    return homeserver.send_message(room, "ada", content)


def test_files_of_every_kind_are_copied_clean_by_the_authenticated_way(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    photo = upload(homeserver, photograph(), "image/jpeg")
    still = upload(homeserver, photograph(), "image/jpeg")
    film, spoken = upload(homeserver, video(), "video/mp4"), upload(homeserver, voice(), "audio/ogg")
    notes = upload(homeserver, b"plain words", "text/plain", "notes.txt")
    page = upload(homeserver, b"<script>alert(1)</script>", "text/html", "page.html")
    bean = upload(homeserver, animation(), "image/gif")
    face = upload(homeserver, photograph("PNG"), "image/png")
    joined = {"membership": "join", "displayname": "Ada", "avatar_url": face}
    homeserver.join(fresh_room, "ada")
    homeserver.send(fresh_room, "ada", "m.room.member", joined, state_key="@ada:fen.example")
    show(homeserver, fresh_room, "m.image", photo)
    show(homeserver, fresh_room, "m.video", film, thumbnail_url=still)
    show(homeserver, fresh_room, "m.audio", spoken)
    show(homeserver, fresh_room, "m.file", notes, mimetype="text/plain")
    show(homeserver, fresh_room, "m.file", page, mimetype="text/html")
    emote = f'<img data-mx-emoticon src="{bean}" alt=":bean:" height="32">'
    html = {"format": "org.matrix.custom.html", "formatted_body": emote}
    homeserver.send_message(fresh_room, "ada", {"msgtype": "m.text", "body": ":bean:", **html})
    (result,) = sync(tmp_path, homeserver, fresh_room).rooms
    assert (result.problem, result.media_problems) == (None, ())
    expected = {
        (photo, MediaForm.PICTURE): "image/jpeg",
        (still, MediaForm.PICTURE): "image/jpeg",
        (film, MediaForm.RECORDING): "video/mp4",
        (spoken, MediaForm.RECORDING): "audio/ogg",
        (notes, MediaForm.FILE): "text/plain",
        (page, MediaForm.FILE): "application/octet-stream",
        (bean, MediaForm.SMALL): "image/webp",
        (face, MediaForm.SMALL): "image/webp",
    }
    with ArchiveStore.open_existing(tmp_path) as store:
        records = {key: store.files.find(*key) for key in expected}
        assert {key: record and record.mimetype for key, record in records.items()} == expected
    copied = b"".join(path.read_bytes() for path in (tmp_path / "content_cache/media").rglob("*.*"))
    assert NOTED.encode() not in copied
    assert PLACE.encode() not in copied


def test_oversized_missing_and_lying_uploads_are_reported_and_stop_nothing(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    huge = upload(homeserver, bytes(LIMITS.max_media_bytes + 1), "application/zip")
    absent = MxcUri("mxc://fen.example/notthere")
    elsewhere = MxcUri("mxc://elsewhere.example/abc")
    lying = upload(homeserver, b"<html><script>alert(1)</script></html>", "image/png", "cat.png")
    zipped = upload(homeserver, b"PK\3\4 not a film", "video/mp4", "film.mp4")
    half = upload(homeserver, video()[:900], "video/mp4", "half.mp4")
    show(homeserver, fresh_room, "m.file", huge, size=10)
    show(homeserver, fresh_room, "m.image", absent)
    show(homeserver, fresh_room, "m.image", elsewhere)
    show(homeserver, fresh_room, "m.image", lying)
    show(homeserver, fresh_room, "m.video", zipped)
    show(homeserver, fresh_room, "m.video", half)
    fine = homeserver.send_message(fresh_room, "ada", "still here")
    (result,) = sync(tmp_path, homeserver, fresh_room).rooms
    assert result.problem is None
    assert ids(tmp_path, fresh_room)[-1] == fine
    codes = {problem.uri: problem.code for problem in result.media_problems}
    assert codes.pop(elsewhere) in {"not-found", None}
    assert codes == {
        huge: "too-large",
        absent: "not-found",
        lying: "unreadable",
        zipped: "unreadable",
        half: "unreadable",
    }


def test_a_token_that_was_logged_out_stops_the_sync(homeserver: Homeserver, tmp_path: Path) -> None:
    account = homeserver.register("shortlived")
    homeserver.log_out(account)
    with pytest.raises(LoginError) as caught:
        sync(tmp_path, homeserver, "#seeds:fen.example", token=account.token)
    assert account.token not in str(caught.value)


def test_a_password_logs_in(homeserver: Homeserver) -> None:
    account = homeserver.register("passworded")

    async def run() -> str:
        token = await login_with_password(homeserver.base_url, account.user_id, str(account.password))
        async with MatrixSource(homeserver.base_url, token) as source:
            return await source.whoami()

    assert asyncio.run(run()) == account.user_id
    with pytest.raises(LoginError):
        asyncio.run(login_with_password(homeserver.base_url, account.user_id, "wrong"))
