"""Messages become views: answers hang below what they answer, quiet lines fold into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.parse import quote
from zlib import crc32

from garden.conversations.conversation import ChangeKind, ConversationKind, MessageKind, Naming, Poll
from garden.pages.address import Anchor, follow_markdown, relative_url, root_prefix
from garden.pages.page import REMINDER_LENGTH, Answered, Page, PageMessage, PageReaction
from garden.pages.plain import excerpt, plain_text
from garden.site.emoji import is_only_emoji
from garden.site.nobody import can_be_followed, is_named, show_name
from garden.site.place import (
    NOTHING_AROUND,
    Divided,
    RoomPlace,
    Surroundings,
    message_url,
    permalink,
    present_time,
    site_links,
)
from garden.site.view import (
    AnsweredView,
    BacklinkView,
    LinkView,
    MessageView,
    PollAnswerView,
    PollView,
    QuietView,
    ReactionView,
    RemovalView,
    VersionView,
)

MAX_NESTING: Final = 3
"""Levels of answers; deeper ones stand flat and name whom they answer."""

_SAME_BREATH_MS: Final = 5 * 60 * 1000
"""Within five minutes the same author needs no second header."""

MOST_PARTICIPANTS: Final = 12
"""Names at the head of a conversation; more are a crowd, which is counted."""

_QUIET: Final = frozenset({MessageKind.STATE, MessageKind.CALL, MessageKind.ENCRYPTED})

_ABOUT_PEOPLE: Final = frozenset(
    {
        ChangeKind.JOIN,
        ChangeKind.LEAVE,
        ChangeKind.INVITE,
        ChangeKind.KICK,
        ChangeKind.BAN,
        ChangeKind.RENAME,
    }
)

Mentions = Mapping[str, tuple[BacklinkView, ...]]
"""What other pages say, by the anchor of the message that it is about."""


def present_messages(
    page: Page, place: RoomPlace, mentions: Mentions, around: Surroundings = NOTHING_AROUND
) -> tuple[MessageView | None, tuple[MessageView, ...]]:
    """Return the lead, where the page has one, and the discussion below it."""
    shown = [_present(message, page, place, mentions, around) for message in page.messages]
    has_lead = page.kind is not ConversationKind.DAY and page.messages[0].event_id == page.root_id
    lead, rest = (shown[0], shown[1:]) if has_lead else (None, shown)
    return lead, _nest(list(_fold(rest)), page, lead.anchor if lead else None, around.divided)


def _present(
    message: PageMessage, page: Page, place: RoomPlace, mentions: Mentions, around: Surroundings
) -> MessageView:
    removed = message.kind is MessageKind.REMOVED
    is_quiet = message.kind in _QUIET
    named = is_named(message)
    return MessageView(
        anchor=message.anchor,
        author=message.author if named and not removed else "",
        is_named=named,
        initial=_initial(message.author) if named else "",
        hue=crc32(message.sender.encode("utf-8", "replace")) % 360,
        avatar=_media_url(page, message.avatar) if named else "",
        network=message.network,
        time=present_time(message.sent_at),
        edited=present_time(message.edited_at) if message.edited_at is not None else None,
        history=tuple(
            VersionView(present_time(version.sent_at), site_links(page.address, version.text, around.divided))
            for version in message.history
        ),
        kind="quiet" if is_quiet else message.kind.value,
        type_name=message.type_name,
        text="" if is_quiet else site_links(page.address, message.text, around.divided),
        is_big=is_only_emoji(message.text),
        poll=_present_poll(message.poll) if message.poll is not None else None,
        quiet=(_present_quiet(message),) if is_quiet else (),
        removal=_present_removal(message) if removed else None,
        reply_to=None,
        continues=False,
        reactions=tuple(_present_reaction(reaction, page) for reaction in message.reactions),
        mentions=mentions.get(message.anchor, ()),
        permalink=permalink(place.room, message.event_id, message.room_id)
        if can_be_followed(message, place)
        else "",
        replies=(),
        author_url=_person_url(message, page, place, around) if named and not removed else "",
    )


def list_participants(
    page: Page, place: RoomPlace, around: Surroundings = NOTHING_AROUND
) -> tuple[LinkView, ...]:
    """Show who speaks on a page, each once, by the name and place of their first words there."""
    first: dict[tuple[str, str], PageMessage] = {}
    for message in page.speaking:
        if is_named(message):
            first.setdefault((message.sender, message.network and message.author), message)
    shown = islice(first.values(), MOST_PARTICIPANTS)
    return tuple(LinkView(each.author, _person_url(each, page, place, around)) for each in shown)


def _person_url(message: PageMessage, page: Page, place: RoomPlace, around: Surroundings) -> str:
    """Nobody is led to a person from where people are not named in full, nor from over a bridge."""
    is_led = place.naming is Naming.FULL and not message.network
    address = around.people.get(message.sender) if is_led else None
    return relative_url(page.address, address) if address is not None else ""


def _initial(author: str) -> str:
    return next((letter.upper() for letter in author if letter.isalnum()), "?")[0]


def _media_url(page: Page, path: str) -> str:
    return f"{root_prefix(page.address)}media/{quote(path)}" if path else ""


def _present_reaction(reaction: PageReaction, page: Page) -> ReactionView:
    people = tuple(filter(None, map(show_name, reaction.people)))
    return ReactionView(reaction.key, len(reaction.people), people, _media_url(page, reaction.image))


def _present_poll(poll: Poll) -> PollView:
    return PollView(
        answers=tuple(
            PollAnswerView(
                text=answer.text,
                votes=answer.votes,
                share=round(100 * min(1, (answer.votes or 0) / max(1, poll.voters))),
                is_winner=answer.is_winner,
            )
            for answer in poll.answers
        ),
        voters=poll.voters,
        max_selections=poll.max_selections,
        ended=present_time(poll.ended_at) if poll.ended_at is not None else None,
    )


def _present_removal(message: PageMessage) -> RemovalView | None:
    removal = message.removal
    if removal is None:
        return None
    by_author = removal.by == message.sender and is_named(message)
    return RemovalView("" if by_author else show_name(removal.name), by_author, present_time(removal.at))


def _present_quiet(message: PageMessage) -> QuietView:
    if message.kind is MessageKind.CALL:
        what = "call" if message.type_name == "m.call.invite" else "call-end"
    else:
        what = message.change.value if message.change is not None else "encrypted"
    return QuietView(
        anchor=message.anchor,
        author="" if what == "encrypted" else show_name(message.author),
        what=what,
        value=_present_value(message),
        time=present_time(message.sent_at),
    )


def _present_value(message: PageMessage) -> str:
    """A changed topic may be anything; whom a change is about may be nobody to be named."""
    words = plain_text(message.text)
    return words if message.change not in _ABOUT_PEOPLE else show_name(words)


def _fold(views: Sequence[MessageView]) -> Iterator[MessageView]:
    """Join quiet lines that follow one another; one that other pages speak of stands alone."""
    last: MessageView | None = None
    for view in views:
        if last is not None and last.quiet and view.quiet and not view.mentions:
            last = replace(last, quiet=last.quiet + view.quiet)
            continue
        if last is not None:
            yield last
        last = view
    if last is not None:
        yield last


def _nest(
    views: Sequence[MessageView], page: Page, lead: str | None, divided: Divided
) -> tuple[MessageView, ...]:
    """Hang every message below the one it answers, at most `MAX_NESTING` levels deep.

    An answer to the lead is the discussion's first level. The nesting says whom a message answers; where it
    cannot, `reply_to` does.
    """
    messages = {message.anchor: message for message in page.messages}
    answers = {anchor: _anchor_answered(message) for anchor, message in messages.items()}
    level: dict[str, int] = {}
    parents: dict[str, str | None] = {}
    parent: str | None
    for view in views:
        answered = answers[Anchor(view.anchor)]
        parent = answered if answered in level and answered != view.anchor else None
        while parent is not None and level[parent] >= MAX_NESTING:
            parent = parents[parent]
        parents[view.anchor] = parent
        level[view.anchor] = 1 if parent is None else level[parent] + 1
    children: dict[str | None, list[MessageView]] = {}
    labels: dict[str, AnsweredView | None] = {}
    reminders: dict[Anchor, str] = {}
    for view in views:
        message = messages[Anchor(view.anchor)]
        answered = answers[message.anchor]
        if answered is None or answered not in {lead, parents[view.anchor]}:
            labels[view.anchor] = _present_answered(message, page, messages, reminders, divided)
        children.setdefault(parents[view.anchor], []).append(view)
    return _assemble(children, None, labels, messages)


def _anchor_answered(message: PageMessage) -> str | None:
    """Return the anchor of what a message answers on its own page."""
    answered = message.reply_to
    if answered is None or not answered.is_here or answered.anchor == message.anchor:
        return None
    return answered.anchor


def _present_answered(
    message: PageMessage,
    page: Page,
    messages: Mapping[Anchor, PageMessage],
    reminders: dict[Anchor, str],
    divided: Divided,
) -> AnsweredView | None:
    """Say what a message answers; `reminders` keeps first words, since a long one may have many answers."""
    answered = message.reply_to
    if answered is None or answered.anchor == message.anchor:
        return None
    if not answered.is_here:
        author = show_name(answered.author)
        is_said = bool(answered.author)
        return AnsweredView(author, answered.excerpt, _url_elsewhere(answered, page, divided), is_said)
    original = messages.get(answered.anchor)
    if original is None:
        return None
    if original.kind is MessageKind.REMOVED:
        return AnsweredView("", "", f"#{answered.anchor}", is_said=False)
    if original.anchor not in reminders:
        reminders[original.anchor] = excerpt(plain_text(original.text), REMINDER_LENGTH)
    author = original.author if is_named(original) else ""
    return AnsweredView(author, reminders[original.anchor], f"#{answered.anchor}", original.is_spoken)


def _url_elsewhere(answered: Answered, page: Page, divided: Divided) -> str:
    if not answered.page:
        return ""
    address, _ = follow_markdown(page.address, answered.page)
    return message_url(page.address, address, answered.anchor, divided)


def _assemble(
    children: Mapping[str | None, Sequence[MessageView]],
    parent: str | None,
    labels: Mapping[str, AnsweredView | None],
    messages: Mapping[Anchor, PageMessage],
) -> tuple[MessageView, ...]:
    """Recursion is bounded by `MAX_NESTING`."""
    nested: list[MessageView] = []
    for each in children.get(parent, ()):
        replies = _assemble(children, each.anchor, labels, messages)
        view = replace(each, reply_to=labels.get(each.anchor), replies=replies)
        if nested and _continues(nested[-1], view, messages):
            view = replace(view, continues=True)
        nested.append(view)
    return tuple(nested)


def _continues(before: MessageView, view: MessageView, messages: Mapping[Anchor, PageMessage]) -> bool:
    """The account decides, not the name it shows: nobody gets to speak under somebody else's header."""
    if before.replies or before.mentions or view.reply_to or {"removed", "quiet"} & {before.kind, view.kind}:
        return False
    former, latter = messages[Anchor(before.anchor)], messages[Anchor(view.anchor)]
    if not is_named(latter):
        return False
    same = (former.sender, former.author) == (latter.sender, latter.author)
    return same and 0 <= latter.sent_at - former.sent_at <= _SAME_BREATH_MS
