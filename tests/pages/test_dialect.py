"""A page reads back as it was written, whatever its people are called and whatever they say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import (
    ChangeKind,
    ConversationKind,
    MessageKind,
    Poll,
    PollAnswer,
    Removal,
)
from garden.pages.address import Anchor, markdown_address, markdown_path, message_anchor
from garden.pages.dialect import DialectError, read_page, split_front_matter, write_page
from garden.pages.moment import format_time, parse_time
from garden.pages.page import Answered, Page, PageMessage, PageReaction, PageVersion
from tests.pages.strategies import LAST_MOMENT, moments, pages

MORNING = 1_741_000_320_000
ANSWERED = EventId("$b:fen.example")
MESSAGE = PageMessage(
    anchor=Anchor("m-aaaaaaaaaa"),
    event_id=EventId("$a:fen.example"),
    sender=UserId("@ada:fen.example"),
    author="Ada",
    sent_at=MORNING,
    kind=MessageKind.TEXT,
    text="words",
)
PLACE = message_anchor(ANSWERED)
QUOTED = ' reply-event="$b:fen.example" reply-author="Ben" reply-words="Dry?"'
ENDED = "2025-03-03T11:12:00.000Z"


def said(attributes: str = "", text: str = "words") -> str:
    """A message's division as it is written, with these attributes between its date and its event."""
    head = f'#m-aaaaaaaaaa .message author="Ada" sender="@ada:fen.example" at="{ENDED}"'
    return f'::: {{{head}{attributes} event="$a:fen.example"}}\n{text}\n:::'


def message(text: str) -> PageMessage:
    return replace(MESSAGE, text=text)


def page(*messages: PageMessage, title: str = "Beans") -> Page:
    return Page(
        address=markdown_address("seeds/beans-abcdefgh.md"),
        kind=ConversationKind.THREAD,
        title=title,
        room_id=RoomId("!r:fen.example"),
        root_id=EventId("$a:fen.example"),
        planted=MORNING,
        tended=MORNING,
        tags=("beans",),
        messages=messages,
    )


def reacted(*reactions: PageReaction) -> Page:
    return page(replace(MESSAGE, reactions=reactions))


def asked(*answers: PollAnswer) -> Page:
    return page(replace(MESSAGE, kind=MessageKind.POLL, poll=Poll(answers, 3)))


def answering(
    author: str = "Ben", excerpt: str = "Dry?", page: str = "", *, is_here: bool = False
) -> Answered:
    return Answered(ANSWERED, message_anchor(ANSWERED), author, excerpt, page, is_here)


def round_trip(page: Page) -> Page:
    return read_page(write_page(page), markdown_path(page.address))


def divisions(page: Page) -> list[str]:
    """Each division of a page, from fence to fence."""
    return write_page(page).partition("\n---\n\n")[2].removesuffix("\n").split("\n\n")


@given(pages)
@settings(max_examples=300)
@example(page(message(":::\n::::\n:::::: {#m-bbbbbbbbbb .message}")))
@example(page(message("\n\nspace around\n\n")))
@example(page(message("```\nunclosed code\n:::")))
@example(page(message(":::: {.details}\n::: {.details}\nA\n:::\n::::")))
@example(page(message("> ::: {.details}\n> A\n> :::\n\n- ::: {.details}\n  A\n  :::")))
@example(page(message(":::\n\n::: {.reactions}\n- 🌱: Eve")))
@example(page(replace(MESSAGE, author='"}\\" at="2020')))
@example(page(replace(MESSAGE, author="\u202eR&D&amp;&#10; 花, \\: مرحبا 👩‍🌾")))
@example(page(replace(MESSAGE, network="two\nlines\r", type_name="\n::: {.message}\n&#10;")))
@example(page(replace(MESSAGE, history=(PageVersion(0, ":::: {.version}\n::::"), PageVersion(1, "")))))
@example(page(title="--- : [x] # 'y' \u0085 \u2028 \\"))
@example(page(title="2025-03-03"))
@example(page(title="null"))
def test_what_is_written_reads_back_as_it_was(page: Page) -> None:
    assert round_trip(page) == page


@given(pages)
@settings(max_examples=100)
def test_front_matter_is_yaml_with_one_line_a_key(page: Page) -> None:
    front = write_page(page).partition("\n---\n")[0].removeprefix("---\n")
    assert len(front.split("\n")) == 7
    assert list(yaml.safe_load(front)) == ["title", "kind", "room", "root", "planted", "tended", "tags"]


@given(pages)
@settings(max_examples=100)
def test_a_page_has_as_many_divisions_as_messages(page: Page) -> None:
    opened = re.findall(r"(?m)^(:{3,}) \{#\S+ \.message", write_page(page))
    assert len(opened) >= len(page.messages)
    assert len(round_trip(page).messages) == len(page.messages)


def test_a_page_opens_as_ordinary_markdown() -> None:
    dry = replace(message("Dry to 8 %."), reactions=(PageReaction("🌱", ("Ada", "Ben")),))
    assert write_page(page(dry)) == (
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
        ' event="$a:fen.example"}\n'
        "Dry to 8 %.\n"
        ":::\n"
        "\n"
        "::: {.reactions}\n"
        "- 🌱: Ada, Ben\n"
        ":::\n"
    )


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({}, ""),
        ({"kind": MessageKind.VOICE}, ' kind="voice"'),
        ({"room_id": RoomId("!old:fen.example")}, ' room="!old:fen.example"'),
        (
            {"avatar": "ab/ada.webp", "network": "Discord"},
            ' avatar="ab/ada.webp" network="Discord"',
        ),
        ({"kind": MessageKind.OTHER, "type_name": "org.fen.tide"}, ' kind="other" type="org.fen.tide"'),
        ({"kind": MessageKind.STATE, "change": ChangeKind.TOPIC}, ' kind="state" change="topic"'),
        (
            {"kind": MessageKind.REMOVED, "removal": Removal(UserId("@mo:fen.example"), "Mo", MORNING)},
            f' kind="removed" removed-by="@mo:fen.example" removed-by-name="Mo" removed-at="{ENDED}"',
        ),
        ({"edited_at": MORNING}, ' edited="2025-03-03T11:12:00.000Z"'),
        ({"type_name": "two\nlines"}, ' type="two&#10;lines"'),
        ({"type_name": 'R&D &amp; "x\\'}, ' type="R&D \\&amp; \\"x\\\\"'),
    ],
)
def test_what_a_message_is_stands_in_its_attributes(changes: dict[str, object], written: str) -> None:
    (division,) = divisions(page(replace(MESSAGE, **changes)))  # type: ignore[arg-type]  # one field each
    assert division == said(written)


@pytest.mark.parametrize(
    ("answered", "written"),
    [
        (answering(is_here=True), f' reply-to="{PLACE}"{QUOTED}'),
        (answering(page="../water/2025-03-03.md"), f' reply-to="../water/2025-03-03.md#{PLACE}"{QUOTED}'),
        (answering(author="", excerpt=""), ' reply-event="$b:fen.example"'),
    ],
    ids=["on this page", "on another page", "on no page"],
)
def test_an_answer_says_where_what_it_answers_stands(answered: Answered, written: str) -> None:
    (division,) = divisions(page(replace(MESSAGE, reply_to=answered)))
    assert division == said(written)


def test_structures_follow_their_message_in_one_order() -> None:
    whole = replace(
        MESSAGE,
        reactions=(PageReaction("🌱", ("Ben",)),),
        history=(PageVersion(MORNING, "before\n:::"), PageVersion(MORNING + 1, "")),
        poll=Poll((PollAnswer("Saturday", 4, is_winner=True), PollAnswer("Sunday", 1)), 5, 2, MORNING),
    )
    assert divisions(page(whole, message("next")))[1:] == [
        f'::: {{.poll voters="5" choices="2" ended="{ENDED}"}}\n- **4**: Saturday\n- 1: Sunday\n:::',
        ':::: {.version at="2025-03-03T11:12:00.000Z"}\nbefore\n:::\n::::',
        '::: {.version at="2025-03-03T11:12:00.001Z"}\n:::',
        "::: {.reactions}\n- 🌱: Ben\n:::",
        said(text="next"),
    ]


@pytest.mark.parametrize(
    ("reaction", "line"),
    [
        (PageReaction("🌱", ("Ada Lindqvist", "Ben")), "- 🌱: Ada Lindqvist, Ben"),
        (PageReaction("so true: yes", ("Ada, of Fen",)), "- so true\\: yes: Ada\\, of Fen"),
        (PageReaction("# 1", ("*", "\\")), "- \\# 1: \\*, \\\\"),
        (
            PageReaction(":bean:", ("Cleo",), "ab/b (1).webp"),
            "- ![:bean:](../../media/ab/b%20%281%29.webp): Cleo",
        ),
        (PageReaction("![x](y)", ("Eve",)), "- !\\[x\\](y): Eve"),
        (PageReaction("a\nb", ("Eve",)), "- a&#10;b: Eve"),
    ],
)
def test_a_reaction_is_a_line_that_reads_back(reaction: PageReaction, line: str) -> None:
    assert divisions(reacted(reaction))[1] == f"::: {{.reactions}}\n{line}\n:::"
    assert round_trip(reacted(reaction)) == reacted(reaction)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (PollAnswer("Sunday", 0), "- 0: Sunday"),
        (PollAnswer("Sunday", 12, is_winner=True), "- **12**: Sunday"),
        (PollAnswer("Sunday", None), "- ?: Sunday"),
        (PollAnswer("", 1), "- 1:"),
        (PollAnswer(" 9: *x*\n", 1), "- 1:  9: \\*x\\*&#10;"),
    ],
)
def test_an_answer_of_a_poll_is_a_line_that_reads_back(answer: PollAnswer, line: str) -> None:
    assert divisions(asked(answer))[1] == f'::: {{.poll voters="3" choices="1"}}\n{line}\n:::'
    assert round_trip(asked(answer)) == asked(answer)


def test_the_reference_explains_every_attribute_kind_and_change() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "page-format.md").read_text("utf-8")
    everything = replace(
        MESSAGE,
        kind=MessageKind.OTHER,
        room_id=RoomId("!old:fen.example"),
        avatar="ab/ada.webp",
        network="Discord",
        type_name="org.fen.tide",
        change=ChangeKind.TOPIC,
        removal=Removal(UserId("@mo:fen.example"), "Mo", MORNING),
        edited_at=MORNING,
        history=(PageVersion(MORNING, ""),),
        reply_to=answering(page="2025-03-03.md"),
        poll=Poll((), 1, 1, MORNING),
    )
    written = set(re.findall(r' ([a-z-]+)="', write_page(page(everything))))
    kinds = {kind.value for kind in MessageKind if kind is not MessageKind.TEXT}
    assert written <= set(re.findall(r"(?m)^\| `([a-z-]+)` \|", reference))
    assert kinds | {change.value for change in ChangeKind} <= set(re.findall(r"`([a-z]+)`", reference))


WRITTEN = write_page(page(MESSAGE))
REACTED = write_page(reacted(PageReaction("🌱", ("Ada",))))
ASKED = write_page(asked(PollAnswer("Sunday", 1)))


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
        (f"{WRITTEN}words outside\n", "neither a division nor an empty line"),
        (WRITTEN.replace('at="2025-', 'at="'), "isoformat"),
        (WRITTEN.replace(' event="$a:fen.example"', ""), "event"),
        (WRITTEN.replace(' event="', ' change="party" event="'), "party"),
        (WRITTEN.replace(' event="', ' removed-at="2025-03-03" event="'), "removed-by"),
        (WRITTEN.replace(".message", ".massage"), "a division .massage before any message"),
        (REACTED.replace(".reactions", ".applause"), "a division .applause, which no message has"),
        (REACTED.replace("- 🌱: Ada", "🌱 Ada"), "no reaction such as"),
        (ASKED.replace("- 1: Sunday", "- one: Sunday"), "no answer of a poll such as"),
        (ASKED.replace('voters="3"', 'voters="many"'), "many"),
        (ASKED.replace(' voters="3"', ""), "voters"),
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
