"""The smallest site.toml, and what is wrong with a text of one."""

from __future__ import annotations

import pytest

from garden.config import parse_config
from garden.errors import ConfigError

SITE = '[site]\ntitle = "Fen"\nbase_url = "https://fen.example/"\n'


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "site.toml")
    return [(each.line, each.message, each.hint) for each in caught.value.problems]


def only_problem(text: str) -> str:
    (line, message, hint), *more = problems(text)
    assert not more, more
    return f"{line}: {message} ({hint})"
