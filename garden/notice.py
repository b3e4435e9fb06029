"""The notice: settings come in, the message goes out that tells members of a room that it is published.

Pure. The answers of the garden's account stand here too, and what `garden notice` says to the admin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from garden.archive.event import EventId, JsonObject, UserId, get_text
from garden.archive.letters import Replies
from garden.archive.vocabulary import COMMAND, NOTICE, OPT_IN, OPT_OUT, OPT_OUT_REACTION
from garden.config import ConsentSettings, SiteConfig

_UNITS: Final = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_TO_PERSON: Final = "https://matrix.to/#/"
_NAMED: Final = 3
"""People who are named as those who could pin."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What became of a notice."""

    room: str
    """As the admin named the room."""
    event_id: EventId | None
    """The notice; None where it was only to be read beforehand."""
    text: str
    """The notice as plain text."""
    is_new: bool = True
    """Whether it was posted now; otherwise it was there already."""
    has_joined: bool = False
    """Whether the account had to join the room first."""
    is_pinned: bool = False
    pinners: tuple[UserId, ...] = ()
    """Others who may pin in this room."""


def write_notice(config: SiteConfig, account: UserId) -> dict[str, object]:
    """Return the content of the message, as text and as HTML; it calls nobody."""
    return {
        "msgtype": "m.notice",
        "body": "\n\n".join(_say(config, account, _Plain())),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(f"<p>{each}</p>" for each in _say(config, account, _Html())),
        "m.mentions": {},
        NOTICE: {"base_url": config.site.base_url},
    }


def is_notice(content: JsonObject, config: SiteConfig) -> bool:
    """Whether a message is a notice of this garden, where it stands now."""
    return (get_text(content, NOTICE, "base_url") or "").rstrip("/") == config.site.base_url.rstrip("/")


def write_replies(config: SiteConfig) -> Replies:
    """Return what the account answers to private messages."""
    garden = f"{config.site.title} ({config.site.base_url})"
    ask = f" Questions: {config.consent.contact}." if config.consent.contact else ""
    return Replies(
        opted_out=f"Done: you are out of the garden {garden}. Your words, your name and your picture leave it"
        f" when it is built again. To undo this, write {COMMAND} {OPT_IN} here.",
        opted_in=f"Done: you are in the garden {garden} again, unless its admin has taken you out. To leave,"
        f" write {COMMAND} {OPT_OUT} here.",
        explain=f"I am the account of a garden: {garden}. It makes web pages of rooms that anyone may read. I"
        f" am a program and understand two things: {COMMAND} {OPT_OUT} takes your words and your name out of"
        f" it, {COMMAND} {OPT_IN} undoes that.{ask}",
        encrypted="This conversation is encrypted, and I am a program that cannot read encrypted messages. To"
        f" leave the garden {garden}, write {COMMAND} {OPT_OUT} in one of its rooms, react with"
        f" {OPT_OUT_REACTION} to its notice there, or write to me in a new conversation without"
        f" encryption.{ask}",
    )


def tell_posting(posting: Posting) -> Iterator[str]:
    """Say what became of a notice."""
    if posting.event_id is None:
        yield posting.text
        return
    if not posting.is_new:
        state = "pinned" if posting.is_pinned else "not pinned"
        yield f"{posting.room} has a notice already, {state}: {posting.event_id}. Nothing was posted"
        yield "  → --again posts a new one"
        return
    room = posting.room
    done = f"Joined {room} and posted a notice there" if posting.has_joined else f"Posted a notice in {room}"
    yield f"{done}{', and pinned it' if posting.is_pinned else ''}: {posting.event_id}"
    if not posting.is_pinned:
        yield f"  It is not pinned: the account has no right to pin there. {_tell_pinners(posting.pinners)}"


def _tell_pinners(pinners: tuple[UserId, ...]) -> str:
    if not pinners:
        return "Nobody else is named for it."
    others = len(pinners) - _NAMED
    more = f" and {others} more" if others > 0 else ""
    return f"Who can: {', '.join(pinners[:_NAMED])}{more}."


class _Plain:
    """How plain text spells what is more than words."""

    def text(self, words: str) -> str:
        return words

    def code(self, words: str) -> str:
        return words

    def link(self, words: str, url: str) -> str:
        return words if words == url or url.startswith(_TO_PERSON) else f"{words}, {url}"


class _Html(_Plain):
    """How the HTML of messages spells it."""

    def text(self, words: str) -> str:
        return escape(words, quote=False)

    def code(self, words: str) -> str:
        return f"<code>{escape(words)}</code>"

    def link(self, words: str, url: str) -> str:
        return f'<a href="{escape(url)}">{escape(words)}</a>'


def _say(config: SiteConfig, account: UserId, style: _Plain) -> Iterator[str]:
    """Yield the notice by paragraphs."""
    url, contact = config.site.base_url, config.consent.contact
    person = style.link(account, _TO_PERSON + quote(account, safe="@:"))
    privacy = style.link(f"{url}privacy/", f"{url}privacy/")
    yield (
        "Hello! Anyone may read this room, also without joining it. So it is published as web pages for"
        f" everybody, too: {style.link(config.site.title, url)}"
    )
    yield (
        f"You would rather not be there? Write {style.code(f'{COMMAND} {OPT_OUT}')} here or in a private"
        f" message to {person}, without encryption, or react with {OPT_OUT_REACTION} to this message. Then"
        " your words and your name leave the pages."
        f" {style.code(f'{COMMAND} {OPT_IN}')} brings you back."
    )
    yield " ".join(_tell_rules(config.consent, style))
    ask = f"Questions? Ask {style.text(contact)}. " if contact else ""
    yield f"{ask}More about privacy: {privacy}"


def _tell_rules(consent: ConsentSettings, style: _Plain) -> Iterator[str]:
    """Say what the garden keeps to, as far as members notice it."""
    number, unit = consent.delay[:-1], _UNITS[consent.delay[-1]]
    if number == "0":
        when = "with the next build"
    else:
        when = f"{number} {unit}{'' if number == '1' else 's'} later at the earliest"
    yield f"What is said here appears there {when}. What you edit or remove here changes there, too."
    if consent.publish == "curated":
        sign = style.text(consent.plant_with)
        yield f"Only conversations that a moderator has marked with {sign} are published."
    if consent.names != "full":
        yield "Nobody is named there." if consent.names == "hidden" else "People have made-up names there."
