"""A build publishes every page, index, feed and file, and a change renders only what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from garden.archive.event import NOBODY, EventId, RoomId
from garden.config import Neighbour, SiteConfig, SiteSettings, Webring
from garden.conversations.conversation import ConversationKind, MessageKind, Naming, Poll, PollAnswer
from garden.feed_memory import FeedMemory
from garden.pages.address import Address
from garden.pages.card import make_card, make_note_card
from garden.pages.elsewhere import Sharing
from garden.pages.page import Backlink, Note, Page, PageLinks, PageMessage
from garden.pages.wayfinding import find_paths
from garden.publish import Occasion, Publisher
from garden.resources import find_theme
from garden.site.place import RoomPlace
from garden.site.render import Renderer
from garden.site.search import SearchRecord
from garden.site.store import SiteChange, open_site
from garden.site.templates import load_theme
from garden.syndicate import FEED_LENGTH
from tests.site.growing import BASE_URL, MINUTE, NOON, SEEDS, WATER, remove, say, talk

NOTE = Note(
    Address("notes/glossary/"), "glossary.md", "Glossary", NOON, NOON, ("words",), "[[Beans]] are seeds."
)
OLD = RoomId("!old-seeds:fen.example")
UPGRADED = replace(SEEDS, older=(OLD,))
PICTURE = "![jars](../../media/ab/cd.webp){width=8 height=6}"


def config(base_url: str = BASE_URL, webrings: tuple[Webring, ...] = ()) -> SiteConfig:
    return SiteConfig(SiteSettings("Fen", base_url, description="Forty neighbours."), webrings=webrings)


def page(
    name: str, *messages: PageMessage, minute: int = 0, kind: ConversationKind = ConversationKind.THREAD
) -> Page:
    first = say(f"{name}-q", f"About {name}?", at=minute)
    whole = talk(first, *messages, say(f"{name}-a", "So.", who="ben", at=minute + 1), kind=kind)
    return replace(whole, address=Address(f"seeds/{name}-3fk2a9xy/"), title=name.title())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "media/ab").mkdir(parents=True)
    (tmp_path / "media/ab/cd.webp").write_bytes(b"picture")
    return tmp_path


def publish(
    folder: Path,
    pages: Sequence[Page],
    settings: SiteConfig | None = None,
    notes: Sequence[Note] = (NOTE,),
    moved: Mapping[str, str] | None = None,
    seeds: RoomPlace = SEEDS,
    links: PageLinks | None = None,
) -> tuple[SiteChange, list[SearchRecord]]:
    """A build without a memory of former ones."""
    change, records, _ = build(folder, pages, Occasion(), settings, notes, moved, seeds=seeds, links=links)
    return change, records


def build(  # noqa: PLR0913 - what a build is given, each by its name
    folder: Path,
    pages: Sequence[Page],
    occasion: Occasion,
    settings: SiteConfig | None = None,
    notes: Sequence[Note] = (NOTE,),
    moved: Mapping[str, str] | None = None,
    *,
    seeds: RoomPlace = SEEDS,
    links: PageLinks | None = None,
) -> tuple[SiteChange, list[SearchRecord], FeedMemory]:
    """What `pipeline.build_garden` does behind the archive, with pages that are given."""
    settings = settings or config()
    base_url = settings.site.base_url
    page_cards = [make_card(each, base_url) for each in pages]
    note_cards = [make_note_card(each, base_url) for each in notes]
    theme = load_theme(find_theme(folder, "commons"))
    with open_site(folder / "public") as site, Renderer(theme, site, 1) as renderer:
        cards = [*page_cards, *note_cards]
        publisher = Publisher(
            settings, [seeds, WATER], cards, find_paths(cards, {}, Sharing(cards)), site, renderer, occasion
        )
        records = [
            publisher.publish_page(each, links or PageLinks(), seeds, card)
            for each, card in zip(pages, page_cards, strict=True)
        ]
        records += [
            publisher.publish_note(each, links or PageLinks(), card)
            for each, card in zip(notes, note_cards, strict=True)
        ]
        publisher.publish_indexes({})
        publisher.publish_moved_rooms(moved or {})
        renderer.flush()
        publisher.publish_feeds()
        publisher.publish_listings()
        publisher.publish_files(theme, folder / "media", folder / "pictures")
        return site.finish(), records, publisher.remember_feeds()


def written(change: SiteChange) -> set[str]:
    return {path for path in change.written if not path.startswith("static/")}


BEANS = page("beans", replace(say("p", PICTURE, at=1), kind=MessageKind.IMAGE))
LEEKS = page("leeks", minute=10)


def test_every_kind_of_file_is_there(folder: Path) -> None:
    change, _ = publish(folder, [BEANS, LEEKS])

    assert written(change) == {
        ".nojekyll",
        "404.html",
        "_headers",
        "feed.atom",
        "feed.rss",
        "index.html",
        "map/index.html",
        "media/ab/cd.webp",
        "notes/glossary/index.html",
        "privacy/index.html",
        "robots.txt",
        "seeds/beans-3fk2a9xy/index.html",
        "seeds/feed.atom",
        "seeds/feed.rss",
        "seeds/index.html",
        "seeds/leeks-3fk2a9xy/index.html",
        "sitemap.xml",
        "tag/beans/index.html",
        "tag/index.html",
        "tag/words/index.html",
        "water/feed.atom",
        "water/feed.rss",
        "water/index.html",
        "years/2025/index.html",
        "years/index.html",
    }
    assert (folder / "public/media/ab/cd.webp").read_bytes() == b"picture"
    assert (folder / "public/static/css/all.css").is_file()


def test_the_same_again_writes_nothing(folder: Path) -> None:
    publish(folder, [BEANS, LEEKS])

    assert publish(folder, [BEANS, LEEKS])[0].written == ()


def test_a_new_message_renders_its_page_and_what_shows_it(folder: Path) -> None:
    publish(folder, [BEANS, LEEKS])

    more = replace(
        LEEKS, messages=(*LEEKS.messages, say("new", "One more.", at=99)), tended=NOON + 99 * MINUTE
    )
    change, _ = publish(folder, [BEANS, more])

    assert set(change.written) == {
        "feed.atom",
        "feed.rss",
        "index.html",
        "seeds/feed.atom",
        "seeds/feed.rss",
        "seeds/index.html",
        "seeds/leeks-3fk2a9xy/index.html",
        "sitemap.xml",
    }


def test_a_page_that_is_gone_goes_with_its_pictures_and_tag(folder: Path) -> None:
    publish(folder, [BEANS, replace(LEEKS, tags=())])

    change, _ = publish(folder, [replace(LEEKS, tags=())])

    assert change.removed == ("media/ab/cd.webp", "seeds/beans-3fk2a9xy/index.html", "tag/beans/index.html")


def test_a_room_with_many_conversations_has_more_parts(folder: Path) -> None:
    settings = config()
    settings = replace(settings, pages=replace(settings.pages, per_part=2))
    change, _ = publish(folder, [page(name, minute=number) for number, name in enumerate("abcde")], settings)

    assert {path for path in written(change) if "part-" in path} == {
        "seeds/part-2/index.html",
        "seeds/part-3/index.html",
    }


# Feeds


def feed(folder: Path, path: str = "feed.atom") -> feedparser.FeedParserDict:
    parsed = feedparser.parse((folder / "public" / path).read_bytes())
    assert not parsed.bozo
    return parsed


def test_feeds_hold_what_was_tended_last_and_no_days(folder: Path) -> None:
    day = page("day", minute=500, kind=ConversationKind.DAY)
    pages = [page(f"t{number:02}", minute=number) for number in range(FEED_LENGTH + 5)]
    publish(folder, [*pages, day], notes=())

    assert [entry.title for entry in feed(folder).entries] == [f"T{number:02}" for number in range(34, 4, -1)]


def test_a_rooms_feed_holds_its_own_and_the_gardens_holds_notes_too(folder: Path) -> None:
    publish(folder, [BEANS])

    assert {entry.title for entry in feed(folder).entries} == {"Beans", "Glossary"}
    assert [entry.title for entry in feed(folder, "seeds/feed.atom").entries] == ["Beans"]
    assert feed(folder, "water/feed.atom").entries == []


def test_an_entry_is_named_by_its_root_event_whatever_its_address(folder: Path) -> None:
    publish(folder, [BEANS])
    before = feed(folder, "seeds/feed.atom").entries[0]
    publish(folder, [replace(BEANS, address=Address("seeds/other-words-3fk2a9xy/"), title="Other words")])
    after = feed(folder, "seeds/feed.atom").entries[0]

    assert before.id == after.id == "matrix:roomid/seeds:fen.example/e/beans-q"
    assert before.link != after.link


def test_an_entry_holds_the_whole_conversation_with_full_urls(folder: Path) -> None:
    publish(folder, [BEANS])
    entry = feed(folder, "seeds/feed.atom").entries[0]

    html = entry.content[0].value
    assert "<strong>Ada</strong>, 3 March 2025" in html
    assert 'src="https://fen.example/garden/media/ab/cd.webp"' in html
    assert [author.name for author in entry.authors] == ["Ada", "Ben"]


def test_an_authors_name_is_no_markup_in_a_feed(folder: Path) -> None:
    message = replace(say("x", "Hi.", who="eve"), author='<img src=x onerror="alert(1)">')
    publish(folder, [page("beans", message)])

    html = etree.fromstring((folder / "public/feed.atom").read_bytes()).findtext(".//{*}content") or ""
    assert "&lt;img src=x" in html


def test_a_removed_message_stands_in_no_feed_and_no_search_record(folder: Path) -> None:
    gone = remove(replace(say("x", "", who="mallory", at=1), author="Mallory"))
    _, records = publish(folder, [page("beans", gone)])

    assert b"Mallory" not in (folder / "public/feed.atom").read_bytes()
    assert b"Mallory" not in (folder / "public/feed.rss").read_bytes()
    assert records[0].authors == ("Ada", "Ben")


# What feeds tell of what is gone

LATER = NOON + 1000 * MINUTE


def rebuild(
    folder: Path, pages: Sequence[Page], memory: FeedMemory, now_ms: int = LATER, seeds: RoomPlace = SEEDS
) -> FeedMemory:
    return build(folder, pages, Occasion(now_ms, memory), notes=(), seeds=seeds)[2]


def graves(folder: Path, path: str = "feed.atom") -> dict[str, str]:
    tree = etree.fromstring((folder / "public" / path).read_bytes())
    return {str(each.get("ref")): str(each.get("when")) for each in tree.findall("{*}deleted-entry")}


def test_a_conversation_that_is_gone_has_a_tombstone_in_every_feed_that_carried_it(folder: Path) -> None:
    memory = rebuild(folder, [BEANS, LEEKS], {}, NOON)
    assert graves(folder) == {}

    rebuild(folder, [LEEKS], memory)

    gone = {"matrix:roomid/seeds:fen.example/e/beans-q": "2025-03-04T04:40:00+00:00"}
    assert graves(folder) == graves(folder, "seeds/feed.atom") == gone
    assert graves(folder, "water/feed.atom") == {}
    assert feed(folder).feed.updated == "2025-03-04T04:40:00+00:00"
    assert b"deleted-entry" not in (folder / "public/feed.rss").read_bytes()


def test_the_next_build_says_the_same_and_writes_nothing(folder: Path) -> None:
    memory = rebuild(folder, [BEANS, LEEKS], {}, NOON)
    memory = rebuild(folder, [LEEKS], memory)

    change, _, again = build(folder, [LEEKS], Occasion(LATER + MINUTE, memory), notes=())

    assert change.written == ()
    assert again == memory


def test_a_conversation_that_newer_ones_pushed_out_is_not_gone_until_it_is(folder: Path) -> None:
    newer = [page(f"t{number:02}", minute=100 + number) for number in range(FEED_LENGTH)]
    memory = rebuild(folder, [BEANS], {}, NOON)
    memory = rebuild(folder, [BEANS, *newer], memory)
    assert graves(folder) == {}

    rebuild(folder, newer, memory)
    assert list(graves(folder)) == ["matrix:roomid/seeds:fen.example/e/beans-q"]


def test_what_comes_back_loses_its_tombstone(folder: Path) -> None:
    memory = rebuild(folder, [BEANS, LEEKS], {}, NOON)
    memory = rebuild(folder, [LEEKS], memory)
    rebuild(folder, [BEANS, LEEKS], memory, LATER + MINUTE)

    assert graves(folder) == {}


def test_an_entry_out_of_which_a_message_went_is_dated_anew(folder: Path) -> None:
    longer = page("beans", say("x", "Words that were taken back.", at=1))
    memory = rebuild(folder, [longer], {}, NOON)
    before = feed(folder).entries[0].updated
    memory = rebuild(folder, [page("beans")], memory)

    assert (before, feed(folder).entries[0].updated) == (
        "2025-03-03T12:01:00+00:00",
        "2025-03-04T04:40:00+00:00",
    )
    change, _, _ = build(folder, [page("beans")], Occasion(LATER + MINUTE, memory), notes=())
    assert change.written == ()


def test_what_is_remembered_of_feeds_holds_no_word_and_no_name(folder: Path) -> None:
    written_down = repr(build(folder, [BEANS, LEEKS], Occasion())[2]).casefold()

    assert "beans-q" in written_down
    for word in ("'ada", "'ben", "about", "so.", "title", "are seeds"):
        assert word not in written_down


# Where people are not named


@pytest.mark.parametrize("naming", [Naming.PSEUDONYM, Naming.HIDDEN])
def test_no_identifier_of_an_event_stands_in_the_site_of_a_room_whose_names_are_covered(
    folder: Path, naming: Naming
) -> None:
    link = "See [it](<https://matrix.to/#/!seeds:fen.example/$leeks-q?via=fen.example>)."
    publish(folder, [page("beans", say("x", link)), LEEKS], seeds=replace(SEEDS, naming=naming))

    files = [path for path in (folder / "public").rglob("*") if path.suffix in {".html", ".atom", ".rss"}]
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert [mark for mark in ("leeks-q", "beans-q", "/$", "/e/") if mark in text] == []
    first, second = feed(folder, "seeds/feed.atom").entries
    assert first.id.startswith(f"{BASE_URL}#")
    assert first.id != second.id


def test_an_entry_whose_people_are_covered_from_now_on_is_another_one(folder: Path) -> None:
    memory = rebuild(folder, [BEANS], {}, NOON)
    rebuild(folder, [BEANS], memory, seeds=replace(SEEDS, naming=Naming.HIDDEN))

    assert list(graves(folder)) == ["matrix:roomid/seeds:fen.example/e/beans-q"]


def test_a_conversation_whose_root_stands_nowhere_is_not_named_by_it(folder: Path) -> None:
    publish(folder, [replace(BEANS, root_id=EventId("$taken-back"))])

    assert b"taken-back" not in (folder / "public/feed.atom").read_bytes()
    assert b"taken-back" not in (folder / "public/seeds/beans-3fk2a9xy/index.html").read_bytes()


def test_nobody_is_no_author_in_feeds_and_search(folder: Path) -> None:
    hidden = replace(say("x", "Hi."), sender=NOBODY, author="…")
    _, records = publish(folder, [page("beans", hidden)])
    entry = feed(folder, "seeds/feed.atom").entries[0]

    assert [author.name for author in entry.authors] == ["Ada", "Ben"]
    assert records[0].authors == ("Ada", "Ben")
    assert "<strong>Somebody</strong>, 3 March 2025" in entry.content[0].value


# Search engines

UNLISTED = replace(SEEDS, index=False)
NOINDEX = '<meta name="robots" content="noindex">'


def marked(folder: Path) -> set[str]:
    """The pages that search engines are asked to leave out."""
    public = folder / "public"
    return {
        path.parent.relative_to(public).as_posix()
        for path in public.rglob("index.html")
        if NOINDEX in path.read_text(encoding="utf-8")
    }


def test_a_room_that_keeps_from_search_engines_does_so_on_all_its_pages(folder: Path) -> None:
    settings = replace(config(), pages=replace(config().pages, per_part=1))
    pages = [BEANS, replace(LEEKS, tags=())]
    publish(folder, pages, settings, moved={"sprouts/": OLD}, seeds=UPGRADED)
    assert marked(folder) == {"sprouts"}

    publish(folder, pages, settings, moved={"sprouts/": OLD}, seeds=replace(UPGRADED, index=False))
    assert marked(folder) == {
        *("seeds", "seeds/part-2", "seeds/beans-3fk2a9xy", "seeds/leeks-3fk2a9xy"),
        *("sprouts", "tag/beans"),
    }
    urls = etree.fromstring((folder / "public/sitemap.xml").read_bytes()).findall(".//{*}loc")
    assert not [url.text for url in urls if "seeds" in str(url.text)]
    assert "Disallow" not in (folder / "public/robots.txt").read_text(encoding="utf-8")


def test_its_words_stand_on_no_page_that_search_engines_may_read(folder: Path) -> None:
    quote = Backlink(BEANS.address, "Beans", None, None, "Quoted words.", "Ada", NOON)
    publish(folder, [BEANS], seeds=UNLISTED, links=PageLinks(backlinks=(quote,)))
    public = folder / "public"

    assert "beans-3fk2a9xy" not in (public / "index.html").read_text(encoding="utf-8")
    assert "Quoted words." not in (public / "notes/glossary/index.html").read_text(encoding="utf-8")
    assert "Quoted words." in (public / "seeds/beans-3fk2a9xy/index.html").read_text(encoding="utf-8")


# The privacy page


def test_the_privacy_page_follows_from_the_settings(folder: Path) -> None:
    settings = config()
    settings = replace(
        settings,
        matrix=replace(settings.matrix, homeserver="fen.example", recrawl="3d"),
        consent=replace(settings.consent, delay="2h", publish="curated", contact="@ada:fen.example"),
    )
    build(folder, [BEANS], Occasion(account="@garden:fen.example"), settings)
    text = (folder / "public/privacy/index.html").read_text(encoding="utf-8")

    for words in ("2 hours", "3 days", "🌱", "@ada:fen.example", "@garden:fen.example", "Seeds"):
        assert words in text
    publish(folder, [BEANS])
    text = (folder / "public/privacy/index.html").read_text(encoding="utf-8")
    assert "🌱" not in text
    assert "!garden" not in text


def test_a_note_about_privacy_is_linked_from_the_page(folder: Path) -> None:
    note = replace(NOTE, address=Address("notes/privacy/"), path="privacy.md", title="Our promise")
    publish(folder, [BEANS], notes=[note])

    text = (folder / "public/privacy/index.html").read_text(encoding="utf-8")
    assert '<a href="../notes/privacy/"><bdi>Our promise</bdi></a>' in text


# The rest


def test_what_the_search_index_learns(folder: Path) -> None:
    _, records = publish(folder, [LEEKS])
    leeks, glossary = records

    assert (leeks.address, leeks.title, leeks.room, leeks.kind) == (LEEKS.address, "Leeks", "Seeds", "thread")
    assert leeks.text.splitlines() == ["About leeks?", "So."]
    assert (glossary.kind, glossary.room, glossary.text) == ("note", "", "Beans are seeds.")
    assert leeks.fingerprint != glossary.fingerprint
    assert publish(folder, [LEEKS])[1] == records


def test_a_poll_is_found_by_its_answers_and_read_in_feeds_with_them(folder: Path) -> None:
    poll = Poll((PollAnswer("Saturday *morning*", 2), PollAnswer("Sunday", None)), 2)
    asked = replace(say("x", "When do we sow?"), kind=MessageKind.POLL, poll=poll)
    _, (beans, _) = publish(folder, [page("beans", asked)])

    assert beans.text.splitlines()[1:4] == ["When do we sow?", "Saturday *morning*", "Sunday"]
    html = feed(folder).entries[0].content[0].value
    assert "<li>Saturday *morning*</li>" in html


# Upgraded rooms


def test_feeds_and_their_entries_keep_their_names_through_an_upgrade(folder: Path) -> None:
    before = replace(SEEDS, room=replace(SEEDS.room, room_id=OLD))
    old = replace(page("beans"), room_id=OLD)
    publish(folder, [old], seeds=before)
    first = feed(folder, "seeds/feed.atom")

    sent_before = tuple(replace(message, room_id=OLD) for message in old.messages)
    upgraded = replace(old, messages=sent_before, room_id=SEEDS.room.room_id)
    publish(folder, [upgraded], seeds=UPGRADED)
    then = feed(folder, "seeds/feed.atom")

    assert (then.feed.id, then.entries[0].id) == (first.feed.id, first.entries[0].id)


def test_a_folder_that_a_room_has_left_leads_on_and_keeps_its_feeds(folder: Path) -> None:
    publish(folder, [BEANS], moved={"sprouts/": OLD, "gone/": "!gone:fen.example"}, seeds=UPGRADED)

    moved = (folder / "public/sprouts/index.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{BASE_URL}seeds/">' in moved
    assert 'href="../seeds/"' in moved
    assert feed(folder, "sprouts/feed.atom") == feed(folder, "seeds/feed.atom")
    assert not (folder / "public/gone").exists()


def test_the_sitemap_lists_pages_rooms_and_home(folder: Path) -> None:
    publish(folder, [BEANS])
    urls = etree.fromstring((folder / "public/sitemap.xml").read_bytes()).findall(".//{*}loc")

    assert {url.text for url in urls} == {
        BASE_URL + path
        for path in ("", "map/", "notes/glossary/", "privacy/", "seeds/", "seeds/beans-3fk2a9xy/", "water/")
    }


@pytest.mark.parametrize(
    ("base_url", "root"), [("https://fen.example/garden/", "/garden/"), ("https://fen.example/", "/")]
)
def test_the_page_for_unknown_addresses_works_at_any_depth(folder: Path, base_url: str, root: str) -> None:
    rings = (Webring("Wetlands", (Neighbour("Marsh", "https://marsh.example/"),)),)
    publish(folder, [BEANS], config(base_url, webrings=rings))

    tree = etree.fromstring((folder / "public/404.html").read_bytes(), etree.HTMLParser())
    targets = {
        str(element.get(name))
        for element in tree.iter()
        for name in ("href", "src")
        if element.get(name) and not str(element.get(name)).startswith(("https:", "#"))
    }
    assert f"{root}seeds/" in targets
    assert f"{root}neighbours/" in targets
    assert [target for target in targets if not target.startswith(root)] == []


def test_rings_stand_on_every_page_and_have_a_page_of_their_own(folder: Path) -> None:
    rings = (Webring("Wetlands", (Neighbour("Marsh", "https://marsh.example/"),)),)
    change, _ = publish(folder, [BEANS], config(webrings=rings))

    pages = [path for path in change.written if path.endswith(".html")]
    assert "neighbours/index.html" in pages
    assert all(
        "https://marsh.example/" in (folder / "public" / path).read_text(encoding="utf-8") for path in pages
    )


def test_without_rings_there_is_no_page_about_them(folder: Path) -> None:
    change, _ = publish(folder, [BEANS])
    assert "neighbours/index.html" not in change.written
    assert "neighbours/" not in (folder / "public/index.html").read_text(encoding="utf-8")


def test_a_lost_feed_comes_back_alone(folder: Path) -> None:
    publish(folder, [BEANS])
    (folder / "public/feed.rss").unlink()
    change, _ = publish(folder, [BEANS])

    assert change.written == ("feed.rss",)
