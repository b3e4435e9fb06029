"""The ways on from a page become views: its growth, its answer, what is related, what is shared elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from garden.pages.address import Address, relative_url
from garden.pages.page import Markdown, Page, PageLinks, WebLink
from garden.pages.paths import Elsewhere, Growth, PagePaths, Related
from garden.pages.plain import excerpt
from garden.site.graph import Neighbour, present_graph
from garden.site.graph_view import GraphView
from garden.site.nobody import is_named
from garden.site.place import WHOLE, Divided, Stages, message_url, present_time, site_links
from garden.site.view import AnswerView, ElsewhereView, FrameView, GrowthView, LinkView, RelatedView

_ANSWER_LENGTH: Final = 600
"""Characters of an answer that stand at the top; the rest stands in its place."""
_URL_LENGTH: Final = 60

_FENCE: Final = re.compile(
    r"(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*(?P<fence>`{3,}(?=[^`]*$)|~{3,}|:{3,})(?P<rest>.*)"
)


def present_neighbourhood(
    frame: FrameView, start: Address, title: str, links: PageLinks, paths: PagePaths, stages: Stages
) -> GraphView | None:
    """Draw a page with the pages that link to it, those that it links to, and those about the same."""
    ties = [
        *(("from", backlink.address, backlink.title) for backlink in links.backlinks),
        *(("to", target.address, target.title) for _, target in links.targets),
        *(("related", each.address, each.title) for each in paths.related),
    ]
    return present_graph(
        start,
        title,
        [Neighbour(address, name, tie, stages.get(address, "")) for tie, address, name in ties],
        stage=stages.get(start, ""),
        from_right=frame.direction == "rtl",
    )


def present_growth(growth: Growth, *, names_people: bool = True) -> GrowthView:
    """Show how far a page has grown; people are counted only where they are told from one another."""
    return GrowthView(
        stage=growth.stage.value,
        given=growth.given,
        messages=growth.messages,
        people=growth.people if names_people else 0,
        links_in=growth.links_in,
        days=growth.days,
        answered=growth.answered,
    )


def present_answer(page: Page, divided: Divided = WHOLE) -> AnswerView | None:
    """Show the accepted answer at the top, cut at a paragraph where it is long."""
    message = next((each for each in page.messages if each.anchor == page.answer), None)
    if message is None:
        return None
    text = _begin(message.text)
    return AnswerView(
        author=message.author if is_named(message) else "",
        text=site_links(page.address, text, divided),
        is_whole=text == message.text,
        url=message_url(page.address, page.address, message.anchor, divided),
        time=present_time(message.sent_at),
    )


def present_related(start: Address, related: Iterable[Related]) -> tuple[RelatedView, ...]:
    """Show pages about the same."""
    return tuple(
        RelatedView(
            title=each.title,
            url=relative_url(start, each.address),
            links=tuple(map(show_url, each.links)),
            tags=each.tags,
            terms=each.terms,
        )
        for each in related
    )


def present_elsewhere(
    start: Address, elsewhere: Iterable[Elsewhere], divided: Divided = WHOLE
) -> tuple[ElsewhereView, ...]:
    """Show where else the same URLs are shared."""
    return tuple(
        ElsewhereView(
            url=each.url,
            words=show_url(each.url),
            pages=tuple(
                LinkView(page.title, message_url(start, page.address, page.anchor, divided))
                for page in each.pages
            ),
            site=LinkView(show_url(each.url).partition("/")[0], relative_url(start, each.site))
            if each.site is not None
            else None,
        )
        for each in elsewhere
    )


def present_web_links(web_links: Iterable[WebLink]) -> tuple[LinkView, ...]:
    """Show the other sites that a page links to."""
    return tuple(LinkView(show_url(each.url), each.url) for each in web_links)


def show_url(url: str) -> str:
    """Return a URL for people: without scheme and `www.`, readable, cut."""
    shown = unquote(url.partition("://")[2] or url).removeprefix("www.").rstrip("/")
    return excerpt(shown, _URL_LENGTH)


def _begin(text: Markdown) -> Markdown:
    """Return the first paragraphs; a block of code or details, or a table, is not cut in two."""
    if len(text) <= _ANSWER_LENGTH:
        return text
    kept: list[Markdown] = []
    for block in _split_blocks(text):
        if kept and sum(map(len, kept)) + len(block) > _ANSWER_LENGTH:
            break
        kept.append(block)
    return "\n\n".join(kept)


def _split_blocks(text: Markdown) -> Iterator[Markdown]:
    """Part Markdown at its empty lines, but not inside fences (CommonMark 4.5) and divisions."""
    block: list[str] = []
    fence, divisions = "", 0
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            is_end = found and found["rest"].strip() == "" and found["fence"].startswith(fence)
            fence = "" if is_end else fence
        elif found and found["fence"][0] == ":":
            divisions = max(0, divisions + (1 if found["rest"].strip() else -1))
        elif found:
            fence = found["fence"]
        if line.strip(" \t>") or fence or divisions:
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)
