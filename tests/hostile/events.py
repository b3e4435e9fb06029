"""Events as the specification describes them, and what becomes of them in the wrong hands.

Strategies for Hypothesis: first well-formed content of every kind that a garden reads, with words, formatting
and relations as clients write them; then mutations of it, with wrong types, hostile texts, deep nesting and
numbers that no field was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st

from tests.hostile.corpus import CORPUS
from tests.hostile.places import ADA, BEGIN, BEN, EVENTS, MALLORY, MESSAGES, SERVER, STATE, Json

Strategy = st.SearchStrategy[Json]

ROOM: Final = f"!any:{SERVER}"
PEOPLE: Final = (ADA, BEN, MALLORY, f"@discord_123:{SERVER}", f"@_irc_cleo:{SERVER}")
NAMES: Final = 40
"""Events have few identifiers, so that they meet: answers to answers, edits of edits, circles."""

hostile_texts: Final = st.sampled_from([case.text for case in CORPUS])
words: Final = st.one_of(
    st.sampled_from(
        ("Dry it first.", "And then?", "🌱", "مرحبا", "花を植える", "see https://good.example/ #beans")
    ),
    st.text(max_size=30),
    hostile_texts,
)
identifiers: Final = st.integers(0, NAMES).map(lambda number: f"$any-{number}")
media: Final = st.one_of(
    st.just(f"mxc://{SERVER}/absent"), hostile_texts.map(lambda text: f"mxc://{SERVER}/{text}")
)

_ELEMENTS: Final = """
    del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead tbody
    tr th td caption pre span img details summary font strike mx-reply script style svg math x-y
"""
_TAGS: Final = tuple(_ELEMENTS.split())
_NAMES: Final = """
    href src alt title class style id start width height target onclick data-mx-color data-mx-bg-color
    data-mx-spoiler data-mx-maths data-mx-emoticon data-mx-profile-fallback color dir
"""
_ATTRIBUTES: Final = tuple(_NAMES.split())


@st.composite
def markup(draw: st.DrawFn) -> str:
    """HTML from the elements of the specification and some others, not always closed, or closed twice."""
    pieces: list[str] = []
    opened: list[str] = []
    for _ in range(draw(st.integers(1, 12))):
        step = draw(st.integers(0, 9))
        if step < 4:
            tag = draw(st.sampled_from(_TAGS))
            attributes = draw(st.lists(st.tuples(st.sampled_from(_ATTRIBUTES), words), max_size=2))
            pieces.append(f"<{tag}{''.join(_attribute(*pair) for pair in attributes)}>")
            opened.append(tag)
        elif step < 7:
            pieces.append(draw(words))
        elif opened:
            pieces.append(f"</{opened.pop() if step < 9 else opened[0]}>")
    return "".join([*pieces, *(f"</{tag}>" for tag in reversed(opened[:8]))])


def _attribute(name: str, value: str) -> str:
    return f' {name}="{value.replace("&", "&amp;").replace(chr(34), "&quot;")}"'


relations: Final = st.one_of(
    st.none(),
    st.fixed_dictionaries({"m.in_reply_to": st.fixed_dictionaries({"event_id": identifiers})}),
    st.fixed_dictionaries(
        {"rel_type": st.just("m.thread"), "event_id": identifiers},
        optional={
            "is_falling_back": st.booleans(),
            "m.in_reply_to": st.fixed_dictionaries({"event_id": identifiers}),
        },
    ),
    st.fixed_dictionaries({"rel_type": st.just("m.replace"), "event_id": identifiers}),
    st.fixed_dictionaries({"rel_type": st.just("m.annotation"), "event_id": identifiers, "key": words}),
    st.fixed_dictionaries({"rel_type": st.just("m.reference"), "event_id": identifiers}),
)


def _from(makers: Mapping[str, object]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(makers))


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, Json]:
    """An `m.room.message` of any type, or formatted words, with a relation."""
    content: Json = {"msgtype": "m.text", "body": draw(words)}
    if draw(st.booleans()):
        content = MESSAGES[draw(_from(MESSAGES))](draw(words))
    if draw(st.booleans()):
        content = {**content, "format": "org.matrix.custom.html", "formatted_body": draw(markup())}
    relation = draw(relations)
    if relation is None:
        return "m.room.message", content
    if relation.get("rel_type") == "m.replace":
        content = {**content, "m.new_content": dict(content)}
    return "m.room.message", {**content, "m.relates_to": relation}


@st.composite
def other_events(draw: st.DrawFn) -> tuple[str, Json]:
    """Polls and their votes, stickers, calls, places, reactions, redactions, and types that nobody knows."""
    text, target = draw(words), draw(identifiers)
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": text}}
    if kind == 1:
        return "m.room.redaction", {"redacts": target, "reason": text}
    if kind == 2:
        prefix = draw(st.sampled_from(("m.poll", "org.matrix.msc3381.poll")))
        votes = {"m.selections": [text, "b"], "org.matrix.msc3381.poll.response": {"answers": [text, "b"]}}
        about: Json = {"m.relates_to": {"rel_type": "m.reference", "event_id": target}}
        return draw(st.sampled_from(((f"{prefix}.response", votes | about), (f"{prefix}.end", about))))
    event_type, content = EVENTS[draw(_from(EVENTS))](text)
    relation = draw(relations)
    return event_type, {**content, "m.relates_to": relation} if relation else content


@st.composite
def state_events(draw: st.DrawFn) -> tuple[str, Json, str]:
    """What changes the room: names, topics, members, pins, bridges, widgets, upgrades."""
    event_type, key, content = STATE[draw(_from(STATE))](draw(words))
    if draw(st.booleans()):
        profile: Json = {"membership": "join", "displayname": draw(words), "avatar_url": draw(media)}
        return "m.room.member", profile, draw(st.sampled_from(PEOPLE))
    return event_type, content, key


_WRONG: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 10**18, -(10**30), 2**63, 1.5, 1e308)),
    st.just([]),
    st.just({}),
    st.lists(hostile_texts, max_size=3),
    st.dictionaries(hostile_texts, st.none(), max_size=2),
    hostile_texts,
    st.sampled_from(("\ud800", "\udfff\ud800", "x" * 2_000)),
    st.recursive(st.just("bottom"), lambda inner: st.lists(inner, min_size=1, max_size=1), max_leaves=30),
)


@st.composite
def mutated(draw: st.DrawFn, content: Json) -> Json:
    """The same content with a field or two of another type, gone, or full of somebody's tricks."""
    for _ in range(draw(st.integers(1, 2))):
        content = _change(draw, content)
    return content


def _change(draw: st.DrawFn, content: Json) -> Json:
    """Change one field, here or deeper."""
    if not content:
        return {draw(hostile_texts): draw(_WRONG)}
    key = draw(st.sampled_from(sorted(content, key=str)))
    value = content[key]
    if isinstance(value, dict) and draw(st.booleans()):
        return {**content, key: _change(draw, value)}
    if isinstance(value, list) and value and isinstance(value[0], dict) and draw(st.booleans()):
        return {**content, key: [_change(draw, value[0]), *value[1:]]}
    if draw(st.integers(0, 4)) == 0:
        return {name: kept for name, kept in content.items() if name != key}
    return {**content, key: draw(_WRONG)}


@st.composite
def events(draw: st.DrawFn) -> Json:
    """One event of a room; two in three are as the specification wants them."""
    kind = draw(st.integers(0, 5))
    event: Json = {"room_id": ROOM, "event_id": draw(identifiers), "sender": draw(st.sampled_from(PEOPLE))}
    if kind == 0:
        event["type"], content, event["state_key"] = draw(state_events())
    else:
        event["type"], content = draw(messages() if kind < 4 else other_events())
    is_sound = draw(st.integers(0, 2)) > 0
    event["content"] = content if is_sound else draw(mutated(content))
    event["origin_server_ts"] = BEGIN + draw(st.integers(0, 10**8))
    return event if is_sound or draw(st.booleans()) else _change_outside(draw, event)


def _change_outside(draw: st.DrawFn, event: Json) -> Json:
    """Change a field beside the content; the room stays, or nobody would read it."""
    key = draw(
        st.sampled_from(("event_id", "sender", "type", "origin_server_ts", "state_key", "content", "redacts"))
    )
    return {**event, key: draw(_WRONG)}


CALM: Final = "Calm words."


@st.composite
def rooms(draw: st.DrawFn) -> list[Json]:
    """Some days of a room, with calm words at the beginning; each identifier stands for one event."""
    calm: Json = {
        "room_id": ROOM,
        "event_id": "$calm",
        "sender": ADA,
        "type": "m.room.message",
        "origin_server_ts": BEGIN,
        "content": {"msgtype": "m.text", "body": CALM},
    }
    found = draw(st.lists(events(), max_size=25))
    return [calm, *{str(event["event_id"]): event for event in found}.values()]
