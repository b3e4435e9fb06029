"""A room and its homeserver in a test's hands: steps come in, deeds and the events that tell them go out.

The homeserver is the fake one of the archive's tests. It shows an account that never joined what was sent
while anyone could read the room, and a member everything; what was removed it shows without its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from garden.archive.event import JsonObject, RoomId
from garden.archive.vocabulary import NOTICE, PREFERENCE, ROBOTS
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import Json
from tests.consent.model import OPEN, Deed

ROOM: Final = RoomId("!commons:fen.example")
ADA, BEN, CLEO, MO, GARDENER = (f"@{name}qx:fen.example" for name in ("ada", "ben", "cleo", "mo", "gardener"))
PEOPLE: Final = (ADA, BEN, CLEO, MO)
"""Ada made the room, Mo moderates at first; the gardener is the garden's own account."""
START: Final = 1_700_000_000_000
MINUTE: Final = 60_000
DAY: Final = 86_400_000
SPOKEN: Final = frozenset({"say", "edit", "react", "encrypted"})
"""What somebody says, and what is removed with them."""
_KEPT_BY_REDACTION: Final = {
    "m.room.member": ("membership",),
    "m.room.power_levels": ("users",),
    "m.room.history_visibility": ("history_visibility",),
    "m.room.redaction": ("redacts",),
}


@dataclass
class World:
    """What has happened in the room so far, in the server's order."""

    visibility: str = OPEN
    account_joined: bool = False
    server_sweeps: bool = True
    """Whether the homeserver empties by itself what went with a ban (MSC4293)."""
    is_file: bool = False
    """Whether what happens is told by files alone."""
    now: int = START
    deeds: list[Deed] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """What people are called now."""
    former_names: dict[str, set[str]] = field(default_factory=dict)
    powers: dict[str, int] = field(default_factory=lambda: {ADA: 100, MO: 50})
    banned: set[str] = field(default_factory=set)
    events: dict[str, Json] = field(default_factory=dict)
    stream: list[str] = field(default_factory=list)
    """In the order in which it reached the server."""
    late: list[tuple[str, int]] = field(default_factory=list)
    """What has not reached it, and how many syncs it will take."""
    vanished: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)
    needs_crawl: bool = False
    _words: int = 0

    def __post_init__(self) -> None:
        self._do(Deed(ADA, "create"), "m.room.create", {"room_version": "10", "creator": ADA}, state_key="")
        self._show_powers()
        self.turn(self.visibility)
        for person in (*PEOPLE, GARDENER):
            self._enter(person)

    # Steps, as a history has them: numbers choose among what is there

    def say(self, who: int, how: str, target: int, late: int, lie: int) -> None:
        """Say something: plainly, in answer to something, in a thread, with a quotation, naming somebody."""
        person, words = PEOPLE[who], self._new_words()
        if person in self.banned:
            return
        content: Json = {"msgtype": "m.text", "body": f"Said {words}."}
        above, thread = self._choose(target, {"say"}), ""
        to = above.id if above is not None and how in {"reply", "thread", "quote"} else ""
        if above is not None and how == "thread":
            thread = above.thread or above.id
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "m.in_reply_to": {"event_id": above.id},
            }
        elif above is not None and how in {"reply", "quote"}:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": above.id}}
            if how == "quote":
                quoted = f"> <{above.by}> Said {above.words}."
                content["body"] = f"{quoted}\n\n{content['body']}"
        elif how == "mention":
            other = PEOPLE[target % len(PEOPLE)]
            name = self.names[other]
            content["body"] = f"{name}: said {words}."
            content["format"] = "org.matrix.custom.html"
            content["formatted_body"] = f'<a href="https://matrix.to/#/{other}">{name}</a>: said {words}.'
            content["m.mentions"] = {"user_ids": [other]}
        deed = Deed(person, "say", words=words, to=to, thread=thread)
        self._do(deed, "m.room.message", content, late=late, lie=lie)

    def notify(self, who: int) -> None:
        """Post a notice, or forge one."""
        person, words = [*PEOPLE, GARDENER, GARDENER][who], self._new_words()
        if person in self.banned:
            return
        content: Json = {"msgtype": "m.notice", "body": words, NOTICE: {"base_url": "https://fen.example/"}}
        self._do(Deed(person, "say", words=words, is_notice=True), "m.room.message", content)

    def command(self, who: int, command: str, lie: int) -> None:
        """Speak to the garden."""
        person, words = PEOPLE[who], self._new_words()
        if person not in self.banned:
            body = f"!garden {command}" + ("" if command == "opt-in" else f" {words}")
            content: Json = {"msgtype": "m.text", "body": body}
            self._do(Deed(person, "say", words=words, value=command), "m.room.message", content, lie=lie)

    def encrypted(self, who: int) -> None:
        """Say something that only members can read."""
        if PEOPLE[who] not in self.banned:
            deed = Deed(PEOPLE[who], "encrypted")
            self._do(deed, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"})

    def edit(self, target: int, other: int, late: int, lie: int, command: bool) -> None:  # noqa: FBT001 - as drawn
        """Word something anew; `other` people do that in vain, and so do edits of edits."""
        message, words = self._choose(target, {"say", "edit"}), self._new_words()
        # What speaks to the garden leaves nothing, not even that it was an edit of what comes later.
        if message is None or (command and message.id not in self.stream):
            return
        person = PEOPLE[other] if other < len(PEOPLE) else message.by
        if person in self.banned:
            return
        wording = {"msgtype": "m.text", "body": f"{'!garden ' if command else ''}Rather {words}."}
        content: Json = {
            "msgtype": "m.text",
            "body": f"* {wording['body']}",
            "m.new_content": wording,
            "m.relates_to": {"rel_type": "m.replace", "event_id": message.id},
        }
        value = "wording" if command else None
        deed = Deed(person, "edit", words=words, to=message.id, value=value)
        self._do(deed, "m.room.message", content, late=late, lie=lie)

    def react(self, who: int, target: int, late: int) -> None:
        """React to a message with a word."""
        self._react(PEOPLE[who], target, self._new_words(), late)

    def plant(self, who: int, target: int) -> None:
        """React with a seedling."""
        self._react(PEOPLE[who], target, "🌱", 0)

    def refuse(self, who: int, target: int) -> None:
        """React with the sign for opting out, to a notice."""
        notices = [deed for deed in self.deeds if deed.is_notice]
        if notices and PEOPLE[who] not in self.banned:
            self._annotate(PEOPLE[who], notices[target % len(notices)].id, "🚫", 0)

    def hide(self, who: int, target: int) -> None:
        """React with the sign for hiding."""
        self._react(PEOPLE[who], target, "🙈", 0)

    def tend(self, who: int, verb: str, target: int) -> None:
        """Ask the garden to hide something or to show it again, with a reason."""
        person, words = PEOPLE[who], self._new_words()
        message = self._choose(target, {"say"})
        if message is not None and person not in self.banned:
            relation: Json = {"m.in_reply_to": {"event_id": message.id}}
            content: Json = {"msgtype": "m.text", "body": f"!garden {verb} {words}", "m.relates_to": relation}
            self._do(Deed(person, "say", words=words, to=message.id, value=verb), "m.room.message", content)

    def remove(self, who: int, target: int, late: int) -> None:
        """Remove something; beyond the number of people it is the sender."""
        found = self._choose(target, SPOKEN | {"robots", "preference", "remove"})
        if found is None:
            return
        person = PEOPLE[who] if who < len(PEOPLE) else found.by
        allowed = person == found.by or self.powers.get(person, 0) >= 50
        # A homeserver passes no removal on before it can tell whether it counts.
        is_judged = allowed or (found.id in self.stream and not self.is_file)
        if person in self.banned or not is_judged:
            return
        content: Json = {"redacts": found.id}
        # How a wish was taken back is for people with ordinary clocks.
        is_sign = found.value == "🚫"
        deed = Deed(person, "remove", to=found.id, counts=allowed)
        event_id = self._do(deed, "m.room.redaction", content, late=0 if is_sign else late)
        self.events[event_id]["redacts"] = found.id

    def turn(self, visibility: str) -> None:
        """Set who may read what is said from now on."""
        self.visibility = visibility
        content: Json = {"history_visibility": visibility}
        deed = Deed(ADA, "visibility", value=visibility)
        self._do(deed, "m.room.history_visibility", content, state_key="")

    def encrypt(self) -> None:
        """Turn encryption on, for good."""
        content: Json = {"algorithm": "m.megolm.v1.aes-sha2"}
        self._do(Deed(ADA, "encryption"), "m.room.encryption", content, state_key="")

    def robots(self, content: Json) -> None:
        """Say what crawlers may do."""
        self._do(Deed(ADA, "robots", value=content), ROBOTS, content, state_key="")

    def prefer(self, content: Json, planted: int) -> None:
        """Say what gardens may do."""
        message = self._choose(planted, {"say"})
        if "planted" in content:
            content = content | {"planted": [message.id] if message is not None else []}
        self._do(Deed(ADA, "preference", value=content), PREFERENCE, content, state_key="")

    def promote(self, who: int, level: int) -> None:
        """Give somebody power, or take it."""
        if PEOPLE[who] != ADA:
            self.powers = self.powers | {PEOPLE[who]: level}
            self._show_powers()

    def ban(self, who: int, removes: bool) -> None:  # noqa: FBT001 - as drawn
        """Ban somebody, with or without their messages."""
        person = PEOPLE[who]
        # Of what happens in a closed room, and is undone there, an account that never joined hears nothing.
        if person == ADA or person in self.banned or self.visibility != OPEN:
            return
        self.banned.add(person)
        content: Json = {"membership": "ban"} | ({"redact_events": True} if removes else {})
        self._do(Deed(ADA, "ban", to=person, counts=removes), "m.room.member", content, state_key=person)

    def rename(self, who: int) -> None:
        """Let somebody in again, or go by another name."""
        if self.visibility == OPEN:
            self.banned.discard(PEOPLE[who])
            self._enter(PEOPLE[who])

    def erase_account(self, who: int) -> None:
        """Erase what somebody has said so far: a homeserver serves it empty and says nothing of that."""
        said = [deed for deed in self.deeds if deed.by == PEOPLE[who] and deed.does in SPOKEN]
        self._lose(said, self.emptied)

    def purge(self, number: int) -> None:
        """Lose the first messages of the room; nothing says that they were there."""
        arrived = [deed for deed in self.deeds if deed.does in SPOKEN and deed.id in self.stream]
        self._lose(arrived[:number], self.vanished)

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms

    # What the homeserver tells

    def arrive(self) -> None:
        """Let what is late come nearer, and what is there arrive."""
        self.stream += [event_id for event_id, syncs in self.late if syncs == 0]
        self.late = [(event_id, syncs - 1) for event_id, syncs in self.late if syncs > 0]

    def arrived(self) -> list[Deed]:
        """Return what the homeserver has, in its order."""
        there = set(self.stream)
        return [deed for deed in self.deeds if deed.id in there or deed.does == "vanish"]

    def tell(self) -> FakeSource:
        """Return the homeserver as it answers the garden's account."""
        told = {deed.id: self.show(deed) for deed in self.arrived() if deed.does != "vanish"}
        state: dict[tuple[object, object], JsonObject] = {}
        for event in told.values():
            if "state_key" in event:
                state[event["type"], event["state_key"]] = event
        if not self.account_joined:
            told = {event_id: told[event_id] for event_id in told if event_id in self.readable()}
        room = FakeRoom(
            timeline=[told[event_id] for event_id in self.stream if event_id in told],
            visibility=self.visibility,
            state=list(state.values()),
            is_closed=self.visibility != OPEN and not self.account_joined,
            history=[told[event_id] for event_id in told if event_id not in self.vanished],
        )
        return FakeSource({ROOM: room})

    def readable(self) -> set[str]:
        """Return what was sent while anyone could read the room, and what opened or closed it."""
        found, is_open = set[str](), False
        for deed in self.deeds:
            opens = deed.does == "visibility" and deed.value == OPEN
            if is_open or opens:
                found.add(deed.id)
            if deed.does == "visibility":
                is_open = opens
        return found

    def show(self, deed: Deed) -> JsonObject:
        """Return an event as the homeserver shows it by now."""
        event = self.events[deed.id]
        if deed.id in self.emptied:
            return event | {"content": {}}
        because = next(self._find_reasons(deed), None)
        if because is None:
            return event
        kept = _KEPT_BY_REDACTION.get(str(event["type"]), ())
        content = event["content"]
        assert isinstance(content, dict)
        pruned = {key: content[key] for key in kept if key in content}
        return event | {"content": pruned, "unsigned": {"redacted_because": because}}

    def _find_reasons(self, deed: Deed) -> Iterator[Json]:
        there = set(self.stream)
        for other in self.deeds:
            if other.does == "remove" and other.to == deed.id and other.counts and other.id in there:
                yield self.events[other.id]
        if self.server_sweeps and deed.does in SPOKEN:
            yield from self._find_bans(deed)

    def _find_bans(self, deed: Deed) -> Iterator[Json]:
        later = self.deeds[self.deeds.index(deed) :]
        heard = next((each for each in later if each.to == deed.by and each.does in {"ban", "enter"}), None)
        if heard is not None and heard.does == "ban" and heard.counts:
            yield self.events[heard.id]

    # How a step is done

    def _do(
        self,
        deed: Deed,
        kind: str,
        content: Json,
        *,
        state_key: str | None = None,
        late: int = 0,
        lie: int = 0,
    ) -> str:
        self.now += MINUTE
        at = self.now + lie
        event_id = f"$e{len(self.deeds):04}"
        self.deeds.append(replace(deed, id=event_id, at=at))
        self.events[event_id] = {
            "type": kind,
            "room_id": ROOM,
            "event_id": event_id,
            "sender": deed.by,
            "origin_server_ts": at,
            "content": content,
        } | ({} if state_key is None else {"state_key": state_key})
        if late:
            self.late.append((event_id, late))
        else:
            self.stream.append(event_id)
        return event_id

    def _enter(self, person: str) -> None:
        name = f"{person[1:].partition('qx')[0].title()}name{len(self.former_names.get(person, ()))}qx"
        self.names[person] = name
        self.former_names.setdefault(person, set()).add(name)
        content: Json = {"membership": "join", "displayname": name}
        self._do(Deed(person, "enter", to=person), "m.room.member", content, state_key=person)

    def _show_powers(self) -> None:
        content: Json = {"users": self.powers}
        self._do(Deed(ADA, "powers", value=self.powers), "m.room.power_levels", content, state_key="")

    def _react(self, person: str, target: int, key: str, late: int) -> None:
        message = self._choose(target, {"say"})
        if message is not None and person not in self.banned:
            self._annotate(person, message.id, key, late)

    def _annotate(self, person: str, event_id: str, key: str, late: int) -> None:
        content: Json = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": key}}
        words = key if key.startswith("w") else ""
        self._do(Deed(person, "react", words=words, to=event_id, value=key), "m.reaction", content, late=late)

    def _lose(self, deeds: list[Deed], where: set[str]) -> None:
        """Lose deeds, and what gives them other words: nobody can say what that belongs to."""
        gone = {deed.id for deed in deeds}
        for deed in self.deeds:
            gone |= {deed.id} if deed.does == "edit" and deed.to in gone else set()
        lost = [deed for deed in self.deeds if deed.id in gone]
        where |= gone
        self.late = [(event_id, syncs) for event_id, syncs in self.late if event_id not in gone]
        self.needs_crawl = self.needs_crawl or bool(lost)
        for deed in lost:
            self.deeds.append(Deed("", "vanish", id=f"$e{len(self.deeds):04}", at=self.now, to=deed.id))

    def _choose(self, number: int, kinds: frozenset[str] | set[str]) -> Deed | None:
        """Choose among the deeds of some kinds, the newest first."""
        lost = self.vanished | self.emptied
        found = [deed for deed in reversed(self.deeds) if deed.does in kinds and deed.id not in lost]
        return found[number % len(found)] if found else None

    def _new_words(self) -> str:
        self._words += 1
        return f"w{self._words:04}w"
