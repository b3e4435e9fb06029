"""Equal fingerprint, equal output: one digest of everything that something is made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from garden.site.document import Fingerprint

_WORDS: Final = Path(__file__).parent / "locale"
"""A translator's change to a catalogue is one of every page in that language, and of no version."""


def take_fingerprint(*parts: object) -> Fingerprint:
    """Digest plain values, enums and frozen dataclasses, nested as they like (SHA-256 of canonical JSON)."""
    text = json.dumps(parts, default=_spell_out, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return Fingerprint(hashlib.sha256(text.encode()).hexdigest())


def take_folder_fingerprint(folder: Path) -> Fingerprint:
    """Digest the names and bytes of all files in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return take_fingerprint(
        [(path.relative_to(folder).as_posix(), take_file_fingerprint(path)) for path in files]
    )


def take_file_fingerprint(path: Path) -> Fingerprint:
    """Digest the bytes of one file."""
    return Fingerprint(hashlib.sha256(path.read_bytes()).hexdigest())


@cache
def renderer_version() -> str:
    """Return what output depends on beside its input: our version, the renderers', and the catalogues."""
    names = ("matrix-garden", "markdown-it-py", "latex2mathml", "pygments", "jinja2", "feedgen", "babel")
    versions = " ".join(f"{name} {metadata.version(name)}" for name in names)
    return f"{versions} words {take_folder_fingerprint(_WORDS)}"


def _spell_out(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return [kind.__name__, *[getattr(value, name) for name in _list_fields(kind)]]
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no fingerprint")


@cache
def _list_fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))
