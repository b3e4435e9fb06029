"""The access token on disk: it comes in from a login, and goes out again to the homeserver that gave it.

It stands beside `site.toml`, in a file that nobody else can read, and never in `site.toml`, which people
publish.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from garden.archive.event import UserId, get_text
from garden.durable import find_draft, replace_file
from garden.errors import LoginError

TOKEN_FILE: Final = ".garden-token"  # noqa: S105 - the name of the file


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose access token it is, and which homeserver it is for."""

    homeserver: str
    """As `[matrix] homeserver` in site.toml names it."""
    user_id: UserId
    access_token: str = field(repr=False)


def save_credentials(folder: Path, credentials: Credentials) -> Path:
    """Write the token of the garden in `folder`, readable for its owner only, and return the file.

    Raises `LoginError` where the file cannot be written.
    """
    path = folder / TOKEN_FILE
    text = json.dumps(
        {
            "homeserver": credentials.homeserver,
            "user_id": credentials.user_id,
            "access_token": credentials.access_token,
        }
    )
    try:
        replace_file(path, text.encode(), is_private=True)
    except OSError as error:
        raise LoginError(
            f"{path} cannot be written: {error.strerror}",
            hint="Make the garden's folder writable, or set GARDEN_ACCESS_TOKEN instead.",
        ) from error
    return path


def list_token_drafts(folder: Path) -> list[Path]:
    """Return what killed logins have left beside the token's file: each may hold a token."""
    path = folder / TOKEN_FILE
    return sorted(each for each in (find_draft(path), *folder.glob(f"{TOKEN_FILE}.*")) if each.is_file())


def read_credentials(folder: Path) -> Credentials | None:
    """Return the credentials of the garden in `folder`, or None where there are none.

    Raises `LoginError` where others can read the file, too, or where it holds no credentials.
    """
    path = folder / TOKEN_FILE
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LoginError(
            f"{path} cannot be read: {error.strerror}", hint="Remove it and run garden login."
        ) from error
    if mode & 0o077:
        raise LoginError(
            f"{path} can be read by others (mode {mode:04o})",
            hint=f"Somebody may have the token: log that session out, run garden login, or chmod 600 {path}.",
        )
    return _parse(path, data)


def find_token(folder: Path, homeserver: str, environ_value: str | None = None) -> str | None:
    """Return the access token for a homeserver, or None where there is none.

    `environ_value` is what `GARDEN_ACCESS_TOKEN` holds; it wins. A token that another homeserver gave is
    never returned. Raises `LoginError` as `read_credentials` does.
    """
    if environ_value and environ_value.strip():
        return environ_value.strip()
    credentials = read_credentials(folder)
    if credentials is None or _normalise(credentials.homeserver) != _normalise(homeserver):
        return None
    return credentials.access_token


def _parse(path: Path, data: bytes) -> Credentials:
    try:
        source = json.loads(data)
    except ValueError:
        source = None
    homeserver, user_id, token = (get_text(source, key) for key in ("homeserver", "user_id", "access_token"))
    if not homeserver or not user_id or not token:
        raise LoginError(f"{path} holds no access token", hint="Remove it and run garden login.")
    return Credentials(homeserver, UserId(user_id), token)


def _normalise(homeserver: str) -> str:
    """Two spellings of one homeserver: a server name is its https address."""
    url = homeserver if "://" in homeserver else f"https://{homeserver}"
    return url.rstrip("/").lower()
