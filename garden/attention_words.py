"""What wants attention becomes sentences for people, and plain values for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from garden.attention import GROWING_DAYS, Attention, Kind
from garden.web_answers import WebAnswers
from garden.words import count, iso_time

_HEADINGS: Final[Mapping[Kind, str]] = {
    Kind.UNTITLED: "Untitled",
    Kind.UNANSWERED: "Unanswered questions",
    Kind.DEAD_LINK: "Links to what is not there",
    Kind.WIKILINK: "Names without a page",
    Kind.GROWING: "Growing fast",
    Kind.STALE: "Evergreen, and not tended for long",
}
_ADVICE: Final[Mapping[Kind, str]] = {
    Kind.UNTITLED: "give it a title: !garden title …, or title in garden.toml",
    Kind.UNANSWERED: "mark the answer with ✅, or answer it in the room",
    Kind.DEAD_LINK: "link to where it stands now, or take the link out; it may be hidden or removed",
    Kind.WIKILINK: "write the note, or name another page",
    Kind.GROWING: "give it a title and a summary, or split it where it turns to something else",
    Kind.STALE: "read it again; if it is true, mark it with 🌳 anew, else write below it what has changed",
}


def tell_attention(found: Sequence[Attention], most: int, answers: WebAnswers | None = None) -> Iterator[str]:
    """Say kind by kind what wants attention, at most so many of each, and what to do.

    `answers` are those of other sites, where they were asked.
    """
    for kind in Kind:
        of_kind = [each for each in found if each.kind is kind]
        if not of_kind:
            continue
        yield f"{_HEADINGS[kind]} ({len(of_kind)}): {_ADVICE[kind]}"
        for each in of_kind[:most]:
            yield f"  {each.title}: {reason}" if (reason := _explain(each)) else f"  {each.title}"
            yield f"    {each.url}"
        if len(of_kind) > most:
            yield f"  … and {len(of_kind) - most:,} more; --limit shows them"
    if not found:
        yield "Nothing wants attention"
    if answers is not None:
        yield from _tell_unclear(answers)


def _tell_unclear(answers: WebAnswers) -> Iterator[str]:
    """Say of how many pages nobody knows, which are not listed."""
    asked = count(answers.asked, "page")
    if answers.asked and answers.unclear == answers.asked:
        yield f"Asked other sites for {asked}, and none said whether it is there. Is this machine online?"
    elif answers.unclear:
        yield f"Asked other sites for {asked}; nobody knows whether {answers.unclear:,} of them are there"


def attention_as_json(found: Iterable[Attention]) -> list[dict[str, object]]:
    """Return what wants attention as plain values."""
    return [
        {
            "kind": each.kind.value,
            "title": each.title,
            "url": each.url,
            "reason": _explain(each),
            "advice": _ADVICE[each.kind],
            "target": each.target or None,
            "number": each.number or None,
            "tended": iso_time(each.at),
            "suggestions": list(each.suggestions),
        }
        for each in found
    ]


def _explain(each: Attention) -> str:
    match each.kind:
        case Kind.DEAD_LINK:
            return f"links to {each.target}" + (f": {each.why}" if each.why else "")
        case Kind.WIKILINK:
            meant = f"; did you mean {' or '.join(map(repr, each.suggestions))}?" if each.suggestions else ""
            return f"names {each.target!r}{meant}"
        case Kind.GROWING:
            return f"{count(each.number, 'message')} in the last {GROWING_DAYS} days"
        case Kind.STALE:
            links = "1 page links" if each.number == 1 else f"{each.number} pages link"
            return f"last tended {(iso_time(each.at) or '')[:10]}, {links} to it"
    return ""
