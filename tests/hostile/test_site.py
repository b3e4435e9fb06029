"""The corpus goes through import and build: each page holds what was sent and nothing else, and is clean."""

from __future__ import annotations

from collections import Counter

import pytest

from garden.archive.event import MalformedEventError, RoomId, read_event
from tests.hostile.blowups import BLOWUPS
from tests.hostile.corpus import CORPUS
from tests.hostile.grown import HostileGarden
from tests.hostile.judge import find_problems
from tests.hostile.places import ADA, BEN, Json
from tests.hostile.story import CALM

pytestmark = pytest.mark.xdist_group("hostile")


def test_every_case_has_a_name_of_its_own_and_a_sentence() -> None:
    names = Counter([*(case.name for case in CORPUS), *(each.name for each in BLOWUPS)])
    sentences = [*(case.says for case in CORPUS), *(each.says for each in BLOWUPS)]
    assert [name for name, count in names.items() if count > 1] == []
    assert [says for says in sentences if not says.endswith(".")] == []


def test_nothing_is_forged_hidden_or_let_through(hostile: HostileGarden) -> None:
    assert find_problems(hostile) == []


def test_the_words_of_others_stay_as_they_were(hostile: HostileGarden) -> None:
    calm = {words: name for name, words in CALM.items()}
    found: Counter[str] = Counter()
    for page in hostile.pages:
        for message in page.messages:
            if message.is_spoken and message.sender in {ADA, BEN}:
                assert message.text in calm, message
                assert message.author.startswith(("Ada Lindqvist", "Ben Ode")), message
                assert (message.edited_at, message.history) == (None, ())
                found[message.text] += 1
    sent = Counter(
        str(event["content"].get("body"))
        for event in hostile.sent.values()
        if isinstance(event["content"], dict)
    )
    assert found == {words: sent[words] for words in calm}


def test_no_message_is_lost(hostile: HostileGarden) -> None:
    """Whatever stands in it, a message that is one has its place on one page.

    A request to compare keys is for machines, and of what was taken back nothing hangs on, nothing is left.
    """
    shown = {message.event_id for page in hostile.pages for message in page.messages}
    sent = {
        event_id
        for event_id, event in hostile.sent.items()
        if event["type"] == "m.room.message"
        and not is_edit(event)
        and is_sound(event)
        and not any(words in event_id for words in ("-key-verification-", "-removed-"))
    }
    assert sorted(sent - shown) == []


def is_edit(event: Json) -> bool:
    content = event["content"]
    relation = content.get("m.relates_to") if isinstance(content, dict) else None
    return isinstance(relation, dict) and relation.get("rel_type") == "m.replace"


def is_sound(event: Json) -> bool:
    """Whether it is an event at all, as the archive sees it."""
    try:
        read_event(event, RoomId(str(event["room_id"])))
    except MalformedEventError:
        return False
    return True
