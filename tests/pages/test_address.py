"""Addresses name files anywhere, last for ever, and the links between them lead there and back."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.archive.event import EventId, RoomId
from garden.pages.address import (
    HOME,
    Address,
    Anchor,
    absolute_url,
    assign_room_addresses,
    conversation_address,
    day_address,
    document_path,
    follow_markdown,
    follow_note_link,
    id_in_address,
    local_target,
    markdown_address,
    markdown_path,
    message_anchor,
    name_tag,
    note_address,
    page_id,
    relative_markdown,
    relative_url,
    room_part_address,
    root_prefix,
    slugify,
    tag_address,
)
from tests.pages.strategies import texts

BASE = "https://fen.example/garden/"
ROOT = EventId("$root:fen.example")

any_strings = st.one_of(texts, st.text(max_size=80))
slugs = any_strings.map(lambda text: slugify(text, "x"))
addresses = st.lists(slugs, min_size=1, max_size=4).map(lambda parts: Address("/".join(parts) + "/"))
anchors = st.none() | st.text(min_size=1, max_size=10).map(lambda text: message_anchor(EventId(text)))

FORBIDDEN = set('/\\:*?"<>|.%# \t\n') | {chr(code) for code in range(32)}
"""What some file system, shell or URL would take for something else."""


@given(any_strings)
@settings(max_examples=500)
@example("..")
@example("/etc/passwd")
@example("ﬁ" * 40)
@example("İ" * 40)
@example("\u0345" * 50)
def test_a_slug_is_safe_as_a_file_name(text: str) -> None:
    slug = slugify(text, "fallback")
    assert slug
    assert not FORBIDDEN & set(slug)
    assert len(slug.encode()) <= 60
    assert slug == slug.strip("-")
    assert slugify(slug, "other") == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("How do we store bean seed?", "how-do-we-store-bean-seed"),
        ("Grüße_aus  Köln", "grüße-aus-köln".replace("ß", "ss")),
        ("花の種", "花の種"),
        ("كيف نخزن البذور", "كيف-نخزن-البذور"),
        ("!!!", "fallback"),
        ("a " * 60, "a-" * 29 + "a"),
    ],
)
def test_a_slug_keeps_the_words(text: str, slug: str) -> None:
    assert slugify(text, "fallback") == slug


def test_a_conversation_keeps_its_id_whatever_its_title() -> None:
    first = conversation_address(Address("seeds/"), "Storing beans", ROOT)
    later = conversation_address(Address("seeds/"), "Storing beans dry", ROOT)
    assert id_in_address(first) == id_in_address(later) == page_id(ROOT)
    assert re.fullmatch(r"seeds/storing-beans-[a-z2-7]{8}/", first)
    assert conversation_address(Address("seeds/"), "???", ROOT) == f"seeds/conversation-{page_id(ROOT)}/"


def test_addresses_without_an_id_have_none() -> None:
    for address in (HOME, Address("seeds/"), Address("seeds/2025-03-03/"), Address("tag/cucumber/")):
        assert id_in_address(address) is None


def test_parts_days_notes_and_tags_have_their_places() -> None:
    assert day_address(Address("seeds/"), date(2025, 3, 3)) == "seeds/2025-03-03/"
    assert room_part_address(Address("seeds/"), 1) == "seeds/"
    assert room_part_address(Address("seeds/"), 2) == "seeds/part-2/"
    assert note_address("tools/Pruning knife") == "notes/tools/pruning-knife/"
    assert tag_address("seed saving") == "tag/seed-saving/"
    assert document_path(HOME) == "index.html"
    assert document_path(Address("seeds/")) == "seeds/index.html"


@given(st.lists(any_strings, max_size=6))
def test_tags_of_one_name_have_one_address(tags: list[str]) -> None:
    names = {name_tag(tag) for tag in tags} - {""}
    assert len({tag_address(name) for name in names}) == len(names)


rooms = st.lists(
    st.tuples(st.integers(0, 30).map(lambda n: RoomId(f"!{n}")), any_strings), unique_by=lambda room: room[0]
)


@given(rooms, rooms)
@example([(RoomId("!1"), "notes")], [(RoomId("!2"), "Notes!")])
@example([(RoomId("!1"), "beans")], [(RoomId("!2"), "beans")])
def test_no_two_rooms_ever_share_a_folder_and_a_room_keeps_its_own(
    earlier: list[tuple[RoomId, str]], now: list[tuple[RoomId, str]]
) -> None:
    before = assign_room_addresses(earlier, {})
    after = assign_room_addresses(now, {str(room): str(folder) for room, folder in before.items()})
    both = {**before, **after}
    assert len(set(both.values())) == len(both)
    assert all(after[room] == before[room] for room, _ in now if room in before)


@pytest.mark.parametrize(
    "name",
    [
        "notes",
        "Tag",
        "STATIC",
        "media",
        "map",
        "con",
        "Com1",
        "404",
        "feeds",
        "search",
        "index",
        "links",
        "years",
        "people",
    ],
)
def test_no_room_takes_a_folder_of_the_gardens_own_or_one_that_some_system_refuses(name: str) -> None:
    (address,) = assign_room_addresses([(RoomId("!r"), name)], {}).values()
    assert address.startswith(f"{name.lower()}-")


@given(addresses | st.just(HOME), addresses | st.just(HOME), anchors)
@settings(max_examples=500)
def test_a_relative_url_leads_where_the_full_one_does(
    start: Address, target: Address, anchor: Anchor | None
) -> None:
    followed = urljoin(absolute_url(BASE, start), relative_url(start, target, anchor))
    assert followed == absolute_url(BASE, target, anchor)
    assert urljoin(absolute_url(BASE, start), root_prefix(start)) == BASE


@given(addresses, st.sampled_from(["feed.atom", "static/base.css", "media/ab/c d.webp", "a:b/c.txt"]))
def test_a_relative_url_of_a_file_leads_to_the_file(start: Address, path: str) -> None:
    assert urljoin(absolute_url(BASE, start), relative_url(start, path)) == absolute_url(BASE, path)


@given(addresses, addresses, anchors)
@settings(max_examples=500)
def test_a_link_between_markdown_files_leads_there_and_back(
    start: Address, target: Address, anchor: Anchor | None
) -> None:
    link = relative_markdown(start, target, anchor)
    assert not urlsplit(link).scheme
    assert follow_markdown(start, link) == (target, anchor or "")


@given(addresses)
def test_a_page_and_its_file_name_each_other(address: Address) -> None:
    assert markdown_address(markdown_path(address)) == address


@given(addresses | st.just(HOME), anchors)
def test_the_gardens_own_urls_are_recognised(address: Address, anchor: Anchor | None) -> None:
    url = absolute_url(BASE, address, anchor)
    assert local_target(BASE, url) == (address, anchor or "")
    assert local_target(BASE, unquote(url)) == (address, anchor or "")
    assert local_target(BASE, url.replace("https://fen", "http://FEN")) == (address, anchor or "")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://fen.example/garden/seeds/index.html", "seeds/"),
        ("https://fen.example/garden/seeds", "seeds/"),
        ("https://fen.example/garden/seeds/?x=1", "seeds/"),
        ("https://fen.example/elsewhere/", None),
        ("https://other.example/garden/seeds/", None),
        ("ftp://fen.example/garden/seeds/", None),
        ("//fen.example/garden/seeds/", None),
        ("seeds/", None),
        ("http://[", None),
        ("http://\u2100.example/", None),
        ("", None),
    ],
)
def test_other_urls_are_not_ours(url: str, address: str | None) -> None:
    found = local_target(BASE, url)
    assert (found[0] if found else None) == address


@pytest.mark.parametrize(
    ("start", "link", "target"),
    [
        ("First season.md", "House rules.md", "notes/house-rules/"),
        ("First season.md", "House%20rules.md#water", "notes/house-rules/"),
        ("tools/Hoe.md", "../House rules.md", "notes/house-rules/"),
        ("tools/Hoe.md", "./Pruning knife.md", "notes/tools/pruning-knife/"),
        ("First season.md", "tools/Hoe.md", "notes/tools/hoe/"),
        ("a b/c d/e.md", "../f G/h.md", "notes/a-b/f-g/h/"),
    ],
)
def test_a_link_between_notes_files_leads_to_the_notes_address(start: str, link: str, target: str) -> None:
    assert follow_note_link(note_address(start.removesuffix(".md")), link) == target


def test_identifiers_make_the_same_letters_for_ever() -> None:
    assert page_id(EventId("$root:fen.example")) == "nyckeope"
    assert message_anchor(EventId("$root:fen.example")) == "m-nyckeopexv"


def test_no_tag_is_named_like_a_device() -> None:
    """Some file systems cannot hold a folder of that name."""
    assert [tag_address(name) for name in ("con", "LPT1", "convent")] == [
        "tag/con-tag/",
        "tag/lpt1-tag/",
        "tag/convent/",
    ]
