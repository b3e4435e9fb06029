"""The site on disk is always one whole site, changes only where it changed, and leaves other files alone."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from garden.errors import AddressClashError, OutputError
from garden.fingerprint import take_fingerprint
from garden.site.document import CopiedDocument, Document, Fingerprint
from garden.site.store import MANIFEST, SiteChange, open_site

NOBODY = 65534


def build(out: Path, files: Mapping[str, str]) -> SiteChange:
    """Build a site that consists of these files."""
    with open_site(out) as site:
        for path, text in files.items():
            site.write_document(document(path, text))
        return site.finish()


def document(path: str, text: str) -> Document:
    return Document(path, text.encode(), take_fingerprint(text))


def texts(folder: Path) -> dict[str, str]:
    """Every file below a folder but the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def marks(folder: Path) -> dict[str, tuple[int, int]]:
    """What would tell that anything was written: inode and time of change of every file and folder."""
    found = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "public"


SITE = {"index.html": "home", "seeds/index.html": "seeds", "seeds/beans-3fk2a9xy/index.html": "beans"}


def test_a_first_build_writes_everything(out: Path) -> None:
    change = build(out, SITE)

    assert texts(out) == SITE
    assert change == SiteChange(written=tuple(sorted(SITE)), removed=(), kept=0)


def test_a_second_build_of_the_same_touches_nothing(out: Path) -> None:
    build(out, SITE)
    before = marks(out.parent)

    change = build(out, SITE)

    assert change == SiteChange(written=(), removed=(), kept=3)
    assert marks(out.parent) == before


def test_one_changed_file_leaves_the_others_the_same_files(out: Path) -> None:
    build(out, SITE)
    before = marks(out)

    change = build(out, SITE | {"index.html": "new home"})

    after = marks(out)
    assert (change.written, change.removed, change.kept) == (("index.html",), (), 2)
    assert texts(out) == SITE | {"index.html": "new home"}
    assert after[f"{out}/seeds/index.html"] == before[f"{out}/seeds/index.html"]
    assert after[f"{out}/index.html"] != before[f"{out}/index.html"]


def test_what_is_no_longer_made_goes_with_its_folder(out: Path) -> None:
    build(out, SITE)

    change = build(out, {"index.html": "home"})

    assert change.removed == ("seeds/beans-3fk2a9xy/index.html", "seeds/index.html")
    assert texts(out) == {"index.html": "home"}
    assert not (out / "seeds").exists()


def test_a_file_that_somebody_deleted_comes_back(out: Path) -> None:
    build(out, SITE)
    (out / "seeds/index.html").unlink()

    assert build(out, SITE).written == ("seeds/index.html",)
    assert texts(out) == SITE


def test_a_failed_build_leaves_the_former_site_and_nothing_beside_it(out: Path) -> None:
    build(out, SITE)
    before = marks(out.parent)

    def fail_half_way() -> None:
        with open_site(out) as site:
            site.write_document(document("index.html", "half"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()

    assert {path: mark for path, mark in marks(out.parent).items() if path != str(out.parent)} == {
        path: mark for path, mark in before.items() if path != str(out.parent)
    }


def test_until_the_end_readers_see_the_former_site(out: Path) -> None:
    build(out, {"index.html": "old", "old.html": "old"})

    with open_site(out) as site:
        site.write_document(document("index.html", "new"))
        assert texts(out) == {"index.html": "old", "old.html": "old"}
        site.finish()

    assert texts(out) == {"index.html": "new"}


def test_pictures_are_copied_once(out: Path, tmp_path: Path) -> None:
    picture = tmp_path / "beans.webp"
    picture.write_bytes(b"picture")
    copied = CopiedDocument("media/beans.webp", picture, Fingerprint("digest"))
    with open_site(out) as site:
        site.write_document(copied)
        site.finish()
    before = marks(out)

    with open_site(out) as site:
        site.write_document(copied)
        site.finish()

    assert (out / "media/beans.webp").read_bytes() == b"picture"
    assert marks(out) == before


def test_two_documents_cannot_be_one_file(out: Path) -> None:
    with open_site(out) as site:
        site.write_document(document("tag/beans/index.html", "one"))
        with pytest.raises(AddressClashError, match=re.escape("tag/beans/index.html")):
            site.write_document(document("tag/beans/index.html", "other"))


def test_two_documents_cannot_be_one_file_when_the_first_is_up_to_date(out: Path) -> None:
    build(out, SITE)
    with open_site(out) as site:
        assert site.keep_current("index.html", take_fingerprint("home"))
        with pytest.raises(AddressClashError):
            site.write_document(document("index.html", "other"))


def test_a_file_cannot_stand_where_a_folder_is(out: Path) -> None:
    with open_site(out) as site:
        site.write_document(document("beans", "a file"))
        with pytest.raises(OutputError):
            site.write_document(document("beans/index.html", "a page below it"))


# Files of other people


def test_a_folder_with_files_of_others_is_refused(out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(OutputError, match="did not write") as caught:
        build(out, SITE)

    assert "--out" in caught.value.hint
    assert texts(out) == {"thesis.txt": "years of work"}


def test_a_file_in_place_of_the_folder_is_refused(out: Path) -> None:
    out.write_text("a file", encoding="utf-8")

    with pytest.raises(OutputError):
        build(out, SITE)

    assert out.read_text(encoding="utf-8") == "a file"


def test_an_empty_folder_is_taken(out: Path) -> None:
    out.mkdir()

    build(out, SITE)

    assert texts(out) == SITE


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 1}', '{"format": 1, "files": []}', "\x00\xff"])
def test_a_damaged_manifest_is_refused(out: Path, damage: str) -> None:
    build(out, SITE)
    (out / MANIFEST).write_text(damage, encoding="latin-1")

    with pytest.raises(OutputError, match="damaged"):
        build(out, SITE)

    assert texts(out) == SITE


def test_a_manifest_of_another_format_makes_everything_new(out: Path) -> None:
    build(out, SITE)
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    (out / MANIFEST).write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")

    change = build(out, {"index.html": "home"})

    assert change.written == ("index.html",)
    assert texts(out) == {"index.html": "home"}


def test_what_somebody_adds_to_our_folder_stays(out: Path, tmp_path: Path) -> None:
    build(out, SITE)
    (out / "CNAME").write_text("fen.example\n", encoding="utf-8")
    (out / ".git/refs/tags").mkdir(parents=True)
    (out / "seeds/own.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "uploads").mkdir()
    (out / "uploads").symlink_to(tmp_path / "uploads")
    out.chmod(0o750)

    change = build(out, {"index.html": "new"})

    assert texts(out) == {"CNAME": "fen.example\n", "index.html": "new", "seeds/own.txt": "mine"}
    assert (out / ".git/refs/tags").is_dir()
    assert (out / "uploads").is_symlink()
    assert out.stat().st_mode & 0o777 == 0o750
    assert "CNAME" not in change.removed


def test_somebody_elses_file_is_never_written_over(out: Path) -> None:
    build(out, SITE)
    (out / "tag").mkdir()
    (out / "tag/index.html").write_text("mine", encoding="utf-8")

    with pytest.raises(OutputError, match="somebody else"):
        build(out, SITE | {"tag/index.html": "garden's"})

    assert texts(out) == SITE | {"tag/index.html": "mine"}


def test_a_link_to_the_output_folder_stays_a_link(out: Path, tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    out.symlink_to(tmp_path / "www")

    build(out, SITE)
    build(out, {"index.html": "new"})

    assert out.is_symlink()
    assert texts(tmp_path / "www") == {"index.html": "new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public", "www"]


def test_the_current_folder_can_be_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    build(Path(), SITE)

    assert texts(here) == SITE


def test_the_root_of_the_file_system_is_refused() -> None:
    with pytest.raises(OutputError), open_site(Path("/")):
        pass


# Interrupted, out of space, not allowed

_BUILD_FOR_EVER = """
import sys
from pathlib import Path
from garden.fingerprint import take_fingerprint
from garden.site.document import Document
from garden.site.store import open_site

for number in range(10**9):
    with open_site(Path(sys.argv[1])) as site:
        for page in range(60):
            # Half of the pages change each time, one comes or goes.
            text = f"{page} of {number if page % 2 else 0}\\n" * 50
            if page != 59 or number % 2:
                site.write_document(Document(f"p{page}/index.html", text.encode(), take_fingerprint(text)))
        site.finish()
    print(number, flush=True)
"""


def test_killed_at_any_moment_the_folder_holds_one_whole_site(out: Path) -> None:
    moments = random.Random(7)
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", _BUILD_FOR_EVER, str(out)], stdout=subprocess.PIPE, text=True
        ) as builder:
            assert builder.stdout is not None
            builder.stdout.readline()
            time.sleep(moments.uniform(0, 0.06))
            builder.kill()
        _assert_whole(out)

    build(out, SITE)
    assert [path.name for path in out.parent.iterdir()] == ["public"]


def _assert_whole(out: Path) -> None:
    """All changing pages are of one build, and the manifest speaks of exactly these files."""
    found = texts(out)
    numbers = {re.findall(r" of (\d+)", text)[0] for path, text in found.items() if _changes(path)}
    assert len(numbers) == 1
    assert len(found) == 59 + int(numbers.pop()) % 2
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
    assert manifest == {path: take_fingerprint(text) for path, text in found.items()}


def _changes(path: str) -> bool:
    return int(path.split("/", maxsplit=1)[0].removeprefix("p")) % 2 == 1


def test_killed_between_two_renames_the_finished_site_is_put_in_place(out: Path) -> None:
    """Where a file system cannot let two folders change places, there is a moment without either."""
    build(out, {"index.html": "new"})
    out.rename(out.with_name(".public.next"))
    build(out, {"index.html": "old"})
    build(out.with_name("finished"), {"index.html": "new"})
    out.rename(out.with_name(".public.old"))
    out.with_name("finished").rename(out.with_name(".public.next"))

    assert build(out, {"index.html": "new"}) == SiteChange(written=(), removed=(), kept=1)
    assert [path.name for path in out.parent.iterdir()] == ["public"]


def test_leftovers_of_a_killed_build_are_cleaned(out: Path) -> None:
    build(out, SITE)
    leftover = out.with_name(".public.next")
    leftover.mkdir()
    (leftover / "half.html").write_text("ha", encoding="utf-8")

    build(out, SITE)

    assert [path.name for path in out.parent.iterdir()] == ["public"]
    assert texts(out) == SITE


def test_a_full_disk_leaves_the_former_site(out: Path) -> None:
    """/dev/full answers every write as a full disk does."""
    build(out, SITE)
    with open_site(out) as site:
        staging = out.with_name(".public.next")
        staging.mkdir()
        (staging / "index.html").symlink_to("/dev/full")
        with pytest.raises(OutputError, match=os.strerror(errno.ENOSPC)) as caught:
            site.write_document(document("index.html", "new"))

    assert "space" in caught.value.hint
    assert texts(out) == SITE
    assert [path.name for path in out.parent.iterdir()] == ["public"]


def in_a_process(code: str, *arguments: object) -> str:
    """Run code that limits itself; return what it prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


_BUILD_ONCE = """
import os, resource, sys
from pathlib import Path
from garden.errors import OutputError
from garden.fingerprint import take_fingerprint
from garden.site.document import Document
from garden.site.store import open_site

out, limit, size, user = Path(sys.argv[1]), *map(int, sys.argv[2:])
os.setuid(user)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with open_site(out) as site:
        text = "x" * size
        site.write_document(Document("index.html", text.encode(), take_fingerprint(text)))
        site.finish()
except OutputError as error:
    print(type(error).__name__, error)
"""


def test_a_file_above_the_quota_leaves_the_former_site(out: Path) -> None:
    build(out, SITE)

    told = in_a_process(_BUILD_ONCE, out, 4096, 8192, os.getuid())

    assert told.startswith("OutputError")
    assert str(out.parent / ".public.next/index.html") in told
    assert texts(out) == SITE


def test_a_manifest_above_the_quota_leaves_the_former_site(out: Path) -> None:
    """The last file that is written can fail as well."""
    build(out, SITE)

    assert in_a_process(_BUILD_ONCE, out, 20, 5, os.getuid()).startswith("OutputError")
    assert texts(out) == SITE


@pytest.mark.parametrize("locked", ["the folder", "what it stands in"])
def test_a_place_that_may_not_be_written_is_named(locked: str) -> None:
    """As root nothing is read-only, so there the build runs as somebody else."""
    user = os.getuid() or NOBODY
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name)
        out = outer / "public"
        build(out, SITE)
        if user == NOBODY:
            for path in (outer, *outer.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        place = out if locked == "the folder" else outer
        place.chmod(0o555)

        told = in_a_process(_BUILD_ONCE, out, 1 << 20, 8, user)

        place.chmod(0o755)
        assert told.startswith("OutputError")
        assert str(outer) in told
        assert texts(out) == SITE
