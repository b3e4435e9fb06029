"""A view becomes HTML: the only module that speaks jinja2.

A template sees its view, the content security policy, filters that write Markdown, days, times and numbers,
and the words of the garden's language; nothing else, so that equal views make equal files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

import jinja2
from markupsafe import Markup, escape

from garden.errors import ThemeError
from garden.fingerprint import (
    renderer_version,
    take_file_fingerprint,
    take_fingerprint,
    take_folder_fingerprint,
)
from garden.language import Language, load_language
from garden.site.consent_view import PrivacyView, SpanView
from garden.site.document import CopiedDocument, Document, Fingerprint
from garden.site.domain_view import DomainsView, DomainView
from garden.site.headers import CONTENT_SECURITY_POLICY
from garden.site.index_view import (
    HomeView,
    MovedView,
    NeighboursView,
    NotFoundView,
    RoomView,
    TagPageView,
    TagsView,
)
from garden.site.map_view import MapView
from garden.site.markdown import render_markdown
from garden.site.people_view import PeopleView, PersonView
from garden.site.style_sheet import SHEETS, STYLE_SHEET, join_style_sheets
from garden.site.view import ConversationView, FrameView, NoteView, TimeView
from garden.site.years_view import MonthPageView, YearsView, YearView

View = (
    ConversationView
    | NoteView
    | HomeView
    | RoomView
    | TagPageView
    | MapView
    | TagsView
    | YearsView
    | YearView
    | MonthPageView
    | PeopleView
    | PersonView
    | DomainsView
    | DomainView
    | NeighboursView
    | PrivacyView
    | NotFoundView
    | MovedView
)

_TEMPLATES: Final[dict[type[View], str]] = {
    ConversationView: "conversation.html",
    NoteView: "note.html",
    HomeView: "home.html",
    RoomView: "room.html",
    TagPageView: "tag.html",
    MapView: "map.html",
    TagsView: "tags.html",
    YearsView: "years.html",
    YearView: "year.html",
    MonthPageView: "month.html",
    PeopleView: "people.html",
    PersonView: "person.html",
    DomainsView: "links.html",
    DomainView: "domain.html",
    NeighboursView: "neighbours.html",
    PrivacyView: "privacy.html",
    NotFoundView: "not_found.html",
    MovedView: "moved.html",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """A folder with `templates/`, `parts/` and `static/`."""

    folder: Path
    fingerprint: Fingerprint
    """Of all its templates and of everything that renders them."""


@dataclass(frozen=True, slots=True)
class RenderTask:
    """One page to render: plain values that travel to another process."""

    path: str
    view: View
    fingerprint: Fingerprint


def load_theme(folder: Path) -> Theme:
    """Take stock of a theme; raises `ThemeError` where it lacks a template."""
    missing = [name for name in _TEMPLATES.values() if not (folder / "templates" / name).is_file()]
    if missing:
        raise ThemeError(
            f"The theme in {folder} has no {', '.join(missing)}.",
            hint="Choose another `theme` in site.toml, or add the templates; themes/commons shows each.",
        )
    parts = [take_folder_fingerprint(folder / part) for part in ("templates", "parts")]
    return Theme(folder, take_fingerprint(renderer_version(), CONTENT_SECURITY_POLICY, parts))


def plan_render(path: str, view: View, theme: Theme) -> RenderTask:
    """Give a page its key: equal key, equal bytes."""
    return RenderTask(path, view, take_fingerprint(theme.fingerprint, view))


def render_task(folder: Path, task: RenderTask) -> Document:
    """Render one page, a function of its arguments that can run in any process. Raises `ThemeError`."""
    name = _TEMPLATES[type(task.view)]
    try:
        frame = task.view.frame
        environment = _environment(folder, frame.written or frame.language)
        text = _mark_language(environment.get_template(name).render(view=task.view), frame)
    except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        line = getattr(error, "lineno", None)
        where = f"{name} of the theme in {folder}" + (f", line {line}," if line else "")
        raise ThemeError(
            f"The template {where} failed: {error}",
            hint="The fields of each view stand in docs/reference/views.md.",
        ) from error
    return Document(task.path, text.encode(), task.fingerprint)


def _mark_language(text: str, frame: FrameView) -> str:
    """Say in which language people write, where the page has to speak another one for want of a catalogue.

    Their words stand where the way of writing is left to them, and none of them can hold such a mark itself.
    """
    if frame.written in {"", frame.language}:
        return text
    return text.replace(' dir="auto"', f' dir="auto" lang="{escape(frame.written)}"')


def list_static(theme: Theme) -> list[Document | CopiedDocument]:
    """List the theme's static files as documents under `static/`; the sheets in `css/` are joined."""
    static = theme.folder / "static"
    files = {path.relative_to(static).as_posix(): path for path in static.rglob("*") if path.is_file()}
    sheets = {name: path for name, path in sorted(files.items()) if _is_sheet(name)}
    copied = [
        CopiedDocument(f"static/{name}", path, take_file_fingerprint(path))
        for name, path in sorted(files.items())
        if name not in sheets
    ]
    return [*copied, _join_sheets(sheets.values())] if sheets else [*copied]


def _is_sheet(name: str) -> bool:
    return PurePosixPath(name).parent == PurePosixPath(SHEETS) and name.endswith(".css")


def _join_sheets(sheets: Iterable[Path]) -> Document:
    content = join_style_sheets(path.read_text(encoding="utf-8") for path in sheets).encode()
    return Document(f"static/{STYLE_SHEET}", content, take_fingerprint(content.decode()))


@lru_cache(maxsize=4)
def _environment(folder: Path, tag: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.FileSystemLoader([folder / "templates", folder]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Both answer otherwise each time, and equal views make equal files.
    del environment.globals["lipsum"], environment.filters["random"]
    environment.globals["content_security_policy"] = CONTENT_SECURITY_POLICY
    language = load_language(tag)
    # Raw HTML is off there, so what comes back is safe.
    environment.filters["markdown"] = lambda text: Markup(render_markdown(text, language=language))  # noqa: S704
    _speak(environment, language)
    return environment


def _speak(environment: jinja2.Environment, language: Language) -> None:
    """Let templates write words, days, times of day and numbers in a language."""
    # The extension adds this method when it is loaded; what it installs is replaced below.
    install = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(language.gettext, language.ngettext, newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    for find in (language.gettext, language.ngettext, language.pgettext, language.npgettext):
        environment.globals[find.__name__] = _sentence(find, language)
    environment.filters["day"] = lambda time: language.day(_read(time))
    environment.filters["month"] = lambda time: language.month(_read(time))
    environment.filters["clock"] = lambda time: language.clock(_read(time).time())
    environment.filters["number"] = language.number
    environment.filters["span"] = lambda span: _write_span(span, language)


def _sentence(find: Callable[..., str], language: Language) -> Callable[..., Markup]:
    """Return what templates call for words, which may hold elements; values are escaped and numbers written.

    As with jinja's own, `%(name)s` takes the value of that name, and `num` is the number that chose the form.
    """

    def write(*words: str | int, **values: object) -> Markup:
        if isinstance(words[-1], int):
            values.setdefault("num", words[-1])
        shown = {
            name: language.number(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        # Tests hold catalogues to the elements that stand in the English.
        return Markup(find(*words)) % shown  # noqa: S704

    return write


def _write_span(span: SpanView, language: Language) -> str:
    return language.span(span.count, span.unit)


def _read(time: TimeView) -> datetime:
    return datetime.fromisoformat(time.iso)
