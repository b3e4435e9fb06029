"""Events as a homeserver would tell them, in the few words that a test of the archive needs."""

from __future__ import annotations

from pathlib import Path

from garden.archive.event import RoomId

ROOM = RoomId("!room:fen.example")
ADA = "@ada:fen.example"
BEN = "@ben:fen.example"
MO = "@mo:fen.example"

Json = dict[str, object]


def event(name: str, kind: str, content: Json, *, sender: str = ADA, at: int = 0, **more: object) -> Json:
    return {
        "type": kind,
        "room_id": ROOM,
        "event_id": f"${name}",
        "sender": sender,
        "origin_server_ts": 1_700_000_000_000 + at,
        "content": content,
        **more,
    }


def message(name: str, words: str, *, sender: str = ADA, at: int = 0, **content: object) -> Json:
    return event(
        name, "m.room.message", {"msgtype": "m.text", "body": words, **content}, sender=sender, at=at
    )


def edit(name: str, target: str, words: str, *, sender: str = ADA, at: int = 0) -> Json:
    return message(
        name,
        f"* {words}",
        sender=sender,
        at=at,
        **{
            "m.new_content": {"msgtype": "m.text", "body": words},
            "m.relates_to": {"rel_type": "m.replace", "event_id": f"${target}"},
        },
    )


def reply(name: str, target: str, words: str, *, sender: str = BEN, at: int = 0) -> Json:
    return message(
        name, words, sender=sender, at=at, **{"m.relates_to": {"m.in_reply_to": {"event_id": f"${target}"}}}
    )


def redaction(name: str, target: str, *, sender: str = ADA, at: int = 0, reason: str = "") -> Json:
    content: Json = {"redacts": f"${target}"}
    if reason:
        content["reason"] = reason
    return event(name, "m.room.redaction", content, sender=sender, at=at)


def picture(name: str, uri: str, *, sender: str = ADA) -> Json:
    return event(
        name, "m.room.message", {"msgtype": "m.image", "body": "bean.png", "url": uri}, sender=sender
    )


def redacted(source: Json, because: Json) -> Json:
    """The event as the server shows it once a redaction has emptied it."""
    return source | {"content": {}, "unsigned": {"redacted_because": because}}


def bytes_of(folder: Path) -> bytes:
    """Every byte of every file below a folder."""
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
