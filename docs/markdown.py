"""Names and rows of text become Markdown: what the writers of reference pages share."""

from __future__ import annotations

from collections.abc import Iterable


def write_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table (GFM 4.10); a bar inside a cell is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def list_code(names: Iterable[str], otherwise: str) -> str:
    """Return names as code, in alphabetical order, or other words where there are none."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or otherwise


def first_line(text: str | None) -> str:
    """Return the first line of a docstring, which says the whole in short."""
    return (text or "").split("\n", 1)[0]
