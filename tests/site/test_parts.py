"""A very long conversation stands on several pages, and every link finds the right one."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address, conversation_part_address, id_in_address
from garden.pages.page import Backlink, Page, PageLinks
from garden.pages.paths import PagePaths
from garden.site.parts import divide_page, place_messages
from garden.site.place import Surroundings, message_url
from garden.site.present import present_conversation
from garden.site.view import ConversationView
from tests.site.growing import BEANS, NOON, SEEDS, anchor, frame, say, talk

SECOND = conversation_part_address(BEANS, 2)


def long_talk(count: int) -> Page:
    return talk(*(say(str(number), f"Word {number}.", at=10 * number) for number in range(count)))


def present(page: Page, per_page: int, links: PageLinks | None = None) -> list[ConversationView]:
    around = Surroundings(dict(place_messages(page, per_page)))
    return [
        present_conversation(
            page,
            links or PageLinks(),
            PagePaths(),
            SEEDS,
            frame(part.page.address),
            part,
            around,
        )
        for part in divide_page(page, per_page)
    ]


@given(st.integers(1, 40), st.integers(1, 12))
def test_every_message_stands_on_one_part_in_order(count: int, per_page: int) -> None:
    page = long_talk(count)
    parts = divide_page(page, per_page)

    assert [message.anchor for part in parts for message in part.page.messages] == [
        message.anchor for message in page.messages
    ]
    assert all(len(part.page.messages) <= per_page for part in parts)
    assert [part.page.address for part in parts] == list(parts[0].addresses)


def test_a_conversation_that_grows_keeps_its_parts() -> None:
    before, after = divide_page(long_talk(25), 10), divide_page(long_talk(38), 10)
    for old, new in zip(before, after, strict=False):
        assert old.page.address == new.page.address
        assert new.page.messages[: len(old.page.messages)] == old.page.messages


def test_the_first_part_keeps_the_address_and_the_others_end_in_the_same_id() -> None:
    first, second, _ = divide_page(long_talk(25), 10)
    assert first.page.address == BEANS
    assert second.page.address == SECOND == "seeds/beans-3fk2a9xy-part-2/"
    assert id_in_address(SECOND) == id_in_address(BEANS)


def test_a_day_is_never_divided() -> None:
    day = talk(say("a", "One."), say("b", "Two.", at=1), kind=ConversationKind.DAY)
    assert len(divide_page(day, 1)) == 1


def test_nothing_has_to_be_known_of_a_page_that_is_whole() -> None:
    assert list(place_messages(long_talk(10), 10)) == []


def test_what_is_about_the_whole_stands_on_the_first_part_only() -> None:
    backlink = Backlink(Address("water/2025-04-01/"), "1 April 2025", None, None, "As there.", "Mo", NOON)
    first, second = present(long_talk(15), 10, PageLinks(backlinks=(backlink,)))

    assert first.lead is not None
    assert second.lead is None
    assert (len(first.backlinks), len(second.backlinks)) == (1, 0)
    assert (first.message_count, second.message_count) == (15, 15)
    assert (first.part, second.part) == (1, 2)
    assert [link.url for link in second.parts] == ["../beans-3fk2a9xy/", "./"]


def test_a_page_that_is_whole_has_no_parts() -> None:
    (view,) = present(long_talk(10), 10)
    assert view.parts == ()


def test_an_answer_across_parts_says_whose_and_leads_there() -> None:
    page = long_talk(12)
    late = replace(page.messages[11], reply_to=say("x", "", to="3").reply_to)
    page = replace(page, messages=(*page.messages[:11], late))
    _, second = present(page, 10)

    answered = second.messages[-1].reply_to
    assert answered is not None
    assert (answered.author, answered.excerpt) == ("Ada", "Word 3.")
    assert answered.url == f"../beans-3fk2a9xy/#{anchor('3')}"


def test_a_link_to_a_message_leads_to_its_part_from_everywhere() -> None:
    page = long_talk(15)
    divided = dict(place_messages(page, 10))

    assert message_url(Address("seeds/"), BEANS, anchor("12"), divided) == (
        f"beans-3fk2a9xy-part-2/#{anchor('12')}"
    )
    assert message_url(SECOND, BEANS, anchor("12"), divided) == f"#{anchor('12')}"
    assert message_url(SECOND, BEANS, anchor("1"), divided) == f"../beans-3fk2a9xy/#{anchor('1')}"
    assert message_url(Address("seeds/"), BEANS, None, divided) == "beans-3fk2a9xy/"


def test_a_link_in_the_words_leads_to_the_part_of_its_message() -> None:
    page = long_talk(15)
    linking = replace(page.messages[1], text=f"See [there](<#{anchor('12')}>).")
    page = replace(page, messages=(page.messages[0], linking, *page.messages[2:]))
    first, _ = present(page, 10)

    assert f"](<../beans-3fk2a9xy-part-2/#{anchor('12')}>)" in first.messages[0].text


def test_an_answer_on_a_later_part_is_found_from_the_top() -> None:
    page = replace(long_talk(15), answer=anchor("12"))
    first, second = present(page, 10)

    assert first.answer is not None
    assert first.answer.url == f"../beans-3fk2a9xy-part-2/#{anchor('12')}"
    assert second.answer is None
