"""Growth: what is known of a page comes in, how far it has grown goes out, with the reason.

Nothing of it depends on when the garden is built: a page's age ends with its last change, or with the last
link to it, so that time alone changes no file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from garden.conversations.tending import Stage
from garden.pages.page import Backlink, PageCard
from garden.pages.paths import Growth

_DAY_MS: Final = 24 * 60 * 60 * 1000

MESSAGES: Final = (5, 15)
PEOPLE: Final = (3, 6)
LINKS_IN: Final = (1, 3, 3)
"""Pages that link here; three of them count twice."""
DAYS: Final = (30, 365)
"""A page gets a point for each number that it reaches, and one where its question is answered."""

BUDDING: Final = 3
EVERGREEN: Final = 7
"""Points."""

_WRITTEN_BY_HAND: Final = 2
"""Points that a note has from the beginning: somebody sat down to write it."""


def judge_growth(card: PageCard, backlinks: Sequence[Backlink]) -> Growth:
    """Say how far a page has grown: as somebody has said, else by what has come of it."""
    growth = Growth(
        stage=card.stage or Stage.SEEDLING,
        given=card.stage is not None,
        messages=card.message_count,
        people=card.people_count,
        links_in=len({backlink.address for backlink in backlinks}),
        days=_count_days(card, backlinks),
        answered=card.is_answered,
    )
    if card.stage is not None:
        return growth
    return replace(growth, stage=_find_stage(growth, _WRITTEN_BY_HAND if card.kind == "note" else 0))


def _find_stage(growth: Growth, points: int) -> Stage:
    for number, steps in (
        (growth.messages, MESSAGES),
        (growth.people, PEOPLE),
        (growth.links_in, LINKS_IN),
        (growth.days, DAYS),
    ):
        points += bisect_right(steps, number)
    points += growth.answered
    return Stage.EVERGREEN if points >= EVERGREEN else Stage.BUDDING if points >= BUDDING else Stage.SEEDLING


def _count_days(card: PageCard, backlinks: Sequence[Backlink]) -> int:
    if card.planted is None:
        return 0
    moments = [backlink.sent_at for backlink in backlinks if backlink.sent_at is not None]
    return max(0, max([card.tended or card.planted, *moments]) - card.planted) // _DAY_MS
