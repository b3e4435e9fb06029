"""The rules of `docs/explanation/consent.md` once more, as plainly as they can be written down.

What happened in one room goes in, with what its garden asks; what the site may show comes out, and what may
lie on disk. Nothing here is taken from the code of the garden: it is slow, it looks at everything each time,
and it knows neither databases nor batches. The property test holds the garden against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

OPEN = "world_readable"
MODERATOR = 50
"""The power that it takes to remove other people's messages."""
NAMINGS = ("full", "pseudonym", "hidden")
"""The strictest comes last."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did in the room, or what a homeserver did to it."""

    by: str
    does: str
    """`say`, `encrypted`, `edit`, `react`, `remove`; `visibility`, `encryption`, `robots`, `preference`,
    `powers`; `enter`, `ban`; and `vanish`, of which nobody is told: a homeserver has lost something."""
    id: str = ""
    at: int = 0
    """When, by the sender's clock, which may lie; in milliseconds since 1970."""
    words: str = ""
    """Words that stand nowhere else."""
    to: str = ""
    """The message that is edited, answered, removed or reacted to; who enters or is banned."""
    thread: str = ""
    """The message at which the thread began."""
    value: object = None
    """The reaction, the command, or what is set."""
    is_notice: bool = False
    counts: bool = True
    """Whether the homeserver lets a removal count, and whether a ban removes the messages as well."""


@dataclass(frozen=True, slots=True)
class Wish:
    """That somebody wants to be out of the garden, or in it again."""

    at: int
    person: str
    out: bool
    sign: str = ""
    """The reaction that says so; of one who is in again, the reaction that they took back."""


@dataclass(frozen=True, slots=True)
class Garden:
    """What a garden asks, and what it knows when it is built."""

    now: int
    is_listed: bool = True
    """Whether `site.toml` asks for the room."""
    is_closed: bool = False
    """Whether the room could not be read any more at the last sync."""
    is_vouched: bool = False
    """Whether the admin says that anyone may read all of it."""
    delay: int = 0
    keeps_closed: bool = False
    is_curated: bool = False
    needs_notice: bool = False
    names: str = "full"
    shows_history: bool = False
    account: str = ""
    out: frozenset[str] = frozenset()
    """Who is on the garden's own list, or was forgotten."""
    wishes: frozenset[Wish] = frozenset()
    forgotten: frozenset[str] = frozenset()
    """Messages, and the room."""
    lost: frozenset[str] = frozenset()
    """What it was told and does not have any more: it may not know what that asked for."""
    came: Mapping[str, int] = field(default_factory=dict)
    """When things can have arrived."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a garden may have."""

    shown: frozenset[str] = frozenset()
    """What stands on the site with its words, by id."""
    doubtful: frozenset[str] = frozenset()
    """What of that may be missing, since something that was lost had hidden it."""
    kept: frozenset[str] = frozenset()
    """What may lie on disk with its words: that, and what only waits."""
    standing: frozenset[str] = frozenset()
    """The messages of which anything is kept, be it in other words."""
    speakers: frozenset[str] = frozenset()
    """Who said what is shown."""
    gone: frozenset[str] = frozenset()
    """Who is to stand nowhere."""
    names: str = "full"


def hear(deeds: Sequence[Deed], garden: Garden, *, is_member: bool) -> frozenset[Wish]:
    """Return what members have asked in the room, as far as the garden's account can have heard it."""
    return frozenset(_Room(deeds, garden).wishes(is_member=is_member))


def allow(deeds: Sequence[Deed], garden: Garden, room_id: str) -> Allowed:
    """Return what a garden may have of what it was told of a room, in the server's order."""
    room = _Room(deeds, garden)
    names = room.names()
    # Nobody could tell again what only a file has told: where it is refused, it stays as it is.
    is_erased = room.is_refused() and not garden.is_vouched
    if room_id in garden.forgotten or is_erased or not (garden.is_listed or garden.is_vouched):
        return Allowed(gone=room.gone, names=names)
    kept, shown, standing, speakers = room.aside(), set[str](), set[str](), set[str]()
    doubtful = set[str]()
    for message in room.messages():
        wordings = room.wordings(message)
        if room.is_refused() or room.is_for_garden(wordings):
            kept |= {each.id for each in wordings if garden.is_vouched or room.is_heard(each)}
            continue
        current = wordings if garden.shows_history else wordings[-1:]
        kept |= {each.id for each in current if garden.is_vouched or not _is_command(each)}
        standing.add(message.id)
        if room.is_published(message):
            shown |= {each.id for each in current if room.is_ripe(each) and not _is_command(each)}
            shown |= {each.id for each in room.reactions(message)}
            if room.is_hidden(message.id, with_lost=True):
                doubtful |= {each.id for each in (*current, *room.reactions(message))}
            speakers.add(message.by)
    if room.is_refused() or not garden.is_listed or (garden.needs_notice and not room.notices()):
        shown, speakers = set(), set()
    return Allowed(
        shown=frozenset(shown),
        doubtful=frozenset(doubtful),
        kept=frozenset(kept),
        standing=frozenset(standing),
        speakers=frozenset(speakers),
        gone=room.gone,
        names=names,
    )


class _Room:
    """What happened, with the questions that the rules ask about it."""

    def __init__(self, deeds: Sequence[Deed], garden: Garden) -> None:
        self.deeds = deeds
        self.garden = garden
        self.known = {deed.id: deed for deed in deeds}
        self.readable = set(self._find_readable())
        self.removed = {deed.to for deed in deeds if deed.does in {"remove", "vanish"} and deed.counts}
        self.removed |= set(self._find_swept())
        self.gone = frozenset(
            garden.out | {wish.person for wish in garden.wishes if self._is_out(wish.person)}
        )

    # What holds for the whole room

    def is_refused(self) -> bool:
        """Whether nothing of the room may be shown or kept."""
        robots, preference = self._setting("robots"), self._setting("preference")
        return (
            any(deed.does == "encryption" for deed in self.deeds)
            or (self.garden.is_closed and not self.garden.keeps_closed)
            or any(_robots_say(robots, parameter) is False for parameter in ("allow", "messages", "log"))
            or preference.get("publish", True) not in (True, "all", "curated")
        )

    def names(self) -> str:
        """Return how people are named: the strictest of what garden and room ask."""
        asked = str(self._setting("preference").get("names", "full"))
        robots = "hidden" if _robots_say(self._setting("robots"), "members") is False else "full"
        return max(self.garden.names, asked, robots, key=NAMINGS.index)

    def notices(self) -> set[str]:
        """Return the notices that tell the members."""
        return {
            deed.id
            for deed in self.deeds
            if deed.is_notice
            and self._stands(deed)
            and (deed.by == self.garden.account or self._moderates(deed.by))
        }

    # What holds for one message

    def messages(self) -> list[Deed]:
        """Return the messages of which anything is left."""
        return [deed for deed in self.deeds if deed.does == "say" and self._stands(deed)]

    def wordings(self, message: Deed) -> list[Deed]:
        """Return a message and the edits of it that count, in the order of their times."""
        edits = (
            deed
            for deed in self.deeds
            if deed.does == "edit" and deed.to == message.id and deed.by == message.by and self._stands(deed)
        )
        return [message, *sorted(edits, key=lambda edit: (edit.at, edit.id))]

    def is_for_garden(self, wordings: Sequence[Deed]) -> bool:
        """Whether a message was sent to the garden, or was made to be that."""
        return _is_command(wordings[0]) or _is_command(wordings[-1])

    def aside(self) -> set[str]:
        """Return the reactions, and what nobody reads: edits of what is not the sender's, or not there."""
        return {
            deed.id
            for deed in self.deeds
            if self._stands(deed)
            and (self.garden.is_vouched or not _is_command(deed))
            and (deed.does == "react" or (deed.does == "edit" and not self._is_own(deed)))
        }

    def is_ripe(self, deed: Deed) -> bool:
        """Whether it came long enough ago."""
        came = self.garden.came.get(deed.id, deed.at)
        return not self.garden.delay or came <= self.garden.now - self.garden.delay

    def is_published(self, message: Deed) -> bool:
        """Whether a message stands on the site."""
        return (
            self._has_waited(message)
            and not self.is_hidden(message.id)
            and (not self._is_curated() or self._is_planted(message))
        )

    def reactions(self, message: Deed) -> Iterator[Deed]:
        """Yield the reactions that stand at a message that is shown."""
        for deed in self.deeds:
            if deed.does == "react" and deed.to == message.id and self._stands(deed) and self.is_ripe(deed):
                yield deed

    # What moderators hide

    def is_hidden(self, event_id: str, *, with_lost: bool = False) -> bool:
        """Whether a message is hidden by itself, or stands in a conversation whose first message is.

        With `with_lost` what the garden does not have any more counts, too.
        """
        hidden = self._find_hidden(with_lost=with_lost)
        if event_id in hidden:
            return True
        above: str | None = event_id
        while above is not None:
            if above in hidden and self._is_first(above):
                return True
            above = self._above(above)
        return False

    def is_heard(self, deed: Deed) -> bool:
        """Whether words to the garden ask for something that their sender may ask for."""
        is_asked = (deed.does == "react" and deed.value == "🙈") or (
            deed.does == "say" and deed.value in {"hide", "unhide"} and len(self.wordings(deed)) == 1
        )
        return is_asked and self._stands(deed) and self._moderates(deed.by) and not self.is_refused()

    def _find_hidden(self, *, with_lost: bool) -> set[str]:
        """Follow what was asked, in the server's order; only hiding does not wait."""
        hidden = set[str]()
        for deed in self.deeds:
            if not self.is_heard(deed) or (deed.id in self.garden.lost and not with_lost):
                continue
            if deed.value != "unhide":
                hidden.add(deed.to)
            elif self.is_ripe(deed):
                hidden.discard(deed.to)
        return hidden

    def _is_first(self, event_id: str) -> bool:
        begins_thread = any(
            message.thread == event_id and self._has_waited(message) for message in self.messages()
        )
        return begins_thread or self._above(event_id) is None

    def _above(self, event_id: str) -> str | None:
        """Return what a message hangs on; what cannot be read hangs on nothing."""
        message = self.known.get(event_id)
        if message is None or message.does != "say" or not self._stands(message):
            return None
        return (message.thread or message.to or None) if self._has_waited(message) else None

    # What members ask

    def wishes(self, *, is_member: bool) -> Iterator[Wish]:
        """Yield the wishes that were uttered and not removed, or forgotten, before anyone heard them."""
        notices = self.notices()
        for deed in self.deeds:
            if not is_member and deed.id not in self.readable:
                continue
            if deed.does == "remove" and self._removes_own_sign(deed):
                yield Wish(deed.at, deed.by, out=False, sign=deed.to)
            if deed.id in self.removed or deed.id in self.garden.forgotten:
                continue
            if deed.does == "say" and deed.value in {"opt-out", "opt-in"}:
                yield Wish(deed.at, deed.by, out=deed.value == "opt-out")
            if deed.does == "react" and deed.value == "🚫" and deed.to in notices:
                yield Wish(deed.at, deed.by, out=True, sign=deed.id)

    def _removes_own_sign(self, removal: Deed) -> bool:
        target = self.known.get(removal.to)
        return target is not None and target.value == "🚫" and target.by == removal.by

    def _is_out(self, person: str) -> bool:
        """The latest wish counts; a reaction that is taken back brings in whom it kept out."""
        last: Wish | None = None
        own = (wish for wish in self.garden.wishes if wish.person == person)
        for wish in sorted(own, key=lambda wish: (wish.at, wish.out)):
            takes_back = not wish.out and wish.sign
            if not takes_back or (last is not None and last.out and last.sign == wish.sign):
                last = wish
        return last is not None and last.out

    # Single rules

    def _find_readable(self) -> Iterator[str]:
        """Yield what was sent while anyone could read the room."""
        is_open = self.garden.is_vouched
        for deed in self.deeds:
            if is_open:
                yield deed.id
            if deed.does == "visibility" and not self.garden.is_vouched:
                is_open = deed.value == OPEN

    def _find_swept(self) -> Iterator[str]:
        """Yield what went with a ban: all since the member entered the room last."""
        said: dict[str, list[str]] = {}
        for deed in self.deeds:
            if deed.does == "ban" and deed.counts:
                yield from said.get(deed.to, ())
            if deed.does in {"ban", "enter"}:
                said[deed.to] = []
            elif deed.does in {"say", "edit", "react", "encrypted"}:
                said.setdefault(deed.by, []).append(deed.id)

    def _stands(self, deed: Deed) -> bool:
        """Whether anybody may read it at all: sent in the open, not removed, its sender not gone."""
        belongs_to = {deed.id} if deed.does == "say" else {deed.id, deed.to}
        target = self.known.get(deed.to)
        is_vain = target is not None and target.by != deed.by
        is_gone = deed.to in self.removed and deed.to in self.readable
        is_of_removed = deed.does == "edit" and is_gone and not is_vain
        return (
            deed.id in self.readable
            and deed.id not in self.removed
            and not is_of_removed
            and deed.by not in self.gone
            and not belongs_to & self.garden.forgotten
        )

    def _is_own(self, edit: Deed) -> bool:
        message = self.known.get(edit.to)
        is_there = message is not None and message.does == "say" and self._stands(message)
        return is_there and message is not None and message.by == edit.by

    def _has_waited(self, message: Deed) -> bool:
        wordings = self.wordings(message)
        return self.is_ripe(message) and self.is_ripe(wordings[-1]) and not self.is_for_garden(wordings)

    def _is_curated(self) -> bool:
        return self.garden.is_curated or self._setting("preference").get("publish") == "curated"

    def _is_planted(self, message: Deed) -> bool:
        named = self._setting("preference").get("planted", [])
        marks = {
            deed.to
            for deed in self.deeds
            if deed.does == "react" and deed.value == "🌱" and self._stands(deed) and self.is_ripe(deed)
            if self._moderates(deed.by) and not self.is_hidden(deed.to)
        }
        marks |= set(named) if isinstance(named, list) else set()
        return self._top(message.id) in {self._top(mark) for mark in marks}

    def _top(self, event_id: str) -> str:
        """Go up a conversation as far as it can be read; what is not there ends it."""
        message = self.known.get(event_id)
        if message is None or message.does != "say" or not self._stands(message):
            return event_id
        if not self._has_waited(message):
            return event_id
        above = message.thread or message.to
        return self._top(above) if above else event_id

    def _setting(self, kind: str) -> Mapping[str, object]:
        """Return what the room says in a setting; one that was removed says nothing."""
        last = next((deed for deed in reversed(self.deeds) if deed.does == kind), None)
        is_there = last is not None and last.id not in self.removed
        return last.value if is_there and last is not None and isinstance(last.value, Mapping) else {}

    def _moderates(self, person: str) -> bool:
        powers = next((deed.value for deed in reversed(self.deeds) if deed.does == "powers"), None)
        level = powers.get(person, 0) if isinstance(powers, Mapping) else 0
        return isinstance(level, int) and level >= MODERATOR and person not in self.gone


def _is_command(deed: Deed) -> bool:
    return deed.does in {"say", "edit"} and isinstance(deed.value, str)


def _robots_say(robots: Mapping[str, object], parameter: str) -> object:
    """Look a parameter up under the garden's name, then under shorter ones, then under everybody's."""
    configs: Iterable[object] = (robots.get(name) for name in ("dev.matrixgarden", "dev", "*"))
    found = (config[parameter] for config in configs if isinstance(config, Mapping) and parameter in config)
    return next(found, None)
