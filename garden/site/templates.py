"""A view becomes HTML: the only module that speaks jinja2.

A template sees its view and what `filters` gives it, and nothing else, so that equal views make equal files.
A theme is a stack of folders: what the first has not is looked up in the next, and `parent:NAME` in a
template is the NAME of the folders below its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path, PurePosixPath
from traceback import extract_tb
from typing import Final

import jinja2
from jinja2.meta import find_referenced_templates

from garden.errors import ThemeError
from garden.fingerprint import (
    renderer_version,
    take_file_fingerprint,
    take_fingerprint,
    take_folder_fingerprint,
)
from garden.language import ENGLISH, load_language
from garden.site.consent_view import PrivacyView
from garden.site.document import CopiedDocument, Document, Fingerprint
from garden.site.domain_view import DomainsView, DomainView
from garden.site.filters import POLICY, bind_filters, bind_names
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
from garden.site.people_view import PeopleView, PersonView
from garden.site.style_sheet import SHEETS, STYLE_SHEET, join_style_sheets
from garden.site.view import ConversationView, FrameView, NoteView
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

TEMPLATES: Final[dict[type[View], str]] = {
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
"""The template that each view is for."""

_RENDERED: Final = ("templates", "parts")
"""The folders of a theme from which templates come; `static` is copied."""

_PARENT: Final = "parent:"
_VIEWS: Final = "The fields of each view stand in docs/reference/views.md."
_LOWER: Final = re.compile(r"([0-9]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Theme:
    """Folders with `templates/`, `parts/` and `static/`: plain values that travel to another process."""

    layers: tuple[Path, ...]
    """Where a file is looked up, the first that has it wins."""
    fingerprint: Fingerprint
    """Of the templates in all layers and of everything that renders them."""


@dataclass(frozen=True, slots=True)
class RenderTask:
    """One page to render: plain values that travel to another process."""

    path: str
    view: View
    fingerprint: Fingerprint


def load_theme(layers: tuple[Path, ...]) -> Theme:
    """Take stock of a theme; raises `ThemeError` where no layer has one of the templates."""
    missing = [
        name
        for name in TEMPLATES.values()
        if not any((layer / "templates" / name).is_file() for layer in layers)
    ]
    if missing:
        raise ThemeError(
            f"The theme in {layers[0]} has no {', '.join(missing)}.",
            hint='Add the templates, or let theme.toml say which theme has them: extends = "commons".',
        )
    digests = [[take_folder_fingerprint(layer / part) for part in _RENDERED] for layer in layers]
    return Theme(layers, take_fingerprint(renderer_version(), POLICY, digests))


def plan_render(path: str, view: View, theme: Theme) -> RenderTask:
    """Give a page its key: equal key, equal bytes."""
    return RenderTask(path, view, take_fingerprint(theme.fingerprint, view))


def render_task(theme: Theme, task: RenderTask) -> Document:
    """Render one page, a function of its arguments that can run in any process. Raises `ThemeError`."""
    name = TEMPLATES[type(task.view)]
    try:
        frame = task.view.frame
        environment = _environment(theme, frame.written or frame.language)
        text = _mark_language(environment.get_template(name).render(view=task.view), frame)
    except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise ThemeError(
            f"The template {_place(error, theme, name)} failed: {error}",
            hint=_VIEWS,
        ) from error
    return Document(task.path, text.encode(), task.fingerprint)


def _mark_language(text: str, frame: FrameView) -> str:
    """Say in which language people write, where the page has to speak another one for want of a catalogue.

    Their words stand where the way of writing is left to them, and none of them can hold such a mark itself.
    """
    if frame.written in {"", frame.language}:
        return text
    return text.replace(' dir="auto"', f' dir="auto" lang="{escape(frame.written)}"')


def find_unused(theme: Theme) -> list[Path]:
    """Read every template, and return those which no page uses: their names may be mistaken.

    Raises `ThemeError` where one cannot be read.
    """
    environment = _environment(theme, ENGLISH)
    used, held = set(TEMPLATES.values()), dict[str, Path]()
    for layer in reversed(theme.layers):
        for name in _load_layer(layer).list_templates():
            held[name] = layer / name if name.startswith("parts/") else layer / "templates" / name
            used |= _find_references(held[name], environment)
    return [path for name, path in sorted(held.items()) if name not in used]


def _find_references(path: Path, environment: jinja2.Environment) -> set[str]:
    """Return the names by which a template asks for others."""
    try:
        tree = environment.parse(path.read_text(encoding="utf-8"))
    except (jinja2.TemplateSyntaxError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise ThemeError(f"The template {path}, line {line}, failed: {error}", hint=_VIEWS) from error
    return {name.removeprefix(_PARENT) for name in find_referenced_templates(tree) if name is not None}


def list_static(theme: Theme) -> list[Document | CopiedDocument]:
    """List the theme's static files as documents under `static/`; the sheets in `css/` become one."""
    files = _find_static(theme)
    sheets = [name for name in files if _is_sheet(name)]
    copied = [
        CopiedDocument(f"static/{name}", path, take_file_fingerprint(path))
        for name, path in files.items()
        if name not in sheets
    ]
    return [*copied, _join(files[name] for name in sheets)] if sheets else [*copied]


def _find_static(theme: Theme) -> dict[str, Path]:
    """Return the files of all layers by their names below `static/`, in the order of the names."""
    found: dict[str, Path] = {}
    for layer in reversed(theme.layers):
        static = layer / "static"
        found |= {path.relative_to(static).as_posix(): path for path in static.rglob("*") if path.is_file()}
    return dict(sorted(found.items()))


def _is_sheet(name: str) -> bool:
    return PurePosixPath(name).parent == PurePosixPath(SHEETS) and name.endswith(".css")


def _join(sheets: Iterable[Path]) -> Document:
    content = join_style_sheets(path.read_text(encoding="utf-8") for path in sheets).encode()
    return Document(f"static/{STYLE_SHEET}", content, take_fingerprint(content.decode()))


class _LayeredLoader(jinja2.BaseLoader):
    """Reads templates from the first layer that has them; `2:base.html` is looked up from the third on."""

    def __init__(self, layers: tuple[Path, ...]) -> None:
        self._layers = [_load_layer(layer) for layer in layers]
        self._held = [frozenset(layer.list_templates()) for layer in self._layers]

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return what jinja2 asks a loader for."""
        start, name = _split(template)
        return jinja2.ChoiceLoader(self._layers[start:]).get_source(environment, name)

    def name_below(self, name: str, template: str) -> str:
        """Return the full name of what the layers below the one that `template` came from call `name`."""
        start, own = _split(template)
        held = next(depth for depth in range(start, len(self._held)) if own in self._held[depth])
        return f"{held + 1}:{name}"


class _LayeredEnvironment(jinja2.Environment):
    """Lets a template name the one that it lies over."""

    def join_path(self, template: str, parent: str) -> str:
        """Resolve the name by which the template `parent` asks for another."""
        if isinstance(self.loader, _LayeredLoader) and template.startswith(_PARENT):
            return self.loader.name_below(template.removeprefix(_PARENT), parent)
        return template


def _split(template: str) -> tuple[int, str]:
    """Return the layer from which on a template is looked up, from 0, and its name there."""
    found = _LOWER.fullmatch(template)
    return (int(found[1]), found[2]) if found else (0, template)


def _load_layer(layer: Path) -> jinja2.BaseLoader:
    """Templates by their names, parts as `parts/NAME`, and nothing that the fingerprint does not cover."""
    templates, parts = (jinja2.FileSystemLoader(layer / part) for part in _RENDERED)
    return jinja2.ChoiceLoader([templates, jinja2.PrefixLoader({"parts": parts})])


@lru_cache(maxsize=4)
def _environment(theme: Theme, tag: str) -> jinja2.Environment:
    environment = _LayeredEnvironment(
        extensions=["jinja2.ext.i18n"],
        loader=_LayeredLoader(theme.layers),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A theme that changes has another fingerprint, and so another environment.
        auto_reload=False,
    )
    # Both answer otherwise each time, and equal views make equal files.
    del environment.globals["lipsum"], environment.filters["random"]
    # The extension adds this method when it is loaded; what it installs is replaced below.
    install = environment.install_gettext_callables  # type: ignore[attr-defined]
    language = load_language(tag)
    install(language.gettext, language.ngettext, newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters |= bind_filters(language)
    environment.globals |= bind_names(language)
    return environment


def _place(error: Exception, theme: Theme, name: str) -> str:
    """Say in which file and line of the theme something went wrong: jinja2 puts both into the traceback."""
    frames = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)]
    inside = [each for each in frames if any(each[0].is_relative_to(layer) for layer in theme.layers)]
    if not inside:
        return f"{name} of the theme in {theme.layers[0]}"
    file, line = inside[-1]
    return f"{file}, line {line},"
