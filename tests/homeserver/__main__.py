"""A homeserver to play with: `make homeserver` seeds one, says how to garden from it, runs until Ctrl-C."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from .community import SPACE
from .hard_cases import HARD_SPACE
from .homeserver import Homeserver
from .planting import copy_planted
from .synapse import SERVER_NAME, SynapseError


def main() -> int:
    """Run until interrupted and return the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with tempfile.TemporaryDirectory(prefix="garden-homeserver-") as folder:
            _run(Path(folder) / "data")
    except SynapseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; its data are gone.")
    return 0


def _run(folder: Path) -> None:
    print("Seeding the demo community and the hard cases …", flush=True)
    began = time.monotonic()
    copy_planted(folder)
    homeserver = Homeserver.start(folder)
    try:
        print(f"… done in {time.monotonic() - began:.0f} s.\n\n{describe(homeserver)}", flush=True)
        homeserver.server.wait()
    finally:
        homeserver.server.stop()


def describe(homeserver: Homeserver) -> str:
    """Say where the homeserver is, who can read it, and which commands make a garden of it."""
    seeded = homeserver.seeded
    accounts = (
        (seeded.reader, "joined nothing"),
        (seeded.guest, "guest"),
        (seeded.member, "joined every room"),
        (seeded.admin, "server administrator"),
    )
    init = ["garden", "init", "fen-garden", "--title", "Fen", "--base-url", "https://fen.example/"]
    init += ["--homeserver", homeserver.base_url, "--space", f"#{SPACE}:{SERVER_NAME}"]
    lines = [
        f"Homeserver    {homeserver.base_url}",
        f"Demo          #{SPACE}:{SERVER_NAME}",
        f"Hard cases    #{HARD_SPACE}:{SERVER_NAME}",
        "",
        *(
            f"{account.user_id} ({what})\n    token     {account.token}"
            + (f"\n    password  {account.password}" if account.password else "")
            for account, what in accounts
        ),
        "",
        "A garden from it, in another terminal:",
        f"    {shlex.join(init)}",
        "    cd fen-garden",
        f"    GARDEN_ACCESS_TOKEN={seeded.reader.token} garden sync",
        "    garden build",
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
