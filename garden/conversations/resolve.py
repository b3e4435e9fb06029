"""Settle edits, redactions, reactions, votes: events in the server's order become messages in final wording.

An edit counts only when its sender is the original's sender; nothing is taken from what a server bundles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from garden.archive.event import Event, EventId, JsonObject, MxcUri, UserId, get_object, get_time
from garden.conversations.bridge import Bridges
from garden.conversations.change import Changes, Standing, compare_standing, read_standing
from garden.conversations.conversation import Change, ChangeKind, Message, MessageKind, Removal, Version
from garden.conversations.edit import Wording, choose_wordings
from garden.conversations.mention import find_mentions, mentions_room
from garden.conversations.names import Roster, parse_user_id, read_user_id
from garden.conversations.poll import POLL_ENDS, POLL_RESPONSES, BallotBox
from garden.conversations.power import read_moderators
from garden.conversations.profile import read_profile
from garden.conversations.reaction import Reactions
from garden.conversations.relation import relation_target, reply_target
from garden.conversations.saying import is_call, is_message
from garden.conversations.words import Words, strip_reply_fallback

_BLANK: Final = "…"
"""What the archive leaves of each text in a poll whose words an edit took away."""


def resolve_messages(
    events: Iterable[Event], state: Iterable[Event] = (), *, membership: bool = False
) -> list[Message]:
    """Turn one room's publishable events into messages.

    `state` is the room's current state; it names members whose own membership event is not among `events`,
    says who may end polls, and which bridges there are. Joining and leaving is told where `membership` is
    true. The order of the result is the order of the events.
    """
    timeline = _Timeline(tuple(events), tuple(state), membership=membership)
    return timeline.settle()


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who somebody was when they spoke."""

    name: str
    avatar: MxcUri | None
    network: str


@dataclass(frozen=True, slots=True)
class _Said:
    """An event that people read, and what was known when it came."""

    event: Event
    speaker: _Speaker
    names: tuple[tuple[UserId, str], ...] = ()
    change: Change | None = None


class _Timeline:
    """One pass through a room's events gathers what belongs to each message; then each is settled."""

    def __init__(self, events: tuple[Event, ...], state: tuple[Event, ...], *, membership: bool) -> None:
        self._tells_membership = membership
        self._bridges = Bridges(event for event in (*state, *events) if event.state_key is not None)
        self._roster = Roster(events, state, self._bridges)
        self._changes = Changes()
        self._standings: dict[str, Standing] = {}
        self._reactions = Reactions()
        self._ballots = BallotBox(read_moderators(state))
        self._said: list[_Said] = []
        self._edits: dict[EventId, list[_Said]] = defaultdict(list)
        for event in events:
            self._take(event)

    def settle(self) -> list[Message]:
        """Return the messages, once everything has been taken in."""
        return [self._settle(said) for said in self._said]

    def _take(self, event: Event) -> None:
        if event.state_key is not None:
            self._take_state(event)
        elif event.type == "m.reaction":
            self._reactions.note(event, self._roster.name(event.sender))
        elif event.type in POLL_RESPONSES or event.type in POLL_ENDS:
            self._ballots.note(event)
        elif is_message(event):
            self._take_message(event)

    def _take_message(self, event: Event) -> None:
        target = relation_target(event.content, "m.replace")
        is_redacted = event.redacted_because is not None
        if is_redacted and (target is not None or is_call(event)):
            return
        said = _Said(event, self._speaker(event.sender, event.content), self._mentions(event))
        if target is None:
            self._said.append(said)
        else:
            self._edits[target].append(said)

    def _take_state(self, event: Event) -> None:
        """A new name is told by the old one; who joins is called as from then on."""
        user = parse_user_id(event.state_key or "")
        if event.type != "m.room.member":
            change = self._changes.note(event)
            speaker = self._speaker(event.sender) if change is not None else None
        elif self._tells_membership and user is not None:
            before = self._speaker(event.sender)
            change = self._note_membership(event, user)
            renames = change is not None and change.kind is ChangeKind.RENAME
            speaker = before if renames else self._speaker(event.sender)
        else:
            self._roster.note(event)
            return
        if change is not None and speaker is not None:
            self._said.append(_Said(event, speaker, change=change))

    def _note_membership(self, event: Event, user: UserId) -> Change | None:
        self._roster.note(event)
        before = self._standings.get(user, Standing("", ""))
        after = self._standings[user] = read_standing(event, self._roster.base_name(user))
        kind = compare_standing(event, before, after)
        return Change(kind, self._roster.name(user)) if kind is not None else None

    def _speaker(self, user: UserId, content: JsonObject | None = None) -> _Speaker:
        """Say who somebody is now; a bridge may say in a message for whom it speaks."""
        own = _Speaker(self._roster.name(user), self._roster.avatar(user), self._bridges.network(user))
        profile = read_profile(content) if content is not None else None
        if profile is None:
            return own
        network = self._bridges.bot_network(user)
        return _Speaker(
            name=self._roster.profile_name(profile.name, user, is_bridge=bool(network)) or own.name,
            avatar=own.avatar if profile.keeps_avatar else profile.avatar,
            network=network or own.network,
        )

    def _mentions(self, event: Event) -> tuple[tuple[UserId, str], ...]:
        users = find_mentions(event.content)
        wording = get_object(event.content, "m.new_content")
        if wording is not None:
            users = list(dict.fromkeys([*users, *find_mentions(wording)]))
        return tuple((user, self._roster.name(user)) for user in users if self._roster.knows(user))

    def _settle(self, said: _Said) -> Message:
        """Give a message its final wording, or say that it is gone."""
        event = said.event
        if said.change is not None:
            return replace(_bare(said, MessageKind.STATE), change=said.change)
        edits = self._edits.get(event.event_id, ())
        wordings = choose_wordings(event, [edit.event for edit in edits])
        if wordings:
            return self._settle_wording(said, wordings)
        removed = _bare(said, MessageKind.REMOVED)
        thread_root = relation_target(event.content, "m.thread")
        answered = reply_target(event.content)
        return replace(removed, removal=self._removal(event), thread_root=thread_root, reply_to=answered)

    def _settle_wording(self, said: _Said, wordings: Sequence[Wording]) -> Message:
        event, last = said.event, wordings[-1]
        reply_to, thread_root = reply_target(event.content), relation_target(event.content, "m.thread")
        quotes = reply_to is not None or thread_root is not None
        words = _read_words(last, quotes=quotes)
        ballot = last.saying.ballot
        return Message(
            event_id=event.event_id,
            room_id=event.room_id,
            sender=event.sender,
            sender_name=said.speaker.name,
            sent_at=event.sent_at,
            kind=last.saying.kind,
            body=ballot.question if ballot is not None else words.body,
            formatted_body=words.formatted_body,
            avatar=said.speaker.avatar,
            network=said.speaker.network,
            attachment=last.saying.attachment,
            location=last.saying.location,
            poll=self._ballots.count(event, ballot) if ballot is not None else None,
            type_name=last.saying.type_name,
            edited_at=last.event.sent_at if len(wordings) > 1 else None,
            versions=tuple(
                version
                for version in (_as_version(wording, quotes=quotes) for wording in wordings[:-1])
                if version.body or version.formatted_body
            ),
            reply_to=reply_to,
            thread_root=thread_root,
            reactions=self._reactions.of(event.event_id),
            names=self._merge_names(said, wordings) if len(wordings) > 1 else said.names,
            mentions_room=mentions_room(last.content),
        )

    def _merge_names(self, said: _Said, wordings: Sequence[Wording]) -> tuple[tuple[UserId, str], ...]:
        """Return the people whom any wording names, by the names of the last one that does."""
        edits = {edit.event.event_id: edit for edit in self._edits[said.event.event_id]}
        told = (said, *(edits[wording.event.event_id] for wording in wordings[1:]))
        return tuple(dict(name for each in told for name in each.names).items())

    def _removal(self, event: Event) -> Removal | None:
        """Say who took a message away, by the name that they have at the end."""
        by = read_user_id(event.redacted_because, "sender")
        at = get_time(event.redacted_because, "origin_server_ts")
        if by is None or at is None:
            return None
        return Removal(by, self._roster.name(by), at)


def _read_words(wording: Wording, *, quotes: bool) -> Words:
    """Return the words; `quotes` where a client may have put a quotation before them."""
    words = wording.saying.in_words()
    return Words(strip_reply_fallback(words.body), words.formatted_body) if quotes else words


def _as_version(wording: Wording, *, quotes: bool) -> Version:
    """Return the words as an earlier wording; of a picture without caption they are empty."""
    ballot = wording.saying.ballot
    words = _read_words(wording, quotes=quotes)
    if ballot is not None and {ballot.question, *(text for _, text in ballot.answers)} == {_BLANK}:
        words = Words("")
    return Version(wording.event.sent_at, words.body, words.formatted_body)


def _bare(said: _Said, kind: MessageKind) -> Message:
    event = said.event
    return Message(
        event_id=event.event_id,
        room_id=event.room_id,
        sender=event.sender,
        sender_name=said.speaker.name,
        sent_at=event.sent_at,
        kind=kind,
        avatar=said.speaker.avatar,
        network=said.speaker.network,
    )
