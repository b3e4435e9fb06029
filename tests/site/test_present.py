"""What a template sees of a page: who answers whom, what follows on, where links lead."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import (
    ChangeKind,
    ConversationKind,
    MessageKind,
    Poll,
    PollAnswer,
    Removal,
)
from garden.conversations.room import Room
from garden.pages.address import Address
from garden.pages.page import Answered, Backlink, Note, Page, PageLinks, PageMessage, PageReaction, Target
from garden.pages.paths import PagePaths
from garden.site.place import permalink, present_time, site_links
from garden.site.present import present_card, present_conversation, present_note
from garden.site.view import (
    AnsweredView,
    BacklinkView,
    ConversationView,
    LinkView,
    MessageView,
    QuietView,
    ReactionView,
    RemovalView,
)
from tests.site.growing import BEANS, MINUTE, NOON, SEEDS, anchor, card, frame, remove, say, talk

Tree = list[tuple[str, "Tree"]]


def present(page: Page, links: PageLinks | None = None) -> ConversationView:
    return present_conversation(page, links or PageLinks(), PagePaths(), SEEDS, frame(page.address))


def tree(messages: Iterable[MessageView]) -> Tree:
    """Words of each message, with those of the answers below it."""
    return [(message.text, tree(message.replies)) for message in messages]


def flat(messages: Iterable[MessageView]) -> list[MessageView]:
    return [each for message in messages for each in (message, *flat(message.replies))]


def find(view: ConversationView, words: str) -> MessageView:
    return next(message for message in flat(view.messages) if message.text == words)


def deep_chain(length: int) -> Page:
    """Every message answers the one before it."""
    root = say("0", "0", who="ada")
    return talk(root, *(say(str(n), str(n), who=f"p{n}", at=60 * n, to=str(n - 1)) for n in range(1, length)))


# Nesting


def test_the_root_leads_and_answers_to_it_are_the_first_level() -> None:
    view = present(talk(say("q", "How?"), say("a", "So.", who="ben", at=1, to="q"), say("b", "Or so.", at=2)))

    assert view.lead is not None
    assert view.lead.text == "How?"
    assert tree(view.messages) == [("So.", []), ("Or so.", [])]
    assert [message.reply_to for message in view.messages] == [None, None]


def test_answers_nest_three_levels_then_stand_flat_and_name_whom_they_answer() -> None:
    view = present(deep_chain(6))

    assert tree(view.messages) == [("1", [("2", [("3", []), ("4", []), ("5", [])])])]
    assert find(view, "3").reply_to is None
    assert find(view, "4").reply_to == AnsweredView("P3", "3", f"#{anchor('3')}")
    assert find(view, "5").reply_to == AnsweredView("P4", "4", f"#{anchor('4')}")


def test_a_day_has_no_lead_and_nests_all_the_same() -> None:
    day = talk(
        say("a", "Frost.", at=1), say("b", "Here too.", at=9, who="ben", to="a"), kind=ConversationKind.DAY
    )
    view = present(day)

    assert view.lead is None
    assert tree(view.messages) == [("Frost.", [("Here too.", [])])]


def test_a_conversation_whose_root_cannot_be_read_has_no_lead() -> None:
    page = replace(talk(say("a", "An answer."), say("b", "Another.", at=1)), root_id=EventId("$unknown"))
    assert present(page).lead is None


def test_an_answer_that_stands_before_what_it_answers_stays_at_its_place() -> None:
    """Times and order can be forged; nobody can pull another message below their own."""
    view = present(talk(say("q", "How?"), say("a", "Early.", to="b"), say("b", "Late.", at=1, who="ben")))

    assert tree(view.messages) == [("Early.", []), ("Late.", [])]
    assert find(view, "Early.").reply_to == AnsweredView("Ben", "Late.", f"#{anchor('b')}")


def test_answers_in_a_circle_and_to_themselves_are_shown_once() -> None:
    view = present(
        talk(
            say("q", "How?"),
            say("a", "A", to="b", at=1),
            say("b", "B", to="a", at=20),
            say("c", "C", to="c", at=40),
        )
    )
    assert sorted(message.text for message in flat(view.messages)) == ["A", "B", "C"]
    assert find(view, "C").reply_to is None


def test_an_answer_to_a_removed_message_does_not_tell_whose_it_was() -> None:
    gone = [remove(say(str(n), "", who="mallory", at=60 * n, to=str(n - 1))) for n in range(1, 5)]
    view = present(talk(say("0", "0"), *gone, say("z", "Why?", at=600, to="4")))

    assert find(view, "Why?").reply_to == AnsweredView("", "", f"#{anchor('4')}", is_said=False)
    assert "Mallory" not in repr(view)


# The same breath


def continues(*messages: PageMessage) -> list[bool]:
    return [message.continues for message in present(talk(say("q", "How?", who="zoe"), *messages)).messages]


def test_the_same_author_within_five_minutes_goes_on() -> None:
    assert continues(say("a", "a", at=1), say("b", "b", at=6), say("c", "c", at=12)) == [False, True, False]


def test_somebody_else_needs_a_header() -> None:
    assert continues(say("a", "a", at=1), say("b", "b", who="ben", at=2)) == [False, False]


def test_another_account_with_the_same_name_needs_a_header() -> None:
    """The two are chosen so that they have the same colour, as a forger would."""
    ada = say("a", "a", at=1)
    colour = present(talk(say("q", "?"), ada)).messages[0].hue
    forgers = (
        replace(ada, sender=UserId(f"@{n}:evil.example"), anchor=anchor("b"), text="b") for n in range(9999)
    )
    forged = next(each for each in forgers if present(talk(say("q", "?"), each)).messages[0].hue == colour)

    assert continues(ada, forged) == [False, False]


def test_a_clock_that_runs_back_needs_a_header() -> None:
    assert continues(say("a", "a", at=3), say("b", "b", at=1)) == [False, False]


def test_after_answers_or_a_removed_message_the_header_comes_again() -> None:
    assert continues(say("a", "a", at=1), say("x", "x", who="ben", to="a", at=2), say("b", "b", at=3)) == [
        False,
        False,
    ]
    assert continues(say("a", "a", at=1), remove(say("x", "", at=2)), say("b", "b", at=3)) == [
        False,
        False,
        False,
    ]


# What is shown


def test_a_removed_message_keeps_its_place_and_nothing_else() -> None:
    view = present(talk(say("q", "How?"), remove(say("a", "", who="mallory", at=1)), say("b", "b", at=2)))

    shown = view.messages[0]
    assert (shown.kind, shown.author, shown.text) == ("removed", "", "")
    assert (view.message_count, view.people_count) == (2, 1)


def test_when_the_root_is_removed_the_first_who_still_speaks_planted_it() -> None:
    view = present(talk(remove(say("q", "", who="mallory")), say("a", "a", who="ben", at=1)))
    assert view.planted_by == "Ben"
    assert present(talk(remove(say("q", "")))).planted_by == ""


def test_edits_and_reactions_are_told() -> None:
    message = replace(
        say("a", "a", at=1), edited_at=NOON, reactions=(PageReaction("🌱", ("Ben", "Mo"), "ab/x.webp"),)
    )
    shown = present(talk(say("q", "How?"), message)).messages[0]
    assert shown.edited == present_time(NOON)
    assert shown.reactions == (ReactionView("🌱", 2, ("Ben", "Mo"), "../../media/ab/x.webp"),)


@pytest.mark.parametrize(("author", "initial"), [("ada", "A"), ("🌱 ben", "B"), ("ßeta", "S"), ("🌱", "?")])
def test_the_initial_is_the_first_letter_of_the_name(author: str, initial: str) -> None:
    message = replace(say("a", "a", at=1), author=author)
    assert present(talk(say("q", "How?"), message)).messages[0].initial == initial


def test_a_moment_is_told_in_utc() -> None:
    moment = present_time(NOON + 123)
    assert (moment.iso, moment.date) == ("2025-03-03T12:00:00.123Z", "2025-03-03")


def test_a_card_leads_from_where_it_stands() -> None:
    url = present_card(Address("tag/beans/"), card("beans-3fk2a9xy"), None).url
    assert url == "../../seeds/beans-3fk2a9xy/"


# Mentions


def backlink(target: str | None) -> Backlink:
    return Backlink(
        address=Address("water/2025-04-01/"),
        title="1 April 2025",
        source_anchor=anchor("far"),
        target_anchor=anchor(target) if target is not None else None,
        sentence="As Ada says there.",
        author="Mo",
        sent_at=NOON,
    )


def test_what_others_say_of_a_message_stands_at_the_message() -> None:
    page = talk(say("q", "How?"), say("a", "So.", who="ben", at=1))
    view = present(page, PageLinks(backlinks=(backlink("a"), backlink(None))))

    shown = BacklinkView(
        title="1 April 2025",
        url=f"../../water/2025-04-01/#{anchor('far')}",
        sentence="As Ada says there.",
        author="Mo",
        time=present_time(NOON),
    )
    assert find(view, "So.").mentions == (shown,)
    (group,) = view.backlinks
    assert group.links == (shown,)


def test_a_page_is_named_once_among_the_links_out() -> None:
    targets = tuple((url, Target(Address("water/"), "Water")) for url in ("matrix:a", "matrix:b"))
    own = ("matrix:c", Target(BEANS, "Beans"))
    view = present(talk(say("q", "How?")), PageLinks(targets=(*targets, own)))
    assert view.links_out == (LinkView("Water", "../../water/"),)


# Links


@pytest.mark.parametrize(
    ("markdown", "linked"),
    [
        ("[w](../water/pond-aaaaaaaa.md)", "[w](<../../water/pond-aaaaaaaa/>)"),
        ("[w](../water/pond-aaaaaaaa.md#m-x)", "[w](<../../water/pond-aaaaaaaa/#m-x>)"),
        ("[s](salsify-bbbbbbbb.md)", "[s](<../salsify-bbbbbbbb/>)"),
        ("[r](../water.md)", "[r](<../../water/>)"),
        ("[here](#m-abc)", "[here](<#m-abc>)"),
        ("[ü](../w%C3%BC.md)", "[ü](<../../w%C3%BC/>)"),
        ("[out](https://marsh.example/read.md)", "[out](https://marsh.example/read.md)"),
        ("`[w](../water.md)`", "`[w](../water.md)`"),
        ("![p](../../media/ab/cd.webp){width=1 height=1}", "![p](../../media/ab/cd.webp){width=1 height=1}"),
    ],
)
def test_links_between_markdown_files_become_links_between_pages(markdown: str, linked: str) -> None:
    assert site_links(BEANS, markdown) == linked


def test_an_alias_in_a_matrix_link_is_percent_encoded() -> None:
    assert permalink(SEEDS.room) == "https://matrix.to/#/%23seeds:fen.example"


def test_a_message_is_linked_by_the_rooms_id_and_a_server_to_find_it() -> None:
    assert permalink(SEEDS.room, "$a/b") == "https://matrix.to/#/!seeds:fen.example/$a%2Fb?via=fen.example"
    assert permalink(Room(RoomId("!water"), "Water")) == "https://matrix.to/#/!water"


def test_a_note_shows_its_dates_where_it_has_them() -> None:
    address = Address("notes/glossary/")
    note = Note(address, "glossary.md", "Glossary", None, NOON, ("words",), "[b](../seeds/beans-3fk2a9xy.md)")
    view = present_note(note, PageLinks(), PagePaths(), frame(address))

    assert view.planted is None
    assert view.tended == present_time(NOON)
    assert view.tags == (LinkView("words", "../../tag/words/"),)
    assert view.text == "[b](<../../seeds/beans-3fk2a9xy/>)"


def test_every_kind_of_message_has_a_name_for_the_template() -> None:
    """`MessageView.kind` lists them for those who write themes; quiet ones have one name together."""
    quiet = {MessageKind.STATE, MessageKind.CALL, MessageKind.ENCRYPTED}
    named = set(
        re.findall(r"`([a-z]+)`", str(inspect.getsource(MessageView).split("kind: str")[1].split('"""')[1]))
    )
    assert named >= {kind.value for kind in set(MessageKind) - quiet}
    assert "quiet" in named


# What is answered elsewhere


def test_an_answer_to_a_message_on_another_page_says_whose_and_what() -> None:
    there = Answered(
        EventId("$far"), anchor("far"), "Mo", "Low tide.", "../water/pond-aaaaaaaa.md", is_here=False
    )
    view = present(talk(say("q", "How?"), replace(say("a", "So.", at=1), reply_to=there)))
    assert find(view, "So.").reply_to == AnsweredView(
        "Mo", "Low tide.", f"../../water/pond-aaaaaaaa/#{anchor('far')}"
    )


def test_an_answer_to_a_message_that_stands_nowhere_has_no_link() -> None:
    there = Answered(EventId("$far"), anchor("far"), "", "", is_here=False)
    view = present(talk(say("q", "How?"), replace(say("a", "So.", at=1), reply_to=there)))
    assert find(view, "So.").reply_to == AnsweredView("", "", "", is_said=False)


# Quiet lines


def change(name: str, kind: ChangeKind, value: str, *, at: int) -> PageMessage:
    return replace(say(name, value, at=at), kind=MessageKind.STATE, change=kind)


def test_quiet_lines_that_follow_one_another_fold_into_one() -> None:
    call = replace(say("c", "", at=3), kind=MessageKind.CALL, type_name="m.call.invite")
    secret = replace(say("e", "", at=9), kind=MessageKind.ENCRYPTED)
    day = talk(
        change("n", ChangeKind.NAME, "Seeds", at=1),
        change("t", ChangeKind.TOPIC, "What to sow.", at=2),
        call,
        say("w", "Words.", at=5),
        secret,
        kind=ConversationKind.DAY,
    )
    folded, words, last = present(day).messages

    assert [(line.what, line.author, line.value) for line in folded.quiet] == [
        ("name", "Ada", "Seeds"),
        ("topic", "Ada", "What to sow."),
        ("call", "Ada", ""),
    ]
    assert (folded.kind, words.kind, words.text) == ("quiet", "text", "Words.")
    assert last.quiet == (QuietView(anchor("e"), "", "encrypted", "", present_time(NOON + 9 * MINUTE)),)


# Removals, polls, pictures of people


@pytest.mark.parametrize(
    ("by", "shown", "by_author"), [("@ada:fen.example", "", True), ("@mo:fen.example", "Mo", False)]
)
def test_a_removal_names_a_moderator_and_not_the_author(by: str, shown: str, *, by_author: bool) -> None:
    gone = replace(
        remove(say("a", "", at=1)), removal=Removal(UserId(by), "Mo" if "mo" in by else "Ada", NOON)
    )
    view = present(talk(say("q", "How?"), gone)).messages[0]
    assert view.removal == RemovalView(shown, by_author, present_time(NOON))


def test_a_polls_shares_are_percent_of_those_who_voted() -> None:
    poll = Poll((PollAnswer("Yes", 2, is_winner=True), PollAnswer("No", 1)), voters=3, ended_at=NOON)
    message = replace(say("p", "Sow?", at=1), kind=MessageKind.POLL, poll=poll)
    view = present(talk(say("q", "How?"), message)).messages[0].poll
    assert view is not None
    assert [(each.votes, each.share, each.is_winner) for each in view.answers] == [
        (2, 67, True),
        (1, 33, False),
    ]
    assert view.ended == present_time(NOON)


def test_a_message_from_before_an_upgrade_is_linked_in_its_own_room() -> None:
    old = replace(say("a", "So.", at=1), room_id=RoomId("!old:fen.example"), avatar="ab/face.webp")
    view = present(talk(say("q", "How?"), old)).messages[0]
    assert view.permalink == "https://matrix.to/#/!old:fen.example/$a?via=fen.example"
    assert view.avatar == "../../media/ab/face.webp"


def test_what_began_before_an_upgrade_is_continued_in_the_room_as_it_is_now() -> None:
    before = talk(replace(say("q", "How?"), room_id=RoomId("!old:fen.example")), say("a", "So.", at=1))
    assert present(before).continue_url == "https://matrix.to/#/%23seeds:fen.example"
    now = talk(say("q", "How?"), say("a", "So.", at=1))
    assert present(now).continue_url == "https://matrix.to/#/!seeds:fen.example/$q?via=fen.example"


# Who speaks


def test_who_speaks_is_named_once_in_the_order_of_their_first_words() -> None:
    view = present(
        talk(say("q", "How?", who="mo"), say("a", "So.", who="ben", at=1), say("b", "Ah.", who="mo", at=2))
    )
    assert view.participants == (LinkView("Mo", ""), LinkView("Ben", ""))


def test_a_crowd_is_counted_and_not_named() -> None:
    crowd = [say(str(number), "Here.", who=f"p{number}", at=number) for number in range(30)]
    view = present(talk(*crowd))
    assert (len(view.participants), view.people_count) == (12, 30)
