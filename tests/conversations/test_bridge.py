"""People who write from another network are shown by their own names, with the network; nobody else is."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import Event
from garden.conversations.conversation import Message
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, edited, member, said, state

BOT = "@discordbot:fen.example"
GHOST = "@discord_123456789012345678:fen.example"


def bridge(
    protocol: str, shown: str = "", network: str = "", *, kind: str = "m.bridge", bot: str = BOT
) -> Event:
    content = {
        "bridgebot": bot,
        "protocol": {"id": protocol, "displayname": shown},
        "network": {"id": network, "displayname": "Libera.Chat"},
        "channel": {"id": "#gardening"},
    }
    return state("bridge", kind, content, state_key=f"x://{protocol}", sender=bot)


def spoken(*events: Event, sender: str, about: list[Event] | None = None, **content: object) -> Message:
    more: dict[str, Any] = content
    message = said("a", "words", sender=sender, **more)
    return resolve_messages([*events, message], about or [])[-1]


def profile(name: object = "Cleo", **more: object) -> dict[str, Any]:
    return {"com.beeper.per_message_profile": {"id": "1", "displayname": name, **more}}


@pytest.mark.parametrize("kind", ["m.bridge", "uk.half-shot.bridge"])
@pytest.mark.parametrize(
    ("about", "sender", "network"),
    [
        (("discordgo", "Discord"), "@discord_12:fen.example", "Discord"),
        (("discord",), "@_discord_ada:fen.example", "Discord"),
        (("telegram", "Telegram"), "@telegram_99:fen.example", "Telegram"),
        (("slackgo", "Slack"), "@slack_t01-u02:fen.example", "Slack"),
        (("irc", "IRC", "libera"), "@libera_ada:fen.example", "IRC"),
        (("irc", "IRC", "libera"), "@irc_ada:fen.example", "IRC"),
        (("newnet", "New Net"), "@new_net_ada:fen.example", "New Net"),
        (("newnet",), "@newnet_ada:fen.example", "newnet"),
        # Another server's accounts are not this bridge's, and people are not either.
        (("irc", "IRC", "libera"), "@libera_ada:evil.example", ""),
        (("discord", "Discord", "libera"), "@libera_ada:fen.example", ""),
        (("discord",), ADA, ""),
        (("", ""), "@_x_ada:fen.example", ""),
    ],
)
def test_the_rooms_state_says_who_is_bridged(
    kind: str, about: tuple[str, ...], sender: str, network: str
) -> None:
    assert spoken(about=[bridge(*about, kind=kind)], sender=sender).network == network


@pytest.mark.parametrize(
    ("sender", "network"),
    [
        (GHOST, "Discord"),
        ("@_discord_123:fen.example", "Discord"),
        ("@_irc_ada:fen.example", "IRC"),
        ("@telegram_123:fen.example", "Telegram"),
        ("@slack_t01abc-u02def:fen.example", "Slack"),
        # Anybody can call themselves so.
        ("@discord_fan:fen.example", ""),
        ("@irc_ada:fen.example", ""),
        ("@_unknown_ada:fen.example", ""),
        ("@discord_:fen.example", ""),
    ],
)
def test_without_state_only_names_that_people_cannot_take_count(sender: str, network: str) -> None:
    assert spoken(sender=sender).network == network


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Cleo (Discord)", "Cleo"),
        ("Cleo [discord]", "Cleo"),
        ("Cleo(Discord)", "Cleo"),
        ("Cleo (she/her)", "Cleo (she/her)"),
        ("(Discord)", "(Discord)"),
        ("Cleo (Discord) B", "Cleo (Discord) B"),
    ],
)
def test_the_networks_name_goes_from_the_end_of_the_name(name: str, shown: str) -> None:
    assert spoken(member("m", GHOST, name), sender=GHOST).sender_name == shown


def test_the_ending_of_an_irc_name_may_be_its_network() -> None:
    ghost = "@libera_cleo:fen.example"
    named = member("m", ghost, "cleo [Libera.Chat]")
    assert spoken(named, sender=ghost, about=[bridge("irc", "IRC", "libera")]).sender_name == "cleo"


def test_people_on_matrix_keep_their_endings() -> None:
    assert spoken(member("m", BEN, "Ben (Discord)"), sender=BEN).sender_name == "Ben (Discord)"


def test_an_ending_stays_where_it_tells_two_people_apart() -> None:
    joined = [member("m1", ADA, "Ada"), member("m2", GHOST, "Ada (Discord)")]
    assert spoken(*joined, sender=GHOST).sender_name == "Ada (Discord)"
    assert spoken(*joined, sender=ADA).sender_name == "Ada"


def test_two_bridged_people_with_one_short_name_keep_their_endings() -> None:
    other = "@_irc_cleo:fen.example"
    joined = [member("m1", other, "Cleo [irc]"), member("m2", GHOST, "Cleo (Discord)")]
    assert spoken(*joined, sender=GHOST).sender_name == "Cleo (Discord)"
    assert spoken(*joined, sender=other).sender_name == "Cleo [irc]"


@pytest.mark.parametrize("sender", [BOT, GHOST])
def test_a_bridge_may_say_for_whom_it_speaks(sender: str) -> None:
    message = spoken(about=[bridge("discord")], sender=sender, **profile(avatar_url="mxc://fen.example/c"))
    assert (message.sender_name, message.avatar, message.network) == (
        "Cleo",
        "mxc://fen.example/c",
        "Discord",
    )


def test_a_bridge_itself_speaks_for_no_network() -> None:
    assert spoken(about=[bridge("discord")], sender=BOT).network == ""


@pytest.mark.parametrize(
    ("more", "avatar"),
    [
        ({}, "mxc://fen.example/own"),
        ({"avatar_url": None}, "mxc://fen.example/own"),
        ({"avatar_url": ""}, None),
        ({"avatar_url": "https://evil.example/"}, None),
        ({"avatar_file": {}}, None),
        ({"avatar_url": "mxc://fen.example/c"}, "mxc://fen.example/c"),
    ],
)
def test_a_profile_may_bring_or_take_away_a_picture(more: dict[str, Any], avatar: str | None) -> None:
    own = member("m", BEN, "Ben", avatar_url="mxc://fen.example/own")
    assert spoken(own, sender=BEN, **profile(**more)).avatar == avatar


@pytest.mark.parametrize("name", ["", None, 7, "\u202e"])
def test_a_profile_without_a_name_keeps_the_senders(name: object) -> None:
    assert spoken(member("m", BEN, "Ben"), sender=BEN, **profile(name)).sender_name == "Ben"


@pytest.mark.parametrize("about", [[], [bridge("discord")]])
def test_nobody_can_pass_for_somebody_else_by_a_profile(about: list[Event]) -> None:
    joined = [member("m1", ADA, "Ada"), member("m2", BEN, "Ben")]
    forged = spoken(*joined, sender=BEN, about=about, **profile("ada"))
    assert forged.sender_name == f"ada ({BEN})"
    assert spoken(*joined, sender=BEN, about=about, **profile("Cleo")).sender_name == "Cleo"
    assert spoken(*joined, sender=BEN, about=about, **profile("Ben")).sender_name == "Ben"


def test_not_even_a_bridge_can_speak_by_a_members_identifier() -> None:
    shown = spoken(about=[bridge("discord")], sender=GHOST, **profile(f"Ada ({ADA})")).sender_name
    assert shown == f"Ada ({ADA}) ({GHOST})"


@pytest.mark.parametrize(
    ("body", "html", "shown"),
    [
        ("Cleo: hi", "<strong data-mx-profile-fallback>Cleo: </strong>hi", ("hi", "hi")),
        ("Cleo: hi", '<p><strong data-mx-profile-fallback="">Cleo: </strong>hi</p>', ("hi", "<p>hi</p>")),
        ("hi", "<strong>Cleo: </strong>hi", ("hi", "<strong>Cleo: </strong>hi")),
        ("Cleo: Cleo: hi", "hi", ("Cleo: hi", "hi")),
    ],
)
def test_the_name_before_the_words_is_a_fallback(body: str, html: str, shown: tuple[str, str]) -> None:
    words: dict[str, Any] = {"format": "org.matrix.custom.html", "formatted_body": html, "msgtype": "m.text"}
    message = said("a", body, sender=GHOST, **words, **profile(has_fallback=True))
    (first,) = resolve_messages([message])
    assert (first.body, first.formatted_body) == shown
    edit = edited("e", "a", body, sender=GHOST, **words, **profile(has_fallback=True))
    (second,) = resolve_messages([message, edit])
    assert (second.body, second.formatted_body) == shown
    assert (second.versions[0].body, second.versions[0].formatted_body) == shown


def test_without_has_fallback_the_words_are_the_senders() -> None:
    (message,) = resolve_messages([said("a", "Cleo: hi", **profile(has_fallback="yes"))])
    assert message.body == "Cleo: hi"


JUNK: list[object] = [None, 7, "x", [], {}, {"id": 7}, {"id": []}, {"displayname": {}}]


@pytest.mark.parametrize("junk", JUNK)
def test_a_bridge_that_makes_no_sense_is_none(junk: object) -> None:
    content = {"protocol": junk, "network": junk, "bridgebot": junk}
    about = [state("b", "m.bridge", content, state_key="x")]
    message = spoken(sender=ADA, about=about, **{"m.per_message_profile": junk})
    assert (message.sender_name, message.network) == ("ada", "")
