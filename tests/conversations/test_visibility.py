"""The gate lets through what the world was invited to read, then and now, and says why the rest stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import Event, EventId, UserId
from garden.conversations.opening import Opening
from garden.conversations.visibility import Refusal, RoomAccess, keep_publishable
from tests.conversations.material import ADA, MO, NOON, encryption, event, said, secret, state, visibility

OPEN = RoomAccess("world_readable")
CLOSED = RoomAccess("shared")
UNKNOWN = RoomAccess(None)
VOUCHED = RoomAccess(None, vouched=True)
BY_ADA, BY_MO = Opening(UserId(ADA), NOON), Opening(UserId(MO), NOON)


def history(story: str) -> list[Event]:
    """Make an event of each letter: W opens the room, S, I, J and ? close it, E encrypts it, x is secret."""
    kinds = {"W": "world_readable", "S": "shared", "I": "invited", "J": "joined", "?": 7}
    return [
        visibility(f"{number}", kinds[letter])
        if letter in kinds
        else encryption(f"{number}")
        if letter == "E"
        else secret(f"{number}")
        if letter == "x"
        else said(f"{number}", letter)
        for number, letter in enumerate(story)
    ]


def is_published(each: Event) -> bool:
    return each.state_key is None and each.type != "m.room.encrypted"


def kept(story: str, access: RoomAccess) -> str:
    """The letters of the messages that may be published."""
    judgement = keep_publishable(history(story), access)
    return "".join(story[int(each.event_id[1:])] for each in judgement.kept if is_published(each))


@pytest.mark.parametrize(
    ("story", "access", "published"),
    [
        ("Wab", OPEN, "ab"),
        ("ab", OPEN, ""),
        ("aWbSc", CLOSED, ""),
        ("aSbWcSdWe", OPEN, "ce"),
        ("aWbIcJdWe", OPEN, "be"),
        ("aWb?cWd", OPEN, "bd"),
        ("aWbWc", OPEN, "bc"),
        ("Wab", RoomAccess("closed"), ""),
        ("Wab", RoomAccess("invited"), ""),
        ("Wab", UNKNOWN, "ab"),
        ("WabSc", UNKNOWN, ""),
        ("ab", UNKNOWN, ""),
        ("aSb", VOUCHED, "ab"),
        ("aSb", RoomAccess("closed", vouched=True), "ab"),
        ("ab", RoomAccess("world_readable", at_first="world_readable"), "ab"),
        ("abScWd", RoomAccess("world_readable", at_first="world_readable"), "abd"),
        ("ab", RoomAccess("closed", at_first="world_readable"), ""),
        ("ab", RoomAccess("world_readable", at_first="shared"), ""),
        ("WaEb", OPEN, ""),
        ("WaEb", VOUCHED, ""),
        ("Waxb", OPEN, "ab"),
        ("axb", VOUCHED, "ab"),
    ],
)
def test_only_what_the_world_could_read_then_and_now_is_published(
    story: str, access: RoomAccess, published: str
) -> None:
    assert kept(story, access) == published


@pytest.mark.parametrize(
    ("story", "access", "reason"),
    [
        ("Wab", CLOSED, Refusal.ROOM_CLOSED),
        ("ab", UNKNOWN, Refusal.ROOM_UNKNOWN),
        ("WabS", UNKNOWN, Refusal.ROOM_CLOSED),
        ("WaE", OPEN, Refusal.ROOM_ENCRYPTED),
        ("WaE", CLOSED, Refusal.ROOM_ENCRYPTED),
        ("Wa", OPEN, None),
    ],
)
def test_a_room_that_stays_out_has_a_reason_and_so_has_each_of_its_messages(
    story: str, access: RoomAccess, reason: Refusal | None
) -> None:
    judgement = keep_publishable(history(story), access)
    assert judgement.room is reason
    if reason is not None:
        assert judgement.kept == ()
        assert len(judgement.refused) == sum(letter.islower() for letter in story)


def test_each_message_is_refused_for_its_own_reason() -> None:
    judgement = keep_publishable(history("abWcxd"), OPEN)
    assert judgement.count_refusals() == {Refusal.EVENT_BEFORE_OPEN: 2, Refusal.EVENT_ENCRYPTED: 1}
    assert judgement.without_events().kept == ()
    assert judgement.without_events().refused == judgement.refused


def test_an_encrypted_message_is_refused_and_its_place_is_kept_without_content() -> None:
    judgement = keep_publishable(history("WaxSx"), OPEN)
    assert judgement.refused == {"$2": Refusal.EVENT_ENCRYPTED, "$4": Refusal.EVENT_BEFORE_OPEN}
    [place] = [each for each in judgement.kept if each.type == "m.room.encrypted"]
    assert (place.event_id, place.content) == ("$2", {})


@pytest.mark.parametrize("story", ["WaxE", "WxSa"])
def test_a_room_that_stays_out_keeps_no_place_for_encrypted_messages(story: str) -> None:
    access = OPEN if "E" in story else CLOSED
    judgement = keep_publishable(history(story), access)
    assert judgement.kept == ()
    assert judgement.refused[EventId(f"${story.index('x')}")] is Refusal.EVENT_ENCRYPTED


def test_what_an_opening_had_not_reached_is_private_wherever_it_stands() -> None:
    private = frozenset({EventId("$2"), EventId("$4")})
    judgement = keep_publishable(history("WabScWd"), RoomAccess("world_readable", private=private))
    assert [each.event_id for each in judgement.kept] == ["$0", "$1", "$3", "$5", "$6"]
    assert judgement.refused == {"$2": Refusal.EVENT_BEFORE_OPEN, "$4": Refusal.EVENT_BEFORE_OPEN}
    assert kept("WabScWd", RoomAccess("world_readable", vouched=True, private=private)) == "abcd"


@pytest.mark.parametrize(
    ("story", "from_files", "published"),
    [
        ("Wabc", {2}, "ac"),
        ("aWb", {1}, ""),
        ("SabWc", {1, 2}, "c"),
        ("Wabc", {0, 1, 2, 3}, ""),
        ("WaSb", {2}, "ab"),
        ("WaEb", {2}, ""),
    ],
)
def test_a_file_adds_nothing_to_a_room_that_a_homeserver_speaks_for(
    story: str, from_files: set[int], published: str
) -> None:
    told = frozenset(EventId(f"${number}") for number in from_files)
    assert kept(story, RoomAccess("world_readable", from_files=told)) == published
    assert kept(story, RoomAccess("world_readable", vouched=True, from_files=told)) == (
        "" if "E" in story else "".join(letter for letter in story if letter.islower())
    )


def test_the_servers_order_counts_and_not_what_a_sender_says_about_the_time() -> None:
    early = said("early", "claims to be from after the opening", at=10**9)
    late = said("late", "claims to be from before the opening", at=-(10**9))
    judgement = keep_publishable([early, visibility("open", "world_readable"), late], OPEN)
    assert [event.event_id for event in judgement.kept] == ["$open", "$late"]


@pytest.mark.parametrize("state_key", [None, "@ada:fen.example", "x"])
def test_only_state_of_the_room_itself_opens_it(state_key: str | None) -> None:
    forged = event(
        "forged", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key=state_key
    )
    assert keep_publishable([forged, said("a", "a")], OPEN).kept == ()


def test_only_state_of_the_room_itself_encrypts_it() -> None:
    forged = event("forged", "m.room.encryption", {"algorithm": "x"})
    assert keep_publishable([visibility("w", "world_readable"), forged, said("a", "a")], OPEN).room is None


@pytest.mark.parametrize(
    ("story", "at_first", "opening"),
    [
        ("aWb", None, BY_ADA),
        ("aWSbWc", None, BY_ADA),
        ("ab", "world_readable", Opening()),
        ("abWc", "world_readable", Opening()),
        ("ab", None, Opening()),
        ("WaS", None, Opening()),
    ],
)
def test_the_opening_is_the_event_that_let_the_world_in(
    story: str, at_first: str | None, opening: Opening
) -> None:
    access = RoomAccess("world_readable", at_first=at_first)
    assert keep_publishable(history(story), access).opening == opening
    assert keep_publishable(history(story), RoomAccess("shared", at_first=at_first)).opening is None
    assert keep_publishable(history(story), RoomAccess("shared", vouched=True)).opening is None


def test_to_say_it_twice_does_not_open_a_room_anew() -> None:
    told = [
        state(name, "m.room.history_visibility", {"history_visibility": value}, sender=sender)
        for name, value, sender in (("1", "world_readable", ADA), ("2", "world_readable", MO))
    ]
    assert keep_publishable(told, OPEN).opening == BY_ADA
    shut = visibility("3", "shared")
    assert keep_publishable([told[0], shut, told[1]], OPEN).opening == BY_MO


def test_the_current_state_knows_an_opening_that_is_older_than_the_archive() -> None:
    opened = state("w", "m.room.history_visibility", {"history_visibility": "world_readable"}, sender=MO)
    access = RoomAccess("world_readable", at_first="world_readable")
    assert keep_publishable(history("ab"), access, [opened]).opening == BY_MO
    # What the timeline holds too is no opening where the room was open before it.
    assert keep_publishable([said("a", "a"), opened], access, [opened]).opening == Opening()
    assert keep_publishable(history("ab"), access, [visibility("s", "shared")]).opening == Opening()


accesses = st.builds(
    RoomAccess,
    st.sampled_from(["world_readable", "shared", "closed", None]),
    vouched=st.booleans(),
    at_first=st.sampled_from([None, "world_readable", "shared"]),
)


def plain_model(story: Sequence[str], access: RoomAccess) -> str:
    """The rule once more, in the plainest words: look back from each message for what was said last."""
    names = {"W": "world_readable", "S": "shared", "I": "invited", "J": "joined", "?": "shared"}
    said_at = [access.at_first, *(names.get(letter) for letter in story)]
    known = [name for name in said_at if name is not None]
    now = access.visibility or (known[-1] if known else None)
    if "E" in story or not (access.vouched or now == "world_readable"):
        return ""
    published = ""
    for number, letter in enumerate(story):
        before = [name for name in said_at[: number + 1] if name is not None]
        readable = access.vouched or (bool(before) and before[-1] == "world_readable")
        if letter.islower() and letter != "x" and readable:
            published += letter
    return published


@given(st.lists(st.sampled_from("abcdxWSIJ?") | st.just("E"), max_size=12), accesses)
@settings(max_examples=500)
def test_the_gate_agrees_with_the_plain_model(story: list[str], access: RoomAccess) -> None:
    assert kept("".join(story), access) == plain_model(story, access)


@given(st.lists(st.sampled_from("abxWSE"), max_size=12), accesses)
def test_every_message_is_either_published_or_refused(story: list[str], access: RoomAccess) -> None:
    judgement = keep_publishable(history("".join(story)), access)
    messages = {f"${number}" for number, letter in enumerate(story) if letter.islower()}
    published = {str(each.event_id) for each in judgement.kept if is_published(each)}
    assert published | set(judgement.refused) == messages
    assert not published & set(judgement.refused)


@given(st.lists(st.sampled_from("abWS"), max_size=8))
def test_nothing_that_comes_later_can_open_what_was_closed(story: list[str]) -> None:
    """Words from a closed time stay in, whatever happens to the room afterwards."""
    first = kept("".join(story) + "W", OPEN)
    assert kept("".join(story) + "WaW", OPEN) == first + "a"
