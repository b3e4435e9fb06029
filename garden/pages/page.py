"""Page, Note, PageCard: what stands at an address, and what the whole garden needs to know about it.

A conversation becomes a `Page`; a file in `notes/` becomes a `Note`. Linking sees only their cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import (
    SPOKEN,
    ChangeKind,
    ConversationKind,
    MessageKind,
    Poll,
    Removal,
)
from garden.conversations.tending import Stage
from garden.pages.address import Address, Anchor

Markdown = str
"""Text in the garden's dialect (docs/reference/page-format.md): CommonMark, tables, strikethrough, spans with
attributes and divisions; no raw HTML."""


_CONVERSATIONS: Final = frozenset({ConversationKind.THREAD.value, ConversationKind.CHAIN.value})

REMINDER_LENGTH: Final = 100
"""Characters of an answered message that remind of it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that another one answers, as a reader needs to be reminded of it."""

    event_id: EventId
    anchor: Anchor
    author: str
    """Empty where the message was removed or stands on no page."""
    excerpt: str
    """Its first words as plain text; empty where there are none."""
    page: str = ""
    """Relative link to the Markdown file of the page it stands on; empty where that is this page, or none."""
    is_here: bool = True
    """Whether it stands on this page."""


@dataclass(frozen=True, slots=True)
class PageReaction:
    """One reaction and who gave it, in order of first use."""

    key: str
    """Emoji or short text; for a custom emoji its shortcode."""
    people: tuple[str, ...]
    """Names of the people who gave it; never empty."""
    image: str = ""
    """A custom emoji's picture, as a path below the media folder."""


@dataclass(frozen=True, slots=True)
class PageVersion:
    """An earlier wording."""

    sent_at: int
    text: Markdown


@dataclass(frozen=True, slots=True)
class PageMessage:
    """One message as a page holds it."""

    anchor: Anchor
    event_id: EventId
    sender: UserId
    author: str
    """Display name; one line, never empty."""
    sent_at: int
    """Milliseconds since 1970, UTC."""
    kind: MessageKind
    text: Markdown
    """What was said, with what it shows; for a poll its question, for a change of the room its value."""
    room_id: RoomId | None = None
    """Where it was sent, where that is not the page's room: before an upgrade."""
    avatar: str = ""
    """The author's picture, as a path below the media folder; empty where there is none."""
    network: str = ""
    """Where a bridge brought it from, `Discord`."""
    type_name: str = ""
    """For kinds `OTHER` and `CALL`: the type as the sender wrote it."""
    change: ChangeKind | None = None
    """For kind `STATE`."""
    removal: Removal | None = None
    """For kind `REMOVED`: who took it away and when, where that is known."""
    edited_at: int | None = None
    history: tuple[PageVersion, ...] = ()
    """Earlier wordings, oldest first, where the garden shows them."""
    reply_to: Answered | None = None
    """The message that this one answers."""
    reactions: tuple[PageReaction, ...] = ()
    poll: Poll | None = None

    @property
    def is_spoken(self) -> bool:
        """Whether these are somebody's words."""
        return self.kind in SPOKEN


@dataclass(frozen=True, slots=True)
class Page:
    """One conversation, written down."""

    address: Address
    kind: ConversationKind
    title: str
    """One line, never empty."""
    room_id: RoomId
    """The room as readers see it: the newest one, where it was upgraded."""
    root_id: EventId | None
    planted: int
    """Time of the first message, milliseconds since 1970, UTC."""
    tended: int
    """Time of the last message or edit."""
    tags: tuple[str, ...]
    messages: tuple[PageMessage, ...]
    summary: str = ""
    """What it comes to, as plain text on one line; empty where nobody has written that."""
    stage: Stage | None = None
    """How far it has grown, where somebody has said so."""
    answer: Anchor | None = None
    """The message that answers its question."""
    featured: bool = False
    former_titles: tuple[str, ...] = ()
    """Titles that somebody gave it before, which former addresses may be made of."""

    @property
    def speaking(self) -> tuple[PageMessage, ...]:
        """The messages that are somebody's words."""
        return tuple(message for message in self.messages if message.is_spoken)


@dataclass(frozen=True, slots=True)
class Note:
    """A hand-written page from `notes/`."""

    address: Address
    path: str
    """File below `notes/`, with its ending, for messages to the author."""
    title: str
    planted: int | None
    """`date` in the front matter, milliseconds since 1970, UTC."""
    tended: int | None
    """`updated` in the front matter, else `date`."""
    tags: tuple[str, ...]
    text: Markdown
    summary: str = ""
    stage: Stage | None = None
    """`growth` in the front matter."""
    featured: bool = False
    grew_from: tuple[str, ...] = ()
    """The conversations that it grew from, as links or wikilinks."""
    aliases: tuple[str, ...] = ()
    """Other names by which wikilinks find it."""
    is_draft: bool = False
    """Whether it is not to be published yet."""
    pictures: tuple[str, ...] = ()
    """Copies of the pictures beside it that it shows, as paths below the media folder."""
    shown: tuple[tuple[Anchor, int | None], ...] = ()
    """Messages of other pages whose words stand in its text, and when each was last edited; known once it is
    linked."""
    conversations: tuple[Mapping[str, object], ...] = ()
    """What its front matter says of conversations, as it is written (`garden.given.read_given`)."""


@dataclass(frozen=True, slots=True)
class LinkOut:
    """A link that may lead to another page of this garden."""

    target: str
    """The link as it is written: a URL, a `matrix:` URI or a wikilink's title."""
    anchor: Anchor | None
    """The message that links; None in notes."""
    sentence: str
    """The sentence that links, as plain text; `link.HERE` stands for the title of where it leads."""
    author: str
    """Who wrote it; empty in notes."""
    sent_at: int | None
    embeds: bool = False
    """Whether it shows what it leads to; only notes do that."""


@dataclass(frozen=True, slots=True)
class WebLink:
    """A URL of another site."""

    url: str
    """As it is written."""
    anchor: Anchor | None
    """The message that shares it; None in notes."""


@dataclass(frozen=True, slots=True)
class PageCard:
    """What linking, indexes and feeds know of a page; all are kept in memory, each about 1 kB."""

    address: Address
    kind: str
    """`thread`, `chain`, `day` or `note`."""
    title: str
    excerpt: str
    """Its summary, else its first words, as plain text of at most 200 characters."""
    room_id: RoomId | None
    root_id: EventId | None
    planted: int | None
    tended: int | None
    tags: tuple[str, ...]
    message_count: int
    people_count: int
    links_out: tuple[LinkOut, ...]
    stage: Stage | None = None
    """Where somebody has said so."""
    is_question: bool = False
    is_answered: bool = False
    featured: bool = False
    web_links: tuple[WebLink, ...] = ()
    """Other sites that it links to, each URL once, at most 50."""
    names: tuple[str, ...] = ()
    """Of a note: what wikilinks may call it beside its title."""
    grew_from: tuple[str, ...] = ()
    """Of a note: the targets among its links that lead to what it grew from."""

    @property
    def is_conversation(self) -> bool:
        """Whether it is a thread or a chain of replies: no day and no note."""
        return self.kind in _CONVERSATIONS


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads inside this garden."""

    address: Address
    title: str
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Backlink:
    """A link as seen from the page that it leads to."""

    address: Address
    """The page that links here."""
    title: str
    source_anchor: Anchor | None
    """The message that links."""
    target_anchor: Anchor | None
    """The message here that it links to."""
    sentence: str
    author: str
    sent_at: int | None
    embeds: bool = False
    """Whether the words here are shown there."""


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Everything that linking found out about one page."""

    targets: tuple[tuple[str, Target], ...] = ()
    """Each link out that leads into this garden, as written, and where it leads."""
    backlinks: tuple[Backlink, ...] = ()
    missing: tuple[str, ...] = ()
    """Names in wikilinks, and links of notes that need one, for which there is no page; as written."""
