"""Parts: a very long conversation comes in, the pages that it stands on go out, and what stands on each.

A part keeps its address and, as conversations grow at their end, its messages. It stands in the same folder
as the first one, so that every relative link in a message leads from it as it does from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address, Anchor, conversation_part_address, relative_markdown
from garden.pages.page import REMINDER_LENGTH, Page, PageMessage
from garden.pages.plain import excerpt, plain_text


@dataclass(frozen=True, slots=True)
class Part:
    """One of the pages on which a conversation stands."""

    page: Page
    """The conversation with the address and the messages of this part."""
    number: int
    """From 1."""
    addresses: tuple[Address, ...]
    """Of all parts in order."""


def divide_page(page: Page, per_page: int) -> tuple[Part, ...]:
    """Return the parts of a page, each of at most `per_page` messages; a day and a short page are one."""
    count = len(page.messages)
    if count <= per_page or page.kind is ConversationKind.DAY:
        return (Part(page, 1, (page.address,)),)
    starts = range(0, count, per_page)
    addresses = tuple(conversation_part_address(page.address, number + 1) for number in range(len(starts)))
    by_anchor = {message.anchor: message for message in page.messages}
    return tuple(
        Part(_cut(page, addresses[number], start, start + per_page, by_anchor), number + 1, addresses)
        for number, start in enumerate(starts)
    )


def place_messages(page: Page, per_page: int) -> Iterator[tuple[Anchor, Address]]:
    """Yield where each message of a divided page stands; nothing of one that is whole."""
    parts = divide_page(page, per_page)
    if len(parts) > 1:
        for part in parts:
            for message in part.page.messages:
                yield message.anchor, part.page.address


def _cut(page: Page, address: Address, start: int, end: int, by_anchor: Mapping[Anchor, PageMessage]) -> Page:
    messages = page.messages[start:end]
    here = {message.anchor for message in messages}
    shown = tuple(_lead_away(message, page, here, by_anchor) for message in messages)
    return replace(page, address=address, messages=shown)


def _lead_away(
    message: PageMessage, page: Page, here: set[Anchor], by_anchor: Mapping[Anchor, PageMessage]
) -> PageMessage:
    """Let an answer to a message on another part say whose it is and where, as one to another page does."""
    answered = message.reply_to
    if answered is None or not answered.is_here or answered.anchor in here:
        return message
    original = by_anchor.get(answered.anchor)
    if original is None:
        return message
    return replace(
        message,
        reply_to=replace(
            answered,
            author=original.author if original.is_spoken else "",
            excerpt=excerpt(plain_text(original.text), REMINDER_LENGTH) if original.is_spoken else "",
            page=relative_markdown(conversation_part_address(page.address, 2), page.address, None),
            is_here=False,
        ),
    )
