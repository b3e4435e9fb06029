"""`garden tend`: lists what wants attention from archive and notes, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

from tests.archive.material import MO, ROOM, event, message, reply
from tests.smallholding import BASE_URL, DAY, bring, lay_out, plant, read_site, settings
from tests.terminal import check_told, run

TALK = [
    event("name", "m.room.name", {"name": "Beds"}, state_key=""),
    message("root", "How do we store bean seed?"),
    reply("dry", "root", "Dry it first."),
    *(reply(f"r{number}", "dry", f"Then cold, {number}.", at=number) for number in range(12)),
    message("ok", "Ok", at=DAY),
    reply("fine", "ok", f"Like https://matrix.to/#/{ROOM}/$gone?", at=DAY),
    reply("yes", "fine", "Yes.", at=DAY),
    message("future", "From a clock that is wrong.", at=5000 * DAY),
]


def test_it_tells_what_wants_attention_and_writes_nothing(tmp_path: Path) -> None:
    plant(tmp_path, TALK)
    (tmp_path / "notes/store.md").write_text("See [[How do we store beans]].", "utf-8")
    before = read_site(tmp_path)
    said = run("tend", folder=tmp_path)
    assert said.code == 0
    headings = [line.partition(":")[0] for line in said.lines if not line.startswith(" ")]
    assert headings == [
        "Untitled (1)",
        "Unanswered questions (1)",
        "Links to what is not there (1)",
        "Names without a page (1)",
        "Growing fast (1)",
    ]
    assert "  store: names 'How do we store beans'; did you mean 'How do we store bean seed?'?" in said.lines
    assert "  How do we store bean seed?: 14 messages in the last 21 days" in said.lines
    after = read_site(tmp_path)
    assert {path for path in before if before[path] != after.get(path)} == set()


def test_programs_ask_for_some_kinds_only(tmp_path: Path) -> None:
    plant(tmp_path, TALK)
    said = run("tend", "unanswered", "untitled", "--json", folder=tmp_path)
    assert said.code == 0
    found = json.loads(said.out)
    assert [each["kind"] for each in found] == ["untitled", "unanswered"]
    assert found[1]["url"].startswith(f"{BASE_URL}beds/how-do-we-store-bean-seed-")


def test_an_old_evergreen_page_rests_when_somebody_says_again_that_it_is(tmp_path: Path) -> None:
    late = 400 * DAY
    planted = plant(
        tmp_path,
        [
            event("power", "m.room.power_levels", {"users": {MO: 50}}, state_key=""),
            message("root", "How do we store bean seed?"),
            reply("dry", "root", "Dry it first."),
            reply("cold", "dry", "Then cold."),
            reply("early", "root", "!garden stage evergreen", sender=MO),
            message("late", "Weevils in the jars.", at=late),
            reply("see", "late", f"As in https://matrix.to/#/{ROOM}/$root, cold helps.", at=late),
        ],
    )
    (listed,) = json.loads(run("tend", "stale", "--json", folder=planted).out)
    assert (listed["title"], listed["number"]) == ("How do we store bean seed?", 1)
    bring(planted, [reply("again", "root", "!garden stage evergreen", sender=MO, at=late)])
    assert json.loads(run("tend", "stale", "--json", folder=planted).out) == []


def test_what_it_cannot_read_is_told_as_everywhere(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    check_told(run("tend", folder=tmp_path), 1, "garden sync")
    assert run("tend", "nonsense", folder=tmp_path).code == 2


def test_other_sites_are_asked_only_where_that_is_wished(tmp_path: Path) -> None:
    """No such host can be there (RFC 2606), with a network or without one."""
    plant(tmp_path, [message("seen", "As on https://marsh.example/beans, which I like.")])
    assert run("tend", "dead-link", folder=tmp_path).lines == ["Nothing wants attention"]
    assert run("tend", "dead-link", "--online", folder=tmp_path).lines == [
        "Nothing wants attention",
        "Asked other sites for 1 page, and none said whether it is there. Is this machine online?",
    ]
    assert json.loads(run("tend", "dead-link", "--online", "--json", folder=tmp_path).out) == []
