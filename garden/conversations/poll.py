"""Polls: the question, the votes and the end of a poll come in as events, the poll as it stands goes out.

The rules are those of MSC3381, under its stable and its unstable names, also mixed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, EventId, JsonObject, UserId, get_number, get_object, get_text
from garden.conversations.conversation import Poll, PollAnswer
from garden.conversations.label import clean_label
from garden.conversations.relation import relation_target
from garden.conversations.words import read_words

POLL_STARTS: Final = frozenset({"m.poll.start", "org.matrix.msc3381.poll.start"})
POLL_RESPONSES: Final = frozenset({"m.poll.response", "org.matrix.msc3381.poll.response"})
POLL_ENDS: Final = frozenset({"m.poll.end", "org.matrix.msc3381.poll.end"})

_START_KEYS: Final = ("m.poll", "m.poll.start", "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll")
_SELECTION_KEYS: Final = ("m.selections", "org.matrix.msc3381.selections")
_RESPONSE_KEYS: Final = ("org.matrix.msc3381.poll.response", "m.poll.response")
_DISCLOSED: Final = frozenset(
    {
        "m.disclosed",
        "m.poll.disclosed",
        "org.matrix.msc3381.disclosed",
        "org.matrix.msc3381.poll.disclosed",
    }
)
_MOST_ANSWERS: Final = 20
_LONGEST_ANSWER: Final = 340


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is asked, before anybody has voted."""

    question: str
    answers: tuple[tuple[str, str], ...]
    """Identifier and text of each answer, in order; identifiers occur once."""
    max_selections: int = 1
    is_disclosed: bool = False
    """Whether the counts are shown while the poll is open."""

    def in_words(self) -> str:
        """Return question and answers as plain text, a line each."""
        lines = [f"{number}. {text}" for number, (_, text) in enumerate(self.answers, 1)]
        return "\n".join([self.question, *lines])


def read_ballot(content: JsonObject) -> Ballot | None:
    """Read a poll's question and answers; None where there is no question or nothing to choose."""
    block = next((found for key in _START_KEYS if (found := get_object(content, key))), None)
    question = read_words(block.get("question")) if block is not None else None
    if block is None or question is None or not question.body.strip():
        return None
    answers = _read_answers(block.get("answers"))
    if not answers:
        return None
    most = get_number(block, "max_selections")
    return Ballot(
        question=question.body,
        answers=answers,
        max_selections=min(most, len(answers)) if most is not None and most >= 1 else 1,
        is_disclosed=get_text(block, "kind") in _DISCLOSED,
    )


class BallotBox:
    """The votes for and the ends of a room's polls, as they come."""

    def __init__(self, may_redact: Callable[[UserId], bool]) -> None:
        self._may_redact = may_redact
        self._responses: dict[EventId, list[Event]] = defaultdict(list)
        self._ends: dict[EventId, list[Event]] = defaultdict(list)

    def note(self, event: Event) -> None:
        """Take in a response or an end; a redaction has taken its relation away, so it counts no more."""
        target = relation_target(event.content, "m.reference")
        if target is not None and event.redacted_because is None:
            (self._ends if event.type in POLL_ENDS else self._responses)[target].append(event)

    def count(self, start: Event, ballot: Ballot) -> Poll:
        """Count the votes of a poll as they stand."""
        ended_at = self._ended_at(start)
        choices = self._choices(start.event_id, ballot, ended_at)
        votes = {
            identifier: sum(identifier in choice for choice in choices) for identifier, _ in ballot.answers
        }
        is_shown = ended_at is not None or ballot.is_disclosed
        most = max(votes.values())
        return Poll(
            answers=tuple(
                PollAnswer(
                    text,
                    votes[identifier] if is_shown else None,
                    is_winner=ended_at is not None and votes[identifier] == most > 0,
                )
                for identifier, text in ballot.answers
            ),
            voters=len(choices),
            max_selections=ballot.max_selections,
            ended_at=ended_at,
        )

    def _ended_at(self, start: Event) -> int | None:
        """The first end counts that comes from the poll's sender or somebody who may redact."""
        return min(
            (
                end.sent_at
                for end in self._ends.get(start.event_id, ())
                if end.sender == start.sender or self._may_redact(end.sender)
            ),
            default=None,
        )

    def _choices(self, start: EventId, ballot: Ballot, ended_at: int | None) -> Sequence[frozenset[str]]:
        """Each voter's last response before the end counts, even where it is spoiled and chooses nothing."""
        last: dict[UserId, Event] = {}
        for response in self._responses.get(start, ()):
            if ended_at is not None and response.sent_at > ended_at:
                continue
            known = last.get(response.sender)
            if known is None or (response.sent_at, response.event_id) > (known.sent_at, known.event_id):
                last[response.sender] = response
        choices = (_read_choice(response.content, ballot) for response in last.values())
        return [choice for choice in choices if choice]


def _read_answers(source: object) -> tuple[tuple[str, str], ...]:
    """The list is cut before anything else; of two answers with one identifier the first is chosen by it."""
    answers: dict[str, str] = {}
    for each in source[:_MOST_ANSWERS] if isinstance(source, list) else ():
        identifier = _identifier(each, "m.id") or _identifier(each, "id")
        words = read_words(each)
        text = clean_label(words.body, _LONGEST_ANSWER) if words is not None else ""
        if identifier and text:
            answers.setdefault(identifier, text)
    return tuple(answers.items())


def _identifier(answer: object, key: str) -> str:
    """Return an answer's identifier as it was written: it is only compared, never shown."""
    value = (get_object(answer) or {}).get(key)
    return value if isinstance(value, str) else ""


def _read_choice(content: JsonObject, ballot: Ballot) -> frozenset[str]:
    """Read the answers that a response selects; one that is unknown spoils them all."""
    selected = _read_selections(content)
    known = {identifier for identifier, _ in ballot.answers}
    if not all(isinstance(each, str) and each in known for each in selected):
        return frozenset()
    return frozenset(str(each) for each in selected[: ballot.max_selections])


def _read_selections(content: JsonObject) -> list[object]:
    found = [content.get(key) for key in _SELECTION_KEYS]
    found += [(get_object(content, key) or {}).get("answers") for key in _RESPONSE_KEYS]
    return next((each for each in found if isinstance(each, list)), [])
