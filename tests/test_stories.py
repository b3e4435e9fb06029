"""Stories: what people type stands beside the page that it becomes, as `content_cache/pages` holds it.

Each file in `tests/stories/` is a claim in words, one or more `transcript` blocks (one a room; the people are
the demo's: ada, ben, cleo, dara, emil, fern, gus, hana, ilse, jo, karim, mo, promo), and `markdown` blocks:
the pages that the pipeline makes of them. A block that starts with `---` shows the front matter as well. An
`html` block shows what stands on the built page: `#label` the body of that message, `#label .class` what has
this class in or around it, `path .class` what has it on that page of the site. A `toml` block is the garden's
`garden.toml`, with `$label` for the event of a message in the first room. `Events:` names the types, message
types and fields that a story is about, for docs/reference/events.md; `Settings:` adds a line to `site.toml`,
and `matrix.vouched_rooms` alone vouches for the story's rooms.

So that a story can be read, identifiers are replaced: an event's letters by the label that the transcript
gives the message in brackets (`line-3` for the third line where it gives none), the digest of a file by its
name, times by their minute; of a message's attributes `sender` and `event` are left out, and where
`reply-to` is there, `reply-event`.

`GARDEN_GOLDEN=write` writes the pages into the stories; read the difference before you commit it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest

from garden.archive.event import MediaForm, RoomId
from garden.archive.media_sync import fetch_media
from garden.archive.store import ArchiveStore
from garden.archive.transcript import event_id, read_people, read_transcript, room_id
from garden.pages.address import message_anchor, page_id
from garden.resources import demo_folder
from tests.allowed_html import find_forbidden
from tests.archive.fake_source import FakeSource
from tests.smallholding import BASE_URL, bring, build, lay_out, settings
from tests.story import Story, read_stories, shorten
from tests.uploads import MAX_BYTES, pictures, uploads

PEOPLE = read_people((demo_folder() / "people.txt").read_text("utf-8"))

OPENING = {"create": "created", "name": "name", "topic": "topic"}
"""The events that open a room, and what stories call them."""

VOUCHED = "matrix.vouched_rooms"

_BLOCK_ELEMENT = re.compile(
    r"\s*(?=<(?:article|audio|blockquote|details|div|dl|figure|h\d|header|li|math|ol|p|pre|summary|svg|table|tr|ul"
    r"|video)\b)"
)


@dataclass(frozen=True)
class Grown:
    """A story's garden, in readable form."""

    folder: Path
    names: Mapping[str, str]
    """Labels and names of files by the letters that stand for them."""

    @property
    def pages(self) -> dict[str, str]:
        """The pages that the pipeline made, by path below `content_cache/pages/`."""
        root = self.folder / "content_cache" / "pages"
        return {
            make_readable(path.relative_to(root).as_posix(), self.names): make_readable(
                path.read_text("utf-8"), self.names
            )
            for path in sorted(root.rglob("*.md"))
        }

    def see(self, sight: str) -> str:
        """Return what a story's `html` block shows."""
        where, _, name = sight.partition(" .")
        for path in sorted((self.folder / "public").rglob("*.html")):
            if where.startswith("#") or path == self.folder / "public" / where:
                page = make_readable(path.read_text("utf-8"), self.names)
                tree = html5lib.parse(page, namespaceHTMLElements=False)
                homes = (each for each in tree.iter() if f"#{each.get('id')}" == where)
                home = next(homes, None) if where.startswith("#") else tree
                if home is not None:
                    return write_element(find_class(home, name or "body"))
        raise LookupError(f"nothing shows {sight}")


def find_class(home: Any, name: str) -> Any:  # noqa: ANN401 - html5lib's trees have no types
    """Return the first element with this class, the one that is given included."""
    found = next((each for each in home.iter() if name in (each.get("class") or "").split()), None)
    assert found is not None, f"nothing has the class {name}"
    return found


def write_element(element: Any) -> str:  # noqa: ANN401
    """Write an element with one line for each block in it; code keeps its lines."""
    element.tail = None
    text: str = html5lib.serialize(
        element, omit_optional_tags=False, quote_attr_values="always", alphabetical_attributes=False
    )
    pieces = re.split(r"(<pre.*?</pre>)", text, flags=re.DOTALL)
    lines = [
        piece if number % 2 else _BLOCK_ELEMENT.sub("\n", re.sub(r"\s+", " ", piece))
        for number, piece in enumerate(pieces)
    ]
    return "".join(f"{line.rstrip()}\n" for line in "".join(lines).split("\n") if line.strip())


def grow(story: Story, folder: Path) -> Grown:
    """Plant the story's rooms, fetch what they show as a sync does, and build the garden."""
    aliases = [str(re.search(r"(?m)^alias: (.+)$", text)[1]) for text in story.transcripts]  # type: ignore[index]
    lay_out(folder, write_settings(story, [room_id(alias) for alias in aliases]))
    if story.given:
        given = re.sub(r"\$([a-z0-9-]+)", lambda found: event_id(aliases[0], found[1]), story.given)
        (folder / "garden.toml").write_text(given, "utf-8")
    for transcript in story.transcripts:
        bring(folder, read_transcript(transcript, PEOPLE, pictures()))
    with ArchiveStore.open(folder) as store:
        for alias in aliases:
            asyncio.run(copy_media(store, alias))
        files = dict(name_files(store))
    build(folder)
    return Grown(folder, files | dict(name_letters(aliases, story.transcripts)))


def write_settings(story: Story, rooms: list[RoomId]) -> str:
    """Return the story's `site.toml`; dotted keys come before all sections."""
    more = [line for line in story.settings if line != VOUCHED]
    text = settings(vouched=rooms) if VOUCHED in story.settings else settings(rooms=rooms)
    return "\n".join([*more, text])


async def copy_media(store: ArchiveStore, alias: str) -> None:
    async for _ in fetch_media(room_id(alias), FakeSource(files=uploads()), store, MAX_BYTES):
        pass


def name_files(store: ArchiveStore) -> Iterator[tuple[str, str]]:
    """Yield the digest of each copied file with the name that it was uploaded under."""
    for uri in uploads():
        stem = uri.rpartition("/")[2]
        for form in MediaForm:
            record = store.files.find(uri, form)
            if record is not None and record.digest is not None:
                yield record.digest, f"{stem}-small" if form is MediaForm.SMALL else stem
            if record is not None and record.thumb_digest is not None:
                yield record.thumb_digest, f"{stem}-thumb"


def name_letters(aliases: list[str], transcripts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the letters that stand for each message in anchors and addresses, with the message's label."""
    for alias, text in zip(aliases, transcripts, strict=True):
        numbered = [f"line-{number}" for number in range(1, text.count("\n"))]
        labels = {label: label for label in [*numbered, *re.findall(r"\[([a-z0-9-]+)\]", text)]}
        labels |= {f"state/m.room.{kind}/": f"room-{name}" for kind, name in OPENING.items()}
        for label, name in labels.items():
            event = event_id(alias, label)
            yield message_anchor(event), name
            yield page_id(event), name
            yield event, f"${name}"


def make_readable(text: str, names: Mapping[str, str]) -> str:
    text = re.sub(
        r"m-[a-z2-7]{10}|(?<=-)[a-z2-7]{8}(?=[./])|\$[\w-]{43}",
        lambda found: names.get(found[0], found[0]),
        text,
    )
    text = re.sub(r"[0-9a-f]{2}/([0-9a-f]{64})(?=\.)", lambda found: names.get(found[1], found[1]), text)
    text = re.sub(r"(\d\d-\d\dT\d\d:\d\d):[\d.]+Z", r"\1Z", text)
    text = re.sub(r'(?m)^(:{3,} \{#.*?) sender="[^"]*"(.*?) event="[^"]*"\}$', r"\1\2}", text)
    text = re.sub(r'(?m)^(:{3,} \{#.*? reply-to="[^"]*") reply-event="[^"]*"', r"\1", text)
    return re.sub(r"(?m)^(room|root): .*\n", "", text)


@pytest.mark.parametrize("story", read_stories(), ids=lambda story: story.path.stem)
def test_story(story: Story, tmp_path: Path) -> None:
    grown = grow(story, tmp_path)
    made = grown.pages
    if os.environ.get("GARDEN_GOLDEN") == "write":
        story.rewrite(made, grown.see)
    assert story.transcripts
    assert sorted(story.pages) == sorted(made), "the story shows every page that its rooms become"
    for path, expected in story.pages.items():
        assert shorten(made[path], like=expected) == expected
    for sight, expected in story.sights.items():
        assert grown.see(sight) == expected, sight
    for built in (tmp_path / "public").rglob("*.html"):
        assert find_forbidden(built.read_text("utf-8"), BASE_URL) == [], built.name


def test_there_are_stories_and_each_begins_with_its_claim() -> None:
    stories = read_stories()
    assert len(stories) >= 15
    for story in stories:
        assert re.fullmatch(r"[A-Z].*\.", story.claim), (
            f"{story.path.name}: the first line is a sentence that the story shows"
        )
