"""Pictures beside notes: a note and what became of its pictures come in, the note that shows them goes out.

`![words](jar.webp)` and `![[jar.webp]]` become pictures of the dialect, with their size, as those in messages
are. Obsidian's numbers, `![[jar.webp|300]]`, are a width in pixels.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from garden.pages.escape import escape
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.page import Markdown, Note
from garden.pages.plain import plain_text
from garden.pages.scan import Mark, scan
from garden.pages.span import picture, span
from garden.pages.wikilink import name_of

ENDINGS: Final = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"})
"""What names a picture; of these, SVG is named as one and never shown, for it can hold programs."""

_ABSOLUTE: Final = re.compile(r"[/#]|[a-zA-Z][a-zA-Z0-9+.-]*:")
_SIZE: Final = re.compile(r"([1-9]\d{0,4})(?:x\d+)?")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A picture as it stands in a note's text."""

    start: int
    end: int
    target: str
    words: str
    width: int | None
    """In pixels, where somebody has said so."""


def find_pictures(note: Note) -> frozenset[str]:
    """Return the targets of all pictures that a note shows from files beside it, as they are written."""
    return frozenset(shown.target for shown in _find(note.text))


def locate_picture(target: str, note: Note, files: Collection[str]) -> str | None:
    """Return the file below `notes/` that a picture's target means, or None.

    It is looked for beside the note, then from `notes/` on; a name without a folder may lie anywhere.
    """
    name = posixpath.normpath(target)
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(note.path), name))
    anywhere = (path for path in sorted(files) if "/" not in name and posixpath.basename(path) == name)
    return next((path for path in (beside, name, *anywhere) if path in files), None)


def show_pictures(note: Note, found: Mapping[str, MediaFile | MissingMedia]) -> Note:
    """Write a note's pictures, by their targets, as the dialect has them, and of missing ones the words."""
    pieces: list[Markdown] = []
    files: set[str] = set()
    end = 0
    for shown in _find(note.text):
        file = found.get(shown.target, MissingMedia("not-found"))
        if isinstance(file, MediaFile):
            files.update(filter(None, (file.path, file.thumb)))
        pieces += [note.text[end : shown.start], _write(shown, file, "../" * note.address.count("/"))]
        end = shown.end
    return replace(note, text="".join([*pieces, note.text[end:]]), pictures=tuple(sorted(files)))


def _find(text: Markdown) -> Iterator[_Shown]:
    if "![" not in text:
        return
    opened: list[tuple[int, int, bool]] = []
    for piece in scan(text):
        match piece.mark:
            case Mark.OPEN:
                opened.append((piece.start, piece.end, piece.value == "!["))
            case Mark.EMBED if _is_picture(name := name_of(piece.value)):
                words = piece.value.partition("|")[2]
                yield _Shown(piece.start, piece.end, name, *_read_words(words, name))
            case Mark.LINK | Mark.SPAN | Mark.CLOSE if opened:
                start, words_start, is_picture = opened.pop()
                target = unquote(piece.value)
                if piece.mark is Mark.LINK and is_picture and _is_picture(target):
                    words = plain_text(text[words_start : piece.start])
                    yield _Shown(start, piece.end, target, *_read_words(words, target))


def _is_picture(target: str) -> bool:
    return PurePosixPath(target).suffix.lower() in ENDINGS and not _ABSOLUTE.match(target)


def _read_words(words: str, target: str) -> tuple[str, int | None]:
    """Return what stands for a picture, and its width where the words end in one."""
    before, bar, last = words.rpartition("|")
    size = _SIZE.fullmatch(last.strip())
    said = (before if size else words).strip() if size or bar else words.strip()
    return said or PurePosixPath(target).stem, int(size[1]) if size else None


def _write(shown: _Shown, file: MediaFile | MissingMedia, up: str) -> Markdown:
    if isinstance(file, MissingMedia):
        words = escape(" ".join(shown.words.split()))
        return span(words, ("missing",), {"what": "image", "why": file.reason})
    width, height = file.width, file.height
    if shown.width is not None and width and height and shown.width < width:
        width, height = shown.width, max(1, round(height * shown.width / width))
    keys = {"width": width, "height": height, "thumb": file.thumb, "color": file.color}
    return picture(shown.words, f"{up}media/{file.path}", (), keys)
