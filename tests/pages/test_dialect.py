"""A page reads back as it was written, whatever its people are called and whatever they say."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import ConversationKind, MessageKind
from garden.pages.address import Anchor, markdown_address, markdown_path, message_anchor
from garden.pages.dialect import DialectError, read_page, split_front_matter, write_page
from garden.pages.moment import format_time, parse_time
from garden.pages.page import Page, PageMessage
from tests.pages.strategies import lines, texts

LAST_MOMENT = 253_402_300_799_999

moments = st.integers(0, LAST_MOMENT)
identifiers = lines.map(lambda text: "".join(text.split())).filter(bool)
anchors = identifiers.map(lambda text: message_anchor(EventId(text)))


@st.composite
def page_messages(draw: st.DrawFn) -> PageMessage:
    return PageMessage(
        anchor=draw(anchors),
        event_id=EventId(f"${draw(identifiers)}"),
        sender=UserId(f"@{draw(identifiers)}"),
        author=draw(lines),
        sent_at=draw(moments),
        kind=draw(st.sampled_from(MessageKind)),
        text=draw(texts),
        edited_at=draw(st.none() | moments),
        reply_to=draw(st.none() | anchors),
        reactions=tuple(draw(st.lists(st.tuples(lines, st.integers(1, 10**6)), max_size=3))),
    )


@st.composite
def pages(draw: st.DrawFn) -> Page:
    return Page(
        address=markdown_address("room/words-abcdefgh.md"),
        kind=draw(st.sampled_from(ConversationKind)),
        title=draw(lines),
        room_id=RoomId(f"!{draw(identifiers)}"),
        root_id=draw(st.none() | identifiers.map(lambda text: EventId(f"${text}"))),
        planted=draw(moments),
        tended=draw(moments),
        tags=tuple(draw(st.lists(lines, max_size=3))),
        messages=tuple(draw(st.lists(page_messages(), max_size=3))),
    )


def message(
    text: str = "words", *, author: str = "Ada", reactions: tuple[tuple[str, int], ...] = ()
) -> PageMessage:
    return PageMessage(
        anchor=Anchor("m-aaaaaaaaaa"),
        event_id=EventId("$a:fen.example"),
        sender=UserId("@ada:fen.example"),
        author=author,
        sent_at=1_741_000_320_000,
        kind=MessageKind.TEXT,
        text=text,
        reactions=reactions,
    )


def page(*messages: PageMessage, title: str = "Beans") -> Page:
    return Page(
        address=markdown_address("seeds/beans-abcdefgh.md"),
        kind=ConversationKind.THREAD,
        title=title,
        room_id=RoomId("!r:fen.example"),
        root_id=EventId("$a:fen.example"),
        planted=1_741_000_320_000,
        tended=1_741_000_320_000,
        tags=("beans",),
        messages=messages,
    )


def round_trip(page: Page) -> Page:
    return read_page(write_page(page), markdown_path(page.address))


@given(pages())
@settings(max_examples=300)
@example(page(message(":::\n::::\n:::::: {#m-bbbbbbbbbb .message}")))
@example(page(message("\n\nspace around\n\n")))
@example(page(message("```\nunclosed code\n:::")))
@example(page(message(reactions=(("100 %", 2), ("a  b", 1), ("%20", 3)))))
@example(page(message(author='"}\\" at="2020')))
@example(page(title="--- : [x] # 'y' \u0085 \u2028 \\"))
@example(page(title="2025-03-03"))
@example(page(title="null"))
def test_what_is_written_reads_back_as_it_was(page: Page) -> None:
    assert round_trip(page) == page


@given(pages())
@settings(max_examples=100)
def test_front_matter_is_yaml_with_one_line_a_key(page: Page) -> None:
    front = write_page(page).partition("\n---\n")[0].removeprefix("---\n")
    assert len(front.split("\n")) == 7
    assert list(yaml.safe_load(front)) == ["title", "kind", "room", "root", "planted", "tended", "tags"]


@given(pages())
@settings(max_examples=100)
def test_a_page_has_as_many_divisions_as_messages(page: Page) -> None:
    opened = re.findall(r"(?m)^(:{3,}) \{#\S+ \.message", write_page(page))
    assert len(opened) >= len(page.messages)
    assert len(round_trip(page).messages) == len(page.messages)


def test_a_page_opens_as_ordinary_markdown() -> None:
    assert write_page(page(message("Dry to 8 %.", reactions=(("🌱", 2),)))) == (
        "---\n"
        'title: "Beans"\n'
        'kind: "thread"\n'
        'room: "!r:fen.example"\n'
        'root: "$a:fen.example"\n'
        'planted: "2025-03-03T11:12:00.000Z"\n'
        'tended: "2025-03-03T11:12:00.000Z"\n'
        'tags: ["beans"]\n'
        "---\n"
        "\n"
        '::: {#m-aaaaaaaaaa .message author="Ada" sender="@ada:fen.example" at="2025-03-03T11:12:00.000Z"'
        ' reactions="🌱 2" event="$a:fen.example"}\n'
        "Dry to 8 %.\n"
        ":::\n"
    )


WRITTEN = write_page(page(message()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kind"),
        ("---\ntitle: x\n", "has no end"),
        ("---\n{\n---\n", "is no YAML"),
        ("---\n- a\n- b\n---\n", "no list of `key: value` lines"),
        (WRITTEN.replace('kind: "thread"', 'kind: "party"'), "party"),
        (WRITTEN.replace('title: "Beans"\n', ""), "title"),
        (WRITTEN.replace('planted: "2025', 'planted: "soon'), "soon"),
        (WRITTEN.removesuffix(":::\n"), "has no end"),
        (f"{WRITTEN}words outside\n", "neither a message nor an empty line"),
        (WRITTEN.replace('at="2025-', 'at="'), "isoformat"),
        (WRITTEN.replace(' event="$a:fen.example"', ""), "event"),
        (WRITTEN.replace(' event="', ' reactions="x" event="'), "zip"),
    ],
)
def test_what_is_no_page_says_why(text: str, said: str) -> None:
    with pytest.raises(DialectError, match=re.escape(said)):
        read_page(text, "seeds/beans-abcdefgh.md")


def test_a_text_without_front_matter_is_all_text() -> None:
    assert split_front_matter("words\n---\nmore") == ({}, "words\n---\nmore")
    assert split_front_matter("---\n---\nwords") == ({}, "words")


@given(moments)
def test_times_read_back(moment: int) -> None:
    assert parse_time(format_time(moment)) == moment


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("9999-12-31T23:59:59.999Z", LAST_MOMENT),
    ],
)
def test_times_in_other_forms_are_understood(text: str, milliseconds: int) -> None:
    assert parse_time(text) == milliseconds
