"""Every way in which something is removed: a garden comes in, and what is to go is gone after the next build.

A way does what people do, in the room, at the server or in the garden's settings, and brings the garden up to
date as its documentation says; it says how much it takes and what it cannot reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from garden.archive.event import RoomId
from garden.archive.store import ArchiveStore
from garden.archive.vocabulary import OPT_OUT_REACTION, PREFERENCE, ROBOTS
from tests.archive.material import Json
from tests.deletion.planting import BED, MEADOW, MO, Scope, edit_of, text
from tests.deletion.plot import Plot
from tests.deletion.story import NOTICE_ID, POLL, poll
from tests.smallholding import NOW_MS

SPACE: Final = RoomId("!space:fen.example")
_REDACTION: Final = "m.room.redaction"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to remove something."""

    takes: Scope
    go: Callable[[Plot], None]
    """Remove, and bring the garden up to date."""
    prepare: Callable[[Plot], None] | None = None
    """What the garden is like before, where that matters."""
    spares: tuple[str, ...] = ()
    """How the names of places begin that this way does not reach; why stands where they are listed."""

    def is_out_of_reach(self, place: str) -> bool:
        """Whether this way leaves what was planted in a place."""
        return place.startswith(self.spares)


_TYPE: Final = ("event: type",)
"""A redaction takes the content; the type stays, and the server itself goes on showing it."""
_UNREADABLE: Final = ("no event of hers",)
"""What is no event has no sender, and nothing but a redaction of it speaks of it."""
_RULING: Final = ("earlier topic, by her", "reason of taken")
"""What a banned member ruled in the room is nothing that they said in it."""


def _redact(plot: Plot, sender: str, *, empties: bool = True, tells: bool = True) -> None:
    own = plot.own_events()
    removals = [each for each in own if each["type"] == _REDACTION]
    plot.redact([each for each in own if each["type"] != _REDACTION], sender, empties=empties, tells=tells)
    plot.redact(removals, sender, empties=empties, tells=tells)


def by_sender(plot: Plot) -> None:
    _redact(plot, plot.planting.wren)
    plot.grow()


def by_sender_before_the_server_empties(plot: Plot) -> None:
    _redact(plot, plot.planting.wren, empties=False)
    plot.grow()


def by_moderator(plot: Plot) -> None:
    _redact(plot, MO)
    plot.grow()


def without_a_word_of_it(plot: Plot) -> None:
    """The server has lost the redaction, and shows what it has left of the events."""
    _redact(plot, MO, tells=False)
    plot.grow(full=True)


def of_messages_without_their_edits(plot: Plot) -> None:
    """Clients redact a message, and leave its edits to whoever shows them."""
    own = plot.own_events()
    edits = [each for each in own if "m.new_content" in _content(each)]
    plot.redact([each for each in own if each not in edits], plot.planting.wren)
    plot.grow()


def while_the_room_was_closed(plot: Plot) -> None:
    room = plot.source.rooms[BED]
    room.is_closed = True
    plot.grow()
    _redact(plot, plot.planting.wren, tells=False)
    room.is_closed = False
    plot.grow()


def while_the_garden_could_not_look(plot: Plot) -> None:
    """The room closed and opened between two syncs: nothing tells but what its history says."""
    for visibility in ("shared", "world_readable"):
        content = {"history_visibility": visibility}
        plot.planting.set_state("m.room.history_visibility", content)
        if visibility == "shared":
            _redact(plot, plot.planting.wren, tells=False)
    plot.grow()


def erased_account(plot: Plot) -> None:
    """A homeserver shows the world the events of whoever was erased with nothing in them."""
    for event in plot.own_events():
        plot.change(event, lambda each: {**each, "content": {}})
    plot.grow(full=True)


def purged(plot: Plot) -> None:
    gone = [each["event_id"] for each in plot.own_events()]
    plot.timeline()[:] = [each for each in plot.timeline() if each["event_id"] not in gone]
    plot.grow(full=True)


def banned(plot: Plot) -> None:
    """MSC4293, with a server that does not know it and leaves the events as they are."""
    content = {"membership": "ban", "org.matrix.msc4293.redact_events": True}
    _set_state(plot, "m.room.member", content, key=plot.planting.wren)
    plot.grow()


def forgotten_events(plot: Plot) -> None:
    *many, last = (str(event["event_id"]) for event in plot.own_events())
    with ArchiveStore.open_existing(plot.folder) as store:
        for event_id in many:
            store.wishes.forget("event", event_id, at=NOW_MS)
    plot.forget(last)
    plot.build()


def edited(plot: Plot) -> None:
    """Wren says everything differently, and words it all alike."""
    for event in plot.own_events():
        if "m.new_content" in _content(event) or event["type"] in {_REDACTION, "m.reaction"}:
            continue
        kind, name = str(event["type"]), f"again-{str(event['event_id'])[1:]}"
        plot.planting.tell(name, kind, edit_of(str(event["event_id"]), _say_differently(event)))
    plot.grow()


def _say_differently(event: Json) -> Json:
    return poll("Well?", "Yes") if event["type"] == POLL else text("I take that back.")


def forgotten(plot: Plot) -> None:
    plot.forget(plot.planting.wren)
    plot.build()


def listed(plot: Plot) -> None:
    plot.settle_on(BED, MEADOW, consent=f'opt_out = ["{plot.planting.wren}"]')
    plot.build()


def opted_out_in_words(plot: Plot) -> None:
    _say(plot, "!garden opt-out")
    plot.grow()


def opted_out_by_reaction(plot: Plot) -> None:
    relation = {"rel_type": "m.annotation", "event_id": NOTICE_ID, "key": f"{OPT_OUT_REACTION}\ufe0f"}
    plot.planting.tell("no-thanks", "m.reaction", {"m.relates_to": relation})
    plot.grow()


def not_world_readable(plot: Plot) -> None:
    plot.source.rooms[BED].visibility = "shared"
    plot.grow()


def closed(plot: Plot) -> None:
    plot.source.rooms[BED].is_closed = True
    plot.grow()


def off_the_list(plot: Plot) -> None:
    plot.settle_on(MEADOW)
    plot.grow()


def let_go_by_its_space(plot: Plot) -> None:
    plot.source.spaces = {SPACE: []}
    plot.grow()


def forgotten_room(plot: Plot) -> None:
    plot.forget(BED)
    plot.build()


def kept_out_by_robots(plot: Plot) -> None:
    _set_state(plot, ROBOTS, {"*": {"allow": False}})
    plot.grow()


def kept_out_by_preference(plot: Plot) -> None:
    _set_state(plot, PREFERENCE, {"publish": False})
    plot.grow()


def encrypted(plot: Plot) -> None:
    _set_state(plot, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    plot.grow()


def _content(event: Json) -> Json:
    content = event["content"]
    return content if isinstance(content, dict) else {}


def _say(plot: Plot, words: str) -> None:
    plot.planting.say(f"said-{len(plot.timeline())}", words)


def _set_state(plot: Plot, kind: str, content: Json, *, key: str = "") -> None:
    plot.planting.set_state(kind, content, key=key)


def _list_in_space(plot: Plot) -> None:
    plot.source.spaces = {SPACE: [BED]}
    plot.settle_on(MEADOW, spaces=[SPACE])
    plot.grow()


_NO_WORDING: Final = (
    # How a message speaks, for whom, and what it belongs to.
    *("message: profile", "message: msgtype", "message: extra"),
    # An edit of words leaves the file; and what was written by somebody's program is not for editing.
    *("sticker", "event: sticker", "event: beacon", "event: call-member", "message: key-verification"),
    # What votes refer to.
    "event: poll",
)

WAYS: Final[dict[str, Way]] = {
    "redacted by the sender": Way(Scope.EVENT, by_sender, spares=_TYPE),
    "redacted, and not emptied by the server": Way(
        Scope.EVENT, by_sender_before_the_server_empties, spares=_TYPE
    ),
    "redacted by a moderator": Way(Scope.EVENT, by_moderator, spares=_TYPE),
    "redacted, and the redaction lost": Way(Scope.EVENT, without_a_word_of_it, spares=_TYPE + _UNREADABLE),
    "redacted without the edits": Way(Scope.EVENT, of_messages_without_their_edits, spares=_TYPE),
    "redacted while the room was closed": Way(
        Scope.EVENT, while_the_room_was_closed, spares=_TYPE + _UNREADABLE
    ),
    "redacted while nobody looked": Way(
        Scope.EVENT, while_the_garden_could_not_look, spares=_TYPE + _UNREADABLE
    ),
    "erased account": Way(Scope.EVENT, erased_account, spares=_TYPE),
    "purged history": Way(Scope.EVENT, purged, spares=_TYPE),
    "banned with all messages": Way(Scope.EVENT, banned, spares=_TYPE + _UNREADABLE + _RULING),
    "garden forget EVENT": Way(Scope.EVENT, forgotten_events),
    "edited": Way(Scope.EDIT, edited, spares=_TYPE + _NO_WORDING),
    "garden forget USER": Way(Scope.PERSON, forgotten),
    "opt_out in site.toml": Way(Scope.PERSON, listed),
    "!garden opt-out": Way(Scope.PERSON, opted_out_in_words),
    "opted out by reaction": Way(Scope.PERSON, opted_out_by_reaction),
    "not world_readable": Way(Scope.ROOM, not_world_readable),
    "closed": Way(Scope.ROOM, closed),
    "left site.toml": Way(Scope.ROOM, off_the_list),
    "left its space": Way(Scope.ROOM, let_go_by_its_space, prepare=_list_in_space),
    "garden forget ROOM": Way(Scope.ROOM, forgotten_room),
    "m.room.robots": Way(Scope.ROOM, kept_out_by_robots),
    "dev.matrixgarden.room": Way(Scope.ROOM, kept_out_by_preference),
    "encrypted": Way(Scope.ROOM, encrypted),
}
