"""Paths: the ways on from a page that nobody had to write down, and how far the page has grown."""

from __future__ import annotations

from dataclasses import dataclass, field

from garden.conversations.tending import Stage
from garden.pages.address import Address
from garden.pages.page import Target, WebLink


@dataclass(frozen=True, slots=True)
class Growth:
    """How far a page has grown, with what that follows from."""

    stage: Stage
    given: bool = False
    """Whether somebody has said so; else it follows from what stands below."""
    messages: int = 0
    people: int = 0
    links_in: int = 0
    """Pages that link here."""
    days: int = 0
    """From the first message to the last change, or to the last link to here."""
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """Another page about the same, and what the two have in common; one of the three is there."""

    address: Address
    title: str
    links: tuple[str, ...] = ()
    """External URLs that both share, without what does not count."""
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    """Words that say what both are about."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An external URL that this page shares with others."""

    url: str
    """As it is written here."""
    pages: tuple[Target, ...]
    """The nearest in time among the others, newest first, with the message that shares it."""
    site: Address | None = None
    """The page of everything that is shared from there, where there is one."""


@dataclass(frozen=True, slots=True)
class PagePaths:
    """Everything that leads on from one page beside the links in its words."""

    growth: Growth = field(default_factory=lambda: Growth(Stage.SEEDLING))
    earlier: Target | None = None
    """The conversation of the same room that began before."""
    later: Target | None = None
    web_links: tuple[WebLink, ...] = ()
    """Other sites that it links to."""
    elsewhere: tuple[Elsewhere, ...] = ()
    related: tuple[Related, ...] = ()
    grew_into: tuple[Target, ...] = ()
    """Notes that name this conversation as one they grew from."""
    grew_from: tuple[Target, ...] = ()
    """For a note: the conversations that it grew from."""
