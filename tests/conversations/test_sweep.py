"""A ban or kick can take the messages of whom it removes away with them (MSC4293)."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import NOBODY, Event
from garden.conversations.sweep import find_banned
from tests.conversations.material import ADA, BEN, MO, event, member, reacted, said, state

CREATE = state("create", "m.room.create", {"room_version": "10"}, sender=ADA)
LEVELS = state("levels", "m.room.power_levels", {"users": {ADA: 100, MO: 50}})
STATE = [CREATE, LEVELS]
UNSTABLE: dict[str, Any] = {"org.matrix.msc4293.redact_events": True}


def removes(name: str = "ban", membership: str = "ban", *, sender: str = MO, **content: object) -> Event:
    flag: dict[str, Any] = content or {"redact_events": True}
    return member(name, BEN, membership=membership, sender=sender, **flag)


def ben(name: str) -> Event:
    return said(name, "spam", sender=BEN)


def swept(events: list[Event], current: list[Event] | None = None) -> str:
    found = find_banned(events, STATE if current is None else current)
    return " ".join(sorted(event_id[1:] for event_id in found))


JOINED = [CREATE, LEVELS, member("join", BEN), ben("a"), said("other", "x"), reacted("r", "other", "👍")]


@pytest.mark.parametrize(
    ("removal", "expected"),
    [
        (removes(), "a r"),
        (removes(membership="leave"), "a r"),
        (removes(**UNSTABLE), "a r"),
        (removes(redact_events=False), ""),
        (removes(redact_events="true"), ""),
        (removes(redact_events=1), ""),
        (removes(membership="invite"), ""),
        (removes(membership="leave", sender=BEN), ""),
        (removes(sender="@other:fen.example"), ""),
        (removes(sender=ADA), "a r"),
        (removes(sender=NOBODY), "a r"),
        (event("ban", "m.room.member", {"membership": "ban", "redact_events": True}, sender=MO), ""),
    ],
)
def test_only_who_may_redact_takes_messages_away_with_a_removal(removal: Event, expected: str) -> None:
    assert swept([*JOINED, removal]) == expected


def test_it_reaches_back_to_the_last_membership_and_no_further() -> None:
    story = [*JOINED, member("left", BEN, membership="leave"), member("again", BEN), ben("d"), removes()]
    assert swept(story) == "d"


def test_what_comes_late_goes_too_while_the_ban_stands() -> None:
    story = [*JOINED, removes(), ben("late")]
    assert swept(story) == "a late r"
    after = [*story, member("unban", BEN, membership="leave", sender=MO), member("again", BEN), ben("new")]
    assert swept(after) == "a late r"


def test_a_redaction_by_who_was_removed_still_says_what_it_redacts() -> None:
    own = event("x", "m.room.redaction", {"redacts": "$a"}, sender=BEN)
    assert swept([*JOINED, own, removes()]) == "a r"


def test_the_power_counts_that_somebody_had_when_they_did_it() -> None:
    demoted = state("levels2", "m.room.power_levels", {"users": {ADA: 100}})
    assert swept([*JOINED, removes(), demoted], [CREATE, demoted]) == "a r"
    assert swept([*JOINED, demoted, removes()], [CREATE, demoted]) == ""
    assert swept([member("join", BEN), ben("a"), removes()], [CREATE, demoted]) == ""


def test_a_ban_that_only_the_current_state_knows_counts() -> None:
    assert swept(JOINED, [*STATE, removes()]) == "a r"
    assert swept([*JOINED, member("left", BEN, membership="leave")], STATE) == ""
