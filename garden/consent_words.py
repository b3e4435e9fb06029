"""What `garden consent` and `garden forget` say: reports and results become lines, or plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from garden.consent_report import ConsentReport, PartConsent, RoomConsent
from garden.conversations.explanation import NOT_ASKED, Check, Explanation
from garden.forget import Forgetting
from garden.words import count, iso_time

_WHAT: Final = {"user": "This person", "event": "This message", "room": "This room"}


def tell_consent(report: ConsentReport) -> Iterator[str]:
    """Say of each room what is published and why, or why not."""
    if not report.rooms:
        yield "No room is archived yet; run garden sync."
    for room in report.rooms:
        yield from _tell_room(room)
    if any(report.wishes.values()):
        yield f"Left out by wish: {', '.join(count(number, kind) for kind, number in report.wishes.items())}"


def _tell_room(room: RoomConsent) -> Iterator[str]:
    yield f"{room.name}: {'published' if room.published else 'not published'}"
    yield f"  Asked for in site.toml by {', '.join(room.asked)}"
    if room.opened_at is not None:
        by = room.opened_by or "somebody who has opted out"
        yield f"  Readable for everybody since {iso_time(room.opened_at)}, by {by}"
    for part in room.parts:
        yield from _tell_part(part)
    yield f"  Names: {room.naming.value}; search engines: {'welcome' if room.index else 'kept out'}"


def _tell_part(part: PartConsent) -> Iterator[str]:
    yield f"  {part.room_id}: {count(part.kept, 'event')} published"
    yield from (f"    {line}" for line in _tell_checks(part.checks))
    for refusal, number in part.refused.items():
        yield f"    {count(number, 'event')} kept back: {refusal.value}"


def _tell_checks(checks: Iterable[Check]) -> Iterator[str]:
    for check in checks:
        detail = f" ({check.detail})" if check.detail else ""
        reason = "" if check.refusal is None else f": {check.refusal.value}"
        mark = "NO " if not check.holds else "-  " if check.detail == NOT_ASKED else "yes"
        yield f"{mark}  {check.rule.value}{detail}{reason}"


def tell_explanation(found: Explanation) -> Iterator[str]:
    """Say of one message which rules hold."""
    event = found.event
    if found.is_removed:
        verdict = "removed in the room, so nothing of it is left to publish"
    elif found.refusal is not None:
        verdict = f"not published: {found.refusal.value}"
    else:
        verdict = "published"
    yield f"{event.event_id}, {event.type}, {iso_time(event.sent_at)}: {verdict}"
    yield from (f"  {line}" for line in _tell_checks(found.checks))
    if found.edit_of is not None:
        yield f"  It gives {found.edit_of} another wording."
    if found.holds_place:
        yield "  That a message was sent is shown, and nothing of what is in it."


def tell_forgetting(done: Forgetting) -> Iterator[str]:
    """Say what a `garden forget` did, without naming who or what it was."""
    what = _WHAT[done.kind]
    if done.undone:
        yield f"{what} is not forgotten any more. Run garden sync to fetch what the homeserver still tells."
    elif done.traces:
        yield f"{what} is forgotten: {count(done.traces, 'row')} of the archive emptied, a keyed digest kept."
    else:
        yield f"{what} was not in the archive; a keyed digest keeps it out from now on."
    yield "Run garden build: the site follows then."


def consent_as_json(report: ConsentReport) -> dict[str, object]:
    """Return a report as plain values."""
    return {"rooms": [_room_as_json(room) for room in report.rooms], "wishes": report.wishes}


def _room_as_json(room: RoomConsent) -> dict[str, object]:
    return {
        "name": room.name,
        "asked": list(room.asked),
        "published": room.published,
        "names": room.naming.value,
        "index": room.index,
        "opened_by": room.opened_by,
        "opened_at": iso_time(room.opened_at),
        "notice": room.notice,
        "parts": [
            {
                "room_id": part.room_id,
                "published": part.kept,
                "refused": {refusal.name.lower(): number for refusal, number in part.refused.items()},
                "rules": _checks_as_json(part.checks),
            }
            for part in room.parts
        ],
    }


def explanation_as_json(found: Explanation) -> dict[str, object]:
    """Return an explanation as plain values."""
    return {
        "event_id": found.event.event_id,
        "room_id": found.event.room_id,
        "type": found.event.type,
        "sent_at": iso_time(found.event.sent_at),
        "published": found.refusal is None and not found.is_removed,
        "refusal": found.refusal.name.lower() if found.refusal is not None else None,
        "removed": found.is_removed,
        "holds_place": found.holds_place,
        "edit_of": found.edit_of,
        "rules": _checks_as_json(found.checks),
    }


def _checks_as_json(checks: Iterable[Check]) -> list[dict[str, object]]:
    return [
        {"rule": check.rule.name.lower(), "holds": check.holds, "detail": check.detail} for check in checks
    ]
