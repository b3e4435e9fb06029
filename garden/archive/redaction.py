"""What a redaction leaves of an event: an event's JSON comes in, the same event without its words goes out.

Pure. The store applies these rules to every event that arrives and to every event that a redaction, an edit
or a reply points at; which redactions count is decided there, what then remains is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from garden.archive.event import JsonObject, get_object, trim_source

_SURVIVING_CONTENT: Final[Mapping[str, tuple[str, ...]]] = {
    "m.room.create": ("additional_creators", "creator", "m.federate", "predecessor", "room_version", "type"),
    "m.room.member": ("join_authorised_via_users_server", "membership"),
    "m.room.join_rules": ("allow", "join_rule"),
    "m.room.power_levels": (
        "ban",
        "events",
        "events_default",
        "invite",
        "kick",
        "redact",
        "state_default",
        "users",
        "users_default",
    ),
    "m.room.history_visibility": ("history_visibility",),
    "m.room.redaction": ("redacts",),
}
"""Content keys that survive, for every room version at once (room version 11, "Redactions"). Where that
version keeps a whole content, only the keys that the specification names are kept."""

_Strip = Callable[[JsonObject], dict[str, object]]

_FALLBACK_LINE: Final = re.compile(r"(?:\* )?> (?:\* )?<@[^>\n]+>")
"""First line of a reply's plain-text fallback (v1.12, "Rich replies"): `> <@user:server> words`."""


def prune_source(source: JsonObject, because: JsonObject | None = None) -> dict[str, object]:
    """Apply the specification's redaction algorithm to an event's JSON.

    `because` is the redaction; who made it and when stays with the event as `unsigned.redacted_because`, its
    reason stays only in the redaction itself, so that a redaction can be redacted in its turn.
    """
    pruned = trim_source(source)
    content = get_object(source, "content") or {}
    survivors = _SURVIVING_CONTENT.get(str(source.get("type")), ())
    pruned["content"] = {key: content[key] for key in survivors if key in content}
    pruned.pop("unsigned", None)
    if because is not None:
        pruned["unsigned"] = {"redacted_because": _name_redaction(because)}
    return pruned


def is_redacted(source: JsonObject) -> bool:
    """Whether the server has already taken this event's words away.

    An empty content counts: user erasure leaves nothing else.
    """
    return get_object(source, "unsigned", "redacted_because") is not None or not source.get("content")


def strip_reply_fallback(content: JsonObject) -> dict[str, object]:
    """Take out the copy of another message that older clients put in front of a reply.

    The copy may come from a message that readers of this room were never allowed to see, and it would outlive
    that message, so no archived event keeps it. Only the fallback that a client made is recognised:
    `<mx-reply>`, and lines that begin with `> <@user:server>`.
    """
    return _map_wordings(content, _strip_fallback)


def strip_reply_quotes(content: JsonObject) -> dict[str, object]:
    """Take out every quotation at the start of a reply whose target is gone, however it was made."""
    return _map_wordings(content, _strip_quotes)


def _name_redaction(because: JsonObject) -> dict[str, object]:
    named = ("type", "event_id", "sender", "origin_server_ts")
    return {key: because[key] for key in named if key in because} | {"content": {}}


def _map_wordings(content: JsonObject, strip: _Strip) -> dict[str, object]:
    """Apply `strip` to the content and to the new wording that an edit carries."""
    stripped = strip(content)
    wording = get_object(content, "m.new_content")
    if wording is not None:
        stripped["m.new_content"] = strip(wording)
    return stripped


def _strip_fallback(content: JsonObject) -> dict[str, object]:
    stripped = dict(content)
    body, html = content.get("body"), content.get("formatted_body")
    if isinstance(html, str):
        stripped["formatted_body"] = _cut_element(html, "mx-reply")
    has_fallback = stripped.get("formatted_body") != html
    if isinstance(body, str) and (_FALLBACK_LINE.match(body) or has_fallback):
        stripped["body"] = _drop_quoted_lines(body)
    return stripped


def _strip_quotes(content: JsonObject) -> dict[str, object]:
    stripped = _strip_fallback(content)
    body, html = stripped.get("body"), stripped.get("formatted_body")
    if isinstance(body, str):
        stripped["body"] = _drop_quoted_lines(body)
    if isinstance(html, str) and html.lstrip().lower().startswith("<blockquote"):
        stripped["formatted_body"] = _cut_element(html, "blockquote")
    return stripped


def _drop_quoted_lines(body: str) -> str:
    lines = body.split("\n")
    quoted = 0
    while quoted < len(lines) and lines[quoted].removeprefix("* ").startswith(">"):
        quoted += 1
    if quoted and quoted < len(lines) and not lines[quoted].strip():
        quoted += 1
    return "\n".join(lines[quoted:])


def _cut_element(html: str, name: str) -> str:
    """Cut from the element's first opening to its last closing, or to the end where it never closes."""
    folded = html.lower()
    start = folded.find(f"<{name}")
    if start < 0:
        return html
    last = folded.rfind(f"</{name}")
    end = folded.find(">", last) if last > start else -1
    return html[:start] + (html[end + 1 :] if end >= 0 else "")
