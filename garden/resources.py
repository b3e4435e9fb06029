"""Files that come with garden: themes, the example configuration, the demo."""

from __future__ import annotations

from pathlib import Path

from garden.errors import ThemeError

_PACKAGE = Path(__file__).parent


def find_theme(folder: Path, name: str) -> Path:
    """Return a theme's folder: the garden's own `themes/NAME`, else the one that ships with garden.

    Raises `ThemeError` where there is none.
    """
    places = [folder / "themes" / name, _shipped("themes") / name]
    found = next((place for place in places if (place / "theme.toml").is_file()), None)
    if found is None:
        known = sorted(path.parent.name for path in _shipped("themes").glob("*/theme.toml"))
        raise ThemeError(
            f"There is no theme {name!r}.",
            hint=f'site.toml: theme = "{known[0]}" (there is: {", ".join(known)}).',
        )
    return found


def read_example() -> str:
    """Return `site.toml.example`, in which every key has its sentence."""
    return _shipped("site.toml.example").read_text(encoding="utf-8")


def demo_folder() -> Path:
    """Return the folder of the demo community."""
    return _PACKAGE / "demo"


def _shipped(name: str) -> Path:
    """In an installed garden these lie in the package, in a checkout beside it."""
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name
