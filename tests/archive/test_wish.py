"""What people say to a garden is understood as they mean it; in doubt they are out."""

from __future__ import annotations

import pytest

from garden.archive.event import NOBODY, EventId, UserId, read_event
from garden.archive.wish import Wish, collect_removals, collect_wishes, read_command, read_wish
from tests.archive.material import ADA, BEN, ROOM, Json, edit, event, message, redacted, redaction, reply

NOTICE = EventId("$notice")


def said(words: str, kind: str = "m.text") -> bool | None:
    """Whether these words ask to be out; None where they ask neither."""
    wish = read_wish(read_event(message("wish", words, msgtype=kind), ROOM))
    return None if wish is None else wish.out


def reaction(
    name: str, target: str = "notice", key: str = "🚫", *, sender: str = ADA, at: int = 0, rel: str = ""
) -> Json:
    relation = {"rel_type": rel or "m.annotation", "event_id": f"${target}", "key": key}
    return event(name, "m.reaction", {"m.relates_to": relation}, sender=sender, at=at)


def collected(*sources: Json) -> list[Wish]:
    return list(collect_wishes((read_event(source, ROOM) for source in sources), {NOTICE}))


@pytest.mark.parametrize(
    "words",
    [
        "!garden opt-out",
        "  !Garden   OPT-OUT \n",
        "!garden\nopt-out",
        "!garden\u00a0opt-out",
        "\ufeff!garden\u200b opt\u2011out",
        "\u200e!garden opt-out\u200e",
        "\u2066!garden\u200f opt-out\u2069",
        "!garden opt–out",
        "!garden opt out",
        "!garden optout",
        "!garden opt-out, please!",
        "!garden opt-out\n\nI would rather not be there.",
        "> <@ben:fen.example> Does anybody mind?\n\n!garden opt-out",
    ],
)
def test_who_asks_to_be_out_is_understood_however_it_is_typed(words: str) -> None:
    assert said(words) is True


@pytest.mark.parametrize("words", ["!garden opt-in", " !GARDEN opt in.", "!garden opt-in!"])
def test_who_asks_to_be_in_again_is_understood(words: str) -> None:
    assert said(words) is False


@pytest.mark.parametrize(
    "words",
    [
        "",
        "!garden",
        "!garden help",
        "!garden opt-outside",
        "!garden opt",
        "!gardener opt-out",
        "garden opt-out",
        "I wrote !garden opt-out",
        "!garden opt-in is what I will never write",
        "!garden please opt-out",
    ],
)
def test_other_words_are_no_wish(words: str) -> None:
    assert said(words) is None


@pytest.mark.parametrize("kind", ["m.notice", "m.emote", "m.image", "example.kind"])
def test_only_text_speaks_to_the_garden(kind: str) -> None:
    assert said("!garden opt-out", kind) is None


def test_an_edit_is_no_second_wish_and_what_was_removed_is_none() -> None:
    assert collected(edit("later", "wish", "!garden opt-out")) == []
    gone = redacted(message("wish", "!garden opt-out"), redaction("r", "wish"))
    assert collected(gone) == []
    assert read_wish(read_event(message("state", "!garden opt-out") | {"state_key": ""}, ROOM)) is None


def test_nobody_wants_nothing() -> None:
    assert read_wish(read_event(message("wish", "!garden opt-out", sender=NOBODY), ROOM)) is None
    assert collected(reaction("sign", sender=NOBODY)) == []


def test_a_command_is_told_apart_from_words() -> None:
    commands = [
        read_command(read_event(message("m", words), ROOM))
        for words in ("!garden", "!garden  HELP me", "!garden opt–out", "Hello")
    ]
    assert commands == ["", "help-me", "opt-out", None]


def test_words_can_be_removed_and_hold_so_no_event_stands_for_them() -> None:
    (wish,) = collected(reply("wish", "other", "!garden opt-out", at=7))
    assert wish == Wish(UserId(BEN), out=True, at=1_700_000_000_007)


@pytest.mark.parametrize("key", ["🚫", "🚫\ufe0f"])
def test_the_reaction_to_a_notice_is_a_wish(key: str) -> None:
    (wish,) = collected(reaction("sign", key=key))
    assert (wish.user, wish.out, wish.event_id) == (ADA, True, "$sign")


def test_another_sign_another_message_and_another_relation_are_none() -> None:
    assert (
        collected(
            reaction("sign", key="👍"),
            reaction("sign", target="elsewhere"),
            reaction("sign", rel="m.reference"),
            event("sign", "m.reaction", {"m.relates_to": "🚫"}),
            event("sign", "m.reaction", {"m.relates_to": {"key": ["🚫"], "event_id": "$notice"}}),
            reaction("sign") | {"state_key": ""},
        )
        == []
    )


def removed(*sources: Json) -> list[tuple[str, str, int]]:
    removals = collect_removals(read_event(source, ROOM) for source in sources)
    return [(removal.user, removal.event_id, removal.at - 1_700_000_000_000) for removal in removals]


def test_a_removal_names_who_removed_what_and_is_no_wish_by_itself() -> None:
    told = [
        reaction("sign", at=1),
        redaction("r1", "sign", at=2),
        redaction("r2", "sign", sender=BEN, at=3),
        redaction("r3", "words", sender=NOBODY),
    ]
    assert [wish.event_id for wish in collected(*told)] == ["$sign"]
    assert removed(*told) == [(ADA, "$sign", 2), (BEN, "$sign", 3)], "whose wish it was, the archive knows"


def test_what_is_left_of_a_reaction_says_that_its_sender_took_it_back() -> None:
    own = redacted(reaction("sign", at=1), redaction("r", "sign", at=9))
    assert (removed(own), collected(own)) == ([(ADA, "$sign", 9)], [])
    assert removed(redacted(reaction("sign"), redaction("r", "sign", sender=BEN))) == []
    assert removed(redacted(message("words", "!garden opt-out"), redaction("r", "words"))) == []
    timeless = redacted(reaction("sign", at=1), redaction("r", "sign") | {"origin_server_ts": "soon"})
    assert removed(timeless) == [(ADA, "$sign", 1)]


def test_wishes_come_in_the_order_in_which_they_were_said() -> None:
    wishes = collected(
        message("a", "!garden opt-out", at=5), message("b", "Hm."), message("c", "!garden opt-in", sender=BEN)
    )
    assert [(wish.user, wish.out) for wish in wishes] == [(ADA, True), (BEN, False)]
