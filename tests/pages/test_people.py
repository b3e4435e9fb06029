"""A page of somebody gathers what they began and answered, where people are named in full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.archive.event import NOBODY, UserId
from garden.conversations.conversation import ConversationKind, MessageKind, Naming
from garden.pages.address import Address, person_address
from garden.pages.page import Page
from garden.pages.people import Person, Register
from tests.site.growing import anchor, say, talk


def page(name: str, *who: str, answer: str = "") -> Page:
    """A conversation in which these people speak in turn; `answer` is whose first message is accepted."""
    messages = [say(f"{name}-{at}", "x", who=person, at=at) for at, person in enumerate(who)]
    accepted = f"{name}-{who.index(answer)}" if answer else ""
    whole = replace(talk(*messages), address=Address(f"seeds/{name}-3fk2a9xy/"))
    return replace(whole, answer=anchor(accepted)) if accepted else whole


def people(*pages: Page, naming: Naming = Naming.FULL, index: bool = True) -> dict[str, Person]:
    register = Register()
    for each in pages:
        register.take(each, naming, index=index)
    return {person.name: person for person in register.list_people()}


def pages_of(spots: tuple[tuple[Address, str], ...]) -> list[str]:
    return [address.split("/")[1].split("-")[0] for address, _ in spots]


def test_each_conversation_stands_once_as_begun_answered_or_taken_part_in() -> None:
    found = people(page("a", "ada", "ben", "ada", "cleo", answer="ben"), page("b", "ben", "ada"))
    assert list(found) == ["Ada", "Ben", "Cleo"]
    ada, ben, cleo = found.values()
    assert (pages_of(ada.planted), pages_of(ada.answered), pages_of(ada.joined)) == (["a"], [], ["b"])
    assert (pages_of(ben.planted), pages_of(ben.answered), pages_of(ben.joined)) == (["b"], ["a"], [])
    assert (pages_of(cleo.planted), pages_of(cleo.joined)) == ([], ["a"])
    assert ben.answered[0][1] == anchor("a-1")
    assert cleo.joined[0][1] == anchor("a-3")


@pytest.mark.parametrize("naming", [Naming.PSEUDONYM, Naming.HIDDEN])
def test_where_people_are_not_named_in_full_nobody_has_a_page(naming: Naming) -> None:
    assert people(page("a", "ada", "ben"), naming=naming) == {}


def test_a_room_that_keeps_from_search_engines_is_left_out() -> None:
    assert people(page("a", "ada", "ben"), index=False) == {}


def test_days_removed_messages_bridges_and_nobody_give_nobody_a_page() -> None:
    day = replace(page("a", "ada"), kind=ConversationKind.DAY)
    removed = replace(page("b", "ada"), messages=(replace(say("x", ""), kind=MessageKind.REMOVED),))
    bridged = replace(page("c", "ada"), messages=(replace(say("y", "x"), network="Discord"),))
    hidden = replace(page("d", "ada"), messages=(replace(say("z", "x"), sender=NOBODY),))
    assert people(day, removed, bridged, hidden) == {}


def test_a_person_is_called_as_last_and_keeps_the_address() -> None:
    before = page("a", "ada")
    later = replace(say("later", "x", at=99), author="Ada Lindqvist")
    found = people(replace(before, messages=(later,)), before)
    assert [(person.name, person.address) for person in found.values()] == [
        ("Ada Lindqvist", person_address(UserId("@ada:fen.example")))
    ]


@pytest.mark.parametrize(
    "user", ["@ada:fen.example", "@../../x:a", "@:a", "@" + "ä" * 300 + ":a", "@con:a", "@%2e:a"]
)
def test_an_address_of_a_person_is_one_folder_of_its_own(user: str) -> None:
    address = person_address(UserId(user))
    assert address.startswith("people/")
    assert address.count("/") == 2
    assert ".." not in address
    assert address != person_address(UserId(f"{user}.other"))
