"""The demo and the hard cases on one homeserver: a data folder to start a server from comes out.

Seeding takes half a minute, starting from a copy takes a second. So it is done once for a given content and
kept in `.cache/homeserver/` at the repository's root; a change of content, of the code here, or of Synapse
makes it anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from .community import Seeded, SeedFile, SeedRoom
from .demo import demo_files, demo_names, demo_rooms
from .hard_cases import HARD_FILES, HARD_NAMES, finish_hard_cases, hard_rooms
from .seed import seed
from .synapse import Synapse, find_synapse_python

_CACHE: Final = Path(__file__).parents[2] / ".cache" / "homeserver"
_SEEDED_FILE: Final = "seeded.json"


def copy_planted(target: Path, cache: Path = _CACHE) -> None:
    """Put the data of a planted homeserver into a folder, in place of what is there.

    Plants one first where `cache` holds none that fits; whoever asks meanwhile waits at a file lock.
    """
    python = find_synapse_python()
    with _locked(cache):
        folder = cache / _fingerprint(python)
        if not folder.exists():
            _clear(cache)
            growing = cache / "growing"
            with tempfile.TemporaryDirectory(prefix="garden-homeserver-") as work:
                server = Synapse(Path(work) / "data", python)
                plant(server)
                server.snapshot(growing)
            growing.rename(folder)
        Synapse(target, python).restore(folder)


def plant(server: Synapse) -> None:
    """Seed a homeserver that has never run with the demo and the hard cases; it is stopped afterwards."""
    with server:
        names = {**demo_names(), **HARD_NAMES}
        seeded = seed(server, _rooms(), display_names=names, files=_files())
        finish_hard_cases(server, seeded)
    server.analyze()
    (server.folder / _SEEDED_FILE).write_text(seeded.to_json(), "utf-8")


def read_seeded(folder: Path) -> Seeded:
    """Return what a planted homeserver holds."""
    return Seeded.from_json((folder / _SEEDED_FILE).read_text("utf-8"))


def _rooms() -> list[SeedRoom]:
    return [*demo_rooms(), *hard_rooms()]


def _files() -> dict[str, SeedFile]:
    return {**demo_files(), **HARD_FILES}


def _fingerprint(python: Path) -> str:
    digest = hashlib.sha256()
    digest.update(json.dumps([asdict(room) for room in _rooms()], sort_keys=True).encode())
    digest.update(json.dumps(demo_names(), sort_keys=True).encode())
    for uri, file in sorted(_files().items()):
        digest.update(f"{uri} {file.content_type} {file.file_name}\n".encode() + file.data)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    versions = python.parents[1].glob("lib/python3*/site-packages/matrix_synapse-*.dist-info")
    digest.update(" ".join(sorted(path.name for path in versions)).encode())
    return digest.hexdigest()[:16]


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear(cache: Path) -> None:
    for path in cache.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
