"""A page in Chromium that notes whatever a message must not do: an address goes in, sentences come out.

Noted are scripts that are parsed with an address of their own, as handlers and elements in a page are, but
for the theme's own file, dialogs, errors on the console, requests to another origin, navigation, frames,
windows and downloads.
Everything that opens is opened, and everything is pointed at and focused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Page

_PROVOKE: Final = """() => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    for (const each of document.querySelectorAll("input, label, summary, [tabindex]")) each.focus();
    for (const each of document.querySelectorAll("input[type=checkbox]")) each.click();
    for (const each of document.querySelectorAll("body *")) {
        for (const kind of ["mouseover", "focus", "toggle", "error"]) each.dispatchEvent(new Event(kind));
    }
}"""
_LOOK: Final = """() => {
    const style = (each) => getComputedStyle(each);
    const clips = (each) => style(each).overflowX !== "visible" || style(each).clipPath !== "none";
    const isClipped = (each, end) => {
        for (let box = each.parentElement; box && box !== end; box = box.parentElement)
            if (clips(box)) return true;
        return false;
    };
    const path = (each) => [each.tagName.toLowerCase(), ...each.classList].join(".");
    const tell = (each) => {
        const above = each.parentElement;
        const where = [above.parentElement, above, each].map(path).join(" > ");
        return `${each.closest(".message")?.id}: ${where} ${each.textContent.slice(0, 60)}`;
    };
    const escaped = [], wide = [];
    for (const each of document.querySelectorAll("body *")) {
        const box = each.getBoundingClientRect();
        if (!box.width || !box.height || !each.checkVisibility()) continue;
        if (box.right > innerWidth + 1 && !isClipped(each, null)) wide.push(tell(each));
        const body = each.closest(".message .body");
        if (!body) continue;
        const holder = body.closest(".message").getBoundingClientRect();
        const isOutside = box.left < holder.left - 2 || box.right > holder.right + 2
            || box.top < holder.top - 8 || box.bottom > holder.bottom + 8;
        const floats = ["fixed", "sticky"].includes(style(each).position);
        if (floats || (isOutside && !isClipped(each, body.parentElement))) escaped.push(tell(each));
    }
    return {
        escaped: escaped.slice(0, 5),
        wide: document.documentElement.scrollWidth > innerWidth ? [innerWidth, ...wide.slice(-3)] : [],
        frames: frames.length,
        shown: [...document.querySelectorAll(".message")].map((each) => [
            each.id,
            each.parentElement.matches(".replies, .discussion, .flow"),
            each.querySelector(":scope > .own .p-author .p-name")?.textContent ?? "",
        ]),
        lines: [...document.querySelectorAll("li[id]")]
            .filter((each) => !each.closest(".body")).map((each) => each.id),
        landmarks: ["main", "footer", "h1", "body", "title:not(svg title)", "base", "form",
            "script:not([src$='/static/garden.js'])"].map(
            (each) => document.querySelectorAll(each).length),
    };
}"""


@dataclass(slots=True)
class Trap:
    """A page, and what went wrong on it since `visit`."""

    page: Page
    origin: str
    caught: list[str] = field(default_factory=list)
    _expected: str = ""

    def visit(self, url: str) -> Mapping[str, Any]:
        """Open a page, provoke it, and return what stands there; what was caught stands in `caught`."""
        self.caught.clear()
        self._expected = url
        self.page.goto(url)
        self.page.evaluate(_PROVOKE)
        found: Mapping[str, Any] = self.page.evaluate(_LOOK)
        if self.page.url != url:
            self.caught.append(f"went on to {self.page.url}")
        if found["frames"]:
            self.caught.append(f"{found['frames']} frames")
        return found

    def notice_dialog(self, dialog: Dialog) -> None:
        """Take note of what a script says, and close it."""
        self.caught.append(f"said {dialog.message!r}")
        dialog.dismiss()

    def notice_script(self, url: str) -> None:
        """Take note of a script that is not the theme's own."""
        if url and not (url.startswith(f"{self.origin}/") and url.endswith("/static/garden.js")):
            self.caught.append(f"ran a script of {url}")

    def notice_navigation(self, frame: Frame) -> None:
        """Take note of a frame that shows something else."""
        if frame.url not in {self._expected, "about:blank"}:
            self.caught.append(f"navigated to {frame.url}")


@contextmanager
def trapping(browser: Browser, origin: str, *, bypass_csp: bool, width: int = 1200) -> Iterator[Trap]:
    """Open a trap; with `bypass_csp` the page's own policy holds nothing back."""
    context = browser.new_context(
        bypass_csp=bypass_csp,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        accept_downloads=False,
    )
    context.set_default_timeout(15_000)
    try:
        yield _set(context, origin)
    finally:
        context.close()


def _set(context: BrowserContext, origin: str) -> Trap:
    page = context.new_page()
    trap = Trap(page, origin)
    context.on("page", lambda opened: trap.caught.append(f"opened {opened.url}"))
    page.on("dialog", lambda dialog: trap.notice_dialog(dialog))  # noqa: PLW0108  # a method cannot be marked
    page.on(
        "console", lambda said: trap.caught.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: trap.caught.append(str(error)))
    page.on("download", lambda file: trap.caught.append(f"downloaded {file.url}"))
    page.on("framenavigated", lambda frame: trap.notice_navigation(frame))  # noqa: PLW0108  # a method cannot be marked

    def is_foreign(url: str) -> bool:
        return not url.startswith(f"{origin}/")

    context.route(is_foreign, lambda route: route.abort())
    context.on(
        "request", lambda asked: trap.caught.append(f"asked {asked.url}") if is_foreign(asked.url) else None
    )
    session = context.new_cdp_session(page)
    session.on(
        "Debugger.scriptParsed",
        # What the test itself evaluates has no address.
        lambda script: trap.notice_script(script["url"]),
    )
    session.send("Debugger.enable")
    return trap
