"""A blow-up costs at most a second and 50 MB beside what a calm message costs, or is shown as plain text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.hostile.blowups import BLOWUPS, SIZE
from tests.hostile.meter import Cost

ROOT: Final = Path(__file__).parents[2]
_EVENT_BYTES: Final = 65_536


def test_blow_ups_are_as_large_as_events_may_be_and_no_larger() -> None:
    sizes = {each.name: len(json.dumps(each.content, ensure_ascii=False).encode()) for each in BLOWUPS}
    assert [name for name, size in sizes.items() if size > _EVENT_BYTES] == []
    assert sum(size > SIZE // 2 for size in sizes.values()) > 0.9 * len(BLOWUPS)


@pytest.mark.xdist_group("cost")
def test_no_message_takes_more_than_a_second_and_fifty_megabytes(tmp_path: Path) -> None:
    """One process measures them all, in children, since a test's own process has grown already."""
    command = [sys.executable, "-P", "-m", "tests.hostile.meter", str(tmp_path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=400,
    )
    costs = [Cost(**json.loads(line)) for line in done.stdout.splitlines()]
    assert [name for cost in costs for name in cost.names] == [each.name for each in BLOWUPS]
    assert [cost for cost in costs if not cost.is_low] == []
