"""A room whose people are not named as they name themselves says who they are nowhere on its pages."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import NOBODY, Event, MediaForm, MxcUri, UserId
from garden.conversations.conversation import Message, MessageKind, Naming
from garden.conversations.disguise import Disguise
from garden.conversations.pseudonym import make_pseudonym
from garden.conversations.resolve import resolve_messages
from garden.conversations.thread import thread_conversations
from garden.language import load_language
from garden.pages.address import Address
from garden.pages.card import make_card
from garden.pages.compose import RoomFolder, compose_page
from garden.pages.dialect import write_page
from garden.pages.media import MediaFile
from tests.conversations.material import (
    ADA,
    BEN,
    MO,
    ROOM,
    answering,
    edited,
    event,
    in_thread,
    member,
    reacted,
    said,
    state,
)
from tests.conversations.test_pseudonym import digest_with

DIGEST = digest_with("a garden's key")
HTML = "org.matrix.custom.html"
PILL = f'<a href="https://matrix.to/#/{ADA}">Ada</a>'
HERE = [
    member("m1", ADA, "Ada Lindqvist", avatar_url="mxc://fen.example/ada"),
    member("m2", BEN, "Ben", avatar_url="mxc://fen.example/ben"),
    member("m3", MO, "Mo"),
]
COVERED = pytest.mark.parametrize("naming", [Naming.PSEUDONYM, Naming.HIDDEN])


def resolved(
    naming: Naming, events: Sequence[Event], told: Sequence[Event] = (), *, membership: bool = False
) -> list[Message]:
    disguise = Disguise(naming, DIGEST)
    covered, standing = disguise.events(events, told)
    return disguise.messages(resolve_messages(covered, standing, membership=membership))


def written(messages: Iterable[Message]) -> str:
    """Every page of a room, as files."""

    def locate(uri: MxcUri, _form: MediaForm) -> MediaFile:
        return MediaFile(f"ab/{uri[-4:]}.webp", 64, 64, 4096, "image/webp")

    every = list(messages)
    answered = {message.event_id: message for message in every}
    folder = RoomFolder(ROOM, Address("room/"))
    pages = [
        compose_page(conversation, folder, answered, locate, load_language("en"), history=True)
        for conversation in thread_conversations(every, min_messages=1, show_removed=True)
    ]
    cards = [
        json.dumps(asdict(make_card(page, "https://fen.example/")), ensure_ascii=False) for page in pages
    ]
    return "\n".join([*map(write_page, pages), *cards])


def name_of(user: str) -> str:
    return make_pseudonym(UserId(user), DIGEST).name


def id_of(user: str) -> UserId:
    return make_pseudonym(UserId(user), DIGEST).user_id


# --- names in full ---


def test_names_in_full_leave_every_object_as_it_is() -> None:
    events, told = [*HERE, said("a", f"{ADA}")], HERE
    disguise = Disguise(Naming.FULL, DIGEST)
    covered, standing = disguise.events(events, told)
    assert covered is events
    assert standing is told
    messages = resolve_messages(events)
    assert all(after is before for after, before in zip(disguise.messages(messages), messages, strict=True))


# --- pseudonyms ---


def test_everybody_gets_a_pseudonym_that_the_whole_garden_knows() -> None:
    story = [*HERE, said("a", "x"), said("b", "y", sender=BEN), said("c", "z")]
    first, second, third = resolved(Naming.PSEUDONYM, story)
    assert (first.sender, first.sender_name, first.avatar) == (id_of(ADA), name_of(ADA), None)
    assert (second.sender, second.sender_name) == (id_of(BEN), name_of(BEN))
    assert (third.sender, third.sender_name) == (first.sender, first.sender_name)


def test_who_is_no_member_and_who_has_left_have_one_too() -> None:
    left = member("m4", ADA, None, membership="leave")
    story = [said("a", "x", sender="@stranger:fen.example"), *HERE, left, said("b", "x")]
    assert [each.sender_name for each in resolved(Naming.PSEUDONYM, story)] == [
        name_of("@stranger:fen.example"),
        name_of(ADA),
    ]


def test_two_with_one_pseudonym_are_told_apart_by_what_is_made_up_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("garden.conversations.pseudonym._PLACES", "Reed")
    monkeypatch.setattr("garden.conversations.pseudonym._BEINGS", "Warbler")
    monkeypatch.setattr("garden.conversations.pseudonym._NUMBERS", 1)
    messages = resolved(Naming.PSEUDONYM, [*HERE, said("a", "x"), said("b", "x", sender=BEN)])
    assert [each.sender_name for each in messages] == [
        f"Reed Warbler 10 ({id_of(ADA)})",
        f"Reed Warbler 10 ({id_of(BEN)})",
    ]


def test_mentions_read_as_pseudonyms() -> None:
    story = [
        *HERE,
        said("a", "Ada: yes", sender=BEN, formatted_body=f"{PILL}: yes", format=HTML),
        said("b", f"ask {ADA}, or @cleo:marsh.example", sender=BEN),
    ]
    page = written(resolved(Naming.PSEUDONYM, story))
    assert f"[{name_of(ADA)}]{{.mention}}: yes" in page
    assert f"ask @{name_of(ADA)}, or @{name_of('@cleo:marsh.example')}" in page


@pytest.mark.parametrize(
    ("words", "then"),
    [
        ("Ada Lindqvist said so", "{ada} said so"),
        ("ben: yes", "{ben}: yes"),
        ("@Ben, and Ben", "@{ben}, and {ben}"),
        ("Mo and Ben were here", "Mo and Ben were here"),
        ("Ada was here", "Ada was here"),
        ("Benefit: none", "Benefit: none"),
    ],
)
def test_who_is_surely_named_without_an_identifier_is_covered(words: str, then: str) -> None:
    messages = resolved(Naming.PSEUDONYM, [*HERE, said("a", words, sender=MO)])
    assert messages[0].body == then.format(ada=name_of(ADA), ben=name_of(BEN))


def test_earlier_names_are_known() -> None:
    story = [
        member("m1", ADA, "Countess"),
        member("m2", ADA, "Ada"),
        said("a", f"Countess, that is Ada, {ADA}", sender=BEN),
    ]
    reed = name_of(ADA)
    assert resolved(Naming.PSEUDONYM, story)[0].body == f"{reed}, that is {reed}, @{reed}"


def test_each_whom_a_bridge_speaks_for_has_a_pseudonym() -> None:
    def profile(identifier: str, name: str) -> dict[str, Any]:
        return {"m.per_message_profile": {"id": identifier, "displayname": name, "has_fallback": True}}

    bot = "@discordbot:fen.example"
    bridge = state(
        "b", "m.bridge", {"protocol": {"id": "discord"}, "bridgebot": bot}, state_key="x", sender=bot
    )
    told = [
        said("a", "Cleo: one", sender=bot, **profile("7", "Cleo")),
        said("b", "Dora: two", sender=bot, **profile("8", "Dora")),
        said("c", "Cleo: three", sender=bot, **profile("7", "Cleo")),
    ]
    first, second, third = resolved(Naming.PSEUDONYM, told, [bridge])
    assert [each.body for each in (first, second, third)] == ["one", "two", "three"]
    assert first.sender_name == third.sender_name == name_of(f"{bot} 7")
    assert second.sender_name == name_of(f"{bot} 8")
    assert first.network == "Discord"


def test_edits_votes_and_powers_count_as_before() -> None:
    poll = {
        "m.poll": {
            "question": {"m.text": "Mow?"},
            "answers": [{"m.id": "1", "m.text": "Yes"}, {"m.id": "2", "m.text": "No"}],
            "kind": "m.disclosed",
        }
    }
    vote = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$p"}, "m.selections": ["2"]}
    end = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$p"}}
    told = [
        state("c", "m.room.create", {"creator": ADA}),
        state("l", "m.room.power_levels", {"users": {ADA: 100}}),
    ]
    story = [
        said("a", "first"),
        edited("e", "a", "second"),
        edited("f", "a", "forged", sender=BEN),
        event("p", "m.poll.start", poll, sender=BEN),
        event("v", "m.poll.response", vote, sender=MO),
        event("w", "m.poll.response", vote, sender=MO, at=1),
        event("z", "m.poll.end", end, at=2),
    ]
    for naming in Naming:
        message, asked = resolved(naming, story, told)
        assert message.body == "second"
        assert asked.poll is not None
        assert (asked.poll.voters, asked.poll.ended_at is not None) == (1, True)


# --- nobody is named ---


def test_hidden_people_are_nobody_and_cannot_be_told_apart() -> None:
    because = {
        "type": "m.room.redaction",
        "event_id": "$r",
        "sender": ADA,
        "origin_server_ts": 1_741_003_200_000,
        "content": {"reason": "Ada says so"},
    }
    story = [
        *HERE,
        said("a", "one"),
        said("b", f"two {ADA}", sender=BEN, formatted_body=f"two {PILL}", format=HTML),
        reacted("r", "a", "🌱", sender=BEN),
        reacted("s", "a", "🌱", sender=MO),
        event("c", "m.room.message", {}, sender=MO, unsigned={"redacted_because": because}),
        state("n", "m.room.name", {"name": f"Garden of {ADA}"}, sender=BEN),
        member("m5", BEN, membership="leave", sender=ADA),
        member("m6", "@cleo:fen.example", "Cleo"),
        member("m7", "@cleo:fen.example", "Cleo the second"),
    ]
    messages = resolved(Naming.HIDDEN, story, membership=True)
    assert {(each.sender, each.sender_name, each.avatar, each.network) for each in messages} == {
        (NOBODY, "…", None, "")
    }
    joined, _, _, one, two, removed, named, kicked, entered = messages
    assert joined.change is not None
    assert joined.change.value == "…"
    assert (one.reactions[0].senders, one.reactions[0].names) == ((NOBODY, NOBODY), ("…", "…"))
    assert two.body == "two @…"
    assert two.formatted_body == f'two <a href="https://matrix.to/#/{NOBODY}">@…</a>'
    assert two.names == ((NOBODY, "…"),)
    assert removed.removal is not None
    assert (removed.removal.by, removed.removal.name) == (NOBODY, "…")
    assert named.change is not None
    assert named.change.value == "Garden of @…"
    assert [each.change and each.change.value for each in (kicked, entered)] == ["…", "…"]
    page = written(messages)
    assert "two [@…]{.mention}" in page
    assert "member-" not in page


def test_a_page_of_hidden_people_counts_nobody() -> None:
    page = written(resolved(Naming.HIDDEN, [*HERE, said("a", "x"), said("b", "y", sender=BEN)]))
    assert '"people_count": 0' in page


def test_who_is_gone_is_nobody_where_others_are_named() -> None:
    """What the archive leaves of somebody who has opted out."""
    because = {"type": "m.room.redaction", "sender": NOBODY, "origin_server_ts": 7}
    story = [
        *HERE,
        state("n", "m.room.name", {"name": "Seeds"}, sender=NOBODY),
        said(
            "a",
            "…: yes",
            formatted_body=f'<a href="https://matrix.to/#/{NOBODY}">@…</a>: yes',
            format=HTML,
        ),
        event("b", "m.room.message", {}, sender=BEN, unsigned={"redacted_because": because}),
        event("c", "m.room.message", {}, sender=NOBODY),
    ]
    for naming in (Naming.FULL, Naming.PSEUDONYM):
        named, pill, removed, gone = resolved(naming, story)
        assert (named.sender, named.sender_name, named.avatar) == (NOBODY, "…", None)
        assert pill.names == ((NOBODY, "…"),)
        assert removed.removal is not None
        assert (removed.removal.by, removed.removal.name) == (NOBODY, "…")
        assert (gone.kind, gone.sender_name) == (MessageKind.REMOVED, "…")
        page = written([named, pill, removed, gone])
        assert "[@…]{.mention}: yes" in page
        assert "(@nobody" not in page


# --- the whole way ---

SECRETS = {
    ADA: ("Ada Lindqvist", "mxc://fen.example/avatarada"),
    BEN: ("Benedikt 🌿 Oxblood", "mxc://fen.example/avatarben"),
    "@zyx.old!User:[2001:db8::7]:8448": ("O'Zyxwv", "mxc://fen.example/avatarzyx"),
    "@陳小明:marsh.example": ("陳小明", "mxc://fen.example/avatarchen"),
}
WORDS = ("the water stands", "fog over the meadow", "🌱", "100% of 7 & more", "`code` and *stars*")


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    people = list(SECRETS)
    made = [
        member(f"m{number}", user, name, avatar_url=avatar)
        for number, (user, (name, avatar)) in enumerate(SECRETS.items())
    ]
    for number in range(draw(st.integers(3, 8))):
        sender, other = draw(st.sampled_from(people)), draw(st.sampled_from(people))
        name = SECRETS[other][0]
        words = draw(st.sampled_from(WORDS))
        mentions: dict[str, Any] = {"m.mentions": {"user_ids": [other]}}
        link = f"https://matrix.to/#/{quote(other)}"
        pill = f'<a href="{html.escape(link)}"><b>{html.escape(name)}</b></a>'
        target = f"s{draw(st.integers(0, max(0, number - 1)))}"
        relation = draw(st.sampled_from([{}, answering(target), in_thread(target)]))
        made.append(
            draw(
                st.sampled_from(
                    [
                        said(f"s{number}", f"{name}: {words}", sender=sender, **mentions, **relation),
                        said(f"s{number}", f"{words} {other} {link} {name}", sender=sender, **relation),
                        said(
                            f"s{number}",
                            f"{name} {words}",
                            sender=sender,
                            formatted_body=f"<p>{pill} {words} {html.escape(other)}</p>",
                            format=HTML,
                            **relation,
                        ),
                        said(f"s{number}", f"[{name}]({link}) {words}", sender=sender, msgtype="m.emote"),
                        edited(f"s{number}", target, f"{words} {other}", sender=sender, **mentions),
                        reacted(f"s{number}", target, "🌱", sender=sender),
                        said(
                            f"s{number}",
                            f"{other} {words}",
                            sender=sender,
                            msgtype="m.image",
                            filename=f"{other}.webp",
                            url="mxc://fen.example/jar",
                        ),
                        state(f"s{number}", "m.room.topic", {"topic": f"by {other} {words}"}, sender=sender),
                        member(f"s{number}", other, membership="ban", sender=sender, reason=name),
                        event(
                            f"s{number}",
                            "m.room.message",
                            {},
                            sender=sender,
                            unsigned={
                                "redacted_because": {
                                    "type": "m.room.redaction",
                                    "sender": other,
                                    "origin_server_ts": 7,
                                }
                            },
                        ),
                        event(
                            f"s{number}",
                            "m.poll.start",
                            {
                                "m.poll": {
                                    "question": {"body": f"{words}, {other}?"},
                                    "answers": [{"m.id": "1", "m.text": [{"body": other}]}],
                                }
                            },
                            sender=sender,
                        ),
                        event(
                            f"s{number}",
                            "m.room.message",
                            {"msgtype": "m.location", "body": f"at {other}'s", "geo_uri": "geo:52.1,4.3"},
                            sender=sender,
                        ),
                    ]
                )
            )
        )
    return made


@settings(max_examples=80, deadline=None)
@given(story=stories(), hidden=st.booleans())
def test_no_page_holds_a_name_or_an_identifier(story: list[Event], *, hidden: bool) -> None:
    naming = Naming.HIDDEN if hidden else Naming.PSEUDONYM
    page = written(resolved(naming, story, membership=True))
    for user, (name, avatar) in SECRETS.items():
        for secret in (
            *(user, user[1:], quote(user, safe=""), quote(user), html.escape(user), name, html.escape(name)),
            avatar[-4:] + ".webp",
        ):
            assert secret.casefold() not in page.casefold()
    assert not (hidden and re.search("member-[a-z2-7]{12}", page))


def test_a_garden_with_pseudonyms_takes_little_longer() -> None:
    words = "Fog over the lower meadow this morning, and the water stands at the gate again. "
    story = [*HERE, *(said(f"s{number}", words, sender=(ADA, BEN, MO)[number % 3]) for number in range(5000))]
    started = time.process_time()
    Disguise(Naming.PSEUDONYM, DIGEST).events(story, HERE)
    assert time.process_time() - started < 2


@COVERED
def test_an_empty_room_stays_one(naming: Naming) -> None:
    covered, standing = Disguise(naming, DIGEST).events([], [])
    assert (list(covered), list(standing)) == ([], [])
