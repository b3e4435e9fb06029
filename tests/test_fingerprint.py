"""Equal values have equal fingerprints in every process; different ones never the same."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.fingerprint import (
    renderer_version,
    take_file_fingerprint,
    take_fingerprint,
    take_folder_fingerprint,
)


@dataclass(frozen=True, slots=True)
class Bean:
    name: str
    years: int = 4


@dataclass(frozen=True, slots=True)
class Pea:
    name: str
    years: int = 4


class Colour(StrEnum):
    BROWN = "brown"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        ("1", 1),
        ("", None),
        (("a", "b"), ("ab",)),
        ((("a",), "b"), ("a", ("b",))),
        (Bean("x"), Pea("x")),
        (Bean("x"), Bean("x", 5)),
        ({"a": 1}, {"a": 2}),
        ({"a"}, {"b"}),
        ("é", "e\u0301"),
    ],
)
def test_what_differs_has_another_fingerprint(one: object, other: object) -> None:
    assert take_fingerprint(one) != take_fingerprint(other)


def test_order_matters_where_it_means_something() -> None:
    assert take_fingerprint(["a", "b"]) != take_fingerprint(["b", "a"])
    assert take_fingerprint({"a": 1, "b": 2}) == take_fingerprint({"b": 2, "a": 1})
    assert take_fingerprint({"b", "a"}) == take_fingerprint(frozenset({"a", "b"}))
    assert take_fingerprint(Colour.BROWN) == take_fingerprint("brown")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.builds(Bean, st.text(), st.integers()),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)


@given(values, values)
def test_equal_fingerprint_means_equal_value(one: object, other: object) -> None:
    assert take_fingerprint(one) != take_fingerprint(other) or one == other
    assert take_fingerprint(one) == take_fingerprint(deepcopy(one))


def test_a_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from garden.fingerprint import take_fingerprint as take\n"
        "print(take({'b', 'a', 'c'}, 'é', None, {'y': 1, 'x': 2}))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {take_fingerprint({"b", "a", "c"}, "é", None, {"y": 1, "x": 2})}


def test_what_has_no_spelling_has_no_fingerprint() -> None:
    with pytest.raises(TypeError, match="object has no fingerprint"):
        take_fingerprint(object())


def test_a_folder_is_its_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_text("one")
    first = take_folder_fingerprint(tmp_path)
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    second = take_folder_fingerprint(tmp_path)
    (tmp_path / "a" / "y").write_text("two")
    third = take_folder_fingerprint(tmp_path)
    (tmp_path / "a" / "y").rename(tmp_path / "a" / "x")
    (tmp_path / "a" / "x").write_text("one")
    assert len({first, second, third}) == 3
    assert take_folder_fingerprint(tmp_path) == first


def test_a_file_is_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    assert take_file_fingerprint(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_output_depends_on_the_versions_of_what_renders_it() -> None:
    version = renderer_version()
    for name in ("matrix-garden", "markdown-it-py", "latex2mathml", "pygments", "jinja2", "feedgen"):
        assert f"{name} " in version
