"""A long discussion has contents: the messages that began something."""

from __future__ import annotations

from garden.pages.page import PageLinks
from garden.pages.paths import PagePaths
from garden.site.contents import LONG, MOST
from garden.site.present import present_conversation
from garden.site.view import ContentsView
from tests.site.growing import BEANS, SEEDS, anchor, frame, say, talk


def contents(groups: int, answers: int) -> tuple[ContentsView, ...]:
    """A discussion in which so many messages have so many answers each."""
    messages = [say("root", "How?")]
    for group in range(groups):
        messages.append(say(f"g{group}", f"Idea {group}.", who="ben", at=100 * group, to="root"))
        messages += [
            say(f"g{group}-{number}", "Yes.", who="mo", at=100 * group + 10 * number, to=f"g{group}")
            for number in range(1, answers + 1)
        ]
    page = talk(*messages)
    return present_conversation(page, PageLinks(), PagePaths(), SEEDS, frame(BEANS)).contents


def test_a_short_discussion_has_none() -> None:
    assert contents(3, 2) == ()


def test_a_long_one_leads_to_what_began_something() -> None:
    entries = contents(4, LONG // 4)
    assert [entry.excerpt for entry in entries] == ["Idea 0.", "Idea 1.", "Idea 2.", "Idea 3."]
    assert entries[1] == ContentsView("Ben", "Idea 1.", f"#{anchor('g1')}", LONG // 4)


def test_what_nobody_answered_is_no_entry() -> None:
    assert contents(LONG, 0) == ()


def test_a_very_long_one_has_the_most_answered_only() -> None:
    assert len(contents(3 * MOST, 3)) == MOST
