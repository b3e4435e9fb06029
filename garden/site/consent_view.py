"""Views of consent: what readers are told of why a room stands here, and how to take words out of it."""

from __future__ import annotations

from dataclasses import dataclass

from garden.site.view import FrameView, LinkView, TimeView


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why a room may be read here, for one line of its page."""

    kind: str
    """`open` where anyone may read it; `vouched` for an import that the admin declares public; `closed` where
    what stands here was said while anyone could read it."""
    by: str
    """Who let everybody read it; empty where that is not known or nobody is to be named."""
    since: TimeView | None
    """When that was, where it is known."""
    names: str
    """`full`, `pseudonym` or `hidden`: how people are named in the room."""
    index: bool
    """Whether search engines may list the room's pages."""


@dataclass(frozen=True, slots=True)
class RoomReasonView:
    """A room on the privacy page."""

    room: LinkView
    reason: ReasonView


@dataclass(frozen=True, slots=True)
class SpanView:
    """A length of time."""

    count: int
    unit: str
    """`minute`, `hour`, `day` or `week`."""


@dataclass(frozen=True, slots=True)
class PrivacyView:
    """Template `privacy.html`: what is published and why, and how to take words out of it."""

    frame: FrameView
    home: LinkView
    more: LinkView | None
    """The note in which those who keep the garden say more, where there is one."""
    rooms: tuple[RoomReasonView, ...]
    delay: SpanView | None
    """How long a message waits before it is published; None where it does not."""
    plant_with: str
    """The reaction without which no conversation is published; empty where all are."""
    names: str
    """`full`, `pseudonym` or `hidden`."""
    keeps_closed: bool
    """Whether the public history of a room that has closed stays."""
    needs_notice: bool
    """Whether every room has to tell its members that it is published."""
    shows_history: bool
    """Whether earlier wordings of edited messages are shown."""
    shows_removed: bool
    """Whether a line says where a message was taken away."""
    hears: bool
    """Whether the garden reads its rooms from a homeserver, so that members can speak to it there."""
    account: LinkView | None
    """The garden's own account, to which members can write, where that is known."""
    opt_out: str
    """The message by which somebody opts out."""
    opt_in: str
    """The message that takes that back."""
    opt_out_reaction: str
    """The reaction to a room's notice by which somebody opts out."""
    recrawl: SpanView
    """How often rooms are read anew."""
    contact: LinkView | None
    """Whom to ask; its URL is empty where the words lead nowhere."""
    gathers: bool = False
    """Whether people have pages of what they began and answered."""
