"""Linked pages become views: what a template will see of a conversation or a note.

Relative links between Markdown files become relative URLs between the site's pages; times become words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from garden.conversations.conversation import ConversationKind
from garden.conversations.tending import Stage
from garden.pages.address import Address, relative_url, tag_address
from garden.pages.page import Backlink, Note, Page, PageCard, PageLinks, Target
from garden.pages.paths import PagePaths
from garden.pages.plain import excerpt, plain_text
from garden.pages.question import is_question
from garden.site.contents import list_contents
from garden.site.index_view import CardView
from garden.site.list_part import link_parts
from garden.site.nobody import can_be_followed, count_people, is_named, show_name
from garden.site.parts import Part
from garden.site.place import (
    NOTHING_AROUND,
    WHOLE,
    Divided,
    RoomPlace,
    Surroundings,
    message_url,
    permalink,
    present_time,
    site_links,
)
from garden.site.present_message import list_participants, present_messages
from garden.site.present_paths import (
    present_answer,
    present_elsewhere,
    present_growth,
    present_neighbourhood,
    present_related,
    present_web_links,
)
from garden.site.view import (
    BacklinkGroupView,
    BacklinkView,
    ConversationView,
    FrameView,
    LinkView,
    NoteView,
)

_LONG_AFTER_MS: Final = 60 * 24 * 60 * 60 * 1000
"""Two months without a word: a link then is a visit to something old."""


def present_conversation(
    page: Page,
    links: PageLinks,
    paths: PagePaths,
    place: RoomPlace,
    frame: FrameView,
    part: Part | None = None,
    around: Surroundings = NOTHING_AROUND,
) -> ConversationView:
    """Show a page that `link_page` has gone over, or one part of it.

    What is about the whole stands on the first part.
    """
    divided = around.divided
    here = part or Part(page, 1, (page.address,))
    address, is_first = here.page.address, here.number == 1
    mentions = _by_anchor(address, links.backlinks, divided)
    lead, discussion = present_messages(here.page, place, mentions, around)
    speaking = page.speaking
    about, ways = (links, paths) if is_first else (PageLinks(), PagePaths())
    graph = present_neighbourhood(frame, address, page.title, about, ways, around.stages)
    is_day = page.kind is ConversationKind.DAY
    return ConversationView(
        frame=frame,
        title=page.title,
        kind=page.kind.value,
        room=LinkView(place.room.name, relative_url(address, place.address)),
        home=home_link(frame),
        planted=present_time(page.planted),
        tended=present_time(page.tended),
        message_count=len(speaking),
        people_count=count_people(page),
        participants=list_participants(page, place, around),
        planted_by=speaking[0].author if speaking and is_named(speaking[0]) else "",
        tags=present_tags(address, page.tags),
        summary=page.summary,
        excerpt=excerpt(page.summary or next(filter(None, (plain_text(each.text) for each in speaking)), "")),
        growth=None if is_day else present_growth(paths.growth, names_people=bool(count_people(page))),
        is_question=is_question(page),
        answer=present_answer(page, divided) if is_first else None,
        revisited=_present_revisited(page, about.backlinks, divided),
        lead=lead,
        messages=discussion,
        contents=list_contents(discussion),
        part=here.number,
        parts=link_parts(address, here.addresses),
        backlinks=group_backlinks(
            address, (each for each in about.backlinks if each.target_anchor is None), divided
        ),
        links_out=_present_links_out(address, about),
        web_links=present_web_links(ways.web_links),
        elsewhere=present_elsewhere(address, ways.elsewhere, divided),
        related=present_related(address, ways.related),
        grew_into=_present_targets(address, ways.grew_into),
        earlier=_present_target(address, paths.earlier),
        later=_present_target(address, paths.later),
        graph=graph,
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


def present_note(
    note: Note,
    links: PageLinks,
    paths: PagePaths,
    frame: FrameView,
    around: Surroundings = NOTHING_AROUND,
) -> NoteView:
    """Show a note that `link_note` has gone over."""
    return NoteView(
        frame=frame,
        title=note.title,
        home=home_link(frame),
        planted=present_time(note.planted) if note.planted is not None else None,
        tended=present_time(note.tended) if note.tended is not None else None,
        tags=present_tags(note.address, note.tags),
        summary=note.summary,
        excerpt=excerpt(note.summary or plain_text(note.text)),
        growth=present_growth(paths.growth),
        text=site_links(note.address, note.text, around.divided),
        backlinks=group_backlinks(note.address, links.backlinks, around.divided),
        links_out=_present_links_out(note.address, links),
        web_links=present_web_links(paths.web_links),
        elsewhere=present_elsewhere(note.address, paths.elsewhere, around.divided),
        related=present_related(note.address, paths.related),
        grew_from=_present_targets(note.address, paths.grew_from),
        graph=present_neighbourhood(frame, note.address, note.title, links, paths, around.stages),
    )


def present_card(start: Address, card: PageCard, stage: Stage | None, room: str = "") -> CardView:
    """Show a page in a list that stands at `start`; a day has no stage."""
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
        stage=stage.value if stage is not None and card.kind != ConversationKind.DAY else "",
        is_question=card.is_question,
        is_answered=card.is_answered,
        featured=card.featured,
    )


def present_tags(start: Address, tags: Iterable[str]) -> tuple[LinkView, ...]:
    """Show tags as links to their pages."""
    return tuple(LinkView(tag, relative_url(start, tag_address(tag))) for tag in tags)


def home_link(frame: FrameView) -> LinkView:
    """Return the link that leads home from any page."""
    return LinkView(frame.site_title, frame.root)


def _by_anchor(
    address: Address, backlinks: Iterable[Backlink], divided: Divided
) -> dict[str, tuple[BacklinkView, ...]]:
    """What other pages say about single messages, by the message's anchor."""
    grouped: dict[str, list[BacklinkView]] = {}
    for backlink in backlinks:
        if backlink.target_anchor is not None:
            grouped.setdefault(backlink.target_anchor, []).append(
                present_backlink(address, backlink, divided)
            )
    return {anchor: tuple(views) for anchor, views in grouped.items()}


def group_backlinks(
    address: Address, backlinks: Iterable[Backlink], divided: Divided = WHOLE, most: int | None = None
) -> tuple[BacklinkGroupView, ...]:
    """Gather what each other page says, pages in the order of their first link, of `most` the latest."""
    grouped: dict[Address, list[Backlink]] = {}
    for backlink in backlinks:
        grouped.setdefault(backlink.address, []).append(backlink)
    return tuple(
        BacklinkGroupView(
            title=said[0].title,
            url=relative_url(address, source),
            links=tuple(present_backlink(address, each, divided) for each in said),
        )
        for source, said in list(grouped.items())[-most if most is not None else None :]
    )


def present_backlink(address: Address, backlink: Backlink, divided: Divided = WHOLE) -> BacklinkView:
    """Show a link to the page at `address`."""
    return BacklinkView(
        title=backlink.title,
        url=message_url(address, backlink.address, backlink.source_anchor, divided),
        sentence=backlink.sentence,
        author=show_name(backlink.author),
        time=present_time(backlink.sent_at) if backlink.sent_at is not None else None,
        embeds=backlink.embeds,
    )


def _present_links_out(address: Address, links: PageLinks) -> tuple[LinkView, ...]:
    """Show each page that is linked to once, however many of its messages are."""
    targets = {target.address: target.title for _, target in links.targets if target.address != address}
    return tuple(LinkView(title, relative_url(address, target)) for target, title in targets.items())


def _present_revisited(page: Page, backlinks: Iterable[Backlink], divided: Divided) -> BacklinkView | None:
    """Return the latest link from a conversation that began to speak of this page long after it ended."""
    late = [each for each in backlinks if (each.sent_at or 0) - page.tended >= _LONG_AFTER_MS]
    latest = max(late, key=lambda each: (each.sent_at or 0, each.address), default=None)
    return present_backlink(page.address, latest, divided) if latest is not None else None


def _present_targets(start: Address, targets: Iterable[Target]) -> tuple[LinkView, ...]:
    return tuple(LinkView(each.title, relative_url(start, each.address, each.anchor)) for each in targets)


def _present_target(start: Address, target: Target | None) -> LinkView | None:
    return _present_targets(start, [target])[0] if target is not None else None
