"""The floor under every build: the same Markdown pages through markdown-it-py, with nothing around them."""

from __future__ import annotations

import sys
from pathlib import Path

from markdown_it import MarkdownIt


def render(source: Path, target: Path) -> int:
    """Render every page below `source` into `target`; return how many there were."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    paths = sorted(source.rglob("*.md"))
    for path in paths:
        page = target / path.relative_to(source).with_suffix("") / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(parser.render(path.read_text(encoding="utf-8")), encoding="utf-8")
    return len(paths)


if __name__ == "__main__":
    print(render(Path(sys.argv[1]), Path(sys.argv[2])))
