"""The contract of garden.toml: each key with what it accepts, its default and a sentence.

A note's front matter takes the same keys. Like that of site.toml it goes out to the parser and to the docs.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from garden.config_checks import (
    RefusedError,
    read_choice,
    read_list,
    read_optional_text,
    read_switch,
    read_text,
)
from garden.config_keys import Check, Key, Section
from garden.conversations.tending import Stage
from garden.pages.address import id_in_address, markdown_address
from garden.pages.link import matrix_identifiers

_HINT: Final = "copy the link of a message in Matrix, or its address in the garden"


def read_pointer(value: object) -> str:
    """Check what points at a conversation or a message; what it leads to is found out later.

    It is an event's identifier, a Matrix link to one, or the address of a conversation or of a message in the
    garden, with or without the garden's own.
    """
    text = read_text(value)
    found = matrix_identifiers(text)
    if found is not None:
        if found[1] is None:
            raise RefusedError(f"{text!r} leads to a room, not to a message", _HINT)
        return found[1]
    if (text.startswith("$") and " " not in text) or pointed_id(text) is not None:
        return text
    raise RefusedError(f"{text!r} points at no conversation", _HINT)


def pointed_id(text: str) -> str | None:
    """Return the letters that an address ends in, or a message's anchor; None where there are none."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.fragment.startswith("m-"):
        return parts.fragment
    return id_in_address(markdown_address(parts.path.removesuffix("index.html").removesuffix("/")))


def _read_growth(value: object) -> Stage:
    return Stage(read_choice(*(stage.value for stage in Stage))(value))


_POINTER: Final = Check("event id, Matrix link or address in the garden", read_pointer)
_POINTERS: Final = Check("list of the same", read_list, item=_POINTER)
_WORDS: Final = Check("text, may be empty", read_optional_text)
_LIST: Final = Check("list of texts", read_list, item=Check("text", read_text))
_SWITCH: Final = Check("true or false", read_switch)
_GROWTH: Final = Check("`seedling`, `budding` or `evergreen`", _read_growth)

CONVERSATION: Final = Section(
    "conversation",
    "What you have decided about one conversation; a key that is absent leaves it as it is.",
    (
        Key("of", _POINTER, "The conversation, or any message of it.", required=True),
        Key("title", _WORDS, "Its title; empty where the garden is to find one."),
        Key("summary", _WORDS, "A sentence or two that stand before it."),
        Key("tags", _LIST, "Its tags, beside those in its words."),
        Key("growth", _GROWTH, "How far it has grown."),
        Key("answer", _POINTER, "The message that answers its question."),
        Key("featured", _SWITCH, "Whether it stands first where a choice is shown."),
        Key("hidden", _SWITCH, "Whether it is kept from the site; of a message, whether that one is."),
        Key("merge", _POINTERS, "Other conversations of the same room, which it takes in.", ()),
        Key("split", _POINTERS, "Messages at each of which another page begins.", ()),
        Key("former_titles", _LIST, "Titles that it had, so that addresses made of them go on working.", ()),
    ),
    repeated=True,
)
"""`[[conversation]]`, the only section of garden.toml."""
