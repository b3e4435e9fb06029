"""Each gesture by which people tend a garden from the chat: sent to a server, seen on the page, taken back.

There is one room with a thread for each gesture, and the garden is brought up to date three times: before
anybody tends it, after everybody has, and after they have taken it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from garden.archive.event import EventId
from garden.pages.address import message_anchor
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import Tended, tend
from tests.smallholding import BASE_URL, read_site

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

_MODERATOR: Final = "mo"
_TALKS: Final = (
    *("seedling", "budding", "evergreen", "answered", "solved", "pointed", "hidden", "missing", "gone"),
    *("titled", "tagged", "untagged", "summed", "staged", "featured", "unfeatured", "merging", "merged"),
    *("split", "linked", "overruled"),
)
"""Threads, each for one gesture."""


@dataclass(frozen=True)
class Talk:
    """A thread: its root by ada, a question, and three answers by ben."""

    name: str
    root: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """What the garden was at some time."""

    site: Mapping[str, bytes]
    pages: Mapping[str, bytes]

    def home(self, event: str) -> str:
        """Return the address of the page on which a message stands."""
        anchor = f'id="{message_anchor(EventId(event))}"'.encode()
        (found,) = (path for path, page in self.site.items() if path.count("/") == 2 and anchor in page)
        return found.removesuffix("index.html")

    def front(self, event: str) -> dict[str, object]:
        """Return the front matter of the page on which a message stands."""
        text = self.pages[f"{self.home(event).rstrip('/')}.md"].decode()
        lines = text.split("---\n")[1].splitlines()
        return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}

    def html(self, event: str) -> str:
        return self.site[f"{self.home(event)}index.html"].decode()

    def says(self, words: str) -> bool:
        return any(words.encode() in content for content in (*self.site.values(), *self.pages.values()))


@dataclass(frozen=True)
class Story:
    """The room, and the garden before, while, and after it was tended."""

    talks: Mapping[str, Talk]
    garden: Tended
    before: Moment
    tended: Moment
    after: Moment
    kept: frozenset[str]
    """The words to the garden that lay on disk while it was tended."""


@pytest.fixture(scope="module")
def story(homeserver: Homeserver, tmp_path_factory: pytest.TempPathFactory) -> Story:
    room = homeserver.create_room("tended-room")
    homeserver.send(room, "admin", "m.room.power_levels", {"users": {"@mo:fen.example": 50}}, state_key="")
    talks = {name: _talk(homeserver, room, name) for name in _TALKS}
    garden = tend(tmp_path_factory.mktemp("tended"), homeserver, room)
    before = _grow(garden)
    gestures = _tend(homeserver, room, talks, before)
    tended = _grow(garden)
    kept = frozenset(words for words in garden.messages(room).values() if words.startswith("!garden"))
    for sender, event in gestures:
        homeserver.redact(room, sender, event)
    return Story(talks, garden, before, tended, _grow(garden), kept)


def _talk(homeserver: Homeserver, room: str, name: str) -> Talk:
    root = homeserver.send_message(room, "ada", f"Where does the {name} water go? #spring")
    relation = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
    answers = [
        homeserver.send_message(
            room, "ben", {"msgtype": "m.text", "body": f"Answer {number}, {name}.", **relation}
        )
        for number in (1, 2, 3)
    ]
    return Talk(name, root, tuple(answers))


def _grow(garden: Tended) -> Moment:
    garden.grow()
    return Moment(read_site(garden.out), read_site(garden.folder / "content_cache/pages"))


def _tend(
    homeserver: Homeserver, room: str, talks: Mapping[str, Talk], before: Moment
) -> list[tuple[str, str]]:
    """Make every gesture; return who sent which event."""
    sent: list[tuple[str, str]] = []

    def react(name: str, key: str, answer: int | None = None, sender: str = _MODERATOR) -> None:
        talk = talks[name]
        target = talk.root if answer is None else talk.answers[answer]
        sent.append((sender, homeserver.react(room, sender, target, key)))

    def ask(name: str, words: str, answer: int | None = None, sender: str = _MODERATOR) -> None:
        """Say something in the thread, as clients do, or in answer to one of its messages."""
        talk = talks[name]
        target = talk.answers[-1] if answer is None else talk.answers[answer]
        relation = {
            "rel_type": "m.thread",
            "event_id": talk.root,
            "is_falling_back": answer is None,
            "m.in_reply_to": {"event_id": target},
        }
        content = {"msgtype": "m.text", "body": f"!garden {words}", "m.relates_to": relation}
        sent.append((sender, homeserver.send_message(room, sender, content)))

    react("seedling", "🌱", 0)
    react("budding", "🌿", 1)
    react("evergreen", "🌳")
    react("answered", "✅", 1)
    react("solved", "✅", 2, "ada")
    ask("pointed", "answer", 0)
    react("hidden", "🙈")
    react("missing", "🙈", 1)
    ask("gone", "hide for a while")
    ask("titled", "title Beans in winter")
    ask("titled", "title Beans in spring")
    ask("tagged", "tag storage, Seed swaps")
    ask("untagged", "untag spring")
    ask("summed", "summary Down to the pond, slowly.")
    ask("staged", "stage evergreen")
    ask("featured", "feature")
    ask("unfeatured", "feature")
    ask("unfeatured", "unfeature")
    ask("merging", f"merge https://matrix.to/#/{room}/{talks['merged'].answers[1]}?via=fen.example")
    ask("split", "split", 1)
    ask("linked", f"merge {BASE_URL}{before.home(talks['split'].root)}")
    ask("overruled", "title Not by everybody", sender="ben")
    react("overruled", "🙈", sender="ben")
    react("overruled", "✅", 0, sender="ben")
    return sent


@pytest.mark.parametrize("stage", ["seedling", "budding", "evergreen"])
def test_a_reaction_says_how_far_a_conversation_has_grown(story: Story, stage: str) -> None:
    talk = story.talks[stage]
    assert story.tended.front(talk.root)["growth"] == stage
    assert "growth" not in story.after.front(talk.root)


@pytest.mark.parametrize(("name", "answer"), [("answered", 1), ("solved", 2), ("pointed", 0)])
def test_the_answer_is_marked_by_a_moderator_by_who_asked_or_in_words(
    story: Story, name: str, answer: int
) -> None:
    talk = story.talks[name]
    assert story.tended.front(talk.root)["answer"] == message_anchor(EventId(talk.answers[answer]))
    assert "answer" not in story.after.front(talk.root)


@pytest.mark.parametrize("name", ["hidden", "gone"])
def test_a_hidden_conversation_is_nowhere_until_it_is_shown_again(story: Story, name: str) -> None:
    assert story.before.says(f"Where does the {name} water")
    assert not story.tended.says(f"Where does the {name} water")
    assert not story.tended.says(f"Answer 2, {name}.")
    assert not any(name in path for path in story.tended.site)
    assert story.after.home(story.talks[name].root) == story.before.home(story.talks[name].root)


def test_a_hidden_message_leaves_a_line_in_its_place(story: Story) -> None:
    talk = story.talks["missing"]
    assert not story.tended.says("Answer 2, missing.")
    assert story.tended.home(talk.root) == story.tended.home(talk.answers[1])
    assert story.tended.says("Answer 3, missing.")
    assert story.after.says("Answer 2, missing.")


SEEN: Mapping[str, Callable[[Moment, Talk], bool]] = {
    "titled": lambda moment, talk: moment.front(talk.root)["title"] == "Beans in spring",
    "tagged": lambda moment, talk: moment.front(talk.root)["tags"] == ["seed-swaps", "spring", "storage"],
    "untagged": lambda moment, talk: moment.front(talk.root)["tags"] == [],
    "summed": lambda moment, talk: moment.front(talk.root).get("summary") == "Down to the pond, slowly.",
    "staged": lambda moment, talk: moment.front(talk.root).get("growth") == "evergreen",
    "featured": lambda moment, talk: moment.front(talk.root).get("featured") is True,
    "merging": lambda moment, talk: "Answer 2, merged." in moment.html(talk.root),
    "split": lambda moment, talk: moment.home(talk.root) != moment.home(talk.answers[1]),
    "linked": lambda moment, talk: "Answer 1, split." in moment.html(talk.root),
}


@pytest.mark.parametrize("name", SEEN)
def test_words_to_the_garden_do_what_they_say_until_they_are_taken_back(story: Story, name: str) -> None:
    talk = story.talks[name]
    assert [SEEN[name](moment, talk) for moment in (story.before, story.tended, story.after)] == [
        False,
        True,
        False,
    ]


def test_a_title_is_the_pages_heading_and_an_address_that_leads_there(story: Story) -> None:
    talk = story.talks["titled"]
    former, now = story.before.home(talk.root), story.tended.home(talk.root)
    assert "beans-in-spring" in now
    assert "Beans in spring</h1>" in story.tended.html(talk.root)
    assert f'href="{BASE_URL}{now}"' in story.tended.site[f"{former}index.html"].decode()


def test_the_address_of_what_was_merged_leads_to_what_it_has_become(story: Story) -> None:
    former = story.before.home(story.talks["merged"].root)
    now = story.tended.home(story.talks["merging"].root)
    assert f'href="{BASE_URL}{now}"' in story.tended.site[f"{former}index.html"].decode()


def test_the_latest_word_counts(story: Story) -> None:
    assert not story.tended.front(story.talks["unfeatured"].root).get("featured")
    assert "Beans in winter" not in story.tended.html(story.talks["titled"].root)


def test_who_does_not_moderate_tends_nothing(story: Story) -> None:
    talk = story.talks["overruled"]
    assert story.tended.front(talk.root) == story.before.front(talk.root)


def test_no_word_to_the_garden_is_published_and_only_moderators_lie_on_disk(story: Story) -> None:
    assert not story.tended.says("!garden title")
    assert not story.tended.says("for a while")
    assert {"!garden title Beans in spring", "!garden split", "!garden"} <= story.kept
    assert not story.tended.says("Not by everybody")
    assert "!garden title Not by everybody" not in story.kept


def test_a_garden_in_which_everything_was_taken_back_is_as_it_was(story: Story) -> None:
    assert story.after.pages == story.before.pages
    pages = {path for path in story.before.site if path.endswith("/index.html")}
    assert pages <= story.after.site.keys()
    assert {path for path in pages if story.before.site[path] != story.after.site[path]} == set()


def test_what_was_taken_back_is_gone_from_the_disk(story: Story) -> None:
    for words in ("Beans in winter", "Down to the pond", "for a while"):
        assert not story.garden.has_anywhere(words)
