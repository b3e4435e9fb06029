"""Write the reference of views: what each template sees, what it can write with, and what can be overridden.

The views of garden come in as the renderer knows them, and all that they hold; one section for each goes out.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Final, get_args, get_type_hints

from docs.markdown import first_line, list_code, write_table
from garden.site.filters import FILTERS, NAMES
from garden.site.templates import TEMPLATES
from garden.theme_file import THEME_KEYS

_BLOCK: Final = re.compile(r"\{%-?\s*block\s+(\w+)")
_ABOUT: Final = re.compile(r"Template `[^`]+`: ")

_HEAD: Final = """\
# Views

A template of a theme sees one variable, `view`, and nothing else: no list of pages, no clock, no
configuration. So a page changes exactly when its view does. A name that a view does not have is an error.
[Change the theme](../how-to/change-the-theme.md) shows how a garden replaces a template or one block of it.

"""
_FILTERS: Final = """\
Jinja's own filters and functions are there, but for `random` and `lipsum`, which answer otherwise each time.
"""


def write_views(root: Path) -> str:
    """Return the page, for the themes in `root`."""
    views = list(list_views())
    return f"{_HEAD}{_write_templates(root)}\n{_write_filters()}\n{_write_theme_file()}\n" + "\n".join(
        _write_view(view, {each.__name__ for each in views}) for view in views
    )


def list_views() -> Iterator[type]:
    """Yield the view of each template, and behind them all that these hold, each once."""
    waiting, seen = list(TEMPLATES), set[type]()
    while waiting:
        view = waiting.pop(0)
        if view not in seen:
            seen.add(view)
            yield view
            waiting += [inner for hint in get_type_hints(view).values() for inner in _find_views(hint)]


def _find_views(hint: object) -> Iterator[type]:
    """Find the dataclasses in a type: those of `tuple[LinkView, ...]` and of `TimeView | None`."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for inner in get_args(hint):
        yield from _find_views(inner)


def _write_templates(root: Path) -> str:
    rows = [
        (
            f"`{name}`",
            f"[`{view.__name__}`](#{view.__name__.lower()})",
            _describe(view),
            *_list_blocks(root, name),
        )
        for view, name in TEMPLATES.items()
    ]
    head = ("Template", "Sees", "Shows", "Blocks in commons", "Blocks in plain")
    base = ("`base.html`", "", "What stands around the others.", *_list_blocks(root, "base.html"))
    return f"## Templates\n\n{write_table(head, [base, *rows])}\n"


def _describe(view: type) -> str:
    """Return what a view is, without the name of its template, which stands beside it."""
    words = " ".join((inspect.getdoc(view) or "").split())
    found = _ABOUT.sub("", words)
    return found[:1].upper() + found[1:]


def _list_blocks(root: Path, name: str) -> Iterator[str]:
    """Return for each theme which blocks of a template another theme can change alone."""
    for theme in ("commons", "plain"):
        path = root / "themes" / theme / "templates" / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        yield list_code(set(_BLOCK.findall(text)), "")


def _write_filters() -> str:
    filters = [(f"`{name}`", first_line(function.__doc__)) for name, function in FILTERS.items()]
    names = [(f"`{name}`", words) for name, words in NAMES.items()]
    return (
        f"## Filters\n\n{write_table(('Filter', 'Does'), filters)}\n\n{_FILTERS}\n"
        f"## Names beside `view`\n\n{write_table(('Name', 'Is'), names)}\n"
    )


def _write_theme_file() -> str:
    rows = [(f"`{key.name}`", key.check.words, key.sentence) for key in THEME_KEYS]
    return (
        f"## `theme.toml`\n\nEvery key may be absent.\n\n{write_table(('Key', 'Accepts', 'Meaning'), rows)}\n"
    )


def _write_view(view: type, known: set[str]) -> str:
    """Return a view with its fields and properties, each with the words that stand below it in the code."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(view))).body
    if not isinstance(node, ast.ClassDef):
        raise TypeError(view)
    rows = [
        (f"`{field.target.id}`", _link(ast.unparse(field.annotation), known), _string(below))
        for field, below in zip(node.body, [*node.body[1:], None], strict=True)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]
    rows += [
        (
            f"`{each.name}`",
            f"`{ast.unparse(each.returns)}`",
            " ".join((ast.get_docstring(each) or "").split()),
        )
        for each in node.body
        if isinstance(each, ast.FunctionDef) and each.returns is not None
    ]
    table = write_table(("Field", "Type", "Meaning"), rows)
    return f"## `{view.__name__}`\n\n{ast.get_docstring(node)}\n\n{table}\n"


def _link(annotation: str, known: set[str]) -> str:
    """Lead from a type to the view in it."""
    inside = [name for name in re.findall(r"\w+", annotation) if name in known]
    return f"[`{annotation}`](#{inside[0].lower()})" if inside else f"`{annotation}`"


def _string(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(str(node.value.value).split())
    return ""
