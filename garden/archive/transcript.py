"""Read a transcript, the plain-text form in which the demo and the stories are written, into events.

Text comes in, client-event JSON as a homeserver would send it goes out, oldest first. The identifiers are
derived from room and line, so that the same transcript makes the same events for ever. The form is
described in `docs/reference/transcript.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final

from markdown_it import MarkdownIt

from garden.archive.transcript_names import (
    SERVER,
    Names,
    Picture,
    event_id,
    file_uri,
    permalink,
    room_id,
    user_id,
)

__all__ = [
    "SERVER",
    "Picture",
    "TranscriptError",
    "event_id",
    "file_uri",
    "permalink",
    "read_people",
    "read_transcript",
    "room_id",
    "user_id",
]

_DAY_MS: Final = 24 * 60 * 60 * 1000

_DAY: Final = re.compile(r"== (\d{4}-\d\d-\d\d)$")
_LINE: Final = re.compile(
    r"(?P<time>\d\d:\d\d) (?P<who>[\w-]+)"
    r"(?: (?P<verb>edits|reacts|removes) (?P<object>[a-z0-9-]+)(?: (?P<key>[^:\s\[][^:\s]*))?)?"
    r"(?P<modifiers>(?: (?:@[a-z0-9-]+|>[a-z0-9-]+|\[[a-z0-9-]+\]|image \S+?|notice|me))*)"
    r"(?: (?P<raw>sends|sets) (?P<type>[^\s:]+)(?: (?P<state_key>\S+?))?)?"
    r"(?::(?: (?P<text>.*))?)?$"
)
_MODIFIER: Final = re.compile(
    r"@(?P<thread>[a-z0-9-]+)|>(?P<reply>[a-z0-9-]+)|\[(?P<id>[a-z0-9-]+)\]"
    r"|image (?P<image>\S+)|(?P<kind>notice|me)\b"
)

Content = dict[str, object]
"""The `content` of an event, which is still being put together."""


class TranscriptError(ValueError):
    """A line does not follow the form; the message names the line."""


@dataclass(slots=True)
class _Room:
    """What is known while one file is read from top to bottom."""

    names: Names
    people: dict[str, str]
    """The same people as in `names`: who joins by a line becomes one of them."""
    latest_in_thread: dict[str, str] = field(default_factory=dict)
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with what goes on below it."""

    number: int
    sent_at: int
    """Milliseconds since 1970, UTC."""
    match: re.Match[str]
    text: str

    @property
    def joins(self) -> bool:
        """Whether somebody sets their own membership, which makes them known."""
        return self.match["type"] == "m.room.member" and self.match["state_key"] == f"@{self.match['who']}"


def read_people(text: str) -> dict[str, str]:
    """Read `people.txt`: one `localpart: Display name` a line."""
    pairs = (line.split(":", 1) for line in text.splitlines() if line.strip())
    return {localpart.strip(): name.strip() for localpart, name in pairs}


def read_transcript(
    text: str, people: Mapping[str, str], pictures: Mapping[str, Picture] | None = None
) -> Iterator[dict[str, object]]:
    """Yield the events of one room, first the state that opens it, then the conversation.

    `people` are members from the beginning; `pictures` maps the file names that `image` lines use to what was
    uploaded for them. Raises `TranscriptError` with the number of the line that does not follow the form.
    """
    lines = text.splitlines()
    header, first = _read_header(lines)
    known = dict(people)
    room = _Room(Names(header["alias"], known, pictures or {}), known)
    entries = list(_read_lines(lines, first))
    yield from _open_room(room, header, _read_opening(header, entries))
    for line in entries:
        try:
            yield _read_line(room, line)
        except KeyError as error:
            raise TranscriptError(f"line {line.number}: {error.args[0]} is not known") from error
        except ValueError as error:
            raise TranscriptError(f"line {line.number}: {error}") from error


def _read_header(lines: list[str]) -> tuple[dict[str, str], int]:
    end = lines.index("") if "" in lines else len(lines)
    pairs = (line.partition(":") for line in lines[:end])
    header = {key: value.strip() for key, _, value in pairs}
    for key in ("room", "alias"):
        if not header.get(key):
            raise TranscriptError(f"line 1: the header has no `{key}: …`")
    return header, end


def _read_opening(header: Mapping[str, str], entries: Sequence[_Line]) -> int:
    """A room is opened on the day that the header says, else a day before anybody speaks in it."""
    if header.get("opened"):
        return int(_read_moment(header["opened"], "00:00", 1).timestamp()) * 1000
    return max(0, entries[0].sent_at - _DAY_MS) if entries else 0


def _read_lines(lines: list[str], first: int) -> Iterator[_Line]:
    """Join each line with its continuation."""
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
            yield _Line(number, int(moment.timestamp()) * 1000 + number % 60_000, match, text)


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
    state: list[tuple[str, str, Content]] = [
        ("m.room.create", "", {"room_version": "11"} | _predecessor(header.get("follows", ""))),
        ("m.room.history_visibility", "", {"history_visibility": "world_readable"}),
        ("m.room.canonical_alias", "", {"alias": f"#{room.names.alias}:{SERVER}"}),
        ("m.room.name", "", {"name": header["room"]}),
        ("m.room.topic", "", {"topic": header.get("topic", "")}),
    ]
    state += [
        ("m.room.member", user_id(localpart), {"membership": "join", "displayname": name})
        for localpart, name in room.people.items()
    ]
    for kind, key, content in state:
        sender = key.removeprefix("@").split(":")[0] if kind == "m.room.member" else founder
        yield _event(room, f"state/{kind}/{key}", sender, opened, kind, content) | {"state_key": key}


def _predecessor(last: str) -> Content:
    """Name the room that this one follows by its last message (client-server API, "m.room.create")."""
    alias, _, label = last.partition("/")
    if not alias:
        return {}
    return {"predecessor": {"room_id": room_id(alias), "event_id": event_id(alias, label)}}


def _read_line(room: _Room, line: _Line) -> dict[str, object]:
    match, sender = line.match, line.match["who"]
    if sender not in room.people and not line.joins:
        raise KeyError(sender)
    room.count += 1
    given = _read_modifiers(match["modifiers"])
    label = given.get("id", f"line-{room.count}")
    if match["raw"]:
        kind, content = match["type"], _raw_content(room, line, given)
    elif match["verb"]:
        kind, content = _content_about(room.names, match, line.text)
    else:
        kind, content = "m.room.message", _message_content(room, given, line.text)
    if "thread" in given:
        room.latest_in_thread[given["thread"]] = label
    event = _event(room, label, sender, line.sent_at, kind, content)
    key = room.names.expand(match["state_key"] or "")
    return event | {"state_key": key} if match["raw"] == "sets" else event


def _read_modifiers(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for modifier in _MODIFIER.finditer(text):
        given |= {key: value for key, value in modifier.groupdict().items() if value}
    return given


def _raw_content(room: _Room, line: _Line, given: Mapping[str, str]) -> Content:
    if line.joins:
        room.people.setdefault(line.match["who"], line.match["who"])
    relation = _relation(room, given.get("thread"), given.get("reply"))
    return ({"m.relates_to": relation} if relation else {}) | room.names.read_json(line.text)


def _content_about(names: Names, match: re.Match[str], text: str) -> tuple[str, Content]:
    """Return type and content of what is about another message: an edit, a reaction, a redaction."""
    target = names.event_id(match["object"])
    if match["verb"] == "reacts":
        return "m.reaction", {
            "m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": match["key"]}
        }
    if match["verb"] == "removes":
        return "m.room.redaction", {"redacts": target} | ({"reason": text} if text else {})
    new = _text_content(names, text, "m.text")
    return "m.room.message", {
        "msgtype": "m.text",
        "body": f"* {new['body']}",
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }


def _message_content(room: _Room, given: Mapping[str, str], text: str) -> Content:
    if "image" in given:
        content = _image_content(room.names, given["image"], text)
    else:
        kind = {"notice": "m.notice", "me": "m.emote"}.get(given.get("kind", ""), "m.text")
        content = _text_content(room.names, text, kind)
    relation = _relation(room, given.get("thread"), given.get("reply"))
    return content | {"m.relates_to": relation} if relation else content


def _relation(room: _Room, thread: str | None, reply: str | None) -> Content:
    """Write relations as clients do: a plain thread message also "replies" to the latest, as a fallback."""
    names = room.names
    if thread is None:
        return {"m.in_reply_to": {"event_id": names.event_id(reply)}} if reply else {}
    target = reply or room.latest_in_thread.get(thread, thread)
    return {
        "rel_type": "m.thread",
        "event_id": names.event_id(thread),
        "m.in_reply_to": {"event_id": names.event_id(target)},
        "is_falling_back": reply is None,
    }


def _text_content(names: Names, text: str, msgtype: str) -> Content:
    body = names.link(text)
    content: Content = {"msgtype": msgtype, "body": body}
    html = _client_markdown().render(body).rstrip("\n")
    plain = f"<p>{body}</p>"
    if html != plain:
        single = html.startswith("<p>") and html.count("<p>") == 1 and html.endswith("</p>")
        content["format"] = "org.matrix.custom.html"
        content["formatted_body"] = html[3:-4] if single else html
    return content


def _image_content(names: Names, name: str, caption: str) -> Content:
    picture = names.pictures[name]
    content = _text_content(names, caption, "m.image") if caption else {"msgtype": "m.image", "body": name}
    info = {"mimetype": picture.mimetype, "w": picture.width, "h": picture.height, "size": picture.size}
    return content | {"filename": name, "url": picture.uri, "info": info}


def _event(
    room: _Room, label: str, sender: str, sent_at: int, kind: str, content: Content
) -> dict[str, object]:
    return {
        "room_id": room_id(room.names.alias),
        "event_id": room.names.event_id(label),
        "sender": user_id(sender),
        "type": kind,
        "origin_server_ts": sent_at,
        "content": content,
    }


@cache
def _client_markdown() -> MarkdownIt:
    """Render as a Matrix client does: CommonMark with line breaks, tables and strikethrough."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
