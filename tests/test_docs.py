"""The documentation is true: generated pages are current, links lead somewhere, what is shown exists."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
import yaml
from jinja2.defaults import DEFAULT_NAMESPACE as NAMESPACE
from jinja2.filters import FILTERS

from docs.events_page import GROUPS, read_claims
from docs.generate import DOCS, ROOT, generate_pages, list_commands
from docs.pictures import MAX_BYTES, PICTURES, list_shots
from garden.archive.event import MxcUri, read_event
from garden.archive.import_files import import_events
from garden.archive.store import ArchiveStore
from garden.archive.transcript import Picture, read_people, read_transcript, room_id
from garden.cli import main as command_line
from garden.config import parse_config
from garden.create import GITIGNORE
from garden.given import parse_garden_file
from garden.pages.address import message_anchor
from garden.pages.dialect import read_page, write_page
from garden.resources import find_theme
from garden.site import templates
from garden.site.headers import RESPONSE_HEADERS
from garden.site.templates import TEMPLATES, find_unused, load_theme, plan_render, render_task
from garden.theme_file import parse_theme
from tests.site.test_templates import views

TEXTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "notes/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
MINIMAL = '[site]\ntitle = "Fen"\nbase_url = "https://fen.example/"\n'

_BLOCK = re.compile(r"^( *)(`{3,})([a-z]*)\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\]\(<?([^)>\s]+)>?\)")
_CODE = re.compile(r"`[^`]*`", re.DOTALL)
_COMMAND = re.compile(r"(?<![\w/.`-])garden(?= )[^`\n|;&)]*")


def blocks(text: str, *languages: str) -> list[str]:
    """Return the fenced blocks in these languages."""
    return [
        re.sub(rf"(?m)^{found[1]}", "", found[4]) for found in _BLOCK.finditer(text) if found[3] in languages
    ]


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", text)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return generate_pages()


def test_generated_pages_are_current(generated: dict[Path, str]) -> None:
    outdated = [name_of(path) for path, text in generated.items() if path.read_text(encoding="utf-8") != text]
    assert outdated == [], "write them with: make docs"


def test_every_form_of_the_message_is_shown(generated: dict[Path, str]) -> None:
    life = generated[DOCS / "explanation" / "life-of-a-message.md"]
    empty = [found[0] for found in re.finditer(r"<!-- form: [a-z-]+ -->\n```[a-z]*\n```", life)]
    assert empty == []


def test_every_module_is_listed(generated: dict[Path, str]) -> None:
    page = generated[DOCS / "reference" / "modules.md"]
    listed = set(re.findall(r"^\| `(garden[a-z_.]*)` \|", page, re.MULTILINE))
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "garden").rglob("*.py")
    }
    assert listed == found


# fmt: off
EVENTS_AND_FIELDS = frozenset({
    "m.text", "m.notice", "m.emote", "data-mx-color", "data-mx-bg-color", "data-mx-spoiler",
    "data-mx-maths", "data-mx-emoticon", "font", "ol", "table", "details", "summary", "code", "pre",
    "m.in_reply_to", "mx-reply", "m.thread", "is_falling_back", "m.replace", "m.new_content",
    "m.room.redaction", "m.reaction", "m.annotation", "m.poll.start", "m.poll.response", "m.poll.end",
    "m.undisclosed", "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.response",
    "org.matrix.msc3381.poll.end", "m.sticker", "m.image", "m.video", "m.audio", "m.voice",
    "org.matrix.msc3245.voice", "m.file", "m.location", "m.call.invite", "im.vector.modular.widgets",
    "m.room.create", "m.room.name", "m.room.topic", "m.room.avatar", "m.room.pinned_events",
    "m.room.member", "avatar_url", "displayname", "m.mentions", "m.room.tombstone", "m.bridge",
    "uk.half-shot.bridge", "com.beeper.per_message_profile", "m.room.encrypted", "formatted_body",
})
# fmt: on
"""What garden promises to show as it was meant (client-server API, "Instant Messaging", and around it)."""


def test_everything_that_is_promised_has_a_story() -> None:
    claims = read_claims(ROOT / "tests" / "stories")
    told = {name for claim in claims.values() for name in re.findall(r"`([^`]+)`", claim.events)}
    assert EVENTS_AND_FIELDS - told == set()


def test_every_story_about_events_stands_in_one_group() -> None:
    claims = read_claims(ROOT / "tests" / "stories")
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(name for name, claim in claims.items() if claim.events)


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = _CODE.sub("", prose(path.read_text(encoding="utf-8")))
    lost = [link for link in _LINK.findall(text) if not leads_somewhere(path, link)]
    assert lost == []


def leads_somewhere(path: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return link.startswith("https://")
    target, _, fragment = link.partition("#")
    file = (path.parent / unquote(target)).resolve() if target else path
    if not file.exists():
        return False
    return not fragment or fragment in headings(file.read_text(encoding="utf-8"))


def headings(text: str) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def test_every_page_is_reached_from_the_index() -> None:
    reached, to_read = set[Path](), [DOCS / "README.md"]
    while to_read:
        page = to_read.pop()
        if page in reached or page.suffix != ".md" or not page.is_relative_to(DOCS):
            continue
        reached.add(page)
        links = _LINK.findall(_CODE.sub("", prose(page.read_text(encoding="utf-8"))))
        to_read += [
            (page.parent / unquote(link.partition("#")[0])).resolve() for link in links if "://" not in link
        ]
    assert set(DOCS.rglob("*.md")) <= reached


def shown_commands(path: Path) -> Iterator[str]:
    """Every line of a page that calls garden, in blocks and between backticks."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for block in blocks(text, "sh", "yaml", "cron"):
        for line in block.split("\n"):
            yield from (found.strip() for found in _COMMAND.findall(line))
    for code in re.findall(r"`([^`\n]+)`", prose(text)):
        if code.startswith("garden "):
            yield code


def check_command(line: str) -> str | None:
    """Return what is wrong with a command line, or None."""
    command: click.Command = command_line
    words = shlex.split(line, comments=True)[1:]
    while words and isinstance(command, click.Group) and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    known |= {"-h", "--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    if unknown:
        return f"{line}: there is no {unknown[0]}"
    placeholder = words[:1] and (words[0].isupper() or words[0].startswith("["))
    if isinstance(command, click.Group) and words[:1] and not placeholder and words[0] not in known:
        return f"{line}: there is no command {words[0]}"
    return None


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_shown_commands_exist_with_their_options(path: Path) -> None:
    problems = [problem for line in shown_commands(path) if (problem := check_command(line)) is not None]
    assert problems == []


def test_the_tutorial_goes_from_an_empty_folder_to_a_site() -> None:
    shown = [" ".join(line.split()[:2]) for line in shown_commands(DOCS / "tutorial" / "github-pages.md")]
    order = [shown.index(f"garden {verb}") for verb in ("init", "login", "sync", "build", "serve")]
    assert order == sorted(order)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert check_command("garden harvest") == "garden harvest: there is no command harvest"
    assert check_command("garden build --fast") == "garden build --fast: there is no --fast"
    assert check_command("garden import matrix export.json") is None
    assert check_command("garden COMMAND --help") is None


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    leaves = [
        path for each, path in list_commands(command_line, "garden") if not isinstance(each, click.Group)
    ]
    assert [path for path in leaves if f"| `{path}` |" not in text] == []


def test_make_targets_that_are_shown_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {
        target
        for path in TEXTS
        for target in re.findall(r"(?:`|^ *)make ([a-z]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert shown - targets == set()


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_shown_settings_can_be_used(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "toml"):
        if "[[conversation]]" in block:
            assert parse_garden_file(block, name_of(path))
        elif "extends = " in block:
            assert parse_theme(block, name_of(path)).extends
        else:
            whole = block if "[site]" in block else MINIMAL + block
            assert parse_config(whole, name_of(path)).site.title


@pytest.mark.parametrize("parent", ["commons", "plain"])
def test_shown_templates_fit_both_themes(parent: str, tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "change-the-theme.md").read_text(encoding="utf-8")
    shown = {block.split(":")[0].removeprefix("{#- "): block for block in blocks(page, "jinja")}
    assert len(shown) > 1
    for name, block in {**shown, "themes/moor/theme.toml": f'extends = "{parent}"'}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(block, encoding="utf-8")
    theme = load_theme(find_theme(tmp_path, "moor"))
    below = load_theme(find_theme(tmp_path, parent))
    changed = {
        TEMPLATES[type(view)]
        for view in views("Fen")
        if render_task(theme, plan_render("x", view, theme)).content
        != render_task(below, plan_render("x", view, below)).content
    }
    assert find_unused(theme) == []
    assert changed == {Path(name).name for name in shown}


def test_every_filter_and_name_that_a_template_has_is_in_the_reference(generated: dict[Path, str]) -> None:
    page = generated[DOCS / "reference" / "views.md"]
    there = templates._environment(load_theme(find_theme(ROOT, "plain")), "en")  # noqa: SLF001 - what is really there
    beside = {name for name, value in there.globals.items() if value is not None} - NAMESPACE.keys()
    named = sorted(beside | (there.filters.keys() - FILTERS.keys()))
    assert [name for name in named if f"`{name}" not in page] == []


def test_every_view_that_a_theme_can_meet_is_in_the_reference(generated: dict[Path, str]) -> None:
    page = generated[DOCS / "reference" / "views.md"]
    code = "".join(path.read_text("utf-8") for path in (ROOT / "garden" / "site").glob("*view.py"))
    assert [
        name for name in re.findall(r"^class (\w+View)\b", code, re.MULTILINE) if f"## `{name}`" not in page
    ] == []


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_shown_workflows_sync_and_build(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "yaml"):
        assert isinstance(yaml.safe_load(block), dict)
        assert block.index("garden sync") < block.index("garden build")
        assert "content_cache" in block


def test_what_a_new_garden_keeps_out_of_git_is_what_the_docs_say() -> None:
    assert {"/content_cache/", "/public/", "/.garden-token"} <= set(GITIGNORE.split("\n"))


def test_nginx_sends_the_headers_that_every_answer_carries() -> None:
    page = (DOCS / "how-to" / "publish-elsewhere.md").read_text(encoding="utf-8")
    sent = re.findall(r'add_header (\S+) "([^"]+)" always;', page)
    assert tuple(sent) == RESPONSE_HEADERS


def test_example_of_a_page_is_read_and_written_as_it_is() -> None:
    page = (DOCS / "reference" / "page-format.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- example: (\S+) -->", page)
    assert found is not None
    (example,) = blocks(page, "markdown")
    read = read_page(example, found[1])
    assert write_page(read) == example
    assert [message.anchor for message in read.messages] == [
        message_anchor(message.event_id) for message in read.messages
    ]


def test_reference_names_every_attribute_and_key_of_a_page() -> None:
    page = (DOCS / "reference" / "page-format.md").read_text(encoding="utf-8")
    (example,) = blocks(page, "markdown")
    used = set(re.findall(r"^([a-z]+): ", example.split("---")[1], re.MULTILINE))
    used |= {
        name
        for line in example.split("\n")
        if line.startswith(":::")
        for name in re.findall(r" ([a-z-]+)=", line)
    }
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert used <= explained


def test_example_of_a_transcript_makes_events_that_can_be_archived(tmp_path: Path) -> None:
    page = (DOCS / "reference" / "transcript.md").read_text(encoding="utf-8")
    (example,) = blocks(page, "transcript")
    people = read_people("ada: Ada Lindqvist\nben: Ben Okafor\ncleo: Cleo Marchetti\n")
    picture = Picture(MxcUri("mxc://fen.example/jar-labels.webp"), "image/webp", 800, 600, 1000)
    sources = list(read_transcript(example, people, {"jar-labels.webp": picture}))
    events = [read_event(source, room_id("seeds")) for source in sources]
    said = [event.type for event in events if event.state_key is None]
    assert said.count("m.room.message") == 9
    assert said.count("m.reaction") == said.count("m.room.redaction") == 1
    with ArchiveStore.open(tmp_path) as store:
        result = import_events(store, (json.dumps(source).encode() for source in sources), "the example")
    assert result.malformed == ()


def test_every_picture_is_there_and_small() -> None:
    pictures = sorted(PICTURES.glob("*.png"))
    assert {picture.stem for picture in pictures} == {shot.name for shot in list_shots()}
    assert [picture.name for picture in pictures if picture.stat().st_size > MAX_BYTES] == []


def test_documentation_names_no_machine() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in TEXTS)
    assert re.findall(r"/(?:root|tmp|home/(?!fen/))\b", text) == []
