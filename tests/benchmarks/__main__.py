"""Measure messages alone, then builds of a large community: cold, unchanged, one more message.

Builds run in one process and in two.
`--against` measures a former version beside this one: a folder with its sources or its wheel. The last line
of each is the same pages rendered by markdown-it-py alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.community import Community, one_answer, room_id
from tests.benchmarks.measure import Measured, measure
from tests.benchmarks.words import tell_words

_COMMAND: Final = (sys.executable, "-c", "from garden.cli import main; main()")
_FLOOR: Final = Path(__file__).with_name("floor.py")
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Version:
    """A version of garden that can be run."""

    name: str
    environment: dict[str, str]

    def run(self, folder: Path, *words: str) -> Measured:
        """Run one garden command in a folder."""
        return measure([*_COMMAND, *words], folder, self.environment)


def main() -> None:
    """Read the command line, measure, print a table."""
    options = _read_options()
    tell_words()
    if options.words:
        return
    with tempfile.TemporaryDirectory(prefix="garden-bench-") as name:
        folder = Path(name)
        community = Community(options.conversations)
        events = folder / "community.jsonl"
        with events.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in community.events())
        answer = folder / "answer.jsonl"
        answer.write_text(json.dumps(one_answer(community.roots[0][1])) + "\n", encoding="utf-8")
        print(f"{options.conversations} conversations in {community.rooms} rooms, {community.count} events")
        print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}\n")
        print(f"{'':44}{'seconds':>10}{'peak MiB':>10}")
        for version in _versions(options.against, folder):
            _measure_version(version, folder, community, options.jobs)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--conversations", type=int, default=2000)
    parser.add_argument("--words", action="store_true", help="measure single messages only")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--against", type=Path, help="a former version: a folder with its sources, or its wheel"
    )
    options = parser.parse_args()
    former = options.against
    if former is not None and former.suffix != ".whl" and not (former / "garden").is_dir():
        parser.error(f"--against: there is no garden in {former}")
    return options


def _versions(against: Path | None, folder: Path) -> Iterator[Version]:
    yield Version("this version", {})
    if against is None:
        return
    path = against.resolve()
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(folder / "former")
        path = folder / "former"
    yield Version(against.name, {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"})


def _measure_version(version: Version, folder: Path, community: Community, jobs: list[int]) -> None:
    sites = set()
    for count in jobs:
        garden = folder / f"garden-{count}"
        _lay_out(garden, community)
        build = ("build", "--quiet", "--jobs", str(count))
        what = f"{version.name}, {count} job{'s' if count > 1 else ''}"
        _tell(f"{what}: import", version.run(garden, "import", "matrix", str(folder / "community.jsonl")))
        _tell(f"{what}: cold build", version.run(garden, *build))
        _tell(f"{what}: unchanged build", version.run(garden, *build))
        version.run(garden, "import", "matrix", str(folder / "answer.jsonl"))
        _tell(f"{what}: build after one message", version.run(garden, *build))
        sites.add(_digest(garden / "public"))
    pages = folder / f"garden-{jobs[0]}" / "content_cache/pages"
    _tell("markdown-it-py alone, the same pages", measure(_floor(pages, folder / "floor"), folder, {}))
    print(f"    every number of jobs made the same bytes: {'yes' if len(sites) == 1 else 'NO'}\n")
    for name in ("floor", *(f"garden-{count}" for count in jobs)):
        shutil.rmtree(folder / name)


def _lay_out(garden: Path, community: Community) -> None:
    garden.mkdir()
    rooms = [room_id(number) for number in range(community.rooms)]
    settings = '[site]\ntitle = "Bench"\nbase_url = "https://bench.example/"\n\n[matrix]\nvouched_rooms = '
    (garden / "site.toml").write_text(settings + json.dumps(rooms) + "\n", encoding="utf-8")


def _floor(pages: Path, target: Path) -> list[str]:
    return [sys.executable, str(_FLOOR), str(pages), str(target)]


def _tell(what: str, measured: Measured) -> None:
    print(f"{what:44}{measured.seconds:10.2f}{measured.peak_bytes / _MIB:10.0f}", flush=True)


def _digest(site: Path) -> str:
    """Digest the names and bytes of all files."""
    whole = hashlib.sha256()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(site)}\0".encode() + path.read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    main()
