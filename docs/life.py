"""Follow one message of the demo from the homeserver's JSON to HTML, and show it at every hop.

The demo goes in, the intermediate forms of one message come out as text. `docs/generate.py` puts them into
`docs/explanation/life-of-a-message.md`, so that the page shows what the code does and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from garden.admission import make_lasting_rules
from garden.archive.event import EventId, get_text
from garden.archive.store import ArchiveStore
from garden.archive.transcript import event_id, room_id
from garden.bed import Bed, grow_pages, judge_bed, lay_beds
from garden.config import CONFIG_FILE, SiteConfig, read_config
from garden.conversations.conversation import Conversation, Message
from garden.conversations.resolve import resolve_messages
from garden.conversations.thread import thread_conversations
from garden.conversations.visibility import Judgement
from garden.demo.plant import plant_demo, read_demo
from garden.pages.address import document_path, markdown_path, message_anchor, root_prefix
from garden.pages.card import make_card, make_directory
from garden.pages.link import link_page, link_pages
from garden.pages.page import Backlink, LinkOut, Page, PageLinks, PageMessage
from garden.pages.paths import PagePaths
from garden.pipeline import build_garden
from garden.resources import demo_folder
from garden.site.present import present_conversation
from garden.site.view import FrameView, MessageView

ROOM: Final = "commons"
LABEL: Final = "ac-2026"
"""The message that is followed: it was edited, it links to another page, and somebody reacted to it."""

LINKED: Final = "od-learn"
"""The message that it links to."""

_OUT: Final = "public"


@dataclass(frozen=True, slots=True)
class _Life:
    """One message at every hop."""

    judgement: Judgement
    message: Message
    conversation: Conversation
    page: Page
    written: PageMessage
    link_out: LinkOut
    backlink: Backlink
    view: MessageView


def tell_life(folder: Path) -> dict[str, str]:
    """Plant and build the demo in an empty folder and return the message's forms by name."""
    plant_demo(demo_folder(), folder)
    config = read_config(folder / CONFIG_FILE)
    build_garden(folder, config, folder / _OUT, now_ms=0, jobs=1, report=lambda *_: None)
    followed = event_id(ROOM, LABEL)
    with ArchiveStore.open_existing(folder) as store:
        life = _live(config, store, followed)
        event = next(event for event in store.events(room_id(ROOM)) if event.event_id == followed)
    return {
        "homeserver": "\n".join(
            json.dumps(source, ensure_ascii=False, indent=2) for source in _find_sources(followed)
        ),
        "event": show(event),
        "judgement": f"Judgement(kept={len(life.judgement.kept)} events, refused={life.judgement.refused})",
        "message": show(life.message),
        "conversation": show(replace(life.conversation, messages=())).replace(
            "messages=()", f"messages=({len(life.conversation.messages)} messages)"
        ),
        "page": show(replace(life.page, messages=(life.written,))),
        "link-out": show(life.link_out),
        "backlink": show(life.backlink),
        "markdown": _cut_division(
            (folder / "content_cache/pages" / markdown_path(life.page.address)), followed
        ),
        "view": show(life.view),
        "html": _cut_message(folder / _OUT / document_path(life.page.address), message_anchor(followed)),
        "backlink-html": _cut_backlink(folder / _OUT, life),
    }


def _find_sources(followed: EventId) -> Iterable[Mapping[str, object]]:
    """Return the message's own event and those that point to it."""
    for source in read_demo(demo_folder()):
        related = get_text(source, "content", "m.relates_to", "event_id")
        if followed in {source["event_id"], related}:
            yield source


def _live(config: SiteConfig, store: ArchiveStore, followed: EventId) -> _Life:
    bed = next(bed for bed in lay_beds(config, store, {}) if bed.place.room.room_id == room_id(ROOM))
    judgement = judge_bed(bed, store, make_lasting_rules(config.consent, store))
    messages = resolve_messages(judgement.kept, store.state(room_id(ROOM)))
    message = next(message for message in messages if message.event_id == followed)
    conversation = next(each for each in thread_conversations(messages) if message in each.messages)
    pages = list(grow_pages(bed, judgement, store, config))
    page = next(page for page in pages if page.root_id == conversation.root_id)
    links = _link(config, bed, pages)
    found = links[page.address]
    anchor = message_anchor(followed)
    card = make_card(page, config.site.base_url)
    linked = _find_home(pages, event_id(ROOM, LINKED))
    frame = FrameView(
        site_title=config.site.title,
        description=config.site.description,
        language=config.site.language,
        direction="ltr",
        base_url=config.site.base_url,
        canonical=config.site.base_url,
        root=root_prefix(page.address),
        feeds=(),
        rings=(),
        neighbours="",
        map=f"{root_prefix(page.address)}map/",
        privacy=f"{root_prefix(page.address)}privacy/",
        index=True,
    )
    shown = present_conversation(link_page(page, found), found, PagePaths(), bed.place, frame)
    return _Life(
        judgement=judgement,
        message=message,
        conversation=conversation,
        page=page,
        written=next(each for each in page.messages if each.anchor == anchor),
        link_out=next(each for each in card.links_out if each.anchor == anchor),
        backlink=next(each for each in links[linked.address].backlinks if each.source_anchor == anchor),
        view=next(each for each in _flatten(shown.messages) if each.anchor == anchor),
    )


def _link(config: SiteConfig, bed: Bed, pages: Iterable[Page]) -> Mapping[str, PageLinks]:
    """Both pages stand in one room, so its cards suffice."""
    base_url, room, pages = config.site.base_url, bed.place.room, list(pages)
    cards = [make_card(page, base_url) for page in pages]
    homes = {message.event_id: page.address for page in pages for message in page.messages}
    rooms = [(room.room_id, room.alias, room.name, bed.place.address)]
    return {
        str(key): found
        for key, found in link_pages(cards, make_directory(base_url, cards, rooms, homes)).items()
    }


def _find_home(pages: Iterable[Page], event: EventId) -> Page:
    return next(page for page in pages if any(message.event_id == event for message in page.messages))


def _flatten(views: Iterable[MessageView]) -> Iterable[MessageView]:
    for view in views:
        yield view
        yield from _flatten(view.replies)


def _cut_division(path: Path, followed: EventId) -> str:
    text = path.read_text(encoding="utf-8")
    start = text.index(f"::: {{#{message_anchor(followed)} ")
    return text[start : text.index("\n:::\n", start) + 4]


def _cut_message(path: Path, anchor: str) -> str:
    text = path.read_text(encoding="utf-8")
    start = text.rindex("<article", 0, text.index(f'id="{anchor}"'))
    return _close_up(text[start : text.index("</article>", start) + len("</article>")])


def _cut_backlink(out: Path, life: _Life) -> str:
    anchor = life.backlink.source_anchor
    linked = message_anchor(event_id(ROOM, LINKED))
    for path in sorted((out / ROOM).rglob("index.html")):
        for item in re.findall(
            r"<li class=\"backlink\">.*?</li>", path.read_text(encoding="utf-8"), re.DOTALL
        ):
            if f"#{anchor}" in item and linked == life.backlink.target_anchor:
                return _close_up(item)
    raise LookupError(f"no page shows the backlink from {anchor}")


def _close_up(html: str) -> str:
    return "\n".join(line for line in html.split("\n") if line.strip())


def show(value: object, indent: str = "") -> str:
    """Write a value as Python would construct it, one field a line; what has its default is left out."""
    inner = indent + "    "
    if is_dataclass(value) and not isinstance(value, type):
        lines = [
            f"{inner}{field.name}={show(getattr(value, field.name), inner)},"
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        ]
        return "\n".join([f"{type(value).__name__}(", *lines, f"{indent})"])
    if isinstance(value, tuple) and any(is_dataclass(each) for each in value):
        return "\n".join(["(", *(f"{inner}{show(each, inner)}," for each in value), f"{indent})"])
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    return "{…}" if isinstance(value, Mapping) else repr(value)
