"""The notice: settings come in, the message goes out that tells members of a room that it is published.

Pure. The answers of the garden's account stand here too. Members read both, so they are in the garden's
language; what `garden notice` says to the admin is in English, as all that commands say.
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
from garden.language import Language, load_language

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
    language = load_language(config.site.language)
    contact = config.consent.contact
    names = {
        "garden": f"{config.site.title} ({config.site.base_url})",
        "opt_out": f"{COMMAND} {OPT_OUT}",
        "opt_in": f"{COMMAND} {OPT_IN}",
        "reaction": OPT_OUT_REACTION,
    }
    ask = " " + language.gettext("Questions: %(contact)s.") % {"contact": contact} if contact else ""
    return Replies(
        opted_out=language.gettext(
            "Done: you are out of the garden %(garden)s. Your words, your name and your picture leave it when"
            " it is built again. To undo this, write %(opt_in)s here."
        )
        % names,
        opted_in=language.gettext(
            "Done: you are in the garden %(garden)s again, unless its admin has taken you out. To leave,"
            " write %(opt_out)s here."
        )
        % names,
        explain=language.gettext(
            "I am the account of a garden: %(garden)s. It makes web pages of rooms that anyone may read. I am"
            " a program and understand two things: %(opt_out)s takes your words and your name out of it,"
            " %(opt_in)s undoes that."
        )
        % names
        + ask,
        encrypted=language.gettext(
            "This conversation is encrypted, and I am a program that cannot read encrypted messages. To leave"
            " the garden %(garden)s, write %(opt_out)s in one of its rooms, react with %(reaction)s to its"
            " notice there, or write to me in a new conversation without encryption."
        )
        % names
        + ask,
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
    language = load_language(config.site.language)
    url, contact = config.site.base_url, config.consent.contact
    yield style.text(
        language.gettext(
            "Hello! Anyone may read this room, also without joining it. So it is published as web pages for"
            " everybody, too: %(garden)s"
        )
    ) % {"garden": style.link(config.site.title, url)}
    yield style.text(
        language.gettext(
            "You would rather not be there? Write %(opt_out)s here or in a private message to %(account)s,"
            " without encryption, or react with %(reaction)s to this message. Then your words and your name"
            " leave the pages. %(opt_in)s brings you back."
        )
    ) % {
        "opt_out": style.code(f"{COMMAND} {OPT_OUT}"),
        "account": style.link(account, _TO_PERSON + quote(account, safe="@:")),
        "reaction": OPT_OUT_REACTION,
        "opt_in": style.code(f"{COMMAND} {OPT_IN}"),
    }
    yield from _tell_rules(config.consent, style, language)
    if contact:
        yield style.text(language.gettext("Questions? Ask %(contact)s.")) % {"contact": style.text(contact)}
    privacy = style.link(f"{url}privacy/", f"{url}privacy/")
    yield style.text(language.gettext("More about privacy: %(link)s")) % {"link": privacy}


def _tell_rules(consent: ConsentSettings, style: _Plain, language: Language) -> Iterator[str]:
    """Say what the garden keeps to, as far as members notice it."""
    number, unit = int(consent.delay[:-1]), _UNITS[consent.delay[-1]]
    if number:
        when = language.gettext(
            "What is said here appears there %(delay)s later at the earliest. What you edit or remove here"
            " changes there, too."
        )
    else:
        when = language.gettext(
            "What is said here appears there with the next build. What you edit or remove here changes there,"
            " too."
        )
    yield style.text(when) % {"delay": style.text(language.span(number, unit))}
    if consent.publish == "curated":
        marked = language.gettext(
            "Only conversations that a moderator has marked with %(reaction)s are published."
        )
        yield style.text(marked) % {"reaction": style.text(consent.plant_with)}
    if consent.names == "hidden":
        yield style.text(language.gettext("Nobody is named there."))
    elif consent.names != "full":
        yield style.text(language.gettext("People have made-up names there."))
