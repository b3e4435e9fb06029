"""Write the reference of modules: what each one is, which stage imports what, and who knows which library.

The sources of garden come in as syntax trees, tables go out.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from docs.markdown import first_line, list_code, write_table

_STAGES: Final = ("archive", "conversations", "pages", "site")
_ASIDE: Final = ("care", "commands", "demo")
"""Packages that are no stages."""


def write_modules(root: Path) -> str:
    """Return the list of modules, and which stage imports what."""
    modules = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in _list_modules(root)}
    head = (
        "# Modules\n\n"
        "Data moves in one direction: archive, conversations, pages, site. That is also the alphabet, so\n"
        "every listing shows it. A stage imports from earlier stages what it builds on, and nothing of\n"
        "later ones. [Design](../explanation/design.md) says why.\n\n"
    )
    groups = [(stage, f"`garden.{stage}`") for stage in _STAGES]
    lists = [_list_group(title, f"garden.{stage}", modules) for stage, title in groups]
    lists += [_list_group(f"`garden.{name}`", f"garden.{name}", modules) for name in _ASIDE]
    lists.append(_list_group("`garden`: what holds the stages together", "garden", modules))
    return head + "\n".join(lists) + _write_imports(modules)


def _list_modules(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted((root / "garden").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def _list_group(title: str, package: str, modules: Mapping[str, ast.Module]) -> str:
    packages = {name.rpartition(".")[0] for name in modules}
    rows = [
        (f"`{name}`", first_line(ast.get_docstring(tree)))
        for name, tree in modules.items()
        if name == package or (name.rpartition(".")[0] == package and name not in packages)
    ]
    return f"## {title}\n\n{write_table(('Module', 'What it is'), rows)}\n"


def _write_imports(modules: Mapping[str, ast.Module]) -> str:
    inside = [
        (f"`{stage}`", list_code(_imports_of(stage, modules), "nothing of other stages")) for stage in _STAGES
    ]
    libraries: dict[str, set[str]] = {}
    for name, tree in modules.items():
        for library in _imported(tree):
            top = library.partition(".")[0]
            if top != "garden" and top not in sys.stdlib_module_names:
                libraries.setdefault(top, set()).add(name)
    outside = [(f"`{library}`", list_code(users, "")) for library, users in sorted(libraries.items())]
    return (
        "\n## Who imports what\n\n"
        + write_table(("Stage", "Imports of other stages"), inside)
        + "\n\nEach library is known to few modules, so that another one can take its place.\n\n"
        + write_table(("Library", "Known to"), outside)
        + "\n"
    )


def _imports_of(stage: str, modules: Mapping[str, ast.Module]) -> set[str]:
    home = f"garden.{stage}"
    found = {
        imported
        for name, tree in modules.items()
        if name.startswith(f"{home}.")
        for imported in _imported(tree)
        if imported.startswith("garden.") and not imported.startswith(f"{home}.")
    }
    return {name for name in found if name.split(".")[1] in _STAGES}


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found
