"""Members know that their room is published when those who answer for it have said so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from garden.archive.event import Event, UserId
from garden.archive.vocabulary import NOTICE
from garden.conversations.notice import find_notices
from tests.conversations.material import ADA, BEN, MO, edited, event, said, state

BOT = UserId("@garden:fen.example")
POWER = [state("p", "m.room.power_levels", {"users": {MO: 50}})]
TOLD: dict[str, Any] = {NOTICE: {"base_url": "https://fen.example/"}}

EDITS: dict[str, Any] = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}}


def notice(name: str, sender: str) -> Event:
    return said(name, "This room is published", sender=sender, **TOLD)


def test_the_account_and_moderators_give_notice_and_nobody_else() -> None:
    everybody = [notice("a", ADA), notice("b", BOT), notice("c", MO), notice("d", BEN), said("e", "hello")]
    assert find_notices(everybody, POWER, BOT) == ("$b", "$c")
    assert find_notices(everybody, [], None) == ()
    assert find_notices(everybody, [], BOT) == ("$b",)


@pytest.mark.parametrize(
    "each",
    [
        said("a", "no key", sender=MO),
        said("a", "no object", sender=MO, **{**TOLD, NOTICE: True}),
        event("a", "m.reaction", TOLD, sender=MO),
        state("a", "m.room.message", TOLD, sender=MO),
        edited("a", "x", "This room is published", sender=MO, **TOLD),
        said("a", "x", sender=MO, **TOLD, **EDITS),
        replace(notice("a", MO), redacted_because={"type": "m.room.redaction"}),
    ],
)
def test_what_is_no_message_of_its_own_or_was_taken_back_gives_no_notice(each: Event) -> None:
    assert find_notices([each], POWER, BOT) == ()
