"""A page as text and back: YAML front matter, then one fenced division per message.

    ---
    title: How do we store bean seed over winter?
    …
    ---

    ::: {#m-3fk2a9xyab .message author="Ada" sender="@ada:fen.example" at="2025-03-03T09:12:00.000Z"}
    Dry to 8 %, jar, cool cellar.
    :::

The divisions are Pandoc's ("Divs and Spans"). A division's fence has more colons than any run at the start of
a line inside, so that no message can end its own or begin another's. `read_page(write_page(page)) == page`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote

import yaml

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import ConversationKind, MessageKind
from garden.pages.address import Anchor, markdown_address
from garden.pages.moment import format_time, parse_time
from garden.pages.page import Page, PageMessage

_OPENING: Final = re.compile(r"(:{3,}) \{#(\S+) \.message((?: [a-z-]+=\"(?:[^\"\\]|\\.)*\")*)\}$")
_ATTRIBUTE: Final = re.compile(r" ([a-z-]+)=\"((?:[^\"\\]|\\.)*)\"")
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_COLONS: Final = re.compile(r"(?m)^:{3,}")


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
    }
    divisions = "\n".join(_write_message(message) for message in page.messages)
    return f"---\n{dump_front_matter(front)}---\n\n{divisions}"


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
    except yaml.YAMLError as error:
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


def _write_message(message: PageMessage) -> str:
    attributes = {
        "author": message.author,
        "sender": message.sender,
        "at": format_time(message.sent_at),
        "edited": format_time(message.edited_at) if message.edited_at is not None else None,
        "kind": message.kind.value if message.kind is not MessageKind.TEXT else None,
        "reply-to": message.reply_to,
        "reactions": " ".join(f"{_quote_key(key)} {count}" for key, count in message.reactions) or None,
        "event": message.event_id,
    }
    written = "".join(f' {key}="{_escape(value)}"' for key, value in attributes.items() if value is not None)
    fence = ":" * max(3, 1 + max(map(len, _COLONS.findall(message.text)), default=0))
    text = f"{message.text}\n" if message.text else ""
    return f"{fence} {{#{message.anchor} .message{written}}}\n{text}{fence}\n"


def _read_messages(body: str) -> Iterator[PageMessage]:
    lines = iter(body.split("\n"))
    for line in lines:
        if not line:
            continue
        opening = _OPENING.match(line)
        if opening is None:
            raise DialectError(f"neither a message nor an empty line: {line[:60]!r}")
        text = "\n".join(_read_division(lines, opening[1]))
        yield _read_message(Anchor(opening[2]), _read_attributes(opening[3]), text)


def _read_division(lines: Iterator[str], fence: str) -> Iterator[str]:
    for line in lines:
        if line == fence:
            return
        yield line
    raise DialectError(f"a message has no end: a line {fence}")


def _read_message(anchor: Anchor, attributes: Mapping[str, str], text: str) -> PageMessage:
    reactions = attributes.get("reactions", "").split()
    return PageMessage(
        anchor=anchor,
        event_id=EventId(attributes["event"]),
        sender=UserId(attributes["sender"]),
        author=attributes["author"],
        sent_at=parse_time(attributes["at"]),
        kind=MessageKind(attributes.get("kind", MessageKind.TEXT)),
        text=text,
        edited_at=parse_time(attributes["edited"]) if "edited" in attributes else None,
        reply_to=Anchor(attributes["reply-to"]) if "reply-to" in attributes else None,
        reactions=tuple(
            (unquote(key), int(count)) for key, count in zip(reactions[::2], reactions[1::2], strict=True)
        ),
    )


def _read_attributes(text: str) -> dict[str, str]:
    return {key: re.sub(r"\\(.)", r"\1", value) for key, value in _ATTRIBUTE.findall(text)}


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _quote_key(key: str) -> str:
    """Reactions are parted by spaces, so a space inside one is percent-encoded; emoji stay readable."""
    return "".join(quote(letter) if letter.isspace() or letter == "%" else letter for letter in key)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
