"""Write one conversation down as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from garden.archive.event import EventId, MxcUri
from garden.conversations.conversation import Conversation, ConversationKind, Message, MessageKind
from garden.pages.address import (
    Address,
    Anchor,
    conversation_address,
    day_address,
    message_anchor,
    name_tag,
)
from garden.pages.escape import escape, write_plain
from garden.pages.from_html import write_html
from garden.pages.link import hide_permalinks
from garden.pages.moment import day_in_words
from garden.pages.page import Markdown, Page, PageMessage
from garden.pages.plain import excerpt, plain_text, sentences

TITLE_LENGTH: Final = 80
"""Characters; a title is cut at a word."""

_HASHTAG: Final = re.compile(r"(?<![\w/#&])#([^\W\d_][\w-]{1,39})(?![\w:])")
_HIDDEN_END: Final = re.compile(r"[\s(,:;–-]*…[)\s.]*$")
"""What is left of a permalink at the end of a sentence."""
_FILE_ENDING: Final = re.compile(r"\.\w{2,5}$")

LocatePicture = Callable[[MxcUri], tuple[str, int, int] | None]
"""Finds a picture's path below the media folder, its width and height; None where there is no copy."""


def compose_page(conversation: Conversation, room: Address, locate_picture: LocatePicture) -> Page:
    """Write a conversation down; `room` is the folder of its room's pages."""
    title = compose_title(conversation)
    depth = 1 + room.count("/")
    here = {message.event_id: message_anchor(message.event_id) for message in conversation.messages}
    messages = tuple(
        _compose_message(message, here, "../" * depth, locate_picture) for message in conversation.messages
    )
    times = [message.edited_at or message.sent_at for message in conversation.messages]
    return Page(
        address=_address(conversation, room, title),
        kind=conversation.kind,
        title=title,
        room_id=conversation.room_id,
        root_id=conversation.root_id,
        planted=min(message.sent_at for message in conversation.messages),
        tended=max(times),
        tags=compose_tags(conversation),
        messages=messages,
    )


def compose_title(conversation: Conversation) -> str:
    """Name a conversation: its day, else the first heading or sentence that is there; never empty."""
    if conversation.day is not None:
        return day_in_words(conversation.day)
    for message in conversation.messages:
        lines = sentences(plain_text(hide_permalinks(_caption(message))))
        words = next((line for line in lines if any(letter.isalnum() for letter in line)), "")
        if words:
            return excerpt(_HIDDEN_END.sub("", words), TITLE_LENGTH)
    return "Untitled conversation"


def compose_tags(conversation: Conversation) -> tuple[str, ...]:
    """Collect the hashtags of a conversation in alphabetical order; code and links do not count."""
    found: set[str] = set()
    for message in conversation.messages:
        if "#" in message.body:
            body = re.sub(r"`[^`]*`|https?://\S+", " ", message.body)
            found |= {name for tag in _HASHTAG.findall(body) if (name := name_tag(tag))}
    return tuple(sorted(found))


def _address(conversation: Conversation, room: Address, title: str) -> Address:
    if conversation.kind is ConversationKind.DAY and conversation.day is not None:
        return day_address(room, conversation.day)
    root = conversation.root_id or conversation.messages[0].event_id
    return conversation_address(room, title, root)


def _compose_message(
    message: Message, here: Mapping[EventId, Anchor], up: str, locate_picture: LocatePicture
) -> PageMessage:
    return PageMessage(
        anchor=here[message.event_id],
        event_id=message.event_id,
        sender=message.sender,
        author=message.sender_name,
        sent_at=message.sent_at,
        kind=message.kind,
        text=_wording(message, up, locate_picture),
        edited_at=message.edited_at,
        reply_to=here.get(message.reply_to) if message.reply_to is not None else None,
        reactions=tuple((reaction.key, len(reaction.senders)) for reaction in message.reactions),
    )


def _wording(message: Message, up: str, locate_picture: LocatePicture) -> Markdown:
    caption = _caption(message)
    if message.attachment is None:
        return caption
    name = " ".join(message.attachment.name.split())
    if message.kind is MessageKind.FILE:
        return f"File: {escape(name)}" + (f"\n\n{caption}" if caption else "")
    return _picture(message.attachment.uri, name, caption, up, locate_picture)


def _caption(message: Message) -> Markdown:
    """The words of a message; an attachment's body that only repeats its name is no words."""
    if message.kind is MessageKind.REMOVED:
        return ""
    attachment = message.attachment
    if attachment is not None and message.body.strip() == attachment.name.strip():
        return ""
    words = write_html(message.formatted_body) if message.formatted_body else ""
    return words or write_plain(message.body)


def _picture(uri: MxcUri, name: str, caption: Markdown, up: str, locate_picture: LocatePicture) -> Markdown:
    """A copied picture reserves its size (Pandoc's link attributes); without a copy its name stands there.

    The caption stands below in any case, so that the alternative text need not say it twice.
    """
    found = locate_picture(uri)
    if found is None:
        shown = f"Picture: {escape(name)}"
    else:
        path, width, height = found
        alternative = escape(excerpt(_FILE_ENDING.sub("", name), 100))
        shown = f"![{alternative}]({up}media/{quote(path)}){{width={width} height={height}}}"
    return f"{shown}\n\n{caption}" if caption else shown
