"""Pages as Markdown files under `content_cache/pages`, there and back; notes from `notes/`.

A page takes its place as a whole. It is not made durable: every build compares each with what it would write,
so one that a power cut emptied is written again, and a large garden does not wait for the disk page by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from garden.durable import find_draft, remove_others
from garden.errors import ArchiveError
from garden.pages.address import markdown_path
from garden.pages.dialect import DialectError, read_page, write_page
from garden.pages.note import read_note
from garden.pages.page import Note, Page


class PageStore:
    """The folder of Markdown pages during one build: what is written stays, what is not mentioned goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mentioned: set[Path] = set()

    def write_page(self, page: Page) -> None:
        """Write a page where it differs from its file. Raises `ArchiveError`."""
        path = self._folder / markdown_path(page.address)
        self._mentioned.add(path)
        text = write_page(page).encode()
        try:
            if path.is_file() and path.read_bytes() == text:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = find_draft(path)
            draft.write_bytes(text)
            draft.replace(path)
        except OSError as error:
            raise _explain(path, error) from error

    def finish(self) -> None:
        """Remove the pages that this build did not write, and folders left empty. Raises `ArchiveError`."""
        try:
            remove_others(self._folder, self._mentioned)
        except OSError as error:
            raise _explain(Path(error.filename or self._folder), error) from error


def read_pages(folder: Path) -> Iterator[Page]:
    """Read all pages below a folder, in order of their paths. Raises `DialectError`."""
    for path in sorted(folder.rglob("*.md")):
        # Not as text: that would make line ends of characters that a message may hold.
        yield read_page(path.read_bytes().decode(), path.relative_to(folder).as_posix())


def read_notes(folder: Path) -> tuple[list[Note], list[str]]:
    """Read all notes below a folder but drafts; return them with the problems of those that cannot be read.

    Files and folders whose names start with a dot or an underscore, and `README.md`, are not notes.
    """
    notes, problems = [], []
    for path in sorted(_note_files(folder)):
        name = path.relative_to(folder).as_posix()
        try:
            note = read_note(path.read_text(encoding="utf-8"), name)
            notes += [note] if not note.is_draft else []
        except (DialectError, OSError, UnicodeDecodeError) as error:
            problems.append(
                f"notes/{name}: {error}" if not isinstance(error, DialectError) else f"notes/{error}"
            )
    return notes, problems


def _explain(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{path} cannot be written: {error.strerror}.", hint="Check disk space and permissions."
    )


def _note_files(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*.md"):
        parts = path.relative_to(folder).parts
        if (
            path.is_file()
            and not any(part.startswith((".", "_")) for part in parts)
            and parts != ("README.md",)
        ):
            yield path
