"""Stories: what people type stands beside the page that it becomes, as `content_cache/pages` holds it.

Each file in `tests/stories/` is a claim in words, one or more `transcript` blocks (one a room; the people are
the demo's: ada, ben, cleo, dara, emil, fern, gus, hana, ilse, jo, karim, mo, promo), and `markdown` blocks:
the pages that the pipeline makes of them. A block that starts with `---` shows the front matter as well.

So that a story can be read, identifiers are replaced: an event's letters by the label that the transcript
gives the message in brackets (`line-3` for the third line where it gives none), the digest of a picture by
its name, times by their minute; of a message's attributes `sender` and `event` are left out.

`GARDEN_GOLDEN=write` writes the pages into the stories; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from garden.archive.event import EventId, MxcUri
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.archive.transcript import SERVER, Picture, event_id, read_people, read_transcript, room_id
from garden.config import read_config
from garden.pages.address import message_anchor, page_id
from garden.pipeline import build_garden
from garden.resources import demo_folder
from tests.smallholding import bring, lay_out, settings

STORIES = Path(__file__).parent / "stories"
PEOPLE = read_people((demo_folder() / "people.txt").read_text("utf-8"))
PICTURE = "jar-labels.webp"

_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<info>transcript|markdown pages/\S+)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Story:
    """One file of `tests/stories/`."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def transcripts(self) -> list[str]:
        return [found["text"] for found in _BLOCK.finditer(self.text) if found["info"] == "transcript"]

    @property
    def pages(self) -> dict[str, str]:
        """Expected pages by path below `content_cache/pages/`."""
        blocks = [found for found in _BLOCK.finditer(self.text) if found["info"] != "transcript"]
        return {found["info"].removeprefix("markdown pages/"): found["text"] for found in blocks}

    def rewrite(self, pages: Mapping[str, str]) -> None:
        """Put the pages that were made into the blocks that stand for them."""

        def block(found: re.Match[str]) -> str:
            if found["info"] == "transcript":
                return found[0]
            made = shorten(pages[found["info"].removeprefix("markdown pages/")], like=found["text"])
            return f"{found['fence']}{found['info']}\n{made}{found['fence']}"

        self.path.write_text(_BLOCK.sub(block, self.text), "utf-8")


def read_pages(story: Story, folder: Path) -> dict[str, str]:
    """Plant the story's rooms, build the garden, and return its pages in readable form by path."""
    aliases = [str(re.search(r"(?m)^alias: (.+)$", text)[1]) for text in story.transcripts]  # type: ignore[index]
    lay_out(folder, settings(rooms=[room_id(alias) for alias in aliases]))
    pictures = {PICTURE: Picture(MxcUri(f"mxc://{SERVER}/{PICTURE}"), "image/webp", 640, 480, 1000)}
    for text in story.transcripts:
        bring(folder, read_transcript(text, PEOPLE, pictures))
    with ArchiveStore.open(folder) as store:
        for alias in aliases:
            for uri, _ in store.missing_media(room_id(alias)):
                store.save_media(uri, clean_picture((demo_folder() / "media" / PICTURE).read_bytes()))
    build_garden(folder, read_config(folder / "site.toml"), folder / "public", jobs=1, report=lambda *_: None)
    names = dict(name_letters(aliases, story.transcripts))
    root = folder / "content_cache" / "pages"
    return {
        make_readable(path.relative_to(root).as_posix(), names): make_readable(path.read_text("utf-8"), names)
        for path in sorted(root.rglob("*.md"))
    }


def name_letters(aliases: list[str], transcripts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the letters that stand for each message in anchors and addresses, with the message's label."""
    for alias, text in zip(aliases, transcripts, strict=True):
        labels = [f"line-{number}" for number in range(1, text.count("\n"))]
        for label in [*labels, *re.findall(r"\[([a-z0-9-]+)\]", text)]:
            event = EventId(event_id(alias, label))
            yield message_anchor(event), label
            yield page_id(event), label


def make_readable(text: str, names: Mapping[str, str]) -> str:
    text = re.sub(
        r"m-[a-z2-7]{10}|(?<=-)[a-z2-7]{8}(?=[./])", lambda found: names.get(found[0], found[0]), text
    )
    text = re.sub(r"media/[0-9a-f]{2}/[0-9a-f]+\.\w+", f"media/{PICTURE}", text)
    text = re.sub(r"(\d\d-\d\dT\d\d:\d\d):[\d.]+Z", r"\1Z", text)
    text = re.sub(r'(?m)^(:{3,} \{#.*?) sender="[^"]*"(.*?) event="[^"]*"\}$', r"\1\2}", text)
    return re.sub(r"(?m)^(room|root): .*\n", "", text)


def shorten(page: str, *, like: str) -> str:
    """Leave the front matter out where the story does."""
    return page if like.startswith("---\n") else page.split("\n---\n\n", 1)[1]


@pytest.mark.parametrize(
    "story", [Story(path) for path in sorted(STORIES.glob("*.md"))], ids=lambda story: story.path.stem
)
def test_story(story: Story, tmp_path: Path) -> None:
    made = read_pages(story, tmp_path)
    if os.environ.get("GARDEN_GOLDEN") == "write":
        story.rewrite(made)
    assert story.transcripts
    assert sorted(story.pages) == sorted(made), "the story shows every page that its rooms become"
    for path, expected in story.pages.items():
        assert shorten(made[path], like=expected) == expected


def test_there_are_stories_and_each_begins_with_its_claim() -> None:
    paths = sorted(STORIES.glob("*.md"))
    assert len(paths) >= 15
    for path in paths:
        claim = path.read_text("utf-8").split("\n", 1)[0]
        assert re.fullmatch(r"# [A-Z].*\.", claim), (
            f"{path.name}: the first line is a sentence that the story shows"
        )
