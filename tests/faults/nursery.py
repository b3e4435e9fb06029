"""Starts `garden` many times in little time: orders come by standard input, process ids go out.

Python and its libraries are loaded once; each command is a fork of this process, with its own folder and
environment, which does what the installed `garden` does. So it costs a hundredth of a second to start one and
to kill it. An order is a line of JSON; an answer is a line with a number.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any


def load() -> None:
    """Load what commands load, so that a fork need not."""
    for name in ("archive.matrix", "cli", "gather", "pipeline", "words"):
        import_module(f"garden.{name}")
    # What these load when they are needed.
    import_module("nio")
    with tempfile.TemporaryDirectory() as folder:
        import_module("garden.site.search").update_index(Path(folder), [])


def become_garden(order: dict[str, Any]) -> None:
    """Run one command as a process of its own; never returns."""
    code = 70
    try:
        os.setsid()
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        told = os.open(Path(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(told, 1)
        os.dup2(told, 2)
        import_module("garden.cli").main.main(order["arguments"], prog_name="garden")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    load()
    orders = os.fdopen(os.dup(0))
    answers = os.fdopen(os.dup(1), "w")
    for line in orders:
        order = json.loads(line)
        if "wait" in order:
            number = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        else:
            number = os.fork()
            if number == 0:
                become_garden(order)
        answers.write(f"{number}\n")
        answers.flush()


if __name__ == "__main__":
    serve()
