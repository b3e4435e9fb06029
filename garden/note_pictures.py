"""Pictures that lie in `notes/`: files come in, clean copies in `content_cache/pictures/` go out.

They are cleaned as pictures in messages are: what a camera writes beside one, such as where it was taken, is
not published. A copy is made once, and goes with the last note that shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from garden.archive.clean_file import UnfitFileError
from garden.archive.picture import Picture, clean_picture, scale_to_thumb
from garden.durable import make_folder, remove_others, replace_file
from garden.errors import ArchiveError
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.note_pictures import ENDINGS, find_pictures, locate_picture, show_pictures
from garden.pages.page import Note

_ENDINGS: Final = {"image/jpeg": "jpg"}
"""Of types whose files do not end as the type does."""


def take_pictures(
    folder: Path, copies: Path, notes: Sequence[Note], max_bytes: int
) -> tuple[list[Note], list[str]]:
    """Return the notes of a folder with the pictures that they show, and what is wrong with these.

    Files of more than `max_bytes` stay out. Raises `ArchiveError` where no copy can be written.
    """
    wanted = {note.path: find_pictures(note) for note in notes}
    shelf = _Copies(copies, max_bytes)
    files = _list_pictures(folder) if any(wanted.values()) else frozenset()
    shown, problems = [], []
    for note in notes:
        found: dict[str, MediaFile | MissingMedia] = {}
        for target in sorted(wanted[note.path]):
            path = locate_picture(target, note, files)
            try:
                found[target] = shelf.take(folder / path) if path else MissingMedia("not-found")
            except UnfitFileError as error:
                found[target] = MissingMedia(error.reason)
                problems.append(f"notes/{note.path}: the picture {target!r} is not shown: {error}")
            if path is None:
                problems.append(f"notes/{note.path}: there is no picture {target!r}")
        shown.append(show_pictures(note, found) if found else note)
    shelf.remove_others()
    return shown, problems


def _list_pictures(folder: Path) -> frozenset[str]:
    """List what is named as a picture; names that begin with a dot are an editor's own."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    return frozenset(
        path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)
    )


class _Copies:
    """Clean copies, each beside a file of JSON that is named by the digest of what it was made from."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._taken: set[Path] = set()

    def take(self, source: Path) -> MediaFile:
        """Return the copy of a picture, made if need be. Raises `UnfitFileError` where it is none."""
        try:
            if source.stat().st_size > self._max_bytes:
                raise UnfitFileError(f"it has more than {self._max_bytes} bytes", "too-large")
            data = source.read_bytes()
        except OSError as error:
            raise UnfitFileError(f"it cannot be read: {error.strerror}") from error
        known = self._folder / f"{hashlib.sha256(data).hexdigest()}.json"
        file = self._recall(known) or self._make(known, data)
        self._taken |= {known, *(self._folder / path for path in (file.path, file.thumb) if path)}
        return file

    def remove_others(self) -> None:
        """Remove the copies that no note shows any more."""
        remove_others(self._folder, self._taken)

    def _recall(self, known: Path) -> MediaFile | None:
        """A copy that is damaged is made anew."""
        try:
            file = MediaFile(**json.loads(known.read_text("utf-8")))
            is_whole = all((self._folder / path).is_file() for path in (file.path, file.thumb) if path)
        except (OSError, ValueError, TypeError):
            return None
        return file if is_whole else None

    def _make(self, known: Path, data: bytes) -> MediaFile:
        clean = clean_picture(data)
        file = _describe(clean)
        try:
            for path, content in ((file.path, clean.data), (file.thumb, clean.thumb)):
                if path and content is not None:
                    make_folder((self._folder / path).parent)
                    replace_file(self._folder / path, content)
            replace_file(known, json.dumps(asdict(file)).encode())
        except OSError as error:
            raise ArchiveError(
                f"{error.filename or self._folder} cannot be written: {error.strerror}.",
                hint="Check disk space and permissions.",
            ) from error
        return file


def _describe(clean: Picture) -> MediaFile:
    width, height = (
        (clean.width, clean.height) if clean.thumb is None else scale_to_thumb(clean.width, clean.height)
    )
    return MediaFile(
        path=_name(clean.data, _ENDINGS.get(clean.mimetype, clean.mimetype.partition("/")[2])),
        width=width,
        height=height,
        size=len(clean.data),
        mimetype=clean.mimetype,
        thumb=_name(clean.thumb, "webp") if clean.thumb is not None else "",
        color=clean.color,
    )


def _name(data: bytes, ending: str) -> str:
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest}.{ending}"
