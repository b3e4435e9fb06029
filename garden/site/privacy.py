"""Settings become the page that tells members what is published, why, and how to take their words out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from garden.archive.vocabulary import COMMAND, OPT_IN, OPT_OUT, OPT_OUT_REACTION
from garden.pages.address import Address, relative_url
from garden.site.consent_view import PrivacyView, RoomReasonView, SpanView
from garden.site.place import RoomPlace
from garden.site.present import home_link
from garden.site.reason import present_reason
from garden.site.view import FrameView, LinkView

PRIVACY: Final = Address("privacy/")

PRIVACY_NOTE: Final = Address("notes/privacy/")
"""Where the note `privacy.md` stands, in which those who keep a garden can say more."""

_UNITS: Final = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_MAIL: Final = re.compile(r"[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+")
_MATRIX: Final = re.compile(r"[@#][^\s:]+:\S+")


@dataclass(frozen=True, slots=True)
class PrivacyFacts:
    """What of a garden's settings its readers are told."""

    delay: str
    """A checked duration such as `24h`; `0h` for none."""
    plant_with: str
    """Empty where nobody has to mark what is published."""
    names: str
    keeps_closed: bool
    needs_notice: bool
    shows_history: bool
    shows_removed: bool
    hears: bool
    """Whether rooms are read from a homeserver."""
    account: str
    """The garden's own account, `@user:server`; empty where that is not known."""
    recrawl: str
    contact: str
    gathers: bool = False
    """Whether people who are named in full get pages of their own."""


def present_privacy(
    frame: FrameView, facts: PrivacyFacts, places: Sequence[RoomPlace], more: LinkView | None
) -> PrivacyView:
    """Show what is published and why; `more` leads to the note that says more, where there is one."""
    return PrivacyView(
        frame=frame,
        home=home_link(frame),
        more=more,
        rooms=tuple(map(_present_room, places)),
        delay=None if facts.delay.startswith("0") else _present_span(facts.delay),
        plant_with=facts.plant_with,
        names=facts.names,
        keeps_closed=facts.keeps_closed,
        needs_notice=facts.needs_notice,
        shows_history=facts.shows_history,
        shows_removed=facts.shows_removed,
        hears=facts.hears,
        account=_present_contact(facts.account),
        opt_out=f"{COMMAND} {OPT_OUT}",
        opt_in=f"{COMMAND} {OPT_IN}",
        opt_out_reaction=OPT_OUT_REACTION,
        recrawl=_present_span(facts.recrawl),
        contact=_present_contact(facts.contact),
        gathers=facts.gathers and facts.names == "full",
    )


def _present_room(place: RoomPlace) -> RoomReasonView:
    room = LinkView(place.room.name, relative_url(PRIVACY, place.address))
    return RoomReasonView(room, present_reason(place))


def _present_span(duration: str) -> SpanView:
    return SpanView(int(duration[:-1]), _UNITS[duration[-1]])


def _present_contact(contact: str) -> LinkView | None:
    """Make an address of any kind a link; other words stay words."""
    words = contact.strip()
    if not words:
        return None
    if words.startswith(("https://", "http://")):
        return LinkView(words, quote(words, safe="%/:?#[]@!$&'()*+,;=~"))
    if _MATRIX.fullmatch(words):
        return LinkView(words, f"https://matrix.to/#/{quote(words, safe='@:')}")
    if _MAIL.fullmatch(words):
        return LinkView(words, f"mailto:{quote(words, safe='@')}")
    return LinkView(words, "")
