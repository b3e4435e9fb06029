"""The contract of site.toml: each key with what it accepts, its default and a sentence.

`SECTIONS` goes out to all who need to know the keys: the parser, the reference page, and the test of
`site.toml.example`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from garden.config_checks import (
    read_base_url,
    read_choice,
    read_delay,
    read_duration,
    read_homeserver,
    read_language,
    read_list,
    read_neighbours,
    read_number,
    read_optional_text,
    read_reaction,
    read_room,
    read_room_id,
    read_switch,
    read_table,
    read_text,
    read_theme,
    read_url,
    read_user_id,
    read_word,
)


@dataclass(frozen=True, slots=True)
class Check:
    """What a key accepts."""

    words: str
    """The accepted values in words, for the reference."""
    read: Callable[[object], object]
    """Turns a plain value into the one that SiteConfig holds; raises `RefusedError`."""
    item: Check | None = None
    """For lists: what each element has to be."""
    keys: tuple[Key, ...] = ()
    """For tables: the keys inside."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of site.toml."""

    name: str
    check: Check
    sentence: str
    default: object = None
    """Value where the key is absent, as SiteConfig holds it; nothing for a key that is required."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One table of site.toml, `[name]`, or one of many, `[[name]]`."""

    name: str
    sentence: str
    keys: tuple[Key, ...]
    repeated: bool = False
    needs: tuple[str, ...] = ()
    """Keys of which one has to be there, and not empty."""


_TEXT: Final = Check("text", read_text)
_ANY_TEXT: Final = Check("text, may be empty", read_optional_text)
_SIZE: Final = Check("whole number from 0", read_number(0))
_NUMBER: Final = Check("whole number from 1", read_number(1))
_SWITCH: Final = Check("true or false", read_switch)
_ROOM: Final = Check("room", read_room)
_ROOMS: Final = Check("list of `#alias:server`, `!id` or `!id:server`", read_list, item=_ROOM)
_ROOM_IDS: Final = Check("list of `!id` or `!id:server`", read_list, item=Check("room id", read_room_id))
_BASE_URL: Final = Check("web address, http or https", read_base_url)
_HOMESERVER: Final = Check("server name or https address (http on loopback only)", read_homeserver)
_TAG: Final = Check("language tag (BCP 47)", read_language)
_THEME_NAME: Final = Check("name of a theme", read_theme)
_TIME: Final = Check("number and m, h, d or w", read_duration)
_DELAY: Final = Check("number and m, h, d or w; `0h` for none", read_delay)
_REACTION: Final = Check("emoji or short text", read_reaction)
_USERS: Final = Check("list of `@user:server`", read_list, item=Check("user id", read_user_id))
_WHEN_CLOSED: Final = Check("`remove` or `keep`", read_choice("remove", "keep"))
_PUBLISH: Final = Check("`all` or `curated`", read_choice("all", "curated"))
_NAMES: Final = Check("`full`, `pseudonym` or `hidden`", read_choice("full", "pseudonym", "hidden"))
_WORD: Final = Check("text with a letter or digit", read_word)
_WORDS: Final = Check("list of words", read_list, item=_WORD)
_NEIGHBOUR: Final = Check(
    "table",
    read_table,
    keys=(
        Key("name", _TEXT, "What the neighbour is called.", required=True),
        Key("url", Check("web address", read_url), "Where the neighbour is.", required=True),
    ),
)
_NEIGHBOURS: Final = Check("list of `{ name, url }`", read_neighbours, item=_NEIGHBOUR)

SECTIONS: Final = (
    Section(
        "site",
        "What the garden is called and where it will stand.",
        (
            Key("title", _TEXT, "The garden's name, on every page and in the feeds.", required=True),
            Key("base_url", _BASE_URL, "Where the garden will stand; may be under a path.", required=True),
            Key(
                "language",
                _TAG,
                "The language people write in; pages speak `ar`, `de`, `en`, `es`, `fr`, `ja`, else `en`.",
                "en",
            ),
            Key("theme", _THEME_NAME, "How the garden looks: the name of a theme.", "commons"),
            Key("description", _ANY_TEXT, "A sentence about the community, for home page and feeds.", ""),
        ),
    ),
    Section(
        "matrix",
        "Which rooms are read, and from where; tokens belong to `garden login`, never into this file.",
        (
            Key("homeserver", _HOMESERVER, "The homeserver that is asked, by address or name.", ""),
            Key("rooms", _ROOMS, "Rooms to publish, by alias or id; each has to be world_readable.", ()),
            Key("spaces", _ROOMS, "Spaces whose rooms are published, with those of the spaces inside.", ()),
            Key("vouched_rooms", _ROOM_IDS, "Imported rooms that you declare public, by id.", ()),
            Key(
                "max_media_bytes", _SIZE, "Pictures, recordings, files above this size stay out.", 10_000_000
            ),
            Key("recrawl", _TIME, "How often rooms are read anew, to find silent deletions.", "7d"),
        ),
    ),
    Section(
        "consent",
        "What has to hold before something is published, beside the room's own visibility.",
        (
            Key("delay", _DELAY, "How long a message waits before it is published.", "0h"),
            Key(
                "when_closed",
                _WHEN_CLOSED,
                "Whether a closed room's public history leaves the site or stays.",
                "remove",
            ),
            Key(
                "publish",
                _PUBLISH,
                "All conversations, or those that a moderator has marked.",
                "all",
            ),
            Key("plant_with", _REACTION, "The reaction by which a moderator marks a conversation.", "🌱"),
            Key("names", _NAMES, "How people are named.", "full"),
            Key("opt_out", _USERS, "People whose words and names stay out.", ()),
            Key(
                "require_notice",
                _SWITCH,
                "Whether a room needs a notice that it is published (`garden notice`).",
                default=False,
            ),
            Key("contact", _ANY_TEXT, "Whom members can ask, for the notice and the privacy page.", ""),
        ),
    ),
    Section(
        "pages",
        "How messages become pages.",
        (
            Key("min_messages", _NUMBER, "A reply chain of this many messages gets a page of its own.", 3),
            Key("per_part", _NUMBER, "Conversations on one part of a room's index.", 50),
            Key("per_page", _NUMBER, "Messages of a conversation on one page; longer ones have parts.", 200),
            Key("history", _SWITCH, "Whether earlier wordings of edits can be opened.", default=False),
            Key("show_removed", _SWITCH, "Whether a line says that a message was removed.", default=True),
            Key("show_membership", _SWITCH, "Whether joining and leaving is told.", default=False),
            Key(
                "people",
                _SWITCH,
                "Whether each member gets a page of what they began and answered; with full names only.",
                default=False,
            ),
        ),
    ),
    Section(
        "webring",
        "A ring of sites: your neighbours in order; the last stands before this garden, the first after it.",
        (
            Key("name", _TEXT, "What the ring is called.", required=True),
            Key("neighbours", _NEIGHBOURS, "The other sites, with name and web address.", required=True),
        ),
        repeated=True,
    ),
    Section(
        "tag",
        "A tag that conversations get without a hashtag: by their words, or by the room they stand in.",
        (
            Key("name", _WORD, "What the tag is called.", required=True),
            Key("words", _WORDS, "Any of these in a conversation gives it the tag, as a whole word.", ()),
            Key("rooms", _ROOMS, "Every conversation of these rooms gets it.", ()),
        ),
        repeated=True,
        needs=("words", "rooms"),
    ),
)
"""Every section and key of site.toml, in the order of the example."""
