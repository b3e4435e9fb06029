"""Write one conversation down as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from garden.archive.event import EventId, MediaForm, MxcUri, RoomId
from garden.conversations.conversation import Conversation, ConversationKind, Message, MessageKind
from garden.language import Language, msgid
from garden.pages.address import (
    Address,
    Anchor,
    conversation_address,
    day_address,
    message_anchor,
    name_tag,
)
from garden.pages.attachment import FORMS, write_attachment, write_location, write_missing
from garden.pages.escape import escape, write_plain
from garden.pages.from_html import write_html
from garden.pages.link import hide_permalinks
from garden.pages.media import LocateMedia, MediaFile
from garden.pages.page import (
    REMINDER_LENGTH,
    Answered,
    Markdown,
    Page,
    PageMessage,
    PageReaction,
    PageVersion,
)
from garden.pages.plain import excerpt, plain_text, sentences
from garden.pages.tagging import NO_TAGGING, Tagging
from garden.pages.wording import Wording

TITLE_LENGTH: Final = 80
"""Characters; a title is cut at a word."""

UNTITLED: Final = msgid("Untitled conversation")

_MOST_TAGS: Final = 30
"""Hashtags of one message that count; each makes a page, and nobody means more."""

_BEGINNING: Final = 1500
"""Characters in which the first words of a message surely stand."""

_NAME_LENGTH: Final = 150
"""A longer body of a file that has no address is not its name, but words."""

_HASHTAG: Final = re.compile(r"(?<![\w/#&])#([^\W\d_][\w-]{1,39})(?![\w:])")
_HIDDEN_END: Final = re.compile(r"[\s(,:;–-]*…[)\s.]*$")
"""What is left of a permalink at the end of a sentence."""


@dataclass(frozen=True, slots=True)
class RoomFolder:
    """Where the pages of a room stand."""

    room_id: RoomId
    """The room as readers see it: the newest one, where it was upgraded."""
    address: Address


def compose_page(
    conversation: Conversation,
    folder: RoomFolder,
    answered: Mapping[EventId, Message],
    locate: LocateMedia,
    language: Language,
    *,
    history: bool = False,
    tagging: Tagging = NO_TAGGING,
) -> Page:
    """Write a conversation down.

    `answered` holds the messages of the room that may be answered from another page; `history` keeps the
    earlier wordings of edited messages. The `language` is that of titles which nobody has written; `tagging`
    says which tags the settings give.
    """
    writer = _Writer(conversation, folder, answered, locate, history=history)
    messages = tuple(writer.compose(message) for message in conversation.messages)
    title = compose_title(conversation, messages, language)
    return Page(
        address=_address(conversation, folder.address, title),
        kind=conversation.kind,
        title=title,
        room_id=folder.room_id,
        root_id=conversation.root_id,
        planted=min(message.sent_at for message in conversation.messages),
        tended=max(message.edited_at or message.sent_at for message in conversation.messages),
        tags=compose_tags(conversation, messages, tagging),
        messages=messages,
        summary=conversation.tending.summary,
        stage=conversation.tending.stage,
        answer=_find_answer(conversation),
        featured=conversation.tending.featured,
        former_titles=conversation.tending.former_titles,
    )


def compose_title(conversation: Conversation, messages: tuple[PageMessage, ...], language: Language) -> str:
    """Name a conversation: as was decided, by its day, else by its first heading or sentence; never empty."""
    if conversation.tending.title:
        return excerpt(conversation.tending.title, TITLE_LENGTH)
    if conversation.day is not None:
        return language.day(conversation.day)
    for message in messages:
        if message.is_spoken:
            lines = sentences(plain_text(hide_permalinks(message.text)))
            words = next((line for line in lines if any(letter.isalnum() for letter in line)), "")
            if words:
                return excerpt(_HIDDEN_END.sub("", words), TITLE_LENGTH)
    return language.gettext(UNTITLED)


def compose_tags(
    conversation: Conversation, messages: tuple[PageMessage, ...] = (), tagging: Tagging = NO_TAGGING
) -> tuple[str, ...]:
    """Collect hashtags, given tags and those of the settings in order of the alphabet.

    Hashtags in code and links do not count; words are looked for in what readers see of `messages`.
    """
    found: set[str] = set()
    for message in conversation.messages:
        if message.is_spoken and "#" in message.body:
            body = re.sub(r"`[^`]*`|https?://\S+", " ", message.body)
            found.update(islice(filter(None, map(name_tag, _HASHTAG.findall(body))), _MOST_TAGS))
    given = () if conversation.kind is ConversationKind.DAY else tagging.given
    found.update(filter(None, map(name_tag, given)))
    found |= tagging.find(plain_text(message.text) for message in messages if message.is_spoken)
    found.difference_update(map(name_tag, conversation.tending.tags_off))
    found.update(filter(None, map(name_tag, conversation.tending.tags)))
    return tuple(sorted(found))


def _find_answer(conversation: Conversation) -> Anchor | None:
    """An answer that was taken away since, or stands in another conversation, answers nothing here."""
    wanted = conversation.tending.answer
    spoken = (message.event_id for message in conversation.messages if message.is_spoken)
    return message_anchor(wanted) if wanted is not None and wanted in spoken else None


def _address(conversation: Conversation, room: Address, title: str) -> Address:
    if conversation.kind is ConversationKind.DAY and conversation.day is not None:
        return day_address(room, conversation.day)
    root = conversation.root_id or conversation.messages[0].event_id
    return conversation_address(room, title, root)


class _Writer:
    """Writes the messages of one page."""

    def __init__(
        self,
        conversation: Conversation,
        folder: RoomFolder,
        answered: Mapping[EventId, Message],
        locate: LocateMedia,
        *,
        history: bool,
    ) -> None:
        self._here = {message.event_id: message_anchor(message.event_id) for message in conversation.messages}
        self._room_id = folder.room_id
        self._up = "../" * (1 + folder.address.count("/"))
        self._answered = answered
        self._locate = locate
        self._history = history
        self._reminders: dict[EventId, Answered] = {}

    def compose(self, message: Message) -> PageMessage:
        """Write one message down."""
        return PageMessage(
            anchor=self._here[message.event_id],
            event_id=message.event_id,
            sender=message.sender,
            author=message.sender_name,
            sent_at=message.sent_at,
            kind=message.kind,
            text=self._write_words(message),
            room_id=message.room_id if message.room_id != self._room_id else None,
            avatar=self._find_small(message.avatar),
            network=message.network,
            type_name=message.type_name,
            change=message.change.kind if message.change is not None else None,
            removal=message.removal,
            edited_at=message.edited_at,
            history=self._write_versions(message),
            reply_to=self._answer(message.reply_to) if message.reply_to is not None else None,
            reactions=tuple(
                PageReaction(reaction.key, reaction.names, self._find_small(reaction.image))
                for reaction in message.reactions
            ),
            poll=message.poll,
        )

    def _write_words(self, message: Message) -> Markdown:
        if message.change is not None:
            return escape(message.change.value)
        if not message.is_spoken:
            return ""
        wording = self._wording(message)
        if message.location is not None:
            return write_location(message.location)
        if message.attachment is not None:
            caption = _write(message.body, message.formatted_body, wording)
            return write_attachment(message.attachment, message.kind, caption, wording)
        if message.kind in FORMS and len(message.body) <= _NAME_LENGTH:
            return write_missing(message.body, message.kind)
        return _write(message.body, message.formatted_body, wording)

    def _write_versions(self, message: Message) -> tuple[PageVersion, ...]:
        if not self._history or message.kind is MessageKind.REMOVED:
            return ()
        wording = self._wording(message)
        return tuple(
            PageVersion(version.sent_at, _write(version.body, version.formatted_body, wording))
            for version in message.versions
        )

    def _wording(self, message: Message) -> Wording:
        return Wording(dict(message.names), message.mentions_room, self._locate, self._up)

    def _find_small(self, uri: MxcUri | None) -> str:
        found = self._locate(uri, MediaForm.SMALL) if uri is not None else None
        return found.path if isinstance(found, MediaFile) else ""

    def _answer(self, event_id: EventId) -> Answered:
        """Remind of a message once, however many answer it."""
        if event_id not in self._reminders:
            self._reminders[event_id] = self._remind_of(event_id)
        return self._reminders[event_id]

    def _remind_of(self, event_id: EventId) -> Answered:
        """Say what a reader needs of an answered message; what stands on this page can be looked up there."""
        if event_id in self._here:
            return Answered(event_id, self._here[event_id], "", "")
        anchor = Anchor(message_anchor(event_id))
        message = self._answered.get(event_id)
        if message is None or not message.is_spoken:
            return Answered(event_id, anchor, "", "", is_here=False)
        words = excerpt(plain_text(hide_permalinks(self._write_words(_begin(message)))), REMINDER_LENGTH)
        return Answered(event_id, anchor, message.sender_name, words, is_here=False)


def _begin(message: Message) -> Message:
    """Cut a message to where it begins: a long one may be answered on a thousand pages, written for each.

    Where there is HTML the plain words are no substitute: they may tell what is hidden in the other.
    """
    if message.formatted_body:
        return replace(message, body="", formatted_body=message.formatted_body[:_BEGINNING])
    return replace(message, body=message.body[:_BEGINNING])


def _write(body: str, formatted_body: str | None, wording: Wording) -> Markdown:
    words = write_html(formatted_body, wording) if formatted_body else ""
    return words or write_plain(body, wording)
