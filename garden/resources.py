"""Files that come with garden: themes with what lies over and below them, the example settings, the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from garden.errors import ThemeError, ThemeFileError
from garden.theme_file import THEME_FILE, ThemeFile, read_theme_file, refuse_parent

DEFAULT_THEME: Final = "commons"

_SHARED: Final = "shared"
"""The folder of what is the same in every theme; without a theme.toml it is none itself."""

_PACKAGE = Path(__file__).parent


def find_theme(folder: Path, name: str) -> tuple[Path, ...]:
    """Return the folders in which a theme's files are looked up; the first that has a file wins.

    The garden's own `themes/NAME` comes before the theme of that name that ships with garden, then comes what
    `extends` names, and last what all themes share. Raises `ThemeError` where there is no such theme, and
    `ThemeFileError` where a theme.toml cannot be used.
    """
    layers: list[Path] = []
    wanted = name
    while wanted:
        place = next((each for each in _theme_places(folder, wanted) if each not in layers), None)
        if place is None:
            raise _refuse_parent(folder, layers[-1]) if layers else _no_theme(folder, name)
        layers.append(place)
        extends = read_theme_file(place / THEME_FILE).extends
        wanted = extends or (wanted if _is_shadow(place, wanted) else "")
    return (*layers, _shipped("themes") / _SHARED)


def list_themes(folder: Path) -> dict[str, ThemeFile]:
    """Return the themes that a garden can have, by name: its own, and those that ship with garden.

    Raises `ThemeFileError`.
    """
    names = {path.name for root in _theme_roots(folder) if root.is_dir() for path in root.iterdir()}
    places = {name: _theme_places(folder, name) for name in sorted(names)}
    return {name: _describe_theme(found) for name, found in places.items() if found}


def own_theme(folder: Path, name: str) -> Path:
    """Return where a garden's own theme lies, whether it is there or not."""
    return folder / "themes" / name


def is_own_file(folder: Path, path: Path) -> bool:
    """Whether a file belongs to the garden's own themes, and not to what comes with garden."""
    return path.is_relative_to(_theme_roots(folder)[0])


def is_shipped_theme(name: str) -> bool:
    """Whether a theme of this name comes with garden."""
    return (_shipped("themes") / name / THEME_FILE).is_file()


def read_example() -> str:
    """Return `site.toml.example`, in which every key has its sentence."""
    return _shipped("site.toml.example").read_text(encoding="utf-8")


def demo_folder() -> Path:
    """Return the folder of the demo community."""
    return _PACKAGE / "demo"


def _theme_roots(folder: Path) -> tuple[Path, Path]:
    return folder / "themes", _shipped("themes")


def _theme_places(folder: Path, name: str) -> list[Path]:
    """Where a theme of this name lies, the garden's own first; over a shipped one it needs no theme.toml."""
    own, shipped = (root / name for root in _theme_roots(folder))
    has_shipped = is_shipped_theme(name)
    has_own = own.is_dir() and (has_shipped or (own / THEME_FILE).is_file())
    return [path for path, there in ((own, has_own), (shipped, has_shipped)) if there]


def _is_shadow(place: Path, name: str) -> bool:
    """Whether a folder lies over a shipped theme of the same name, and is not that."""
    return place != _shipped("themes") / name and is_shipped_theme(name)


def _describe_theme(places: list[Path]) -> ThemeFile:
    """Return what the first place that says something says."""
    files = [place / THEME_FILE for place in places]
    return next((read_theme_file(file) for file in files if file.is_file()), ThemeFile())


def _refuse_parent(folder: Path, place: Path) -> ThemeFileError:
    file = place / THEME_FILE
    return refuse_parent(read_theme_file(file), file, list(list_themes(folder)))


def _no_theme(folder: Path, name: str) -> ThemeError:
    if own_theme(folder, name).is_dir():
        return ThemeError(
            f"{own_theme(folder, name)} has no {THEME_FILE}.",
            hint=f'Write one that names the theme to begin with: extends = "{DEFAULT_THEME}".',
        )
    return ThemeError(
        f"There is no theme {name!r}.",
        hint=f'site.toml: theme = "{DEFAULT_THEME}" (there is: {", ".join(list_themes(folder))}).',
    )


def _shipped(name: str) -> Path:
    """In an installed garden these lie in the package, in a checkout beside it."""
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name
