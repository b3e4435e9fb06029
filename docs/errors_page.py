"""Write the reference of errors: the classes, and every message and hint that the code holds.

The sources of garden come in as syntax trees, one section for each class of error goes out. What is known
only when an error happens is shown as `…`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden import errors

_ELLIPSIS: Final = "…"
_MARKS: Final = re.compile(r"[*_<\[]")
_PROBLEMS: Final[Mapping[str, tuple[int, int]]] = {
    "ConfigProblem": (1, 2),
    "Problem": (1, 2),
    "RefusedError": (0, 1),
}
"""What becomes one line of a `ConfigError`: the places of its message and its hint."""


@dataclass(frozen=True, slots=True)
class Said:
    """One error as a person reads it."""

    error: str
    """Name of its class in `garden.errors`."""
    message: str
    hint: str


def write_errors(code: Path) -> str:
    """Return the page for the sources in `code`."""
    tree = inspect.getdoc(errors) or ""
    drawing = "\n".join(line.removeprefix("    ") for line in tree.split("\n") if line.startswith("    "))
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(code.rglob("*.py"))]
    said = sorted(set(_read_modules(modules)), key=_order)
    sections = [_write_section(kind, said) for kind in _list_classes()]
    return (
        "# Errors\n\n"
        "Every error that is meant for a person says what happened and where; a second line, after `→`,\n"
        "says what to do. `…` stands for what is known only then: a path, a room, a server's words.\n\n"
        f"```text\n{drawing}\n```\n\n" + "\n".join(sections)
    )


def _order(said: Said) -> tuple[str, str, str]:
    return said.error, said.message, said.hint


def _list_classes() -> Iterator[type[errors.GardenError]]:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.GardenError):
            yield kind


def _write_section(kind: type[errors.GardenError], said: list[Said]) -> str:
    rows = [f"| {_cell(each.message)} | {_cell(each.hint)} |" for each in said if each.error == kind.__name__]
    table = "\n".join(["", "| What is said | What to do |", "| --- | --- |", *rows, ""]) if rows else ""
    words = (inspect.getdoc(kind) or "").replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")
    return f"## `{kind.__name__}`\n\n{words} Exit code {kind.exit_code}.\n{table}"


def _cell(text: str) -> str:
    """Escape what Markdown would read as marks; between backticks only the bar of tables is one."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    outside = [_MARKS.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "`".join(
        part for pair in zip(outside, [*parts[1::2], None], strict=True) for part in pair if part is not None
    )


def _read_modules(modules: Sequence[ast.Module]) -> Iterator[Said]:
    kinds, constants = _name_kinds(modules), _name_constants(modules)
    for function in (node for tree in modules for node in ast.walk(tree)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    known = constants | _assigned_before(node.lineno, function, constants)
                    yield from _read_call(node, node.func.id, kinds, known)


def _name_kinds(modules: Sequence[ast.Module]) -> dict[str, str]:
    """Map each class of error to the one in `garden.errors` that it is or refines."""
    kinds = {kind.__name__: kind.__name__ for kind in _list_classes()}
    for node in (node for tree in modules for node in tree.body if isinstance(node, ast.ClassDef)):
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in kinds]
        if bases:
            kinds.setdefault(node.name, kinds[bases[0]])
    return kinds


def _name_constants(modules: Sequence[ast.Module]) -> dict[str, str]:
    """Map the constants of all modules that are texts to what they say."""
    found: dict[str, str] = {}
    for node in (node for tree in modules for node in tree.body):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Constant):
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if isinstance(target, ast.Name) and isinstance(node.value.value, str):
            found[target.id] = node.value.value
    return found


def _assigned_before(line: int, function: ast.AST, constants: Mapping[str, str]) -> dict[str, str]:
    return {
        target.id: _say(node.value, constants)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and node.lineno < line
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _read_call(
    node: ast.Call, name: str, kinds: Mapping[str, str], known: Mapping[str, str]
) -> Iterator[Said]:
    if name in _PROBLEMS:
        places = _PROBLEMS[name]
        parts = [node.args[place] for place in places if place < len(node.args)]
        error = "ConfigError"
    else:
        parts = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "hint")]
        error = kinds.get(name, "")
    texts = [_say(part, known) for part in parts]
    if error and len(texts) == 2 and any(map(str.isalpha, texts[0])):  # noqa: PLR2004 - message and hint
        yield Said(error, *texts)


def _say(node: ast.expr, known: Mapping[str, str]) -> str:
    """Return the words of an expression, as far as they are known before it runs."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.FormattedValue):
        return _say(node.value, known) if node.conversion < 0 else _ELLIPSIS
    if isinstance(node, ast.JoinedStr):
        return "".join(_say(part, known) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _say(node.left, known) + _say(node.right, known)
    if isinstance(node, ast.Name):
        return known.get(node.id, _ELLIPSIS)
    return _ELLIPSIS
