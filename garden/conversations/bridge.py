"""Bridges: a room's state comes in; whom a bridge speaks for, and where they write, goes out.

What the state says counts only for accounts of the bridge's own server; beside it a few conventions of
bridges are known by which nobody but a bridge can name an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, UserId, get_text
from garden.conversations.label import clean_label, fold_label

_STATE_TYPES: Final = frozenset({"m.bridge", "uk.half-shot.bridge"})
"""State that names a bridge (MSC2346), under its stable and its unstable name."""

_LONGEST_NETWORK: Final = 40

_NETWORKS: Final = {
    "bluesky": "Bluesky",
    "discord": "Discord",
    "discordgo": "Discord",
    "gitter": "Gitter",
    "irc": "IRC",
    "mattermost": "Mattermost",
    "signal": "Signal",
    "slack": "Slack",
    "slackgo": "Slack",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "xmpp": "XMPP",
}
"""Protocols by their identifiers, as people call them."""

_RESERVED: Final = re.compile(r"_([a-z]+)_.")
"""Homeservers let nobody register a name that begins with `_`: it is an application service's."""
_NUMBERED: Final = re.compile(r"(?:(discord|telegram|whatsapp|signal)_[0-9-]+|(slack)_[a-z0-9]+-[a-z0-9]+)")
"""Accounts that the mautrix bridges make, named by the network's own numbers."""

_ENDING: Final = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<network>[^()\[\]]+)[)\]]")
_UNFIT: Final = re.compile(r"[^a-z0-9.=/-]+")


@dataclass(frozen=True, slots=True)
class _Bridge:
    """One bridge of a room."""

    network: str
    bots: frozenset[UserId]
    servers: frozenset[str]
    prefixes: tuple[str, ...]
    """How localparts of those begin for whom it speaks."""
    endings: frozenset[str]
    """What it may write behind their names, folded."""

    def speaks_for(self, user: UserId) -> bool:
        localpart, _, server = user.removeprefix("@").partition(":")
        return server in self.servers and localpart.lower().startswith(self.prefixes)


class Bridges:
    """The bridges that state events name, also those that are gone by now."""

    def __init__(self, state: Iterable[Event] = ()) -> None:
        found = (_read_bridge(event) for event in state if event.type in _STATE_TYPES)
        self._bridges = tuple(bridge for bridge in found if bridge is not None)
        self._networks: dict[UserId, str] = {}

    def network(self, user: UserId) -> str:
        """Return the network that somebody writes from, `Discord`; empty for people on Matrix itself."""
        if user not in self._networks:
            self._networks[user] = self._find_network(user)
        return self._networks[user]

    def bot_network(self, user: UserId) -> str:
        """Return the network whose bridge somebody is or is made by, as the state says; else empty."""
        return next(
            (each.network for each in self._bridges if user in each.bots or each.speaks_for(user)),
            "",
        )

    def shorten_name(self, user: UserId, name: str) -> str:
        """Return a name without the ending by which a bridge marks its network: `Ada (Discord)`."""
        if not name.endswith((")", "]")):
            return name
        network = self.network(user)
        parts = _ENDING.fullmatch(name) if network else None
        if parts is None or fold_label(parts["network"]) not in self._endings(user, network):
            return name
        return parts["name"]

    def _endings(self, user: UserId, network: str) -> set[str]:
        return {fold_label(network)}.union(*(each.endings for each in self._bridges if each.speaks_for(user)))

    def _find_network(self, user: UserId) -> str:
        named = next((each.network for each in self._bridges if each.speaks_for(user)), None)
        if named is not None:
            return named
        localpart = user.removeprefix("@").partition(":")[0]
        reserved = _RESERVED.match(localpart)
        numbered = _NUMBERED.fullmatch(localpart)
        protocol = reserved[1] if reserved else (numbered[1] or numbered[2]) if numbered else ""
        return _NETWORKS.get(protocol, "")


def _read_bridge(event: Event) -> _Bridge | None:
    protocol = _read_text(event, "protocol", "id")
    shown = _read_text(event, "protocol", "displayname")
    network = _NETWORKS.get(protocol.lower()) or shown or protocol
    if not network:
        return None
    # A network of IRC has accounts of its own, `@libera_ada:…`; elsewhere it is a place with any name at all.
    place = _read_text(event, "network", "id") if network == "IRC" else ""
    names = {_UNFIT.sub("_", name.lower()).strip("_") for name in (protocol, shown, place, network)} - {""}
    bot = get_text(event.content, "bridgebot")
    bots = frozenset({event.sender, UserId(bot)} if bot else {event.sender})
    return _Bridge(
        network=network,
        bots=bots,
        servers=frozenset(user.partition(":")[2] for user in bots),
        prefixes=tuple(sorted(prefix for name in names for prefix in (f"{name}_", f"_{name}_"))),
        endings=frozenset(
            fold_label(name)
            for name in (protocol, shown, _read_text(event, "network", "displayname"))
            if name
        ),
    )


def _read_text(event: Event, *path: str) -> str:
    return clean_label(get_text(event.content, *path) or "", _LONGEST_NETWORK)
