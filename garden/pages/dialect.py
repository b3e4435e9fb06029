"""A page as text and back: YAML front matter, then divisions for each message.

    ---
    title: How do we store bean seed over winter?
    …
    ---

    ::: {#m-3fk2a9xyab .message author="Ada" sender="@ada:fen.example" at="2025-03-03T09:12:00.000Z"}
    Dry to 8 %, jar, cool cellar.
    :::

    ::: {.reactions}
    - 🌱: Ben
    :::

A `Page` comes in and its file's text goes out, and the reverse, for `store` and for everybody who opens the
file in an editor. `read_page(write_page(page)) == page`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

import yaml

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import ChangeKind, ConversationKind, MessageKind, Removal
from garden.conversations.tending import Stage
from garden.pages.address import Anchor, markdown_address, message_anchor
from garden.pages.dialect_parts import read_poll, read_reactions, read_version, write_parts
from garden.pages.division import Division, read_divisions, write_division
from garden.pages.moment import format_time, parse_time
from garden.pages.page import Answered, Page, PageMessage

_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class DialectError(ValueError):
    """A text is no page in the garden's dialect; the message says what is missing."""


def write_page(page: Page) -> str:
    """Write a page as text, ending in a newline."""
    front: dict[str, object] = {
        "title": page.title,
        "kind": page.kind.value,
        "room": page.room_id,
        "root": page.root_id,
        "planted": format_time(page.planted),
        "tended": format_time(page.tended),
        "tags": list(page.tags),
        **_tending(page),
    }
    up = "../" * page.address.count("/")
    divisions = "\n".join(written for message in page.messages for written in _write_message(message, up))
    return f"---\n{dump_front_matter(front)}---\n\n{divisions}"


def _tending(page: Page) -> dict[str, object]:
    """What somebody has decided; keys that say nothing are left out."""
    decided = {
        "summary": page.summary,
        "growth": page.stage.value if page.stage is not None else "",
        "answer": page.answer or "",
        "featured": page.featured,
        "former-titles": list(page.former_titles),
    }
    return {key: value for key, value in decided.items() if value}


def read_page(text: str, path: str) -> Page:
    """Read what `write_page` wrote; `path` is the file below the pages folder. Raises `DialectError`."""
    front, body = split_front_matter(text)
    try:
        return Page(
            address=markdown_address(path),
            kind=ConversationKind(str(front["kind"])),
            title=str(front["title"]),
            room_id=RoomId(str(front["room"])),
            root_id=EventId(str(front["root"])) if front["root"] is not None else None,
            planted=parse_time(str(front["planted"])),
            tended=parse_time(str(front["tended"])),
            tags=tuple(str(tag) for tag in _as_list(front["tags"])),
            messages=tuple(_read_messages(body)),
            summary=str(front.get("summary", "")),
            stage=Stage(str(front["growth"])) if "growth" in front else None,
            answer=Anchor(str(front["answer"])) if "answer" in front else None,
            featured=front.get("featured") is True,
            former_titles=tuple(str(title) for title in _as_list(front.get("former-titles"))),
        )
    except (KeyError, ValueError) as error:
        raise DialectError(f"{path}: {error}") from error


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """Return the front matter (empty where there is none) and the text behind it. Raises `DialectError`."""
    if not text.startswith("---\n"):
        return {}, text
    end = text.find("\n---\n", 3)
    if end < 0:
        raise DialectError("the front matter has no end: a line `---`")
    try:
        front = yaml.safe_load(text[4 : end + 1])
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # `2026-13-01` looks like a date to YAML, which then fails to make one.
        raise DialectError(f"the front matter is no YAML: {error}") from error
    if front is not None and not isinstance(front, dict):
        raise DialectError("the front matter is no list of `key: value` lines")
    return front or {}, text[end + 5 :]


def dump_front_matter(front: Mapping[str, object]) -> str:
    """Write front matter as YAML, keys in the order given, one line a key.

    The values are written as JSON, which is YAML too and takes a fiftieth of the time of a YAML writer.
    """
    return "".join(f"{key}: {_dump_value(value)}\n" for key, value in front.items())


def _dump_value(value: object) -> str:
    """YAML would take these characters inside quotation marks for line ends, or refuse them."""
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _write_message(message: PageMessage, up: str) -> Iterator[str]:
    yield write_division(
        Division("message", _message_attributes(message), message.text, anchor=message.anchor)
    )
    yield from map(write_division, write_parts(message, up))


def _message_attributes(message: PageMessage) -> dict[str, str]:
    removal = message.removal
    return {
        "author": message.author,
        "sender": message.sender,
        "at": format_time(message.sent_at),
        "kind": message.kind.value if message.kind is not MessageKind.TEXT else "",
        "room": message.room_id or "",
        "avatar": message.avatar,
        "network": message.network,
        "type": message.type_name,
        "change": message.change.value if message.change is not None else "",
        "removed-by": removal.by if removal is not None else "",
        "removed-by-name": removal.name if removal is not None else "",
        "removed-at": _time(removal.at if removal is not None else None),
        "edited": _time(message.edited_at),
        **(_answered_attributes(message.reply_to) if message.reply_to is not None else {}),
        "event": message.event_id,
    }


def _answered_attributes(answered: Answered) -> dict[str, str]:
    """The anchor follows from the event; an editor that follows links wants to see it all the same."""
    stands = bool(answered.page) or answered.is_here
    return {
        "reply-to": (f"{answered.page}#" if answered.page else "") + answered.anchor if stands else "",
        "reply-event": answered.event_id,
        "reply-author": answered.author,
        "reply-words": answered.excerpt,
    }


def _time(moment: int | None) -> str:
    return format_time(moment) if moment is not None else ""


def _read_messages(body: str) -> Iterator[PageMessage]:
    """Yield each message with the divisions that follow it."""
    gathered: list[Division] = []
    for division in read_divisions(body):
        if division.name == "message" and gathered:
            yield _read_message(gathered[0], gathered[1:])
            gathered = []
        gathered.append(division)
    if gathered:
        yield _read_message(gathered[0], gathered[1:])


def _read_message(division: Division, parts: Sequence[Division]) -> PageMessage:
    if division.name != "message":
        raise ValueError(f"a division .{division.name} before any message")
    attributes = division.attributes
    message = PageMessage(
        anchor=Anchor(division.anchor),
        event_id=EventId(attributes["event"]),
        sender=UserId(attributes["sender"]),
        author=attributes["author"],
        sent_at=parse_time(attributes["at"]),
        kind=MessageKind(attributes.get("kind", MessageKind.TEXT)),
        text=division.text,
        room_id=RoomId(attributes["room"]) if "room" in attributes else None,
        avatar=attributes.get("avatar", ""),
        network=attributes.get("network", ""),
        type_name=attributes.get("type", ""),
        change=ChangeKind(attributes["change"]) if "change" in attributes else None,
        removal=_read_removal(attributes),
        edited_at=parse_time(attributes["edited"]) if "edited" in attributes else None,
        reply_to=_read_answered(attributes),
    )
    return reduce(_add_part, parts, message)


def _read_removal(attributes: Mapping[str, str]) -> Removal | None:
    if "removed-at" not in attributes:
        return None
    return Removal(
        by=UserId(attributes["removed-by"]),
        name=attributes.get("removed-by-name", ""),
        at=parse_time(attributes["removed-at"]),
    )


def _read_answered(attributes: Mapping[str, str]) -> Answered | None:
    if "reply-event" not in attributes:
        return None
    event_id = EventId(attributes["reply-event"])
    page = attributes.get("reply-to", "").rpartition("#")[0]
    return Answered(
        event_id=event_id,
        anchor=message_anchor(event_id),
        author=attributes.get("reply-author", ""),
        excerpt=attributes.get("reply-words", ""),
        page=page,
        is_here="reply-to" in attributes and not page,
    )


def _add_part(message: PageMessage, division: Division) -> PageMessage:
    match division.name:
        case "poll":
            return replace(message, poll=read_poll(division))
        case "version":
            return replace(message, history=(*message.history, read_version(division)))
        case "reactions":
            return replace(message, reactions=read_reactions(division))
    raise ValueError(f"a division .{division.name}, which no message has")


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
