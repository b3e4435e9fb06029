"""Write the reference of events: how each reads, as the stories show it, and what becomes of every type.

The claims of `tests/stories/` and the table of `docs/spec_events.py` come in, tables go out. Both are tested,
so the page cannot say what garden does not do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docs.markdown import write_table
from docs.spec_events import FATES

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Words": (
        "plain-text",
        "spoken-lines",
        "kinds",
        "markdown",
        "formatted-tags",
        "colours",
        "emoticon",
        "numbered-from",
        "table",
        "details",
        "emoji-only",
        "hashtags",
    ),
    "Spoilers, formulas, code": ("spoiler", "maths", "code", "code-highlighted"),
    "Answers and threads": (
        "reply-here",
        "reply-deep",
        "reply-elsewhere",
        "chain",
        "thread",
        "nested-replies",
    ),
    "Edits and removals": (
        "edit",
        "edit-history",
        "edit-history-erased",
        "edit-by-another",
        "removed-by-whom",
        "removed-unsaid",
        "redacted-reply",
        "redacted-root",
        "redacted-alone",
    ),
    "Reactions, polls, stickers": (
        "reactions",
        "reaction-custom-emoji",
        "reaction-taken-back",
        "poll-open",
        "poll-ended",
        "poll-undisclosed",
        "poll-msc3381",
        "sticker",
    ),
    "Pictures, recordings, files": ("image", "video", "audio", "voice", "file", "media-missing", "avatar"),
    "Places, calls and what nobody knows": ("location", "call", "widget", "unknown-type", "encrypted"),
    "The room": (
        "room-created",
        "room-changes",
        "membership-hidden",
        "membership-shown",
        "pinned",
        "room-upgrade",
    ),
    "Mentions and links": ("pill-user", "pill-room", "pill-event", "pill-everybody", "links"),
    "Other networks": ("bridged-discord", "bridged-irc", "bridged-others", "per-message-profile"),
    "Languages": ("arabic", "right-to-left", "scripts-and-marks", "bidi-in-names"),
}
"""Stories by what they are about, in the order in which the page shows them."""

_EVENTS: Final = re.compile(r"^Events: (.+)$", re.MULTILINE)
_TYPE: Final = re.compile(r"\bm\.[a-z._]+")
_SETTINGS: Final = re.compile(r"^Settings: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one story says, without how it shows it."""

    name: str
    sentence: str
    events: str
    """Types, message types and fields, as code; empty where the story is about no event."""
    settings: str


def read_claims(folder: Path) -> dict[str, Claim]:
    """Read the claims of all stories by their names."""
    return {path.stem: _read_claim(path) for path in sorted(folder.glob("*.md"))}


def write_events(root: Path) -> str:
    """Return the page; raises `KeyError` where a group names a story that is not there."""
    claims = read_claims(root / "tests" / "stories")
    groups = "\n".join(
        f"## {title}\n\n{_write_claims([claims[name] for name in names])}\n"
        for title, names in GROUPS.items()
    )
    return f"{_HEAD}\n{groups}\n{_write_fates()}"


_HEAD: Final = """# Events, and how they read

Every sentence here is a test: the last column leads to the story that shows it, what was sent beside the page
that it becomes. What a message can never do, whatever it holds, is shown by `tests/hostile`.
"""

_FATES_HEAD: Final = """## Every type of the specification

What becomes of each type of event that the Matrix specification names, in rooms and outside. Each has an
example in `tests/spec`, which is imported and built. All other types are read by their fallback.
"""


def _read_claim(path: Path) -> Claim:
    text = path.read_text(encoding="utf-8")
    events, settings = _EVENTS.search(text), _SETTINGS.search(text)
    return Claim(
        path.stem,
        text.split("\n", 1)[0].removeprefix("# "),
        events[1] if events else "",
        settings[1] if settings else "",
    )


def _write_claims(claims: list[Claim]) -> str:
    rows = [
        (
            claim.events,
            f"{claim.sentence} With {claim.settings}." if claim.settings else claim.sentence,
            f"[{claim.name}](../../tests/stories/{claim.name}.md)",
        )
        for claim in claims
    ]
    return write_table(("Events and fields", "How they read", "Story"), rows)


def _write_fates() -> str:
    rows = [(_TYPE.sub(r"`\g<0>`", fate.name), fate.becomes.value, fate.how) for fate in FATES]
    return f"{_FATES_HEAD}\n{write_table(('Type', 'What becomes of it', 'How'), rows)}\n"
