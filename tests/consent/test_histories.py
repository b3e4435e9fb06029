"""Whatever happens in a room, in whatever order a garden hears of it: it has what the plain rules allow.

Pages are quick to compare, so most histories go that far; some go on to the built site with its feeds and its
search index. HYPOTHESIS_PROFILE=explore looks at many more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings

from tests.consent.histories import History, Portion, Step, histories
from tests.consent.plot import live
from tests.consent.world import DAY

SAID: Final[Step] = ("say", (0, "", 0, 0, 0))
EDITED: Final[Step] = ("edit", (0, 9, 0, 0, False))
TURNED_TO_GARDEN: Final[Step] = ("edit", (0, 9, 0, 0, True))
REMOVED: Final[Step] = ("remove", (9, 0, 0))
HIDDEN: Final[Step] = ("hide", (0, 0))
HIDDEN_BY_WORDS: Final[Step] = ("tend", (0, "hide", 0))
OPTED_OUT: Final[Step] = ("command", (0, "opt-out", 0))


def story(*portions: tuple[Step, ...], crawls: bool = False, **beginning: bool) -> History:
    """Return a history in an open room; where it `crawls`, every sync compares everything."""
    facts = {"account_joined": False, "server_sweeps": False, "is_file": False, "shows_history": False}
    return History(
        visibility="world_readable",
        portions=tuple(Portion(steps, crawls) for steps in portions),
        **(facts | beginning),
    )


@settings(max_examples=settings().max_examples)
@given(histories())
def test_the_pages_hold_what_the_rules_allow(history: History) -> None:
    with tempfile.TemporaryDirectory(prefix="garden-consent-") as folder:
        live(history, Path(folder), grows_site=False)


@settings(max_examples=settings().max_examples // 8)
@given(histories())
def test_the_whole_site_holds_what_the_rules_allow(history: History) -> None:
    with tempfile.TemporaryDirectory(prefix="garden-consent-") as folder:
        live(history, Path(folder), grows_site=True)


@pytest.mark.parametrize("is_file", [False, True])
def test_who_opts_out_after_removing_a_message_is_not_named_as_who_removed_it(
    tmp_path: Path, *, is_file: bool
) -> None:
    live(story((SAID, REMOVED, OPTED_OUT), is_file=is_file), tmp_path, grows_site=True)


def test_a_room_that_was_encrypted_while_it_was_closed_is_let_go(tmp_path: Path) -> None:
    steps: tuple[Step, ...] = (SAID, ("turn", ("shared",)), ("encrypt", ()), ("turn", ("world_readable",)))
    live(story((SAID,), steps), tmp_path, grows_site=True)


def test_words_that_an_edit_took_away_do_not_come_back_with_a_room_that_did(tmp_path: Path) -> None:
    closed: tuple[Step, ...] = (("prefer", ({"publish": False}, 0)),)
    opened: tuple[Step, ...] = (("prefer", ({"publish": True}, 0)),)
    live(story((SAID, EDITED), closed, opened), tmp_path, grows_site=True)


@pytest.mark.parametrize("shows_history", [False, True])
def test_a_message_that_was_turned_to_the_garden_does_not_come_back_with_a_crawl(
    tmp_path: Path, *, shows_history: bool
) -> None:
    portions = ((SAID, SAID, TURNED_TO_GARDEN), (SAID,), (EDITED,))
    live(story(*portions, crawls=True, shows_history=shows_history), tmp_path, grows_site=True)


def test_who_opts_in_again_comes_back_with_the_words_that_replaced_others(tmp_path: Path) -> None:
    steps: tuple[Step, ...] = (("set_out", (0, True)), EDITED)
    live(story((SAID,), steps, (("set_out", (0, False)), SAID)), tmp_path, grows_site=True)


def test_a_ban_takes_messages_along_though_who_banned_has_opted_out(tmp_path: Path) -> None:
    spam: Step = ("say", (2, "", 0, 0, 0))
    live(story((("letter", (0, True)), spam), (("ban", (2, True)),)), tmp_path, grows_site=True)


def test_words_to_the_garden_that_an_edit_replaced_are_let_go(tmp_path: Path) -> None:
    later: Step = ("edit", (0, 9, 0, 3 * DAY, False))
    to_garden: Step = ("edit", (1, 9, 0, 0, True))
    live(story((SAID, later), (to_garden,), is_file=True), tmp_path, grows_site=True)


@pytest.mark.parametrize("hide", [HIDDEN, HIDDEN_BY_WORDS])
@pytest.mark.parametrize("is_file", [False, True])
def test_what_a_moderator_hides_stays_hidden_until_they_show_it_again(
    tmp_path: Path, hide: Step, *, is_file: bool
) -> None:
    answered: Step = ("say", (1, "reply", 0, 0, 0))
    shown: Step = ("tend", (3, "unhide", 2))
    live(story((SAID, hide, answered), (SAID,), (shown,), is_file=is_file), tmp_path, grows_site=True)


def test_what_one_hid_who_moderates_no_more_is_shown(tmp_path: Path) -> None:
    hide: Step = ("tend", (3, "hide", 0))
    live(story((SAID, hide), (("promote", (3, 0)),), (("promote", (3, 50)),)), tmp_path, grows_site=True)
