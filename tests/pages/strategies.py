"""Texts as people and forgers write them, and pages with anything in every field, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from garden.archive.event import EventId, RoomId, UserId, clean_text
from garden.conversations.conversation import (
    ChangeKind,
    ConversationKind,
    MessageKind,
    Poll,
    PollAnswer,
    Removal,
)
from garden.pages.address import Anchor, markdown_address, message_anchor
from garden.pages.page import Answered, Page, PageMessage, PageReaction, PageVersion

MARKS = (
    *("\n", "\n\n", " ", "    ", "\t", "\u00a0", "\u3000", "\u2028"),
    *(
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "```",
        "~~~",
        "\\",
        "\\\n",
        "<",
        ">",
        "&",
        "&amp;",
        "&#35;",
        "&lt",
    ),
    *(
        "#",
        "# ",
        "## ",
        "- ",
        "+ ",
        "* ",
        "1. ",
        "12) ",
        "> ",
        "---",
        "===",
        ":::",
        ":-:",
        ":--|",
        "| --- |",
        "|",
    ),
    *(
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "[[",
        "]]",
        "{#m-1 .message}",
        "{width=9}",
        "!",
        ":",
        ": ",
        "^",
        "%",
        "%41",
    ),
    *("<b>", "</b>", "<!--", "<script>", "<https://a.example>", "[x]: /y", "[a](b)", "<a href='x'>", "</p>"),
    *(
        "https://a.example/",
        "http://b.example/?q=1&copy=2",
        "matrix:r/a:b",
        "mailto:a@b.example",
        "www.a.example",
    ),
    *("a", "b1", "word", "Wort", "é", "e\u0301", "🌱", "花", "مرحبا", "ß", "(x)", '"q"', "'", ".", ",", "…"),
    *("---\n", "title: x\n", '::: {#m-aaaaaaaaaa .message author="Eve"}', "\n:::\n", "::::"),
    *(
        "::: {.details}\n",
        '::: {.poll voters="1" choices="1"}\n',
        "::: {.reactions}\n",
        "- 🌱: Eve\n",
        "- 7: x",
    ),
    *("[x]{.spoiler}", "{", "}", "{.math}", "$", ", ", "\\,", "\\:", "&#10;", "&quot;", "media/", "**3**"),
)

marked_texts = st.lists(st.sampled_from(MARKS), max_size=14).map("".join)
"""Marks of Markdown, HTML and the dialect, thrown together with words."""

any_texts = st.text(max_size=40).map(clean_text)
"""Text of any letters that an archived event can hold."""

texts = st.one_of(marked_texts, any_texts, st.tuples(marked_texts, any_texts).map("".join))

lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
"""One line, as names, titles and reactions are."""

LAST_MOMENT = 253_402_300_799_999
"""The last millisecond of the year 9999."""

moments = st.integers(0, LAST_MOMENT)
identifiers = lines.map(lambda text: "".join(text.split())).filter(bool)
event_ids = identifiers.map(lambda text: EventId(f"${text}"))
room_ids = identifiers.map(lambda text: RoomId(f"!{text}"))
user_ids = identifiers.map(lambda text: UserId(f"@{text}"))
counts = st.integers(0, 10**6)
media_paths = st.sampled_from(("", "ab/0123abcd.webp")) | lines
"""What stands in the place of a path below the media folder, good or bad."""

removals = st.builds(Removal, by=user_ids, name=st.just("") | lines, at=moments)
versions = st.builds(PageVersion, sent_at=moments, text=texts)
reactions = st.builds(
    PageReaction,
    key=texts,
    people=st.lists(lines, min_size=1, max_size=3).map(tuple),
    image=media_paths,
)
polls = st.builds(
    Poll,
    answers=st.lists(
        st.builds(PollAnswer, text=texts, votes=st.none() | counts, is_winner=st.booleans()), max_size=4
    ).map(tuple),
    voters=counts,
    max_selections=st.integers(1, 20),
    ended_at=st.none() | moments,
)


@st.composite
def answered_messages(draw: st.DrawFn) -> Answered:
    event_id = draw(event_ids)
    page = draw(st.sampled_from(("", "", "2025-03-03.md", "../water/how-wet-abcdefgh.md")) | identifiers)
    return Answered(
        event_id=event_id,
        anchor=message_anchor(event_id),
        author=draw(st.just("") | lines),
        excerpt=draw(st.just("") | lines),
        page=page,
        is_here=not page and draw(st.booleans()),
    )


page_messages = st.builds(
    PageMessage,
    anchor=identifiers.map(Anchor),
    event_id=event_ids,
    sender=user_ids,
    author=lines,
    sent_at=moments,
    kind=st.sampled_from(MessageKind),
    text=texts,
    room_id=st.none() | room_ids,
    avatar=media_paths,
    network=st.just("") | texts,
    type_name=st.just("") | texts,
    change=st.none() | st.sampled_from(ChangeKind),
    removal=st.none() | removals,
    edited_at=st.none() | moments,
    history=st.lists(versions, max_size=2).map(tuple),
    reply_to=st.none() | answered_messages(),
    reactions=st.lists(reactions, max_size=3).map(tuple),
    poll=st.none() | polls,
)
"""Messages with anything in any field, whether or not the fields go together."""

pages = st.builds(
    Page,
    address=st.sampled_from(("room/words-abcdefgh.md", "page.md", "a/b/page.md")).map(markdown_address),
    kind=st.sampled_from(ConversationKind),
    title=lines,
    room_id=room_ids,
    root_id=st.none() | event_ids,
    planted=moments,
    tended=moments,
    tags=st.lists(lines, max_size=3).map(tuple),
    messages=st.lists(page_messages, max_size=3).map(tuple),
)
