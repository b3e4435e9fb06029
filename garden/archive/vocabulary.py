"""By which words a room speaks to a garden: types, keys, values, reactions and commands.

Documented in docs/reference/matrix-vocabulary.md. Of the Matrix specification is the room's visibility alone;
`m.room.robots` is a proposal (MSC2291), and the rest is the garden's own.
"""

from __future__ import annotations

from typing import Final

VISIBILITY: Final = "m.room.history_visibility"
"""State event by which a room says who may read it (client-server API, "Room history visibility")."""

WORLD_READABLE: Final = "world_readable"
"""The visibility of what the world may read."""

BOT_NAME: Final = "dev.matrixgarden"
"""The name under which `m.room.robots` speaks of gardens (MSC2291: a Java package name)."""

ROBOTS: Final = "m.room.robots"
"""State event by which a room says what crawlers may do (MSC2291)."""

PREFERENCE: Final = "dev.matrixgarden.room"
"""State event, with an empty state key, by which a room says how gardens may publish it."""

NOTICE: Final = "dev.matrixgarden.notice"
"""Key in the content of a message that tells members that their room is published: an object with
`base_url`, the garden's address."""

UNSEEN: Final = "\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Characters that show nothing, for a character class: where words run from right to left, what is copied or
typed brings some along, and a command is one with them, too."""

COMMAND: Final = "!garden"
"""First word of a message that speaks to the garden and not to readers."""

OPT_OUT: Final = "opt-out"
OPT_IN: Final = "opt-in"
"""Second words of such a message: `!garden opt-out`."""

OPT_OUT_REACTION: Final = "\N{NO ENTRY SIGN}"
"""Reaction to a notice by which somebody opts out; taking it back opts in again."""

BUDDING_REACTION: Final = "\N{HERB}"
EVERGREEN_REACTION: Final = "\N{DECIDUOUS TREE}"
"""Reactions by which a moderator says how far a conversation has grown."""

PLANT_REACTION: Final = "\N{SEEDLING}"
"""That it is a seedling; in a curated room, where it plants, nothing else."""

ANSWER_REACTION: Final = "\N{WHITE HEAVY CHECK MARK}"
"""Reaction to the message that answers a conversation's question, by a moderator or by whoever asked."""

HIDE_REACTION: Final = "\N{SEE-NO-EVIL MONKEY}"
"""Reaction by which a moderator hides a message; the first of a conversation stands for all of it."""
