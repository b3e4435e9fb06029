"""Story: one file of `tests/stories/`, from the claim that it makes to the blocks that show it.

A file comes in as text; claim, settings, transcripts and expected blocks come out. `rewrite` puts what the
pipeline made into the blocks, and a block for each page that has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STORIES: Final = Path(__file__).parent / "stories"

_BLOCK: Final = re.compile(
    r"^(?P<fence>`{3,})(?P<info>transcript|toml|note \S+|markdown pages/\S+|html \S+(?: \.[a-z-]+)?)\n"
    r"(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_SETTINGS: Final = re.compile(r"^Settings: `(.+)`$", re.MULTILINE)
_PAGES: Final = "markdown pages/"
_NOTES: Final = "note "
_BECOMES: Final = "becomes\n"


@dataclass(frozen=True)
class Story:
    """One file."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def claim(self) -> str:
        """The first line: a sentence that the story shows."""
        return self.text.split("\n", 1)[0].removeprefix("# ")

    @property
    def settings(self) -> list[str]:
        """Lines for `site.toml`, with dotted keys, or a key of its own meaning."""
        return _SETTINGS.findall(self.text)

    @property
    def transcripts(self) -> list[str]:
        return [block["text"] for block in self._blocks("transcript")]

    @property
    def given(self) -> str:
        """The `garden.toml`, with `$label` for the event of a message in the first room; perhaps empty."""
        return "".join(block["text"] for block in self._blocks("toml"))

    @property
    def notes(self) -> dict[str, str]:
        """Hand-written notes by path below `notes/`."""
        return {block["info"].removeprefix(_NOTES): block["text"] for block in self._blocks(_NOTES)}

    @property
    def pages(self) -> dict[str, str]:
        """Expected pages by path below `content_cache/pages/`."""
        return {block["info"].removeprefix(_PAGES): block["text"] for block in self._blocks(_PAGES)}

    @property
    def sights(self) -> dict[str, str]:
        """Expected pieces of the built site, by what they show: `#label`, `#label .class`, `path .class`."""
        return {block["info"].removeprefix("html "): block["text"] for block in self._blocks("html ")}

    def rewrite(self, pages: Mapping[str, str], see: Callable[[str], str]) -> None:
        """Put the pages that were made, and what the site shows, into the blocks that stand for them."""

        def fill(block: re.Match[str]) -> str:
            fence, info, text = block["fence"], block["info"], block["text"]
            if info.startswith(_PAGES):
                page = pages.get(info.removeprefix(_PAGES))
                return "" if page is None else f"{fence}{info}\n{shorten(page, like=text)}{fence}"
            return (
                f"{fence}{info}\n{see(info.removeprefix('html '))}{fence}"
                if info.startswith("html ")
                else block[0]
            )

        missing = [path for path in pages if path not in self.pages]
        more = "".join(f"\n````{_PAGES}{path}\n{shorten(pages[path], like='')}````\n" for path in missing)
        text = re.sub(r"\n{3,}", "\n\n", _BLOCK.sub(fill, self.text))
        self.path.write_text(text.replace(_BECOMES, _BECOMES + more, 1), "utf-8")

    def _blocks(self, start: str) -> list[re.Match[str]]:
        return [block for block in _BLOCK.finditer(self.text) if block["info"].startswith(start)]


def read_stories() -> list[Story]:
    """Return every story, by name."""
    return [Story(path) for path in sorted(STORIES.glob("*.md"))]


def shorten(page: str, *, like: str) -> str:
    """Leave the front matter out where the story does."""
    return page if like.startswith("---\n") else page.split("\n---\n\n", 1)[1]
