"""Errors carry what happened, where and what to do, also out of another process."""

from __future__ import annotations

import pickle

from garden.errors import ConfigError, ConfigProblem, GardenError, ThemeError


def subclasses(kind: type[GardenError]) -> set[type[GardenError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_an_error_travels_between_processes_with_its_hint() -> None:
    error = pickle.loads(pickle.dumps(ThemeError("There is no theme 'x'.", hint="Choose another.")))  # noqa: S301 - written one line above
    assert (type(error), str(error), error.hint) == (ThemeError, "There is no theme 'x'.", "Choose another.")


def test_a_configuration_error_travels_with_all_its_problems() -> None:
    problems = (ConfigProblem(3, "title is empty", "write some words"), ConfigProblem(9, "x", "y"))
    error = pickle.loads(pickle.dumps(ConfigError("site.toml", problems)))  # noqa: S301 - written one line above
    assert error.problems == problems
    assert str(error).splitlines()[0] == "site.toml:3: title is empty (write some words)"


def test_wrong_use_and_failure_have_different_exit_codes() -> None:
    codes = {kind.__name__: kind.exit_code for kind in subclasses(GardenError)}
    assert set(codes.values()) == {1, 2}
    assert {name for name, code in codes.items() if code == 2} == {
        "ConfigError",
        "NotAGardenError",
        "OptionError",
        "TendingError",
        "ThemeFileError",
    }
