"""What people tend in the room or in git is seen in the built garden, and what they hide is nowhere in it."""

from __future__ import annotations

import json
from pathlib import Path

from garden.archive.event import EventId
from garden.config import read_config
from garden.pages.address import message_anchor
from garden.status import describe_garden
from tests.archive.material import MO, ROOM, Json, edit, event, message, redacted, redaction, reply
from tests.smallholding import BASE_URL, NOW_MS, bring, build, plant, read_site, site_text

POWER = event("p", "m.room.power_levels", {"users": {MO: 50}}, state_key="")
TALK = [
    POWER,
    event("name", "m.room.name", {"name": "Beds"}, state_key=""),
    message("root", "How do we store bean seed?"),
    reply("dry", "root", "Dry it first."),
    reply("cold", "dry", "Then cold and dark."),
    message("mice", "Mice in the shed, what now?"),
    reply("cat", "mice", "Borrow the cat."),
    reply("jars", "cat", "Or use jars."),
    message("frost", "First frost on the lower beds."),
]


def react(name: str, target: str, key: str, *, sender: str = MO) -> Json:
    relation = {"rel_type": "m.annotation", "event_id": f"${target}", "key": key}
    return event(name, "m.reaction", {"m.relates_to": relation}, sender=sender)


def ask(name: str, words: str, target: str = "root") -> Json:
    return reply(name, target, f"!garden {words}", sender=MO)


def give(folder: Path, *tables: str) -> None:
    (folder / "garden.toml").write_text("\n".join(f"[[conversation]]\n{table}" for table in tables), "utf-8")


def home(folder: Path, name: str) -> str:
    """Return the address of the page on which a message stands, without its last slash."""
    anchor = f'id="{message_anchor(EventId(f"${name}"))}"'
    pages = (folder / "public").glob("*/*/index.html")
    (found,) = (path.parent for path in pages if anchor in path.read_text("utf-8"))
    return found.relative_to(folder / "public").as_posix()


def front(folder: Path, name: str) -> dict[str, object]:
    """Return the front matter of the page on which a message stands."""
    path = folder / "content_cache/pages" / f"{home(folder, name)}.md"
    lines = path.read_text("utf-8").split("---\n")[1].splitlines()
    return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}


def leads_to(folder: Path, former: str, now: str) -> bool:
    page = folder / "public" / former / "index.html"
    return page.is_file() and f'rel="canonical" href="{BASE_URL}{now}/"' in page.read_text("utf-8")


def test_what_moderators_say_reaches_the_page_and_its_words_reach_nothing_else(tmp_path: Path) -> None:
    asked = [
        ask("c1", "title Beans in winter"),
        ask("c2", "summary Dry, airtight, cool.", "dry"),
        ask("c3", "tag beans, Seed storage"),
        react("r1", "cold", "🌳"),
        react("r2", "dry", "✅"),
        ask("c4", "feature", "cold"),
    ]
    build(plant(tmp_path, [*TALK, *asked]))
    found = front(tmp_path, "dry")
    assert found["title"] == "Beans in winter"
    assert found["summary"] == "Dry, airtight, cool."
    assert found["tags"] == ["beans", "seed-storage"]
    assert found["growth"] == "evergreen"
    assert found["featured"] is True
    assert str(found["answer"]).startswith("m-")
    assert "!garden title" not in site_text(tmp_path)
    assert "!garden" not in (tmp_path / "public" / home(tmp_path, "dry") / "index.html").read_text("utf-8")
    assert "Beans in winter" in (tmp_path / "public/index.html").read_text("utf-8")


def test_what_is_taken_back_is_as_if_it_had_not_been_said(tmp_path: Path) -> None:
    asked = [ask("c", "title Beans in winter"), react("r", "dry", "✅"), react("h", "mice", "🙈")]
    undisturbed = plant(tmp_path / "undisturbed", TALK)
    taken_back = plant(tmp_path / "tended", [*TALK, *asked])
    build(taken_back)
    bring(
        taken_back,
        [redaction(f"x{name}", name, sender=MO) for name in ("c", "r", "h")],
    )
    for folder in (undisturbed, taken_back):
        build(folder)
    assert read_site(taken_back / "public") == read_site(undisturbed / "public")
    assert b"Beans in winter" not in b"".join(read_site(taken_back / "content_cache").values())


def test_what_is_hidden_is_nowhere_in_the_garden(tmp_path: Path) -> None:
    quotes = message("q", f"As in https://matrix.to/#/{ROOM}/$mice and https://matrix.to/#/{ROOM}/$dry")
    hides = [react("h1", "mice", "🙈"), react("h2", "dry", "🙈"), ask("c", "hide", "frost")]
    build(plant(tmp_path, [*TALK, quotes]))
    before = home(tmp_path, "cat")
    bring(tmp_path, hides)
    build(tmp_path)
    built = {**read_site(tmp_path / "public"), **read_site(tmp_path / "content_cache/pages")}
    built |= read_site(tmp_path / "content_cache/search")
    for words in ("Mice in", "orrow", "the shed", "Dry it", "frost"):
        assert [path for path, content in built.items() if words.encode() in content or words in path] == []
    assert not (tmp_path / "public" / before).exists()
    assert home(tmp_path, "cold") == home(tmp_path, "root")
    bring(tmp_path, [ask("c2", "unhide", "mice")])
    build(tmp_path)
    assert home(tmp_path, "cat") == before


def test_a_conversation_that_is_called_otherwise_is_found_where_it_was(tmp_path: Path) -> None:
    build(plant(tmp_path, TALK))
    first = home(tmp_path, "dry")
    bring(tmp_path, [ask("c1", "title Winter store")])
    build(tmp_path)
    second = home(tmp_path, "dry")
    bring(tmp_path, [ask("c2", "title Cellar")])
    build(tmp_path)
    third = home(tmp_path, "dry")
    assert [path.partition("/")[2].rpartition("-")[0] for path in (first, second, third)] == [
        "how-do-we-store-bean-seed",
        "winter-store",
        "cellar",
    ]
    assert leads_to(tmp_path, first, third)
    assert leads_to(tmp_path, second, third)
    bring(tmp_path, [redaction("x", "c1", sender=MO)])
    build(tmp_path)
    assert not (tmp_path / "public" / second).exists()
    assert leads_to(tmp_path, first, third)


def test_two_conversations_become_one_and_two_again(tmp_path: Path) -> None:
    build(plant(tmp_path, TALK))
    beans, mice = (home(tmp_path, name) for name in ("dry", "cat"))
    bring(tmp_path, [ask("c", f"merge https://matrix.to/#/{ROOM}/$jars?via=fen.example")])
    result = build(tmp_path)
    assert result.problems == ()
    assert home(tmp_path, "cat") == beans
    assert leads_to(tmp_path, mice, beans)
    build(tmp_path)
    assert leads_to(tmp_path, mice, beans)
    bring(tmp_path, [redaction("x", "c", sender=MO)])
    build(tmp_path)
    assert home(tmp_path, "cat") == mice
    assert home(tmp_path, "dry") == beans


def test_a_part_has_a_page_that_stays_and_leads_back_when_it_is_none_any_more(tmp_path: Path) -> None:
    links = message("l", "See the cold part.")
    build(plant(tmp_path, [*TALK, links, ask("c", "split", "cold")]))
    whole, part = (home(tmp_path, name) for name in ("dry", "cold"))
    assert whole != part
    bring(tmp_path, [redaction("x", "c", sender=MO)])
    build(tmp_path)
    assert home(tmp_path, "cold") == whole
    assert leads_to(tmp_path, part, whole)


def test_an_address_of_the_garden_says_what_to_merge_and_still_leads_there(tmp_path: Path) -> None:
    build(plant(tmp_path, TALK))
    mice = home(tmp_path, "cat")
    bring(
        tmp_path,
        [message("s", f"Look: {BASE_URL}{mice}/ it is there."), ask("c", f"merge {BASE_URL}{mice}/")],
    )
    assert build(tmp_path).problems == ()
    beans = home(tmp_path, "dry")
    assert home(tmp_path, "cat") == beans
    assert f"../{beans.partition('/')[2]}/" in (
        tmp_path / "public" / home(tmp_path, "s") / "index.html"
    ).read_text("utf-8")


def test_what_git_says_wins_over_the_room(tmp_path: Path) -> None:
    asked = [ask("c1", "title From the room"), react("h", "mice", "🙈"), react("r", "root", "🌳")]
    plant(tmp_path, [*TALK, *asked])
    give(
        tmp_path,
        'of = "$cold"\ntitle = "From git"\ntags = ["beans"]\nanswer = "$dry"',
        'of = "$mice"\nhidden = false\nsplit = ["$jars"]\ngrowth = "budding"',
        'of = "$frost"\nhidden = true',
    )
    assert build(tmp_path).problems == ()
    found = front(tmp_path, "dry")
    assert (found["title"], found["growth"], found["tags"]) == ("From git", "evergreen", ["beans"])
    assert front(tmp_path, "cat")["growth"] == "budding"
    assert front(tmp_path, "jars")["title"] == "Or use jars."
    assert "frost" not in site_text(tmp_path)


def test_addresses_of_the_garden_point_at_conversations_in_git(tmp_path: Path) -> None:
    build(plant(tmp_path, TALK))
    beans, mice = (home(tmp_path, name) for name in ("dry", "cat"))
    dry = str(front(tmp_path, "dry")["root"])
    give(tmp_path, f'of = "{BASE_URL}{beans}/"\ntitle = "Store"\nmerge = ["{mice}"]')
    assert dry == "$root"
    assert build(tmp_path).problems == ()
    assert front(tmp_path, "cat")["title"] == "Store"
    give(tmp_path, f'of = "{mice}/"\nhidden = true')
    assert build(tmp_path).problems == ()
    assert "Borrow the cat." not in site_text(tmp_path)


def test_what_leads_nowhere_is_told_by_the_build(tmp_path: Path) -> None:
    plant(tmp_path, [*TALK, ask("c1", "merge $elsewhere"), ask("c2", "merge $cold")])
    give(tmp_path, 'of = "$nowhere"\ntitle = "X"', 'of = "$mice"\nanswer = "$dry"\nsplit = ["$gone"]')
    status = describe_garden(tmp_path, read_config(tmp_path / "site.toml"), now_ms=NOW_MS)
    assert status.problems == (
        "garden.toml:1: $nowhere leads to no message in the archive",
        "garden.toml:4: $gone leads to no message in the archive",
    )
    assert build(tmp_path).problems == (
        "garden.toml:1: $nowhere leads to no message in the archive",
        "garden.toml:4: $gone leads to no message in the archive",
        "!garden merge $elsewhere: what is to be merged leads to no conversation of this room",
        "!garden merge $cold: this conversation cannot be merged into itself",
        "garden.toml:4: the answer does not stand in this conversation",
    )


def test_nobody_is_named_in_a_title_where_people_are_not_named(tmp_path: Path) -> None:
    named = event(
        "m",
        "m.room.member",
        {"membership": "join", "displayname": "Ada Lindqvist"},
        state_key="@ada:fen.example",
    )
    more = '[consent]\nnames = "hidden"\n'
    build(
        plant(
            tmp_path, [named, *TALK, ask("c", "title What Ada Lindqvist keeps, @ada:fen.example")], more=more
        )
    )
    assert "Lindqvist" not in site_text(tmp_path)
    assert "ada:fen" not in site_text(tmp_path)
    assert "What " in str(front(tmp_path, "dry")["title"])


def test_a_tended_garden_is_built_to_the_same_bytes_again(tmp_path: Path) -> None:
    asked = [
        ask("c1", "title Store"),
        ask("c2", "merge $mice"),
        ask("c3", "split", "jars"),
        react("r", "dry", "✅"),
    ]
    build(plant(tmp_path, [*TALK, *asked, edit("e", "c1", "!garden title Cellar", sender=MO)]))
    before = read_site(tmp_path / "public")
    change = build(tmp_path).change
    assert (change.written, change.removed) == ((), ())
    assert read_site(tmp_path / "public") == before
    assert front(tmp_path, "dry")["title"] == "Cellar"


def test_words_to_the_garden_that_were_taken_back_are_nowhere_on_disk(tmp_path: Path) -> None:
    said = ask("c", "title Sundew secret")
    plant(tmp_path, [*TALK, said])
    build(tmp_path)
    bring(tmp_path, [redacted(said, redaction("x", "c", sender=MO)), redaction("x", "c", sender=MO)])
    build(tmp_path)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"undew" not in everything


def test_a_note_tends_the_conversations_that_it_names(tmp_path: Path) -> None:
    plant(tmp_path, [*TALK, ask("c", "title From the room", "mice")])
    (tmp_path / "notes/store.md").write_text(
        "---\nconversations:\n- of: $dry\n  title: From a note\n  growth: evergreen\n"
        "- of: $frost\n  hidden: true\n"
        "- of: $mice\n  titel: Mice\n---\n\nDry, then cold.\n",
        "utf-8",
    )
    told = "notes/store.md: conversations: unknown key 'titel' (did you mean 'title'?)"
    assert build(tmp_path).problems == (told,)
    assert (front(tmp_path, "root")["title"], front(tmp_path, "root")["growth"]) == (
        "From a note",
        "evergreen",
    )
    assert front(tmp_path, "mice")["title"] == "From the room"
    assert "frost" not in site_text(tmp_path)
    give(tmp_path, 'of = "$root"\ntitle = "From git"')
    build(tmp_path)
    assert front(tmp_path, "root")["title"] == "From git"
    assert describe_garden(tmp_path, read_config(tmp_path / "site.toml"), now_ms=NOW_MS).problems == (told,)


def test_what_a_note_says_of_conversations_is_a_list(tmp_path: Path) -> None:
    plant(tmp_path, TALK)
    (tmp_path / "notes/store.md").write_text("---\nconversations: $dry\n---\n", "utf-8")
    assert build(tmp_path).problems == (
        "notes/store.md: conversations: '$dry' is no list of mappings such as - of: $event",
    )
