"""Views: all that a template can see, one frozen type per template; here those of conversations and notes.

A view holds plain values, finished relative URLs and Markdown; it holds no page of somebody else. Its
fingerprint is the key under which the rendered file is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from garden.pages.page import Markdown
from garden.site.graph_view import GraphView


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with its words."""

    title: str
    url: str
    """Relative to the page it stands on, or absolute for other sites; percent-encoded."""


@dataclass(frozen=True, slots=True)
class TimeView:
    """A moment, for people and for machines."""

    iso: str
    """RFC 3339, UTC, for `<time datetime>`; the filters `day` and `clock` write it for people."""

    @property
    def date(self) -> str:
        """The day alone, `2025-03-03`."""
        return self.iso[:10]


@dataclass(frozen=True, slots=True)
class RingView:
    """One webring's footer on one page."""

    name: str
    previous: LinkView
    next: LinkView
    random: LinkView
    """Chosen by the page's address: the same at every build, another on another page."""


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed to announce in the head of a page."""

    title: str
    url: str
    media_type: str
    """`application/atom+xml` or `application/rss+xml`."""


@dataclass(frozen=True, slots=True)
class FrameView:
    """What stands around every page."""

    site_title: str
    description: str
    language: str
    """Of the page's own words, for `lang`: the garden's, or `en` where there is no catalogue of that."""
    direction: str
    """`ltr` or `rtl`: the way the language is written."""
    base_url: str
    canonical: str
    """Full URL of this page."""
    root: str
    """Relative URL of the garden's root: `../../`, or `./`; absolute path on the not-found page."""
    feeds: tuple[FeedView, ...]
    """Atom and RSS of the site and, on a room's pages, of the room."""
    rings: tuple[RingView, ...]
    neighbours: str
    """URL of the page about the rings, relative to this page; empty where there are none."""
    map: str
    """URL of the map of the whole garden, relative to this page."""
    privacy: str
    """URL of the page that says what is published and why, relative to this page."""
    index: bool
    """Whether search engines may list this page."""
    written: str = ""
    """What people in the garden write in, as `site.toml` says; where it is empty, `language`."""


@dataclass(frozen=True, slots=True)
class BacklinkView:
    """A link to this page, with the sentence that links."""

    title: str
    url: str
    """To the linking message."""
    sentence: str
    author: str
    """Empty where nobody is to be named."""
    time: TimeView | None
    embeds: bool = False
    """Whether the words of this page, or of its message, are shown there."""


@dataclass(frozen=True, slots=True)
class BacklinkGroupView:
    """Another page that links here, with every sentence that does."""

    title: str
    url: str
    links: tuple[BacklinkView, ...]
    """Oldest first; at least one."""


@dataclass(frozen=True, slots=True)
class GrowthView:
    """How far a page has grown, with what that follows from."""

    stage: str
    """`seedling`, `budding` or `evergreen`."""
    given: bool
    """Whether somebody has said so; else it follows from what stands below."""
    messages: int
    people: int
    links_in: int
    """Pages that link here."""
    days: int
    answered: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The accepted answer of a question, as it stands at the top."""

    author: str
    """Empty where nobody is to be named."""
    text: Markdown
    """Its first paragraphs."""
    is_whole: bool
    """Whether that is all of it."""
    url: str
    """To its place in the discussion."""
    time: TimeView


@dataclass(frozen=True, slots=True)
class RelatedView:
    """Another page about the same, with the reason."""

    title: str
    url: str
    links: tuple[str, ...]
    """External URLs that both share, without their scheme, for people."""
    tags: tuple[str, ...]
    terms: tuple[str, ...]
    """Words that both are about."""


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """An external URL that other conversations share, too."""

    url: str
    words: str
    """The URL for people: without scheme, cut."""
    pages: tuple[LinkView, ...]
    site: LinkView | None
    """The page of everything that was shared from there, where there is one."""


@dataclass(frozen=True, slots=True)
class ContentsView:
    """One entry in the contents of a long conversation."""

    author: str
    """Empty where nobody is to be named."""
    excerpt: str
    url: str
    replies: int
    """Answers below it."""


@dataclass(frozen=True, slots=True)
class ReactionView:
    """A reaction and who gave it."""

    key: str
    """Emoji or short text; for a custom emoji its shortcode."""
    count: int
    people: tuple[str, ...]
    """Names, in order of first use; fewer than `count` where some are not to be named."""
    image: str
    """URL of a custom emoji's picture, relative to the page; empty for others."""


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """The message that another one answers, where the nesting does not show it."""

    author: str
    """Empty where nobody is to be named, or the message was removed or stands on no page."""
    excerpt: str
    url: str
    """Relative to the page; empty where the message stands on no page."""
    is_said: bool = True
    """Whether it is somebody's words, though perhaps nobody's who is to be named."""


@dataclass(frozen=True, slots=True)
class PollAnswerView:
    """One answer of a poll."""

    text: str
    votes: int | None
    """None where the counts are not to be seen yet."""
    share: int
    """Percent of those who voted, 0 to 100."""
    is_winner: bool


@dataclass(frozen=True, slots=True)
class PollView:
    """A poll; its question is the message's text."""

    answers: tuple[PollAnswerView, ...]
    voters: int
    max_selections: int
    ended: TimeView | None
    """None while it is open."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """An earlier wording of a message."""

    time: TimeView
    text: Markdown


@dataclass(frozen=True, slots=True)
class RemovalView:
    """Who took a message away."""

    name: str
    """Empty where its author did, and where nobody is to be named."""
    by_author: bool
    time: TimeView


@dataclass(frozen=True, slots=True)
class QuietView:
    """Something beside the conversation: a change of the room, a call, a message that was encrypted."""

    anchor: str
    author: str
    """Empty for encrypted messages, and where nobody is to be named."""
    what: str
    """`created`, `upgraded`, `name`, `topic`, `avatar`, `pins`, `widget`, `join`, `leave`, `invite`, `kick`,
    `ban`, `rename`, `call`, `call-end` or `encrypted`."""
    value: str
    """The new name or topic, or whom it is about; may be empty."""
    time: TimeView


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on a page, with the answers nested below it."""

    anchor: str
    author: str
    """Display name; empty where nobody is to be named."""
    is_named: bool
    initial: str
    """First letter of the author's name, for the quiet square where there is no picture; empty without a
    name."""
    hue: int
    """0 to 359, from the author's identifier."""
    avatar: str
    """URL of the author's picture, relative to the page; empty where there is none."""
    network: str
    """Where a bridge brought the message from, `Discord`; empty for people on Matrix itself."""
    time: TimeView
    edited: TimeView | None
    history: tuple[VersionView, ...]
    """Earlier wordings, oldest first, where the garden shows them."""
    kind: str
    """`text`, `notice`, `emote`, `image`, `sticker`, `video`, `audio`, `voice`, `file`, `location`, `poll`,
    `other`, `removed`, or `quiet` where `quiet` holds what there is to say."""
    type_name: str
    """For `other`: the type as the sender wrote it."""
    text: Markdown
    is_big: bool
    """Whether the text is a few emoji and nothing else."""
    poll: PollView | None
    quiet: tuple[QuietView, ...]
    """Quiet lines that follow one another, folded into one."""
    removal: RemovalView | None
    reply_to: AnsweredView | None
    """The message that this one answers, where the nesting does not show it."""
    continues: bool
    """True where the same author spoke within five minutes before: no second header is needed."""
    reactions: tuple[ReactionView, ...]
    mentions: tuple[BacklinkView, ...]
    """What other pages say about this very message."""
    permalink: str
    """matrix.to URL of the message; empty where people are not named, since it leads to the name."""
    replies: tuple[MessageView, ...]
    author_url: str = ""
    """The author's own page, relative to this one; empty where there is none."""


@dataclass(frozen=True, slots=True)
class ConversationView:
    """Template `conversation.html`: a thread, a reply chain or a day."""

    frame: FrameView
    title: str
    kind: str
    room: LinkView
    home: LinkView
    planted: TimeView
    tended: TimeView
    message_count: int
    people_count: int
    """0 where people are not told from one another."""
    participants: tuple[LinkView, ...]
    """Who speaks, as far as they are to be named, in the order of their first words, at most twelve; with the
    URL of their page, empty where they have none."""
    planted_by: str
    """Author of the first message that is still there; empty if none is, or nobody is to be named."""
    tags: tuple[LinkView, ...]
    summary: str
    """What it comes to, where somebody has written that."""
    excerpt: str
    """The summary or else the first words, without marks, for those who look at a link to here."""
    growth: GrowthView | None
    """None on a day's page."""
    is_question: bool
    answer: AnswerView | None
    """On the first part only."""
    revisited: BacklinkView | None
    """The latest page that links here long after it was last tended."""
    lead: MessageView | None
    """The root message; None on a day's page, and on later parts."""
    messages: tuple[MessageView, ...]
    """The discussion below the lead, nested at most three levels deep."""
    contents: tuple[ContentsView, ...]
    """The messages of a long discussion that begin something; empty for a short one."""
    part: int
    """From 1: a very long conversation stands on several pages."""
    parts: tuple[LinkView, ...]
    """All parts, for the pagination; empty where there is one."""
    backlinks: tuple[BacklinkGroupView, ...]
    """Links to the page as a whole, by page; links to one message stand at the message."""
    links_out: tuple[LinkView, ...]
    """Pages of this garden that it links to."""
    web_links: tuple[LinkView, ...]
    """Other sites that it links to, at most 50."""
    elsewhere: tuple[ElsewhereView, ...]
    related: tuple[RelatedView, ...]
    grew_into: tuple[LinkView, ...]
    """Notes that grew from it."""
    earlier: LinkView | None
    """The conversation of this room that began before."""
    later: LinkView | None
    graph: GraphView | None
    """The page and what is tied to it, drawn and in words; None where nothing is, and on later parts."""
    continue_url: str
    """matrix.to URL of the first message that is there, or of the room: on a day's page, and where people are
    not named."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """Template `note.html`: a hand-written page."""

    frame: FrameView
    title: str
    home: LinkView
    planted: TimeView | None
    tended: TimeView | None
    tags: tuple[LinkView, ...]
    summary: str
    excerpt: str
    """As of a conversation."""
    growth: GrowthView
    text: Markdown
    backlinks: tuple[BacklinkGroupView, ...]
    links_out: tuple[LinkView, ...]
    web_links: tuple[LinkView, ...]
    elsewhere: tuple[ElsewhereView, ...]
    related: tuple[RelatedView, ...]
    grew_from: tuple[LinkView, ...]
    """The conversations that it grew from."""
    graph: GraphView | None
    """The page and what is tied to it, as a drawing and in words; None where nothing is."""
