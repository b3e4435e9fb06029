"""The garden's key is made when it is first needed, lasts, and nobody gets by with another one."""

from __future__ import annotations

import hashlib
import hmac
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from garden.archive.event import UserId
from garden.archive.key import KEY_FILE
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.errors import ArchiveError
from tests.archive.material import ADA, ROOM, message


def key_file(folder: Path) -> Path:
    return folder / CACHE_FOLDER / KEY_FILE


def digest(folder: Path, key: str = "") -> str:
    with ArchiveStore.open(folder, key) as store:
        return store.digest("user", ADA)


def test_a_garden_that_needs_no_digest_has_no_key(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, [message("a", "one")], end="newest")
        store.wishes.set_listed([])
        store.honour_wishes()
        assert not store.wishes.is_gone(UserId(ADA))
    assert not key_file(tmp_path).exists()


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = digest(tmp_path)
    assert stat.S_IMODE(key_file(tmp_path).stat().st_mode) == 0o600
    assert len(bytes.fromhex(key_file(tmp_path).read_text())) == 32
    assert digest(tmp_path) == first
    assert [path.name for path in key_file(tmp_path).parent.glob("key*")] == [KEY_FILE]


def test_two_gardens_have_two_keys(tmp_path: Path) -> None:
    assert digest(tmp_path / "a") != digest(tmp_path / "b")


def test_a_digest_is_an_hmac_of_kind_and_text(tmp_path: Path) -> None:
    wanted = hmac.new(b"hushed", f"user\0{ADA}".encode(), hashlib.sha256).hexdigest()
    assert digest(tmp_path, " hushed\n") == wanted
    assert not key_file(tmp_path).exists()
    with ArchiveStore.open(tmp_path, "hushed") as store:
        assert store.digest("pseudonym", ADA) != wanted


def test_what_the_file_holds_can_move_to_the_environment(tmp_path: Path) -> None:
    first = digest(tmp_path)
    text = key_file(tmp_path).read_text()
    key_file(tmp_path).unlink()
    assert digest(tmp_path, text) == first


@pytest.mark.parametrize("how", ["other", "gone", "empty", "environment", "folder"])
def test_another_key_is_refused_with_both_places_and_what_to_do(tmp_path: Path, how: str) -> None:
    digest(tmp_path)
    path = key_file(tmp_path)
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how != "gone":
        path.write_text({"other": "00" * 32, "empty": "\n", "environment": "00"}[how])
    with pytest.raises(ArchiveError) as caught:
        digest(tmp_path, "hushed" if how == "environment" else "")
    told = f"{caught.value} {caught.value.hint}"
    assert str(path) in told
    assert "GARDEN_KEY" in told or how == "empty"
    assert "hushed" not in told


def test_with_a_lost_key_nothing_is_archived_that_a_wish_could_forbid(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.wishes.forget("user", ADA, at=1)
    key_file(tmp_path).unlink()
    with ArchiveStore.open(tmp_path) as store:
        with pytest.raises(ArchiveError, match="is gone"):
            store.append(ROOM, [message("a", "one")], end="newest")
        assert store.count_events(ROOM) == 0


def test_a_key_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        path = key_file(tmp_path)
        # Also for root, whom no mode stops: a folder without a way in.
        path.parent.rename(tmp_path / "elsewhere")
        with pytest.raises(ArchiveError) as caught:
            store.digest("user", ADA)
        (tmp_path / "elsewhere").rename(path.parent)
    assert "GARDEN_KEY" in caught.value.hint


def test_a_check_value_that_was_rolled_back_is_written_with_the_wish(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        database = store._database  # noqa: SLF001 - a transaction that fails
        with suppress(ZeroDivisionError), database.transaction():
            store.digest("user", ADA)
            raise ZeroDivisionError
        store.wishes.forget("user", ADA, at=1)
    with pytest.raises(ArchiveError, match="another key"):
        digest(tmp_path, "hushed")
