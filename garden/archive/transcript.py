"""Read a transcript, the plain-text form in which the demo and the stories are written, into events.

Text comes in, client-event JSON as a homeserver would send it goes out, oldest first. The identifiers are
derived from room and line, so that the same transcript makes the same events for ever. The form is
described in `docs/reference/transcript.md`.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final

from markdown_it import MarkdownIt

from garden.archive.event import EventId, MxcUri, RoomId, UserId

SERVER: Final = "fen.example"

_DAY: Final = re.compile(r"== (\d{4}-\d\d-\d\d)$")
_LINE: Final = re.compile(
    r"(?P<time>\d\d:\d\d) (?P<who>\w+)"
    r"(?: (?P<verb>edits|reacts|removes) (?P<object>[a-z0-9-]+)(?: (?P<key>[^:\s]+))?)?"
    r"(?P<modifiers>(?: (?:@[a-z0-9-]+|>[a-z0-9-]+|\[[a-z0-9-]+\]|image \S+?|notice|me))*)"
    r"(?::(?: (?P<text>.*))?)?$"
)
_MODIFIER: Final = re.compile(
    r"@(?P<thread>[a-z0-9-]+)|>(?P<reply>[a-z0-9-]+)|\[(?P<id>[a-z0-9-]+)\]"
    r"|image (?P<image>\S+)|(?P<kind>notice|me)\b"
)
_REFERENCE: Final = re.compile(r"\[\[(?:(?P<room>[a-z0-9-]+)/)?(?P<id>[a-z0-9-]+)\]\]")


class TranscriptError(ValueError):
    """A line does not follow the form; the message names the line."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a transcript shows."""

    uri: MxcUri
    mimetype: str
    width: int
    height: int
    size: int
    """Bytes."""


@dataclass(slots=True)
class _Room:
    """What is known while one file is read from top to bottom."""

    room_id: RoomId
    alias: str
    people: Mapping[str, str]
    pictures: Mapping[str, Picture]
    latest_in_thread: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def event_id(self, label: str) -> EventId:
        return event_id(self.alias, label)


def room_id(alias: str) -> RoomId:
    """Return the room's identifier for the localpart of its alias."""
    return RoomId(f"!{_digest(alias)[:18]}:{SERVER}")


def event_id(alias: str, label: str) -> EventId:
    """Return the identifier of the message that a transcript calls `[label]`."""
    return EventId(f"${_digest(f'{alias}/{label}')}")


def permalink(alias: str, label: str) -> str:
    """Return the matrix.to address of a labelled message (appendix "matrix.to navigation")."""
    return f"https://matrix.to/#/{room_id(alias)}/{event_id(alias, label)}?via={SERVER}"


def read_people(text: str) -> dict[str, str]:
    """Read `people.txt`: one `localpart: Display name` a line."""
    pairs = (line.split(":", 1) for line in text.splitlines() if line.strip())
    return {localpart.strip(): name.strip() for localpart, name in pairs}


def read_transcript(
    text: str, people: Mapping[str, str], pictures: Mapping[str, Picture] | None = None
) -> Iterator[dict[str, object]]:
    """Yield the events of one room, first the state that opens it, then the conversation.

    `pictures` maps the file names that `image` lines use to what was uploaded for them. Raises
    `TranscriptError` with the number of the line that does not follow the form.
    """
    lines = text.splitlines()
    header, first = _read_header(lines)
    room = _Room(room_id(header["alias"]), header["alias"], people, pictures or {})
    entries = list(_read_entries(lines, first))
    opened = entries[0][1] if entries else 0
    yield from _open_room(room, header, opened)
    for number, sent_at, match, body in entries:
        try:
            yield from _read_entry(room, sent_at, match, body)
        except KeyError as error:
            raise TranscriptError(f"line {number}: {error.args[0]} is not known") from error


def _read_header(lines: list[str]) -> tuple[dict[str, str], int]:
    end = lines.index("") if "" in lines else len(lines)
    pairs = (line.partition(":") for line in lines[:end])
    header = {key: value.strip() for key, _, value in pairs}
    for key in ("room", "alias"):
        if not header.get(key):
            raise TranscriptError(f"line 1: the header has no `{key}: …`")
    return header, end


def _read_entries(lines: list[str], first: int) -> Iterator[tuple[int, int, re.Match[str], str]]:
    """Join each line with its continuation; yield line number, time in ms, the parsed line, the text."""
    day, index = "", first
    while index < len(lines):
        line, number = lines[index], index + 1
        index += 1
        if found := _DAY.match(line):
            day = found[1]
        elif line.strip():
            match = _LINE.match(line)
            if match is None or not day:
                raise TranscriptError(f"line {number}: neither a day nor a message: {line[:60]!r}")
            more, index = _read_continuation(lines, index)
            moment = _read_moment(day, match["time"], number)
            text = "\n".join([match["text"] or "", *more]).rstrip()
            yield number, int(moment.timestamp()) * 1000 + number % 60_000, match, text


def _read_moment(day: str, time: str, number: int) -> datetime:
    try:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
    except ValueError as error:
        raise TranscriptError(f"line {number}: {day} {time} is no time") from error


def _read_continuation(lines: list[str], index: int) -> tuple[list[str], int]:
    end = index
    while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
        end += 1
    more = [line[4:] for line in lines[index:end]]
    return more, end


def _open_room(room: _Room, header: Mapping[str, str], opened: int) -> Iterator[dict[str, object]]:
    founder = next(iter(room.people), "founder")
    state: list[tuple[str, str, dict[str, object]]] = [
        ("m.room.create", "", {"room_version": "11"}),
        ("m.room.history_visibility", "", {"history_visibility": "world_readable"}),
        ("m.room.canonical_alias", "", {"alias": f"#{room.alias}:{SERVER}"}),
        ("m.room.name", "", {"name": header["room"]}),
        ("m.room.topic", "", {"topic": header.get("topic", "")}),
    ]
    state += [
        ("m.room.member", f"@{localpart}:{SERVER}", {"membership": "join", "displayname": name})
        for localpart, name in room.people.items()
    ]
    for kind, key, content in state:
        sender = key.removeprefix("@").split(":")[0] if kind == "m.room.member" else founder
        yield _event(room, f"state/{kind}/{key}", sender, opened, kind, content) | {"state_key": key}


def _read_entry(room: _Room, sent_at: int, match: re.Match[str], text: str) -> Iterator[dict[str, object]]:
    sender = match["who"]
    if sender not in room.people:
        raise KeyError(sender)
    room.count += 1
    label = f"line-{room.count}"
    if match["verb"] == "reacts":
        relation = {
            "rel_type": "m.annotation",
            "event_id": room.event_id(match["object"]),
            "key": match["key"],
        }
        yield _event(room, label, sender, sent_at, "m.reaction", {"m.relates_to": relation})
    elif match["verb"] == "removes":
        content: dict[str, object] = {"redacts": room.event_id(match["object"])}
        content |= {"reason": text} if text else {}
        yield _event(room, label, sender, sent_at, "m.room.redaction", content)
    elif match["verb"] == "edits":
        new = _text_content(room, text, "m.text")
        edit: dict[str, object] = {
            "msgtype": "m.text",
            "body": f"* {new['body']}",
            "m.new_content": new,
            "m.relates_to": {"rel_type": "m.replace", "event_id": room.event_id(match["object"])},
        }
        yield _event(room, label, sender, sent_at, "m.room.message", edit)
    else:
        yield _read_message(room, label, sent_at, match, text)


def _read_message(
    room: _Room, label: str, sent_at: int, match: re.Match[str], text: str
) -> dict[str, object]:
    given: dict[str, str] = {}
    for modifier in _MODIFIER.finditer(match["modifiers"]):
        given |= {key: value for key, value in modifier.groupdict().items() if value}
    label = given.get("id", label)
    if "image" in given:
        content = _image_content(room, given["image"], text)
    else:
        content = _text_content(
            room, text, {"notice": "m.notice", "me": "m.emote"}.get(given.get("kind", ""), "m.text")
        )
    relation = _relation(room, given.get("thread"), given.get("reply"))
    if relation:
        content["m.relates_to"] = relation
    if "thread" in given:
        room.latest_in_thread[given["thread"]] = label
    return _event(room, label, match["who"], sent_at, "m.room.message", content)


def _relation(room: _Room, thread: str | None, reply: str | None) -> dict[str, object]:
    """Write relations as clients do: a plain thread message also "replies" to the latest, as a fallback."""
    if thread is None:
        return {"m.in_reply_to": {"event_id": room.event_id(reply)}} if reply else {}
    target = reply or room.latest_in_thread.get(thread, thread)
    return {
        "rel_type": "m.thread",
        "event_id": room.event_id(thread),
        "m.in_reply_to": {"event_id": room.event_id(target)},
        "is_falling_back": reply is None,
    }


def _text_content(room: _Room, text: str, msgtype: str) -> dict[str, object]:
    body = _REFERENCE.sub(lambda found: permalink(found["room"] or room.alias, found["id"]), text)
    content: dict[str, object] = {"msgtype": msgtype, "body": body}
    html = _client_markdown().render(body).rstrip("\n")
    plain = f"<p>{body}</p>"
    if html != plain:
        single = html.startswith("<p>") and html.count("<p>") == 1 and html.endswith("</p>")
        content["format"] = "org.matrix.custom.html"
        content["formatted_body"] = html[3:-4] if single else html
    return content


def _image_content(room: _Room, name: str, caption: str) -> dict[str, object]:
    picture = room.pictures[name]
    content = _text_content(room, caption, "m.image") if caption else {"msgtype": "m.image", "body": name}
    info = {"mimetype": picture.mimetype, "w": picture.width, "h": picture.height, "size": picture.size}
    return content | {"filename": name, "url": picture.uri, "info": info}


def _event(
    room: _Room, label: str, sender: str, sent_at: int, kind: str, content: dict[str, object]
) -> dict[str, object]:
    return {
        "room_id": room.room_id,
        "event_id": room.event_id(label),
        "sender": UserId(f"@{sender}:{SERVER}"),
        "type": kind,
        "origin_server_ts": sent_at,
        "content": content,
    }


@cache
def _client_markdown() -> MarkdownIt:
    """Render as a Matrix client does: CommonMark with line breaks, tables and strikethrough."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def _digest(label: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=").replace("-", "A")
