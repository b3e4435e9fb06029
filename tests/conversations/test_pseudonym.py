"""The names that a garden makes up are stable, keyed and kind."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from garden.archive.event import UserId, read_event
from garden.conversations import pseudonym
from garden.conversations.pseudonym import make_pseudonym
from tests.conversations.material import ADA, BEN, ROOM, said


def digest_with(key: str) -> Callable[[str], str]:
    return partial(digest, key)


def digest(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), "sha256").hexdigest()


WORDS: list[Any] = [pseudonym._PLACES.split(), pseudonym._BEINGS.split()]  # noqa: SLF001 - the lists are what is tested


@pytest.mark.parametrize("words", WORDS)
def test_there_are_enough_words_and_each_is_one_word_once(words: list[str]) -> None:
    assert len(words) >= 128
    assert len(words) == len(set(words))
    assert all(re.fullmatch("[A-Z][a-z]{2,13}", word) for word in words)
    assert not set(WORDS[0]) & set(WORDS[1])


def test_somebody_is_always_called_the_same_and_elsewhere_otherwise() -> None:
    here, there = digest_with("one garden"), digest_with("another")
    assert make_pseudonym(UserId(ADA), here) == make_pseudonym(UserId(ADA), here)
    assert make_pseudonym(UserId(ADA), here) != make_pseudonym(UserId(ADA), there)
    assert make_pseudonym(UserId(ADA), here) != make_pseudonym(UserId(BEN), here)


def test_a_pseudonym_is_a_user_and_a_name_of_two_words_and_a_number() -> None:
    made = [make_pseudonym(UserId(f"@u{number}:fen.example"), digest_with("key")) for number in range(500)]
    assert len({cover.user_id for cover in made}) == 500
    assert len({cover.name for cover in made}) >= 498
    for cover in made:
        assert re.fullmatch(r"@member-[a-z2-7]{12}:garden\.invalid", cover.user_id)
        assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+ [1-9][0-9]", cover.name)
        content = {"msgtype": "m.text", "body": cover.user_id}
        read_event({**_source(said("a", "x")), "sender": cover.user_id, "content": content}, ROOM)


def test_the_name_does_not_follow_from_the_identifier() -> None:
    """Who knows one half of the digest cannot work out the other."""

    def half(tail: str, _user: str) -> str:
        return "ab" * 8 + tail * 24

    alike = [make_pseudonym(UserId(ADA), partial(half, tail)) for tail in ("00", "11", "5c")]
    assert len({cover.user_id for cover in alike}) == 1
    assert len({cover.name for cover in alike}) == 3


def _source(event: Any) -> dict[str, object]:  # noqa: ANN401 - any event
    return {
        "type": event.type,
        "event_id": event.event_id,
        "origin_server_ts": event.sent_at,
        "content": event.content,
    }
