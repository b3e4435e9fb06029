"""Linked pages become views: what a template will see of a conversation or a note.

Relative links between Markdown files become relative URLs between the site's pages; times become words.
"""

from __future__ import annotations

from collections.abc import Iterable

from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address, relative_url, tag_address
from garden.pages.page import Backlink, Note, Page, PageCard, PageLinks
from garden.site.index_view import CardView
from garden.site.nobody import can_be_followed, count_people, is_named, show_name
from garden.site.place import RoomPlace, permalink, present_time, site_links
from garden.site.present_message import present_messages
from garden.site.view import BacklinkView, ConversationView, FrameView, LinkView, NoteView


def present_conversation(
    page: Page, links: PageLinks, place: RoomPlace, frame: FrameView
) -> ConversationView:
    """Show a page that `link_page` has gone over."""
    mentions = _by_anchor(page.address, links.backlinks)
    lead, discussion = present_messages(page, place, mentions)
    speaking = page.speaking
    return ConversationView(
        frame=frame,
        title=page.title,
        kind=page.kind.value,
        room=LinkView(place.room.name, relative_url(page.address, place.address)),
        home=home_link(frame),
        planted=present_time(page.planted),
        tended=present_time(page.tended),
        message_count=len(speaking),
        people_count=count_people(page),
        planted_by=speaking[0].author if speaking and is_named(speaking[0]) else "",
        tags=present_tags(page.address, page.tags),
        lead=lead,
        messages=discussion,
        backlinks=mentions.get("", ()),
        links_out=_present_links_out(page.address, links),
        continue_url=_continue_url(page, place),
    )


def _continue_url(page: Page, place: RoomPlace) -> str:
    """What began before an upgrade goes on in the room as it is now, which does not know the root.

    Nothing leads to a root that does not stand here: whoever wrote it may have taken it back.
    """
    start = next((each for each in page.messages if each.event_id == page.root_id), page.messages[0])
    is_left = page.kind is ConversationKind.DAY or page.messages[0].room_id is not None
    follow = not is_left and can_be_followed(start, place)
    return permalink(place.room, start.event_id if follow else None)


def present_note(note: Note, links: PageLinks, frame: FrameView) -> NoteView:
    """Show a note that `link_note` has gone over."""
    return NoteView(
        frame=frame,
        title=note.title,
        home=home_link(frame),
        planted=present_time(note.planted) if note.planted is not None else None,
        tended=present_time(note.tended) if note.tended is not None else None,
        tags=present_tags(note.address, note.tags),
        text=site_links(note.address, note.text),
        backlinks=tuple(_present_backlink(note.address, backlink) for backlink in links.backlinks),
        links_out=_present_links_out(note.address, links),
    )


def present_card(start: Address, card: PageCard, room: str = "") -> CardView:
    """Show a page in a list that stands at `start`."""
    return CardView(
        title=card.title,
        url=relative_url(start, card.address),
        kind=card.kind,
        excerpt=card.excerpt,
        room=room,
        planted=present_time(card.planted) if card.planted is not None else None,
        tended=present_time(card.tended) if card.tended is not None else None,
        message_count=card.message_count,
        people_count=card.people_count,
        tags=card.tags,
    )


def present_tags(start: Address, tags: Iterable[str]) -> tuple[LinkView, ...]:
    """Show tags as links to their pages."""
    return tuple(LinkView(tag, relative_url(start, tag_address(tag))) for tag in tags)


def home_link(frame: FrameView) -> LinkView:
    """Return the link that leads home from any page."""
    return LinkView(frame.site_title, frame.root)


def _by_anchor(address: Address, backlinks: Iterable[Backlink]) -> dict[str, tuple[BacklinkView, ...]]:
    grouped: dict[str, list[BacklinkView]] = {}
    for backlink in backlinks:
        grouped.setdefault(backlink.target_anchor or "", []).append(_present_backlink(address, backlink))
    return {anchor: tuple(views) for anchor, views in grouped.items()}


def _present_backlink(address: Address, backlink: Backlink) -> BacklinkView:
    return BacklinkView(
        title=backlink.title,
        url=relative_url(address, backlink.address, backlink.source_anchor),
        sentence=backlink.sentence,
        author=show_name(backlink.author),
        time=present_time(backlink.sent_at) if backlink.sent_at is not None else None,
    )


def _present_links_out(address: Address, links: PageLinks) -> tuple[LinkView, ...]:
    """Show each page that is linked to once, however many of its messages are."""
    targets = {target.address: target.title for _, target in links.targets if target.address != address}
    return tuple(LinkView(title, relative_url(address, target)) for target, title in targets.items())
