"""People have pages where the settings and their rooms want it; nothing leads to anybody else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from garden.archive.event import UserId
from garden.archive.vocabulary import PREFERENCE
from garden.pages.address import person_address
from tests.archive.material import Json, event, message, redaction
from tests.site.growing import count_strange_scripts
from tests.smallholding import DAY, bean_talk, bring, build, page_of, plant, read_site

ON: Final = "\n[pages]\npeople = true\n"
ADA: Final = person_address(UserId("@ada:fen.example"))
BEN: Final = person_address(UserId("@ben:fen.example"))


def garden(folder: Path, *more: Json, settings: str = ON) -> Path:
    plant(folder, [*bean_talk(), *more], more=settings)
    build(folder)
    return folder / "public"


def answer(name: str, target: str, sender: str, words: str) -> Json:
    relation: Json = {"m.in_reply_to": {"event_id": f"${target}"}}
    content: Json = {"msgtype": "m.text", "body": words, "m.relates_to": relation}
    return event(name, "m.room.message", content, sender=sender, at=5 * DAY)


def read(public: Path, address: str) -> str:
    return (public / address / "index.html").read_text("utf-8")


def test_without_the_setting_there_is_no_page_of_anybody(tmp_path: Path) -> None:
    assert not [path for path in read_site(garden(tmp_path, settings="")) if path.startswith("people/")]
    assert not [path for path, text in read_site(tmp_path / "public").items() if b"people/" in text]


def test_a_person_has_a_page_to_which_names_home_and_the_index_lead(tmp_path: Path) -> None:
    public = garden(tmp_path)
    folder = page_of(public, "Dry it first")
    assert f'href="../../{ADA}"' in read(public, folder)
    assert f'href="{ADA.split("/")[1]}/"' in read(public, "people")
    assert 'href="people/"' in read(public, "")
    assert f'href="../../{folder}/#m-' in read(public, ADA)
    assert "a page that lists the conversations they began" in read(public, "privacy")


@pytest.mark.parametrize(
    "wish",
    [{"names": "pseudonym"}, {"names": "hidden"}, {"index": False}],
    ids=["pseudonym", "hidden", "index"],
)
def test_a_room_that_wants_less_leads_to_nobody(tmp_path: Path, wish: Json) -> None:
    public = garden(tmp_path, event("wish", PREFERENCE, wish, state_key=""))
    assert not (public / "people").exists()
    assert not [path for path, text in read_site(public).items() if b"people/" in text]


def test_a_garden_that_names_nobody_has_no_pages_of_people(tmp_path: Path) -> None:
    public = garden(tmp_path, settings=f'{ON}\n[consent]\nnames = "pseudonym"\n')
    assert not (public / "people").exists()
    assert "a page that lists" not in read(public, "privacy")


def test_who_opts_out_has_no_page_and_stands_on_none(tmp_path: Path) -> None:
    more = [answer(f"cleo-{number}", "root", "@cleo:fen.example", "Mine are in jars.") for number in range(2)]
    public = garden(tmp_path, *more, settings=f'{ON}\n[consent]\nopt_out = ["@ben:fen.example"]\n')
    assert (public / ADA).exists()
    assert not (public / BEN).exists()
    assert not [path for path, text in read_site(public).items() if BEN.encode() in text]


def test_who_takes_all_words_back_has_no_page_any_more(tmp_path: Path) -> None:
    public = garden(tmp_path)
    assert (public / BEN).exists()
    bring(tmp_path, [redaction("gone", "dry", sender="@ben:fen.example")])
    build(tmp_path)
    assert not (public / BEN).exists()


def test_a_new_message_of_somebody_known_changes_no_page_of_people(tmp_path: Path) -> None:
    garden(tmp_path)
    bring(tmp_path, [answer("more", "cold", "@ben:fen.example", "Once more.")])
    assert not [path for path in build(tmp_path).change.written if path.startswith("people/")]


def test_markup_in_a_name_is_a_name(tmp_path: Path) -> None:
    member: Json = {"membership": "join", "displayname": '"><script>alert(1)</script>'}
    public = garden(
        tmp_path,
        event("join", "m.room.member", member, sender="@eve:fen.example", state_key="@eve:fen.example", at=1),
        message("eve", "Hello?", sender="@eve:fen.example", at=2),
        *(answer(f"eve-{number}", "eve", "@eve:fen.example", "So.") for number in range(3)),
    )
    for path in ("people", str(person_address(UserId("@eve:fen.example")))):
        assert "alert(1)" in read(public, path)
        assert count_strange_scripts(read(public, path)) == 0


def test_a_theme_without_ornament_says_and_leads_the_same(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk(), more=ON)
    settings = (tmp_path / "site.toml").read_text("utf-8").replace("[site]\n", '[site]\ntheme = "plain"\n')
    (tmp_path / "site.toml").write_text(settings, "utf-8")
    build(tmp_path)
    public = tmp_path / "public"
    assert f'href="../../{ADA}"' in read(public, page_of(public, "Dry it first"))
    assert "a page that lists the conversations they began" in read(public, "privacy")
    assert f'href="../../{page_of(public, "Dry it first")}/#m-' in read(public, ADA)
